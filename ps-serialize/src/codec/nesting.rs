//! The bounds on how deep values may be nested. Each level takes stack, both in serde's code and in the
//! code of types that this library does not know.

use crate::error::Result;
#[cfg(any(feature = "messagepack", feature = "pickle"))]
use crate::limits::STACK;
use crate::limits::{MAX_DEPTH, out_of_stack, stack_address, too_deep};

/// The position of the stack before the outermost value.
#[derive(Clone, Copy)]
pub(super) struct Stack {
    start: usize,
    /// How much stack there is, in bytes.
    room: usize,
}

impl Stack {
    #[inline]
    pub(super) fn here(room: usize) -> Self {
        Self { start: stack_address(), room }
    }

    /// Returns how much stack is taken, if levels are left and it is not too much.
    #[inline(never)]
    pub(super) fn check(self, levels: u32) -> Result<usize> {
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

/// How many levels are left, together with the stack.
#[cfg(any(feature = "messagepack", feature = "pickle"))]
#[derive(Clone, Copy)]
pub(crate) struct Nesting {
    levels: u32,
    stack: Stack,
}

#[cfg(any(feature = "messagepack", feature = "pickle"))]
impl Nesting {
    #[inline]
    pub(crate) fn outermost() -> Self {
        Self { levels: MAX_DEPTH, stack: Stack::here(STACK) }
    }

    /// The nesting one level deeper.
    #[inline]
    pub(crate) fn deeper(self) -> Result<Self> {
        if !Stack::is_flat(self.levels) {
            self.stack.check(self.levels)?;
        }
        Ok(Self { levels: self.levels - 1, ..self })
    }
}
