//! What a type looks like to serde: a graph, since a type may hold itself.

use std::ops::Deref;

/// The place of a node in its shape.
pub(super) type Id = usize;

/// A type, and those inside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Id,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Node {
    Leaf(Leaf),
    Option(Id),
    List(Id),
    Array(usize, Id),
    Tuple(Option<String>, Vec<Id>),
    Map(Id, Id),
    Struct(Option<String>, Fields),
    Enum(Option<String>, Vec<Variant>),
    /// A type that can't be seen, and the reason.
    Unseen(String, String),
    Frame(Frame),
    Frames(Collection, Frame),
}

/// The fields of a struct.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Fields {
    pub(super) fields: Vec<Field>,
    /// Whether readers by name refuse fields that they do not know. The file does not say it.
    pub(super) deny_unknown: bool,
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Field {
    pub(super) name: String,
    /// The other names that readers by name take. The file does not say them.
    pub(super) aliases: Vec<String>,
    pub(super) is_optional: bool,
    pub(super) node: Id,
}

/// A variant of an enum, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Variant {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) node: Option<Id>,
}

macro_rules! words {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident { $($variant:ident $word:literal)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)] // the words say it
        $visibility enum $name { $($variant),* }

        impl $name {
            pub(super) fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            pub(super) fn find(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// A value without parts.
    pub(crate) enum Leaf {
        Bool "bool"
        U8 "u8" U16 "u16" U32 "u32" U64 "u64" U128 "u128"
        I8 "i8" I16 "i16" I32 "i32" I64 "i64" I128 "i128"
        F32 "f32" F64 "f64"
        Char "char" Text "text" Bytes "bytes" Unit "unit"
    }
}

words! {
    /// A number of frames in one field.
    pub enum Collection { Option "option" List "list" Map "map" }
}

/// The kind of a frame inside of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Frame {
    /// A frame with this identifier.
    Of(crate::Identifier),
    /// An instance of this Python class.
    Instance(String),
    /// A frame of any type that claims this trait.
    Object(String),
}

impl Frame {
    /// The frame of a serializer.
    pub(crate) fn of<S: crate::Serializer>() -> Self {
        match S::CLASS {
            Some(class) => Self::Instance(class.to_string()),
            None => Self::Of(S::IDENTIFIER),
        }
    }

    /// The frame of a trait object in a box.
    pub(crate) fn object<T>() -> Self {
        let name = short(std::any::type_name::<T>());
        let name = name.trim_start_matches("Box<dyn ").trim_end_matches('>');
        Self::Object(name.split(" + ").next().unwrap_or(name).to_owned())
    }
}

impl Field {
    /// A field with one name, which is always there.
    pub(super) fn plain(name: String, node: Id) -> Self {
        Self { name, aliases: Vec::new(), is_optional: false, node }
    }
}

impl From<Vec<Field>> for Fields {
    fn from(fields: Vec<Field>) -> Self {
        Self { fields, deny_unknown: false }
    }
}

impl Deref for Fields {
    type Target = Vec<Field>;

    fn deref(&self) -> &Vec<Field> {
        &self.fields
    }
}

impl Shape {
    /// The shape of a type that can't be seen.
    pub(super) fn unseen(name: &str, reason: &str) -> Self {
        Self { nodes: vec![Node::Unseen(short(name), reason.to_owned())], root: 0 }
    }
}

impl Node {
    /// The types inside, in their order.
    pub(super) fn children(&self) -> Vec<Id> {
        match self {
            Self::Leaf(_) | Self::Unseen(..) | Self::Frame(_) | Self::Frames(..) => Vec::new(),
            Self::Option(inner) | Self::List(inner) | Self::Array(_, inner) => vec![*inner],
            Self::Tuple(_, members) => members.clone(),
            Self::Map(key, value) => vec![*key, *value],
            Self::Struct(_, fields) => fields.iter().map(|field| field.node).collect(),
            Self::Enum(_, variants) => variants.iter().filter_map(|variant| variant.node).collect(),
        }
    }

    /// Gives the types inside of the node other places.
    pub(super) fn with_children(mut self, mut place: impl FnMut(Id) -> Id) -> Self {
        match &mut self {
            Self::Leaf(_) | Self::Unseen(..) | Self::Frame(_) | Self::Frames(..) => {}
            Self::Option(inner) | Self::List(inner) | Self::Array(_, inner) => {
                *inner = place(*inner);
            }
            Self::Tuple(_, members) => {
                members.iter_mut().for_each(|member| *member = place(*member));
            }
            Self::Map(key, value) => (*key, *value) = (place(*key), place(*value)),
            Self::Struct(_, fields) => {
                fields.fields.iter_mut().for_each(|field| field.node = place(field.node));
            }
            Self::Enum(_, variants) => {
                variants.iter_mut().for_each(|variant| variant.node = variant.node.map(&mut place));
            }
        }
        self
    }

    /// Whether the node has lines below it.
    pub(super) fn has_lines(&self) -> bool {
        matches!(self, Self::Tuple(..) | Self::Map(..) | Self::Struct(..) | Self::Enum(..))
    }
}

/// The name of a type without the modules that it and its parameters are in.
pub(super) fn short(name: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    let mut chars = name.chars().peekable();
    while let Some(char) = chars.next() {
        if char == ':' && chars.peek() == Some(&':') {
            chars.next();
            word.clear();
        } else if char.is_alphanumeric() || char == '_' {
            word.push(char);
        } else {
            short.push_str(&word);
            word.clear();
            short.push(char);
        }
    }
    short + &word
}

#[cfg(test)]
mod tests {
    #[test]
    fn short_names_have_no_modules() {
        assert_eq!(super::short("a::b::Pair<c::D, &[e::F]>"), "Pair<D, &[F]>");
    }
}
