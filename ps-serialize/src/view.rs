use crate::error::Result;
use crate::serializer::Serializer;

/// A value that borrows from the payload, for [`view`](crate::view()).
///
/// ```
/// use ps_serialize::{Result, Serializer, View, serialize, serializer, view};
///
/// #[serializer(id = b"RG")]
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Pixel([u8; 3]);
///
/// /// The bytes of a `Pixel`, where they are.
/// struct PixelView<'a>(&'a [u8; 3]);
///
/// impl<'a> View<'a> for PixelView<'a> {
///     type Serializer = Pixel;
///
///     fn view(payload: &'a [u8]) -> Result<Self> {
///         payload.try_into().map(PixelView).map_err(ps_serialize::Error::custom)
///     }
/// }
///
/// let frame = serialize(&Pixel([1, 2, 3]))?;
/// assert_eq!(view::<PixelView>(&frame)?.0, &[1, 2, 3]);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a view of a payload",
    label = "a frame can't be borrowed as this",
    note = "`&str` and `&[u8]` are views; `deserialize` gives a value that owns its data"
)]
pub trait View<'a>: Sized {
    /// Whose frames it looks into.
    type Serializer: Serializer;

    /// Looks at the whole payload, which may come from anyone.
    ///
    /// ```
    /// # use ps_serialize::View;
    /// assert_eq!(<&str>::view(b"hello")?, "hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the payload is not what that serializer writes.
    fn view(payload: &'a [u8]) -> Result<Self>;
}
