//! Whether bytes are those of a shape, in MessagePack with names.

use std::io::{Cursor, Read};

use rmp::Marker;
use rmp::decode::{
    read_array_len, read_bin_len, read_int, read_map_len, read_marker, read_str_len,
};

use super::shape::{Id, Leaf, Node, Shape};

/// Why the bytes are not followed to their end.
enum End {
    /// A part can't be seen.
    Unseen,
    /// The bytes are those of another type.
    Astray,
}

pub(super) fn is_astray(shape: &Shape, bytes: &[u8]) -> bool {
    let mut walker = Walker { shape, bytes: Cursor::new(bytes) };
    match walker.value(shape.root, 0) {
        Ok(()) => walker.bytes.position() < bytes.len() as u64,
        Err(End::Astray) => true,
        Err(End::Unseen) => false,
    }
}

struct Walker<'w> {
    shape: &'w Shape,
    bytes: Cursor<&'w [u8]>,
}

type Step<T = ()> = Result<T, End>;

fn fits(wanted: bool) -> Step {
    if wanted { Ok(()) } else { Err(End::Astray) }
}

fn astray<E>(_: E) -> End {
    End::Astray
}

impl Walker<'_> {
    /// The next marker, which stays in front.
    fn marker(&mut self) -> Step<Marker> {
        let place = self.bytes.position();
        let marker = read_marker(&mut self.bytes).map_err(astray);
        self.bytes.set_position(place);
        marker
    }

    fn content(&mut self, length: u32) -> Step<Vec<u8>> {
        let mut content = Vec::new();
        let read = self.bytes.by_ref().take(u64::from(length)).read_to_end(&mut content);
        fits(read.is_ok() && content.len() == length as usize)?;
        Ok(content)
    }

    fn text(&mut self) -> Step<String> {
        let length = read_str_len(&mut self.bytes).map_err(astray)?;
        String::from_utf8(self.content(length)?).map_err(astray)
    }

    fn leaf(&mut self, leaf: Leaf) -> Step {
        match leaf {
            Leaf::Bool => rmp::decode::read_bool(&mut self.bytes).map(drop).map_err(astray),
            Leaf::F32 => rmp::decode::read_f32(&mut self.bytes).map(drop).map_err(astray),
            Leaf::F64 => rmp::decode::read_f64(&mut self.bytes).map(drop).map_err(astray),
            Leaf::Unit => rmp::decode::read_nil(&mut self.bytes).map_err(astray),
            Leaf::Text => self.text().map(drop),
            Leaf::Char => {
                let text = self.text()?;
                fits(text.chars().count() == 1)
            }
            Leaf::Bytes | Leaf::U128 | Leaf::I128 => {
                let length = read_bin_len(&mut self.bytes).map_err(astray)?;
                fits(leaf == Leaf::Bytes || length == 16)?;
                self.content(length).map(drop)
            }
            Leaf::U64 => read_int::<u64, _>(&mut self.bytes).map(drop).map_err(astray),
            Leaf::U8 => self.integer(0, u8::MAX.into()),
            Leaf::U16 => self.integer(0, u16::MAX.into()),
            Leaf::U32 => self.integer(0, u32::MAX.into()),
            Leaf::I8 => self.integer(i8::MIN.into(), i8::MAX.into()),
            Leaf::I16 => self.integer(i16::MIN.into(), i16::MAX.into()),
            Leaf::I32 => self.integer(i32::MIN.into(), i32::MAX.into()),
            Leaf::I64 => self.integer(i64::MIN, i64::MAX),
        }
    }

    fn integer(&mut self, least: i64, greatest: i64) -> Step {
        let number: i64 = read_int(&mut self.bytes).map_err(astray)?;
        fits((least..=greatest).contains(&number))
    }

    fn array(&mut self, count: usize) -> Step {
        let found = read_array_len(&mut self.bytes).map_err(astray)?;
        fits(found as usize == count)
    }

    fn value(&mut self, id: Id, depth: usize) -> Step {
        // No value that is made of a type is as deep.
        if depth > 1000 {
            return Err(End::Unseen);
        }
        let depth = depth + 1;
        let shape = self.shape;
        match &shape.nodes[id] {
            Node::Leaf(leaf) => self.leaf(*leaf),
            Node::Option(inner) => match self.marker()? {
                Marker::Null => self.leaf(Leaf::Unit),
                _ => self.value(*inner, depth),
            },
            Node::List(inner) => {
                let count = read_array_len(&mut self.bytes).map_err(astray)?;
                (0..count).try_for_each(|_| self.value(*inner, depth))
            }
            Node::Array(count, inner) => {
                self.array(*count)?;
                (0..*count).try_for_each(|_| self.value(*inner, depth))
            }
            Node::Tuple(_, members) => {
                self.array(members.len())?;
                members.iter().try_for_each(|member| self.value(*member, depth))
            }
            Node::Map(key, value) => {
                let count = read_map_len(&mut self.bytes).map_err(astray)?;
                (0..count).try_for_each(|_| {
                    self.value(*key, depth)?;
                    self.value(*value, depth)
                })
            }
            Node::Struct(_, fields) => {
                let count = read_map_len(&mut self.bytes).map_err(astray)?;
                let mut left: Vec<_> = fields.iter().collect();
                for _ in 0..count {
                    let name = self.text()?;
                    let place = left.iter().position(|field| field.name == name);
                    let field = left.remove(place.ok_or(End::Astray)?);
                    self.value(field.node, depth)?;
                }
                fits(left.iter().all(|field| field.is_optional))
            }
            Node::Enum(_, variants) => {
                let holds = !matches!(self.marker()?, Marker::FixStr(_) | Marker::Str8);
                if holds {
                    let count = read_map_len(&mut self.bytes).map_err(astray)?;
                    fits(count == 1)?;
                }
                let name = self.text()?;
                let variant = variants.iter().find(|variant| variant.name == name);
                match variant.ok_or(End::Astray)?.node {
                    Some(node) if holds => self.value(node, depth),
                    node => fits(node.is_none() && !holds),
                }
            }
            Node::Unseen(..) | Node::Frame(_) | Node::Frames(..) => Err(End::Unseen),
        }
    }
}
