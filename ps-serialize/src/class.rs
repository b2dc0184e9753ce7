use std::fmt;

#[cfg(feature = "pickle")]
use crate::builtin::pickle::classes::Functions;

/// A Python class, which a type is annotated with.
#[derive(Clone, Copy)]
pub struct Class {
    /// The module and the name in it, joined by a dot: `module.Class`.
    path: &'static str,
    #[cfg(feature = "pickle")]
    pickled: Pickled,
}

/// The parts of a class that a pickle needs.
#[cfg(feature = "pickle")]
#[derive(Clone, Copy)]
struct Pickled {
    /// The length of the module's name in bytes.
    module: usize,
    /// Whether the fields of the type stand in the order of those of the class.
    is_positional: bool,
    functions: Functions,
}

impl Class {
    /// The class of a serializer's values, by its module and its name, which are joined by a dot.
    #[cfg(feature = "pickle")]
    #[must_use]
    pub const fn of<S>(path: &'static str, module: usize, is_positional: bool) -> Self
    where
        S: crate::builtin::pickle::classes::Object<Value: std::any::Any + Send + Sync>,
    {
        Self { path, pickled: Pickled { module, is_positional, functions: Functions::of::<S>() } }
    }

    #[cfg(feature = "pickle")]
    pub(crate) fn functions(&self) -> &Functions {
        &self.pickled.functions
    }

    #[cfg(feature = "pickle")]
    pub(crate) fn is_positional(&self) -> bool {
        self.pickled.is_positional
    }

    /// The module, and the name of the class in it, which has dots if the class is inside of another one.
    #[cfg(feature = "pickle")]
    pub(crate) fn names(&self) -> (&'static str, &'static str) {
        (&self.path[..self.pickled.module], &self.path[self.pickled.module + 1..])
    }

    /// `module.Class`
    pub(crate) fn path(&self) -> &'static str {
        self.path
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path)
    }
}
