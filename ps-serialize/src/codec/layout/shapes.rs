//! Whether what serde's derives write is what they read. Some attributes hold for one side only, and
//! the layout has nothing to tell it by: the value would be read as another one.
//!
//! A type is checked where it is first met, and each variant of an enum too: what was just written is
//! read back. From then on it costs a look into a table.

use std::any::type_name;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::read::{Reader, Value};
use super::trace::{Event, Trace};
use super::write::{Place, Writer};
use crate::codec::refused::{Problem, Refused};
use crate::codec::shape::SPREAD;
use crate::error::{Error, ErrorKind, Result};

/// The possible causes, if a type reads another value than it wrote.
const ONE_SIDED: &str = "attributes of serde's that hold for one side only (`skip_serializing`, `skip_deserializing`, a skipped variant before others, `into` or `from` alone)";

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

/// The variants in a value: the name of the enum, and the number and the name of the variant.
#[cfg(feature = "lock")]
pub(crate) fn variants_of<T: Serialize + ?Sized>(
    value: &T,
) -> Vec<(&'static str, u32, &'static str)> {
    let mut payload = Vec::new();
    let mut writer = Writer::new(&mut payload, 0);
    // What is refused has variants before.
    let _ = (&value).write(writer.traced_root());
    writer.into_trace().0.variants().collect()
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
    let refused =
        |problem| Error::custom(Refused::new(problem, ONE_SIDED, value.type_name(), unchecked));
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
