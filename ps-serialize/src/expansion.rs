//! What a few bytes may become: decompressed, or as the values that they stand for.

use std::cell::Cell;

/// Where the caller sets no limit, this many times as many bytes,
pub(crate) const MOST_EXPANSION: usize = 256;
/// and this many more.
pub(crate) const FREE_EXPANSION: usize = 64 << 20;

thread_local! {
    /// What the caller of this thread has set in place of that.
    static LIMIT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Has compressed bytes become no more than this in the meantime.
pub(crate) fn limited<R>(limit: Option<usize>, work: impl FnOnce() -> R) -> R {
    /// Puts back what was set before: a value may hold a frame of its own.
    struct Restore(Option<usize>);

    impl Drop for Restore {
        fn drop(&mut self) {
            LIMIT.set(self.0);
        }
    }

    let _restore = Restore(LIMIT.replace(limit.or_else(|| LIMIT.get())));
    work()
}

/// The most that these many compressed bytes may become.
pub(crate) fn most_expanded(compressed: usize) -> usize {
    let expanded = compressed.saturating_mul(MOST_EXPANSION).saturating_add(FREE_EXPANSION);
    LIMIT.get().unwrap_or(expanded)
}
