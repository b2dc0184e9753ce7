//! The bounds of this library, and what one call may spend.

use std::cell::Cell;

use crate::error::{Error, ErrorKind, Result};
use crate::options::Options;

/// Without a limit of the caller's, what a frame becomes may take this many times the frame's bytes,
/// and [`FREE_EXPANSION`] more.
pub(crate) const MAX_EXPANSION: usize = 256;
/// What every frame may take beside [`MAX_EXPANSION`], in bytes.
pub(crate) const FREE_EXPANSION: usize = 64 << 20;

/// What these many bytes may become without a limit of the caller's.
pub(crate) fn expanded(bytes: usize) -> usize {
    bytes.saturating_mul(MAX_EXPANSION).saturating_add(FREE_EXPANSION)
}

/// How many dimensions an array may have, in every kind of frame that NumPy or PyTorch reads or writes.
/// NumPy and PyTorch have the same limit.
#[cfg(any(feature = "ndarray", feature = "torch"))]
pub(crate) const MAX_DIMENSIONS: usize = 64;

/// How many structs, enums, options, sequences and so on may stand inside one another.
#[cfg(any(feature = "bincode", feature = "pickle"))]
pub(crate) const MAX_DEPTH: u32 = 128;
/// How many more elements than bytes all sequences of a payload may have together.
#[cfg(any(feature = "bincode", feature = "wincode"))]
pub(crate) const EMPTY_ELEMENTS: usize = 1 << 16;
/// How much stack a nested value may take: half of what a thread has by default.
#[cfg(any(feature = "bincode", feature = "pickle", feature = "wincode"))]
pub(crate) const STACK: usize = 1 << 20;
/// How much of it may take what was just written, when it is read back: another call may take more
/// for the same value, where the compiler has inlined otherwise.
#[cfg(any(feature = "bincode", feature = "wincode"))]
pub(crate) const STACK_OF_CHECK: usize = STACK / 4 * 3;
/// From here on it is not certain that what was written can be read, which takes more stack.
#[cfg(any(feature = "bincode", feature = "wincode"))]
pub(crate) const DEEP: usize = 1 << 10;

/// Checks the number of dimensions. Writers and readers both call it, so that what is written can be read.
#[cfg(any(feature = "ndarray", feature = "torch"))]
#[inline]
pub(crate) fn check_dimensions(found: usize) -> Result<()> {
    if found <= MAX_DIMENSIONS {
        return Ok(());
    }
    Err(exceeded("number of dimensions of an array", MAX_DIMENSIONS, found))
}

/// The error of everything that is larger than a bound.
#[cold]
pub(crate) fn exceeded(what: &'static str, limit: usize, found: usize) -> Error {
    ErrorKind::LimitExceeded { what, limit: limit as u64, found: found as u64 }.into()
}

/// Where the stack is.
#[cfg(any(feature = "bincode", feature = "pickle", feature = "wincode"))]
#[inline]
pub(crate) fn stack_address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(&here).addr()
}

// Errors are made out of line: what they take would keep the rest from being inlined.

#[cfg(any(feature = "bincode", feature = "pickle"))]
#[cold]
#[inline(never)]
pub(crate) fn too_deep() -> Error {
    exceeded("nested too deep, in levels", MAX_DEPTH as usize, MAX_DEPTH as usize + 1)
}

#[cfg(any(feature = "bincode", feature = "pickle", feature = "wincode"))]
#[cold]
#[inline(never)]
pub(crate) fn out_of_stack(room: usize, taken: usize) -> Error {
    let what = "nested too deep, in bytes of stack (a list whose elements refer to one another by index takes none)";
    exceeded(what, room, taken)
}

/// What there are too many of, on both sides and by both codecs of the layout.
#[cfg(any(feature = "bincode", feature = "wincode"))]
pub(crate) const TOO_MANY_ELEMENTS: &str =
    "too many elements in sequences for the size of the payload";

/// For a payload of this size.
#[cfg(feature = "bincode")]
#[cold]
#[inline(never)]
pub(crate) fn too_many_elements(payload: usize, elements: usize) -> Error {
    exceeded(TOO_MANY_ELEMENTS, payload.saturating_add(EMPTY_ELEMENTS), elements)
}

/// What one call of a reading verb may take in memory beside the frame's own bytes: what is decompressed inside
/// of a frame, the values of a pickle, headers, and what users' serializers charge. All of it comes from one sum.
pub(crate) struct Budget<'o> {
    pub(crate) options: &'o Options,
    /// The bytes of the frame, from which the limit follows where the caller sets none.
    frame: usize,
    spent: Cell<usize>,
    /// Whether the call has come to a frame inside of a payload.
    nested: Cell<bool>,
}

impl<'o> Budget<'o> {
    #[inline]
    pub(crate) fn new(options: &'o Options, frame: usize) -> Self {
        Self { options, frame, spent: Cell::new(0), nested: Cell::new(false) }
    }

    #[inline]
    pub(crate) fn limit(&self) -> usize {
        self.options.size_limit.unwrap_or_else(|| expanded(self.frame))
    }

    /// What is left of it.
    #[cfg(any(feature = "lz4", feature = "zstd"))]
    pub(crate) fn left(&self) -> usize {
        self.limit().saturating_sub(self.spent.get())
    }

    /// From here on, frames are inside of a payload.
    pub(crate) fn enter(&self) {
        self.nested.set(true);
    }

    pub(crate) fn is_nested(&self) -> bool {
        self.nested.get()
    }

    /// Spends this many bytes.
    #[inline]
    pub(crate) fn charge(&self, bytes: usize) -> Result<()> {
        self.check(bytes)?;
        self.spent.set(self.spent.get() + bytes);
        Ok(())
    }

    /// Checks that so many bytes are left, for what is going to be charged.
    #[inline]
    pub(crate) fn check(&self, bytes: usize) -> Result<()> {
        let total = self.spent.get().saturating_add(bytes);
        if total > self.limit() { Err(self.exceeded(total)) } else { Ok(()) }
    }

    #[cold]
    fn exceeded(&self, total: usize) -> Error {
        let what = "memory of what is read, in bytes (`Options::size_limit` sets another limit)";
        exceeded(what, self.limit(), total)
    }
}
