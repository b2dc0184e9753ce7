//! The attribute works in a crate that makes it hard, under another name of the library, through
//! a re-export, in functions and in private modules. See `strict/lib.rs` and `ui/pass`.

use std::net::Ipv4Addr;

use ps_serialize::{Serializable, Serializer, deserialize, deserialize_any, registry, serialize};
use ps_serialize_tests_strict as strict;
use ps_serialize_tests_strict::frames;

/// Writes it, reads it back by type and by identifier, and returns the frame.
fn round_trip<T>(value: &T) -> Vec<u8>
where
    T: Serializable<Serializer: Serializer<Value = T>> + PartialEq + std::fmt::Debug + 'static,
{
    let frame = serialize(value).unwrap();
    assert_eq!(deserialize::<T>(&frame).unwrap(), *value);
    assert_eq!(deserialize_any(&frame).unwrap().downcast_ref::<T>(), Some(value));
    frame.to_vec()
}

#[test]
fn a_type_may_have_a_name_of_the_prelude() {
    assert_eq!(round_trip(&strict::Option::Some(7)), b"s1\n\x01\0\0\0\x07");
    assert_eq!(round_trip(&strict::Result { value: 7 }), b"s2\n\x07");
}

#[test]
fn an_identifier_may_be_any_bytes() {
    assert_eq!(round_trip(&strict::Unprintable), b"\x00 _\"\\\xff\n");
    let entry = registry().find(b"\x00 _\"\\\xff").unwrap();
    assert_eq!(entry.identifier().to_string(), r#"\x00 _\"\\\xff"#);
    assert_eq!(entry.name(), "not a word");
}

#[test]
fn types_in_functions_and_private_modules_are_registered() {
    let [local, private] = strict::frames_of_hidden_types();
    assert_eq!(local[..], *b"s5\n\x05");
    assert_eq!(private[..], *b"s4\n\x04");
    assert!(deserialize_any(&local).is_ok());
    assert!(registry().find("s4").unwrap().name().ends_with("private::Private"));
}

#[test]
fn an_impl_block_covers_a_type_of_another_crate_and_aligns_it() {
    let frame = ps_serialize::serialize_with::<strict::Address>(&Ipv4Addr::LOCALHOST).unwrap();
    assert_eq!(frame[..64], *format!("{:63}\n", "s6").as_bytes());
    assert_eq!(frame[64..], [127, 0, 0, 1]);
    assert_eq!(frame.as_ptr().addr() % 64, 0, "aligned in memory");
    let any = deserialize_any(&frame).unwrap();
    assert_eq!(any.downcast_ref(), Some(&Ipv4Addr::LOCALHOST));
    assert_eq!(ps_serialize::serialize_any(&Ipv4Addr::LOCALHOST).unwrap(), frame);
}

#[test]
fn each_concrete_type_of_a_generic_one_has_its_identifier() {
    assert_eq!(round_trip(&strict::Pair(false, true)), b"s8\n\0\x01");
    assert_eq!(round_trip(&strict::Pair(0.0, 1.0))[..3], *b"s7\n");
}

#[test]
fn the_library_may_be_reached_through_a_re_export() {
    #[frames::serializer(id = b"hR", crate = ps_serialize_tests_strict::frames)]
    #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
    struct ThroughReExport(u8);

    assert_eq!(round_trip(&ThroughReExport(1)), b"hR\n\x01");
}

#[test]
fn a_condition_on_the_item_is_one_on_its_registration() {
    #[ps_serialize::serializer(id = b"hC")]
    #[cfg(any())]
    struct Absent(NoSuchType);

    assert!(registry().find("hC").is_err());
}

#[test]
fn macros_may_write_annotated_types() {
    macro_rules! record {
        ($name:ident, $id:literal) => {
            #[ps_serialize::serializer(id = $id)]
            #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
            struct $name(u8);
        };
    }
    record!(Made, b"hM");

    assert_eq!(round_trip(&Made(3)), b"hM\n\x03");
}
