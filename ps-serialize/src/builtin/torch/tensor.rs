//! Tensors, made of the storages in the archive.

use std::ops::Range;

use super::known::{Rebuild, dtype, is_class, storage, without_dtype};
use super::layout::Layout;
use super::walk::Walk;
use crate::builtin::pickle::{Id, Node};
use crate::builtin::tensors::{Dtype, Tensor};
use crate::error::{Error, Result};
use crate::limits::check_dimensions;
use crate::memory;

/// A storage: its class, and where its elements are in the payload.
struct Storage<'w> {
    /// The storage class, and its element type by PyTorch's name if it has one.
    class: &'w str,
    dtype: Option<&'static str>,
    place: Range<usize>,
    key: &'w str,
    length: Option<usize>,
}

impl Storage<'_> {
    /// The element type, or `None` if the storage is of untyped bytes.
    fn dtype(&self, path: &str) -> Result<Option<Dtype>> {
        self.dtype.map(|dtype| known_dtype(dtype, self.class, path)).transpose()
    }
}

impl Walk<'_, '_> {
    pub(super) fn tensor(&self, id: Id, path: &str, depth: u32) -> Result<Tensor<'static>> {
        match self.reader.pickled.node(id) {
            Node::Call { global, arguments, state: None } => {
                self.rebuilt(*global, *arguments, path, depth)
            }
            Node::Call { .. } => Err(Error::custom(format!(
                "{} is given a state after it is made, which PyTorch does not write",
                called(path)
            ))),
            _ => Err(not_a_tensor()),
        }
    }

    fn rebuilt(
        &self,
        global: Id,
        arguments: Id,
        path: &str,
        depth: u32,
    ) -> Result<Tensor<'static>> {
        let pickled = self.reader.pickled;
        let (module, name) = pickled.global(global).ok_or_else(not_a_tensor)?;
        let rebuild = Rebuild::of(module, name).ok_or_else(not_a_tensor)?;
        match (rebuild, pickled.tuple(arguments)) {
            (Rebuild::Refused(what, advice), _) => {
                Err(Error::custom(format!("{} {what} (`{module}.{name}`): {advice}", called(path))))
            }
            (Rebuild::Parameter, [data, ..]) => {
                self.tensor(*data, path, self.reader.deeper(depth)?)
            }
            (Rebuild::WithClass, [function, class, arguments, _state]) => {
                match pickled.global(*class) {
                    Some((module, name)) if is_class(module, name) => {}
                    _ => return Err(not_a_tensor()),
                }
                self.rebuilt(*function, *arguments, path, self.reader.deeper(depth)?)
            }
            (Rebuild::OnDevice, [data, dtype, ..]) => {
                let tensor = self.tensor(*data, path, self.reader.deeper(depth)?)?;
                if self.dtype(*dtype, path)? != tensor.dtype() {
                    return Err(Error::custom(format!(
                        "{} becomes one of another type on its device: save `tensor.cpu()`",
                        called(path)
                    )));
                }
                Ok(tensor)
            }
            (Rebuild::TypedTensor, [storage, offset, size, stride, rest @ ..]) => {
                // The first two of `rest` are whether a gradient is required, and the hooks.
                self.check_metadata(rest.get(2), path)?;
                let storage = self.storage(*storage)?;
                let dtype = storage.dtype(path)?.ok_or_else(not_a_tensor)?;
                let shape =
                    (self.natural(*offset)?, self.naturals(*size)?, self.naturals(*stride)?);
                self.elements(dtype, &storage, shape)
            }
            (Rebuild::Tensor, [storage, offset, size, stride, _, _, dtype, rest @ ..]) => {
                self.check_metadata(rest.first(), path)?;
                let dtype = self.dtype(*dtype, path)?;
                let storage = self.storage(*storage)?;
                let shape =
                    (self.natural(*offset)?, self.naturals(*size)?, self.naturals(*stride)?);
                self.elements(dtype, &storage, shape)
            }
            _ => Err(not_a_tensor()),
        }
    }

    /// All elements of a storage, as one dimension.
    pub(super) fn storage_as_tensor(&self, id: Id, path: &str) -> Result<Tensor<'static>> {
        let storage = self.storage_of(id)?;
        let dtype = storage.dtype(path)?.unwrap_or(Dtype::U8);
        let length = storage.length.ok_or_else(not_a_tensor)?;
        self.elements(dtype, &storage, (0, vec![length], vec![1]))
    }

    /// Refuses metadata, which says that a tensor is yet to be conjugated or negated.
    fn check_metadata(&self, metadata: Option<&Id>, path: &str) -> Result<()> {
        match metadata.map(|id| self.reader.pickled.node(*id)) {
            None | Some(Node::None) => Ok(()),
            Some(Node::Dict(entries)) if entries.is_empty() => Ok(()),
            _ => Err(Error::custom(format!(
                "{} is a conjugated or negated view of another: save `tensor.resolve_conj().resolve_neg()`",
                called(path)
            ))),
        }
    }

    fn dtype(&self, id: Id, path: &str) -> Result<Dtype> {
        match self.reader.pickled.global(id) {
            Some(("torch", name)) => known_dtype(name, name, path),
            _ => Err(not_a_tensor()),
        }
    }

    fn storage(&self, id: Id) -> Result<Storage<'_>> {
        match self.reader.pickled.node(id) {
            Node::Persistent(id) => self.storage_of(*id),
            _ => Err(not_a_tensor()),
        }
    }

    /// Reads `('storage', torch.FloatStorage, '0', 'cpu', 12)`, or the same as text.
    fn storage_of(&self, id: Id) -> Result<Storage<'_>> {
        let pickled = self.reader.pickled;
        self.reader.enter(id)?;
        let (class, key, length) = if let Some(text) = pickled.text(id) {
            storage_as_text(text).ok_or_else(not_a_tensor)?
        } else {
            let [kind, class, key, _location, length] = pickled.tuple(id) else {
                return Err(not_a_tensor());
            };
            let (Some("storage"), Some(key)) = (pickled.text(*kind), pickled.text(*key)) else {
                return Err(not_a_tensor());
            };
            let class = pickled.global(*class).ok_or_else(not_a_tensor)?;
            (class, key, pickled.integer(*length))
        };
        let dtype = match class {
            ("torch.storage", "UntypedStorage") => None,
            ("torch", name) => Some(storage(name).ok_or_else(not_a_tensor)?),
            _ => return Err(not_a_tensor()),
        };
        self.reader.charge(key.len())?;
        let place = self.archive.part(&format!("data/{key}"))?;
        let length = length.and_then(|length| usize::try_from(length).ok());
        Ok(Storage { class: class.1, dtype, place, key, length })
    }

    /// The tensor of some elements of a storage. `shape` is the place of the first element, the lengths and
    /// the strides.
    fn elements(
        &self,
        dtype: Dtype,
        storage: &Storage<'_>,
        (offset, shape, strides): (usize, Vec<usize>, Vec<usize>),
    ) -> Result<Tensor<'static>> {
        let item = dtype.bitsize() / 8;
        let place = &storage.place;
        let storage_item =
            storage.dtype.map_or(Some(1), |name| Some(self::dtype(name)?.bitsize() / 8));
        let length = storage.length.and_then(|length| length.checked_mul(storage_item?));
        if length != Some(place.len()) {
            return Err(Error::custom(format!(
                "the storage `{}` has {} bytes, which is not what the pickle says",
                shortened(storage.key),
                place.len()
            )));
        }
        self.reader.charge(size_of_val(&shape[..]))?;
        let layout = Layout::new(&shape, &strides, item).ok_or_else(not_a_tensor)?;
        let bytes = offset.checked_mul(item).and_then(|start| {
            let start = start.checked_add(place.start)?;
            let end = start.checked_add(layout.span)?;
            (end <= place.end).then_some(start..end)
        });
        let bytes = bytes.ok_or_else(|| {
            Error::custom(format!("a tensor of the shape {shape:?} ends after its storage"))
        })?;
        let mut data = if layout.span == layout.bytes && layout.is_contiguous() {
            self.payload.slice(bytes)
        } else {
            self.reader.charge(layout.bytes)?;
            layout.gather(&self.payload[bytes])?.into()
        };
        if dtype == Dtype::BOOL && !is_zeros_and_ones(&data) {
            self.reader.charge(data.len())?;
            let mut bools = memory::copy(&data);
            bools.iter_mut().for_each(|byte| *byte = (*byte != 0).into());
            data = bools.into();
        }
        Tensor::new(dtype, shape, data)
    }

    fn natural(&self, id: Id) -> Result<usize> {
        let integer = self.reader.pickled.integer(id);
        integer.and_then(|integer| usize::try_from(integer).ok()).ok_or_else(not_a_tensor)
    }

    fn naturals(&self, id: Id) -> Result<Vec<usize>> {
        let pickled = self.reader.pickled;
        let ids = match pickled.node(id) {
            // A call of `torch.Size`.
            Node::Call { arguments, .. } => match *pickled.tuple(*arguments) {
                [lengths] => pickled.tuple(lengths),
                _ => return Err(not_a_tensor()),
            },
            Node::Tuple(ids) | Node::List(ids) => ids,
            _ => return Err(not_a_tensor()),
        };
        check_dimensions(ids.len())?;
        ids.iter().map(|id| self.natural(*id)).collect()
    }
}

/// Reads the text `('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 12)`, which protocol 0 has instead
/// of the tuple.
fn storage_as_text(text: &str) -> Option<((&str, &str), &str, Option<i64>)> {
    let (class, rest) = text.strip_prefix("('storage', <class '")?.split_once("'>, '")?;
    let (key, rest) = rest.split_once("', ")?;
    let (_location, length) = rest.strip_suffix(')')?.rsplit_once(", ")?;
    Some((class.rsplit_once('.')?, key, length.parse().ok()))
}

/// Whether every byte is 0 or 1. PyTorch reads all other bytes as true too.
fn is_zeros_and_ones(bools: &[u8]) -> bool {
    // A loop that does not stop early is several times as fast, so only the pieces are checked one by one.
    bools.chunks(1 << 12).all(|bools| bools.iter().fold(0, |all, byte| all | byte) <= 1)
}

/// The element type of safetensors. `found` is the name of the type in the pickle.
fn known_dtype(name: &str, found: &str, path: &str) -> Result<Dtype> {
    match (dtype(name), without_dtype(name)) {
        (Some(dtype), _) => Ok(dtype),
        (None, Some(advice)) => Err(Error::custom(format!(
            "{} has elements of {name} (`torch.{found}`), for which safetensors has no type: {advice}",
            called(path)
        ))),
        (None, None) => Err(not_a_tensor()),
    }
}

/// The name of the tensor in errors.
fn called(path: &str) -> String {
    if path.is_empty() {
        "the tensor".to_owned()
    } else {
        format!("the tensor `{}`", shortened(path))
    }
}

/// The start of a name, which may itself be as long as the payload.
pub(super) fn shortened(name: &str) -> String {
    name.chars().take(100).collect()
}

#[cold]
pub(super) fn not_a_tensor() -> Error {
    Error::custom("not a tensor: its parts are not those that PyTorch pickles")
}
