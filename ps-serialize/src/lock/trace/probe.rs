//! The deserializer that types ask.

use std::any::type_name;

use serde::de::value::{BorrowedStrDeserializer, U32Deserializer, UnitDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::seen::{Call, State, Visit};
use super::stop::Stop;
use super::{ASKS, BY_NAME, NOT_REACHED, Slot, Tracer, values};
use crate::lock::shape::{Id, Leaf};

/// The name of a field that no type has.
const STRANGER: &str = "\u{fffd} a field of another type";

/// A value that is asked for.
pub(super) struct Probe<'t> {
    pub(super) tracer: &'t mut Tracer,
    pub(super) slot: Slot,
    /// The number of the attempt, and whether the attempt belongs to this place itself.
    pub(super) attempt: (usize, bool),
}

type Result<T, E = Stop> = std::result::Result<T, E>;

impl<'t> Probe<'t> {
    fn leaf<V>(self, leaf: Leaf, visit: impl FnOnce(&mut Self) -> Result<V>) -> Result<V>
    where
        V: Sized,
    {
        self.leaf_of::<V>(leaf, visit)
    }

    fn leaf_of<V>(mut self, leaf: Leaf, visit: impl FnOnce(&mut Self) -> Result<V>) -> Result<V> {
        // What kind of visitor it is makes no difference to a value without parts.
        self.tracer.enter_as(self.slot, Call::Leaf(leaf), typeid::of::<Leaf>(), "")?;
        let value = visit(&mut self);
        self.tracer.height = 0;
        self.tracer.settled(value)
    }

    fn number(&mut self) -> i64 {
        self.tracer.numbers += 1;
        values::number(self.attempt.0, self.tracer.numbers - 1)
    }

    /// Enters a type with parts.
    fn open<V>(self, call: Call) -> Result<Open<'t>> {
        let Self { tracer, slot, attempt } = self;
        let id = tracer.enter::<V>(slot, call)?;
        let is_inside_itself = tracer.seen[id].open > 0;
        tracer.seen[id].open += 1;
        Ok(Open { tracer, slot, id, is_inside_itself, attempt, height: 0 })
    }

    fn unsaid<T>(self) -> Result<T> {
        let place = self.tracer.places.entry(self.slot).or_default();
        place.type_name = type_name::<T>();
        place.changes |= place.node.is_some();
        Err(self.tracer.blamed(Some(ASKS)))
    }

    fn tuple<'de, V: Visitor<'de>>(
        self,
        name: Option<&'static str>,
        len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        let mut open = self.open::<V>(Call::Tuple(name, len))?;
        let mut read = 0;
        let value = visitor.visit_seq(Positions { open: &mut open, read: &mut read, len });
        if value.is_ok() {
            open.read_members(read);
        }
        open.close(value)
    }

    fn fields<'de, V: Visitor<'de>>(
        self,
        name: Option<&'static str>,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let mut open = self.open::<V>(Call::Struct(name, fields))?;
        let id = open.id;
        if open.tracer.by_name || open.tracer.seen[id].asks_for_names {
            return open.by_name(fields, visitor);
        }
        let mut read = 0;
        let len = fields.len();
        let value = visitor.visit_seq(Positions { open: &mut open, read: &mut read, len });
        if value.is_ok() {
            open.read_members(read);
        }
        open.close(value)
    }
}

/// A type with parts whose value is being made.
struct Open<'t> {
    tracer: &'t mut Tracer,
    slot: Slot,
    id: Id,
    /// Whether a value of the type is around this one.
    is_inside_itself: bool,
    attempt: (usize, bool),
    height: usize,
}

impl Open<'_> {
    fn inherited(&self) -> (usize, bool) {
        (self.attempt.0, false)
    }

    fn part<'de, S: DeserializeSeed<'de>>(&mut self, index: usize, seed: S) -> Result<S::Value> {
        let inherited = self.inherited();
        let value = self.tracer.seeded((self.id, index), inherited, seed)?;
        self.height = self.height.max(self.tracer.height + 1);
        Ok(value)
    }

    /// Notes how many members were read by position.
    fn read_members(&mut self, count: usize) {
        let seen = &mut self.tracer.seen[self.id];
        if seen.members.is_some_and(|before| before != count) {
            self.tracer.places.entry(self.slot).or_default().changes = true;
        }
        self.tracer.seen[self.id].read_members(count);
    }

    fn close<T>(self, value: Result<T>) -> Result<T> {
        self.tracer.seen[self.id].open -= 1;
        self.tracer.height = self.height;
        self.tracer.settled(value)
    }

    /// Whether an option or a sequence holds something this time.
    fn holds(&self, inside: &[usize]) -> bool {
        let seen = &self.tracer.seen[self.id];
        if seen.is_empty || self.is_inside_itself {
            return false;
        }
        inside.iter().any(|&index| match self.tracer.node_at((self.id, index)) {
            Some(node) => self.tracer.distances.contains_key(&node),
            None => true,
        })
    }

    fn count(&self, inside: &[usize]) -> usize {
        let seen = &self.tracer.seen[self.id];
        let (attempt, is_own) = self.attempt;
        match values::count(attempt, is_own) {
            _ if seen.is_empty || self.is_inside_itself => 0,
            Some(count) => count,
            None => usize::from(self.holds(inside)),
        }
    }

    /// The number of the variant to make.
    fn choose(&self) -> Option<usize> {
        let variants = &self.tracer.seen[self.id].variants;
        let unexplored = || {
            variants
                .iter()
                .position(|variant| variant.is_unexplored() && variant.visit != Visit::Busy)
        };
        let pending = || {
            variants.iter().position(|variant| variant.is_pending() && variant.visit == Visit::Not)
        };
        let made = |index: &usize| match variants[*index].state {
            State::Made(height) => Some((*index, height)),
            _ => None,
        };
        let all_made = || (0..variants.len()).filter_map(|index| made(&index));
        let lowest = || all_made().min_by_key(|(_, height)| *height).map(|(index, _)| index);
        if self.is_inside_itself {
            return lowest().or_else(unexplored);
        }
        if self.attempt.0 > 0 {
            let usable: Vec<usize> = (0..variants.len())
                .filter(|&index| {
                    variants[index].visit != Visit::Busy
                        && matches!(variants[index].state, State::Unexplored | State::Made(_))
                })
                .collect();
            let nth = (self.attempt.0 - 1).checked_rem(usable.len())?;
            return Some(usable[nth]);
        }
        let nearest = || {
            all_made()
                .filter_map(|(index, _)| {
                    let node = self.tracer.node_at((self.id, index))?;
                    Some((index, *self.tracer.distances.get(&node)?))
                })
                .min_by_key(|(_, distance)| *distance)
                .map(|(index, _)| index)
        };
        unexplored().or_else(pending).or_else(nearest).or_else(lowest)
    }

    /// Reads a struct by the names of its fields.
    fn by_name<'de, V: Visitor<'de>>(
        mut self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let id = self.id;
        let omitted = if self.is_inside_itself { None } else { self.tracer.next_to_omit(id) };
        let has_stranger =
            !self.is_inside_itself && omitted.is_none() && self.tracer.asks_for_stranger(id);
        let mut names =
            Names { open: &mut self, fields, omitted, has_stranger, next: 0, last: None };
        let value = visitor.visit_map(&mut names);
        let last = names.last;
        let tracer = &mut *self.tracer;
        let value = match value {
            Ok(value) => {
                if has_stranger {
                    tracer.progress += 1;
                    tracer.seen[id].deny_unknown = Some(false);
                }
                match omitted {
                    Some(omitted) => {
                        tracer.progress += 1;
                        tracer.seen[id].optional[omitted] = Some(true);
                    }
                    None => tracer.seen[id].know_names(),
                }
                Ok(value)
            }
            Err(_) if has_stranger && tracer.blame.is_none() => {
                tracer.seen[id].deny_unknown = Some(true);
                Err(tracer.expected())
            }
            // What comes next depends on the field that was left out, such as the tag of an enum.
            Err(_) if omitted.is_some() && tracer.is_asked() => {
                if let Some(omitted) = omitted {
                    tracer.seen[id].optional[omitted] = Some(false);
                }
                Err(tracer.expected())
            }
            Err(stop) if tracer.blame.is_none() => {
                match (stop.duplicate, last) {
                    // The last two names belong to one field: one of them is an alias.
                    (Some(name), Some((before, index))) => {
                        let alias = if fields[index] == name { before } else { Some(index) };
                        let real = fields.iter().position(|field| *field == name);
                        tracer.seen[id].aliases.extend(alias.zip(real));
                        Err(tracer.expected())
                    }
                    _ => match omitted {
                        Some(omitted) => {
                            tracer.seen[id].optional[omitted] = Some(false);
                            Err(tracer.expected())
                        }
                        None if !tracer.by_name => {
                            tracer.seen[id].know_names();
                            Err(tracer.expected())
                        }
                        None => Err(stop),
                    },
                }
            }
            Err(stop) => Err(stop),
        };
        self.close(value)
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty, $leaf:ident;)*) => {$(
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_lossless, clippy::cast_precision_loss)] // any number will do
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            self.leaf(Leaf::$leaf, |probe| {
                let number = probe.number();
                visitor.$visit(number as $type)
            })
        }
    )*};
}

macro_rules! unsaid {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
            self.unsaid()
        }
    )*};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Stop;

    unsaid! { deserialize_any deserialize_identifier deserialize_ignored_any }

    numbers! {
        deserialize_i8 visit_i8 i8, I8;
        deserialize_i16 visit_i16 i16, I16;
        deserialize_i32 visit_i32 i32, I32;
        deserialize_i64 visit_i64 i64, I64;
        deserialize_i128 visit_i128 i128, I128;
        deserialize_u8 visit_u8 u8, U8;
        deserialize_u16 visit_u16 u16, U16;
        deserialize_u32 visit_u32 u32, U32;
        deserialize_u64 visit_u64 u64, U64;
        deserialize_u128 visit_u128 u128, U128;
        deserialize_f32 visit_f32 f32, F32;
        deserialize_f64 visit_f64 f64, F64;
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let value = self.attempt.0 % 2 == 1;
        self.leaf(Leaf::Bool, |_| visitor.visit_bool(value))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let value = values::char(self.attempt.0);
        self.leaf(Leaf::Char, |_| visitor.visit_char(value))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let value = values::text(self.attempt.0);
        self.leaf(Leaf::Text, |_| visitor.visit_borrowed_str(value))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let value = values::text(self.attempt.0);
        self.leaf(Leaf::Text, |_| visitor.visit_string(value.to_owned()))
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        static ZEROS: [u8; 256] = [0; 256];
        let length = values::length(self.attempt.0);
        self.leaf(Leaf::Bytes, |_| visitor.visit_borrowed_bytes(&ZEROS[..length]))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let length = values::length(self.attempt.0);
        self.leaf(Leaf::Bytes, |_| visitor.visit_byte_buf(vec![0; length]))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let mut open = self.open::<V>(Call::Option)?;
        let seen = &open.tracer.seen[open.id];
        let is_wanted = open.attempt.0 % 2 == 1 && !seen.is_empty && !open.is_inside_itself;
        let value = if is_wanted || open.holds(&[0]) {
            let (slot, inherited) = ((open.id, 0), open.inherited());
            let value = open.tracer.inside(slot, inherited, |probe| visitor.visit_some(probe));
            open.height = open.tracer.height + 1;
            value
        } else {
            visitor.visit_none()
        };
        open.close(value)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.leaf(Leaf::Unit, |_| visitor.visit_unit())
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        if !self.tracer.has_empty_tuples {
            return self.deserialize_unit(visitor);
        }
        let open = self.open::<V>(Call::Tuple(Some(name), 0))?;
        let value = visitor.visit_unit();
        open.close(value)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let mut open = self.open::<V>(Call::List)?;
        let left = open.count(&[0]);
        let value = visitor.visit_seq(Elements { open: &mut open, left });
        open.close(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        self.tuple(None, len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.tuple(Some(name), len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let mut open = self.open::<V>(Call::Map)?;
        let left = open.count(&[0, 1]);
        let value = visitor.visit_map(Elements { open: &mut open, left });
        open.close(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.fields(Some(name), fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let mut open = self.open::<V>(Call::Enum(name, variants))?;
        let id = open.id;
        let Some(index) = open.choose() else {
            let stop = open.tracer.blamed(Some(NOT_REACHED));
            return open.close(Err(stop));
        };
        open.tracer.seen[id].variants[index].visit = Visit::Busy;
        let value = visitor.visit_enum(Choice { open: &mut open, index });
        let height = open.height;
        let tracer = &mut *open.tracer;
        let variant = &mut tracer.seen[id].variants[index];
        variant.visit = Visit::Not;
        if value.is_ok() {
            variant.visit = Visit::Made;
            if variant.is_unexplored() {
                tracer.progress += 1;
            }
            match &mut variant.state {
                State::Made(before) => *before = height.min(*before),
                state => *state = State::Made(height),
            }
        }
        open.close(value)
    }

    fn is_human_readable(&self) -> bool {
        self.tracer.by_name
    }
}

/// The members of a struct or a tuple.
struct Positions<'o, 't> {
    open: &'o mut Open<'t>,
    read: &'o mut usize,
    len: usize,
}

impl<'de> SeqAccess<'de> for Positions<'_, '_> {
    type Error = Stop;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if *self.read == self.len {
            return Ok(None);
        }
        *self.read += 1;
        self.open.part(*self.read - 1, seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.len - *self.read)
    }
}

/// The elements of a sequence, or the entries of a map.
struct Elements<'o, 't> {
    open: &'o mut Open<'t>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_, '_> {
    type Error = Stop;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.open.part(0, seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for Elements<'_, '_> {
    type Error = Stop;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        self.open.part(1, seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The fields of a struct by their names.
struct Names<'o, 't> {
    open: &'o mut Open<'t>,
    fields: &'static [&'static str],
    omitted: Option<usize>,
    /// Whether a field that the type does not know comes next.
    has_stranger: bool,
    next: usize,
    /// The name before the last one, and the last one.
    last: Option<(Option<usize>, usize)>,
}

impl<'de> MapAccess<'de> for &mut Names<'_, '_> {
    type Error = Stop;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if self.has_stranger {
            return seed.deserialize(BorrowedStrDeserializer::<Stop>::new(STRANGER)).map(Some);
        }
        let aliases = &self.open.tracer.seen[self.open.id].aliases;
        let wanted = |index: &usize| Some(*index) != self.omitted && !aliases.contains_key(index);
        let Some(index) = (self.next..self.fields.len()).find(wanted) else { return Ok(None) };
        self.next = index + 1;
        self.last = Some((self.last.map(|(_, last)| last), index));
        let name = BorrowedStrDeserializer::<Stop>::new(self.fields[index]);
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value> {
        if self.has_stranger {
            self.has_stranger = false;
            return seed.deserialize(UnitDeserializer::<Stop>::new());
        }
        let index = self.next - 1;
        self.open.part(index | BY_NAME, seed)
    }
}

/// A variant of an enum.
struct Choice<'o, 't> {
    open: &'o mut Open<'t>,
    index: usize,
}

impl<'de> EnumAccess<'de> for Choice<'_, '_> {
    type Error = Stop;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self)> {
        // By number, since a variant may have several names.
        #[allow(clippy::cast_possible_truncation)] // serde's own numbers
        let index = U32Deserializer::<Stop>::new(self.index as u32);
        let Ok(variant) = seed.deserialize(index) else {
            self.open.tracer.seen[self.open.id].variants[self.index].state = State::Absent;
            return Err(self.open.tracer.expected());
        };
        Ok((variant, self))
    }
}

impl Choice<'_, '_> {
    fn inside<T>(self, read: impl FnOnce(Probe<'_>) -> Result<T>) -> Result<T> {
        let Self { open, index, .. } = self;
        let (slot, inherited) = ((open.id, index), open.inherited());
        let value = open.tracer.inside(slot, inherited, read)?;
        open.height = open.tracer.height + 1;
        Ok(value)
    }
}

impl<'de> VariantAccess<'de> for Choice<'_, '_> {
    type Error = Stop;

    fn unit_variant(self) -> Result<()> {
        self.open.tracer.seen[self.open.id].variants[self.index].is_unit = true;
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        self.open.part(self.index, seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        self.inside(|probe| probe.tuple(None, len, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.inside(|probe| probe.fields(None, fields, visitor))
    }
}
