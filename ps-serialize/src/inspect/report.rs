//! What is printed about a frame, for people and as JSON.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::str::Utf8Chunk;

use serde::ser::{Serialize, SerializeMap};
use serde_json::Value;
use serde_json::ser::Formatter;

use super::LIMIT;
use super::bounded::display;
use crate::error::{Error, ErrorKind};

/// The parts that are printed about a frame, in their order.
#[derive(Default)]
pub(super) struct Report {
    parts: Vec<Part>,
    pub(super) is_error: bool,
}

struct Part {
    key: &'static str,
    /// The text for people.
    text: String,
    json: Value,
}

impl Report {
    pub(super) fn add(
        &mut self,
        key: &'static str,
        text: impl Into<String>,
        json: impl Into<Value>,
    ) {
        self.parts.push(Part { key, text: text.into(), json: json.into() });
    }

    /// Adds a text that is the same for people and as JSON.
    pub(super) fn text(&mut self, key: &'static str, text: impl Into<String>) {
        let text = text.into();
        self.add(key, text.clone(), text);
    }

    /// Adds the reason why something is not shown. This is no error.
    pub(super) fn not_shown(&mut self, why: impl Into<String>) {
        self.text("not_shown", why);
    }

    /// Adds an error with its causes. If something is only too large to show, this is no error.
    pub(super) fn error(&mut self, error: &Error) {
        match error.kind() {
            ErrorKind::LimitExceeded { what, limit, found } if *limit == LIMIT as u64 => {
                // The text in parentheses names an option of the library, which this program does not have.
                let what = what.split(" (`").next().unwrap_or_default();
                self.larger(what, &format!("{found} or more"));
            }
            _ => self.failed(error),
        }
    }

    /// Says that something is too large to show.
    pub(super) fn larger(&mut self, what: &str, found: &str) {
        let why = format!("too large to show: {what}: the limit is {LIMIT}, and this is {found}");
        self.not_shown(why);
    }

    /// Adds an error, whatever its kind. The text of a cause can be as long as what it quotes from a frame.
    pub(super) fn failed(&mut self, error: &(dyn std::error::Error + 'static)) {
        let causes = std::iter::successors(Some(error), |error| error.source());
        let causes: Vec<String> = causes.map(|cause| display(&cause)).collect();
        self.add("error", causes.join("\ncaused by: "), causes);
        self.is_error = true;
    }
}

/// The place of a frame: its file, and for an inner frame the index at each level, from the outermost on.
pub(super) struct Place<'p> {
    pub(super) path: &'p Path,
    pub(super) inside: Vec<usize>,
}

impl Place<'_> {
    pub(super) fn inside(&self, index: usize) -> Self {
        let inside = self.inside.iter().copied().chain([index]).collect();
        Self { path: self.path, inside }
    }
}

/// The width of the column with the names of the parts.
const WIDTH: usize = 13;

/// What reports are written to.
pub(super) struct Out<W> {
    pub(super) out: W,
    pub(super) is_json: bool,
}

impl<W: Write> Out<W> {
    pub(super) fn write(&mut self, place: &Place<'_>, report: &Report) -> io::Result<()> {
        let text = if self.is_json { as_json(place, report)? } else { for_people(place, report) };
        self.out.write_all(text.as_bytes())
    }
}

/// The path as text, with `\xff` for a byte that is no UTF-8. So such bytes never give two files the same text.
fn text_of(path: &Path) -> String {
    let chunks = path.as_os_str().as_encoded_bytes().utf8_chunks();
    let escaped =
        |chunk: Utf8Chunk<'_>| format!("{}{}", chunk.valid(), chunk.invalid().escape_ascii());
    chunks.map(escaped).collect()
}

fn for_people(place: &Place<'_>, report: &Report) -> String {
    let mut text = String::new();
    let margin = "  ".repeat(place.inside.len());
    if let Some(index) = place.inside.last() {
        let _ = writeln!(text, "{margin}frame {index}");
    } else {
        let _ = writeln!(text, "{}", printable(&text_of(place.path)).replace('\n', "\\n"));
    }
    for Part { key, text: shown, .. } in &report.parts {
        let shown = printable(shown);
        let mut key = key.replace('_', " ");
        // An empty text is one empty line.
        for line in shown.split('\n') {
            let line = format!("{margin}  {key:WIDTH$}{line}");
            let _ = writeln!(text, "{}", line.trim_end());
            key.clear();
        }
    }
    text
}

/// The text with everything escaped that a terminal would obey: control characters except the newline, and characters that change
/// the direction of writing.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for part in text.split_inclusive(['"', '\'', '\\', '\n']) {
        let end = part.trim_end_matches(['"', '\'', '\\', '\n']).len();
        shown.extend(part[..end].escape_debug());
        shown.push_str(&part[end..]);
    }
    shown
}

fn as_json(place: &Place<'_>, report: &Report) -> io::Result<String> {
    struct Object<'r>(&'r Place<'r>, &'r Report);

    impl Serialize for Object<'_> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let Self(place, report) = self;
            let mut object = serializer.serialize_map(None)?;
            object.serialize_entry("path", &text_of(place.path))?;
            if !place.inside.is_empty() {
                object.serialize_entry("inside", &place.inside)?;
            }
            for Part { key, json, .. } in &report.parts {
                object.serialize_entry(key, json)?;
            }
            object.end()
        }
    }

    let mut line = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut line, Ascii);
    Object(place, report).serialize(&mut serializer)?;
    line.push(b'\n');
    Ok(String::from_utf8(line).expect("JSON is text"))
}

/// JSON in ASCII without control characters.
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        for char in text.chars() {
            if matches!(char, ' '..='~') {
                out.write_all(&[char as u8])?;
            } else {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}
