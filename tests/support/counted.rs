use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, Ordering};

/// The system's allocator, which counts the memory in use. A program makes it its `#[global_allocator]`.
#[derive(Debug, Clone, Copy)]
pub enum Counted {
    /// Each thread counts its own memory, so that tests may run at the same time.
    EachThread,
    /// The memory of all threads is counted together, so only one test at a time may measure.
    AllThreads,
}

thread_local! {
    static IN_USE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}
static IN_USE_BY_ALL: AtomicIsize = AtomicIsize::new(0);
static PEAK_OF_ALL: AtomicIsize = AtomicIsize::new(0);
/// The memory that all threads have ever taken.
static TAKEN_BY_ALL: AtomicIsize = AtomicIsize::new(0);

impl Counted {
    // The count is negative in a thread that frees what another thread allocated.
    fn count(self, bytes: isize) {
        match self {
            Self::EachThread => {
                IN_USE.set(IN_USE.get() + bytes);
                PEAK.set(PEAK.get().max(IN_USE.get()));
            }
            Self::AllThreads => {
                let in_use = IN_USE_BY_ALL.fetch_add(bytes, Ordering::Relaxed) + bytes;
                PEAK_OF_ALL.fetch_max(in_use, Ordering::Relaxed);
                TAKEN_BY_ALL.fetch_add(bytes.max(0), Ordering::Relaxed);
            }
        }
    }

    /// Runs the work. Returns its result, and how much more memory than before was in use at the peak.
    pub fn peak<R>(self, work: impl FnOnce() -> R) -> (R, usize) {
        let before = match self {
            Self::EachThread => IN_USE.get(),
            Self::AllThreads => IN_USE_BY_ALL.load(Ordering::Relaxed),
        };
        match self {
            Self::EachThread => PEAK.set(before),
            Self::AllThreads => PEAK_OF_ALL.store(before, Ordering::Relaxed),
        }
        let result = work();
        let peak = match self {
            Self::EachThread => PEAK.get(),
            Self::AllThreads => PEAK_OF_ALL.load(Ordering::Relaxed),
        };
        (result, (peak - before).max(0).cast_unsigned())
    }

    /// Runs the work. Returns its result, and how much memory all threads took, also if they gave it back.
    pub fn taken<R>(work: impl FnOnce() -> R) -> (R, usize) {
        let before = TAKEN_BY_ALL.load(Ordering::Relaxed);
        let result = work();
        (result, (TAKEN_BY_ALL.load(Ordering::Relaxed) - before).cast_unsigned())
    }
}

// SAFETY: every call goes to the system's allocator unchanged.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promised.
        let pointer = unsafe { System.alloc(layout) };
        if !pointer.is_null() {
            self.count(layout.size().cast_signed());
        }
        pointer
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        self.count(-layout.size().cast_signed());
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}
