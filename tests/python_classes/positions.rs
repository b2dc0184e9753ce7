//! Values that Python pickles without the names of the fields: whether they stand in the same order can't be seen.

use std::collections::BTreeMap;

use ndarray::{Array1, array};
use ps_serialize::pickle::Pickle;
use ps_serialize::{deserialize, deserialize_any, deserialize_with, serialize, serializer};
use serde::{Deserialize, Serialize};

use crate::{PROTOCOLS, start};

macro_rules! class {
    ($name:ident $path:literal $(, $positional:ident)?; $($(#[$attribute:meta])* $field:ident: $type:ty),*) => {
        #[serializer(python = $path $(, $positional)?)]
        #[derive(Serialize, Deserialize, Debug, PartialEq)]
        struct $name {
            $($(#[$attribute])* $field: $type),*
        }
    };
}

/// The error of reading an instance as an annotated type, alone and in other values.
fn error<T: for<'a> Deserialize<'a> + Serialize + std::fmt::Debug + 'static>(
    alone: ps_serialize::Result<T>,
    frame: &[u8],
) -> String {
    let alone = format!("{:#}", alone.unwrap_err());
    let inside = format!("{:#}", deserialize_with::<Pickle<T>>(frame).unwrap_err());
    let any = format!("{:#}", deserialize_any(frame).map(drop).unwrap_err());
    let cause = alone.split_once(": ").unwrap().1;
    assert!(inside.contains(cause) && any.contains(cause), "{alone}\n{inside}\n{any}");
    alone
}

#[test]
fn values_without_names_are_refused_unless_the_annotation_says_that_the_order_is_the_same() {
    // The first two have the same type and have changed places.
    class!(Named "order.Named"; two: i64, one: i64, three: String);
    class!(Struct "order.Struct"; two: i64, one: i64, three: String);
    class!(FrozenSlots "order.FrozenSlots"; two: i64, one: i64, three: String);
    class!(Reduced "order.Reduced"; two: i64, one: i64, three: String);
    class!(Numbers "order.Numbers"; one: f64);

    let mut python = start();
    for protocol in PROTOCOLS {
        macro_rules! refused {
            ($($name:ident $expression:literal $values:literal;)*) => {$({
                let frame = python.pickle($expression, protocol);
                let error = error(deserialize::<$name>(&frame), &frame);
                let class = $expression.split_once('(').unwrap().0;
                let expected = format!("Python pickled an instance of `{class}` as {} without names", $values);
                assert!(error.contains(&expected), "{error}");
                let expected = format!("`#[serializer(python = \"{class}\", positional)]`");
                assert!(error.contains(&expected), "{error}");
            })*};
        }
        refused! {
            Named "order.Named(1, 2, 'x')" "3 values";
            Struct "order.Struct(1, 2, 'x')" "3 values";
            FrozenSlots "order.FrozenSlots(1, 2, 'x')" "3 values";
            Reduced "order.Reduced(1, 2, 'x')" "3 values";
            Numbers "order.Numbers(0.5)" "1 value";
        }
    }
    // What Rust wrote has the names.
    let value = Named { two: 2, one: 1, three: "x".to_owned() };
    let frame = serialize(&value).unwrap();
    assert_eq!(python.say(&frame, "it"), "Named(one=1, two=2, three='x')");
    assert_eq!(deserialize::<Named>(&frame).unwrap(), value);
}

#[test]
fn another_number_of_values_than_of_fields_is_an_error_that_says_both() {
    class!(Short "order.Short", positional; one: i64, #[serde(default)] two: Option<i64>);
    class!(Long "order.Long", positional; one: i64, two: i64, three: i64);
    class!(Same "order.Same", positional; one: i64, #[serde(alias = "zwei")] two: i64, #[serde(skip)] not: u8);
    class!(Floats "order.Floats", positional; one: f64, two: f64);
    #[serializer(python = "order.Pair")]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Pair(i64, i64);

    let mut python = start();
    for protocol in PROTOCOLS {
        for form in ["Named", "Struct", "FrozenSlots"] {
            let mut frame = |class: &str, values: &str| {
                python.pickle(&format!("order.of({form:?}, {class:?})({values})"), protocol)
            };
            let short = frame("Short", "1");
            let message = error(deserialize::<Short>(&short), &short);
            assert!(
                message.contains(
                    "`order.Short` as 1 value without names, and the Rust type has more fields"
                ),
                "{message}"
            );
            let long = frame("Long", "1, 2, 3, 4");
            let message = error(deserialize::<Long>(&long), &long);
            assert!(
                message
                    .contains("`order.Long` as 4 values without names, and the Rust type takes 3"),
                "{message}"
            );
            assert_eq!(
                deserialize::<Same>(&frame("Same", "1, 2")).unwrap(),
                Same { one: 1, two: 2, not: 0 }
            );
            for values in ["1", "1, 2, 3"] {
                let frame = frame("Same", values);
                let message = error(deserialize::<Same>(&frame), &frame);
                assert!(
                    message.contains("give it the fields of the class, in their order"),
                    "{message}"
                );
            }
            assert_eq!(
                deserialize::<Floats>(&frame("Floats", "0.5, 1.5")).unwrap(),
                Floats { one: 0.5, two: 1.5 }
            );
            for values in ["0.5", "0.5, 1.5, 2.5", "*[0.5] * 100"] {
                let frame = frame("Floats", values);
                let message = error(deserialize::<Floats>(&frame), &frame);
                assert!(message.contains("without names, and the Rust type"), "{message}");
            }
            assert_eq!(deserialize::<Pair>(&frame("Pair", "1, 2")).unwrap(), Pair(1, 2));
            for values in ["1", "1, 2, 3"] {
                let frame = frame("Pair", values);
                let message = error(deserialize::<Pair>(&frame), &frame);
                assert!(message.contains("without names, and the Rust type"), "{message}");
            }
        }
    }
}

#[test]
fn a_list_or_a_tuple_is_no_instance() {
    class!(Plain "order.Plain"; one: f64, two: f64);

    let mut python = start();
    for protocol in PROTOCOLS {
        for expression in ["(0.5, 1.5)", "[0.5, 1.5]", "[0.5] * 200", "[1.5, 'x']"] {
            let frame = python.pickle(expression, protocol);
            let error = format!("{:#}", deserialize::<Plain>(&frame).unwrap_err());
            assert!(
                error
                    .contains("neither an instance of the Python class `order.Plain` nor a `dict`"),
                "{error}"
            );
            let frame = python.pickle(&format!("[{expression}]"), protocol);
            let error =
                format!("{:#}", deserialize_with::<Pickle<Vec<Plain>>>(&frame).unwrap_err());
            assert!(error.contains("nor a `dict` of its fields"), "{error}");
        }
        let frame = python.pickle("{'two': 1.5, 'one': 0.5}", protocol);
        assert_eq!(deserialize::<Plain>(&frame).unwrap(), Plain { one: 0.5, two: 1.5 });
    }
}

#[test]
fn a_type_that_is_not_annotated_takes_them_as_a_tuple_only() {
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Two {
        two: i64,
        one: i64,
    }

    let mut python = start();
    for protocol in PROTOCOLS {
        for form in ["Named", "Struct", "FrozenSlots"] {
            let frame = python.pickle(&format!("order.of({form:?}, 'Nobody')(1, 2)"), protocol);
            let error = format!("{:#}", deserialize_with::<Pickle<Two>>(&frame).unwrap_err());
            assert!(error.contains("without the names of its fields"), "{error}");
            assert!(
                error.contains(
                    "`#[serializer(python = \"order.Nobody\", positional)]`; or read a tuple"
                ),
                "{error}"
            );
            assert_eq!(deserialize_with::<Pickle<(i64, i64)>>(&frame).unwrap(), (1, 2));
            assert_eq!(deserialize_with::<Pickle<Vec<i64>>>(&frame).unwrap(), [1, 2]);
        }
        let frame = python.pickle("order.Dataclass(one=1, two=2)", protocol);
        assert_eq!(deserialize_with::<Pickle<Two>>(&frame).unwrap(), Two { one: 1, two: 2 });
    }
}

#[test]
fn arrays_between_other_values_are_found_by_their_positions() {
    #[serializer(python = "sim.FrozenWave", positional)]
    #[derive(Debug, PartialEq)]
    struct Frozen {
        rate: u32,
        #[serializer(frame)]
        samples: Array1<f64>,
        name: String,
        #[serializer(frame)]
        raw: Vec<u8>,
    }
    #[serializer(python = "sim.NamedWave")]
    #[derive(Debug, PartialEq)]
    struct Named {
        rate: u32,
        #[serializer(frame)]
        samples: Array1<f64>,
    }

    let mut python = start();
    let value =
        Frozen { rate: 7, samples: array![0.5, 1.5], name: "n".to_owned(), raw: vec![1, 2] };
    let frame = serialize(&value).unwrap();
    assert_eq!(
        python.say(
            &frame,
            "type(it) is sim.FrozenWave, it.rate, it.samples.tolist(), it.name, it.raw"
        ),
        "(True, 7, [0.5, 1.5], 'n', b'\\x01\\x02')"
    );
    assert_eq!(deserialize::<Frozen>(&frame).unwrap(), value);
    for protocol in PROTOCOLS {
        let frame =
            python.pickle("sim.FrozenWave(7, np.array([0.5, 1.5]), 'n', b'\\x01\\x02')", protocol);
        assert_eq!(deserialize::<Frozen>(&frame).unwrap(), value, "{protocol}");
        assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&value));
        let frame = python.pickle("sim.NamedWave(7, np.array([0.5, 1.5]))", protocol);
        let error = format!("{:#}", deserialize::<Named>(&frame).unwrap_err());
        assert!(error.contains("`sim.NamedWave` as 4 values without names"), "{error}");
    }
}

#[test]
fn an_alias_can_say_that_the_order_is_the_same() {
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Pair<T> {
        one: T,
        two: T,
    }
    #[serializer(python = "order.Integers", positional)]
    type Integers = Pair<i64>;

    let mut python = start();
    for protocol in PROTOCOLS {
        let frame = python.pickle("{'a': [order.of('Named', 'Integers')(1, 2)]}", protocol);
        let read = deserialize_with::<Pickle<BTreeMap<String, Vec<Integers>>>>(&frame).unwrap();
        assert_eq!(read["a"], [Pair { one: 1, two: 2 }]);
    }
}

#[test]
fn a_state_that_is_another_kind_of_dictionary_has_names() {
    class!(Ordered "order.Ordered"; two: i64, one: i64);
    class!(Default "order.Default"; two: i64, one: i64);

    let mut python = start();
    for protocol in PROTOCOLS {
        let frame = python.pickle("order.Ordered(1, 2)", protocol);
        assert_eq!(deserialize::<Ordered>(&frame).unwrap(), Ordered { one: 1, two: 2 });
        let frame = python.pickle("order.Default(1, 2)", protocol);
        assert_eq!(deserialize::<Default>(&frame).unwrap(), Default { one: 1, two: 2 });
    }
}
