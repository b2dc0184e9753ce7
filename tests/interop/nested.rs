//! Tables and frames inside of plain data, as the guide's page on Python tells.

use std::collections::BTreeMap;

use polars_core::df;
use polars_core::prelude::DataFrame;
use ps_serialize::pickle::{Pickle, Value};
use ps_serialize::{Frame, Identifier, deserialize, serialize};

use crate::python::Python;

fn table(stream: &[u8]) -> DataFrame {
    let identifier: Identifier = "PL".parse().unwrap();
    deserialize(&Frame::new(&identifier, stream).to_bytes()).unwrap()
}

fn expected() -> DataFrame {
    df! { "city" => ["Bern", "Quito"], "height" => [542, 2850] }.unwrap()
}

const TABLE: &str =
    "pl.DataFrame({'city': ['Bern', 'Quito'], 'height': pl.Series([542, 2850], dtype=pl.Int32)})";

#[test]
fn lists_and_dictionaries_of_tables_are_read() {
    let mut python = Python::start();
    let frame = python.evaluate(&format!("[{TABLE}, {TABLE}]"));
    let Pickle(streams) = deserialize::<Pickle<Vec<&[u8]>>>(&frame).unwrap();
    assert_eq!(streams.len(), 2);
    assert!(streams.into_iter().all(|stream| table(stream).equals(&expected())));

    let frame = python.evaluate(&format!("{{'t': {TABLE}}}"));
    let Pickle(streams) = deserialize::<Pickle<BTreeMap<&str, &[u8]>>>(&frame).unwrap();
    assert!(table(streams["t"]).equals(&expected()));
}

#[test]
fn frames_in_plain_data_are_read_on_both_sides() {
    let mut python = Python::start();
    python.run(
        "def opened(frames): return {name: deserialize(frame) for name, frame in frames.items()}",
    );
    python.run(
        "def closed(values): return {name: serialize(value) for name, value in values.items()}",
    );

    let frame = python.evaluate(&format!("closed({{'t': {TABLE}, 'n': 'a note'}})"));
    let Pickle(frames) = deserialize::<Pickle<BTreeMap<&str, &[u8]>>>(&frame).unwrap();
    assert!(deserialize::<DataFrame>(frames["t"]).unwrap().equals(&expected()));
    assert_eq!(deserialize::<&str>(frames["n"]).unwrap(), "a note");

    let frames: Value =
        [("t", serialize(&expected()).unwrap()), ("n", serialize("a note").unwrap())]
            .into_iter()
            .map(|(name, frame)| (name, Value::Bytes(frame.to_vec())))
            .collect();
    let frame = serialize(&frames).unwrap();
    python.run(&format!("found = opened(deserialize(bytes.fromhex('{}')))", support::hex(&frame)));
    python.run(&format!("assert_frame_equal(found['t'], {TABLE}); assert found['n'] == 'a note'"));
}
