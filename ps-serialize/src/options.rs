use std::any::Any;
use std::io::Read;

use bytes::Bytes;

use crate::error::{ErrorKind, Result};
use crate::expansion;
use crate::frame::Frame;
use crate::identifier::Identifier;
use crate::serializer::{Serializable, Serializer};
use crate::shared::Shared;
use crate::view::View;
use crate::{compression, deserialize, read};

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
    size_limit: Option<usize>,
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

    /// Refuses frames of more than `bytes` bytes, the identifier line included. What is compressed, a
    /// frame or the columns of a table, may also become no larger than that; without a limit, 256 times
    /// as large as it is compressed, and 64 MiB more. The same holds for what the values of a pickle
    /// take in memory, which is about 80 bytes for each, however short it is in the pickle.
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

    /// As [`deserialize`](crate::deserialize()).
    ///
    /// ```
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// assert_eq!(options.deserialize::<String>(b"US\nhello")?, "hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`], [`ErrorKind::NotAllowed`], and those of that function.
    pub fn deserialize<T>(&self, frame: &[u8]) -> Result<T>
    where
        T: Serializable<Serializer: Serializer<Value = T>>,
    {
        self.check(frame)?;
        deserialize::with::<T::Serializer>(frame, self)
    }

    /// As [`deserialize_any`](crate::deserialize_any).
    ///
    /// ```
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// assert!(options.deserialize_any(b"US\nhello")?.is::<String>());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`], [`ErrorKind::NotAllowed`], and those of that function.
    pub fn deserialize_any(&self, frame: &[u8]) -> Result<Box<dyn Any + Send>> {
        self.check(frame)?;
        deserialize::any(frame, self)
    }

    /// As [`deserialize_with`](crate::deserialize_with).
    ///
    /// ```
    /// # #[ps_serialize::serializer(id = b"O1")]
    /// # #[derive(serde::Serialize, serde::Deserialize)]
    /// # struct Flag(bool);
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// assert!(options.deserialize_with::<Flag>(b"O1\n\x01")?.0);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`], [`ErrorKind::NotAllowed`], and those of that function.
    pub fn deserialize_with<S: Serializer>(&self, frame: &[u8]) -> Result<S::Value> {
        self.check(frame)?;
        deserialize::with::<S>(frame, self)
    }

    /// As [`view`](crate::view()).
    ///
    /// ```
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// assert_eq!(options.view::<&str>(b"US\nhello")?, "hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`], [`ErrorKind::NotAllowed`], and those of that function.
    pub fn view<'a, V: View<'a>>(&self, frame: &'a [u8]) -> Result<V> {
        self.check(frame)?;
        deserialize::view(frame)
    }

    /// As [`deserialize_shared`](crate::deserialize_shared).
    ///
    /// ```
    /// let frame = ps_serialize::serialize(b"hello")?;
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// assert_eq!(options.deserialize_shared::<bytes::Bytes>(&frame)?, "hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`], [`ErrorKind::NotAllowed`], and those of that function.
    pub fn deserialize_shared<T: Shared>(&self, frame: &Bytes) -> Result<T> {
        self.check(frame)?;
        deserialize::shared(frame, self)
    }

    /// As [`decompress`](crate::decompress).
    ///
    /// ```
    /// let zeros = ps_serialize::Compression::Zstd(3).serialize(&[0; 1000])?;
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// assert!(options.decompress(&zeros).is_err());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`], [`ErrorKind::NotAllowed`], and those of that function.
    #[cfg(any(feature = "lz4", feature = "zstd"))]
    pub fn decompress(&self, frame: &Bytes) -> Result<Bytes> {
        self.check(frame)?;
        compression::decompress_with(frame, self)
    }

    /// As [`read_frame`](crate::read_frame). It reads at most one byte more than the size limit.
    ///
    /// ```
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// let endless = std::io::repeat(b'x');
    /// assert!(options.read_frame(endless, None).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`], [`ErrorKind::NotAllowed`], and those of that function.
    pub fn read_frame(&self, reader: impl Read, size_hint: Option<usize>) -> Result<Bytes> {
        let limit = self.size_limit.unwrap_or(usize::MAX);
        let reader = reader.take((limit as u64).saturating_add(1));
        let frame = read::read_frame(reader, size_hint.map(|hint| hint.min(limit)))?;
        self.check(&frame)?;
        Ok(frame)
    }

    /// Reads under the size limit, where there is one: compressed columns of tables are within it.
    #[inline]
    pub(crate) fn limited<R>(&self, read: impl FnOnce() -> R) -> R {
        match self.size_limit {
            None => read(),
            limit => expansion::limited(limit, read),
        }
    }

    #[cfg(any(feature = "lz4", feature = "zstd"))]
    pub(crate) fn size_limit_or(&self, limit: usize) -> usize {
        self.size_limit.unwrap_or(limit)
    }

    /// Whether this may be read. What is compressed is checked again when it is opened.
    pub(crate) fn check(&self, frame: &[u8]) -> Result<()> {
        if let Some(limit) = self.size_limit
            && frame.len() > limit
        {
            let (limit, found) = (limit as u64, frame.len() as u64);
            let what = "size of the frame in bytes";
            return Err(ErrorKind::LimitExceeded { what, limit, found }.into());
        }
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
