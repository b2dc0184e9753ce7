//! Tables of pandas: identifier `PD`, feature `pandas`.
//!
//! [`Table`] holds a `DataFrame` of the crate `polars`, and the names of the columns that are the index in pandas. No Python
//! is needed and no code is run: pickles of pandas 1.5 to 3.1 are read, of every protocol, with and without pyarrow.
//!
//! | pandas | polars |
//! |---|---|
//! | `int8` … `uint64`, `float16` … `float64`, `bool` | the same; `NaN` stays `NaN` |
//! | `Int8` … `UInt64`, `Float32`, `Float64`, `boolean` | the same, `NA` is null |
//! | `str`, `string` | `String` |
//! | `datetime64`, with a zone or without; `timedelta64` | `Datetime`, `Duration`; seconds become milliseconds, `NaT` is null |
//! | `category` | `Categorical` or, if it is ordered, `Enum`; of categories that are not text, the values |
//! | `ArrowDtype(…)` | the type that polars has for Arrow's |
//! | `object` of text, `bytes`, `bool`, `int`, `float`, `date`, `datetime`, `time`, `timedelta`, `Decimal` | the type of that name, `None`, `NaN` and `NA` are null |
//! | `object` of lists, tuples or arrays; of dictionaries | `List`; `Struct` |
//! | `period` | `Date` or `Datetime`, where the period begins |
//! | `interval` | `Struct` of `left` and `right`, without which side is closed |
//! | `Sparse[…]` | the values, those that are not stored too |
//! | `complex64`, `complex128` | `Struct` of `real` and `imag` |
//!
//! The index becomes the first columns, unless it is a `RangeIndex` that counts the rows from 0 on and has no name. A level
//! without a name becomes `__index_level_0__` and so on, as in Parquet files of pandas; the number is that of the level. Labels of
//! columns and names of levels that are not text become what Python's `str` gives. A time zone that is an offset alone becomes `UTC`.
//! `attrs`, flags, the frequency of an index and the name of the columns are left out.
//!
//! What polars has no type for is refused, with the name of the column: Python objects of several kinds in one column,
//! two columns with the same label, classes of other packages.

mod arrow;
mod backed;
mod block;
mod cells;
mod columns;
mod dialect;
mod frame;
mod index;
mod label;
mod numbers;
mod numpy;
mod objects;
mod objects_out;
mod output;
mod period;
mod range;
mod serializer;
mod source;
mod sparse;
mod table;
mod write;

pub use self::table::Table;
