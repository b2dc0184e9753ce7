//! What is measured: kinds of values, each in cells.

mod arrays;
mod bytes;
mod compression;
mod floats;
mod pandas;
mod pauses;
mod python_objects;
mod records;
mod records_with_arrays;
mod small;
mod tables;
mod tensors;
mod text;

use std::any::Any;
use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;

use ::bytes::Bytes;
use ps_serialize::{
    Compression, Deserializable, Serializable, deserialize, deserialize_any, parts, serialize,
    serialize_any, serialize_into,
};

use crate::measure::Contender;
use crate::measure::Direction::{Read, Write};
use crate::measure::Family::{self, Floor, Generic, Ours};

pub(crate) const KIB: usize = 1 << 10;
pub(crate) const MIB: usize = 1 << 20;
pub(crate) const GIB: usize = 1 << 30;

/// Codecs of records keep several copies of a value: from here on they take no part.
const MOST_FOR_CODECS: usize = 100 * MIB;

pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) cells: Cells,
    pub(crate) prepare: fn(&Cell) -> Prepared,
}

pub(crate) enum Cells {
    /// Sizes in decades, up to this many bytes. They make figures.
    Sizes { most: usize },
    /// Values of one size.
    Values(&'static [&'static str]),
}

pub(crate) struct Cell {
    pub(crate) label: String,
    /// The size aimed at.
    pub(crate) bytes: usize,
}

pub(crate) struct Prepared {
    pub(crate) contenders: Vec<Contender>,
    /// The data of the value.
    pub(crate) bytes: usize,
    /// What Python measures its own contenders with.
    pub(crate) frame: Option<Bytes>,
    /// Reading the frame that ProxyStore writes in Python.
    pub(crate) written: Option<fn(Bytes) -> Contender>,
}

pub(crate) const KINDS: [Kind; 15] = [
    small::KIND,
    bytes::KIND,
    text::KIND,
    floats::KIND,
    records::KIND,
    records_with_arrays::KIND,
    python_objects::KIND,
    arrays::KIND,
    tables::NUMBERS,
    tables::TEXTS,
    pandas::NUMBERS,
    pandas::TEXTS,
    tensors::KIND,
    compression::KIND,
    pauses::KIND,
];

/// The contenders of this library that every kind of value has.
fn ours<T>(value: &Rc<T>, contenders: &mut Vec<Contender>)
where
    T: Serializable + for<'f> Deserializable<'f> + Any,
{
    let frame = serialize(&**value).unwrap();
    let size = frame.len();
    let mut write = |name, call: Box<dyn FnMut() -> Bytes>| {
        contenders.push(Contender::new((Ours, Write), name, call).of(size));
    };
    let v = Rc::clone(value);
    write("serialize", Box::new(move || serialize(black_box(&*v)).unwrap()));
    let v = Rc::clone(value);
    write("serialize_any", Box::new(move || serialize_any(black_box(&*v)).unwrap()));
    let (v, kept) = (Rc::clone(value), RefCell::new(Vec::new()));
    let into = move || {
        let mut kept = kept.borrow_mut();
        kept.clear();
        serialize_into(black_box(&*v), &mut kept).unwrap();
    };
    contenders.push(Contender::new((Ours, Write), "serialize_into, kept buffer", into).of(size));
    let v = Rc::clone(value);
    // Made and dropped: what refers to a value cannot outlive the call.
    let pieces = move || drop(black_box(parts(black_box(&*v)).unwrap()));
    contenders.push(Contender::new((Ours, Write), "parts", pieces).of(size));

    let f = frame.clone();
    // A slice has no owner to share.
    let read = move || deserialize::<T>(black_box(&f[..])).unwrap();
    contenders.push(Contender::new((Ours, Read), "deserialize", read).of(size));
    let read = move || deserialize_any(black_box(&frame[..])).unwrap();
    contenders.push(Contender::new((Ours, Read), "deserialize_any", read).of(size));
}

/// Reading that shares the frame's memory.
fn shared<T: for<'f> Deserializable<'f> + 'static>(frame: &Bytes, contenders: &mut Vec<Contender>) {
    let frame = frame.clone();
    let read = move || deserialize::<T>(black_box(&frame)).unwrap();
    contenders.push(Contender::new((Ours, Read), "shared", read));
}

/// Compressed frames, each way.
fn compressed<T>(value: &Rc<T>, contenders: &mut Vec<Contender>)
where
    T: Serializable + for<'f> Deserializable<'f> + 'static,
{
    for (name, compression) in [("LZ4", Compression::Lz4), ("Zstandard 1", Compression::Zstd(1))] {
        let frame = compression.serialize(&**value).unwrap();
        let size = frame.len();
        let v = Rc::clone(value);
        let write = move || compression.serialize(black_box(&*v)).unwrap();
        contenders.push(Contender::new((Ours, Write), name, write).of(size));
        let read = move || deserialize::<T>(black_box(&frame)).unwrap();
        contenders.push(Contender::new((Ours, Read), name, read).of(size));
    }
}

/// This library's default codec, on a value as serde sees it.
fn generic<T>(value: &Rc<T>, contenders: &mut Vec<Contender>)
where
    T: Serializable + for<'f> Deserializable<'f> + 'static,
{
    generic_named("generic route", value, contenders);
}

fn generic_named<T>(name: &str, value: &Rc<T>, contenders: &mut Vec<Contender>)
where
    T: Serializable + for<'f> Deserializable<'f> + 'static,
{
    let frame = serialize(&**value).unwrap();
    let size = frame.len();
    let v = Rc::clone(value);
    let write = move || serialize(black_box(&*v)).unwrap();
    contenders.push(Contender::new((Generic, Write), name, write).of(size));
    let read = move || deserialize::<T>(black_box(&frame)).unwrap();
    contenders.push(Contender::new((Generic, Read), name, read).of(size));
}

/// The other codec, for values that derive its traits.
fn fast<T>(family: Family, value: T, contenders: &mut Vec<Contender>)
where
    T: Serializable + for<'f> Deserializable<'f> + 'static,
{
    let value = Rc::new(value);
    let frame = serialize(&*value).unwrap();
    let size = frame.len();
    let v = Rc::clone(&value);
    let write = move || serialize(black_box(&*v)).unwrap();
    contenders.push(Contender::new((family, Write), "codec Wincode", write).of(size));
    let pieces = move || drop(black_box(parts(black_box(&*value)).unwrap()));
    contenders.push(Contender::new((family, Write), "codec Wincode, parts", pieces).of(size));
    let read = move || deserialize::<T>(black_box(&frame)).unwrap();
    contenders.push(Contender::new((family, Read), "codec Wincode", read).of(size));
}

/// Copies of the data, which the serializers are compared with.
fn floor<T: Copy + Default + 'static>(data: &Rc<Vec<T>>, contenders: &mut Vec<Contender>) {
    for direction in [Write, Read] {
        let (from, mut to) = (Rc::clone(data), vec![T::default(); data.len()]);
        let copy = move || black_box(&mut to[..]).copy_from_slice(black_box(&from));
        contenders.push(Contender::new((Floor, direction), "memcpy, touched memory", copy));
        let from = Rc::clone(data);
        let copy = move || black_box(&from[..]).to_vec();
        contenders.push(Contender::new((Floor, direction), "memcpy, fresh memory", copy));
    }
}
