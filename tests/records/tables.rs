//! Tables inside of records.

use std::collections::BTreeMap;

use polars_core::df;
use polars_core::prelude::DataFrame;
use ps_serialize::{FrameTable, deserialize, parts, serialize, serializer};

use super::round_trip;

#[serializer(id = b"rec tables")]
#[derive(Debug, PartialEq)]
struct Tables {
    id: u64,
    #[serializer(frame)]
    table: DataFrame,
    #[serializer(frames)]
    more: BTreeMap<String, DataFrame>,
    #[serializer(frames)]
    none: Option<DataFrame>,
}

/// Tables share the memory of the frame.
#[serializer(view = Tables)]
struct TablesView {
    id: u64,
    #[serializer(frame)]
    table: DataFrame,
    #[serializer(frames)]
    more: BTreeMap<String, DataFrame>,
    #[serializer(frames)]
    none: Option<DataFrame>,
}

fn tables() -> Tables {
    let table = df! { "city" => ["Bern", "Quito"], "height" => [542_i64, 2850] }.unwrap();
    let numbers = df! { "x" => (0..1000).map(f64::from).collect::<Vec<_>>() }.unwrap();
    let empty = DataFrame::empty();
    Tables {
        id: 7,
        table,
        more: [("numbers".to_owned(), numbers), ("empty".to_owned(), empty)].into(),
        none: None,
    }
}

#[test]
fn tables_come_back_as_they_were() {
    let frame = round_trip(&tables());
    assert_eq!(parts(&tables()).unwrap().to_bytes(), frame);
    let view: TablesView = deserialize(&frame).unwrap();
    let Tables { table, more, .. } = tables();
    assert_eq!((view.id, view.none), (7, None));
    assert_eq!((view.table, view.more), (table, more));
}

#[test]
fn a_table_in_a_record_can_be_read_alone_and_shares_the_frame() {
    let frame = serialize(&tables()).unwrap();
    let place = FrameTable::parse::<Tables>(&frame).unwrap().find("more", "numbers").unwrap();
    let table: DataFrame = deserialize(&frame.slice(place)).unwrap();
    let numbers = table.column("x").unwrap().f64().unwrap().cont_slice().unwrap();
    assert_eq!((numbers.len(), numbers[999]), (1000, 999.0));
    let frame = frame.as_ptr_range();
    assert!(frame.contains(&numbers.as_ptr().cast()));
    assert_eq!(numbers.as_ptr().addr() % 64, 0);
}
