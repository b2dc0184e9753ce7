use super::dynamic::DynArray;
use super::npy::Dtype;

/// The kind of the elements of an array whose type has a name.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    /// NumPy's letter for the type: see `dtype.rs`.
    pub(crate) letter: u8,
    /// Whether the bytes of each number are in the other order than this machine's.
    pub(crate) swapped: bool,
}

impl DynArray<'_> {
    /// The kind of the elements, or `None` if their type is structured.
    pub(crate) fn kind(&self) -> Option<Kind> {
        let scalar = Dtype::parse(self.descr()).ok()?.scalar?;
        Some(Kind { letter: scalar.kind, swapped: scalar.swapped })
    }
}
