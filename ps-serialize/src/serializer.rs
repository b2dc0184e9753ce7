use std::sync::Arc;

#[cfg(feature = "pickle")]
use crate::builtin::pickle::classes::{ObjectReader, Objects};
use crate::class::Class;
use crate::error::Result;
use crate::identifier::Identifier;
use crate::payload::Payload;
use crate::sink::Sink;

/// Writes and reads the payload of one kind of value.
///
/// [`#[serializer]`](macro@crate::serializer) implements this trait for a type that it annotates. For a type of
/// another crate, or for a format of your own, write the `impl` block yourself and annotate the block; the
/// attribute adds the three constants. Without the attribute, the block is not registered, and nothing guards
/// its identifier.
///
/// ```standalone_crate
/// use ps_serialize::{Error, Payload, Result, Serializer, Sink, deserialize_with, serialize_with, serializer};
/// use std::net::Ipv4Addr;
///
/// /// An address as its four bytes.
/// struct Address;
///
/// #[serializer(id = b"V4")]
/// impl Serializer for Address {
///     type Value = Ipv4Addr;
///
///     fn serialize<'a>(value: &'a Ipv4Addr, out: &mut dyn Sink<'a>) -> Result<()> {
///         out.put(&value.octets());
///         Ok(())
///     }
///
///     fn deserialize(payload: Payload<'_, '_>) -> Result<Ipv4Addr> {
///         let octets: [u8; 4] = payload[..].try_into().map_err(Error::custom)?;
///         Ok(Ipv4Addr::from(octets))
///     }
/// }
///
/// let frame = serialize_with::<Address>(&Ipv4Addr::LOCALHOST)?;
/// assert_eq!(frame[..], *b"V4\n\x7f\x00\x00\x01");
/// assert_eq!(deserialize_with::<Address>(&frame)?, Ipv4Addr::LOCALHOST);
/// # Ok::<_, Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a serializer",
    label = "no `Serializer` is implemented for this",
    note = "annotate an `impl Serializer for {Self}` block with `#[serializer(id = b\"…\")]`"
)]
pub trait Serializer {
    /// The type of the values that the serializer writes and reads.
    type Value;

    /// The identifier of the frames. No other serializer of the program has the same one.
    const IDENTIFIER: Identifier;

    /// The name of the serializer in errors and listings.
    const NAME: &'static str;

    /// The alignment of the payload in bytes: a power of two up to 64. Above 1, the identifier
    /// line is padded so that the payload begins 64 bytes into the frame.
    const ALIGNMENT: usize = 1;

    /// The Python class that the values are instances of.
    #[doc(hidden)]
    const CLASS: Option<Class> = None;

    /// Hands the payload to `out`, piece by piece.
    ///
    /// ```
    /// # use ps_serialize::Serializer;
    /// let mut payload = Vec::new();
    /// String::serialize(&"hello".to_owned(), &mut payload)?;
    /// assert_eq!(payload, b"hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the value can't be written. [`Error::custom`](crate::Error::custom) makes an error from any other error or text.
    fn serialize<'a>(value: &'a Self::Value, out: &mut dyn Sink<'a>) -> Result<()>;

    /// Reads the whole payload. [`Payload`] is a slice of bytes that can also share its memory with the value.
    ///
    /// The bytes may come from anyone. Check every length against the bytes that are there before you allocate for it,
    /// [charge](Payload::charge) for values that take more memory than their bytes, and refuse bytes that are left over.
    ///
    /// ```
    /// assert_eq!(ps_serialize::deserialize_with::<String>(b"US\nhello")?, "hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the payload is not what [`serialize`](Self::serialize) writes.
    fn deserialize(payload: Payload<'_, '_>) -> Result<Self::Value>;
}

/// A type that has one serializer, so that [`serialize`](crate::serialize) need not name it.
///
/// [`#[serializer]`](macro@crate::serializer) implements this trait.
///
/// ```
/// use ps_serialize::{Serializable, Serializer};
///
/// fn identifier_of<T: Serializable>(_: &T) -> String {
///     T::Serializer::IDENTIFIER.to_string()
/// }
/// assert_eq!(identifier_of(&String::new()), "US");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no serializer",
    label = "no serializer is declared for this type",
    note = "for a type of your own, annotate it with `#[serializer(id = b\"…\")]`",
    note = "for a type of another crate, annotate an `impl Serializer for …` block whose `Value` it is and call `serialize_with` or `deserialize_with`, or turn on the feature of `ps-serialize` named after that crate, if there is one; arrays and `Vec`s of numbers have the feature `ndarray`"
)]
pub trait Serializable {
    /// The serializer of the type.
    type Serializer: Serializer;

    /// Hands the payload to `out`, piece by piece.
    ///
    /// ```
    /// # use ps_serialize::Serializable;
    /// let mut payload = Vec::new();
    /// "hello".serialize_payload(&mut payload)?;
    /// assert_eq!(payload, b"hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Serializer::serialize`].
    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()>;

    /// Writes the value as Python's own object, inside of an instance of a Python class.
    #[cfg(feature = "pickle")]
    #[doc(hidden)]
    fn put_object<'a>(&'a self, out: &mut Objects<'a>) -> Result<()> {
        out.payload(self)
    }
}

impl<T: Serializable + ?Sized> Serializable for &T {
    type Serializer = T::Serializer;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        (**self).serialize_payload(out)
    }

    #[cfg(feature = "pickle")]
    fn put_object<'a>(&'a self, out: &mut Objects<'a>) -> Result<()> {
        (**self).put_object(out)
    }
}

/// Boxes, which are written as the value inside of them.
macro_rules! boxes {
    ($($box:ident)*) => {$(
        impl<T: Serializable> Serializable for $box<T> {
            type Serializer = T::Serializer;

            #[inline]
            fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
                (**self).serialize_payload(out)
            }

            #[cfg(feature = "pickle")]
            fn put_object<'a>(&'a self, out: &mut Objects<'a>) -> Result<()> {
                (**self).put_object(out)
            }
        }

        impl<'a, T: Deserializable<'a>> Deserializable<'a> for $box<T> {
            type Serializer = T::Serializer;

            #[inline]
            fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
                T::deserialize_payload(payload).map(Self::new)
            }

            #[cfg(feature = "pickle")]
            fn take_object(object: ObjectReader<'a, '_>) -> Result<Self> {
                T::take_object(object).map(Self::new)
            }
        }
    )*};
}

boxes!(Box Arc);

/// A type that [`deserialize`](crate::deserialize()) returns. `'a` is the lifetime of the frame, which the value may
/// borrow from. A type that owns its data implements the trait for every `'a`.
///
/// [`#[serializer]`](macro@crate::serializer) implements this trait for the types that it annotates. Implement it yourself for
/// a type that borrows from the frames of another type:
///
/// ```standalone_crate
/// use bytes::Bytes;
/// use ps_serialize::{Deserializable, Payload, Result, deserialize, serialize, serializer};
///
/// #[serializer(id = b"IM")]
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Image([u8; 4]);
///
/// /// The bytes of an `Image`, and of the frame around them.
/// struct SharedImage(Bytes);
///
/// impl<'a> Deserializable<'a> for SharedImage {
///     type Serializer = Image;
///
///     fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
///         Ok(Self(payload.share(..)))
///     }
/// }
///
/// let image: SharedImage = deserialize(&serialize(&Image([1, 2, 3, 4]))?)?;
/// assert_eq!(image.0, [1, 2, 3, 4][..]);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from a frame",
    label = "no `Deserializable` is implemented for this type",
    note = "for a type of your own, annotate it with `#[serializer(id = b\"…\")]`",
    note = "for a type of another crate, annotate an `impl Serializer for …` block whose `Value` it is and call `deserialize_with`, or turn on the feature of `ps-serialize` named after that crate, if there is one; arrays and `Vec`s of numbers have the feature `ndarray`"
)]
pub trait Deserializable<'a>: Sized {
    /// The serializer whose frames are read.
    type Serializer: Serializer;

    /// Reads the whole payload, which may come from anyone.
    ///
    /// ```
    /// # use ps_serialize::{Deserializable, Payload, Result};
    /// /// Text in small letters.
    /// struct Small(String);
    ///
    /// impl<'a> Deserializable<'a> for Small {
    ///     type Serializer = String;
    ///     fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
    ///         Ok(Self(String::deserialize_payload(payload)?.to_lowercase()))
    ///     }
    /// }
    /// assert_eq!(ps_serialize::deserialize::<Small>(b"US\nHello")?.0, "hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the serializer would not write such a payload.
    fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self>;

    /// Reads the value from Python's own object, inside of an instance of a Python class.
    #[cfg(feature = "pickle")]
    #[doc(hidden)]
    fn take_object(object: ObjectReader<'a, '_>) -> Result<Self> {
        object.payload()
    }
}

/// Types that own what they read, by their serializers.
macro_rules! owned {
    ($($(#[$attribute:meta])* [$($generics:tt)*] $type:ty;)*) => {$(
        $(#[$attribute])*
        impl<'a, $($generics)*> $crate::serializer::Deserializable<'a> for $type {
            type Serializer = Self;

            #[inline]
            fn deserialize_payload(
                payload: $crate::payload::Payload<'a, '_>,
            ) -> $crate::error::Result<Self> {
                <Self as $crate::serializer::Serializer>::deserialize(payload)
            }
        }
    )*};
}
pub(crate) use owned;
