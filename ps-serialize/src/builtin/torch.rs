//! PyTorch's checkpoints, read without PyTorch and without running code: identifier `PT`, feature
//! `torch`.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;
use std::ops::Range;

use bytes::Bytes;
use zip::{CompressionMethod, ZipArchive};

use crate::builtin::pickle::{Dialect, Id, Node, Pickled, Reader, Value};
use crate::builtin::tensors::{Dtype, Tensor, Tensors};
use crate::codec::limits::MAX_DEPTH;
use crate::error::{Error, Result};
use crate::frame::ALIGNED;
use crate::identifier::Identifier;
use crate::memory;
use crate::serializer::{Serializable, Serializer};
use crate::shared::Shared;
use crate::sink::Sink;

/// What `torch.save` wrote, a state dict above all: the tensors, and the plain values beside them.
///
/// The name of each is the way to it: the keys of dictionaries and the places in lists and tuples,
/// with dots between, as in `optimizer.state.0.exp_avg`. What is alone has the name `""`.
///
/// The payload is a zip archive of a pickle and of the tensors' memory. It is read only:
/// [`Tensors`] is the way to write. Tensors in C order keep the memory of the payload, shared storages
/// too; others are copied in that order. With [`deserialize`](crate::deserialize()) the payload is copied
/// once, with [`deserialize_shared`](crate::deserialize_shared) not at all.
///
/// A pickle that names any class or function but those of tensors and plain data is refused with its
/// name: nothing of it is run. So are quantized and sparse tensors, TorchScript, and what PyTorch before
/// 1.6 wrote.
///
/// ```no_run
/// use ps_serialize::torch::Checkpoint;
/// use ps_serialize::{deserialize_shared, read_frame};
///
/// // In Python: ps_serialize.checkpoint(model.state_dict())
/// let frame = read_frame(std::fs::File::open("model.frame")?, None)?;
/// let checkpoint: Checkpoint = deserialize_shared(&frame)?;
/// let weight = checkpoint.tensors().get("layer.weight").map(|weight| weight.shape());
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    tensors: Tensors<'static>,
    values: BTreeMap<String, Value>,
}

impl Checkpoint {
    /// The tensors, by name.
    ///
    /// ```
    /// assert!(ps_serialize::torch::Checkpoint::default().tensors().is_empty());
    /// ```
    #[must_use]
    pub fn tensors(&self) -> &Tensors<'static> {
        &self.tensors
    }

    /// The same, by value: to write them as an `ST` frame.
    ///
    /// ```
    /// let checkpoint = ps_serialize::torch::Checkpoint::default();
    /// let frame = ps_serialize::serialize(&checkpoint.into_tensors())?;
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn into_tensors(self) -> Tensors<'static> {
        self.tensors
    }

    /// All that is no tensor, by name.
    ///
    /// ```
    /// assert!(ps_serialize::torch::Checkpoint::default().values().get("epoch").is_none());
    /// ```
    #[must_use]
    pub fn values(&self) -> &BTreeMap<String, Value> {
        &self.values
    }

    fn read(payload: &Bytes) -> Result<Self> {
        let archive = Archive::read(payload)?;
        let pickle = archive.part("data.pkl")?;
        let pickled = Pickled::load(&payload[pickle], &TORCH)?;
        let mut walk = Walk {
            payload,
            archive: &archive,
            reader: Reader::new(&pickled, payload.len()),
            found: Self::default(),
        };
        walk.visit(pickled.root, String::new(), MAX_DEPTH)?;
        Ok(walk.found)
    }
}

/// `PT`: the payload is what `torch.save` writes.
impl Serializer for Checkpoint {
    type Value = Self;

    const IDENTIFIER: Identifier = Identifier::new(b"PT");
    const NAME: &'static str = "PyTorch checkpoint";
    const ALIGNMENT: usize = ALIGNED;

    fn serialize<'a>(_value: &'a Self, _out: &mut dyn Sink<'a>) -> Result<()> {
        Err(Error::custom("checkpoints are read only: write their tensors, as `tensors::Tensors`"))
    }

    fn deserialize(payload: &[u8]) -> Result<Self> {
        Self::read(&memory::aligned_copy(payload))
    }
}

/// For the reading verbs; writing one is an error.
impl Serializable for Checkpoint {
    type Serializer = Self;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        Self::serialize(self, out)
    }
}

/// The tensors share the frame's memory.
impl Shared for Checkpoint {
    type Serializer = Self;

    fn share(payload: Bytes) -> Result<Self> {
        Self::read(&payload)
    }
}

/// Where the files of the archive are in the payload; none of them is compressed.
struct Archive {
    files: HashMap<String, Range<usize>>,
}

impl Archive {
    fn read(payload: &[u8]) -> Result<Self> {
        if !payload.starts_with(b"PK\x03\x04") {
            return Err(Error::custom(
                "not a zip archive, as `torch.save` writes since PyTorch 1.6: save it again, without `_use_new_zipfile_serialization=False`",
            ));
        }
        let mut zip = ZipArchive::new(Cursor::new(payload)).map_err(Error::custom)?;
        if zip.file_names().flatten().any(|name| name.ends_with("/constants.pkl")) {
            return Err(Error::custom(
                "a TorchScript program, which is code: send its `state_dict()` instead",
            ));
        }
        // The last of two files of one name is all that is left here, and PyTorch reads the first.
        if entries(payload, zip.central_directory_start()) != zip.len() {
            return Err(Error::custom("the archive has two files of one name"));
        }
        let mut files = HashMap::new();
        for index in 0..zip.len() {
            let file = zip.by_index_raw(index).map_err(Error::custom)?;
            let name = file.name().map_err(Error::custom)?;
            let stored = file.compression() == CompressionMethod::Stored && !file.encrypted();
            if !stored || file.size() != file.compressed_size() {
                return Err(Error::custom(format!(
                    "the file `{name}` of the archive is compressed, which `torch.save` does not do"
                )));
            }
            let place = file.data_start().and_then(|start| {
                let start = usize::try_from(start).ok()?;
                let end = start.checked_add(usize::try_from(file.size()).ok()?)?;
                (end <= payload.len()).then_some(start..end)
            });
            let place = place.ok_or_else(|| {
                Error::custom(format!("the file `{name}` ends after the archive"))
            })?;
            // All are in one folder, whose name is that of the file that was saved.
            let name = name.split_once('/').map_or(&*name, |(_, name)| name);
            if files.insert(name.to_owned(), place).is_some() {
                return Err(Error::custom(format!("the archive has two files `{name}`")));
            }
        }
        let archive = Self { files };
        if let Some(order) = archive.files.get("byteorder")
            && payload[order.clone()] != *b"little"
        {
            return Err(Error::custom(
                "the numbers are big-endian: save it again on another machine",
            ));
        }
        Ok(archive)
    }

    fn part(&self, name: &str) -> Result<Range<usize>> {
        let place = self.files.get(name).cloned();
        place.ok_or_else(|| Error::custom(format!("the archive has no file `{name}`")))
    }
}

/// How many files the directory of an archive lists.
fn entries(payload: &[u8], directory: u64) -> usize {
    const HEADER: usize = 46;
    let start = usize::try_from(directory).unwrap_or(usize::MAX);
    let mut rest = payload.get(start..).unwrap_or_default();
    let mut entries = 0;
    while let Some(header) = rest.first_chunk::<HEADER>()
        && header.starts_with(b"PK\x01\x02")
    {
        entries += 1;
        // Of the name, the extra field and the comment.
        let lengths = header[28..34].as_chunks().0.iter();
        let after: usize = lengths.map(|length| usize::from(u16::from_le_bytes(*length))).sum();
        rest = rest.get(HEADER + after..).unwrap_or_default();
    }
    entries
}

const TORCH: Dialect = Dialect { knows, persistent: true, leaves_out_attributes: true, advice };

fn advice(module: &str) -> &'static str {
    match module.split('.').next() {
        Some("numpy") => {
            "save tensors and numbers of Python instead, as `torch.from_numpy` and `.item()` make them"
        }
        Some("torch") => {
            "only dense tensors and plain data are read; of a module save the `state_dict()`"
        }
        _ => "only tensors and plain data are read, and no code is run",
    }
}

fn knows(module: &str, name: &str) -> bool {
    match (module, name) {
        ("torch._utils", name) => Rebuild::of(name).is_some(),
        ("torch.storage", "UntypedStorage") | ("torch", "Size" | "device") => true,
        ("torch", name) => storage(name).is_some() || dtype(name).is_some(),
        _ => false,
    }
}

#[derive(Clone, Copy)]
enum Rebuild {
    /// The element type is that of the storage.
    TypedTensor,
    /// The element type is the last argument.
    Tensor,
    Parameter,
}

impl Rebuild {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "_rebuild_tensor" | "_rebuild_tensor_v2" => Self::TypedTensor,
            "_rebuild_tensor_v3" => Self::Tensor,
            "_rebuild_parameter" => Self::Parameter,
            _ => return None,
        })
    }
}

/// The element type of a storage class. safetensors has none for `ComplexDoubleStorage`.
fn storage(name: &str) -> Option<Dtype> {
    Some(match name {
        "BoolStorage" => Dtype::BOOL,
        "ByteStorage" => Dtype::U8,
        "CharStorage" => Dtype::I8,
        "ShortStorage" => Dtype::I16,
        "IntStorage" => Dtype::I32,
        "LongStorage" => Dtype::I64,
        "HalfStorage" => Dtype::F16,
        "BFloat16Storage" => Dtype::BF16,
        "FloatStorage" => Dtype::F32,
        "DoubleStorage" => Dtype::F64,
        "ComplexFloatStorage" => Dtype::C64,
        _ => return None,
    })
}

/// As [`storage`], of `torch.dtype`.
fn dtype(name: &str) -> Option<Dtype> {
    Some(match name {
        "bool" => Dtype::BOOL,
        "uint8" => Dtype::U8,
        "int8" => Dtype::I8,
        "int16" => Dtype::I16,
        "uint16" => Dtype::U16,
        "int32" => Dtype::I32,
        "uint32" => Dtype::U32,
        "int64" => Dtype::I64,
        "uint64" => Dtype::U64,
        "float16" => Dtype::F16,
        "bfloat16" => Dtype::BF16,
        "float32" => Dtype::F32,
        "float64" => Dtype::F64,
        "complex64" => Dtype::C64,
        "float8_e4m3fn" => Dtype::F8_E4M3,
        "float8_e5m2" => Dtype::F8_E5M2,
        "float8_e4m3fnuz" => Dtype::F8_E4M3FNUZ,
        "float8_e5m2fnuz" => Dtype::F8_E5M2FNUZ,
        "float8_e8m0fnu" => Dtype::F8_E8M0,
        _ => return None,
    })
}

/// From the root of a checkpoint to all that is in it.
struct Walk<'w, 'p> {
    payload: &'w Bytes,
    archive: &'w Archive,
    reader: Reader<'w, 'p>,
    found: Checkpoint,
}

impl Walk<'_, '_> {
    fn visit(&mut self, id: Id, path: String, depth: u32) -> Result<()> {
        self.reader.charge(path.len())?;
        let pickled = self.reader.pickled;
        match pickled.node(id) {
            Node::Dict(entries) if !entries.is_empty() => {
                let depth = self.reader.deeper(depth)?;
                for [key, value] in entries.as_chunks().0 {
                    self.visit(*value, joined(&path, &self.key(*key)?), depth)?;
                }
            }
            Node::List(elements) | Node::Tuple(elements) if !elements.is_empty() => {
                let depth = self.reader.deeper(depth)?;
                for (index, element) in elements.iter().enumerate() {
                    self.visit(*element, joined(&path, &index.to_string()), depth)?;
                }
            }
            Node::Call { global, arguments, .. } => match pickled.global(*global) {
                Some(("torch._utils", name)) if Rebuild::of(name).is_some() => {
                    let tensor = self.tensor(id, depth)?;
                    self.check_name(&path)?;
                    self.found.tensors.insert(path, tensor);
                }
                // `torch.Size` has a tuple of the lengths, `torch.device` a name and a number.
                Some(("torch", "Size")) => match *pickled.tuple(*arguments) {
                    [lengths] => self.value(lengths, path, depth)?,
                    _ => return Err(malformed()),
                },
                Some(("torch", "device")) => self.value(*arguments, path, depth)?,
                _ => return Err(self.reader.not_plain(id)),
            },
            Node::Global(global) if global.module == "torch" && dtype(&global.name).is_some() => {
                let name = Value::Str(format!("torch.{}", global.name));
                self.insert_value(path, name)?;
            }
            _ => self.value(id, path, depth)?,
        }
        Ok(())
    }

    fn key(&self, id: Id) -> Result<String> {
        let pickled = self.reader.pickled;
        if let Some(text) = pickled.text(id) {
            return Ok(text.to_owned());
        }
        Ok(match self.reader.enter(id)? {
            Node::Int(integer) => integer.to_string(),
            Node::Bool(bool) => if *bool { "True" } else { "False" }.to_owned(),
            Node::None => "None".to_owned(),
            _ => {
                return Err(Error::custom(
                    "a key of a dictionary that is neither text, an integer, a bool nor None, so that nothing can be named by it",
                ));
            }
        })
    }

    fn value(&mut self, id: Id, path: String, depth: u32) -> Result<()> {
        let value = self.reader.value(id, depth)?;
        self.insert_value(path, value)
    }

    fn insert_value(&mut self, path: String, value: Value) -> Result<()> {
        self.check_name(&path)?;
        self.found.values.insert(path, value);
        Ok(())
    }

    /// Two ways can have one name, if keys have dots.
    fn check_name(&self, path: &str) -> Result<()> {
        let found = &self.found;
        if found.tensors.get(path).is_none() && !found.values.contains_key(path) {
            return Ok(());
        }
        Err(Error::custom(format!("two values of the checkpoint have the name `{path}`")))
    }

    fn tensor(&self, id: Id, depth: u32) -> Result<Tensor<'static>> {
        let pickled = self.reader.pickled;
        let Node::Call { global, arguments, state } = pickled.node(id) else {
            return Err(malformed());
        };
        let rebuild = match pickled.global(*global) {
            Some(("torch._utils", name)) => Rebuild::of(name).ok_or_else(malformed)?,
            _ => return Err(malformed()),
        };
        if state.is_some() {
            return Err(Error::custom("a tensor with attributes of its own, which are not read"));
        }
        match (rebuild, pickled.tuple(*arguments)) {
            (Rebuild::Parameter, [data, ..]) => self.tensor(*data, self.reader.deeper(depth)?),
            (Rebuild::TypedTensor, [storage, offset, size, stride, rest @ ..]) => {
                // What requires a gradient, and hooks.
                self.check_metadata(rest.get(2))?;
                let (dtype, place) = self.storage(*storage)?;
                let dtype = dtype.ok_or_else(malformed)?;
                self.elements(dtype, place, *offset, *size, *stride)
            }
            (Rebuild::Tensor, [storage, offset, size, stride, _, _, dtype, rest @ ..]) => {
                self.check_metadata(rest.first())?;
                let (_, place) = self.storage(*storage)?;
                let dtype = match pickled.global(*dtype) {
                    Some(("torch", name)) => self::dtype(name).ok_or_else(malformed)?,
                    _ => return Err(malformed()),
                };
                self.elements(dtype, place, *offset, *size, *stride)
            }
            _ => Err(malformed()),
        }
    }

    /// Tensors that are to be conjugated or negated say so there.
    fn check_metadata(&self, metadata: Option<&Id>) -> Result<()> {
        match metadata.map(|id| self.reader.pickled.node(*id)) {
            None | Some(Node::None) => Ok(()),
            Some(Node::Dict(entries)) if entries.is_empty() => Ok(()),
            _ => Err(Error::custom(
                "a conjugated or negated view of a tensor: save `tensor.resolve_conj().resolve_neg()`",
            )),
        }
    }

    /// `('storage', torch.FloatStorage, '0', 'cpu', 12)`: the element type if it has one, and where the
    /// elements are.
    fn storage(&self, id: Id) -> Result<(Option<Dtype>, Range<usize>)> {
        let pickled = self.reader.pickled;
        let Node::Persistent(id) = pickled.node(id) else { return Err(malformed()) };
        let [kind, class, key, _location, length] = pickled.tuple(*id) else {
            return Err(malformed());
        };
        let (Some("storage"), Some(key)) = (pickled.text(*kind), pickled.text(*key)) else {
            return Err(malformed());
        };
        self.reader.charge(key.len())?;
        let place = self.archive.part(&format!("data/{key}"))?;
        let dtype = match pickled.global(*class) {
            Some(("torch.storage", "UntypedStorage")) => None,
            Some(("torch", name)) => Some(self::storage(name).ok_or_else(malformed)?),
            _ => return Err(malformed()),
        };
        let item = dtype.map_or(1, |dtype| dtype.bitsize() / 8);
        let length = pickled.integer(*length).and_then(|length| usize::try_from(length).ok());
        if length.and_then(|length| length.checked_mul(item)) != Some(place.len()) {
            return Err(Error::custom(format!(
                "the storage `{key}` has {} bytes, which is not what the pickle says",
                place.len()
            )));
        }
        Ok((dtype, place))
    }

    fn elements(
        &self,
        dtype: Dtype,
        place: Range<usize>,
        offset: Id,
        size: Id,
        stride: Id,
    ) -> Result<Tensor<'static>> {
        let item = dtype.bitsize() / 8;
        let offset = self.natural(offset)?;
        let shape = self.naturals(size)?;
        let strides = self.naturals(stride)?;
        self.reader.charge(size_of_val(&shape[..]))?;
        let layout = Layout::new(&shape, &strides, item).ok_or_else(malformed)?;
        let bytes = offset.checked_mul(item).and_then(|start| {
            let start = start.checked_add(place.start)?;
            let end = start.checked_add(layout.span)?;
            (end <= place.end).then_some(start..end)
        });
        let bytes = bytes.ok_or_else(|| {
            Error::custom(format!("a tensor of the shape {shape:?} ends after its storage"))
        })?;
        let data = if layout.span == layout.bytes && layout.is_contiguous() {
            self.payload.slice(bytes)
        } else {
            self.reader.charge(layout.bytes)?;
            layout.gather(&self.payload[bytes]).into()
        };
        Tensor::new(dtype, shape, data)
    }

    fn natural(&self, id: Id) -> Result<usize> {
        let integer = self.reader.pickled.integer(id);
        integer.and_then(|integer| usize::try_from(integer).ok()).ok_or_else(malformed)
    }

    fn naturals(&self, id: Id) -> Result<Vec<usize>> {
        let pickled = self.reader.pickled;
        let ids = match pickled.node(id) {
            // As `torch.Size`.
            Node::Call { arguments, .. } => match *pickled.tuple(*arguments) {
                [lengths] => pickled.tuple(lengths),
                _ => return Err(malformed()),
            },
            Node::Tuple(ids) | Node::List(ids) => ids,
            _ => return Err(malformed()),
        };
        if ids.len() > MOST_DIMENSIONS {
            return Err(malformed());
        }
        ids.iter().map(|id| self.natural(*id)).collect()
    }
}

/// Those of PyTorch.
const MOST_DIMENSIONS: usize = 64;

/// Where the elements of a tensor are in its storage, in bytes.
struct Layout {
    /// Length and stride of each dimension that has more than one place.
    axes: Vec<(usize, usize)>,
    item: usize,
    /// Of all elements.
    bytes: usize,
    /// From the begin of the first element to the end of the last.
    span: usize,
}

impl Layout {
    /// Nothing if there are other strides than lengths, or numbers that no memory has.
    fn new(shape: &[usize], strides: &[usize], item: usize) -> Option<Self> {
        if shape.len() != strides.len() {
            return None;
        }
        if shape.contains(&0) {
            return Some(Self { axes: vec![(0, 0)], item, bytes: 0, span: 0 });
        }
        let mut layout = Self { axes: Vec::new(), item, bytes: item, span: item };
        for (length, stride) in shape.iter().zip(strides).filter(|(length, _)| **length > 1) {
            let stride = stride.checked_mul(item)?;
            layout.bytes = layout.bytes.checked_mul(*length)?;
            layout.span = layout.span.checked_add(stride.checked_mul(length - 1)?)?;
            layout.axes.push((*length, stride));
        }
        Some(layout)
    }

    fn is_contiguous(&self) -> bool {
        let mut next = self.item;
        self.axes.iter().rev().all(|(length, stride)| {
            let contiguous = *stride == next;
            next *= length;
            contiguous
        }) || self.bytes == 0
    }

    /// The elements in C order.
    fn gather(&self, storage: &[u8]) -> Vec<u8> {
        let mut elements = memory::with_capacity(self.bytes);
        let (row, outer) = match self.axes.split_last() {
            Some((row, outer)) => (*row, outer),
            None => ((1, 0), &[][..]),
        };
        let mut index = vec![0; outer.len()];
        let mut start = 0;
        loop {
            let (length, stride) = row;
            if stride == self.item {
                elements.extend_from_slice(&storage[start..][..length * stride]);
            } else {
                for place in 0..length {
                    elements.extend_from_slice(&storage[start + place * stride..][..self.item]);
                }
            }
            // The next row: the last dimension that is not at its end goes on, those after it begin again.
            let mut axis = outer.len();
            loop {
                if axis == 0 {
                    return elements;
                }
                axis -= 1;
                let (length, stride) = outer[axis];
                index[axis] += 1;
                start += stride;
                if index[axis] < length {
                    break;
                }
                start -= stride * length;
                index[axis] = 0;
            }
        }
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cold]
fn malformed() -> Error {
    Error::custom("not a tensor: its parts are not those that PyTorch pickles")
}
