//! Types of this program, of the standard library and of other crates, as the lock sees them.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroI128, NonZeroU32, Wrapping};
use std::ops::{Bound, Range, RangeInclusive};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ps_serialize::{registry, serializer};
use serde::{Deserialize, Serialize};

/// Structs with one field of each type, by the default codec and by MessagePack.
macro_rules! fields {
    ($($id:literal $named:literal $name:ident $ty:ty;)*) => {
        $(
            #[serializer(id = $id)]
            #[derive(Serialize, Deserialize)]
            pub(crate) struct $name {
                pub(crate) value: $ty,
            }
        )*

        mod named {
            #[allow(clippy::wildcard_imports)] // all types above
            use super::*;

            $(
                #[serializer(id = $named, codec = ps_serialize::MessagePack)]
                #[derive(Serialize, Deserialize)]
                pub(super) struct $name {
                    pub(super) value: $ty,
                }
            )*
        }

        /// The identifiers by the default codec, and what writes a value of it by MessagePack.
        pub(crate) const BY_MESSAGEPACK: &[(&[u8], fn(&[u8]) -> ps_serialize::Result<bytes::Bytes>)] = &[
            $(($id, |frame| {
                let value = ps_serialize::deserialize::<$name>(frame)?.value;
                ps_serialize::serialize(&named::$name { value })
            }),)*
        ];
    };
}

fields! {
    b"s.pair" b"m.pair" OfPair (Pair<Pair<f64>>, Pair<u8>, Pair<Pair<f64>>);
    b"s.expression" b"m.expression" OfExpression Expression;
    b"s.chain" b"m.chain" OfChain Chain;
    b"s.tree" b"m.tree" OfTree Tree;
    b"s.mutual" b"m.mutual" OfMutual Ping;
    b"s.large" b"m.large" OfLarge Large;
    b"s.ordered" b"m.ordered" OfOrdered Ordered;
    b"s.filled" b"m.filled" OfFilled Filled;
    b"s.aliased" b"m.aliased" OfAliased Aliased;
    b"s.hex" b"m.hex" OfHex (Hex, Option<Plain>);
    b"s.two named alike" b"m.two named alike" OfTwins (twins::one::Twin, twins::other::Twin);
    b"s.blind" b"m.blind" OfBlind Blind;
    b"s.deep" b"m.deep" OfDeep Deep;
    b"s.steered" b"m.steered" OfSteered Steered;

    b"s.nonzero" b"m.nonzero" OfNonZero (NonZeroU32, NonZeroI128, Option<NonZeroU32>);
    b"s.net" b"m.net" OfNet (IpAddr, SocketAddr);
    b"s.path" b"m.path" OfPath (PathBuf, SystemTime, Duration);
    b"s.range" b"m.range" OfRange (Range<u8>, RangeInclusive<i16>, Bound<u8>);
    b"s.result" b"m.result" OfResult Result<u8, String>;
    b"s.small" b"m.small" OfSmall (char, (), PhantomData<u8>, Reverse<u8>, Wrapping<u16>, bool);
    b"s.wide" b"m.wide" OfWide (i128, u128, f32);
    b"s.shared" b"m.shared" OfShared (Box<u8>, Arc<str>, Arc<[u16]>, Cow<'static, str>);
    b"s.options" b"m.options" OfOptions Option<Option<Vec<Option<[u8; 3]>>>>;
    b"s.maps" b"m.maps" OfMaps (HashMap<String, Expression>, BTreeMap<u8, BTreeMap<u8, bool>>);
    b"s.sets" b"m.sets" OfSets (HashSet<u8>, BTreeSet<String>, VecDeque<i8>);
    b"s.arrays" b"m.arrays" OfArrays ([[f64; 3]; 2], [String; 0], (u8, u8));

    b"s.chrono moment" b"m.chrono moment" OfMoment (chrono::DateTime<chrono::Utc>, u8);
    b"s.chrono date" b"m.chrono date" OfDate (chrono::NaiveDate, u8);
    b"s.chrono time" b"m.chrono time" OfTimeOfDay (chrono::NaiveTime, u8);
    b"s.chrono date and time" b"m.chrono date and time" OfDateAndTime (chrono::NaiveDateTime, u8);
    b"s.chrono weekday" b"m.chrono weekday" OfWeekday (chrono::Weekday, u8);
    b"s.time moment" b"m.time moment" OfTimeMoment (time::OffsetDateTime, u8);
    b"s.time date" b"m.time date" OfTimeDate (time::Date, u8);
    b"s.time duration" b"m.time duration" OfTimeDuration (time::Duration, u8);
    b"s.time time" b"m.time time" OfTimeTime (time::Time, u8);
    b"s.time offset" b"m.time offset" OfTimeOffset (time::UtcOffset, u8);
    b"s.uuid" b"m.uuid" OfUuid uuid::Uuid;
    b"s.url" b"m.url" OfUrl (url::Url, u8);
    b"s.bignum" b"m.bignum" OfBigNumbers (num_bigint::BigInt, num_bigint::BigUint);
    b"s.decimal" b"m.decimal" OfDecimal (u8, rust_decimal::Decimal, u8);
    b"s.value" b"m.value" OfValue Option<serde_json::Value>;
    b"s.indexmap" b"m.indexmap" OfIndexMap (indexmap::IndexMap<String, Option<u8>>, indexmap::IndexSet<u8>);
    b"s.smallvec" b"m.smallvec" OfSmallVec smallvec::SmallVec<[u8; 4]>;
    b"s.arrayvec" b"m.arrayvec" OfArrayVec (arrayvec::ArrayVec<u8, 4>, arrayvec::ArrayString<8>);
    b"s.bitflags" b"m.bitflags" OfFlags Flags;
    b"s.either" b"m.either" OfEither either::Either<u8, String>;
    b"s.semver" b"m.semver" OfSemver (semver::Version, semver::VersionReq, u8);
    b"s.ordered-float" b"m.ordered-float" OfFloats (ordered_float::NotNan<f64>, ordered_float::OrderedFloat<f32>);
    b"s.bytes" b"m.bytes" OfBytes (bytes::Bytes, serde_bytes::ByteBuf, serde_bytes::ByteArray<4>);
    b"s.heapless" b"m.heapless" OfHeapless (heapless::Vec<u8, 4>, heapless::String<8>);
    b"s.ipnet" b"m.ipnet" OfIpNet ipnet::IpNet;
    b"s.ratio" b"m.ratio" OfRatio (num_rational::Ratio<i64>, u8);
    b"s.camino" b"m.camino" OfCamino (camino::Utf8PathBuf, u8);
    b"s.compact_str" b"m.compact_str" OfCompactStr (compact_str::CompactString, u8);
    b"s.euclid" b"m.euclid" OfEuclid (euclid::default::Point2D<f32>, u8);
    b"s.hashbrown" b"m.hashbrown" OfHashbrown hashbrown::HashMap<u8, u16>;
    b"s.tinyvec" b"m.tinyvec" OfTinyVec tinyvec::TinyVec<[u8; 4]>;
    b"s.branches" b"m.branches" OfBranches (Branches, u8);
    b"s.few" b"m.few" OfFew (Few, u8);
    b"s.picky" b"m.picky" OfPicky (Option<Picky>, Picky, u8);
    b"s.unit" b"m.unit" OfUnit (Nothing, (), PhantomData<u8>);

    b"s.erased" b"m.erased" OfNumber num_complex_like::Complex;
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Pair<T> {
    pub(crate) a: T,
    pub(crate) b: T,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Add(Box<Expression>, Box<Expression>),
    Neg { inner: Box<Expression> },
    Literal(f64),
    Name(String),
    List(Vec<Expression>),
    Scaled(Box<Expression>, u8),
    Nothing,
    Empty(),
    Braces {},
    Unit(()),
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Chain(Option<Box<Chain>>);

#[derive(Serialize, Deserialize)]
pub(crate) struct Tree {
    value: u8,
    children: Vec<Tree>,
    named: BTreeMap<String, Tree>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Ping {
    pong: Option<Box<Pong>>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Pong {
    ping: Vec<Ping>,
    number: u16,
}

/// A number whose constructor refuses small ones.
#[derive(Serialize, Deserialize, Clone)]
#[serde(try_from = "u32", into = "u32")]
pub(crate) struct Large(u32);

impl TryFrom<u32> for Large {
    type Error = &'static str;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        if number >= 1000 { Ok(Self(number)) } else { Err("too small") }
    }
}

impl From<Large> for u32 {
    fn from(large: Large) -> Self {
        large.0
    }
}

/// Numbers whose constructor refuses them if the first two are not in order.
#[derive(Serialize, Deserialize, Clone)]
#[serde(try_from = "(i32, i32, u8)", into = "(i32, i32, u8)")]
pub(crate) struct Ordered(i32, i32, u8);

impl TryFrom<(i32, i32, u8)> for Ordered {
    type Error = &'static str;

    fn try_from((one, other, more): (i32, i32, u8)) -> Result<Self, Self::Error> {
        if one < other { Ok(Self(one, other, more)) } else { Err("out of order") }
    }
}

impl From<Ordered> for (i32, i32, u8) {
    fn from(ordered: Ordered) -> Self {
        (ordered.0, ordered.1, ordered.2)
    }
}

/// A list whose constructor refuses it if it is empty.
#[derive(Serialize, Deserialize, Clone)]
#[serde(try_from = "Vec<Option<u8>>", into = "Vec<Option<u8>>")]
pub(crate) struct Filled(Vec<Option<u8>>);

impl TryFrom<Vec<Option<u8>>> for Filled {
    type Error = &'static str;

    fn try_from(list: Vec<Option<u8>>) -> Result<Self, Self::Error> {
        if list.is_empty() { Err("empty") } else { Ok(Self(list)) }
    }
}

impl From<Filled> for Vec<Option<u8>> {
    fn from(filled: Filled) -> Self {
        filled.0
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Aliased {
    #[serde(alias = "a", alias = "z")]
    middle: u8,
    #[serde(rename = "another name")]
    named: u16,
    #[serde(skip)]
    #[allow(dead_code)]
    skipped: u32,
    variant: AliasedVariant,
}

#[derive(Serialize, Deserialize)]
enum AliasedVariant {
    #[serde(alias = "A")]
    Last,
    #[serde(alias = "Y", alias = "Z")]
    Middle(u8),
    First,
}

/// One type, written in two ways.
#[derive(Serialize, Deserialize)]
pub(crate) struct Hex {
    plain: Plain,
    #[serde(with = "as_text")]
    text: Plain,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
pub(crate) struct Plain {
    number: u64,
}

mod as_text {
    use super::Plain;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for it
    pub(crate) fn serialize<S: Serializer>(
        plain: &Plain,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("#{:x}", plain.number))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Plain, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix('#').ok_or_else(|| D::Error::custom("no `#`"))?;
        let number = u64::from_str_radix(digits, 16).map_err(D::Error::custom)?;
        Ok(Plain { number })
    }
}

/// Two types of one name in modules of one name.
pub(crate) mod twins {
    pub(crate) mod one {
        #[derive(serde::Serialize, serde::Deserialize)]
        pub(crate) struct Twin {
            value: u8,
        }
    }

    pub(crate) mod other {
        #[derive(serde::Serialize, serde::Deserialize)]
        pub(crate) struct Twin {
            value: u16,
        }
    }
}

/// Nothing that the lock tries is such a text; what stands after it can't be reached.
#[derive(Serialize, Deserialize)]
pub(crate) struct Blind {
    before: u8,
    #[serde(deserialize_with = "secret")]
    secret: String,
    after: u8,
    choice: Option<u8>,
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text == "xyzzy" { Ok(text) } else { Err(serde::de::Error::custom("no")) }
}

/// What stands behind the first number depends on it.
pub(crate) enum Branches {
    Whole(u32),
    Half(f32),
}

impl Serialize for Branches {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(whole) => (0u8, whole).serialize(serializer),
            Self::Half(half) => (1u8, half).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Branches {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Branches;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number of a kind")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<Branches, A::Error> {
                let missing = || serde::de::Error::custom("too few");
                match seq.next_element::<u8>()? {
                    Some(0) => Ok(Branches::Whole(seq.next_element()?.ok_or_else(missing)?)),
                    _ => Ok(Branches::Half(seq.next_element()?.ok_or_else(missing)?)),
                }
            }
        }

        deserializer.deserialize_tuple(2, Visitor)
    }
}

/// The first member says how many more there are.
pub(crate) struct Few(Vec<u8>);

impl Serialize for Few {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeTuple;

        let mut tuple = serializer.serialize_tuple(self.0.len() + 1)?;
        tuple.serialize_element(&!self.0.is_empty())?;
        self.0.iter().try_for_each(|byte| tuple.serialize_element(byte))?;
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for Few {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Few;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a byte or none")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Few, A::Error> {
                let is_there = seq.next_element::<bool>()?.unwrap_or_default();
                let byte = if is_there { seq.next_element()? } else { None };
                Ok(Few(byte.into_iter().collect()))
            }
        }

        deserializer.deserialize_tuple(2, Visitor)
    }
}

/// Nothing that the lock tries is such a number.
#[derive(Serialize, Deserialize, Clone)]
#[serde(try_from = "u64", into = "u64")]
pub(crate) struct Picky(u64);

impl TryFrom<u64> for Picky {
    type Error = &'static str;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        if number == 0x5eed_5eed { Ok(Self(number)) } else { Err("not the number") }
    }
}

impl From<Picky> for u64 {
    fn from(picky: Picky) -> Self {
        picky.0
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Nothing;

/// Every level has two of the next.
#[derive(Serialize, Deserialize)]
pub(crate) struct Deep {
    one: Option<Box<Deeper>>,
    other: Vec<Deeper>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Deeper {
    one: Option<Box<Deepest>>,
    other: Vec<Deepest>,
    up: Option<Box<Deep>>,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Deepest {
    Up(Box<Deep>),
    Number(u32),
}

/// A type that is reached past others that lead back.
#[derive(Serialize, Deserialize)]
pub(crate) enum Steered {
    Back(Option<Box<Steered>>),
    On(OneOfFew),
}

#[derive(Serialize, Deserialize)]
pub(crate) enum OneOfFew {
    A,
    B(u8),
    C(Vec<OneOfFew>),
    D { last: u16 },
}

pub(crate) mod num_complex_like {
    /// A tuple struct, which has its name in the file.
    #[derive(serde::Serialize, serde::Deserialize)]
    pub(crate) struct Complex(f64, u8);
}

bitflags::bitflags! {
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    pub(crate) struct Flags: u32 {
        const A = 1;
    }
}

/// The text below `value:` of such a struct.
pub(crate) fn seen(identifier: &str) -> String {
    let text = registry().find(identifier).unwrap().layout().unwrap();
    let (_, rest) = text.split_once("    value: ").unwrap_or_else(|| panic!("{text}"));
    rest.lines()
        .map(|line| line.strip_prefix("      ").unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn two_instances_of_a_generic_type_are_two_types() {
    assert_eq!(
        seen("s.pair"),
        "tuple\n0: @1 = struct Pair\n  a: @2 = struct Pair\n    a: f64\n    b: f64\n  b: @2\n1: struct Pair\n  a: u8\n  b: u8\n2: @1"
    );
}

#[test]
fn types_that_hold_themselves_are_seen_with_all_variants() {
    assert_eq!(
        seen("s.expression"),
        "@1 = enum Expression\n0 Add: array 2 of @1\n1 Neg: struct\n  inner: @1\n2 Literal: f64\n3 Name: text\n4 List: list of @1\n5 Scaled: tuple\n  0: @1\n  1: u8\n6 Nothing\n7 Empty: tuple\n8 Braces: struct\n9 Unit: unit"
    );
    assert_eq!(seen("s.chain"), "@1 = option of @1");
    assert_eq!(
        seen("s.tree"),
        "@1 = struct Tree\nvalue: u8\nchildren: list of @1\nnamed: map\n  key: text\n  value: @1"
    );
    assert_eq!(
        seen("s.mutual"),
        "@1 = struct Ping\npong: option of struct Pong\n  ping: list of @1\n  number: u16"
    );
    assert_eq!(
        seen("s.steered"),
        "@1 = enum Steered\n0 Back: option of @1\n1 On: @2 = enum OneOfFew\n  0 A\n  1 B: u8\n  2 C: list of @2\n  3 D: struct\n    last: u16"
    );
    assert_eq!(
        seen("s.deep"),
        "@1 = struct Deep\none: option of @2 = struct Deeper\n  one: option of @3 = enum Deepest\n    0 Up: @1\n    1 Number: u32\n  other: list of @3\n  up: option of @1\nother: list of @2"
    );
}

#[test]
fn constructors_that_refuse_values_are_given_others() {
    assert_eq!(seen("s.large"), "u32");
    assert_eq!(seen("s.ordered"), "tuple\n0: i32\n1: i32\n2: u8");
    assert_eq!(seen("s.filled"), "list of option of u8");
    assert_eq!(seen("s.nonzero"), "tuple\n0: u32\n1: i128\n2: option of u32");
    assert_eq!(seen("s.ratio"), "tuple\n0: array 2 of i64\n1: u8");
    assert_eq!(seen("s.url"), "tuple\n0: text\n1: u8");
    assert_eq!(seen("s.semver"), "tuple\n0: text\n1: text\n2: u8");
    for chrono in ["moment", "date", "time", "date and time", "weekday"] {
        assert_eq!(seen(&format!("s.chrono {chrono}")), "tuple\n0: text\n1: u8");
    }
    assert_eq!(seen("s.uuid"), "bytes");
    assert_eq!(seen("s.bytes"), "array 3 of bytes");
}

#[test]
fn names_are_those_that_are_written() {
    assert_eq!(
        seen("s.aliased"),
        "struct Aliased\nmiddle: u8\n\"another name\": u16\nvariant: enum AliasedVariant\n  0 Last\n  1 Middle: u8\n  2 First"
    );
}

#[test]
fn one_type_that_is_written_in_two_ways_is_two_types() {
    assert_eq!(
        seen("s.two named alike"),
        "tuple\n0: struct Twin\n  value: u8\n1: struct Twin\n  value: u16"
    );
    // No text that is tried begins with `#` and has hexadecimal digits but one.
    assert_eq!(
        seen("s.hex"),
        "tuple\n0: struct Hex\n  plain: @1 = struct Plain\n    number: u64\n  text: text\n1: option of @1"
    );
}

#[test]
fn what_cannot_be_seen_is_said_with_its_reason() {
    assert_eq!(
        seen("s.blind"),
        "struct Blind\nbefore: u8\nsecret: text\nafter: unseen unknown \"it comes after `deserialize_with`, which refuses every value that was tried\"\nchoice: unseen unknown \"it comes after `deserialize_with`, which refuses every value that was tried\""
    );
    assert_eq!(
        seen("s.decimal"),
        "tuple\n0: u8\n1: unseen Decimal \"it asks the format what comes next\"\n2: unseen unknown \"it comes after `Decimal`, which asks the format what comes next\""
    );
    assert_eq!(seen("s.value"), "option of unseen Value \"it asks the format what comes next\"");
}

#[test]
fn types_that_depend_on_a_value_are_said_not_to_be_seen() {
    const CHANGES: &str = "\"it asks for different things at different times\"";
    let branches = format!("tuple\n0: tuple\n  0: u8\n  1: unseen f32 {CHANGES}\n1: u8");
    assert_eq!(seen("s.branches"), branches);
    assert_eq!(seen("s.few"), format!("tuple\n0: unseen Few {CHANGES}\n1: u8"));
}

#[test]
fn a_type_that_refuses_all_values_is_named_where_it_hides_others() {
    assert_eq!(
        seen("s.picky"),
        "tuple\n0: option of u64\n1: u64\n2: unseen unknown \"it comes after `Picky`, which refuses every value that was tried\""
    );
}

#[test]
fn types_of_the_standard_library_and_of_other_crates_are_seen() {
    assert_eq!(
        seen("s.net"),
        "tuple\n0: enum IpAddr\n  0 V4: array 4 of u8\n  1 V6: array 16 of u8\n1: enum SocketAddr\n  0 V4: tuple\n    0: array 4 of u8\n    1: u16\n  1 V6: tuple\n    0: array 16 of u8\n    1: u16"
    );
    assert_eq!(
        seen("s.path"),
        "tuple\n0: text\n1: struct SystemTime\n  secs_since_epoch: u64\n  nanos_since_epoch: u32\n2: struct Duration\n  secs: u64\n  nanos: u32"
    );
    assert_eq!(seen("s.result"), "enum Result\n0 Ok: u8\n1 Err: text");
    assert_eq!(seen("s.small"), "tuple\n0: char\n1: unit\n2: unit\n3: u8\n4: u16\n5: bool");
    assert_eq!(seen("s.wide"), "tuple\n0: i128\n1: u128\n2: f32");
    assert_eq!(seen("s.shared"), "tuple\n0: u8\n1: text\n2: list of u16\n3: text");
    assert_eq!(seen("s.options"), "option of option of list of option of array 3 of u8");
    assert_eq!(seen("s.arrays"), "tuple\n0: array 2 of array 3 of f64\n1: tuple\n2: array 2 of u8");
    assert_eq!(seen("s.bignum"), "tuple\n0: tuple\n  0: i8\n  1: list of u32\n1: list of u32");
    assert_eq!(seen("s.bitflags"), "u32");
    assert_eq!(seen("s.either"), "enum Either\n0 Left: u8\n1 Right: text");
    assert_eq!(seen("s.ipnet"), "enum IpNet\n0 V4: array 5 of u8\n1 V6: array 17 of u8");
    assert_eq!(seen("s.erased"), "tuple Complex\n0: f64\n1: u8");
    for list in ["s.smallvec", "s.tinyvec"] {
        assert_eq!(seen(list), "list of u8");
    }
}
