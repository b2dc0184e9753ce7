//! The bounds on how deep values may be nested. Each level takes stack, both in serde's code and in the
//! code of types that this library does not know.

use crate::error::Result;
#[cfg(feature = "pickle")]
use crate::limits::DEEP_PICKLE;
use crate::limits::{
    MAX_DEPTH, MAX_UNREAD_LEVELS, MAX_UNREAD_SIZE, SMALL_PART, out_of_stack, stack_address,
    too_deep,
};

/// The position of the stack before the outermost value.
#[derive(Clone, Copy)]
pub(crate) struct Stack {
    start: usize,
    /// The size of the stack that the value may take, in bytes.
    room: usize,
}

impl Stack {
    #[inline]
    pub(crate) fn here(room: usize) -> Self {
        Self { start: stack_address(), room }
    }

    /// Returns how much stack is taken, if levels are left and it is not too much.
    #[inline(never)]
    pub(crate) fn check(self, levels: u32) -> Result<usize> {
        let taken = stack_address().abs_diff(self.start);
        if levels == 0 {
            Err(too_deep())
        } else if taken > self.room {
            Err(out_of_stack(self.room, taken))
        } else {
            Ok(taken)
        }
    }

    /// Whether the value is flat, as most records are. The stack of flat values is not checked, to save time.
    #[inline]
    pub(super) fn is_flat(levels: u32) -> bool {
        levels > MAX_DEPTH - 4
    }
}

/// The notes of a writer on a value, by which it knows whether the value must be read back.
#[derive(Default)]
pub(crate) struct Depth {
    /// Whether a level was checked. A reader refuses nothing before.
    checked: bool,
    /// Whether many levels or much stack were taken.
    deep: bool,
    /// Whether a part is large for the number of levels around it.
    wide: bool,
}

impl Depth {
    /// Notes how many levels are left, and whether the writer takes much stack.
    #[inline]
    pub(crate) fn note_level(&mut self, levels: u32, much: bool) {
        self.checked = true;
        self.deep |= much || levels < MAX_DEPTH - MAX_UNREAD_LEVELS;
    }

    /// Notes the size of a part, inside of which this many levels are left.
    #[inline]
    pub(crate) fn note_size(&mut self, levels: u32, size: usize) {
        if size > SMALL_PART {
            self.note_large(levels, size);
        }
    }

    /// Notes the size of a member of a struct or a tuple, as if there were eight of them. A struct in a `Box` is seen by
    /// nothing but its members.
    #[inline]
    pub(crate) fn note_member(&mut self, levels: u32, size: usize) {
        // Larger ones are parts by themselves.
        if size <= SMALL_PART {
            self.note_size(levels, 8 * size);
        }
    }

    /// Notes the number of fields, as if each were as large as eight numbers.
    #[inline]
    pub(crate) fn note_members(&mut self, levels: u32, count: usize) {
        self.note_size(levels, count.saturating_mul(64));
    }

    #[cold]
    #[inline(never)]
    fn note_large(&mut self, levels: u32, size: usize) {
        let taken = MAX_DEPTH.saturating_sub(levels) as usize;
        self.wide |= taken.saturating_mul(size) > MAX_UNREAD_SIZE;
    }

    /// Whether reading the value may take more stack than there is.
    #[inline]
    pub(crate) fn must_be_read_back(&self) -> bool {
        self.deep || self.wide && self.checked
    }
}

/// The number of levels that are left, together with the stack.
#[cfg(any(feature = "messagepack", feature = "pickle"))]
#[derive(Clone, Copy)]
pub(crate) struct Nesting {
    levels: u32,
    stack: Stack,
}

#[cfg(any(feature = "messagepack", feature = "pickle"))]
impl Nesting {
    /// The nesting of the outermost value, for which there is this much stack, in bytes.
    #[inline]
    pub(crate) fn outermost(stack: usize) -> Self {
        Self { levels: MAX_DEPTH, stack: Stack::here(stack) }
    }

    /// The number of levels that are left.
    #[cfg(feature = "pickle")]
    #[inline]
    pub(crate) fn levels(self) -> u32 {
        self.levels
    }

    /// The nesting one level deeper.
    #[inline]
    pub(crate) fn deeper(self) -> Result<Self> {
        if !Stack::is_flat(self.levels) {
            self.stack.check(self.levels)?;
        }
        Ok(Self { levels: self.levels - 1, ..self })
    }

    /// The nesting one level deeper, for a writer.
    #[cfg(feature = "pickle")]
    pub(crate) fn deeper_noted(self, depth: &mut Depth) -> Result<Self> {
        if !Stack::is_flat(self.levels) {
            let taken = self.stack.check(self.levels)?;
            depth.note_level(self.levels, taken > DEEP_PICKLE);
        }
        Ok(Self { levels: self.levels - 1, ..self })
    }
}
