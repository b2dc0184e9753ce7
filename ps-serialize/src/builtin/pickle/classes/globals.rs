//! The classes and functions of a pickle, each named once.

use super::super::emit;
use super::super::opcode as op;

/// The classes and functions that are in the memo, in its order. Nothing else is.
#[derive(Default)]
pub(in super::super) struct Globals(Vec<&'static str>);

impl Globals {
    /// Writes one by its module and its name, which are joined by the last dot.
    pub(in super::super) fn write(&mut self, out: &mut Vec<u8>, path: &'static str) {
        if let Some(place) = self.0.iter().position(|known| *known == path) {
            return recall(out, place);
        }
        self.0.push(path);
        define(out, path);
    }

    /// The opcodes that put all of them into a memo.
    pub(in super::super) fn definitions(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for path in &self.0 {
            define(&mut out, path);
            out.push(op::POP);
        }
        out
    }
}

fn define(out: &mut Vec<u8>, path: &str) {
    let (module, name) = path.rsplit_once('.').unwrap_or_default();
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
