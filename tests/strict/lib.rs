//! A crate that makes it hard for generated code: no prelude, every lint, names of the standard
//! library taken, and the library known under another name.

#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]

/// What a crate does that wants its users to need no dependency on the library.
pub use ::frames;

use ::frames::serializer;
use ::serde::{Deserialize, Serialize};
use ::std::prelude::v1::derive;

/// A type that shadows one of the prelude's, and so does the next.
#[serializer(id = b"s1", crate = ::frames)]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
pub enum Option {
    /// Nothing.
    None,
    /// Something.
    Some(u8),
}

/// And another.
#[serializer(id = b"s2", crate = ::frames)]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
pub struct Result {
    /// A field.
    pub value: u8,
}

/// An identifier that is no word.
#[serializer(id = b"\x00 _\"\\\xff", name = "not a word", crate = ::frames)]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
pub struct Unprintable;

/// A type that nobody should use any more, in its own crate's macros least of all.
#[deprecated]
#[serializer(id = b"sD", crate = ::frames)]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
pub struct Old(pub u8);

mod private {
    #[::frames::serializer(id = b"s4", crate = ::frames)]
    #[derive(::serde::Serialize, ::serde::Deserialize, Debug, PartialEq)]
    pub(crate) struct Private(pub(crate) i8);

    use ::std::prelude::v1::{Debug, PartialEq, derive};
}

/// The frame of a type that nobody can name, and of one in a private module.
///
/// # Panics
///
/// If they can't be written.
#[must_use]
pub fn frames_of_hidden_types() -> [::bytes::Bytes; 2] {
    #[serializer(id = b"s5", crate = ::frames)]
    #[derive(Serialize, Deserialize)]
    struct Local(i8);

    let frames = (::frames::serialize(&Local(5)), ::frames::serialize(&private::Private(4)));
    let (::core::result::Result::Ok(local), ::core::result::Result::Ok(private)) = frames else {
        ::std::panic!("two records of one byte")
    };
    [local, private]
}

/// A type of another crate.
#[derive(Debug)]
pub struct Address;

#[serializer(id = b"s6", align = 16, crate = ::frames)]
impl ::frames::Serializer for Address {
    type Value = ::std::net::Ipv4Addr;

    fn serialize<'a>(
        value: &'a ::std::net::Ipv4Addr,
        out: &mut dyn ::frames::Sink<'a>,
    ) -> ::frames::Result<()> {
        out.put(&value.octets());
        ::core::result::Result::Ok(())
    }

    fn deserialize(payload: ::frames::Payload<'_, '_>) -> ::frames::Result<::std::net::Ipv4Addr> {
        match *payload {
            [a, b, c, d] => ::core::result::Result::Ok(::std::net::Ipv4Addr::new(a, b, c, d)),
            _ => ::core::result::Result::Err(::frames::Error::custom("not four bytes")),
        }
    }
}

/// A generic type, registered for two of its concrete types.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
pub struct Pair<T>(pub T, pub T);

/// Two numbers.
#[serializer(id = b"s7", crate = ::frames)]
pub type Numbers = Pair<f64>;

/// Two truth values.
#[serializer(id = b"s8", crate = ::frames)]
pub type Flags = Pair<bool>;

/// Declares types with frames inside where it is called. The library is where this crate has it.
#[macro_export]
macro_rules! declare_records {
    () => {
        #[$crate::frames::serializer(id = b"declared", crate = $crate::frames)]
        #[derive(Debug, PartialEq)]
        struct Declared {
            id: u8,
            #[serde(default)]
            label: String,
            #[serializer(frame)]
            text: String,
        }

        #[$crate::frames::serializer(view = Declared, crate = $crate::frames)]
        #[derive(Debug, PartialEq)]
        struct DeclaredView<'f> {
            id: u8,
            label: &'f str,
            #[serializer(frame)]
            text: &'f str,
        }

        #[$crate::frames::serializer(id = b"declared enum", crate = $crate::frames)]
        #[derive(Debug, PartialEq)]
        enum DeclaredEnum {
            Unit,
            Texts(u8, #[serializer(frames)] Vec<String>),
        }
    };
}

/// Types with frames inside, where nothing is in scope but the macros that the types themselves name.
pub mod records {
    /// A struct.
    #[::frames::serializer(id = b"sF", crate = ::frames)]
    #[::std::prelude::v1::derive(::std::prelude::v1::Debug, ::std::prelude::v1::PartialEq)]
    pub struct Field {
        /// A field of the codec's.
        pub id: u8,
        /// The field is one frame.
        #[serializer(frame)]
        pub text: ::std::string::String,
        /// Several.
        #[serializer(frames)]
        pub list: ::std::vec::Vec<Field>,
        /// Several with keys.
        #[serializer(frames)]
        pub map: ::std::collections::BTreeMap<::std::string::String, ::std::string::String>,
        /// Another field of the codec's.
        #[serde(skip)]
        pub skipped: u8,
    }

    /// An enum.
    #[::frames::serializer(id = b"sG", crate = ::frames)]
    #[::std::prelude::v1::derive(::std::prelude::v1::Debug, ::std::prelude::v1::PartialEq)]
    pub enum Event {
        /// Nothing.
        None,
        /// A frame and a field.
        Some(#[serializer(frame)] ::std::string::String, u8),
        /// Several frames.
        Many {
            /// The frames.
            #[serializer(frames)]
            events: ::std::vec::Vec<Event>,
        },
    }

    /// A type that nobody should use any more.
    #[deprecated]
    #[::frames::serializer(id = b"sH", crate = ::frames)]
    pub struct Old {
        /// A frame.
        #[serializer(frame)]
        pub text: ::std::string::String,
    }
}

/// Objects of a trait, where nothing is in scope.
pub mod objects {
    /// A trait that nobody should use any more.
    #[deprecated]
    #[::frames::serializer(dyn, crate = ::frames)]
    pub trait Box: ::std::any::Any + ::std::marker::Send + ::std::marker::Sync {
        /// What is inside.
        fn inside(&self) -> u8;
    }

    /// A type of the trait.
    #[::frames::serializer(id = b"sI", dyn = self::Box, crate = ::frames)]
    #[::std::prelude::v1::derive(::serde::Serialize, ::serde::Deserialize)]
    pub struct Any(pub u8);

    #[allow(deprecated)]
    impl Box for Any {
        fn inside(&self) -> u8 {
            self.0
        }
    }

    /// A record that holds an object.
    #[allow(deprecated)]
    #[::frames::serializer(id = b"sJ", crate = ::frames)]
    pub struct Holder {
        /// The object.
        #[serializer(frame)]
        pub object: ::std::boxed::Box<dyn Box>,
    }
}

/// Python classes, where nothing is in scope.
#[cfg(feature = "pickle")]
pub mod classes {
    /// A class with the names of the standard library.
    #[::frames::serializer(python = "strict.Vec", crate = ::frames)]
    #[::std::prelude::v1::derive(::serde::Serialize, ::serde::Deserialize)]
    pub struct Vec {
        /// A field.
        pub value: u8,
    }

    /// An enum.
    #[::frames::serializer(python = "strict.Option", crate = ::frames)]
    #[::std::prelude::v1::derive(::serde::Serialize, ::serde::Deserialize)]
    pub enum Option {
        /// Nothing.
        None = 1,
        /// Something.
        Some,
    }

    /// A class that nobody should use any more.
    #[deprecated]
    #[::frames::serializer(python = "strict.Old", crate = ::frames)]
    pub struct Old {
        /// A frame.
        #[serializer(frame)]
        pub text: ::std::string::String,
        /// Several frames.
        #[serializer(frames)]
        pub others: ::std::option::Option<::std::string::String>,
        /// A field.
        pub value: u8,
    }

    /// Of another crate.
    pub struct Other;

    #[::frames::serializer(python = "strict.Other", crate = ::frames)]
    impl ::frames::Serializer for Other {
        type Value = ::std::ops::Range<u8>;
    }
}

use ::std::prelude::v1::{Debug, PartialEq};
