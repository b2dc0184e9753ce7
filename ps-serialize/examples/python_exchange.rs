//! A conversation with a Python process that uses stock ProxyStore: it reads an array, a table and an instance of a
//! dataclass that Rust wrote, and answers with others. The classes are in `shop.py`, beside this file.
//!
//! `cargo run --example python_exchange --features ndarray,pickle,polars`
//!
//! The example needs `proxystore`, `numpy`, `polars` and `pydantic` from PyPI; `PYTHON` names the interpreter that has them.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitCode, Stdio};

use ndarray::{Array1, Array2, array};
use polars_core::df;
use polars_core::prelude::DataFrame;
use ps_serialize::{Error, Result, deserialize, parts, read_frame, serializer};
use serde::{Deserialize, Serialize};

#[serializer(python = "shop.Size")]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
enum Size {
    Small = 1,
    Large = 2,
}

#[serializer(python = "shop.Order")]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Order {
    count: u32,
    size: Size,
}

#[serializer(python = "shop.Report")]
#[derive(Debug, PartialEq)]
struct Report {
    orders: Vec<Order>,
    #[serializer(frame)]
    prices: Array1<f64>,
    note: String,
}

/// Frames have no length of their own, so on a pipe each comes after its length.
const SCRIPT: &str = r#"
import struct, sys
import polars as pl, shop
from proxystore.serialize import deserialize, serialize

def receive():
    length, = struct.unpack("<Q", sys.stdin.buffer.read(8))
    return deserialize(sys.stdin.buffer.read(length))

def send(value):
    frame = serialize(value)
    sys.stdout.buffer.write(struct.pack("<Q", len(frame)) + frame)
    sys.stdout.buffer.flush()

array = receive()
print("Python read", type(array), array.dtype, array.tolist(), file=sys.stderr)
send(array.T @ array)
table = receive()
print("Python read", table, file=sys.stderr)
send(table.with_columns(pl.col("height").mul(2).alias("twice")))
report = receive()
print("Python read", report, file=sys.stderr)
order = shop.Order(count=1, size=shop.Size.SMALL)
send(shop.Report([*report.orders, order], report.prices * 2, "seen"))
"#;

fn main() -> ExitCode {
    match converse() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            eprintln!(
                "does this Python have the packages? `python3 -m pip install proxystore numpy polars pydantic`"
            );
            ExitCode::FAILURE
        }
    }
}

fn converse() -> Result<()> {
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let mut python = Command::new(python)
        .args(["-c", SCRIPT])
        .env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/examples"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;

    send(&mut python, &parts(&array![[1.0, 2.0], [3.0, 4.0]])?)?;
    let product: Array2<f64> = deserialize(&receive(&mut python)?)?;
    println!("Rust read {product:?}");
    assert_eq!(product, array![[10.0, 14.0], [14.0, 20.0]]);

    let table = df! { "city" => ["Bern", "Quito"], "height" => [542_i64, 2850] };
    send(&mut python, &parts(&table.map_err(Error::custom)?)?)?;
    let answer: DataFrame = deserialize(&receive(&mut python)?)?;
    println!("Rust read {:?} {:?}", answer.shape(), answer.schema());
    let twice = answer.column("twice").and_then(|column| Ok(column.i64()?.get(1)));
    assert_eq!(twice.map_err(Error::custom)?, Some(5700));

    let order = || Order { count: 3, size: Size::Large };
    let prices = array![0.5, 2.0];
    let report = Report { orders: vec![order()], prices, note: String::new() };
    send(&mut python, &parts(&report)?)?;
    let answer: Report = deserialize(&receive(&mut python)?)?;
    println!("Rust read {answer:?}");
    let orders = vec![order(), Order { count: 1, size: Size::Small }];
    assert_eq!(answer, Report { orders, prices: array![1.0, 4.0], note: "seen".to_owned() });

    let status = python.wait()?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::custom(format!("Python ended with {status}")))
    }
}

fn send(python: &mut Child, frame: &ps_serialize::Parts<'_>) -> Result<()> {
    let pipe = python.stdin.as_mut().ok_or_else(|| Error::custom("no pipe to Python"))?;
    pipe.write_all(&(frame.len() as u64).to_le_bytes())?;
    frame.write_to(&mut *pipe)?;
    Ok(pipe.flush()?)
}

fn receive(python: &mut Child) -> Result<bytes::Bytes> {
    let pipe = python.stdout.as_mut().ok_or_else(|| Error::custom("no pipe from Python"))?;
    let mut length = [0; 8];
    pipe.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    read_frame(pipe.take(length), usize::try_from(length).ok())
}
