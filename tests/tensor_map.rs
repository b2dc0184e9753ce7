//! Named tensors are a map.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use ps_serialize::tensors::{Dtype, Tensor, Tensors};
use ps_serialize::{deserialize, serialize};

fn tensor(byte: u8) -> Tensor<'static> {
    Tensor::new(Dtype::U8, [1], vec![byte]).unwrap()
}

#[test]
fn tensors_are_collected_and_iterated_in_the_order_of_their_names() {
    let model: Tensors =
        [("b", tensor(2)), ("ä", tensor(3)), ("a", tensor(1))].into_iter().collect();
    let mut found = Vec::new();
    for (name, tensor) in &model {
        found.push((name, tensor.data()[0]));
    }
    assert_eq!(found, [("a", 1), ("b", 2), ("ä", 3)]);
    assert!(model.keys().eq(["a", "b", "ä"]));
    assert!(model.iter().eq(&model));
    assert_eq!((model.iter().len(), model.keys().len(), model.len()), (3, 3, 3));
    assert_eq!(model.iter().next_back().map(|(name, _)| name), Some("ä"));
    let owned: Vec<(String, Tensor<'static>)> = model.clone().into_iter().collect();
    assert_eq!(owned[2], ("ä".to_owned(), tensor(3)));
    assert_eq!(owned.into_iter().collect::<Tensors>(), model);
}

#[test]
fn tensors_are_put_in_found_and_taken_out_by_name() {
    let mut model = Tensors::from_iter([("bias", tensor(1)), ("bias", tensor(2))]);
    assert_eq!((model.len(), model["bias"].data()), (1, &[2][..]));
    assert_eq!(model.insert("bias", tensor(3)), Some(tensor(2)));
    assert!(model.contains_key("bias") && !model.contains_key("Bias") && !model.contains_key(""));
    let name = String::from("bias");
    assert_eq!(model[&name], tensor(3));
    assert_eq!(model.remove("weight"), None);
    assert_eq!(model.remove(&name), Some(tensor(3)));
    assert!(model.is_empty() && model.get("bias").is_none());
}

#[test]
#[should_panic(expected = "no tensor is called \"weight\"")]
fn indexing_by_a_name_that_is_not_there_panics() {
    let _ = &Tensors::from_iter([("bias", tensor(1))])["weight"];
}

#[test]
fn extending_replaces_tensors_and_keeps_texts() {
    let mut model = Tensors::from_iter([("a", tensor(1)), ("b", tensor(2))]);
    model.metadata_mut().insert("format".to_owned(), "pt".to_owned());
    let other = Tensors::from_iter([("b", tensor(3)), ("c", tensor(4))]);
    model.extend(other);
    model.extend([("d".to_owned(), tensor(5))]);
    let data: Vec<u8> = model.iter().map(|(_, tensor)| tensor.data()[0]).collect();
    assert_eq!(data, [1, 3, 4, 5]);
    assert_eq!(model.metadata()["format"], "pt");
    assert_eq!(deserialize::<Tensors>(&serialize(&model).unwrap()).unwrap(), model);
}

#[test]
fn borrowed_tensors_are_picked_from_a_frame_and_sent_on() {
    let frame = serialize(&(0..9).map(|n| (format!("layer.{n}"), tensor(n))).collect::<Tensors>());
    let frame = frame.unwrap();
    let model: Tensors<'_> = deserialize(&frame).unwrap();
    let odd: Tensors<'_> =
        model.into_iter().filter(|(_, tensor)| tensor.data()[0] % 2 == 1).collect();
    assert!(odd.keys().eq(["layer.1", "layer.3", "layer.5", "layer.7"]));
    assert!(frame.as_ptr_range().contains(&odd["layer.3"].data().as_ptr()));
}

proptest! {
    #[test]
    fn tensors_do_what_a_btree_map_does(calls in vec((0..3, "[a-c]{0,2}", any::<u8>()), 0..40)) {
        let (mut model, mut map) = (Tensors::new(), BTreeMap::new());
        for (call, name, byte) in calls {
            match call {
                0 => prop_assert_eq!(model.insert(name.clone(), tensor(byte)), map.insert(name, tensor(byte))),
                1 => prop_assert_eq!(model.remove(&name), map.remove(&name)),
                _ => {
                    prop_assert_eq!(model.get(&name), map.get(&name));
                    prop_assert_eq!(model.contains_key(&name), map.contains_key(&name));
                }
            }
            prop_assert_eq!((model.len(), model.is_empty()), (map.len(), map.is_empty()));
        }
        prop_assert!(model.keys().eq(map.keys()));
        prop_assert!(model.into_iter().eq(map));
    }
}
