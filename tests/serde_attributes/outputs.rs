//! Every verb refuses, and leaves nothing half-written behind.

use std::io::Cursor;

use ps_serialize::{
    Error, ErrorKind, parts, serialize, serialize_any, serialize_into, serialize_to,
    serialize_with, serializer,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
enum Mid {
    A,
    #[serde(skip)]
    #[allow(dead_code)]
    B,
    C(u64),
    D(u64),
}

#[derive(Serialize, Deserialize)]
struct Head {
    #[serde(default, skip_serializing_if = "is_zero")]
    offset: u64,
    count: u64,
}

fn is_zero(value: &u64) -> bool {
    *value == 0
}

#[serializer(id = b"aO")]
#[derive(Serialize, Deserialize)]
struct Outer {
    mid: Vec<Mid>,
    head: Option<Head>,
    data: Vec<u8>,
}

fn refused<T>(result: Result<T, Error>) {
    let Err(error) = result else { panic!("it was written") };
    assert!(matches!(error.kind(), ErrorKind::Serialize { .. }), "{error:#}");
}

#[test]
fn every_verb_refuses_and_leaves_nothing_behind() {
    let fine =
        Outer { mid: vec![Mid::A], head: Some(Head { offset: 1, count: 2 }), data: vec![1, 2, 3] };
    let frame = serialize(&fine).unwrap();
    for mid in [vec![Mid::A, Mid::C(1)], vec![Mid::D(1)], vec![]] {
        let offset = u64::from(!mid.is_empty());
        let bad = Outer { mid, head: Some(Head { offset, count: 2 }), data: vec![1, 2, 3] };
        for _ in 0..2 {
            refused(serialize(&bad));
            refused(serialize_with::<Outer>(&bad));
            refused(serialize_any(&bad));
            refused(parts(&bad));
            let mut file = Cursor::new(Vec::new());
            refused(serialize_to(&bad, &mut file));
            assert!(file.into_inner().is_empty());
            let mut buffer = b"before".to_vec();
            refused(serialize_into(&bad, &mut buffer));
            assert_eq!(buffer, b"before");
            serialize_into(&fine, &mut buffer).unwrap();
            assert_eq!(buffer, [b"before", &frame[..]].concat());
        }
    }
}

#[test]
fn a_value_may_be_refused_that_another_of_its_type_is_not() {
    #[serializer(id = b"aN")]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Numbers(Option<Untagged>, u8);
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    #[serde(untagged)]
    enum Untagged {
        Number(u8),
    }
    let frame = serialize(&Numbers(None, 1)).unwrap();
    assert_eq!(ps_serialize::deserialize::<Numbers>(&frame).unwrap(), Numbers(None, 1));
    refused(serialize(&Numbers(Some(Untagged::Number(1)), 1)));
    let text = format!("{:#}", serialize(&Numbers(Some(Untagged::Number(1)), 1)).unwrap_err());
    for part in [
        "asks the format what comes next (`untagged`, `tag`, `flatten`, `serde_json::Value`, `Decimal`), and the layout does not say",
        "outputs::a_value_may_be_refused_that_another_of_its_type_is_not::Untagged",
    ] {
        assert!(text.contains(part), "{text}");
    }
}
