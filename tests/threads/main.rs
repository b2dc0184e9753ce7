//! Every verb from many threads at once: they see one registry, and each gets what one thread alone gets.
//!
//! `THREADS_SECONDS=60 cargo test -p ps-serialize-tests --all-features --test threads` goes on for a
//! minute; `sanitize`, in this folder, does it under ThreadSanitizer.

mod kinds;
mod wait;

use std::any::Any;
use std::env;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ps_serialize::{ErrorKind, Options, deserialize_any, registry, set_huge_pages};

use crate::kinds::Kind;
use crate::wait::{StartingLine, lock};

/// Work of many threads, which begin together. A panic of one is the test's.
fn at_once<R: Send>(threads: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let line = StartingLine::new(threads);
    thread::scope(|scope| {
        let start = |i| {
            let (line, work) = (&line, &work);
            scope.spawn(move || {
                line.wait();
                work(i)
            })
        };
        let started: Vec<_> = (0..threads).map(start).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// What is made once, when it is first needed, can only be first needed once in a process.
#[test]
fn the_first_use_may_be_by_many_threads() {
    for first in ["registry", "kinds"] {
        for _ in 0..3 {
            let child = Command::new(env::current_exe().unwrap())
                .args(["--exact", &format!("the_first_use_is_of_{first}"), "--ignored"])
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&child.stdout);
            let errors = String::from_utf8_lossy(&child.stderr);
            assert!(child.status.success(), "{first}: {text}{errors}");
            assert!(text.contains("1 passed"), "{text}");
        }
    }
}

#[test]
#[ignore = "needs a process of its own: the test above gives it one"]
fn the_first_use_is_of_registry() {
    let addresses = at_once(64, |i| {
        // Each of the ways into it.
        match i % 4 {
            0 => registry().check().unwrap(),
            1 => assert_eq!(registry().find("US").unwrap().name(), "text"),
            2 => assert!(deserialize_any(b"US\nhello").unwrap().is::<String>()),
            _ => assert!(matches!(
                deserialize_any(b"?!\n").unwrap_err().kind(),
                ErrorKind::UnknownIdentifier { .. }
            )),
        }
        registry().check().unwrap();
        let entries = registry().iter().map(|entry| {
            let found = registry().find(entry.identifier()).unwrap();
            assert!(std::ptr::eq(found, entry));
            std::ptr::from_ref(entry).addr()
        });
        (std::ptr::from_ref(registry()).addr(), entries.collect::<Vec<_>>())
    });
    assert!(addresses.iter().all(|seen| *seen == addresses[0]), "all see one registry");
}

#[test]
#[ignore = "needs a process of its own: the first test gives it one"]
fn the_first_use_is_of_kinds() {
    let written = at_once(64, |i| {
        let mut kinds = kinds::small();
        // Each kind is the first of some threads.
        let count = kinds.len();
        kinds.rotate_left(i % count);
        let mut frames: Vec<_> = kinds
            .iter()
            .map(|kind| {
                let frame = (kind.write)();
                (kind.read)(&frame);
                (kind.same)(&*deserialize_any(&frame).unwrap());
                (kind.name, frame)
            })
            .collect();
        frames.rotate_right(i % count);
        frames
    });
    let alone: Vec<_> = kinds::small().iter().map(|kind| (kind.name, (kind.write)())).collect();
    for frames in written {
        assert!(frames == alone);
    }
}

/// What a thread left for another one.
struct Handed {
    frame: Bytes,
    value: Box<dyn Any + Send + Sync>,
}

#[test]
fn every_thread_gets_what_one_alone_gets() {
    const THREADS: usize = 16;

    let seconds = env::var("THREADS_SECONDS").map_or(1.0, |text| text.parse().unwrap());
    let mut kinds: Vec<Kind> = kinds::small();
    let small = kinds.len();
    kinds.extend(kinds::large());
    let alone: Vec<Bytes> = kinds.iter().map(|kind| (kind.write)()).collect();
    let shelf: Vec<Mutex<Option<Handed>>> = kinds.iter().map(|_| Mutex::default()).collect();
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    let huge_pages = AtomicBool::new(true);
    let turns = at_once(THREADS, |thread| {
        // Large ones take nearly all the time of half of the threads.
        let count = if thread % 2 == 0 { kinds.len() } else { small };
        let first = thread * count / THREADS;
        // So many that every kind has its turn, and is handed on.
        let enough = kinds.len().div_ceil(THREADS / 2) + 1;
        let mut turns = 0;
        for i in (first..count).chain((0..count).cycle()) {
            let (kind, expected) = (&kinds[i], &alone[i]);
            let frame = (kind.write)();
            assert!(frame == *expected, "{} was written otherwise", kind.name);
            (kind.read)(expected);
            let value = deserialize_any(&frame).unwrap();

            // What it may become is limited in this thread alone.
            match Options::new().size_limit(frame.len()).deserialize_any(&frame) {
                Ok(value) => (kind.same)(&*value),
                Err(error) => assert!(format!("{error:?}").contains("limit"), "{error:?}"),
            }

            let other = lock(&shelf[i]).replace(Handed { frame, value });
            if let Some(Handed { frame, value }) = other {
                (kind.same)(&*value);
                (kind.same)(&*deserialize_any(&frame).unwrap());
            }
            set_huge_pages(huge_pages.fetch_not(Ordering::Relaxed));

            turns += 1;
            if turns >= enough && Instant::now() >= until {
                return turns;
            }
        }
        unreachable!("the loop has no end")
    });
    let (kinds, turns) = (kinds.len(), turns.iter().sum::<usize>());
    eprintln!("{THREADS} threads and {kinds} kinds, {seconds} s: {turns} turns");
}
