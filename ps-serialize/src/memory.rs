//! Memory for large outputs and values: in huge pages where the system has them, since from some
//! MiB on page faults cost more than the copy.

use std::io;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use crate::frame::ALIGNED;

/// From here on the advice pays. NumPy gives it from the same size.
const ADVISED_FROM: usize = 4 << 20;

/// What compressed bytes may become where the caller sets no limit: this many times as many,
#[cfg(any(feature = "lz4", feature = "polars", feature = "zstd"))]
pub(crate) const MOST_EXPANSION: usize = 256;
/// and this many more.
#[cfg(any(feature = "lz4", feature = "polars", feature = "zstd"))]
pub(crate) const FREE_EXPANSION: usize = 64 << 20;

static HUGE_PAGES: AtomicBool = AtomicBool::new(true);

/// Whether memory of 4 MiB and more that this library allocates for frames, arrays and tables is to be
/// in huge pages, which it is from the start. It is advice (`MADV_HUGEPAGE`), on Linux only.
///
/// It makes copies into fresh memory some 4 times as fast, since page faults are what they spend most
/// of their time on. It can cost time instead where the kernel has to make huge pages first: when
/// memory is fragmented, or on a virtual machine that hands free memory back to its host.
///
/// ```
/// ps_serialize::set_huge_pages(false);
/// ```
pub fn set_huge_pages(wanted: bool) {
    HUGE_PAGES.store(wanted, Ordering::Relaxed);
}

/// The most that these many compressed bytes may become.
#[cfg(any(feature = "lz4", feature = "polars", feature = "zstd"))]
pub(crate) fn most_expanded(compressed: usize) -> usize {
    compressed.saturating_mul(MOST_EXPANSION).saturating_add(FREE_EXPANSION)
}

/// An empty `Vec` of this capacity.
#[inline]
pub(crate) fn with_capacity<T>(capacity: usize) -> Vec<T> {
    advised(Vec::with_capacity(capacity))
}

/// An empty place for `capacity` bytes that begins at a multiple of 64 bytes: behind those that
/// the `Vec` holds. It stays there until the `Vec` is reallocated.
#[inline]
pub(crate) fn aligned(capacity: usize) -> Vec<u8> {
    filled_to_alignment(with_capacity(capacity.saturating_add(ALIGNED - 1)))
}

/// A copy that begins at a multiple of 64 bytes.
pub(crate) fn aligned_copy(bytes: &[u8]) -> Bytes {
    let mut copy = aligned(bytes.len());
    let start = copy.len();
    copy.extend_from_slice(bytes);
    Bytes::from(copy).slice(start..)
}

/// As [`aligned`], where the capacity is a stranger's.
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
    if size_of_val(memory) >= ADVISED_FROM && HUGE_PAGES.load(Ordering::Relaxed) {
        advise_huge_pages(memory);
    }
    vec
}

/// Advice only: a system that has no huge pages to give is no reason to fail.
#[cold]
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn advise_huge_pages<T>(memory: &mut [MaybeUninit<T>]) {
    /// A multiple of the page size of every Linux system.
    const PAGE: usize = 64 << 10;
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
