//! The stack machine that a pickle is a program for, without what could run code: a class or function
//! is a name, and calling one that is known makes a node that says so.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::class;
use super::classes;
use super::from_value::REBUILD;
use super::literal::{decimal, encoded, integer, number, unescaped_bytes, unescaped_text};
use super::node::{Base, Global, Id, Instance, Made, Node, Pickled};
use super::numbers::Packed;
use super::opcode as op;
use super::standard::Standard;
use crate::error::{Error, Result, nothing_left};
use crate::limits::{Budget, exceeded};

/// What a reader knows beside plain data.
pub(crate) struct Dialect {
    /// The classes and functions, by module and name.
    pub(crate) knows: fn(&str, &str) -> bool,
    /// Whether there may be references to what is outside of the pickle.
    pub(crate) persistent: bool,
    /// Whether instances of classes are data, or only plain data is and attributes of dictionaries are left out.
    pub(crate) instances: bool,
    /// Why a class or function that is not known is refused, for its module and name, if it is.
    pub(crate) refusal: fn(&str, &str) -> Option<&'static str>,
}

impl<'p> Pickled<'p> {
    /// The whole payload, from any protocol.
    pub(crate) fn load(payload: &'p [u8], dialect: &Dialect, budget: &Budget<'_>) -> Result<Self> {
        Machine::new(payload, dialect, budget).run()
    }
}

/// These nodes are there from the start: most pickles have many of them.
const NONE: Id = 0;
const FALSE: Id = 1;
const TRUE: Id = 2;

/// The newest protocol there is.
const NEWEST: u8 = 5;

struct Machine<'p, 'd> {
    payload: &'p [u8],
    rest: &'p [u8],
    nodes: Vec<Node<'p>>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: Vec<Option<Id>>,
    memoized: usize,
    /// The newest node in the memo.
    newest_memoized: Id,
    /// How much was copied that a pickle could have copied again and again.
    copied: usize,
    budget: &'d Budget<'d>,
    dialect: &'d Dialect,
}

impl<'p, 'd> Machine<'p, 'd> {
    fn new(payload: &'p [u8], dialect: &'d Dialect, budget: &'d Budget<'d>) -> Self {
        Self {
            payload,
            rest: payload,
            nodes: vec![Node::None, Node::Bool(false), Node::Bool(true)],
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Vec::new(),
            memoized: 0,
            newest_memoized: TRUE,
            copied: 0,
            budget,
            dialect,
        }
    }

    fn run(mut self) -> Result<Pickled<'p>> {
        loop {
            let before = self.payload.len() - self.rest.len();
            let opcode = self.byte()?;
            if opcode == op::STOP {
                break;
            }
            // Most opcodes put something onto the stack, from where it may go into a list.
            self.budget.charge(2 * size_of::<Id>())?;
            self.step(opcode, before)?;
        }
        let root = self.pop()?;
        nothing_left(self.rest.len(), "value")?;
        Ok(Pickled { nodes: self.nodes, root })
    }

    #[allow(clippy::too_many_lines)] // one line, most of them, for an opcode
    fn step(&mut self, opcode: u8, at: usize) -> Result<()> {
        match opcode {
            op::PROTO => match self.byte()? {
                0..=NEWEST => {}
                found => {
                    return Err(Error::custom(format!(
                        "a pickle of protocol {found}: the newest one known is {NEWEST}"
                    )));
                }
            },
            op::FRAME => {
                let length = self.length::<8>()?;
                if length > self.rest.len() {
                    return Err(ends_early());
                }
            }

            op::NONE => self.stack.push(NONE),
            op::NEWFALSE => self.stack.push(FALSE),
            op::NEWTRUE => self.stack.push(TRUE),
            op::BININT => {
                let number = i32::from_le_bytes(self.array()?);
                self.push(Node::Int(number.into()))?;
            }
            op::BININT1 => {
                let number = self.byte()?;
                self.push(Node::Int(number.into()))?;
            }
            op::BININT2 => {
                let number = u16::from_le_bytes(self.array()?);
                self.push(Node::Int(number.into()))?;
            }
            op::LONG1 => {
                let length = self.byte()?;
                let bytes = self.take(length.into())?;
                self.push(integer(bytes))?;
            }
            op::LONG4 => {
                let bytes = self.counted::<4>()?;
                self.push(integer(bytes))?;
            }
            op::INT => match self.line()? {
                b"00" => self.stack.push(FALSE),
                b"01" => self.stack.push(TRUE),
                digits => self.push(decimal(digits)?)?,
            },
            op::LONG => {
                let digits = self.line()?;
                self.push(decimal(digits.strip_suffix(b"L").unwrap_or(digits))?)?;
            }
            op::BINFLOAT => {
                let number = f64::from_be_bytes(self.array()?);
                self.push(Node::Float(number))?;
            }
            op::FLOAT => {
                let number = number(self.ascii_line()?)?;
                self.push(Node::Float(number))?;
            }

            op::SHORT_BINUNICODE => self.text::<1>()?,
            op::BINUNICODE => self.text::<4>()?,
            op::BINUNICODE8 => self.text::<8>()?,
            op::UNICODE => {
                let text = unescaped_text(self.line()?)?;
                if let Cow::Owned(text) = &text {
                    self.budget.charge(text.len())?;
                }
                self.push(Node::Text(text))?;
            }
            op::SHORT_BINSTRING => {
                let bytes = self.counted::<1>()?;
                self.push(Node::OldText(bytes.into()))?;
            }
            op::BINSTRING => {
                let bytes = self.counted::<4>()?;
                self.push(Node::OldText(bytes.into()))?;
            }
            op::STRING => {
                let bytes = unescaped_bytes(self.line()?)?;
                if let Cow::Owned(bytes) = &bytes {
                    self.budget.charge(bytes.len())?;
                }
                self.push(Node::OldText(bytes))?;
            }
            op::SHORT_BINBYTES => {
                let bytes = self.counted::<1>()?;
                self.push(Node::Bytes(bytes.into()))?;
            }
            op::BINBYTES => {
                let bytes = self.counted::<4>()?;
                self.push(Node::Bytes(bytes.into()))?;
            }
            op::BINBYTES8 => {
                let bytes = self.counted::<8>()?;
                self.push(Node::Bytes(bytes.into()))?;
            }
            op::BYTEARRAY8 => {
                let bytes = self.counted::<8>()?;
                self.push(Node::ByteArray(bytes.into()))?;
            }

            op::EMPTY_LIST => self.push(Node::List(Vec::new()))?,
            op::EMPTY_DICT => self.push(Node::Dict(Vec::new()))?,
            op::EMPTY_SET => self.push(Node::Set(Vec::new()))?,
            op::EMPTY_TUPLE => self.push(Node::Tuple(Vec::new()))?,
            op::TUPLE1 => self.tuple_of(1)?,
            op::TUPLE2 => self.tuple_of(2)?,
            op::TUPLE3 => self.tuple_of(3)?,
            op::TUPLE => {
                let elements = self.pop_to_mark()?;
                self.push(Node::Tuple(elements))?;
            }
            op::LIST => {
                let elements = self.pop_to_mark()?;
                self.push(Node::List(elements))?;
            }
            op::FROZENSET => {
                let elements = self.pop_to_mark()?;
                self.push(Node::FrozenSet(elements))?;
            }
            op::DICT => {
                let entries = self.pop_to_mark()?;
                check_pairs(&entries)?;
                self.push(Node::Dict(entries))?;
            }
            op::APPEND => {
                let element = self.pop()?;
                self.stack.push(element);
                let start = self.stack.len() - 1;
                if !self.append_numbers(start) {
                    self.stack.pop();
                    self.list()?.push(element);
                }
            }
            op::APPENDS => {
                let mark = self.marks.pop().ok_or_else(nothing_there)?;
                if !self.append_numbers(mark) {
                    let elements = self.stack.split_off(mark);
                    self.list()?.extend(elements);
                }
            }
            op::SETITEM => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.dict()?.extend([key, value]);
            }
            op::SETITEMS => {
                let entries = self.pop_to_mark()?;
                check_pairs(&entries)?;
                self.dict()?.extend(entries);
            }
            op::ADDITEMS => {
                let elements = self.pop_to_mark()?;
                match self.top()? {
                    Node::Set(set) => set.extend(elements),
                    _ => return Err(out_of_place("ADDITEMS", "set")),
                }
            }

            op::MARK => {
                self.budget.charge(2 * size_of::<usize>())?;
                self.marks.push(self.stack.len());
            }
            op::POP if self.marks.last() == Some(&self.stack.len()) => {
                self.marks.pop();
            }
            op::POP => {
                self.pop()?;
            }
            op::POP_MARK => {
                self.pop_to_mark()?;
            }
            op::DUP => {
                let top = self.pop()?;
                self.stack.extend([top, top]);
            }

            op::MEMOIZE => self.memoize(self.memoized)?,
            op::BINPUT => {
                let index = self.length::<1>()?;
                self.memoize(index)?;
            }
            op::LONG_BINPUT => {
                let index = self.length::<4>()?;
                self.memoize(index)?;
            }
            op::PUT => {
                let index = number(self.ascii_line()?)?;
                self.memoize(index)?;
            }
            op::BINGET => {
                let index = self.length::<1>()?;
                self.recall(index)?;
            }
            op::LONG_BINGET => {
                let index = self.length::<4>()?;
                self.recall(index)?;
            }
            op::GET => {
                let index = number(self.ascii_line()?)?;
                self.recall(index)?;
            }

            op::GLOBAL => {
                let module = self.utf8_line()?;
                let name = self.utf8_line()?;
                self.look_up(module.into(), name.into())?;
            }
            op::STACK_GLOBAL => {
                let (name, module) = (self.pop()?, self.pop()?);
                match (self.node(module), self.node(name)) {
                    (Node::Text(module), Node::Text(name)) => {
                        let (module, name) = (module.clone(), name.clone());
                        self.count_copies(module.len() + name.len())?;
                        self.look_up(module, name)?;
                    }
                    _ => return Err(out_of_place("STACK_GLOBAL", "text")),
                }
            }
            op::REDUCE | op::NEWOBJ => {
                let arguments = self.pop()?;
                let callable = self.pop()?;
                let made = if opcode == op::NEWOBJ { Made::New } else { Made::Called };
                self.call(callable, arguments, made)?;
            }
            op::NEWOBJ_EX if self.dialect.instances => {
                let (keywords, arguments) = (self.pop()?, self.pop()?);
                let class = self.pop()?;
                self.new_with_keywords(class, arguments, keywords)?;
            }
            op::BUILD => {
                let state = self.pop()?;
                self.build(state)?;
            }
            op::PERSID if self.dialect.persistent => {
                let name = self.utf8_line()?;
                self.push(Node::Text(name.into()))?;
                let name = self.pop()?;
                self.push(Node::Persistent(name))?;
            }
            op::BINPERSID if self.dialect.persistent => {
                let name = self.pop()?;
                self.push(Node::Persistent(name))?;
            }

            op::INST => {
                let module = self.utf8_line()?;
                let name = self.utf8_line()?;
                let why = (self.dialect.refusal)(module, name);
                return Err(unknown(module, name, why.unwrap_or(FUNCTION)));
            }
            op::OBJ | op::NEWOBJ_EX => {
                return Err(Error::custom(
                    "the pickle makes an object of a class, which is not plain data",
                ));
            }
            op::EXT1 | op::EXT2 | op::EXT4 => {
                return Err(Error::custom(
                    "the pickle names a class by a number of Python's `copyreg` extension registry, which only the program that wrote it knows",
                ));
            }
            op::PERSID | op::BINPERSID => {
                return Err(Error::custom(
                    "the pickle refers to something outside of it, by a persistent id",
                ));
            }
            op::NEXT_BUFFER | op::READONLY_BUFFER => {
                return Err(Error::custom(
                    "the pickle has buffers outside of it (`buffer_callback` in Python), which a frame has no place for: write it without",
                ));
            }
            _ => {
                return Err(Error::custom(format!(
                    "not a pickle: byte {at} is {opcode:#04x}, which is no opcode"
                )));
            }
        }
        Ok(())
    }

    // What stands in the payload.

    fn take(&mut self, length: usize) -> Result<&'p [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(ends_early)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(ends_early)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    /// A length or index of this many bytes, little-endian.
    fn length<const N: usize>(&mut self) -> Result<usize> {
        let mut bytes = [0; 8];
        bytes[..N].copy_from_slice(&self.array::<N>()?);
        // What no machine can address is longer than any payload.
        Ok(usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(usize::MAX))
    }

    fn counted<const N: usize>(&mut self) -> Result<&'p [u8]> {
        let length = self.length::<N>()?;
        self.take(length)
    }

    fn line(&mut self) -> Result<&'p [u8]> {
        let end = self.rest.iter().position(|byte| *byte == b'\n').ok_or_else(ends_early)?;
        let line = self.take(end)?;
        self.byte()?;
        Ok(line)
    }

    fn utf8_line(&mut self) -> Result<&'p str> {
        std::str::from_utf8(self.line()?).map_err(Error::custom)
    }

    fn ascii_line(&mut self) -> Result<&'p str> {
        Ok(self.utf8_line()?.trim_ascii())
    }

    fn text<const N: usize>(&mut self) -> Result<()> {
        let bytes = self.counted::<N>()?;
        let text = std::str::from_utf8(bytes).map_err(|error| {
            Error::custom(format!("a `str` with a lone surrogate, or no text at all: {error}"))
        })?;
        self.push(Node::Text(text.into()))
    }

    // What stands on the stack.

    fn node(&self, id: Id) -> &Node<'p> {
        &self.nodes[id as usize]
    }

    fn next_id(&self) -> Result<Id> {
        Id::try_from(self.nodes.len()).map_err(|_| too_many())
    }

    fn push(&mut self, node: Node<'p>) -> Result<()> {
        let id = self.next_id()?;
        self.budget.charge(size_of::<Node<'_>>())?;
        self.nodes.push(node);
        self.stack.push(id);
        Ok(())
    }

    fn pop(&mut self) -> Result<Id> {
        let bottom = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= bottom {
            return Err(nothing_there());
        }
        self.stack.pop().ok_or_else(nothing_there)
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Id>> {
        let mark = self.marks.pop().ok_or_else(nothing_there)?;
        Ok(self.stack.split_off(mark))
    }

    fn top(&mut self) -> Result<&mut Node<'p>> {
        let bottom = self.marks.last().copied().unwrap_or(0);
        match self.stack[bottom..].last() {
            Some(id) => Ok(&mut self.nodes[*id as usize]),
            None => Err(nothing_there()),
        }
    }

    /// Appends what is on the stack from there on to a list of numbers, if all of it is numbers of its kind.
    ///
    /// Nothing else may refer to the numbers, because their nodes are taken away: they are the newest nodes and were
    /// never in the memo.
    #[inline]
    fn append_numbers(&mut self, start: usize) -> bool {
        match self.stack.get(start).map(|id| self.node(*id)) {
            Some(Node::Float(_) | Node::Int(_)) if self.dialect.instances => {}
            _ => return false,
        }
        let (below, ids) = self.stack.split_at(start);
        let (first, bottom) = (ids[0], self.marks.last().copied().unwrap_or(0));
        let Some(list) = below.get(bottom..).and_then(<[Id]>::last).copied() else {
            return false;
        };
        let Some(numbers) = self.nodes.get(first as usize..) else { return false };
        let are_newest =
            numbers.len() == ids.len() && ids.iter().zip(first..).all(|(id, place)| *id == place);
        if !are_newest || first <= self.newest_memoized || list >= first {
            return false;
        }
        let kind = std::mem::discriminant(&numbers[0]);
        if !numbers.iter().all(|number| std::mem::discriminant(number) == kind) {
            return false;
        }
        let (older, numbers) = self.nodes.split_at_mut(first as usize);
        let list = &mut older[list as usize];
        if matches!(list, Node::List(ids) if ids.is_empty()) {
            *list = Node::Numbers(match numbers[0] {
                Node::Float(_) => Packed::Floats(Vec::new()),
                _ => Packed::Integers(Vec::new()),
            });
        }
        match (list, &numbers[0]) {
            (Node::Numbers(Packed::Floats(floats)), Node::Float(_)) => {
                floats.extend(numbers.iter().filter_map(|number| match number {
                    Node::Float(float) => Some(*float),
                    _ => None,
                }));
            }
            (Node::Numbers(Packed::Integers(integers)), Node::Int(_)) => {
                integers.extend(numbers.iter().filter_map(|number| match number {
                    Node::Int(integer) => Some(*integer),
                    _ => None,
                }));
            }
            _ => return false,
        }
        self.nodes.truncate(first as usize);
        self.stack.truncate(start);
        true
    }

    /// Gives the numbers of a list nodes of their own.
    fn unpack(&mut self, list: Id) -> Result<()> {
        let Node::Numbers(packed) = &mut self.nodes[list as usize] else { return Ok(()) };
        let packed = std::mem::replace(packed, Packed::Floats(Vec::new()));
        let length = packed.len();
        self.budget.charge(length.saturating_mul(size_of::<Node<'_>>() + size_of::<Id>()))?;
        let mut ids = Vec::with_capacity(length);
        let first = self.next_id()?;
        Id::try_from(self.nodes.len() + length).map_err(|_| too_many())?;
        match packed {
            Packed::Floats(floats) => self.nodes.extend(floats.into_iter().map(Node::Float)),
            Packed::Integers(integers) => self.nodes.extend(integers.into_iter().map(Node::Int)),
        }
        ids.extend((first..).take(length));
        self.nodes[list as usize] = Node::List(ids);
        Ok(())
    }

    fn list(&mut self) -> Result<&mut Vec<Id>> {
        let bottom = self.marks.last().copied().unwrap_or(0);
        if let Some(top) = self.stack[bottom..].last().copied() {
            self.unpack(top)?;
        }
        match self.top()? {
            Node::List(list) => Ok(list),
            Node::Instance(instance) => Ok(&mut instance.items),
            _ => Err(out_of_place("APPEND", "list")),
        }
    }

    fn dict(&mut self) -> Result<&mut Vec<Id>> {
        match self.top()? {
            Node::Dict(dict) => Ok(dict),
            Node::Instance(instance) => Ok(&mut instance.entries),
            _ => Err(out_of_place("SETITEM", "dict")),
        }
    }

    fn tuple_of(&mut self, length: usize) -> Result<()> {
        let bottom = self.marks.last().copied().unwrap_or(0);
        match self.stack.len().checked_sub(length) {
            Some(start) if start >= bottom => {
                let elements = self.stack.split_off(start);
                self.push(Node::Tuple(elements))
            }
            _ => Err(nothing_there()),
        }
    }

    fn memoize(&mut self, index: usize) -> Result<()> {
        let top = self.pop()?;
        self.stack.push(top);
        // There are no more things to remember than opcodes.
        if index >= self.payload.len() {
            return Err(Error::custom(format!("the memo has no place {index}")));
        }
        if index >= self.memo.len() {
            let added = index + 1 - self.memo.len();
            self.budget.charge(added.saturating_mul(size_of::<Option<Id>>()))?;
            self.memo.resize(index + 1, None);
        }
        self.newest_memoized = self.newest_memoized.max(top);
        if self.memo[index].replace(top).is_none() {
            self.memoized += 1;
        }
        Ok(())
    }

    fn recall(&mut self, index: usize) -> Result<()> {
        match self.memo.get(index) {
            Some(Some(id)) => self.stack.push(*id),
            _ => return Err(Error::custom(format!("place {index} of the memo is empty"))),
        }
        Ok(())
    }

    // Classes and functions.

    fn look_up(&mut self, module: Cow<'p, str>, name: Cow<'p, str>) -> Result<()> {
        let (module, name) = class::renamed(module, name);
        let plain = self.builtin(&module, &name).is_some_and(Builtin::is_plain);
        if !plain && !(self.dialect.knows)(&module, &name) {
            let known = self.dialect.instances
                && (Maker::of(&module, &name).is_some()
                    || Standard::of(&module, &name).is_some()
                    || class::is_constant(&module, &name));
            if let Some(why) = (self.dialect.refusal)(&module, &name).filter(|_| !known)
                && !self.is_claimed(&module, &name)
            {
                return Err(unknown(&module, &name, why));
            }
        }
        self.budget.charge(size_of::<Global<'_>>())?;
        let (class, is_attribute) = (OnceCell::new(), name.contains('.'));
        self.push(Node::Global(Box::new(Global { module, name, is_attribute, class })))
    }

    /// Whether instances of a class are read because a type is annotated with it, whatever its name is.
    fn is_claimed(&self, module: &str, name: &str) -> bool {
        self.dialect.instances && classes::is_claimed(module, name)
    }

    fn call(&mut self, callable: Id, arguments: Id, made: Made) -> Result<()> {
        let global = match self.node(callable) {
            Node::Global(global) => global,
            Node::Call { state: Some(state), .. } if made == Made::Called => {
                return self.call_by_keyword(*state, arguments);
            }
            _ => return Err(out_of_place("REDUCE", "class or function")),
        };
        let (module, name) = (&*global.module, &*global.name);
        if let Some(builtin) = self.builtin(module, name) {
            let Node::Tuple(elements) = self.node(arguments) else {
                return Err(out_of_place("REDUCE", "tuple"));
            };
            let elements = elements.get(..2.min(elements.len())).unwrap_or_default();
            let (first, second) = (elements.first().copied(), elements.get(1).copied());
            first.map_or(Ok(()), |first| self.unpack(first))?;
            let made = self.call_builtin(builtin, first, second)?;
            return self.push(made);
        }
        if (self.dialect.knows)(module, name) || !self.dialect.instances {
            return self.push(Node::Call { global: callable, arguments, state: None });
        }
        let maker = Maker::of(module, name);
        let is_ordered_dict = Standard::of(module, name) == Some(Standard::OrderedDict);
        if maker.is_none() {
            let is_class = made == Made::New
                || class::is_name_of_class(name)
                || Standard::of(module, name).is_some();
            let is_class = is_class && !class::is_constant(module, name);
            if !is_class && !self.is_claimed(module, name) {
                return Err(unknown(module, name, FUNCTION));
            }
        }
        let Node::Tuple(elements) = self.node(arguments) else {
            return Err(out_of_place("REDUCE", "tuple"));
        };
        let size = size_of_val(&elements[..]);
        let elements = elements.clone();
        self.count_copies(size)?;
        match maker {
            None if is_ordered_dict && !elements.is_empty() => {
                self.ordered_dict(callable, &elements)
            }
            None => self.instance(callable, made, elements),
            Some(maker) => self.make(maker, &elements),
        }
    }

    /// What `functools.partial` makes that was given a class and keywords as its state.
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
        let (module, name) = (&*global.module, &*global.name);
        if !class::is_name_of_class(name) && !self.is_claimed(module, name) {
            return Err(unknown(module, name, FUNCTION));
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

    /// What one of Python's own functions for instances makes.
    fn make(&mut self, maker: Maker, arguments: &[Id]) -> Result<()> {
        match (maker, arguments) {
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
            // What this library writes before a class is called: Python goes on only if it is one, and of the right kind.
            (Maker::IsSubclass, [class, bases])
                if self.is_class(*class) && self.are_classes(*bases) =>
            {
                self.stack.push(TRUE);
                Ok(())
            }
            (Maker::Item, [dict, TRUE]) => {
                let class = match self.node(*dict) {
                    Node::Dict(entries) => match entries[..] {
                        [TRUE, class] if self.is_class(class) => Some(class),
                        _ => None,
                    },
                    _ => None,
                };
                self.stack.push(class.ok_or_else(|| maker.misused())?);
                Ok(())
            }
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

    fn are_classes(&self, id: Id) -> bool {
        matches!(self.node(id), Node::Tuple(ids) if ids.iter().all(|id| self.is_class(*id)))
    }

    fn is_class(&self, id: Id) -> bool {
        match self.node(id) {
            Node::Global(global) => {
                Maker::of(&global.module, &global.name).is_none()
                    && self.builtin(&global.module, &global.name).is_none()
            }
            _ => false,
        }
    }

    fn new_with_keywords(&mut self, class: Id, arguments: Id, keywords: Id) -> Result<()> {
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
        let (module, name) = (&*global.module, &*global.name);
        let known = self.builtin(module, name).is_some() || (self.dialect.knows)(module, name);
        let refusal = match Standard::of(module, name) {
            None => (self.dialect.refusal)(module, name),
            Some(_) => None,
        };
        if let Some(why) = refusal.or(known.then_some(FUNCTION))
            && !self.is_claimed(module, name)
        {
            return Err(unknown(module, name, why));
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
        let (module, name) = (global.module.clone(), format!("{}.{attribute}", global.name));
        self.count_copies(module.len() + name.len())?;
        self.look_up(module, name.into())?;
        if let Node::Global(global) = self.top()? {
            global.is_attribute = true;
        }
        Ok(())
    }

    fn call_builtin(
        &mut self,
        builtin: Builtin,
        first: Option<Id>,
        second: Option<Id>,
    ) -> Result<Node<'p>> {
        let argument = |id: Option<Id>| id.map(|id| self.node(id));
        // In bytes, before anything is copied.
        let copied = match (builtin, argument(first)) {
            (Builtin::Set | Builtin::FrozenSet, Some(Node::List(ids))) => size_of_val(&ids[..]),
            (Builtin::OrderedDict, Some(Node::List(pairs))) => 2 * size_of_val(&pairs[..]),
            (Builtin::Counter, Some(Node::Dict(entries))) => size_of_val(&entries[..]),
            (Builtin::ByteArray, Some(Node::Bytes(Cow::Owned(bytes)))) => bytes.len(),
            (Builtin::ByteArray | Builtin::Encode, Some(Node::Text(text))) => text.chars().count(),
            _ => 0,
        };
        self.count_copies(copied)?;
        let argument = |id: Option<Id>| id.map(|id| self.node(id));
        let made = match (builtin, argument(first), argument(second)) {
            (Builtin::Set, None, _) => Node::Set(Vec::new()),
            (Builtin::Set, Some(Node::List(elements)), None) => Node::Set(elements.clone()),
            (Builtin::FrozenSet, None, _) => Node::FrozenSet(Vec::new()),
            (Builtin::FrozenSet, Some(Node::List(elements)), None) => {
                Node::FrozenSet(elements.clone())
            }
            (Builtin::Bytes, None, _) => Node::Bytes(Cow::default()),
            (Builtin::ByteArray, None, _) => Node::ByteArray(Cow::default()),
            (Builtin::ByteArray, Some(Node::Bytes(bytes)), None) => Node::ByteArray(bytes.clone()),
            (Builtin::ByteArray, Some(Node::Text(text)), Some(encoding)) => {
                Node::ByteArray(encoded(text, encoding)?.into())
            }
            (Builtin::Encode, Some(Node::Text(text)), Some(encoding)) => {
                Node::Bytes(encoded(text, encoding)?.into())
            }
            (Builtin::Complex, Some(Node::Float(real)), Some(Node::Float(imaginary))) => {
                Node::Complex(*real, *imaginary)
            }
            (Builtin::OrderedDict | Builtin::Counter | Builtin::DefaultDict, None, _)
            // The argument is the function that makes missing values. It is left out.
            | (Builtin::DefaultDict, Some(Node::Global(_) | Node::None), None) => {
                Node::Dict(Vec::new())
            }
            (Builtin::Counter, Some(Node::Dict(entries)), None) => Node::Dict(entries.clone()),
            (Builtin::OrderedDict, Some(Node::List(pairs)), None) => {
                let mut entries = Vec::with_capacity(2 * pairs.len());
                for pair in pairs {
                    match self.node(*pair) {
                        Node::List(pair) | Node::Tuple(pair) if pair.len() == 2 => {
                            entries.extend_from_slice(pair);
                        }
                        _ => return Err(out_of_place("OrderedDict", "list of pairs")),
                    }
                }
                Node::Dict(entries)
            }
            _ => {
                return Err(Error::custom(format!(
                    "a call of {builtin:?} with other arguments than Python's pickles have"
                )));
            }
        };
        Ok(made)
    }

    /// What Python writes has every such thing once, but for a `bytearray` of the older protocols, which
    /// is made of text by way of `bytes`.
    fn count_copies(&mut self, copied: usize) -> Result<()> {
        self.budget.charge(copied)?;
        self.copied += copied;
        let limit = self.payload.len().saturating_mul(3);
        if self.copied > limit {
            let what = "bytes of a pickle that it has copied, which Python's pickles do at most three times";
            return Err(exceeded(what, limit, self.copied));
        }
        Ok(())
    }

    fn build(&mut self, new: Id) -> Result<()> {
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

/// What is said about a name that could be a function's where only a class can stand.
const FUNCTION: &str = "only instances of classes are read, and no function is called";

#[cold]
fn unknown(module: &str, name: &str, why: &str) -> Error {
    let short = |text: &str| text.chars().take(100).collect::<String>();
    Error::custom(format!("the pickle names `{}.{}`: {why}", short(module), short(name)))
}

/// The functions of Python that a pickle makes instances with.
#[derive(Clone, Copy, Debug)]
enum Maker {
    Reconstructor,
    NewObject,
    NewObjectWithKeywords,
    Rebuild,
    Partial,
    Attribute,
    IsSubclass,
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

/// What Python's pickles of plain data call.
#[derive(Clone, Copy, Debug)]
enum Builtin {
    Set,
    FrozenSet,
    Bytes,
    ByteArray,
    Complex,
    Encode,
    OrderedDict,
    Counter,
    DefaultDict,
}

impl Builtin {
    fn of(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("builtins", "set") => Self::Set,
            ("builtins", "frozenset") => Self::FrozenSet,
            ("builtins", "bytes") => Self::Bytes,
            ("builtins", "bytearray") => Self::ByteArray,
            ("builtins", "complex") => Self::Complex,
            ("_codecs", "encode") => Self::Encode,
            ("collections", "OrderedDict") => Self::OrderedDict,
            ("collections", "Counter") => Self::Counter,
            ("collections", "defaultdict") => Self::DefaultDict,
            _ => return None,
        })
    }

    /// Whether every dialect reads it. `Counter` and `defaultdict` become plain dictionaries, so only a
    /// dialect that asks for them reads them.
    fn is_plain(self) -> bool {
        !matches!(self, Self::Counter | Self::DefaultDict)
    }
}

#[cold]
fn ends_early() -> Error {
    Error::custom("the payload ends inside of the pickle")
}

#[cold]
fn too_many() -> Error {
    Error::custom("the pickle has more than 4,294,967,295 values")
}

#[cold]
fn nothing_there() -> Error {
    Error::custom("not a pickle: an opcode takes a value from the stack where there is none")
}

#[cold]
fn out_of_place(opcode: &str, expected: &str) -> Error {
    Error::custom(format!("not a pickle: {opcode} without a {expected}"))
}

fn check_pairs(entries: &[Id]) -> Result<()> {
    if entries.len().is_multiple_of(2) {
        Ok(())
    } else {
        Err(Error::custom("not a pickle: a key of a dictionary has no value"))
    }
}
