//! Which class a Rust type is annotated with.

use std::any::{Any, TypeId, type_name};
use std::cell::RefCell;
use std::cmp::Reverse;
use std::num::{Saturating, Wrapping};
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use rustc_hash::FxHashMap;

use crate::class::Class;
use crate::collect;
use crate::error::{ErrorKind, Result};
use crate::record::Field;
use crate::registry::{Entry, registry};

/// The class that values of a type are instances of when they stand inside of others.
pub(in super::super) fn of<T: ?Sized>() -> Result<Option<&'static Class>> {
    match claims().get(&typeid::of::<T>()) {
        None => Ok(None),
        Some(Claim::One(class, _)) => Ok(Some(class)),
        Some(Claim::Two(first, second)) => {
            let type_name = type_name::<T>();
            Err(ErrorKind::TypeCollision { type_name, first, second }.into())
        }
    }
}

/// The class of a type, and who says so.
enum Claim {
    One(&'static Class, &'static Entry),
    Two(&'static Entry, &'static Entry),
}

type Claims = FxHashMap<TypeId, Claim>;

static CLAIMS: OnceLock<Claims> = OnceLock::new();

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

fn claims() -> &'static Claims {
    CLAIMS.get_or_init(|| {
        let mut claims = Claims::default();
        for entry in registry().with_replaced() {
            let Some(class) = entry.class() else { continue };
            for id in (class.functions().types)() {
                let claim = match claims.get(&id) {
                    None => Claim::One(class, entry),
                    Some(Claim::One(_, first) | Claim::Two(first, _)) => Claim::Two(first, entry),
                };
                claims.insert(id, claim);
            }
        }
        claims
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
