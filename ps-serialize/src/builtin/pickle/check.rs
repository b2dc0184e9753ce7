//! What Python checks a class for before it is called, or given arguments.
//!
//! The name of a class does not say what it is derived from. What it is called with does, as far as the types of the
//! standard library pickle their instances: a `datetime` with ten bytes, a `set` with a list. Only classes that are
//! derived from one of these types are called, because calling those runs no more than what makes a value.

use super::class;
use super::node::Made;
use super::object::Parts;
use super::standard;
use super::value::Value;
use crate::error::{Error, Result};

/// The attribute that makes a class a `msgspec.Struct`.
pub(super) const STRUCT_FIELDS: &str = "__struct_fields__";

/// What a class must be derived from, or must not be.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Check {
    /// Places in [`BASES`], a bit each.
    bases: u32,
    /// Whether it must be derived from one of them. Otherwise, it must be derived from none of them.
    is_derived: bool,
    may_be_struct: bool,
}

macro_rules! bases {
    ($($base:ident = $module:literal $name:literal;)*) => {
        enum Place { $($base,)* }

        const BASES: &[(&str, &str)] = &[$(($module, $name),)*];

        mod base {
            $(
                #[allow(non_upper_case_globals)]
                pub(super) const $base: u32 = 1 << super::Place::$base as u32;
            )*
        }
    };
}

bases! {
    Exception = "builtins" "BaseException";
    Enum = "enum" "Enum";
    Type = "builtins" "type";
    Struct = "msgspec" "Struct";
    Date = "datetime" "date";
    Time = "datetime" "time";
    TimeDelta = "datetime" "timedelta";
    Zone = "datetime" "tzinfo";
    Decimal = "decimal" "Decimal";
    Fraction = "fractions" "Fraction";
    Path = "pathlib" "PurePath";
    Ipv4 = "ipaddress" "IPv4Address";
    Ipv6 = "ipaddress" "IPv6Address";
    Ipv4Network = "ipaddress" "IPv4Network";
    Ipv6Network = "ipaddress" "IPv6Network";
    Set = "builtins" "set";
    FrozenSet = "builtins" "frozenset";
    ByteArray = "builtins" "bytearray";
    OrderedDict = "collections" "OrderedDict";
    DefaultDict = "collections" "defaultdict";
    Counter = "collections" "Counter";
    Deque = "collections" "deque";
    Namespace = "types" "SimpleNamespace";
}

impl Check {
    /// The check of a class that is given arguments without a call. An instance of `type` would be a class with a stranger's
    /// methods, and the whole program shares the members of an enum.
    pub(super) const DATA: Self =
        Self { bases: base::Type | base::Enum, is_derived: false, may_be_struct: false };
    pub(super) const ENUM: Self = Self::derived(base::Enum);
    pub(super) const STRUCT: Self = Self::derived(base::Struct);

    const fn derived(bases: u32) -> Self {
        Self { bases, is_derived: true, may_be_struct: false }
    }

    pub(super) fn is_derived(self) -> bool {
        self.is_derived
    }

    /// Whether a `msgspec.Struct` will do too.
    pub(super) fn may_be_struct(self) -> bool {
        self.may_be_struct
    }

    /// The module and the name of each class that it is checked for.
    pub(super) fn bases(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let is_in = move |place: usize| self.bases >> place & 1 == 1;
        BASES.iter().enumerate().filter(move |(place, _)| is_in(*place)).map(|(_, base)| *base)
    }

    /// What a class that is called with these parts must be.
    pub(super) fn of_called(parts: &Parts) -> Result<Self> {
        let Parts { class, arguments, state, items, entries, .. } = parts;
        if class::is_name_of_exception(&class.name) {
            return Ok(Self::derived(base::Exception));
        }
        let (has_items, has_entries) = (!items.is_empty(), !entries.is_empty());
        let bases = match (has_items, has_entries, &arguments[..]) {
            (true, false, []) => base::Deque,
            (true, false, [none, Value::Int(_)]) if is_empty(none) => base::Deque,
            (false, true, []) => base::OrderedDict | base::DefaultDict,
            (false, true, [factory]) if is_factory(factory) => base::DefaultDict,
            (false, false, arguments) => base::Exception | base::Zone | of_arguments(arguments),
            _ => 0,
        };
        let has_content = has_items || has_entries;
        // A state would change the member of an enum everywhere in the program.
        let may_be_enum = state.is_none() && !has_content && arguments.len() == 1;
        let may_be_struct = state.is_none() && !has_content;
        match bases {
            0 => Err(Error::custom(format!(
                "an instance of `{class}` is made by a call of its own (`__reduce__` in Python), which is not written: send its parts"
            ))),
            bases => {
                let bases = if may_be_enum { bases | base::Enum } else { bases };
                Ok(Self { bases, is_derived: true, may_be_struct })
            }
        }
    }
}

/// The types whose instances are pickled as a call with such arguments.
fn of_arguments(arguments: &[Value]) -> u32 {
    // Some versions of Python take a path apart, and others leave it whole.
    let path = if arguments.iter().all(|part| part.as_str().is_some()) { base::Path } else { 0 };
    path | match arguments {
        [] => {
            base::OrderedDict | base::DefaultDict | base::Deque | base::ByteArray | base::Namespace
        }
        [Value::Bytes(bytes)] if bytes.len() == 4 || bytes.len() == 10 => {
            base::Date | base::ByteArray
        }
        [Value::Bytes(bytes)] if bytes.len() == 6 => base::Time | base::ByteArray,
        [Value::Bytes(_)] => base::ByteArray,
        [Value::Bytes(bytes), Value::Object(_)] => match bytes.len() {
            10 => base::Date,
            6 => base::Time,
            _ => 0,
        },
        [Value::Str(text)] => of_text(text),
        [Value::Int(_) | Value::BigInt(_)] => base::Ipv4 | base::Ipv6,
        [Value::List(_) | Value::Numbers(_)] => base::Set | base::FrozenSet,
        [Value::Dict(_)] => base::Counter,
        [factory] if is_factory(factory) => base::DefaultDict,
        [Value::Str(_), Value::Str(encoding)] if encoding == "latin-1" => base::ByteArray,
        [none, Value::Int(_)] if is_empty(none) => base::Deque,
        [Value::Int(_) | Value::BigInt(_), Value::Int(_) | Value::BigInt(_)] => base::Fraction,
        [Value::Int(_), Value::Int(_), Value::Int(_)] => base::TimeDelta,
        _ => 0,
    }
}

/// The types whose instances are pickled as a call with such a text.
fn of_text(text: &str) -> u32 {
    let decimal = if standard::is_decimal(text) { base::Decimal } else { 0 };
    let fraction = if standard::is_fraction(text) { base::Fraction } else { 0 };
    let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
    let ip = if address.contains(':') {
        base::Ipv6 | base::Ipv6Network
    } else if !prefix.is_empty() {
        base::Ipv4 | base::Ipv4Network
    } else {
        0
    };
    decimal | fraction | ip
}

fn is_empty(value: &Value) -> bool {
    matches!(value, Value::List(elements) | Value::Tuple(elements) if elements.is_empty())
}

/// Whether it can make the missing values of a `defaultdict`.
fn is_factory(value: &Value) -> bool {
    match value {
        Value::None => true,
        Value::Object(factory) => factory.parts().made == Made::Named,
        _ => false,
    }
}
