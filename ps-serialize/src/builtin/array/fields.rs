//! The fields of a structured type.

use std::fmt::Write;

use super::dtype::Scalar;
use super::literal::Literals;
use crate::error::{Error, Result};

pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    pub(crate) format: Format,
    /// The lengths of a sub-array. A single element has none.
    pub(crate) shape: Vec<usize>,
    /// The size of the field in bytes.
    pub(crate) size: usize,
}

pub(crate) enum Format {
    Name(String),
    Fields(Vec<Field>),
}

impl Field {
    /// Whether the field is padding: bytes between fields, which have no name in NumPy.
    pub(crate) fn is_padding(&self) -> bool {
        let void = matches!(&self.format, Format::Name(name) if name.trim_start_matches('|').starts_with('V'));
        self.name.is_empty() && void
    }
}

/// The fields that a `descr` describes. The `descr` was checked when its array was made.
pub(crate) fn fields(descr: &str) -> Result<Vec<Field>> {
    let mut literals = Literals::new(descr.as_bytes());
    read_fields(&mut literals).map(|(fields, _)| fields)
}

fn read_fields(literals: &mut Literals<'_>) -> Result<(Vec<Field>, usize)> {
    let (mut fields, mut size) = (Vec::new(), 0);
    literals.expect(b'[')?;
    while !literals.take(b']') {
        let field = read_field(literals)?;
        size += field.size;
        fields.push(field);
        if !literals.take(b',') {
            literals.expect(b']')?;
            break;
        }
    }
    Ok((fields, size))
}

fn read_field(literals: &mut Literals<'_>) -> Result<Field> {
    literals.expect(b'(')?;
    let mut names = Vec::new();
    if literals.peek() == Some(b'(') {
        literals.tuple(|literals| {
            names.push(text(literals.string()?)?);
            Ok(())
        })?;
    } else {
        names.push(text(literals.string()?)?);
    }
    let name = names.pop().unwrap_or_default();
    literals.expect(b',')?;
    let (format, mut shape, mut size) = read_format(literals)?;
    if literals.take(b',') && literals.peek() != Some(b')') {
        let outer = read_shape(literals)?;
        size *= outer.iter().product::<usize>();
        shape.splice(0..0, outer);
        literals.take(b',');
    }
    literals.expect(b')')?;
    Ok(Field { name, title: names.pop(), format, shape, size })
}

fn read_format(literals: &mut Literals<'_>) -> Result<(Format, Vec<usize>, usize)> {
    match literals.peek() {
        Some(b'[') => {
            let (fields, size) = read_fields(literals)?;
            Ok((Format::Fields(fields), Vec::new(), size))
        }
        Some(b'(') => {
            literals.expect(b'(')?;
            let (format, inner, size) = read_format(literals)?;
            literals.expect(b',')?;
            let mut shape = read_shape(literals)?;
            let size = size * shape.iter().product::<usize>();
            shape.extend(inner);
            literals.take(b',');
            literals.expect(b')')?;
            Ok((format, shape, size))
        }
        _ => {
            let name = text(literals.string()?)?;
            let size = Scalar::parse(name.as_bytes())?.size;
            Ok((Format::Name(name), Vec::new(), size))
        }
    }
}

fn read_shape(literals: &mut Literals<'_>) -> Result<Vec<usize>> {
    if literals.peek() != Some(b'(') {
        return Ok(vec![literals.number()?]);
    }
    let mut shape = Vec::new();
    literals.tuple(|literals| {
        shape.push(literals.number()?);
        Ok(())
    })?;
    Ok(shape)
}

/// The text of a Python literal, from what is between its quotes.
fn text(quoted: &[u8]) -> Result<String> {
    let quoted = std::str::from_utf8(quoted).map_err(Error::custom)?;
    let mut text = String::with_capacity(quoted.len());
    let mut rest = quoted.chars();
    while let Some(char) = rest.next() {
        let digits = match (char, rest.clone().next()) {
            ('\\', Some(escaped @ ('\\' | '\'' | '"' | 'n' | 'r' | 't'))) => {
                rest.next();
                text.push(match escaped {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    quoted => quoted,
                });
                continue;
            }
            ('\\', Some('x')) => 2,
            ('\\', Some('u')) => 4,
            ('\\', Some('U')) => 8,
            ('\\', _) => return Err(unknown_escape(quoted)),
            _ => {
                text.push(char);
                continue;
            }
        };
        rest.next();
        let code = rest.as_str().get(..digits).and_then(|code| u32::from_str_radix(code, 16).ok());
        text.push(code.and_then(char::from_u32).ok_or_else(|| unknown_escape(quoted))?);
        rest = rest.as_str()[digits..].chars();
    }
    Ok(text)
}

#[cold]
fn unknown_escape(quoted: &str) -> Error {
    let shown: String = quoted.chars().take(40).collect();
    Error::custom(format!("the field name `{shown}` has an unknown escape"))
}

/// A name as Python's `repr` quotes it.
pub(crate) fn quoted(name: &str) -> String {
    let quote = if name.contains('\'') && !name.contains('"') { '"' } else { '\'' };
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push(quote);
    for char in name.chars() {
        match char {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\0'..='\x1f' | '\x7f' => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(char));
            }
            _ => {
                if char == quote || char == '\\' {
                    quoted.push('\\');
                }
                quoted.push(char);
            }
        }
    }
    quoted.push(quote);
    quoted
}
