//! `Debug` of the values of annotated types.

use std::any::Any;
use std::fmt::{self, Debug, Formatter};
use std::marker::PhantomData;

/// Prints a value of a type that is known where the function is made.
pub type Show = fn(&dyn Any, &mut Formatter<'_>) -> fmt::Result;

/// A probe for `Debug`: its own constant is there only for types that have it.
pub struct Shown<T>(PhantomData<T>);

#[allow(missing_docs)]
impl<T: Any + Debug> Shown<T> {
    pub const DEBUG: Option<Show> = Some(debug::<T>);
}

/// The constant of the probe for types without `Debug`.
#[allow(missing_docs)]
pub trait Unshown {
    const DEBUG: Option<Show> = None;
}

impl<T> Unshown for Shown<T> {}

fn debug<T: Any + Debug>(value: &dyn Any, f: &mut Formatter<'_>) -> fmt::Result {
    value.downcast_ref::<T>().expect("the entry reads values of this type").fmt(f)
}
