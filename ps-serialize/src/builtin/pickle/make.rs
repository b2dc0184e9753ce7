//! The names of classes and functions, and the instances that pickles make with them. Nothing is called.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::builtin::Builtin;
use super::check::{Check, STRUCT_FIELDS};
use super::class;
use super::classes;
use super::from_value::REBUILD;
use super::node::{Base, Global, Id, Instance, Made, Node};
use super::parse::{FALSE, Machine, NONE, TRUE, out_of_place};
use super::python2;
use super::standard::Standard;
use crate::error::{Error, Result};

impl<'p> Machine<'p, '_> {
    pub(super) fn look_up(&mut self, module: Cow<'p, str>, name: Cow<'p, str>) -> Result<()> {
        let (module, name) =
            if self.protocol < 3 { python2::renamed(module, name) } else { (module, name) };
        let (module, name) = class::renamed(module, name);
        let role = self.role(&module, &name)?;
        self.budget.charge(size_of::<Global<'_>>())?;
        let (class, is_attribute) = (OnceCell::new(), name.contains('.'));
        self.push(Node::Global(Box::new(Global { module, name, role, is_attribute, class })))
    }

    /// The role of a name, if the name may be in a pickle.
    fn role(&self, module: &str, name: &str) -> Result<Role> {
        let is_known = (self.dialect.knows)(module, name);
        if let Some(builtin) = self.builtin(module, name)
            && (is_known || builtin.is_plain())
        {
            return Ok(Role::Builtin(builtin));
        }
        if is_known {
            return Ok(Role::Known);
        }
        if self.dialect.instances {
            if let Some(maker) = Maker::of(module, name) {
                return Ok(Role::Maker(maker));
            }
            if let Some(standard) = Standard::of(module, name) {
                return Ok(Role::Standard(standard));
            }
            if class::is_constant(module, name) {
                return Ok(Role::Constant);
            }
            if (module, name) == ("builtins", "type") {
                return Ok(Role::Type);
            }
            // A type is annotated with it, whatever its name is.
            if classes::is_claimed(module, name) {
                return Ok(Role::Class);
            }
        }
        match (self.dialect.refusal)(module, name) {
            Some(why) => Err(unknown(module, name, why)),
            None if class::is_name_of_class(name) || class::is_zone(module, name) => {
                Ok(Role::Class)
            }
            None => Ok(Role::ClassOrFunction),
        }
    }

    pub(super) fn call(&mut self, callable: Id, arguments: Id, made: Made) -> Result<()> {
        let global = match self.node(callable) {
            Node::Global(global) => global,
            Node::Call { state: Some(state), .. } if made == Made::Called => {
                return self.call_by_keyword(*state, arguments);
            }
            _ => return Err(out_of_place("REDUCE", "class or function")),
        };
        let role = global.role;
        match role {
            Role::Known => {
                return self.push(Node::Call { global: callable, arguments, state: None });
            }
            Role::ClassOrFunction if made == Made::Called => {
                return Err(unknown(&global.module, &global.name, FUNCTION));
            }
            _ => {}
        }
        let Node::Tuple(elements) = self.node(arguments) else {
            return Err(out_of_place("REDUCE", "tuple"));
        };
        if let Role::Builtin(builtin) = role {
            let elements = elements.get(..2.min(elements.len())).unwrap_or_default();
            let (first, second) = (elements.first().copied(), elements.get(1).copied());
            first.map_or(Ok(()), |first| self.unpack(first))?;
            let made = self.call_builtin(builtin, first, second)?;
            return self.push(made);
        }
        let size = size_of_val(&elements[..]);
        let elements = elements.clone();
        self.count_copies(size)?;
        match role {
            Role::Maker(maker) => self.make(maker, &elements),
            Role::Standard(Standard::OrderedDict) if !elements.is_empty() => {
                self.ordered_dict(callable, &elements)
            }
            _ => self.instance(callable, made, elements),
        }
    }

    /// Makes the instance of a `functools.partial` that was given a class and keywords as its state.
    fn call_by_keyword(&mut self, state: Id, arguments: Id) -> Result<()> {
        let parts = |id| match self.node(id) {
            Node::Tuple(parts) => Some(&parts[..]),
            _ => None,
        };
        let (Some(&[class, first, keywords, attributes]), Some([])) =
            (parts(state), parts(arguments))
        else {
            return Err(Maker::Partial.misused());
        };
        let (Some([]), Node::Dict(entries), Node::None, Node::Global(global)) =
            (parts(first), self.node(keywords), self.node(attributes), self.node(class))
        else {
            return Err(Maker::Partial.misused());
        };
        if matches!(global.role, Role::ClassOrFunction) {
            return Err(unknown(&global.module, &global.name, FUNCTION));
        }
        let entries = entries.clone();
        self.count_copies(size_of_val(&entries[..]))?;
        self.instance(class, Made::Called, Vec::new())?;
        self.give_keywords(entries)
    }

    /// What is made at once. Dictionaries of the standard library are so where there are no instances.
    fn builtin(&self, module: &str, name: &str) -> Option<Builtin> {
        let builtin = Builtin::of(module, name)?;
        let is_instance =
            matches!(builtin, Builtin::OrderedDict | Builtin::Counter | Builtin::DefaultDict);
        (!is_instance || !self.dialect.instances).then_some(builtin)
    }

    /// Makes the instance that one of Python's own functions for instances makes.
    fn make(&mut self, maker: Maker, arguments: &[Id]) -> Result<()> {
        match (maker, arguments) {
            (Maker::Reconstructor, [class, _, state]) if self.is_known(*class) => {
                self.push(Node::Call { global: *class, arguments: *state, state: None })
            }
            (Maker::Reconstructor, [class, base, state]) => {
                let base = match self.node(*base) {
                    Node::Global(global) => class::base(&global.module, &global.name),
                    _ => None,
                };
                let base = base.ok_or_else(|| maker.misused())?;
                let arguments = match (base, self.node(*state)) {
                    ("object", Node::None) => Vec::new(),
                    ("tuple", Node::Tuple(elements)) => {
                        let elements = elements.clone();
                        self.count_copies(size_of_val(&elements[..]))?;
                        elements
                    }
                    ("object" | "tuple", _) => return Err(maker.misused()),
                    _ => vec![*state],
                };
                self.instance(*class, Made::From(Base(base)), arguments)
            }
            (Maker::NewObject, [class, arguments @ ..]) if self.is_known(*class) => {
                let (global, tuple) = (*class, self.next_id()?);
                self.push(Node::Tuple(arguments.to_vec()))?;
                self.stack.pop();
                self.push(Node::Call { global, arguments: tuple, state: None })
            }
            (Maker::NewObject, [class, arguments @ ..]) => {
                self.instance(*class, Made::New, arguments.to_vec())
            }
            (Maker::NewObjectWithKeywords, [class, arguments, keywords]) => {
                self.new_with_keywords(*class, *arguments, *keywords)
            }
            (Maker::Rebuild, [class, keywords]) => {
                let Node::Dict(entries) = self.node(*keywords) else { return Err(maker.misused()) };
                let entries = entries.clone();
                self.count_copies(size_of_val(&entries[..]))?;
                self.instance(*class, Made::Called, Vec::new())?;
                self.give_keywords(entries)
            }
            (Maker::Attribute, [of, name]) => self.attribute(*of, *name),
            // Its state says what is called, and with what.
            (Maker::Partial, [global]) => {
                let (global, arguments) = (*global, *global);
                self.push(Node::Call { global, arguments, state: None })
            }
            // What this library writes before a class is called: Python goes on only if it is of the right kind.
            (Maker::IsSubclass, [class, bases]) if self.is_class(*class) => {
                let answer = match self.node(*bases) {
                    Node::Tuple(ids) if ids.iter().all(|id| self.is_base(*id)) => TRUE,
                    Node::Tuple(ids) if self.are_not_data(ids) => FALSE,
                    _ => return Err(maker.misused()),
                };
                self.stack.push(answer);
                Ok(())
            }
            (Maker::Item, [dict, answer @ (TRUE | FALSE)]) => {
                let class = match self.node(*dict) {
                    Node::Dict(entries) => match entries[..] {
                        [key, class] if key == *answer && self.is_class(class) => Some(class),
                        _ => None,
                    },
                    _ => None,
                };
                self.stack.push(class.ok_or_else(|| maker.misused())?);
                Ok(())
            }
            // Whether a class has the fields of a `msgspec.Struct`. What it has is a tuple.
            (Maker::Attribute, [class, name, NONE])
                if self.is_class(*class)
                    && matches!(self.node(*name), Node::Text(name) if name == STRUCT_FIELDS) =>
            {
                self.push(Node::Tuple(Vec::new()))
            }
            (Maker::IsInstance, [fields, class])
                if matches!(self.node(*fields), Node::Tuple(_)) && self.is_base(*class) =>
            {
                self.stack.push(TRUE);
                Ok(())
            }
            (Maker::Either, [TRUE, TRUE]) => {
                self.stack.push(TRUE);
                Ok(())
            }
            // A member of an enum, by its name.
            (Maker::Item, [class, name]) if self.is_class(*class) => self.attribute(*class, *name),
            _ => Err(maker.misused()),
        }
    }

    /// Python 2 has the entries of an `OrderedDict` in a list.
    fn ordered_dict(&mut self, class: Id, arguments: &[Id]) -> Result<()> {
        if let [pairs] = arguments {
            self.unpack(*pairs)?;
        }
        let second = arguments.get(1).copied();
        let made = self.call_builtin(Builtin::OrderedDict, arguments.first().copied(), second)?;
        let Node::Dict(entries) = made else {
            return Err(out_of_place("OrderedDict", "list of pairs"));
        };
        self.instance(class, Made::Called, Vec::new())?;
        self.dict()?.extend(entries);
        Ok(())
    }

    fn are_not_data(&self, ids: &[Id]) -> bool {
        let is_base = |id: Id, base| match self.node(id) {
            Node::Global(global) => (&*global.module, &*global.name) == base,
            _ => false,
        };
        ids.len() == Check::DATA.bases().count()
            && ids.iter().zip(Check::DATA.bases()).all(|(id, base)| is_base(*id, base))
    }

    /// Whether a class can be derived from it.
    fn is_base(&self, id: Id) -> bool {
        matches!(self.node(id), Node::Global(global) if global.role.is_class() || global.role.is_value())
    }

    fn is_known(&self, id: Id) -> bool {
        matches!(self.node(id), Node::Global(global) if matches!(global.role, Role::Known))
    }

    fn is_class(&self, id: Id) -> bool {
        matches!(self.node(id), Node::Global(global) if global.role.is_class())
    }

    pub(super) fn new_with_keywords(
        &mut self,
        class: Id,
        arguments: Id,
        keywords: Id,
    ) -> Result<()> {
        let (Node::Tuple(elements), Node::Dict(entries)) =
            (self.node(arguments), self.node(keywords))
        else {
            return Err(out_of_place("NEWOBJ_EX", "tuple and a dict"));
        };
        let (elements, entries) = (elements.clone(), entries.clone());
        self.count_copies(size_of_val(&elements[..]) + size_of_val(&entries[..]))?;
        self.instance(class, Made::New, elements)?;
        self.give_keywords(entries)
    }

    fn give_keywords(&mut self, entries: Vec<Id>) -> Result<()> {
        if let Node::Instance(instance) = self.top()? {
            instance.keywords = entries;
        }
        Ok(())
    }

    fn instance(&mut self, class: Id, made: Made, arguments: Vec<Id>) -> Result<()> {
        let Node::Global(global) = self.node(class) else {
            return Err(out_of_place("NEWOBJ", "class"));
        };
        if !global.role.is_class() {
            return Err(unknown(&global.module, &global.name, FUNCTION));
        }
        self.budget.charge(size_of::<Instance>())?;
        self.push(Node::Instance(Box::new(Instance {
            class,
            made,
            arguments,
            keywords: Vec::new(),
            state: None,
            items: Vec::new(),
            entries: Vec::new(),
        })))
    }

    /// A class inside of a class, in the older protocols; or the member of an enum.
    fn attribute(&mut self, of: Id, name: Id) -> Result<()> {
        let (Node::Global(global), Node::Text(attribute)) = (self.node(of), self.node(name)) else {
            return Err(Maker::Attribute.misused());
        };
        if attribute.contains('.') {
            return Err(Maker::Attribute.misused());
        }
        let (module, name) = (global.module.clone(), format!("{}.{attribute}", global.name));
        self.count_copies(module.len() + name.len())?;
        self.look_up(module, name.into())?;
        if let Node::Global(global) = self.top()? {
            global.is_attribute = global.name.contains('.');
        }
        Ok(())
    }

    pub(super) fn build(&mut self, new: Id) -> Result<()> {
        let instances = self.dialect.instances;
        match self.top()? {
            Node::Call { state, .. } => *state = Some(new),
            Node::Instance(instance) if instance.state.is_some() => {
                return Err(Error::custom("an instance with two states"));
            }
            Node::Instance(instance) => instance.state = Some(new),
            Node::Dict(_) if !instances => {}
            Node::Dict(_) => {
                return Err(Error::custom(
                    "an `OrderedDict` with attributes of its own, which is not plain data",
                ));
            }
            _ => return Err(out_of_place("BUILD", "object")),
        }
        Ok(())
    }
}

/// The role of a name in a pickle.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role {
    Builtin(Builtin),
    /// A class or function that the dialect knows.
    Known,
    Maker(Maker),
    Standard(Standard),
    Constant,
    /// The class of all classes, which only checks name.
    Type,
    /// A name that is taken for a class in every place.
    Class,
    /// A name that is taken for a class only in places where a function can't stand.
    ClassOrFunction,
}

impl Role {
    fn is_class(self) -> bool {
        matches!(self, Self::Standard(_) | Self::Class | Self::ClassOrFunction)
    }

    /// Whether the name itself is a value: a constant, or a type of the standard library.
    pub(super) fn is_value(self) -> bool {
        match self {
            Self::Constant => true,
            Self::Builtin(builtin) => builtin.is_type(),
            Self::Standard(standard) => standard.is_type(),
            _ => false,
        }
    }

    pub(super) fn standard(self) -> Option<Standard> {
        match self {
            Self::Standard(standard) => Some(standard),
            _ => None,
        }
    }
}

/// Whether a name means something else than a class to a reader of pickles, in any protocol.
pub(super) fn is_special(module: &str, name: &str) -> bool {
    let renamed = class::renamed(module.into(), name.into());
    (&*renamed.0, &*renamed.1) != (module, name)
        || Builtin::of(module, name).is_some()
        || Maker::of(module, name).is_some()
}

/// The error for a name that could be a function's, in a place where only a class can stand.
pub(super) const FUNCTION: &str = "only instances of classes are read, and no function is called";

#[cold]
pub(super) fn unknown(module: &str, name: &str, why: &str) -> Error {
    let short = |text: &str| text.chars().take(100).collect::<String>();
    Error::custom(format!("the pickle names `{}.{}`: {why}", short(module), short(name)))
}

/// The functions of Python that a pickle makes instances with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Maker {
    Reconstructor,
    NewObject,
    NewObjectWithKeywords,
    Rebuild,
    Partial,
    Attribute,
    IsSubclass,
    IsInstance,
    Either,
    Item,
}

impl Maker {
    fn of(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("copyreg", "_reconstructor") => Self::Reconstructor,
            ("copyreg", "__newobj__") => Self::NewObject,
            ("copyreg", "__newobj_ex__") => Self::NewObjectWithKeywords,
            REBUILD => Self::Rebuild,
            ("functools", "partial") => Self::Partial,
            ("builtins", "getattr") => Self::Attribute,
            ("builtins", "issubclass") => Self::IsSubclass,
            ("builtins", "isinstance") => Self::IsInstance,
            ("_operator", "or_") => Self::Either,
            ("_operator", "getitem") => Self::Item,
            _ => return None,
        })
    }

    #[cold]
    fn misused(self) -> Error {
        Error::custom(format!(
            "a call of Python's {self:?} with other arguments than pickles of instances have"
        ))
    }
}
