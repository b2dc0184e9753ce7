//! Named tensors, as PyTorch, TensorFlow, JAX, candle and burn exchange weights: identifier `ST`,
//! feature `safetensors`.

mod header;
#[cfg(all(feature = "ndarray", feature = "pickle"))]
mod object;

use std::collections::{BTreeMap, btree_map};
use std::ops::Index;
use std::{fmt, iter};

use bytes::Bytes;
#[cfg(feature = "ndarray")]
use ndarray::{ArrayBase, Data, Dimension};
pub use safetensors::Dtype;
use safetensors::tensor::TensorInfo;
use serde::ser::{Serialize, SerializeMap};

use self::header::Described;
use crate::buffer::Buffer;
#[cfg(feature = "ndarray")]
use crate::builtin::array::{DynArray, Element};
#[cfg(feature = "ndarray")]
use crate::builtin::element_types::{self, ElementType};
#[cfg(all(feature = "ndarray", feature = "pickle"))]
use crate::builtin::pickle::classes::{ObjectReader, Objects};
use crate::debug::{self, Text, bounded};
use crate::error::{Error, Result};
use crate::frame::ALIGNED;
use crate::identifier::Identifier;
use crate::limits::{Budget, MAX_TENSORS_HEADER, exceeded};
#[cfg(feature = "ndarray")]
use crate::memory;
use crate::payload::Payload;
use crate::serializer::{Deserializable, Serializable, Serializer};
use crate::sink::Sink;

/// A map from names to tensors, and texts about all of them.
///
/// The payload is a safetensors file whose tensors are aligned to 64 bytes or to the size of their element:
///
/// ```text
/// length of the header (u64, little-endian), header (JSON, padded with spaces), data
/// ```
///
/// [`deserialize`](crate::deserialize()) keeps the memory of a frame that is given as [`Bytes`], and copies a slice once;
/// [`parts`](crate::parts()) copies no data.
///
/// ```
/// use ps_serialize::tensors::{Dtype, Tensor, Tensors};
/// use ps_serialize::{serialize, deserialize};
///
/// let mut model = Tensors::new();
/// model.insert("bias", Tensor::new(Dtype::BF16, [3], vec![0; 6])?);
/// model.metadata_mut().insert("format".to_owned(), "pt".to_owned());
/// let frame = serialize(&model)?;
/// let borrowed: Tensors = deserialize(&frame)?;
/// assert_eq!(borrowed, model);
/// assert_eq!(borrowed.get("bias").map(|bias| bias.shape()), Some(&[3][..]));
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tensors<'a> {
    tensors: BTreeMap<String, Tensor<'a>>,
    metadata: BTreeMap<String, String>,
}

/// A tensor: the type of its elements, its shape, and its elements in C order (the last dimension
/// varies fastest), little-endian.
///
/// ```
/// use ps_serialize::tensors::{Dtype, Tensor};
///
/// let numbers: Vec<u8> = [1.0_f32, 2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
/// let tensor = Tensor::new(Dtype::F32, [2, 1], numbers)?;
/// assert_eq!((tensor.dtype(), tensor.shape(), tensor.data().len()), (Dtype::F32, &[2, 1][..], 8));
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone)]
pub struct Tensor<'a> {
    dtype: Dtype,
    shape: Vec<usize>,
    data: Buffer<'a>,
}

/// The iterator maps by a function pointer, because a type in the interface must have a name.
type Iter<'s, 'a> = iter::Map<
    btree_map::Iter<'s, String, Tensor<'a>>,
    fn((&'s String, &'s Tensor<'a>)) -> (&'s str, &'s Tensor<'a>),
>;

impl<'a> Tensors<'a> {
    /// Makes a map without tensors.
    ///
    /// ```
    /// assert!(ps_serialize::tensors::Tensors::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tensor, and returns the former tensor with this name.
    ///
    /// ```
    /// # use ps_serialize::tensors::{Dtype, Tensor, Tensors};
    /// let mut model = Tensors::new();
    /// assert!(model.insert("step", Tensor::new(Dtype::I8, [], vec![7])?).is_none());
    /// assert!(model.insert("step", Tensor::new(Dtype::I8, [], vec![8])?).is_some());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    pub fn insert(&mut self, name: impl Into<String>, tensor: Tensor<'a>) -> Option<Tensor<'a>> {
        self.tensors.insert(name.into(), tensor)
    }

    /// The tensor with this name.
    ///
    /// ```
    /// assert!(ps_serialize::tensors::Tensors::new().get("bias").is_none());
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tensor<'a>> {
        self.tensors.get(name)
    }

    /// Whether there is a tensor with this name.
    ///
    /// ```
    /// assert!(!ps_serialize::tensors::Tensors::new().contains_key("bias"));
    /// ```
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// Removes the tensor with this name and returns it.
    ///
    /// ```
    /// # use ps_serialize::tensors::{Dtype, Tensor, Tensors};
    /// let step = Tensor::new(Dtype::I8, [], vec![7])?;
    /// let mut model = Tensors::from_iter([("step", step.clone())]);
    /// assert_eq!(model.remove("step"), Some(step));
    /// assert!(model.is_empty());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    pub fn remove(&mut self, name: &str) -> Option<Tensor<'a>> {
        self.tensors.remove(name)
    }

    /// The names of the tensors, sorted as [`str`] is: by bytes.
    ///
    /// ```
    /// # use ps_serialize::tensors::{Dtype, Tensor, Tensors};
    /// let step = Tensor::new(Dtype::I8, [], vec![7])?;
    /// let model = Tensors::from_iter([("b", step.clone()), ("a", step)]);
    /// assert!(model.keys().eq(["a", "b"]));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// All tensors, in the order of their names.
    ///
    /// ```
    /// # use ps_serialize::tensors::{Dtype, Tensor, Tensors};
    /// let mut model = Tensors::new();
    /// model.insert("b", Tensor::new(Dtype::U8, [0], vec![])?);
    /// model.insert("a", Tensor::new(Dtype::U8, [1], vec![1])?);
    /// assert!(model.iter().map(|(name, tensor)| (name, tensor.data().len())).eq([("a", 1), ("b", 0)]));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    pub fn iter(&self) -> Iter<'_, 'a> {
        self.tensors.iter().map(|(name, tensor)| (name, tensor))
    }

    /// The number of tensors.
    ///
    /// ```
    /// assert_eq!(ps_serialize::tensors::Tensors::new().len(), 0);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.tensors.len()
    }

    /// Whether the map has no tensors.
    ///
    /// ```
    /// assert!(ps_serialize::tensors::Tensors::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }

    /// The texts about the tensors.
    ///
    /// ```
    /// assert!(ps_serialize::tensors::Tensors::new().metadata().is_empty());
    /// ```
    #[must_use]
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// The texts about the tensors, to be changed.
    ///
    /// ```
    /// let mut model = ps_serialize::tensors::Tensors::new();
    /// model.metadata_mut().insert("format".to_owned(), "pt".to_owned());
    /// assert_eq!(model.metadata()["format"], "pt");
    /// ```
    pub fn metadata_mut(&mut self) -> &mut BTreeMap<String, String> {
        &mut self.metadata
    }

    /// Copies the tensors that borrow, so that all tensors own their memory.
    ///
    /// ```
    /// # use ps_serialize::tensors::Tensors;
    /// # let frame = ps_serialize::serialize(&Tensors::new())?;
    /// let model: Tensors<'static> = ps_serialize::deserialize::<Tensors>(&frame)?.into_owned();
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn into_owned(self) -> Tensors<'static> {
        let tensors = self.tensors.into_iter();
        Tensors {
            tensors: tensors.map(|(name, tensor)| (name, tensor.into_owned())).collect(),
            metadata: self.metadata,
        }
    }

    /// Reads the tensors, which share the memory of the payload.
    fn read(payload: &Bytes, budget: &Budget<'_>) -> Result<Self> {
        let Described { tensors, texts, data } = Described::read(payload, budget)?;
        let tensors = tensors.tensors().into_iter().map(|(name, info)| {
            let (start, end) = info.data_offsets;
            let data = Buffer::Shared(payload.slice(data + start..data + end));
            (name, Tensor { dtype: info.dtype, shape: info.shape.clone(), data })
        });
        Ok(Self { tensors: tensors.collect(), metadata: texts })
    }
}

impl<'a> Tensor<'a> {
    /// Makes a tensor that owns its memory.
    ///
    /// ```
    /// use ps_serialize::tensors::{Dtype, Tensor};
    ///
    /// assert!(Tensor::new(Dtype::F16, [2, 3], vec![0; 12]).is_ok());
    /// assert!(Tensor::new(Dtype::F16, [2, 3], vec![0; 13]).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// If the data has another length than type and shape say.
    pub fn new(dtype: Dtype, shape: impl Into<Vec<usize>>, data: impl Into<Bytes>) -> Result<Self> {
        Self { dtype, shape: shape.into(), data: Buffer::Shared(data.into()) }.checked()
    }

    /// Makes a tensor that borrows its elements.
    ///
    /// ```
    /// use ps_serialize::tensors::{Dtype, Tensor};
    ///
    /// let pixels = [0; 12];
    /// let image = Tensor::borrowed(Dtype::U8, [2, 2, 3], &pixels)?;
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the data has another length than type and shape say.
    pub fn borrowed(dtype: Dtype, shape: impl Into<Vec<usize>>, data: &'a [u8]) -> Result<Self> {
        Self { dtype, shape: shape.into(), data: Buffer::Borrowed(data) }.checked()
    }

    fn checked(self) -> Result<Self> {
        let elements = self.shape.iter().try_fold(1, |product: usize, n| product.checked_mul(*n));
        let bits = elements.and_then(|elements| elements.checked_mul(self.dtype.bitsize()));
        match bits {
            Some(bits) if bits % 8 == 0 && bits / 8 == self.data().len() => Ok(self),
            _ => Err(Error::custom(format!(
                "a tensor of {} in the shape {:?} has another size than {} bytes",
                self.dtype,
                self.shape,
                self.data().len()
            ))),
        }
    }

    /// Makes a tensor of an array. It borrows the elements if they are in C order, and copies them otherwise.
    ///
    /// ```
    /// use ps_serialize::tensors::{Dtype, Tensor};
    ///
    /// let array = ndarray::array![[1.0_f32, 2.0]];
    /// let tensor = Tensor::of_array(&array)?;
    /// assert_eq!((tensor.dtype(), tensor.shape()), (Dtype::F32, &[1, 2][..]));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If safetensors does not have the element type. It has all but `Complex<f64>`.
    #[cfg(feature = "ndarray")]
    pub fn of_array<A, S, D>(array: &'a ArrayBase<S, D>) -> Result<Self>
    where
        A: Element,
        S: Data<Elem = A>,
        D: Dimension,
    {
        let found =
            element_types::find(|row| row.numpy.is_some_and(|name| name[1..] == A::DESCR[1..]));
        let Some(ElementType { dtype, .. }) = found else {
            return Err(Error::custom(format!("safetensors has no type for NumPy's {}", A::DESCR)));
        };
        let data = match array.as_slice() {
            Some(elements) if cfg!(target_endian = "little") => {
                Buffer::Borrowed(bytemuck::cast_slice(elements))
            }
            _ => {
                // A view that repeats its elements can be larger than any memory.
                let size = array.len().saturating_mul(size_of::<A>());
                let mut bytes = memory::try_with_capacity(size).map_err(Error::custom)?;
                for element in array {
                    let element = if cfg!(target_endian = "little") {
                        *element
                    } else {
                        element.with_swapped_bytes()
                    };
                    bytes.extend_from_slice(bytemuck::bytes_of(&element));
                }
                Buffer::Shared(bytes.into())
            }
        };
        Ok(Self { dtype: *dtype, shape: array.shape().to_vec(), data })
    }

    /// The tensor as an array, without a copy. [`as_view`](DynArray::as_view) and [`to_array`](DynArray::to_array) then give its
    /// elements.
    ///
    /// ```
    /// use ps_serialize::tensors::Tensor;
    ///
    /// let array = ndarray::array![[1.0_f32, 2.0]];
    /// let tensor = Tensor::of_array(&array)?;
    /// assert_eq!(tensor.as_array()?.to_array::<f32>()?, array.into_dyn());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If NumPy does not have the element type: `BF16`, and the types of 8 bits and less other than integers and `BOOL`.
    #[cfg(feature = "ndarray")]
    pub fn as_array(&self) -> Result<DynArray<'_>> {
        match element_types::find(|row| row.dtype == self.dtype).and_then(|row| row.numpy) {
            Some(name) => DynArray::new(name, self.shape.clone(), self.data()),
            None => Err(Error::custom(format!("NumPy has no type for {}", self.dtype))),
        }
    }

    /// The type of the elements.
    ///
    /// ```
    /// # use ps_serialize::tensors::{Dtype, Tensor};
    /// assert_eq!(Tensor::new(Dtype::F8_E4M3, [1], vec![0])?.dtype(), Dtype::F8_E4M3);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// The length of each dimension.
    ///
    /// ```
    /// # use ps_serialize::tensors::{Dtype, Tensor};
    /// assert_eq!(Tensor::new(Dtype::U8, [1, 0], vec![])?.shape(), [1, 0]);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The bytes of the elements, one after the other.
    ///
    /// ```
    /// # use ps_serialize::tensors::{Dtype, Tensor};
    /// assert_eq!(Tensor::new(Dtype::U16, [1], vec![1, 0])?.data(), [1, 0]);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn data(&self) -> &[u8] {
        self.data.as_slice()
    }

    fn into_owned(self) -> Tensor<'static> {
        Tensor { dtype: self.dtype, shape: self.shape, data: self.data.into_owned() }
    }
}

/// Collects tensors. If several tensors have the same name, the last one stays.
///
/// ```
/// use ps_serialize::tensors::{Dtype, Tensor, Tensors};
///
/// let layers = (0..3).map(|layer| {
///     let tensor = Tensor::new(Dtype::U8, [1], vec![layer])?;
///     Ok((format!("layer.{layer}"), tensor))
/// });
/// let model = layers.collect::<ps_serialize::Result<Tensors>>()?;
/// assert_eq!(model["layer.2"].data(), [2]);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
impl<'a, K: Into<String>> FromIterator<(K, Tensor<'a>)> for Tensors<'a> {
    fn from_iter<I: IntoIterator<Item = (K, Tensor<'a>)>>(tensors: I) -> Self {
        let mut all = Self::new();
        all.extend(tensors);
        all
    }
}

/// Inserts each tensor, as [`insert`](Tensors::insert) does. The texts about the tensors are not added: see
/// [`metadata_mut`](Tensors::metadata_mut).
///
/// ```
/// # use ps_serialize::tensors::{Dtype, Tensor, Tensors};
/// # let step = Tensor::new(Dtype::I8, [], vec![7])?;
/// # let (mut model, optimizer) = (Tensors::new(), Tensors::from_iter([("step", step)]));
/// model.extend(optimizer.into_iter().map(|(name, tensor)| (format!("optimizer.{name}"), tensor)));
/// assert!(model.contains_key("optimizer.step"));
/// # Ok::<_, ps_serialize::Error>(())
/// ```
impl<'a, K: Into<String>> Extend<(K, Tensor<'a>)> for Tensors<'a> {
    fn extend<I: IntoIterator<Item = (K, Tensor<'a>)>>(&mut self, tensors: I) {
        self.tensors.extend(tensors.into_iter().map(|(name, tensor)| (name.into(), tensor)));
    }
}

/// Indexes by name. As with maps, it panics if there is no such tensor: use [`Tensors::get`] for names that may
/// be missing.
///
/// ```
/// # use ps_serialize::tensors::{Dtype, Tensor, Tensors};
/// let model = Tensors::from_iter([("bias", Tensor::new(Dtype::F32, [2], vec![0; 8])?)]);
/// assert_eq!(model["bias"].shape(), [2]);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
impl<'a> Index<&str> for Tensors<'a> {
    type Output = Tensor<'a>;

    fn index(&self, name: &str) -> &Tensor<'a> {
        self.get(name).unwrap_or_else(|| panic!("no tensor is called {:?}", Text(name)))
    }
}

/// Iterates in the order of the names.
///
/// ```
/// # use ps_serialize::tensors::Tensors;
/// # let model = Tensors::new();
/// for (name, tensor) in &model {
///     println!("{name}: {:?}", tensor.shape());
/// }
/// ```
impl<'s, 'a> IntoIterator for &'s Tensors<'a> {
    type Item = (&'s str, &'s Tensor<'a>);
    type IntoIter = Iter<'s, 'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Iterates in the order of the names. The texts about the tensors are dropped.
///
/// ```
/// # use ps_serialize::tensors::Tensors;
/// # let model = Tensors::new();
/// for (name, tensor) in model {
///     println!("{name}: {:?}", tensor.shape());
/// }
/// ```
impl<'a> IntoIterator for Tensors<'a> {
    type Item = (String, Tensor<'a>);
    type IntoIter = btree_map::IntoIter<String, Tensor<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.tensors.into_iter()
    }
}

/// The first tensors and texts, and how many more there are.
impl fmt::Debug for Tensors<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Named<'s>(&'s BTreeMap<String, Tensor<'s>>);
        struct Texts<'s>(&'s BTreeMap<String, String>);

        impl fmt::Debug for Named<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                debug::map(f, self.0.iter().map(|(name, tensor)| (Text(name), tensor)))
            }
        }

        impl fmt::Debug for Texts<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                debug::map(f, self.0.iter().map(|(key, text)| (Text(key), Text(text))))
            }
        }

        bounded(f, |f| {
            f.debug_struct("Tensors")
                .field("tensors", &Named(&self.tensors))
                .field("metadata", &Texts(&self.metadata))
                .finish()
        })
    }
}

impl PartialEq for Tensor<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.dtype, &self.shape, self.data()) == (other.dtype, &other.shape, other.data())
    }
}

impl Eq for Tensor<'_> {}

/// The data by its size.
impl fmt::Debug for Tensor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tensor of {} ", self.dtype)?;
        debug::list(f, self.shape.iter())?;
        write!(f, ", {} bytes", self.data().len())
    }
}

/// `ST`: the payload is a safetensors file.
impl Serializer for Tensors<'static> {
    type Value = Self;

    const IDENTIFIER: Identifier = Identifier::new(b"ST");
    const NAME: &'static str = "tensors";
    const ALIGNMENT: usize = ALIGNED;

    fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
        value.serialize_payload(out)
    }

    /// The tensors share the payload's memory.
    fn deserialize(payload: Payload<'_, '_>) -> Result<Self> {
        Self::read(&payload.share(..), payload.budget())
    }
}

impl<'a> Deserializable<'a> for Tensors<'static> {
    type Serializer = Self;

    #[inline]
    fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
        Self::deserialize(payload)
    }

    #[cfg(all(feature = "ndarray", feature = "pickle"))]
    fn take_object(object: ObjectReader<'a, '_>) -> Result<Self> {
        object::take(object)
    }
}

impl Serializable for Tensors<'_> {
    type Serializer = Tensors<'static>;

    #[cfg(all(feature = "ndarray", feature = "pickle"))]
    fn put_object<'a>(&'a self, out: &mut Objects<'a>) -> Result<()> {
        object::put(self, out)
    }

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        // The widest elements come first, as in safetensors, so that all of them are aligned.
        let mut tensors: Vec<_> = self.iter().collect();
        tensors.sort_by_key(|(_, tensor)| std::cmp::Reverse(tensor.dtype));
        if let Some((name, _)) = tensors.iter().find(|(name, _)| *name == METADATA) {
            return Err(Error::custom(format!("a tensor can't be called `{name}`")));
        }
        let header = WrittenHeader { tensors: &tensors, metadata: &self.metadata };
        let mut bytes = vec![0; size_of::<u64>()];
        serde_json::to_writer(&mut bytes, &header).map_err(Error::custom)?;
        bytes.resize(bytes.len().next_multiple_of(ALIGNED), b' ');
        let length = bytes.len() - size_of::<u64>();
        bytes[..size_of::<u64>()].copy_from_slice(&(length as u64).to_le_bytes());
        if length > MAX_TENSORS_HEADER {
            return Err(exceeded(
                "size of the header of tensors in bytes",
                MAX_TENSORS_HEADER,
                length,
            ));
        }

        let data: usize = tensors.iter().map(|(_, tensor)| tensor.data().len()).sum();
        out.reserve(bytes.len() + data);
        out.put(&bytes);
        for (_, tensor) in tensors {
            out.borrow(tensor.data());
        }
        Ok(())
    }
}

/// The key of the texts in the header.
const METADATA: &str = "__metadata__";

struct WrittenHeader<'a> {
    tensors: &'a [(&'a str, &'a Tensor<'a>)],
    metadata: &'a BTreeMap<String, String>,
}

impl Serialize for WrittenHeader<'_> {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.metadata.is_empty() {
            map.serialize_entry(METADATA, self.metadata)?;
        }
        let mut start = 0;
        for (name, tensor) in self.tensors {
            let end = start + tensor.data().len();
            let info = TensorInfo {
                dtype: tensor.dtype,
                shape: tensor.shape.clone(),
                data_offsets: (start, end),
            };
            map.serialize_entry(name, &info)?;
            start = end;
        }
        map.end()
    }
}
