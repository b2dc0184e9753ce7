//! How two claims on one identifier become an error of the linker.

// `label.rs` takes the place of `symbol.rs` on ELF systems, and `coff.rs` on Windows, for the processors for which Rust has
// stable assembly.
#[cfg_attr(
    all(
        not(miri),
        any(
            target_os = "linux",
            target_os = "android",
            target_os = "freebsd",
            target_os = "openbsd",
            target_os = "illumos",
            target_os = "fuchsia"
        ),
        any(
            target_arch = "x86",
            target_arch = "x86_64",
            target_arch = "arm",
            target_arch = "aarch64",
            target_arch = "riscv32",
            target_arch = "riscv64",
            target_arch = "loongarch64",
            target_arch = "s390x"
        )
    ),
    path = "label.rs"
)]
#[cfg_attr(
    all(
        not(miri),
        target_os = "windows",
        any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")
    ),
    path = "coff.rs"
)]
mod symbol;

#[allow(unused_imports)] // only linkme's sections have something to hide
pub(crate) use self::symbol::hide;
