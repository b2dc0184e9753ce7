//! The names that the keys of dictionaries give to tensors and values.

use super::known::{Rebuild, is_constant};
use crate::builtin::pickle::{Id, Node, Reader};
use crate::error::{Error, Result};
use crate::limits::{MAX_DEPTH, MAX_KEY_BITS, exceeded};

/// The name of a key, which is Python's `str` of it.
pub(super) fn of_key(reader: &Reader<'_, '_>, key: Id) -> Result<String> {
    let pickled = reader.pickled;
    if let Some(text) = pickled.text(key) {
        return Ok(text.to_owned());
    }
    let mut name = String::new();
    match device(reader, key) {
        Some((kind, None)) => name.push_str(kind),
        Some((kind, Some(index))) => name.extend([kind, ":", &index.to_string()]),
        None => add(reader, key, &mut name, MAX_DEPTH)?,
    }
    Ok(name)
}

/// Adds Python's `repr` of a key to the name.
fn add(reader: &Reader<'_, '_>, id: Id, name: &mut String, depth: u32) -> Result<()> {
    let pickled = reader.pickled;
    match reader.enter(id)? {
        Node::None => name.push_str("None"),
        Node::Bool(true) => name.push_str("True"),
        Node::Bool(false) => name.push_str("False"),
        Node::Int(integer) => name.push_str(&integer.to_string()),
        Node::BigInt(integer) if integer.bits() <= MAX_KEY_BITS as u64 => {
            name.push_str(&integer.to_string());
        }
        Node::BigInt(integer) => {
            let bits = usize::try_from(integer.bits()).unwrap_or(usize::MAX);
            return Err(exceeded("bits of an integer that is a key", MAX_KEY_BITS, bits));
        }
        Node::Float(float) => add_float(*float, name),
        Node::Tuple(ids) => {
            let end = if ids.len() == 1 { ",)" } else { ")" };
            add_all(reader, ids, ["(", end], name, depth)?;
        }
        Node::Global(global) if global.module == "torch" && is_constant(&global.name) => {
            name.push_str("torch.");
            name.push_str(&global.name);
        }
        Node::Call { global, arguments, .. } => match pickled.global(*global) {
            Some(("torch", "Size")) => {
                let lengths =
                    pickled.tuple(*arguments).first().map(|lengths| pickled.tuple(*lengths));
                add_all(reader, lengths.unwrap_or_default(), ["torch.Size([", "])"], name, depth)?;
            }
            Some(("torch", "device")) => match device(reader, id) {
                Some((kind, None)) => name.extend(["device(type='", kind, "')"]),
                Some((kind, Some(index))) => {
                    name.extend(["device(type='", kind, "', index=", &index.to_string(), ")"]);
                }
                None => return Err(unnamed()),
            },
            Some((module, function)) if Rebuild::of(module, function).is_some() => {
                return Err(Error::custom(
                    "a key of a dictionary is a tensor, which can't be a name: save the `state_dict()` of an optimizer, where the keys are numbers",
                ));
            }
            _ => return Err(unnamed()),
        },
        _ => match pickled.text(id) {
            Some(text) => add_text(text, name),
            None => return Err(unnamed()),
        },
    }
    Ok(())
}

#[cold]
fn unnamed() -> Error {
    Error::custom(
        "a key of a dictionary can't be a name, because it is neither text, an integer, a float, a bool, None nor a tuple of them: save the dictionary with other keys",
    )
}

fn add_all(
    reader: &Reader<'_, '_>,
    ids: &[Id],
    [begin, end]: [&str; 2],
    name: &mut String,
    depth: u32,
) -> Result<()> {
    let depth = reader.deeper(depth)?;
    name.push_str(begin);
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            name.push_str(", ");
        }
        add(reader, *id, name, depth)?;
    }
    name.push_str(end);
    Ok(())
}

/// The kind of a device and its number, if it is one.
fn device<'n>(reader: &Reader<'n, '_>, id: Id) -> Option<(&'n str, Option<i64>)> {
    let pickled = reader.pickled;
    let Node::Call { global, arguments, .. } = pickled.node(id) else { return None };
    if pickled.global(*global) != Some(("torch", "device")) {
        return None;
    }
    match pickled.tuple(*arguments) {
        [kind] => Some((pickled.text(*kind)?, None)),
        [kind, index] => Some((pickled.text(*kind)?, Some(pickled.integer(*index)?))),
        _ => None,
    }
}

fn add_float(float: f64, name: &mut String) {
    let size = float.abs();
    let text = if float.is_nan() {
        "nan".to_owned()
    } else if size == 0.0 || (1e-4..1e16).contains(&size) || size.is_infinite() {
        format!("{float:?}")
    } else {
        let text = format!("{float:e}");
        match text.split_once('e') {
            // An exponent has a sign and two digits.
            Some((digits, exponent)) => match exponent.strip_prefix('-') {
                Some(exponent) => format!("{digits}e-{exponent:0>2}"),
                None => format!("{digits}e+{exponent:0>2}"),
            },
            None => text,
        }
    };
    name.push_str(&text);
}

fn add_text(text: &str, name: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    name.push(quote);
    for char in text.chars() {
        match char {
            '\\' => name.push_str("\\\\"),
            '\n' => name.push_str("\\n"),
            '\r' => name.push_str("\\r"),
            '\t' => name.push_str("\\t"),
            _ if char == quote => name.extend(['\\', char]),
            _ if is_printable(char) => name.push(char),
            _ => {
                let code = u32::from(char);
                let escaped = match code {
                    0..0x100 => format!("\\x{code:02x}"),
                    0x100..0x10000 => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                };
                name.push_str(&escaped);
            }
        }
    }
    name.push(quote);
}

fn is_printable(char: char) -> bool {
    // `escape_debug` escapes a combining mark only where no letter comes before it.
    char.is_ascii_graphic()
        || char == ' '
        || ['a', char].iter().collect::<String>().escape_debug().count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_and_texts_are_spelled_as_python_spells_them() {
        for (float, expected) in [
            (0.5, "0.5"),
            (3.0, "3.0"),
            (-0.0, "-0.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-1.25e-7, "-1.25e-07"),
            (5e-324, "5e-324"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            let mut name = String::new();
            add_float(float, &mut name);
            assert_eq!(name, expected);
        }
        for (text, expected) in [
            ("a", "'a'"),
            ("it's", "\"it's\""),
            ("it's \"so\"", "'it\\'s \"so\"'"),
            ("a\\b\n\t\r\0", "'a\\\\b\\n\\t\\r\\x00'"),
            ("größe e\u{301}", "'größe e\u{301}'"),
            ("\u{a0}\u{200b}\u{e0001}", "'\\xa0\\u200b\\U000e0001'"),
        ] {
            let mut name = String::new();
            add_text(text, &mut name);
            assert_eq!(name, expected);
        }
    }
}
