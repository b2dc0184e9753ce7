//! Tables: owned and shared.
#![no_main]

use std::panic::{AssertUnwindSafe, catch_unwind};

use libfuzzer_sys::fuzz_target;
use polars_core::prelude::{DataFrame, DataType};
use ps_serialize::{deserialize, serialize};
use ps_serialize_fuzz::{framed, silence_polars};

fuzz_target!(init: silence_polars(), |frame: &[u8]| {
    let Some(frame) = framed::<DataFrame>(frame) else { return };
    let table = deserialize::<DataFrame>(&frame);
    assert_eq!(table.is_ok(), deserialize::<DataFrame>(&frame).is_ok());
    let Ok(table) = table else { return };
    // Touches every value, were an offset or a view wrong.
    assert!(table.equals_missing(&table.clone()) || table.height() > 0);
    for column in table.columns() {
        // A date beyond polars' calendar is a valid value.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let _ = column.get(column.len().saturating_sub(1)).map(|value| value.to_string());
            let _ = column.cast(&DataType::String);
        }));
    }
    if let Ok(again) = serialize(&table) {
        let _ = deserialize::<DataFrame>(&again);
    }
});
