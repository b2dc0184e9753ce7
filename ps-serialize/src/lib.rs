#![doc = include_str!("../README.md")]
#![deny(missing_docs, unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// Generated code finds the library under its own name here too.
extern crate self as ps_serialize;

mod buffer;
// linkme puts their entries into a section of their own.
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[allow(unsafe_code)]
mod builtin;
mod codec;
// The systems that linkme knows.
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
    path = "collect_linkme.rs"
)]
#[allow(unsafe_code)] // assembler directives
mod collect;
mod deserialize;
mod error;
mod frame;
// ELF, and the processors for which Rust has stable assembly.
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
    path = "guard_label.rs"
)]
mod guard;
mod identifier;
mod options;
mod parts;
mod read;
mod registry;
mod reserved;
mod serialize;
mod serializer;
mod sink;
mod view;

#[cfg(feature = "bincode")]
pub use crate::codec::Bincode;
pub use crate::codec::Codec;
#[cfg(feature = "wincode")]
pub use crate::codec::Wincode;
pub use crate::deserialize::{deserialize, deserialize_any, deserialize_with, view};
pub use crate::error::{Error, ErrorKind, Result};
pub use crate::frame::Frame;
pub use crate::identifier::Identifier;
pub use crate::options::Options;
pub use crate::parts::Parts;
pub use crate::read::read_frame;
pub use crate::registry::{Entry, Origin, Registry, registry};
pub use crate::serialize::{
    parts, serialize, serialize_any, serialize_into, serialize_to, serialize_with,
};
pub use crate::serializer::{Serializable, Serializer};
pub use crate::sink::Sink;
pub use crate::view::View;
pub use ps_serialize_derive::serializer;
