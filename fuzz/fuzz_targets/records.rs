//! Annotated types, by all codecs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ps_serialize::Frame;
use ps_serialize_fuzz::read;
use ps_serialize_fuzz::records::{
    Asking, Everything, EverythingByWincode, EverythingNamed, List, Sparse, Tree, WincodeTree,
    codecs_agree,
};

fuzz_target!(|frame: &[u8]| {
    read::<Everything>(frame);
    read::<EverythingByWincode>(frame);
    read::<EverythingNamed>(frame);
    read::<Asking>(frame);
    read::<Tree>(frame);
    read::<WincodeTree>(frame);
    read::<List>(frame);
    read::<Sparse>(frame);
    if let Ok(frame) = Frame::parse(frame) {
        codecs_agree(frame.payload());
    }
});
