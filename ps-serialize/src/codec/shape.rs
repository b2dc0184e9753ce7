//! The types and variants that were read back once, so that they need no further check.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The shapes that were checked. Where it is full, the others are checked each time.
static CHECKED: [AtomicUsize; 1 << SLOT_BITS] = [const { AtomicUsize::new(0) }; 1 << SLOT_BITS];
const SLOT_BITS: u32 = 13;
/// The number of places where a shape is looked for.
const PLACES: usize = 64;
/// An odd number with its bits well spread, for all sizes of `usize`.
#[allow(clippy::cast_possible_truncation)] // to the lower half of it, which is odd too
pub(super) const SPREAD: usize = 0x9e37_79b9_7f4a_7c15_u64 as usize;

/// A type, or a variant of an enum, inside of an annotated type.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    key: usize,
    pub(super) type_name: &'static str,
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Shape {
    /// The shape of a type inside of an annotated one, or of its variant, for which `variant` is `1 +` the index. Any other
    /// number stands for something else that some values of the type have.
    #[inline]
    pub(super) fn new(root: usize, type_name: &'static str, variant: usize) -> Self {
        let key = type_name.as_ptr().addr().wrapping_add(variant.wrapping_mul(SPREAD)) ^ root;
        Self { key: key.max(1), type_name }
    }

    #[inline]
    fn place(self) -> usize {
        self.key.wrapping_mul(SPREAD) >> (usize::BITS - SLOT_BITS)
    }

    #[inline]
    pub(super) fn is_checked(self) -> bool {
        CHECKED[self.place()].load(Ordering::Relaxed) == self.key || self.is_checked_elsewhere()
    }

    #[cold]
    #[inline(never)]
    fn is_checked_elsewhere(self) -> bool {
        for place in self.places() {
            match place.load(Ordering::Relaxed) {
                0 => return false,
                key if key == self.key => return true,
                _ => {}
            }
        }
        false
    }

    pub(super) fn set_checked(self) {
        for place in self.places() {
            match place.compare_exchange(0, self.key, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return,
                Err(key) if key == self.key => return,
                Err(_) => {}
            }
        }
    }

    fn places(self) -> impl Iterator<Item = &'static AtomicUsize> {
        CHECKED.iter().cycle().skip(self.place()).take(PLACES)
    }
}

/// Whether the type can't hold another type, or hands each value that it holds to the serializer by itself.
/// The compiler knows the answer, as long as only single bytes are compared.
#[inline]
pub(super) fn is_plain(type_name: &str) -> bool {
    let name = type_name.as_bytes();
    let name = if let [b'&', name @ ..] = name { name } else { name };
    match name {
        // Tuples, arrays and slices; and all that is too short for a path.
        [b'(' | b'[', ..] | [_] | [_, _] | [_, _, _] => true,
        [_, second, third, ..] if name.len() <= 5 => *second != b':' && *third != b':',
        _ => {
            begins_with(name, b"alloc::string::S")
                || begins_with(name, b"alloc::vec::Vec<")
                || begins_with(name, b"core::option::Op")
                || begins_with(name, b"alloc::collectio")
                || begins_with(name, b"std::collections")
        }
    }
}

/// Whether reading the type may ask for more than the layout says. An `Option` asks for what it holds.
#[cfg(feature = "bincode")]
#[inline]
pub(super) fn is_named(type_name: &str) -> bool {
    !is_plain(type_name) || begins_with(type_name.as_bytes(), b"core::option::Op")
}

/// Whether the type holds no values of other types.
#[cfg(feature = "bincode")]
#[inline]
pub(super) fn is_scalar(type_name: &str) -> bool {
    type_name.len() <= 5 || begins_with(type_name.as_bytes(), b"alloc::string::S")
}

#[inline]
fn begins_with(name: &[u8], start: &[u8; 16]) -> bool {
    name.first_chunk()
        .is_some_and(|first| u128::from_ne_bytes(*first) == u128::from_ne_bytes(*start))
}

#[cfg(test)]
mod tests {
    use std::any::type_name;

    use super::*;

    #[test]
    fn plain_types_are_those_that_need_no_check() {
        struct Mine;
        for plain in [
            type_name::<bool>(),
            type_name::<u8>(),
            type_name::<i128>(),
            type_name::<usize>(),
            type_name::<str>(),
            type_name::<&str>(),
            type_name::<&usize>(),
            type_name::<&Vec<u8>>(),
            type_name::<String>(),
            type_name::<()>(),
            type_name::<(Mine, Mine)>(),
            type_name::<[Mine; 2]>(),
            type_name::<[Mine]>(),
            type_name::<Vec<Mine>>(),
            type_name::<Option<Mine>>(),
        ] {
            assert!(is_plain(plain), "{plain}");
        }
        for other in [type_name::<Mine>(), type_name::<Box<Mine>>(), "a::B", "ab::C", "&a::B"] {
            assert!(!is_plain(other), "{other}");
        }
    }
}
