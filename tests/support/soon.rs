use std::time::{Duration, Instant};

/// Checks that what began then is over soon, which hostile input must not prevent. Any machine is fast enough for that; an
/// emulator is given ten times as long, where `PS_SERIALIZE_EMULATED` is set.
///
/// # Panics
///
/// If it took too long.
pub fn assert_soon(start: Instant) {
    let emulated = std::env::var_os("PS_SERIALIZE_EMULATED").is_some();
    let limit = Duration::from_secs(if emulated { 600 } else { 60 });
    let taken = start.elapsed();
    assert!(taken < limit, "it took {taken:?}");
}
