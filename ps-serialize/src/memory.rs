//! Memory for large outputs and values, and copies into it: in huge pages where the system has them,
//! since from some MiB on page faults cost more than the copy.

use std::hint::black_box;
use std::io;
use std::mem::MaybeUninit;
use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use bytes::buf::UninitSlice;

use crate::frame::ALIGNED;

/// The smallest buffer for which the advice pays. NumPy gives the advice from the same size on.
pub(crate) const LARGE: usize = 4 << 20;

/// The largest buffer for which the advice pays: at 800 MiB, huge pages took 522 ms and small ones 509; at 400 MiB, 66 and 220.
#[cfg(target_os = "linux")]
const ADVISED_TO: usize = 512 << 20;

static HUGE_PAGES: AtomicBool = AtomicBool::new(true);

/// Turns huge pages off, or on again, for memory of 4 to 512 MiB that this library allocates for frames, arrays and tables.
/// Huge pages are on from the start. The library gives the system the advice `MADV_HUGEPAGE`, on Linux only.
///
/// Huge pages make copies into fresh memory some 4 times as fast, because such copies spend most of their time on page
/// faults: a copy of 100 MiB took 14 ms, and 60 ms with small pages. Huge pages cost time if the kernel has to make them first:
/// when memory is fragmented, or on a virtual machine that hands free memory back to its host. On such a machine, a copy of
/// 400 MiB took 369 ms after a pause of 4 s, and 268 ms with small pages. Without pauses, it took 66 ms and 220 ms.
///
/// ```
/// ps_serialize::set_huge_pages(false);
/// ```
pub fn set_huge_pages(wanted: bool) {
    HUGE_PAGES.store(wanted, Ordering::Relaxed);
}

/// An empty `Vec` of this capacity.
#[inline]
pub(crate) fn with_capacity<T>(capacity: usize) -> Vec<T> {
    advised(Vec::with_capacity(capacity))
}

/// Allocates the same, if a stranger chose the capacity.
#[cfg(any(
    feature = "bincode",
    feature = "polars",
    feature = "torch",
    all(feature = "ndarray", feature = "safetensors")
))]
pub(crate) fn try_with_capacity(capacity: usize) -> io::Result<Vec<u8>> {
    let mut vec = Vec::new();
    vec.try_reserve_exact(capacity)?;
    Ok(advised(vec))
}

/// A `Vec` that is filled up to an address that is a multiple of 64, with room for `capacity` bytes from there on. The room stays
/// at this address until the `Vec` is reallocated.
#[inline]
pub(crate) fn aligned(capacity: usize) -> Vec<u8> {
    filled_to_alignment(with_capacity(capacity.saturating_add(ALIGNED - 1)))
}

/// A copy that begins at a multiple of 64 bytes.
pub(crate) fn aligned_copy(bytes: &[u8]) -> Bytes {
    let mut copy = aligned(bytes.len());
    let start = copy.len();
    extend(&mut copy, bytes);
    Bytes::from(copy).slice(start..)
}

/// Allocates as [`aligned`] does, if a stranger chose the capacity.
pub(crate) fn try_aligned(capacity: usize) -> io::Result<Vec<u8>> {
    let mut vec = Vec::new();
    vec.try_reserve_exact(capacity.saturating_add(ALIGNED - 1))?;
    Ok(filled_to_alignment(advised(vec)))
}

#[inline]
fn filled_to_alignment(mut vec: Vec<u8>) -> Vec<u8> {
    let start = vec.as_ptr().align_offset(ALIGNED).min(ALIGNED - 1);
    vec.resize(start, 0);
    vec
}

#[inline]
fn advised<T>(mut vec: Vec<T>) -> Vec<T> {
    let memory = vec.spare_capacity_mut();
    if size_of_val(memory) >= LARGE && HUGE_PAGES.load(Ordering::Relaxed) {
        advise_huge_pages(memory);
    }
    vec
}

/// A copy of its own.
#[inline]
pub(crate) fn copy(bytes: &[u8]) -> Vec<u8> {
    let mut copy = with_capacity(bytes.len());
    extend(&mut copy, bytes);
    copy
}

/// Appends bytes.
#[inline]
pub(crate) fn extend(vec: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.len() < LARGE {
        vec.extend_from_slice(bytes);
    } else {
        // SAFETY: all bytes are `u8`s.
        #[allow(unsafe_code)]
        unsafe {
            extend_backward(vec, bytes);
        }
    }
}

/// Appends elements, given as bytes at any address.
///
/// The elements are copied from their end on: the kernel zeroes the first half of a huge page last when the
/// first access to it is to the other, so this half is still in the cache when it is written.
/// Measured into 100 MiB of fresh memory: 12.5 ms, forward 17 to 20 (`memcpy` goes backward by itself
/// for one of sixteen relations of the addresses); into memory in use, 8.6 ms and 9.5.
///
/// # Safety
///
/// The bytes are a whole number of valid `T`s.
#[inline(never)]
#[allow(unsafe_code)]
pub(crate) unsafe fn extend_backward<T>(vec: &mut Vec<T>, bytes: &[u8]) {
    const BLOCK: usize = 128;

    let elements = bytes.len() / size_of::<T>();
    vec.reserve(elements);
    let memory = &mut vec.spare_capacity_mut()[..elements];
    // SAFETY: it is the same memory; `MaybeUninit` has no alignment or validity of its own, so that any
    // may be seen as those of its bytes.
    let memory = unsafe {
        slice::from_raw_parts_mut(
            memory.as_mut_ptr().cast::<MaybeUninit<u8>>(),
            elements * size_of::<T>(),
        )
    };
    let head = memory.as_ptr().align_offset(ALIGNED).min(memory.len());
    let (memory_head, memory) = memory.split_at_mut(head);
    let (head, bytes) = bytes.split_at(head);
    let (memory_blocks, memory_tail) = memory.as_chunks_mut::<BLOCK>();
    let (blocks, tail) = bytes.as_chunks::<BLOCK>();
    UninitSlice::uninit(memory_tail).copy_from_slice(tail);
    for (memory, block) in memory_blocks.iter_mut().zip(blocks).rev() {
        // Without `black_box`, the compiler makes one forward `memcpy` of this loop.
        UninitSlice::uninit(black_box(memory)).copy_from_slice(block);
    }
    UninitSlice::uninit(memory_head).copy_from_slice(head);
    // SAFETY: that many elements were reserved, and every byte of theirs is written: head, blocks and
    // tail of both sides have the same lengths. The caller promises that they are valid.
    unsafe {
        vec.set_len(vec.len() + elements);
    }
}

/// Advice only: a system that has no huge pages to give is no reason to fail.
#[cold]
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn advise_huge_pages<T>(memory: &mut [MaybeUninit<T>]) {
    /// A multiple of the page size of every Linux system.
    const PAGE: usize = 64 << 10;
    if size_of_val(memory) > ADVISED_TO {
        return;
    }
    let memory = memory.as_mut_ptr_range();
    let before = memory.start.cast::<u8>().align_offset(PAGE);
    let len = memory.end.addr().saturating_sub(memory.start.addr() + before) & !(PAGE - 1);
    // SAFETY: the advice changes how the kernel backs a range of memory, never what a program
    // reads there, so no object in the range, ours or another's, can be affected. The range is
    // inside of `memory`: it begins `before` bytes into it, and `len` ends before its end.
    unsafe {
        libc::madvise(
            memory.start.cast::<u8>().wrapping_add(before).cast(),
            len,
            libc::MADV_HUGEPAGE,
        );
    }
}

#[cfg(not(target_os = "linux"))]
fn advise_huge_pages<T>(_memory: &mut [MaybeUninit<T>]) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(unsafe_code)]
    fn a_copy_from_the_end_on_is_a_copy() {
        let bytes: Vec<u8> = (0..=255).cycle().take(2000).collect();
        for from in 0..70 {
            for len in (0..400).step_by(8) {
                for before in [0, 1, 9] {
                    let bytes = &bytes[from..from + len];
                    let mut numbers = vec![7_u64; before];
                    // SAFETY: any eight bytes are a number.
                    unsafe {
                        extend_backward(&mut numbers, bytes);
                    }
                    let (old, new) = numbers.split_at(before);
                    assert!(old.iter().all(|number| *number == 7));
                    assert!(
                        new.iter()
                            .flat_map(|number| number.to_ne_bytes())
                            .eq(bytes.iter().copied())
                    );
                }
            }
        }
    }

    #[test]
    fn large_copies_are_copies() {
        let bytes: Vec<u8> = (0..=250).cycle().take(LARGE + 77).collect();
        let mut copied = vec![1, 2, 3];
        extend(&mut copied, &bytes[5..]);
        assert_eq!(copied[..3], [1, 2, 3]);
        assert!(
            copied[3..] == bytes[5..] && copy(&bytes) == bytes && aligned_copy(&bytes) == bytes
        );
    }
}
