//! How a record becomes bytes: what a type uses that has no format of its own.

#[cfg(feature = "bincode")]
mod bincode;
#[cfg(feature = "bincode")]
mod layout;
#[cfg(any(feature = "bincode", feature = "pickle", feature = "wincode"))]
pub(crate) mod limits;
#[cfg(any(feature = "bincode", feature = "pickle"))]
pub(crate) mod nesting;
#[cfg(feature = "wincode")]
mod wincode;

#[cfg(feature = "bincode")]
pub use self::bincode::Bincode;
#[cfg(feature = "bincode")]
pub use self::layout::decode as decode_layout;
#[cfg(feature = "wincode")]
pub use self::wincode::Wincode;

use crate::error::Result;
use crate::sink::Sink;

/// A format for values of type `T`, which an annotated type names with `codec = …`.
///
/// ```
/// use ps_serialize::{Codec, Error, Result, Sink, serialize, serializer};
/// use std::fmt::Display;
/// use std::str::FromStr;
///
/// /// Any type with a text form, as that text.
/// struct Text;
///
/// impl<T: Display + FromStr> Codec<T> for Text {
///     fn encode<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
///         out.write(value.to_string().as_bytes());
///         Ok(())
///     }
///
///     fn decode(payload: &[u8]) -> Result<T> {
///         let text = std::str::from_utf8(payload).map_err(Error::custom)?;
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
    message = "`{Self}` can't write and read `{T}`",
    label = "not a codec for this type",
    note = "the default codec takes types with serde's traits: add `#[derive(serde::Serialize, serde::Deserialize)]`, with owned fields only",
    note = "`Wincode` takes types that derive `wincode::SchemaWrite` and `wincode::SchemaRead`",
    note = "without the feature `bincode` of ps-serialize there is no default codec: name one with `codec = …`"
)]
pub trait Codec<T> {
    /// Hands the encoded value to `out`.
    ///
    /// ```
    /// # #[cfg(feature = "bincode")] {
    /// # use ps_serialize::{Bincode, Codec};
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

    /// Decodes the whole payload, which may come from anyone.
    ///
    /// ```
    /// # #[cfg(feature = "bincode")] {
    /// # use ps_serialize::{Bincode, Codec};
    /// let value: u16 = Bincode::decode(&[7, 0])?;
    /// assert_eq!(value, 7);
    /// # }
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the payload is not what [`encode`](Self::encode) writes.
    fn decode(payload: &[u8]) -> Result<T>;
}

/// The way out for types that this layout can't hold.
#[cfg(feature = "bincode")]
const OTHERWISE: &str = "use a codec with names or `Pickle<T>`";

/// The end of a payload.
#[cfg(any(feature = "bincode", feature = "wincode"))]
#[inline]
fn nothing_left(bytes: usize) -> Result<()> {
    if bytes == 0 { Ok(()) } else { Err(left_over(bytes)) }
}

#[cfg(any(feature = "bincode", feature = "wincode"))]
#[cold]
fn left_over(bytes: usize) -> crate::error::Error {
    crate::error::Error::custom(format!(
        "{bytes} bytes are left over after the value: expected the end of the payload"
    ))
}
