//! Values of serde's whole data model, made up at random.

use std::cell::RefCell;
use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The values that serde can describe.
#[derive(Clone, Debug, PartialEq)]
enum Data {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    I128(i128),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    U128(u128),
    F32(u32),
    F64(u64),
    Char(char),
    Text(String),
    Bytes(Vec<u8>),
    None,
    Some(Box<Data>),
    Unit,
    UnitStruct,
    UnitVariant(u32),
    NewtypeStruct(Box<Data>),
    NewtypeVariant(u32, Box<Data>),
    Sequence(Vec<Data>),
    Tuple(Vec<Data>),
    TupleStruct(Vec<Data>),
    TupleVariant(u32, Vec<Data>),
    Map(Vec<[Data; 2]>),
    Struct(Vec<Data>),
    StructVariant(u32, Vec<Data>),
}

const NAMES: &[&str] = &["a", "b", "c", "d"];

fn data() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Data::Bool),
        any::<i8>().prop_map(Data::I8),
        any::<i16>().prop_map(Data::I16),
        any::<i32>().prop_map(Data::I32),
        any::<i64>().prop_map(Data::I64),
        any::<i128>().prop_map(Data::I128),
        any::<u8>().prop_map(Data::U8),
        any::<u16>().prop_map(Data::U16),
        any::<u32>().prop_map(Data::U32),
        any::<u64>().prop_map(Data::U64),
        any::<u128>().prop_map(Data::U128),
        any::<u32>().prop_map(Data::F32),
        any::<u64>().prop_map(Data::F64),
        any::<char>().prop_map(Data::Char),
        any::<String>().prop_map(Data::Text),
        any::<Vec<u8>>().prop_map(Data::Bytes),
        Just(Data::None),
        Just(Data::Unit),
        Just(Data::UnitStruct),
        (0..4_u32).prop_map(Data::UnitVariant),
    ];
    leaf.prop_recursive(6, 60, 4, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let some = || vec(inner.clone(), 0..=4);
        prop_oneof![
            boxed().prop_map(Data::Some),
            boxed().prop_map(Data::NewtypeStruct),
            (0..4_u32, boxed()).prop_map(|(index, data)| Data::NewtypeVariant(index, data)),
            some().prop_map(Data::Sequence),
            some().prop_map(Data::Tuple),
            some().prop_map(Data::TupleStruct),
            (0..4_u32, some()).prop_map(|(index, data)| Data::TupleVariant(index, data)),
            vec([inner.clone(), inner.clone()], 0..=3).prop_map(Data::Map),
            some().prop_map(Data::Struct),
            (0..4_u32, some()).prop_map(|(index, data)| Data::StructVariant(index, data)),
        ]
    })
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let name = |index: &u32| NAMES[*index as usize];
        match self {
            Self::Bool(value) => to.serialize_bool(*value),
            Self::I8(value) => to.serialize_i8(*value),
            Self::I16(value) => to.serialize_i16(*value),
            Self::I32(value) => to.serialize_i32(*value),
            Self::I64(value) => to.serialize_i64(*value),
            Self::I128(value) => to.serialize_i128(*value),
            Self::U8(value) => to.serialize_u8(*value),
            Self::U16(value) => to.serialize_u16(*value),
            Self::U32(value) => to.serialize_u32(*value),
            Self::U64(value) => to.serialize_u64(*value),
            Self::U128(value) => to.serialize_u128(*value),
            Self::F32(bits) => to.serialize_f32(f32::from_bits(*bits)),
            Self::F64(bits) => to.serialize_f64(f64::from_bits(*bits)),
            Self::Char(value) => to.serialize_char(*value),
            Self::Text(value) => to.serialize_str(value),
            Self::Bytes(value) => to.serialize_bytes(value),
            Self::None => to.serialize_none(),
            Self::Some(value) => to.serialize_some(value),
            Self::Unit => to.serialize_unit(),
            Self::UnitStruct => to.serialize_unit_struct("Unit"),
            Self::UnitVariant(index) => to.serialize_unit_variant("Enum", *index, name(index)),
            Self::NewtypeStruct(value) => to.serialize_newtype_struct("Newtype", value),
            Self::NewtypeVariant(index, value) => {
                to.serialize_newtype_variant("Enum", *index, name(index), value)
            }
            Self::Sequence(values) => {
                let mut to = to.serialize_seq(Some(values.len()))?;
                values.iter().try_for_each(|value| to.serialize_element(value))?;
                to.end()
            }
            Self::Tuple(values) => {
                let mut to = to.serialize_tuple(values.len())?;
                values.iter().try_for_each(|value| to.serialize_element(value))?;
                to.end()
            }
            Self::TupleStruct(values) => {
                let mut to = to.serialize_tuple_struct("Tuple", values.len())?;
                values.iter().try_for_each(|value| to.serialize_field(value))?;
                to.end()
            }
            Self::TupleVariant(index, values) => {
                let length = values.len();
                let mut to = to.serialize_tuple_variant("Enum", *index, name(index), length)?;
                values.iter().try_for_each(|value| to.serialize_field(value))?;
                to.end()
            }
            Self::Map(entries) => {
                let mut to = to.serialize_map(Some(entries.len()))?;
                for [key, value] in entries {
                    to.serialize_key(key)?;
                    to.serialize_value(value)?;
                }
                to.end()
            }
            Self::Struct(values) => {
                let mut to = to.serialize_struct("Struct", values.len())?;
                let mut fields = NAMES.iter().zip(values);
                fields.try_for_each(|(name, value)| to.serialize_field(name, value))?;
                to.end()
            }
            Self::StructVariant(index, values) => {
                let length = values.len();
                let mut to = to.serialize_struct_variant("Enum", *index, name(index), length)?;
                let mut fields = NAMES.iter().zip(values);
                fields.try_for_each(|(name, value)| to.serialize_field(name, value))?;
                to.end()
            }
        }
    }
}

/// Reads a value of the same form.
struct Like<'t>(&'t Data);

thread_local! {
    /// The form of a value, for writing and reading. The layout does not contain it.
    static FORM: RefCell<Data> = const { RefCell::new(Data::Unit) };
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let form = FORM.with_borrow(Clone::clone);
        Like(&form).deserialize(from)
    }
}

impl<'de> DeserializeSeed<'de> for Like<'_> {
    type Value = Data;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Data, D::Error> {
        macro_rules! scalar {
            ($variant:ident) => {
                Deserialize::deserialize(from).map(Data::$variant)
            };
        }
        match self.0 {
            Data::Bool(_) => scalar!(Bool),
            Data::I8(_) => scalar!(I8),
            Data::I16(_) => scalar!(I16),
            Data::I32(_) => scalar!(I32),
            Data::I64(_) => scalar!(I64),
            Data::I128(_) => scalar!(I128),
            Data::U8(_) => scalar!(U8),
            Data::U16(_) => scalar!(U16),
            Data::U32(_) => scalar!(U32),
            Data::U64(_) => scalar!(U64),
            Data::U128(_) => scalar!(U128),
            Data::F32(_) => f32::deserialize(from).map(|value| Data::F32(value.to_bits())),
            Data::F64(_) => f64::deserialize(from).map(|value| Data::F64(value.to_bits())),
            Data::Char(_) => scalar!(Char),
            Data::Text(_) => scalar!(Text),
            Data::Bytes(_) => from.deserialize_byte_buf(self),
            Data::None | Data::Some(_) => from.deserialize_option(self),
            Data::Unit => from.deserialize_unit(self),
            Data::UnitStruct => from.deserialize_unit_struct("Unit", self),
            Data::UnitVariant(_)
            | Data::NewtypeVariant(..)
            | Data::TupleVariant(..)
            | Data::StructVariant(..) => from.deserialize_enum("Enum", NAMES, self),
            Data::NewtypeStruct(_) => from.deserialize_newtype_struct("Newtype", self),
            Data::Sequence(_) => from.deserialize_seq(self),
            Data::Tuple(values) => from.deserialize_tuple(values.len(), self),
            Data::TupleStruct(values) => from.deserialize_tuple_struct("Tuple", values.len(), self),
            Data::Map(_) => from.deserialize_map(self),
            Data::Struct(values) => from.deserialize_struct("Struct", &NAMES[..values.len()], self),
        }
    }
}

impl<'de> Visitor<'de> for Like<'_> {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the like of {:?}", self.0)
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Data, E> {
        Ok(Data::Bytes(bytes))
    }

    fn visit_none<E>(self) -> Result<Data, E> {
        Ok(Data::None)
    }

    fn visit_unit<E>(self) -> Result<Data, E> {
        Ok(self.0.clone())
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Data, D::Error> {
        let form = if let Data::Some(form) = self.0 { form } else { &Data::Unit };
        Ok(Data::Some(Box::new(Like(form).deserialize(from)?)))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<Data, D::Error> {
        let Data::NewtypeStruct(form) = self.0 else { unreachable!() };
        Ok(Data::NewtypeStruct(Box::new(Like(form).deserialize(from)?)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Data, A::Error> {
        let (make, forms): (fn(Vec<Data>) -> Data, _) = match self.0 {
            Data::Sequence(forms) => (Data::Sequence, forms),
            Data::Tuple(forms) => (Data::Tuple, forms),
            Data::TupleStruct(forms) => (Data::TupleStruct, forms),
            Data::Struct(forms) => (Data::Struct, forms),
            other => unreachable!("{other:?}"),
        };
        let mut values = Vec::new();
        for form in forms {
            values.extend(from.next_element_seed(Like(form))?);
        }
        Ok(make(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Data, A::Error> {
        let forms = match self.0 {
            Data::Map(forms) => forms,
            Data::Struct(forms) => return fields(from, forms).map(Data::Struct),
            Data::Tuple(forms) => return fields(from, forms).map(Data::Tuple),
            other => unreachable!("{other:?}"),
        };
        let mut entries = Vec::new();
        for [key, value] in forms {
            let Some(key) = from.next_key_seed(Like(key))? else { break };
            entries.push([key, from.next_value_seed(Like(value))?]);
        }
        Ok(Data::Map(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, from: A) -> Result<Data, A::Error> {
        let (index, from) = from.variant::<Index>()?;
        let index = index.0;
        Ok(match self.0 {
            Data::UnitVariant(_) => {
                from.unit_variant()?;
                Data::UnitVariant(index)
            }
            Data::NewtypeVariant(_, form) => {
                let value = from.newtype_variant_seed(Like(form))?;
                Data::NewtypeVariant(index, Box::new(value))
            }
            Data::TupleVariant(_, forms) => {
                let form = Data::Tuple(forms.clone());
                let values = from.tuple_variant(forms.len(), Like(&form))?;
                let Data::Tuple(values) = values else { unreachable!() };
                Data::TupleVariant(index, values)
            }
            Data::StructVariant(_, forms) => {
                let form = Data::Tuple(forms.clone());
                let values = from.struct_variant(&NAMES[..forms.len()], Like(&form))?;
                let Data::Tuple(values) = values else { unreachable!() };
                Data::StructVariant(index, values)
            }
            other => unreachable!("{other:?}"),
        })
    }
}

/// The fields of a struct, if the format has their names.
fn fields<'de, A: MapAccess<'de>>(mut from: A, forms: &[Data]) -> Result<Vec<Data>, A::Error> {
    let mut values = Vec::new();
    for (name, form) in NAMES.iter().zip(forms) {
        assert_eq!(from.next_key::<String>()?.as_deref(), Some(*name));
        values.push(from.next_value_seed(Like(form))?);
    }
    Ok(values)
}

/// The number of a variant, as serde's derives read it.
struct Index(u32);

impl<'de> Deserialize<'de> for Index {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Index;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the number of a variant")
            }

            fn visit_u64<E: serde::de::Error>(self, index: u64) -> Result<Index, E> {
                u32::try_from(index).map(Index).map_err(E::custom)
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Index, E> {
                let place = NAMES.iter().position(|other| *other == name);
                self.visit_u64(place.ok_or_else(|| E::custom("no variant"))? as u64)
            }
        }
        from.deserialize_identifier(Number)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn all_that_serde_knows_is_written_as_bincode_writes_it(value in data()) {
        FORM.set(value.clone());
        let layout = bincode::config::legacy();
        let payload = super::write(&value)?;
        prop_assert_eq!(&payload, &bincode_1::serialize(&value).unwrap());
        prop_assert_eq!(&payload, &bincode::serde::encode_to_vec(&value, layout).unwrap());
        prop_assert_eq!(&super::read::<Data>(&payload)?, &value);
        prop_assert_eq!(&bincode_1::deserialize::<Data>(&payload).unwrap(), &value);
        super::mutate::<Data>(&payload[..payload.len().min(300)]);
    }
}

/// Whether MessagePack writes it as nil.
#[cfg(feature = "messagepack")]
fn is_nil(value: &Data) -> bool {
    match value {
        Data::None | Data::Unit => true,
        Data::Some(inner) | Data::NewtypeStruct(inner) => is_nil(inner),
        _ => false,
    }
}

/// Whether it holds a `Some` that would be read as a `None`.
#[cfg(feature = "messagepack")]
fn loses_some(value: &Data) -> bool {
    match value {
        Data::Some(inner) => is_nil(inner) || loses_some(inner),
        Data::NewtypeStruct(inner) | Data::NewtypeVariant(_, inner) => loses_some(inner),
        Data::Sequence(values)
        | Data::Tuple(values)
        | Data::TupleStruct(values)
        | Data::TupleVariant(_, values)
        | Data::Struct(values)
        | Data::StructVariant(_, values) => values.iter().any(loses_some),
        Data::Map(entries) => entries.iter().flatten().any(loses_some),
        _ => false,
    }
}

#[cfg(feature = "messagepack")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn all_that_serde_knows_is_written_as_rmp_serde_writes_it_or_refused(value in data()) {
        use ps_serialize::{Decode, Encode, MessagePack, Payload};

        FORM.set(value.clone());
        let mut payload = Vec::new();
        let written = MessagePack::encode(&value, &mut payload);
        prop_assert_eq!(written.is_err(), loses_some(&value), "{:?}", written);
        if written.is_ok() {
            prop_assert_eq!(&payload, &rmp_serde::to_vec_named(&value).unwrap());
            let read = |payload: &[u8]| Payload::read(payload, <MessagePack as Decode<Data>>::decode);
            prop_assert_eq!(&read(&payload)?, &value);
            for end in 0..payload.len().min(300) {
                prop_assert!(read(&payload[..end]).is_err());
            }
        }
    }
}
