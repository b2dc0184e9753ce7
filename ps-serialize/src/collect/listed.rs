//! How entries come together where `linkme` does not work: the registry holds only the built-ins.

use crate::builtin;
use crate::registry::Entry;

/// Whether the annotated types of all crates are among the entries.
#[cfg(feature = "pickle")]
pub(crate) const IS_COMPLETE: bool = false;

pub(crate) fn entries() -> impl Iterator<Item = &'static Entry> {
    builtin::entries::ALL.iter().copied()
}

macro_rules! collect_builtin {
    ($entry:expr) => {
        pub(crate) static ENTRY: $crate::__private::Entry = $entry;
    };
}
pub(crate) use collect_builtin;

#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($entry:expr, $claim:literal, $place:literal, $package:literal) => {
        #[allow(dead_code)]
        static ENTRY: $crate::__private::Entry = $entry;
    };
}
