use std::hint::black_box;
use std::rc::Rc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use ps_serialize::{serialize, set_huge_pages};
use ps_serialize_benches::bytes;

use super::{Cell, Cells, Kind, MIB, Prepared};
use crate::measure::Contender;
use crate::measure::Direction::Write;
use crate::measure::Family::Ours;

pub(super) const KIND: Kind = Kind {
    name: "pauses",
    about: "`serialize` of bytes, with huge pages and without, back to back and after pauses in which a virtual machine may hand \
        free memory back to its host.",
    cells: Cells::Values(&["8 MiB", "100 MiB", "400 MiB", "800 MiB"]),
    prepare,
};

const PAUSE: Duration = Duration::from_secs(4);

fn prepare(cell: &Cell) -> Prepared {
    let quick = cell.bytes <= MIB;
    let size = if quick {
        cell.bytes
    } else {
        let number = cell.label.split(' ').next().expect("a label has a number");
        number.parse::<usize>().expect("a label has a number") * MIB
    };
    let value = Rc::new(bytes(size));
    let mut contenders = Vec::new();
    for (pages, huge) in [("huge pages", true), ("small pages", false)] {
        for (when, pause) in [("back to back", Duration::ZERO), ("after a pause", PAUSE)] {
            let pause = if quick { Duration::ZERO } else { pause };
            let value = Rc::clone(&value);
            let run = move |calls: u32| {
                set_huge_pages(huge);
                let mut time = Duration::ZERO;
                for _ in 0..calls {
                    // What is back to back comes after another of its kind.
                    drop(black_box(serialize(&*value).unwrap()));
                    sleep(pause);
                    let start = Instant::now();
                    drop(black_box(serialize(black_box(&*value)).unwrap()));
                    time += start.elapsed();
                }
                set_huge_pages(true);
                time
            };
            contenders.push(Contender::timed((Ours, Write), format!("{pages}, {when}"), run));
        }
    }
    Prepared { contenders, bytes: size, frame: None, written: None }
}
