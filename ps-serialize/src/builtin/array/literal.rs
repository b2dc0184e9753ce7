//! The Python literals of an `.npy` header: strings, integers, `True`, `False`, tuples, lists and
//! one dictionary.

use crate::error::{Error, Result};
use crate::limits::{MAX_DTYPE_DEPTH, check_dimensions, exceeded};

/// Reads literals from the front of a text, whose syntax is ASCII.
pub(super) struct Literals<'a> {
    rest: &'a [u8],
}

impl<'a> Literals<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
    }

    /// The next byte that is not white space.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        while let [b' ' | b'\t' | b'\n' | b'\r' | b'\x0c', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.rest.first().copied()
    }

    /// Takes this byte, if it is the next.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Result<()> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(&format!("`{}`", byte as char))) }
    }

    pub(super) fn end(&mut self) -> Result<()> {
        // Padding is long: all of it is looked at, without a branch for each byte.
        let blank = |ok, &byte| ok & matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c');
        if self.rest.iter().fold(true, blank) {
            return Ok(());
        }
        self.peek();
        Err(self.unexpected("its end"))
    }

    /// The bytes between the quotes of a string, with their escapes.
    pub(super) fn string(&mut self) -> Result<&'a [u8]> {
        if let Some(b'u' | b'U') = self.peek() {
            self.rest = &self.rest[1..];
        }
        let Some(&quote @ (b'\'' | b'"')) = self.rest.first() else {
            return Err(self.unexpected("a string"));
        };
        let text = &self.rest[1..];
        let mut at = 0;
        loop {
            match text.get(at) {
                Some(&byte) if byte == quote => break,
                Some(b'\\') if is_escape(&text[at + 1..]) => at += 2,
                Some(b'\\') => return Err(self.unexpected("a string with valid escapes")),
                Some(b'\0' | b'\n' | b'\r') => {
                    return Err(self.unexpected("a string of one line, without zeros"));
                }
                Some(_) => at += 1,
                None => return Err(self.unexpected("a string that ends")),
            }
        }
        self.rest = &text[at + 1..];
        Ok(&text[..at])
    }

    /// Takes this text, if it comes next.
    #[inline]
    pub(super) fn take_text(&mut self, text: &[u8]) -> bool {
        self.peek();
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    pub(super) fn boolean(&mut self) -> Result<bool> {
        if self.take_text(b"False") {
            Ok(false)
        } else if self.take_text(b"True") {
            Ok(true)
        } else {
            Err(self.unexpected("`True` or `False`"))
        }
    }

    /// A number that is not negative, with or without the `L` of Python 2.
    pub(super) fn number(&mut self) -> Result<usize> {
        self.peek();
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut value = 0_usize;
        for digit in &self.rest[..digits] {
            let next = value.checked_mul(10).and_then(|v| v.checked_add((digit - b'0').into()));
            value = next.ok_or_else(|| self.unexpected("a number that fits this machine"))?;
        }
        // Python takes `00` for a number, but not `01`.
        if digits == 0 || self.rest[0] == b'0' && value > 0 {
            return Err(self.unexpected("a number"));
        }
        self.rest = &self.rest[digits..];
        if let [b'l' | b'L', rest @ ..] = self.rest {
            self.rest = rest;
        }
        Ok(value)
    }

    /// The elements of a tuple, the next one read by `each`. `(3)` is no tuple.
    pub(super) fn tuple(&mut self, mut each: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        self.expect(b'(')?;
        let mut elements = 0;
        while !self.take(b')') {
            each(self)?;
            elements += 1;
            if !self.take(b',') {
                if elements == 1 {
                    return Err(self.unexpected("`,`"));
                }
                self.expect(b')')?;
                break;
            }
        }
        Ok(())
    }

    /// The text of the literal that `read` reads.
    pub(super) fn text_of<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<(&'a [u8], T)> {
        self.peek();
        let before = self.rest;
        let value = read(self)?;
        Ok((&before[..before.len() - self.rest.len()], value))
    }

    /// The size in bytes of an item of the type that a `descr` describes, where `scalar` knows that
    /// of one with a name.
    pub(super) fn item_size(
        &mut self,
        scalar: impl Fn(&[u8]) -> Result<usize> + Copy,
    ) -> Result<usize> {
        self.nested_item_size(scalar, MAX_DTYPE_DEPTH as usize)
    }

    fn nested_item_size(
        &mut self,
        scalar: impl Fn(&[u8]) -> Result<usize> + Copy,
        depth: usize,
    ) -> Result<usize> {
        let Some(depth) = depth.checked_sub(1) else {
            let limit = MAX_DTYPE_DEPTH as usize;
            return Err(exceeded("levels of a nested element type", limit, limit + 1));
        };
        match self.peek() {
            // (type, shape)
            Some(b'(') => {
                self.expect(b'(')?;
                let item = self.nested_item_size(scalar, depth)?;
                self.expect(b',')?;
                let size = self.repeated(item)?;
                self.take(b',');
                self.expect(b')')?;
                Ok(size)
            }
            // [(name, type), ((title, name), type, shape), …]
            Some(b'[') => {
                self.expect(b'[')?;
                let mut size = 0_usize;
                let mut names = Vec::new();
                while !self.take(b']') {
                    let field = self.field(scalar, depth, &mut names)?;
                    size = size.checked_add(field).ok_or_else(too_large)?;
                    if !self.take(b',') {
                        self.expect(b']')?;
                        break;
                    }
                }
                names.sort_unstable();
                match names.windows(2).find(|pair| pair[0] == pair[1]) {
                    Some([name, _]) => Err(twice(name)),
                    _ => Ok(size),
                }
            }
            _ => scalar(self.string()?),
        }
    }

    fn field(
        &mut self,
        scalar: impl Fn(&[u8]) -> Result<usize> + Copy,
        depth: usize,
        names: &mut Vec<&'a [u8]>,
    ) -> Result<usize> {
        self.expect(b'(')?;
        // A field is found by its title too, so titles and names must all differ. Padding has an empty name.
        let mut name = |literals: &mut Self| {
            names.extend(Some(literals.string()?).filter(|name| !name.is_empty()));
            Ok(())
        };
        if self.peek() == Some(b'(') {
            self.tuple(name)?;
        } else {
            name(self)?;
        }
        self.expect(b',')?;
        let item = self.nested_item_size(scalar, depth)?;
        let mut size = item;
        if self.take(b',') && self.peek() != Some(b')') {
            size = self.repeated(item)?;
            self.take(b',');
        }
        self.expect(b')')?;
        Ok(size)
    }

    /// The size of a sub-array of such items, whose shape comes next.
    fn repeated(&mut self, item: usize) -> Result<usize> {
        let (mut size, mut dimensions) = (item, 0);
        let mut grow = |literals: &mut Self| {
            dimensions += 1;
            check_dimensions(dimensions)?;
            size = size.checked_mul(literals.number()?).ok_or_else(too_large)?;
            Ok(())
        };
        if self.peek() == Some(b'(') {
            self.tuple(grow)?;
        } else {
            grow(self)?;
        }
        Ok(size)
    }

    #[cold]
    fn unexpected(&self, expected: &str) -> Error {
        let found = &self.rest[..self.rest.len().min(32)];
        Error::custom(format!(
            "the header has `{}` where {expected} should be",
            found.escape_ascii()
        ))
    }
}

/// Whether what follows a backslash is an escape of a Python string. Escapes by Unicode name (`\N`) are not.
fn is_escape(rest: &[u8]) -> bool {
    let digits = match rest.first() {
        Some(b'x') => 2,
        Some(b'u') => 4,
        Some(b'U') => 8,
        first => return first.is_some_and(|byte| *byte != b'N'),
    };
    let code = rest.get(1..=digits).filter(|code| code.iter().all(u8::is_ascii_hexdigit));
    let code = code.and_then(|code| std::str::from_utf8(code).ok());
    code.and_then(|code| u32::from_str_radix(code, 16).ok()).is_some_and(|code| code <= 0x10_ffff)
}

#[cold]
fn twice(name: &[u8]) -> Error {
    let name = name[..name.len().min(32)].escape_ascii();
    Error::custom(format!("the element type has two fields or titles called `{name}`"))
}

fn too_large() -> Error {
    Error::custom("an item larger than the address space")
}
