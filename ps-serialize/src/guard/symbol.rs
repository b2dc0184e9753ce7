//! Makes two claims on one identifier an error of most linkers, where `label.rs` cannot be used.

// Only linkme's sections have something to hide.
#[allow(unused_macros)]
macro_rules! hide {
    ($($symbol:literal)*) => {};
}
#[allow(unused_imports)]
pub(crate) use hide;

/// A public symbol, which a program cannot have twice. Some builds do not see it: thin LTO keeps one
/// of the two, and then the registry finds out.
#[doc(hidden)]
#[macro_export]
macro_rules! __guard {
    ($symbol:literal, $place:literal) => {
        #[used]
        #[unsafe(export_name = $symbol)]
        static CLAIMED: ::core::primitive::u8 = 0;

        // Makes the linker read the object file at all.
        #[used]
        static LINKED: ::core::primitive::u8 = 0;
    };
}
