use std::hint::black_box;

use ps_serialize::{deserialize, deserialize_any, registry, serialize};
use ps_serialize_benches::{Particle, Record, WincodeParticle, bytes};

use super::{Cell, Cells, Kind, Prepared};
use crate::measure::Contender;
use crate::measure::Direction::{Read, Write};
use crate::measure::Family::{Floor, Ours};

mod entries {
    include!(concat!(env!("OUT_DIR"), "/1024.rs"));
}

pub(super) const KIND: Kind = Kind {
    name: "small",
    about: "Fixed costs: a record of 64 bytes beside its bare codec, and a registry of 1,024 serializers and the built-in ones.",
    cells: Cells::Values(&["64-byte record", "registry"]),
    prepare,
};

fn prepare(cell: &Cell) -> Prepared {
    let mut contenders = Vec::new();
    if cell.label == "registry" {
        lookups(&mut contenders);
    } else {
        record::<Particle>("Bincode", "bincode, bare", &mut contenders);
        record::<WincodeParticle>("Wincode", "wincode, bare", &mut contenders);
    }
    Prepared { contenders, bytes: 64, frame: None, written: None }
}

fn record<T: Record>(codec: &str, bare: &str, contenders: &mut Vec<Contender>) {
    let (a, b) = (T::sample(), T::sample());
    let (payload, frame) = (a.encode(), serialize(&a).unwrap());
    assert_eq!(payload.len(), 64);
    contenders.push(Contender::new((Floor, Write), bare, move || black_box(&a).encode()));
    let write = move || serialize(black_box(&b)).unwrap();
    contenders.push(Contender::new((Ours, Write), codec, write));
    let read = move || T::decode(black_box(&payload));
    contenders.push(Contender::new((Floor, Read), bare, read));
    let read = move || deserialize::<T>(black_box(&frame)).unwrap();
    contenders.push(Contender::new((Ours, Read), codec, read));
}

fn lookups(contenders: &mut Vec<Contender>) {
    assert!(registry().iter().len() > 1024);
    let mut order = shuffled().into_iter().cycle();
    let find = move || registry().find(order.next().unwrap()).unwrap();
    contenders.push(Contender::new((Ours, Read), "find, another each time", find));
    let find = || registry().find(black_box(b"US")).unwrap();
    contenders.push(Contender::new((Ours, Read), "find, always the same", find));
    let read = || deserialize_any(black_box(b"US\nhello")).unwrap();
    contenders.push(Contender::new((Ours, Read), "deserialize_any of five-byte text", read));
    let read = || deserialize::<String>(black_box(b"US\nhello")).unwrap();
    contenders.push(Contender::new((Ours, Read), "deserialize of five-byte text", read));
    let read = || deserialize::<&str>(black_box(b"US\nhello")).unwrap().len();
    contenders.push(Contender::new((Ours, Read), "five-byte text, borrowed", read));
}

/// In the order that the data of all runs gives.
fn shuffled() -> Vec<&'static [u8]> {
    let keys = bytes(8 * entries::IDENTIFIERS.len());
    let mut keyed: Vec<_> = keys.chunks(8).zip(entries::IDENTIFIERS).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, identifier)| identifier).collect()
}
