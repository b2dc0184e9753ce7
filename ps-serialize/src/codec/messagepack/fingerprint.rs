//! A hash of what a value hands to serde's traits. Two values that MessagePack writes as the same bytes, such as
//! a `u8` and a `u16`, have different ones.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::codec::nesting::Nesting;
use crate::error::{Error, Result};
use crate::limits::STACK;

/// The hash of a value, and the hash of the names of its structs and enums in their order.
///
/// Equal values have equal hashes, in whatever order maps and sets give their elements.
pub(super) fn of<T: Serialize + ?Sized>(value: &T) -> Result<(u64, u64)> {
    let (mut hash, mut names) = (FxHasher::default(), FxHasher::default());
    let nesting = Nesting::outermost(STACK);
    value.serialize(Print { hash: &mut hash, names: &mut names, nesting })?;
    Ok((hash.finish(), names.finish()))
}

/// The type of a value in the terms of serde.
#[derive(Clone, Copy)]
enum Kind {
    Bool,
    I8,
    I16,
    I32,
    I64,
    I128,
    U8,
    U16,
    U32,
    U64,
    U128,
    Char,
    Text,
    Bytes,
    F32,
    F64,
    None,
    Some,
    Unit,
    UnitStruct,
    UnitVariant,
    NewtypeStruct,
    NewtypeVariant,
    Sequence,
    TupleStruct,
    TupleVariant,
    Map,
    StructVariant,
    Fields,
    Tuple,
    Struct,
}

/// A serializer that hashes a value.
struct Print<'h> {
    hash: &'h mut FxHasher,
    names: &'h mut FxHasher,
    nesting: Nesting,
}

/// The members of a value, which come in their order, or in any order.
struct Members<'h> {
    print: Print<'h>,
    in_any_order: u64,
    /// The key of the next value.
    key: FxHasher,
}

impl<'h> Print<'h> {
    fn named(self, kind: Kind, name: &str) -> Self {
        self.hash.write_u8(kind as u8);
        name.hash(self.hash);
        name.hash(self.names);
        self
    }

    fn variant(self, kind: Kind, name: &str, index: u32, variant: &str) -> Self {
        let print = self.named(kind, name);
        index.hash(print.hash);
        variant.hash(print.hash);
        print
    }

    fn members(self, kind: Kind) -> Result<Members<'h>> {
        self.hash.write_u8(kind as u8);
        let print = Self { nesting: self.nesting.deeper()?, ..self };
        Ok(Members { print, in_any_order: 0, key: FxHasher::default() })
    }

    fn inner<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(Self { nesting: self.nesting.deeper()?, ..self })
    }
}

impl Members<'_> {
    fn next<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let Print { hash, names, nesting } = &mut self.print;
        value.serialize(Print { hash, names, nesting: *nesting })
    }

    fn unordered<T: Serialize + ?Sized>(&mut self, mut hash: FxHasher, value: &T) -> Result<()> {
        let Print { names, nesting, .. } = &mut self.print;
        value.serialize(Print { hash: &mut hash, names, nesting: *nesting })?;
        self.in_any_order = self.in_any_order.wrapping_add(spread(hash.finish()));
        Ok(())
    }

    fn finish(self) {
        self.in_any_order.hash(self.print.hash);
    }
}

/// A sum of what the hasher returns is nearly the sum of what was hashed. This is not, for each element by itself: the last
/// steps of MurmurHash3.
fn spread(mut hash: u64) -> u64 {
    for factor in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
        hash = (hash ^ hash >> 33).wrapping_mul(factor);
    }
    hash ^ hash >> 33
}

macro_rules! scalars {
    ($($method:ident: $type:ty, $kind:ident;)*) => {$(
        fn $method(self, value: $type) -> Result<()> {
            self.hash.write_u8(Kind::$kind as u8);
            value.hash(self.hash);
            Ok(())
        }
    )*};
}

impl<'h> Serializer for Print<'h> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Members<'h>;
    type SerializeTuple = Members<'h>;
    type SerializeTupleStruct = Members<'h>;
    type SerializeTupleVariant = Members<'h>;
    type SerializeMap = Members<'h>;
    type SerializeStruct = Members<'h>;
    type SerializeStructVariant = Members<'h>;

    scalars! {
        serialize_bool: bool, Bool;
        serialize_i8: i8, I8;
        serialize_i16: i16, I16;
        serialize_i32: i32, I32;
        serialize_i64: i64, I64;
        serialize_i128: i128, I128;
        serialize_u8: u8, U8;
        serialize_u16: u16, U16;
        serialize_u32: u32, U32;
        serialize_u64: u64, U64;
        serialize_u128: u128, U128;
        serialize_char: char, Char;
        serialize_str: &str, Text;
        serialize_bytes: &[u8], Bytes;
    }

    fn serialize_f32(self, value: f32) -> Result<()> {
        (Kind::F32 as u8, value.to_bits()).hash(self.hash);
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<()> {
        (Kind::F64 as u8, value.to_bits()).hash(self.hash);
        Ok(())
    }

    fn serialize_none(self) -> Result<()> {
        self.hash.write_u8(Kind::None as u8);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        self.hash.write_u8(Kind::Some as u8);
        self.inner(value)
    }

    fn serialize_unit(self) -> Result<()> {
        self.hash.write_u8(Kind::Unit as u8);
        Ok(())
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<()> {
        self.named(Kind::UnitStruct, name);
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<()> {
        self.variant(Kind::UnitVariant, name, index, variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        self.named(Kind::NewtypeStruct, name).inner(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.variant(Kind::NewtypeVariant, name, index, variant).inner(value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'h>> {
        self.members(Kind::Sequence)
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'h>> {
        self.members(Kind::Tuple)
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Members<'h>> {
        self.named(Kind::TupleStruct, name).members(Kind::Fields)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'h>> {
        self.variant(Kind::TupleVariant, name, index, variant).members(Kind::Fields)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'h>> {
        self.members(Kind::Map)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Members<'h>> {
        self.named(Kind::Struct, name).members(Kind::Fields)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'h>> {
        self.variant(Kind::StructVariant, name, index, variant).members(Kind::Fields)
    }

    fn is_human_readable(&self) -> bool {
        true
    }
}

impl SerializeSeq for Members<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.unordered(FxHasher::default(), value)
    }

    fn end(self) -> Result<()> {
        self.finish();
        Ok(())
    }
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        let mut hash = FxHasher::default();
        let Print { names, nesting, .. } = &mut self.print;
        key.serialize(Print { hash: &mut hash, names, nesting: *nesting })?;
        self.key = hash;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = std::mem::take(&mut self.key);
        self.unordered(key, value)
    }

    fn end(self) -> Result<()> {
        self.finish();
        Ok(())
    }
}

macro_rules! elements {
    ($($trait:ident: $method:ident;)*) => {$(
        impl $trait for Members<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.next(value)
            }

            fn end(self) -> Result<()> {
                self.finish();
                Ok(())
            }
        }
    )*};
}

elements! {
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
}

macro_rules! fields {
    ($($trait:ident)*) => {$(
        impl $trait for Members<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<()> {
                name.hash(self.print.hash);
                self.next(value)
            }

            fn end(self) -> Result<()> {
                self.finish();
                Ok(())
            }
        }
    )*};
}

fields!(SerializeStruct SerializeStructVariant);
