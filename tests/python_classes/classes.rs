//! Each form of a class, with fields of serde's types.

use std::collections::BTreeMap;

use ps_serialize::pickle::{Pickle, Value};
use ps_serialize::{
    deserialize, deserialize_any, deserialize_dyn, deserialize_with, registry, serialize,
    serialize_any, serialize_with, serializer,
};
use serde::{Deserialize, Serialize};

use crate::{PROTOCOLS, start};

macro_rules! forms {
    ($($name:ident $path:literal $(, $positional:ident)?;)*) => {
        $(
            #[serializer(python = $path $(, $positional)?)]
            #[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
            struct $name {
                mass: f64,
                #[serde(default = "minus_one")]
                charge: i8,
                label: Option<String>,
            }
        )*

        #[test]
        fn every_form_of_a_class_is_made_by_python() {
            let mut python = start();
            $(
                for (charge, label) in [(-3, Some("é")), (-1, None)] {
                    let value = $name { mass: 1.5, charge, label: label.map(str::to_owned) };
                    let frame = serialize(&value).unwrap();
                    let about = format!("type(it) is {}, it.mass, it.charge, it.label", class($path));
                    let label = label.map_or("None".to_owned(), |label| format!("'{label}'"));
                    assert_eq!(python.say(&frame, &about), format!("(True, 1.5, {charge}, {label})"), "{}", $path);
                    assert_eq!(deserialize::<$name>(&frame).unwrap(), value);
                    assert_eq!(serialize_any(&value).unwrap(), frame);
                    assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&value), "{}", $path);
                }
            )*
        }

        #[test]
        fn every_form_of_a_class_is_read_in_every_protocol() {
            let mut python = start();
            $(
                for protocol in PROTOCOLS {
                    for (arguments, charge, label) in [
                        ("mass=2.5, charge=7, label='x\\n'", 7, Some("x\n")),
                        ("mass=0.5, label=None, charge=-1", -1, None),
                        ("mass=1e300, charge=-128, label=''", -128, Some("")),
                    ] {
                        let mass = arguments[5..].split(',').next().unwrap().parse().unwrap();
                        let value = $name { mass, charge, label: label.map(str::to_owned) };
                        let frame = python.pickle(&format!("{}({arguments})", class($path)), protocol);
                        assert_eq!(deserialize::<$name>(&frame).unwrap(), value, "{} {protocol}", $path);
                        let any = deserialize_any(&frame).unwrap();
                        assert_eq!(any.downcast_ref(), Some(&value), "{} {protocol}", $path);
                    }
                }
            )*
        }

        #[test]
        fn the_defaults_of_python_are_read_and_those_of_rust_are_given() {
            let mut python = start();
            $(
                if $path != "types.SimpleNamespace" {
                    for protocol in PROTOCOLS {
                        let frame = python.pickle(&format!("{}(mass=0.0)", class($path)), protocol);
                        let value = $name { mass: 0.0, charge: -1, label: None };
                        assert_eq!(deserialize::<$name>(&frame).unwrap(), value, "{} {protocol}", $path);
                    }
                }
            )*
        }

        #[test]
        fn lists_and_dictionaries_of_every_form_are_written_and_read() {
            let mut python = start();
            $(
                let of = |mass| $name { mass, charge: -1, label: None };
                let value: Nested<$name> = (vec![of(1.0), of(2.0)], [("a".to_owned(), of(3.0))].into(), Some(Box::new(of(4.0))));
                let frame = serialize_with::<Pickle<Nested<$name>>>(&value).unwrap();
                let about = format!(
                    "[type(x) is {} and x.mass for x in [*it[0], *it[1].values(), it[2]]], list(it[1])",
                    class($path)
                );
                assert_eq!(python.say(&frame, &about), "([1.0, 2.0, 3.0, 4.0], ['a'])", "{}", $path);
                assert_eq!(deserialize_with::<Pickle<Nested<$name>>>(&frame).unwrap(), value);
                for protocol in PROTOCOLS {
                    let expression = format!(
                        "(lambda c: ([c(mass=1.0, charge=-1, label=None), c(mass=2.0, charge=-1, label=None)], {{'a': c(mass=3.0, charge=-1, label=None)}}, c(mass=4.0, charge=-1, label=None)))({})",
                        class($path)
                    );
                    let frame = python.pickle(&expression, protocol);
                    assert_eq!(deserialize_with::<Pickle<Nested<$name>>>(&frame).unwrap(), value, "{} {protocol}", $path);
                }
            )*
        }
    };
}

/// The class as Python names it.
fn class(path: &str) -> String {
    path.replace(':', ".")
}

type Nested<T> = (Vec<T>, BTreeMap<String, T>, Option<Box<T>>);

fn minus_one() -> i8 {
    -1
}

forms! {
    Plain "sim.Plain"; Frozen "sim.Frozen"; Slots "sim.Slots"; FrozenSlots "sim.FrozenSlots", positional;
    KwOnly "sim.KwOnly"; Inherited "sim.Inherited"; MixedSlots "sim.MixedSlots"; Model "sim.Model";
    FrozenModel "sim.FrozenModel"; Attrs "sim.Attrs"; AttrsFrozen "sim.AttrsFrozen"; AttrsDict "sim.AttrsDict";
    Msgspec "sim.Msgspec", positional; MsgspecFrozen "sim.MsgspecFrozen"; Named "sim.Named", positional;
    Ordinary "sim.Ordinary"; OrdinarySlots "sim.OrdinarySlots"; Reduced "sim.Reduced", positional;
    InheritedModel "sim.InheritedModel"; InheritedFrozenSlots "sim.InheritedFrozenSlots", positional;
    InheritedAttrs "sim.InheritedAttrs"; Namespace "types.SimpleNamespace";
    Inner "sim:Outer.Inner"; Innermost "sim:Outer.Middle.Innermost"; InnerNamed "sim:Outer.Named", positional;
}

#[test]
fn an_instance_of_another_class_is_an_error_that_names_both() {
    let mut python = start();
    for protocol in PROTOCOLS {
        let frame = python.pickle("sim.Frozen(1.5)", protocol);
        let error = format!("{:#}", deserialize::<Plain>(&frame).unwrap_err());
        assert!(error.contains("`sim.Frozen`, not of `sim.Plain`"), "{error}");
        let frame = python.pickle("[sim.Plain(1.5), sim.Frozen(1.5)]", protocol);
        let error = format!("{:#}", deserialize_with::<Pickle<Vec<Plain>>>(&frame).unwrap_err());
        assert!(error.contains("`sim.Frozen`, not of `sim.Plain`"), "{error}");
    }
}

#[test]
fn a_model_is_validated_in_python_and_the_error_says_so_there() {
    let mut python = start();
    let frame = serialize(&Model { mass: -1.0, charge: 0, label: None }).unwrap();
    let error = python.refuses(&frame);
    assert!(error.contains("mass") && error.contains("greater than or equal to 0"), "{error}");
}

#[test]
fn unknown_fields_are_ignored_or_refused_as_serde_says() {
    #[serializer(python = "sim.Strict")]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        mass: f64,
    }

    let mut python = start();
    for protocol in PROTOCOLS {
        let frame = python.pickle("sim.FrozenModel(mass=1.5, more=[1, sim.Color.RED])", protocol);
        let value = FrozenModel { mass: 1.5, charge: -1, label: None };
        assert_eq!(deserialize::<FrozenModel>(&frame).unwrap(), value);

        let frame = python.pickle("sim.Strict(1.5)", protocol);
        assert_eq!(deserialize::<Strict>(&frame).unwrap(), Strict { mass: 1.5 });
        let frame = python.pickle("sim.Strict(1.5, 2)", protocol);
        let error = format!("{:#}", deserialize::<Strict>(&frame).unwrap_err());
        assert!(error.contains("unknown field `more`"), "{error}");
    }
}

#[test]
fn tuple_structs_newtypes_and_unit_structs_are_called_by_position() {
    #[serializer(python = "sim.Pair")]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Pair(f64, Option<i8>);
    #[serializer(python = "sim.Meters")]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Meters(f64);
    #[serializer(python = "sim.Empty")]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Empty;

    type All = (Pair, Vec<Meters>, Empty);
    let mut python = start();
    let all = (Pair(1.5, None), vec![Meters(2.5), Meters(0.0)], Empty);
    let frame = serialize_with::<Pickle<All>>(&all).unwrap();
    let same = "sim.Pair(1.5, None), [sim.Meters(2.5), sim.Meters(0.0)], sim.Empty()";
    assert_eq!(python.say(&frame, &format!("it == ({same})")), "True");
    assert_eq!(deserialize_with::<Pickle<All>>(&frame).unwrap(), all);
    for protocol in PROTOCOLS {
        let frame = python.pickle(&format!("({same})"), protocol);
        assert_eq!(deserialize_with::<Pickle<All>>(&frame).unwrap(), all);
        for (expression, any) in [
            ("sim.Pair(1.5, None)", serialize(&all.0)),
            ("sim.Meters(2.5)", serialize(&all.1[0])),
            ("sim.Empty()", serialize(&all.2)),
        ] {
            let value = deserialize_any(&python.pickle(expression, protocol)).unwrap();
            assert_eq!(serialize_any(&*value).unwrap(), any.unwrap(), "{expression} {protocol}");
        }
    }
}

#[test]
fn fields_that_python_pickles_by_position_are_read_whatever_their_types_are() {
    macro_rules! class {
        ($path:literal $name:ident { $($field:ident: $type:ty),* }) => {
            #[serializer(python = $path, positional)]
            #[derive(Serialize, Deserialize, Debug, PartialEq)]
            struct $name { $($field: $type),* }
        };
        ($path:literal $name:ident($($type:ty),*)) => {
            #[serializer(python = $path)]
            #[derive(Serialize, Deserialize, Debug, PartialEq)]
            struct $name($($type),*);
        };
    }
    class!("slots.Floats" Floats { one: f64, two: f64 });
    class!("slots.Integers" Integers { one: i64, two: u8 });
    class!("slots.One" One { one: f32 });
    class!("slots.Lists" Lists { one: Vec<f64>, two: Vec<i8> });
    class!("slots.Newtype" Newtype(i64));
    class!("slots.Pair" PairOfFloats(f64, f64));
    class!("slots.Other" Other(Vec<f64>));

    let mut python = start();
    for protocol in PROTOCOLS {
        let mut write = |expression: &str| python.pickle(expression, protocol);
        let floats = Floats { one: 1.5, two: 2.5 };
        assert_eq!(deserialize::<Floats>(&write("slots.Floats(1.5, 2.5)")).unwrap(), floats);
        let integers = Integers { one: -1, two: 255 };
        assert_eq!(deserialize::<Integers>(&write("slots.Integers(-1, 255)")).unwrap(), integers);
        assert_eq!(deserialize::<One>(&write("slots.One(0.5)")).unwrap(), One { one: 0.5 });
        let lists = Lists { one: vec![0.5; 100], two: vec![] };
        assert_eq!(deserialize::<Lists>(&write("slots.Lists([0.5] * 100, [])")).unwrap(), lists);
        assert_eq!(deserialize::<Newtype>(&write("slots.Newtype(7)")).unwrap(), Newtype(7));
        let pair = PairOfFloats(0.5, 1.5);
        assert_eq!(deserialize::<PairOfFloats>(&write("slots.Pair(0.5, 1.5)")).unwrap(), pair);
        let other = Other(vec![0.5, 1.5]);
        assert_eq!(deserialize::<Other>(&write("slots.Other([0.5, 1.5])")).unwrap(), other);
    }
}

#[test]
fn flattened_and_renamed_fields_are_keywords() {
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Rest {
        charge: i8,
        label: Option<String>,
    }
    #[serializer(python = "sim.Flattened")]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Flattened {
        the_mass: f64,
        #[serde(skip_serializing_if = "Option::is_none", alias = "comment")]
        note: Option<String>,
        #[serde(flatten)]
        rest: Rest,
    }

    let mut python = start();
    for note in [None, Some("n".to_owned())] {
        let rest = Rest { charge: 2, label: None };
        let value = Flattened { the_mass: 1.5, note: note.clone(), rest };
        let frame = serialize(&value).unwrap();
        let note = note.map_or("None".to_owned(), |note| format!("'{note}'"));
        assert_eq!(
            python.say(&frame, "it"),
            format!("Flattened(theMass=1.5, charge=2, label=None, note={note})")
        );
        assert_eq!(deserialize::<Flattened>(&frame).unwrap(), value);
        for protocol in PROTOCOLS {
            let frame = python.pickle(&format!("sim.Flattened(1.5, 2, None, {note})"), protocol);
            assert_eq!(deserialize::<Flattened>(&frame).unwrap(), value);
        }
    }
}

#[test]
fn the_registry_lists_a_class_beside_the_plain_pickle() {
    let entry = registry().find_type::<Plain>().unwrap();
    assert_eq!(entry.identifier(), *b"PK");
    assert_eq!(entry.python_class(), Some("sim.Plain"));
    assert!(entry.name().ends_with("::Plain"), "{}", entry.name());
    let plain = registry().find("PK").unwrap();
    assert_eq!((plain.python_class(), plain.name()), (None, "plain Python data"));
    let listed = registry().iter().filter(|entry| entry.python_class() == Some("sim.Plain"));
    assert_eq!(listed.count(), 1);
    registry().check().unwrap();
}

#[test]
fn an_instance_is_an_object_of_its_traits() {
    trait Weighed: std::any::Any {
        fn weight(&self) -> f64;
    }
    #[serializer(python = "sim.Apple", dyn = Weighed)]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Apple {
        grams: f64,
    }
    impl Weighed for Apple {
        fn weight(&self) -> f64 {
            self.grams
        }
    }

    let mut python = start();
    for frame in
        [python.pickle("sim.Apple(90.5)", 4), serialize(&Apple { grams: 90.5 }).unwrap().into()]
    {
        let weight = deserialize_dyn::<dyn Weighed>(&frame).unwrap().weight();
        assert_eq!(weight.to_bits(), 90.5_f64.to_bits());
    }
    for other in ["sim.Plain(1.0)", "sim.Unknown()", "[1]"] {
        let error = deserialize_dyn::<dyn Weighed>(&python.pickle(other, 4)).map(drop).unwrap_err();
        assert!(format!("{error:#}").contains("Weighed"), "{error:#}");
    }
}

#[test]
fn classes_that_nobody_claims_are_values() {
    let mut python = start();
    for protocol in PROTOCOLS {
        let any = deserialize_any(&python.pickle("sim.Unknown()", protocol)).unwrap();
        let value = any.downcast_ref::<Value>().unwrap();
        assert_eq!(value.as_object().unwrap().class(), ("sim", "Unknown"));
        // A type that is not annotated reads the fields of any class.
        let frame = python.pickle("sim.Plain(1.5, 2, 'l')", protocol);
        let map = deserialize_with::<Pickle<(f64, i8)>>(&frame);
        assert!(map.is_err(), "{map:?}");
        #[derive(Deserialize, Serialize, Debug, PartialEq)]
        struct Some {
            charge: i8,
        }
        assert_eq!(deserialize_with::<Pickle<Some>>(&frame).unwrap(), Some { charge: 2 });
    }
}
