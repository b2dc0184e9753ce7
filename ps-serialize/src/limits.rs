//! The bounds of this library, and what one call may spend.

use std::cell::Cell;

use crate::error::{Error, ErrorKind, Result};
use crate::options::Options;

/// If the caller sets no limit, what is made of a frame may take this many times the frame's bytes,
/// and [`FREE_EXPANSION`] more.
pub(crate) const MAX_EXPANSION: usize = 256;
/// The number of bytes that every frame may take in addition to [`MAX_EXPANSION`].
pub(crate) const FREE_EXPANSION: usize = 64 << 20;

/// If the caller sets no limit, what is made of the frame inside of a compressed one may take as many bytes as if the frame
/// had come uncompressed, but no more than this. Without such a bound, a few bytes could become 256 × 64 MiB.
#[cfg(any(feature = "lz4", feature = "zstd"))]
pub(crate) const MAX_OPENED_EXPANSION: usize = 1 << 30;

/// The number of bytes that a frame of this size may become, if the caller sets no limit.
pub(crate) fn expanded(bytes: usize) -> usize {
    bytes.saturating_mul(MAX_EXPANSION).saturating_add(FREE_EXPANSION)
}

/// How many dimensions an array may have, in every kind of frame that NumPy or PyTorch reads or writes.
/// NumPy and PyTorch have the same limit.
#[cfg(any(feature = "ndarray", feature = "torch"))]
pub(crate) const MAX_DIMENSIONS: usize = 64;

/// The largest number of structs, enums, options, sequences and so on inside of one another.
#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
pub(crate) const MAX_DEPTH: u32 = 128;
/// The number of elements that all sequences of a payload may have together beyond its number of bytes.
#[cfg(any(feature = "bincode", feature = "wincode"))]
pub(crate) const EMPTY_ELEMENTS: usize = 1 << 16;
/// The memory in bytes that such an element is taken to need, in a frame inside of another one.
#[cfg(any(feature = "bincode", feature = "wincode"))]
pub(crate) const MEMORY_OF_EMPTY_ELEMENT: usize = 256;
/// The stack that a nested value may take, in bytes: half of the default stack of a thread.
pub(crate) const STACK: usize = 1 << 20;
/// How much stack a value that was just written may take when it is read back. It is less than [`STACK`],
/// because another call, inlined differently, may take more for the same value.
pub(crate) const STACK_OF_CHECK: usize = STACK / 4 * 3;
/// A value that takes more stack than this when it is written is read back, because reading takes more.
#[cfg(any(feature = "bincode", feature = "messagepack", feature = "wincode"))]
pub(crate) const DEEP: usize = 1 << 10;
/// A pickle that takes more stack than this when it is written is read back. Its writer takes more for each level.
#[cfg(feature = "pickle")]
pub(crate) const DEEP_PICKLE: usize = 1 << 15;
/// A value of more levels than this is read back too. The compiler may turn writing into a loop, which takes no stack.
#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
pub(crate) const MAX_UNREAD_LEVELS: u32 = 32;
/// A value is also read back if the size of a part of it, times the number of levels around that part, is more than this.
/// A reader has the parts of a value on its stack, and a writer only refers to them.
#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
pub(crate) const MAX_UNREAD_SIZE: usize = STACK / 64;
/// The largest part whose size is not looked at.
#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
pub(crate) const SMALL_PART: usize = 512;

/// The largest number of records that are written inside of one another as frames. Readers measure the stack.
pub(crate) const MAX_FRAMES_INSIDE: u32 = 32;
/// A record with records this deep inside is read back, because reading takes more stack than writing.
pub(crate) const DEEP_FRAMES: u32 = 4;
/// A record with records of more bytes than this inside is read back, however deep they are: each level takes many
/// times its size.
pub(crate) const LARGE_RECORD: usize = 2 << 10;

/// The largest depth of the literal of a structured NumPy type.
#[cfg(feature = "ndarray")]
pub(crate) const MAX_DTYPE_DEPTH: u32 = 32;
/// The longest description of a NumPy type, in bytes. A field for each column of a wide table fits.
#[cfg(feature = "ndarray")]
pub(crate) const MAX_DTYPE_DESCR: usize = 1 << 20;
/// The longest description of a NumPy type in a pickle, which can use one part of a type many times.
#[cfg(all(feature = "ndarray", feature = "pickle"))]
pub(crate) const MAX_PICKLED_DESCR: usize = 1 << 16;
/// The longest name of an element type that is read. Every name that NumPy writes is shorter.
#[cfg(feature = "ndarray")]
pub(crate) const MAX_DTYPE_NAME: usize = 64;
/// The largest depth of the lists and structs of a table, for reading and for writing.
#[cfg(feature = "polars")]
pub(crate) const MAX_COLUMN_DEPTH: usize = 64;
/// The largest depth of arrays of pandas in one another, such as dates in the ends of intervals that are categories.
#[cfg(feature = "pandas")]
pub(crate) const MAX_PANDAS_DEPTH: usize = 8;
/// The longest header of tensors that safetensors' readers accept, in bytes.
#[cfg(feature = "safetensors")]
pub(crate) const MAX_TENSORS_HEADER: usize = 100_000_000;
/// The longest header of tensors that is not charged to the budget, in bytes.
#[cfg(feature = "safetensors")]
pub(crate) const FREE_TENSORS_HEADER: usize = 1 << 20;
/// The memory of a longer header of tensors, as a multiple of its length.
#[cfg(feature = "safetensors")]
pub(crate) const MEMORY_OF_TENSORS_HEADER: usize = 25;
/// The largest number of digits of a decimal integer, as in Python.
#[cfg(feature = "pickle")]
pub(crate) const MAX_DIGITS: usize = 4300;
/// The most bits of an integer that is a key in a checkpoint, and so a part of a name.
#[cfg(feature = "torch")]
pub(crate) const MAX_KEY_BITS: usize = 1 << 10;
/// The largest element of a sequence that Wincode reads without counting its memory, in bytes. Wincode makes room
/// for all elements of a sequence at once.
#[cfg(feature = "wincode")]
pub(crate) const LARGE_ELEMENT: usize = 64;
/// How many elements without a size in memory one sequence may have. When a value is written, nothing
/// else bounds their number.
#[cfg(feature = "wincode")]
pub(crate) const MAX_WITHOUT_MEMORY: usize = 1 << 24;
/// The largest window of a Zstandard frame that a reader keeps, as a power of two; Zstandard's own limit.
#[cfg(feature = "zstd")]
pub(crate) const MAX_ZSTD_WINDOW: u32 = 27;

/// Checks the number of dimensions. Writers and readers both call it, so that what is written can be read.
#[cfg(any(feature = "ndarray", feature = "torch"))]
#[inline]
pub(crate) fn check_dimensions(found: usize) -> Result<()> {
    if found <= MAX_DIMENSIONS {
        return Ok(());
    }
    Err(exceeded("number of dimensions of an array", MAX_DIMENSIONS, found))
}

/// A size that is given in a frame, if it is within a limit.
#[cfg(any(feature = "lz4", feature = "zstd", feature = "safetensors"))]
pub(crate) fn within(what: &'static str, limit: usize, found: u64) -> Result<usize> {
    match usize::try_from(found) {
        Ok(size) if size <= limit => Ok(size),
        _ => Err(ErrorKind::LimitExceeded { what, limit: limit as u64, found }.into()),
    }
}

/// The error of everything that is larger than a bound.
#[cold]
pub(crate) fn exceeded(what: &'static str, limit: usize, found: usize) -> Error {
    ErrorKind::LimitExceeded { what, limit: limit as u64, found: found as u64 }.into()
}

/// The address of the top of the stack.
#[inline]
pub(crate) fn stack_address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

// Errors are made out of line: what they take would keep the rest from being inlined.

#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
#[cold]
#[inline(never)]
pub(crate) fn too_deep() -> Error {
    exceeded("nested too deep, in levels", MAX_DEPTH as usize, MAX_DEPTH as usize + 1)
}

#[cold]
#[inline(never)]
pub(crate) fn out_of_stack(room: usize, taken: usize) -> Error {
    let what = "nested too deep, in bytes of stack (a list whose elements refer to one another by index takes none)";
    exceeded(what, room, taken)
}

/// The number of elements that all sequences of a payload of this size may have together.
#[cfg(any(feature = "bincode", feature = "wincode"))]
#[inline]
pub(crate) fn max_elements(payload: usize) -> usize {
    payload.saturating_add(EMPTY_ELEMENTS)
}

/// The number of bytes of memory that the elements larger than [`LARGE_ELEMENT`] may take together.
#[cfg(feature = "wincode")]
#[inline]
pub(crate) fn max_memory_of_elements(payload: usize) -> usize {
    payload.saturating_mul(64).saturating_add(64 << 20)
}

/// The name of this limit in errors, for writing and reading and for both codecs of the layout.
#[cfg(any(feature = "bincode", feature = "wincode"))]
pub(crate) const TOO_MANY_ELEMENTS: &str =
    "too many elements in sequences for the size of the payload";

/// The error for a payload of this size with too many elements.
#[cfg(feature = "bincode")]
#[cold]
#[inline(never)]
pub(crate) fn too_many_elements(payload: usize, elements: usize) -> Error {
    exceeded(TOO_MANY_ELEMENTS, max_elements(payload), elements)
}

/// The memory that one call of a reading verb may take beside the frame's own bytes. Decompressed parts of a frame, the
/// values of a pickle, headers, and the memory that users' serializers charge all draw from this one sum.
pub(crate) struct Budget<'o> {
    pub(crate) options: &'o Options,
    /// The size of the frame. The limit follows from it if the caller sets none.
    frame: Cell<usize>,
    spent: Cell<usize>,
    /// The address of the stack at the first frame inside of a payload, or 0 before the call has come to one.
    stack: Cell<usize>,
    /// The stack that the frames inside may take, in bytes.
    room: usize,
}

impl<'o> Budget<'o> {
    #[inline]
    pub(crate) fn new(options: &'o Options, frame: usize) -> Self {
        Self {
            options,
            frame: Cell::new(frame),
            spent: Cell::new(0),
            stack: Cell::new(0),
            room: STACK / 2,
        }
    }

    /// The budget of a value that was just written.
    pub(crate) fn of_check(options: &'o Options, frame: usize) -> Self {
        Self { room: STACK_OF_CHECK / 2, ..Self::new(options, frame) }
    }

    #[inline]
    pub(crate) fn limit(&self) -> usize {
        self.options.size_limit.unwrap_or_else(|| expanded(self.frame.get()))
    }

    /// The bytes that are left.
    #[cfg(any(feature = "lz4", feature = "zstd"))]
    pub(crate) fn left(&self) -> usize {
        self.limit().saturating_sub(self.spent.get())
    }

    /// Notes the size of the frame inside of a compressed one. A small compressed frame may hold a large one, whose value is
    /// no larger than if that frame had come uncompressed.
    #[cfg(any(feature = "lz4", feature = "zstd"))]
    pub(crate) fn opened(&self, frame: usize) {
        const MAX_SIZE: usize = (MAX_OPENED_EXPANSION - FREE_EXPANSION) / MAX_EXPANSION;
        self.frame.set(self.frame.get().max(frame.min(MAX_SIZE)));
    }

    /// Notes that all further frames of this call are inside of a payload.
    ///
    /// A frame may be inside of a frame of its own kind: half of the stack of one value is for frames, because the
    /// innermost value may take all of its own.
    pub(crate) fn enter(&self) -> Result<()> {
        let here = stack_address();
        if self.stack.get() == 0 {
            self.stack.set(here);
        }
        let taken = self.stack.get().abs_diff(here);
        if taken > self.room { Err(out_of_stack(self.room, taken)) } else { Ok(()) }
    }

    pub(crate) fn is_nested(&self) -> bool {
        self.stack.get() != 0
    }

    /// Spends what a codec's elements need beyond the bytes of their payload. A frame that stands alone has this much for
    /// nothing; frames inside of others could be any number.
    #[cfg(feature = "bincode")]
    #[cold]
    pub(crate) fn charge_empty_elements(&self, elements: usize) -> Result<()> {
        self.charge_inside(elements.saturating_mul(MEMORY_OF_EMPTY_ELEMENT))
    }

    /// Spends this many bytes in a frame inside of another one.
    pub(crate) fn charge_inside(&self, bytes: usize) -> Result<()> {
        if self.is_nested() { self.charge(bytes) } else { Ok(()) }
    }

    /// Spends this many bytes.
    #[inline]
    pub(crate) fn charge(&self, bytes: usize) -> Result<()> {
        self.check(bytes)?;
        self.spent.set(self.spent.get().saturating_add(bytes));
        Ok(())
    }

    /// Checks that this many bytes are left, without spending them.
    #[inline]
    pub(crate) fn check(&self, bytes: usize) -> Result<()> {
        let total = self.spent.get().saturating_add(bytes);
        // No memory is as large as a sum that is cut off.
        if total > self.limit() || total == usize::MAX { Err(self.exceeded(total)) } else { Ok(()) }
    }

    #[cold]
    fn exceeded(&self, total: usize) -> Error {
        let what = "memory of what is read, in bytes (`Options::size_limit` sets another limit)";
        exceeded(what, self.limit(), total)
    }
}
