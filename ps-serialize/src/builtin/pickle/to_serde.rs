//! From what a pickle has built to serde's types.

use std::borrow::Cow;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

#[cfg(feature = "ndarray")]
use super::array;
use super::class;
use super::classes::{self, Found};
use super::in_order::{self, Ordered};
#[cfg(feature = "ndarray")]
use super::item::Item;
use super::node::{Base, Id, Instance, Made, Node, Piece, visit_text};
use super::numbers::Packed;
#[cfg(feature = "ndarray")]
use super::numpy;
#[cfg(feature = "ndarray")]
use super::objects::Objects;
use super::seen::Seen;
use super::standard::Standard;
use super::to_value::Reader;
use super::value::Value;
use crate::class::Class;
use crate::codec::nesting::Nesting;
use crate::error::Error;

/// A node, and how many levels may be inside of it.
#[derive(Clone, Copy)]
pub(super) struct NodeDeserializer<'r, 'n, 'p> {
    reader: &'r Reader<'n, 'p>,
    id: Id,
    nesting: Nesting,
    /// The Python class that is asked for, where the type alone does not say.
    class: Option<&'static Class>,
}

impl<'r, 'n, 'p> NodeDeserializer<'r, 'n, 'p> {
    pub(super) fn new(reader: &'r Reader<'n, 'p>, id: Id, nesting: Nesting) -> Self {
        Self { reader, id, nesting, class: None }
    }

    /// Asks for an instance of a class.
    pub(super) fn of_class(self, class: Option<&'static Class>) -> Self {
        Self { class, ..self }
    }

    /// The instance, or the member of an enum, if a class is asked for. One of another class is an error.
    #[inline]
    fn asked_for<T>(self) -> Result<Option<(&'static Class, Found<'n>)>, Error> {
        let Some(found) = classes::found(self.reader.pickled, self.id) else { return Ok(None) };
        let Some(class) = self.class_of::<T>()? else { return Ok(None) };
        found.check(class)?;
        Ok(Some((class, found)))
    }

    /// The class that is asked for.
    fn class_of<T>(self) -> Result<Option<&'static Class>, Error> {
        match self.class {
            None => classes::of::<T>(),
            class => Ok(class),
        }
    }

    /// Gives a visitor the fields of an instance.
    fn visit_fields<V: Visitor<'p>>(
        self,
        class: &'static Class,
        instance: &'n Instance,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.view(instance)? {
            View::Standard(seen) => seen.deserialize_any(visitor),
            View::Map(parts) => self.visit_entries(parts, visitor),
            View::Sequence([]) => self.visit_entries([&[], &[]], visitor),
            View::Sequence(ids) => self.visit_unnamed(class, ids.len(), instance, visitor),
            View::Value(state) => {
                // A state that is an `OrderedDict` and the like has names.
                if let (Some(_), Node::Instance(inner)) = (instance.state, state.node())
                    && let View::Map(parts) = state.view(inner)?
                {
                    return state.visit_entries(parts, visitor);
                }
                let count = self.numbers(instance).map_or(1, Packed::len);
                self.visit_unnamed(class, count, instance, visitor)
            }
        }
    }

    /// Gives a visitor of fields the values of an instance if their positions say enough.
    fn visit_unnamed<V: Visitor<'p>>(
        self,
        class: &'static Class,
        count: usize,
        instance: &'n Instance,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if class.is_positional() {
            return self.visit_in_order(class, instance, visitor);
        }
        Err(Ordered { class, count }.without_names())
    }

    fn node(self) -> &'n Node<'p> {
        self.reader.pickled.node(self.id)
    }

    fn visit_entries<V: Visitor<'p>>(
        self,
        parts: [&'n [Id]; 2],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut entries =
            MapDeserializer::new(self.entries(parts[0])?.chain(self.entries(parts[1])?));
        let value = visitor.visit_map(&mut entries)?;
        entries.end()?;
        Ok(value)
    }

    /// The error of a struct that no class is asked for.
    #[cold]
    fn without_names(self, name: &str) -> Error {
        in_order::of_a_struct(name, classes::found(self.reader.pickled, self.id))
    }

    /// Gives a visitor the values of an instance by their positions.
    fn visit_in_order<V: Visitor<'p>>(
        self,
        class: &'static Class,
        instance: &'n Instance,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Some(packed) = self.numbers(instance) else {
            let values = self.values(instance)?;
            return Ordered { class, count: values.len() }.visit(values.into_iter(), visitor);
        };
        let values = Ordered { class, count: packed.len() };
        let nesting = self.deeper()?.nesting;
        match packed {
            Packed::Floats(floats) => {
                let floats = floats.iter().map(|number| Number { number: *number, nesting });
                values.visit(floats, visitor)
            }
            Packed::Integers(integers) => {
                let integers = integers.iter().map(|number| Number { number: *number, nesting });
                values.visit(integers, visitor)
            }
        }
    }

    /// The values of an instance, if they are a list of numbers of one kind.
    fn numbers(self, instance: &Instance) -> Option<&'n Packed> {
        match self.reader.pickled.node(instance.state?) {
            Node::Numbers(packed) => Some(packed),
            _ => None,
        }
    }

    /// The values of the fields of an instance, by their positions.
    fn values(self, instance: &'n Instance) -> Result<Vec<Self>, Error> {
        Ok(match self.view(instance)? {
            View::Standard(_) => vec![self],
            View::Value(value) => vec![value],
            View::Sequence(ids) => self.inner(ids)?.collect(),
            View::Map([fields, others] | [others, fields]) if others.is_empty() => {
                self.entries(fields)?.map(|(_, value)| value).collect()
            }
            View::Map(_) => {
                return Err(Error::custom(
                    "the order of the fields is not known, since some are in slots: give the fields names in Rust",
                ));
            }
        })
    }

    #[cfg(feature = "ndarray")]
    pub(super) fn charge(self, bytes: usize) -> Result<(), Error> {
        self.reader.charge(bytes)
    }

    /// The reader of another node, inside of this one.
    #[cfg(feature = "ndarray")]
    pub(super) fn at(self, id: Id) -> Result<Self, Error> {
        Ok(Self { id, ..self.deeper()? })
    }

    /// The node inside of this one.
    pub(super) fn deeper(self) -> Result<Self, Error> {
        match self.nesting.deeper() {
            Ok(nesting) => Ok(Self { nesting, class: None, ..self }),
            Err(error) => Err(self.reader.too_deep(error)),
        }
    }

    /// Elements of this one.
    pub(super) fn inner(self, ids: &'n [Id]) -> Result<impl Iterator<Item = Self>, Error> {
        let inner = self.deeper()?;
        Ok(ids.iter().map(move |id| Self { id: *id, ..inner }))
    }

    /// The NumPy scalar, or the element of an array without dimensions, if this is one.
    #[cfg(feature = "ndarray")]
    #[inline]
    fn item(self) -> Result<Option<Item<'n, 'p>>, Error> {
        match self.reader.pickled.node(self.id) {
            Node::Call { .. } if numpy::is_array(self.reader.pickled, self.id) => {
                match Objects::of(self.reader.pickled, self.id)? {
                    Some(_) => Ok(None),
                    None => numpy::item(self.reader, self.id, self.nesting),
                }
            }
            _ => Ok(None),
        }
    }

    /// Lends a visitor of bytes an array of them.
    #[cfg(feature = "ndarray")]
    fn visit_bytes_of_array<V: Visitor<'p>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_plain_array()?
            && let Some(bytes) = numpy::bytes(self.reader, self.id)?
        {
            return bytes.visit(visitor);
        }
        self.deserialize_any(visitor)
    }

    /// Whether it is an array or a scalar, but not of Python objects.
    #[cfg(feature = "ndarray")]
    fn is_plain_array(self) -> Result<bool, Error> {
        let pickled = self.reader.pickled;
        Ok(numpy::is_array(pickled, self.id) && Objects::of(pickled, self.id)?.is_none())
    }

    /// The form in which serde sees an instance.
    fn view(self, instance: &'n Instance) -> Result<View<'n, Self>, Error> {
        let pickled = self.reader.pickled;
        if let Some((standard, parts)) = self.reader.standard(instance)? {
            let Instance { arguments, items, entries, .. } = instance;
            return Ok(match standard {
                Standard::Deque => View::Sequence(items),
                Standard::Slice | Standard::Interval => View::Sequence(arguments),
                Standard::Counter if !arguments.is_empty() => {
                    match (pickled.node(arguments[0]), arguments.len()) {
                        (Node::Dict(counts), 1) => View::Map([counts, entries]),
                        _ => {
                            return Err(Error::custom(
                                "a `Counter` of something that is not a `dict`",
                            ));
                        }
                    }
                }
                _ if standard.is_container() => View::Map([entries, &[]]),
                _ => {
                    View::Standard(Seen::new(standard, &parts, self.nesting, self.reader.budget())?)
                }
            });
        }
        let Instance { made, arguments, keywords, state, items, entries, .. } = instance;
        let none = &[][..];
        if let (Made::From(base), &[value]) = (made, &arguments[..])
            && *base != Base("tuple")
        {
            return Ok(View::Value(Self { id: value, ..self.deeper()? }));
        }
        let Some(state) = state else {
            return Ok(match &arguments[..] {
                // A class derived from `deque` or `defaultdict` has arguments too.
                _ if !items.is_empty() => View::Sequence(items),
                _ if !entries.is_empty() => View::Map([keywords, entries]),
                // The member of an enum is its value.
                [value] if *made == Made::Called => {
                    View::Value(Self { id: *value, ..self.deeper()? })
                }
                [_, ..] => View::Sequence(arguments),
                [] => View::Map([keywords, entries]),
            });
        };
        Ok(match pickled.node(*state) {
            _ if !items.is_empty() => View::Sequence(items),
            _ if !entries.is_empty() => View::Map([entries, none]),
            Node::List(ids) => View::Sequence(ids),
            Node::Tuple(parts) => match parts[..] {
                [dict, slots] => match (pickled.dict_or_none(dict), pickled.dict_or_none(slots)) {
                    (Some(dict), Some(slots)) => View::Map([dict, slots]),
                    _ => View::Sequence(parts),
                },
                _ => View::Sequence(parts),
            },
            Node::Dict(fields) => {
                // Pydantic has the attributes one level deeper, beside its own.
                let part =
                    |name| pickled.entry(fields, name).and_then(|id| pickled.dict_or_none(id));
                match part("__dict__") {
                    Some(dict) => View::Map([dict, part("__pydantic_extra__").unwrap_or(none)]),
                    None => View::Map([fields, none]),
                }
            }
            _ => View::Value(Self { id: *state, ..self.deeper()? }),
        })
    }

    fn entries(
        self,
        ids: &'n [Id],
    ) -> Result<impl Iterator<Item = (Self, Self)> + use<'r, 'n, 'p>, Error> {
        let inner = self.deeper()?;
        let at = move |id: &Id| Self { id: *id, ..inner };
        Ok(ids.as_chunks().0.iter().map(move |[key, value]| (at(key), at(value))))
    }
}

impl<'de> IntoDeserializer<'de, Error> for NodeDeserializer<'_, '_, 'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Gives a visitor a sequence. The visitor must take all elements.
pub(super) fn visit_all<'de, I, V>(elements: I, visitor: V) -> Result<V::Value, Error>
where
    I: Iterator<Item: IntoDeserializer<'de, Error>>,
    V: Visitor<'de>,
{
    let mut elements = SeqDeserializer::new(elements);
    let value = visitor.visit_seq(&mut elements)?;
    elements.end()?;
    Ok(value)
}

/// Methods that read one number or text, and the method that reads an array. They read a NumPy time as its count, and an instance
/// of a class that is derived from `int` or `str` as its value.
macro_rules! single {
    ($array:ident: $($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.reader.pickled.node(self.id) {
                Node::Instance(instance) => match (self.view(instance)?, &instance.arguments[..]) {
                    (View::Standard(seen), _) => seen.$method(visitor),
                    (View::Value(value), _) => value.$method(visitor),
                    (_, &[value]) => Self { id: value, ..self.deeper()? }.$method(visitor),
                    _ => self.deserialize_any(visitor),
                },
                #[cfg(feature = "ndarray")]
                Node::Call { .. } => match self.item()? {
                    Some(item) => item.$method(visitor),
                    None => self.$array(visitor),
                },
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

/// Text and bytes are borrowed from the pickle.
impl<'de> Deserializer<'de> for NodeDeserializer<'_, '_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.reader.enter(self.id)? {
            Node::None => visitor.visit_unit(),
            Node::Bool(bool) => visitor.visit_bool(*bool),
            Node::Int(integer) => match u64::try_from(*integer) {
                Ok(natural) => visitor.visit_u64(natural),
                Err(_) => visitor.visit_i64(*integer),
            },
            Node::BigInt(integer) => {
                let integer = &**integer;
                if let Ok(integer) = u64::try_from(integer) {
                    visitor.visit_u64(integer)
                } else if let Ok(integer) = i128::try_from(integer) {
                    visitor.visit_i128(integer)
                } else if let Ok(integer) = u128::try_from(integer) {
                    visitor.visit_u128(integer)
                } else {
                    Err(Error::custom(format!(
                        "an integer of {} bits: `pickle::Value` takes any",
                        integer.bits()
                    )))
                }
            }
            Node::Float(float) => visitor.visit_f64(*float),
            Node::Complex(real, imaginary) => visit_all([*real, *imaginary].into_iter(), visitor),
            Node::Text(text) => visit_text(text, visitor),
            Node::OldText(Cow::Borrowed(bytes)) if bytes.is_ascii() => {
                visitor.visit_borrowed_str(std::str::from_utf8(bytes).unwrap_or_default())
            }
            Node::OldText(bytes) => match self.reader.pickled.text(self.id) {
                Some(text) => visitor.visit_str(text),
                None => Piece::from(bytes).visit(visitor),
            },
            Node::Bytes(bytes) | Node::ByteArray(bytes) => Piece::from(bytes).visit(visitor),
            Node::List(ids) | Node::Tuple(ids) | Node::Set(ids) | Node::FrozenSet(ids) => {
                visit_all(self.inner(ids)?, visitor)
            }
            Node::Numbers(packed) => {
                let nesting = self.deeper()?.nesting;
                self.reader.charge(packed.len().saturating_mul(size_of::<Value>()))?;
                match packed {
                    Packed::Floats(floats) => visit_all(
                        floats.iter().map(|number| Number { number: *number, nesting }),
                        visitor,
                    ),
                    Packed::Integers(integers) => visit_all(
                        integers.iter().map(|number| Number { number: *number, nesting }),
                        visitor,
                    ),
                }
            }
            Node::Dict(ids) => {
                let mut entries = MapDeserializer::new(self.entries(ids)?);
                let value = visitor.visit_map(&mut entries)?;
                entries.end()?;
                Ok(value)
            }
            #[cfg(feature = "ndarray")]
            Node::Call { .. } if numpy::is_array(self.reader.pickled, self.id) => {
                match Objects::of(self.reader.pickled, self.id)? {
                    Some(objects) => objects.visit(self, visitor),
                    None => numpy::visit(self.reader, self.id, self.nesting, visitor),
                }
            }
            Node::Instance(instance) => match self.view(instance)? {
                View::Standard(seen) => seen.deserialize_any(visitor),
                View::Value(value) => value.deserialize_any(visitor),
                View::Sequence(ids) => visit_all(self.inner(ids)?, visitor),
                View::Map(parts) => self.visit_entries(parts, visitor),
            },
            Node::Global(global) if class::is_missing(&global.module, &global.name) => {
                visitor.visit_unit()
            }
            Node::Global(global) if global.is_attribute || global.role.is_value() => {
                visitor.visit_str(global.name.rsplit('.').next().unwrap_or_default())
            }
            Node::Global(_) | Node::Call { .. } | Node::Persistent(_) => {
                Err(self.reader.not_plain(self.id))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if classes::is_slot::<V::Value>() {
            return visitor.visit_u32(self.id);
        }
        match self.reader.pickled.node(self.id) {
            Node::None => visitor.visit_none(),
            Node::Global(global) if class::is_missing(&global.module, &global.name) => {
                visitor.visit_none()
            }
            Node::Instance(instance) => match self.view(instance)? {
                View::Standard(seen) => seen.deserialize_option(visitor),
                _ => visitor.visit_some(self.deeper()?),
            },
            #[cfg(feature = "ndarray")]
            Node::Call { .. } if self.item()?.is_some_and(|item| item.is_not_a_time()) => {
                visitor.visit_none()
            }
            _ => visitor.visit_some(self.deeper()?),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Some((class, Found::Instance(instance, _))) = self.asked_for::<V::Value>()? {
            if let Some(numbers) = self.numbers(instance) {
                let nesting = self.deeper()?.nesting;
                return match numbers {
                    Packed::Floats(floats) if floats.len() == 1 => {
                        visitor.visit_newtype_struct(Number { number: floats[0], nesting })
                    }
                    Packed::Integers(integers) if integers.len() == 1 => {
                        visitor.visit_newtype_struct(Number { number: integers[0], nesting })
                    }
                    _ => Err(not_one(class)),
                };
            }
            let [value] = self.values(instance)?[..] else { return Err(not_one(class)) };
            return visitor.visit_newtype_struct(value);
        }
        visitor.visit_newtype_struct(self.deeper()?)
    }

    /// Bytes are a sequence of numbers for those who ask for one: `Vec<u8>` does.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.reader.pickled.node(self.id) {
            Node::Bytes(bytes) | Node::ByteArray(bytes) => {
                self.reader.charge(bytes.len())?;
                visit_all(bytes.iter().copied(), visitor)
            }
            Node::Instance(instance) => match self.view(instance)? {
                View::Standard(seen) => seen.deserialize_seq(visitor),
                _ => self.deserialize_any(visitor),
            },
            #[cfg(feature = "ndarray")]
            Node::Call { .. } => match (self.item()?, self.is_plain_array()?) {
                (Some(item), _) => item.deserialize_seq(visitor),
                (None, true) => numpy::visit_seq(self.reader, self.id, self.nesting, visitor),
                (None, false) => self.deserialize_any(visitor),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    #[cfg_attr(not(feature = "ndarray"), allow(unused_variables))]
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        #[cfg(feature = "ndarray")]
        if name == array::PARTS {
            if !self.is_plain_array()? {
                return Err(Error::custom(
                    "expected a NumPy array of numbers, text or times, and the pickle has something else",
                ));
            }
            return array::visit(numpy::parts(self.reader, self.id)?, visitor);
        }
        if let Some((class, Found::Instance(instance, _))) = self.asked_for::<V::Value>()? {
            return self.visit_in_order(class, instance, visitor);
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Some((class, Found::Instance(instance, _))) = self.asked_for::<V::Value>()? {
            return self.visit_fields(class, instance, visitor);
        }
        match self.reader.pickled.node(self.id) {
            Node::Instance(instance) => match self.view(instance)? {
                View::Standard(seen) => seen.deserialize_struct(name, fields, visitor),
                View::Sequence([_, ..]) if !name.is_empty() => Err(self.without_names(name)),
                View::Value(_) if self.numbers(instance).is_some() => Err(self.without_names(name)),
                _ => self.deserialize_any(visitor),
            },
            Node::List(_) | Node::Tuple(_) | Node::Numbers(_) => {
                match self.class_of::<V::Value>()? {
                    Some(class) => Err(in_order::not_an_instance(class)),
                    None => self.deserialize_any(visitor),
                }
            }
            _ => self.deserialize_any(visitor),
        }
    }

    /// A struct with flattened fields asks for a map.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_struct("", &[], visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Some((_, Found::Instance(..))) = self.asked_for::<V::Value>()? {
            return visitor.visit_unit();
        }
        self.deserialize_any(visitor)
    }

    /// The name of a variant, or a dictionary of the name and what is in it.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Some((class, found)) = self.asked_for::<V::Value>()? {
            return match found {
                Found::Member(member, _) => visit_member(member, visitor),
                Found::Instance(instance, _) => self.visit_by_value(class, instance, visitor),
            };
        }
        match self.reader.pickled.node(self.id) {
            Node::Dict(ids) if ids.len() == 2 => {
                let mut entries = self.entries(ids)?;
                let (name, content) = entries.next().expect("two nodes are one entry");
                visitor.visit_enum(Variant { name, content: Some(content), nesting: self.nesting })
            }
            Node::Instance(instance) => match self.view(instance)? {
                View::Standard(seen) => seen.deserialize_enum(name, variants, visitor),
                View::Value(value) => value.deserialize_enum(name, variants, visitor),
                _ => {
                    visitor.visit_enum(Variant { name: self, content: None, nesting: self.nesting })
                }
            },
            Node::Dict(_) => Err(Error::custom(
                "a variant of an enum is a `dict` of one entry: its name, and what is in it",
            )),
            _ => visitor.visit_enum(Variant { name: self, content: None, nesting: self.nesting }),
        }
    }

    /// Text only: serde would take numbers for the places of fields.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Node::Text(_) = self.reader.pickled.node(self.id) {
            return self.deserialize_any(visitor);
        }
        #[cfg(feature = "ndarray")]
        if let Some(item) = self.item()? {
            return item.deserialize_identifier(visitor);
        }
        if let Node::Instance(instance) = self.reader.pickled.node(self.id) {
            match self.view(instance)? {
                View::Standard(seen) => return seen.deserialize_identifier(visitor),
                View::Value(value) => return value.deserialize_identifier(visitor),
                _ => {}
            }
        }
        match self.reader.pickled.text(self.id) {
            Some(_) => self.deserialize_any(visitor),
            None => Err(Error::custom("the name of a field or a variant that is not text")),
        }
    }

    single! {
        deserialize_any:
        deserialize_bool deserialize_char deserialize_str deserialize_string deserialize_f32 deserialize_f64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    single! { visit_bytes_of_array: deserialize_bytes deserialize_byte_buf }

    forward_to_deserialize_any! { unit ignored_any }
}

fn visit_member<'de, V: Visitor<'de>>(member: &str, visitor: V) -> Result<V::Value, Error> {
    visitor.visit_enum(IntoDeserializer::<Error>::into_deserializer(member))
}

impl<'n, 'p> NodeDeserializer<'_, 'n, 'p> {
    /// Gives a visitor the member of an enum that Python pickled by its value.
    fn visit_by_value<V: Visitor<'p>>(
        self,
        class: &'static Class,
        instance: &'n Instance,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let pickled = self.reader.pickled;
        let &[value] = &instance.arguments[..] else { return Err(not_one(class)) };
        let number = match pickled.node(value) {
            Node::Int(number) => i128::from(*number),
            Node::BigInt(number) => i128::try_from(&**number).map_err(|_| {
                Error::custom(format!(
                    "a member of the Python enum `{class}` by an integer of {} bits: the limit is 127",
                    number.bits()
                ))
            })?,
            _ => match pickled.text(value) {
                Some(name) => return visit_member(name, visitor),
                None => {
                    return Err(Error::custom(format!(
                        "a member of the Python enum `{class}` by a value that is neither text nor an integer: let Python pickle it by its name, by `__reduce_ex__ = enum.pickle_by_enum_name` in the class"
                    )));
                }
            },
        };
        let numbers = class.functions().numbers();
        let member = numbers.iter().find(|(known, _)| *known == number);
        match member.and_then(|(_, name)| name.as_deref()) {
            Some(member) => visit_member(member, visitor),
            None if numbers.is_empty() => Err(Error::custom(format!(
                "the member of the Python enum `{class}` with the value {number}: give the variants the numbers that Python has, as in `Red = 1`"
            ))),
            None => Err(Error::custom(format!(
                "the Python enum `{class}` has a member with the value {number}, which no variant has in Rust"
            ))),
        }
    }
}

#[cold]
fn not_one(class: &Class) -> Error {
    Error::custom(format!(
        "an instance of the Python class `{class}` with another number of values than one"
    ))
}

/// A number of a list of numbers, and how many levels may be inside of it.
pub(super) struct Number<T> {
    pub(super) number: T,
    pub(super) nesting: Nesting,
}

macro_rules! numbers {
    ($($type:ty: |$number:ident, $visitor:ident| $visit:expr;)*) => {$(
        impl<'de> IntoDeserializer<'de, Error> for Number<$type> {
            type Deserializer = Self;

            fn into_deserializer(self) -> Self {
                self
            }
        }

        impl<'de> Deserializer<'de> for Number<$type> {
            type Error = Error;

            #[inline]
            fn deserialize_any<V: Visitor<'de>>(self, $visitor: V) -> Result<V::Value, Error> {
                let $number = self.number;
                $visit
            }

            fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
                visitor.visit_some(Self { nesting: self.nesting.deeper()?, ..self })
            }

            fn deserialize_newtype_struct<V: Visitor<'de>>(
                self,
                _name: &'static str,
                visitor: V,
            ) -> Result<V::Value, Error> {
                visitor.visit_newtype_struct(Self { nesting: self.nesting.deeper()?, ..self })
            }

            forward_to_deserialize_any! {
                bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
                seq tuple tuple_struct unit unit_struct map struct enum identifier ignored_any
            }
        }
    )*};
}

numbers! {
    f64: |float, visitor| visitor.visit_f64(float);
    f32: |float, visitor| visitor.visit_f32(float);
    i64: |integer, visitor| match u64::try_from(integer) {
        Ok(natural) => visitor.visit_u64(natural),
        Err(_) => visitor.visit_i64(integer),
    };
}

/// The form in which serde sees an instance: its only value, values in an order, or fields with names.
enum View<'n, T> {
    Standard(Seen<'n>),
    Value(T),
    Sequence(&'n [Id]),
    Map([&'n [Id]; 2]),
}

struct Variant<'r, 'n, 'p> {
    name: NodeDeserializer<'r, 'n, 'p>,
    content: Option<NodeDeserializer<'r, 'n, 'p>>,
    /// The nesting of the enum itself: its fields are not one level deeper.
    nesting: Nesting,
}

impl<'de> EnumAccess<'de> for Variant<'_, '_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        Ok((seed.deserialize(self.name)?, self))
    }
}

impl<'r, 'n, 'p> Variant<'r, 'n, 'p> {
    fn fields(self) -> Result<NodeDeserializer<'r, 'n, 'p>, Error> {
        let nesting = self.nesting;
        Ok(NodeDeserializer { nesting, ..self.content()? })
    }

    fn content(self) -> Result<NodeDeserializer<'r, 'n, 'p>, Error> {
        self.content.ok_or_else(|| {
            Error::custom(
                "a variant that has values is a `dict` of one entry, and this is only its name",
            )
        })
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.content {
            None => Ok(()),
            Some(content) => de::Deserialize::deserialize(content),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.fields()?.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.fields()?.deserialize_struct("", fields, visitor)
    }
}
