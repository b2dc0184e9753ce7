//! | identifier | value | payload |
//! |---|---|---|
//! | `BS` | bytes | the bytes |
//! | `US` | text | UTF-8 |
//! | `NP` | array | NumPy's `.npy` |
//! | `PL` | table | an Arrow IPC file |
//! | `PD` | table of pandas | pickle |
//! | `PK` | plain Python data | pickle |
//! | `PT` | PyTorch checkpoint | what `torch.save` writes |
//! | `ST` | tensors | a safetensors file |

#[cfg(feature = "ndarray")]
pub mod array;
pub(crate) mod bytes;
#[cfg(feature = "safetensors")]
#[cfg_attr(not(any(feature = "ndarray", feature = "torch")), allow(dead_code))]
mod element_types;
#[allow(unsafe_code)]
pub(crate) mod entries;
#[cfg(feature = "pandas")]
pub mod pandas;
#[cfg(feature = "pickle")]
pub mod pickle;
#[cfg(feature = "polars")]
pub(crate) mod table;
#[cfg(feature = "safetensors")]
pub mod tensors;
pub(crate) mod text;
#[cfg(feature = "torch")]
pub mod torch;
