//! Arrays of the crate `ndarray`, which NumPy reads and writes: identifier `NP`, feature `ndarray`.

mod convert;
mod dtype;
mod dynamic;
pub(in crate::builtin) mod element;
mod elements;
#[cfg(feature = "pickle")]
mod fields;
#[cfg(feature = "pickle")]
mod kind;
mod literal;
mod npy;
pub(in crate::builtin) mod serializer;
mod text;
mod vec;

#[cfg(feature = "pandas")]
pub(crate) use dtype::{Scalar, time_unit};
pub use dynamic::DynArray;
pub use element::Element;
#[cfg(feature = "pickle")]
pub(crate) use fields::{Field, Format, fields, quoted};
#[cfg(feature = "pickle")]
pub(crate) use kind::Kind;
#[cfg(feature = "pickle")]
pub(in crate::builtin) use npy::Head;
