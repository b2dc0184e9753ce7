//! Tables of pandas: what is read can be written, unless it is refused, and read back.
#![no_main]

use std::panic::{AssertUnwindSafe, catch_unwind};

use libfuzzer_sys::fuzz_target;
use polars_core::prelude::DataType;
use ps_serialize::pandas::Table;
use ps_serialize::{Options, deserialize, parts, serialize};
use ps_serialize_fuzz::{framed, silence_polars};

fuzz_target!(init: silence_polars(), |frame: &[u8]| {
    let Some(frame) = framed::<Table>(frame) else { return };
    let Ok(table) = Options::new().size_limit(4 << 20).deserialize::<Table>(&frame) else { return };
    assert!(deserialize::<Table>(&frame).is_ok(), "a limit lets nothing in");
    // Touches every value, were an offset or a code wrong.
    for column in table.frame().columns() {
        let _ = catch_unwind(AssertUnwindSafe(|| column.cast(&DataType::String)));
    }
    if let Ok(written) = serialize(&table) {
        assert_eq!(parts(&table).expect("it can be written").to_bytes(), written);
        let back: Table = deserialize(&written).expect("what was written can be read");
        assert_eq!(back.index(), table.index());
        assert_eq!(back.frame().shape(), table.frame().shape());
    }
});
