//! Annotated types with frames inside, views of them, and the tables of their frames.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ps_serialize::deserialize;
use ps_serialize_fuzz::framed;
use ps_serialize_fuzz::frames::{ByWincode, Frames, Named, Variants, check, views};

fuzz_target!(|frame: &[u8]| {
    check::<Frames>(frame, |frame| {
        deserialize::<views::Frames<'_>>(frame).map(|view| format!("{view:?}"))
    });
    check::<Variants>(frame, |frame| {
        deserialize::<views::Variants<'_>>(frame).map(|view| format!("{view:?}"))
    });
    check::<ByWincode>(frame, |frame| {
        deserialize::<views::ByWincode<'_>>(frame).map(|view| format!("{view:?}"))
    });
    check::<Named>(frame, |frame| {
        deserialize::<views::Named<'_>>(frame).map(|view| format!("{view:?}"))
    });
    if let Some(frame) = framed::<Frames>(frame)
        && deserialize::<Frames>(&frame).is_ok()
    {
        deserialize::<views::Few>(&frame).expect("a view may have fewer fields");
    }
});
