//! The error for a value that can't be read back as what it is.

use std::fmt;

use super::shape::Shape;
use crate::error::Error;

/// The user's types that were met for the first time, as places to look.
fn found_in(root: &'static str, unchecked: &[Shape]) -> Vec<&'static str> {
    const OTHERS: [&str; 5] = ["alloc::", "core::", "std::", "serde::", "serde_core::"];
    let mut names = Vec::new();
    for name in unchecked.iter().map(|shape| shape.type_name.trim_start_matches('&')) {
        // Types that serde's derives make for themselves have such a path.
        let is_other = OTHERS.iter().any(|of| name.starts_with(of)) || name.contains("::_::<impl");
        if !is_other && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        names.push(root);
    }
    names
}

/// Why a value that was just written is refused.
#[derive(Debug)]
pub(super) struct Refused {
    problem: Problem,
    /// The possible causes, to look for in the types.
    suspects: &'static str,
    found_in: Vec<&'static str>,
}

#[derive(Debug)]
pub(super) enum Problem {
    Unreadable(Error),
    /// The value would be read as another one. The variants that differ, if they are known.
    Other(Option<(String, String)>),
}

impl Refused {
    pub(super) fn new(
        problem: Problem,
        suspects: &'static str,
        root: &'static str,
        unchecked: &[Shape],
    ) -> Self {
        Self { problem, suspects, found_in: found_in(root, unchecked) }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        match &self.problem {
            Problem::Unreadable(_) => write!(f, "it could not be read back")?,
            Problem::Other(None) => write!(f, "it would be read as another value")?,
            Problem::Other(Some((written, read))) => {
                write!(f, "it would be read as another value: `{written}` as `{read}`")?;
            }
        }
        write!(f, "; look for {} in ", self.suspects)?;
        let shown: Vec<_> =
            self.found_in.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
        write!(f, "{}", shown.join(", "))?;
        match self.found_in.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Unreadable(error) => Some(error),
            Problem::Other(_) => None,
        }
    }
}
