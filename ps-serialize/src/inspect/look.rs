//! What a frame is.

use std::any::Any;
use std::io::{self, Write};
use std::ops::Range;

use bytes::Bytes;
use serde_json::json;

#[cfg(feature = "lock")]
use super::bounded::name;
use super::bounded::{By, debug};
#[cfg(feature = "lock")]
use super::list::LISTED;
use super::list::{and_more, counted};
use super::report::{Out, Place, Report};
use super::source::Source;
use super::values;
use super::{FRAMES, LIMIT, MAX_DEPTH};
use crate::compression;
use crate::deserialize;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Frame;
use crate::identifier::Identifier;
use crate::limits::Budget;
use crate::options::Options;
use crate::payload::Input;
use crate::record::frames_of_record;
use crate::registry::{Entry, registry};
use crate::reserved;

/// Writes what the frames of a file are.
pub(super) struct Look<'o, W> {
    pub(super) out: &'o mut Out<W>,
    pub(super) is_head: bool,
    /// The number of inner frames that may still be shown.
    left: usize,
    pub(super) is_error: bool,
}

impl<'o, W: Write> Look<'o, W> {
    pub(super) fn new(out: &'o mut Out<W>, is_head: bool) -> Self {
        Self { out, is_head, left: FRAMES, is_error: false }
    }

    /// Writes what is in a file, or why it can't be read.
    pub(super) fn source(&mut self, place: &Place<'_>, source: Result<Source>) -> io::Result<()> {
        let mut report = Report::default();
        match source {
            Ok(source) if source.is_whole() && !self.is_head => {
                return self.frame(place, &source.bytes, false);
            }
            Ok(source) => {
                if let Err(error) = start(&source, !self.is_head, &mut report) {
                    report.error(&error);
                }
            }
            Err(error) => report.error(&error),
        }
        self.write(place, &report)
    }

    /// `is_decompressed` says that a frame around this one was compressed, and is in memory now.
    fn frame(&mut self, place: &Place<'_>, bytes: &Bytes, is_decompressed: bool) -> io::Result<()> {
        let mut report = Report::default();
        let described = values::without_panics(|| describe(bytes, is_decompressed, &mut report))
            .unwrap_or_else(|| Err(Error::custom("the code of its type panicked")));
        let inside = described.unwrap_or_else(|error| {
            report.error(&error);
            None
        });
        let left = if place.inside.len() < MAX_DEPTH { self.left } else { 0 };
        let mut all = inside.iter().flat_map(frames_inside);
        let frames: Vec<_> = all.by_ref().take(left).collect();
        let more = all.count();
        if more > 0 {
            report.not_shown(format!(
                "{more} of the frames inside: of a file, {FRAMES} inner frames are shown, to a depth of {MAX_DEPTH}"
            ));
        }
        self.write(place, &report)?;
        let Some(record) = inside else { return Ok(()) };
        self.left -= frames.len();
        let is_decompressed = is_decompressed || record.as_ptr() != bytes.as_ptr();
        for (index, range) in frames.into_iter().enumerate() {
            self.frame(&place.inside(index), &record.slice(range), is_decompressed)?;
        }
        Ok(())
    }

    fn write(&mut self, place: &Place<'_>, report: &Report) -> io::Result<()> {
        self.is_error |= report.is_error;
        self.out.write(place, report)
    }
}

/// Describes a frame of which only the first bytes are there.
fn start(source: &Source, is_for_lack_of_room: bool, report: &mut Report) -> Result<()> {
    let Source { bytes, size } = source;
    // A newline may be missing only if the frame ends there.
    let frame = if source.is_whole() || is_for_lack_of_room {
        Frame::parse(bytes)?.identifier()
    } else {
        let and_more = [&bytes[..], b"\0"].concat();
        Frame::parse(if size.is_some() { &and_more } else { bytes })?.identifier()
    };
    let known = add_meaning(&frame, report);
    if let Some(size) = size {
        report.add("size", format!("{size} bytes"), json!({ "frame": size }));
    }
    if is_for_lack_of_room {
        let found = size.map_or_else(|| format!("{} or more", LIMIT + 1), |size| size.to_string());
        report.larger("size of a frame that is not mapped into memory, in bytes", &found);
    }
    known.map(drop)
}

/// What an identifier without an entry may mean.
const UNKNOWN: &str = "no type that this inspector knows: it may be of a crate that the inspector does not name (make one that does: see the module `inspect` of ps-serialize), or this is no frame";

/// Adds what the identifier means, and returns its entry if there is one.
fn add_meaning(identifier: &Identifier, report: &mut Report) -> Result<Option<&'static Entry>> {
    report.text("identifier", identifier.to_string());
    let reserved = reserved::find(identifier);
    match registry().find(identifier) {
        Ok(entry) => {
            report.text("meaning", entry.name());
            report.text("type", entry.type_name());
            if reserved.is_none() {
                report.text("declared", entry.origin().to_string());
                #[cfg(feature = "lock")]
                if let Some(layout) = entry.layout() {
                    let all = layout.lines().count() - 1;
                    let lines = layout.lines().skip(1).take(LISTED);
                    let mut lines: Vec<String> = lines.map(|line| name(&line[2..])).collect();
                    and_more(&mut lines, all, LISTED);
                    report.add("layout", lines.join("\n"), lines);
                }
            }
            Ok(Some(entry))
        }
        Err(error) => {
            let ErrorKind::UnknownIdentifier { .. } = error.kind() else { return Err(error) };
            match reserved {
                Some(reserved) => report.text("meaning", reserved.meaning),
                None => report.text("meaning", UNKNOWN),
            }
            Ok(None)
        }
    }
}

/// Describes a frame. If the frame is a record whose inner frames are to be described too, returns that frame.
fn describe(bytes: &Bytes, is_decompressed: bool, report: &mut Report) -> Result<Option<Bytes>> {
    let frame = Frame::parse(bytes)?;
    let options = Options::new().size_limit(LIMIT);
    let budget = Budget::new(&options, bytes.len());
    if !compression::is_compressed(frame.identifier_bytes()) {
        return describe_plain(bytes, frame, &budget, report);
    }
    if is_decompressed {
        // Otherwise each level of frames could take as much memory as the limit.
        add_meaning(&frame.identifier(), report)?;
        add_size(bytes, frame, report);
        report.not_shown("it is compressed, and so is a frame around it: decompress that frame, and inspect what is in it");
        return Ok(None);
    }
    let add_compressed = |made: u64, report: &mut Report| {
        let shuffle = frame.payload().first().copied().unwrap_or(0);
        let (identifier, size) = (frame.identifier(), bytes.len());
        let text =
            format!("{identifier}: {size} bytes, decompressed to {made}, shuffle width {shuffle}");
        let json =
            json!({ "identifier": identifier.to_string(), "frame": size, "shuffle": shuffle });
        report.add("compressed", text, json);
    };
    let error = match compression::open(frame, &budget) {
        Ok(opened) => {
            let inner = opened.expect("it is compressed");
            add_compressed(inner.len() as u64, report);
            return describe_plain(&inner, Frame::parse(&inner)?, &budget, report);
        }
        Err(error) => error,
    };
    if let ErrorKind::LimitExceeded { found, .. } = error.kind()
        && let Ok(start) = compression::start(frame, LIMIT)
        && let Ok(inner) = Frame::parse(&start)
    {
        add_compressed(*found, report);
        add_meaning(&inner.identifier(), report)?;
        report.add("size", format!("{found} bytes"), json!({ "frame": found }));
    } else {
        add_meaning(&frame.identifier(), report)?;
        add_size(bytes, frame, report);
    }
    Err(error)
}

fn add_size(bytes: &Bytes, frame: Frame<'_>, report: &mut Report) {
    let (all, payload) = (bytes.len(), frame.payload().len());
    let line = all - payload;
    let is_cut = payload == 0 && !bytes.ends_with(b"\n");
    let cut = if is_cut { "; without a newline, so it is empty, or was cut" } else { "" };
    let text = format!("{all} bytes: a line of {line}, a payload of {payload}{cut}");
    report.add("size", text, json!({ "frame": all, "line": line, "payload": payload }));
}

fn describe_plain(
    bytes: &Bytes,
    frame: Frame<'_>,
    budget: &Budget<'_>,
    report: &mut Report,
) -> Result<Option<Bytes>> {
    let identifier = frame.identifier();
    let entry = add_meaning(&identifier, report)?;
    add_size(bytes, frame, report);
    let is_reserved = reserved::find(&identifier).is_some();
    match entry {
        Some(entry) if !is_reserved => return own(entry, bytes, frame, budget, report),
        None if !is_reserved => {
            let count = frames_inside(bytes).count();
            if count == 0 {
                values::bytes("payload", frame.payload(), report);
                return Ok(None);
            }
            add_frames(bytes, report);
            return Ok(Some(bytes.clone()));
        }
        _ => {}
    }
    values::built_in(&identifier, bytes, frame.payload(), budget, report)?;
    Ok(None)
}

/// Describes a value of a type of this program.
fn own(
    entry: &Entry,
    bytes: &Bytes,
    frame: Frame<'_>,
    budget: &Budget<'_>,
    report: &mut Report,
) -> Result<Option<Bytes>> {
    let is_record = frames_inside(bytes).next().is_some();
    if is_record {
        add_frames(bytes, report);
    }
    if frame.payload().len() > LIMIT {
        let size = frame.payload().len().to_string();
        report.larger("size of the payload of a type of this program, in bytes", &size);
    } else {
        let value = deserialize::any(Input::from(bytes).within(budget))?;
        if add_value(entry, &*value, report) {
            return Ok(None);
        }
        report.not_shown(WITHOUT_DEBUG);
    }
    if is_record {
        return Ok(Some(bytes.clone()));
    }
    values::bytes("payload", frame.payload(), report);
    Ok(None)
}

/// Why a value that was read is not shown.
pub(super) const WITHOUT_DEBUG: &str = "its type has no `Debug`";

/// Adds a value of an annotated type if the type has `Debug`. Returns whether it has.
pub(super) fn add_value(
    entry: &Entry,
    value: &(dyn Any + Send + Sync),
    report: &mut Report,
) -> bool {
    let Some(show) = entry.show() else { return false };
    let shown = values::printed(|| debug(&By(|f: &mut std::fmt::Formatter<'_>| show(value, f))));
    report.text("value", shown);
    true
}

/// The places of the frames in a record. There are none unless every place in its table has a frame.
fn frames_inside(bytes: &Bytes) -> impl Iterator<Item = Range<usize>> {
    let frames = || frames_of_record(bytes).ok();
    let is_frame = |range: Range<usize>| Frame::parse(&bytes[range]).is_ok();
    let are_frames = frames().is_some_and(|mut frames| frames.all(is_frame));
    frames().filter(|_| are_frames).into_iter().flatten()
}

/// Adds the number of frames in a record, and the identifiers and sizes of the first ones.
fn add_frames(bytes: &Bytes, report: &mut Report) {
    let mut first = Vec::new();
    let mut lines = Vec::new();
    let mut count = 0;
    for range in frames_inside(bytes) {
        count += 1;
        if let Ok(frame) = Frame::parse(&bytes[range.clone()])
            && count <= FRAMES
        {
            let (identifier, size) = (frame.identifier().to_string(), range.len());
            lines.push(format!("{identifier}: {size} bytes at {}", range.start));
            first.push(json!({ "identifier": identifier, "frame": size, "at": range.start }));
        }
    }
    lines.insert(0, format!("{count} inside of this record"));
    and_more(&mut lines, count, FRAMES);
    report.add("frames", lines.join("\n"), counted(count, first));
}
