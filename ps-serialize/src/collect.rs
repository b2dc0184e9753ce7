//! Where `linkme` does not work: the typed verbs do, and the registry holds the built-ins.

use crate::builtin;
use crate::registry::Entry;

pub(crate) fn entries() -> impl Iterator<Item = &'static Entry> {
    [
        &builtin::bytes::ENTRY,
        &builtin::text::ENTRY,
        #[cfg(feature = "ndarray")]
        &builtin::array::serializer::ENTRY,
        #[cfg(feature = "polars")]
        &builtin::table::serializer::ENTRY,
        #[cfg(feature = "safetensors")]
        &builtin::tensors::ENTRY,
        #[cfg(feature = "pickle")]
        &builtin::pickle::value::ENTRY,
        #[cfg(feature = "torch")]
        &builtin::torch::ENTRY,
    ]
    .into_iter()
}

#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($entry:expr) => {
        #[allow(dead_code)]
        pub(crate) static ENTRY: $crate::__private::Entry = $entry;
    };
}
