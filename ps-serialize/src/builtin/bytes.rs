use bytes::Bytes;

use crate::error::Result;
use crate::identifier::Identifier;
use crate::memory;
use crate::payload::Payload;
use crate::serializer::{Deserializable, Serializable, Serializer, owned};
use crate::sink::Sink;

/// `BS`: the payload is the bytes. It stands here once for each type that owns bytes.
macro_rules! bytes_serializer {
    ($($owned:ty, $from:expr;)*) => {$(
        // A type without a serializer is not helped by this place.
        #[diagnostic::do_not_recommend]
        impl Serializer for $owned {
            type Value = Self;

            const IDENTIFIER: Identifier = Identifier::new(b"BS");
            const NAME: &'static str = "bytes";

            fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
                out.borrow(value);
                Ok(())
            }

            fn deserialize(payload: Payload<'_, '_>) -> Result<Self> {
                Ok($from(payload))
            }
        }

        impl Serializable for $owned {
            type Serializer = Self;

            fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
                Self::serialize(self, out)
            }
        }
    )*};
}

bytes_serializer! {
    Vec<u8>, |payload: Payload<'_, '_>| memory::copy(&payload);
    Bytes, |payload: Payload<'_, '_>| payload.share(..);
}

owned! {
    [] Vec<u8>;
    [] Bytes;
}

impl Serializable for [u8] {
    type Serializer = Vec<u8>;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        out.borrow(self);
        Ok(())
    }
}

impl<const N: usize> Serializable for [u8; N] {
    type Serializer = Vec<u8>;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        out.borrow(self);
        Ok(())
    }
}

impl<'a> Deserializable<'a> for &'a [u8] {
    type Serializer = Vec<u8>;

    #[inline]
    fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
        payload.bytes()
    }
}
