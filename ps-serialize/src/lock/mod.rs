//! The lock: the types of a program, compared with a file.

mod claim;
mod compare;
mod difference;
mod file;
mod fold;
mod look;
mod parse;
mod shape;
mod trace;
mod walk;
#[cfg(feature = "messagepack")]
mod walk_names;
mod write;

use std::path::Path;
use std::{env, fs, io};

pub(crate) use self::claim::Codec;
use self::claim::{Claim, Key};
use self::difference::Differences;
use self::file::Line;
pub use self::look::{BySerde, Locked, Looked, Part, Traced, Untraced};
pub use self::shape::{Collection, Frame};
use crate::error::{Error, Result};
use crate::registry::{Entry, Registry};

/// The variable that asks for the file to be written, and its value.
const VARIABLE: &str = "PS_SERIALIZE_LOCK";
const UPDATE: &str = "update";

impl Registry {
    /// Compares the annotated types of the program with a file, which is committed with the program.
    ///
    /// ```no_run
    /// // In a test:
    /// ps_serialize::registry().lock("ps-serialize.lock").unwrap();
    /// ```
    ///
    /// With `PS_SERIALIZE_LOCK=update` in the environment, the file is written. It then has the types of the program, and marks the
    /// identifiers that the program no longer has as retired. The guide's page on [stability](crate::guide::stability) says when
    /// to do that. The page on [the lock](crate::guide::lock) defines the file.
    ///
    /// ```standalone_crate
    /// use ps_serialize::{registry, serializer};
    ///
    /// #[serializer(id = b"K1")]
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Job { id: u32 }
    ///
    /// let folder = std::env::temp_dir().join(format!("lock-{}", std::process::id()));
    /// std::fs::create_dir_all(&folder)?;
    /// let path = folder.join("ps-serialize.lock");
    ///
    /// // An earlier version of the program had another field.
    /// std::fs::write(&path, "ps-serialize-lock 1\n\nb\"K1\"\n  codec: bincode\n  value: struct Job\n    id: u64\n")?;
    /// let error = registry().lock(&path).unwrap_err();
    /// assert!(error.to_string().contains("- value › id: u64\n  + value › id: u32\n"));
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok::<_, std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the program has no annotated type, since nothing names the crate that has them. If a type differs from the file, is new, is missing or has a retired identifier: the error shows each line and says what to do. If
    /// the file is missing, is no lock, or can't be read or written. If `PS_SERIALIZE_LOCK` has another value than `update`. The errors
    /// of [`check`](Self::check) come first.
    pub fn lock(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let is_update = match env::var_os(VARIABLE) {
            None => false,
            Some(value) if value.is_empty() => false,
            Some(value) if value == UPDATE => true,
            Some(value) => {
                return Err(Error::custom(format!(
                    "`{VARIABLE}` is `{}`: unset it, or set it to `{UPDATE}` to write the file",
                    value.display()
                )));
            }
        };
        self.lock_with(path, is_update)
    }

    fn lock_with(&self, path: &Path, is_update: bool) -> Result<()> {
        self.check()?;
        let program = self.claims();
        if program.is_empty() {
            return Err(Error::custom(
                "no annotated type is linked into this program: name the crate that has them in this test, by `use that_crate as _;`",
            ));
        }
        let text = match fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed("read", path, &error)),
        };
        let before = match &text {
            Some(text) => Some(parse::file(text).map_err(|wrong| {
                Error::custom(format!(
                    "`{}` is not a file of the lock: line {}: {}; restore it from version control, or resolve the conflict in it",
                    path.display(),
                    wrong.line,
                    wrong.problem
                ))
            })?),
            None => None,
        };
        if is_update {
            let before = before.unwrap_or_default();
            let lines = updated(&before, &program);
            let retaken = difference::retaken(&before, &program);
            if !retaken.is_empty() {
                return Err(Error::custom(Differences::new(path, retaken)));
            }
            let now = file::text(&lines);
            if text.as_ref() != Some(&now) {
                fs::write(path, now).map_err(|error| failed("write", path, &error))?;
            }
            return Ok(());
        }
        let Some(before) = before else {
            return Err(Error::custom(format!(
                "there is no file `{}`: run this with `{VARIABLE}={UPDATE}` in the environment to write it, and commit it",
                path.display()
            )));
        };
        let differences = difference::all(&before, &program);
        if differences.is_empty() {
            return Ok(());
        }
        Err(Error::custom(Differences::new(path, differences)))
    }

    /// The annotated types of the program, in the order of the file.
    fn claims(&self) -> Vec<(&'static Entry, Claim)> {
        let mut claims: Vec<_> =
            self.iter().filter_map(|entry| Some((entry, entry.claim()?))).collect();
        claims.sort_by(|(_, one), (_, other)| one.key.cmp(&other.key));
        claims
    }
}

impl Entry {
    /// The text of the type in the file of the [lock](crate::guide::lock): a line for each field, down to the numbers and texts.
    /// Built-in serializers have no such text.
    ///
    /// ```standalone_crate
    /// use ps_serialize::{registry, serializer};
    ///
    /// #[serializer(id = b"K2")]
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Job { id: u32, tags: Vec<String> }
    ///
    /// let text = "b\"K2\"\n  codec: bincode\n  value: struct Job\n    id: u32\n    tags: list of text\n";
    /// assert_eq!(registry().find("K2")?.layout().as_deref(), Some(text));
    /// assert_eq!(registry().find("US")?.layout(), None);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn layout(&self) -> Option<String> {
        Some(self.claim()?.text())
    }

    fn claim(&self) -> Option<Claim> {
        let looked = self.look()?;
        let key = match self.python_class() {
            Some(class) => Key::Class(class.to_owned()),
            None => Key::Identifier(self.identifier()),
        };
        let mut objects: Vec<String> =
            self.traits().map(|name| shape::short(name.trim_start_matches("dyn "))).collect();
        objects.sort();
        let Looked { codec, shape, align } = looked;
        let is_positional = self.is_positional();
        Some(Claim { key, codec, align, objects, shape, is_positional })
    }
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Error {
    Error::custom(format!("could not {what} `{}`: {error}", path.display()))
}

/// The lines that an update writes.
fn updated(before: &[Line], program: &[(&'static Entry, Claim)]) -> Vec<Line> {
    let is_there = |key: &Key| program.iter().any(|(_, claim)| claim.key == *key);
    let retired = before.iter().map(Line::key).filter(|key| !is_there(key));
    let retired = retired.map(|key| Line::Retired(key.clone()));
    let mut lines: Vec<_> =
        program.iter().map(|(_, claim)| Line::Claim(claim.clone())).chain(retired).collect();
    lines.sort_by(|one, other| one.key().cmp(other.key()));
    lines.dedup_by(|one, other| one.key() == other.key());
    lines
}

#[cfg(test)]
mod tests {
    use crate::registry::registry;

    /// This program has only the built-ins.
    #[test]
    fn a_program_without_annotated_types_is_an_error() {
        for is_update in [false, true] {
            let error = registry().lock_with("ps-serialize.lock".as_ref(), is_update).unwrap_err();
            assert!(error.to_string().contains("`use that_crate as _;`"), "{error}");
        }
    }
}
