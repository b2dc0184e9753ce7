//! `PL`: Arrow files that lie, many of which make polars panic.

use bytes::Bytes;
use polars_core::df;
use polars_core::prelude::{
    Categories, DataFrame, DataType, FrozenCategories, IntoColumn, IntoSeries, NamedFrom, Series,
};
use ps_serialize::{Options, deserialize, registry, serialize};

use crate::{peak_memory, read_all_ways};

/// Columns of every layout: plain, of bits, of views, with offsets, nested, with a dictionary.
fn table() -> DataFrame {
    let lists = Series::new(
        "l".into(),
        [Series::new("".into(), [1_i8, 2]), Series::new("".into(), [3_i8])],
    );
    let mut table = df! {
        "i" => [Some(1_i32), None],
        "b" => [true, false],
        "s" => ["short", "a string that is not short"],
        "c" => ["x", "y"],
    }
    .unwrap();
    let categories = DataType::from_categories(Categories::global());
    let column = table.column("c").unwrap().cast(&categories).unwrap();
    table.with_column(column).unwrap();
    table.with_column(lists.into_column()).unwrap();
    table
}

/// Touches every value, which would fail if an offset or a view were wrong.
fn touch(table: &DataFrame) {
    assert!(table.equals_missing(&table.clone()) || table.height() > 0);
    for column in table.columns() {
        let _ = column.get(column.len().saturating_sub(1)).map(|value| value.to_string());
        let _ = column.cast(&DataType::String);
    }
}

#[test]
fn every_prefix_and_every_changed_byte_gives_a_table_or_an_error() {
    assert!(registry().check().is_ok());
    let frame = serialize(&table()).unwrap();
    // Panics inside of polars are contained, and so are not worth a message here.
    std::panic::set_hook(Box::new(|panic| {
        if !panic.location().is_some_and(|place| place.file().contains("polars")) {
            eprintln!("{panic}");
        }
    }));
    let peak = peak_memory(|| {
        for end in 0..=frame.len() {
            read_all_ways::<DataFrame>(&frame[..end]);
        }
    });
    assert!(peak <= 64 << 10, "{peak} bytes were in use");
    let mut mutated = frame.to_vec();
    for i in 64..frame.len() {
        for byte in [0, 1, 2, 3, 4, 8, 16, 32, 64, 127, 128, 254, 255, frame[i] ^ 1, frame[i] ^ 4] {
            mutated[i] = byte;
            let peak = peak_memory(|| {
                if let Ok(table) = deserialize::<DataFrame>(&mutated) {
                    touch(&table);
                }
            });
            assert!(peak <= 9 << 20, "{peak} bytes for byte {i} as {byte}");
        }
        mutated[i] = frame[i];
    }
    let _ = std::panic::take_hook();
    let shared: DataFrame = deserialize(&Bytes::from(mutated)).unwrap();
    assert!(shared.equals_missing(&table()));
}

fn golden(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/golden/{name}.frame", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// polars takes such a panic for a mistake of its caller's; where panics abort, it ends the program.
#[test]
fn what_makes_polars_panic_is_refused_before() {
    for name in ["categories", "times", "nested", "texts", "numbers", "nulls"] {
        let mut frame = golden(&format!("0.1/table-{name}"));
        for i in 64..frame.len() {
            let byte = frame[i];
            for changed in [0, 3, 0xff, byte ^ 1, byte ^ 16] {
                frame[i] = changed;
                if let Err(error) = deserialize::<DataFrame>(&frame) {
                    let error = format!("{error:?}");
                    assert!(!error.contains("polars failed"), "{name}, byte {i}: {error}");
                }
            }
            frame[i] = byte;
        }
    }
}

#[test]
fn maps_and_dictionaries_that_lie_are_refused() {
    for name in ["table-map", "table-maps", "table-dictionaries"] {
        let mut frame = golden(&format!("proxystore-1.1/{name}"));
        let most = (64 << 20) + 256 * frame.len();
        for i in 3..frame.len() {
            let byte = frame[i];
            // Offsets, keys and lengths are small.
            for changed in [3, byte ^ 0x81] {
                frame[i] = changed;
                let peak = peak_memory(|| match deserialize::<DataFrame>(&frame) {
                    Ok(table) => drop(table.equals_missing(&table.clone())),
                    Err(error) => {
                        let error = format!("{error:?}");
                        assert!(!error.contains("polars failed"), "{name}, byte {i}: {error}");
                    }
                });
                assert!(peak <= most, "{peak} bytes for byte {i} of {name}");
            }
            frame[i] = byte;
        }
    }
}

#[test]
fn a_dictionary_has_a_value_for_every_key() {
    let choices = FrozenCategories::new(["a", "b", "c"]).unwrap();
    let choices = DataType::from_frozen_categories(choices);
    let column = Series::new("choice".into(), ["c"; 1000]).cast(&choices).unwrap();
    let table = DataFrame::new(1000, vec![column.into_column()]).unwrap();
    let mut frame = serialize(&table).unwrap().to_vec();
    assert_eq!(deserialize::<DataFrame>(&frame).unwrap(), table);

    let keys = frame.windows(1000).position(|bytes| bytes == [2; 1000]).unwrap();
    for key in [3, 4, 255] {
        frame[keys + 500] = key;
        let error = format!("{:?}", deserialize::<DataFrame>(&frame).unwrap_err());
        let expected = format!("key {key} of a dictionary that has 3 values");
        assert!(error.contains(&expected), "{error}");
    }
}

#[test]
fn a_few_texts_that_many_rows_refer_to_are_refused_on_both_sides() {
    let categories = DataType::from_categories(Categories::global());
    for (length, rows, fits) in [(1 << 10, 100_000, true), (1 << 20, 100_000, false)] {
        let column = Series::new("c".into(), ["x".repeat(length)]).cast(&categories).unwrap();
        let table = DataFrame::new(rows, vec![column.new_from_index(0, rows).into_column()]);
        let written = serialize(&table.unwrap());
        if fits {
            assert_eq!(deserialize::<DataFrame>(&written.unwrap()).unwrap().height(), rows);
        } else {
            let error = format!("{:?}", written.unwrap_err());
            assert!(
                error.contains("bytes of dictionary texts that rows refer to: the limit is"),
                "{error}"
            );
        }
    }
}

#[test]
fn long_names_in_many_batches_are_limited() {
    use polars_core::prelude::StructChunked;

    // Each batch has a copy of the name.
    let field = Series::new("name".repeat(75_000).into(), [1_i8]);
    let column = StructChunked::from_series("s".into(), 1, [field].iter()).unwrap();
    let batch = DataFrame::new(1, vec![column.into_series().into_column()]).unwrap();
    let batches = |count| {
        let mut table = batch.clone();
        for _ in 1..count {
            table.vstack_mut(&batch).unwrap();
        }
        serialize(&table).unwrap()
    };
    let frame = batches(20);
    let few: DataFrame = deserialize(&frame).unwrap();
    assert_eq!(few.shape(), (20, 1));
    assert_eq!(few.first_col_n_chunks(), 20);
    let options = Options::new().size_limit(frame.len());
    let error = options.deserialize::<DataFrame>(&frame).unwrap_err();
    assert!(format!("{error:?}").contains("memory of what is read, in bytes"), "{error:?}");
    // A table that would be refused in many batches is written as one.
    let many: DataFrame = deserialize(&batches(2000)).unwrap();
    assert_eq!(many.shape(), (2000, 1));
    assert_eq!(many.first_col_n_chunks(), 1);
}

/// A file without columns whose footer has this many pairs of metadata: each of its keys has `length`
/// bytes, but begins only four bytes after the one before.
fn file_with_metadata(pairs: u32, length: u32) -> Vec<u8> {
    let words =
        |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|word| word.to_le_bytes()).collect() };
    // Where the fields of a table are in it.
    let places = |places: &[u16]| -> Vec<u8> {
        places.iter().flat_map(|place| place.to_le_bytes()).collect()
    };
    let mut footer = [
        words(&[20]),
        // The footer: its version, its schema, no batches, and the pairs.
        places(&[14, 20, 4, 8, 0, 12, 16, 0]),
        words(&[16, 4, 20, 24, 24]),
        // The schema, without fields.
        places(&[8, 8, 0, 4]),
        words(&[8, 4, 0]),
        words(&[pairs]),
    ]
    .concat();
    let places_of_pairs = 64 + 4 * pairs;
    let pair_at = |pair: u32| places_of_pairs + 8 + 12 * pair;
    footer.extend((0..pairs).flat_map(|pair| words(&[pair_at(pair) - (64 + 4 * pair)])));
    footer.extend(places(&[8, 12, 4, 8]));
    for pair in 0..pairs {
        let (here, string) = (pair_at(pair), pair_at(pairs) + 4 * pair);
        footer.extend(words(&[here - places_of_pairs, string - here - 4, string - here - 8]));
    }
    // A length, and the bytes of a string that are lengths too.
    footer.extend(words(&[length]).repeat((pairs + length / 4 + 1) as usize));
    let length = u32::try_from(footer.len()).unwrap();
    [b"PL\nARROW1\0\0", &footer[..], &length.to_le_bytes(), b"ARROW1"].concat()
}

#[test]
fn metadata_that_overlaps_is_refused() {
    let table: DataFrame = deserialize(&file_with_metadata(1, 0x7f00)).unwrap();
    assert_eq!(table.shape(), (0, 0));
    let file = file_with_metadata(4000, 0x7f00);
    assert!(file.len() < 128 << 10);
    let error = format!("{:?}", deserialize::<DataFrame>(&file).unwrap_err());
    assert!(error.contains("metadata that overlap"), "{error}");
}
