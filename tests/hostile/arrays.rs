//! `NP`: NumPy arrays that lie about their shape, their type or their bytes.

use ndarray::{
    Array1, Array2, ArrayD, ArrayView1, ArrayView2, CowArray, Ix1, Ix2, IxDyn, arr0, array,
};
use ps_serialize::array::DynArray;
use ps_serialize::{ErrorKind, deserialize, deserialize_any, registry, serialize};

use crate::{by_width, mutate, peak_memory};

#[test]
fn every_prefix_and_every_changed_byte_gives_a_value_or_an_error() {
    mutate(&array![[1.5_f64, -0.0], [f64::NAN, 2.0]]);
    mutate(&array![true, false, true]);
    mutate(&arr0(7_u8));
    mutate(&DynArray::new("<M8[ns]", [1, 2], vec![0; 16]).unwrap());
    mutate(&DynArray::new("[('x', '<f8'), (('t', 'n'), '|S2', (2,))]", [1], vec![0; 12]).unwrap());
}

#[test]
fn every_prefix_and_every_changed_byte_gives_a_view_or_an_error() {
    let frame = serialize(&array![[1.5_f64, -0.0], [f64::NAN, 2.0]]).unwrap();
    let look = |frame: &[u8]| {
        if let Ok(array) = deserialize::<ArrayView2<f64>>(frame) {
            assert_eq!(array.len(), array.iter().count());
        }
        if let Ok(array) = deserialize::<CowArray<'_, f64, Ix2>>(frame) {
            assert_eq!(array.len(), array.iter().count());
        }
        if let Ok(array) = deserialize::<DynArray>(frame) {
            let _ = array.to_array::<f64>();
            assert!(array.as_view::<i8>().is_err() || array.item_size() == 1);
        }
    };
    // In aligned memory, as it is mutated.
    let mut mutated = vec![0_u64; frame.len() / 8];
    let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut mutated);
    bytes.copy_from_slice(&frame);
    assert!(deserialize::<ArrayView2<f64>>(&*bytes).is_ok());
    for i in 0..bytes.len() {
        look(&bytes[..i]);
        for byte in 0..=255 {
            bytes[i] = byte;
            look(bytes);
        }
        bytes[i] = frame[i];
    }
}

fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}");
    let length = u32::try_from(header.len()).unwrap().to_le_bytes();
    [b"NP\n\x93NUMPY\x02\0", &length[..], header.as_bytes(), data].concat()
}

#[test]
fn a_shape_that_lies_costs_nothing() {
    assert!(registry().check().is_ok());
    let deep = format!("{}'<f8'{}", "[('a', ".repeat(100_000), ")]".repeat(100_000));
    let long = format!("({})", "1, ".repeat(100_000));
    let (number, unknown) = ("where a number that fits this machine should", "the unknown type");
    let memory = by_width("is larger than any memory", number);
    let item = by_width("an item larger than the address space", number);
    for (descr, shape, part) in [
        ("'<f8'", "(1152921504606846976,)", memory),
        ("'<f8'", "(2305843009213693953,)", memory),
        ("'<f8'", "(4294967296, 4294967296)", memory),
        ("'<f8'", "(18446744073709551615,)", memory),
        ("'<f8'", "(2147483647,)", by_width("it has 16 of the", "is larger than any memory")),
        ("'<f8'", "(99999999999999999999999999,)", number),
        ("'<f8'", "(3,)", "it has 16 of the 24 bytes"),
        ("'<f8'", "()", "8 bytes are left over"),
        ("'|S18446744073709551615'", "(2,)", by_width(memory, unknown)),
        ("'<U4611686018427387904'", "(1,)", "the unknown type `<U4611686018427387904`"),
        ("[('a', '<f8', (4294967296, 4294967296))]", "(1,)", item),
        (
            "[('a', '|V9223372036854775807'), ('b', '|V9223372036854775807'), ('c', '|V18')]",
            "(1,)",
            by_width(item, unknown),
        ),
        (&deep, "(2,)", "levels of a nested element type: the limit is 32"),
        ("'<f8'", &long, "dimensions of an array: the limit is 64"),
    ] {
        let frame = npy(descr, shape, &[0; 16]);
        let mut errors = Vec::with_capacity(4);
        let peak = peak_memory(|| {
            errors.push(deserialize::<Array1<f64>>(&frame).unwrap_err());
            errors.push(deserialize::<ArrayD<f64>>(&frame).unwrap_err());
            errors.push(deserialize::<DynArray>(&frame).unwrap_err());
            errors.push(deserialize_any(&frame).unwrap_err());
        });
        assert!(peak <= 4096, "{peak} bytes were in use");
        for error in errors {
            let error = format!("{error:#}");
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}

#[test]
fn arrays_without_bytes_cost_nothing() {
    for (descr, shape) in [
        ("'<f8'", "(0, 1152921504606846976, 1152921504606846976)"),
        ("'|S0'", "(1152921504606846976,)"),
        ("[]", "(1152921504606846976, 1152921504606846976)"),
    ] {
        let frame = npy(descr, shape, &[]);
        let peak = peak_memory(|| {
            let _ = deserialize::<Array2<f64>>(&frame);
            let _ = deserialize::<DynArray>(&frame);
            let _ = deserialize_any(&frame);
        });
        assert!(peak <= 4096, "{peak} bytes were in use");
    }
}

#[test]
#[cfg(target_pointer_width = "64")]
fn arrays_of_more_elements_than_any_machine_can_count_are_refused() {
    let unlimited = ps_serialize::Options::new().size_limit(usize::MAX);
    let refused = |error: ps_serialize::Error| {
        let error = format!("{error:#}");
        assert!(error.contains("is larger than any memory"), "{error}");
    };
    for (descr, shape) in [
        ("'|S0'", "(1152921504606846976, 1152921504606846976)"),
        ("'<U0'", "(4294967296, 4294967296, 4)"),
        ("[]", "(9223372036854775807, 2)"),
        ("'|V0'", "(9223372036854775808,)"),
        ("'<f8'", "(1152921504606846976, 8)"),
    ] {
        let frame = npy(descr, shape, &[]);
        refused(unlimited.deserialize_any(&frame).unwrap_err());
        refused(unlimited.deserialize::<DynArray>(&frame).unwrap_err());
    }
    for (descr, shape) in [("|S0", [1 << 40, 1 << 40]), ("[]", [usize::MAX, 2])] {
        refused(DynArray::new(descr, shape, vec![]).unwrap_err());
    }
    // Views that repeat one element.
    let one = ndarray::arr0(7.5);
    for shape in [[1 << 60, 1], [1 << 40, 1 << 22], [1, (1 << 63) - 1]] {
        let view = one.broadcast(shape).unwrap();
        refused(ps_serialize::serialize(&view).unwrap_err());
        refused(ps_serialize::parts(&view).unwrap_err());
        #[cfg(feature = "safetensors")]
        assert!(ps_serialize::tensors::Tensor::of_array(&view).is_err());
    }
    let view = one.broadcast([2, 3]).unwrap();
    let frame = ps_serialize::serialize(&view).unwrap();
    assert_eq!(deserialize::<Array2<f64>>(&frame).unwrap(), Array2::from_elem([2, 3], 7.5));
}

/// NumPy makes such arrays itself: `numpy.array([0, 255, 255, 0], "u1").view(bool)`.
#[test]
fn every_byte_but_zero_is_a_bool_that_is_true() {
    for (bytes, first) in [
        (&[0, 255, 255, 0][..], "element 1 is the byte 255"),
        (&[1, 0, 2], "element 2 is the byte 2"),
        (&[128; 70], "element 0 is the byte 128"),
        (&[0, 0, 0, 1, 3], "element 4 is the byte 3"),
    ] {
        let frame = npy("'|b1'", &format!("({},)", bytes.len()), bytes);
        let expected: Array1<bool> = bytes.iter().map(|byte| *byte != 0).collect();
        assert_eq!(deserialize::<Array1<bool>>(&frame).unwrap(), expected);
        assert_eq!(deserialize::<CowArray<'_, bool, Ix1>>(&frame).unwrap(), expected);
        let expected = expected.into_dyn();
        let any = deserialize_any(&frame).unwrap();
        assert_eq!(any.downcast_ref::<ArrayD<bool>>(), Some(&expected));
        // If the array is read as bytes, it keeps its bytes.
        let dynamic: DynArray = deserialize(&frame).unwrap();
        assert_eq!(dynamic.data(), bytes);
        assert_eq!(dynamic.to_array::<bool>().unwrap(), expected);

        for error in [
            deserialize::<ArrayView1<'_, bool>>(&frame).unwrap_err(),
            dynamic.as_view::<bool>().unwrap_err(),
        ] {
            let error = format!("{error:?}");
            assert!(error.contains(first) && error.contains("`deserialize`"), "{error}");
        }
    }
    // A single byte of many is invalid, at each end of a large array.
    let mut frame = serialize(&Array1::from_elem(5 << 20, true)).unwrap().to_vec();
    let data = frame.len() - (5 << 20);
    for place in [data, data + 77, frame.len() - 1] {
        frame[place] = 2;
        assert!(deserialize::<Array1<bool>>(&frame).unwrap().iter().all(|element| *element));
    }
    frame[data + 1] = 0;
    let read: Array1<bool> = deserialize(&frame).unwrap();
    assert_eq!(read.iter().position(|element| !element), Some(1));
    assert_eq!(read.iter().filter(|element| **element).count(), (5 << 20) - 1);
}

#[test]
fn a_file_that_is_cut_says_so_wherever_it_is() {
    for frame in [
        npy("'<f8'", "(2,)", &[1; 16]),
        npy("'|S3'", "()", b"abc"),
        npy("[('a', '<i4'), ('b', '|u1')]", "(2, 1)", &[0; 10]),
        [b"NP\n", &serialize(&array![[1_u8, 2]]).unwrap()[64..]].concat(),
    ] {
        assert!(deserialize::<DynArray>(&frame).is_ok());
        for end in b"NP\n".len()..frame.len() {
            for error in [
                deserialize::<DynArray>(&frame[..end]).unwrap_err(),
                deserialize::<ArrayD<f64>>(&frame[..end]).unwrap_err(),
                deserialize::<ArrayView1<'_, f64>>(&frame[..end]).unwrap_err(),
                deserialize_any(&frame[..end]).unwrap_err(),
            ] {
                let error = format!("{error:?}");
                assert!(error.contains("the payload is cut"), "{end} bytes: {error}");
            }
        }
        let more = [&frame, &b"12"[..]].concat();
        let error = format!("{:?}", deserialize::<DynArray>(&more).unwrap_err());
        assert!(error.contains("2 bytes are left over"), "{error}");
    }
    for payload in [&b"\x93NUMPX"[..], b"\x93NUMPX\x01\0", b"NUMPY", b"1"] {
        let error = deserialize::<DynArray>(&[b"NP\n", payload].concat()).unwrap_err();
        assert!(format!("{error:?}").contains("no npy array"), "{error:?}");
    }
}

#[test]
fn strings_without_bytes_are_limited() {
    let frame = npy("'|S0'", "(1073741824,)", &[]);
    let array: DynArray = deserialize(&frame).unwrap();
    let error = array.to_strings().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:?}");
    let few = DynArray::new("<U0", [2, 3], vec![]).unwrap();
    assert_eq!(few.to_strings().unwrap(), ArrayD::from_elem(IxDyn(&[2, 3]), String::new()));
}
