use super::dynamic::DynArray;
use super::npy::Dtype;

/// What the elements of an array with a named type are.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    /// NumPy's letter: see `dtype.rs`.
    pub(crate) letter: u8,
    /// Whether the bytes of each number are in the order that is not this machine's.
    pub(crate) swapped: bool,
}

impl DynArray<'_> {
    /// `None` of a structured type.
    pub(crate) fn kind(&self) -> Option<Kind> {
        let scalar = Dtype::parse(self.descr()).ok()?.scalar?;
        Some(Kind { letter: scalar.kind, swapped: scalar.swapped })
    }
}
