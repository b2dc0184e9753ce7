//! Classes that are inside of other classes: `module:Outer.Inner`.

use std::collections::BTreeMap;

use ndarray::{Array1, array};
use ps_serialize::pickle::Pickle;
use ps_serialize::{
    deserialize, deserialize_any, deserialize_with, registry, serialize, serialize_with, serializer,
};
use serde::{Deserialize, Serialize};

use crate::{PROTOCOLS, start};

#[serializer(python = "sim:Outer.Color")]
#[derive(Serialize, Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
#[serde(rename_all = "UPPERCASE")]
enum Color {
    Red = 1,
    Green = 2,
}

#[serializer(python = "sim:Outer.Wave")]
#[derive(Debug, PartialEq)]
struct Wave {
    rate: u8,
    #[serializer(frame)]
    samples: Array1<f32>,
}

#[test]
fn an_enum_inside_of_a_class_is_written_and_read() {
    let mut python = start();
    let colors: BTreeMap<Color, Vec<Color>> =
        [(Color::Green, vec![Color::Red, Color::Green])].into();
    let frame = serialize_with::<Pickle<BTreeMap<Color, Vec<Color>>>>(&colors).unwrap();
    let same = "{sim.Outer.Color.GREEN: [sim.Outer.Color.RED, sim.Outer.Color.GREEN]}";
    assert_eq!(python.say(&frame, &format!("it == {same}")), "True");
    assert_eq!(python.say(&serialize(&Color::Red).unwrap(), "it is sim.Outer.Color.RED"), "True");
    for protocol in PROTOCOLS {
        let frame = python.pickle(same, protocol);
        assert_eq!(
            deserialize_with::<Pickle<BTreeMap<Color, Vec<Color>>>>(&frame).unwrap(),
            colors
        );
        for (expression, color) in [("RED", Color::Red), ("GREEN", Color::Green)] {
            let frame = python.pickle(&format!("sim.Outer.Color.{expression}"), protocol);
            assert_eq!(deserialize::<Color>(&frame).unwrap(), color, "{protocol}");
            assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&color), "{protocol}");
        }
    }
}

#[test]
fn a_class_with_an_array_inside_of_a_class_is_written_and_read() {
    let mut python = start();
    let value = Wave { rate: 3, samples: array![0.5, 1.5] };
    let frame = serialize(&value).unwrap();
    let about = "type(it) is sim.Outer.Wave, it.rate, it.samples.tolist(), it.samples.dtype.str";
    assert_eq!(python.say(&frame, about), "(True, 3, [0.5, 1.5], '<f4')");
    assert_eq!(deserialize::<Wave>(&frame).unwrap(), value);
    for protocol in PROTOCOLS {
        let frame = python.again(&frame, protocol);
        assert_eq!(deserialize::<Wave>(&frame).unwrap(), value, "{protocol}");
        assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&value), "{protocol}");
    }
}

#[test]
fn the_registry_names_a_class_inside_of_a_class_as_python_does() {
    assert_eq!(registry().find_type::<Color>().unwrap().python_class(), Some("sim.Outer.Color"));
}

#[test]
fn a_module_that_is_a_class_is_an_error_that_says_what_to_write() {
    #[serializer(python = "sim.Unclear.Inner")]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Inner {
        mass: f64,
    }

    let mut python = start();
    for protocol in PROTOCOLS {
        let frame = python.pickle("sim.Unclear.Inner(1.5)", protocol);
        let error = format!("{:#}", deserialize::<Inner>(&frame).unwrap_err());
        assert!(
            error.contains("in the module `sim.Unclear`: write `python = \"sim:Unclear.Inner\"`"),
            "{error}"
        );
    }
    let error = python.refuses(&serialize(&Inner { mass: 1.5 }).unwrap());
    assert!(error.contains("No module named 'sim.Unclear'"), "{error}");
}
