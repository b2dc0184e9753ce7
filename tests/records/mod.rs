//! Types with frames inside: fields that are marked as `frame` or `frames`.

mod attributes;
mod conditions;
mod errors;
mod kinds;
mod layout;
mod nesting;
mod places;
mod sharing;
#[cfg(feature = "polars")]
mod tables;
mod views;

use std::any::Any;
use std::fmt::Debug;

use bytes::Bytes;
use ps_serialize::{
    Decode, Deserializable, Encode, Error, Options, Payload, Result, Serializable, Serializer,
    Sink, deserialize, deserialize_any, deserialize_with, parts, read_frame, serialize,
    serialize_any, serialize_into, serialize_to, serialize_with,
};

/// A codec of the test's own, with names.
struct Json;

impl<T: serde::Serialize> Encode<T> for Json {
    fn encode<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
        out.put(&serde_json::to_vec(value).map_err(Error::custom)?);
        Ok(())
    }
}

impl<'a, T: serde::de::DeserializeOwned> Decode<'a, T> for Json {
    fn decode(payload: Payload<'a, '_>) -> Result<T> {
        serde_json::from_slice(&payload).map_err(Error::custom)
    }
}

/// Every verb goes there and back, compressed too. Returns the frame.
#[track_caller]
fn round_trip<T>(value: &T) -> Bytes
where
    T: Serializable<Serializer: Serializer<Value = T>>
        + for<'f> Deserializable<'f>
        + PartialEq
        + Debug
        + Any,
{
    let frame = serialize(value).unwrap();
    assert_eq!(frame.as_ptr().addr() % 64, 0, "aligned in memory");
    let mut buffer = b"before".to_vec();
    serialize_into(value, &mut buffer).unwrap();
    assert_eq!(buffer, [b"before", &frame[..]].concat());
    let mut written = Vec::new();
    serialize_to(value, &mut written).unwrap();
    assert_eq!(written, frame);
    let pieces = parts(value).unwrap();
    assert_eq!(pieces.len(), frame.len());
    assert_eq!(pieces.to_bytes(), frame);
    assert_eq!(serialize_any(value).unwrap(), frame);
    assert_eq!(serialize_with::<<T as Serializable>::Serializer>(value).unwrap(), frame);

    let read = read_frame(&frame[..], None).unwrap();
    assert_eq!(read, frame);
    assert_eq!(deserialize::<T>(&read).unwrap(), *value);
    assert_eq!(deserialize::<T>(&frame[..]).unwrap(), *value);
    assert_eq!(deserialize_with::<<T as Serializable>::Serializer>(&frame).unwrap(), *value);
    assert_eq!(deserialize_any(&frame).unwrap().downcast_ref::<T>(), Some(value));
    let options = Options::new().size_limit(64 << 20);
    assert_eq!(options.deserialize::<T>(&frame).unwrap(), *value);
    assert_eq!(options.deserialize_any(&frame).unwrap().downcast_ref::<T>(), Some(value));
    let with = options.deserialize_with::<<T as Serializable>::Serializer>(&frame);
    assert_eq!(with.unwrap(), *value);

    #[cfg(all(feature = "lz4", feature = "zstd"))]
    for by in [ps_serialize::Compression::Lz4, ps_serialize::Compression::Zstd(3)] {
        let compressed = by.serialize(value).unwrap();
        assert_ne!(compressed, frame, "its lines are long");
        assert_eq!(ps_serialize::decompress(&compressed).unwrap(), frame);
        assert_eq!(deserialize::<T>(&compressed).unwrap(), *value);
        assert_eq!(deserialize::<T>(&compressed[..]).unwrap(), *value);
        assert_eq!(deserialize_any(&compressed).unwrap().downcast_ref::<T>(), Some(value));
        let with = deserialize_with::<<T as Serializable>::Serializer>(&compressed);
        assert_eq!(with.unwrap(), *value);
    }
    frame
}
