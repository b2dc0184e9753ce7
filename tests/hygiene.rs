//! The attribute works in a crate that makes it hard, under another name of the library, through
//! a re-export, in functions and in private modules. See `strict/lib.rs` and `ui/pass`.

use std::net::Ipv4Addr;

use ps_serialize::{
    Deserializable, Serializable, deserialize, deserialize_any, registry, serialize,
};
use ps_serialize_tests_strict as strict;
use ps_serialize_tests_strict::frames;

/// Writes it, reads it back by type and by identifier, and returns the frame.
fn round_trip<T>(value: &T) -> Vec<u8>
where
    T: Serializable + for<'f> Deserializable<'f> + PartialEq + std::fmt::Debug + 'static,
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
fn traits_have_objects_there_too() {
    let holder = strict::objects::Holder { object: Box::new(strict::objects::Any(7)) };
    let frame = serialize(&holder).unwrap();
    #[allow(deprecated)]
    let inside = deserialize::<strict::objects::Holder>(&frame).unwrap().object.inside();
    assert_eq!(inside, 7);
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
fn a_macro_of_another_crate_may_name_the_library_by_its_own_crate() {
    strict::declare_records!();

    let declared = Declared { id: 7, label: "label".to_owned(), text: "text".to_owned() };
    let frame = round_trip(&declared);
    let view = DeclaredView { id: 7, label: "label", text: "text" };
    assert_eq!(deserialize::<DeclaredView<'_>>(&frame).unwrap(), view);
    let texts = vec!["one".to_owned(), "two".to_owned()];
    assert_eq!(
        round_trip(&DeclaredEnum::Texts(3, texts))[64 + 32..][..13],
        *b"\x01\0\0\0\x03\x02\0\0\0\0\0\0\0"
    );
    assert!(round_trip(&DeclaredEnum::Unit).starts_with(b"declared enum "));
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

/// An annotated type of each name, where nothing else is: what the attribute writes must not mean it.
macro_rules! types_named {
    ($($module:ident: $id:literal, $name:ident;)*) => {$(
        mod $module {
            use ::ps_serialize::serializer;
            use ::serde::{Deserialize, Serialize};

            #[serializer(id = $id)]
            #[derive(Serialize, Deserialize, Debug, PartialEq)]
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            pub(super) struct $name {
                pub(super) it: ::core::primitive::u8,
            }
        }
    )*

    #[test]
    fn a_type_may_have_any_name() {$(
        assert_eq!(
            round_trip(&$module::$name { it: 7 }),
            [$id.as_slice(), b"\n\x07"].concat()
        );
    )*}
    };
}

types_named! {
    m01: b"h01", guard; m02: b"h02", Left; m03: b"h03", LINKED; m04: b"h04", CLAIMED;
    m05: b"h05", ENTRY; m06: b"h06", Entry; m07: b"h07", Origin; m08: b"h08", Writable;
    m09: b"h09", collect; m10: b"h10", guarded; m11: b"h11", register; m12: b"h12", linkme;
    m13: b"h13", value; m14: b"h14", out; m15: b"h15", payload; m16: b"h16", Value;
    m18: b"h18", Sink; m19: b"h19", Identifier; m20: b"h20", Result;
    m21: b"h21", Option; m22: b"h22", core; m23: b"h23", std; m24: b"h24", ps_serialize;
    m25: b"h25", Codec; m26: b"h26", Bincode; m27: b"h27", DefaultCodec; m28: b"h28", Box;
    m29: b"h29", Vec; m30: b"h30", Any; m31: b"h31", Send; m32: b"h32", PS_SERIALIZE_0_1;
    m33: b"h33", bool; m34: b"h34", DistributedSlice; m35: b"h35", serde;
    m36: b"h36", KEPT; m37: b"h37", inventory;
}

/// The same for names that serde's own derives do not bear.
macro_rules! blocks_for_types_named {
    ($($module:ident: $id:literal, $name:ident;)*) => {
        $(
            mod $module {
                #[allow(non_camel_case_types)]
                #[derive(Debug, PartialEq)]
                pub(super) struct $name(pub(super) ::core::primitive::i8);

                #[::ps_serialize::serializer(id = $id)]
                impl ::ps_serialize::Serializer for $name {
                    type Value = Self;

                    fn serialize<'a>(
                        value: &'a Self,
                        out: &mut dyn ::ps_serialize::Sink<'a>,
                    ) -> ::ps_serialize::Result<()> {
                        out.put(&value.0.to_le_bytes());
                        ::core::result::Result::Ok(())
                    }

                    fn deserialize(
                        payload: ::ps_serialize::Payload<'_, '_>,
                    ) -> ::ps_serialize::Result<Self> {
                        ::core::result::Result::Ok($name(payload[0].cast_signed()))
                    }
                }
            }
        )*

        #[test]
        fn a_block_may_be_of_a_type_with_the_name_of_a_primitive() {
            $(assert_eq!(round_trip(&$module::$name(7)), [$id.as_slice(), b"\n\x07"].concat());)*
        }
    };
}

blocks_for_types_named! {
    n1: b"hP", u8; n2: b"hQ", str; n3: b"hS", usize; n4: b"hT", u32; n5: b"hU", guard;
}

/// Values, modules and macros of the names that the attribute could be thought to use.
#[allow(
    dead_code,
    non_camel_case_types,
    non_upper_case_globals,
    unreachable_pub,
    unused_macros,
    unused_macro_rules
)]
mod crowded {
    pub const value: ::core::primitive::i8 = 1;
    pub const out: ::core::primitive::i8 = 1;
    pub const ENTRY: ::core::primitive::i8 = 1;
    pub const LINKED: ::core::primitive::i8 = 1;
    pub const CLAIMED: ::core::primitive::i8 = 1;
    pub const IDENTIFIER: ::core::primitive::i8 = 1;
    pub const NAME: ::core::primitive::i8 = 1;
    pub static self_: ::core::primitive::i8 = 1;
    pub struct payload;
    pub mod core {}
    pub mod std {}
    pub mod guard {}
    pub mod linkme {}
    pub mod alloc {}
    macro_rules! concat {
        () => {};
    }
    macro_rules! file {
        () => {};
    }
    macro_rules! module_path {
        () => {};
    }
    macro_rules! register {
        () => {};
    }
    macro_rules! guard {
        () => {};
    }
    macro_rules! collect {
        () => {};
    }

    #[ps_serialize::serializer(id = b"hX")]
    #[derive(::serde::Serialize, ::serde::Deserialize, Debug, PartialEq)]
    pub struct Annotated(pub ::core::primitive::u8);

    #[ps_serialize::serializer(id = b"hY")]
    pub type u8 = Generic<::core::primitive::u8>;

    #[derive(::serde::Serialize, ::serde::Deserialize, Debug, PartialEq)]
    pub struct Generic<guard>(pub guard);
}

#[test]
fn what_stands_beside_a_type_may_have_any_name() {
    assert_eq!(round_trip(&crowded::Annotated(7)), b"hX\n\x07");
    assert_eq!(round_trip(&crowded::Generic(7_u8)), b"hY\n\x07");
    assert!(registry().find("hX").unwrap().name().ends_with("crowded::Annotated"));
}

/// An annotated type of each name with frames inside, and with fields whose types have that name.
macro_rules! records_named {
    ($($module:ident: $id:literal, $name:ident;)*) => {$(
        mod $module {
            #[::ps_serialize::serializer(id = $id)]
            #[derive(Debug, PartialEq, Default)]
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            pub(super) struct $name {
                pub(super) it: ::core::primitive::u8,
                #[serializer(frame)]
                pub(super) text: ::std::string::String,
                #[serializer(frames)]
                pub(super) list: ::std::vec::Vec<$name>,
                #[serde(serialize_with = "super::write_nothing", deserialize_with = "super::read_nothing")]
                pub(super) own: ::core::option::Option<::std::boxed::Box<$name>>,
                #[serde(skip, default = "super::nothing")]
                pub(super) skipped: ::core::option::Option<::std::boxed::Box<$name>>,
            }
        }
    )*

    #[test]
    fn a_record_may_have_any_name() {$({
        let text = || "text".to_owned();
        let inner = $module::$name { it: 7, text: text(), ..Default::default() };
        round_trip(&$module::$name { text: text(), list: vec![inner], ..Default::default() });
    })*}
    };
}

fn write_nothing<T, S: serde::Serializer>(_: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_unit()
}

fn read_nothing<'de, T: Default, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    <() as serde::Deserialize>::deserialize(deserializer).map(|()| T::default())
}

fn nothing<T: Default>() -> T {
    T::default()
}

records_named! {
    r01: b"hr01", Field; r02: b"hr02", Frames; r03: b"hr03", RecordWriter; r04: b"hr04", Record;
    r05: b"hr05", String; r06: b"hr06", Option; r07: b"hr07", Result; r08: b"hr08", Vec;
    r09: b"hr09", S; r10: b"hr10", D; r11: b"hr11", W; r12: b"hr12", With; r13: b"hr13", Itself;
    r14: b"hr14", value; r15: b"hr15", Fields; r16: b"hr16", serializer; r17: b"hr17", Box;
    r18: b"hr18", serde; r19: b"hr19", Error; r20: b"hr20", Sink;
}

/// Values, modules and macros of the names that records could be thought to use. Serde's derives do not bear a `u8`.
#[allow(dead_code, non_camel_case_types, non_upper_case_globals, unreachable_pub)]
mod crowded_record {
    pub const value: ::core::primitive::i8 = 1;
    pub mod core {}
    pub mod std {}
    pub const serializer: ::core::primitive::i8 = 1;
    pub const deserializer: ::core::primitive::i8 = 1;
    pub const field: ::core::primitive::i8 = 1;
    pub const fields: ::core::primitive::i8 = 1;
    pub const record: ::core::primitive::i8 = 1;
    pub const frames: ::core::primitive::i8 = 1;
    pub const text: ::core::primitive::i8 = 1;
    pub mod serde {}
    pub mod with {
        #[allow(clippy::trivially_copy_pass_by_ref)]
        pub fn serialize<S: ::serde::Serializer>(
            number: &::core::primitive::u32,
            to: S,
        ) -> Result<S::Ok, S::Error> {
            to.serialize_u32(number + 1)
        }

        pub fn deserialize<'de, D: ::serde::Deserializer<'de>>(
            from: D,
        ) -> Result<::core::primitive::u32, D::Error> {
            <::core::primitive::u32 as ::serde::Deserialize>::deserialize(from).map(|it| it - 1)
        }
    }

    #[ps_serialize::serializer(id = b"hZ")]
    #[derive(Debug, PartialEq)]
    pub struct Record {
        pub field: ::core::primitive::i8,
        #[serializer(frame)]
        pub text: String,
        #[serde(with = "with")]
        pub with: ::core::primitive::u32,
    }
}

/// A record beside values, modules and macros of such names.
#[test]
fn what_stands_beside_a_record_may_have_any_name() {
    assert_eq!(
        round_trip(&crowded_record::Record { field: 7, text: "text".to_owned(), with: 3 })[..2],
        *b"hZ"
    );
    let frame = round_trip(&strict::records::Field {
        id: 7,
        text: "text".to_owned(),
        list: vec![],
        map: [("k".to_owned(), "v".to_owned())].into(),
        skipped: 0,
    });
    assert_eq!(frame[..2], *b"sF");
    let events =
        vec![strict::records::Event::None, strict::records::Event::Some("text".to_owned(), 7)];
    round_trip(&strict::records::Event::Many { events });
}
