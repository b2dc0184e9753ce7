//! Reads the header of a safetensors file.

use std::collections::BTreeMap;
use std::fmt;

use safetensors::SafeTensorError;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::METADATA;
use crate::error::{Error, Result};
use crate::limits::{
    Budget, FREE_TENSORS_HEADER, MAX_TENSORS_HEADER, MEMORY_OF_TENSORS_HEADER, within,
};

/// The tensors and texts of the header, and where the data begins.
pub(super) struct Described {
    pub(super) tensors: Metadata,
    pub(super) texts: BTreeMap<String, String>,
    pub(super) data: usize,
}

impl Described {
    pub(super) fn read(payload: &[u8], budget: &Budget<'_>) -> Result<Self> {
        let (length, rest) = payload
            .split_first_chunk()
            .ok_or_else(|| Error::custom(SafeTensorError::HeaderTooSmall))?;
        let what = "size of the header of tensors in bytes";
        let length = within(what, MAX_TENSORS_HEADER, u64::from_le_bytes(*length))?;
        let (header, data) = rest
            .split_at_checked(length)
            .ok_or_else(|| Error::custom(SafeTensorError::InvalidHeaderLength))?;
        // The tensors that it describes take up to 25 times its length in memory.
        if length > FREE_TENSORS_HEADER {
            budget.charge(length.saturating_mul(MEMORY_OF_TENSORS_HEADER))?;
        }
        let header = std::str::from_utf8(header)
            .map_err(|error| Error::custom(SafeTensorError::InvalidHeader(error)))?;
        let Header { mut tensors, mut texts } = serde_json::from_str(header)
            .map_err(|error| Error::custom(SafeTensorError::InvalidHeaderDeserialization(error)))?;

        if let Some(name) = twice(&mut tensors) {
            return Err(Error::custom(format!(
                "two tensors of the header have the name `{name}`: each name is allowed once"
            )));
        }
        let mut all = texts.pop().unwrap_or_default();
        if !texts.is_empty() {
            return Err(Error::custom(format!("the header has `{METADATA}` twice")));
        }
        if let Some(key) = twice(&mut all) {
            return Err(Error::custom(format!(
                "two texts of the header (`{METADATA}`) have the key `{key}`: each key is allowed once"
            )));
        }
        tensors.sort_unstable_by_key(|(_, info)| info.data_offsets);
        let tensors = Metadata::new(None, tensors).map_err(Error::custom)?;
        if tensors.data_len() != data.len() {
            return Err(Error::custom(SafeTensorError::MetadataIncompleteBuffer));
        }
        Ok(Self { tensors, texts: all.into_iter().collect(), data: payload.len() - data.len() })
    }
}

/// The key that two entries have, if there is one. Sorts the entries by their keys.
fn twice<T>(entries: &mut [(String, T)]) -> Option<String> {
    entries.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    let pair = entries.windows(2).find(|pair| pair[0].0 == pair[1].0)?;
    Some(pair[0].0.chars().take(100).collect())
}

/// Every entry of the header, also those with equal keys.
#[derive(Default)]
struct Header {
    tensors: Vec<(String, TensorInfo)>,
    texts: Vec<Vec<(String, String)>>,
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors by their names")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Header, A::Error> {
                let mut header = Header::default();
                while let Some(name) = map.next_key::<String>()? {
                    if name == METADATA {
                        let texts = map.next_value::<Option<Texts>>()?;
                        header.texts.push(texts.map_or_else(Vec::new, |texts| texts.0));
                    } else {
                        header.tensors.push((name, map.next_value()?));
                    }
                }
                Ok(header)
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

struct Texts(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts by their keys")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    texts.push(entry);
                }
                Ok(Texts(texts))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}
