//! `PD`: what pandas pickled is read as the same table, whichever version did it. `pandas/write.py` wrote the files.

use polars_core::prelude::{AnyValue, DataType, TimeUnit};
use ps_serialize::deserialize;
use ps_serialize::pandas::Table;

const PICKLES: [(&str, &[u8]); 4] = [
    ("1.5.3", include_bytes!("pandas/1.5.3.pickle")),
    ("2.3.3", include_bytes!("pandas/2.3.3.pickle")),
    ("3.1.1", include_bytes!("pandas/3.1.1.pickle")),
    ("3.1.1 without pyarrow", include_bytes!("pandas/3.1.1-without-pyarrow.pickle")),
];

#[test]
fn tables_of_every_version_are_read_as_the_same_table() {
    for (version, pickle) in PICKLES {
        let table: Table = deserialize(&[b"PD\n", pickle].concat()).unwrap();
        assert_eq!(table.index(), ["k", "__index_level_1__"], "{version}");
        let frame = table.frame();
        let shown = |name: &str| -> Vec<String> {
            let column = frame.column(name).unwrap().as_materialized_series();
            column.iter().map(|value| value.to_string()).collect()
        };
        for (name, values) in [
            ("k", ["\"x\"", "\"x\"", "\"y\""]),
            ("__index_level_1__", ["1", "2", "1"]),
            ("i", ["1", "2", "3"]),
            ("f", ["0.5", "NaN", "-1.5"]),
            ("b", ["true", "false", "true"]),
            ("s", ["\"one\"", "null", "\"three\""]),
            ("n", ["1", "null", "3"]),
            ("t", ["2020-01-01 00:00:00", "null", "2022-03-04 00:00:00"]),
            ("z", ["2020-01-01 01:00:00 CET", "null", "2022-07-01 02:00:00 CEST"]),
            ("d", ["1s", "null", "3s"]),
            ("c", ["\"x\"", "\"y\"", "null"]),
            ("o", ["\"lo\"", "\"hi\"", "\"lo\""]),
            ("p", ["2020-01-01", "2020-02-01", "2020-03-01"]),
            ("v", ["{0,1}", "{1,2}", "{2,3}"]),
            ("h", ["0", "0", "7"]),
            ("day", ["2024-02-29", "null", "0001-01-01"]),
        ] {
            assert_eq!(shown(name), values, "{version}, {name}");
        }
        let zone = frame.column("z").unwrap().dtype();
        assert!(
            matches!(zone, DataType::Datetime(TimeUnit::Nanoseconds, Some(zone)) if zone.as_str() == "Europe/Berlin")
        );
        assert!(matches!(frame.column("c").unwrap().dtype(), DataType::Categorical(..)));
        assert!(matches!(frame.column("o").unwrap().dtype(), DataType::Enum(..)));
        let lists = frame.column("l").unwrap().as_materialized_series();
        assert!(
            matches!(lists.get(0).unwrap(), AnyValue::List(list) if list.i64().unwrap().get(1) == Some(2))
        );
        assert!(matches!(lists.get(1).unwrap(), AnyValue::Null));
    }
}
