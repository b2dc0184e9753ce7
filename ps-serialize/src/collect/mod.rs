//! How the entries of all crates come together.

// `linked.rs` takes the place of `listed.rs` on the systems that linkme knows.
#[cfg_attr(
    any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        target_os = "ios",
        target_os = "tvos",
        target_os = "windows",
        target_os = "freebsd",
        target_os = "openbsd",
        target_os = "illumos",
        target_os = "fuchsia"
    ),
    path = "linked.rs"
)]
#[allow(unsafe_code)] // assembler directives
mod listed;

// Where linkme does not work, `__private` has nothing in it to name.
#[allow(unused_imports, unreachable_pub)]
pub use self::listed::*;
