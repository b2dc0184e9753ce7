use bytes::Bytes;

use crate::error::Result;
use crate::identifier::Identifier;
use crate::memory;
use crate::serializer::{Serializable, Serializer};
use crate::shared::Shared;
use crate::sink::Sink;
use crate::view::View;

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

            fn deserialize(payload: &[u8]) -> Result<Self> {
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
    Vec<u8>, memory::copy;
    Bytes, |payload| memory::copy(payload).into();
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

impl<'a> View<'a> for &'a [u8] {
    type Serializer = Vec<u8>;

    fn view(payload: &'a [u8]) -> Result<Self> {
        Ok(payload)
    }
}

impl Shared for Bytes {
    type Serializer = Self;

    fn share(payload: Bytes) -> Result<Self> {
        Ok(payload)
    }
}
