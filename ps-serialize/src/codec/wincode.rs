use std::cell::Cell;

use wincode::config::{ConfigCore, Configuration};
use wincode::error::{
    PreallocationError, ReadError, ReadResult, WriteError, WriteResult, preallocation_size_limit,
};
use wincode::io::{self, Reader, Writer};
use wincode::len::{BincodeLen, SeqLen};
use wincode::{SchemaRead, SchemaWrite, TypeMeta};

use super::limits::{DEEP, EMPTY_ELEMENTS, STACK, STACK_OF_CHECK, nested_in_stack, stack_address};
use super::{Decode, Encode, nothing_left};
use crate::error::{Error, Result};
use crate::payload::Payload;
use crate::sink::Sink;

/// Writes the same bytes as [`Bincode`](crate::Bincode) (the bincode 1 layout), faster, for types
/// that derive `wincode::SchemaWrite` and `wincode::SchemaRead`.
///
/// It has the bounds of [`Bincode`](crate::Bincode), but for the 128 levels: a type that holds
/// sequences of itself is bounded by the stack alone. And it refuses elements of over 64 bytes that
/// take more memory together than 64 times the payload and 64 MiB. A field whose schema has lengths of its own,
/// as `#[wincode(with = "containers::Vec<_, BincodeLen>")]`, is outside of them: keep such types from
/// strangers.
///
/// ```
/// use ps_serialize::{Encode, Wincode};
///
/// let mut bytes = Vec::new();
/// Wincode::encode(&(1_u8, "two".to_owned()), &mut bytes)?;
/// assert_eq!(bytes, b"\x01\x03\0\0\0\0\0\0\0two");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Wincode;

/// wincode's default, which is the bincode 1 layout, with our bounds on lengths.
type WincodeLayout = Configuration<true, { 4 << 20 }, CheckedLen>;

#[diagnostic::do_not_recommend]
impl<T> Encode<T> for Wincode
where
    T: SchemaWrite<WincodeLayout, Src = T> + for<'de> SchemaRead<'de, WincodeLayout, Dst = T>,
{
    #[inline]
    fn encode<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
        let layout = WincodeLayout::new();
        let bounded = has_lengths(&<T as SchemaWrite<_>>::TYPE_META);
        let _bounds = bounded.then(|| Bounds::set(usize::MAX, STACK));
        let size = wincode::config::serialized_size(value, layout).map_err(unwritable)?;
        let size = usize::try_from(size).map_err(Error::custom)?;
        let deep = bounded && BOUNDS.get().deep;
        // What can be written is to be within the bounds of reading.
        let _bounds = bounded.then(|| Bounds::set(size, STACK));
        let mut written = Ok(());
        out.append(size, &mut |buffer| {
            let before = buffer.len();
            written =
                wincode::config::serialize_into(&mut *buffer, value, layout).map_err(unwritable);
            if written.is_ok() && deep {
                written = read::<T>(&buffer[before..], STACK_OF_CHECK).map(drop);
            }
        });
        written
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T> Decode<'a, T> for Wincode
where
    T: SchemaRead<'a, WincodeLayout, Dst = T>,
{
    #[inline]
    fn decode(payload: Payload<'a, '_>) -> Result<T> {
        read(payload.bytes()?, STACK)
    }
}

#[inline]
fn read<'a, T>(payload: &'a [u8], room: usize) -> Result<T>
where
    T: SchemaRead<'a, WincodeLayout, Dst = T>,
{
    let _bounds =
        has_lengths(&<T as SchemaRead<_>>::TYPE_META).then(|| Bounds::set(payload.len(), room));
    let mut rest = payload;
    let value = T::get(&mut rest).map_err(unreadable)?;
    nothing_left(rest.len())?;
    Ok(value)
}

#[cold]
fn unwritable(error: WriteError) -> Error {
    match error {
        WriteError::Custom(NESTED) => nested(),
        WriteError::Custom(text) => Error::custom(text),
        WriteError::InvalidUtf8Encoding(error) => Error::custom(error),
        WriteError::PreallocationSizeLimit { needed, limit } => too_many(needed, limit),
        error => Error::custom(error),
    }
}

/// wincode's own texts do not say what was expected.
#[cold]
fn unreadable(error: ReadError) -> Error {
    match error {
        ReadError::Custom(NESTED) => nested(),
        ReadError::Custom(text) | ReadError::InvalidValue(text) => Error::custom(text),
        ReadError::Io(io::ReadError::ReadSizeLimit(_)) => {
            Error::custom("the payload ends inside of the value")
        }
        ReadError::InvalidUtf8Encoding(error) => Error::custom(error),
        ReadError::InvalidUtf8Code(_) | ReadError::InvalidCharLead(_) => {
            Error::custom("a `char` that is not in Unicode")
        }
        ReadError::InvalidBoolEncoding(found) => {
            Error::custom(format!("a `bool` is 0 or 1, not {found}"))
        }
        ReadError::InvalidTagEncoding(found) => Error::custom(format!(
            "there is no variant of the number {found}: an `Option` begins with 0 or 1, and an enum with the number of one of its variants"
        )),
        ReadError::PointerSizedReadError => {
            Error::custom("a length or a `usize` is more than this machine can address")
        }
        ReadError::PreallocationSizeLimit { needed, limit } => too_many(needed, limit),
        error => Error::custom(error),
    }
}

/// What stands for an error that has numbers, which wincode's have not.
const NESTED: &str = "nested too deep";

fn nested() -> Error {
    let bounds = BOUNDS.get();
    Error::custom(nested_in_stack(bounds.room, bounds.found))
}

fn too_many(needed: usize, limit: usize) -> Error {
    let what = match BOUNDS.get().over {
        Over::Elements => "too many elements in sequences: the limit is",
        Over::Bytes => "too much memory for the elements of sequences: the limit in bytes is",
    };
    Error::custom(format!("{what} {limit}, and this is {needed} or more"))
}

/// A type whose values all have one size holds no sequence, so there is nothing to bound.
const fn has_lengths(type_meta: &TypeMeta) -> bool {
    matches!(type_meta, TypeMeta::Dynamic)
}

/// Elements of more bytes in memory are charged to the size of the value: wincode makes room for all
/// of a sequence at once.
const LARGE_ELEMENT: usize = 64;

/// How many bytes of memory the large elements of a value may take together.
#[inline]
fn value_size(payload: usize) -> usize {
    payload.saturating_mul(64).saturating_add(64 << 20)
}

thread_local! {
    static BOUNDS: Cell<Bounds> = const { Cell::new(Bounds::UNBOUNDED) };
}

/// What the lengths of the payload now being written or read are checked against. wincode has no
/// place of its own for it: its limits are constants.
#[derive(Clone, Copy)]
struct Bounds {
    /// How many elements with a size one sequence may have.
    payload: usize,
    /// How many elements all sequences may still have.
    elements: usize,
    /// How many bytes large elements may still take.
    bytes: usize,
    /// Where the stack was at first.
    stack: usize,
    /// How much of it there is.
    room: usize,
    deep: bool,
    /// How much of it was found to be taken.
    found: usize,
    /// What there were too many of.
    over: Over,
}

#[derive(Clone, Copy)]
enum Over {
    Elements,
    Bytes,
}

/// Puts back what was set before: a field may hold a frame of its own.
struct Restore(Bounds);

impl Drop for Restore {
    #[inline]
    fn drop(&mut self) {
        BOUNDS.set(self.0);
    }
}

impl Bounds {
    const UNBOUNDED: Self = Self {
        payload: usize::MAX,
        elements: usize::MAX,
        bytes: usize::MAX,
        stack: 0,
        room: usize::MAX,
        deep: false,
        found: 0,
        over: Over::Elements,
    };

    #[inline]
    fn set(payload: usize, room: usize) -> Restore {
        Restore(BOUNDS.replace(Self {
            payload,
            elements: payload.saturating_add(EMPTY_ELEMENTS),
            bytes: value_size(payload),
            stack: stack_address(),
            room,
            ..Self::UNBOUNDED
        }))
    }

    /// Takes the elements of a sequence from what there may be.
    #[inline]
    fn spend<T>(len: usize) -> Result<(), PreallocationError> {
        let mut bounds = BOUNDS.get();
        if len > bounds.payload && size_of::<T>() > 0 {
            return Err(preallocation_size_limit(len, bounds.payload));
        }
        let size = if size_of::<T>() > LARGE_ELEMENT { size_of::<T>() } else { 0 };
        let elements = bounds.elements.checked_sub(len);
        let bytes = len.checked_mul(size).and_then(|taken| bounds.bytes.checked_sub(taken));
        let (Some(elements), Some(bytes)) = (elements, bytes) else {
            return Err(if elements.is_none() {
                preallocation_size_limit(len, bounds.elements)
            } else {
                bounds.over = Over::Bytes;
                BOUNDS.set(bounds);
                preallocation_size_limit(len.saturating_mul(size), bounds.bytes)
            });
        };
        (bounds.elements, bounds.bytes) = (elements, bytes);
        BOUNDS.set(bounds);
        Ok(())
    }

    #[inline]
    fn check_stack() -> Result<(), &'static str> {
        let mut bounds = BOUNDS.get();
        let stack = stack_address().abs_diff(bounds.stack);
        if stack > DEEP && bounds.stack != 0 {
            if stack > bounds.room {
                bounds.found = stack;
                BOUNDS.set(bounds);
                return Err(NESTED);
            }
            bounds.deep = true;
            BOUNDS.set(bounds);
        }
        Ok(())
    }
}

/// Lengths as bincode 1 has them, checked before anything is allocated for them.
#[derive(Clone, Copy, Debug)]
pub struct CheckedLen;

// SAFETY: the contract is that `write_bytes_needed` tells exactly what `write` writes; both are
// those of `BincodeLen`, which keeps it.
#[allow(unsafe_code)]
unsafe impl<C: ConfigCore> SeqLen<C> for CheckedLen
where
    BincodeLen: SeqLen<C>,
{
    /// When writing, and when reading by way of `read_prealloc_check`.
    #[inline]
    fn prealloc_check<T>(len: usize) -> Result<(), PreallocationError> {
        Bounds::spend::<T>(len)
    }

    #[inline]
    fn read<'de>(reader: impl Reader<'de>) -> ReadResult<usize> {
        Bounds::check_stack().map_err(ReadError::Custom)?;
        <BincodeLen as SeqLen<C>>::read(reader)
    }

    #[inline]
    fn write(writer: impl Writer, len: usize) -> WriteResult<()> {
        // Writing takes more of the stack than counting the bytes does.
        Bounds::check_stack().map_err(WriteError::Custom)?;
        <BincodeLen as SeqLen<C>>::write(writer, len)
    }

    #[inline]
    fn write_bytes_needed(len: usize) -> WriteResult<usize> {
        Bounds::check_stack().map_err(WriteError::Custom)?;
        <BincodeLen as SeqLen<C>>::write_bytes_needed(len)
    }
}
