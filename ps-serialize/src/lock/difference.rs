//! The error of a program that has other types than the file.

use std::fmt;
use std::path::{Path, PathBuf};

use super::claim::{Claim, Key};
use super::compare::{self, Change, Effect};
use super::file::Line;
use super::{UPDATE, VARIABLE};
use crate::registry::Entry;

/// A difference in one identifier or class.
#[derive(Debug)]
pub(super) enum Difference {
    Changed(Key, &'static Entry, Vec<Change>),
    /// The identifier is not in the file yet.
    New(Key, &'static Entry),
    /// The program has the identifier no more.
    Gone(Key),
    /// The identifier belonged to another type once, and is retired.
    Retaken(Key, &'static Entry),
}

type Program = [(&'static Entry, Claim)];

pub(super) fn all(before: &[Line], program: &Program) -> Vec<Difference> {
    let mut differences = retaken(before, program);
    for (entry, now) in program {
        match before.iter().find(|line| *line.key() == now.key) {
            Some(Line::Claim(before)) => {
                let changes = compare::changes(before, now);
                if !changes.is_empty() {
                    differences.push(Difference::Changed(now.key.clone(), entry, changes));
                }
            }
            Some(Line::Retired(_)) => {}
            None => differences.push(Difference::New(now.key.clone(), entry)),
        }
    }
    for line in before {
        if let Line::Claim(Claim { key, .. }) = line
            && !program.iter().any(|(_, now)| now.key == *key)
        {
            differences.push(Difference::Gone(key.clone()));
        }
    }
    differences.sort_by(|one, other| one.key().cmp(other.key()));
    differences
}

/// The retired identifiers that the program uses again, which an update refuses too.
pub(super) fn retaken(before: &[Line], program: &Program) -> Vec<Difference> {
    let is_retired = |key: &Key| {
        before.iter().any(|line| matches!(line, Line::Retired(retired) if retired == key))
    };
    program
        .iter()
        .filter(|(_, claim)| is_retired(&claim.key))
        .map(|(entry, claim)| Difference::Retaken(claim.key.clone(), entry))
        .collect()
}

impl Difference {
    fn key(&self) -> &Key {
        match self {
            Self::Changed(key, ..)
            | Self::New(key, _)
            | Self::Gone(key)
            | Self::Retaken(key, _) => key,
        }
    }
}

#[derive(Debug)]
pub(super) struct Differences {
    path: PathBuf,
    differences: Vec<Difference>,
}

impl Differences {
    pub(super) fn new(path: &Path, differences: Vec<Difference>) -> Self {
        Self { path: path.to_owned(), differences }
    }
}

impl std::error::Error for Differences {}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        writeln!(
            f,
            "the types of this program are not those in `{path}`; `-` is the file, `+` the program"
        )?;
        for difference in &self.differences {
            let key = difference.key().text();
            match difference {
                Difference::Changed(_, entry, changes) => {
                    writeln!(f, "\n{key}, {entry}")?;
                    for change in changes {
                        write_change(f, change)?;
                    }
                    let is_class = matches!(difference.key(), Key::Class(_));
                    let advice = match changes.iter().map(|change| change.effect).max() {
                        None | Some(Effect::Readable) => format!(
                            "frames of before can still be read: set `{VARIABLE}={UPDATE}` to write the new lines"
                        ),
                        Some(Effect::Renamed) => format!(
                            "the bytes are the same: if only the name is new, set `{VARIABLE}={UPDATE}`; if it stands for something else now, give the type a new identifier, and keep the old type with this one"
                        ),
                        Some(Effect::Unseen) => format!(
                            "a type that can't be seen is not compared, so nobody knows whether frames of before can be read: if it is the same type as before, set `{VARIABLE}={UPDATE}`; else give it a new identifier, and keep the old type with this one"
                        ),
                        Some(Effect::Broken) if is_class => format!(
                            "what was pickled before may not be read any more: change the class in Python too, then set `{VARIABLE}={UPDATE}`"
                        ),
                        Some(Effect::Broken) => format!(
                            "frames of before would be read as other values, or not at all: give the type a new identifier, and keep the old type with this one; only if no frame of it was ever kept, set `{VARIABLE}={UPDATE}`"
                        ),
                    };
                    writeln!(f, "  {advice}")?;
                }
                Difference::New(_, entry) => {
                    writeln!(
                        f,
                        "\n{key}, {entry}\n  new, not in the file yet: set `{VARIABLE}={UPDATE}` to add it"
                    )?;
                }
                Difference::Gone(_) => {
                    writeln!(
                        f,
                        "\n{key}\n  in the file, and not in this program: if the type is gone, or has another identifier, set `{VARIABLE}={UPDATE}`, which keeps the line as retired; else link the crate that declares it"
                    )?;
                }
                Difference::Retaken(_, entry) => {
                    writeln!(
                        f,
                        "\n{key}, {entry}\n  the file says that it is retired: give this type a new identifier; only if it is the old type again, or no frame of the old type was ever kept, delete the line from the file"
                    )?;
                }
            }
        }
        Ok(())
    }
}

fn write_change(f: &mut fmt::Formatter<'_>, change: &Change) -> fmt::Result {
    if let Some(before) = &change.before {
        writeln!(f, "  - {before}")?;
    }
    if let Some(now) = &change.now {
        writeln!(f, "  + {now}")?;
    }
    Ok(())
}
