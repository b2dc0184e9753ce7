//! How the entries of all crates come together.

// One of these takes the place of `listed.rs`: `linked.rs` on the systems that linkme knows, and `constructed.rs` where
// inventory works and linkme does not. GNU ld drops the sections of linkme from programs for Windows.
#[cfg_attr(
    any(target_family = "wasm", all(target_os = "windows", target_env = "gnu")),
    path = "constructed.rs"
)]
#[cfg_attr(
    any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        target_os = "ios",
        target_os = "tvos",
        all(target_os = "windows", not(target_env = "gnu")),
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
