//! From lines to claims and shapes.

use std::iter::Peekable;
use std::vec::IntoIter;

use rustc_hash::{FxHashMap, FxHashSet};

use super::claim::{Claim, Codec, Key};
use super::file::{Line, VERSION};
use super::shape::{Collection, Field, Frame, Id, Leaf, Node, Shape, Variant};
use crate::identifier::Identifier;

/// The problem, and the line that it is in.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) line: usize,
    pub(super) problem: String,
}

type Result<T, E = String> = std::result::Result<T, E>;

/// A line without its indentation.
#[derive(Clone, Copy)]
struct Row<'t> {
    number: usize,
    depth: usize,
    text: &'t str,
}

pub(super) fn file(text: &str) -> Result<Vec<Line>, Wrong> {
    let at = |line, problem: String| Wrong { line, problem };
    // Some editors put a mark before the text.
    let mut lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines();
    let Some(first) = lines.next() else {
        return Err(at(1, "the file is empty; if it is new, delete it".to_owned()));
    };
    let Some(version) = first.strip_prefix("ps-serialize-lock ") else {
        return Err(at(1, format!("expected `ps-serialize-lock {VERSION}`, found `{first}`")));
    };
    if version != VERSION.to_string() {
        let problem = format!(
            "this library knows version {VERSION} of the file, and this is {version}: use a newer library"
        );
        return Err(at(1, problem));
    }
    let rows: Vec<_> = lines
        .enumerate()
        .filter(|(_, text)| !text.is_empty() && !text.starts_with('#'))
        .map(|(index, text)| {
            let rest = text.trim_start_matches(' ');
            Row { number: index + 2, depth: text.len() - rest.len(), text: rest }
        })
        .collect();
    let mut rows = Rows { rows: rows.into_iter().peekable(), last: 1 };
    let mut found = Vec::new();
    let mut keys = FxHashSet::default();
    while let Some(row) = rows.next_at(0) {
        let line = entry(row, &mut rows).map_err(|problem| at(rows.last, problem))?;
        if !keys.insert(line.key().clone()) {
            return Err(at(row.number, twice(&line.key().text())));
        }
        found.push(line);
    }
    match rows.rows.next() {
        Some(row) => Err(at(row.number, format!("unexpected indentation of `{}`", row.text))),
        None => Ok(found),
    }
}

struct Rows<'t> {
    rows: Peekable<IntoIter<Row<'t>>>,
    /// The number of the line that was taken last.
    last: usize,
}

impl<'t> Rows<'t> {
    /// The next line, if it is indented by this much.
    fn next_at(&mut self, depth: usize) -> Option<Row<'t>> {
        let row = self.rows.next_if(|row| row.depth == depth)?;
        self.last = row.number;
        Some(row)
    }
}

fn entry(row: Row<'_>, rows: &mut Rows<'_>) -> Result<Line> {
    if let Some(key) = row.text.strip_prefix("retired ") {
        return Ok(Line::Retired(whole(key, key_of)?));
    }
    let key = whole(row.text, key_of)?;
    let (mut codec, mut align, mut objects, mut shape) = (None, None, Vec::new(), None);
    while let Some(row) = rows.next_at(2) {
        let (label, rest) =
            row.text.split_once(": ").ok_or_else(|| expected("a line", row.text))?;
        match label {
            "codec" if codec.is_some() => return Err(twice(label)),
            "align" if align.is_some() => return Err(twice(label)),
            "value" if shape.is_some() => return Err(twice(label)),
            "codec" => codec = Some(whole(rest, codec_of)?),
            "align" => align = Some(rest.parse().map_err(|_| expected("a number", rest))?),
            "dyn" => objects.push(whole(rest, name_of)?),
            "value" => {
                let mut types =
                    Types { rows, nodes: Vec::new(), numbers: FxHashMap::default(), around: 0 };
                let root = types.ty(rest, 4)?;
                shape = Some(Shape { nodes: types.finish()?, root });
            }
            _ => return Err(expected("`codec`, `align`, `dyn` or `value`", label)),
        }
    }
    let shape = shape.ok_or("the entry has no line `value`")?;
    let codec = codec.ok_or("the entry has no line `codec`")?;
    let align = align.unwrap_or(1);
    Ok(Line::Claim(Claim { key, codec, align, objects, shape, is_positional: false }))
}

fn twice(what: &str) -> String {
    format!("`{what}` stands there twice")
}

fn expected(what: &str, found: &str) -> String {
    format!("expected {what}, found `{found}`")
}

/// Parses a text to its end.
fn whole<'t, T>(text: &'t str, parse: impl FnOnce(&'t str) -> Result<(T, &'t str)>) -> Result<T> {
    match parse(text)? {
        (value, "") => Ok(value),
        (_, rest) => Err(format!("unexpected `{rest}`")),
    }
}

fn key_of(text: &str) -> Result<(Key, &str)> {
    if text.starts_with('"') {
        let (class, rest) = text_of(text)?;
        return Ok((Key::Class(class), rest));
    }
    let (identifier, rest) = identifier_of(text)?;
    Ok((Key::Identifier(identifier), rest))
}

fn identifier_of(text: &str) -> Result<(Identifier, &str)> {
    let wrong = || expected("an identifier such as `b\"05\"`", text);
    let inner = text.strip_prefix("b\"").ok_or_else(wrong)?;
    let mut bytes = Vec::new();
    let mut rest = inner.char_indices();
    while let Some((at, char)) = rest.next() {
        match char {
            '"' => {
                let identifier =
                    Identifier::try_from(&bytes[..]).map_err(|error| error.to_string())?;
                return Ok((identifier, &inner[at + 1..]));
            }
            '\\' => bytes.push(match rest.next().ok_or_else(wrong)?.1 {
                'n' => b'\n',
                'r' => b'\r',
                't' => b'\t',
                'x' => {
                    let digits = inner.get(at + 2..at + 4).ok_or_else(wrong)?;
                    rest.next();
                    rest.next();
                    u8::from_str_radix(digits, 16).map_err(|_| wrong())?
                }
                char @ ('\\' | '"' | '\'') => char as u8,
                _ => return Err(wrong()),
            }),
            ' '..='~' => bytes.push(char as u8),
            _ => return Err(wrong()),
        }
    }
    Err(wrong())
}

/// A bare name, or one in quotes.
fn name_of(text: &str) -> Result<(String, &str)> {
    if text.starts_with('"') {
        return text_of(text);
    }
    let is_bare = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-');
    let end = text.find(|char| !is_bare(char)).unwrap_or(text.len());
    if end == 0 {
        return Err(expected("a name", text));
    }
    Ok((text[..end].to_owned(), &text[end..]))
}

/// A JSON string.
fn text_of(text: &str) -> Result<(String, &str)> {
    let wrong = || expected("a text in quotes", text);
    let inner = text.strip_prefix('"').ok_or_else(wrong)?;
    let mut found = String::new();
    let mut rest = inner.char_indices();
    while let Some((at, char)) = rest.next() {
        match char {
            '"' => return Ok((found, &inner[at + 1..])),
            '\\' => found.push(match rest.next().ok_or_else(wrong)?.1 {
                'u' => {
                    let digits = inner.get(at + 2..at + 6).ok_or_else(wrong)?;
                    rest.by_ref().take(4).for_each(drop);
                    let number = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
                    char::from_u32(number).ok_or_else(wrong)?
                }
                char @ ('\\' | '"') => char,
                _ => return Err(wrong()),
            }),
            char => found.push(char),
        }
    }
    Err(wrong())
}

fn codec_of(text: &str) -> Result<(Codec, &str)> {
    if text.starts_with('"') {
        let (name, rest) = text_of(text)?;
        return Ok((Codec::Named(name), rest));
    }
    let (name, rest) = name_of(text)?;
    let codec = Codec::find(&name).ok_or_else(|| expected("a codec", text))?;
    Ok((codec, rest))
}

fn frame_of(text: &str) -> Result<(Frame, &str)> {
    if let Some(name) = text.strip_prefix("dyn ") {
        let (name, rest) = name_of(name)?;
        return Ok((Frame::Object(name), rest));
    }
    Ok(match key_of(text)? {
        (Key::Identifier(identifier), rest) => (Frame::Of(identifier), rest),
        (Key::Class(class), rest) => (Frame::Instance(class), rest),
    })
}

struct Types<'r, 't> {
    rows: &'r mut Rows<'t>,
    /// The nodes so far, with `None` for one whose parts are still being parsed.
    nodes: Vec<Option<Node>>,
    numbers: FxHashMap<usize, Id>,
    /// The number of types around the current one.
    around: usize,
}

/// The library writes no type in more than 128 others.
const MAX_AROUND: usize = 256;

impl Types<'_, '_> {
    fn finish(self) -> Result<Vec<Node>> {
        self.nodes.into_iter().collect::<Option<_>>().ok_or_else(|| "a type is missing".to_owned())
    }

    /// A type whose lines are at this depth.
    fn ty(&mut self, text: &str, depth: usize) -> Result<Id> {
        let mut text = text;
        let id = self.nodes.len();
        if let Some(rest) = text.strip_prefix('@') {
            let (number, rest) = match rest.split_once(" = ") {
                Some((number, rest)) => (number, Some(rest)),
                None => (rest, None),
            };
            let number = number.parse().map_err(|_| expected("a number", number))?;
            match rest {
                Some(rest) if !self.numbers.contains_key(&number) => {
                    self.numbers.insert(number, id);
                    text = rest;
                }
                Some(_) => return Err(format!("`@{number}` is defined twice")),
                None => {
                    let found = self.numbers.get(&number).copied();
                    return found.ok_or_else(|| format!("`@{number}` is not defined"));
                }
            }
        }
        self.nodes.push(None);
        if self.around == MAX_AROUND {
            return Err(format!("the type is in more than {MAX_AROUND} others"));
        }
        self.around += 1;
        let node = self.node(text, depth)?;
        self.around -= 1;
        self.nodes[id] = Some(node);
        Ok(id)
    }

    fn node(&mut self, text: &str, depth: usize) -> Result<Node> {
        if let Some(leaf) = Leaf::find(text) {
            return Ok(Node::Leaf(leaf));
        }
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let named = || if rest.is_empty() { Ok(None) } else { whole(rest, name_of).map(Some) };
        let of = |rest: &'_ str| -> Result<String> {
            rest.strip_prefix("of ").map(str::to_owned).ok_or_else(|| expected("`of`", rest))
        };
        Ok(match word {
            "option" => Node::Option(self.ty(&of(rest)?, depth)?),
            "list" => Node::List(self.ty(&of(rest)?, depth)?),
            "array" => {
                let (count, rest) =
                    rest.split_once(' ').ok_or_else(|| expected("a number", rest))?;
                let count = count.parse().map_err(|_| expected("a number", count))?;
                Node::Array(count, self.ty(&of(rest)?, depth)?)
            }
            "tuple" => {
                let name = named()?;
                let mut members = Vec::new();
                while let Some((index, member)) = self.member(depth)? {
                    if index != members.len().to_string() {
                        return Err(expected(&format!("`{}`", members.len()), &index));
                    }
                    members.push(member);
                }
                Node::Tuple(name, members)
            }
            "map" => match (self.member(depth)?, self.member(depth)?) {
                (Some((one, key)), Some((other, value))) if one == "key" && other == "value" => {
                    Node::Map(key, value)
                }
                _ => return Err("a map has the lines `key` and `value`".to_owned()),
            },
            "struct" => Node::Struct(named()?, self.fields(depth)?.into()),
            "enum" => Node::Enum(named()?, self.variants(depth)?),
            "unseen" => {
                let (name, rest) = name_of(rest)?;
                let reason = rest.strip_prefix(' ').ok_or_else(|| expected("a reason", rest))?;
                Node::Unseen(name, whole(reason, text_of)?)
            }
            "frame" => Node::Frame(whole(rest, frame_of)?),
            "frames" => {
                let (collection, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                let collection = Collection::find(collection)
                    .ok_or_else(|| expected("`option`, `list` or `map`", collection))?;
                Node::Frames(collection, whole(&of(rest)?, frame_of)?)
            }
            _ => return Err(expected("a type", text)),
        })
    }

    /// A line with a label and a type.
    fn member(&mut self, depth: usize) -> Result<Option<(String, Id)>> {
        let Some(row) = self.rows.next_at(depth) else { return Ok(None) };
        let (label, rest) = name_of(row.text)?;
        let ty = rest.strip_prefix(": ").ok_or_else(|| expected("`: ` and a type", rest))?;
        Ok(Some((label, self.ty(ty, depth + 2)?)))
    }

    fn fields(&mut self, depth: usize) -> Result<Vec<Field>> {
        let mut fields: Vec<Field> = Vec::new();
        while let Some(row) = self.rows.next_at(depth) {
            let (name, rest) = name_of(row.text)?;
            let (is_optional, rest) = match rest.strip_prefix('?') {
                Some(rest) => (true, rest),
                None => (false, rest),
            };
            let ty = rest.strip_prefix(": ").ok_or_else(|| expected("`: ` and a type", rest))?;
            let node = self.ty(ty, depth + 2)?;
            if fields.iter().any(|field| field.name == name) {
                return Err(twice(&name));
            }
            fields.push(Field { is_optional, ..Field::plain(name, node) });
        }
        Ok(fields)
    }

    fn variants(&mut self, depth: usize) -> Result<Vec<Variant>> {
        let mut variants: Vec<Variant> = Vec::new();
        while let Some(row) = self.rows.next_at(depth) {
            let (number, rest) = row.text.split_once(' ').unwrap_or((row.text, ""));
            let number = number.parse().map_err(|_| expected("a number", number))?;
            let (name, rest) = name_of(rest)?;
            let node = match rest.strip_prefix(": ") {
                Some(ty) => Some(self.ty(ty, depth + 2)?),
                None if rest.is_empty() => None,
                None => return Err(expected("`: ` and a type", rest)),
            };
            if variants.iter().any(|variant| variant.number == number || variant.name == name) {
                return Err(twice(row.text));
            }
            variants.push(Variant { number, name, node });
        }
        Ok(variants)
    }
}
