//! The file as a whole.

use super::claim::{Claim, Key};

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// An entry of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Claim(Claim),
    Retired(Key),
}

impl Line {
    pub(super) fn key(&self) -> &Key {
        match self {
            Self::Claim(claim) => &claim.key,
            Self::Retired(key) => key,
        }
    }
}

/// The text of the file. The entries must be in order.
pub(super) fn text(lines: &[Line]) -> String {
    let mut text = format!("ps-serialize-lock {VERSION}\n");
    for line in lines {
        text.push('\n');
        match line {
            Line::Claim(claim) => text.push_str(&claim.text()),
            Line::Retired(key) => {
                text.push_str("retired ");
                text.push_str(&key.text());
                text.push('\n');
            }
        }
    }
    text
}
