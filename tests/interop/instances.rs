//! `PK`: instances of classes, as data.

use std::collections::BTreeMap;

use ps_serialize::pickle::{Object, Pickle, Value};
use ps_serialize::{deserialize, deserialize_any, deserialize_with, serialize, serialize_any};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::python::Python;

/// The frames of an expression, in every protocol that Python writes it in.
fn frames(python: &mut Python, expression: &str) -> Vec<Vec<u8>> {
    let frames: Vec<_> = (0..=5)
        .filter_map(|protocol| {
            python.try_frame(&format!("b'PK\\n' + pickle.dumps({expression}, {protocol})"))
        })
        .collect();
    assert!(frames.len() >= 2, "{expression}");
    frames
}

fn read<T: DeserializeOwned + serde::Serialize>(python: &mut Python, expression: &str) -> Vec<T> {
    let read = |frame: Vec<u8>| {
        deserialize_with::<Pickle<T>>(&frame)
            .unwrap_or_else(|error| panic!("{expression}: {error:?}"))
    };
    frames(python, expression).into_iter().map(read).collect()
}

/// Every kind of class.
const INSTANCES: &[&str] = &[
    "classes.Ordinary(1, [2, 'three'])",
    "classes.Ordinary(classes.Ordinary(1), {'k': classes.Plain(0.5)})",
    "classes.Ordinary.Inner()",
    "classes.Slots(1, None)",
    "classes.SlotsAndDict()",
    "classes.Plain(0.5)",
    "classes.Derived(0.5, 'x', -1)",
    "classes.Frozen(1)",
    "classes.FrozenSlots(1)",
    "classes.SlotsData(1)",
    "classes.KeywordOnly(x=1)",
    "classes.Pair(1)",
    "classes.Old(1, 2.5, (3,))",
    "classes.Model(mass=0.5)",
    "classes.Open(a=1, b=[2])",
    "classes.Defined(1)",
    "classes.AttrsFrozen(1)",
    "classes.WithoutSlots(1)",
    "classes.Struct(1)",
    "classes.KeywordStruct(a=1)",
    "types.SimpleNamespace(a=1, b='two')",
    "types.SimpleNamespace()",
    "classes.Color.RED",
    "classes.Color.BLUE",
    "classes.Color.PAIR",
    "classes.Level.HIGH",
    "classes.Word.YES",
    "classes.Access.READ",
    "classes.Access.READ | classes.Access.WRITE",
    "classes.Bits(0)",
    "classes.Bits.A | classes.Bits.B",
    "classes.Planet.EARTH",
    "__import__('http').HTTPStatus.NOT_FOUND",
    "classes.Number(7)",
    "classes.Text('t')",
    "classes.Listing([1, 2])",
    "classes.Listing()",
    "classes.Mapping(a=1)",
    "ValueError('x', 1)",
    "KeyError('k')",
    "UnicodeDecodeError('utf-8', b'x', 0, 1, 'why')",
    "FileNotFoundError(2, 'No such file', 'name')",
    "classes.FailedError('what', 7)",
    "classes.Stop('now')",
    "[classes.Color.RED, classes.Color.RED, classes.Level.LOW, classes.Color.BLUE]",
    "{classes.Color.RED: 1, classes.Pair(1): 2, classes.Frozen(1): 3}",
    "[classes.Plain(float(i), str(i)) for i in range(300)]",
    "(lambda x: [x, x])(classes.Plain(1.0))",
    "[classes.Color(1)] * 300 + [type('x', (), {}) for _ in ()]",
    "classes.Plain(np.arange(3.0))",
];

#[test]
fn instances_come_back_as_they_were() {
    let mut python = Python::start();
    for expression in INSTANCES {
        for frame in frames(&mut python, expression) {
            let value =
                deserialize_any(&frame).unwrap_or_else(|error| panic!("{expression}: {error:?}"));
            let written = serialize_any(&*value).unwrap();
            python.assert_reads(&written, expression);
            let again: Value = deserialize(&written).unwrap();
            assert_eq!(again, *value.downcast::<Value>().unwrap(), "{expression}");
        }
    }
    let with_keywords = python.evaluate_frame("serialize(classes.WithKeywords(k=5))");
    let value: Value = deserialize(&with_keywords).unwrap();
    python.assert_reads(&serialize(&value).unwrap(), "classes.WithKeywords(k=5)");
}

#[test]
fn a_member_of_an_enum_is_the_very_member() {
    let mut python = Python::start();
    let red = serialize(&Value::from(Object::member("classes", "Color", 1).unwrap())).unwrap();
    let check = |frame: &[u8]| format!("deserialize(bytes.fromhex('{}'))", support::hex(frame));
    python.assert_reads(
        &serialize(&Value::from(true)).unwrap(),
        &format!("{} is classes.Color.RED", check(&red)),
    );
    let value: Value = deserialize(&red).unwrap();
    let object = value.as_object().unwrap();
    assert_eq!((object.class(), object.arguments()), (("classes", "Color"), &[Value::Int(1)][..]));
    // Some versions of Python 3.11 name the member.
    for by_name in [
        &b"PK\n\x80\x04\x8c\x08builtins\x8c\x07getattr\x93\x8c\x07classes\x8c\x05Color\x93\x8c\x03RED\x86R."[..],
        b"PK\nc__builtin__\ngetattr\n(cclasses\nColor\nVRED\ntR.",
    ] {
        let value: Value = deserialize(by_name).unwrap();
        let object = value.as_object().unwrap();
        let name = [Value::from("RED")];
        assert_eq!((object.class(), object.arguments()), (("classes", "Color"), &name[..]));
        assert_eq!(deserialize_with::<Pickle<String>>(by_name).unwrap(), "RED");
        let written = serialize(&value).unwrap();
        python.assert_reads(&written, "classes.Color.RED");
        assert_eq!(deserialize::<Value>(&written).unwrap(), value);
    }
}

#[test]
fn what_is_written_calls_nothing_but_the_class_it_seems_to_be() {
    let mut python = Python::start();
    let call =
        |name: &str, arguments: &str| format!("PK\ncclasses\n{name}\n({arguments}tR.").into_bytes();
    for (frame, error) in [
        (call("Function", "I1\n"), "issubclass() arg 1 must be a class"),
        (call("Function", "I1\nI2\n"), "issubclass() arg 1 must be a class"),
        (call("Function", ""), "issubclass() arg 1 must be a class"),
        (call("Celsius", "I1\n"), "False"),
        (call("Ordinary", "I1\nI2\n"), "False"),
    ] {
        // Anything could stand behind the name. Python finds out before it calls it.
        let value: Value = deserialize(&frame).unwrap();
        let answer = python.read(&serialize(&value).unwrap());
        assert!(answer["error"].as_str().unwrap().contains(error), "{answer}");
    }
}

/// What runs code when it is called, in a pickle.
const CALLER: &str = "cclasses\nCaller\n)\u{81}";

#[test]
fn no_call_can_be_made_of_what_a_stranger_wrote() {
    let mut python = Python::start();
    // Each character is a byte.
    let attack = |body: &str| -> Vec<u8> {
        let pickle = format!("PK\n\u{80}\x04{}.", body.replace("CALLER", CALLER));
        pickle.chars().map(|byte| u8::try_from(byte).unwrap()).collect()
    };
    // A class of the stranger's own, whose methods the unpickler calls.
    for body in [
        "cclasses\nMeta\n(VX\n)}V__setstate__\nCALLERst\u{81}}V1\nNsb",
        "cclasses\nMeta\n(VX\n)}Vappend\nCALLERst\u{81}]a",
        "cclasses\nMeta\n(VX\n)}Vextend\nCALLERst\u{81}(NNe",
        "cclasses\nMeta\n(VX\n)}V__module__\nVm\nst\u{81}",
        "cclasses\nMeta\n(VX\n)}t}\u{92}",
        "cclasses\nMeta\n)}(Vname\nVX\nVbases\n)Vns\n}u\u{92}",
        "cenum\nEnumMeta\n(VX\n)}t\u{81}",
        // A member of an enum, which the whole program shares, with a state.
        "cclasses\nColor\n(I1\nt\u{81}}Vname\nVGREEN\nsb",
        "cclasses\nColor\n(I1\ntR}V_value_\nI2\nsb",
        "cclasses\nColor\n(I1\ntRN}V_value_\nI2\ns\u{86}b",
        "ccopyreg\n__newobj__\n(cclasses\nColor\nI1\ntR}V_value_\nI2\nsb",
        "cclasses\nZone\n(Vutc\ntR}V_name_\nVEVIL\nsb",
        "cclasses\nFault\n(Vlost\ntR}V_name_\nVEVIL\nsb",
        // One that is no member.
        "ccopyreg\n_reconstructor\n(cclasses\nColor\ncbuiltins\nobject\nNtR}V_value_\nI5\nsb",
        "ccopyreg\n_reconstructor\n(cclasses\nLevel\ncbuiltins\nint\nI77\ntR",
        "cclasses\nMeta\n)\u{81}N}Vmember\nI1\ns\u{86}b",
        // What was checked to be an enum is called as a struct.
        "(cenum\nEnum.mro\ncmsgspec._utils\nrebuild\n(cenum\nEnum\n}(Vvalue\nVX\nVnames\n}VA\nI1\nsutRt",
        "(cclasses\nColor.RED\ncclasses\nColor\n(I1\nI2\ntRt",
        // A method of an enum is no member.
        "cclasses\nColor.mro\n",
        "cbuiltins\ngetattr\n(cclasses\nColor\nVmro\ntR",
    ] {
        let frame = attack(body);
        let value: Value = deserialize(&frame).unwrap_or_else(|error| panic!("{body}: {error:?}"));
        let written = serialize(&value).unwrap();
        assert_eq!(deserialize::<Value>(&written).unwrap(), value, "{body}");
        let answer = python.read(&written);
        let error = answer["error"].as_str().unwrap_or_else(|| panic!("{body}: {answer}"));
        // It is the key that Python does not find.
        let expected = [" True", " False", " 'mro'"];
        assert!(expected.iter().any(|end| error.ends_with(end)), "{body}: {error}");
    }
    // Attributes that the unpickler itself uses.
    for body in [
        "cclasses\nPlain\n)\u{81}}V__setstate__\nCALLERsb",
        "cclasses\nPlain\n)\u{81}N}V__setstate__\nCALLERs\u{86}b",
        "cclasses\nPlain\n)\u{81}}V__dict__\n}V__setstate__\nCALLERssb",
        "cclasses\nPlain\n)\u{81}}V__class__\nNsb",
        "cclasses\nStop\n(Vx\ntR}V__setstate__\nCALLERsb",
        "cclasses\nPlain\n)\u{81}ccollections\nOrderedDict\n)RV__class__\nNsb",
        "cclasses\nPlain\n)\u{81}Nccollections\nOrderedDict\n)RV__class__\nNs\u{86}b",
        "cclasses\nPlain\n)\u{81}}V__dict__\nccollections\nOrderedDict\n)RV__setstate__\nCALLERssb",
        "cclasses\nPlain\n)\u{81}}cclasses\nText\n(C\x0c__setstate__Vascii\nt\u{81}CALLERsb",
        "cclasses\nPlain\n)\u{81}}cclasses\nText\n(V__setstate__\nt\u{81}CALLERsb",
        "cclasses\nPlain\n)\u{81}}ccopyreg\n_reconstructor\n(cclasses\nText\ncbuiltins\nstr\nV__setstate__\ntRCALLERsb",
        "cclasses\nPlain\n)\u{81}}cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(VU12\nI0\nI1\ntR(I3\nV<\nNNNI48\nI4\nI0\ntbC\x30_\0\0\0_\0\0\0s\0\0\0e\0\0\0t\0\0\0s\0\0\0t\0\0\0a\0\0\0t\0\0\0e\0\0\0_\0\0\0_\0\0\0tRCALLERsb",
    ] {
        let error = deserialize::<Value>(&attack(body)).unwrap_err();
        let error = format!("{error:?}");
        let expected = ["an attribute `__setstate__`", "an attribute `__class__`"];
        assert!(expected.iter().any(|expected| error.contains(expected)), "{body}: {error}");
    }
    assert!(Object::new("classes", "Plain", [("__setstate__", 1)]).is_err());
    let calls = python.evaluate("[classes.Caller.calls, classes.Color.RED.value]");
    assert_eq!(deserialize_with::<Pickle<(Vec<u8>, u8)>>(&calls).unwrap(), (vec![], 1));
}

#[derive(Deserialize, serde::Serialize, PartialEq, Debug)]
struct Particle {
    mass: f64,
    name: String,
}

#[derive(Deserialize, serde::Serialize, PartialEq, Debug)]
struct Two {
    x: i64,
    y: String,
}

#[derive(Deserialize, serde::Serialize, PartialEq, Debug)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Yes,
}

#[test]
fn serde_reads_the_fields_of_instances_and_the_values_of_members() {
    let mut python = Python::start();
    let particle = Particle { mass: 0.5, name: "none".to_owned() };
    for expression in ["classes.Plain(0.5)", "classes.Derived(0.5)", "classes.Model(mass=0.5)"] {
        for read in read::<Particle>(&mut python, expression) {
            assert_eq!(read, particle, "{expression}");
        }
    }
    let two = Two { x: 1, y: "two".to_owned() };
    for expression in [
        "classes.SlotsData(1)",
        "classes.KeywordOnly(x=1)",
        "types.SimpleNamespace(x=1, y='two')",
        "classes.Ordinary(1, 'two')",
    ] {
        for read in read::<Two>(&mut python, expression) {
            assert_eq!(read, two, "{expression}");
        }
    }
    for expression in
        ["classes.FrozenSlots(1)", "classes.Pair(1, 'two')", "classes.Struct(1, 'two')"]
    {
        for read in read::<(i64, String)>(&mut python, expression) {
            assert_eq!(read, (1, "two".to_owned()), "{expression}");
        }
    }
    for (expression, expected) in [
        ("classes.Color.RED", serde_json::json!(1)),
        ("classes.Color.PAIR", serde_json::json!([1, 2])),
        ("classes.Old(1, 2.5, [3])", serde_json::json!([1, 2.5, [3]])),
        ("classes.SlotsAndDict()", serde_json::json!({"c": 3.0, "a": 1, "b": "two"})),
        ("classes.Open(a=1, b=[2])", serde_json::json!({"a": 1, "b": [2]})),
        ("classes.KeywordStruct(a=1)", serde_json::json!({"a": 1, "b": "x"})),
        ("classes.Listing([1, 2])", serde_json::json!([1, 2])),
        ("classes.Mapping(a=1)", serde_json::json!({"a": 1})),
        ("ValueError('x', 1)", serde_json::json!(["x", 1])),
    ] {
        for read in read::<serde_json::Value>(&mut python, expression) {
            assert_eq!(read, expected, "{expression}");
        }
    }
    assert!(read::<i64>(&mut python, "classes.Number(7)").iter().all(|read| *read == 7));
    assert!(read::<u8>(&mut python, "classes.Level.HIGH").iter().all(|read| *read == 10));
    assert!(read::<String>(&mut python, "classes.Text('t')").iter().all(|read| read == "t"));
    assert!(
        read::<Answer>(&mut python, "classes.Word.YES").iter().all(|read| *read == Answer::Yes)
    );
    let members = "{classes.Word.YES: [classes.Level.LOW]}";
    for read in read::<BTreeMap<String, Vec<i64>>>(&mut python, members) {
        assert_eq!(read, [("yes".to_owned(), vec![1])].into());
    }
}

#[test]
fn instances_written_by_rust_are_instances_in_python() {
    let mut python = Python::start();
    let object =
        Object::new("classes", "Plain", [("mass", Value::from(0.5)), ("name", "x".into())]);
    python.assert_reads(
        &serialize(&Value::from(object.unwrap())).unwrap(),
        "classes.Plain(0.5, 'x')",
    );
    let inner = Object::new("classes", "Ordinary.Inner", [("depth", 1)]).unwrap();
    python.assert_reads(&serialize(&Value::from(inner)).unwrap(), "classes.Ordinary.Inner()");
    let level = Object::member("classes", "Level", 10).unwrap();
    python.assert_reads(&serialize(&Value::from(level)).unwrap(), "classes.Level.HIGH");
    for (module, name) in [
        ("os", "system"),
        ("posix", "Popen"),
        ("builtins", "eval"),
        ("m", ""),
        ("", "C"),
        ("m", "C.__init__"),
        ("m", "C.__class__.D"),
        ("m", "a b"),
        ("pandas", "DataFrame"),
        ("subprocess", "Popen"),
        ("_codecs", "encode"),
        ("__builtin__", "Thing"),
        ("copy_reg", "Thing"),
        ("msgspec._utils", "rebuild"),
        ("collections", "OrderedDict"),
        ("a b", "C"),
        ("m..n", "C"),
        ("m", "f.<locals>.C"),
        ("m", "C\n"),
    ] {
        let none: [(&str, i64); 0] = [];
        assert!(Object::new(module, name, none).is_err(), "{module}.{name}");
    }
    assert!(Object::member("m", "function", 1).is_err());
}
