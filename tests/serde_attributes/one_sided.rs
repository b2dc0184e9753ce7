//! Conversions that hold for one side only: harmless where both sides have one layout and the values
//! survive, refused where they do not.

use serde::{Deserialize, Serialize};

use crate::tables::{Refused, Same, Untold, row};

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
        $item
    )*};
}

types! {
    #[serde(into = "u64")]
    struct IntoNumber { a: u32, b: u32 }
    #[serde(into = "Millimetres")]
    struct Metres(u64);
    struct Millimetres(u64);
    #[serde(from = "Pence")]
    struct Pounds(u64);
    struct Pence(u64);
    #[serde(try_from = "String")]
    struct TriedFromText(u64);
    #[serde(into = "Same1")]
    struct IntoSame { a: u32, b: u32 }
    struct Same1 { a: u32, b: u32 }
}

macro_rules! conversions {
    ($($from:ty => $to:ty: $value:pat => $made:expr;)*) => {$(
        impl From<$from> for $to {
            fn from($value: $from) -> Self {
                $made
            }
        }
    )*};
}

conversions! {
    IntoNumber => u64: IntoNumber { a, b } => u64::from(b) << 32 | u64::from(a);
    Metres => Millimetres: Metres(metres) => Millimetres(metres * 1000);
    Pence => Pounds: Pence(pence) => Pounds(pence / 100);
    IntoSame => Same1: IntoSame { a, b } => Same1 { a, b };
}

impl TryFrom<String> for TriedFromText {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

const ONE_SIDED: &str = "attributes of serde's that hold for one side only";

#[test]
fn conversions_that_change_nothing_are_harmless() {
    row("into, of the same bytes", &IntoNumber { a: 1, b: 2 }, &Same, &Untold);
    row("into, of the same fields", &IntoSame { a: 1, b: 2 }, &Same, &Same);
}

#[test]
fn conversions_for_one_side_are_refused() {
    row("into", &Metres(1), &Refused(ONE_SIDED), &Untold);
    row("from", &Pounds(100), &Refused(ONE_SIDED), &Untold);
    row("try_from", &TriedFromText(1), &Refused(ONE_SIDED), &Untold);
}

#[test]
fn zeros_do_not_vouch_for_a_conversion() {
    row("into", &vec![Metres(0)], &Same, &Untold);
    row("into", &vec![Metres(0), Metres(1)], &Refused(ONE_SIDED), &Untold);
}
