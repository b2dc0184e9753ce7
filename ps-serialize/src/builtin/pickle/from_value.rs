//! From values to a pickle.

use std::collections::HashMap;

use super::check::{Check, STRUCT_FIELDS};
use super::class;
use super::emit;
use super::hashable::{Hashed, check};
use super::node::{Base, Made};
use super::numbers::Packed;
use super::object::{Object, Parts};
#[cfg(feature = "ndarray")]
use super::objects::{OBJECT, TEXT_TYPE};
use super::opcode as op;
use super::standard::Standard;
use super::value::Value;
#[cfg(feature = "ndarray")]
use crate::builtin::array::DynArray;
use crate::error::{Error, Result};
use crate::limits::{MAX_DEPTH, too_deep};
use crate::sink::Sink;

/// Bytes of at least this length are borrowed, not copied.
const LONG: usize = 4 << 10;

/// Writes values. Long parts of them are borrowed.
pub(super) struct Output<'o, 'a> {
    out: &'o mut dyn Sink<'a>,
    buffer: Vec<u8>,
    /// The place of each entry of the memo, if there is a memo.
    memo: Option<HashMap<Memo<'a>, u32>>,
}

/// A value that is written once, and then taken from the memo.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Memo<'a> {
    #[cfg(feature = "ndarray")]
    Scalar,
    #[cfg(feature = "ndarray")]
    Type(&'a str),
    Class(&'a str, &'a str),
    /// A class that Python has checked.
    Checked(&'a str, &'a str, Check),
}

impl<'o, 'a> Output<'o, 'a> {
    pub(super) fn new(out: &'o mut dyn Sink<'a>) -> Self {
        let mut buffer = Vec::with_capacity(128);
        emit::begin(&mut buffer);
        Self { out, buffer, memo: Some(HashMap::new()) }
    }

    pub(super) fn end(mut self) {
        emit::end(&mut self.buffer);
        self.out.put(&self.buffer);
    }

    fn borrow(&mut self, bytes: &'a [u8]) {
        if bytes.len() < LONG {
            self.buffer.extend_from_slice(bytes);
        } else {
            self.out.put(&self.buffer);
            self.buffer.clear();
            self.out.borrow(bytes);
        }
    }

    pub(super) fn value(&mut self, value: &'a Value, depth: u32) -> Result<()> {
        let out = &mut self.buffer;
        match value {
            Value::None => emit::none(out),
            Value::Bool(value) => emit::bool(out, *value),
            Value::Int(value) => emit::integer(out, *value),
            Value::BigInt(value) if value.bits() / 8 >= emit::MAX_INTEGER => {
                return Err(Error::custom("an integer of 2 GiB, which no pickle has"));
            }
            Value::BigInt(value) => emit::big_integer(out, value),
            Value::Float(value) => emit::float(out, *value),
            Value::Complex(real, imaginary) => {
                out.extend_from_slice(b"cbuiltins\ncomplex\n");
                emit::float(out, *real);
                emit::float(out, *imaginary);
                out.extend_from_slice(&[op::TUPLE2, op::REDUCE]);
            }
            Value::Str(value) => emit::text(out, value),
            Value::Bytes(value) => {
                emit::bytes_head(out, value.len());
                self.borrow(value);
            }
            Value::ByteArray(value) => {
                out.push(op::BYTEARRAY8);
                out.extend_from_slice(&(value.len() as u64).to_le_bytes());
                self.borrow(value);
            }
            Value::List(elements) => {
                emit::begin_list(out);
                self.values(elements, depth)?;
                emit::end_list(&mut self.buffer);
            }
            Value::Numbers(numbers) => {
                deeper(depth)?;
                emit::begin_list(out);
                match numbers.packed() {
                    Packed::Floats(floats) => {
                        floats.iter().for_each(|float| emit::float(out, *float));
                    }
                    Packed::Integers(integers) => {
                        integers.iter().for_each(|integer| emit::integer(out, *integer));
                    }
                }
                emit::end_list(out);
            }
            Value::Tuple(elements) => self.tuple(elements, depth)?,
            Value::Set(elements) => {
                check(elements.iter(), Hashed::Element, depth)?;
                out.extend_from_slice(&[op::EMPTY_SET, op::MARK]);
                self.values(elements, depth)?;
                self.buffer.push(op::ADDITEMS);
            }
            Value::FrozenSet(elements) => {
                check(elements.iter(), Hashed::Element, depth)?;
                out.push(op::MARK);
                self.values(elements, depth)?;
                self.buffer.push(op::FROZENSET);
            }
            Value::Dict(entries) => {
                emit::begin_dict(out);
                self.entries(entries, depth)?;
                emit::end_dict(&mut self.buffer);
            }
            #[cfg(feature = "ndarray")]
            Value::Array(array) => self.array(array)?,
            #[cfg(feature = "ndarray")]
            Value::Scalar(scalar) => self.scalar(scalar.as_array())?,
            Value::Object(object) => self.object(object, depth)?,
        }
        Ok(())
    }

    fn values(&mut self, values: &'a [Value], depth: u32) -> Result<()> {
        let depth = deeper(depth)?;
        values.iter().try_for_each(|value| self.value(value, depth))
    }

    fn entries(&mut self, entries: &'a [(Value, Value)], depth: u32) -> Result<()> {
        let depth = deeper(depth)?;
        check(entries.iter().map(|(key, _)| key), Hashed::Key, depth)?;
        for (key, value) in entries {
            self.value(key, depth)?;
            self.value(value, depth)?;
        }
        Ok(())
    }

    /// Writes what is in the memo, if it is there.
    fn recall(&mut self, memo: Memo<'a>) -> bool {
        let Some(place) = self.memo.as_ref().and_then(|places| places.get(&memo)) else {
            return false;
        };
        emit::recall(&mut self.buffer, *place);
        true
    }

    /// Puts what was just written into the memo.
    fn memoize(&mut self, memo: Memo<'a>) {
        let Some(places) = &mut self.memo else { return };
        // A memo of this many things is larger than the memory there is.
        let place = u32::try_from(places.len()).unwrap_or(u32::MAX);
        self.buffer.push(op::MEMOIZE);
        places.insert(memo, place);
    }

    fn class(&mut self, module: &'a str, name: &'a str) {
        let class = Memo::Class(module, name);
        if !self.recall(class) {
            emit::stack_global(&mut self.buffer, module, name);
            self.memoize(class);
        }
    }

    /// Writes a class that is about to be called, or given arguments. A stranger may have named it: Python stops here if
    /// it is of another kind. In Python: `operator.getitem({True: cls}, issubclass(cls, bases))`.
    fn checked_class(&mut self, module: &'a str, name: &'a str, check: Check) {
        let checked = Memo::Checked(module, name, check);
        if self.recall(checked) {
            return;
        }
        self.class("_operator", "getitem");
        self.buffer.push(op::EMPTY_DICT);
        emit::bool(&mut self.buffer, check.is_derived());
        self.class(module, name);
        self.buffer.push(op::SETITEM);
        if check.may_be_struct() {
            self.class("_operator", "or_");
        }
        self.class("builtins", "issubclass");
        self.class(module, name);
        self.buffer.push(op::MARK);
        check.bases().for_each(|base| self.class(base.0, base.1));
        self.buffer.extend_from_slice(&[op::TUPLE, op::TUPLE2, op::REDUCE]);
        if check.may_be_struct() {
            self.has_struct_fields(module, name);
            self.buffer.extend_from_slice(&[op::TUPLE2, op::REDUCE]);
        }
        self.buffer.extend_from_slice(&[op::TUPLE2, op::REDUCE]);
        self.memoize(checked);
    }

    /// Writes whether a class is a `msgspec.Struct`, for a Python that may not have that package: in Python,
    /// `isinstance(getattr(cls, "__struct_fields__", None), tuple)`.
    fn has_struct_fields(&mut self, module: &'a str, name: &'a str) {
        self.class("builtins", "isinstance");
        self.class("builtins", "getattr");
        self.class(module, name);
        emit::text(&mut self.buffer, STRUCT_FIELDS);
        self.buffer.extend_from_slice(&[op::NONE, op::TUPLE3, op::REDUCE]);
        self.class("builtins", "tuple");
        self.buffer.extend_from_slice(&[op::TUPLE2, op::REDUCE]);
    }

    fn object(&mut self, object: &'a Object, depth: u32) -> Result<()> {
        let inner = deeper(depth)?;
        let Parts { made, arguments, keywords, state, items, entries, .. } = object.parts();
        let (module, name) = object.class();
        match made {
            Made::Named => self.class(module, name),
            Made::New => {
                if object.standard().is_some() {
                    self.class(module, name);
                } else {
                    self.checked_class(module, name, Check::DATA);
                }
                self.tuple(arguments, depth)?;
                if keywords.is_empty() {
                    self.buffer.push(op::NEWOBJ);
                } else {
                    emit::begin_dict(&mut self.buffer);
                    self.entries(keywords, depth)?;
                    emit::end_dict(&mut self.buffer);
                    self.buffer.push(op::NEWOBJ_EX);
                }
            }
            Made::From(Base(base)) => {
                self.class("copyreg", "_reconstructor");
                self.checked_class(module, name, Check::DATA);
                self.class("builtins", base);
                match &arguments[..] {
                    _ if *base == "tuple" => self.tuple(arguments, depth)?,
                    [value] => self.value(value, inner)?,
                    _ => emit::none(&mut self.buffer),
                }
                self.buffer.extend_from_slice(&[op::TUPLE3, op::REDUCE]);
            }
            Made::Called if !keywords.is_empty() => {
                self.class(REBUILD.0, REBUILD.1);
                self.checked_class(module, name, Check::STRUCT);
                emit::begin_dict(&mut self.buffer);
                self.entries(keywords, depth)?;
                emit::end_dict(&mut self.buffer);
                self.buffer.extend_from_slice(&[op::TUPLE2, op::REDUCE]);
            }
            Made::Called => {
                match object.standard() {
                    Some(Standard::ZoneInfo) => self.class(module, "ZoneInfo._unpickle"),
                    Some(_) => self.class(module, name),
                    None if class::is_called_by_python(module, name) => self.class(module, name),
                    None => {
                        if state.is_some() || !items.is_empty() || !entries.is_empty() {
                            // An enum can be derived from one of the types below too.
                            self.checked_class(module, name, Check::DATA);
                            self.buffer.push(op::POP);
                        }
                        self.checked_class(module, name, Check::of_called(object.parts())?);
                    }
                }
                self.tuple(arguments, depth)?;
                self.buffer.push(op::REDUCE);
            }
            #[cfg(feature = "ndarray")]
            Made::Filled => return self.filled(arguments, items, inner),
            Made::Attribute => {
                self.class("_operator", "getitem");
                self.checked_class(module, name, Check::ENUM);
                self.values(arguments, depth)?;
                self.buffer.extend_from_slice(&[op::TUPLE2, op::REDUCE]);
            }
        }
        if !items.is_empty() {
            self.buffer.push(op::MARK);
            self.values(items, depth)?;
            self.buffer.push(op::APPENDS);
        }
        if !entries.is_empty() {
            self.buffer.push(op::MARK);
            self.entries(entries, depth)?;
            self.buffer.push(op::SETITEMS);
        }
        if let Some(state) = state {
            self.value(state, inner)?;
            self.buffer.push(op::BUILD);
        }
        Ok(())
    }

    fn tuple(&mut self, elements: &'a [Value], depth: u32) -> Result<()> {
        emit::begin_tuple(&mut self.buffer, elements.len());
        self.values(elements, depth)?;
        emit::end_tuple(&mut self.buffer, elements.len());
        Ok(())
    }

    /// Writes an array as NumPy does up to protocol 4, which all versions of NumPy read.
    #[cfg(feature = "ndarray")]
    fn array(&mut self, array: &'a DynArray<'static>) -> Result<()> {
        if array.kind().is_some_and(|kind| kind.swapped) {
            return self.swapped(array);
        }
        self.empty_array();
        let out = &mut self.buffer;
        emit::integer(out, 1);
        emit::begin_tuple(out, array.shape().len());
        for length in array.shape() {
            emit::big_integer(out, &(*length).into());
        }
        emit::end_tuple(out, array.shape().len());
        emit::dtype(out, array.descr())?;
        emit::bool(out, array.is_fortran_order());
        emit::bytes_head(out, array.data().len());
        self.borrow(array.data());
        self.buffer.extend_from_slice(&[op::TUPLE, op::BUILD]);
        Ok(())
    }

    /// Writes an array in the byte order that this machine does not have: `numpy.ndarray(shape, dtype, memory, 0, None, order)`.
    /// Otherwise NumPy makes an array in the order of the machine.
    #[cfg(feature = "ndarray")]
    fn swapped(&mut self, array: &'a DynArray<'static>) -> Result<()> {
        let out = &mut self.buffer;
        emit::global(out, "numpy", "ndarray");
        out.push(op::MARK);
        emit::begin_tuple(out, array.shape().len());
        for length in array.shape() {
            emit::big_integer(out, &(*length).into());
        }
        emit::end_tuple(out, array.shape().len());
        emit::dtype(out, array.descr())?;
        out.push(op::BYTEARRAY8);
        out.extend_from_slice(&(array.data().len() as u64).to_le_bytes());
        self.borrow(array.data());
        let out = &mut self.buffer;
        emit::integer(out, 0);
        emit::none(out);
        emit::text(out, if array.is_fortran_order() { "F" } else { "C" });
        out.extend_from_slice(&[op::TUPLE, op::REDUCE]);
        Ok(())
    }

    /// Writes an array of objects, or of text of any length, as NumPy does.
    #[cfg(feature = "ndarray")]
    fn filled(&mut self, arguments: &'a [Value], rows: &'a [Value], depth: u32) -> Result<()> {
        let [Value::Tuple(shape), dtype, Value::Bool(fortran_order)] = arguments else {
            return Err(Error::custom("an array of objects without a shape"));
        };
        self.empty_array();
        emit::integer(&mut self.buffer, 1);
        self.tuple(shape, depth)?;
        match dtype {
            Value::Tuple(arguments) => {
                self.class(TEXT_TYPE.0, TEXT_TYPE.1);
                self.tuple(arguments, depth)?;
                self.buffer.push(op::REDUCE);
            }
            _ => emit::named_dtype(&mut self.buffer, OBJECT),
        }
        emit::bool(&mut self.buffer, *fortran_order);
        emit::begin_list(&mut self.buffer);
        self.rows(rows, shape.len().max(1), depth)?;
        emit::end_list(&mut self.buffer);
        self.buffer.extend_from_slice(&[op::TUPLE, op::BUILD]);
        Ok(())
    }

    /// Writes the elements of an array, one after the other.
    #[cfg(feature = "ndarray")]
    fn rows(&mut self, rows: &'a [Value], dimensions: usize, depth: u32) -> Result<()> {
        if dimensions == 1 {
            return rows.iter().try_for_each(|element| self.value(element, depth));
        }
        rows.iter()
            .try_for_each(|row| self.rows(row.as_list().unwrap_or_default(), dimensions - 1, depth))
    }

    /// Writes an array without elements, and the start of the state that fills it.
    #[cfg(feature = "ndarray")]
    fn empty_array(&mut self) {
        let out = &mut self.buffer;
        emit::global(out, "numpy.core.multiarray", "_reconstruct");
        emit::global(out, "numpy", "ndarray");
        emit::integer(out, 0);
        out.push(op::TUPLE1);
        emit::bytes(out, b"b");
        out.extend_from_slice(&[op::TUPLE3, op::REDUCE, op::MARK]);
    }

    /// Writes a scalar as NumPy does, with a name of the function that all versions of NumPy know.
    #[cfg(feature = "ndarray")]
    fn scalar(&mut self, array: &'a DynArray<'static>) -> Result<()> {
        if !self.recall(Memo::Scalar) {
            emit::global(&mut self.buffer, "numpy.core.multiarray", "scalar");
            self.memoize(Memo::Scalar);
        }
        let kind = Memo::Type(array.descr());
        if !self.recall(kind) {
            emit::dtype(&mut self.buffer, array.descr())?;
            self.memoize(kind);
        }
        let out = &mut self.buffer;
        emit::bytes_head(out, array.data().len());
        self.borrow(array.data());
        self.buffer.extend_from_slice(&[op::TUPLE2, op::REDUCE]);
        Ok(())
    }
}

/// The function by which `msgspec` makes a struct whose fields have keywords.
pub(super) const REBUILD: (&str, &str) = ("msgspec._utils", "rebuild");

/// Writes a value as a part of a pickle, whose memo it leaves alone.
pub(super) fn append<'a>(out: &mut dyn Sink<'a>, value: &'a Value) -> Result<()> {
    let mut output = Output { out, buffer: Vec::new(), memo: None };
    output.value(value, MAX_DEPTH)?;
    output.out.put(&output.buffer);
    Ok(())
}

/// The depth that is left inside of a value.
pub(super) fn deeper(depth: u32) -> Result<u32> {
    depth.checked_sub(1).ok_or_else(too_deep)
}
