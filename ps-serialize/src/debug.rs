//! `Debug` of values that may be large: sizes, and only the start of the rest.

use std::fmt::{self, Debug, Formatter, Write};

/// The most bytes that one value shows.
const MAX_LENGTH: usize = 1000;
/// The most elements of a list or map that are shown.
const ELEMENTS: usize = 16;
/// The most characters of a text that are shown.
const CHARACTERS: usize = 64;
/// Data of up to this many bytes is shown. Of longer data only the size is.
const BYTES: usize = 32;

/// Writes what `show` writes, or its start and `…`.
pub(crate) fn bounded(
    f: &mut Formatter<'_>,
    show: impl Fn(&mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    let alternate = f.alternate();
    let mut start = Start { out: f, room: MAX_LENGTH, is_full: false };
    let shown = By(show);
    let written = if alternate { write!(start, "{shown:#?}") } else { write!(start, "{shown:?}") };
    if start.is_full { f.write_str("…") } else { written }
}

/// Writing to it fails when it is full, so that the writer stops.
struct Start<'s, 'f> {
    out: &'s mut Formatter<'f>,
    room: usize,
    is_full: bool,
}

impl Write for Start<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if let Some(room) = self.room.checked_sub(text.len()) {
            self.room = room;
            return self.out.write_str(text);
        }
        let ends = text.char_indices().map(|(at, _)| at);
        let end = ends.take_while(|at| *at <= self.room).last().unwrap_or(0);
        self.out.write_str(&text[..end])?;
        (self.room, self.is_full) = (0, true);
        Err(fmt::Error)
    }
}

struct By<F>(F);

impl<F: Fn(&mut Formatter<'_>) -> fmt::Result> Debug for By<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0(f)
    }
}

/// Prints bytes, or only their number.
pub(crate) struct Data<'a>(pub(crate) &'a [u8]);

impl Debug for Data<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            ..=BYTES => Debug::fmt(self.0, f),
            size => write!(f, "{size} bytes"),
        }
    }
}

/// Prints a text, or its start and its size.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl Debug for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(CHARACTERS) {
            None => Debug::fmt(self.0, f),
            Some((end, _)) => write!(f, "{:?}… of {} bytes", &self.0[..end], self.0.len()),
        }
    }
}

/// Prints the first elements, and how many more there are.
pub(crate) fn list<T: Debug>(
    f: &mut Formatter<'_>,
    mut elements: impl ExactSizeIterator<Item = T>,
) -> fmt::Result {
    let mut list = f.debug_list();
    list.entries(elements.by_ref().take(ELEMENTS));
    match elements.len() {
        0 => {}
        more => drop(list.entry(&format_args!("… {more} more"))),
    }
    list.finish()
}

/// Prints the first entries, and how many more there are.
pub(crate) fn map<K: Debug, V: Debug>(
    f: &mut Formatter<'_>,
    mut entries: impl ExactSizeIterator<Item = (K, V)>,
) -> fmt::Result {
    let mut map = f.debug_map();
    map.entries(entries.by_ref().take(ELEMENTS));
    match entries.len() {
        0 => {}
        more => drop(map.entry(&format_args!("…"), &format_args!("{more} more"))),
    }
    map.finish()
}
