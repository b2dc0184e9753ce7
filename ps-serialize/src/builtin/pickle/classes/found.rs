//! What a pickle has where an instance of an annotated class may be.

use super::super::node::{Global, Id, Instance, Node, Pickled};
use crate::class::Class;
use crate::error::{Error, Result};

/// An instance of a class, or a member of an enum by its name.
#[derive(Clone, Copy)]
pub(in super::super) enum Found<'n> {
    Instance(&'n Instance, ClassName<'n>),
    Member(&'n str, ClassName<'n>),
}

/// The name of a class in a pickle.
#[derive(Clone, Copy)]
pub(in super::super) struct ClassName<'n> {
    module: &'n str,
    name: &'n str,
}

/// Finds such a thing.
#[inline]
pub(in super::super) fn found<'n>(pickled: &'n Pickled<'_>, id: Id) -> Option<Found<'n>> {
    match pickled.node(id) {
        Node::Instance(instance) => match pickled.node(instance.class) {
            Node::Global(global) => Some(Found::Instance(instance, ClassName::of(global))),
            _ => None,
        },
        Node::Global(global) => {
            let ClassName { module, name } = ClassName::of(global);
            let (name, member) = name.rsplit_once('.')?;
            Some(Found::Member(member, ClassName { module, name }))
        }
        _ => None,
    }
}

/// The option `python` for a class in a module.
pub(in super::super) fn option((module, name): (&str, &str)) -> String {
    let joint = if name.contains('.') { ':' } else { '.' };
    format!("python = \"{module}{joint}{name}\"")
}

impl<'n> ClassName<'n> {
    fn of(global: &'n Global<'_>) -> Self {
        Self { module: &global.module, name: &global.name }
    }

    fn is(self, class: &Class) -> bool {
        (self.module, self.name) == class.names()
    }

    /// The option `python` for this class.
    pub(in super::super) fn option(self) -> String {
        option((self.module, self.name))
    }

    /// `module.Class`
    pub(in super::super) fn path(self) -> String {
        format!("{}.{}", self.module, self.name)
    }
}

impl Found<'_> {
    pub(in super::super) fn class(&self) -> ClassName<'_> {
        match self {
            Self::Instance(_, class) | Self::Member(_, class) => *class,
        }
    }

    /// Refuses another class than the one that is asked for.
    pub(in super::super) fn check(&self, class: &Class) -> Result<()> {
        if self.class().is(class) { Ok(()) } else { Err(self.other_class(class)) }
    }

    #[cold]
    fn other_class(&self, class: &Class) -> Error {
        let what = match self {
            Self::Instance(..) => "an instance",
            Self::Member(..) => "a member",
        };
        let found = self.class();
        let advice = if found.path() == class.path() {
            format!(
                " in the module `{}`: write `{}` in the annotation",
                class.names().0,
                found.option()
            )
        } else {
            String::new()
        };
        Error::custom(format!(
            "the pickle has {what} of the Python class `{}`, not of `{class}` as asked for{advice}",
            found.path()
        ))
    }
}
