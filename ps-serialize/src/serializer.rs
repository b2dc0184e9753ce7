use crate::error::Result;
use crate::identifier::Identifier;
use crate::sink::Sink;

/// Writes and reads the payload of one kind of value.
///
/// [`#[serializer]`](macro@crate::serializer) implements it for a type that it annotates. Write the
/// block yourself, and annotate it, for a type of another crate or a format of your own; the
/// attribute adds the three constants. Without the attribute nothing registers the block or guards
/// its identifier.
///
/// ```
/// use ps_serialize::{Error, Result, Serializer, Sink, deserialize_with, serialize_with, serializer};
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
///         out.write(&value.octets());
///         Ok(())
///     }
///
///     fn deserialize(payload: &[u8]) -> Result<Ipv4Addr> {
///         let octets: [u8; 4] = payload.try_into().map_err(Error::custom)?;
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
    /// What is written and read.
    type Value;

    /// What its frames begin with; no other serializer of the program has the same.
    const IDENTIFIER: Identifier;

    /// What errors and listings call it.
    const NAME: &'static str;

    /// The alignment of the payload in bytes: a power of two up to 64. Above 1, the identifier
    /// line is padded so that the payload begins 64 bytes into the frame.
    const ALIGNMENT: usize = 1;

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
    /// If the value can't be written; [`Error::custom`](crate::Error::custom) makes one of any error.
    fn serialize<'a>(value: &'a Self::Value, out: &mut dyn Sink<'a>) -> Result<()>;

    /// Reads the whole payload.
    ///
    /// The bytes may come from anyone: check every length against the bytes that are there before
    /// allocating for it, and refuse bytes that are left over.
    ///
    /// ```
    /// # use ps_serialize::Serializer;
    /// assert_eq!(String::deserialize(b"hello")?, "hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the payload is not what [`serialize`](Self::serialize) writes.
    fn deserialize(payload: &[u8]) -> Result<Self::Value>;
}

/// A type that has one serializer, so that [`serialize`](crate::serialize) needs no other word.
///
/// [`#[serializer]`](macro@crate::serializer) implements it.
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
    note = "for a type of another crate, annotate an `impl Serializer for …` block whose `Value` it is and call `serialize_with` or `deserialize_with`, or turn on the feature of `ps-serialize` named after that crate, if there is one"
)]
pub trait Serializable {
    /// Whose identifier its frames have. Its `Value` is this type where this type can be read
    /// back, and the owned form where it is a borrowed one (`String` for `str`).
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
    /// Those of [`Serializer::serialize`].
    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()>;
}

impl<T: Serializable + ?Sized> Serializable for &T {
    type Serializer = T::Serializer;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        (**self).serialize_payload(out)
    }
}
