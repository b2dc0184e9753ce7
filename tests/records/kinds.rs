//! Every kind of value that can be a frame, in every kind of field, by every codec.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use ps_serialize::serializer;

use super::{Json, round_trip};

/// A plain annotated type.
#[serializer(id = b"rec plain")]
#[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq, Clone)]
struct Plain {
    mass: f64,
    name: String,
}

/// A type with frames inside, whose fields are the codec's in between.
#[serializer(id = b"rec pair")]
#[derive(Debug, PartialEq, Clone)]
struct Pair(#[serializer(frame)] String, u16, #[serializer(frame)] Bytes);

macro_rules! kinds {
    ($(
        $(#[$condition:meta])*
        $kind:ident: $bincode:literal, $json:literal, $wincode:literal, $type:ty, $value:expr;
    )*) => {$(
        $(#[$condition])*
        #[test]
        fn $kind() {
            #[serializer(id = $bincode)]
            #[derive(Debug, PartialEq, Clone)]
            struct ByBincode {
                before: u8,
                #[serializer(frame)]
                one: $type,
                #[serializer(frames)]
                some: Option<$type>,
                #[serializer(frames)]
                none: Option<$type>,
                between: String,
                #[serializer(frames)]
                list: Vec<$type>,
                #[serializer(frames)]
                map: BTreeMap<String, $type>,
                #[serializer(frames)]
                hash: HashMap<String, $type>,
                after: Option<f64>,
                #[serializer(frames)]
                inner: Vec<ByJson>,
            }

            #[serializer(id = $json, codec = Json)]
            #[derive(Debug, PartialEq, Clone)]
            enum ByJson {
                Unit,
                Tuple(u8, #[serializer(frame)] $type, Vec<u8>, #[serializer(frames)] Vec<$type>),
                Named {
                    #[serializer(frames)]
                    map: BTreeMap<String, $type>,
                    label: String,
                    #[serializer(frames)]
                    inner: BTreeMap<String, ByWincode>,
                },
            }

            #[cfg_attr(feature = "wincode", serializer(id = $wincode, codec = ps_serialize::Wincode))]
            #[cfg_attr(not(feature = "wincode"), serializer(id = $wincode))]
            #[derive(Debug, PartialEq, Clone)]
            struct ByWincode(
                i32,
                #[serializer(frame)] $type,
                String,
                #[serializer(frames)] Option<$type>,
                #[serializer(frames)] HashMap<String, $type>,
            );

            let value: $type = $value;
            let map = |keys: &'static [&str]| keys.iter().map(|key| ((*key).to_owned(), value.clone()));
            let wincode = ByWincode(
                -7,
                value.clone(),
                "wincode".to_owned(),
                Some(value.clone()),
                map(&["", "h\n"]).collect(),
            );
            round_trip(&wincode);
            let json = [
                ByJson::Unit,
                ByJson::Tuple(7, value.clone(), vec![1, 2], vec![value.clone(); 3]),
                ByJson::Named {
                    map: map(&["b", "a"]).collect(),
                    label: "größe".to_owned(),
                    inner: [("w".to_owned(), wincode.clone())].into(),
                },
            ];
            json.iter().for_each(|json| drop(round_trip(json)));
            round_trip(&ByBincode {
                before: 1,
                one: value.clone(),
                some: Some(value.clone()),
                none: None,
                between: "between".to_owned(),
                list: vec![value.clone(); 2],
                map: map(&["z", "", "k"]).collect(),
                hash: map(&["one", "two", "three"]).collect(),
                after: Some(0.5),
                inner: json.into(),
            });
        }
    )*};
}

kinds! {
    text: b"rec t1", b"rec t2", b"rec t3", String, "five!".to_owned();
    no_text: b"rec e1", b"rec e2", b"rec e3", String, String::new();
    bytes: b"rec b1", b"rec b2", b"rec b3", Vec<u8>, (0..=255).collect();
    shared_bytes: b"rec s1", b"rec s2", b"rec s3", Bytes, Bytes::from_static(b"\n\0");
    a_plain_type: b"rec p1", b"rec p2", b"rec p3", Plain, Plain { mass: 1.5, name: "µ".to_owned() };
    a_record: b"rec r1", b"rec r2", b"rec r3", Pair,
        Pair("text".to_owned(), 7, Bytes::from(vec![3; 100]));
    #[cfg(feature = "ndarray")]
    an_array_of_numbers: b"rec n1", b"rec n2", b"rec n3", ndarray::Array2<f64>,
        ndarray::array![[0.5, -1.0], [f64::INFINITY, 3.0]];
    #[cfg(feature = "ndarray")]
    an_array_without_dimensions: b"rec 01", b"rec 02", b"rec 03", ndarray::Array0<i16>,
        ndarray::arr0(7);
    #[cfg(feature = "ndarray")]
    an_array_of_any_dimensions: b"rec d1", b"rec d2", b"rec d3", ndarray::ArrayD<u8>,
        ndarray::ArrayD::zeros(vec![1, 0, 3]);
    #[cfg(feature = "ndarray")]
    an_array_of_complex_numbers: b"rec c1", b"rec c2", b"rec c3",
        ndarray::Array1<num_complex::Complex<f32>>,
        ndarray::array![num_complex::Complex::new(1.0, -2.0)];
    #[cfg(feature = "ndarray")]
    an_array_of_halves: b"rec h1", b"rec h2", b"rec h3", ndarray::Array1<half::f16>,
        ndarray::array![half::f16::ONE];
    #[cfg(feature = "ndarray")]
    an_array_of_truths: b"rec a1", b"rec a2", b"rec a3", ndarray::Array1<bool>,
        ndarray::array![true, false, true];
    #[cfg(feature = "ndarray")]
    an_array_of_any_elements: b"rec y1", b"rec y2", b"rec y3",
        ps_serialize::array::DynArray<'static>,
        ps_serialize::array::DynArray::new(">i4", vec![2], vec![0, 0, 0, 1, 0, 0, 0, 2]).unwrap();
    #[cfg(feature = "ndarray")]
    a_vec_of_numbers: b"rec v1", b"rec v2", b"rec v3", Vec<f64>, vec![0.25, -0.5];
    #[cfg(feature = "safetensors")]
    tensors: b"rec m1", b"rec m2", b"rec m3", ps_serialize::tensors::Tensors<'static>, {
        use ps_serialize::tensors::{Dtype, Tensor};

        let mut tensors = ps_serialize::tensors::Tensors::new();
        tensors.insert("a", Tensor::new(Dtype::F32, [2], vec![1; 8]).unwrap());
        tensors.insert("b", Tensor::new(Dtype::U8, [0, 3], vec![]).unwrap());
        tensors
    };
    #[cfg(feature = "pickle")]
    plain_data: b"rec k1", b"rec k2", b"rec k3", ps_serialize::pickle::Value, {
        use ps_serialize::pickle::Value;

        Value::List(vec![Value::None, Value::Bool(true), Value::Str("text".into())])
    };
    #[cfg(feature = "polars")]
    a_table: b"rec l1", b"rec l2", b"rec l3", polars_core::frame::DataFrame,
        polars_core::df!("a" => [1, 2], "b" => ["x", "y"]).unwrap();
}
