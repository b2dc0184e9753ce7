//! What a view must know of the record that it reads. The checks run when a program is compiled.

use std::marker::PhantomData;

use super::{Frames, RecordReader, in_field};
use crate::error::Result;
use crate::serializer::{Deserializable, Serializable, Serializer};

/// The mark of a field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// By the codec.
    None,
    /// The field is a frame.
    Frame,
    /// Each value in the field is a frame. The codec writes their number or their keys.
    Frames,
}

/// A variant of an enum; a struct is one variant.
pub struct Variant {
    /// The name of the variant.
    pub name: &'static str,
    /// The names of the fields, in their order.
    pub fields: &'static [(&'static str, Mark)],
}

/// A type that has views.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a struct or an enum that is annotated with `#[serializer(id = b\"…\")]`",
    label = "a view reads the frames of an annotated struct or enum",
    note = "an alias and an `impl Serializer for …` block have no fields that a view can name"
)]
pub trait Shape {
    /// The type itself.
    type Record: Serializer;
    /// The codec of the fields that are not frames.
    type Codec;
    /// The variants, in their order.
    const VARIANTS: &'static [Variant];
}

/// Whether a field of any variant is marked.
pub(super) const fn has_frames(mut variants: &[Variant]) -> bool {
    while let [variant, others @ ..] = variants {
        let mut fields = variant.fields;
        while let [(_, mark), rest @ ..] = fields {
            if !matches!(mark, Mark::None) {
                return true;
            }
            fields = rest;
        }
        variants = others;
    }
    false
}

/// The variant with this number; one without a name and fields if the record has fewer.
#[must_use]
pub const fn variant(record: &'static [Variant], index: usize) -> &'static Variant {
    if index < record.len() { &record[index] } else { &Variant { name: "", fields: &[] } }
}

/// Checks a variant of a view. One that the record does not have is an error of its own.
///
/// # Panics
///
/// If the record has the variant in another place.
pub const fn check_variant(mut record: &[Variant], in_this_place: &Variant, name: &str) {
    while let [variant, rest @ ..] = record {
        if is_named(variant.name, name) {
            break;
        }
        record = rest;
    }
    assert!(
        record.is_empty() || is_named(in_this_place.name, name),
        "the variants of a view are those of the record, in the same order: only variants at the end may be missing"
    );
}

/// Checks the fields of a variant of a view: without names, a codec reads all fields in their order.
///
/// # Panics
///
/// If the fields of the view are others.
pub const fn check_fields(record: &Variant, view: &[(&str, Mark)], by_name: bool) {
    let mut fields = view;
    while let [(name, mark), rest @ ..] = fields {
        if !has(record, name, *mark) {
            // An error of its own.
            return;
        }
        fields = rest;
    }
    if by_name {
        return;
    }
    let (mut of_record, mut of_view) = (record.fields, view);
    loop {
        while let [(_, Mark::Frame), rest @ ..] = of_record {
            of_record = rest;
        }
        while let [(_, Mark::Frame), rest @ ..] = of_view {
            of_view = rest;
        }
        match (of_record, of_view) {
            ([], _) => return,
            ([(one, _), rest @ ..], [(other, _), rest_of_view @ ..]) if is_named(one, other) => {
                (of_record, of_view) = (rest, rest_of_view);
            }
            _ => panic!(
                "the codec of the record writes no names: a view has every field of the record, in its order, but may leave out fields marked `frame`"
            ),
        }
    }
}

/// Whether the record has this field with this mark.
#[must_use]
pub const fn has(record: &Variant, name: &str, mark: Mark) -> bool {
    let mut fields = record.fields;
    while let [(field, found), rest @ ..] = fields {
        if is_named(field, name) {
            return *found as u8 == mark as u8;
        }
        fields = rest;
    }
    false
}

/// Checks the mark of a field of a view. A field that the record does not have is an error of its own.
///
/// # Panics
///
/// If the mark is another one.
pub const fn check_mark(record: &Variant, name: &str, mark: Mark) {
    let mut fields = record.fields;
    while let [(field, found), rest @ ..] = fields {
        if is_named(field, name) {
            match (found, mark) {
                _ if *found as u8 == mark as u8 => {}
                (Mark::None, _) => panic!(
                    "the record does not mark this field: mark it there, or remove the mark here"
                ),
                (Mark::Frame, _) => {
                    panic!("the record marks this field: write `#[serializer(frame)]` here too")
                }
                (Mark::Frames, _) => {
                    panic!("the record marks this field: write `#[serializer(frames)]` here too")
                }
            }
        }
        fields = rest;
    }
}

/// How many frames of the record stand between a field of a view that is a frame, and the last one before it.
///
/// # Panics
///
/// If the view has its fields in another order, or lacks a field of frames.
#[must_use]
pub const fn frames_between(record: &Variant, before: &[&str], name: &str) -> u64 {
    let mut fields = record.fields;
    let mut is_after = before.is_empty();
    let mut frames = 0;
    while let [(field, mark), rest @ ..] = fields {
        if is_named(field, name) {
            assert!(is_after, "a view has its frames in the order of the record: move this field");
            return frames;
        }
        match mark {
            Mark::Frame if is_after => frames += 1,
            Mark::Frames if is_after => panic!(
                "a field of frames stands before this one in the record: the view must have it too"
            ),
            Mark::None | Mark::Frame | Mark::Frames => {}
        }
        if let [.., before] = before
            && is_named(field, before)
        {
            is_after = true;
        }
        fields = rest;
    }
    frames
}

const fn is_named(name: &str, other: &str) -> bool {
    is_equal(name.as_bytes(), other.as_bytes())
}

const fn is_equal(mut one: &[u8], mut other: &[u8]) -> bool {
    loop {
        match (one, other) {
            ([], []) => return true,
            ([a, rest @ ..], [b, others @ ..]) if *a == *b => (one, other) = (rest, others),
            _ => return false,
        }
    }
}

/// The type of a field, for a comparison.
pub struct TypeOf<T>(PhantomData<T>);

/// The type of a frame in a view, in place of the type `R` of the field of the record.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from a frame of `{R}`",
    label = "no `Deserializable` is implemented for this type",
    note = "a view has the type of the record's field, or one that reads its frames, such as `&str` for `String` and `&[u8]` for `Vec<u8>`",
    note = "a type of another crate may need the feature of `ps-serialize` named after that crate"
)]
pub trait FrameOf<'a, R>: Sized {
    /// Whether the record's field has frames of the same kind.
    const IS_SAME_KIND: bool;

    /// Reads the next frame.
    ///
    /// # Errors
    ///
    /// If it can't be read.
    fn take(frames: &mut RecordReader<'a, '_>) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<'a, V: Deserializable<'a>, R: Serializable> FrameOf<'a, R> for V {
    const IS_SAME_KIND: bool =
        is_equal(V::Serializer::IDENTIFIER.as_bytes(), R::Serializer::IDENTIFIER.as_bytes());

    #[inline]
    fn take(frames: &mut RecordReader<'a, '_>) -> Result<Self> {
        frames.frame()
    }
}

/// A field of the record beside that of a view. If they have other marks, the types are not compared, because a mark is what
/// is wrong.
pub struct OfRecord<const SAME_MARK: bool>;

impl OfRecord<true> {
    /// A field that the codec wrote, for a view that borrows.
    #[must_use]
    pub fn borrowed<T: ?Sized>(field: &T) -> &T {
        field
    }

    /// The type of a field that the codec wrote.
    #[must_use]
    pub fn typed<T>(_: &T) -> TypeOf<T> {
        TypeOf(PhantomData)
    }

    /// Reads a frame after this many that the view leaves out. Its kind is that of the record's field, which nothing looks for.
    ///
    /// # Errors
    ///
    /// If the frame can't be read.
    #[inline]
    pub fn frame<'a, V: FrameOf<'a, R>, T, R>(
        frames: &mut RecordReader<'a, '_>,
        left_out: u64,
        field: &'static str,
        _: fn(&T) -> &R,
    ) -> Result<V> {
        const { assert!(V::IS_SAME_KIND, "{}", OTHER_KIND) }
        frames.pass(left_out)?;
        V::take(frames).map_err(|error| in_field(error, field))
    }

    /// Reads the frames of a field in the same way.
    ///
    /// # Errors
    ///
    /// If there are fewer frames than the keys say, and if one can't be read.
    #[inline]
    pub fn frames<'a, V, T, R>(
        frames: &mut RecordReader<'a, '_>,
        left_out: u64,
        field: &'static str,
        keys: V::Keys,
        _: fn(&T) -> &R,
    ) -> Result<V>
    where
        V: Frames<Value: FrameOf<'a, R::Value>>,
        R: Frames,
    {
        const { assert!(V::Value::IS_SAME_KIND, "{}", OTHER_KIND) }
        frames.pass(left_out)?;
        frames.frames(field, keys, V::Value::take)
    }
}

/// Takes any types. Nothing is called.
#[allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate
)]
impl OfRecord<false> {
    pub fn borrowed<T: ?Sized, V: ?Sized>(_: &T) -> &V {
        not_called()
    }

    pub fn typed<T: ?Sized, V>(_: &T) -> TypeOf<V> {
        not_called()
    }

    pub fn frame<V, T, R>(
        _: &mut RecordReader<'_, '_>,
        _: u64,
        _: &'static str,
        _: fn(&T) -> &R,
    ) -> Result<V> {
        not_called()
    }

    pub fn frames<V: Frames, T, R>(
        _: &mut RecordReader<'_, '_>,
        _: u64,
        _: &'static str,
        _: V::Keys,
        _: fn(&T) -> &R,
    ) -> Result<V> {
        not_called()
    }
}

fn not_called() -> ! {
    unreachable!("a view with another mark than its record does not build")
}

const OTHER_KIND: &str = "the field of the record is a frame of another kind than that of the view";
