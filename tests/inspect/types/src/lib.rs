//! The types of a service: each way to annotate one, with `Debug` and without.

use std::collections::BTreeMap;
use std::fmt;

use ps_serialize::{Error, Payload, Result, Serializer, Sink, serializer};
use serde::{Deserialize, Serialize};

/// A type that is printed.
#[serializer(id = b"I1", name = "order")]
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// What was ordered.
    pub articles: Vec<String>,
    /// What it costs.
    pub price: f64,
}

/// A type without `Debug`.
#[serializer(id = b"I2")]
#[derive(Serialize, Deserialize)]
pub struct Silent(pub u32);

/// A generic type, which has `Debug` where its part has it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Pair<T>(pub T, pub T);

/// An alias of a type with `Debug`.
#[serializer(id = b"I3")]
pub type Numbers = Pair<u8>;

/// An alias of a type without it.
#[serializer(id = b"I4")]
pub type Silents = Pair<Silent>;

/// A format of its own, for a type of another crate.
pub struct Decimal;

#[serializer(id = b"I5", name = "decimal number")]
impl Serializer for Decimal {
    type Value = u64;

    fn serialize<'a>(value: &'a u64, out: &mut dyn Sink<'a>) -> Result<()> {
        out.put(value.to_string().as_bytes());
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<u64> {
        let text = std::str::from_utf8(&payload).map_err(Error::custom)?;
        text.parse().map_err(Error::custom)
    }
}

/// A format of its own, for a type without `Debug`.
pub struct Opaque(pub u8);

#[serializer(id = b"I6")]
impl Serializer for Opaque {
    type Value = Self;

    fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
        out.put(&[value.0]);
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<Self> {
        payload.first().map(|first| Self(*first)).ok_or_else(|| Error::custom("there is no byte"))
    }
}

/// A record with frames inside that is printed.
#[serializer(id = b"I7")]
#[derive(Debug)]
pub struct Sample {
    /// A field of the codec.
    pub id: u64,
    /// A frame.
    #[serializer(frame)]
    pub image: Vec<u8>,
    /// Frames.
    #[serializer(frames)]
    pub notes: BTreeMap<String, String>,
}

/// A record without `Debug`.
#[serializer(id = b"I8")]
pub struct SilentSample {
    /// A frame.
    #[serializer(frame)]
    pub note: String,
    /// A frame.
    #[serializer(frame)]
    pub order: Order,
}

/// An instance of a Python class.
#[serializer(python = "shop.Size")]
#[derive(Debug, Serialize, Deserialize)]
pub struct Size {
    /// A number.
    pub width: u32,
}

/// A type whose `Debug` never ends by itself.
#[serializer(id = b"I9")]
#[derive(Serialize, Deserialize)]
pub struct Endless;

impl fmt::Debug for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        loop {
            f.write_str("\u{1b}[31mred")?;
        }
    }
}

/// A type whose `Debug` panics.
#[serializer(id = b"IA")]
#[derive(Serialize, Deserialize)]
pub struct Panics;

impl fmt::Debug for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no text")
    }
}

/// A constant that every type has, with a name that the probe for `Debug` could have.
pub trait Constants {
    /// A constant.
    const DEBUG: bool = false;
}

impl<T> Constants for T {}

/// A type that has a constant of such a name too, and a method named like the one of `Debug`.
#[serializer(id = b"IB")]
#[derive(Serialize, Deserialize)]
pub struct Named;

#[allow(missing_docs)]
impl Named {
    pub const DEBUG: u8 = 7;

    #[must_use]
    pub fn fmt(&self) -> u8 {
        Self::DEBUG
    }
}

/// A type whose code misbehaves, as its byte says.
pub struct Brittle(u8);

#[serializer(id = b"IC")]
impl Serializer for Brittle {
    type Value = Self;

    fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
        out.put(&[value.0]);
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<Self> {
        match payload.first() {
            Some(b'r') => panic!("reading it panicked"),
            Some(b'e') => Err(Error::custom("long ".repeat(1 << 20))),
            first => Ok(Self(*first.unwrap_or(&0))),
        }
    }
}

fn log() {
    println!("from another thread");
}

impl fmt::Debug for Brittle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == b't' {
            std::thread::spawn(log).join().expect("it has printed");
        }
        f.write_str("brittle")
    }
}

impl Drop for Brittle {
    fn drop(&mut self) {
        assert_ne!(self.0, b'd', "to drop it panicked");
    }
}
