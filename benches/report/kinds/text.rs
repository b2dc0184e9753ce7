use std::hint::black_box;
use std::rc::Rc;

use ps_serialize::{deserialize, serialize};
use ps_serialize_benches::bytes;

use super::{Cell, Cells, GIB, Kind, MOST_FOR_CODECS, Prepared};
use crate::codecs::{codecs, fory};
use crate::measure::Contender;
use crate::measure::Direction::Read;
use crate::measure::Family::{Generic, Ours};
use crate::values::{self, Fast};

pub(super) const KIND: Kind = Kind {
    name: "text",
    about: "Lines of a program, a few letters of them not ASCII, a `String`; `str` in Python.",
    cells: Cells::Sizes { most: GIB },
    prepare,
};

fn prepare(cell: &Cell) -> Prepared {
    let value = Rc::new(text(cell.bytes));
    let frame = serialize(&*value).unwrap();
    let bytes = value.len();
    let mut contenders = Vec::new();
    super::floor(&Rc::new(value.as_bytes().to_vec()), &mut contenders);
    super::ours(&value, &mut contenders);
    let f = frame.clone();
    let borrow = move || deserialize::<&str>(black_box(&f)).unwrap().len();
    contenders.push(Contender::new((Ours, Read), "borrowed", borrow));
    super::compressed(&value, &mut contenders);
    if cell.bytes <= MOST_FOR_CODECS {
        let value = Rc::new(values::Text { text: (*value).clone() });
        super::generic(&value, &mut contenders);
        super::fast(Generic, Fast((*value).clone()), &mut contenders);
        let mut registered = fory();
        registered.register::<values::Text>(1).unwrap();
        codecs!(values::Text, &value, registered, contenders);
    }
    Prepared { contenders, bytes, frame: Some(frame), written: None }
}

/// Lines of this program's source in random order, and as many letters at the end as are missing.
pub(super) fn text(len: usize) -> String {
    let lines: Vec<&str> = include_str!("compression.rs").lines().collect();
    let mut text = String::with_capacity(len);
    for pair in bytes(len).as_chunks().0 {
        let line = lines[usize::from(u16::from_le_bytes(*pair)) % lines.len()];
        if text.len() + line.len() + 3 > len {
            break;
        }
        text += line;
        text += "é\n";
    }
    text.extend(std::iter::repeat_n('.', len - text.len()));
    text
}
