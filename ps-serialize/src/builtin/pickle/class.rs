//! The names of Python's classes, and which of them may be those of instances.
//!
//! A name says nothing about what stands behind it. So no name that a pickle gives is looked up by a reader, and
//! whatever is written back is written so that Python refuses it if it is not a class (see `from_value`).

use std::borrow::Cow;
use std::fmt::{self, Debug, Display, Formatter};

use super::advice::advice;

/// The longest name of a class or of a module, in bytes.
const MAX_NAME: usize = 1000;

/// A Python class, by the module that it is in and its name there.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Class {
    pub(super) module: Box<str>,
    /// With the names of the classes around it, as in `Outer.Inner`.
    pub(super) name: Box<str>,
}

impl Display for Class {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.module, self.name)
    }
}

impl Debug for Class {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

/// Modules of Python's own whose classes and functions act on the system or run code, in order. Plain data has no
/// instances of them. Their parts in C have a `_` before the name.
#[rustfmt::skip]
const REFUSED: &[&str] = &[
    "abc", "antigravity", "ast", "asyncio", "bdb", "builtins", "cProfile", "cloudpickle",
    "code", "codecs", "codeop", "commands", "concurrent", "copyreg", "ctypes", "dbm", "dill",
    "dis", "doctest", "fcntl", "fileinput", "ftplib", "functools", "gc", "glob", "imaplib",
    "imp", "importlib", "inspect", "io", "itertools", "joblib", "linecache", "logging",
    "mailbox", "marshal", "mmap", "modulefinder", "multiprocessing", "nt", "ntpath", "operator",
    "os", "pdb", "pickle", "pip", "pkgutil", "platform", "popen2", "poplib", "posix",
    "posixpath", "posixsubprocess", "profile", "pty", "pydoc", "pyio", "rlcompleter", "runpy",
    "setuptools", "shelve", "shutil", "signal", "site", "smtplib", "socket", "socketserver",
    "sqlite3", "ssl", "subprocess", "sys", "sysconfig", "tarfile", "telnetlib", "tempfile",
    "thread", "threading", "timeit", "trace", "turtle", "types", "typing", "unittest", "urllib",
    "venv", "weakref", "webbrowser", "wsgiref", "xmlrpc", "zipfile", "zipimport",
];

fn is_refused(module: &str) -> bool {
    REFUSED.binary_search(&module.trim_start_matches('_')).is_ok()
}

/// Why a name can't be that of the class of an instance, or `None` if it can.
pub(crate) fn refusal(module: &str, name: &str) -> Option<&'static str> {
    const CODE: &str = "only plain data and instances of classes are read, and no code is run";
    let package = module.split('.').next().unwrap_or_default();
    if is_called_by_python(module, name) {
        return None;
    }
    if let Some(advice) = advice(module, name) {
        return Some(advice);
    }
    if module.len().max(name.len()) > MAX_NAME {
        return Some("no class has a name that long");
    }
    let is_name = |part: &str| {
        !part.is_empty() && !part.starts_with("__") && !part.contains(char::is_whitespace)
    };
    // A module can be found inside of another one, as a part of the name.
    let is_code = is_refused(package)
        || name.contains('.') && name.split('.').any(is_refused)
        || !name.split('.').all(is_name)
        || module.is_empty();
    is_code.then_some(CODE)
}

/// Python's own classes whose instances are pickled as a call: exceptions and `SimpleNamespace`.
pub(super) fn is_called_by_python(module: &str, name: &str) -> bool {
    match module {
        "builtins" => is_name_of_exception(name) && !name.contains('.'),
        "types" => name == "SimpleNamespace",
        _ => false,
    }
}

/// Whether a name ends as the names of exceptions do.
pub(super) fn is_name_of_exception(name: &str) -> bool {
    const ENDS: [&str; 8] = [
        "Error",
        "Exception",
        "Warning",
        "Interrupt",
        "Iteration",
        "Exit",
        "ExceptionGroup",
        "Failure",
    ];
    is_name_of_class(name) && ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether it is the name of a class and not of a function, by the custom that the name of a class begins with a
/// capital.
pub(super) fn is_name_of_class(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or_default();
    name.trim_start_matches('_').starts_with(char::is_uppercase)
}

/// Whether it is a class of time zones of `dateutil`, whose names do not begin with a capital.
pub(super) fn is_zone(module: &str, name: &str) -> bool {
    module == "dateutil.tz.tz" && matches!(name, "tzutc" | "tzoffset" | "tzlocal")
}

/// Names in protocols 0 to 2 are those of Python 2. They become those of Python 3.
pub(super) fn renamed<'p>(
    module: Cow<'p, str>,
    name: Cow<'p, str>,
) -> (Cow<'p, str>, Cow<'p, str>) {
    let new_module = match &*module {
        "__builtin__" | "exceptions" => "builtins",
        "copy_reg" => "copyreg",
        // Python 3.13 alone has the classes there.
        "pathlib._local" => "pathlib",
        // The function of the class that makes a zone.
        "zoneinfo" if name == "ZoneInfo._unpickle" => return (module, "ZoneInfo".into()),
        _ => return (module, name),
    };
    let name = match (&*module, &*name) {
        ("__builtin__", "long") => "int".into(),
        ("__builtin__", "unicode") => "str".into(),
        ("__builtin__", "xrange") => "range".into(),
        _ => name,
    };
    (new_module.into(), name)
}

/// A name that stands for one value or one type, and not for code.
pub(super) fn is_constant(module: &str, name: &str) -> bool {
    base(module, name).is_some()
        || is_missing(module, name)
        || module == "builtins"
            && matches!(name, "bool" | "bytearray" | "Ellipsis" | "NotImplemented")
}

/// Whether a name that stands for a value is that of a type.
pub(super) fn is_type(module: &str, name: &str) -> bool {
    let is_other = module == "builtins" && matches!(name, "Ellipsis" | "NotImplemented");
    !is_other && !is_missing(module, name)
}

/// What pandas has in place of a missing value.
pub(super) fn is_missing(module: &str, name: &str) -> bool {
    matches!((module, name), ("pandas" | "pandas._libs.missing", "NA"))
}

/// The built-in type that `copyreg._reconstructor` makes an instance of a derived class from.
pub(super) fn base(module: &str, name: &str) -> Option<&'static str> {
    const BASES: &[&str] = &[
        "object",
        "int",
        "float",
        "complex",
        "str",
        "bytes",
        "tuple",
        "list",
        "dict",
        "set",
        "frozenset",
    ];
    if module != "builtins" {
        return None;
    }
    BASES.iter().find(|base| **base == name).copied()
}

#[cfg(test)]
mod tests {
    use super::REFUSED;

    #[test]
    fn the_modules_are_in_order() {
        assert!(REFUSED.is_sorted());
    }
}
