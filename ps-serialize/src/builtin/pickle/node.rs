//! What a pickle builds: nodes that refer to each other.

use std::borrow::Cow;

use num_bigint::BigInt;

/// The place of a node. What is shared in Python has one node, wherever it is referred to.
pub(crate) type Id = u32;

#[derive(Debug)]
pub(crate) enum Node<'p> {
    None,
    Bool(bool),
    Int(i64),
    BigInt(BigInt),
    Float(f64),
    Complex(f64, f64),
    Text(Cow<'p, str>),
    /// `str` of Python 2: text or bytes.
    OldText(Cow<'p, [u8]>),
    Bytes(Cow<'p, [u8]>),
    ByteArray(Cow<'p, [u8]>),
    List(Vec<Id>),
    Tuple(Vec<Id>),
    Set(Vec<Id>),
    FrozenSet(Vec<Id>),
    /// A key, its value, the next key and so on.
    Dict(Vec<Id>),
    Global(Box<Global<'p>>),
    Call {
        global: Id,
        arguments: Id,
        state: Option<Id>,
    },
    Persistent(Id),
}

/// A class or function.
#[derive(Debug)]
pub(crate) struct Global<'p> {
    pub(crate) module: Cow<'p, str>,
    pub(crate) name: Cow<'p, str>,
}

/// What a pickle has built.
pub(crate) struct Pickled<'p> {
    pub(super) nodes: Vec<Node<'p>>,
    pub(crate) root: Id,
}

impl<'p> Pickled<'p> {
    pub(crate) fn node(&self, id: Id) -> &Node<'p> {
        &self.nodes[id as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The elements of a tuple, if it is one.
    pub(crate) fn tuple(&self, id: Id) -> &[Id] {
        match self.node(id) {
            Node::Tuple(elements) => elements,
            _ => &[],
        }
    }

    pub(crate) fn text(&self, id: Id) -> Option<&str> {
        match self.node(id) {
            Node::Text(text) => Some(text),
            Node::OldText(bytes) if bytes.is_ascii() => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    pub(crate) fn bytes(&self, id: Id) -> Option<&[u8]> {
        match self.node(id) {
            Node::Bytes(bytes) | Node::ByteArray(bytes) | Node::OldText(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn integer(&self, id: Id) -> Option<i64> {
        match self.node(id) {
            Node::Int(integer) => Some(*integer),
            _ => None,
        }
    }

    pub(crate) fn global(&self, id: Id) -> Option<(&str, &str)> {
        match self.node(id) {
            Node::Global(global) => Some((&global.module, &global.name)),
            _ => None,
        }
    }
}
