use std::any::Any;
use std::fmt;
use std::ops::{Bound, Deref, RangeBounds};

use bytes::Bytes;

use crate::deserialize;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::memory;
use crate::options::DEFAULT;
use crate::serializer::Deserializable;

/// The frame that a reading verb takes: bytes, and their owner if there is one. `&[u8]`, `&[u8; N]`, `&Vec<u8>` and `&Bytes`
/// convert into an `Input`. Only `&Bytes` has an owner whose memory a value can share.
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

    /// The input with this owner, if the bytes of the input are a part of the owner's.
    #[cfg(feature = "pickle")]
    pub(crate) fn part_of(self, owner: Option<&'a Bytes>) -> Self {
        let (part, whole) = (self.bytes.as_ptr_range(), owner.map(|owner| owner.as_ptr_range()));
        let is_part = whole.is_some_and(|whole| whole.start <= part.start && part.end <= whole.end);
        Self { owner: owner.filter(|_| is_part), ..self }
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

/// Prints the size, and whether there is an owner.
impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = if self.owner.is_some() { " of `Bytes`" } else { "" };
        write!(f, "Input of {} bytes{shared}", self.bytes.len())
    }
}

/// The payload of a frame that is being read, as a serializer gets it. It is a slice of bytes (by `Deref`) that also knows
/// how long the frame lives (`'a`), who owns the memory, and how much memory the call may still use.
///
/// ```standalone_crate
/// use ps_serialize::{Error, Payload, Result, Serializer, Sink, deserialize_with, serializer};
///
/// /// Numbers below 256, each as one byte.
/// struct Small(Vec<u64>);
///
/// #[serializer(id = b"P1")]
/// impl Serializer for Small {
///     type Value = Small;
///     fn serialize<'a>(value: &'a Small, out: &mut dyn Sink<'a>) -> Result<()> {
///         for number in &value.0 {
///             out.put(&[u8::try_from(*number).map_err(Error::custom)?]);
///         }
///         Ok(())
///     }
///     fn deserialize(payload: Payload<'_, '_>) -> Result<Small> {
///         // The value takes eight times as much memory as the payload.
///         payload.charge(8 * payload.len())?;
///         Ok(Small(payload.iter().map(|byte| u64::from(*byte)).collect()))
///     }
/// }
///
/// assert_eq!(deserialize_with::<Small>(b"P1\n\x01\x02")?.0, [1, 2]);
/// # Ok::<_, Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Payload<'a: 'p, 'p> {
    place: Place<'a, 'p>,
    /// The owner of the memory. It has the same bytes as `place`.
    owner: Option<&'p Bytes>,
    budget: &'p Budget<'p>,
}

#[derive(Clone, Copy)]
enum Place<'a: 'p, 'p> {
    /// The bytes are in the caller's frame.
    Frame(&'a [u8]),
    /// The bytes are in a frame that was compressed. It does not outlive the call.
    Opened(&'p [u8]),
}

impl<'a> Payload<'a, '_> {
    /// Calls a function with bytes that are a payload, without a frame around them. Use it to call a codec or a serializer by
    /// itself. The limits are those of a frame of the same size.
    ///
    /// ```
    /// # #[cfg(feature = "bincode")] {
    /// use ps_serialize::{Bincode, Decode, Payload};
    ///
    /// let pair: (u8, bool) = Payload::read(b"\x07\x01", Bincode::decode)?;
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

    /// Reads a payload that was just written, in less stack than a reader has.
    pub(crate) fn check(bytes: &Bytes, read: fn(Payload<'_, '_>) -> Result<()>) -> Result<()> {
        let input = Input::from(bytes);
        read(input.within(&Budget::of_check(&DEFAULT, bytes.len())))
    }
}

impl<'a, 'p> Payload<'a, 'p> {
    /// The bytes, for a value that borrows them from the frame.
    ///
    /// ```standalone_crate
    /// use ps_serialize::{Deserializable, Payload, Result, deserialize, serialize, serializer};
    ///
    /// #[serializer(id = b"P2")]
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Pixel([u8; 3]);
    ///
    /// /// The bytes of a `Pixel`, borrowed from the frame.
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
    /// If the frame was compressed: the decompressed bytes do not outlive the call.
    #[inline]
    pub fn bytes(self) -> Result<&'a [u8]> {
        match self.place {
            Place::Frame(bytes) => Ok(bytes),
            Place::Opened(_) => Err(cannot_borrow()),
        }
    }

    #[inline]
    fn as_slice(&self) -> &'p [u8] {
        match self.place {
            Place::Frame(bytes) | Place::Opened(bytes) => bytes,
        }
    }

    /// A range of the bytes, as [`Bytes`] that own their memory. They share the memory of a frame that was given as `&Bytes` or
    /// was compressed. Otherwise they are a copy, which begins at a multiple of 64 bytes in memory.
    ///
    /// ```standalone_crate
    /// # use ps_serialize::{Payload, Result, Serializer, Sink, deserialize_with, serializer};
    /// # use bytes::Bytes;
    /// struct Tail(Bytes);
    ///
    /// # #[serializer(id = b"P3")]
    /// # impl Serializer for Tail {
    /// #   type Value = Self;
    /// #   fn serialize<'a>(_: &'a Self, _: &mut dyn Sink<'a>) -> Result<()> { Ok(()) }
    /// fn deserialize(payload: Payload<'_, '_>) -> Result<Tail> {
    ///     Ok(Tail(payload.share(1..)))
    /// }
    /// # }
    /// # let frame = Bytes::from_static(b"P3\n\x01\x02");
    /// # let tail = deserialize_with::<Tail>(&frame)?;
    /// # assert!(std::ptr::eq(&tail.0[..], &frame[4..]));
    /// # assert_eq!(deserialize_with::<Tail>(&frame[..])?.0, tail.0);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the range is outside of the payload, like indexing.
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
    /// ```standalone_crate
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
    /// If the range is outside of the payload, like indexing.
    #[must_use]
    #[inline]
    pub fn part(self, range: impl RangeBounds<usize>) -> Self {
        let place = match self.place {
            Place::Frame(bytes) => Place::Frame(part(bytes, range)),
            Place::Opened(bytes) => Place::Opened(part(bytes, range)),
        };
        Self { place, ..self }
    }

    /// Subtracts this many bytes from the memory that the call may use, which is
    /// [`Options::size_limit`](crate::Options::size_limit), or 256 times the size of the frame plus 64 MiB. If a value takes more
    /// memory than its payload, charge that memory before you allocate it. [`Payload`] has an example.
    ///
    /// ```
    /// use ps_serialize::{ErrorKind, Payload};
    ///
    /// let error = Payload::read(b"", |payload| payload.charge(65 << 20)).unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }));
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded) if less is left. Return this error unchanged: the reading verb
    /// then returns the same error.
    #[inline]
    pub fn charge(self, bytes: usize) -> Result<()> {
        self.budget.charge(bytes)
    }

    /// A copy of this payload that lives as long as the call. Its [`bytes`](Self::bytes) never fails, so a decoder that borrows
    /// can read a value that owns its data, even from a compressed frame.
    ///
    /// ```
    /// # #[cfg(feature = "bincode")] {
    /// use ps_serialize::{Bincode, Decode, Payload, Result};
    ///
    /// fn first(payload: Payload<'_, '_>) -> Result<String> {
    ///     let (text, _): (&str, u8) = Bincode::decode(payload.reborrow())?;
    ///     Ok(text.to_owned())
    /// }
    ///
    /// assert_eq!(Payload::read(b"\x02\0\0\0\0\0\0\0hi\x07", first)?, "hi");
    /// # }
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn reborrow(self) -> Payload<'p, 'p> {
        Payload { place: Place::Frame(self.as_slice()), owner: self.owner, budget: self.budget }
    }

    /// Reads a payload, or a [`part`](Self::part) of one, that is a whole frame. The value may use the memory that this call has left.
    ///
    /// ```standalone_crate
    /// use ps_serialize::{Payload, Result, Serializer, Sink, deserialize_with, serialize, serializer};
    ///
    /// /// A text, as a frame of its own.
    /// struct Letter(String);
    ///
    /// #[serializer(id = b"P5")]
    /// impl Serializer for Letter {
    ///     type Value = Letter;
    ///     fn serialize<'a>(letter: &'a Letter, out: &mut dyn Sink<'a>) -> Result<()> {
    ///         out.share(serialize(&letter.0)?);
    ///         Ok(())
    ///     }
    ///     fn deserialize(payload: Payload<'_, '_>) -> Result<Letter> {
    ///         Ok(Letter(payload.deserialize()?))
    ///     }
    /// }
    ///
    /// assert_eq!(deserialize_with::<Letter>(b"P5\nUS\nhello")?.0, "hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`deserialize`](crate::deserialize()).
    pub fn deserialize<T: Deserializable<'a>>(self) -> Result<T> {
        self.budget.enter()?;
        deserialize::typed(self)
    }

    /// Reads a payload, or a [`part`](Self::part) of one, that is a whole frame of any kind. If the caller has an allow-list
    /// ([`Options::allow`](crate::Options::allow)), the identifier must be on it.
    ///
    /// ```
    /// use ps_serialize::Payload;
    ///
    /// let value = Payload::read(b"US\nhello", |payload| payload.deserialize_any())?;
    /// assert!(value.is::<String>());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`deserialize_any`](crate::deserialize_any()), and [`ErrorKind::NotAllowed`](crate::ErrorKind::NotAllowed).
    pub fn deserialize_any(self) -> Result<Box<dyn Any + Send + Sync>> {
        self.budget.enter()?;
        self.budget.options.check_identifier(self.as_slice())?;
        deserialize::any(self)
    }

    /// Reads a payload, or a [`part`](Self::part) of one, that is a whole frame, as a trait object. The type in the frame may be any
    /// type that claims the trait. If the caller has an allow-list ([`Options::allow`](crate::Options::allow)), the identifier must be on it.
    ///
    /// ```standalone_crate
    /// use ps_serialize::{Payload, serializer};
    ///
    /// trait Animal {}
    ///
    /// #[serializer(id = b"P6", dyn = Animal)]
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Cat;
    ///
    /// impl Animal for Cat {}
    ///
    /// assert!(Payload::read(b"P6\n", |payload| payload.deserialize_dyn::<dyn Animal>()).is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`deserialize_dyn`](crate::deserialize_dyn()), and [`ErrorKind::NotAllowed`](crate::ErrorKind::NotAllowed).
    pub fn deserialize_dyn<T: ?Sized + Any>(self) -> Result<Box<T>> {
        self.budget.enter()?;
        self.budget.options.check_identifier(self.as_slice())?;
        deserialize::object(self)
    }

    #[cfg(feature = "pickle")]
    pub(crate) fn owner(self) -> Option<&'p Bytes> {
        self.owner
    }

    pub(crate) fn budget(self) -> &'p Budget<'p> {
        self.budget
    }
}

impl<'p> Payload<'_, 'p> {
    /// The payload that is the frame inside of a compressed one.
    pub(crate) fn opened(frame: &'p Bytes, budget: &'p Budget<'p>) -> Self {
        Self { place: Place::Opened(frame), owner: Some(frame), budget }
    }
}

impl Deref for Payload<'_, '_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

/// Prints only the size.
impl fmt::Debug for Payload<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload of {} bytes", self.len())
    }
}

/// The compiler does not always inline how the standard library indexes by two bounds, and then each call takes a third longer.
#[inline]
fn part(bytes: &[u8], range: impl RangeBounds<usize>) -> &[u8] {
    let after = |index: usize| index.checked_add(1).expect("a range of bytes ends in memory");
    let start = match range.start_bound() {
        Bound::Included(start) => *start,
        Bound::Excluded(before) => after(*before),
        Bound::Unbounded => 0,
    };
    match range.end_bound() {
        Bound::Included(last) => &bytes[start..after(*last)],
        Bound::Excluded(end) => &bytes[start..*end],
        Bound::Unbounded => &bytes[start..],
    }
}

#[cold]
fn cannot_borrow() -> Error {
    Error::custom(
        "a value can't borrow from a compressed frame: `decompress` it first, and read what that returns",
    )
}
