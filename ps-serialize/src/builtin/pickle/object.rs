use std::sync::Arc;

use super::access::is_text;
use super::class::{self, Class};
use super::make;
use super::node::{Base, Made};
use super::standard::Standard;
use super::value::Value;
use crate::error::{Error, Result};

/// An instance of a Python class, as data: the name of the class, the arguments that Python makes the instance with, and its
/// state. To read an instance, no class is looked up and no function is called. If it is written again, Python makes the same
/// instance.
///
/// | in Python | [`arguments`](Self::arguments) | [`fields`](Self::fields) |
/// |---|---|---|
/// | an ordinary class, a dataclass, attrs, pydantic, `SimpleNamespace` | none | the attributes |
/// | a dataclass that is `frozen` and has `slots` | none | none: its values are a `list`, the [`state`](Self::state) |
/// | a `NamedTuple`, a `msgspec.Struct` | the values | none |
/// | a member of an enum | its value | none |
/// | an exception | its arguments | the attributes, if it has any |
/// | a class derived from `list` or `dict` | none | the attributes; see [`items`](Self::items) and [`entries`](Self::entries) |
/// | a class derived from `datetime`, `Decimal`, `set` and so on | what Python pickles of it | the attributes, if it has any |
/// | an array of NumPy with Python objects in it | its shape, its type, whether it is in Fortran order | none; see [`items`](Self::items) |
///
/// Members of enums, exceptions and `msgspec.Struct`s are pickled as a call of a name, which could be the name of a function. The
/// reader takes the name for a class if it begins with a capital. The written pickle makes Python check a class before it is called
/// or given arguments:
///
/// | the object | Python goes on if the class is |
/// |---|---|
/// | is not called | neither an enum nor a class of classes |
/// | is called, and has a name that ends in `Error`, `Exception`, `Warning` and so on | an exception |
/// | is called with one argument, and has no state | an enum, or one of the following |
/// | is called in another way | an exception, a time zone, a `msgspec.Struct`, or derived from a type of the standard library that is pickled with such arguments: a `datetime` with ten bytes, a `set` with a list |
///
/// Instances of other classes that are pickled by a call of their own (`__reduce__`) are read, but Python refuses the pickle that is
/// written of them.
///
/// ```
/// use ps_serialize::pickle::{Object, Value};
/// use ps_serialize::{deserialize, serialize};
///
/// // In Python: Particle(mass=0.5), an instance of a class in the module `sim`.
/// let particle = Object::new("sim", "Particle", [("mass", 0.5)])?;
/// let frame = serialize(&Value::from(particle))?;
///
/// let value: Value = deserialize(&frame)?;
/// assert_eq!(value["mass"].as_f64(), Some(0.5));
/// assert_eq!(value.as_object().map(|object| object.class()), Some(("sim", "Particle")));
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Object(Box<Parts>);

#[derive(Clone, PartialEq)]
pub(super) struct Parts {
    pub(super) class: Arc<Class>,
    pub(super) made: Made,
    pub(super) arguments: Vec<Value>,
    pub(super) keywords: Vec<(Value, Value)>,
    pub(super) state: Option<Value>,
    pub(super) items: Vec<Value>,
    pub(super) entries: Vec<(Value, Value)>,
}

impl Object {
    /// The memory of an object beside its parts, in bytes.
    pub(super) const SIZE: usize = size_of::<Parts>();

    /// An instance of a class with these attributes. `name` has the names of the classes around the class, as in
    /// `Outer.Inner`. Python makes the instance without a call of `__init__`, as it makes any instance from a pickle.
    ///
    /// ```
    /// use ps_serialize::pickle::{Object, Value};
    ///
    /// let point = Object::new("shapes", "Point", [("x", 1), ("y", 2)])?;
    /// assert_eq!(point.get("y"), Some(&Value::from(2)));
    /// assert!(Object::new("os", "system", [("command", "true")]).is_err());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a reader would refuse the name, or the name of a field.
    pub fn new<K: Into<String>, V: Into<Value>>(
        module: &str,
        name: &str,
        fields: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self> {
        let fields: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| (Value::Str(name.into()), value.into()))
            .collect();
        let state = (!fields.is_empty()).then_some(Value::Dict(fields));
        let parts = Parts { state, ..Parts::of(checked(module, name)?, Made::New) };
        parts.check_state()?;
        Ok(Self::from_parts(parts))
    }

    /// The member of an enum that has this value.
    ///
    /// ```
    /// use ps_serialize::pickle::{Object, Value};
    ///
    /// let red = Object::member("paint", "Color", "red")?;
    /// assert_eq!(red.arguments(), [Value::from("red")]);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a reader would refuse the name, or would take it for the name of a function, because it does not begin with a capital.
    pub fn member(module: &str, name: &str, value: impl Into<Value>) -> Result<Self> {
        let class = checked(module, name)?;
        if !class::is_name_of_class(name) || class::is_name_of_exception(name) {
            return Err(Error::custom(format!("`{class}` is not the name of an enum")));
        }
        let arguments = vec![value.into()];
        Ok(Self::from_parts(Parts { arguments, ..Parts::of(class, Made::Called) }))
    }

    pub(super) fn from_parts(parts: Parts) -> Self {
        Self(Box::new(parts))
    }

    pub(super) fn into_parts(self) -> Parts {
        *self.0
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.0
    }

    /// The kind of value in Python's standard library that the object is.
    pub(super) fn standard(&self) -> Option<Standard> {
        // A type is not one of its values.
        if self.0.made == Made::Named {
            return None;
        }
        Standard::of(&self.0.class.module, &self.0.class.name)
    }

    /// The text of a value of Python's standard library, if it has one: ISO 8601 for times, digits for a `Decimal`, and so on.
    /// Serde sees this text. If only Python knows the offset of a time's zone, the text ends in the name of the zone, as in
    /// `2026-11-27T12:00:00[Europe/Berlin]`. When clocks are set back, the same time comes twice. The text of the second time
    /// (`fold=1` in Python) has a tag, as in `2026-10-25T02:30:00[Europe/Berlin][_fold=1]`.
    ///
    /// ```
    /// use ps_serialize::pickle::Object;
    ///
    /// let third = Object::from_text("fractions.Fraction", "1/3")?;
    /// assert_eq!(third.text().as_deref(), Some("1/3"));
    /// assert_eq!(Object::new("shapes", "Point", [("x", 1)])?.text(), None);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.standard()?.text(self.parts())
    }

    /// The object that a name stands for.
    pub(super) fn named(class: Arc<Class>) -> Self {
        Self::from_parts(Parts::of(class, Made::Named))
    }

    /// The member of an enum, from the name of the enum and its own after a point.
    pub(super) fn attribute(module: &str, path: &str) -> Self {
        let (name, attribute) = path.rsplit_once('.').unwrap_or_default();
        let class = Class { module: module.into(), name: name.into() };
        let arguments = vec![Value::from(attribute)];
        Self::from_parts(Parts { arguments, ..Parts::of(Arc::new(class), Made::Attribute) })
    }

    /// The module of the class, and its name in that module.
    ///
    /// ```
    /// use ps_serialize::pickle::Object;
    ///
    /// let none: [(String, i32); 0] = [];
    /// assert_eq!(Object::new("sim", "World.Cell", none)?.class(), ("sim", "World.Cell"));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn class(&self) -> (&str, &str) {
        (&self.0.class.module, &self.0.class.name)
    }

    /// The arguments, by position, that Python makes the instance with.
    ///
    /// ```
    /// # use ps_serialize::pickle::{Object, Value};
    /// assert_eq!(Object::member("paint", "Color", 7)?.arguments(), [Value::Int(7)]);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn arguments(&self) -> &[Value] {
        &self.0.arguments
    }

    /// The state that Python gives to the instance, as it is in the pickle. For most instances it is a `dict` of their attributes.
    ///
    /// ```
    /// # use ps_serialize::pickle::{Object, Value};
    /// let point = Object::new("shapes", "Point", [("x", 1)])?;
    /// assert_eq!(point.state(), Some(&[("x", 1)].into_iter().collect()));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn state(&self) -> Option<&Value> {
        self.0.state.as_ref()
    }

    /// The elements of an instance of a class that is derived from `list`, or the elements or rows of a NumPy array of objects.
    ///
    /// ```
    /// # use ps_serialize::pickle::Object;
    /// assert!(Object::new("shapes", "Point", [("x", 1)])?.items().is_empty());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn items(&self) -> &[Value] {
        match (self.0.made, &self.0.arguments[..]) {
            // In protocols 0 and 1.
            (Made::From(Base("list")), [Value::List(items)]) => items,
            _ => &self.0.items,
        }
    }

    /// The entries of an instance of a class that is derived from `dict`.
    ///
    /// ```
    /// # use ps_serialize::pickle::Object;
    /// assert!(Object::new("shapes", "Point", [("x", 1)])?.entries().is_empty());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn entries(&self) -> &[(Value, Value)] {
        match (self.0.made, &self.0.arguments[..]) {
            // In protocols 0 and 1.
            (Made::From(Base("dict")), [Value::Dict(entries)]) => entries,
            (Made::Called, [Value::Dict(entries)])
                if self.standard() == Some(Standard::Counter) =>
            {
                entries
            }
            _ => &self.0.entries,
        }
    }

    /// Whether it is an `OrderedDict` and so on.
    pub(super) fn is_dict(&self) -> bool {
        !self.entries().is_empty()
            || matches!(
                self.standard(),
                Some(Standard::OrderedDict | Standard::DefaultDict | Standard::Counter)
            )
    }

    /// The values in an order, if it is a list, a tuple or an instance whose values have no names.
    pub(super) fn as_list(&self) -> Option<&[Value]> {
        let Parts { made, arguments, state, .. } = self.parts();
        #[cfg(feature = "ndarray")]
        if *made == Made::Filled {
            // An array without dimensions is one element.
            let shape = arguments.first().and_then(Value::as_list);
            return shape.is_some_and(|shape| !shape.is_empty()).then_some(&self.0.items);
        }
        match self.standard() {
            None => {}
            Some(Standard::Deque) => return Some(&self.0.items),
            Some(_) => return None,
        }
        let items = self.items();
        match (state, &arguments[..]) {
            (Some(Value::List(values)), _) => Some(values),
            _ if !items.is_empty() => Some(items),
            (None, [_]) if matches!(made, Made::Called | Made::Attribute | Made::From(_)) => None,
            (None, [_, ..]) => Some(arguments),
            _ => None,
        }
    }

    /// The attributes that have names, from the state or from arguments with keywords.
    ///
    /// ```
    /// # use ps_serialize::pickle::{Object, Value};
    /// let point = Object::new("shapes", "Point", [("x", 1), ("y", 2)])?;
    /// let names: Vec<_> = point.fields().map(|(name, _)| name).collect();
    /// assert_eq!(names, ["x", "y"]);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        let none: &[(Value, Value)] = &[];
        let [first, second] = match &self.0.state {
            None => [&self.0.keywords[..], none],
            Some(Value::Tuple(parts)) => match &parts[..] {
                [first, second] => [entries(first), entries(second)],
                _ => [none, none],
            },
            Some(state) => match state.get("__dict__") {
                Some(fields @ Value::Dict(_)) => {
                    [entries(fields), state.get("__pydantic_extra__").map_or(none, entries)]
                }
                _ => [entries(state), none],
            },
        };
        first.iter().chain(second).filter_map(|(name, value)| Some((name.as_str()?, value)))
    }

    /// The attribute with this name.
    ///
    /// ```
    /// # use ps_serialize::pickle::{Object, Value};
    /// let point = Object::new("shapes", "Point", [("x", 1)])?;
    /// assert_eq!(point.get("x"), Some(&Value::from(1)));
    /// assert_eq!(point.get("z"), None);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields().filter(|(field, _)| *field == name).last().map(|(_, value)| value)
    }
}

impl Parts {
    pub(super) fn of(class: Arc<Class>, made: Made) -> Self {
        Self {
            class,
            made,
            arguments: Vec::new(),
            keywords: Vec::new(),
            state: None,
            items: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// All values that the instance is made of.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        let entries = self.keywords.iter().chain(&self.entries);
        let values = self.arguments.iter().chain(&self.items).chain(&self.state);
        values.chain(entries.flat_map(|(key, value)| [key, value]))
    }

    /// Refuses attributes that would change what Python does with the instance while it reads the pickle.
    pub(super) fn check_state(&self) -> Result<()> {
        let Self { class, arguments, state, .. } = self;
        if (&*class.module, &*class.name) == ("types", "SimpleNamespace") && !arguments.is_empty() {
            return Err(Error::custom(
                "a `types.SimpleNamespace` with arguments, which Python's pickles of it do not have",
            ));
        }
        match state.as_ref().and_then(special) {
            None => Ok(()),
            Some(name) => Err(Error::custom(format!(
                "an instance of `{class}` with an attribute `{name}`, which only its class can have",
            ))),
        }
    }
}

/// The name of an attribute in a state that Python itself uses.
fn special(state: &Value) -> Option<&'static str> {
    let entries = match state {
        Value::Dict(entries) => entries,
        // An `OrderedDict` and so on.
        Value::Object(state) => state.entries(),
        Value::Tuple(parts) => return parts.iter().find_map(special),
        _ => return None,
    };
    entries.iter().find_map(|(key, value)| {
        ["__setstate__", "__class__"]
            .into_iter()
            .find(|name| is_equal(key, name))
            .or_else(|| special(value).filter(|_| is_equal(key, "__dict__")))
    })
}

/// Whether a key is equal to this text in Python. Instances of classes that are derived from `str` can be, and are made
/// of text or of bytes.
fn is_equal(key: &Value, text: &str) -> bool {
    match key {
        Value::Object(key) => key.arguments().iter().any(|argument| is_equal(argument, text)),
        Value::Bytes(key) => *key == *text.as_bytes(),
        key => is_text(key, text),
    }
}

fn entries(value: &Value) -> &[(Value, Value)] {
    match value {
        Value::Dict(entries) => entries,
        _ => &[],
    }
}

fn checked(module: &str, name: &str) -> Result<Arc<Class>> {
    if make::is_special(module, name) || class::is_constant(module, name) {
        return Err(Error::custom(format!(
            "no instance of `{module}.{name}`: a pickle has this name for something else"
        )));
    }
    let is_path = |path: &str| {
        path.split('.').all(|part| {
            !part.is_empty()
                && !part.contains(|c: char| c.is_whitespace() || c.is_control() || "<>".contains(c))
        })
    };
    if !is_path(module) || !is_path(name) {
        return Err(Error::custom(format!(
            "`{module}.{name}` can't be imported in Python, so that it is not the name of a class"
        )));
    }
    if Standard::of(module, name).is_some() {
        return Err(Error::custom(format!(
            "`{module}.{name}` has no fields of its own: use `Object::from_text`"
        )));
    }
    if let Some(why) = class::refusal(module, name) {
        return Err(Error::custom(format!("no instance of `{module}.{name}`: {why}")));
    }
    Ok(Arc::new(Class { module: module.into(), name: name.into() }))
}
