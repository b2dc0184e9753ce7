//! Lists of numbers of one kind, which take no nodes for their numbers.

use super::node::{Id, Node};
use super::numbers::Packed;
use super::parse::{Machine, too_many};
use crate::error::Result;

impl Machine<'_, '_> {
    /// Appends what is on the stack from there on to a list of numbers, if all of it is numbers of its kind.
    ///
    /// Nothing else may refer to the numbers, because their nodes are taken away: they are the newest nodes and were
    /// never in the memo.
    #[inline]
    pub(super) fn append_numbers(&mut self, start: usize) -> bool {
        match self.stack.get(start).map(|id| self.node(*id)) {
            Some(Node::Float(_) | Node::Int(_)) if self.dialect.instances => {}
            _ => return false,
        }
        let (below, ids) = self.stack.split_at(start);
        let (first, bottom) = (ids[0], self.marks.last().copied().unwrap_or(0));
        let Some(list) = below.get(bottom..).and_then(<[Id]>::last).copied() else {
            return false;
        };
        let Some(numbers) = self.nodes.get(first as usize..) else { return false };
        let are_newest =
            numbers.len() == ids.len() && ids.iter().zip(first..).all(|(id, place)| *id == place);
        if !are_newest || first <= self.newest_memoized || list >= first {
            return false;
        }
        let kind = std::mem::discriminant(&numbers[0]);
        if !numbers.iter().all(|number| std::mem::discriminant(number) == kind) {
            return false;
        }
        let (older, numbers) = self.nodes.split_at_mut(first as usize);
        let list = &mut older[list as usize];
        if matches!(list, Node::List(ids) if ids.is_empty()) {
            *list = Node::Numbers(match numbers[0] {
                Node::Float(_) => Packed::Floats(Vec::new()),
                _ => Packed::Integers(Vec::new()),
            });
        }
        match (list, &numbers[0]) {
            (Node::Numbers(Packed::Floats(floats)), Node::Float(_)) => {
                floats.extend(numbers.iter().filter_map(|number| match number {
                    Node::Float(float) => Some(*float),
                    _ => None,
                }));
            }
            (Node::Numbers(Packed::Integers(integers)), Node::Int(_)) => {
                integers.extend(numbers.iter().filter_map(|number| match number {
                    Node::Int(integer) => Some(*integer),
                    _ => None,
                }));
            }
            _ => return false,
        }
        self.nodes.truncate(first as usize);
        self.stack.truncate(start);
        true
    }

    /// Gives the numbers of a list nodes of their own.
    pub(super) fn unpack(&mut self, list: Id) -> Result<()> {
        let Node::Numbers(packed) = &mut self.nodes[list as usize] else { return Ok(()) };
        let packed = std::mem::replace(packed, Packed::Floats(Vec::new()));
        let length = packed.len();
        self.budget.charge(length.saturating_mul(size_of::<Node<'_>>() + size_of::<Id>()))?;
        let mut ids = Vec::with_capacity(length);
        let first = self.next_id()?;
        Id::try_from(self.nodes.len() + length).map_err(|_| too_many())?;
        match packed {
            Packed::Floats(floats) => self.nodes.extend(floats.into_iter().map(Node::Float)),
            Packed::Integers(integers) => self.nodes.extend(integers.into_iter().map(Node::Int)),
        }
        ids.extend((first..).take(length));
        self.nodes[list as usize] = Node::List(ids);
        Ok(())
    }
}
