//! Makes two claims on one identifier an error of the linker, on Windows.

// Only linkme's sections on ELF systems have something to hide.
#[allow(unused_macros)]
macro_rules! hide {
    ($($symbol:literal)*) => {};
}
#[allow(unused_imports)]
pub(crate) use hide;

/// A label in assembly, as on ELF systems (`label.rs`). It is public in the program and never in a library, whose exports rustc lists.
#[doc(hidden)]
#[macro_export]
macro_rules! __guard {
    ($symbol:literal, $place:literal) => {
        ::core::arch::global_asm!(
            // Linkers sort the sections of one name by what follows `$`, and GNU ld prints it.
            ::core::concat!(".pushsection \".rdata$", $place, "\",\"dr\""),
            ::core::concat!(".globl ", $symbol),
            // LLVM, which finds it under fat LTO, prints this line.
            ::core::concat!($symbol, ": /* ", $place, " */"),
            ".byte 0",
            ".popsection",
            options(raw)
        );

        // Makes the linker read the object file at all.
        #[used]
        static LINKED: ::core::primitive::u8 = 0;
    };
}
