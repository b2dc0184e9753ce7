//! The stack machine that a pickle is a program for, without what could run code: a class or function
//! is a name, and calling one that is known makes a node that says so.

use std::borrow::Cow;

use super::literal::{decimal, integer, number, unescaped_bytes, unescaped_text};
use super::make::{FUNCTION, unknown};
use super::node::{Id, Made, Node, Pickled};
use super::opcode as op;
use crate::error::{Error, Result, nothing_left};
use crate::limits::{Budget, exceeded};

/// The classes and functions that a reader knows beside plain data, and its rules.
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

/// The nodes that are there from the start, because most pickles have many of them.
pub(super) const NONE: Id = 0;
pub(super) const FALSE: Id = 1;
pub(super) const TRUE: Id = 2;

/// The newest protocol there is.
const NEWEST: u8 = 5;

pub(super) struct Machine<'p, 'd> {
    payload: &'p [u8],
    rest: &'p [u8],
    /// The protocol that the pickle names. A pickle that names none is of protocol 0 or 1.
    pub(super) protocol: u8,
    pub(super) nodes: Vec<Node<'p>>,
    pub(super) stack: Vec<Id>,
    pub(super) marks: Vec<usize>,
    memo: Vec<Option<Id>>,
    memoized: usize,
    /// The newest node in the memo.
    pub(super) newest_memoized: Id,
    /// The number of bytes that were copied by opcodes that a pickle can repeat.
    copied: usize,
    pub(super) budget: &'d Budget<'d>,
    pub(super) dialect: &'d Dialect,
}

impl<'p, 'd> Machine<'p, 'd> {
    fn new(payload: &'p [u8], dialect: &'d Dialect, budget: &'d Budget<'d>) -> Self {
        // A small pickle takes one allocation for all of its nodes.
        let expected = (payload.len() / 4).min(64);
        let mut nodes = Vec::with_capacity(3 + expected);
        nodes.extend([Node::None, Node::Bool(false), Node::Bool(true)]);
        Self {
            payload,
            rest: payload,
            protocol: 0,
            nodes,
            stack: Vec::with_capacity(expected),
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
                protocol @ 0..=NEWEST => self.protocol = protocol,
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
                    self.unpack_top_below(mark)?;
                    let (below, elements) = self.stack.split_at(mark);
                    list(top_of(below, &self.marks, &mut self.nodes)?)?.extend_from_slice(elements);
                    self.stack.truncate(mark);
                }
            }
            op::SETITEM => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.dict()?.extend([key, value]);
            }
            op::SETITEMS => {
                let mark = self.marks.pop().ok_or_else(nothing_there)?;
                let (below, entries) = self.stack.split_at(mark);
                check_pairs(entries)?;
                dict(top_of(below, &self.marks, &mut self.nodes)?)?.extend_from_slice(entries);
                self.stack.truncate(mark);
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

    pub(super) fn node(&self, id: Id) -> &Node<'p> {
        &self.nodes[id as usize]
    }

    pub(super) fn next_id(&self) -> Result<Id> {
        Id::try_from(self.nodes.len()).map_err(|_| too_many())
    }

    pub(super) fn push(&mut self, node: Node<'p>) -> Result<()> {
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

    pub(super) fn top(&mut self) -> Result<&mut Node<'p>> {
        top_of(&self.stack, &self.marks, &mut self.nodes)
    }

    fn list(&mut self) -> Result<&mut Vec<Id>> {
        self.unpack_top_below(self.stack.len())?;
        list(self.top()?)
    }

    pub(super) fn dict(&mut self) -> Result<&mut Vec<Id>> {
        dict(self.top()?)
    }

    /// Gives the numbers of a list at the top of the stack below this place nodes of their own.
    fn unpack_top_below(&mut self, place: usize) -> Result<()> {
        let bottom = self.marks.last().copied().unwrap_or(0);
        match self.stack[bottom..place].last().copied() {
            Some(top) => self.unpack(top),
            None => Ok(()),
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
        let bottom = self.marks.last().copied().unwrap_or(0);
        let top = *self.stack.get(bottom..).and_then(<[Id]>::last).ok_or_else(nothing_there)?;
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

    /// What Python writes has every such thing once, but for a `bytearray` of the older protocols, which
    /// is made of text by way of `bytes`.
    pub(super) fn count_copies(&mut self, copied: usize) -> Result<()> {
        self.budget.charge(copied)?;
        self.copied += copied;
        let limit = self.payload.len().saturating_mul(3);
        if self.copied > limit {
            let what = "bytes of a pickle that it has copied, which Python's pickles do at most three times";
            return Err(exceeded(what, limit, self.copied));
        }
        Ok(())
    }
}

/// The node at the top of a stack, above the newest mark.
fn top_of<'m, 'p>(
    stack: &[Id],
    marks: &[usize],
    nodes: &'m mut [Node<'p>],
) -> Result<&'m mut Node<'p>> {
    let bottom = marks.last().copied().unwrap_or(0);
    match stack.get(bottom..).and_then(<[Id]>::last) {
        Some(id) => Ok(&mut nodes[*id as usize]),
        None => Err(nothing_there()),
    }
}

fn list<'m>(top: &'m mut Node<'_>) -> Result<&'m mut Vec<Id>> {
    match top {
        Node::List(list) => Ok(list),
        Node::Instance(instance) => Ok(&mut instance.items),
        _ => Err(out_of_place("APPEND", "list")),
    }
}

fn dict<'m>(top: &'m mut Node<'_>) -> Result<&'m mut Vec<Id>> {
    match top {
        Node::Dict(dict) => Ok(dict),
        Node::Instance(instance) => Ok(&mut instance.entries),
        _ => Err(out_of_place("SETITEM", "dict")),
    }
}

#[cold]
fn ends_early() -> Error {
    Error::custom("the payload ends inside of the pickle")
}

#[cold]
pub(super) fn too_many() -> Error {
    Error::custom("the pickle has more than 4,294,967,295 values")
}

#[cold]
fn nothing_there() -> Error {
    Error::custom("not a pickle: an opcode takes a value from the stack where there is none")
}

#[cold]
pub(super) fn out_of_place(opcode: &str, expected: &str) -> Error {
    Error::custom(format!("not a pickle: {opcode} without a {expected}"))
}

fn check_pairs(entries: &[Id]) -> Result<()> {
    if entries.len().is_multiple_of(2) {
        Ok(())
    } else {
        Err(Error::custom("not a pickle: a key of a dictionary has no value"))
    }
}
