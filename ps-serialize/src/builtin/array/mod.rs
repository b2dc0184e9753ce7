//! Arrays of the crate `ndarray`, which NumPy reads and writes: identifier `NP`, feature `ndarray`.

mod dtype;
mod dynamic;
mod element;
mod elements;
mod literal;
mod npy;
pub(crate) mod serializer;

pub use dynamic::DynArray;
pub use element::Element;
