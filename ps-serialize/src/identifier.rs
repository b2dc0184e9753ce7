use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// The identifier of a frame: 1 to 32 bytes, by convention two printable bytes.
///
/// An identifier has no newline, because a newline ends it in a frame. It has no ASCII white space at its ends, because
/// readers strip white space (space, `\t`, `\r`, vertical tab and form feed, as Python's `bytes.strip` does).
///
/// ```
/// use ps_serialize::Identifier;
///
/// const PARTICLE: Identifier = Identifier::new(b"05");
/// assert_eq!(PARTICLE, *b"05");
/// assert_eq!(PARTICLE.to_string(), "05");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    bytes: [u8; Self::MAX_LEN],
    len: u8,
}

impl Identifier {
    /// The largest number of bytes of an identifier.
    ///
    /// ```
    /// assert_eq!(ps_serialize::Identifier::MAX_LEN, 32);
    /// ```
    pub const MAX_LEN: usize = 32;

    /// An identifier that is known when the program is written.
    ///
    /// ```
    /// # use ps_serialize::Identifier;
    /// const JPEG: Identifier = Identifier::new(b"JP");
    /// ```
    ///
    /// ```compile_fail
    /// # use ps_serialize::Identifier;
    /// const EMPTY: Identifier = Identifier::new(b"");
    /// ```
    ///
    /// # Panics
    ///
    /// If the bytes are no identifier. In a `const`, that is a compile error. `Identifier::try_from` does not panic, and is for
    /// bytes that are known only when the program runs.
    #[must_use]
    pub const fn new(bytes: &[u8]) -> Self {
        match Self::checked(bytes) {
            Ok(identifier) => identifier,
            Err(problem) => panic!("{}", problem),
        }
    }

    const fn checked(bytes: &[u8]) -> Result<Self, &'static str> {
        let len = bytes.len();
        if len == 0 {
            return Err("an identifier has at least one byte");
        }
        if len > Self::MAX_LEN {
            return Err("an identifier has at most 32 bytes");
        }
        if is_space(bytes[0]) || is_space(bytes[len - 1]) {
            return Err("an identifier has no white space at its ends");
        }
        let mut copy = [0; Self::MAX_LEN];
        let mut i = 0;
        while i < len {
            if bytes[i] == b'\n' {
                return Err("an identifier has no newline");
            }
            copy[i] = bytes[i];
            i += 1;
        }
        #[allow(clippy::cast_possible_truncation)] // at most 32
        Ok(Self { bytes: copy, len: len as u8 })
    }

    /// The bytes of the identifier, as they stand in a frame.
    ///
    /// ```
    /// assert_eq!(ps_serialize::Identifier::new(b"05").as_bytes(), b"05");
    /// ```
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        self.bytes.split_at(self.len as usize).0
    }
}

/// Whether Python's `bytes.strip()` strips this byte. Unlike `is_ascii_whitespace`, this includes the vertical tab.
pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

/// Checks bytes that are known only when the program runs.
///
/// ```
/// use ps_serialize::Identifier;
///
/// assert!(Identifier::try_from(&b"05"[..]).is_ok());
/// assert!(Identifier::try_from(&b"0\n5"[..]).is_err());
/// ```
impl TryFrom<&[u8]> for Identifier {
    type Error = Error;

    fn try_from(bytes: &[u8]) -> Result<Self, Error> {
        Self::checked(bytes).map_err(|problem| {
            let found = bytes[..bytes.len().min(2 * Self::MAX_LEN)].to_vec();
            ErrorKind::InvalidIdentifier { found, problem }.into()
        })
    }
}

/// Parses an identifier from text, such as a setting or an argument.
///
/// ```
/// use ps_serialize::Identifier;
///
/// let identifier: Identifier = "05".parse()?;
/// assert_eq!(identifier, "05");
/// assert!("0\n5".parse::<Identifier>().is_err());
/// # Ok::<_, ps_serialize::Error>(())
/// ```
impl FromStr for Identifier {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::try_from(text.as_bytes())
    }
}

impl AsRef<[u8]> for Identifier {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

macro_rules! equal_to {
    ($([$($const:tt)*] $bytes:ty;)*) => {$(
        impl<$($const)*> PartialEq<$bytes> for Identifier {
            fn eq(&self, other: &$bytes) -> bool {
                self.as_bytes() == <$bytes as AsRef<[u8]>>::as_ref(other)
            }
        }

        impl<$($const)*> PartialEq<Identifier> for $bytes {
            fn eq(&self, other: &Identifier) -> bool {
                other == self
            }
        }
    )*};
}

equal_to! {
    [] [u8]; [] &[u8];
    [const N: usize] [u8; N]; [const N: usize] &[u8; N];
    [] str; [] &str;
}

/// Prints printable bytes unchanged, and escapes the others.
impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.as_bytes().escape_ascii().to_string())
    }
}

/// Prints a byte string: `b"05"`.
impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{self}\"")
    }
}
