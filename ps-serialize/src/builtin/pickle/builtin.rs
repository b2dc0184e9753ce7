//! Values of built-in types that pickles make by a call.

use std::borrow::Cow;

use super::literal::encoded;
use super::node::{Id, Node};
use super::parse::{Machine, out_of_place};
use crate::error::{Error, Result};

impl<'p> Machine<'p, '_> {
    pub(super) fn call_builtin(
        &mut self,
        builtin: Builtin,
        first: Option<Id>,
        second: Option<Id>,
    ) -> Result<Node<'p>> {
        let argument = |id: Option<Id>| id.map(|id| self.node(id));
        // In bytes, before anything is copied.
        let copied = match (builtin, argument(first)) {
            (Builtin::Set | Builtin::FrozenSet, Some(Node::List(ids))) => size_of_val(&ids[..]),
            (Builtin::OrderedDict, Some(Node::List(pairs))) => 2 * size_of_val(&pairs[..]),
            (Builtin::Counter, Some(Node::Dict(entries))) => size_of_val(&entries[..]),
            (Builtin::ByteArray, Some(Node::Bytes(Cow::Owned(bytes)))) => bytes.len(),
            (Builtin::ByteArray | Builtin::Encode, Some(Node::Text(text))) => text.chars().count(),
            _ => 0,
        };
        self.count_copies(copied)?;
        let argument = |id: Option<Id>| id.map(|id| self.node(id));
        let made = match (builtin, argument(first), argument(second)) {
            (Builtin::Set, None, _) => Node::Set(Vec::new()),
            (Builtin::Set, Some(Node::List(elements)), None) => Node::Set(elements.clone()),
            (Builtin::FrozenSet, None, _) => Node::FrozenSet(Vec::new()),
            (Builtin::FrozenSet, Some(Node::List(elements)), None) => {
                Node::FrozenSet(elements.clone())
            }
            (Builtin::Bytes, None, _) => Node::Bytes(Cow::default()),
            (Builtin::ByteArray, None, _) => Node::ByteArray(Cow::default()),
            (Builtin::ByteArray, Some(Node::Bytes(bytes)), None) => Node::ByteArray(bytes.clone()),
            (Builtin::ByteArray, Some(Node::Text(text)), Some(encoding)) => {
                Node::ByteArray(encoded(text, encoding)?.into())
            }
            (Builtin::Encode, Some(Node::Text(text)), Some(encoding)) => {
                Node::Bytes(encoded(text, encoding)?.into())
            }
            (Builtin::Complex, Some(Node::Float(real)), Some(Node::Float(imaginary))) => {
                Node::Complex(*real, *imaginary)
            }
            (Builtin::OrderedDict | Builtin::Counter | Builtin::DefaultDict, None, _)
            // The argument is the function that makes missing values. It is left out.
            | (Builtin::DefaultDict, Some(Node::Global(_) | Node::None), None) => {
                Node::Dict(Vec::new())
            }
            (Builtin::Counter, Some(Node::Dict(entries)), None) => Node::Dict(entries.clone()),
            (Builtin::OrderedDict, Some(Node::List(pairs)), None) => {
                let mut entries = Vec::with_capacity(2 * pairs.len());
                for pair in pairs {
                    match self.node(*pair) {
                        Node::List(pair) | Node::Tuple(pair) if pair.len() == 2 => {
                            entries.extend_from_slice(pair);
                        }
                        _ => return Err(out_of_place("OrderedDict", "list of pairs")),
                    }
                }
                Node::Dict(entries)
            }
            _ => {
                return Err(Error::custom(format!(
                    "a call of {builtin:?} with other arguments than Python's pickles have"
                )));
            }
        };
        Ok(made)
    }
}

/// What Python's pickles of plain data call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Builtin {
    Set,
    FrozenSet,
    Bytes,
    ByteArray,
    Complex,
    Encode,
    OrderedDict,
    Counter,
    DefaultDict,
}

impl Builtin {
    pub(super) fn of(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("builtins", "set") => Self::Set,
            ("builtins", "frozenset") => Self::FrozenSet,
            ("builtins", "bytes") => Self::Bytes,
            ("builtins", "bytearray") => Self::ByteArray,
            ("builtins", "complex") => Self::Complex,
            ("_codecs", "encode") => Self::Encode,
            ("collections", "OrderedDict") => Self::OrderedDict,
            ("collections", "Counter") => Self::Counter,
            ("collections", "defaultdict") => Self::DefaultDict,
            _ => return None,
        })
    }

    /// Whether it is a type and not a function.
    pub(super) fn is_type(self) -> bool {
        !matches!(self, Self::Encode)
    }

    /// Whether every dialect reads it. `Counter` and `defaultdict` become plain dictionaries, so only a
    /// dialect that asks for them reads them.
    pub(super) fn is_plain(self) -> bool {
        !matches!(self, Self::Counter | Self::DefaultDict)
    }
}
