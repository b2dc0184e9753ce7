use std::any::{Any, type_name};
use std::fmt;

/// Makes a trait object of a value that an entry has read.
pub type MakeObject<T> = fn(Box<dyn Any + Send + Sync>) -> Box<T>;

/// A trait object type that an entry can make. `dyn = Trait` registers four.
pub struct TraitObject {
    name: fn() -> &'static str,
    /// A `MakeObject<T>`. Its type tells which trait object it makes.
    make: &'static (dyn Any + Send + Sync),
}

impl TraitObject {
    /// Makes the entry's record of a trait object type from its function.
    #[must_use]
    pub const fn new<T: ?Sized + Any>(make: &'static MakeObject<T>) -> Self {
        Self { name: type_name::<T>, make }
    }

    pub(crate) fn name(&self) -> &'static str {
        (self.name)()
    }

    /// Returns the function, if it makes a `T`.
    pub(crate) fn make<T: ?Sized + Any>(&self) -> Option<MakeObject<T>> {
        self.make.downcast_ref().copied()
    }
}

impl fmt::Debug for TraitObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The value that an entry has read, as its own type.
///
/// # Panics
///
/// If the value is of another type, which the entry of that type never reads.
#[must_use]
pub fn own_type<T: Any>(value: Box<dyn Any + Send + Sync>) -> Box<T> {
    value.downcast().expect("an entry reads values of its own type")
}
