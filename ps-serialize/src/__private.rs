//! What the expansion of `#[serializer]` names. Not for other uses.

// Where linkme does not work, there is nothing in it to name.
#[allow(unused_imports, unreachable_pub)]
pub use crate::collect::*;

#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
pub use serde;
#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
pub use serde_derive;

pub use std::boxed::Box;
pub use std::option::Option;
pub use std::string::String;

#[cfg(feature = "pickle")]
pub use crate::builtin::pickle::classes::{
    Member, Members, Object, ObjectReader, Objects, Plain, Slot, member, read_object, write_object,
};
pub use crate::class::Class;
pub use crate::codec::Codec;
#[cfg(feature = "inspect")]
pub use crate::inspect::shown::{Show, Shown, Unshown};
#[cfg(feature = "lock")]
pub use crate::lock::{BySerde, Collection, Frame, Locked, Looked, Part, Traced, Untraced};
pub use crate::record::{
    Field, FrameOf, FrameValue, Frames, Itself, Mark, OfRecord, OwnedFrames, RecordReader,
    RecordWriter, Shape, TypeOf, Variant, check_fields, check_mark, check_variant, frames_between,
    has, variant,
};
#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
pub use crate::record::{With, Written};
pub use crate::registry::{Entry, Origin, Writable};
pub use crate::trait_object::{MakeObject, TraitObject, own_type};
pub use crate::{
    __collect as collect, __entry as entry, __guard as guard, __guarded as guarded,
    __locked as locked, __python as python, __register as register, __shown as shown,
};

/// A registry of one serializer under each of these identifiers: for benchmarks, since as many annotations
/// would take minutes to build. It leaks its entries.
#[must_use]
pub fn registry_of<S>(identifiers: impl Iterator<Item = crate::Identifier>) -> crate::Registry
where
    S: crate::Serializer<Value: std::any::Any + Send + Sync>,
{
    crate::Registry::of::<S>(identifiers)
}

#[cfg(feature = "bincode")]
pub use crate::codec::Bincode as DefaultCodec;

/// In the place of the default codec: without the feature `bincode` there is none.
#[cfg(not(feature = "bincode"))]
pub struct DefaultCodec;

/// Registers a serializer whose impls stand beside it: an entry, and the guard of its identifier. The symbol is that of the
/// claim, and the place and the package tell one annotation from another.
#[doc(hidden)]
#[macro_export]
macro_rules! __register {
    (
        $serializer:ty, $symbol:literal, $place:literal, $package:literal
        $(, objects: $objects:expr)?
    ) => {
        $crate::__private::guarded!($symbol, $place);
        $crate::__private::collect!(
            $crate::__private::shown!(
                $serializer,
                $crate::__private::entry!($serializer, also: [] $(, objects: $objects)?, locked: locked)
            ),
            $symbol,
            $place,
            $package
        );
    };
}

/// The entry of a serializer whose impls stand beside it.
#[doc(hidden)]
#[macro_export]
macro_rules! __entry {
    (
        $serializer:ty,
        also: [$($also:ty),*]
        $(, reading: ($type_name:expr, $read:expr))?
        $(, objects: $objects:expr)?
        $(, locked: $locked:ident)?
    ) => {
        $crate::__private::Entry::new::<$serializer>(
            const {
                &[
                    $crate::__private::Writable::value_of::<$serializer>(),
                    $($crate::__private::Writable::also::<$also>(),)*
                ]
            },
            $crate::__private::Origin::new(
                (::core::file!(), ::core::line!(), ::core::column!()),
                ::core::module_path!(),
                (::core::option_env!("CARGO_PKG_NAME"), ::core::option_env!("CARGO_PKG_VERSION")),
                ::core::cfg!(test),
            ),
        )$(.reading($type_name, $read))?$(.objects($objects))?$(.$locked::<$serializer>())?
    };
}

#[cfg(not(ps_serialize_unguarded))]
#[doc(hidden)]
#[macro_export]
macro_rules! __guarded {
    ($symbol:literal, $place:literal) => {
        // A crate under test can be linked beside itself, as its dependents see it. The block keeps
        // the module's name from the annotated type, which may have the same.
        #[cfg(not(test))]
        const _: () = {
            mod guard {
                $crate::__private::guard!($symbol, $place);
            }
        };
    };
}

/// For a program that two versions of one crate have got into.
#[cfg(ps_serialize_unguarded)]
#[doc(hidden)]
#[macro_export]
macro_rules! __guarded {
    ($symbol:literal, $place:literal) => {};
}

/// The impl that looks at a type, for the lock.
#[cfg(feature = "lock")]
#[doc(hidden)]
#[macro_export]
macro_rules! __locked {
    ($($impls:tt)*) => { $($impls)* };
}

/// Without the lock there is none.
#[cfg(not(feature = "lock"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __locked {
    ($($impls:tt)*) => {};
}

/// An entry with the `Debug` of its values, if they have it, for the inspector.
#[cfg(feature = "inspect")]
#[doc(hidden)]
#[macro_export]
macro_rules! __shown {
    ($serializer:ty, $entry:expr) => {
        $entry.shown({
            // For a type that has `Debug`, the trait is not used.
            #[allow(unused_imports)]
            use $crate::__private::Unshown as _;
            $crate::__private::Shown::<<$serializer as $crate::Serializer>::Value>::__PS_SERIALIZE_DEBUG
        })
    };
}

/// Without the inspector there is none.
#[cfg(not(feature = "inspect"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __shown {
    ($serializer:ty, $entry:expr) => {
        $entry
    };
}

/// The impls of a type that is annotated with a Python class.
#[cfg(feature = "pickle")]
#[doc(hidden)]
#[macro_export]
macro_rules! __python {
    ($($impls:tt)*) => { $($impls)* };
}

/// Without pickles there are none.
#[cfg(not(feature = "pickle"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __python {
    ($($impls:tt)*) => {
        ::core::compile_error!(
            "`python = \"…\"` needs the feature `pickle` of ps-serialize: add it in Cargo.toml"
        );
    };
}
