use crate::compression;
use crate::error::{ErrorKind, Result};
use crate::frame::Frame;
use crate::identifier::Identifier;
use crate::limits::exceeded;

/// The options of the functions of this crate.
pub(crate) static DEFAULT: Options = Options { size_limit: None, allowed: None };

/// The reading verbs with limits, for frames from strangers.
///
/// The limits are a size and an allow-list of identifiers. [`deserialize`](Options::deserialize),
/// [`deserialize_any`](Options::deserialize_any), [`deserialize_dyn`](Options::deserialize_dyn),
/// [`deserialize_with`](Options::deserialize_with) and [`read_frame`](Options::read_frame) work as the functions of the same names.
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
    /// Accepts frames of every size and identifier, as the functions of this crate do.
    ///
    /// ```
    /// assert!(ps_serialize::Options::new().deserialize_any(b"US\n").is_ok());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets three limits of `bytes` bytes each: the size of the frame, identifier line included; the size of the frame inside of a
    /// compressed one; and the memory that the value takes beside the frame. What exceeds one is
    /// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded).
    ///
    /// Four things draw from the limit of memory: decompressed columns of tables, the values of a pickle (some 80 bytes each, however
    /// short they are in the pickle), long headers, and the memory that serializers [charge](crate::Payload::charge). All four share
    /// one limit in each call.
    ///
    /// Without a size limit, the frame may have any size, and each of the other two limits is 256 times the size of the frame plus 64 MiB.
    /// The value in a compressed frame may then take as much as if its frame had come uncompressed, up to 1 GiB.
    ///
    /// Values of annotated types do not draw from the limit of memory. The bytes of the payload bound them: all sequences together
    /// have at most as many elements as the payload has bytes, plus 65,536. So the elements take at most `size_of` the largest
    /// element for each byte, such as 4,104 bytes for each byte of a `Vec<Option<[u64; 512]>>`. Keep such elements in a `Box`.
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

    /// Allows these identifiers. Frames of other identifiers are [`ErrorKind::NotAllowed`](crate::ErrorKind::NotAllowed), before their
    /// payload is read. For a compressed frame, the
    /// identifier of the frame inside must be allowed. A second call adds to the first.
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

    /// Checks the size and the identifier. A compressed frame is checked again when it is opened.
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
