//! The attribute, which sees an identifier when a program is compiled, and the library, which sees one in
//! a frame, have the same rules.

use std::collections::BTreeSet;

use proc_macro2::Span;
use ps_serialize::Identifier;
use syn::LitByteStr;

#[allow(dead_code)] // the table of reserved identifiers is for the library
#[path = "../ps-serialize-derive/src/identifier.rs"]
mod attribute;

/// The identifiers that the attribute refuses and the library takes.
fn refused_by_the_attribute_alone(candidates: impl Iterator<Item = Vec<u8>>) -> BTreeSet<Vec<u8>> {
    let mut refused = BTreeSet::new();
    for bytes in candidates {
        let attribute = attribute::check(&LitByteStr::new(&bytes, Span::call_site()));
        let library = Identifier::try_from(&bytes[..]);
        assert!(attribute.is_err() || library.is_ok(), "{}: {library:?}", bytes.escape_ascii());
        if attribute.is_err() && library.is_ok() {
            refused.insert(bytes);
        }
    }
    refused
}

#[test]
fn the_attribute_refuses_the_reserved_identifiers_and_what_the_library_refuses() {
    let short = (0..=255).map(|byte| vec![byte]);
    let pairs = (0..=u16::MAX).map(|pair| pair.to_be_bytes().to_vec());
    let reserved = ["BS", "CP", "LZ", "NP", "PD", "PK", "PL", "PT", "ST", "US", "ZS"];
    let reserved: BTreeSet<_> = reserved.map(|identifier| identifier.as_bytes().to_vec()).into();
    let empty = std::iter::once(vec![]);
    assert_eq!(refused_by_the_attribute_alone(empty.chain(short).chain(pairs)), reserved);
}

#[test]
fn every_byte_at_every_place_is_allowed_by_both_or_by_none() {
    let long = (3..=70).flat_map(|len| {
        (0..len).flat_map(move |place| {
            (0..=255).map(move |byte| {
                let mut bytes = vec![b'x'; len];
                bytes[place] = byte;
                bytes
            })
        })
    });
    assert_eq!(refused_by_the_attribute_alone(long), BTreeSet::new());
}
