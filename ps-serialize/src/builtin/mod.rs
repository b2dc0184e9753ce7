//! | identifier | value | payload |
//! |---|---|---|
//! | `BS` | bytes | the bytes |
//! | `US` | text | UTF-8 |
//! | `NP` | array | NumPy's `.npy` |
//! | `PL` | table | an Arrow IPC file |
//! | `PK` | plain Python data | pickle |
//! | `PT` | PyTorch checkpoint | what `torch.save` writes |
//! | `ST` | tensors | a safetensors file |

#[cfg(feature = "ndarray")]
pub mod array;
pub(crate) mod bytes;
#[cfg(feature = "pickle")]
pub mod pickle;
#[cfg(feature = "polars")]
pub(crate) mod table;
#[cfg(feature = "safetensors")]
pub mod tensors;
pub(crate) mod text;
#[cfg(feature = "torch")]
pub mod torch;

#[cfg(test)]
mod tests {
    use crate::registry;

    #[test]
    fn every_one_is_listed_for_the_systems_where_nothing_collects_them() {
        let list = include_str!("../collect.rs");
        for entry in registry().iter() {
            let module = entry.origin().module();
            let path = module.strip_prefix("ps_serialize::").unwrap();
            assert!(list.contains(&format!("&{path}::ENTRY,")), "collect.rs lacks {path}");
        }
    }
}
