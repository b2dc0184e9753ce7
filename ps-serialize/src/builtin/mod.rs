//! | identifier | value | payload |
//! |---|---|---|
//! | `BS` | bytes | the bytes |
//! | `US` | text | UTF-8 |
//! | `NP` | array | NumPy's `.npy` |
//! | `PL` | table | an Arrow IPC file |

#[cfg(feature = "ndarray")]
pub mod array;
pub(crate) mod bytes;
#[cfg(feature = "polars")]
pub(crate) mod table;
pub(crate) mod text;
