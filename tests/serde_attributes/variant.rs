//! Attributes of variants.

use serde::{Deserialize, Serialize};
use wincode::{SchemaRead, SchemaWrite};

use crate::tables::{Read, Refused, Same, Untold, row, wincode_row};

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
        $item
    )*};
}

mod pair {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(a: &u8, b: &u8, to: S) -> Result<S::Ok, S::Error> {
        (b, a).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<(u8, u8), D::Error> {
        let (b, a) = Deserialize::deserialize(from)?;
        Ok((a, b))
    }
}

types! {
    enum Renamed { #[serde(rename = "x", alias = "y", alias = "z")] A, #[serde(alias = "w")] B(u8), #[serde(rename_all = "UPPERCASE")] C { c: u8 } }
    enum RenamedForOne { #[serde(rename(serialize = "x"))] A, #[serde(rename(deserialize = "y"))] B(u8), C { c: u8 } }
    enum Middle { A, #[serde(skip)] B, C(u64), D(u64) }
    enum MiddleUnit { A, #[serde(skip)] B, C, D }
    enum MiddleStruct { A, #[serde(skip)] B, C { c: u64 }, D { c: u64 } }
    enum MiddleTuple { A, #[serde(skip)] B, C(u8, u8), D(u8, u8) }
    enum MiddleAlias { #[serde(alias = "a")] A, #[serde(skip)] B, C(u64), D(u64) }
    enum MiddleOther { A, #[serde(skip)] B, C, #[serde(other)] D }
    enum First { #[serde(skip)] A, B(u64), C(u64) }
    enum MiddleNotRead { A, #[serde(skip_deserializing)] B, C(u64), D(u64) }
    enum MiddleNotWritten { A, #[serde(skip_serializing)] B, C(u64), D(u64) }
    enum Last { A, B(u64), #[serde(skip)] C, #[serde(skip)] D(u64) }
    enum LastNotRead { A, B(u64), #[serde(skip_deserializing)] C(u64) }
    enum LastNotWritten { A, B(u64), #[serde(skip_serializing)] C(u64) }
    enum Other { A, B, #[serde(other)] C }
    enum With { A, #[serde(with = "pair")] B(u8, u8), #[serde(serialize_with = "pair::serialize", deserialize_with = "pair::deserialize")] C(u8, u8) }
    enum WithForWriter { A, #[serde(serialize_with = "pair::serialize")] B(u8, u8) }
    enum WithForReader { A, #[serde(deserialize_with = "pair::deserialize")] B(u8, u8) }
    enum Bound<T> { A, #[serde(bound = "T: Serialize + for<'d> Deserialize<'d>")] B(T) }
    enum Untagged { A(u8), #[serde(untagged)] B(String) }
}

const ONE_SIDED: &str = "attributes of serde's that hold for one side only";
const NEVER: &str = "cannot be serialized";

#[test]
fn names_do_not_matter_to_the_layout() {
    for value in [Renamed::A, Renamed::B(0), Renamed::B(1), Renamed::C { c: 2 }] {
        row("rename, alias, rename_all", &value, &Same, &Same);
    }
    for value in [RenamedForOne::A, RenamedForOne::B(0), RenamedForOne::B(1)] {
        row("rename for one side", &value, &Same, &Untold);
    }
    for value in [Other::A, Other::B, Other::C] {
        row("other", &value, &Same, &Same);
    }
    row("bound", &Bound::B(1_u8), &Same, &Same);
    row("bound", &Bound::<u8>::A, &Same, &Same);
}

#[test]
fn a_variant_after_a_skipped_one_is_refused() {
    row("skip, before", &Middle::A, &Same, &Same);
    row("skip, this", &Middle::B, &Refused(NEVER), &Refused(NEVER));
    row("skip", &Middle::C(1), &Refused("`Middle::C` as `Middle::D`"), &Same);
    row("skip", &Middle::D(1), &Refused(ONE_SIDED), &Same);
    row("skip, zeros", &Middle::C(0), &Refused(ONE_SIDED), &Same);
    row("skip, unit variant", &MiddleUnit::C, &Refused(ONE_SIDED), &Same);
    row("skip, unit variant", &MiddleUnit::D, &Refused(ONE_SIDED), &Same);
    row("skip, struct variant", &MiddleStruct::C { c: 1 }, &Refused(ONE_SIDED), &Same);
    row("skip, tuple variant", &MiddleTuple::C(0, 0), &Refused(ONE_SIDED), &Same);
    row("skip, alias", &MiddleAlias::C(1), &Refused(ONE_SIDED), &Same);
    row("skip, other", &MiddleOther::C, &Refused(ONE_SIDED), &Same);
    row("skip, other", &MiddleOther::D, &Same, &Same);
    row("skip, first", &First::B(1), &Refused(ONE_SIDED), &Same);
    row("skip, first", &First::C(1), &Refused(ONE_SIDED), &Same);
}

#[test]
fn a_variant_after_one_that_is_not_read_is_refused() {
    row("skip_deserializing, before", &MiddleNotRead::A, &Same, &Same);
    row("skip_deserializing, this", &MiddleNotRead::B, &Refused(ONE_SIDED), &Untold);
    row("skip_deserializing", &MiddleNotRead::C(1), &Refused(ONE_SIDED), &Same);
    row("skip_deserializing, last", &LastNotRead::B(1), &Same, &Same);
    row("skip_deserializing, last", &LastNotRead::C(1), &Refused(ONE_SIDED), &Untold);
}

#[test]
fn variants_that_are_not_written_or_stand_last_shift_none() {
    for value in [MiddleNotWritten::A, MiddleNotWritten::C(1), MiddleNotWritten::D(2)] {
        row("skip_serializing", &value, &Same, &Same);
    }
    row("skip_serializing", &MiddleNotWritten::B, &Refused(NEVER), &Refused(NEVER));
    row("skip_serializing, last", &LastNotWritten::B(1), &Same, &Same);
    row("skip_serializing, last", &LastNotWritten::C(1), &Refused(NEVER), &Refused(NEVER));
    for value in [Last::A, Last::B(1)] {
        row("skip, last", &value, &Same, &Same);
    }
    row("skip, last", &Last::C, &Refused(NEVER), &Refused(NEVER));
    row("skip, last", &Last::D(1), &Refused(NEVER), &Refused(NEVER));
}

#[test]
fn functions_of_the_users_are_to_fit_each_other() {
    for value in [With::A, With::B(1, 2), With::C(1, 2)] {
        row("with", &value, &Same, &Same);
    }
    row("serialize_with", &WithForWriter::A, &Same, &Same);
    let value = WithForWriter::B(1, 2);
    row("serialize_with", &value, &Refused(ONE_SIDED), &Read(WithForWriter::B(2, 1)));
    let value = WithForReader::B(1, 2);
    row("deserialize_with", &value, &Refused(ONE_SIDED), &Read(WithForReader::B(2, 1)));
}

#[test]
fn untagged_variants_are_refused() {
    let asks = "asks the format what comes next";
    row("untagged", &Untagged::A(1), &Refused(asks), &Same);
    row("untagged", &Untagged::B("b".to_owned()), &Refused(asks), &Same);
}

#[test]
fn wincode_does_not_know_the_attributes_of_serde() {
    #[derive(Serialize, Deserialize, SchemaWrite, SchemaRead, Debug, PartialEq)]
    enum All {
        #[serde(skip)]
        A,
        #[serde(skip_deserializing)]
        B(u8),
        #[serde(skip_serializing)]
        C {
            c: u8,
            #[wincode(skip)]
            d: u8,
        },
        #[serde(rename = "x")]
        #[wincode(tag = 9)]
        D(u8, u8),
    }
    for value in [All::A, All::B(1), All::D(1, 2)] {
        wincode_row("variant", &value, &value);
    }
    wincode_row("variant", &All::C { c: 1, d: 2 }, &All::C { c: 1, d: 0 });
    let nested = vec![Some(All::D(1, 2)), Some(All::A)];
    wincode_row("variant, nested", &nested, &nested);
}
