//! Every change of a type is told in the right line, and a new name of a type is none.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use ps_serialize::{registry, serializer};
use serde::{Deserialize, Serialize};

use crate::temporary;

/// The text of an entry under another identifier.
fn entry(identifier: &str, as_identifier: &str) -> String {
    let text = registry().find(identifier).unwrap().layout().unwrap();
    let (_, lines) = text.split_once('\n').unwrap();
    format!("b\"{as_identifier}\"\n{lines}")
}

/// What the lock says if the type of the second identifier was that of the first one.
pub(crate) fn difference(before: &str, now: &str) -> Option<String> {
    let mut text = "ps-serialize-lock 1\n".to_owned();
    for entry in registry() {
        let identifier = entry.identifier().to_string();
        if let Some(layout) = entry.layout() {
            text.push('\n');
            let is_changed = entry.python_class().is_none() && identifier == now;
            text += &if is_changed { self::entry(before, now) } else { layout };
        }
    }
    let path = temporary(&format!("{before}-{now}"));
    std::fs::write(&path, text).unwrap();
    let error = registry().lock(&path).err().map(|error| error.to_string());
    std::fs::remove_file(&path).unwrap();
    error
}

/// Two types with what stands in the lines of their difference.
macro_rules! changes {
    ($($test:ident $before:literal $now:literal {$($one:item)*} {$($other:item)*} [$($line:literal)*])*) => {$(
        #[allow(dead_code)]
        mod $test {
            mod before {
                #[allow(unused_imports)]
                use super::super::*;
                $($one)*
            }

            mod now {
                #[allow(unused_imports)]
                use super::super::*;
                $($other)*
            }

            #[test]
            fn is_told_in_the_right_line() {
                let lines: &[&str] = &[$($line),*];
                let error = super::difference($before, $now);
                if lines.is_empty() {
                    assert_eq!(error, None);
                    return;
                }
                let error = error.expect("the change is told");
                let told: Vec<_> = error
                    .lines()
                    .filter(|line| line.starts_with("  - ") || line.starts_with("  + "))
                    .map(|line| line.trim_start())
                    .collect();
                assert_eq!(told, lines, "{error}");
                // Nothing else has changed.
                assert_eq!(error.matches("\n\n").count(), 1, "{error}");
                assert!(error.contains(concat!("\nb\"", $now, "\", `")), "{error}");
                assert!(error.contains("set `PS_SERIALIZE_LOCK=update`"), "{error}");
            }
        }
    )*};
}

/// A trait that all types have.
#[serializer(dyn)]
trait Named: std::any::Any + Send + Sync {}

impl<T: std::any::Any + Send + Sync> Named for T {}

/// Two codecs that write nothing.
macro_rules! codecs {
    ($($name:ident)*) => {$(
        struct $name;

        impl<T> ps_serialize::Encode<T> for $name {
            fn encode<'a>(_: &'a T, _: &mut dyn ps_serialize::Sink<'a>) -> ps_serialize::Result<()> {
                Ok(())
            }
        }

        impl<T> ps_serialize::Decode<'_, T> for $name {
            fn decode(_: ps_serialize::Payload<'_, '_>) -> ps_serialize::Result<T> {
                Err(ps_serialize::Error::custom("there is nothing"))
            }
        }
    )*};
}

codecs! { One Other }

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        time: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(time.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}

changes! {
    integer_to_float "c00.before" "c00.now"
    { #[serializer(id = b"c00.before")] #[derive(Serialize, Deserialize)] struct Record { name: String, age: u32 } }
    { #[serializer(id = b"c00.now")] #[derive(Serialize, Deserialize)] struct Record { name: String, age: f32 } }
    ["- value › age: u32" "+ value › age: f32"]

    fields_swapped "c01.before" "c01.now"
    { #[serializer(id = b"c01.before")] #[derive(Serialize, Deserialize)] struct Record { a: u32, b: u32 } }
    { #[serializer(id = b"c01.now")] #[derive(Serialize, Deserialize)] struct Record { b: u32, a: u32 } }
    ["- value › a: u32, at place 1" "+ value › a: u32, at place 2"]

    two_numbers_to_one "c02.before" "c02.now"
    { #[serializer(id = b"c02.before")] #[derive(Serialize, Deserialize)] struct Record { a: u32, b: u32 } }
    { #[serializer(id = b"c02.now")] #[derive(Serialize, Deserialize)] struct Record { a: u64 } }
    ["- value › a: u32" "+ value › a: u64" "- value › b: u32"]

    variant_inserted "c03.before" "c03.now"
    { #[serializer(id = b"c03.before")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B(u8) } }
    { #[serializer(id = b"c03.now")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, New, B(u8) } }
    ["- value › kind › 1 B: u8" "+ value › kind › 1 New" "+ value › kind › 2 B: u8"]

    variant_at_the_end "c04.before" "c04.now"
    { #[serializer(id = b"c04.before")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B(u8) } }
    { #[serializer(id = b"c04.now")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B(u8), C } }
    ["+ value › kind › 2 C"]

    field_added "c05.before" "c05.now"
    { #[serializer(id = b"c05.before")] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    { #[serializer(id = b"c05.now")] #[derive(Serialize, Deserialize)] struct Record { a: u8, b: u8 } }
    ["+ value › b: u8"]

    field_added_at_the_front "c06.before" "c06.now"
    { #[serializer(id = b"c06.before")] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    { #[serializer(id = b"c06.now")] #[derive(Serialize, Deserialize)] struct Record { b: u8, a: u8 } }
    ["+ value › b: u8"]

    field_removed "c07.before" "c07.now"
    { #[serializer(id = b"c07.before")] #[derive(Serialize, Deserialize)] struct Record { a: u8, b: String, c: u8 } }
    { #[serializer(id = b"c07.now")] #[derive(Serialize, Deserialize)] struct Record { a: u8, c: u8 } }
    ["- value › b: text"]

    field_renamed "c08.before" "c08.now"
    { #[serializer(id = b"c08.before")] #[derive(Serialize, Deserialize)] struct Record { a: u8, b: u8 } }
    { #[serializer(id = b"c08.now")] #[derive(Serialize, Deserialize)] struct Record { a: u8, c: u8 } }
    ["- value › b: u8" "+ value › c: u8"]

    integer_widened "c09.before" "c09.now"
    { #[serializer(id = b"c09.before")] #[derive(Serialize, Deserialize)] struct Record { a: u16 } }
    { #[serializer(id = b"c09.now")] #[derive(Serialize, Deserialize)] struct Record { a: u32 } }
    ["- value › a: u16" "+ value › a: u32"]

    sign_changed "c10.before" "c10.now"
    { #[serializer(id = b"c10.before")] #[derive(Serialize, Deserialize)] struct Record { a: u16 } }
    { #[serializer(id = b"c10.now")] #[derive(Serialize, Deserialize)] struct Record { a: i16 } }
    ["- value › a: u16" "+ value › a: i16"]

    option_removed "c11.before" "c11.now"
    { #[serializer(id = b"c11.before")] #[derive(Serialize, Deserialize)] struct Record { a: Option<u8> } }
    { #[serializer(id = b"c11.now")] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    ["- value › a: option of u8" "+ value › a: u8"]

    option_added_inside_of_a_list "c12.before" "c12.now"
    { #[serializer(id = b"c12.before")] #[derive(Serialize, Deserialize)] struct Record { a: Vec<u8> } }
    { #[serializer(id = b"c12.now")] #[derive(Serialize, Deserialize)] struct Record { a: Vec<Option<u8>> } }
    ["- value › a: list of u8" "+ value › a: list of option of u8"]

    list_to_array "c13.before" "c13.now"
    { #[serializer(id = b"c13.before")] #[derive(Serialize, Deserialize)] struct Record { a: Vec<u8> } }
    { #[serializer(id = b"c13.now")] #[derive(Serialize, Deserialize)] struct Record { a: [u8; 3] } }
    ["- value › a: list of u8" "+ value › a: array 3 of u8"]

    array_made_longer "c14.before" "c14.now"
    { #[serializer(id = b"c14.before")] #[derive(Serialize, Deserialize)] struct Record { a: [u8; 3] } }
    { #[serializer(id = b"c14.now")] #[derive(Serialize, Deserialize)] struct Record { a: [u8; 4] } }
    ["- value › a: array 3 of u8" "+ value › a: array 4 of u8"]

    text_to_list "c15.before" "c15.now"
    { #[serializer(id = b"c15.before")] #[derive(Serialize, Deserialize)] struct Record { a: String } }
    { #[serializer(id = b"c15.now")] #[derive(Serialize, Deserialize)] struct Record { a: Vec<u8> } }
    ["- value › a: text" "+ value › a: list of u8"]

    bool_to_number "c16.before" "c16.now"
    { #[serializer(id = b"c16.before")] #[derive(Serialize, Deserialize)] struct Record { a: bool } }
    { #[serializer(id = b"c16.now")] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    ["- value › a: bool" "+ value › a: u8"]

    char_to_number "c17.before" "c17.now"
    { #[serializer(id = b"c17.before")] #[derive(Serialize, Deserialize)] struct Record { a: char } }
    { #[serializer(id = b"c17.now")] #[derive(Serialize, Deserialize)] struct Record { a: u32 } }
    ["- value › a: char" "+ value › a: u32"]

    map_key_changed "c18.before" "c18.now"
    { #[serializer(id = b"c18.before")] #[derive(Serialize, Deserialize)] struct Record { a: BTreeMap<u8, String> } }
    { #[serializer(id = b"c18.now")] #[derive(Serialize, Deserialize)] struct Record { a: BTreeMap<u16, String> } }
    ["- value › a › key: u8" "+ value › a › key: u16"]

    map_value_changed "c19.before" "c19.now"
    { #[serializer(id = b"c19.before")] #[derive(Serialize, Deserialize)] struct Record { a: HashMap<u8, Option<String>> } }
    { #[serializer(id = b"c19.now")] #[derive(Serialize, Deserialize)] struct Record { a: HashMap<u8, Option<u8>> } }
    ["- value › a › value: option of text" "+ value › a › value: option of u8"]

    map_to_list_of_pairs "c20.before" "c20.now"
    { #[serializer(id = b"c20.before")] #[derive(Serialize, Deserialize)] struct Record { a: BTreeMap<u8, u8> } }
    { #[serializer(id = b"c20.now")] #[derive(Serialize, Deserialize)] struct Record { a: Vec<(u8, u8)> } }
    ["- value › a: map" "+ value › a: list of array 2 of u8"]

    tuple_member_changed "c21.before" "c21.now"
    { #[serializer(id = b"c21.before")] #[derive(Serialize, Deserialize)] struct Record { a: (u8, u16, u32) } }
    { #[serializer(id = b"c21.now")] #[derive(Serialize, Deserialize)] struct Record { a: (u8, u16, f32) } }
    ["- value › a › 2: u32" "+ value › a › 2: f32"]

    tuple_member_changed_among_equals "c22.before" "c22.now"
    { #[serializer(id = b"c22.before")] #[derive(Serialize, Deserialize)] struct Record { a: (u32, u32) } }
    { #[serializer(id = b"c22.now")] #[derive(Serialize, Deserialize)] struct Record { a: (u32, f32) } }
    ["- value › a: array 2 of u32" "+ value › a: tuple"]

    tuple_made_longer "c23.before" "c23.now"
    { #[serializer(id = b"c23.before")] #[derive(Serialize, Deserialize)] struct Record { a: (u8, u16) } }
    { #[serializer(id = b"c23.now")] #[derive(Serialize, Deserialize)] struct Record { a: (u8, u16, u8) } }
    ["+ value › a › 2: u8"]

    field_of_a_nested_type_changed "c24.before" "c24.now"
    { #[serializer(id = b"c24.before")] #[derive(Serialize, Deserialize)] struct Record { a: Vec<Option<Inner>>, b: u8 } #[derive(Serialize, Deserialize)] struct Inner { x: u8, y: u32 } }
    { #[serializer(id = b"c24.now")] #[derive(Serialize, Deserialize)] struct Record { a: Vec<Option<Inner>>, b: u8 } #[derive(Serialize, Deserialize)] struct Inner { x: u8, y: i32 } }
    ["- value › a › y: u32" "+ value › a › y: i32"]

    parameter_of_a_generic_type_changed "c25.before" "c25.now"
    { #[serializer(id = b"c25.before")] #[derive(Serialize, Deserialize)] struct Record { a: Wrap<u16>, b: Wrap<u8> } #[derive(Serialize, Deserialize)] struct Wrap<T> { x: Vec<T> } }
    { #[serializer(id = b"c25.now")] #[derive(Serialize, Deserialize)] struct Record { a: Wrap<u8>, b: Wrap<u8> } #[derive(Serialize, Deserialize)] struct Wrap<T> { x: Vec<T> } }
    ["- value › a › x: list of u16" "+ value › a › x: list of u8"]

    type_of_another_crate_changed "c26.before" "c26.now"
    { #[serializer(id = b"c26.before")] #[derive(Serialize, Deserialize)] struct Record { a: either::Either<u8, u8> } }
    { #[serializer(id = b"c26.now")] #[derive(Serialize, Deserialize)] struct Record { a: either::Either<u8, u16> } }
    ["- value › a › 1 Right: u8" "+ value › a › 1 Right: u16"]

    other_type_of_another_crate "c27.before" "c27.now"
    { #[serializer(id = b"c27.before")] #[derive(Serialize, Deserialize)] struct Record { a: uuid::Uuid } }
    { #[serializer(id = b"c27.now")] #[derive(Serialize, Deserialize)] struct Record { a: url::Url } }
    ["- value › a: bytes" "+ value › a: text"]

    variant_removed "c28.before" "c28.now"
    { #[serializer(id = b"c28.before")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B(u8), C } }
    { #[serializer(id = b"c28.now")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, C } }
    ["- value › kind › 1 B: u8" "+ value › kind › 1 C" "- value › kind › 2 C"]

    last_variant_removed "c29.before" "c29.now"
    { #[serializer(id = b"c29.before")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B } }
    { #[serializer(id = b"c29.now")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A } }
    ["- value › kind › 1 B"]

    variants_swapped "c30.before" "c30.now"
    { #[serializer(id = b"c30.before")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B } }
    { #[serializer(id = b"c30.now")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { B, A } }
    ["- value › kind › 0 A" "+ value › kind › 0 B" "- value › kind › 1 B" "+ value › kind › 1 A"]

    variant_renamed "c31.before" "c31.now"
    { #[serializer(id = b"c31.before")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B(u8) } }
    { #[serializer(id = b"c31.now")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, C(u8) } }
    ["- value › kind › 1 B: u8" "+ value › kind › 1 C: u8"]

    value_in_a_variant_changed "c32.before" "c32.now"
    { #[serializer(id = b"c32.before")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B(u8) } }
    { #[serializer(id = b"c32.now")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B(i8) } }
    ["- value › kind › 1 B: u8" "+ value › kind › 1 B: i8"]

    value_added_to_a_variant "c33.before" "c33.now"
    { #[serializer(id = b"c33.before")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B } }
    { #[serializer(id = b"c33.now")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B(u8) } }
    ["- value › kind › 1 B" "+ value › kind › 1 B: u8"]

    field_added_to_a_variant "c34.before" "c34.now"
    { #[serializer(id = b"c34.before")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A { x: u8 } } }
    { #[serializer(id = b"c34.now")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A { x: u8, y: Option<u8> } } }
    ["+ value › kind › 0 A › y: option of u8"]

    field_of_a_variant_swapped "c35.before" "c35.now"
    { #[serializer(id = b"c35.before")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A { x: u8, y: u8 } } }
    { #[serializer(id = b"c35.now")] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A { y: u8, x: u8 } } }
    ["- value › kind › 0 A › x: u8, at place 1" "+ value › kind › 0 A › x: u8, at place 2"]

    field_of_a_type_that_holds_itself_changed "c36.before" "c36.now"
    { #[serializer(id = b"c36.before")] #[derive(Serialize, Deserialize)] struct Record { root: Node } #[derive(Serialize, Deserialize)] struct Node { value: u8, next: Option<Box<Node>> } }
    { #[serializer(id = b"c36.now")] #[derive(Serialize, Deserialize)] struct Record { root: Node } #[derive(Serialize, Deserialize)] struct Node { value: u16, next: Option<Box<Node>> } }
    ["- value › root › value: u8" "+ value › root › value: u16"]

    type_holds_itself_in_another_way "c37.before" "c37.now"
    { #[serializer(id = b"c37.before")] #[derive(Serialize, Deserialize)] struct Record { root: Node } #[derive(Serialize, Deserialize)] struct Node { value: u8, next: Option<Box<Node>> } }
    { #[serializer(id = b"c37.now")] #[derive(Serialize, Deserialize)] struct Record { root: Node } #[derive(Serialize, Deserialize)] struct Node { value: u8, next: Vec<Node> } }
    ["- value › root › next: option of struct Node" "+ value › root › next: list of struct Node"]

    serde_rename "c38.before" "c38.now"
    { #[serializer(id = b"c38.before")] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    { #[serializer(id = b"c38.now")] #[derive(Serialize, Deserialize)] struct Record { #[serde(rename = "x y")] a: u8 } }
    ["- value › a: u8" "+ value › \"x y\": u8"]

    serde_with "c39.before" "c39.now"
    { #[serializer(id = b"c39.before")] #[derive(Serialize, Deserialize)] struct Record { a: Duration } }
    { #[serializer(id = b"c39.now")] #[derive(Serialize, Deserialize)] struct Record { #[serde(with = "seconds")] a: Duration } }
    ["- value › a: struct Duration" "+ value › a: u64"]

    serde_skip "c40.before" "c40.now"
    { #[serializer(id = b"c40.before")] #[derive(Serialize, Deserialize)] struct Record { a: u8, b: u8 } }
    { #[serializer(id = b"c40.now")] #[derive(Serialize, Deserialize)] struct Record { a: u8, #[serde(skip)] b: u8 } }
    ["- value › b: u8"]

    a_newtype_gets_another_type "c41.before" "c41.now"
    { #[serializer(id = b"c41.before")] #[derive(Serialize, Deserialize)] struct Record(u32); }
    { #[serializer(id = b"c41.now")] #[derive(Serialize, Deserialize)] struct Record(i32); }
    ["- value: u32" "+ value: i32"]

    struct_to_enum "c42.before" "c42.now"
    { #[serializer(id = b"c42.before")] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    { #[serializer(id = b"c42.now")] #[derive(Serialize, Deserialize)] enum Record { A(u8) } }
    ["- value: struct Record" "+ value: enum Record"]

    constructor_gets_another_type "c43.before" "c43.now"
    { #[serializer(id = b"c43.before")] #[derive(Serialize, Deserialize)] struct Record { a: std::num::NonZeroU32 } }
    { #[serializer(id = b"c43.now")] #[derive(Serialize, Deserialize)] struct Record { a: std::num::NonZeroU64 } }
    ["- value › a: u32" "+ value › a: u64"]

    two_types_of_one_name_swapped "c44.before" "c44.now"
    { #[serializer(id = b"c44.before")] #[derive(Serialize, Deserialize)] struct Record { a: crate::seen::twins::one::Twin, b: crate::seen::twins::other::Twin } }
    { #[serializer(id = b"c44.now")] #[derive(Serialize, Deserialize)] struct Record { a: crate::seen::twins::other::Twin, b: crate::seen::twins::one::Twin } }
    ["- value › a › value: u8" "+ value › a › value: u16" "- value › b › value: u16" "+ value › b › value: u8"]

    codec_changed "c45.before" "c45.now"
    { #[serializer(id = b"c45.before")] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    { #[serializer(id = b"c45.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    ["- codec: bincode" "+ codec: messagepack"]

    codec_of_the_same_bytes "c46.before" "c46.now"
    { #[serializer(id = b"c46.before")] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    { #[serializer(id = b"c46.now", codec = ps_serialize::Wincode)] #[derive(Serialize, Deserialize, wincode::SchemaWrite, wincode::SchemaRead)] struct Record { a: u8 } }
    ["- codec: bincode" "+ codec: wincode"]

    codec_of_the_program "c47.before" "c47.now"
    { #[serializer(id = b"c47.before", codec = One)] struct Record; }
    { #[serializer(id = b"c47.now", codec = Other)] struct Record; }
    ["- codec: \"One\"" "+ codec: \"Other\""]

    trait_removed "c48.before" "c48.now"
    { #[serializer(id = b"c48.before", dyn = Named)] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    { #[serializer(id = b"c48.now")] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    ["- dyn: Named"]

    trait_added "c49.before" "c49.now"
    { #[serializer(id = b"c49.before")] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    { #[serializer(id = b"c49.now", dyn = Named)] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    ["+ dyn: Named"]

    mark_added "c50.before" "c50.now"
    { #[serializer(id = b"c50.before")] #[derive(Serialize, Deserialize)] struct Record { id: u8, image: Vec<u8> } }
    { #[serializer(id = b"c50.now")] struct Record { id: u8, #[serializer(frame)] image: Vec<u8> } }
    ["- value › image: list of u8" "+ value › image: frame b\"BS\""]

    frame_of_another_kind "c51.before" "c51.now"
    { #[serializer(id = b"c51.before")] struct Record { id: u8, #[serializer(frame)] image: Vec<u8> } }
    { #[serializer(id = b"c51.now")] struct Record { id: u8, #[serializer(frame)] image: String } }
    ["- value › image: frame b\"BS\"" "+ value › image: frame b\"US\""]

    frame_moved "c52.before" "c52.now"
    { #[serializer(id = b"c52.before")] struct Record { #[serializer(frame)] a: Vec<u8>, #[serializer(frame)] b: Vec<u8> } }
    { #[serializer(id = b"c52.now")] struct Record { #[serializer(frame)] b: Vec<u8>, #[serializer(frame)] a: Vec<u8> } }
    ["- value › a: frame b\"BS\", at place 1" "+ value › a: frame b\"BS\", at place 2"]

    frames_of_another_collection "c53.before" "c53.now"
    { #[serializer(id = b"c53.before")] struct Record { id: u8, #[serializer(frames)] notes: Vec<String> } }
    { #[serializer(id = b"c53.now")] struct Record { id: u8, #[serializer(frames)] notes: Option<String> } }
    ["- value › notes: frames list of b\"US\"" "+ value › notes: frames option of b\"US\""]

    frames_of_another_kind "c54.before" "c54.now"
    { #[serializer(id = b"c54.before")] struct Record { id: u8, #[serializer(frames)] notes: BTreeMap<String, String> } }
    { #[serializer(id = b"c54.now")] struct Record { id: u8, #[serializer(frames)] notes: BTreeMap<String, Vec<u8>> } }
    ["- value › notes: frames map of b\"US\"" "+ value › notes: frames map of b\"BS\""]

    field_beside_a_frame_changed "c55.before" "c55.now"
    { #[serializer(id = b"c55.before")] struct Record { id: u8, #[serializer(frame)] image: Vec<u8>, after: u8 } }
    { #[serializer(id = b"c55.now")] struct Record { id: u8, #[serializer(frame)] image: Vec<u8>, after: u16 } }
    ["- value › after: u8" "+ value › after: u16"]

    frame_in_a_variant_added "c56.before" "c56.now"
    { #[serializer(id = b"c56.before")] enum Record { A(u8, #[serializer(frame)] String), B } }
    { #[serializer(id = b"c56.now")] enum Record { A(u8, #[serializer(frame)] String), B(#[serializer(frame)] String) } }
    ["- value › 1 B" "+ value › 1 B: struct"]

    frame_of_a_trait_object "c57.before" "c57.now"
    { #[serializer(id = b"c57.before")] struct Record { id: u8, #[serializer(frame)] image: Box<dyn Named> } }
    { #[serializer(id = b"c57.now")] struct Record { id: u8, #[serializer(frame)] image: Vec<u8> } }
    ["- value › image: frame dyn Named" "+ value › image: frame b\"BS\""]

    messagepack_optional_field_added "c58.before" "c58.now"
    { #[serializer(id = b"c58.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    { #[serializer(id = b"c58.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8, #[serde(default)] b: u8 } }
    ["+ value › b?: u8"]

    messagepack_field_added "c59.before" "c59.now"
    { #[serializer(id = b"c59.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    { #[serializer(id = b"c59.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8, b: u8 } }
    ["+ value › b: u8"]

    messagepack_field_is_required_now "c60.before" "c60.now"
    { #[serializer(id = b"c60.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: Option<u8> } }
    { #[serializer(id = b"c60.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    ["- value › a?: option of u8" "+ value › a: u8"]

    messagepack_type_changed "c61.before" "c61.now"
    { #[serializer(id = b"c61.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8, b: String } }
    { #[serializer(id = b"c61.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8, b: bool } }
    ["- value › b: text" "+ value › b: bool"]

    messagepack_variant_renamed "c62.before" "c62.now"
    { #[serializer(id = b"c62.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B(u8) } }
    { #[serializer(id = b"c62.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { kind: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, C(u8) } }
    ["- value › kind › 1 B: u8" "+ value › kind › 1 C: u8"]

    messagepack_alias "c71.before" "c71.now"
    { #[serializer(id = b"c71.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: Inner } #[derive(Serialize, Deserialize)] struct Inner { x: u8 } }
    { #[serializer(id = b"c71.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { #[serde(alias = "a")] b: Inner } #[derive(Serialize, Deserialize)] struct Inner { x: u16 } }
    ["- value › a: struct Inner" "+ value › b: struct Inner" "- value › a › x: u8" "+ value › b › x: u16"]

    messagepack_field_removed "c72.before" "c72.now"
    { #[serializer(id = b"c72.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8, b: u8 } }
    { #[serializer(id = b"c72.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    ["- value › b: u8"]

    messagepack_field_removed_and_denied "c73.before" "c73.now"
    { #[serializer(id = b"c73.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8, b: u8 } }
    { #[serializer(id = b"c73.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] #[serde(deny_unknown_fields)] struct Record { a: u8 } }
    ["- value › b: u8"]

    messagepack_value_to_option "c74.before" "c74.now"
    { #[serializer(id = b"c74.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u32 } }
    { #[serializer(id = b"c74.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: Option<u32> } }
    ["- value › a: u32" "+ value › a?: option of u32"]

    messagepack_elements_widened "c75.before" "c75.now"
    { #[serializer(id = b"c75.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: Vec<[u8; 2]> } }
    { #[serializer(id = b"c75.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: Vec<Option<[i16; 2]>> } }
    ["- value › a: list of array 2 of u8" "+ value › a: list of option of array 2 of i16"]

    messagepack_integer_of_128_bits "c76.before" "c76.now"
    { #[serializer(id = b"c76.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u64 } }
    { #[serializer(id = b"c76.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u128 } }
    ["- value › a: u64" "+ value › a: u128"]

    all_fields_renamed "c77.before" "c77.now"
    { #[serializer(id = b"c77.before")] #[derive(Serialize, Deserialize)] struct Record { a: u8, b: Vec<u16>, c: u8 } }
    { #[serializer(id = b"c77.now")] #[derive(Serialize, Deserialize)] struct Record { x: u8, y: Vec<u16>, c: u8 } }
    ["- value › a: u8" "+ value › x: u8" "- value › b: list of u16" "+ value › y: list of u16"]

    messagepack_required_and_of_another_type "c78.before" "c78.now"
    { #[serializer(id = b"c78.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { #[serde(default)] a: Kind } #[derive(Default, Serialize, Deserialize)] enum Kind { #[default] A } }
    { #[serializer(id = b"c78.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: Kind } #[derive(Serialize, Deserialize)] enum Kind { A, B } }
    ["- value › a?: enum Kind" "+ value › a: enum Kind" "+ value › a › 1 B"]

    variant_inserted_before_the_last "c79.before" "c79.now"
    { #[serializer(id = b"c79.before")] #[derive(Serialize, Deserialize)] enum Record { A, Z } }
    { #[serializer(id = b"c79.now")] #[derive(Serialize, Deserialize)] enum Record { A, B, Z } }
    ["- value › 1 Z" "+ value › 1 B" "+ value › 2 Z"]

    messagepack_alias_of_a_field_that_stays "c81.before" "c81.now"
    { #[serializer(id = b"c81.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8, b: u8 } }
    { #[serializer(id = b"c81.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { #[serde(alias = "a")] b: u8 } }
    ["- value › a: u8" "+ value › b: u8"]

    messagepack_unit_to_option "c82.before" "c82.now"
    { #[serializer(id = b"c82.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: () } }
    { #[serializer(id = b"c82.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: Option<()> } }
    ["- value › a: unit" "+ value › a?: option of unit"]

    a_type_that_is_seen_now "c83.before" "c83.now"
    { #[serializer(id = b"c83.before")] #[derive(Serialize, Deserialize)] struct Record { a: rust_decimal::Decimal } }
    { #[serializer(id = b"c83.now")] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    ["- value › a: unseen Decimal \"it asks the format what comes next\"" "+ value › a: u8"]

    a_new_name_of_a_type "c63.before" "c63.now"
    { #[serializer(id = b"c63.before")] #[derive(Serialize, Deserialize)] struct Record { a: Inner, k: Kind } #[derive(Serialize, Deserialize)] struct Inner { x: u8 } #[derive(Serialize, Deserialize)] enum Kind { A } }
    { #[serializer(id = b"c63.now")] #[derive(Serialize, Deserialize)] struct Renamed { a: Other, k: More } #[derive(Serialize, Deserialize)] struct Other { x: u8 } #[derive(Serialize, Deserialize)] enum More { A } }
    []

    a_new_name_that_two_types_share "c64.before" "c64.now"
    { #[serializer(id = b"c64.before")] #[derive(Serialize, Deserialize)] struct Record { a: (Inner, Other) } #[derive(Serialize, Deserialize)] struct Inner { x: u8 } #[derive(Serialize, Deserialize)] struct Other { x: u8 } }
    { #[serializer(id = b"c64.now")] #[derive(Serialize, Deserialize)] struct Record { a: (Inner, Inner) } #[derive(Serialize, Deserialize)] struct Inner { x: u8 } }
    []

    another_module "c65.before" "c65.now"
    { #[serializer(id = b"c65.before")] #[derive(Serialize, Deserialize)] struct Record { a: crate::seen::Plain } }
    { #[serializer(id = b"c65.now")] #[derive(Serialize, Deserialize)] struct Record { a: inner::Plain } mod inner { #[derive(serde::Serialize, serde::Deserialize)] pub(super) struct Plain { number: u64 } } }
    []

    a_box_around_a_type "c66.before" "c66.now"
    { #[serializer(id = b"c66.before")] #[derive(Serialize, Deserialize)] struct Record { a: Vec<u8>, b: String } }
    { #[serializer(id = b"c66.now")] #[derive(Serialize, Deserialize)] struct Record { a: std::collections::VecDeque<u8>, b: Box<str> } }
    []

    a_newtype_around_a_type "c67.before" "c67.now"
    { #[serializer(id = b"c67.before")] #[derive(Serialize, Deserialize)] struct Record { a: u8 } }
    { #[serializer(id = b"c67.now")] #[derive(Serialize, Deserialize)] struct Record { a: Meters } #[derive(Serialize, Deserialize)] struct Meters(u8); }
    []

    a_type_that_holds_itself_is_unrolled "c68.before" "c68.now"
    { #[serializer(id = b"c68.before")] #[derive(Serialize, Deserialize)] struct Record { root: Node } #[derive(Serialize, Deserialize)] struct Node { next: Option<Box<Node>> } }
    { #[serializer(id = b"c68.now")] #[derive(Serialize, Deserialize)] struct Record { root: Node } #[derive(Serialize, Deserialize)] struct Node { next: Option<Box<Other>> } #[derive(Serialize, Deserialize)] struct Other { next: Option<Box<Node>> } }
    []

    messagepack_other_order "c69.before" "c69.now"
    { #[serializer(id = b"c69.before", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { a: u8, b: u16 } }
    { #[serializer(id = b"c69.now", codec = ps_serialize::MessagePack)] #[derive(Serialize, Deserialize)] struct Record { b: u16, a: u8 } }
    []

    record_with_frames_renamed "c70.before" "c70.now"
    { #[serializer(id = b"c70.before")] struct Record { id: u8, #[serializer(frame)] image: Vec<u8> } }
    { #[serializer(id = b"c70.now")] struct Renamed { id: u8, #[serializer(frame)] image: Vec<u8> } }
    []
}

const READABLE: &str = "frames of before can still be read: ";
const RENAMED: &str = "the bytes are the same: ";
const BROKEN: &str = "frames of before would be read as other values, or not at all: ";

const UNSEEN: &str = "a type that can't be seen is not compared, so nobody knows whether";

#[test]
fn frames_that_are_read_as_another_value_are_said_to_be() {
    for (case, said) in [("c79", BROKEN), ("c82", BROKEN), ("c83", UNSEEN)] {
        let told = difference(&format!("{case}.before"), &format!("{case}.now")).unwrap();
        assert!(told.contains(&format!("\n  {said}")), "{case}: {told}");
    }
}

/// What the lock says of frames of before, with one of them, which is then read.
#[test]
fn what_is_said_of_frames_of_before_is_true() {
    for (case, said, payload) in [
        ("c08", RENAMED, &b"\x01\x02"[..]),
        ("c31", RENAMED, b"\x01\0\0\0\x07"),
        ("c77", RENAMED, b"\x01\x01\0\0\0\0\0\0\0\x02\x02\x03"),
        ("c07", BROKEN, b"\x01\0\0\0\0\0\0\0\0\x02"),
        ("c09", BROKEN, b"\x01\x02"),
        ("c04", READABLE, b"\x01\0\0\0\x07"),
        ("c58", READABLE, b"\x81\xa1a\x01"),
        ("c59", BROKEN, b"\x81\xa1a\x01"),
        ("c60", BROKEN, b"\x80"),
        ("c71", READABLE, b"\x81\xa1a\x81\xa1x\x01"),
        ("c72", READABLE, b"\x82\xa1a\x01\xa1b\x02"),
        ("c73", BROKEN, b"\x82\xa1a\x01\xa1b\x02"),
        ("c74", READABLE, b"\x81\xa1a\x01"),
        ("c75", READABLE, b"\x81\xa1a\x91\x92\xcc\xff\x01"),
        ("c76", READABLE, b"\x81\xa1a\x01"),
        ("c78", BROKEN, b"\x80"),
        ("c81", BROKEN, b"\x82\xa1a\x01\xa1b\x02"),
    ] {
        let (before, now) = (format!("{case}.before"), format!("{case}.now"));
        let told = difference(&before, &now).unwrap();
        assert!(told.contains(&format!("\n  {said}")), "{case}: {told}");
        let read = |identifier: &str| {
            let frame = [identifier.as_bytes(), b"\n", payload].concat();
            ps_serialize::deserialize_any(&frame)
        };
        assert!(read(&before).is_ok(), "{case}");
        assert_eq!(read(&now).is_ok(), said != BROKEN, "{case}");
    }
}
