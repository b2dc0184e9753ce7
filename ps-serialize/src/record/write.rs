use bytes::Bytes;

use super::{FrameValue, Frames, HEAD, in_field, padding};
use crate::codec::Codec;
use crate::error::Result;
use crate::frame::{ALIGNED, Line};
use crate::limits::{self, DEEP_FRAMES, LARGE_RECORD, MAX_FRAMES_INSIDE};
use crate::parts::Parts;
use crate::payload::Payload;
use crate::serializer::{Serializable, Serializer};
use crate::sink::Sink;

/// The zeros before a frame.
static ZEROS: [u8; ALIGNED] = [0; ALIGNED];

/// The most bytes of the other fields that an output copies instead of sharing them.
const SMALL: usize = 1 << 10;

/// Collects the frames of a record, then writes all of it.
pub struct RecordWriter<'v> {
    frames: Vec<Parts<'v>>,
    /// How many records stand around the frames of this one, with this one.
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
        Ok(Self { frames: Vec::new(), nesting, deepest: nesting })
    }

    /// # Errors
    ///
    /// If the value can't be written.
    #[inline]
    pub fn frame<T: FrameValue>(&mut self, field: &'static str, value: &'v T) -> Result<()> {
        self.put(value).map_err(|error| in_field(error, field))
    }

    #[inline]
    fn put<T: Serializable>(&mut self, value: &'v T) -> Result<()> {
        let mut parts = Parts::inside(Line::padded::<T::Serializer>(), self.nesting);
        value
            .serialize_payload(&mut parts)
            .map_err(|error| error.in_writing(T::Serializer::IDENTIFIER, T::Serializer::NAME))?;
        let mut deepest = Sink::nesting(&parts);
        if deepest > self.nesting && size_of::<T>() > LARGE_RECORD {
            deepest = deepest.max(DEEP_FRAMES + 1);
        }
        self.deepest = self.deepest.max(deepest);
        self.frames.push(parts);
        Ok(())
    }

    /// # Errors
    ///
    /// If a value can't be written.
    #[inline]
    pub fn frames<F>(&mut self, field: &'static str, values: &'v F) -> Result<F::Keys>
    where
        F: Frames<Value: FrameValue>,
    {
        values.values().try_for_each(|value| self.frame(field, value))?;
        Ok(values.keys())
    }

    /// Writes the record: the other fields by the codec `C`, and the frames. `read` reads such a record.
    ///
    /// # Errors
    ///
    /// If the codec can't write the other fields, or if the record could not be read.
    #[inline]
    pub fn write<C: Codec<F>, F>(
        self,
        fields: &F,
        out: &mut dyn Sink<'v>,
        read: fn(Payload<'_, '_>) -> Result<()>,
    ) -> Result<()> {
        let count = self.frames.len();
        let mut head = Vec::with_capacity(HEAD + 8 * count + 128);
        head.extend_from_slice(&(count as u64).to_le_bytes());
        head.extend_from_slice(&[0; 8]);
        self.frames.iter().for_each(|frame| head.extend_from_slice(&length(frame.len())));
        let before = head.len();
        C::write(fields, &mut head)?;
        let record = length(head.len() - before);
        head[8..HEAD].copy_from_slice(&record);
        if self.nesting == 1 && self.deepest > DEEP_FRAMES {
            return self.write_deep(head, out, read);
        }
        self.write_all(head, out);
        Ok(())
    }

    fn write_all(self, head: Vec<u8>, out: &mut dyn Sink<'v>) {
        let lengths = self.frames.iter().map(Parts::len);
        out.reserve(lengths.fold(head.len(), |end, len| end + padding(end) + len));
        out.note_nesting(self.deepest);
        let mut end = head.len();
        if head.len() <= SMALL {
            out.put(&head)
        } else {
            out.share(Bytes::from(head))
        }
        for frame in self.frames {
            let zeros = &ZEROS[..padding(end)];
            end += zeros.len() + frame.len();
            out.borrow(zeros);
            frame.pour(out);
        }
    }

    /// Reads the record back: reading takes more stack than writing.
    #[cold]
    fn write_deep(
        self,
        head: Vec<u8>,
        out: &mut dyn Sink<'v>,
        read: fn(Payload<'_, '_>) -> Result<()>,
    ) -> Result<()> {
        let deepest = self.deepest;
        let mut parts = Parts::payload();
        self.write_all(head, &mut parts);
        let payload = parts.to_bytes();
        Payload::check(&payload, read)?;
        out.note_nesting(deepest);
        out.share(payload);
        Ok(())
    }
}

#[inline]
fn length(len: usize) -> [u8; 8] {
    (len as u64).to_le_bytes()
}

#[cold]
fn too_deep() -> crate::error::Error {
    let limit = MAX_FRAMES_INSIDE as usize;
    limits::exceeded("records inside of one another, in levels", limit, limit + 1)
}
