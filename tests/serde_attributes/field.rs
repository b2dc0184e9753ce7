//! Attributes of fields.

use std::borrow::Cow;

use ps_serialize::{Bincode, Encode};
use serde::{Deserialize, Serialize};
use wincode::{SchemaRead, SchemaWrite};

use crate::tables::{Read, Refused, Same, Untold, row, wincode_row};

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
        $item
    )*};
}

mod twice {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &u32, to: S) -> Result<S::Ok, S::Error> {
        (u64::from(*value) * 2).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
        Ok((u64::deserialize(from)? / 2) as u32)
    }
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

types! {
    struct Renamed { #[serde(rename = "x", alias = "y", alias = "z")] a: u32, b: u8 }
    struct RenamedForOne { #[serde(rename(serialize = "x"))] a: u32, #[serde(rename(deserialize = "y"))] b: u8 }
    struct Defaulted { #[serde(default)] a: u32, #[serde(default = "seven")] b: u32 }
    struct Skipped { a: u8, #[serde(skip)] b: u32, c: u16 }
    struct SkippedTuple(u8, #[serde(skip)] u32, u16);
    struct SkippedWithDefault { a: u8, #[serde(skip, default = "seven")] b: u32, c: u16 }
    struct SkippedTwice { a: u8, #[serde(skip_serializing, skip_deserializing)] b: u32, c: u16 }
    enum SkippedInVariant { A { a: u8, #[serde(skip)] b: u32, c: u16 }, B(u8, #[serde(skip)] u32), C(#[serde(skip)] u32) }
    struct NotWritten { a: u32, #[serde(skip_serializing, default)] b: u32, c: u32 }
    struct NotWrittenTuple(u32, #[serde(skip_serializing, default)] u32);
    enum NotWrittenInVariant { A { a: u32, #[serde(skip_serializing, default)] b: u32 }, B(u32, #[serde(skip_serializing, default)] u32) }
    struct NotRead { a: u32, #[serde(skip_deserializing)] b: u32, c: u32 }
    struct NotReadTuple(u32, #[serde(skip_deserializing)] u32, u32);
    enum NotReadInVariant { A { a: u32, #[serde(skip_deserializing)] b: u32 }, B(u32, #[serde(skip_deserializing)] u32, u32) }
    struct Crossed { #[serde(skip_serializing, default)] a: u32, #[serde(skip_deserializing)] b: u32 }
    struct Perhaps { a: u32, #[serde(skip_serializing_if = "is_zero", default)] b: u32, c: u32 }
    struct PerhapsTuple(u32, #[serde(skip_serializing_if = "is_zero", default)] u32);
    enum PerhapsInVariant { A { a: u32, #[serde(skip_serializing_if = "is_zero", default)] b: u32 }, B(u32, #[serde(skip_serializing_if = "is_zero", default)] u32) }
    struct Flat { a: u8, #[serde(flatten)] b: Renamed }
    struct FlatMap { a: u8, #[serde(flatten)] b: std::collections::BTreeMap<String, u32> }
    struct With { #[serde(with = "twice")] a: u32, b: u8 }
    struct WithTuple(#[serde(with = "twice")] u32, u8);
    enum WithInVariant { A(#[serde(with = "twice")] u32), B { #[serde(with = "twice")] b: u32 } }
    struct WithForWriter { #[serde(serialize_with = "twice::serialize")] a: u32, b: u8 }
    struct WithForReader { #[serde(deserialize_with = "twice::deserialize")] a: u32, b: u8 }
    struct Borrowed { #[serde(borrow = "'static", default, skip)] a: Cow<'static, str>, b: Cow<'static, str> }
    #[serde(bound(deserialize = "T: Deserialize<'de>"))]
    struct Bound<T> { #[serde(bound = "T: Serialize")] a: T }
}

fn seven() -> u32 {
    7
}

/// What every refusal of a type says that reads other than it writes.
const ONE_SIDED: &str = "attributes of serde's that hold for one side only";
const LEFT_OUT: &str = "is left out by `skip_serializing_if`";

#[test]
fn names_do_not_matter_to_the_layout() {
    row("rename, alias", &Renamed { a: 1, b: 2 }, &Same, &Same);
    row("rename for one side", &RenamedForOne { a: 1, b: 2 }, &Same, &Untold);
    row("rename for one side, zeros", &RenamedForOne { a: 0, b: 0 }, &Same, &Untold);
    row("default", &Defaulted { a: 1, b: 2 }, &Same, &Same);
    row("borrow", &Borrowed { a: "".into(), b: "b".into() }, &Same, &Same);
    row("bound", &Bound { a: 1_u8 }, &Same, &Same);
}

#[test]
fn a_skipped_field_has_its_default_when_it_is_read() {
    let read = || Read(Skipped { a: 1, b: 0, c: 3 });
    row("skip", &Skipped { a: 1, b: 2, c: 3 }, &read(), &read());
    let read = || Read(SkippedTuple(1, 0, 3));
    row("skip, tuple struct", &SkippedTuple(1, 2, 3), &read(), &read());
    let read = || Read(SkippedWithDefault { a: 1, b: 7, c: 3 });
    row("skip, default", &SkippedWithDefault { a: 1, b: 2, c: 3 }, &read(), &read());
    let read = || Read(SkippedTwice { a: 1, b: 0, c: 3 });
    row("skip, in two words", &SkippedTwice { a: 1, b: 2, c: 3 }, &read(), &read());
    let read = || Read(SkippedInVariant::A { a: 1, b: 0, c: 3 });
    row("skip, struct variant", &SkippedInVariant::A { a: 1, b: 2, c: 3 }, &read(), &read());
    let read = || Read(SkippedInVariant::B(1, 0));
    row("skip, tuple variant", &SkippedInVariant::B(1, 2), &read(), &read());
    let read = || Read(SkippedInVariant::C(0));
    row("skip, newtype variant", &SkippedInVariant::C(2), &read(), &read());
}

#[test]
fn a_field_that_the_writer_skips_is_refused() {
    let refused = Refused(ONE_SIDED);
    let read = NotWritten { a: 1, b: 0, c: 3 };
    row("skip_serializing", &NotWritten { a: 1, b: 2, c: 3 }, &refused, &Read(read));
    row("skip_serializing, zeros", &NotWritten { a: 0, b: 0, c: 0 }, &Refused(ONE_SIDED), &Same);
    row("skip_serializing, tuple", &NotWrittenTuple(1, 2), &Refused(ONE_SIDED), &Untold);
    row("skip_serializing, zeros", &NotWrittenTuple(0, 0), &Refused(ONE_SIDED), &Untold);
    let value = NotWrittenInVariant::A { a: 1, b: 2 };
    let read = NotWrittenInVariant::A { a: 1, b: 0 };
    row("skip_serializing, struct variant", &value, &Refused(ONE_SIDED), &Read(read));
    let value = NotWrittenInVariant::B(0, 0);
    row("skip_serializing, tuple variant", &value, &Refused(ONE_SIDED), &Untold);
}

#[test]
fn a_field_that_the_reader_skips_is_refused() {
    let read = NotRead { a: 1, b: 0, c: 3 };
    row("skip_deserializing", &NotRead { a: 1, b: 2, c: 3 }, &Refused(ONE_SIDED), &Read(read));
    row("skip_deserializing, zeros", &NotRead { a: 0, b: 0, c: 0 }, &Refused(ONE_SIDED), &Same);
    row("skip_deserializing, tuple", &NotReadTuple(1, 2, 3), &Refused(ONE_SIDED), &Untold);
    row("skip_deserializing, zeros", &NotReadTuple(0, 0, 0), &Refused(ONE_SIDED), &Untold);
    let value = NotReadInVariant::A { a: 1, b: 2 };
    let read = NotReadInVariant::A { a: 1, b: 0 };
    row("skip_deserializing, struct variant", &value, &Refused(ONE_SIDED), &Read(read));
    let value = NotReadInVariant::B(0, 0, 0);
    row("skip_deserializing, tuple variant", &value, &Refused(ONE_SIDED), &Untold);
}

#[test]
fn two_fields_of_one_size_that_one_side_each_skips_are_refused() {
    let read = Crossed { a: 0, b: 0 };
    row("crossed", &Crossed { a: 0, b: 5 }, &Refused(ONE_SIDED), &Read(read));
}

#[test]
fn zeros_do_not_vouch_for_fields_that_one_side_each_skips() {
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Crossed {
        #[serde(skip_serializing, default)]
        a: u32,
        #[serde(skip_deserializing)]
        b: u32,
    }
    let write = |value: &Vec<Crossed>| Bincode::encode(value, &mut Vec::new());

    assert!(write(&vec![Crossed { a: 0, b: 0 }]).is_ok());
    assert!(write(&vec![Crossed { a: 0, b: 5 }]).is_err());
}

#[test]
fn a_field_that_is_skipped_now_and_then_is_refused_then() {
    row("skip_serializing_if", &Perhaps { a: 1, b: 2, c: 3 }, &Same, &Same);
    row("skip_serializing_if", &Perhaps { a: 1, b: 0, c: 3 }, &Refused(LEFT_OUT), &Same);
    row("skip_serializing_if", &PerhapsTuple(1, 2), &Same, &Same);
    row("skip_serializing_if", &PerhapsTuple(1, 0), &Refused(ONE_SIDED), &Untold);
    row("skip_serializing_if", &PerhapsInVariant::A { a: 1, b: 2 }, &Same, &Same);
    row("skip_serializing_if", &PerhapsInVariant::A { a: 1, b: 0 }, &Refused(LEFT_OUT), &Same);
    row("skip_serializing_if", &PerhapsInVariant::B(1, 2), &Same, &Same);
    row("skip_serializing_if", &PerhapsInVariant::B(1, 0), &Refused(ONE_SIDED), &Untold);
}

#[test]
fn flattened_fields_are_refused() {
    let unknown = "does not tell how many elements it has";
    let flat = Flat { a: 1, b: Renamed { a: 2, b: 3 } };
    row("flatten", &flat, &Refused(unknown), &Same);
    let flat = FlatMap { a: 1, b: [("b".to_owned(), 2)].into() };
    row("flatten, map", &flat, &Refused(unknown), &Same);
}

#[test]
fn functions_of_the_users_are_to_fit_each_other() {
    row("with", &With { a: 1, b: 2 }, &Same, &Same);
    row("with", &WithTuple(1, 2), &Same, &Same);
    row("with", &WithInVariant::A(1), &Same, &Same);
    row("with", &WithInVariant::B { b: 1 }, &Same, &Same);
    let value = WithForWriter { a: 1, b: 2 };
    row("serialize_with", &value, &Refused(ONE_SIDED), &Read(WithForWriter { a: 2, b: 2 }));
    let value = WithForReader { a: 2, b: 2 };
    row("deserialize_with", &value, &Refused(ONE_SIDED), &Read(WithForReader { a: 1, b: 2 }));
}

#[test]
fn wincode_does_not_know_the_attributes_of_serde() {
    #[derive(Serialize, Deserialize, SchemaWrite, SchemaRead, Debug, PartialEq)]
    struct All {
        #[serde(rename = "x", skip_serializing)]
        a: u32,
        #[serde(skip_deserializing)]
        b: u32,
        #[serde(skip_serializing_if = "is_zero")]
        c: u32,
        #[serde(skip)]
        d: u32,
        #[wincode(skip)]
        e: u32,
        #[wincode(skip(default_val = 9))]
        f: u32,
    }
    let value = All { a: 1, b: 2, c: 0, d: 4, e: 5, f: 6 };
    wincode_row("field", &value, &All { a: 1, b: 2, c: 0, d: 4, e: 0, f: 9 });

    #[derive(Serialize, Deserialize, SchemaWrite, SchemaRead, Debug, PartialEq)]
    struct Tuple(u8, #[serde(skip_serializing)] u32, #[wincode(skip)] u32, u8);
    wincode_row("field, tuple struct", &Tuple(1, 2, 3, 4), &Tuple(1, 2, 0, 4));
    let some = vec![Some(Tuple(1, 2, 3, 4)), None];
    wincode_row("field, nested", &some, &vec![Some(Tuple(1, 2, 0, 4)), None]);
}
