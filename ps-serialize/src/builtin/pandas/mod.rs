//! Tables of pandas: identifier `PD`, feature `pandas`.
//!
//! [`Table`] holds a `DataFrame` of the crate `polars`, and the names of the columns that are the index in pandas. Pickles of
//! pandas 1.5 to 3.1 are read, of every protocol, with and without pyarrow. No Python is needed, and no code is run.
//!
//! | pandas | polars |
//! |---|---|
//! | `int8` … `uint64`, `float16` … `float64`, `bool` | the same; `NaN` stays `NaN` |
//! | `Int8` … `UInt64`, `Float32`, `Float64`, `boolean` | the same; `NA` is null |
//! | `str`, `string` | `String` |
//! | `datetime64`, with a zone or without; `timedelta64` | `Datetime`, `Duration`; seconds become milliseconds, `NaT` is null |
//! | `category` | `Categorical` or, if it is ordered, `Enum`; the values, if the categories are not text |
//! | `ArrowDtype(…)` | the type that polars has for Arrow's |
//! | `object` of text, `bytes`, `bool`, `int`, `float`, `date`, `datetime`, `time`, `timedelta`, `Decimal` | the type of that name; `None`, `NA` and, except among floats, `NaN` are null |
//! | `object` of lists, tuples or arrays; of dictionaries | `List`; `Struct` |
//! | `period` | `Date` or `Datetime`, where the period begins |
//! | `interval` | `Struct` of `left` and `right`, without which side is closed |
//! | `Sparse[…]` | all values, also those that are not stored |
//! | `complex64`, `complex128` | `Struct` of `real` and `imag` |
//!
//! The index becomes the first columns, unless it is a `RangeIndex` that counts the rows from 0 on and has no name. A level
//! without a name becomes `__index_level_0__` and so on, as in Parquet files of pandas; the number is that of the level. Labels of
//! columns and names of levels that are not text become what Python's `str` gives. A time zone that is an offset alone becomes `UTC`.
//! `attrs`, flags, the frequency of an index and the name of the columns are left out.
//!
//! Python objects of several kinds in one column, two columns with the same label, and objects of other packages are refused. The
//! error names the column.
//!
//! # What changes on a round trip
//!
//! A written pickle has only public names of pandas and NumPy, and of pyarrow with [`Table::with_pyarrow`], so pandas 1.5 to 3.1 read
//! it. pandas has no types of its own for dates, decimals, bytes, lists and structs, so they become columns of Python objects in pandas.
//! When such a column is read again, its type is found from the objects. These types change:
//!
//! | polars | read again |
//! |---|---|
//! | `Decimal` | a `Decimal` with the precision 38 and the same scale |
//! | `Array` | `List` |
//! | integers inside of lists and structs | `Int64`, or `UInt64` if one of them is too large |
//! | floats inside of lists and structs | `Float64` |
//! | `Datetime` and `Duration` inside of lists and structs | the same in microseconds |
//! | `Categorical` and `Enum` inside of lists and structs | `String` |
//! | the elements of lists that are all empty; a field of a struct that is null in every row | `Null` |
//! | a column of Python objects without any value | `Null` |
//! | a column of text without any value, after pandas has read it | `Null` |
//! | `Categorical` with categories of its own | `Categorical` with the global categories |
//!
//! # Text
//!
//! A column of text is written as one text that Python splits, which needs only NumPy. pandas 3 with pyarrow keeps text in arrays of
//! pyarrow, so it first splits the text into Python objects, and then makes an array of the objects. [`Table::with_pyarrow`] writes the
//! arrays of pyarrow, for readers that have it. The table compares the times to read a million short texts with the time for pandas' own
//! pickle, in one run on 2026-11-28.
//!
//! | reader | its own pickle | [`Table`] | [`Table::with_pyarrow`] |
//! |---|---:|---:|---:|
//! | pandas 3.1.1 with pyarrow | 1 × | 56 × | 1.2 × |
//! | pandas 2.2.3 | 1 × | 1.1 × | 3.6 × |
//! | pandas 1.5.3 | 1 × | 0.9 × | 3.8 × |
//!
//! # Versions
//!
//! pandas 1.5 makes all times nanoseconds, and all numbers of an index 64 bits wide.

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
mod text_out;
mod write;

pub use self::table::Table;
