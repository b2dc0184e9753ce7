//! How deep values may stand inside one another: each level takes stack, in the traits of serde's and in
//! types that nobody here knows.

use crate::error::Result;
#[cfg(feature = "pickle")]
use crate::limits::STACK;
use crate::limits::{MAX_DEPTH, out_of_stack, stack_address, too_deep};

/// The stack, as it was before the outermost value.
#[derive(Clone, Copy)]
pub(super) struct Stack {
    start: usize,
    /// How much of it there is.
    room: usize,
}

impl Stack {
    #[inline]
    pub(super) fn here(room: usize) -> Self {
        Self { start: stack_address(), room }
    }

    /// How much of it is taken, where so many levels are left.
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

    /// Flat records, which are most, are not to pay for the others.
    #[inline]
    pub(super) fn is_flat(levels: u32) -> bool {
        levels > MAX_DEPTH - 4
    }
}

/// How many levels are left, where it is handed on together with the stack.
#[cfg(feature = "pickle")]
#[derive(Clone, Copy)]
pub(crate) struct Nesting {
    levels: u32,
    stack: Stack,
}

#[cfg(feature = "pickle")]
impl Nesting {
    #[inline]
    pub(crate) fn outermost() -> Self {
        Self { levels: MAX_DEPTH, stack: Stack::here(STACK) }
    }

    /// Inside of a value.
    #[inline]
    pub(crate) fn deeper(self) -> Result<Self> {
        if !Stack::is_flat(self.levels) {
            self.stack.check(self.levels)?;
        }
        Ok(Self { levels: self.levels - 1, ..self })
    }
}
