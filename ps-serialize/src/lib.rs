// In the documentation the guide is a module. In the repository it is the folder that README.md links to. The same goes for
// the page on Python and the module's own README.
#![doc = "[guide]: crate::guide\n[Python module]: crate::guide::python"]
#![doc = include_str!("../README.md")]
#![deny(missing_docs, unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// The pages link to items of every feature. CI builds the documentation with all features, and finds the broken links.
#![cfg_attr(
    not(all(
        feature = "inspect",
        feature = "lock",
        feature = "lz4",
        feature = "messagepack",
        feature = "pandas",
        feature = "torch",
        feature = "wincode",
        feature = "zstd"
    )),
    allow(rustdoc::broken_intra_doc_links)
)]

// Generated code finds the library under its own name here too.
extern crate self as ps_serialize;

#[doc(hidden)]
pub mod __private;
#[cfg(any(feature = "ndarray", feature = "safetensors"))]
mod buffer;
mod builtin;
mod class;
mod codec;
mod collect;
mod compression;
// All of it is used only if both features are on.
#[cfg_attr(not(all(feature = "pickle", feature = "safetensors")), allow(dead_code))]
mod debug;
mod deserialize;
mod error;
mod frame;
mod guard;
// For readers: programs are built without it.
#[cfg(any(doc, doctest))]
pub mod guide;
mod identifier;
#[cfg(feature = "inspect")]
pub mod inspect;
mod limits;
#[cfg(feature = "lock")]
mod lock;
mod memory;
mod options;
mod parts;
mod payload;
mod read;
mod record;
mod registry;
mod reserved;
mod serialize;
mod serializer;
mod sink;
mod trait_object;

// The crates whose types stand in the interface, so that a program can use the same versions.
#[doc(no_inline)]
pub use bytes;
#[cfg(feature = "ndarray")]
#[doc(no_inline)]
pub use half;
#[cfg(feature = "ndarray")]
#[doc(no_inline)]
pub use ndarray;
#[cfg(feature = "pickle")]
#[doc(no_inline)]
pub use num_bigint;
#[cfg(feature = "ndarray")]
#[doc(no_inline)]
pub use num_complex;
#[cfg(feature = "polars")]
#[doc(no_inline)]
pub use polars_core;
#[cfg(feature = "wincode")]
#[doc(no_inline)]
pub use wincode;

#[cfg(feature = "ndarray")]
pub use crate::builtin::array;
#[cfg(feature = "pandas")]
pub use crate::builtin::pandas;
#[cfg(feature = "pickle")]
pub use crate::builtin::pickle;
#[cfg(feature = "safetensors")]
pub use crate::builtin::tensors;
#[cfg(feature = "torch")]
pub use crate::builtin::torch;
#[cfg(feature = "bincode")]
pub use crate::codec::Bincode;
#[cfg(feature = "messagepack")]
pub use crate::codec::MessagePack;
#[cfg(feature = "wincode")]
pub use crate::codec::Wincode;
pub use crate::codec::{Decode, Encode};
#[cfg(any(feature = "lz4", feature = "zstd"))]
pub use crate::compression::{Compression, decompress};
pub use crate::deserialize::{deserialize, deserialize_any, deserialize_dyn, deserialize_with};
pub use crate::error::{Error, ErrorKind, Result};
pub use crate::frame::Frame;
pub use crate::identifier::Identifier;
pub use crate::memory::set_huge_pages;
pub use crate::options::Options;
pub use crate::parts::Parts;
pub use crate::payload::{Input, Payload};
pub use crate::read::read_frame;
pub use crate::record::{FramePlace, FrameTable, Record};
pub use crate::registry::{Entry, Origin, Registry, registry};
pub use crate::serialize::{
    parts, serialize, serialize_any, serialize_into, serialize_to, serialize_with,
};
pub use crate::serializer::{Deserializable, Serializable, Serializer};
pub use crate::sink::Sink;
/// Gives a type an identifier and a serializer, and registers both.
///
/// Put it on
///
/// - a struct or an enum, which a codec then writes and reads ([`Encode`] and [`Decode`]); the default codec takes serde's derives;
/// - an alias of one concrete type of a generic type of your crate: `type Floats = Pair<f64>;`
/// - an `impl Serializer for …` block, for a type of another crate or a format of your own.
///
/// | option | |
/// |---|---|
/// | `id = b"…"` | the [`Identifier`]; required, except for a view or a Python class |
/// | `view = path` | in place of `id`: the type reads frames of that record, and may borrow from them |
/// | `python = "module.Class"` | in place of `id`: the values are instances of that [Python class](crate::guide::python_classes) (feature `pickle`) |
/// | `positional` | beside `python`: instances that Python pickles without the names of the fields are read in the order of the fields |
/// | `codec = path` | a type that implements [`Encode`] and [`Decode`] for the annotated type; `Bincode` if absent |
/// | `dyn = Trait` | a trait that the type implements, for [`deserialize_dyn`]; may be given more than once |
/// | `dyn` | alone, on a trait: its trait objects can be fields of records |
/// | `name = "…"` | the name in errors and listings; if absent, the path of the type |
/// | `align = N` | the payload's alignment in bytes, a power of two up to 64; `impl` blocks only |
/// | `crate = path` | the path of this library, if it is not `::ps_serialize` |
///
/// Marks on fields make frames of them, for arrays, tables and other large values inside of a struct or an enum:
///
/// | mark | the field's type |
/// |---|---|
/// | `#[serializer(frame)]` | a type with a serializer |
/// | `#[serializer(frames)]` | `Option<T>`, `Vec<T>` or a map from `String` to `T`, where `T` has a serializer |
///
/// `#[serializer(dyn)]` on a trait gives `Box<dyn Trait>` a serializer for marked fields. The trait needs the supertrait
/// [`Any`](std::any::Any).
///
/// The guide's page on [records](crate::guide::records) has more on marks and views.
///
/// Two claims on one identifier do not build: see the guide's page on [identifiers](crate::guide::identifiers). A crate of procedural
/// macros can't have annotated types, because it may export nothing but macros.
///
/// ```standalone_crate
/// use ps_serialize::{deserialize, registry, serialize, serializer};
///
/// #[serializer(id = b"S1", name = "unit of work")]
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Job { id: u32 }
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Pair<T>(T, T);
///
/// #[serializer(id = b"S2")]
/// type PairOfBytes = Pair<u8>;
///
/// assert_eq!(serialize(&Job { id: 7 })?[..], *b"S1\n\x07\0\0\0");
/// assert_eq!(serialize(&Pair(1_u8, 2))?[..], *b"S2\n\x01\x02");
/// assert_eq!(registry().find("S1")?.name(), "unit of work");
///
/// #[serializer(id = b"S3")]
/// struct Photo {
///     title: String,
///     #[serializer(frame)]
///     pixels: Vec<u8>,
/// }
///
/// #[serializer(view = Photo)]
/// struct PhotoView<'a> {
///     title: &'a str,
///     #[serializer(frame)]
///     pixels: &'a [u8],
/// }
///
/// let frame = serialize(&Photo { title: "sea".to_owned(), pixels: vec![0; 100] })?;
/// let view: PhotoView = deserialize(&frame)?;
/// assert_eq!((view.title, view.pixels.len()), ("sea", 100));
/// # Ok::<_, ps_serialize::Error>(())
/// ```
pub use ps_serialize_derive::serializer;
