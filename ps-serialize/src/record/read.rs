use std::any::Any;
use std::ops::Range;

use super::shape::has_frames;
use super::table::Table;
use super::{Frames, Variant, ZEROS, in_field, left_over};
use crate::codec::Decode;
use crate::error::{CHANGED, Error, Result};
use crate::payload::Payload;
use crate::serializer::Deserializable;

/// Reads a record: the other fields, then the frames in their order.
pub struct RecordReader<'a: 'p, 'p> {
    payload: Payload<'a, 'p>,
    table: Table<'p>,
    /// The number of frames that were read or skipped.
    taken: usize,
    /// The end of the last of these frames.
    position: usize,
}

impl<'a, 'p> RecordReader<'a, 'p> {
    /// # Errors
    ///
    /// If the lengths in the payload are not those of its parts.
    #[inline]
    pub fn new(payload: Payload<'a, 'p>) -> Result<Self> {
        let bytes = payload.reborrow().bytes()?;
        let table = Table::parse(bytes)?;
        table.check(bytes.len())?;
        Ok(Self { payload, table, taken: 0, position: table.record().end })
    }

    /// Reads a record of this shape for a view of it.
    ///
    /// # Errors
    ///
    /// The errors of [`new`](Self::new).
    #[inline]
    pub fn of_view(record: &[Variant], payload: Payload<'a, 'p>) -> Result<Self> {
        if has_frames(record) {
            return Self::new(payload);
        }
        let table = Table::none(payload.reborrow().bytes()?);
        Ok(Self { payload, table, taken: 0, position: payload.len() })
    }

    /// The other fields, as the codec wrote them.
    #[inline]
    #[must_use]
    pub fn record(&self) -> Payload<'a, 'p> {
        self.payload.part(self.table.record())
    }

    /// Reads the other fields of a view that owns them, from a compressed frame too.
    ///
    /// # Errors
    ///
    /// If the codec can't read them.
    #[inline]
    pub fn owned_fields<C: for<'f> Decode<'f, F>, F>(&self) -> Result<F> {
        C::decode(self.record().reborrow())
    }

    /// Reads the other fields, borrowed.
    ///
    /// # Errors
    ///
    /// If the codec can't read them.
    #[inline]
    pub fn borrowed_fields<C: Decode<'a, F>, F>(&self) -> Result<F> {
        C::decode(self.record())
    }

    /// # Errors
    ///
    /// If the frame holds another kind of value, or can't be read.
    #[inline]
    pub(super) fn frame<T: Deserializable<'a>>(&mut self) -> Result<T> {
        self.next()?.deserialize()
    }

    /// Reads as many frames as the keys say, one by one.
    ///
    /// # Errors
    ///
    /// If there are fewer, and the errors of `read`.
    pub(super) fn frames<F: Frames>(
        &mut self,
        field: &'static str,
        keys: F::Keys,
        read: fn(&mut Self) -> Result<F::Value>,
    ) -> Result<F> {
        let left = self.table.len() - self.taken;
        let count = match usize::try_from(F::count(&keys)) {
            Ok(count) if count <= left => count,
            _ => return Err(in_field(too_few(F::count(&keys), left), field)),
        };
        // An element may take more memory than its frame.
        self.payload.charge(count.saturating_mul(size_of::<F::Value>()))?;
        F::collect(keys, || read(self)).map_err(|error| in_field(error, field))
    }

    /// Reads the next frame as an object of a trait.
    ///
    /// # Errors
    ///
    /// If the type in the frame does not claim the trait, or the value can't be read.
    pub fn object<T: ?Sized + Any>(&mut self) -> Result<Box<T>> {
        self.next()?.deserialize_dyn()
    }

    /// Passes frames by that are not wanted.
    ///
    /// # Errors
    ///
    /// If there are fewer.
    #[inline]
    pub fn pass(&mut self, count: u64) -> Result<()> {
        (0..count).try_for_each(|_| self.place().map(drop))
    }

    /// # Errors
    ///
    /// If frames are left over.
    #[inline]
    pub fn finish(self) -> Result<()> {
        match self.table.len() - self.taken {
            0 => Ok(()),
            left => Err(left_over(left)),
        }
    }

    #[inline]
    fn next(&mut self) -> Result<Payload<'a, 'p>> {
        let before = self.position;
        let place = self.place()?;
        let zeros = &self.payload[before..place.start];
        if *zeros == ZEROS[..zeros.len()] {
            Ok(self.payload.part(place))
        } else {
            Err(not_zeros(before, place.start))
        }
    }

    /// The place of the next frame.
    #[inline]
    fn place(&mut self) -> Result<Range<usize>> {
        let Some(place) = self.table.frame(self.taken, self.position) else {
            return Err(too_few(1, 0));
        };
        self.taken += 1;
        self.position = place.end;
        Ok(place)
    }
}

#[cold]
fn not_zeros(start: usize, end: usize) -> Error {
    Error::custom(format!(
        "the bytes {start} to {end} of the record's payload are not zeros, as those before a frame are"
    ))
}

#[cold]
fn too_few(expected: u64, left: usize) -> Error {
    Error::custom(format!(
        "the record has {left} frames left, and {expected} were expected{CHANGED}"
    ))
}
