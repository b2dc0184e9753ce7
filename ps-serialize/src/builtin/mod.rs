//! | identifier | value | payload |
//! |---|---|---|
//! | `BS` | bytes | the bytes |
//! | `US` | text | UTF-8 |
//! | `NP` | array | NumPy's `.npy` |

#[cfg(feature = "ndarray")]
pub mod array;
pub(crate) mod bytes;
pub(crate) mod text;
