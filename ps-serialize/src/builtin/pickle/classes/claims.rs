//! Which class a Rust type is annotated with.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::cmp::Reverse;
use std::num::{Saturating, Wrapping};
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use rustc_hash::FxHashMap;

use crate::class::Class;
use crate::collect;
use crate::record::Field;
use crate::registry::{Entry, registry};

/// The class that values of a type are instances of when they stand inside of others.
pub(in super::super) fn of<T: ?Sized>() -> Option<&'static Class> {
    claims().get(&typeid::of::<T>()).copied()
}

static CLAIMS: OnceLock<FxHashMap<TypeId, &'static Class>> = OnceLock::new();

/// Whether it is known that no type is annotated with a class.
#[inline]
pub(in super::super) fn are_none() -> bool {
    // A registry that is not complete can leave out the class of the type that is asked for.
    collect::IS_COMPLETE && CLAIMS.get().is_some_and(FxHashMap::is_empty)
}

/// Whether a type is annotated with the class of this name.
pub(in super::super) fn is_claimed(module: &str, name: &str) -> bool {
    !are_none()
        && registry().of_class(&format!("{module}.{name}")).map_or(true, |entry| entry.is_some())
}

fn claims() -> &'static FxHashMap<TypeId, &'static Class> {
    CLAIMS.get_or_init(|| {
        let classes = registry().iter().filter_map(Entry::class);
        let types = |class: &'static Class| {
            let types = (class.functions().types)();
            types.into_iter().map(move |id| (id, class))
        };
        classes.flat_map(types).collect()
    })
}

/// The type, and those that serde writes as what is in them.
pub(super) fn types_of<T: Any>() -> Vec<TypeId> {
    vec![
        TypeId::of::<T>(),
        TypeId::of::<&'static T>(),
        TypeId::of::<&'static &'static T>(),
        TypeId::of::<&'static mut T>(),
        TypeId::of::<Box<T>>(),
        TypeId::of::<&'static Box<T>>(),
        TypeId::of::<Rc<T>>(),
        TypeId::of::<&'static Rc<T>>(),
        TypeId::of::<Arc<T>>(),
        TypeId::of::<&'static Arc<T>>(),
        TypeId::of::<RefCell<T>>(),
        TypeId::of::<Mutex<T>>(),
        TypeId::of::<RwLock<T>>(),
        TypeId::of::<Reverse<T>>(),
        TypeId::of::<Wrapping<T>>(),
        TypeId::of::<Saturating<T>>(),
        TypeId::of::<Field<'static, T>>(),
    ]
}
