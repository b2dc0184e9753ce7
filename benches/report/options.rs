//! The command line.

use std::env;
use std::path::{Path, PathBuf};

use crate::kinds::KINDS;

pub(crate) struct Options {
    /// Not to measure at all.
    pub(crate) check: bool,
    pub(crate) quick: bool,
    /// Whether a promise that is not kept is a failure.
    pub(crate) strict: bool,
    only: Vec<String>,
    pub(crate) folder: PathBuf,
}

const USAGE: &str = "cargo bench -p ps-serialize-benches --bench report -- [--quick] [--strict] [--only KIND,…] [--out FOLDER]";

impl Options {
    pub(crate) fn parse() -> Result<Self, String> {
        let mut options = Self {
            check: true,
            quick: false,
            strict: false,
            only: Vec::new(),
            folder: PathBuf::new(),
        };
        let mut folder = None;
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value =
                || arguments.next().ok_or(format!("`{argument}` needs a value\n{USAGE}"));
            match argument.as_str() {
                // cargo's own.
                "--bench" => options.check = false,
                "--quick" => options.quick = true,
                "--strict" => options.strict = true,
                "--out" => folder = Some(PathBuf::from(value()?)),
                "--only" => options.only.extend(value()?.split(',').map(str::to_owned)),
                _ => return Err(format!("there is no option `{argument}`\n{USAGE}")),
            }
        }
        let known: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        if let Some(unknown) = options.only.iter().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("there is no kind `{unknown}`, but {}", known.join(", ")));
        }
        // What a quick run finds is not to be taken for the results of a whole one.
        options.folder = folder.unwrap_or_else(|| {
            if options.quick {
                Path::new(env!("CARGO_TARGET_TMPDIR")).join("quick-report")
            } else {
                Path::new(env!("CARGO_MANIFEST_DIR")).join("results")
            }
        });
        Ok(options)
    }

    pub(crate) fn wants(&self, kind: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == kind)
    }
}
