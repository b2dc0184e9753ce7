//! Ranges of integers, as indexes and places have them.

use super::source::Source;
use crate::builtin::pickle::{Id, Node};
use crate::error::{Error, Result};

/// Integers from `start` on, each `step` more than the one before.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) start: i64,
    pub(super) step: i64,
    pub(super) length: usize,
}

impl Range {
    /// The integers from `start` to before `end`.
    pub(super) fn new(start: i64, end: i64, step: i64) -> Result<Self> {
        let (start_wide, end, by) = (i128::from(start), i128::from(end), i128::from(step));
        let length = match step {
            0 => return Err(Error::custom("a range with a step of 0")),
            1.. => (end - start_wide + by - 1).max(0) / by,
            _ => (start_wide - end - by - 1).max(0) / -by,
        };
        let length = usize::try_from(length).map_err(|_| {
            Error::custom(format!("a range of {length} integers is larger than any memory"))
        })?;
        Ok(Self { start, step, length })
    }

    /// The places that `slice(start, end, step)` takes from this many.
    pub(super) fn of_slice(source: &Source<'_>, id: Id, places: usize) -> Result<Self> {
        let invalid = || Error::custom("the places of columns are neither a slice nor an array");
        let parts = match source.pickled.node(id) {
            Node::Instance(_) => source.reader().slice(id)?,
            _ => return Err(invalid()),
        };
        let [start, end, step] = parts.ok_or_else(invalid)?;
        let (places, step) = (i64::try_from(places).map_err(Error::custom)?, step.unwrap_or(1));
        // Python counts what is negative from the end, and takes what is beyond an end for that end.
        let (low, high) = if step < 0 { (-1, places - 1) } else { (0, places) };
        let bound = |bound: i64| match bound {
            ..0 => bound.saturating_add(places).max(low),
            _ => bound.min(high),
        };
        let start = start.map_or(if step < 0 { high } else { low }, bound);
        let end = end.map_or(if step < 0 { low } else { high }, bound);
        Self::new(start, end, step)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = i64> {
        // The last step may lead over the end of all numbers.
        std::iter::successors(Some(self.start), move |number| number.checked_add(self.step))
            .take(self.length)
    }
}
