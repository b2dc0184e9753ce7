use std::cell::Cell;
use std::mem::MaybeUninit;

use wincode::config::{ConfigCore, Configuration};
use wincode::error::{
    PreallocationError, ReadError, ReadResult, WriteError, WriteResult, preallocation_size_limit,
};
use wincode::io::{self, Reader, Writer};
use wincode::len::{BincodeLen, SeqLen};
use wincode::{SchemaRead, SchemaWrite, TypeMeta};

use super::{Decode, Encode};
use crate::error::{Error, Result, changed, ended_inside, nothing_left_after_value};
use crate::limits::{
    DEEP, EMPTY_ELEMENTS, LARGE_ELEMENT, MAX_WITHOUT_MEMORY, MEMORY_OF_EMPTY_ELEMENT, STACK,
    STACK_OF_CHECK, TOO_MANY_ELEMENTS, exceeded, max_elements, max_memory_of_elements,
    out_of_stack, stack_address,
};
#[cfg(feature = "lock")]
use crate::lock::{BySerde, Looked};
use crate::payload::Payload;
use crate::record::Field;
use crate::sink::Sink;

/// Writes the same bytes as [`Bincode`](crate::Bincode) (the bincode 1 layout), faster, for types
/// that derive `wincode::SchemaWrite` and `wincode::SchemaRead`.
///
/// `Wincode` has the bounds of [`Bincode`](crate::Bincode), except for the 128 levels: only the stack bounds the depth of a type
/// that holds sequences of itself. `Wincode` has two more bounds. Elements of over 64 bytes may take together at most 64 times the
/// payload and 64 MiB of memory. One sequence may have at most 16,777,216 elements without a size in memory.
///
/// Two kinds of types are not bounded. Do not read them from strangers:
///
/// - a type with a field whose schema has lengths of its own, such as `#[wincode(with = "containers::Vec<_, BincodeLen>")]`;
/// - a type that holds itself without any sequence or text between, such as `struct Chain(Option<Box<Chain>>)`.
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
        let mut written = Ok(());
        match <T as SchemaWrite<WincodeLayout>>::TYPE_META {
            TypeMeta::Static { size, .. } => out.append(size, &mut |buffer| {
                written = write(value, buffer);
            }),
            TypeMeta::Dynamic => out.append(EXPECTED_SIZE, &mut |buffer| {
                written = write_bounded(value, buffer);
            }),
        }
        written
    }

    #[cfg(feature = "lock")]
    fn look(_: &str, by_serde: Option<BySerde<T>>) -> Looked {
        let encode = |value: &T| {
            let mut payload = Vec::new();
            Self::encode(value, &mut payload).map(|()| payload)
        };
        by_serde.map_or_else(Looked::wincode::<T>, |look| look(encode))
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T> Decode<'a, T> for Wincode
where
    T: SchemaRead<'a, WincodeLayout, Dst = T>,
{
    #[inline]
    fn decode(payload: Payload<'a, '_>) -> Result<T> {
        let bytes = payload.bytes()?;
        match <T as SchemaRead<WincodeLayout>>::TYPE_META {
            TypeMeta::Static { .. } => read(bytes).map_err(changed),
            TypeMeta::Dynamic => {
                let _bounds = Bounds::of_reading(bytes.len(), STACK);
                let value = read(bytes).map_err(changed)?;
                let memory = Bounds::memory_taken(bytes.len());
                if memory > 0 {
                    payload.budget().charge_inside(memory)?;
                }
                Ok(value)
            }
        }
    }
}

/// The expected size of a value that has sequences, since the real one is known only once it is written. A buffer
/// of this size and the line is the largest that glibc has at hand without a search.
const EXPECTED_SIZE: usize = 1000;

#[inline]
fn write<T>(value: &T, buffer: &mut Vec<u8>) -> Result<()>
where
    T: SchemaWrite<WincodeLayout, Src = T>,
{
    wincode::config::serialize_into(buffer, value, WincodeLayout::new()).map_err(unwritable)
}

/// Writes a value and checks the bounds of reading, so that the value can be read.
fn write_bounded<T>(value: &T, buffer: &mut Vec<u8>) -> Result<()>
where
    T: SchemaWrite<WincodeLayout, Src = T> + for<'de> SchemaRead<'de, WincodeLayout, Dst = T>,
{
    let before = buffer.len();
    let bounds = Bounds::of_writing();
    write(value, buffer)?;
    let payload = &buffer[before..];
    let deep = Bounds::check_written(payload.len())?;
    drop(bounds);
    if deep { read_bounded::<T>(payload, STACK_OF_CHECK).map(drop) } else { Ok(()) }
}

#[inline]
fn read<'a, T>(mut payload: &'a [u8]) -> Result<T>
where
    T: SchemaRead<'a, WincodeLayout, Dst = T>,
{
    let value = T::get(&mut payload).map_err(unreadable)?;
    nothing_left_after_value(payload.len())?;
    Ok(value)
}

fn read_bounded<'a, T>(payload: &'a [u8], room: usize) -> Result<T>
where
    T: SchemaRead<'a, WincodeLayout, Dst = T>,
{
    let _bounds = Bounds::of_reading(payload.len(), room);
    read(payload)
}

#[cold]
fn unwritable(error: WriteError) -> Error {
    match error {
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
        ReadError::Custom(text) | ReadError::InvalidValue(text) => Error::custom(text),
        ReadError::Io(io::ReadError::ReadSizeLimit(_)) => ended_inside(),
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

fn too_many(needed: usize, limit: usize) -> Error {
    over(BOUNDS.with(|bounds| bounds.over.get()), needed, limit)
}

#[cold]
fn over(what: Over, needed: usize, limit: usize) -> Error {
    let what = match what {
        Over::Stack => return out_of_stack(limit, needed),
        Over::Elements => TOO_MANY_ELEMENTS,
        Over::Bytes => "too much memory for the elements of sequences, in bytes",
    };
    exceeded(what, limit, needed)
}

/// The error for a limit on a sum, of which this much was left.
#[cold]
fn over_total(needed: usize, left: usize, limit: usize) -> PreallocationError {
    preallocation_size_limit(limit.saturating_sub(left).saturating_add(needed), limit)
}

thread_local! {
    static BOUNDS: Bounds = const { Bounds::NONE };
}

/// The bounds that the lengths in the payload are checked against, while it is written or read. wincode has no
/// place for them, because its own limits are constants.
///
/// The size of a payload is known only when all of it is written. Until then, lengths are only counted.
#[derive(Clone)]
struct Bounds {
    writing: Cell<bool>,
    /// How many elements with a size one sequence may have, which is the size of the payload; when writing, how many the
    /// longest has.
    longest: Cell<usize>,
    /// The number of elements that all sequences may still have.
    elements: Cell<usize>,
    /// The number of bytes that large elements may still take.
    bytes: Cell<usize>,
    /// The address of the stack before the value.
    stack: Cell<usize>,
    /// The size of the stack that the value may take, in bytes.
    room: Cell<usize>,
    /// Whether the value has taken much of the stack.
    deep: Cell<bool>,
    /// The bound that was exceeded.
    over: Cell<Over>,
}

#[derive(Clone, Copy)]
enum Over {
    Elements,
    Bytes,
    Stack,
}

/// Puts back what was set before: a field may hold a frame of its own.
struct Restore(Bounds);

impl Drop for Restore {
    #[inline]
    fn drop(&mut self) {
        BOUNDS.with(|bounds| bounds.swap(&self.0));
    }
}

impl Bounds {
    #[allow(clippy::declare_interior_mutable_const)]
    const NONE: Self = Self {
        writing: Cell::new(false),
        longest: Cell::new(usize::MAX),
        elements: Cell::new(usize::MAX),
        bytes: Cell::new(usize::MAX),
        stack: Cell::new(0),
        room: Cell::new(usize::MAX),
        deep: Cell::new(false),
        over: Cell::new(Over::Elements),
    };

    #[inline]
    fn of_writing() -> Restore {
        Self {
            writing: Cell::new(true),
            longest: Cell::new(0),
            stack: Cell::new(stack_address()),
            room: Cell::new(STACK),
            ..Self::NONE
        }
        .set()
    }

    #[inline]
    fn of_reading(payload: usize, room: usize) -> Restore {
        Self {
            longest: Cell::new(payload),
            elements: Cell::new(max_elements(payload)),
            bytes: Cell::new(max_memory_of_elements(payload)),
            stack: Cell::new(stack_address()),
            room: Cell::new(room),
            ..Self::NONE
        }
        .set()
    }

    /// Whether reading the value that was just written may take more stack than there is.
    fn check_written(size: usize) -> Result<bool> {
        BOUNDS.with(|bounds| {
            let bytes = usize::MAX - bounds.bytes.get();
            let elements = usize::MAX - bounds.elements.get();
            let longest = bounds.longest.get();
            if bytes > max_memory_of_elements(size) {
                return Err(over(Over::Bytes, bytes, max_memory_of_elements(size)));
            }
            if elements > max_elements(size) {
                return Err(over(Over::Elements, elements, max_elements(size)));
            }
            if longest > size {
                return Err(over(Over::Elements, longest, size));
            }
            Ok(bounds.deep.get())
        })
    }

    /// The memory that elements took which is not justified by bytes of the payload.
    #[inline]
    fn memory_taken(payload: usize) -> usize {
        BOUNDS.with(|bounds| {
            let large = max_memory_of_elements(payload) - bounds.bytes.get();
            let large = large.saturating_sub(payload);
            let empty = EMPTY_ELEMENTS.saturating_sub(bounds.elements.get());
            large.saturating_add(empty.saturating_mul(MEMORY_OF_EMPTY_ELEMENT))
        })
    }

    #[inline]
    fn set(self) -> Restore {
        BOUNDS.with(|bounds| bounds.swap(&self));
        Restore(self)
    }

    #[inline]
    fn swap(&self, other: &Self) {
        self.writing.swap(&other.writing);
        self.longest.swap(&other.longest);
        self.elements.swap(&other.elements);
        self.bytes.swap(&other.bytes);
        self.stack.swap(&other.stack);
        self.room.swap(&other.room);
        self.deep.swap(&other.deep);
        self.over.swap(&other.over);
    }

    /// Takes the elements of a sequence from what there may be.
    #[inline]
    fn spend<T>(&self, len: usize) -> Result<(), PreallocationError> {
        if size_of::<T>() == 0 {
            if len > MAX_WITHOUT_MEMORY {
                return Err(preallocation_size_limit(len, MAX_WITHOUT_MEMORY));
            }
        } else if len > self.longest.get() {
            self.longer(len)?;
        }
        let Some(elements) = self.elements.get().checked_sub(len) else {
            return Err(over_total(len, self.elements.get(), max_elements(self.longest.get())));
        };
        self.elements.set(elements);
        if size_of::<T>() > LARGE_ELEMENT {
            let taken = len.saturating_mul(size_of::<T>());
            let Some(bytes) = self.bytes.get().checked_sub(taken) else {
                self.over.set(Over::Bytes);
                let limit = max_memory_of_elements(self.longest.get());
                return Err(over_total(taken, self.bytes.get(), limit));
            };
            self.bytes.set(bytes);
        }
        Ok(())
    }

    #[cold]
    fn longer(&self, len: usize) -> Result<(), PreallocationError> {
        if self.writing.get() {
            self.longest.set(len);
            return Ok(());
        }
        Err(preallocation_size_limit(len, self.longest.get()))
    }

    #[inline]
    fn check_stack(&self) -> Result<(), PreallocationError> {
        let here = stack_address();
        // The stack grows downward nearly everywhere. Where it does not, this is always more.
        if self.stack.get().wrapping_sub(here) > DEEP { self.check_much(here) } else { Ok(()) }
    }

    #[inline(never)]
    fn check_much(&self, here: usize) -> Result<(), PreallocationError> {
        let taken = self.stack.get().abs_diff(here);
        if self.stack.get() == 0 || taken <= DEEP {
            return Ok(());
        }
        self.deep.set(true);
        if taken > self.room.get() {
            self.over.set(Over::Stack);
            return Err(preallocation_size_limit(taken, self.room.get()));
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
        BOUNDS.with(|bounds| bounds.spend::<T>(len))
    }

    #[inline]
    fn read<'de>(reader: impl Reader<'de>) -> ReadResult<usize> {
        BOUNDS.with(Bounds::check_stack)?;
        <BincodeLen as SeqLen<C>>::read(reader)
    }

    #[inline]
    fn write(writer: impl Writer, len: usize) -> WriteResult<()> {
        BOUNDS.with(Bounds::check_stack)?;
        <BincodeLen as SeqLen<C>>::write(writer, len)
    }

    #[inline]
    fn write_bytes_needed(len: usize) -> WriteResult<usize> {
        <BincodeLen as SeqLen<C>>::write_bytes_needed(len)
    }
}

// SAFETY: size, bytes and layout are those of the value, which the impl of its type vouches for.
#[allow(unsafe_code)]
unsafe impl<C, T> SchemaWrite<C> for Field<'_, T>
where
    C: ConfigCore,
    T: SchemaWrite<C, Src = T>,
{
    type Src = Self;

    const TYPE_META: TypeMeta = T::TYPE_META.keep_zero_copy(false);

    #[inline]
    fn size_of(field: &Self) -> WriteResult<usize> {
        T::size_of(field.get())
    }

    #[inline]
    fn write(writer: impl Writer, field: &Self) -> WriteResult<()> {
        T::write(writer, field.get())
    }
}

// SAFETY: the field is initialized whenever `Ok` is returned. The impl reads exactly the bytes of the value.
#[allow(unsafe_code)]
unsafe impl<'de, C, T> SchemaRead<'de, C> for Field<'_, T>
where
    C: ConfigCore,
    T: SchemaRead<'de, C, Dst = T>,
{
    type Dst = Self;

    const TYPE_META: TypeMeta = T::TYPE_META.keep_zero_copy(false);

    #[inline]
    fn read(reader: impl Reader<'de>, field: &mut MaybeUninit<Self>) -> ReadResult<()> {
        field.write(Field::owned(T::get(reader)?));
        Ok(())
    }
}
