use std::fmt;

/// Why a value could not be made. Only serde's words for fields have a meaning.
#[derive(Debug)]
pub(in crate::lock) struct Stop {
    /// The field that was given twice.
    pub(super) duplicate: Option<&'static str>,
}

impl Stop {
    pub(super) fn here() -> Self {
        Self { duplicate: None }
    }
}

impl serde::de::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::here()
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self { duplicate: Some(field) }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the type refuses a value that was tried")
    }
}

impl std::error::Error for Stop {}
