//! Makes two claims on one identifier an error of the linker, on ELF systems.

/// Keeps symbols of ours out of the symbol table of a shared library. It must stand in the module
/// that refers to them.
macro_rules! hide {
    ($($symbol:literal)*) => {
        core::arch::global_asm!($(concat!(".hidden ", $symbol)),*);
    };
}
pub(crate) use hide;

/// A label in assembly: unlike a static, it stays a symbol of its own under every kind of LTO, and
/// does not become a public one of a shared library. Its section is named after the annotation's
/// place because linkers print that name; `R` keeps it, because mold looks for duplicates only in
/// sections that are kept. The static makes the linker read the object file at all.
#[doc(hidden)]
#[macro_export]
macro_rules! __guard {
    ($symbol:literal, $place:literal) => {
        ::core::arch::global_asm!(
            ::core::concat!(".pushsection \".rodata.", $place, "\",\"aR\""),
            ::core::concat!(".globl ", $symbol),
            ::core::concat!(".hidden ", $symbol),
            ::core::concat!(".type ", $symbol, ",%object"),
            // LLVM, which finds it under fat LTO, prints this line.
            ::core::concat!($symbol, ": /* ", $place, " */"),
            ".byte 0",
            ".popsection",
            options(raw)
        );

        #[used]
        static LINKED: ::core::primitive::u8 = 0;
    };
}
