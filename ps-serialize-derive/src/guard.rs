use std::fmt::Write;

use proc_macro2::Span;

/// A claim: on an identifier, or on a Python class by its module and its name.
#[derive(Clone, Copy)]
pub(crate) enum Claim<'c> {
    Identifier(&'c [u8]),
    Class(&'c str),
}

/// The identifier as part of a Rust name and of a linker symbol. Injective: letters and digits
/// stand for themselves, every other byte is `_XX`.
fn mangle(identifier: &[u8]) -> String {
    identifier.iter().fold(String::new(), |mut name, &byte| {
        if byte.is_ascii_alphanumeric() {
            name.push(char::from(byte));
        } else {
            write!(name, "_{byte:02X}").expect("a String takes every write");
        }
        name
    })
}

impl Claim<'_> {
    /// Two macros of this name in one crate are rustc's E0428, whose message is the name.
    pub(crate) fn same_crate_name(self) -> String {
        match self {
            Self::Identifier(id) => {
                format!("two_serializers_of_this_crate_claim_the_identifier_{}", mangle(id))
            }
            Self::Class(path) => {
                let path = mangle(path.as_bytes());
                format!("two_types_of_this_crate_claim_the_python_class_{path}")
            }
        }
    }

    /// Two symbols of this name in one program are a linker error, whose message is the name.
    pub(crate) fn symbol(self) -> String {
        let what = match self {
            Self::Identifier(id) => {
                let id = mangle(id);
                format!("identifier_{id}__search_them_for__id_{id}")
            }
            Self::Class(path) => {
                let path = mangle(path.as_bytes());
                format!("python_class_{path}__search_them_for__python_{path}")
            }
        };
        format!(
            "ps_serialize_{}_{}_two_crates_claim_the_{what}",
            env!("CARGO_PKG_VERSION_MAJOR"),
            env!("CARGO_PKG_VERSION_MINOR"),
        )
    }
}

/// The source line of an annotation, fit for a string of the assembler and for a comment in it.
pub(crate) fn place(span: Span) -> String {
    let span = span.unwrap();
    format!("{}:{}", plain(&span.file()), span.line())
}

/// The package that is compiled, with its version; outside of cargo, none is known.
pub(crate) fn package() -> String {
    let variable = |name| std::env::var(name).unwrap_or_default();
    format!("{}-{}", variable("CARGO_PKG_NAME"), variable("CARGO_PKG_VERSION"))
}

fn plain(path: &str) -> String {
    path.replace(['"', '\\', '\n', '\r'], "'").replace("*/", "* /")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mangling_is_injective_and_readable() {
        assert_eq!(mangle(b"05"), "05");
        assert_eq!(mangle(b"a_b"), "a_5Fb");
        assert_eq!(mangle(b"\xff!"), "_FF_21");
        assert_ne!(mangle(b"_FF"), mangle(b"\xff"));
    }

    #[test]
    fn a_place_ends_neither_a_string_nor_a_comment() {
        assert_eq!(plain("src/odd\"*/names\\x.rs"), "src/odd'* /names'x.rs");
    }
}
