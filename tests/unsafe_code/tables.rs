//! Bitmaps and strings of tables that share a frame's memory.

use bytes::Bytes;
use polars_core::prelude::{DataFrame, IntoColumn, NamedFrom, Series};
use ps_serialize::{deserialize, serialize};

use crate::{LARGE, pattern, placed};

const BOOL: &str = "bool";
const BITS: &str = "bits";
const INT: &str = "int";
const TEXT: &str = "text";
const BINARY: &str = "binary";

/// What is in a table.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rows {
    bools: Vec<Option<bool>>,
    bits: Vec<bool>,
    ints: Vec<Option<i32>>,
    texts: Vec<Option<String>>,
    binary: Vec<Option<Vec<u8>>>,
}

impl Rows {
    /// Rows with texts of 0 to 31 bytes and more, in views and outside of them.
    fn new(rows: std::ops::Range<u16>) -> Self {
        let value = |row: u16| usize::from(row).wrapping_mul(0x9e37_79b9) >> 7;
        let text = |row: usize| format!("{}{}", "é世".repeat(row % 5), "x".repeat(row % 7));
        let rows = rows.map(|row| (row, value(row)));
        Self {
            bools: rows.clone().map(|(_, v)| (v % 3 > 0).then_some(v % 2 == 0)).collect(),
            bits: rows.clone().map(|(_, v)| v % 2 == 0).collect(),
            ints: rows.clone().map(|(row, v)| (v % 5 > 0).then_some(row.into())).collect(),
            texts: rows.clone().map(|(_, v)| (v % 7 > 0).then(|| text(v))).collect(),
            binary: rows
                .map(|(_, v)| (v % 4 > 0).then(|| vec![v.to_le_bytes()[0]; v % 19]))
                .collect(),
        }
    }

    fn of(table: &DataFrame) -> Self {
        let column = |name| table.column(name).unwrap().as_materialized_series();
        let binary = column(BINARY).binary().unwrap();
        Self {
            bools: column(BOOL).bool().unwrap().iter().collect(),
            bits: column(BITS).bool().unwrap().iter().map(Option::unwrap).collect(),
            ints: column(INT).i32().unwrap().iter().collect(),
            texts: texts(table),
            binary: binary.iter().map(|bytes| bytes.map(<[u8]>::to_vec)).collect(),
        }
    }

    fn table(&self) -> DataFrame {
        let columns = [
            Series::new(BOOL.into(), &self.bools),
            Series::new(BITS.into(), &self.bits),
            Series::new(INT.into(), &self.ints),
            Series::new(TEXT.into(), &self.texts),
            Series::new(
                BINARY.into(),
                self.binary.iter().map(Option::as_deref).collect::<Vec<_>>(),
            ),
        ];
        DataFrame::new(self.bits.len(), columns.map(IntoColumn::into_column).into()).unwrap()
    }
}

fn texts(table: &DataFrame) -> Vec<Option<String>> {
    let column = table.column(TEXT).unwrap().as_materialized_series();
    column.str().unwrap().iter().map(|text| text.map(str::to_owned)).collect()
}

/// The table of a frame, owned and shared.
fn read(frame: &Bytes) -> [DataFrame; 2] {
    [deserialize(frame).unwrap(), deserialize(frame).unwrap()]
}

#[test]
fn slices_begin_and_end_at_any_bit() {
    let all = Rows::new(0..140).table();
    for offset in 0..8 {
        // All pairs of how they begin and how they end.
        for length in (offset % 5..=130).step_by(5) {
            let slice = all.slice(offset.into(), length.into());
            let rows = Rows::new(offset..offset + length);
            let nulls = rows.bools.iter().filter(|value| value.is_none()).count();
            let frame = placed(&serialize(&slice).unwrap(), usize::from(length % 64));
            let table: DataFrame = if length % 2 == 0 {
                deserialize(&frame).unwrap()
            } else {
                deserialize(&frame[..]).unwrap()
            };
            assert_eq!(Rows::of(&table), rows, "{length} rows from {offset}");
            assert_eq!(table.column(BOOL).unwrap().null_count(), nulls);
            // The bitmaps of the table are cut again, and written again.
            if length % 8 == offset {
                let cut = table.slice((offset / 2).into(), length.into());
                let [again, _] = read(&serialize(&cut).unwrap());
                assert_eq!(Rows::of(&again), Rows::of(&cut));
            }
        }
    }
}

#[test]
fn tables_are_read_at_any_address() {
    let rows = Rows::new(0..50);
    let frame = serialize(&rows.table()).unwrap();
    for offset in 0..64 {
        for table in read(&placed(&frame, offset)) {
            assert_eq!(Rows::of(&table), rows, "at {offset}");
        }
    }
}

#[test]
fn large_columns() {
    let numbers = pattern(LARGE + 7);
    let text = "0123456789".repeat(LARGE / 10 + 1);
    let bits: Vec<bool> = (0..100_003).map(|row| row % 3 == 0).collect();
    let of = |column: Series| {
        let frame = serialize(&column.into_frame()).unwrap();
        read(&placed(&frame, 3)).map(|table| table.columns()[0].as_materialized_series().clone())
    };
    for column in of(Series::new("".into(), &numbers)) {
        assert!(column.u8().unwrap().cont_slice().unwrap() == numbers);
    }
    for column in of(Series::new("".into(), ["", &text, "end"])) {
        assert!(column.str().unwrap().get(1) == Some(&text));
    }
    for column in of(Series::new("".into(), &bits)) {
        assert!(column.bool().unwrap().iter().eq(bits.iter().map(|bit| Some(*bit))));
    }
}

#[test]
fn texts_in_many_buffers() {
    let mut all = Rows::default();
    let mut table = Rows::default().table();
    for start in (0..3000).step_by(15) {
        let rows = Rows::new(start..start + 15);
        table.vstack_mut(&rows.table()).unwrap();
        all.texts.extend(rows.texts);
    }
    // Each part is a batch, and then all buffers are those of one.
    for _ in 0..2 {
        let frame = serialize(&table).unwrap();
        for read in read(&placed(&frame, 3)) {
            assert_eq!(texts(&read), all.texts);
        }
        table.rechunk_mut();
    }
}

/// The table, or none where the library itself refuses it: polars checks again what it is given, at least in
/// debug builds, and its panics would hide that it was given too much.
fn unless_refused(frame: &Bytes) -> Option<DataFrame> {
    let refused = match deserialize(frame) {
        Ok(table) => return Some(table),
        Err(error) => format!("{error:?}"),
    };
    assert!(!refused.contains("polars failed"), "{refused}");
    None
}

/// Texts of 32 bytes each, in one buffer. Some cuts between them are inside of characters.
const TEXTS: [&str; 3] = [
    "it ends with the letter ..... é",
    "é begins it, then some old text",
    "the third is of ASCII, and long.",
];

/// A frame with one column of these, as text or as bytes.
fn frame(binary: bool) -> Vec<u8> {
    let column = if binary {
        Series::new(TEXT.into(), TEXTS.map(str::as_bytes))
    } else {
        Series::new(TEXT.into(), TEXTS)
    };
    serialize(&DataFrame::new(3, vec![column.into_column()]).unwrap()).unwrap().to_vec()
}

fn only_place(of: &[u8], frame: &[u8]) -> usize {
    let mut places = (0..frame.len()).filter(|place| frame[*place..].starts_with(of));
    let place = places.next().expect("it is there");
    assert_eq!(places.next(), None, "it is there once");
    place
}

/// Where the view of a text is: its length, its prefix, the number of the buffer, and the offset.
fn view_of(row: u8, frame: &[u8]) -> usize {
    let mut view = [32, 0, 0, 0].to_vec();
    view.extend(&TEXTS[usize::from(row)].as_bytes()[..4]);
    view.extend([0, 0, 0, 0, 32 * row, 0, 0, 0]);
    only_place(&view, frame)
}

/// What is read where these words of the view in that row are others.
fn with_view(binary: bool, row: u8, words: [Option<u32>; 4]) -> Option<Vec<Vec<u8>>> {
    let mut frame = frame(binary);
    let view = view_of(row, &frame);
    for (word, place) in words.into_iter().zip((view..).step_by(4)) {
        if let Some(word) = word {
            frame[place..place + 4].copy_from_slice(&word.to_le_bytes());
        }
    }
    contents(&frame)
}

fn contents(frame: &[u8]) -> Option<Vec<Vec<u8>>> {
    let frame = placed(frame, 0);
    let table = unless_refused(&frame)?;
    assert!(deserialize::<DataFrame>(&placed(&frame, 1)).unwrap().equals(&table));
    let column = table.column(TEXT).unwrap().as_materialized_series();
    Some(match column.binary() {
        Ok(binary) => binary.iter().map(|bytes| bytes.unwrap().to_vec()).collect(),
        Err(_) => texts(&table).into_iter().map(|text| text.unwrap().into_bytes()).collect(),
    })
}

#[test]
fn views_of_what_is_not_there_are_refused() {
    for binary in [false, true] {
        let all = TEXTS.map(|text| text.as_bytes().to_vec());
        assert_eq!(contents(&frame(binary)).unwrap(), all);
        for row in 0..3 {
            for words in [
                // Beyond the buffer's end, by a byte or by far.
                [None, None, None, Some(65)],
                [None, None, None, Some(96)],
                [None, None, None, Some(u32::MAX)],
                [Some(97 - 32 * u32::from(row)), None, None, None],
                [Some(u32::MAX / 2), None, None, None],
                [Some(u32::MAX), None, None, None],
                [Some(u32::MAX), None, None, Some(u32::MAX)],
                // In no buffer.
                [None, None, Some(1), None],
                [None, None, Some(u32::MAX), None],
                // Another prefix than that of the bytes.
                [None, Some(0), None, None],
                [None, Some(u32::from_le_bytes(*b"it f")), None, None],
                // So short that the rest of the view would be padding.
                [Some(4), None, None, Some(1)],
                [Some(0), None, None, None],
            ] {
                assert_eq!(with_view(binary, row, words), None, "row {row}, {words:?}");
            }
        }
    }
}

#[test]
fn texts_begin_and_end_with_a_character() {
    let bytes = TEXTS.concat().into_bytes();
    let word = |length: usize| u32::try_from(length).unwrap();
    for start in 0..96 {
        for length in [13, 31] {
            let Some(part) = bytes.get(start..).and_then(|rest| rest.get(..length)) else {
                continue;
            };
            let prefix = u32::from_le_bytes(part[..4].try_into().unwrap());
            let words = [Some(word(length)), Some(prefix), None, Some(word(start))];
            let mut all = TEXTS.map(|text| text.as_bytes().to_vec());
            all[1] = part.to_vec();
            assert_eq!(with_view(true, 1, words).unwrap(), all);
            let is_text = std::str::from_utf8(part).is_ok();
            assert_eq!(
                with_view(false, 1, words),
                is_text.then(|| all.into()),
                "{length} from {start}"
            );
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_only_where_a_text_has_them() {
    for binary in [false, true] {
        let mut frame = frame(binary);
        let text = only_place(TEXTS[1].as_bytes(), &frame);
        frame[text + 20] = 0xff;
        let mut all = TEXTS.map(|text| text.as_bytes().to_vec());
        all[1][20] = 0xff;
        assert_eq!(contents(&frame), binary.then(|| all.clone().into()));
        // Now no view has it.
        let (from, to) = (view_of(0, &frame), view_of(1, &frame));
        frame.copy_within(from..from + 16, to);
        all[1] = all[0].clone();
        assert_eq!(contents(&frame), Some(all.into()));
        // Two bytes in the view itself.
        frame[to..to + 16].copy_from_slice(b"\x02\0\0\0\xc3\xc3\0\0\0\0\0\0\0\0\0\0");
        assert_eq!(contents(&frame).is_some(), binary);
        frame[to + 5] = 0xa9;
        assert_eq!(contents(&frame).unwrap()[1], "é".as_bytes());
    }
}

/// Rows that fill 126 bytes of bits and one bit.
const ROWS: usize = 1009;

#[test]
fn bitmaps_that_are_too_short_are_refused() {
    let rows = Rows::new(0..1009);
    for (name, bitmaps) in [(BITS, 1), (BOOL, 2)] {
        let frame = serialize(&rows.table().select([name]).unwrap()).unwrap();
        let with = |from: usize, which: Option<usize>, to: usize| {
            let from = (from as u64).to_le_bytes();
            let places: Vec<_> = (0..frame.len() - 8)
                .filter(|place| frame[*place..].starts_with(&from) && place % 4 == 0)
                .collect();
            let mut frame = frame.to_vec();
            for place in which.map_or(&places[..], |which| &places[which..][..1]) {
                frame[*place..place + 8].copy_from_slice(&(to as u64).to_le_bytes());
            }
            let table = unless_refused(&placed(&frame, 0))?;
            let column = table.column(name).unwrap().as_materialized_series();
            Some(column.bool().unwrap().iter().collect::<Vec<_>>())
        };
        let expected: Vec<_> = match name {
            BITS => rows.bits.iter().copied().map(Some).collect(),
            _ => rows.bools.clone(),
        };
        // The table has as many rows as their bytes have bits for, or fewer.
        assert_eq!(with(ROWS, None, ROWS).unwrap(), expected);
        assert_eq!(with(ROWS, None, 1000).unwrap(), expected[..1000]);
        assert_eq!(with(ROWS, None, 1016).unwrap()[..ROWS], expected);
        for more in [1017, 1024, 1 << 20, 1 << 31, usize::MAX / 2] {
            assert_eq!(with(ROWS, None, more), None);
        }
        for which in 0..bitmaps {
            for shorter in [126, 1, 0] {
                assert_eq!(with(127, Some(which), shorter), None, "{name}: bitmap {which}");
            }
        }
    }
}
