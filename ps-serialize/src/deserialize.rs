use std::any::Any;

use bytes::Bytes;

use crate::compression;
#[allow(unused_imports)] // for the docs
use crate::error::ErrorKind;
use crate::error::Result;
use crate::frame::{Frame, Line};
use crate::identifier::Identifier;
use crate::limits::Budget;
use crate::options::{DEFAULT, Options};
use crate::payload::{Input, Payload};
use crate::registry::{Entry, registry};
use crate::serializer::{Deserializable, Serializer};

/// Reads a value of a known type. The type decides what becomes of the bytes:
///
/// | `T` | |
/// |---|---|
/// | `&str`, `&[u8]`, `ArrayView2<f64>`, … | borrows from the frame; a `CowArray` copies if the elements are misaligned |
/// | `Bytes`, `DataFrame`, `Tensors`, `Checkpoint`, `DynArray` | shares the memory of a frame that is given as `&Bytes`; copies a slice once |
/// | `String`, `Vec<u8>`, `Vec<f64>`, `Array2<f64>`, annotated types | copies |
///
/// A compressed frame is opened first. A value can't borrow from a compressed frame:
/// [`decompress`](crate::guide::performance#compression) the frame, and read the frame inside.
///
/// ```
/// use ps_serialize::deserialize;
///
/// let text: String = deserialize(b"US\nhello")?;
/// assert_eq!(text, "hello");
/// assert_eq!(deserialize::<&str>(b"US\nhello")?, "hello");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::WrongIdentifier`] if the frame holds another kind of value, [`ErrorKind::Deserialize`] if the payload can't be
/// read, [`ErrorKind::LimitExceeded`] if a limit is exceeded (without [`Options`], the value may take 256 times the size of the
/// frame and 64 MiB), and the errors of [`Frame::parse`].
#[inline]
pub fn deserialize<'a, T: Deserializable<'a>>(frame: impl Into<Input<'a>>) -> Result<T> {
    let frame = frame.into();
    typed(frame.within(&Budget::new(&DEFAULT, frame.bytes().len())))
}

/// Reads the value in a frame of any kind. The identifier says which serializer reads it. A compressed frame is opened first.
/// Bytes (as [`Bytes`]), tables and tensors share the memory of a frame that is given as `&Bytes`.
///
/// ```
/// for frame in [&b"US\nhello"[..], b"BS\nhello"] {
///     let value = ps_serialize::deserialize_any(frame)?;
///     if let Some(text) = value.downcast_ref::<String>() {
///         assert_eq!(text, "hello");
///     } else {
///         assert_eq!(*value.downcast::<bytes::Bytes>().unwrap(), b"hello"[..]);
///     }
/// }
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::UnknownIdentifier`] if no serializer is registered for the identifier,
/// [`ErrorKind::IdentifierCollision`] if several are registered, [`ErrorKind::Deserialize`] if the
/// payload can't be read, [`ErrorKind::LimitExceeded`] as for [`deserialize`], and the errors of
/// [`Frame::parse`].
pub fn deserialize_any<'a>(frame: impl Into<Input<'a>>) -> Result<Box<dyn Any + Send + Sync>> {
    let frame = frame.into();
    any(frame.within(&Budget::new(&DEFAULT, frame.bytes().len())))
}

/// Reads a frame as a trait object. The type in the frame must claim the trait in its annotation: `dyn = Trait`. The trait object
/// may also have `Send`, `Sync` or both.
///
/// ```standalone_crate
/// use std::any::Any;
/// use ps_serialize::{deserialize_dyn, serialize_any, serializer};
///
/// trait Shape: Any {
///     fn area(&self) -> f64;
/// }
///
/// #[serializer(id = b"D1", dyn = Shape)]
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Square(f64);
///
/// impl Shape for Square {
///     fn area(&self) -> f64 {
///         self.0 * self.0
///     }
/// }
///
/// let shape: Box<dyn Shape> = Box::new(Square(3.0));
/// let frame = serialize_any(&*shape)?;
/// assert_eq!(deserialize_dyn::<dyn Shape>(&frame)?.area(), 9.0);
/// assert_eq!(deserialize_dyn::<dyn Shape + Send>(&frame)?.area(), 9.0);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::NoTraitObject`] if the type in the frame does not claim the trait, and the errors of [`deserialize_any`].
pub fn deserialize_dyn<'a, T: ?Sized + Any>(frame: impl Into<Input<'a>>) -> Result<Box<T>> {
    let frame = frame.into();
    object(frame.within(&Budget::new(&DEFAULT, frame.bytes().len())))
}

/// Reads a value by the serializer `S`. [`Serializer`] shows how to write a serializer.
///
/// ```
/// let text = ps_serialize::deserialize_with::<String>(b"US\nhello")?;
/// assert_eq!(text, "hello");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// The errors of [`deserialize`].
#[inline]
pub fn deserialize_with<'a, S: Serializer>(frame: impl Into<Input<'a>>) -> Result<S::Value> {
    let frame = frame.into();
    with::<S>(frame.within(&Budget::new(&DEFAULT, frame.bytes().len())))
}

/// The reading verbs, with limits.
impl Options {
    /// Reads a value of a known type, as [`deserialize`](crate::deserialize()) does, within the limits.
    ///
    /// ```
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// assert_eq!(options.deserialize::<&str>(b"US\nhello")?, "hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`], [`ErrorKind::NotAllowed`], and the errors of that function.
    pub fn deserialize<'a, T: Deserializable<'a>>(&self, frame: impl Into<Input<'a>>) -> Result<T> {
        let frame = frame.into();
        self.check(frame.bytes())?;
        typed(frame.within(&Budget::new(self, frame.bytes().len())))
    }

    /// Reads the value in a frame of any kind, as [`deserialize_any`](crate::deserialize_any()) does, within the limits.
    ///
    /// ```
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// assert!(options.deserialize_any(b"US\nhello")?.is::<String>());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`], [`ErrorKind::NotAllowed`], and the errors of that function.
    pub fn deserialize_any<'a>(
        &self,
        frame: impl Into<Input<'a>>,
    ) -> Result<Box<dyn Any + Send + Sync>> {
        let frame = frame.into();
        self.check(frame.bytes())?;
        any(frame.within(&Budget::new(self, frame.bytes().len())))
    }

    /// Reads a frame as a trait object, as [`deserialize_dyn`](crate::deserialize_dyn()) does, within the limits.
    ///
    /// ```
    /// # trait Switch {}
    /// # #[ps_serialize::serializer(id = b"O2", dyn = Switch)]
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Flag(bool);
    /// # impl Switch for Flag {}
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// assert!(options.deserialize_dyn::<dyn Switch>(b"O2\n\x01").is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`], [`ErrorKind::NotAllowed`], and the errors of that function.
    pub fn deserialize_dyn<'a, T: ?Sized + Any>(
        &self,
        frame: impl Into<Input<'a>>,
    ) -> Result<Box<T>> {
        let frame = frame.into();
        self.check(frame.bytes())?;
        object(frame.within(&Budget::new(self, frame.bytes().len())))
    }

    /// Reads a value by the serializer `S`, as [`deserialize_with`](crate::deserialize_with()) does, within the limits.
    ///
    /// ```
    /// # #[ps_serialize::serializer(id = b"O1")]
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Flag(bool);
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// assert!(options.deserialize_with::<Flag>(b"O1\n\x01")?.0);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`], [`ErrorKind::NotAllowed`], and the errors of that function.
    pub fn deserialize_with<'a, S: Serializer>(
        &self,
        frame: impl Into<Input<'a>>,
    ) -> Result<S::Value> {
        let frame = frame.into();
        self.check(frame.bytes())?;
        with::<S>(frame.within(&Budget::new(self, frame.bytes().len())))
    }
}

#[inline]
pub(crate) fn typed<'a, T: Deserializable<'a>>(frame: Payload<'a, '_>) -> Result<T> {
    match plain(frame, Line::of::<T::Serializer>()) {
        Some(payload) => T::deserialize_payload(payload),
        None => match find_payload(frame, T::Serializer::IDENTIFIER, T::Serializer::NAME)? {
            Found::Here(payload) => T::deserialize_payload(payload),
            Found::Opened(payload) => {
                T::deserialize_payload(Payload::opened(&payload, frame.budget()))
            }
        },
    }
    .map_err(|error| error.in_reading(T::Serializer::IDENTIFIER, T::Serializer::NAME))
}

#[inline]
fn with<S: Serializer>(frame: Payload<'_, '_>) -> Result<S::Value> {
    /// The value of a serializer, whatever its type.
    struct By<S: Serializer>(S::Value);

    impl<'a, S: Serializer> Deserializable<'a> for By<S> {
        type Serializer = S;

        #[inline]
        fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
            S::deserialize(payload.reborrow()).map(Self)
        }
    }

    typed::<By<S>>(frame).map(|value| value.0)
}

pub(crate) fn any(frame: Payload<'_, '_>) -> Result<Box<dyn Any + Send + Sync>> {
    registered(frame, Entry::deserialize)
}

pub(crate) fn object<T: ?Sized + Any>(frame: Payload<'_, '_>) -> Result<Box<T>> {
    registered(frame, Entry::deserialize_dyn)
}

/// Hands the payload to the entry of its identifier. A compressed frame is opened first.
fn registered<V>(
    frame: Payload<'_, '_>,
    read: fn(&Entry, Payload<'_, '_>) -> Result<V>,
) -> Result<V> {
    let parsed = Frame::parse(&frame)?;
    if compression::is_compressed(parsed.identifier_bytes())
        && let Some(inner) = compression::open(parsed, frame.budget())?
    {
        frame.budget().options.check(&inner)?;
        let frame = Payload::opened(&inner, frame.budget());
        return by_identifier(frame, Frame::parse(&frame)?, read);
    }
    by_identifier(frame, parsed, read)
}

#[inline]
fn by_identifier<V>(
    frame: Payload<'_, '_>,
    parsed: Frame<'_>,
    read: fn(&Entry, Payload<'_, '_>) -> Result<V>,
) -> Result<V> {
    let entry = registry().find(parsed.identifier_bytes())?;
    read(entry, payload_of(frame, parsed).reborrow())
}

/// The payload of a frame that begins with the line that this library writes, as nearly every frame does.
#[inline]
fn plain<'a, 'p>(frame: Payload<'a, 'p>, line: &Line) -> Option<Payload<'a, 'p>> {
    let line = line.as_bytes();
    frame.starts_with(line).then(|| frame.part(line.len()..))
}

enum Found<'a: 'p, 'p> {
    Here(Payload<'a, 'p>),
    /// The payload of the frame inside of a compressed one.
    Opened(Bytes),
}

#[cold]
fn find_payload<'a, 'p>(
    frame: Payload<'a, 'p>,
    expected: Identifier,
    expected_name: &'static str,
) -> Result<Found<'a, 'p>> {
    let check = |frame: &Frame<'_>| {
        if frame.identifier_bytes() == expected.as_bytes() {
            return Ok(());
        }
        Err(registry().wrong_identifier(expected, expected_name, frame.identifier()))
    };
    let parsed = Frame::parse(&frame)?;
    if let Some(inner) = compression::open(parsed, frame.budget())? {
        // The type says what is inside of a payload, whatever the caller allows as a frame of its own.
        if !frame.budget().is_nested() {
            frame.budget().options.check(&inner)?;
        }
        let frame = Payload::opened(&inner, frame.budget());
        let parsed = Frame::parse(&frame)?;
        check(&parsed)?;
        return Ok(Found::Opened(payload_of(frame, parsed).share(..)));
    }
    check(&parsed)?;
    Ok(Found::Here(payload_of(frame, parsed)))
}

/// The payload of a frame as a part of it.
#[inline]
fn payload_of<'a, 'p>(frame: Payload<'a, 'p>, parsed: Frame<'_>) -> Payload<'a, 'p> {
    frame.part(frame.len() - parsed.payload().len()..)
}
