//! The shape of a type, from what its `Deserialize` asks for.
//!
//! Values of the type are made of what is asked for, again and again: each pass chooses variants, options and elements
//! that were not seen before. A type is known by its visitor. Inside of itself, it gets the smallest value that is
//! known, so every pass ends. Where a constructor refuses a value, the same place gets others.

mod probe;
mod seen;
mod stop;
mod values;

use std::any::{TypeId, type_name};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::de::DeserializeOwned;

use self::probe::Probe;
use self::seen::{Call, OneVariant, Place, Seen, State, Visit};
use self::stop::Stop;
use self::values::{TRIES, VARIATIONS};
use super::claim::Codec;
use super::shape::{Id, Shape};
use crate::codec::nesting::Stack;
use crate::limits::{MAX_DEPTH, STACK};

/// The bounds of the work for one type.
const MAX_PASSES: usize = 20_000;
const MAX_NODES: usize = 20_000;
const MAX_STEPS: usize = 20_000_000;
const MAX_STEPS_OF_PASS: usize = 1_000_000;
const MAX_STEPS_OF_VARIATION: usize = 20_000;

const ASKS: &str = "it asks the format what comes next";
const REFUSES: &str = "it refuses every value that was tried";
const TOO_DEEP: &str = "it is nested too deep";
const TOO_LARGE: &str = "it has too many parts";
const NOT_REACHED: &str = "no value of it could be made";
const NAMES: &str = "it is unknown which of their names its variants are written with";
const MISSING: &str = "it is unknown whether it may be missing";
const CHANGES: &str = "it asks for different things at different times";

/// A place in a type: the type, and the index of what is inside of it.
type Slot = (Id, usize);

const ROOT: Slot = (Id::MAX, 0);

/// The variants that were written: the names of the enum and of the variant.
type Written = FxHashSet<(&'static str, &'static str)>;

/// The bit that keeps the slots of a struct read by names apart from those of one read by position.
const BY_NAME: usize = 1 << 32;

/// Who is to blame for a pass that failed.
enum Blame {
    /// A place, with the places around it.
    Place { around: Vec<Slot>, reason: Option<&'static str> },
    /// Nobody: the failure has told something.
    Expected,
}

pub(super) struct Tracer {
    /// Whether types with a text form ask for texts, and structs are read by the names of their fields.
    by_name: bool,
    /// Whether a struct without fields is an array of nothing.
    has_empty_tuples: bool,
    seen: Vec<Seen>,
    by_key: FxHashMap<(TypeId, Call), Id>,
    places: FxHashMap<Slot, Place>,
    /// The attempt whose value each type accepted.
    learned: FxHashMap<TypeId, usize>,
    /// A number that rises with each thing that is found.
    progress: usize,
    steps: usize,
    // The fields below belong to one pass.
    first_step: usize,
    max_steps: usize,
    around: Vec<Slot>,
    blame: Option<Blame>,
    /// The distance of each node from the nearest thing that was not seen yet, for the nodes that lead to one.
    distances: FxHashMap<Id, usize>,
    /// The number of levels of the last value.
    height: usize,
    numbers: usize,
    stack: Stack,
}

impl Tracer {
    pub(super) fn new(codec: &Codec) -> Self {
        Self {
            by_name: matches!(codec, Codec::MessagePack | Codec::Pickle),
            has_empty_tuples: *codec == Codec::MessagePack,
            seen: Vec::new(),
            by_key: FxHashMap::default(),
            places: FxHashMap::default(),
            learned: FxHashMap::default(),
            progress: 0,
            steps: 0,
            first_step: 0,
            max_steps: MAX_STEPS_OF_PASS,
            around: Vec::new(),
            blame: None,
            distances: FxHashMap::default(),
            height: 0,
            numbers: 0,
            stack: Stack::here(STACK),
        }
    }

    /// Makes values of the type until nothing new is found, and hands each on.
    pub(super) fn run<T: DeserializeOwned>(&mut self, mut each: impl FnMut(&T)) {
        loop {
            self.explore(&mut each);
            let before = self.progress;
            self.vary(&mut each);
            if self.progress == before {
                return;
            }
        }
    }

    /// Makes a value of the type, or fails to. A constructor may panic instead of refusing what it is given.
    fn pass<T: DeserializeOwned>(&mut self, attempt: usize) -> Option<T> {
        self.begin();
        let read = || self.seeded(ROOT, (attempt, false), PhantomData::<T>);
        catch_unwind(AssertUnwindSafe(read)).ok()?.ok()
    }

    /// Tries each row of values in all places at once: what a type asks for may depend on what it was given before.
    fn vary<T: DeserializeOwned>(&mut self, each: &mut impl FnMut(&T)) {
        self.max_steps = MAX_STEPS_OF_VARIATION;
        for attempt in VARIATIONS {
            if self.steps > MAX_STEPS {
                return;
            }
            if let Some(value) = self.pass(attempt) {
                each(&value);
            }
        }
    }

    fn explore<T: DeserializeOwned>(&mut self, each: &mut impl FnMut(&T)) {
        self.max_steps = MAX_STEPS_OF_PASS;
        for _ in 0..MAX_PASSES {
            if self.steps > MAX_STEPS || self.seen.len() > MAX_NODES {
                return;
            }
            let before = self.progress;
            match self.pass(0) {
                Some(value) => {
                    each(&value);
                    self.note_variants();
                    self.find_distances();
                    let is_done = !self.distances.contains_key(&self.root());
                    if is_done || self.progress == before {
                        return;
                    }
                }
                None => {
                    if !self.settle() {
                        return;
                    }
                }
            }
        }
    }

    /// Notes the variants in a value that was made.
    fn note_variants(&mut self) {
        for variant in self.seen.iter_mut().flat_map(|seen| &mut seen.variants) {
            if variant.visit == Visit::Made && !variant.is_in_value {
                variant.is_in_value = true;
                self.progress += 1;
            }
        }
    }

    fn root(&self) -> Id {
        self.places.get(&ROOT).and_then(|place| place.node).unwrap_or(ROOT.0)
    }

    fn begin(&mut self) {
        self.find_distances();
        self.first_step = self.steps;
        self.around.clear();
        self.blame = None;
        self.height = 0;
        self.numbers = 0;
        self.stack = Stack::here(STACK);
        self.seen.iter_mut().for_each(Seen::begin);
    }

    /// Learns from a failed pass, and tells whether another one can find more.
    fn settle(&mut self) -> bool {
        let (around, reason) = match self.blame.take() {
            Some(Blame::Expected) => {
                self.progress += 1;
                return true;
            }
            Some(Blame::Place { around, reason }) => (around, reason),
            // A panic.
            None => (self.around.clone(), None),
        };
        let Some(slot) = around.last() else { return false };
        let place = self.places.entry(*slot).or_default();
        if place.closed.is_none() {
            if reason.is_none() && place.attempt + 1 < TRIES {
                place.attempt += 1;
                return true;
            }
            place.closed = Some(reason.unwrap_or(REFUSES));
        }
        // The next choice around it must choose something else.
        for &(node, index) in around.iter().rev() {
            let Some(seen) = self.seen.get_mut(node) else { return false };
            match &seen.call {
                Call::Option | Call::List | Call::Map if !seen.is_empty => {
                    seen.is_empty = true;
                    return true;
                }
                Call::Enum(..) => {
                    if let Some(variant) = seen.variants.get_mut(index)
                        && !matches!(variant.state, State::Failed)
                    {
                        variant.state = State::Failed;
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }

    /// Computes the distance of each node from the nearest part that was not seen yet.
    fn find_distances(&mut self) {
        self.distances.clear();
        let mut into: FxHashMap<Id, Vec<Id>> = FxHashMap::default();
        for (&(from, index), place) in &self.places {
            if let (Some(to), Some(seen)) = (place.node, self.seen.get(from))
                && seen.leads_to(index)
            {
                into.entry(to).or_default().push(from);
            }
        }
        let mut next: Vec<Id> = (0..self.seen.len()).filter(|&id| self.is_pending(id)).collect();
        let mut distance = 0;
        while !next.is_empty() {
            next.retain(|&id| {
                let is_new = !self.distances.contains_key(&id);
                if is_new {
                    self.distances.insert(id, distance);
                }
                is_new
            });
            next = next.iter().filter_map(|id| into.get(id)).flatten().copied().collect();
            distance += 1;
        }
    }

    fn node_at(&self, slot: Slot) -> Option<Id> {
        self.places.get(&slot)?.node
    }

    fn is_pending(&self, id: Id) -> bool {
        let seen = &self.seen[id];
        let is_unknown = |index| self.node_at((id, index)).is_none();
        match &seen.call {
            Call::Option | Call::List => !seen.is_empty && is_unknown(0),
            Call::Map => !seen.is_empty && (is_unknown(0) || is_unknown(1)),
            Call::Enum(..) => seen.variants.iter().any(OneVariant::is_pending),
            Call::Struct(..) => {
                seen.asks_for_names || self.next_to_omit(id).is_some() || self.asks_for_stranger(id)
            }
            _ => false,
        }
    }

    /// The next field that is not yet known to be optional or required.
    fn next_to_omit(&self, id: Id) -> Option<usize> {
        let seen = &self.seen[id];
        if !self.by_name {
            return None;
        }
        (0..seen.optional.len()).find(|&index| {
            seen.optional[index].is_none()
                && !seen.aliases.contains_key(&index)
                && self.node_at((id, index | BY_NAME)).is_some()
        })
    }

    /// Whether it is yet to be known what a struct does with a field that it does not know.
    fn asks_for_stranger(&self, id: Id) -> bool {
        let seen = &self.seen[id];
        self.by_name && seen.names_are_known && seen.deny_unknown.is_none()
    }

    /// Notes that a type asks for something in a place.
    fn enter<V>(&mut self, slot: Slot, call: Call) -> Result<Id, Stop> {
        self.enter_as(slot, call, typeid::of::<V>(), type_name::<V>())
    }

    fn enter_as(
        &mut self,
        slot: Slot,
        call: Call,
        visitor: TypeId,
        visitor_name: &'static str,
    ) -> Result<Id, Stop> {
        self.steps += 1;
        if self.places.get(&slot).is_some_and(|place| place.closed.is_some()) {
            return Err(self.blamed(None));
        }
        let levels = MAX_DEPTH.saturating_sub(u32::try_from(self.around.len()).unwrap_or(u32::MAX));
        if self.stack.check(levels).is_err() {
            return Err(self.blamed(Some(TOO_DEEP)));
        }
        if self.steps - self.first_step > self.max_steps || self.seen.len() > MAX_NODES {
            return Err(self.blamed(Some(TOO_LARGE)));
        }
        let here = self.node_at(slot);
        // A visitor behind a trait object may stand for any type.
        let id = if visitor_name.contains("dyn ") {
            here.filter(|&id| self.seen[id].call == call)
        } else {
            self.by_key.get(&(visitor, call.clone())).copied()
        };
        let id = id.unwrap_or_else(|| {
            self.progress += 1;
            self.seen.push(Seen::new(call.clone()));
            let id = self.seen.len() - 1;
            self.by_key.insert((visitor, call), id);
            id
        });
        let place = self.places.entry(slot).or_default();
        match place.node {
            None => {
                self.progress += 1;
                place.node = Some(id);
            }
            Some(before) => place.changes |= before != id,
        }
        self.height = 0;
        Ok(id)
    }

    /// The error of the place that is visited now. The innermost one is to blame.
    fn blamed(&mut self, reason: Option<&'static str>) -> Stop {
        if self.blame.is_none() {
            self.blame = Some(Blame::Place { around: self.around.clone(), reason });
        }
        Stop::here()
    }

    /// Hands a result on. If no place inside is to blame for an error, this one is.
    fn settled<T>(&mut self, result: Result<T, Stop>) -> Result<T, Stop> {
        match result {
            Ok(_) => self.blame = None,
            Err(_) => drop(self.blamed(None)),
        }
        result
    }

    /// Whether a type asked for what the format can't say.
    fn is_asked(&self) -> bool {
        matches!(&self.blame, Some(Blame::Place { reason: Some(reason), .. }) if *reason == ASKS)
    }

    fn expected(&mut self) -> Stop {
        self.blame = Some(Blame::Expected);
        Stop::here()
    }

    /// Reads a value of a type of its own.
    fn seeded<'de, S: serde::de::DeserializeSeed<'de>>(
        &mut self,
        slot: Slot,
        inherited: (usize, bool),
        seed: S,
    ) -> Result<S::Value, Stop> {
        let ty = typeid::of::<S::Value>();
        let place = self.places.entry(slot).or_default();
        place.type_name = type_name::<S::Value>();
        let own = place.attempt;
        let attempt = match (own, self.learned.get(&ty)) {
            (0, Some(&learned)) => (learned, true),
            (0, None) => (inherited.0, false),
            _ => (own, true),
        };
        self.around.push(slot);
        let value = seed.deserialize(Probe { tracer: self, slot, attempt });
        let value = self.settled(value);
        self.around.pop();
        if value.is_ok() && own > 0 {
            self.learned.insert(ty, own);
        }
        value
    }

    /// Reads a value whose type is not known by itself.
    fn inside<T>(
        &mut self,
        slot: Slot,
        inherited: (usize, bool),
        read: impl FnOnce(Probe<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let own = self.places.entry(slot).or_default().attempt;
        let attempt = if own > 0 { (own, true) } else { (inherited.0, false) };
        self.around.push(slot);
        let value = read(Probe { tracer: self, slot, attempt });
        let value = self.settled(value);
        self.around.pop();
        value
    }

    /// The shape that was seen.
    pub(super) fn shape(&self, written: &Written) -> Shape {
        seen::shape(self, written)
    }
}
