//! What a view must know of the record that it reads. The checks run when a program is compiled.

use std::marker::PhantomData;

use super::Frames;
use crate::serializer::{Deserializable, Serializable, Serializer};

/// How a field is written.
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

/// Checks a variant of a view.
///
/// # Panics
///
/// If the record has no such variant in this place.
pub const fn check_variant(record: &Variant, name: &str) {
    assert!(
        is_named(record.name, name),
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
                "the codec of the record has no names: a view has all fields of the record but those marked `frame`, in their order"
            ),
        }
    }
}

const fn has(record: &Variant, name: &str, mark: Mark) -> bool {
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
                (Mark::None, _) => panic!("the record does not mark this field: remove the mark"),
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

impl<T> TypeOf<T> {
    /// The type of this field.
    #[must_use]
    pub fn field(_: &T) -> Self {
        Self(PhantomData)
    }
}

/// Checks that a field of a view reads the kind of frame that the record writes. Nothing calls the function.
#[inline]
pub fn check_kind<'a, V: Deserializable<'a>, T, R: Serializable>(_: fn(&T) -> &R) {
    const { assert!(is_same_kind::<V::Serializer, R::Serializer>(), "{}", OTHER_KIND) }
}

/// Checks the same for a field of frames.
#[inline]
pub fn check_kinds<'a, V, T, R>(_: fn(&T) -> &R)
where
    V: Frames<Value: Deserializable<'a>>,
    R: Frames<Value: Serializable>,
{
    const {
        assert!(
            is_same_kind::<
                <V::Value as Deserializable<'a>>::Serializer,
                <R::Value as Serializable>::Serializer,
            >(),
            "{}",
            OTHER_KIND
        );
    }
}

const OTHER_KIND: &str = "the field of the record is a frame of another kind than that of the view";

const fn is_same_kind<V: Serializer, R: Serializer>() -> bool {
    is_equal(V::IDENTIFIER.as_bytes(), R::IDENTIFIER.as_bytes())
}
