//! The values that types are tried with. A constructor may refuse some, so there is a row of them.

/// The number of values that are tried in one place.
pub(super) const TRIES: usize = TEXTS.len();

/// The rows that are tried in all places at once: those whose numbers are small, since a number may be a length.
pub(super) const VARIATIONS: std::ops::Range<usize> = 1..18;

/// Texts that one or another type takes.
const TEXTS: [&str; 56] = [
    "",
    "a",
    "0",
    "1",
    "1.0.0",
    "2020-01-02",
    "2020-01-02T03:04:05Z",
    "2020-01-02T03:04:05",
    "2020-01-02 03:04:05",
    "2020-01-02T03:04:05+00:00",
    "2020-01-02T03:04:05+00:00[UTC]",
    "03:04:05",
    "03:04",
    "+00:00",
    "UTC",
    "127.0.0.1",
    "::1",
    "127.0.0.1:80",
    "[::1]:80",
    "127.0.0.0/8",
    "::/0",
    "00:00:00:00:00:00",
    "http://a.example/",
    "a.example",
    "a@a.example",
    "/",
    "/a",
    "00000000-0000-0000-0000-000000000000",
    "00000000000000000000000000",
    "1.5",
    "1/2",
    "-1",
    "^1",
    "A",
    "aa",
    "AA",
    "en",
    "en-US",
    "USD",
    "#000000",
    "000000",
    "Mon",
    "Monday",
    "Jan",
    "January",
    "PT1S",
    "1s",
    "true",
    "GET",
    "text/plain",
    "[]",
    "{}",
    "null",
    "AAAA",
    "00000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
];

/// Lengths of bytes and of sequences.
const LENGTHS: [usize; 24] =
    [0, 1, 2, 3, 16, 32, 4, 8, 12, 20, 24, 64, 5, 6, 7, 9, 10, 14, 15, 28, 33, 48, 65, 96];

/// Numbers that are tried in all places below, after 0, 1, and numbers that rise and fall.
const NUMBERS: [i64; 18] =
    [2, 3, 4, 5, 7, 8, 10, 12, 16, 32, 64, 65, 97, 100, -1, 1000, 2020, 1_600_000_000];

pub(super) fn text(attempt: usize) -> &'static str {
    TEXTS[attempt % TEXTS.len()]
}

/// The length of bytes.
pub(super) fn length(attempt: usize) -> usize {
    LENGTHS[attempt % LENGTHS.len()]
}

/// How many elements a sequence must have, if a constructor has refused another number. Sequences inside of that place have at most two elements.
pub(super) fn count(attempt: usize, is_own: bool) -> Option<usize> {
    match attempt {
        0 => None,
        _ if is_own => Some(length(attempt)),
        _ => Some(attempt % 3),
    }
}

/// The number in a place that is the `nth` of those with numbers.
pub(super) fn number(attempt: usize, nth: usize) -> i64 {
    let nth = i64::try_from(nth % 100).unwrap_or_default();
    match attempt {
        0 => 0,
        1 => 1,
        2 => 1 + nth,
        3 => 100 - nth,
        _ => NUMBERS[(attempt - 4) % NUMBERS.len()],
    }
}

pub(super) fn char(attempt: usize) -> char {
    text(attempt).chars().next().unwrap_or('a')
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_row_is_tried_to_its_end() {
        assert!(super::LENGTHS.len() <= super::TRIES);
        assert!(super::NUMBERS.len() + 4 <= super::TRIES);
        let mut rows = super::VARIATIONS;
        assert!(rows.all(|row| (0..=100).contains(&super::number(row, 50))));
        assert!(super::number(super::VARIATIONS.end, 0) < 0);
    }
}
