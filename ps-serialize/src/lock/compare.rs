//! How the types of a program differ from those of the file.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::claim::{Claim, Codec};
use super::shape::{Field, Fields, Id, Leaf, Node, Shape, Variant};
use super::write;

/// A line that differs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The line of the file.
    pub(super) before: Option<String>,
    /// The line of the program.
    pub(super) now: Option<String>,
    pub(super) effect: Effect,
}

/// The effect of a change on older frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Frames of before are read as the same values.
    Readable,
    /// The bytes are read in the same way, under another name.
    Renamed,
    /// Nobody knows, since one of the two types could not be seen.
    Unseen,
    /// Frames of before are read as other values, or not at all.
    Broken,
}

impl Effect {
    fn broken_if(breaks: bool) -> Self {
        if breaks { Self::Broken } else { Self::Readable }
    }
}

/// All lines that differ.
pub(super) fn changes(before: &Claim, now: &Claim) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut line = |before: String, now: String, effect| {
        if before != now {
            changes.push(Change { before: Some(before), now: Some(now), effect });
        }
    };
    let has_same_layout = |codec: &Codec| matches!(codec, Codec::Bincode | Codec::Wincode);
    let is_same_layout =
        before.codec == now.codec || has_same_layout(&before.codec) && has_same_layout(&now.codec);
    let codec = |claim: &Claim| format!("codec: {}", claim.codec.text());
    line(codec(before), codec(now), Effect::broken_if(!is_same_layout));
    let align = |claim: &Claim| format!("align: {}", claim.align);
    line(align(before), align(now), Effect::Broken);
    let objects = |one: &Claim, other: &Claim| -> Vec<String> {
        let missing = one.objects.iter().filter(|object| !other.objects.contains(object));
        missing.map(|object| format!("dyn: {}", write::name(object))).collect()
    };
    for object in objects(before, now) {
        changes.push(Change { before: Some(object), now: None, effect: Effect::Broken });
    }
    for object in objects(now, before) {
        changes.push(Change { before: None, now: Some(object), effect: Effect::Readable });
    }
    if is_same_layout {
        let mut comparison = Comparison {
            before: &before.shape,
            now: &now.shape,
            by_name: matches!(now.codec, Codec::MessagePack | Codec::Pickle),
            has_places: now.codec == Codec::MessagePack,
            is_positional: now.is_positional,
            compared: FxHashSet::default(),
            changes,
        };
        let (one, other) = (before.shape.root, now.shape.root);
        comparison.types(one, other, &Place::root());
        changes = comparison.changes;
    }
    changes
}

struct Comparison<'c> {
    before: &'c Shape,
    now: &'c Shape,
    /// Whether fields and variants are found by their names.
    by_name: bool,
    /// Whether frames are found by their places, whatever the names.
    has_places: bool,
    /// Whether the fields of the struct that comes first are found by their places too.
    is_positional: bool,
    /// The pairs that were compared already, since a type may hold itself.
    compared: FxHashSet<(Id, Id)>,
    changes: Vec<Change>,
}

/// A line with a type, in the file and in the program.
struct Place {
    before: Side,
    now: Side,
    /// The effect of the difference between the labels, if they differ.
    effect: Option<Effect>,
}

/// The lines around a line, and its own label.
struct Side {
    path: String,
    label: String,
}

impl Side {
    fn of(&self, text: &str) -> String {
        format!("{}{}: {text}", self.path, self.label)
    }

    fn inside(&self, label: &str) -> Self {
        Self { path: format!("{}{} › ", self.path, self.label), label: label.to_owned() }
    }
}

impl Place {
    fn root() -> Self {
        let side = || Side { path: String::new(), label: "value".to_owned() };
        Self { before: side(), now: side(), effect: None }
    }

    /// The place of a line below.
    fn inside(&self, label: &str) -> Self {
        self.renamed(label, label, None)
    }

    /// The place of a line below whose label differs.
    fn renamed(&self, before: &str, now: &str, effect: Option<Effect>) -> Self {
        Self { before: self.before.inside(before), now: self.now.inside(now), effect }
    }
}

impl Comparison<'_> {
    /// Compares two lines with types.
    fn types(&mut self, before: Id, now: Id, place: &Place) {
        let first = self.changes.len();
        let is_alike = !self.compared.insert((before, now)) || self.are_alike(before, now, place);
        if is_alike && place.effect.is_none() {
            return;
        }
        let of_types = if is_alike || self.by_name && self.reads(before, now, 0) {
            Effect::Readable
        } else if self.has_unseen(before, now) {
            Effect::Unseen
        } else {
            Effect::Broken
        };
        let change = Change {
            before: Some(place.before.of(&line(self.before, before))),
            now: Some(place.now.of(&line(self.now, now))),
            effect: place.effect.map_or(of_types, |effect| effect.max(of_types)),
        };
        // Before the lines below.
        self.changes.insert(first, change);
    }

    fn has_unseen(&self, before: Id, now: Id) -> bool {
        let is_unseen = |node: &Node| matches!(node, Node::Unseen(..));
        is_unseen(&self.before.nodes[before]) || is_unseen(&self.now.nodes[now])
    }

    /// Whether a codec with names reads values of one type as the other.
    fn reads(&mut self, before: Id, now: Id, depth: usize) -> bool {
        // A type may hold itself on one line.
        if depth > self.now.nodes.len() + self.before.nodes.len() {
            return false;
        }
        match (&self.before.nodes[before], &self.now.nodes[now]) {
            (Node::Leaf(one), Node::Leaf(other)) => one == other || is_wider(*one, *other),
            (Node::Option(one), Node::Option(other)) | (Node::List(one), Node::List(other)) => {
                self.reads(*one, *other, depth + 1)
            }
            (Node::Array(count, one), Node::Array(others, other)) => {
                count == others && self.reads(*one, *other, depth + 1)
            }
            // `None` is nil too.
            (Node::Leaf(Leaf::Unit), Node::Option(_)) => false,
            (_, Node::Option(other)) => self.reads(before, *other, depth + 1),
            (Node::Tuple(..), Node::Tuple(..))
            | (Node::Map(..), Node::Map(..))
            | (Node::Struct(..), Node::Struct(..))
            | (Node::Enum(..), Node::Enum(..)) => self.is_same(before, now),
            (one, other) => one == other,
        }
    }

    /// Compares the types of one line, and tells whether the line itself is the same. Lines below that differ are noted one by one.
    fn are_alike(&mut self, before: Id, now: Id, place: &Place) -> bool {
        let (one, other) = (&self.before.nodes[before], &self.now.nodes[now]);
        match (one, other) {
            (Node::Option(one), Node::Option(other)) | (Node::List(one), Node::List(other)) => {
                self.on_one_line(*one, *other, place)
            }
            (Node::Array(count, one), Node::Array(others, other)) => {
                count == others && self.on_one_line(*one, *other, place)
            }
            (Node::Array(count, one), Node::Tuple(_, others)) => {
                *count == others.len() && others.iter().all(|other| self.is_same(*one, *other))
            }
            (Node::Tuple(_, ones), Node::Array(count, other)) => {
                *count == ones.len() && ones.iter().all(|one| self.is_same(*one, *other))
            }
            (Node::Tuple(_, ones), Node::Tuple(_, others)) => {
                let label = |(index, node): (usize, &Id)| (index.to_string(), *node);
                let ones: Vec<_> = ones.iter().enumerate().map(label).collect();
                let others: Vec<_> = others.iter().enumerate().map(label).collect();
                self.in_order(&ones, &others, place);
                true
            }
            (Node::Map(key, value), Node::Map(other_key, other_value)) => {
                self.types(*key, *other_key, &place.inside("key"));
                self.types(*value, *other_value, &place.inside("value"));
                true
            }
            (Node::Struct(_, ones), Node::Struct(_, others)) => {
                if self.by_name && !std::mem::take(&mut self.is_positional) {
                    self.fields_by_name(ones, others, place);
                } else {
                    let member = |field: &Field| (label(field), field.node);
                    let ones: Vec<_> = ones.iter().map(member).collect();
                    let others: Vec<_> = others.iter().map(member).collect();
                    self.in_order(&ones, &others, place);
                }
                true
            }
            (Node::Enum(_, ones), Node::Enum(_, others)) => {
                self.variants(ones, others, place);
                true
            }
            (Node::Unseen(..), Node::Unseen(..)) => true,
            (one, other) => one == other,
        }
    }

    fn on_one_line(&mut self, before: Id, now: Id, place: &Place) -> bool {
        !self.compared.insert((before, now)) || self.are_alike(before, now, place)
    }

    /// Whether two types have no differences at all.
    fn is_same(&mut self, before: Id, now: Id) -> bool {
        let mut inner = Comparison {
            before: self.before,
            now: self.now,
            by_name: self.by_name,
            has_places: self.has_places,
            is_positional: false,
            compared: FxHashSet::default(),
            changes: Vec::new(),
        };
        inner.types(before, now, &Place::root());
        inner.changes.is_empty()
    }

    fn removed(&mut self, place: &Place, node: Id, effect: Effect) {
        let before = Some(place.before.of(&line(self.before, node)));
        self.changes.push(Change { before, now: None, effect });
    }

    fn added(&mut self, place: &Place, node: Id, effect: Effect) {
        let now = Some(place.now.of(&line(self.now, node)));
        self.changes.push(Change { before: None, now, effect });
    }

    /// Compares members that are read one after the other.
    fn in_order(&mut self, ones: &[(String, Id)], others: &[(String, Id)], place: &Place) {
        let kept = longest_common(ones, others);
        let (mut i, mut j) = (0, 0);
        for (one, other) in kept.into_iter().chain([(ones.len(), others.len())]) {
            let (gone, new) = (i..one, j..other);
            if self.are_renamed(ones, gone.clone(), others, new.clone()) {
                for (gone, new) in gone.zip(new) {
                    let (before, now) = (&ones[gone], &others[new]);
                    let place = place.renamed(&before.0, &now.0, Some(Effect::Renamed));
                    self.types(before.1, now.1, &place);
                }
            } else {
                self.replaced(ones, gone, others, new, place);
            }
            if let (Some((label, node)), Some((_, with))) = (ones.get(one), others.get(other)) {
                self.types(*node, *with, &place.inside(label));
            }
            (i, j) = (one + 1, other + 1);
        }
    }

    /// Whether members have only got other names.
    fn are_renamed(
        &mut self,
        ones: &[(String, Id)],
        gone: Range<usize>,
        others: &[(String, Id)],
        new: Range<usize>,
    ) -> bool {
        gone.len() == new.len()
            && gone.zip(new).all(|(gone, new)| {
                let (before, now) = (&ones[gone], &others[new]);
                !is_in(&before.0, others) && !is_in(&now.0, ones) && self.is_same(before.1, now.1)
            })
    }

    fn replaced(
        &mut self,
        ones: &[(String, Id)],
        gone: Range<usize>,
        others: &[(String, Id)],
        new: Range<usize>,
        place: &Place,
    ) {
        // The line of a moved member says its place.
        let moved = |line: String, is_moved: bool, index: usize| {
            if is_moved { format!("{line}, at place {}", index + 1) } else { line }
        };
        for index in gone {
            let (label, node) = &ones[index];
            let line = place.before.inside(label).of(&line(self.before, *node));
            let before = Some(moved(line, is_in(label, others), index));
            self.changes.push(Change { before, now: None, effect: Effect::Broken });
        }
        for index in new {
            let (label, node) = &others[index];
            let line = place.now.inside(label).of(&line(self.now, *node));
            let now = Some(moved(line, is_in(label, ones), index));
            self.changes.push(Change { before: None, now, effect: Effect::Broken });
        }
    }

    fn fields_by_name(&mut self, ones: &Fields, others: &Fields, place: &Place) {
        let (before, now) = (self.before, self.now);
        let is_frame = |shape: &Shape, field: &&Field| {
            matches!(shape.nodes[field.node], Node::Frame(_) | Node::Frames(..))
        };
        let places = |shape: &Shape, fields: &[Field]| -> Vec<(String, Id)> {
            let frames = fields.iter().filter(|field| is_frame(shape, field));
            frames.map(|field| (label(field), field.node)).collect()
        };
        if self.has_places {
            self.in_order(&places(before, ones), &places(now, others), place);
        }
        let has_places = self.has_places;
        let by_name = |shape: &Shape, field: &&Field| !has_places || !is_frame(shape, field);
        let ones_by_name: Vec<_> = ones.iter().filter(|field| by_name(before, field)).collect();
        let others_by_name: Vec<_> = others.iter().filter(|field| by_name(now, field)).collect();
        for one in &ones_by_name {
            let of_name = others_by_name.iter().find(|other| other.name == one.name);
            let of_alias = || others_by_name.iter().find(|other| other.aliases.contains(&one.name));
            let Some(other) = of_name.or_else(of_alias) else {
                let effect = Effect::broken_if(others.deny_unknown);
                self.removed(&place.inside(&label(one)), one.node, effect);
                continue;
            };
            let (label_before, label_now) = (label(one), label(other));
            // A reader refuses a field that is there under two names.
            let is_twice = ones_by_name
                .iter()
                .any(|another| another.name != one.name && takes(other, &another.name));
            let is_missed = one.is_optional && !other.is_optional;
            let effect = Effect::broken_if(is_twice || is_missed);
            let effect = (label_before != label_now).then_some(effect);
            let place = place.renamed(&label_before, &label_now, effect);
            self.types(one.node, other.node, &place);
        }
        for other in others_by_name {
            if !ones_by_name.iter().any(|one| takes(other, &one.name)) {
                let effect = Effect::broken_if(!other.is_optional);
                self.added(&place.inside(&label(other)), other.node, effect);
            }
        }
    }

    fn variants(&mut self, ones: &[Variant], others: &[Variant], place: &Place) {
        let by_name = self.by_name;
        let is_same = |one: &Variant, other: &Variant| {
            if by_name { one.name == other.name } else { one.number == other.number }
        };
        let last = ones.iter().map(|variant| variant.number).max();
        for one in ones {
            let Some(other) = others.iter().find(|other| is_same(one, other)) else {
                let before = Some(variant(self.before, one, &place.before));
                self.changes.push(Change { before, now: None, effect: Effect::Broken });
                continue;
            };
            // Another number is no change where the name is what is written.
            let has_new_name = one.name != other.name;
            match (one.node, other.node) {
                (Some(node), Some(with)) if !has_new_name => {
                    let place = place.renamed(&name_of(one), &name_of(other), None);
                    self.types(node, with, &place);
                }
                (None, None) if !has_new_name => {}
                (node, with) => {
                    let is_alike = match (node, with) {
                        (Some(node), Some(with)) => self.is_same(node, with),
                        (node, with) => node == with,
                    };
                    // A name that belonged to another variant has moved.
                    let has_moved = ones.iter().any(|before| before.name == other.name)
                        || others.iter().any(|now| now.name == one.name);
                    let is_renamed = is_alike && !has_moved;
                    self.changes.push(Change {
                        before: Some(variant(self.before, one, &place.before)),
                        now: Some(variant(self.now, other, &place.now)),
                        effect: if is_renamed { Effect::Renamed } else { Effect::Broken },
                    });
                }
            }
        }
        for other in others {
            if !ones.iter().any(|one| is_same(one, other)) {
                let now = Some(variant(self.now, other, &place.now));
                let breaks = !by_name && last.is_some_and(|last| other.number < last);
                let effect = Effect::broken_if(breaks);
                self.changes.push(Change { before: None, now, effect });
            }
        }
    }
}

/// Whether a reader by name takes this name for the field.
fn takes(field: &Field, name: &String) -> bool {
    field.name == *name || field.aliases.contains(name)
}

fn is_in(label: &str, members: &[(String, Id)]) -> bool {
    members.iter().any(|(other, _)| other == label)
}

/// The text before the type of a field.
fn label(field: &Field) -> String {
    format!("{}{}", write::name(&field.name), if field.is_optional { "?" } else { "" })
}

fn name_of(variant: &Variant) -> String {
    format!("{} {}", variant.number, write::name(&variant.name))
}

/// The line of a variant.
fn variant(shape: &Shape, variant: &Variant, around: &Side) -> String {
    let side = around.inside(&name_of(variant));
    match variant.node {
        Some(node) => side.of(&line(shape, node)),
        None => side.path + &side.label,
    }
}

/// The type as it stands on a line, without the lines below.
fn line(shape: &Shape, id: Id) -> String {
    let mut text = String::new();
    let mut inner = id;
    // A type may hold itself on one line.
    for _ in 0..=shape.nodes.len() {
        let node = &shape.nodes[inner];
        text.push_str(&write::head(node));
        match node {
            Node::Option(next) | Node::List(next) | Node::Array(_, next) if *next != id => {
                inner = *next;
            }
            Node::Option(_) | Node::List(_) | Node::Array(..) => return text + "itself",
            _ => break,
        }
    }
    text
}

/// Whether an integer became a wider one.
fn is_wider(before: Leaf, now: Leaf) -> bool {
    let width = |leaf: Leaf| -> Option<(char, u32)> {
        let word = leaf.word();
        let sign = word.chars().next().filter(|sign| matches!(sign, 'u' | 'i'))?;
        Some((sign, word.get(1..)?.parse().ok()?))
    };
    match (width(before), width(now)) {
        (Some((sign, before)), Some((sign_now, now))) => {
            before < now && (sign == sign_now || sign == 'u')
        }
        _ => false,
    }
}

/// The longest sequence of pairs that have the same label, in the order of both.
fn longest_common(ones: &[(String, Id)], others: &[(String, Id)]) -> Vec<(usize, usize)> {
    let start = ones.iter().zip(others).take_while(|(one, other)| one.0 == other.0).count();
    let mut pairs: Vec<_> = (0..start).map(|index| (index, index)).collect();
    // Labels are unique, so each has one place at most, and the places of the longest sequence rise.
    let places: FxHashMap<&str, usize> =
        others.iter().enumerate().skip(start).map(|(j, other)| (&*other.0, j)).collect();
    let found: Vec<(usize, usize)> =
        (start..ones.len()).filter_map(|i| Some((i, *places.get(&*ones[i].0)?))).collect();
    let mut longest: Vec<(usize, Option<usize>)> = Vec::new();
    for (k, &(_, j)) in found.iter().enumerate() {
        let before = (0..k).filter(|&b| found[b].1 < j).max_by_key(|&b| longest[b].0);
        longest.push((before.map_or(1, |b| longest[b].0 + 1), before));
    }
    let mut last = (0..found.len()).max_by_key(|&k| longest[k].0);
    let mut rest = Vec::new();
    while let Some(k) = last {
        rest.push(found[k]);
        last = longest[k].1;
    }
    pairs.extend(rest.into_iter().rev());
    pairs
}
