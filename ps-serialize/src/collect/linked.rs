//! How the entries of all crates come together, where `linkme` works: by the linker.

pub use linkme;
use linkme::distributed_slice;

use crate::registry::Entry;

/// The name of the static is the name of a section in the program, so it has the name and the version of the crate.
#[distributed_slice]
pub static PS_SERIALIZE_0_1: [Entry];

crate::guard::hide! {
    "__start_linkme_PS_SERIALIZE_0_1" "__stop_linkme_PS_SERIALIZE_0_1"
    "__start_linkm2_PS_SERIALIZE_0_1" "__stop_linkm2_PS_SERIALIZE_0_1"
}

/// Whether the annotated types of all crates are among the entries.
#[cfg(feature = "pickle")]
pub(crate) const IS_COMPLETE: bool = true;

pub(crate) fn entries() -> impl Iterator<Item = &'static Entry> {
    PS_SERIALIZE_0_1.iter()
}

macro_rules! collect_builtin {
    ($entry:expr) => {
        #[$crate::__private::linkme::distributed_slice($crate::__private::PS_SERIALIZE_0_1)]
        #[linkme(crate = $crate::__private::linkme)]
        pub(crate) static ENTRY: $crate::__private::Entry = $entry;
    };
}
pub(crate) use collect_builtin;

#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    ($entry:expr, $claim:literal, $place:literal, $package:literal) => {
        #[$crate::__private::linkme::distributed_slice($crate::__private::PS_SERIALIZE_0_1)]
        #[linkme(crate = $crate::__private::linkme)]
        pub(crate) static ENTRY: $crate::__private::Entry = $entry;
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_slice_is_named_after_this_version() {
        let (major, minor) = (env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"));
        assert!(include_str!("linked.rs").contains(&format!("PS_SERIALIZE_{major}_{minor}:")));
    }
}
