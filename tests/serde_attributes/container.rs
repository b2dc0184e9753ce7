//! Attributes of types, for both sides.

use serde::{Deserialize, Serialize};
use wincode::{SchemaRead, SchemaWrite};

use crate::tables::{Refused, Same, row, wincode_row};

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
        $item
    )*};
}

types! {
    #[serde(rename = "x", rename_all = "UPPERCASE", deny_unknown_fields, expecting = "a struct")]
    struct Named { a: u8, b: u16 }
    #[serde(rename = "x")]
    struct NamedTuple(u8, u16);
    #[serde(rename_all = "UPPERCASE", rename_all_fields = "UPPERCASE")]
    enum NamedEnum { One, Two { field: u8 } }
    #[serde(rename(serialize = "x"))]
    struct NamedForOne(u8, u16);
    #[serde(transparent)]
    struct Transparent { inner: Vec<u16> }
    #[serde(transparent)]
    struct TransparentTuple(u16);
    #[serde(bound = "T: Serialize + for<'d> Deserialize<'d>")]
    struct Bound<T> { a: T }
    #[serde(crate = "serde")]
    struct Crate { a: u8 }
    #[serde(from = "(u8, u16)", into = "(u8, u16)")]
    struct Converted { a: u16, b: u8 }
    #[serde(try_from = "u64", into = "u64")]
    struct Tried(u8);
    #[serde(untagged)]
    enum Untagged { A { a: u8 }, B(String) }
    #[serde(tag = "t")]
    enum Tagged { A { a: u8 }, B { b: String }, C }
    #[serde(tag = "t")]
    struct TaggedStruct { a: u8, b: u8 }
    #[serde(tag = "t", content = "c")]
    enum Adjacent { A { a: u8 }, B(String), D(u8, u8), C }
    struct Remote { #[serde(with = "Local")] it: Foreign, more: u8 }
}

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone, Default)]
#[serde(default)]
struct AllDefault {
    a: u8,
    b: u16,
}

#[derive(Debug, PartialEq, Clone)]
struct Foreign {
    a: u8,
    b: u16,
}

impl Foreign {
    fn b(&self) -> &u16 {
        &self.b
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Foreign")]
struct Local {
    a: u8,
    #[serde(getter = "Foreign::b")]
    b: u16,
}

impl From<Local> for Foreign {
    fn from(Local { a, b }: Local) -> Self {
        Self { a, b }
    }
}

impl From<(u8, u16)> for Converted {
    fn from((b, a): (u8, u16)) -> Self {
        Self { a, b }
    }
}

impl From<Converted> for (u8, u16) {
    fn from(Converted { a, b }: Converted) -> Self {
        (b, a)
    }
}

impl TryFrom<u64> for Tried {
    type Error = std::num::TryFromIntError;

    fn try_from(value: u64) -> Result<Self, Self::Error> {
        value.try_into().map(Self)
    }
}

impl From<Tried> for u64 {
    fn from(Tried(value): Tried) -> Self {
        value.into()
    }
}

const ASKS: &str = "asks the format what comes next";

#[test]
fn what_holds_for_both_sides_changes_no_value() {
    row("rename, rename_all, deny_unknown_fields, expecting", &Named { a: 1, b: 2 }, &Same, &Same);
    row("rename, tuple struct", &NamedTuple(1, 2), &Same, &Same);
    row("rename for one side", &NamedForOne(1, 2), &Same, &Same);
    row("rename for one side, zeros", &NamedForOne(0, 0), &Same, &Same);
    row("rename_all, rename_all_fields", &NamedEnum::One, &Same, &Same);
    row("rename_all, rename_all_fields", &NamedEnum::Two { field: 1 }, &Same, &Same);
    row("transparent", &Transparent { inner: vec![1, 2] }, &Same, &Same);
    row("transparent", &TransparentTuple(1), &Same, &Same);
    row("bound", &Bound { a: 1_u8 }, &Same, &Same);
    row("crate", &Crate { a: 1 }, &Same, &Same);
    row("default", &AllDefault { a: 1, b: 2 }, &Same, &Same);
    row("from, into", &Converted { a: 1, b: 2 }, &Same, &Same);
    row("try_from, into", &Tried(1), &Same, &Same);
    row("remote, getter", &Remote { it: Foreign { a: 1, b: 2 }, more: 3 }, &Same, &Same);
}

#[test]
fn what_asks_the_format_is_refused() {
    row("untagged", &Untagged::A { a: 1 }, &Refused(ASKS), &Same);
    row("untagged", &Untagged::B("b".to_owned()), &Refused(ASKS), &Same);
    row("tag", &Tagged::A { a: 1 }, &Refused(ASKS), &Same);
    row("tag", &Tagged::B { b: "b".to_owned() }, &Refused(ASKS), &Same);
    row("tag", &Tagged::C, &Refused(ASKS), &Same);
}

#[test]
fn a_tag_beside_the_content_is_refused() {
    row("tag, content", &Adjacent::A { a: 1 }, &Refused(ASKS), &Same);
    row("tag, content", &Adjacent::B("b".to_owned()), &Refused(ASKS), &Same);
    row("tag, content", &Adjacent::D(1, 2), &Refused(ASKS), &Same);
    row("tag, content", &Adjacent::C, &Refused(ASKS), &Same);
}

#[test]
fn a_tag_of_a_struct_is_refused() {
    let one_sided = "attributes of serde's that hold for one side only";
    row("tag, struct", &TaggedStruct { a: 1, b: 2 }, &Refused(one_sided), &Same);
}

#[test]
fn wincode_does_not_know_the_attributes_of_serde() {
    #[derive(Serialize, Deserialize, SchemaWrite, SchemaRead, Debug, PartialEq)]
    #[serde(untagged)]
    enum Untagged {
        A(u8),
        B { b: String },
    }
    wincode_row("untagged", &Untagged::A(1), &Untagged::A(1));
    let value = Untagged::B { b: "b".to_owned() };
    wincode_row("untagged", &value, &value);

    #[derive(Serialize, Deserialize, SchemaWrite, SchemaRead, Debug, PartialEq)]
    #[serde(tag = "t", rename = "x")]
    struct Tagged {
        a: u8,
    }
    wincode_row("tag", &Tagged { a: 1 }, &Tagged { a: 1 });
}
