//! Members of Python's enums, by every kind of enum.

#![allow(clippy::upper_case_acronyms)] // the names of the members

use std::collections::BTreeMap;

use ps_serialize::pickle::Pickle;
use ps_serialize::{
    deserialize, deserialize_any, deserialize_with, serialize, serialize_with, serializer,
};
use serde::{Deserialize, Serialize};

use crate::{PROTOCOLS, start};

#[serializer(python = "sim.Color")]
#[derive(Serialize, Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Color {
    Red = 1,
    Green,
    Blue,
}

#[serializer(python = "sim.Level")]
#[derive(Serialize, Deserialize, Debug, PartialEq, Clone, Copy)]
#[allow(clippy::upper_case_acronyms)]
enum Level {
    LOW = 1,
    HIGH = 10,
}

#[serializer(python = "sim.Shade")]
#[derive(Serialize, Deserialize, Debug, PartialEq, Clone, Copy)]
#[serde(rename_all = "UPPERCASE")]
enum Shade {
    Light,
    #[serde(alias = "dark")]
    Dark,
}

#[serializer(python = "sim.Access")]
#[derive(Serialize, Deserialize, Debug, PartialEq, Clone, Copy)]
enum Access {
    READ = 1,
    WRITE = 2,
}

#[serializer(python = "sim.Bits")]
#[derive(Serialize, Deserialize, Debug, PartialEq, Clone, Copy)]
enum Bits {
    READ = 1,
    WRITE = 2,
}

#[serializer(python = "sim.Planet")]
#[derive(Serialize, Deserialize, Debug, PartialEq, Clone, Copy)]
enum Planet {
    EARTH,
    MARS,
}

#[serializer(python = "sim.ByName")]
#[derive(Serialize, Deserialize, Debug, PartialEq, Clone, Copy)]
enum ByName {
    ONE,
    TWO,
}

#[test]
fn members_of_every_kind_of_enum_are_the_members_in_python() {
    let mut python = start();
    for (frame, expression) in [
        (serialize(&Color::Red), "sim.Color.RED"),
        (serialize(&Color::Blue), "sim.Color.BLUE"),
        (serialize(&Level::HIGH), "sim.Level.HIGH"),
        (serialize(&Shade::Dark), "sim.Shade.DARK"),
        (serialize(&Access::WRITE), "sim.Access.WRITE"),
        (serialize(&Bits::READ), "sim.Bits.READ"),
        (serialize(&Planet::MARS), "sim.Planet.MARS"),
        (serialize(&ByName::TWO), "sim.ByName.TWO"),
    ] {
        let frame = frame.unwrap();
        assert_eq!(python.say(&frame, &format!("it is {expression}")), "True", "{expression}");
    }
}

#[test]
fn members_are_read_in_every_protocol() {
    let mut python = start();
    for protocol in PROTOCOLS {
        let mut read = |expression: &str| python.pickle(expression, protocol);
        assert_eq!(deserialize::<Color>(&read("sim.Color.RED")).unwrap(), Color::Red);
        assert_eq!(deserialize::<Color>(&read("sim.Color.BLUE")).unwrap(), Color::Blue);
        assert_eq!(deserialize::<Level>(&read("sim.Level.HIGH")).unwrap(), Level::HIGH);
        assert_eq!(deserialize::<Shade>(&read("sim.Shade.LIGHT")).unwrap(), Shade::Light);
        assert_eq!(deserialize::<Shade>(&read("sim.Shade.DARK")).unwrap(), Shade::Dark);
        assert_eq!(deserialize::<Access>(&read("sim.Access.WRITE")).unwrap(), Access::WRITE);
        assert_eq!(deserialize::<Bits>(&read("sim.Bits.READ")).unwrap(), Bits::READ);
        assert_eq!(deserialize::<ByName>(&read("sim.ByName.ONE")).unwrap(), ByName::ONE);
        assert_eq!(deserialize::<ByName>(&read("sim.ByName.TWO")).unwrap(), ByName::TWO);
        let any = deserialize_any(&read("sim.Level.LOW")).unwrap();
        assert_eq!(any.downcast_ref(), Some(&Level::LOW));
        let any = deserialize_any(&read("sim.ByName.TWO")).unwrap();
        assert_eq!(any.downcast_ref(), Some(&ByName::TWO));
    }
    for color in [Color::Red, Color::Green, Color::Blue] {
        let frame = serialize(&color).unwrap();
        assert_eq!(deserialize::<Color>(&frame).unwrap(), color);
        assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&color));
    }
}

#[test]
fn members_are_elements_and_keys() {
    type Nested = (Vec<Color>, BTreeMap<Color, f64>, BTreeMap<(Color, i8), Option<Level>>);
    let value: Nested = (
        vec![Color::Red, Color::Blue, Color::Red],
        [(Color::Green, 0.5), (Color::Blue, 1.5)].into(),
        [((Color::Red, 1), Some(Level::LOW)), ((Color::Red, 2), None)].into(),
    );
    let same = "([c.RED, c.BLUE, c.RED], {c.GREEN: 0.5, c.BLUE: 1.5}, {(c.RED, 1): sim.Level.LOW, (c.RED, 2): None})";
    let mut python = start();
    let frame = serialize_with::<Pickle<Nested>>(&value).unwrap();
    assert_eq!(python.say(&frame, &format!("it == (lambda c: {same})(sim.Color)")), "True");
    assert_eq!(deserialize_with::<Pickle<Nested>>(&frame).unwrap(), value);
    for protocol in PROTOCOLS {
        let frame = python.pickle(&format!("(lambda c: {same})(sim.Color)"), protocol);
        assert_eq!(deserialize_with::<Pickle<Nested>>(&frame).unwrap(), value);
    }
}

#[test]
fn keys_that_have_members_and_floats_are_checked_and_written() {
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Float(f64);
    impl Eq for Float {}
    impl PartialOrd for Float {
        fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
            Some(self.cmp(other))
        }
    }
    impl Ord for Float {
        fn cmp(&self, other: &Self) -> std::cmp::Ordering {
            self.0.total_cmp(&other.0)
        }
    }
    type Map = BTreeMap<(Color, Float), Vec<Color>>;

    let map: Map = [
        ((Color::Blue, Float(0.5)), vec![Color::Red, Color::Red]),
        ((Color::Red, Float(0.5)), vec![Color::Green]),
    ]
    .into();
    let mut python = start();
    let frame = serialize_with::<Pickle<Map>>(&map).unwrap();
    let same = "{(c.BLUE, 0.5): [c.RED, c.RED], (c.RED, 0.5): [c.GREEN]}";
    assert_eq!(python.say(&frame, &format!("it == (lambda c: {same})(sim.Color)")), "True");
    assert_eq!(deserialize_with::<Pickle<Map>>(&frame).unwrap(), map);
}

#[test]
fn what_serde_hides_the_type_of_is_plain_data_and_is_read_again() {
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    #[serde(untagged)]
    enum Either {
        Number(i8),
        Color(Color),
    }

    let value = vec![Either::Number(1), Either::Color(Color::Blue)];
    let frame = serialize_with::<Pickle<Vec<Either>>>(&value).unwrap();
    assert_eq!(start().say(&frame, "it"), "[1, 'BLUE']");
    assert_eq!(deserialize_with::<Pickle<Vec<Either>>>(&frame).unwrap(), value);
}

#[test]
fn a_member_that_rust_does_not_know_is_an_error_with_advice() {
    let mut python = start();
    for protocol in PROTOCOLS {
        for (expression, expected) in [
            ("sim.Access.READ | sim.Access.WRITE", "value 3, which no variant has"),
            ("sim.Shade.DIM", "unknown variant `dim`"),
        ] {
            let frame = python.pickle(expression, protocol);
            let error = format!("{:#}", deserialize_any(&frame).unwrap_err());
            assert!(error.contains(expected), "{expression} {protocol}: {error}");
        }
        let frame = python.pickle("sim.Planet.EARTH", protocol);
        let error = format!("{:#}", deserialize::<Planet>(&frame).unwrap_err());
        assert!(error.contains("enum.pickle_by_enum_name"), "{error}");
        let frame = python.pickle("sim.Counted.ONE", protocol);
        let error = format!("{:#}", deserialize::<Counted>(&frame).unwrap_err());
        assert!(error.contains("give the variants the numbers"), "{error}");
        let frame = python.pickle("sim.Level.LOW", protocol);
        let error = format!("{:#}", deserialize::<Color>(&frame).unwrap_err());
        assert!(error.contains("`sim.Level`, not of `sim.Color`"), "{error}");
    }
}

#[serializer(python = "sim.Counted")]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
enum Counted {
    ONE,
}

#[test]
fn a_variant_that_is_skipped_or_has_no_name_is_refused() {
    #[serializer(python = "sim.Odd")]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    enum Odd {
        #[serde(skip)]
        Skipped = 1,
        #[serde(rename = "a.b")]
        Dotted = 2,
        Fine = 3,
    }

    assert!(serialize(&Odd::Skipped).is_err());
    let error = format!("{:#}", serialize(&Odd::Dotted).unwrap_err());
    assert!(error.contains("can't be the name of a member"), "{error}");
    assert!(serialize(&Odd::Fine).is_ok());
    let mut python = start();
    for protocol in PROTOCOLS {
        assert_eq!(deserialize::<Odd>(&python.pickle("sim.Odd(3)", protocol)).unwrap(), Odd::Fine);
        assert!(deserialize::<Odd>(&python.pickle("sim.Odd(1)", protocol)).is_err());
    }
}
