//! Values by chance, written by the codec, end where the layout says.

use std::collections::HashMap;

use proptest::prelude::*;
use ps_serialize::{Frame, deserialize_any, registry, serialize, serialize_any};

use crate::layout::{Layout, Type};
use crate::seen::{BY_MESSAGEPACK, Expression, OfExpression};

/// A row of numbers that is the same on every run.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    }
}

/// Whether the layout says what every byte is.
fn is_seen(layout: &Layout) -> bool {
    !format!("{:?}{:?}", layout.value, layout.numbered).contains("Unseen")
}

#[test]
fn what_the_codec_writes_ends_where_the_layout_says() {
    let mut types = 0;
    for entry in registry() {
        let identifier = entry.identifier().to_string();
        let Some(text) = entry.layout() else { continue };
        if !identifier.starts_with("s.") || text.contains("codec: messagepack") {
            continue;
        }
        let layout = Layout::parse(&text);
        if !is_seen(&layout) {
            continue;
        }
        types += 1;
        let (mut read, mut random) = (0, numbers(types));
        for _ in 0..3000 {
            let payload = layout.random(&mut random);
            let frame = [identifier.as_bytes(), b"\n", &payload].concat();
            // Not every text is a date.
            let Ok(value) = deserialize_any(&frame) else { continue };
            read += 1;
            let again = serialize_any(&*value).unwrap();
            let written = Frame::parse(&again).unwrap().payload();
            let left = layout.walk(written).unwrap_or_else(|problem| panic!("{text}: {problem}"));
            assert!(left.is_empty(), "{text}: {} bytes are left", left.len());
            if read == 200 {
                break;
            }
        }
        assert!(read > 0, "no value by chance is one of\n{text}");
    }
    assert!(types > 35, "{types}");
}

#[test]
fn what_messagepack_writes_is_what_the_layout_says() {
    let mut types = 0;
    for (identifier, write_named) in BY_MESSAGEPACK {
        let identifier = std::str::from_utf8(identifier).unwrap();
        let text = registry().find(identifier).unwrap().layout().unwrap();
        let named = identifier.replacen("s.", "m.", 1);
        let text_named = registry().find(&named).unwrap().layout().unwrap();
        let (layout, layout_named) = (Layout::parse(&text), Layout::parse(&text_named));
        if !is_seen(&layout) || !is_seen(&layout_named) {
            continue;
        }
        types += 1;
        let (mut written, mut random) = (0, numbers(types));
        for _ in 0..3000 {
            let payload = layout.random(&mut random);
            // Not every text is a date, and some values are refused, such as `Some(None)`.
            let frame = write_named(&[identifier.as_bytes(), b"\n", &payload].concat());
            let Ok(frame) = frame else { continue };
            let mut rest = Frame::parse(&frame).unwrap().payload();
            let value = rmpv::decode::read_value(&mut rest).unwrap();
            layout_named.fits(&value).unwrap_or_else(|problem| panic!("{text_named}: {problem}"));
            assert!(rest.is_empty(), "{text_named}");
            written += 1;
            if written == 100 {
                break;
            }
        }
        assert!(written > 0, "no value by chance is one of\n{text_named}");
    }
    assert!(types > 45, "{types}");
}

fn expressions() -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![
        any::<f64>().prop_map(Expression::Literal),
        ".*".prop_map(Expression::Name),
        Just(Expression::Nothing),
        Just(Expression::Empty()),
        Just(Expression::Braces {}),
        Just(Expression::Unit(())),
    ];
    leaf.prop_recursive(6, 64, 4, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            (boxed.clone(), boxed.clone()).prop_map(|(a, b)| Expression::Add(a, b)),
            boxed.clone().prop_map(|inner| Expression::Neg { inner }),
            proptest::collection::vec(inner, 0..4).prop_map(Expression::List),
            (boxed, any::<u8>()).prop_map(|(a, b)| Expression::Scaled(a, b)),
        ]
    })
}

proptest! {
    #[test]
    fn any_expression_ends_where_the_layout_says(value in expressions()) {
        let text = registry().find("s.expression").unwrap().layout().unwrap();
        let frame = serialize(&OfExpression { value }).unwrap();
        let payload = Frame::parse(&frame).unwrap().payload();
        prop_assert_eq!(Layout::parse(&text).walk(payload), Ok(&[][..]));
    }
}

#[test]
fn a_layout_of_another_type_does_not_fit() {
    let wrong = Layout { value: Type::Integer(3), numbered: HashMap::new() };
    assert_eq!(wrong.walk(&[1, 2]).unwrap_err(), "3 bytes are missing");

    let layout =
        |identifier: &str| Layout::parse(&registry().find(identifier).unwrap().layout().unwrap());
    let frame = serialize(&OfExpression { value: Expression::Nothing }).unwrap();
    let (_, write) = BY_MESSAGEPACK.iter().find(|(id, _)| *id == b"s.expression").unwrap();
    let frame = write(&frame).unwrap();
    let mut payload = Frame::parse(&frame).unwrap().payload();
    let value = rmpv::decode::read_value(&mut payload).unwrap();
    layout("m.expression").fits(&value).unwrap();
    for other in ["m.mutual", "m.tree", "m.result", "m.wide"] {
        assert!(layout(other).fits(&value).is_err(), "{other}");
    }
}
