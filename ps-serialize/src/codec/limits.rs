//! What a payload may cost, whatever codec reads it.

/// How many structs, enums, options, sequences and so on may stand inside one another.
#[cfg(any(feature = "bincode", feature = "pickle"))]
pub(crate) const MAX_DEPTH: u32 = 128;
/// How many more elements than bytes all sequences of a payload may have together.
pub(super) const EMPTY_ELEMENTS: usize = 1 << 16;
/// How much stack a nested value may take: half of what a thread has by default.
pub(super) const STACK: usize = 1 << 20;
/// How much of it may take what was just written, when it is read back: another call may take more
/// for the same value, where the compiler has inlined otherwise.
#[cfg(any(feature = "bincode", feature = "wincode"))]
pub(super) const STACK_OF_CHECK: usize = STACK / 4 * 3;
/// From here on it is not certain that what was written can be read, which takes more stack.
pub(super) const DEEP: usize = 1 << 10;

/// Where the stack is.
#[inline]
pub(super) fn stack_address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(&here).addr()
}

/// What is said where `room` is not enough.
#[cold]
pub(super) fn nested_in_stack(room: usize, found: usize) -> String {
    format!(
        "nested too deep: the limit is {room} bytes of stack, and this takes {found} or more; a list whose elements refer to one another by index takes none"
    )
}
