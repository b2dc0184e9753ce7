//! Annotated types are written in the bincode 1 layout by two codecs, and with names by a third, and read back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ps_serialize::serialize;
use ps_serialize_fuzz::records::{
    Everything, EverythingByWincode, EverythingNamed, List, Tree, WincodeTree,
};
use ps_serialize_fuzz::{read_back, round_trip};

fuzz_target!(|values: (Everything, Tree, WincodeTree, List)| {
    let (everything, tree, wincode_tree, list) = values;
    let frame = round_trip(&everything);
    assert_eq!(frame[3..], bincode_1::serialize(&everything).expect("as bincode 1 writes it"));
    let everything = EverythingByWincode(everything);
    let (by_wincode, _) = read_back(&everything);
    assert_eq!(by_wincode[3..], frame[3..]);
    round_trip(&EverythingNamed(everything.0));
    // They can be nested too deep.
    if serialize(&tree).is_ok() {
        round_trip(&tree);
    }
    if serialize(&wincode_tree).is_ok() {
        round_trip(&wincode_tree);
    }
    if serialize(&list).is_ok() {
        round_trip(&list);
    }
});
