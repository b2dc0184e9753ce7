//! `PK`: protocol 5, as this library writes it. `python.rs` has all protocols, as Python writes them.

use num_bigint::BigInt;
use ps_serialize::pickle::{Pickle, Value};
use serde::{Deserialize, Serialize};

use super::Golden;

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Task {
    name: String,
    weights: Vec<f64>,
    after: Option<u32>,
    shape: (u8, i64),
    state: State,
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
enum State {
    Waiting,
    Failed { code: i32, before: Box<State> },
}

/// Every kind of value. `golden/write.py` has the same one.
pub(crate) fn everything() -> Value {
    let text = |text: &str| Value::Str(text.to_owned());
    let int = Value::Int;
    Value::Dict(vec![
        (text("none"), Value::None),
        (text("flags"), Value::List(vec![Value::Bool(true), Value::Bool(false)])),
        (
            text("ints"),
            Value::List(
                [0, 255, 256, 65_535, 65_536, -1, i64::from(i32::MIN), i64::MIN].map(int).into(),
            ),
        ),
        (text("big"), Value::from(BigInt::from(-1) << 2100)),
        (text("floats"), Value::List([0.1, -0.0, f64::INFINITY].map(Value::Float).into())),
        (text("complex"), Value::Complex(1.0, -2.0)),
        (text("text"), text("héllo\n\\u00e9 世界 🌍\0")),
        (text("long text"), Value::Str("x".repeat(300))),
        (text("bytes"), Value::Bytes((0..=255).collect())),
        (text("bytearray"), Value::ByteArray(b"a\xff".to_vec())),
        (
            text("tuples"),
            Value::List((0..5).map(|len| Value::Tuple((0..len).map(int).collect())).collect()),
        ),
        (text("set"), Value::Set(vec![int(7)])),
        (text("frozenset"), Value::FrozenSet(vec![text("only")])),
        (int(3), Value::Dict(vec![])),
    ])
}

pub(crate) fn all() -> Vec<Golden> {
    let before = Box::new(State::Waiting);
    let task = Task {
        name: "fit".to_owned(),
        weights: vec![0.5, 2.0],
        after: None,
        shape: (3, -1),
        state: State::Failed { code: -2, before },
    };
    vec![
        Golden::new("plain-everything", everything()),
        Golden::new("plain-none", Value::None),
        Golden::with::<Pickle<Task>>("plain-serde", task),
        #[cfg(feature = "ndarray")]
        Golden {
            bytes: super::Promise::of_arrays(),
            ..Golden::new("plain-array", {
                let array =
                    ps_serialize::array::DynArray::new("<i2", [2, 1], b"\x01\0\xff\xff".to_vec());
                Value::Tuple(vec![Value::from(array.unwrap())])
            })
        },
        #[cfg(feature = "ndarray")]
        Golden::new("plain-scalars", {
            let scalar = |descr: &'static str, data: &[u8]| {
                let array = ps_serialize::array::DynArray::new(descr, [], data.to_vec());
                Value::Scalar(ps_serialize::pickle::Scalar::new(array.unwrap()).unwrap())
            };
            let counts = [scalar("|i1", &[1]), scalar("|S2", b"ab"), scalar("|i1", &[2])];
            Value::Dict(counts.map(|key| (key, scalar("|u1", &[3]))).into())
        }),
    ]
}
