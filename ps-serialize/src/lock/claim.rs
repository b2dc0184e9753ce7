//! What an identifier means: the lines of one entry.

use std::fmt::Write;

use super::shape::{Node, Shape};
use super::write::{self, Lines};
use crate::identifier::Identifier;

/// The key of an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    Identifier(Identifier),
    Class(String),
}

/// The codec of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    /// The default codec.
    Bincode,
    /// The codec with wincode's derives.
    Wincode,
    /// The codec with names.
    MessagePack,
    /// Instances of Python classes.
    Pickle,
    /// An `impl Serializer` block.
    Own,
    /// A codec of the program.
    Named(String),
}

impl Codec {
    pub(super) fn find(name: &str) -> Option<Self> {
        let codecs = [Self::Bincode, Self::Wincode, Self::MessagePack, Self::Pickle, Self::Own];
        codecs.into_iter().find(|codec| codec.text() == name)
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Bincode => "bincode".to_owned(),
            Self::Wincode => "wincode".to_owned(),
            Self::MessagePack => "messagepack".to_owned(),
            Self::Pickle => "pickle".to_owned(),
            Self::Own => "own".to_owned(),
            Self::Named(name) => write::quoted(name),
        }
    }
}

impl Key {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Identifier(identifier) => format!("{identifier:?}"),
            Self::Class(class) => write::quoted(class),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) key: Key,
    pub(super) codec: Codec,
    pub(super) align: usize,
    /// The traits that the type claims, sorted.
    pub(super) objects: Vec<String>,
    pub(super) shape: Shape,
    /// Whether pickled instances may have their fields in the order of the type. The file does not say it.
    pub(super) is_positional: bool,
}

impl Claim {
    /// The lines of the entry.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n  codec: {}\n", self.key.text(), self.codec.text());
        if self.align > 1 {
            let _ = writeln!(text, "  align: {}", self.align);
        }
        for object in &self.objects {
            let _ = writeln!(text, "  dyn: {}", write::name(object));
        }
        text.push_str("  value: ");
        text + &Lines::new(&self.shape).write(4)
    }

    /// Whether frames are inside of the frame.
    pub(super) fn has_frames(shape: &Shape) -> bool {
        shape.nodes.iter().any(|node| matches!(node, Node::Frame(_) | Node::Frames(..)))
    }
}
