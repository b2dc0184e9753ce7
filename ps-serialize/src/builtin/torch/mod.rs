//! PyTorch's checkpoints, read without PyTorch and without running code: identifier `PT`, feature
//! `torch`.

mod archive;
mod known;
mod layout;
mod name;
mod tensor;
mod walk;

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;

use self::archive::Archive;
use self::known::TORCH;
use self::walk::Walk;
use crate::builtin::pickle::{Pickled, Value};
use crate::builtin::tensors::Tensors;
use crate::debug::{self, Text, bounded};
use crate::error::{Error, Result};
use crate::frame::ALIGNED;
use crate::identifier::Identifier;
use crate::limits::Budget;
use crate::payload::Payload;
use crate::serializer::{Serializer, owned};
use crate::sink::Sink;

/// A file of `torch.save`, such as a state dict: the tensors, and the plain values beside them.
///
/// The name of a tensor or a value is the path to it: the keys of dictionaries and the places in lists and tuples, joined by
/// dots, as in `optimizer.state.0.exp_avg`. If the checkpoint is a single tensor or value, its name is `""`. A key that is a
/// number, a bool, `None` or a tuple of them has the name that Python's `str` gives it, as in `scheduler.milestones.3`, `0.5` or
/// `(1, 'a')`. Any other key is refused, and so are two values with the same name.
///
/// `Counter`, `defaultdict` and `OrderedDict` are read as dictionaries, and storages as tensors of one
/// dimension. Other objects of PyTorch are read as their name (`torch.float16`) or their parts (a shape, a
/// device). The attributes of state dicts (`_metadata`) and of tensors are left out, and so is whether a
/// tensor requires a gradient.
///
/// The payload is a zip archive of a pickle and of the tensors' memory. Checkpoints can't be written; write [`Tensors`] instead.
/// Tensors in C order, also with shared storages, share the memory of the payload. Other tensors are copied into C order. With
/// [`deserialize`](crate::deserialize()), the payload is copied once if the frame is a slice, and not at all if it is a [`Bytes`].
///
/// No code is run. A pickle is refused if it names a class or a function that is not one of tensors and plain data; the error has
/// the name. Also refused are quantized and sparse tensors, elements that [`Tensors`] can't have (`complex128`), TorchScript, files
/// of PyTorch before 1.6, and bytes that are in no file of the archive.
///
/// ```no_run
/// use ps_serialize::torch::Checkpoint;
/// use ps_serialize::{deserialize, read_frame};
///
/// // In Python: ps_serialize.checkpoint(model.state_dict())
/// let frame = read_frame(std::fs::File::open("model.frame")?, None)?;
/// let checkpoint: Checkpoint = deserialize(&frame)?;
/// let weight = checkpoint.tensors().get("layer.weight").map(|weight| weight.shape());
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Default, PartialEq)]
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

    /// The tensors by value. They can be written as an `ST` frame.
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

    /// The values that are no tensors, by name.
    ///
    /// ```
    /// assert!(ps_serialize::torch::Checkpoint::default().values().get("epoch").is_none());
    /// ```
    #[must_use]
    pub fn values(&self) -> &BTreeMap<String, Value> {
        &self.values
    }

    fn read(payload: &Bytes, budget: &Budget<'_>) -> Result<Self> {
        let archive = Archive::read(payload)?;
        let pickle = archive.part("data.pkl")?;
        let pickled = Pickled::load(&payload[pickle], &TORCH, budget)?;
        Walk::new(payload, &archive, &pickled, budget).run()
    }
}

/// The first tensors and values, and how many more there are.
impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Values<'s>(&'s BTreeMap<String, Value>);

        impl fmt::Debug for Values<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                debug::map(f, self.0.iter().map(|(name, value)| (Text(name), value)))
            }
        }

        bounded(f, |f| {
            f.debug_struct("Checkpoint")
                .field("tensors", &self.tensors)
                .field("values", &Values(&self.values))
                .finish()
        })
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

    /// The tensors share the payload's memory.
    fn deserialize(payload: Payload<'_, '_>) -> Result<Self> {
        Self::read(&payload.share(..), payload.budget())
    }
}

owned! {
    [] Checkpoint;
}
