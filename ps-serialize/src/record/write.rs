use std::any::Any;

use super::{HEAD, ZEROS, padding};
use crate::error::{Error, Result};
use crate::frame::Line;
use crate::limits::{self, DEEP_FRAMES, LARGE_RECORD, MAX_FRAMES_INSIDE};
use crate::parts::Parts;
use crate::payload::Payload;
use crate::registry::registry;
use crate::serializer::{Serializable, Serializer};
use crate::sink::Sink;

/// The size of the head of a record with some numbers and texts, and a frame or two.
const EXPECTED_HEAD: usize = 192;

/// Collects the frames of a record, then writes all of it.
pub struct RecordWriter<'v> {
    /// The beginning of the payload: room for two numbers, then the length of each frame.
    head: Vec<u8>,
    /// The frames, with the zeros between them. They begin at a multiple of 64 bytes, as they will in the payload.
    frames: Parts<'v>,
    /// The number of records around the frames of this record, this record included.
    nesting: u32,
    /// The largest such number of all frames inside. A large record inside counts as deep.
    deepest: u32,
}

impl<'v> RecordWriter<'v> {
    /// # Errors
    ///
    /// If too many records stand inside one another.
    #[inline]
    pub fn new(out: &dyn Sink<'v>) -> Result<Self> {
        let nesting = out.nesting() + 1;
        if nesting > MAX_FRAMES_INSIDE {
            return Err(too_deep());
        }
        let mut head = Vec::with_capacity(EXPECTED_HEAD);
        head.extend_from_slice(&[0; HEAD]);
        Ok(Self { head, frames: Parts::of_record(nesting), nesting, deepest: nesting })
    }

    /// # Errors
    ///
    /// If the value can't be written.
    #[inline]
    pub(super) fn frame<T: Serializable>(&mut self, value: &'v T) -> Result<()> {
        let line = Line::padded::<T::Serializer>();
        let before = self.begin_frame(line);
        value
            .serialize_payload(&mut self.frames)
            .map_err(|error| error.in_writing(T::Serializer::IDENTIFIER, T::Serializer::NAME))?;
        self.end_frame(before, size_of::<T>());
        Ok(())
    }

    /// Writes a value as a frame that [`RecordReader::object`](super::RecordReader::object) reads as a `T`.
    ///
    /// # Errors
    ///
    /// If the type of the value does not claim the trait, or the value can't be written.
    pub fn object<T: ?Sized + Any>(&mut self, value: &'v (dyn Any + 'static)) -> Result<()> {
        let (entry, serialize) = registry().serializer_of_object::<T>(value)?;
        let before = self.begin_frame(entry.padded_line());
        serialize(&mut self.frames)?;
        self.end_frame(before, size_of_val(value));
        Ok(())
    }

    fn begin_frame(&mut self, line: &'static Line) -> usize {
        self.frames.borrow(&ZEROS[..padding(self.frames.len())]);
        let before = self.frames.len();
        self.frames.borrow(line.as_bytes());
        before
    }

    fn end_frame(&mut self, before: usize, size_of_value: usize) {
        let deepest = self.frames.take_deepest();
        self.deepest = self.deepest.max(deepest);
        if deepest > self.nesting && size_of_value > LARGE_RECORD {
            self.deepest = self.deepest.max(DEEP_FRAMES + 1);
        }
        self.head.extend_from_slice(&length(self.frames.len() - before));
    }

    /// Writes the record: the other fields by `encode`, and the frames. `read` reads such a record.
    ///
    /// # Errors
    ///
    /// If the codec can't write the other fields, or if the record could not be read.
    #[inline]
    pub fn write<F>(
        self,
        fields: &F,
        out: &mut dyn Sink<'v>,
        encode: impl FnOnce(&F, &mut Vec<u8>) -> Result<()>,
        read: fn(Payload<'_, '_>) -> Result<()>,
    ) -> Result<()> {
        let mut head = self.head;
        let before = head.len();
        let count = (before - HEAD) / 8;
        encode(fields, &mut head)?;
        let record = length(head.len() - before);
        head[..8].copy_from_slice(&length(count));
        head[8..HEAD].copy_from_slice(&record);
        if count > 0 {
            head.resize(head.len() + padding(head.len()), 0);
        }
        out.note_nesting(self.deepest);
        if self.nesting == 1 && self.deepest > DEEP_FRAMES {
            return write_deep(head, self.frames, out, read);
        }
        out.record(head, self.frames);
        Ok(())
    }
}

/// Reads the record back: reading takes more stack than writing.
#[cold]
fn write_deep<'v>(
    head: Vec<u8>,
    frames: Parts<'v>,
    out: &mut dyn Sink<'v>,
    read: fn(Payload<'_, '_>) -> Result<()>,
) -> Result<()> {
    let mut parts = Parts::payload();
    parts.record(head, frames);
    let payload = parts.to_bytes();
    Payload::check(&payload, read)?;
    out.share(payload);
    Ok(())
}

#[inline]
fn length(len: usize) -> [u8; 8] {
    (len as u64).to_le_bytes()
}

#[cold]
fn too_deep() -> Error {
    let limit = MAX_FRAMES_INSIDE as usize;
    limits::exceeded("records inside of one another, in levels", limit, limit + 1)
}
