//! From shapes to lines.

use std::fmt::Write;

use rustc_hash::{FxHashMap, FxHashSet};

use super::shape::{Frame, Id, Node, Shape};

/// A name that can stand without quotes.
fn is_bare(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

pub(super) fn name(name: &str) -> String {
    if is_bare(name) { name.to_owned() } else { quoted(name) }
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\0'..' ' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(char));
            }
            _ => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

pub(super) fn frame(frame: &Frame) -> String {
    match frame {
        Frame::Of(identifier) => format!("{identifier:?}"),
        Frame::Instance(class) => quoted(class),
        Frame::Object(object) => format!("dyn {}", name(object)),
    }
}

/// Writes shapes line by line.
pub(super) struct Lines<'s> {
    shape: &'s Shape,
    /// The types that occur on more than one line.
    shared: FxHashSet<Id>,
    numbers: FxHashMap<Id, usize>,
    text: String,
}

impl<'s> Lines<'s> {
    pub(super) fn new(shape: &'s Shape) -> Self {
        let mut lines = Self {
            shape,
            shared: FxHashSet::default(),
            numbers: FxHashMap::default(),
            text: String::new(),
        };
        lines.find_shared();
        lines
    }

    /// The rest of a line with the type, and the lines below it at this depth.
    pub(super) fn write(mut self, depth: usize) -> String {
        self.ty(self.shape.root, depth);
        self.text
    }

    fn find_shared(&mut self) {
        let mut visited = FxHashSet::default();
        let mut left = vec![self.shape.root];
        while let Some(id) = left.pop() {
            let node = &self.shape.nodes[id];
            if (node.has_lines() || self.holds_itself_alone(id)) && !visited.insert(id) {
                self.shared.insert(id);
                continue;
            }
            left.extend(node.children().into_iter().rev());
        }
    }

    /// Whether a line with the type would have no end.
    fn holds_itself_alone(&self, id: Id) -> bool {
        let mut inner = id;
        for _ in 0..self.shape.nodes.len() {
            match &self.shape.nodes[inner] {
                Node::Option(next) | Node::List(next) | Node::Array(_, next) => inner = *next,
                _ => return false,
            }
            if inner == id {
                return true;
            }
        }
        false
    }

    fn ty(&mut self, id: Id, depth: usize) {
        if let Some(number) = self.numbers.get(&id) {
            let _ = writeln!(self.text, "@{number}");
            return;
        }
        if self.shared.contains(&id) {
            let number = self.numbers.len() + 1;
            self.numbers.insert(id, number);
            let _ = write!(self.text, "@{number} = ");
        }
        let shape = self.shape;
        let head = head(&shape.nodes[id]);
        self.text.push_str(&head);
        match &shape.nodes[id] {
            Node::Option(inner) | Node::List(inner) | Node::Array(_, inner) => {
                self.ty(*inner, depth);
                return;
            }
            _ => self.text.push('\n'),
        }
        match &shape.nodes[id] {
            Node::Tuple(_, members) => {
                for (index, member) in members.iter().enumerate() {
                    self.line(depth, &format!("{index}: "), *member);
                }
            }
            Node::Map(key, value) => {
                self.line(depth, "key: ", *key);
                self.line(depth, "value: ", *value);
            }
            Node::Struct(_, fields) => {
                for field in &**fields {
                    let mark = if field.is_optional { "?" } else { "" };
                    self.line(depth, &format!("{}{mark}: ", name(&field.name)), field.node);
                }
            }
            Node::Enum(_, variants) => {
                for variant in variants {
                    let label = format!("{} {}", variant.number, name(&variant.name));
                    match variant.node {
                        Some(node) => self.line(depth, &format!("{label}: "), node),
                        None => {
                            let _ = writeln!(self.text, "{:depth$}{label}", "");
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn line(&mut self, depth: usize, label: &str, id: Id) {
        let _ = write!(self.text, "{:depth$}{label}", "");
        self.ty(id, depth + 2);
    }
}

/// The text of the node itself, without the types inside of it.
pub(super) fn head(node: &Node) -> String {
    let named = |word: &str, found: &Option<String>| match found {
        Some(found) => format!("{word} {}", name(found)),
        None => word.to_owned(),
    };
    match node {
        Node::Leaf(leaf) => leaf.word().to_owned(),
        Node::Option(_) => "option of ".to_owned(),
        Node::List(_) => "list of ".to_owned(),
        Node::Array(count, _) => format!("array {count} of "),
        Node::Tuple(name, _) => named("tuple", name),
        Node::Map(..) => "map".to_owned(),
        Node::Struct(name, _) => named("struct", name),
        Node::Enum(name, _) => named("enum", name),
        Node::Unseen(found, reason) => format!("unseen {} {}", name(found), quoted(reason)),
        Node::Frame(inside) => format!("frame {}", frame(inside)),
        Node::Frames(collection, inside) => {
            format!("frames {} of {}", collection.word(), frame(inside))
        }
    }
}
