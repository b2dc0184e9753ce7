//! What threads wait for each other with: made of atomic operations alone, which ThreadSanitizer sees.
//! The standard library's own barriers and locks are compiled without it, so it does not see them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread;

/// Nobody passes it before all are there.
pub(crate) struct StartingLine {
    missing: AtomicUsize,
}

impl StartingLine {
    pub(crate) fn new(threads: usize) -> Self {
        Self { missing: AtomicUsize::new(threads) }
    }

    /// Nothing is passed on here from one thread to another: what they then do is in no order.
    pub(crate) fn wait(&self) {
        self.missing.fetch_sub(1, Ordering::Relaxed);
        while self.missing.load(Ordering::Relaxed) > 0 {
            thread::yield_now();
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    loop {
        match mutex.try_lock() {
            Ok(guard) => return guard,
            Err(TryLockError::WouldBlock) => thread::yield_now(),
            Err(TryLockError::Poisoned(_)) => panic!("another thread failed"),
        }
    }
}
