use std::hint::black_box;
use std::rc::Rc;

use ps_serialize::{deserialize, serialize};

use super::{Cell, Cells, Kind, MIB, Prepared};
use crate::measure::Contender;
use crate::measure::Direction::{Read, Write};
use crate::measure::Family::Ours;
use crate::values::Capture;

pub(super) const KIND: Kind = Kind {
    name: "python-objects",
    about: "A dataclass of Python with a number and an array of f64: an annotated struct in Rust, which writes `PK`. The bare array \
        (`NP`) is beside it. Python reads its own frames, and those of Rust.",
    cells: Cells::Sizes { most: 100 * MIB },
    prepare,
};

fn prepare(cell: &Cell) -> Prepared {
    let value = Rc::new(Capture::sample(cell.bytes));
    let frame = serialize(&*value).unwrap();
    let mut contenders = Vec::new();
    super::floor(&Rc::new(value.samples.to_vec()), &mut contenders);
    super::ours(&value, &mut contenders);
    let array = serialize(&value.samples).unwrap();
    let size = array.len();
    let write = move || serialize(black_box(&value.samples)).unwrap();
    contenders.push(Contender::new((Ours, Write), "the bare array", write).of(size));
    let read = move || deserialize::<ndarray::Array1<f64>>(black_box(&array[..])).unwrap();
    contenders.push(Contender::new((Ours, Read), "the bare array", read).of(size));
    Prepared { contenders, bytes: cell.bytes, frame: Some(frame), written: None }
}
