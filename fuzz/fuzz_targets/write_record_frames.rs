//! Annotated types with frames inside are written and read back, by all codecs.
#![no_main]

use std::any::Any;
use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use ps_serialize::{Deserializable, Serializable, Serializer, serialize};
use ps_serialize_fuzz::frames::{ByWincode, Frames, Named, Variants};
use ps_serialize_fuzz::round_trip;

/// They can be nested too deep.
fn check<T>(value: &T)
where
    T: Serializable<Serializer: Serializer<Value = T>> + for<'f> Deserializable<'f> + Any + Debug,
{
    if serialize(value).is_ok() {
        round_trip(value);
    }
}

fuzz_target!(|values: (Frames, Variants, ByWincode, Named)| {
    let (frames, variants, by_wincode, named) = values;
    check(&frames);
    check(&variants);
    check(&by_wincode);
    check(&named);
});
