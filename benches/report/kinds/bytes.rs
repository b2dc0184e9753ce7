use std::hint::black_box;
use std::rc::Rc;

use bytes::Bytes;
use ps_serialize::{deserialize, serialize};
use ps_serialize_benches::bytes;

use super::{Cell, Cells, GIB, Kind, MOST_FOR_CODECS, Prepared};
use crate::codecs::{codecs, fory};
use crate::measure::Contender;
use crate::measure::Direction::Read;
use crate::measure::Family::{Generic, Ours};
use crate::values::{self, Fast};

pub(super) const KIND: Kind = Kind {
    name: "bytes",
    about: "Random bytes, a `Vec<u8>`; `bytes` in Python.",
    cells: Cells::Sizes { most: GIB },
    prepare,
};

fn prepare(cell: &Cell) -> Prepared {
    let value = Rc::new(bytes(cell.bytes));
    let frame = serialize(&*value).unwrap();
    let mut contenders = Vec::new();
    super::floor(&value, &mut contenders);
    super::ours(&value, &mut contenders);
    super::shared::<Bytes>(&frame, &mut contenders);
    let f = frame.clone();
    let borrow = move || deserialize::<&[u8]>(black_box(&f)).unwrap().len();
    contenders.push(Contender::new((Ours, Read), "borrowed", borrow));
    super::compressed(&value, &mut contenders);
    if cell.bytes <= MOST_FOR_CODECS {
        let value = Rc::new(values::Bytes { bytes: value.to_vec() });
        super::generic(&value, &mut contenders);
        super::fast(Generic, Fast((*value).clone()), &mut contenders);
        let mut registered = fory();
        registered.register::<values::Bytes>(1).unwrap();
        codecs!(values::Bytes, &value, registered, contenders);
    }
    Prepared { contenders, bytes: cell.bytes, frame: Some(frame), written: None }
}
