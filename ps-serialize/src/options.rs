use crate::compression;
use crate::error::{ErrorKind, Result};
use crate::frame::Frame;
use crate::identifier::Identifier;
use crate::limits::exceeded;

/// What the functions of this crate accept.
pub(crate) static DEFAULT: Options = Options { size_limit: None, allowed: None };

/// What a reader accepts, for frames from strangers.
///
/// ```
/// use ps_serialize::{Identifier, Options};
///
/// let options = Options::new().size_limit(1 << 20).allow([Identifier::new(b"US")]);
/// assert_eq!(options.deserialize::<String>(b"US\nhello")?, "hello");
/// assert!(options.deserialize_any(b"BS\nhello").is_err());
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub(crate) size_limit: Option<usize>,
    allowed: Option<Vec<Identifier>>,
}

impl Options {
    /// Accepts what the functions of this crate accept: frames of every size and identifier.
    ///
    /// ```
    /// assert!(ps_serialize::Options::new().deserialize_any(b"US\n").is_ok());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses frames of more than `bytes` bytes, the identifier line included, and frames that take more than `bytes`
    /// bytes of memory beside themselves. Compressed frames may become no larger than that either. What is charged to the
    /// memory: compressed columns of tables once they are decompressed, the values of a pickle (some 150 bytes for each,
    /// however short it is in the pickle), long headers, and what users' serializers
    /// [charge](crate::Payload::charge). Without a limit it is 256 times the size of the frame and 64 MiB.
    ///
    /// ```
    /// let options = ps_serialize::Options::new().size_limit(4);
    /// assert!(options.deserialize_any(b"US\n1").is_ok());
    /// assert!(options.deserialize_any(b"US\n12").is_err());
    /// ```
    #[must_use]
    pub fn size_limit(mut self, bytes: usize) -> Self {
        self.size_limit = Some(bytes);
        self
    }

    /// Refuses frames of other identifiers, before their payload is looked at; of a compressed frame,
    /// the identifier is that of the one inside of it. A second call adds to the first.
    ///
    /// ```
    /// # use ps_serialize::Identifier;
    /// let options = ps_serialize::Options::new().allow([Identifier::new(b"BS")]);
    /// assert!(options.deserialize_any(b"BS\n").is_ok());
    /// assert!(options.deserialize_any(b"US\n").is_err());
    /// ```
    #[must_use]
    pub fn allow(mut self, identifiers: impl IntoIterator<Item = Identifier>) -> Self {
        self.allowed.get_or_insert_default().extend(identifiers);
        self
    }

    /// Checks the size and the identifier. What is compressed is checked again when it is opened.
    #[inline]
    pub(crate) fn check(&self, frame: &[u8]) -> Result<()> {
        if let Some(limit) = self.size_limit
            && frame.len() > limit
        {
            return Err(exceeded("size of the frame in bytes", limit, frame.len()));
        }
        self.check_identifier(frame)
    }

    pub(crate) fn check_identifier(&self, frame: &[u8]) -> Result<()> {
        if let Some(allowed) = &self.allowed {
            let identifier = Frame::parse(frame)?.identifier();
            if !allowed.contains(&identifier) && !compression::is_compressed(identifier.as_bytes())
            {
                return Err(ErrorKind::NotAllowed { identifier, allowed: allowed.clone() }.into());
            }
        }
        Ok(())
    }
}
