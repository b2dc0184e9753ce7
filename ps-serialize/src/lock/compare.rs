//! How the types of a program differ from those of the file.

use rustc_hash::{FxHashMap, FxHashSet};

use super::claim::{Claim, Codec};
use super::shape::{Field, Id, Leaf, Node, Shape, Variant};
use super::write;

/// A line that differs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The line of the file.
    pub(super) before: Option<String>,
    /// The line of the program.
    pub(super) now: Option<String>,
    /// Whether frames of before may be read as other values, or not at all.
    pub(super) breaks: bool,
}

/// All lines that differ.
pub(super) fn changes(before: &Claim, now: &Claim) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut line = |before: String, now: String, breaks| {
        if before != now {
            changes.push(Change { before: Some(before), now: Some(now), breaks });
        }
    };
    let has_same_layout = |codec: &Codec| matches!(codec, Codec::Bincode | Codec::Wincode);
    let is_same_layout =
        before.codec == now.codec || has_same_layout(&before.codec) && has_same_layout(&now.codec);
    let codec = |claim: &Claim| format!("codec: {}", claim.codec.text());
    line(codec(before), codec(now), !is_same_layout);
    let align = |claim: &Claim| format!("align: {}", claim.align);
    line(align(before), align(now), true);
    let objects = |one: &Claim, other: &Claim| -> Vec<String> {
        let missing = one.objects.iter().filter(|object| !other.objects.contains(object));
        missing.map(|object| format!("dyn: {}", write::name(object))).collect()
    };
    for object in objects(before, now) {
        changes.push(Change { before: Some(object), now: None, breaks: true });
    }
    for object in objects(now, before) {
        changes.push(Change { before: None, now: Some(object), breaks: false });
    }
    if is_same_layout {
        let mut comparison = Comparison {
            before: &before.shape,
            now: &now.shape,
            by_name: matches!(now.codec, Codec::MessagePack | Codec::Pickle),
            has_places: now.codec == Codec::MessagePack,
            compared: FxHashSet::default(),
            changes,
        };
        let (one, other) = (before.shape.root, now.shape.root);
        comparison.types(one, other, &Place { path: String::new(), label: "value".to_owned() });
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
    /// The pairs that were compared already, since a type may hold itself.
    compared: FxHashSet<(Id, Id)>,
    changes: Vec<Change>,
}

/// A line with a type: those around it, and its own label.
struct Place {
    path: String,
    label: String,
}

impl Place {
    fn of(&self, text: &str) -> String {
        format!("{}{}: {text}", self.path, self.label)
    }

    /// The place of a line below.
    fn inside(&self, label: &str) -> Self {
        Self { path: format!("{}{} › ", self.path, self.label), label: label.to_owned() }
    }
}

impl Comparison<'_> {
    /// Compares the types of two lines.
    fn types(&mut self, before: Id, now: Id, place: &Place) {
        if self.compared.insert((before, now)) && !self.are_alike(before, now, place) {
            let (one, other) = (line(self.before, before), line(self.now, now));
            let breaks = !(self.by_name && is_wider(&one, &other));
            self.changes.push(Change {
                before: Some(place.of(&one)),
                now: Some(place.of(&other)),
                breaks,
            });
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
                if self.by_name {
                    self.fields_by_name(ones, others, place);
                } else {
                    let label = |field: &Field| (write::name(&field.name), field.node);
                    let ones: Vec<_> = ones.iter().map(label).collect();
                    let others: Vec<_> = others.iter().map(label).collect();
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
            compared: FxHashSet::default(),
            changes: Vec::new(),
        };
        inner.types(before, now, &Place { path: String::new(), label: String::new() });
        inner.changes.is_empty()
    }

    fn removed(&mut self, place: &Place, node: Id, breaks: bool) {
        let line = line(self.before, node);
        self.changes.push(Change { before: Some(place.of(&line)), now: None, breaks });
    }

    fn added(&mut self, place: &Place, node: Id, breaks: bool) {
        let line = line(self.now, node);
        self.changes.push(Change { before: None, now: Some(place.of(&line)), breaks });
    }

    /// Compares members that are read one after the other.
    fn in_order(&mut self, ones: &[(String, Id)], others: &[(String, Id)], place: &Place) {
        let kept = longest_common(ones, others);
        let is_in = |label: &String, members: &[(String, Id)]| {
            members.iter().any(|(other, _)| other == label)
        };
        // The line of a moved member says its place.
        let moved = |line: String, is_moved: bool, index: usize| {
            if is_moved { format!("{line}, at place {}", index + 1) } else { line }
        };
        let (mut i, mut j) = (0, 0);
        for (one, other) in kept.into_iter().chain([(ones.len(), others.len())]) {
            for (index, (label, node)) in ones.iter().enumerate().take(one).skip(i) {
                let line = place.inside(label).of(&line(self.before, *node));
                let before = Some(moved(line, is_in(label, others), index));
                self.changes.push(Change { before, now: None, breaks: true });
            }
            for (index, (label, node)) in others.iter().enumerate().take(other).skip(j) {
                let line = place.inside(label).of(&line(self.now, *node));
                let now = Some(moved(line, is_in(label, ones), index));
                self.changes.push(Change { before: None, now, breaks: true });
            }
            if let (Some((label, node)), Some((_, with))) = (ones.get(one), others.get(other)) {
                self.types(*node, *with, &place.inside(label));
            }
            (i, j) = (one + 1, other + 1);
        }
    }

    fn fields_by_name(&mut self, ones: &[Field], others: &[Field], place: &Place) {
        let label = |field: &Field| {
            format!("{}{}", write::name(&field.name), if field.is_optional { "?" } else { "" })
        };
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
        for one in ones.iter().filter(|field| by_name(before, field)) {
            match others.iter().find(|other| other.name == one.name) {
                Some(other) if one.is_optional == other.is_optional => {
                    self.types(one.node, other.node, &place.inside(&label(one)));
                }
                Some(other) => {
                    let (line_before, line_now) =
                        (line(self.before, one.node), line(self.now, other.node));
                    self.changes.push(Change {
                        before: Some(place.inside(&label(one)).of(&line_before)),
                        now: Some(place.inside(&label(other)).of(&line_now)),
                        breaks: one.is_optional,
                    });
                    self.types(one.node, other.node, &place.inside(&label(other)));
                }
                // A reader ignores it.
                None => self.removed(&place.inside(&label(one)), one.node, false),
            }
        }
        for other in others.iter().filter(|field| by_name(now, field)) {
            if !ones.iter().any(|one| one.name == other.name) {
                self.added(&place.inside(&label(other)), other.node, !other.is_optional);
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
                let before = Some(variant(self.before, one, place));
                self.changes.push(Change { before, now: None, breaks: true });
                continue;
            };
            match (one.node, other.node) {
                (Some(node), Some(with)) if one.name == other.name => {
                    let label = format!("{} {}", other.number, write::name(&other.name));
                    self.types(node, with, &place.inside(&label));
                }
                (None, None) if one.name == other.name => {}
                _ => self.changes.push(Change {
                    before: Some(variant(self.before, one, place)),
                    now: Some(variant(self.now, other, place)),
                    breaks: true,
                }),
            }
        }
        for other in others {
            if !ones.iter().any(|one| is_same(one, other)) {
                let now = Some(variant(self.now, other, place));
                let breaks = !by_name && last.is_some_and(|last| other.number < last);
                self.changes.push(Change { before: None, now, breaks });
            }
        }
    }
}

/// The line of a variant.
fn variant(shape: &Shape, variant: &Variant, place: &Place) -> String {
    let label = format!("{} {}", variant.number, write::name(&variant.name));
    let place = place.inside(&label);
    match variant.node {
        Some(node) => place.of(&line(shape, node)),
        None => format!("{}{label}", place.path),
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
fn is_wider(before: &str, now: &str) -> bool {
    let width = |text: &str| -> Option<(char, u32)> {
        Leaf::find(text)?;
        let sign = text.chars().next().filter(|sign| matches!(sign, 'u' | 'i'))?;
        Some((sign, text.get(1..)?.parse().ok()?))
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
