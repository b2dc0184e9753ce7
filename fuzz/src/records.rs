//! Annotated types.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use arbitrary::Arbitrary;
use ps_serialize::{Bincode, Decode, MessagePack, Payload, Result, Wincode, serializer};
use serde::{Deserialize, Serialize};
use wincode::{SchemaRead, SchemaWrite};

#[serializer(id = b"r0")]
#[derive(Arbitrary, Debug, Deserialize, SchemaRead, SchemaWrite, Serialize)]
pub struct Everything {
    small: (u8, i8, u16, i16, u32, i32, bool, char),
    large: (u64, i64, u128, i128),
    float: (f32, f64),
    text: String,
    bytes: Vec<u8>,
    option: Option<Vec<Option<u16>>>,
    ordered: BTreeMap<u32, Vec<String>>,
    set: BTreeSet<u16>,
    queue: VecDeque<[i16; 3]>,
    boxed: Box<[u16]>,
    units: Vec<()>,
    choices: Vec<Choice>,
}

#[derive(Arbitrary, Debug, Deserialize, SchemaRead, SchemaWrite, Serialize)]
pub enum Choice {
    Unit,
    Newtype(u64),
    Tuple(String, i8),
    Struct { name: String, flags: Vec<bool> },
}

/// The same by the other codec, which may read whatever that one reads.
#[serializer(id = b"r1", codec = Wincode)]
#[derive(Debug, SchemaRead, SchemaWrite)]
pub struct EverythingByWincode(pub Everything);

/// Every kind of value, with names.
#[serializer(id = b"r6", codec = MessagePack)]
#[derive(Debug, Deserialize, Serialize)]
pub struct EverythingNamed(pub Everything);

/// A type that asks the format what comes next.
#[serializer(id = b"r7", codec = MessagePack)]
#[derive(Debug, Deserialize, Serialize)]
pub struct Asking {
    value: Untagged,
    tagged: Vec<Tagged>,
    #[serde(flatten)]
    more: BTreeMap<String, Untagged>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Untagged {
    Null,
    Bool(bool),
    Whole(u64),
    Number(f64),
    Text(String),
    List(Vec<Untagged>),
    Map(BTreeMap<String, Untagged>),
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "t")]
pub enum Tagged {
    Unit,
    Struct { name: Option<String>, children: Vec<Tagged> },
}

#[serializer(id = b"r2")]
#[derive(Arbitrary, Debug, Deserialize, Serialize)]
pub struct Tree {
    name: Option<String>,
    children: Vec<Tree>,
}

#[serializer(id = b"r3", codec = Wincode)]
#[derive(Arbitrary, Debug, SchemaRead, SchemaWrite)]
pub struct WincodeTree {
    name: Option<String>,
    children: Vec<WincodeTree>,
}

#[serializer(id = b"r4")]
#[derive(Arbitrary, Debug, Deserialize, Serialize)]
pub enum List {
    End,
    Number(f64, Box<List>),
    Text { text: Box<str>, rest: Box<List> },
}

/// Elements that are large in memory and small in a payload.
#[serializer(id = b"r5", codec = Wincode)]
#[derive(Debug, SchemaRead, SchemaWrite)]
pub struct Sparse(Vec<Option<[u64; 64]>>);

/// What has no order of its own, and is not written as the same bytes twice.
#[derive(Debug, Deserialize, PartialEq, SchemaRead, SchemaWrite, Serialize)]
pub struct Hashed(HashMap<String, HashMap<u8, Vec<u16>>>);

/// Both codecs read the same values, and refuse the same payloads.
pub fn codecs_agree(payload: &[u8]) {
    let by_bincode: Result<Everything> = Payload::read(payload, Bincode::decode);
    let by_wincode: Result<Everything> = Payload::read(payload, Wincode::decode);
    match (by_bincode, by_wincode) {
        (Ok(one), Ok(other)) => assert_eq!(format!("{one:?}"), format!("{other:?}")),
        (Err(_), Err(_)) => {}
        (one, other) => panic!("bincode: {one:?}; wincode: {other:?}"),
    }
    let by_bincode: Result<Hashed> = Payload::read(payload, Bincode::decode);
    let by_wincode: Result<Hashed> = Payload::read(payload, Wincode::decode);
    match (by_bincode, by_wincode) {
        (Ok(one), Ok(other)) => assert_eq!(one, other),
        (Err(_), Err(_)) => {}
        (one, other) => panic!("bincode: {one:?}; wincode: {other:?}"),
    }
}
