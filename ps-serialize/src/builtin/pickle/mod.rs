//! Plain Python data, without Python's code: identifier `PK`, feature `pickle`.
//!
//! [`Pickle`] writes and reads any serde type; [`Value`] is what Python has, whatever it is.

mod access;
mod advice;
mod convert;
mod debug;
mod deserializer;
mod hashable;
#[cfg(feature = "ndarray")]
mod item;
mod literal;
mod machine;
// Arrays and checkpoints read parts that plain data has not.
#[cfg_attr(not(all(feature = "ndarray", feature = "torch")), allow(dead_code))]
mod node;
#[cfg(feature = "ndarray")]
mod numpy;
mod opcode;
mod reader;
#[cfg(feature = "ndarray")]
mod scalar;
mod serializer;
#[cfg(feature = "ndarray")]
mod structured;
pub(crate) mod value;
mod writer;

pub use self::access::Key;
#[cfg(feature = "ndarray")]
pub use self::scalar::Scalar;
pub use self::serializer::Pickle;
pub use self::value::Value;

#[cfg(feature = "torch")]
pub(crate) use self::machine::Dialect;
#[cfg(feature = "torch")]
pub(crate) use self::node::{Id, Node, Pickled};
#[cfg(feature = "torch")]
pub(crate) use self::reader::Reader;
