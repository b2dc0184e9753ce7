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
#[cfg(any(
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
))]
mod collect;
#[cfg(not(any(
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
)))]
#[path = "collect_nothing.rs"]
mod collect;
mod deserialize;
mod error;
mod frame;
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
