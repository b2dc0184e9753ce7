//! The smallest graph of a shape: equal types become one node, and nodes stand in the order of the lines.

use rustc_hash::FxHashMap;

use super::shape::{Id, Node, Shape};

/// Folds equal types into one, and makes arrays of tuples whose elements have one type.
pub(super) fn fold(shape: &Shape) -> Shape {
    let mut folded = merge(shape);
    loop {
        let mut changed = false;
        for node in &mut folded.nodes {
            if let Node::Tuple(_, members) = node
                && let [first, rest @ ..] = &members[..]
                && rest.iter().all(|member| member == first)
            {
                *node = Node::Array(members.len(), *first);
                changed = true;
            }
        }
        if !changed {
            return folded;
        }
        folded = merge(&folded);
    }
}

/// Splits all nodes into classes of equal ones, coarse at first and finer with each round.
fn merge(shape: &Shape) -> Shape {
    let mut classes: Vec<usize> = vec![0; shape.nodes.len()];
    let mut count = 1;
    loop {
        let mut found = FxHashMap::default();
        let next: Vec<usize> = shape
            .nodes
            .iter()
            .enumerate()
            .map(|(id, node)| {
                let key = (classes[id], node.clone().with_children(|child| classes[child]));
                let new = found.len();
                *found.entry(key).or_insert(new)
            })
            .collect();
        let more = found.len();
        classes = next;
        if more == count {
            return in_order(shape, &classes);
        }
        count = more;
    }
}

/// The shape with one node for each class that the root reaches, in the order of the lines.
fn in_order(shape: &Shape, classes: &[usize]) -> Shape {
    let mut places = FxHashMap::default();
    let mut order = Vec::new();
    let mut left = vec![shape.root];
    while let Some(id) = left.pop() {
        if places.contains_key(&classes[id]) {
            continue;
        }
        places.insert(classes[id], order.len());
        order.push(id);
        left.extend(shape.nodes[id].children().into_iter().rev());
    }
    let place = |id: Id| places[&classes[id]];
    Shape {
        nodes: order.iter().map(|&id| shape.nodes[id].clone().with_children(place)).collect(),
        root: place(shape.root),
    }
}
