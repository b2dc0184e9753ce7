//! Records with names, for Python's `msgpack`.

use std::collections::BTreeMap;

use ps_serialize::{MessagePack, deserialize, serialize, serializer};
use serde::{Deserialize, Serialize};
use support::hex;

use crate::python::Python;

#[serializer(id = b"im", codec = MessagePack)]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Record {
    id: u64,
    change: i16,
    ratio: f64,
    name: String,
    marks: Vec<Option<u8>>,
    #[serde(default)]
    data: Data,
    places: BTreeMap<u16, (f32, bool)>,
    state: State,
    shape: Shape,
    #[serde(flatten)]
    more: BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
enum State {
    On,
    Off { since: u8 },
    Both(Box<State>, u8),
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Shape {
    Circle { radius: f64 },
}

/// Bytes, as `serde_bytes` hands them over.
#[derive(Debug, PartialEq, Default)]
struct Data(Vec<u8>);

impl Serialize for Data {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl serde::de::Visitor<'_> for Bytes {
            type Value = Data;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Data, E> {
                Ok(Data(bytes.to_vec()))
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

fn record() -> Record {
    Record {
        id: u64::MAX,
        change: -300,
        ratio: 0.1,
        name: "größe 世界".to_owned(),
        marks: vec![Some(1), None, Some(255)],
        data: Data(vec![0, 255]),
        places: [(7, (0.5, true)), (700, (-1.5, false))].into(),
        state: State::Both(Box::new(State::Off { since: 3 }), 4),
        shape: Shape::Circle { radius: 2.0 },
        more: [("extra".to_owned(), serde_json::json!([1, {"a": null}]))].into(),
    }
}

const IN_PYTHON: &str = "{'id': 18446744073709551615, 'change': -300, 'ratio': 0.1, 'name': 'größe 世界', 'marks': [1, None, 255], 'data': b'\\x00\\xff', 'places': {7: [0.5, True], 700: [-1.5, False]}, 'state': {'Both': [{'Off': {'since': 3}}, 4]}, 'shape': {'type': 'circle', 'radius': 2.0}, 'extra': [1, {'a': None}]}";

#[test]
fn python_reads_a_record_as_a_dict() {
    let mut python = Python::start();
    let mut payload_of = |frame: &[u8]| {
        let hex = hex(frame);
        let unpacked =
            "msgpack.unpackb(io.BytesIO(FRAME).read().split(b'\\n', 1)[1], strict_map_key=False)"
                .replace("FRAME", &format!("bytes.fromhex('{hex}')"));
        let text = python.evaluate_frame(&format!("repr({unpacked}).encode()"));
        String::from_utf8(text).unwrap()
    };
    assert_eq!(payload_of(&serialize(&record()).unwrap()), IN_PYTHON);
    let on = serialize(&Record { state: State::On, ..record() }).unwrap();
    let in_python = "{'Both': [{'Off': {'since': 3}}, 4]}";
    assert_eq!(payload_of(&on), IN_PYTHON.replace(in_python, "'On'"));
}

#[test]
fn a_dict_of_python_s_is_read_as_a_record() {
    let mut python = Python::start();
    for options in ["", ", use_single_float=False", ", use_bin_type=True"] {
        let frame =
            python.evaluate_frame(&format!("b'im\\n' + msgpack.packb({IN_PYTHON}{options})"));
        assert_eq!(deserialize::<Record>(&frame).unwrap(), record());
    }
    // In another order, without what has a default, and with numbers of another width.
    let frame = python.evaluate_frame(
        "b'im\\n' + msgpack.packb({'shape': {'radius': 2.0, 'type': 'circle'}, 'state': {'Off': {'since': 3, 'new': [{}]}}, 'places': {}, 'marks': (), 'name': '', 'ratio': 1, 'change': 0, 'id': 5})",
    );
    let expected = Record {
        id: 5,
        change: 0,
        ratio: 1.0,
        name: String::new(),
        marks: vec![],
        data: Data(vec![]),
        places: BTreeMap::new(),
        state: State::Off { since: 3 },
        shape: Shape::Circle { radius: 2.0 },
        more: BTreeMap::new(),
    };
    assert_eq!(deserialize::<Record>(&frame).unwrap(), expected);
    let timestamp = python.evaluate_frame(
        "b'im\\n' + msgpack.packb({'id': datetime.datetime.now(datetime.timezone.utc)}, datetime=True)",
    );
    let error = format!("{:#}", deserialize::<Record>(&timestamp).unwrap_err());
    assert!(error.contains("an extension of type -1"), "{error}");
}
