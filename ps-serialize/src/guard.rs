//! The symbol that makes two claims on one identifier an error of the linker.

#[doc(hidden)]
#[macro_export]
macro_rules! __guard {
    ($symbol:literal) => {};
}
