//! Whether what serde's derives write is what they read. Some attributes hold for one side only, and
//! the layout has nothing to tell it by: the value would be read as another one.
//!
//! A type is checked where it is first met, and each variant of an enum too: what was just written is
//! read back. From then on it costs a look into a table.

use std::any::type_name;
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use super::trace::{Event, Trace};
use crate::error::{Error, Result};

/// The shapes that were checked. Where it is full, the others are checked each time.
static CHECKED: [AtomicUsize; 1 << SLOT_BITS] = [const { AtomicUsize::new(0) }; 1 << SLOT_BITS];
const SLOT_BITS: u32 = 13;
/// How many places are looked at for a shape.
const PLACES: usize = 64;
/// An odd number with its bits well spread, for all sizes of `usize`.
#[allow(clippy::cast_possible_truncation)] // to the lower half of it, which is odd too
const SPREAD: usize = 0x9e37_79b9_7f4a_7c15_u64 as usize;

/// A type, or a variant of an enum, inside of an annotated type.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    key: usize,
    type_name: &'static str,
}

impl Shape {
    #[inline]
    fn place(self) -> usize {
        self.key.wrapping_mul(SPREAD) >> (usize::BITS - SLOT_BITS)
    }

    #[inline]
    fn is_checked(self) -> bool {
        CHECKED[self.place()].load(Ordering::Relaxed) == self.key || self.is_checked_elsewhere()
    }

    #[cold]
    #[inline(never)]
    fn is_checked_elsewhere(self) -> bool {
        for place in self.places() {
            match place.load(Ordering::Relaxed) {
                0 => return false,
                key if key == self.key => return true,
                _ => {}
            }
        }
        false
    }

    fn set_checked(self) {
        for place in self.places() {
            match place.compare_exchange(0, self.key, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return,
                Err(key) if key == self.key => return,
                Err(_) => {}
            }
        }
    }

    fn places(self) -> impl Iterator<Item = &'static AtomicUsize> {
        CHECKED.iter().cycle().skip(self.place()).take(PLACES)
    }
}

/// The shapes that one value has, and that were not checked before.
pub(super) struct Shapes {
    /// Stands for the annotated type: other types of the same name may be inside of others.
    root: usize,
    unchecked: Cell<Vec<Shape>>,
}

impl Shapes {
    #[inline]
    pub(super) fn of<T: Check>() -> Self {
        let root = (T::check as *const ()).addr().wrapping_mul(SPREAD);
        Self { root, unchecked: Cell::new(Vec::new()) }
    }

    /// Notes a type, or a variant: `1 +` its index.
    #[inline]
    pub(super) fn meet(&self, type_name: &'static str, variant: usize) {
        let key = type_name.as_ptr().addr().wrapping_add(variant.wrapping_mul(SPREAD)) ^ self.root;
        let shape = Shape { key: key.max(1), type_name };
        if !shape.is_checked() {
            self.note(shape);
        }
    }

    #[cold]
    #[inline(never)]
    fn note(&self, shape: Shape) {
        let mut unchecked = self.unchecked.take();
        if !unchecked.iter().any(|known| known.key == shape.key) {
            unchecked.push(shape);
        }
        self.unchecked.set(unchecked);
    }

    #[inline]
    pub(super) fn take_unchecked(&self) -> Vec<Shape> {
        self.unchecked.take()
    }
}

/// What can't hold another type, or hands each one that it holds to the serializer by itself. The
/// compiler knows the answer, as long as single bytes are all that is compared.
#[inline]
pub(super) fn is_plain(type_name: &str) -> bool {
    let name = type_name.as_bytes();
    let name = if let [b'&', name @ ..] = name { name } else { name };
    match name {
        // Tuples, arrays and slices; and all that is too short for a path.
        [b'(' | b'[', ..] | [_] | [_, _] | [_, _, _] => true,
        [_, second, third, ..] if name.len() <= 5 => *second != b':' && *third != b':',
        _ => {
            begins_with(name, b"alloc::string::S")
                || begins_with(name, b"alloc::vec::Vec<")
                || begins_with(name, b"core::option::Op")
        }
    }
}

#[inline]
fn begins_with(name: &[u8], start: &[u8; 16]) -> bool {
    name.first_chunk()
        .is_some_and(|first| u128::from_ne_bytes(*first) == u128::from_ne_bytes(*start))
}

/// An annotated type, by the bytes that stand for a value.
pub(super) trait Check: Sized {
    /// Reads a payload that was just written, and what the reader asked for.
    fn check(payload: &[u8]) -> Result<(Self, Vec<Event>), Unread>;
    /// Writes a value again.
    fn write(&self) -> Result<Vec<u8>>;
}

/// Why a payload can't be read.
pub(super) enum Unread {
    /// It asks for what the layout does not say.
    Asking(Error),
    Other(Error),
}

/// Refuses a value that is read back as another one.
#[cold]
pub(super) fn check<T: Check + Serialize>(
    value: &T,
    payload: &[u8],
    unchecked: &[Shape],
) -> Result<()> {
    let refused = |problem| Error::custom(Refused { problem, found_in: found_in::<T>(unchecked) });
    let written = Trace::of(value)?;
    let (value, read) = match T::check(payload) {
        Ok(read) => read,
        Err(Unread::Asking(error)) => return Err(error),
        Err(Unread::Other(error)) => return Err(refused(Problem::Unreadable(error))),
    };
    let again = Trace::of(&value)?;
    let asked_for = written.fits(&read);
    if again.hash != written.hash {
        // A reader may put a value into order, once and for all.
        let settled = || -> Result<bool> {
            let Ok((settled, _)) = T::check(&value.write()?) else { return Ok(false) };
            Ok(Trace::of(&settled)?.hash == again.hash)
        };
        if !asked_for || !settled().unwrap_or(false) {
            return Err(refused(Problem::Other(written.difference(&again))));
        }
    }
    if asked_for || written.vouches(&read) {
        unchecked.iter().for_each(|shape| shape.set_checked());
    }
    Ok(())
}

/// Where to look: the types of the user's that were first met.
fn found_in<T>(unchecked: &[Shape]) -> Vec<&'static str> {
    const OTHERS: [&str; 5] = ["alloc::", "core::", "std::", "serde::", "serde_core::"];
    let mut names = Vec::new();
    for name in unchecked.iter().map(|shape| shape.type_name.trim_start_matches('&')) {
        // What serde's derives make for themselves has such a path.
        let is_other = OTHERS.iter().any(|of| name.starts_with(of)) || name.contains("::_::<impl");
        if !is_other && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        names.push(type_name::<T>());
    }
    names
}

#[derive(Debug)]
struct Refused {
    problem: Problem,
    found_in: Vec<&'static str>,
}

#[derive(Debug)]
enum Problem {
    Unreadable(Error),
    Other(Option<(String, String)>),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        match &self.problem {
            Problem::Unreadable(_) => write!(f, "it could not be read back")?,
            Problem::Other(None) => write!(f, "it would be read as another value")?,
            Problem::Other(Some((written, read))) => {
                write!(f, "it would be read as another value: `{written}` as `{read}`")?;
            }
        }
        write!(
            f,
            "; look for attributes of serde's that hold for one side only (`skip_serializing`, `skip_deserializing`, a skipped variant before others, `into` or `from` alone) in "
        )?;
        let shown: Vec<_> =
            self.found_in.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
        write!(f, "{}", shown.join(", "))?;
        match self.found_in.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Unreadable(error) => Some(error),
            Problem::Other(_) => None,
        }
    }
}

/// A field that `skip_serializing_if` leaves out.
#[cold]
#[inline(never)]
pub(super) fn left_out(type_name: &str, field: &str) -> Cow<'static, str> {
    format!(
        "the field `{field}` of `{type_name}` is left out by `skip_serializing_if`, and the layout has no names to tell it by: remove the attribute, since an empty `Option` or `Vec` takes 1 or 8 bytes, or use a codec with names or `Pickle<T>`"
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_types_are_those_that_need_no_check() {
        struct Mine;
        for plain in [
            type_name::<bool>(),
            type_name::<u8>(),
            type_name::<i128>(),
            type_name::<usize>(),
            type_name::<str>(),
            type_name::<&str>(),
            type_name::<&usize>(),
            type_name::<&Vec<u8>>(),
            type_name::<String>(),
            type_name::<()>(),
            type_name::<(Mine, Mine)>(),
            type_name::<[Mine; 2]>(),
            type_name::<[Mine]>(),
            type_name::<Vec<Mine>>(),
            type_name::<Option<Mine>>(),
        ] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in [type_name::<Mine>(), type_name::<Box<Mine>>(), "a::B", "ab::C", "&a::B"] {
            assert!(!is_plain(other), "{other}");
        }
    }
}
