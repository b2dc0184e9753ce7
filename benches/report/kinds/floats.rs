use std::hint::black_box;
use std::rc::Rc;

use ndarray::Array1;
use ps_serialize::{deserialize, serialize};
use ps_serialize_benches::numbers;

use super::{Cell, Cells, Kind, MOST_FOR_CODECS, Prepared};
use crate::codecs::{codecs, fory};
use crate::measure::Contender;
use crate::measure::Direction::{Read, Write};
use crate::measure::Family::{Generic, Ours};
use crate::values::{self, Fast};

pub(super) const KIND: Kind = Kind {
    name: "floats",
    about: "A list of f64, a `Vec<f64>` in a struct: for this library the generic route, or moved into an array and \
        out of it. A `list` of `float` in Python.",
    cells: Cells::Sizes { most: MOST_FOR_CODECS },
    prepare,
};

fn prepare(cell: &Cell) -> Prepared {
    let list = Rc::new(numbers(cell.bytes / 8));
    let array = Rc::new(Array1::from(list.to_vec()));
    let frame = serialize(&*array).unwrap();
    let mut contenders = Vec::new();
    super::floor(&list, &mut contenders);
    let (size, f) = (frame.len(), frame.clone());
    let write = move || serialize(black_box(&*array)).unwrap();
    contenders.push(Contender::new((Ours, Write), "serialize, as an array", write).of(size));
    let read = move || deserialize::<Array1<f64>>(black_box(&f)).unwrap().into_raw_vec_and_offset();
    contenders.push(Contender::new((Ours, Read), "deserialize, as an array", read).of(size));

    let value = Rc::new(values::Floats { numbers: list.to_vec() });
    super::generic(&value, &mut contenders);
    super::fast(Generic, Fast((*value).clone()), &mut contenders);
    let mut registered = fory();
    registered.register::<values::Floats>(1).unwrap();
    codecs!(values::Floats, &value, registered, contenders);
    Prepared { contenders, bytes: 8 * list.len(), frame: Some(frame), written: None }
}
