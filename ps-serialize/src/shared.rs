use bytes::Bytes;

use crate::error::Result;
use crate::serializer::Serializer;

/// A value that owns its data by sharing the frame's memory, for
/// [`deserialize_shared`](crate::deserialize_shared).
///
/// ```
/// use bytes::Bytes;
/// use ps_serialize::{Result, Serializer, Shared, deserialize_shared, serialize, serializer};
///
/// #[serializer(id = b"IM")]
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Image([u8; 4]);
///
/// /// The bytes of an `Image`, and of the frame around them.
/// struct SharedImage(Bytes);
///
/// impl Shared for SharedImage {
///     type Serializer = Image;
///
///     fn share(payload: Bytes) -> Result<Self> {
///         Ok(Self(payload))
///     }
/// }
///
/// let image: SharedImage = deserialize_shared(&serialize(&Image([1, 2, 3, 4]))?)?;
/// assert_eq!(image.0, [1, 2, 3, 4][..]);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't share the memory of a frame",
    label = "not a type that keeps a frame's bytes",
    note = "`Bytes`, `Tensors` (feature `safetensors`) and `DataFrame` (feature `polars`) do; `deserialize` gives other values a copy"
)]
pub trait Shared: Sized {
    /// Whose frames it reads.
    type Serializer: Serializer;

    /// Reads the whole payload, which may come from anyone.
    ///
    /// ```
    /// # use ps_serialize::Shared;
    /// let payload = bytes::Bytes::from_static(b"hello");
    /// assert_eq!(bytes::Bytes::share(payload)?, "hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the payload is not what that serializer writes.
    fn share(payload: Bytes) -> Result<Self>;
}
