//! Whether what serde's derives write is what they read.
//!
//! A type is checked where it is first met, and each variant of an enum and each field that was left out too: what
//! was just written is read back. From then on it costs a look into a table. A type that asks what comes next, or that
//! ignores what it does not know, may read one value right and another one wrong: its values are all read back.

use std::any::type_name;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fingerprint;
use super::read::{Reader, Seen};
use super::write::Writer;
use crate::codec::refused::{Problem, Refused};
use crate::codec::shape::SPREAD;
use crate::error::unsaid::without_texts;
use crate::error::{Error, ErrorKind, Result};

/// The possible causes, if a type reads another value than it wrote.
const SUSPECTS: &str = "attributes of serde's that hold for one side only (`skip_deserializing`, `skip_serializing_if` without `default`, `into` or `from` alone), an `untagged` variant that takes what a later one writes, and two fields of one name by `flatten` or `tag`,";

/// A number that stands for the type that reads.
#[inline]
pub(super) fn root_of<R: DeserializeOwned>() -> usize {
    (read_back::<R> as *const ()).addr().wrapping_mul(SPREAD)
}

/// Reads a value that was just written, and notes what its type asks for.
fn read_back<R: DeserializeOwned>(payload: &[u8], seen: Option<Seen>) -> Result<(R, Option<Seen>)> {
    let mut reader = Reader::of_check(payload, seen);
    let value = reader.root().get()?;
    reader.finish()?;
    Ok((value, reader.seen))
}

/// Refuses a value that is read back as another one, or not at all.
#[cold]
#[inline(never)]
pub(super) fn check<R, T>(writer: &Writer<'_>, value: &T) -> Result<()>
where
    R: Serialize + DeserializeOwned,
    T: Serialize + ?Sized,
{
    if writer.unchecked.is_empty() && !writer.flattened {
        // Only its depth needs a check.
        return read_back::<R>(writer.payload(), None).map(drop);
    }
    let refused = |problem| {
        Error::custom(Refused::new(problem, SUSPECTS, type_name::<T>(), &writer.unchecked))
    };
    let (hash, names) = fingerprint::of(value)?;
    let read = without_texts(|| read_back::<R>(writer.payload(), Some(Seen::default())));
    // What can't be read is read again for the text of its error.
    let (again, seen) = match read.or_else(|_| read_back::<R>(writer.payload(), None)) {
        Ok(read) => read,
        Err(error) if matches!(error.kind(), ErrorKind::LimitExceeded { .. }) => return Err(error),
        Err(error) => return Err(refused(Problem::Unreadable(error))),
    };
    // What one value shows is then true of all.
    let is_typical = !writer.flattened && seen.is_some_and(|seen| seen.is_exactly(names));
    let (hash_again, _) = fingerprint::of(&again)?;
    let may_settle = is_typical && !writer.left_out;
    if hash_again != hash && !(may_settle && is_settled(&again, hash_again)?) {
        return Err(refused(Problem::Other(None)));
    }
    if is_typical {
        writer.unchecked.iter().for_each(|shape| shape.set_checked());
    }
    Ok(())
}

/// Whether a value that was read is read as itself from then on. A reader may put a value into order, once and for all.
fn is_settled<R: Serialize + DeserializeOwned>(value: &R, hash: u64) -> Result<bool> {
    let mut payload = Vec::new();
    Writer::new(&mut payload, 0).root().put(value)?;
    let (again, _) = read_back::<R>(&payload, None)?;
    Ok(fingerprint::of(&again)?.0 == hash)
}
