//! Whether bytes are those of a shape, in the bincode 1 layout.

use super::shape::{Id, Leaf, Node, Shape};

/// The result of a comparison of the bytes of a value with its shape.
#[derive(Debug, PartialEq)]
pub(super) enum Walked {
    /// The value ends where the bytes do.
    ToTheEnd,
    /// A part can't be seen.
    Unseen,
    /// The bytes are those of another type.
    Astray,
}

pub(super) fn walk(shape: &Shape, bytes: &[u8]) -> Walked {
    let mut walker = Walker { shape, rest: bytes };
    match walker.value(shape.root, 0) {
        Ok(()) if walker.rest.is_empty() => Walked::ToTheEnd,
        Ok(()) => Walked::Astray,
        Err(end) => end,
    }
}

struct Walker<'w> {
    shape: &'w Shape,
    rest: &'w [u8],
}

type Step = Result<(), Walked>;

impl<'w> Walker<'w> {
    fn take(&mut self, count: usize) -> Result<&'w [u8], Walked> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(Walked::Astray)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn length(&mut self) -> Result<usize, Walked> {
        let length = self.take(8)?.try_into().map(u64::from_le_bytes).unwrap_or_default();
        usize::try_from(length).map_err(|_| Walked::Astray)
    }

    fn leaf(&mut self, leaf: Leaf) -> Step {
        let width = match leaf {
            Leaf::Bool => {
                return match self.take(1)? {
                    [0 | 1] => Ok(()),
                    _ => Err(Walked::Astray),
                };
            }
            Leaf::Text => {
                let length = self.length()?;
                let text = self.take(length)?;
                return std::str::from_utf8(text).map(drop).map_err(|_| Walked::Astray);
            }
            Leaf::Bytes => self.length()?,
            Leaf::Char => match self.rest.first() {
                Some(0..0x80) => 1,
                Some(0xc0..0xe0) => 2,
                Some(0xe0..0xf0) => 3,
                Some(0xf0..0xf8) => 4,
                _ => return Err(Walked::Astray),
            },
            Leaf::Unit => 0,
            Leaf::U8 | Leaf::I8 => 1,
            Leaf::U16 | Leaf::I16 => 2,
            Leaf::U32 | Leaf::I32 | Leaf::F32 => 4,
            Leaf::U64 | Leaf::I64 | Leaf::F64 => 8,
            Leaf::U128 | Leaf::I128 => 16,
        };
        self.take(width).map(drop)
    }

    fn value(&mut self, id: Id, depth: usize) -> Step {
        // No value that is made of a type is as deep.
        if depth > 1000 {
            return Err(Walked::Unseen);
        }
        let depth = depth + 1;
        let shape = self.shape;
        match &shape.nodes[id] {
            Node::Leaf(leaf) => self.leaf(*leaf),
            Node::Option(inner) => match self.take(1)? {
                [0] => Ok(()),
                [1] => self.value(*inner, depth),
                _ => Err(Walked::Astray),
            },
            Node::List(inner) => {
                let count = self.length()?;
                (0..count).try_for_each(|_| self.value(*inner, depth))
            }
            Node::Array(count, inner) => (0..*count).try_for_each(|_| self.value(*inner, depth)),
            Node::Tuple(_, members) => {
                members.iter().try_for_each(|member| self.value(*member, depth))
            }
            Node::Map(key, value) => {
                let count = self.length()?;
                (0..count).try_for_each(|_| {
                    self.value(*key, depth)?;
                    self.value(*value, depth)
                })
            }
            Node::Struct(_, fields) => {
                fields.iter().try_for_each(|field| self.value(field.node, depth))
            }
            Node::Enum(_, variants) => {
                let number = self.take(4)?.try_into().map(u32::from_le_bytes).unwrap_or_default();
                let variant = variants
                    .iter()
                    .find(|variant| variant.number == number)
                    .ok_or(Walked::Astray)?;
                variant.node.map_or(Ok(()), |node| self.value(node, depth))
            }
            Node::Unseen(..) | Node::Frame(_) | Node::Frames(..) => Err(Walked::Unseen),
        }
    }
}
