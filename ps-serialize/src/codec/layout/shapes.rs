//! Whether what serde's derives write is what they read. Some attributes hold for one side only, and
//! the layout has nothing to tell it by: the value would be read as another one.
//!
//! A type is checked where it is first met, and each variant of an enum too: what was just written is
//! read back. From then on it costs a look into a table.

use std::any::type_name;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::read::{Reader, Value};
use super::trace::{Event, Trace};
use super::write::{Place, Writer};
use crate::error::{Error, ErrorKind, Result};

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

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Shape {
    /// The shape of a type inside of an annotated one, or of its variant, for which `variant` is `1 +` the index.
    #[inline]
    pub(super) fn new(root: usize, type_name: &'static str, variant: usize) -> Self {
        let key = type_name.as_ptr().addr().wrapping_add(variant.wrapping_mul(SPREAD)) ^ root;
        Self { key: key.max(1), type_name }
    }

    #[inline]
    fn place(self) -> usize {
        self.key.wrapping_mul(SPREAD) >> (usize::BITS - SLOT_BITS)
    }

    #[inline]
    pub(super) fn is_checked(self) -> bool {
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

/// Whether the type can't hold another type, or hands each value that it holds to the serializer by itself.
/// The compiler knows the answer, as long as only single bytes are compared.
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
                || begins_with(name, b"alloc::collectio")
                || begins_with(name, b"std::collections")
        }
    }
}

/// Whether reading the type may ask for more than the layout says. An `Option` asks for what it holds.
#[inline]
pub(super) fn is_named(type_name: &str) -> bool {
    !is_plain(type_name) || begins_with(type_name.as_bytes(), b"core::option::Op")
}

/// Whether the type holds no values of other types.
#[inline]
pub(super) fn is_scalar(type_name: &str) -> bool {
    type_name.len() <= 5 || begins_with(type_name.as_bytes(), b"alloc::string::S")
}

#[inline]
fn begins_with(name: &[u8], start: &[u8; 16]) -> bool {
    name.first_chunk()
        .is_some_and(|first| u128::from_ne_bytes(*first) == u128::from_ne_bytes(*start))
}

/// A value that a writer of any type can be given.
pub(super) trait Written {
    fn write(&self, place: Place<'_, '_>) -> Result<()>;
    fn type_name(&self) -> &'static str;
}

impl<T: Serialize + ?Sized> Written for &T {
    fn write(&self, place: Place<'_, '_>) -> Result<()> {
        place.put(*self)
    }

    fn type_name(&self) -> &'static str {
        type_name::<T>()
    }
}

/// A function that reads a value and hands it on.
pub(super) type ReadBack =
    fn(Value<'_, '_>, &mut dyn FnMut(&dyn Written) -> Result<()>) -> Result<()>;

pub(super) fn read_back<R: Serialize + DeserializeOwned>(
    value: Value<'_, '_>,
    then: &mut dyn FnMut(&dyn Written) -> Result<()>,
) -> Result<()> {
    match value.get::<R>() {
        Ok(value) => then(&&value),
        Err(error) => Err(error),
    }
}

/// A number that stands for the type that reads.
#[inline]
pub(super) fn root_of(reader: ReadBack) -> usize {
    (reader as *const ()).addr().wrapping_mul(SPREAD)
}

fn trace(value: &dyn Written) -> Result<(Trace, u64)> {
    let mut payload = Vec::new();
    let mut writer = Writer::new(&mut payload, 0);
    value.write(writer.traced_root())?;
    Ok(writer.into_trace())
}

/// A value that was read back.
struct Read {
    trace: Trace,
    hash: u64,
    /// The structs and enums that its reader asked for.
    events: Vec<Event>,
    /// The value, as it is written again.
    payload: Vec<u8>,
}

/// Why a payload can't be read.
enum Unread {
    /// The reader asks for what the layout does not say.
    Asking(Error),
    Other(Error),
}

fn read(payload: &[u8], reader: ReadBack) -> Result<Read, Unread> {
    let mut from = Reader::of_check(payload, Some(Vec::new()));
    let mut again = Vec::new();
    let mut traced = None;
    let value = reader(from.root(), &mut |value| {
        traced = Some(trace(value)?);
        let mut writer = Writer::new(&mut again, 0);
        value.write(writer.root())
    });
    let events = from.events.take().unwrap_or_default();
    match value.and_then(|()| from.finish()) {
        Ok(()) => {
            let (trace, hash) = traced.expect("what was read is handed on");
            Ok(Read { trace, hash, events, payload: again })
        }
        Err(error) if from.is_asked => Err(Unread::Asking(error)),
        Err(error) => Err(Unread::Other(error)),
    }
}

/// Refuses a value that has too many elements, or that is read back as another one.
#[cold]
#[inline(never)]
pub(super) fn check(writer: &Writer<'_>, value: &dyn Written, reader: ReadBack) -> Result<()> {
    writer.check_elements()?;
    let (payload, unchecked) = (writer.payload(), writer.unchecked());
    if unchecked.is_empty() {
        // The value is checked because it is deep.
        let mut from = Reader::of_check(payload, None);
        reader(from.root(), &mut |_| Ok(()))?;
        return from.finish();
    }
    let refused = |problem| {
        Error::custom(Refused { problem, found_in: found_in(value.type_name(), unchecked) })
    };
    let (written, hash) = trace(value)?;
    let again = match read(payload, reader) {
        Ok(again) => again,
        Err(Unread::Asking(error)) => return Err(error),
        Err(Unread::Other(error)) if matches!(error.kind(), ErrorKind::LimitExceeded { .. }) => {
            return Err(error);
        }
        Err(Unread::Other(error)) => return Err(refused(Problem::Unreadable(error))),
    };
    let asked_for = written.fits(&again.events);
    if again.hash != hash {
        // A reader may put a value into order, once and for all.
        let settled =
            || read(&again.payload, reader).is_ok_and(|settled| settled.hash == again.hash);
        if !asked_for || !settled() {
            return Err(refused(Problem::Other(written.difference(&again.trace))));
        }
    }
    if asked_for || written.vouches(&again.events) {
        unchecked.iter().for_each(|shape| shape.set_checked());
    }
    Ok(())
}

/// The user's types that were met for the first time, as places to look.
fn found_in(root: &'static str, unchecked: &[Shape]) -> Vec<&'static str> {
    const OTHERS: [&str; 5] = ["alloc::", "core::", "std::", "serde::", "serde_core::"];
    let mut names = Vec::new();
    for name in unchecked.iter().map(|shape| shape.type_name.trim_start_matches('&')) {
        // Types that serde's derives make for themselves have such a path.
        let is_other = OTHERS.iter().any(|of| name.starts_with(of)) || name.contains("::_::<impl");
        if !is_other && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        names.push(root);
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
