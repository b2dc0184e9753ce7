//! | identifier | value | payload |
//! |---|---|---|
//! | `BS` | bytes | the bytes |
//! | `US` | text | UTF-8 |
//! | `NP` | array | NumPy's `.npy` |
//! | `PL` | table | an Arrow IPC file |
//! | `ST` | tensors | a safetensors file |

#[cfg(feature = "ndarray")]
pub mod array;
pub(crate) mod bytes;
#[cfg(feature = "polars")]
pub(crate) mod table;
#[cfg(feature = "safetensors")]
pub mod tensors;
pub(crate) mod text;
