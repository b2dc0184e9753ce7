use bytemuck::{CheckedBitPattern, NoUninit, Zeroable};
use half::f16;
use num_complex::Complex;

use super::dtype::Scalar;

/// A Rust type that is the element of a NumPy array.
///
/// | Rust | NumPy |
/// |---|---|
/// | `bool` | `|b1` |
/// | `i8` `i16` `i32` `i64` | `|i1` `<i2` `<i4` `<i8` |
/// | `u8` `u16` `u32` `u64` | `|u1` `<u2` `<u4` `<u8` |
/// | [`half::f16`] `f32` `f64` | `<f2` `<f4` `<f8` |
/// | [`num_complex::Complex`] of `f32`, of `f64` | `<c8` `<c16` |
///
/// The bytes are in this machine's order (`<` is little-endian). NumPy's other types are read as
/// a [`DynArray`](super::DynArray). When `bool`s are copied, every byte but 0 is read as `true`, as in
/// NumPy. When they are borrowed, any byte but 0 and 1 is an error.
///
/// ```
/// use ndarray::{Array1, array};
/// use ps_serialize::array::Element;
///
/// fn sent<A: Element>(array: &Array1<A>) -> ps_serialize::Result<Array1<A>> {
///     ps_serialize::deserialize(&ps_serialize::serialize(array)?)
/// }
/// assert_eq!(sent(&array![1.5_f32, 2.5])?, array![1.5, 2.5]);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
pub trait Element: Sealed {}

pub trait Sealed: NoUninit + CheckedBitPattern + Zeroable + Send + Sync + 'static {
    /// NumPy's name of the type, in this machine's byte order.
    const DESCR: &'static str;
    /// NumPy's letter for the type.
    const KIND: u8;

    /// The element with the bytes of each of its numbers in the other order.
    #[must_use]
    fn with_swapped_bytes(self) -> Self;
}

/// Whether the elements of a NumPy type have the same layout as `A`, but for their byte order.
pub(super) fn is_of<A: Element>(scalar: Scalar) -> bool {
    scalar.kind == A::KIND && scalar.size == size_of::<A>()
}

macro_rules! elements {
    ($($element:ty, $kind:literal, $size:literal, $swap:expr;)*) => {$(
        impl Element for $element {}

        impl Sealed for $element {
            const DESCR: &'static str = if size_of::<$element>() == 1 {
                concat!("|", $kind, $size)
            } else if cfg!(target_endian = "little") {
                concat!("<", $kind, $size)
            } else {
                concat!(">", $kind, $size)
            };
            const KIND: u8 = Self::DESCR.as_bytes()[1];

            #[inline]
            fn with_swapped_bytes(self) -> Self {
                $swap(self)
            }
        }
    )*};
}

elements! {
    bool, 'b', "1", |value| value;
    i8, 'i', "1", |value| value;
    i16, 'i', "2", i16::swap_bytes;
    i32, 'i', "4", i32::swap_bytes;
    i64, 'i', "8", i64::swap_bytes;
    u8, 'u', "1", |value| value;
    u16, 'u', "2", u16::swap_bytes;
    u32, 'u', "4", u32::swap_bytes;
    u64, 'u', "8", u64::swap_bytes;
    f16, 'f', "2", |value: f16| f16::from_bits(value.to_bits().swap_bytes());
    f32, 'f', "4", swap_f32;
    f64, 'f', "8", swap_f64;
    Complex<f32>, 'c', "8", |value: Self| Self::new(swap_f32(value.re), swap_f32(value.im));
    Complex<f64>, 'c', "16", |value: Self| Self::new(swap_f64(value.re), swap_f64(value.im));
}

fn swap_f32(value: f32) -> f32 {
    f32::from_bits(value.to_bits().swap_bytes())
}

fn swap_f64(value: f64) -> f64 {
    f64::from_bits(value.to_bits().swap_bytes())
}

/// Calls a macro with a list of every element.
macro_rules! for_each_element {
    ($callback:ident!($($arguments:tt)*)) => {
        $callback! {
            $($arguments)*
            [bool, i8, i16, i32, i64, u8, u16, u32, u64, ::half::f16, f32, f64,
             ::num_complex::Complex<f32>, ::num_complex::Complex<f64>]
        }
    };
}
pub(in crate::builtin) use for_each_element;
