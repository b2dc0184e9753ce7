//! How much memory a pickle may take: a byte of it can stand for a value of many, and be referred to
//! again and again.

use std::cell::Cell;

use crate::error::{Error, Result};
use crate::expansion;

pub(super) struct Budget {
    /// In bytes.
    pub(super) limit: usize,
    taken: Cell<usize>,
}

impl Budget {
    pub(super) fn of(payload: usize) -> Self {
        Self { limit: expansion::most_expanded(payload), taken: Cell::new(0) }
    }

    #[inline]
    pub(super) fn charge(&self, bytes: usize) -> Result<()> {
        self.taken.set(self.taken.get().saturating_add(bytes));
        self.check(0)
    }

    /// Whether there is room for what is going to be charged.
    #[inline]
    pub(super) fn check(&self, bytes: usize) -> Result<()> {
        let taken = self.taken.get().saturating_add(bytes);
        if taken > self.limit { Err(self.exceeded()) } else { Ok(()) }
    }

    #[cold]
    fn exceeded(&self) -> Error {
        Error::custom(format!(
            "the values of the pickle take more than {} bytes of memory, which is the limit: `Options::size_limit` sets another",
            self.limit
        ))
    }
}
