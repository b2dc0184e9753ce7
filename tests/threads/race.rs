//! A data race, which ThreadSanitizer has to report: `sanitize` tries that first.

use std::cell::UnsafeCell;
use std::thread;

struct Shared(UnsafeCell<u32>);
unsafe impl Sync for Shared {}

static SHARED: Shared = Shared(UnsafeCell::new(0));

fn main() {
    let threads = [(); 2].map(|()| thread::spawn(|| unsafe { *SHARED.0.get() += 1 }));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}
