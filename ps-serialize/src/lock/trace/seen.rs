//! What was seen of a type so far.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{BY_NAME, CHANGES, MISSING, NAMES, NOT_REACHED, ROOT, Slot, Tracer, Written};
use crate::lock::shape::{Field, Fields, Id, Leaf, Node, Shape, Variant, short};

/// A call of the deserializer by a type.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Call {
    Leaf(Leaf),
    Option,
    List,
    Map,
    Tuple(Option<&'static str>, usize),
    Struct(Option<&'static str>, &'static [&'static str]),
    Enum(&'static str, &'static [&'static str]),
}

/// A place in a type.
#[derive(Default)]
pub(super) struct Place {
    pub(super) node: Option<Id>,
    pub(super) type_name: &'static str,
    /// Which of the values is tried here.
    pub(super) attempt: usize,
    /// Why nothing can be made here.
    pub(super) closed: Option<&'static str>,
    /// Whether other types were asked for before.
    pub(super) changes: bool,
}

pub(super) struct Seen {
    pub(super) call: Call,
    /// The number of values of this type around the current place.
    pub(super) open: usize,
    /// Whether an option or a sequence can hold nothing that can be made.
    pub(super) is_empty: bool,
    pub(super) variants: Vec<OneVariant>,
    /// The number of members that a struct or a tuple has read.
    pub(super) members: Option<usize>,
    /// Whether a struct is read by name once, because some of its fields have several names.
    pub(super) asks_for_names: bool,
    /// The names that are aliases of other fields, with these.
    pub(super) aliases: FxHashMap<usize, usize>,
    /// Whether each field may be missing, if that is known.
    pub(super) optional: Vec<Option<bool>>,
    /// Whether a field without a place is refused, if that is known.
    pub(super) deny_unknown: Option<bool>,
    pub(super) names_are_known: bool,
}

#[derive(Clone, Copy)]
pub(super) enum State {
    Unexplored,
    /// A value of the variant was made, with this many levels.
    Made(usize),
    Failed,
    /// The enum has no variant with this number.
    Absent,
}

/// The treatment of a variant in this pass.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Visit {
    Not,
    /// The variant is around the place that is visited now.
    Busy,
    Made,
}

pub(super) struct OneVariant {
    pub(super) state: State,
    pub(super) visit: Visit,
    pub(super) is_unit: bool,
    /// Whether it was in a value that could be made.
    pub(super) is_in_value: bool,
}

impl OneVariant {
    pub(super) fn is_unexplored(&self) -> bool {
        matches!(self.state, State::Unexplored)
    }

    /// Whether a value with it is yet to be made.
    pub(super) fn is_pending(&self) -> bool {
        match self.state {
            State::Unexplored => true,
            State::Made(_) => !self.is_in_value,
            State::Failed | State::Absent => false,
        }
    }

    pub(super) fn is_absent(&self) -> bool {
        matches!(self.state, State::Absent)
    }
}

impl Seen {
    pub(super) fn new(call: Call) -> Self {
        let variant = |_| OneVariant {
            state: State::Unexplored,
            visit: Visit::Not,
            is_unit: false,
            is_in_value: false,
        };
        let (variants, fields) = match &call {
            Call::Enum(_, variants) => ((0..variants.len()).map(variant).collect(), 0),
            Call::Struct(_, fields) => (Vec::new(), fields.len()),
            _ => (Vec::new(), 0),
        };
        Self {
            call,
            open: 0,
            is_empty: false,
            variants,
            members: None,
            asks_for_names: false,
            aliases: FxHashMap::default(),
            optional: vec![None; fields],
            deny_unknown: None,
            names_are_known: false,
        }
    }

    /// Before a pass.
    pub(super) fn begin(&mut self) {
        self.open = 0;
        self.variants.iter_mut().for_each(|variant| variant.visit = Visit::Not);
    }

    /// Whether a pass may go on to what is inside.
    pub(super) fn leads_to(&self, index: usize) -> bool {
        match self.variants.get(index) {
            Some(variant) => matches!(variant.state, State::Unexplored | State::Made(_)),
            None => !self.is_empty,
        }
    }

    /// Notes how many members were read by position.
    pub(super) fn read_members(&mut self, count: usize) {
        self.members = Some(self.members.unwrap_or_default().max(count));
        if let Call::Struct(_, fields) = self.call
            && count < fields.len()
            && !self.names_are_known
        {
            self.asks_for_names = true;
        }
    }

    /// Notes that the names of all fields are known, or can't be.
    pub(super) fn know_names(&mut self) {
        self.asks_for_names = false;
        self.names_are_known = true;
    }
}

/// The shape of what a tracer saw. Variants with several names get the one that they are written with.
pub(super) fn shape(tracer: &Tracer, written: &Written) -> Shape {
    let mut builder =
        Builder { tracer, written, nodes: vec![None; tracer.seen.len()], more: Vec::new() };
    let root = builder.place(ROOT, NOT_REACHED);
    for id in 0..tracer.seen.len() {
        builder.nodes[id] = Some(builder.node(id));
    }
    let Builder { nodes, more, .. } = builder;
    Shape { nodes: nodes.into_iter().flatten().chain(more).collect(), root }
}

struct Builder<'t> {
    tracer: &'t Tracer,
    written: &'t Written,
    nodes: Vec<Option<Node>>,
    /// The nodes that nothing was seen of.
    more: Vec<Node>,
}

impl Builder<'_> {
    fn place(&mut self, slot: Slot, otherwise: &str) -> Id {
        let place = self.tracer.places.get(&slot);
        if let Some(place) = place
            && let Some(node) = place.node
            && !place.changes
        {
            return node;
        }
        let (name, reason) = match place {
            Some(place) if place.changes => (place.type_name, CHANGES),
            Some(place) => (place.type_name, place.closed.unwrap_or(otherwise)),
            None => ("", otherwise),
        };
        self.unseen(if name.is_empty() { "unknown" } else { name }, reason)
    }

    fn unseen(&mut self, name: &str, reason: &str) -> Id {
        let Shape { nodes, .. } = Shape::unseen(name, reason);
        self.more.extend(nodes);
        self.nodes.len() + self.more.len() - 1
    }

    /// The place of a member, which may stand behind one that can't be seen.
    fn member(&mut self, (id, index): Slot) -> Id {
        let guilty = || {
            (index & BY_NAME..index)
                .rev()
                .find_map(|before| self.guilty((id, before), &mut FxHashSet::default()))
        };
        let is_known = self.tracer.node_at((id, index)).is_some();
        match if is_known { None } else { guilty() } {
            Some((name, reason)) => {
                let reason = reason.trim_start_matches("it ");
                self.place((id, index), &format!("it comes after `{name}`, which {reason}"))
            }
            None => self.place((id, index), NOT_REACHED),
        }
    }

    /// The type in a place, or inside of it, that can't be seen, and why.
    fn guilty(&self, slot: Slot, visited: &mut FxHashSet<Id>) -> Option<(String, &'static str)> {
        let place = self.tracer.places.get(&slot)?;
        let reason = if place.changes { Some(CHANGES) } else { place.closed };
        if let Some(reason) = reason {
            // The derive's own type around a function.
            let is_function = place.type_name.contains("__DeserializeWith");
            let name = if is_function { "deserialize_with" } else { place.type_name };
            return Some((short(name), reason));
        }
        let id = place.node.filter(|id| visited.insert(*id))?;
        let mut inside: Vec<Slot> =
            self.tracer.places.keys().filter(|(around, _)| *around == id).copied().collect();
        inside.sort_unstable();
        inside.into_iter().find_map(|slot| self.guilty(slot, visited))
    }

    fn node(&mut self, id: Id) -> Node {
        let seen = &self.tracer.seen[id];
        match &seen.call {
            Call::Leaf(leaf) => Node::Leaf(*leaf),
            Call::Option => Node::Option(self.place((id, 0), NOT_REACHED)),
            Call::List => Node::List(self.place((id, 0), NOT_REACHED)),
            Call::Map => {
                Node::Map(self.place((id, 0), NOT_REACHED), self.place((id, 1), NOT_REACHED))
            }
            Call::Tuple(name, len) => {
                let count = seen.members.unwrap_or(*len);
                let members = (0..count).map(|index| self.member((id, index))).collect();
                Node::Tuple(name.map(str::to_owned), members)
            }
            Call::Struct(name, fields) => {
                let deny_unknown = seen.deny_unknown == Some(true);
                let fields = self.fields(id, fields);
                Node::Struct(name.map(str::to_owned), Fields { fields, deny_unknown })
            }
            Call::Enum(name, names) => match self.variants(id, name, names) {
                Some(variants) => Node::Enum(Some((*name).to_owned()), variants),
                None => Node::Unseen((*name).to_owned(), NAMES.to_owned()),
            },
        }
    }

    fn fields(&mut self, id: Id, names: &[&'static str]) -> Vec<Field> {
        let seen = &self.tracer.seen[id];
        let is_alias = |index: &usize| seen.aliases.contains_key(index);
        let real: Vec<usize> = (0..names.len()).filter(|index| !is_alias(index)).collect();
        if self.tracer.by_name {
            let aliases = |index| {
                let of_field = seen.aliases.iter().filter(|(_, real)| **real == index);
                let mut aliases: Vec<_> =
                    of_field.map(|(alias, _)| names[*alias].to_owned()).collect();
                aliases.sort();
                aliases
            };
            return real
                .into_iter()
                .map(|index| {
                    let member = self.member((id, index | BY_NAME));
                    Field {
                        name: names[index].to_owned(),
                        aliases: aliases(index),
                        is_optional: seen.optional[index] == Some(true),
                        node: match seen.optional[index] {
                            Some(_) => member,
                            None => self.unseen("unknown", MISSING),
                        },
                    }
                })
                .collect();
        }
        let count = seen.members.unwrap_or(real.len());
        (0..count)
            .map(|index| {
                let name = match real.get(index) {
                    Some(&real_index) if real.len() == count => names[real_index].to_owned(),
                    _ => index.to_string(),
                };
                Field::plain(name, self.member((id, index)))
            })
            .collect()
    }

    /// The variants. There are none if their names matter and can't be known.
    fn variants(
        &mut self,
        id: Id,
        name: &'static str,
        names: &[&'static str],
    ) -> Option<Vec<Variant>> {
        let seen = &self.tracer.seen[id];
        let mut indices: Vec<usize> =
            (0..names.len()).filter(|&index| !seen.variants[index].is_absent()).collect();
        // A variant has several names if there are more names than variants. All of them stand in the order of the variants.
        let written: Vec<_> =
            names.iter().filter(|variant| self.written.contains(&(name, **variant))).collect();
        // By `#[serde(other)]`, the last variant has all numbers that are left.
        // Another enum of the same name may have written others.
        let is_alone = self.tracer.seen.iter().all(|seen| match &seen.call {
            Call::Enum(other, others) => *other != name || *others == names,
            _ => true,
        });
        let are_all_made = indices.iter().all(|&index| seen.variants[index].is_in_value);
        if are_all_made && is_alone && !written.is_empty() {
            indices.truncate(written.len());
        }
        let is_known = |variant: &OneVariant| !variant.is_absent() && !variant.is_unexplored();
        let has_one_name_each =
            seen.variants.iter().all(is_known) && (indices.len() == names.len() || !are_all_made);
        let mut variants = Vec::new();
        for (nth, &index) in indices.iter().enumerate() {
            let name = if has_one_name_each {
                names[index].to_owned()
            } else if is_alone && indices.len() == written.len() {
                (*written[nth]).to_owned()
            } else if self.tracer.by_name {
                return None;
            } else {
                index.to_string()
            };
            #[allow(clippy::cast_possible_truncation)] // serde's own numbers
            let number = index as u32;
            let is_unit = seen.variants[index].is_unit;
            let node = (!is_unit).then(|| self.place((id, index), NOT_REACHED));
            variants.push(Variant { number, name, node });
        }
        Some(variants)
    }
}
