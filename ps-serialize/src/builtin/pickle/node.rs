//! What a pickle builds: nodes that refer to each other.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use num_bigint::BigInt;
use serde::de::Visitor;

use super::class::Class;
use super::make::Role;
use super::numbers::Packed;
use super::value::PLAIN;
use crate::error::Error;
use crate::error::Result;
use crate::limits::Budget;

/// The place of a node. What is shared in Python has one node, wherever it is referred to.
pub(crate) type Id = u32;

#[derive(Debug)]
pub(crate) enum Node<'p> {
    None,
    Bool(bool),
    Int(i64),
    BigInt(Box<BigInt>),
    Float(f64),
    Complex(f64, f64),
    Text(Cow<'p, str>),
    /// `str` of Python 2: text or bytes.
    OldText(Cow<'p, [u8]>),
    Bytes(Cow<'p, [u8]>),
    ByteArray(Cow<'p, [u8]>),
    List(Vec<Id>),
    /// A list of numbers of one kind, which have no nodes of their own.
    Numbers(Packed),
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
    Instance(Box<Instance>),
    Persistent(Id),
}

/// A class or function.
#[derive(Debug)]
pub(crate) struct Global<'p> {
    pub(crate) module: Cow<'p, str>,
    pub(crate) name: Cow<'p, str>,
    pub(super) role: Role,
    /// Whether the last part of the name is the attribute of a class: a class in it, or the member of an enum.
    pub(super) is_attribute: bool,
    /// The module and the name for values that outlive the pickle, once there is one.
    pub(super) class: OnceCell<Arc<Class>>,
}

/// An instance of a class, as far as the pickle says how it is made.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(super) class: Id,
    pub(super) made: Made,
    pub(super) arguments: Vec<Id>,
    /// A name, its value, the next name and so on.
    pub(super) keywords: Vec<Id>,
    pub(super) state: Option<Id>,
    /// The values that are appended to a list.
    pub(super) items: Vec<Id>,
    /// The entries that are put into a dictionary: a key, its value, the next key and so on.
    pub(super) entries: Vec<Id>,
}

/// The way in which Python makes a value from a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Made {
    /// By `__new__`, with the arguments.
    New,
    /// By `__new__` of a built-in type that the class is derived from, with the arguments: all of them are the elements
    /// of a `tuple`, and otherwise there is at most one.
    From(Base),
    /// By a call of the class with the arguments.
    Called,
    /// By the attribute of the class whose name is the only argument. It is a member of an enum.
    Attribute,
    /// By no call: the value is what the name stands for.
    Named,
    /// An array of NumPy that is filled with the items. The arguments are its shape, its type, and whether it is in
    /// Fortran order.
    #[cfg(feature = "ndarray")]
    Filled,
}

/// A built-in type whose `__new__` makes instances of classes that are derived from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Base(pub(super) &'static str);

/// Bytes that stand in the payload, or that a pickle has made of others.
#[derive(Clone, Copy)]
pub(super) enum Piece<'n, 'p: 'n> {
    Lent(&'p [u8]),
    Made(&'n [u8]),
}

impl<'n, 'p> Piece<'n, 'p> {
    #[inline]
    pub(super) fn part(self, range: Range<usize>) -> Self {
        match self {
            Self::Lent(bytes) => Self::Lent(&bytes[range]),
            Self::Made(bytes) => Self::Made(&bytes[range]),
        }
    }

    #[inline]
    #[allow(clippy::match_same_arms)] // their lifetimes differ
    pub(super) fn as_slice(self) -> &'n [u8] {
        match self {
            Self::Lent(bytes) => bytes,
            Self::Made(bytes) => bytes,
        }
    }

    /// Lends a visitor bytes of the payload, and shows it others.
    pub(super) fn visit<V: Visitor<'p>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Lent(bytes) => visitor.visit_borrowed_bytes(bytes),
            Self::Made(bytes) => visitor.visit_bytes(bytes),
        }
    }
}

impl<'n, 'p> From<&'n Cow<'p, [u8]>> for Piece<'n, 'p> {
    #[inline]
    fn from(bytes: &'n Cow<'p, [u8]>) -> Self {
        match bytes {
            Cow::Borrowed(bytes) => Self::Lent(bytes),
            Cow::Owned(bytes) => Self::Made(bytes),
        }
    }
}

/// Lends a visitor text of the payload, and shows it other text.
#[inline]
pub(super) fn visit_text<'p, V: Visitor<'p>>(
    text: &Cow<'p, str>,
    visitor: V,
) -> Result<V::Value, Error> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_str(text),
    }
}

/// The values that a pickle has built.
pub(crate) struct Pickled<'p> {
    pub(super) nodes: Vec<Node<'p>>,
    pub(crate) root: Id,
}

/// Text and bytes that a pickle has made of others, each with the node that had it.
enum Copied {
    Text(Id, String),
    Bytes(Id, Vec<u8>),
}

/// Reads a payload into what keeps nothing of it: types that borrow while they are read can borrow all text and bytes, also
/// those that do not stand in the payload.
pub(super) fn read_owned<R>(
    payload: &[u8],
    budget: &Budget<'_>,
    read: impl FnOnce(&Pickled<'_>) -> Result<R>,
) -> Result<R> {
    let mut pickled = Pickled::load(payload, &PLAIN, budget)?;
    let copies = pickled.take_copies();
    pickled.lend(&copies);
    read(&pickled)
}

impl<'p> Pickled<'p> {
    /// Takes out what does not stand in the payload.
    fn take_copies(&mut self) -> Vec<Copied> {
        let mut copies = Vec::new();
        for (id, node) in (0..).zip(&mut self.nodes) {
            match node {
                Node::Text(Cow::Owned(text)) => copies.push(Copied::Text(id, std::mem::take(text))),
                Node::OldText(Cow::Owned(bytes))
                | Node::Bytes(Cow::Owned(bytes))
                | Node::ByteArray(Cow::Owned(bytes)) => {
                    copies.push(Copied::Bytes(id, std::mem::take(bytes)));
                }
                _ => {}
            }
        }
        copies
    }

    /// Lends the nodes what was taken out of them.
    fn lend(&mut self, copies: &'p [Copied]) {
        for copy in copies {
            let (Copied::Text(id, _) | Copied::Bytes(id, _)) = copy;
            match (&mut self.nodes[*id as usize], copy) {
                (Node::Text(text), Copied::Text(_, copy)) => *text = Cow::Borrowed(copy),
                (
                    Node::OldText(bytes) | Node::Bytes(bytes) | Node::ByteArray(bytes),
                    Copied::Bytes(_, copy),
                ) => *bytes = Cow::Borrowed(copy),
                _ => {}
            }
        }
    }

    #[inline]
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

    fn any_bytes(&self, id: Id) -> Option<&Cow<'p, [u8]>> {
        match self.node(id) {
            Node::Bytes(bytes) | Node::ByteArray(bytes) | Node::OldText(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn bytes(&self, id: Id) -> Option<&[u8]> {
        self.any_bytes(id).map(|bytes| &**bytes)
    }

    /// The bytes of a node, and where they are.
    #[cfg(feature = "ndarray")]
    pub(super) fn piece(&self, id: Id) -> Option<Piece<'_, 'p>> {
        self.any_bytes(id).map(Into::into)
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

    /// The entries of a dictionary, or none for `None`.
    pub(crate) fn dict_or_none(&self, id: Id) -> Option<&[Id]> {
        match self.node(id) {
            Node::Dict(entries) => Some(entries),
            Node::None => Some(&[]),
            _ => None,
        }
    }

    /// The value for a key that is text.
    pub(crate) fn entry(&self, entries: &[Id], key: &str) -> Option<Id> {
        let entries = entries.as_chunks().0.iter();
        let is_key = |name: Id| match self.node(name) {
            Node::OldText(bytes) => **bytes == *key.as_bytes(),
            _ => self.text(name) == Some(key),
        };
        entries.rev().find(|[name, _]| is_key(*name)).map(|[_, value]| *value)
    }

    /// The value that stands at a place inside of another one.
    pub(super) fn child(&self, id: Id, mut place: usize) -> Option<Id> {
        match self.node(id) {
            Node::List(ids)
            | Node::Tuple(ids)
            | Node::Set(ids)
            | Node::FrozenSet(ids)
            | Node::Dict(ids) => ids.get(place).copied(),
            Node::Instance(instance) => {
                let Instance { arguments, keywords, items, entries, .. } = &**instance;
                for ids in [arguments, keywords, items, entries] {
                    if let Some(id) = ids.get(place) {
                        return Some(*id);
                    }
                    place -= ids.len();
                }
                instance.state.filter(|_| place == 0)
            }
            _ => None,
        }
    }
}
