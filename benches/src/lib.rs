//! What the benchmarks share: records, and data that is the same in every run.

use bincode::config::legacy;
use ps_serialize::{Deserializable, Serializable, Wincode};
use serde::{Deserialize, Serialize};
use wincode::{SchemaRead, SchemaWrite};

/// A body in motion: 64 bytes in the bincode 1 layout.
#[ps_serialize::serializer(id = b"05")]
#[derive(Serialize, Deserialize)]
pub struct Particle {
    /// Which one.
    pub id: u64,
    /// In kilograms.
    pub mass: f64,
    /// In metres.
    pub position: [f64; 3],
    /// In metres per second.
    pub velocity: [f64; 3],
}

/// The same record, written by wincode.
#[ps_serialize::serializer(id = b"06", codec = Wincode)]
#[derive(SchemaRead, SchemaWrite)]
pub struct WincodeParticle {
    /// Which one.
    pub id: u64,
    /// In kilograms.
    pub mass: f64,
    /// In metres.
    pub position: [f64; 3],
    /// In metres per second.
    pub velocity: [f64; 3],
}

/// A record that is large.
#[ps_serialize::serializer(id = b"07")]
#[derive(Serialize, Deserialize)]
pub struct Series {
    /// Per second.
    pub rate: f64,
    /// 100,000 of them.
    pub samples: Vec<f64>,
}

/// The same record, written by wincode.
#[ps_serialize::serializer(id = b"08", codec = Wincode)]
#[derive(SchemaRead, SchemaWrite)]
pub struct WincodeSeries {
    /// Per second.
    pub rate: f64,
    /// 100,000 of them.
    pub samples: Vec<f64>,
}

/// A record, and its bare codec to compare with.
pub trait Record: Serializable + for<'a> Deserializable<'a> + 'static {
    /// How many numbers it holds.
    const NUMBERS: usize;

    /// A value that is the same in every run.
    #[must_use]
    fn sample() -> Self;

    /// What the codec writes, without a frame.
    fn encode(&self) -> Vec<u8>;

    /// Reads what the codec wrote.
    fn decode(payload: &[u8]) -> Self;
}

const SAMPLES: usize = 100_000;

macro_rules! by_bincode {
    () => {
        #[inline]
        fn encode(&self) -> Vec<u8> {
            bincode::serde::encode_to_vec(self, legacy()).expect("every value can be written")
        }

        #[inline]
        fn decode(payload: &[u8]) -> Self {
            bincode::serde::decode_from_slice(payload, legacy()).expect("it was just written").0
        }
    };
}

macro_rules! by_wincode {
    () => {
        #[inline]
        fn encode(&self) -> Vec<u8> {
            wincode::serialize(self).expect("every value can be written")
        }

        #[inline]
        fn decode(payload: &[u8]) -> Self {
            wincode::deserialize(payload).expect("it was just written")
        }
    };
}

macro_rules! particle {
    ($type:ty, $codec:ident) => {
        impl Record for $type {
            const NUMBERS: usize = 8;

            fn sample() -> Self {
                Self { id: 5, mass: 1.5, position: [1.0, 2.0, 3.0], velocity: [-1.0, -2.0, -3.0] }
            }

            $codec!();
        }
    };
}

macro_rules! series {
    ($type:ty, $codec:ident) => {
        impl Record for $type {
            const NUMBERS: usize = 1 + SAMPLES;

            fn sample() -> Self {
                Self { rate: 50.0, samples: numbers(SAMPLES) }
            }

            $codec!();
        }
    };
}

particle!(Particle, by_bincode);
particle!(WincodeParticle, by_wincode);
series!(Series, by_bincode);
series!(WincodeSeries, by_wincode);

/// Numbers from 0 to 1, the same in every run.
#[must_use]
pub fn numbers(len: usize) -> Vec<f64> {
    const ONE: u64 = 1_f64.to_bits();
    random().map(|bits| f64::from_bits(ONE | (bits >> 12)) - 1.0).take(len).collect()
}

/// Bytes, the same in every run.
#[must_use]
pub fn bytes(len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len.next_multiple_of(8));
    random().take(len.div_ceil(8)).for_each(|bits| bytes.extend_from_slice(&bits.to_le_bytes()));
    bytes.truncate(len);
    bytes
}

/// 16,384 identifiers of two bytes, for registries of any size up to that.
#[must_use]
pub fn identifiers() -> Vec<[u8; 2]> {
    (0x80..=0xFF).flat_map(|first| (0x80..=0xFF).map(move |second| [first, second])).collect()
}

/// `SplitMix64`, from a fixed seed.
fn random() -> impl Iterator<Item = u64> {
    let mut state = 591_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    })
}
