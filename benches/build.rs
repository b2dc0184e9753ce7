//! Declares 1,024 serializers to look for: an identifier has to be a literal.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

const HEAD: &str = r#"
use ps_serialize::{Decode, Encode, Payload, Result, Sink};

/// Nothing to write, and a value that is there anyway.
struct Nothing;

impl<T> Encode<T> for Nothing {
    fn encode<'a>(_value: &'a T, _out: &mut dyn Sink<'a>) -> Result<()> {
        Ok(())
    }
}

impl<'a, T: Default> Decode<'a, T> for Nothing {
    fn decode(_payload: Payload<'a, '_>) -> Result<T> {
        Ok(T::default())
    }
}

#[ps_serialize::serializer(id = b"particle", codec = Nothing)]
#[derive(Default)]
struct LongIdentifier;
"#;
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("1024.rs"), units(1024)).expect("cargo made the directory");
}

/// Unit structs, and the list of their identifiers: two bytes, none of them reserved, since the
/// second one is in lower case.
fn units(count: usize) -> String {
    let first = (b'a'..=b'z').chain(b'A'..=b'Z');
    let pairs = first.flat_map(|first| (b'a'..=b'z').map(move |second| [first, second]));
    let (mut types, mut list) = (String::new(), String::new());
    for (number, pair) in pairs.take(count).enumerate() {
        let literal = format!("b\"{}\"", pair.escape_ascii());
        write!(
            types,
            "#[ps_serialize::serializer(id = {literal}, codec = Nothing)]\n\
             #[derive(Default)]\n\
             struct Unit{number};\n\n"
        )
        .expect("a String takes every write");
        write!(list, "{literal}, ").expect("a String takes every write");
    }
    format!("{HEAD}\n{types}pub(crate) const IDENTIFIERS: [&[u8]; {count}] = [{list}];\n")
}
