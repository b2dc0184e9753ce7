//! Text that is cut while it is written.

use std::fmt::{self, Arguments, Debug, Formatter, Write};

/// A text of a limited number of bytes and lines. Writing fails when it is full, so that the writer stops.
struct Bounded {
    text: String,
    bytes: usize,
    lines: usize,
    is_full: bool,
}

impl Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for line in text.split_inclusive('\n') {
            if self.is_full {
                return Err(fmt::Error);
            }
            let mut ends = (0..=self.bytes.min(line.len())).rev();
            let end = ends.find(|end| line.is_char_boundary(*end)).unwrap_or(0);
            self.text.push_str(&line[..end]);
            self.bytes -= end;
            self.lines -= usize::from(line[..end].ends_with('\n'));
            self.is_full = end < line.len() || self.lines == 0;
        }
        if self.is_full { Err(fmt::Error) } else { Ok(()) }
    }
}

/// The text, or its start and `…`.
pub(super) fn bounded(bytes: usize, lines: usize, shown: Arguments<'_>) -> String {
    let mut out = Bounded { text: String::new(), bytes, lines, is_full: false };
    let written = out.write_fmt(shown);
    if out.is_full {
        out.text.truncate(out.text.trim_end_matches('\n').len());
        out.text.push('…');
    } else if written.is_err() {
        out.text.push_str("… (its `Debug` failed)");
    }
    out.text
}

/// The most bytes and lines of a value.
const BYTES: usize = 4 << 10;
const LINES: usize = 64;
/// The most bytes of a value that is printed on one line.
const SHORT: usize = 80;

/// The `Debug` output of a value: on one line if it fits, and otherwise with a line for each part.
pub(super) fn debug(value: &dyn Debug) -> String {
    let line = bounded(SHORT, 2, format_args!("{value:?}"));
    if line.contains('\n') || line.len() > SHORT {
        return bounded(BYTES, LINES, format_args!("{value:#?}"));
    }
    line
}

/// The `Debug` output of a value, without line breaks between the parts.
pub(super) fn debug_in_line(value: &dyn Debug) -> String {
    bounded(BYTES, LINES, format_args!("{value:?}"))
}

/// The `Display` output of a value, such as the elements of an array.
pub(super) fn display(value: &dyn fmt::Display) -> String {
    bounded(BYTES, LINES, format_args!("{value}"))
}

/// The most bytes of a name, or of a text about tensors, that are shown.
const NAME: usize = 256;

/// A name, or its start.
pub(super) fn name(name: &str) -> String {
    bounded(NAME, LINES, format_args!("{name}"))
}

/// A value whose `Debug` output is written by a function.
pub(super) struct By<F>(pub(super) F);

impl<F: Fn(&mut Formatter<'_>) -> fmt::Result> Debug for By<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0(f)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_long_text_is_cut_while_it_is_written() {
        let written = Cell::new(0);
        let endless = By(|f: &mut Formatter<'_>| {
            loop {
                written.set(written.get() + 1);
                f.write_str("é")?;
            }
        });
        let text = debug_in_line(&endless);
        assert_eq!(text, "é".repeat(BYTES / 2) + "…");
        assert_eq!(written.get(), BYTES / 2 + 1);
    }

    #[test]
    fn a_text_of_many_lines_is_cut_after_some() {
        assert_eq!(bounded(9, 2, format_args!("a\nb\nc")), "a\nb…");
        assert_eq!(bounded(9, 3, format_args!("a\nb\nc")), "a\nb\nc");
        assert_eq!(bounded(2, 3, format_args!("aé")), "a…");
        assert_eq!(bounded(3, 3, format_args!("aé")), "aé");
    }

    #[test]
    fn a_short_value_is_on_one_line() {
        assert_eq!(debug(&Some(7)), "Some(7)");
        let long = debug(&vec![u64::MAX; 1000]);
        assert!(long.starts_with("[\n    18446744073709551615,\n"), "{long}");
        assert_eq!(long.lines().count(), LINES);
        assert!(long.ends_with('…'));
    }
}
