//! Which class a value is an instance of, where two are possible or none.

use std::collections::{BTreeMap, HashMap};

use ps_serialize::pickle::Pickle;
use ps_serialize::{
    Error, ErrorKind, Serializer, deserialize, deserialize_any, deserialize_dyn, deserialize_with,
    serialize, serialize_with, serializer,
};
use serde::{Deserialize, Serialize};

use crate::{PROTOCOLS, start};

/// Checks that an error is about two classes of one type, and names both and their places.
#[track_caller]
fn is_ambiguous(error: &Error) {
    assert!(matches!(error.kind(), ErrorKind::TypeCollision { .. }), "{error:?}");
    let text = error.to_string();
    for part in ["::Span", "`claims.First`", "`claims.Second`", "claims.rs:", "annotate that"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_type_with_two_classes_is_refused_only_where_nothing_says_which() {
    #[derive(Serialize, Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
    struct Span {
        start: i64,
        end: i64,
    }
    struct First;
    #[serializer(python = "claims.First")]
    impl Serializer for First {
        type Value = Span;
    }
    struct Second;
    #[serializer(python = "claims.Second")]
    impl Serializer for Second {
        type Value = Span;
    }

    let mut python = start();
    let span = Span { start: 1, end: 2 };
    for (frame, class) in [
        (serialize_with::<First>(&span), "claims.First"),
        (serialize_with::<Second>(&span), "claims.Second"),
    ] {
        let frame = frame.unwrap();
        let about = format!("type(it) is {class}, it.start, it.end");
        assert_eq!(python.say(&frame, &about), "(True, 1, 2)");
        assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&span));
    }
    is_ambiguous(&serialize_with::<Pickle<Vec<Span>>>(&vec![span]).unwrap_err());
    is_ambiguous(&serialize_with::<Pickle<Option<Box<Span>>>>(&Some(Box::new(span))).unwrap_err());
    is_ambiguous(&serialize_with::<Pickle<BTreeMap<Span, i8>>>(&[(span, 1)].into()).unwrap_err());
    is_ambiguous(&serialize_with::<Pickle<HashMap<i8, Span>>>(&[(1, span)].into()).unwrap_err());
    for protocol in PROTOCOLS {
        let frame = python.pickle("[claims.First(1, 2)]", protocol);
        is_ambiguous(&deserialize_with::<Pickle<Vec<Span>>>(&frame).unwrap_err());
        let frame = python.pickle("{'a': claims.Second(1, 2)}", protocol);
        is_ambiguous(&deserialize_with::<Pickle<HashMap<String, Span>>>(&frame).unwrap_err());
        let frame = python.pickle("claims.Second(1, 2)", protocol);
        assert_eq!(deserialize_with::<Second>(&frame).unwrap(), span);
        assert!(deserialize_with::<First>(&frame).is_err());
    }
}

#[test]
fn an_instance_as_a_key_is_read_and_not_written() {
    #[serializer(python = "claims.Key")]
    #[derive(Serialize, Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
    struct Key {
        name: String,
        number: i64,
    }
    #[serializer(python = "claims.Place", positional)]
    #[derive(Serialize, Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
    struct Place {
        x: i64,
        y: i64,
    }

    let key = Key { name: "a".to_owned(), number: 1 };
    let place = Place { x: 1, y: 2 };
    type Keys = BTreeMap<Key, i8>;
    type Places = BTreeMap<(Place, i8), i8>;
    let keys: Keys = [(key, 7)].into();
    let places: Places = [((place, 3), 8)].into();
    for (error, class) in [
        (serialize_with::<Pickle<Keys>>(&keys).unwrap_err(), "`claims.Key`"),
        (serialize_with::<Pickle<Places>>(&places).unwrap_err(), "`claims.Place`"),
    ] {
        let error = format!("{error:#}");
        for part in [class, "only that class knows whether it has a hash", "a sequence of pairs"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
    let mut python = start();
    for protocol in PROTOCOLS {
        let frame = python.pickle("{claims.Key('a', 1): 7}", protocol);
        assert_eq!(deserialize_with::<Pickle<Keys>>(&frame).unwrap(), keys);
        let frame = python.pickle("{(claims.Place(1, 2), 3): 8}", protocol);
        assert_eq!(deserialize_with::<Pickle<Places>>(&frame).unwrap(), places);
        let frame = python.pickle("{claims.Other('a', 1): 7}", protocol);
        let error = format!("{:#}", deserialize_with::<Pickle<Keys>>(&frame).unwrap_err());
        assert!(error.contains("`claims.Other`, not of `claims.Key`"), "{error}");
    }
}

#[test]
fn a_trait_object_inside_of_a_class_is_an_error_that_says_what_to_do() {
    #[serializer(dyn)]
    trait Animal: std::any::Any + Send + Sync + std::fmt::Debug {
        fn legs(&self) -> u8;
    }
    #[serializer(python = "claims.Dog", dyn = Animal)]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Dog {
        legs: u8,
    }
    impl Animal for Dog {
        fn legs(&self) -> u8 {
            self.legs
        }
    }
    #[serializer(python = "claims.Kennel")]
    #[derive(Debug)]
    struct Kennel {
        #[serializer(frame)]
        guest: Box<dyn Animal>,
    }
    #[serializer(python = "claims.Zoo")]
    #[derive(Debug)]
    struct Zoo {
        #[serializer(frames)]
        guests: Vec<Box<dyn Animal>>,
    }

    let dog = || -> Box<dyn Animal> { Box::new(Dog { legs: 4 }) };
    let says = |error: Error, field: &str| {
        let text = format!("{error:#}");
        for part in [field, "a trait object", "the type that is in the box", "`pickle::Value`"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    };
    says(serialize(&Kennel { guest: dog() }).unwrap_err(), "in the field `guest`");
    says(serialize(&Zoo { guests: vec![dog()] }).unwrap_err(), "in the field `guests`");
    let mut python = start();
    for protocol in PROTOCOLS {
        let frame = python.pickle("claims.Kennel(claims.Dog(4))", protocol);
        says(deserialize::<Kennel>(&frame).unwrap_err(), "in the field `guest`");
        let frame = python.pickle("claims.Zoo([claims.Dog(4)])", protocol);
        says(deserialize_any(&frame).map(drop).unwrap_err(), "in the field `guests`");
        // Alone it is read by the class that it has.
        let frame = python.pickle("claims.Dog(3)", protocol);
        assert_eq!(deserialize_dyn::<dyn Animal>(&frame).unwrap().legs(), 3);
    }
}
