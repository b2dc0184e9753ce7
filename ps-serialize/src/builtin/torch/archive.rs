//! The zip archive that `torch.save` writes.

use std::collections::HashMap;
use std::io::Cursor;
use std::ops::Range;

use zip::{CompressionMethod, ZipArchive};

use crate::error::{Error, Result, nothing_left};

/// The places of the files of the archive in the payload. The files are not compressed.
pub(super) struct Archive {
    files: HashMap<String, Range<usize>>,
}

impl Archive {
    pub(super) fn read(payload: &[u8]) -> Result<Self> {
        if is_legacy(payload) {
            return Err(Error::custom(
                "not a zip archive, which `torch.save` writes since PyTorch 1.6: load it and save it again, without `_use_new_zipfile_serialization=False`",
            ));
        }
        if !payload.starts_with(b"PK\x03\x04") {
            return Err(Error::custom(
                "not a zip archive from its first byte on, as `torch.save` writes it",
            ));
        }
        let mut zip = ZipArchive::new(Cursor::new(payload)).map_err(Error::custom)?;
        if zip.file_names().flatten().any(|name| name.ends_with("/constants.pkl")) {
            return Err(Error::custom(
                "a TorchScript program, which is code: send its `state_dict()` instead",
            ));
        }
        let start = usize::try_from(zip.central_directory_start()).unwrap_or(usize::MAX);
        let directory = Directory::read(payload, start);
        // If two files have one name, `ZipArchive` keeps the last, and PyTorch reads the first.
        if directory.files != zip.len() {
            return Err(Error::custom("the archive has two files of one name"));
        }
        let mut files = HashMap::new();
        let mut occupied = Vec::with_capacity(zip.len());
        for index in 0..zip.len() {
            let file = zip.by_index_raw(index).map_err(Error::custom)?;
            let name = file.name().map_err(Error::custom)?;
            let stored = file.compression() == CompressionMethod::Stored && !file.encrypted();
            if !stored || file.size() != file.compressed_size() {
                return Err(Error::custom(format!(
                    "the file `{name}` of the archive is compressed, which `torch.save` does not do"
                )));
            }
            let place = file.data_start().and_then(|start| {
                let start = usize::try_from(start).ok()?;
                let end = start.checked_add(usize::try_from(file.size()).ok()?)?;
                (end <= payload.len()).then_some(start..end)
            });
            let place = place.ok_or_else(|| {
                Error::custom(format!("the file `{name}` ends after the archive"))
            })?;
            let after = descriptor(&payload[place.end..], file.crc32(), file.size());
            let header = usize::try_from(file.header_start()).unwrap_or(usize::MAX);
            occupied.push(header..place.end + after);
            // All files are in one folder, which is named after the file that was saved.
            let name = name.split_once('/').map_or(&*name, |(_, name)| name);
            if files.insert(name.to_owned(), place).is_some() {
                return Err(Error::custom(format!("the archive has two files `{name}`")));
            }
        }
        occupied.push(directory.place.clone());
        check_gaps(occupied)?;
        check_end(&payload[directory.place.end..])?;
        let archive = Self { files };
        if let Some(order) = archive.files.get("byteorder")
            && payload[order.clone()] != *b"little"
        {
            return Err(Error::custom(
                "the numbers are big-endian: load it and save it again on a little-endian machine",
            ));
        }
        Ok(archive)
    }

    pub(super) fn part(&self, name: &str) -> Result<Range<usize>> {
        let place = self.files.get(name).cloned();
        place.ok_or_else(|| Error::custom(format!("the archive has no file `{name}`")))
    }
}

/// Whether the payload begins with the pickled number that marks the files of older versions of PyTorch.
fn is_legacy(payload: &[u8]) -> bool {
    const MAGIC: &[u8] = b"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
    const MAGIC_AS_TEXT: &[u8] = b"L119547037146038801333356L";
    let begin = &payload[..payload.len().min(32)];
    begin.starts_with(MAGIC_AS_TEXT) || begin.windows(MAGIC.len()).any(|bytes| bytes == MAGIC)
}

/// The list of the files, which follows the last of them.
struct Directory {
    files: usize,
    place: Range<usize>,
}

impl Directory {
    fn read(payload: &[u8], start: usize) -> Self {
        const HEADER: usize = 46;
        let mut directory = Self { files: 0, place: start..start };
        let mut rest = payload.get(start..).unwrap_or_default();
        while let Some(header) = rest.first_chunk::<HEADER>()
            && header.starts_with(b"PK\x01\x02")
        {
            directory.files += 1;
            // The lengths of the name, the extra field and the comment.
            let lengths = header[28..34].as_chunks().0.iter();
            let after: usize = lengths.map(|length| usize::from(u16::from_le_bytes(*length))).sum();
            rest = rest.get(HEADER + after..).unwrap_or_default();
        }
        directory.place.end = payload.len() - rest.len();
        directory
    }
}

/// The length of the data descriptor, which repeats a file's length after the file, or 0 if there is none.
fn descriptor(after: &[u8], crc: u32, size: u64) -> usize {
    let begin = [*b"PK\x07\x08", crc.to_le_bytes()].concat();
    let wide = [&begin[..], &size.to_le_bytes(), &size.to_le_bytes()].concat();
    let narrow = u32::try_from(size).map(u32::to_le_bytes);
    let narrow = narrow.map(|size| [&begin[..], &size, &size].concat());
    let known = narrow.into_iter().chain([wide]);
    known.map(|known| if after.starts_with(&known) { known.len() } else { 0 }).max().unwrap_or(0)
}

/// Checks that every part of the archive begins where the one before it ends. `torch.save` leaves no gaps,
/// and something could hide in a gap.
fn check_gaps(mut occupied: Vec<Range<usize>>) -> Result<()> {
    occupied.sort_by_key(|place| place.start);
    let mut end = 0;
    for place in occupied {
        if place.start != end {
            return Err(Error::custom(format!(
                "the bytes of the archive between {} and {} are in none of its files, or in two: `torch.save` does not write such archives",
                end.min(place.start),
                end.max(place.start)
            )));
        }
        end = place.end;
    }
    Ok(())
}

/// Checks the end of the archive. After the directory comes its place in the archive, once or twice, and
/// nothing else.
fn check_end(after: &[u8]) -> Result<()> {
    const END: usize = 22;
    const END_64: usize = 56;
    const LOCATOR_64: usize = 20;
    let after = match after.split_at_checked(END_64 + LOCATOR_64) {
        Some((end, after))
            // The bytes after the magic are the length of the rest of the record.
            if end.starts_with(b"PK\x06\x06\x2c\0\0\0\0\0\0\0")
                && end[END_64..].starts_with(b"PK\x06\x07") =>
        {
            after
        }
        _ => after,
    };
    let Some((end, left)) =
        after.split_at_checked(END).filter(|(end, _)| end.starts_with(b"PK\x05\x06"))
    else {
        return Err(Error::custom("the archive does not end as `torch.save` ends its archives"));
    };
    let comment = usize::from(u16::from_le_bytes([end[20], end[21]]));
    match left.len().checked_sub(comment) {
        Some(0) if comment == 0 => Ok(()),
        Some(0) | None => Err(Error::custom(
            "the archive has a comment at its end, which `torch.save` does not write",
        )),
        Some(left) => nothing_left(left, "zip archive"),
    }
}
