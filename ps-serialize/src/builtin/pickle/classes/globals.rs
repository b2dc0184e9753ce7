//! The classes and functions of a pickle, each named once.

use super::super::emit;
use super::super::opcode as op;

/// The classes and functions that are in the memo, in its order. Nothing else is.
#[derive(Default)]
pub(in super::super) struct Globals(Vec<Names>);

/// A module, and a name in it.
type Names = (&'static str, &'static str);

impl Globals {
    /// Writes one by its module and its name.
    pub(in super::super) fn write(&mut self, out: &mut Vec<u8>, names: Names) {
        if let Some(place) = self.0.iter().position(|known| *known == names) {
            return recall(out, place);
        }
        self.0.push(names);
        define(out, names);
    }

    /// The opcodes that put all of them into a memo.
    pub(in super::super) fn definitions(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for names in &self.0 {
            define(&mut out, *names);
            out.push(op::POP);
        }
        out
    }
}

fn define(out: &mut Vec<u8>, (module, name): Names) {
    emit::global(out, module, name);
    out.push(op::MEMOIZE);
}

fn recall(out: &mut Vec<u8>, place: usize) {
    if let Ok(place) = u8::try_from(place) {
        out.extend_from_slice(&[op::BINGET, place]);
    } else {
        let place = u32::try_from(place).expect("a program has fewer classes");
        out.push(op::LONG_BINGET);
        out.extend_from_slice(&place.to_le_bytes());
    }
}
