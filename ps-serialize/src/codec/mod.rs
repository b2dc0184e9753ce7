//! Codecs turn records into bytes, for types that have no format of their own.

#[cfg(feature = "bincode")]
mod bincode;
#[cfg(feature = "bincode")]
mod layout;
#[cfg(feature = "messagepack")]
mod messagepack;
#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
pub(crate) mod nesting;
#[cfg(any(feature = "bincode", feature = "messagepack"))]
mod refused;
#[cfg(any(feature = "bincode", feature = "messagepack"))]
mod shape;
#[cfg(feature = "wincode")]
mod wincode;

#[cfg(feature = "bincode")]
pub use self::bincode::Bincode;
#[cfg(feature = "messagepack")]
pub use self::messagepack::MessagePack;
#[cfg(feature = "wincode")]
pub use self::wincode::Wincode;

#[cfg(feature = "lock")]
pub(crate) use self::layout::variants_of;

use crate::error::Result;
#[cfg(feature = "lock")]
use crate::lock::{BySerde, Looked};
use crate::payload::Payload;
use crate::sink::Sink;

/// Writes values of type `T` by a codec. An annotated type names its codec with `codec = …`.
///
/// ```standalone_crate
/// use ps_serialize::{Decode, Encode, Error, Payload, Result, Sink, serialize, serializer};
/// use std::fmt::Display;
/// use std::str::FromStr;
///
/// /// Writes any type with a text form as that text.
/// struct Text;
///
/// impl<T: Display> Encode<T> for Text {
///     fn encode<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
///         out.put(value.to_string().as_bytes());
///         Ok(())
///     }
/// }
///
/// impl<'a, T: FromStr> Decode<'a, T> for Text {
///     fn decode(payload: Payload<'a, '_>) -> Result<T> {
///         let text = std::str::from_utf8(&payload).map_err(Error::custom)?;
///         text.parse().map_err(|_| Error::custom("not the text of a value"))
///     }
/// }
///
/// #[serializer(id = b"C1", codec = Text)]
/// struct Celsius(f64);
/// # impl Display for Celsius {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
/// # }
/// # impl FromStr for Celsius {
/// #     type Err = std::num::ParseFloatError;
/// #     fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
/// # }
///
/// assert_eq!(serialize(&Celsius(36.6))?[..], *b"C1\n36.6");
/// # Ok::<_, Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't write `{T}`",
    label = "not a codec for this type",
    note = "the default codec takes types with serde's traits: add `#[derive(serde::Serialize, serde::Deserialize)]`",
    note = "`Wincode` takes types that derive `wincode::SchemaWrite` and `wincode::SchemaRead`",
    note = "without the feature `bincode` of ps-serialize there is no default codec: name one with `codec = …`"
)]
pub trait Encode<T: ?Sized> {
    /// Hands the encoded value to `out`.
    ///
    /// ```
    /// # #[cfg(feature = "bincode")] {
    /// # use ps_serialize::{Bincode, Encode};
    /// let mut payload = Vec::new();
    /// Bincode::encode(&7_u16, &mut payload)?;
    /// assert_eq!(payload, [7, 0]);
    /// # }
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the value can't be encoded.
    fn encode<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()>;

    /// Looks at the type, for the lock. The name is that of the codec.
    #[cfg(feature = "lock")]
    #[doc(hidden)]
    #[must_use]
    fn look(name: &str, _by_serde: Option<BySerde<T>>) -> Looked
    where
        T: Sized,
    {
        Looked::named::<T>(name)
    }
}

/// The trait that an annotated type needs of its codec, so that a codec that does not fit gives one error.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't write and read `{T}`",
    label = "not a codec for this type",
    note = "the default codec takes types with serde's traits: add `#[derive(serde::Serialize, serde::Deserialize)]`, with owned fields only",
    note = "a field that is an array, a table, tensors or another record needs a mark: `#[serializer(frame)]`",
    note = "`Wincode` takes types that derive `wincode::SchemaWrite` and `wincode::SchemaRead`",
    note = "a codec of your own implements `Encode` and, for every lifetime, `Decode`",
    note = "without the feature `bincode` of ps-serialize there is no default codec: name one with `codec = …`"
)]
pub trait Codec<T> {
    #[doc(hidden)]
    fn write<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()>;
    #[doc(hidden)]
    fn read(payload: Payload<'_, '_>) -> Result<T>;
    /// The first parameter says what type it is where only its use tells.
    #[cfg(feature = "lock")]
    #[doc(hidden)]
    fn look(value: &mut Option<T>, name: &str, by_serde: Option<BySerde<T>>) -> Looked;
}

#[diagnostic::do_not_recommend]
impl<T, C: Encode<T> + for<'a> Decode<'a, T>> Codec<T> for C {
    #[inline]
    fn write<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
        C::encode(value, out)
    }

    #[inline]
    fn read(payload: Payload<'_, '_>) -> Result<T> {
        C::decode(payload.reborrow())
    }

    #[cfg(feature = "lock")]
    fn look(_: &mut Option<T>, name: &str, by_serde: Option<BySerde<T>>) -> Looked {
        <C as Encode<T>>::look(name, by_serde)
    }
}

/// Reads values of type `T` by a codec. The values may borrow from the frame for `'a`. The codec of an annotated type implements
/// this trait for every `'a`. [`Encode`] has an example.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't read `{T}`",
    label = "not a codec for this type",
    note = "the default codec takes types with serde's traits: add `#[derive(serde::Serialize, serde::Deserialize)]`, with owned fields only",
    note = "`Wincode` takes types that derive `wincode::SchemaWrite` and `wincode::SchemaRead`",
    note = "without the feature `bincode` of ps-serialize there is no default codec: name one with `codec = …`"
)]
pub trait Decode<'a, T> {
    /// Decodes the whole payload, which may come from anyone.
    ///
    /// ```standalone_crate
    /// # #[cfg(feature = "bincode")] {
    /// use ps_serialize::{Bincode, Decode, Deserializable, Payload, Result, deserialize, serializer};
    ///
    /// #[serializer(id = b"C2")]
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Named { id: u8, name: String }
    ///
    /// /// The same fields, borrowed.
    /// #[derive(serde::Deserialize)]
    /// struct NamedView<'a> { id: u8, name: &'a str }
    ///
    /// impl<'a> Deserializable<'a> for NamedView<'a> {
    ///     type Serializer = Named;
    ///     fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
    ///         Bincode::decode(payload)
    ///     }
    /// }
    ///
    /// let frame = b"C2\n\x01\x02\0\0\0\0\0\0\0Io";
    /// let NamedView { id, name } = deserialize(frame)?;
    /// assert_eq!((id, name), (1, "Io"));
    /// # }
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the payload is not what [`Encode::encode`] writes.
    fn decode(payload: Payload<'a, '_>) -> Result<T>;

    /// Whether fields are found by their names, so that a view may leave some of them out.
    #[doc(hidden)]
    const BY_NAME: bool = false;
}

/// The advice for types that this layout can't hold.
#[cfg(feature = "bincode")]
const OTHERWISE: &str = "write `codec = MessagePack` (feature `messagepack`) or use `Pickle<T>`";
