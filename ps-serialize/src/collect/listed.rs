//! How entries come together where `linkme` does not work: the registry holds only the built-ins.

use crate::builtin;
use crate::registry::Entry;

pub(crate) fn entries() -> impl Iterator<Item = &'static Entry> {
    builtin::entries::ALL.iter().copied()
}

#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($entry:expr) => {
        #[allow(dead_code)]
        pub(crate) static ENTRY: $crate::__private::Entry = $entry;
    };
}
