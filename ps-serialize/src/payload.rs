use std::any::Any;
use std::fmt;
use std::ops::{Deref, RangeBounds};

use bytes::Bytes;

use crate::deserialize;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::memory;
use crate::options::DEFAULT;
use crate::serializer::Deserializable;

/// What a reading verb takes: bytes, and their owner where it is known. `&[u8]`, `&[u8; N]`, `&Vec<u8>` and
/// `&Bytes` become one. Only `&Bytes` has an owner whose memory a value can share.
///
/// ```
/// use bytes::Bytes;
/// use ps_serialize::{deserialize, serialize};
///
/// let frame: Bytes = serialize(&[7_u8; 100])?;
/// let shared: Bytes = deserialize(&frame)?;
/// assert!(std::ptr::eq(&shared[..], &frame[3..]));
/// let copied: Bytes = deserialize(&frame[..])?;
/// assert!(!std::ptr::eq(&copied[..], &frame[3..]));
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Input<'a> {
    bytes: &'a [u8],
    owner: Option<&'a Bytes>,
}

impl<'a> Input<'a> {
    #[inline]
    pub(crate) fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The whole frame, to be read within a budget.
    #[inline]
    pub(crate) fn within<'p>(self, budget: &'p Budget<'p>) -> Payload<'a, 'p>
    where
        'a: 'p,
    {
        Payload { place: Place::Frame(self.bytes), owner: self.owner, budget }
    }
}

impl<'a> From<&'a [u8]> for Input<'a> {
    #[inline]
    fn from(bytes: &'a [u8]) -> Self {
        Self { bytes, owner: None }
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Input<'a> {
    #[inline]
    fn from(bytes: &'a [u8; N]) -> Self {
        Self { bytes, owner: None }
    }
}

impl<'a> From<&'a Vec<u8>> for Input<'a> {
    #[inline]
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self { bytes, owner: None }
    }
}

impl<'a> From<&'a Bytes> for Input<'a> {
    #[inline]
    fn from(bytes: &'a Bytes) -> Self {
        Self { bytes, owner: Some(bytes) }
    }
}

/// The size, and whether there is an owner.
impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = if self.owner.is_some() { " of `Bytes`" } else { "" };
        write!(f, "Input of {} bytes{shared}", self.bytes.len())
    }
}

/// The payload of a frame that is being read, as a serializer gets it. It is a slice of bytes (by `Deref`) that knows
/// three things more: how long the frame lives (`'a`), who owns the memory, and what the call may still take.
///
/// ```
/// use ps_serialize::{Error, Payload, Result, Serializer, Sink, deserialize_with, serializer};
///
/// /// Eight numbers in as many bytes.
/// struct Octet;
///
/// #[serializer(id = b"P1")]
/// impl Serializer for Octet {
///     type Value = Vec<u64>;
///     fn serialize<'a>(value: &'a Vec<u64>, out: &mut dyn Sink<'a>) -> Result<()> {
///         value.iter().for_each(|number| out.put(&[*number as u8]));
///         Ok(())
///     }
///     fn deserialize(payload: Payload<'_, '_>) -> Result<Vec<u64>> {
///         // What is made takes eight times as much as what is read.
///         payload.charge(8 * payload.len())?;
///         Ok(payload.iter().map(|byte| u64::from(*byte)).collect())
///     }
/// }
///
/// assert_eq!(deserialize_with::<Octet>(b"P1\n\x01\x02")?, [1, 2]);
/// # Ok::<_, Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Payload<'a: 'p, 'p> {
    place: Place<'a, 'p>,
    /// It has all of `place`'s bytes.
    owner: Option<&'p Bytes>,
    budget: &'p Budget<'p>,
}

#[derive(Clone, Copy)]
enum Place<'a: 'p, 'p> {
    /// In the caller's frame.
    Frame(&'a [u8]),
    /// In a frame that was compressed. It does not outlive the call.
    Opened(&'p [u8]),
}

impl<'a> Payload<'a, '_> {
    /// Hands bytes that are a payload, without a frame around them, to a function, within the limits of a frame of that
    /// size: for a codec or a serializer by itself.
    ///
    /// ```
    /// # #[cfg(feature = "bincode")] {
    /// use ps_serialize::{Bincode, Decode, Payload};
    ///
    /// let pair: (u8, bool) = Payload::read(b"\x07\x01", |payload| Bincode::decode(payload))?;
    /// assert_eq!(pair, (7, true));
    /// # }
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    pub fn read<R>(
        bytes: impl Into<Input<'a>>,
        read: impl for<'p> FnOnce(Payload<'a, 'p>) -> R,
    ) -> R {
        let bytes = bytes.into();
        read(bytes.within(&Budget::new(&DEFAULT, bytes.bytes().len())))
    }
}

impl<'a, 'p> Payload<'a, 'p> {
    /// The bytes, for a value that borrows them from the frame.
    ///
    /// ```
    /// use ps_serialize::{Deserializable, Payload, Result, deserialize, serialize, serializer};
    ///
    /// #[serializer(id = b"P2")]
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Pixel([u8; 3]);
    ///
    /// /// The bytes of a `Pixel`, where they are.
    /// struct PixelView<'a>(&'a [u8]);
    ///
    /// impl<'a> Deserializable<'a> for PixelView<'a> {
    ///     type Serializer = Pixel;
    ///     fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
    ///         Ok(Self(payload.bytes()?))
    ///     }
    /// }
    ///
    /// let frame = serialize(&Pixel([1, 2, 3]))?;
    /// assert_eq!(deserialize::<PixelView>(&frame)?.0, [1, 2, 3]);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the frame was compressed: what it was decompressed to does not outlive the call.
    #[inline]
    pub fn bytes(self) -> Result<&'a [u8]> {
        match self.place {
            Place::Frame(bytes) => Ok(bytes),
            Place::Opened(_) => Err(cannot_borrow()),
        }
    }

    #[inline]
    fn as_slice(self) -> &'p [u8] {
        match self.place {
            Place::Frame(bytes) | Place::Opened(bytes) => bytes,
        }
    }

    /// Some of the bytes as a value that owns them. Nothing is copied if the frame came as [`Bytes`] or was compressed;
    /// otherwise it is one copy, which begins at a multiple of 64 bytes in memory.
    ///
    /// ```
    /// # use ps_serialize::{Payload, Result, Serializer, Sink, deserialize_with, serializer};
    /// # use bytes::Bytes;
    /// # struct Tail;
    /// # #[serializer(id = b"P3")]
    /// # impl Serializer for Tail {
    /// #   type Value = Bytes;
    /// #   fn serialize<'a>(_: &'a Bytes, _: &mut dyn Sink<'a>) -> Result<()> { Ok(()) }
    /// fn deserialize(payload: Payload<'_, '_>) -> Result<Bytes> {
    ///     Ok(payload.share(1..))
    /// }
    /// # }
    /// # let frame = Bytes::from_static(b"P3\n\x01\x02");
    /// # let tail = deserialize_with::<Tail>(&frame)?;
    /// # assert!(std::ptr::eq(&tail[..], &frame[4..]));
    /// # assert_eq!(deserialize_with::<Tail>(&frame[..])?, tail);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the range is outside of the payload, as by indexing.
    #[must_use]
    pub fn share(self, range: impl RangeBounds<usize>) -> Bytes {
        let bytes = part(self.as_slice(), range);
        match self.owner {
            Some(owner) => owner.slice_ref(bytes),
            None => memory::aligned_copy(bytes),
        }
    }

    /// A part of the payload, for another serializer or codec to read within the same limits.
    ///
    /// ```
    /// # use ps_serialize::{Payload, Result, Serializer, Sink, deserialize_with, serializer};
    /// # struct Named;
    /// # #[serializer(id = b"P4")]
    /// # impl Serializer for Named {
    /// #   type Value = (u8, String);
    /// #   fn serialize<'a>(_: &'a Self::Value, _: &mut dyn Sink<'a>) -> Result<()> { Ok(()) }
    /// fn deserialize(payload: Payload<'_, '_>) -> Result<(u8, String)> {
    ///     let first = *payload.first().ok_or_else(|| ps_serialize::Error::custom("empty"))?;
    ///     Ok((first, <String as Serializer>::deserialize(payload.part(1..))?))
    /// }
    /// # }
    /// # assert_eq!(deserialize_with::<Named>(b"P4\n\x01two")?, (1, "two".to_owned()));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the range is outside of the payload, as by indexing.
    #[must_use]
    #[inline]
    pub fn part(self, range: impl RangeBounds<usize>) -> Self {
        let place = match self.place {
            Place::Frame(bytes) => Place::Frame(part(bytes, range)),
            Place::Opened(bytes) => Place::Opened(part(bytes, range)),
        };
        Self { place, ..self }
    }

    /// Takes so many bytes from what this call may use: what [`Options::size_limit`](crate::Options::size_limit) says, or
    /// 256 times the size of the frame and 64 MiB. Charge what is larger in memory than in the payload before it is made.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded) if less is left. The reading verb returns that very error.
    #[inline]
    pub fn charge(self, bytes: usize) -> Result<()> {
        self.budget.charge(bytes)
    }

    /// The same payload with the lifetime of the call, from which [`bytes`](Self::bytes) never fails. A codec that
    /// borrows reads from it what is owned by the time the call ends.
    #[must_use]
    #[inline]
    pub fn reborrow(self) -> Payload<'p, 'p> {
        Payload { place: Place::Frame(self.as_slice()), owner: self.owner, budget: self.budget }
    }

    /// Reads a payload, or a [`part`](Self::part) of one, that is a whole frame, within what is left of this call's limits.
    ///
    /// ```
    /// use ps_serialize::{Payload, Result, Serializer, Sink, deserialize_with, serialize, serializer};
    ///
    /// /// A letter around any text.
    /// struct Letter;
    ///
    /// #[serializer(id = b"P5")]
    /// impl Serializer for Letter {
    ///     type Value = String;
    ///     fn serialize<'a>(value: &'a String, out: &mut dyn Sink<'a>) -> Result<()> {
    ///         out.share(serialize(value)?);
    ///         Ok(())
    ///     }
    ///     fn deserialize(payload: Payload<'_, '_>) -> Result<String> {
    ///         payload.deserialize()
    ///     }
    /// }
    ///
    /// assert_eq!(deserialize_with::<Letter>(b"P5\nUS\nhello")?, "hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`deserialize`](crate::deserialize()).
    pub fn deserialize<T: Deserializable<'a>>(self) -> Result<T> {
        deserialize::typed(self)
    }

    /// As [`deserialize`](Self::deserialize), of a frame of any kind. Its identifier must be one that
    /// [`Options::allow`](crate::Options::allow) allows.
    ///
    /// # Errors
    ///
    /// Those of [`deserialize_any`](crate::deserialize_any()), and [`ErrorKind::NotAllowed`](crate::ErrorKind::NotAllowed).
    pub fn deserialize_any(self) -> Result<Box<dyn Any + Send + Sync>> {
        self.budget.options.check_identifier(self.as_slice())?;
        deserialize::any(self)
    }

    pub(crate) fn budget(self) -> &'p Budget<'p> {
        self.budget
    }
}

impl<'p> Payload<'_, 'p> {
    /// What a compressed frame held.
    pub(crate) fn opened(frame: &'p Bytes, budget: &'p Budget<'p>) -> Self {
        Self { place: Place::Opened(frame), owner: Some(frame), budget }
    }
}

impl Deref for Payload<'_, '_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self.place {
            Place::Frame(bytes) | Place::Opened(bytes) => bytes,
        }
    }
}

/// The size alone.
impl fmt::Debug for Payload<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload of {} bytes", self.len())
    }
}

#[inline]
fn part(bytes: &[u8], range: impl RangeBounds<usize>) -> &[u8] {
    &bytes[(range.start_bound().cloned(), range.end_bound().cloned())]
}

#[cold]
fn cannot_borrow() -> Error {
    Error::custom(
        "a value can't borrow from a compressed frame: `decompress` it first, and read what that returns",
    )
}
