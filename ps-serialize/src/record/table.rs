use std::marker::PhantomData;
use std::ops::Range;

use super::{HEAD, Record, left_over, padding};
use crate::compression;
use crate::deserialize::deserialize;
use crate::error::{CHANGED, Error, Result};
use crate::frame::{ALIGNED, Frame};
use crate::payload::Payload;
use crate::serializer::Deserializable;

/// The lengths at the beginning of a record's payload.
#[derive(Clone, Copy)]
pub(super) struct Table<'p> {
    lengths: &'p [[u8; 8]],
    /// The start and the end of the other fields.
    record: (usize, usize),
}

impl<'p> Table<'p> {
    /// Reads the first bytes of a payload, which must reach to the end of the other fields.
    #[inline]
    pub(super) fn parse(payload: &'p [u8]) -> Result<Self> {
        let end = size(payload)?;
        if end > payload.len() as u64 {
            return Err(ends_early(payload.len(), end));
        }
        let (count, record) = numbers(payload).unwrap_or_default();
        // Both are at most the length of the payload.
        #[allow(clippy::cast_possible_truncation)]
        let (count, record) = (count as usize, record as usize);
        let start = HEAD + 8 * count;
        Ok(Self {
            lengths: &payload[HEAD..].as_chunks().0[..count],
            record: (start, start + record),
        })
    }

    /// The table of a type without frames, whose payload is the other fields alone.
    #[inline]
    pub(super) fn none(payload: &[u8]) -> Self {
        Self { lengths: &[], record: (0, payload.len()) }
    }

    /// The number of frames.
    #[inline]
    pub(super) fn len(self) -> usize {
        self.lengths.len()
    }

    /// The place of the other fields.
    #[inline]
    pub(super) fn record(self) -> Range<usize> {
        self.record.0..self.record.1
    }

    /// The place of a frame, after what ends at this position. A place has a length that fits into memory.
    #[inline]
    pub(super) fn frame(self, index: usize, position: usize) -> Option<Range<usize>> {
        let length = usize::try_from(u64::from_le_bytes(*self.lengths.get(index)?)).ok()?;
        let start = position.checked_add(padding(position))?;
        let end = start.checked_add(length)?;
        // The line of the record stands before it.
        end.checked_add(ALIGNED).map(|_| start..end)
    }

    /// The places of all frames, which may be after the end of the bytes that are there.
    pub(super) fn all_frames(self) -> Result<impl Iterator<Item = Range<usize>>> {
        let mut position = self.record().end;
        let places = (0..self.len()).map_while(move |index| {
            let place = self.frame(index, position)?;
            position = place.end;
            Some(place)
        });
        if places.clone().count() < self.len() {
            return Err(Error::custom(
                "the frames of the record are longer together than this machine can address",
            ));
        }
        Ok(places)
    }

    /// Checks that the frames end where the payload does.
    #[inline]
    pub(super) fn check(self, payload: usize) -> Result<()> {
        let mut end = Some(self.record().end);
        for index in 0..self.len() {
            end = end.and_then(|end| self.frame(index, end)).map(|place| place.end);
        }
        match end {
            Some(end) if end == payload => Ok(()),
            Some(end) if end < payload => Err(Error::custom(format!(
                "{} bytes are left over after the frames of the record: expected the end of the payload{CHANGED}",
                payload - end
            ))),
            end => Err(ends_early(payload, end.map_or(u64::MAX, |end| end as u64))),
        }
    }
}

/// The places of the frames inside of a record's frame, for a reader that has only the first bytes of the record's frame. The
/// reader can then fetch one of the frames, by a range request.
///
/// ```standalone_crate
/// use ps_serialize::{FrameTable, deserialize, serialize, serializer};
///
/// #[serializer(id = b"F1")]
/// struct Sample {
///     id: u64,
///     #[serializer(frame)]
///     image: Vec<u8>,
///     #[serializer(frames)]
///     notes: Vec<String>,
/// }
///
/// let notes = vec!["first".to_owned(), "second".to_owned()];
/// let frame = serialize(&Sample { id: 7, image: vec![1; 1000], notes })?;
/// let first = &frame[..200];
/// assert_eq!(FrameTable::size(first)?, 64 + 40 + 16);
/// let table = FrameTable::parse::<Sample>(first)?;
/// let place = table.find("notes", "1").unwrap();
/// let note: String = deserialize(&frame[place])?;
/// assert_eq!(note, "second");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct FrameTable {
    places: Vec<FramePlace>,
}

/// A frame inside of a record's frame.
///
/// [`FrameTable::iter`] has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FramePlace {
    /// The field of the record.
    pub field: &'static str,
    /// The key of a map, or the index in a `Vec`; empty for a single frame.
    pub key: String,
    /// The place of the frame in the record's frame.
    pub range: Range<usize>,
}

impl FrameTable {
    /// The number of bytes at the start of a record's frame that [`parse`](Self::parse) needs. The first 80 bytes are enough to compute
    /// this number. The frame may claim any size: check the number before you fetch as many bytes. [`FrameTable`] has an example.
    ///
    /// # Errors
    ///
    /// If there are fewer bytes, and the errors of [`Frame::parse`](crate::Frame::parse).
    pub fn size(first_bytes: &[u8]) -> Result<usize> {
        let payload = record_in(first_bytes)?;
        let line = (first_bytes.len() - payload.len()) as u64;
        let size = size(payload)?.saturating_add(line);
        usize::try_from(size).map_err(|_| ends_early(payload.len(), size))
    }

    /// Reads the first bytes of the frame of a `T`. [`size`](Self::size) says how many bytes are needed. [`FrameTable`] has
    /// an example.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongIdentifier`](crate::ErrorKind::WrongIdentifier) if the frame is of another type, and
    /// [`ErrorKind::Deserialize`](crate::ErrorKind::Deserialize) if there are too few bytes or the table is invalid.
    pub fn parse<T: Record>(first_bytes: &[u8]) -> Result<Self> {
        // The line is not padded if another program wrote the frame anew.
        let line = first_bytes.len() - record_in(first_bytes)?.len();
        let OfRecord { places, .. } = deserialize::<OfRecord<T>>(first_bytes)?;
        Ok(Self { places }.after(line))
    }

    /// Reads the first bytes of a record's frame if the type is not known. The places have no names of fields. Their keys are the
    /// numbers of the frames.
    ///
    /// A frame does not say whether its payload begins with a table. Check each place before you trust it.
    ///
    /// ```standalone_crate
    /// # use ps_serialize::{Frame, FrameTable, serialize, serializer};
    /// #[serializer(id = b"F3")]
    /// struct Pair(u8, #[serializer(frame)] String);
    ///
    /// let frame = serialize(&Pair(7, "one".to_owned()))?;
    /// let table = FrameTable::unnamed(&frame)?;
    /// let place = table.find("", "0").unwrap();
    /// assert_eq!(Frame::parse(&frame[place])?.payload(), b"one");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If there are too few bytes or the table is invalid, and the errors of [`Frame::parse`](crate::Frame::parse).
    pub fn unnamed(first_bytes: &[u8]) -> Result<Self> {
        let payload = record_in(first_bytes)?;
        let ranges = Table::parse(payload)?.all_frames()?;
        let places = ranges.enumerate().map(|(index, range)| FramePlace {
            field: "",
            key: index.to_string(),
            range,
        });
        Ok(Self { places: places.collect() }.after(first_bytes.len() - payload.len()))
    }

    /// The places after this many bytes of an identifier line.
    fn after(mut self, line: usize) -> Self {
        for FramePlace { range, .. } in &mut self.places {
            *range = range.start + line..range.end + line;
        }
        self
    }

    /// The place of a frame in the record's frame. `key` is the key of a map or the index in a `Vec`; the key of a single frame is
    /// empty. [`FrameTable`] has an example.
    #[must_use]
    pub fn find(&self, field: &str, key: &str) -> Option<Range<usize>> {
        let place = self.places.iter().find(|place| place.field == field && place.key == key)?;
        Some(place.range.clone())
    }

    /// All frames in their order.
    ///
    /// ```standalone_crate
    /// # use ps_serialize::{FrameTable, serialize, serializer};
    /// #[serializer(id = b"F2")]
    /// struct Pair(#[serializer(frame)] String, #[serializer(frame)] Vec<u8>);
    ///
    /// let frame = serialize(&Pair("one".to_owned(), vec![2]))?;
    /// let table = FrameTable::parse::<Pair>(&frame)?;
    /// let fields: Vec<_> = table.iter().map(|place| (place.field, place.range.len())).collect();
    /// assert_eq!(fields, [("0", 64 + 3), ("1", 64 + 1)]);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &FramePlace> + DoubleEndedIterator {
        self.places.iter()
    }
}

/// The places of the frames in what may be a whole record's frame, without memory for them.
#[cfg(feature = "inspect")]
pub(crate) fn frames_of_record(frame: &[u8]) -> Result<impl Iterator<Item = Range<usize>>> {
    let payload = record_in(frame)?;
    let line = frame.len() - payload.len();
    let table = Table::parse(payload)?;
    table.check(payload.len())?;
    Ok(table.all_frames()?.map(move |range| range.start + line..range.end + line))
}

/// The payload of a frame that may be a record's.
fn record_in(first_bytes: &[u8]) -> Result<&[u8]> {
    let frame = Frame::parse(first_bytes)?;
    if compression::is_compressed(frame.identifier_bytes()) {
        return Err(Error::custom(
            "the places of the frames are not in a compressed frame: `decompress` it first",
        ));
    }
    Ok(frame.payload())
}

/// The places in a record's payload, which may end after the table.
struct OfRecord<T> {
    places: Vec<FramePlace>,
    of: PhantomData<T>,
}

impl<'a, T: Record> Deserializable<'a> for OfRecord<T> {
    type Serializer = T;

    fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
        let bytes = payload.bytes()?;
        let table = Table::parse(bytes)?;
        let mut places = table.all_frames()?;
        let mut found = Vec::new();
        T::locate(payload.part(table.record()), &mut |field, key| {
            let Range { start, end } = places.next().ok_or_else(|| {
                Error::custom(format!(
                    "the record has fewer frames than its field `{field}` asks for"
                ))
            })?;
            found.push(FramePlace { field, key, range: start..end });
            Ok(())
        })?;
        match table.len() - found.len() {
            0 => Ok(Self { places: found, of: PhantomData }),
            left => Err(left_over(left)),
        }
    }
}

#[inline]
fn numbers(payload: &[u8]) -> Option<(u64, u64)> {
    let (numbers, _) = payload.as_chunks();
    let [count, record, ..] = numbers else { return None };
    Some((u64::from_le_bytes(*count), u64::from_le_bytes(*record)))
}

/// The number of bytes of the payload that the lengths and the other fields take.
#[inline]
fn size(payload: &[u8]) -> Result<u64> {
    let (count, record) = numbers(payload).ok_or_else(|| ends_early(payload.len(), HEAD as u64))?;
    let lengths = count.saturating_mul(8).saturating_add(HEAD as u64);
    Ok(lengths.saturating_add(record))
}

#[cold]
fn ends_early(found: usize, expected: u64) -> Error {
    Error::custom(format!(
        "the record ends early: its lengths ask for {expected} bytes of payload, and there are {found}{CHANGED}"
    ))
}
