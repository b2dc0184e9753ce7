use std::fmt;

#[cfg(feature = "pickle")]
use crate::builtin::pickle::classes::Functions;

/// A Python class, which a type is annotated with.
#[derive(Clone, Copy)]
pub struct Class {
    path: &'static str,
    #[cfg(feature = "pickle")]
    functions: Functions,
}

impl Class {
    /// The class of a serializer's values, by its module and its name.
    #[cfg(feature = "pickle")]
    #[must_use]
    pub const fn of<S>(path: &'static str) -> Self
    where
        S: crate::builtin::pickle::classes::Object<Value: std::any::Any + Send + Sync>,
    {
        Self { path, functions: Functions::of::<S>() }
    }

    #[cfg(feature = "pickle")]
    pub(crate) fn functions(&self) -> &Functions {
        &self.functions
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
