//! Loads the libraries in its arguments and unloads them, in many threads at once, and asks each what
//! it makes of frames that this program makes something else of.

use std::collections::BTreeSet;
use std::ffi::{CStr, CString};
use std::thread;

use ps_serialize::{Frame, deserialize, deserialize_any, registry};
use right as _;

const FRAMES: [&[u8]; 4] = [b"05\n", b"ow\n\x07", b"US\nhello", b"?!\n"];

struct Library(*mut libc::c_void);

impl Library {
    fn open(path: &CStr, flags: libc::c_int) -> Self {
        // SAFETY: the library's initializers are those of Rust's standard library.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | flags) };
        assert!(!handle.is_null(), "{path:?} can't be loaded");
        Self(handle)
    }

    fn symbol(&self, name: &CStr) -> *mut libc::c_void {
        // SAFETY: the handle is open, and the name ends with a zero.
        let symbol = unsafe { libc::dlsym(self.0, name.as_ptr()) };
        assert!(!symbol.is_null(), "no {name:?}");
        symbol
    }

    fn entries(&self) -> usize {
        // SAFETY: its type is this.
        let entries: extern "C" fn() -> usize =
            unsafe { std::mem::transmute(self.symbol(c"plugin_entries")) };
        entries()
    }

    fn answer(&self, frame: &[u8]) -> String {
        type Answer = unsafe extern "C" fn(*const u8, usize, *mut u8, usize) -> usize;

        let mut room = [0; 1000];
        // SAFETY: its type is this, and both lengths are right.
        let len = unsafe {
            let answer: Answer = std::mem::transmute(self.symbol(c"plugin_answer"));
            answer(frame.as_ptr(), frame.len(), room.as_mut_ptr(), room.len())
        };
        deserialize(&room[..len]).expect("the library wrote a frame")
    }

    fn answers(&self) -> Vec<String> {
        assert_eq!(self.entries(), 4);
        FRAMES.map(|frame| self.answer(frame)).into()
    }

    fn close(self) {
        // SAFETY: nothing is left that points into the library: its answers are strings of this program.
        assert_eq!(unsafe { libc::dlclose(self.0) }, 0);
    }
}

fn own_answer(frame: &[u8]) -> String {
    let name = || {
        deserialize_any(frame)?;
        let entry = registry().find(Frame::parse(frame)?.identifier())?;
        Ok::<_, ps_serialize::Error>(format!("{} {}", entry.identifier(), entry.name()))
    };
    name().unwrap_or_else(|error| format!("error: {error}"))
}

/// What the libraries answer in one thread, loaded and unloaded again and again.
fn library_answers(paths: &[CString], flags: libc::c_int) -> BTreeSet<Vec<String>> {
    let load = |path: &CString| {
        let library = Library::open(path, flags);
        let answers = library.answers();
        library.close();
        answers
    };
    paths.iter().cycle().take(20).map(load).collect()
}

fn main() {
    let paths: Vec<CString> =
        std::env::args().skip(1).map(|path| CString::new(path).unwrap()).collect();
    let library_answers: BTreeSet<Vec<String>> = thread::scope(|scope| {
        let start = |i| {
            let flags = if i % 3 == 0 { libc::RTLD_GLOBAL } else { libc::RTLD_LOCAL };
            let paths = &paths;
            scope.spawn(move || library_answers(paths, flags))
        };
        let threads: Vec<_> = (0..32).map(start).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    for answers in &library_answers {
        answers.iter().for_each(|answer| println!("library: {answer}"));
    }
    FRAMES.iter().for_each(|frame| println!("program: {}", own_answer(frame)));
    registry().check().unwrap();
}
