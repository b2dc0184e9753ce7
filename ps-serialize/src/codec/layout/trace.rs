//! A trace of what a value hands to serde's traits, beside its bytes. It serves to compare two values, and to
//! compare what was written with what a reader asks for.

use std::hash::{DefaultHasher, Hasher};

/// A struct or an enum that was written or asked for.
pub(super) struct Event {
    kind: Kind,
    name: &'static str,
    /// The names of its fields, the name of its variant, or the names of the variants that it may have.
    members: Vec<&'static str>,
    /// The number of its variant.
    index: usize,
    /// Whether it holds a number, a text and so on that is not zero or empty.
    more: bool,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Struct,
    TupleStruct,
    NewtypeStruct,
    Enum,
    StructVariant,
}

impl Event {
    /// Records an event. This is out of line, so that reading without a record stays fast.
    #[cold]
    #[inline(never)]
    pub(super) fn note(
        events: &mut Vec<Self>,
        kind: Kind,
        name: &'static str,
        members: &[&'static str],
    ) {
        events.push(Self::new(kind, name, members));
    }

    fn new(kind: Kind, name: &'static str, members: &[&'static str]) -> Self {
        Self { kind, name, members: members.to_vec(), index: 0, more: false }
    }

    /// Whether a reader that asks for `other` asks for this. Its members may have other names too, so
    /// a variant's name may come later than its number says, and never earlier.
    fn fits(&self, other: &Self) -> bool {
        let place = |member| other.members.iter().position(|other| other == member);
        self.kind == other.kind
            && self.name == other.name
            && self.members.iter().all(|member| place(member).is_some_and(|at| at >= self.index))
    }

    fn variant(&self) -> Option<String> {
        match (self.kind, &self.members[..]) {
            (Kind::Enum, [variant]) => Some(format!("{}::{variant}", self.name)),
            _ => None,
        }
    }
}

/// A step of a traced writer.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// The mark of an `Option` that holds a value.
    Some,
    /// The name of an enum, and the number and the name of a variant.
    Variant(&'static str, u32, &'static str),
    Struct(Kind, &'static str),
    /// The fields of the last variant, which have no names.
    Fields,
    Field(&'static str),
    FieldsEnd,
    /// The number of elements of a sequence or a map, which may come in any order.
    Elements,
    /// An element, or a key and its value.
    Element,
    ElementEnd,
    ElementsEnd,
}

/// A value as serde's traits see it.
#[derive(Default)]
pub(super) struct Trace {
    events: Vec<Event>,
    /// The events whose fields are being written, and how many values there were before them.
    structs: Vec<(usize, usize)>,
    /// The hashes of the value, and of the sequences and elements inside of it that are being written.
    hashes: Vec<Hash>,
    /// The number of bytes of the payload that are in the hashes.
    hashed: usize,
    /// The number of runs of bytes that contain a byte other than zero.
    more: usize,
}

#[derive(Default)]
struct Hash {
    in_order: DefaultHasher,
    in_any_order: u64,
}

impl Trace {
    /// Adds the bytes since the last step, and `prefix` bytes of the layout's own.
    pub(super) fn step(&mut self, payload: &[u8], prefix: usize, step: Step) {
        let values = payload.len() - prefix;
        self.hash_values(&payload[..values]);
        self.hash(&payload[values..]);
        match step {
            Step::Some => {}
            Step::Variant(name, index, variant) => {
                let index = index as usize;
                self.events.push(Event { index, ..Event::new(Kind::Enum, name, &[variant]) });
            }
            Step::Struct(kind, name) => {
                self.events.push(Event::new(kind, name, &[]));
                self.begin_fields();
            }
            Step::Fields => self.begin_fields(),
            Step::Field(name) => {
                if let Some(&(event, _)) = self.structs.last() {
                    self.events[event].members.push(name);
                }
            }
            Step::FieldsEnd => {
                if let Some((event, before)) = self.structs.pop() {
                    self.events[event].more |= self.more > before;
                }
            }
            Step::Elements | Step::Element => self.hashes.push(Hash::default()),
            Step::ElementEnd => {
                let element = self.pop();
                let sequence = self.innermost();
                sequence.in_any_order = sequence.in_any_order.wrapping_add(element);
            }
            Step::ElementsEnd => {
                let sequence = self.pop();
                self.innermost().in_order.write_u64(sequence);
            }
        }
    }

    fn begin_fields(&mut self) {
        self.structs.push((self.events.len() - 1, self.more));
    }

    fn hash_values(&mut self, payload: &[u8]) {
        let values = &payload[self.hashed..];
        self.more += usize::from(values.iter().any(|byte| *byte != 0));
        self.hash(values);
    }

    fn hash(&mut self, bytes: &[u8]) {
        self.hashed += bytes.len();
        self.innermost().in_order.write(bytes);
    }

    fn innermost(&mut self) -> &mut Hash {
        if self.hashes.is_empty() {
            self.hashes.push(Hash::default());
        }
        self.hashes.last_mut().expect("there is one")
    }

    fn pop(&mut self) -> u64 {
        let Hash { mut in_order, in_any_order } = self.hashes.pop().unwrap_or_default();
        in_order.write_u64(in_any_order);
        in_order.finish()
    }

    /// The hash of the value. Equal values have equal hashes, in whatever order maps and sets give their elements.
    pub(super) fn finish(&mut self, payload: &[u8]) -> u64 {
        self.hash_values(payload);
        self.pop()
    }

    pub(super) fn fits(&self, read: &[Event]) -> bool {
        self.events.len() == read.len()
            && self.events.iter().zip(read).all(|(written, read)| written.fits(read))
    }

    /// Whether what a reader asks for by another name holds more than zeros, which are the same in any
    /// unit and in any field.
    pub(super) fn vouches(&self, read: &[Event]) -> bool {
        let unnamed = |(i, event): &(usize, &Event)| {
            if self.events.len() == read.len() {
                !event.fits(&read[*i])
            } else {
                !read.iter().any(|read| event.fits(read))
            }
        };
        self.more > 0
            && self.events.iter().enumerate().filter(unnamed).all(|(_, event)| {
                self.events.iter().any(|other| other.name == event.name && other.more)
            })
    }

    /// The name of each enum, and the number and the name of its variant.
    #[cfg(feature = "lock")]
    pub(super) fn variants(&self) -> impl Iterator<Item = (&'static str, u32, &'static str)> {
        self.events.iter().filter_map(|event| match (event.kind, &event.members[..]) {
            (Kind::Enum, [variant]) => {
                Some((event.name, u32::try_from(event.index).ok()?, *variant))
            }
            _ => None,
        })
    }

    /// The first variant that differs, with the other one.
    pub(super) fn difference(&self, other: &Self) -> Option<(String, String)> {
        let variants = |trace: &Self| -> Vec<String> {
            trace.events.iter().filter_map(Event::variant).collect()
        };
        variants(self).into_iter().zip(variants(other)).find(|(one, other)| one != other)
    }
}
