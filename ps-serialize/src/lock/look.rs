//! What the attribute hands over of a type.

use std::any::type_name;
use std::marker::PhantomData;

use rustc_hash::FxHashSet;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::claim::{Claim, Codec};
use super::fold::fold;
use super::shape::{Collection, Field, Fields, Frame, Id, Node, Shape};
use super::trace::Tracer;
use super::walk::{Walked, walk};
use crate::error::Result;

/// The parts of an entry that the lock compares.
pub struct Looked {
    pub(super) codec: Codec,
    pub(super) shape: Shape,
    pub(super) align: usize,
}

/// A serializer of the program. Only the attribute implements this trait.
pub trait Locked: crate::Serializer {
    /// Looks at the type.
    ///
    /// # Errors
    ///
    /// There are none; the expansion needs a `Result`.
    fn look() -> Result<Looked>;
}

/// The kind of a field of a record with frames inside.
#[derive(Clone, Copy)]
pub enum Part {
    /// A field that the codec writes.
    Plain,
    /// A field that is not written.
    Skipped,
    /// A field that is a frame.
    Frame(fn() -> Frame),
    /// A field that is a number of frames.
    Frames(fn() -> (Collection, Frame)),
}

/// The parts of a variant with their names, and whether serde skips it.
type Parts<'p> = (bool, &'p [(&'static str, Part)]);

/// Finds the shape of a type that has serde's traits, for a codec that writes it with this function.
pub type BySerde<T> = fn(fn(&T) -> Result<Vec<u8>>) -> Looked;

/// A probe for serde's traits: its own constant is there only for types that have them.
pub struct Traced<T>(PhantomData<T>);

#[allow(missing_docs)]
impl<T: Serialize + DeserializeOwned> Traced<T> {
    pub const __PS_SERIALIZE_BY_SERDE: Option<BySerde<T>> =
        Some(|encode| Looked::by_position::<T>(Codec::Wincode, encode));
}

/// The constant of the probe for types without serde's traits.
#[allow(missing_docs)]
pub trait Untraced<T> {
    const __PS_SERIALIZE_BY_SERDE: Option<BySerde<T>> = None;
}

impl<T> Untraced<T> for Traced<T> {}

/// The largest number of bytes of a type's values that are compared with its shape.
const MAX_WRITTEN: usize = 64 << 20;

impl Looked {
    fn new(codec: Codec, shape: Shape) -> Self {
        Self { codec, shape, align: 1 }
    }

    /// The parts of the entry of a serializer.
    pub(crate) fn of<S: Locked>() -> Self {
        match S::look() {
            Ok(looked) => looked.aligned(S::ALIGNMENT),
            Err(_) => Self::own::<S::Value>(),
        }
    }

    /// A serializer with a format of its own.
    #[must_use]
    pub fn own<T>() -> Self {
        let reason = "its serializer has a format of its own";
        Self::new(Codec::Own, Shape::unseen(type_name::<T>(), reason))
    }

    /// A codec of the program.
    pub(crate) fn named<T>(codec: &str) -> Self {
        let reason = "its codec has a format of its own";
        Self::new(Codec::Named(codec.to_owned()), Shape::unseen(type_name::<T>(), reason))
    }

    /// A type that wincode's derives write.
    #[cfg(feature = "wincode")]
    pub(crate) fn wincode<T>() -> Self {
        let reason = "it does not have both of serde's traits";
        Self::new(Codec::Wincode, Shape::unseen(type_name::<T>(), reason))
    }

    /// A type that a codec without names writes.
    pub(crate) fn by_position<T: Serialize + DeserializeOwned>(
        codec: Codec,
        encode: fn(&T) -> Result<Vec<u8>>,
    ) -> Self {
        let (shape, written) = traced(&codec, encode);
        let is_astray = |payload: &Vec<u8>| walk(&shape, payload) == Walked::Astray;
        let reason = if !written.is_empty() && written.iter().all(Result::is_err) {
            Some(ALL_REFUSED)
        } else if written.iter().any(Result::is_err) {
            Some("some of its values are refused when they are written")
        } else if written.iter().flatten().any(is_astray) {
            Some(ASTRAY)
        } else {
            None
        };
        Self::new(codec, unless::<T>(reason, shape))
    }

    /// A type that MessagePack writes.
    #[cfg(feature = "messagepack")]
    pub(crate) fn messagepack<T: Serialize + DeserializeOwned>(
        encode: fn(&T) -> Result<Vec<u8>>,
    ) -> Self {
        let (shape, written) = traced(&Codec::MessagePack, encode);
        let is_astray = |payload: &Vec<u8>| super::walk_names::is_astray(&shape, payload);
        // Some values are always refused, such as `Some(None)`.
        let reason = if !written.is_empty() && written.iter().all(Result::is_err) {
            Some(ALL_REFUSED)
        } else if written.iter().flatten().any(is_astray) {
            Some(ASTRAY)
        } else {
            None
        };
        Self::new(Codec::MessagePack, unless::<T>(reason, shape))
    }

    /// A Python class.
    #[cfg(feature = "pickle")]
    pub(crate) fn class<T: Serialize + DeserializeOwned>() -> Self {
        Self::new(Codec::Pickle, trace::<T>(&Codec::Pickle, |_| ()))
    }

    /// The payload's alignment.
    fn aligned(mut self, align: usize) -> Self {
        if !Claim::has_frames(&self.shape) {
            self.align = align;
        }
        self
    }

    /// Adds the fields that are frames to those that the codec writes.
    #[must_use]
    pub fn with_frames(mut self, variants: &[Parts<'_>]) -> Self {
        // A Python class has its frames among the other fields.
        let are_among = self.codec == Codec::Pickle;
        let root = self.shape.nodes[self.shape.root].clone();
        let joined = match (root, variants) {
            (Node::Struct(name, fields), [(_, parts)]) => {
                let Fields { fields, deny_unknown } = fields;
                let joined = self.join(fields, parts, are_among);
                joined.map(|fields| Node::Struct(name, Fields { fields, deny_unknown }))
            }
            (Node::Enum(name, mut found), _) => {
                let written = variants.iter().filter(|(is_skipped, _)| !is_skipped);
                let mut is_whole = found.len() == written.clone().count();
                for (variant, (_, parts)) in found.iter_mut().zip(written) {
                    let node = variant.node.map(|node| self.shape.nodes[node].clone());
                    let fields = match node {
                        Some(Node::Struct(_, fields)) => fields.fields,
                        None if parts.is_empty() => continue,
                        _ => {
                            is_whole = false;
                            break;
                        }
                    };
                    match self.join(fields, parts, are_among) {
                        Some(fields) => {
                            variant.node = Some(self.push(Node::Struct(None, fields.into())));
                        }
                        None => is_whole = false,
                    }
                }
                is_whole.then_some(Node::Enum(name, found))
            }
            _ => None,
        };
        let root = joined.unwrap_or_else(|| self.frames_alone(variants));
        self.shape.root = self.push(root);
        self.shape = fold(&self.shape);
        self
    }

    /// The frames of a type whose other fields can't be seen.
    fn frames_alone(&mut self, variants: &[Parts<'_>]) -> Node {
        const UNSEEN: &str = "the fields beside its frames can't be seen";
        let parts = variants.iter().flat_map(|(_, parts)| *parts);
        let fields = parts.map(|(name, part)| {
            let node = match part {
                Part::Plain | Part::Skipped => {
                    Node::Unseen("unknown".to_owned(), UNSEEN.to_owned())
                }
                Part::Frame(frame) => Node::Frame(frame()),
                Part::Frames(frames) => {
                    let (collection, frame) = frames();
                    Node::Frames(collection, frame)
                }
            };
            Field::plain((*name).to_owned(), self.push(node))
        });
        Node::Struct(None, fields.collect::<Vec<_>>().into())
    }

    fn push(&mut self, node: Node) -> Id {
        self.shape.nodes.push(node);
        self.shape.nodes.len() - 1
    }

    /// The fields in the order of the type. There are none if the codec writes others.
    fn join(
        &mut self,
        fields: Vec<Field>,
        parts: &[(&'static str, Part)],
        are_among: bool,
    ) -> Option<Vec<Field>> {
        let mut fields = fields.into_iter();
        let mut joined = Vec::new();
        for (label, part) in parts {
            let node = match part {
                Part::Skipped => continue,
                Part::Plain => {
                    joined.push(fields.next()?);
                    continue;
                }
                Part::Frame(frame) => Node::Frame(frame()),
                Part::Frames(frames) => {
                    let (collection, frame) = frames();
                    Node::Frames(collection, frame)
                }
            };
            let written = (are_among || matches!(part, Part::Frames(_))).then(|| fields.next());
            let (name, is_optional) = match written {
                Some(written) => {
                    let Field { name, is_optional, .. } = written?;
                    // The tracer saw this field as optional. In a Python class, only an option of frames may be missing.
                    let may_be_missing = match part {
                        Part::Frames(frames) => frames().0 == Collection::Option,
                        _ => false,
                    };
                    (name, is_optional && (!are_among || may_be_missing))
                }
                None => ((*label).to_owned(), false),
            };
            joined.push(Field { is_optional, ..Field::plain(name, self.push(node)) });
        }
        fields.next().is_none().then_some(joined)
    }
}

const ALL_REFUSED: &str = "its values are refused when they are written";
const ASTRAY: &str = "its bytes are not what serde's traits ask for";

fn unless<T>(reason: Option<&str>, shape: Shape) -> Shape {
    reason.map_or(shape, |reason| Shape::unseen(type_name::<T>(), reason))
}

/// The shape of a type, and what the codec makes of the values that were tried: what is read must be what is written.
fn traced<T: Serialize + DeserializeOwned>(
    codec: &Codec,
    encode: fn(&T) -> Result<Vec<u8>>,
) -> (Shape, Vec<Result<Vec<u8>>>) {
    let mut written = Vec::new();
    let mut size = 0;
    let shape = trace::<T>(codec, |value| {
        if size < MAX_WRITTEN {
            let payload = encode(value);
            size += payload.as_ref().map_or(1, |payload| payload.len() + 64);
            written.push(payload);
        }
    });
    (shape, written)
}

fn trace<T: Serialize + DeserializeOwned>(codec: &Codec, mut each: impl FnMut(&T)) -> Shape {
    let mut tracer = Tracer::new(codec);
    let mut written = FxHashSet::default();
    tracer.run::<T>(|value| {
        let variants = crate::codec::variants_of(value);
        written.extend(variants.into_iter().map(|(name, _, variant)| (name, variant)));
        each(value);
    });
    fold(&tracer.shape(&written))
}
