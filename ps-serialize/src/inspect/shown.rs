//! `Debug` of the values of annotated types.

use std::any::Any;
use std::fmt::{self, Debug, Formatter};
use std::marker::PhantomData;

/// Prints a value of the one type that the function was made for.
pub type Show = fn(&dyn Any, &mut Formatter<'_>) -> fmt::Result;

/// A probe for `Debug`. The constant `__PS_SERIALIZE_DEBUG` is its own if `T` has `Debug`, and otherwise the constant of the trait `Unshown`.
pub struct Shown<T>(PhantomData<T>);

#[allow(missing_docs)]
impl<T: Any + Debug> Shown<T> {
    pub const __PS_SERIALIZE_DEBUG: Option<Show> = Some(debug::<T>);
}

/// The constant of the probe for types without `Debug`.
#[allow(missing_docs)]
pub trait Unshown {
    const __PS_SERIALIZE_DEBUG: Option<Show> = None;
}

impl<T> Unshown for Shown<T> {}

fn debug<T: Any + Debug>(value: &dyn Any, f: &mut Formatter<'_>) -> fmt::Result {
    value.downcast_ref::<T>().expect("the entry reads values of this type").fmt(f)
}
