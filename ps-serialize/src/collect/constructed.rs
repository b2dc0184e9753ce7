//! How the entries of all crates come together where the linker does not gather them: each adds itself before `main`.

pub use inventory;

use crate::builtin;
use crate::registry::Entry;

inventory::collect!(Entry);

/// Whether the annotated types of all crates are among the entries.
#[cfg(feature = "pickle")]
pub(crate) const IS_COMPLETE: bool = true;

pub(crate) fn entries() -> impl Iterator<Item = &'static Entry> {
    builtin::entries::ALL.iter().copied().chain(inventory::iter::<Entry>)
}

/// The built-ins are listed: of this crate, a linker for WebAssembly keeps only what something refers to.
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
        $crate::__private::inventory::submit! { $entry }

        // rustc makes the linker for WebAssembly read an object file only for the sake of what is exported, and only the first
        // of those that export one name. So this name is of one annotation, while a claim may be of two. The tests of a crate
        // are read anyway, and can be linked beside the crate as its dependents see it.
        #[cfg(all(target_family = "wasm", not(test)))]
        #[used]
        #[unsafe(export_name = ::core::concat!($claim, " in ", $package, ", ", $place))]
        static KEPT: ::core::primitive::u8 = 0;
    };
}
