//! Plain Python data, without Python's code: identifier `PK`, feature `pickle`.
//!
//! [`Pickle`] writes and reads any serde type; [`Value`] is what Python has, whatever it is.

mod deserializer;
mod literal;
mod machine;
mod node;
#[cfg(feature = "ndarray")]
mod numpy;
mod opcode;
mod reader;
mod serializer;
mod value;
mod writer;

pub use self::serializer::Pickle;
pub use self::value::Value;

#[cfg(feature = "torch")]
pub(crate) use self::machine::Dialect;
#[cfg(feature = "torch")]
pub(crate) use self::node::{Id, Node, Pickled};
#[cfg(feature = "torch")]
pub(crate) use self::reader::Reader;
