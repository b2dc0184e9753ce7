//! Whatever its identifier says, by every reading verb, under limits and without.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ndarray::ArrayViewD;
use ps_serialize::array::DynArray;
use ps_serialize::tensors::Tensors;
use ps_serialize::torch::Checkpoint;
use ps_serialize::{
    Frame, Identifier, Options, decompress, deserialize, deserialize_any, serialize_any,
};
use ps_serialize_fuzz::{is_of_calls, is_of_keys};

fuzz_target!(|data: &[u8]| {
    let frame = Bytes::copy_from_slice(data);
    let any = deserialize_any(&frame);

    let allowed = [b"US", b"NP", b"PK", b"r0"].map(|name| Identifier::new(name));
    for limit in [100, 10_000, 1 << 20] {
        let options = Options::new().size_limit(limit).allow(allowed);
        if options.deserialize_any(&frame).is_ok() {
            assert!(any.is_ok(), "a limit lets nothing in");
            let opened = decompress(&frame).expect("it was read");
            let identifier = Frame::parse(&opened).expect("it was read").identifier();
            assert!(allowed.contains(&identifier), "`{identifier}` is not allowed");
        }
        let _ = options.deserialize::<DynArray>(&frame);
        let _ = options.deserialize::<Tensors>(&frame);
    }

    let _ = deserialize::<&str>(&frame);
    let _ = deserialize::<Tensors>(&frame);
    let _ = deserialize::<ArrayViewD<f64>>(&frame);
    let _ = deserialize::<Bytes>(&frame);
    let _ = deserialize::<Tensors>(&frame);
    let _ = deserialize::<Checkpoint>(&frame);

    if let Ok(any) = any
        && !any.is::<Checkpoint>()
    {
        match serialize_any(&*any) {
            Ok(again) => drop(deserialize_any(&again).expect("what was written can be read")),
            Err(error) => assert!(is_of_keys(&error) || is_of_calls(&error), "{error:#}"),
        }
    }
});
