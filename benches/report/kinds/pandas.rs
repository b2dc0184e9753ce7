use std::hint::black_box;
use std::rc::Rc;

use bytes::Bytes;
use ps_serialize::pandas::Table;
use ps_serialize::{deserialize, serialize};
use ps_serialize_benches::{bytes, numbers};

use super::{Cell, Cells, GIB, Kind, MIB, MOST_FOR_CODECS, Prepared};
use crate::measure::Contender;
use crate::measure::Direction::Read;
use crate::measure::Family::Ours;
use crate::values;

pub(super) const NUMBERS: Kind = Kind {
    name: "pandas",
    about: "Tables of pandas with six columns of f64: `pandas::Table`, which writes `PD`. Frames of pandas are those that ProxyStore 1.1 \
        writes; frames of Rust are read in Python too.",
    cells: Cells::Sizes { most: GIB },
    prepare: prepare_numbers,
};

pub(super) const TEXTS: Kind = Kind {
    name: "pandas-texts",
    about: "Tables of pandas with one column of short text, 10 MiB being 1,000,000 rows. pandas keeps such a column in Arrow's memory where \
        pyarrow is there, and otherwise as Python's objects, which are measured beside it.",
    cells: Cells::Sizes { most: TEXTS_MOST },
    prepare: prepare_texts,
};

const COLUMNS: usize = 6;
const TEXTS_MOST: usize = 10 * MIB;
const TEXTS_MOST_ROWS: usize = 1_000_000;

fn prepare_numbers(cell: &Cell) -> Prepared {
    let rows = cell.bytes / 8 / COLUMNS;
    let value = values::Table {
        names: super::tables::names(COLUMNS),
        numbers: (0..COLUMNS).map(|_| numbers(rows)).collect(),
        texts: Vec::new(),
    };
    let mut contenders = Vec::new();
    super::floor(&Rc::new(value.numbers.concat()), &mut contenders);
    prepare(cell, value, 8 * rows * COLUMNS, contenders)
}

fn prepare_texts(cell: &Cell) -> Prepared {
    let rows = cell.bytes * TEXTS_MOST_ROWS / TEXTS_MOST;
    let places = ["Bern", "Quito", "Zürich", "Kathmandu", "La Paz", "Thimphu", "Addis Abeba"];
    let text = |byte: &u8| format!("{} {byte}", places[usize::from(*byte) % places.len()]);
    let texts: Vec<_> = bytes(rows).iter().map(text).collect();
    let characters = texts.concat().into_bytes();
    let value =
        values::Table { names: super::tables::names(1), numbers: Vec::new(), texts: vec![texts] };
    let (size, mut contenders) = (characters.len(), Vec::new());
    super::floor(&Rc::new(characters), &mut contenders);
    prepare(cell, value, size, contenders)
}

fn prepare(
    cell: &Cell,
    generic: values::Table,
    bytes: usize,
    mut contenders: Vec<Contender>,
) -> Prepared {
    let value = Rc::new(Table::from(super::tables::table(&generic)));
    let frame = serialize(&*value).unwrap();
    super::ours(&value, &mut contenders);
    super::shared::<Table>(&frame, &mut contenders);
    if cell.bytes <= MOST_FOR_CODECS {
        super::generic(&Rc::new(generic), &mut contenders);
    }
    Prepared { contenders, bytes, frame: Some(frame), written: Some(written) }
}

/// Reading what pandas has written.
fn written(frame: Bytes) -> Contender {
    let size = frame.len();
    let read = move || deserialize::<Table>(black_box(&frame[..])).unwrap();
    Contender::new((Ours, Read), "deserialize, frame of pandas", read).of(size)
}
