//! The lines of an entry, as a reader in another language knows them: by the page on the file alone.

#![allow(clippy::cast_possible_truncation)] // of small numbers

use std::collections::HashMap;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Integer(usize),
    Float(usize),
    Unit,
    Bool,
    Char,
    Sized {
        is_text: bool,
    },
    Option(Box<Type>),
    List(Box<Type>),
    Array(usize, Box<Type>),
    Tuple(Vec<Type>),
    /// Fields with their names, and whether they may be missing.
    Struct(Vec<(String, bool, Type)>),
    Map(Box<Type>, Box<Type>),
    Enum(Vec<(u32, String, Option<Type>)>),
    Unseen,
    Number(usize),
}

/// The type after `value:` in an entry, and the types with numbers.
pub(crate) struct Layout {
    pub(crate) value: Type,
    pub(crate) numbered: HashMap<usize, Type>,
}

impl Layout {
    pub(crate) fn parse(entry: &str) -> Self {
        let mut parser =
            Parser { lines: entry.lines().collect(), next: 0, numbered: HashMap::new() };
        while !parser.lines[parser.next].starts_with("  value: ") {
            parser.next += 1;
        }
        let line = &parser.lines[parser.next]["  value: ".len()..];
        parser.next += 1;
        let value = parser.ty(line, 4);
        assert_eq!(parser.next, parser.lines.len(), "{entry}");
        Self { value, numbered: parser.numbered }
    }

    fn resolve<'l>(&'l self, ty: &'l Type) -> &'l Type {
        match ty {
            Type::Number(number) => &self.numbered[number],
            ty => ty,
        }
    }

    /// Reads a value, and returns what is left.
    pub(crate) fn walk<'b>(&self, bytes: &'b [u8]) -> Result<&'b [u8], String> {
        self.value(&self.value, bytes)
    }

    fn value<'b>(&self, ty: &Type, bytes: &'b [u8]) -> Result<&'b [u8], String> {
        let take = |bytes: &'b [u8], count: usize| {
            bytes.split_at_checked(count).ok_or_else(|| format!("{count} bytes are missing"))
        };
        let length = |bytes: &'b [u8]| {
            take(bytes, 8).map(|(length, rest)| {
                (u64::from_le_bytes(length.try_into().unwrap()) as usize, rest)
            })
        };
        match self.resolve(ty) {
            Type::Integer(width) | Type::Float(width) => Ok(take(bytes, *width)?.1),
            Type::Unit => Ok(bytes),
            Type::Bool => match take(bytes, 1)? {
                ([0 | 1], rest) => Ok(rest),
                (other, _) => Err(format!("{other:?} is no bool")),
            },
            Type::Char => {
                let width = (1..=4)
                    .find(|&width| {
                        bytes.get(..width).is_some_and(|char| std::str::from_utf8(char).is_ok())
                    })
                    .ok_or("no char")?;
                Ok(&bytes[width..])
            }
            Type::Sized { is_text } => {
                let (count, rest) = length(bytes)?;
                let (content, rest) = take(rest, count)?;
                if *is_text && std::str::from_utf8(content).is_err() {
                    return Err("no text".to_owned());
                }
                Ok(rest)
            }
            Type::Option(inner) => match take(bytes, 1)? {
                ([0], rest) => Ok(rest),
                ([1], rest) => self.value(inner, rest),
                (other, _) => Err(format!("{other:?} is no option")),
            },
            Type::List(inner) => {
                let (count, rest) = length(bytes)?;
                (0..count).try_fold(rest, |rest, _| self.value(inner, rest))
            }
            Type::Array(count, inner) => {
                (0..*count).try_fold(bytes, |rest, _| self.value(inner, rest))
            }
            Type::Tuple(members) => {
                members.iter().try_fold(bytes, |rest, member| self.value(member, rest))
            }
            Type::Struct(fields) => {
                fields.iter().try_fold(bytes, |rest, (_, _, field)| self.value(field, rest))
            }
            Type::Map(key, value) => {
                let (count, rest) = length(bytes)?;
                (0..count).try_fold(rest, |rest, _| self.value(value, self.value(key, rest)?))
            }
            Type::Enum(variants) => {
                let (number, rest) = take(bytes, 4)?;
                let number = u32::from_le_bytes(number.try_into().unwrap());
                let (_, _, inner) = variants
                    .iter()
                    .find(|(found, _, _)| *found == number)
                    .ok_or_else(|| format!("no variant {number}"))?;
                inner.as_ref().map_or(Ok(rest), |inner| self.value(inner, rest))
            }
            Type::Unseen => Err("unseen".to_owned()),
            Type::Number(_) => Err("a number of a number".to_owned()),
        }
    }

    /// Whether a value in MessagePack is one of the type.
    pub(crate) fn fits(&self, value: &rmpv::Value) -> Result<(), String> {
        self.fit(&self.value, value)
    }

    fn fit(&self, ty: &Type, value: &rmpv::Value) -> Result<(), String> {
        use rmpv::Value;

        let all = |ty, values: &[Value]| values.iter().try_for_each(|value| self.fit(ty, value));
        let ty = self.resolve(ty);
        let fits = match (ty, value) {
            (Type::Integer(16), Value::Binary(bytes)) => bytes.len() == 16,
            (Type::Integer(width), Value::Integer(_)) => *width < 16,
            (Type::Float(4), Value::F32(_))
            | (Type::Float(8), Value::F64(_))
            | (Type::Unit | Type::Option(_), Value::Nil)
            | (Type::Bool, Value::Boolean(_))
            | (Type::Sized { is_text: true }, Value::String(_))
            | (Type::Sized { is_text: false }, Value::Binary(_)) => true,
            (Type::Char, Value::String(text)) => text.as_str().unwrap().chars().count() == 1,
            (Type::Option(inner), value) => return self.fit(inner, value),
            (Type::List(inner), Value::Array(values)) => return all(inner, values),
            (Type::Array(count, inner), Value::Array(values)) => {
                all(inner, values)?;
                *count == values.len()
            }
            (Type::Tuple(members), Value::Array(values)) => {
                members.iter().zip(values).try_for_each(|(ty, value)| self.fit(ty, value))?;
                members.len() == values.len()
            }
            (Type::Map(key, inner), Value::Map(entries)) => {
                return entries.iter().try_for_each(|(found, value)| {
                    self.fit(key, found)?;
                    self.fit(inner, value)
                });
            }
            (Type::Struct(fields), Value::Map(entries)) => {
                let found = |name: &str| entries.iter().find(|(key, _)| key.as_str() == Some(name));
                let mut count = 0;
                for (name, may_be_missing, ty) in fields {
                    match found(name) {
                        Some((_, value)) => self.fit(ty, value)?,
                        None if *may_be_missing => continue,
                        None => return Err(format!("there is no field {name}")),
                    }
                    count += 1;
                }
                entries.len() == count
            }
            (Type::Enum(variants), value) => {
                let (name, held) = match value {
                    Value::Map(entries) => match &entries[..] {
                        [(name, held)] => (name, Some(held)),
                        _ => return Err(format!("{value} is no variant")),
                    },
                    name => (name, None),
                };
                let variant = variants.iter().find(|(_, known, _)| name.as_str() == Some(known));
                match (variant, held) {
                    (Some((.., Some(ty))), Some(held)) => return self.fit(ty, held),
                    (Some((.., None)), None) => true,
                    _ => false,
                }
            }
            _ => false,
        };
        if fits { Ok(()) } else { Err(format!("{value} is no {ty:?}")) }
    }

    /// A value of the type, by chance. Deep inside, it is the smallest.
    pub(crate) fn random(&self, chance: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.put(&self.value, 0, chance, &mut bytes);
        bytes
    }

    fn put(
        &self,
        ty: &Type,
        depth: usize,
        chance: &mut impl FnMut(usize) -> usize,
        out: &mut Vec<u8>,
    ) {
        let is_deep = depth > 6;
        let depth = depth + 1;
        match self.resolve(ty) {
            Type::Integer(width) | Type::Float(width) => match chance(3) {
                0 => out.extend((0..*width).map(|_| 0)),
                1 => out.extend((0..*width).map(|at| if at == 0 { chance(13) as u8 } else { 0 })),
                _ => out.extend((0..*width).map(|_| chance(256) as u8)),
            },
            Type::Bool => out.push(chance(2) as u8),
            Type::Char => {
                let char = ['a', 'ö', '→', '🦀'][chance(4)];
                out.extend(char.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Type::Sized { is_text } => {
                const TEXTS: [&str; 14] = [
                    "",
                    "a",
                    "zü",
                    "#1f",
                    "1.2.3",
                    "^2",
                    "2024-02-29",
                    "2024-02-29T23:59:59Z",
                    "23:59:59",
                    "2024-02-29T23:59:59",
                    "Fri",
                    "https://a.example/b?c",
                    "xyzzy",
                    "/tmp",
                ];
                let content = if *is_text {
                    TEXTS[chance(TEXTS.len())].as_bytes().to_vec()
                } else {
                    vec![7; [0, 4, 16, 16][chance(4)]]
                };
                out.extend((content.len() as u64).to_le_bytes());
                out.extend(content);
            }
            Type::Option(inner) => {
                let some = if is_deep { 0 } else { chance(2) };
                out.push(some as u8);
                if some == 1 {
                    self.put(inner, depth, chance, out);
                }
            }
            Type::List(inner) => {
                let count = if is_deep { 0 } else { chance(4) };
                out.extend((count as u64).to_le_bytes());
                (0..count).for_each(|_| self.put(inner, depth, chance, out));
            }
            Type::Array(count, inner) => {
                (0..*count).for_each(|_| self.put(inner, depth, chance, out));
            }
            Type::Tuple(members) => {
                members.iter().for_each(|member| self.put(member, depth, chance, out));
            }
            Type::Struct(fields) => {
                fields.iter().for_each(|(_, _, field)| self.put(field, depth, chance, out));
            }
            Type::Map(key, value) => {
                let count = if is_deep { 0 } else { chance(3) };
                out.extend((count as u64).to_le_bytes());
                for _ in 0..count {
                    self.put(key, depth, chance, out);
                    self.put(value, depth, chance, out);
                }
            }
            Type::Enum(variants) => {
                let units: Vec<_> = variants.iter().filter(|(.., inner)| inner.is_none()).collect();
                let choices =
                    if is_deep && !units.is_empty() { units } else { variants.iter().collect() };
                let (number, _, inner) = choices[chance(choices.len())];
                out.extend(number.to_le_bytes());
                if let Some(inner) = inner
                    && depth < 40
                {
                    self.put(inner, depth, chance, out);
                }
            }
            Type::Unit | Type::Unseen | Type::Number(_) => {}
        }
    }
}

struct Parser<'t> {
    lines: Vec<&'t str>,
    next: usize,
    numbered: HashMap<usize, Type>,
}

impl<'t> Parser<'t> {
    fn ty(&mut self, text: &str, depth: usize) -> Type {
        if let Some(rest) = text.strip_prefix('@') {
            let Some((number, rest)) = rest.split_once(" = ") else {
                return Type::Number(rest.parse().unwrap());
            };
            let number = number.parse().unwrap();
            let ty = self.ty(rest, depth);
            self.numbered.insert(number, ty);
            return Type::Number(number);
        }
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match word {
            "u8" | "i8" => Type::Integer(1),
            "u16" | "i16" => Type::Integer(2),
            "u32" | "i32" => Type::Integer(4),
            "u64" | "i64" => Type::Integer(8),
            "u128" | "i128" => Type::Integer(16),
            "f32" => Type::Float(4),
            "f64" => Type::Float(8),
            "unit" => Type::Unit,
            "bool" => Type::Bool,
            "char" => Type::Char,
            "text" => Type::Sized { is_text: true },
            "bytes" => Type::Sized { is_text: false },
            "option" => Type::Option(Box::new(self.ty(rest.strip_prefix("of ").unwrap(), depth))),
            "list" => Type::List(Box::new(self.ty(rest.strip_prefix("of ").unwrap(), depth))),
            "array" => {
                let (count, rest) = rest.split_once(" of ").unwrap();
                Type::Array(count.parse().unwrap(), Box::new(self.ty(rest, depth)))
            }
            "tuple" => {
                let mut members = Vec::new();
                while let Some(line) = self.line(depth) {
                    let (_, _, member) = self.field(line, depth);
                    members.push(member);
                }
                Type::Tuple(members)
            }
            "struct" => {
                let mut fields = Vec::new();
                while let Some(line) = self.line(depth) {
                    fields.push(self.field(line, depth));
                }
                Type::Struct(fields)
            }
            "map" => {
                let key = self.line(depth).unwrap().strip_prefix("key: ").unwrap();
                let key = self.ty(key, depth + 2);
                let value = self.line(depth).unwrap().strip_prefix("value: ").unwrap();
                Type::Map(Box::new(key), Box::new(self.ty(value, depth + 2)))
            }
            "enum" => {
                let mut variants = Vec::new();
                while let Some(line) = self.line(depth) {
                    let (number, rest) = line.split_once(' ').unwrap();
                    let number = number.parse().unwrap();
                    variants.push(if rest.contains(": ") {
                        let (name, _, inner) = self.field(rest, depth);
                        (number, name, Some(inner))
                    } else {
                        (number, unquoted(rest), None)
                    });
                }
                Type::Enum(variants)
            }
            "unseen" => Type::Unseen,
            _ => panic!("{text}"),
        }
    }

    /// A line with a name and a type.
    fn field(&mut self, line: &'t str, depth: usize) -> (String, bool, Type) {
        let end = if line.starts_with('"') { line.rfind('"').unwrap() } else { 0 };
        let (name, ty) = line[end..].split_once(": ").unwrap();
        let name = &line[..end + name.len()];
        let bare = name.strip_suffix('?');
        (unquoted(bare.unwrap_or(name)), bare.is_some(), self.ty(ty, depth + 2))
    }

    fn line(&mut self, depth: usize) -> Option<&'t str> {
        let line = self.lines.get(self.next)?;
        let rest = line.trim_start_matches(' ');
        if line.len() - rest.len() != depth {
            return None;
        }
        self.next += 1;
        Some(rest)
    }
}

fn unquoted(name: &str) -> String {
    if name.starts_with('"') { serde_json::from_str(name).unwrap() } else { name.to_owned() }
}
