//! What a payload may cost, whatever codec reads it.

#[cfg(any(feature = "bincode", feature = "pickle"))]
use crate::error::{Error, ErrorKind};

/// How many structs, enums, options, sequences and so on may stand inside one another.
#[cfg(any(feature = "bincode", feature = "pickle"))]
pub(crate) const MAX_DEPTH: u32 = 128;
/// How many more elements than bytes all sequences of a payload may have together.
#[cfg(any(feature = "bincode", feature = "wincode"))]
pub(super) const EMPTY_ELEMENTS: usize = 1 << 16;
/// How much stack a nested value may take: half of what a thread has by default.
pub(super) const STACK: usize = 1 << 20;
/// How much of it may take what was just written, when it is read back: another call may take more
/// for the same value, where the compiler has inlined otherwise.
#[cfg(any(feature = "bincode", feature = "wincode"))]
pub(super) const STACK_OF_CHECK: usize = STACK / 4 * 3;
/// From here on it is not certain that what was written can be read, which takes more stack.
#[cfg(any(feature = "bincode", feature = "wincode"))]
pub(super) const DEEP: usize = 1 << 10;

/// Where the stack is.
#[inline]
pub(super) fn stack_address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}

/// What is said where `room` is not enough.
#[cfg(feature = "wincode")]
#[cold]
pub(super) fn nested_in_stack(room: usize, found: usize) -> String {
    format!(
        "nested too deep: the limit is {room} bytes of stack, and this takes {found} or more; a list whose elements refer to one another by index takes none"
    )
}

// Errors are made out of line: what they take would keep the rest from being inlined.

#[cfg(any(feature = "bincode", feature = "pickle"))]
#[cold]
#[inline(never)]
pub(crate) fn too_deep() -> Error {
    exceeded("nested too deep, in levels", MAX_DEPTH as usize, MAX_DEPTH as usize + 1)
}

#[cfg(any(feature = "bincode", feature = "pickle"))]
#[cold]
#[inline(never)]
pub(super) fn out_of_stack(room: usize, taken: usize) -> Error {
    let what = "nested too deep, in bytes of stack (a list whose elements refer to one another by index takes none)";
    exceeded(what, room, taken)
}

/// For a payload of this size.
#[cfg(feature = "bincode")]
#[cold]
#[inline(never)]
pub(super) fn too_many_elements(payload: usize, elements: usize) -> Error {
    let what = "too many elements in sequences for the size of the payload";
    exceeded(what, payload.saturating_add(EMPTY_ELEMENTS), elements)
}

#[cfg(any(feature = "bincode", feature = "pickle"))]
fn exceeded(what: &'static str, limit: usize, found: usize) -> Error {
    ErrorKind::LimitExceeded { what, limit: limit as u64, found: found as u64 }.into()
}
