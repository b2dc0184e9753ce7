use std::hint::black_box;
use std::rc::Rc;

use ps_serialize::pickle::Pickle;
use ps_serialize::{
    Decode, Encode, MessagePack, Payload, deserialize, deserialize_with, serialize, serialize_with,
};

use super::{Cell, Cells, Kind, MIB, Prepared};
use crate::codecs::{codecs, fory};
use crate::measure::Contender;
use crate::measure::Direction::{Read, Write};
use crate::measure::Family::{Ours, Rust};
use crate::values::{BorrowedRecords, Fast, Record, Records, Shape};

pub(super) const KIND: Kind = Kind {
    name: "records",
    about: "Records with text, an enum, lists and a map (10,000 of them are about 1.3 MB): annotated structs, which are the \
        generic route; dictionaries in Python. `PK` is plain Python data, which stock Python reads.",
    cells: Cells::Sizes { most: 10 * MIB },
    prepare,
};

/// What a record takes at the mean.
const RECORD: usize = 130;

fn prepare(cell: &Cell) -> Prepared {
    let value = Rc::new(Records::sample((cell.bytes / RECORD).max(1)));
    let bytes = serialize(&*value).unwrap().len();
    let mut contenders = Vec::new();
    super::ours(&value, &mut contenders);
    super::fast(Ours, Fast((*value).clone()), &mut contenders);
    let frame = serialize_with::<Pickle<Records>>(&value).unwrap();
    let (size, f, v) = (frame.len(), frame.clone(), Rc::clone(&value));
    let write = move || serialize_with::<Pickle<Records>>(black_box(&v)).unwrap();
    contenders.push(Contender::new((Ours, Write), "PK", write).of(size));
    let read = move || deserialize_with::<Pickle<Records>>(black_box(&f)).unwrap();
    contenders.push(Contender::new((Ours, Read), "PK", read).of(size));

    let mut registered = fory();
    registered.register::<Records>(1).unwrap();
    registered.register::<Record>(2).unwrap();
    registered.register::<Shape>(3).unwrap();
    codecs!(Records, &value, registered, contenders);
    borrowed(&value, &mut contenders);
    named(&value, &mut contenders);
    Prepared { contenders, bytes, frame: Some(frame), written: None }
}

/// Adds readers whose texts are borrowed from the payload.
fn borrowed(value: &Records, contenders: &mut Vec<Contender>) {
    let payload = bincode_1::serialize(value).unwrap();
    let (size, frame) = (payload.len(), serialize(value).unwrap());
    let read = move || deserialize::<BorrowedRecords<'_>>(black_box(&frame)).unwrap().records.len();
    contenders.push(Contender::new((Ours, Read), "borrowed texts", read).of(size));
    let read = move || {
        bincode_1::deserialize::<BorrowedRecords<'_>>(black_box(&payload)).unwrap().records.len()
    };
    contenders.push(Contender::new((Rust, Read), "bincode 1.3, borrowed texts", read).of(size));
}

/// Adds the codec with names, and the crate that writes the same bytes.
fn named(value: &Rc<Records>, contenders: &mut Vec<Contender>) {
    fn encode(value: &Records) -> Vec<u8> {
        let mut payload = Vec::new();
        MessagePack::encode(value, &mut payload).unwrap();
        payload
    }
    let payload = Rc::new(encode(value));
    let (size, v) = (payload.len(), Rc::clone(value));
    let write = move || encode(black_box(&v));
    contenders.push(Contender::new((Ours, Write), "codec MessagePack", write).of(size));
    let v = Rc::clone(value);
    let write = move || rmp_serde::to_vec_named(black_box(&*v)).unwrap();
    contenders.push(Contender::new((Rust, Write), "rmp-serde", write).of(size));
    let p = Rc::clone(&payload);
    let read = move || -> Records { Payload::read(black_box(&*p), MessagePack::decode).unwrap() };
    contenders.push(Contender::new((Ours, Read), "codec MessagePack", read).of(size));
    let read = move || -> Records { rmp_serde::from_slice(black_box(&payload)).unwrap() };
    contenders.push(Contender::new((Rust, Read), "rmp-serde", read).of(size));
}
