use std::cell::Cell;

use wincode::config::{ConfigCore, Configuration};
use wincode::error::{
    PreallocationError, ReadError, ReadResult, WriteError, WriteResult, preallocation_size_limit,
};
use wincode::io::{Reader, Writer};
use wincode::len::{BincodeLen, SeqLen};
use wincode::{SchemaRead, SchemaWrite, TypeMeta};

use super::{Codec, nothing_left};
use crate::error::{Error, Result};
use crate::sink::Sink;

/// Writes the same bytes as [`Bincode`](crate::Bincode) (the bincode 1 layout), faster, for types
/// that derive `wincode::SchemaWrite` and `wincode::SchemaRead`.
///
/// It reads no sequence of more elements than the payload has bytes (65,536 for elements without
/// size), and refuses sequences nested so deep that they endanger the stack, on both sides.
///
/// ```
/// use ps_serialize::{Codec, Wincode};
///
/// let mut bytes = Vec::new();
/// Wincode::encode(&(1_u8, "two".to_owned()), &mut bytes)?;
/// assert_eq!(bytes, b"\x01\x03\0\0\0\0\0\0\0two");
/// assert_eq!(<Wincode as Codec<(u8, String)>>::decode(&bytes)?.1, "two");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Wincode;

/// wincode's default, which is the bincode 1 layout, with our bounds on lengths.
type WincodeLayout = Configuration<true, { 4 << 20 }, CheckedLen>;

#[diagnostic::do_not_recommend]
impl<T> Codec<T> for Wincode
where
    T: SchemaWrite<WincodeLayout, Src = T> + for<'de> SchemaRead<'de, WincodeLayout, Dst = T>,
{
    #[inline]
    fn encode<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
        let _bounds = has_lengths(&<T as SchemaWrite<_>>::TYPE_META)
            .then(|| Bounds::set(usize::MAX, STACK_FOR_WRITING));
        let layout = WincodeLayout::new();
        let size = wincode::config::serialized_size(value, layout).map_err(Error::custom)?;
        let size = usize::try_from(size).map_err(Error::custom)?;
        let mut written = Ok(());
        out.append(size, &mut |buffer| {
            written = wincode::config::serialize_into(buffer, value, layout).map_err(Error::custom);
        });
        written
    }

    #[inline]
    fn decode(payload: &[u8]) -> Result<T> {
        let _bounds = has_lengths(&<T as SchemaRead<_>>::TYPE_META)
            .then(|| Bounds::set(payload.len(), STACK_FOR_READING));
        let mut rest = payload;
        let value = T::get(&mut rest).map_err(Error::custom)?;
        nothing_left(rest.len())?;
        Ok(value)
    }
}

/// A type whose values all have one size holds no sequence, so there is nothing to bound.
const fn has_lengths(type_meta: &TypeMeta) -> bool {
    matches!(type_meta, TypeMeta::Dynamic)
}

/// The most elements without bytes that a sequence may have.
const MAX_EMPTY_ELEMENTS: usize = 1 << 16;
/// A type that holds sequences of itself recurses. What can be written must be readable, and a
/// level of reading takes about twice the stack of a level of writing.
const STACK_FOR_WRITING: usize = 64 << 10;
const STACK_FOR_READING: usize = 512 << 10;

thread_local! {
    static BOUNDS: Cell<Bounds> = const { Cell::new(Bounds { payload: usize::MAX, stack: usize::MAX, base: 0 }) };
}

/// What the lengths of the payload now being written or read are checked against. wincode has no
/// place of its own for it: its limits are constants.
#[derive(Clone, Copy)]
struct Bounds {
    /// The size of the payload in bytes.
    payload: usize,
    /// How much stack may be used, from an address on.
    stack: usize,
    base: usize,
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
    #[inline]
    fn set(payload: usize, stack: usize) -> Restore {
        Restore(BOUNDS.replace(Self { payload, stack, base: stack_address() }))
    }

    /// The most elements that a sequence of the payload can have.
    fn max_len<T>() -> usize {
        if size_of::<T>() == 0 { MAX_EMPTY_ELEMENTS } else { BOUNDS.get().payload }
    }

    fn check_stack() -> Result<(), &'static str> {
        let bounds = BOUNDS.get();
        if stack_address().abs_diff(bounds.base) > bounds.stack {
            return Err("sequences are nested too deep");
        }
        Ok(())
    }
}

#[inline(never)]
fn stack_address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
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
        let limit = Bounds::max_len::<T>();
        if len > limit { Err(preallocation_size_limit(len, limit)) } else { Ok(()) }
    }

    #[inline]
    fn read<'de>(reader: impl Reader<'de>) -> ReadResult<usize> {
        Bounds::check_stack().map_err(ReadError::Custom)?;
        <BincodeLen as SeqLen<C>>::read(reader)
    }

    #[inline]
    fn write(writer: impl Writer, len: usize) -> WriteResult<()> {
        <BincodeLen as SeqLen<C>>::write(writer, len)
    }

    #[inline]
    fn write_bytes_needed(len: usize) -> WriteResult<usize> {
        Bounds::check_stack().map_err(WriteError::Custom)?;
        <BincodeLen as SeqLen<C>>::write_bytes_needed(len)
    }
}
