//! Each form of a class, with the fields of serde types.

use ps_serialize::{serialize, serializer};
use serde::{Deserialize, Serialize};

macro_rules! forms {
    ($($name:ident $path:literal)*) => {
        $(
            #[serializer(python = $path)]
            #[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
            struct $name {
                mass: f64,
                charge: i8,
                label: Option<String>,
            }
        )*

        #[test]
        fn every_form_of_a_class_is_made_by_python() {
            let mut python = crate::start();
            $(
                let value = $name { mass: 1.5, charge: -3, label: Some("é".to_owned()) };
                let frame = serialize(&value).unwrap();
                let found = python.say(&frame, concat!("type(it) is ", $path, ", it.mass, it.charge, it.label"));
                assert_eq!(found, "(True, 1.5, -3, 'é')", "{}", $path);
            )*
        }
    };
}

forms! {
    Plain "sim.Plain" Frozen "sim.Frozen" Slots "sim.Slots" FrozenSlots "sim.FrozenSlots"
    KwOnly "sim.KwOnly" Inherited "sim.Inherited" MixedSlots "sim.MixedSlots" Model "sim.Model"
    FrozenModel "sim.FrozenModel" Attrs "sim.Attrs" AttrsFrozen "sim.AttrsFrozen" AttrsDict "sim.AttrsDict"
    Msgspec "sim.Msgspec" MsgspecFrozen "sim.MsgspecFrozen" Named "sim.Named" Ordinary "sim.Ordinary"
    Reduced "sim.Reduced" Namespace "types.SimpleNamespace"
}
