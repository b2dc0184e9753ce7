//! Every figure of time, of speed or of a ratio in README.md, `python/README.md` and the guide is in the committed report.
//!
//! A line with a figure names the report's row in a comment, `<!-- report: text of the row -->`. A figure that the code fixes is
//! no measurement, and is listed here.

use std::fs;
use std::path::{Path, PathBuf};

/// Figures that the code fixes, with the words around them.
const BOUNDS: [&str; 7] = [
    "256 × the",
    "256 × its size",
    "64 × the payload",
    "4 × the limit",
    "25 × their size",
    "25 × its size",
    "three times as much while a `Vec` grows",
];

const UNITS: [&str; 20] = [
    "ns", "µs", "us", "ms", "s", "second", "seconds", "minute", "minutes", "hour", "hours", "kb/s",
    "mb/s", "gb/s", "kib/s", "mib/s", "gib/s", "%", "×", "times",
];

const NUMBERS: [&str; 14] = [
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twenty", "thirty",
    "fifty", "hundred", "thousand",
];

/// The numbers of a line that have a unit, such as `5 ns`, `30%`, `3×`, `ten times` and `twice as`.
fn figures(line: &str) -> Vec<(String, String)> {
    // `30%` is two words, as `30 %` is.
    let mut spaced = String::new();
    for letter in line.chars() {
        let after_digit = spaced.ends_with(|last: char| last.is_ascii_digit());
        if after_digit && (letter.is_alphabetic() || matches!(letter, '%' | '×')) {
            spaced.push(' ');
        }
        spaced.push(if "–()|`;:*".contains(letter) { ' ' } else { letter });
    }
    let words: Vec<String> = spaced
        .split_whitespace()
        .map(|word| word.trim_end_matches(['.', ',']).to_lowercase().replace(',', ""))
        .collect();
    let is_figure = |number: &str, unit: &str| match number {
        "twice" | "half" => unit == "as",
        _ => {
            let is_number = number.parse::<f64>().is_ok() || NUMBERS.contains(&number);
            is_number && UNITS.contains(&unit)
        }
    };
    let pairs = words.iter().zip(words.iter().skip(1));
    let found = pairs.filter(|(number, unit)| is_figure(number, unit));
    found.map(|(number, unit)| (number.clone(), unit.clone())).collect()
}

/// The prose of a line, and the rows of the report that its comments name.
fn without_comments(line: &str) -> (String, Vec<&str>) {
    let mut parts = line.split("<!-- report: ");
    let mut prose = parts.next().unwrap_or_default().to_owned();
    let mut rows = Vec::new();
    for part in parts {
        let (row, rest) = part.split_once(" -->").expect("the end of the comment");
        rows.push(row);
        prose.push_str(rest);
    }
    (prose, rows)
}

/// The cells of the one row of the report that has this text. If it is a promise, it is kept.
fn cells<'a>(report: &'a str, row: &str) -> Vec<&'a str> {
    let rows = report.lines().filter(|line| line.starts_with('|') && line.contains(row));
    match rows.collect::<Vec<_>>()[..] {
        [row] if !row.contains("**no**") => row.split('|').map(str::trim).collect(),
        _ => Vec::new(),
    }
}

/// The lines of a text, outside of code, with a figure that the report does not have.
fn not_in_the_report<'a>(text: &'a str, report: &str) -> Vec<&'a str> {
    let mut is_code = false;
    let mut lines: Vec<&str> = text.lines().collect();
    lines.retain(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    lines.retain(|line| {
        let (mut prose, rows) = without_comments(line);
        for bound in BOUNDS {
            prose = prose.replace(bound, "");
        }
        let cells: Vec<&str> = rows.into_iter().flat_map(|row| cells(report, row)).collect();
        figures(&prose).into_iter().any(|(number, unit)| {
            let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            !cells.iter().filter_map(|cell| cell.split_once(' ')).any(|(value, of)| {
                let value = value.replace(',', "").parse::<f64>();
                of.to_lowercase() == unit
                    && value.is_ok_and(|value| format!("{value:.decimals$}") == number)
            })
        })
    });
    lines
}

#[test]
fn every_figure_is_in_the_report() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let report = fs::read_to_string(root.join("benches/results/report.md")).unwrap();
    let guide = fs::read_dir(root.join("ps-serialize/src/guide")).unwrap();
    let mut pages: Vec<PathBuf> = guide.map(|entry| entry.unwrap().path()).collect();
    assert!(pages.len() > 10, "{pages:?}");
    pages.extend([root.join("README.md"), root.join("python/README.md")]);
    let mut all = String::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let wrong = not_in_the_report(&text, &report);
        assert!(wrong.is_empty(), "{}: {wrong:#?}", page.display());
        all.push_str(&text);
    }
    for bound in BOUNDS {
        assert!(all.contains(bound), "nothing says {bound:?} any more");
    }
}

#[test]
fn a_figure_that_is_not_in_the_report_is_found() {
    const REPORT: &str = "
| promise | limit | median | kept |
|---|---|---|---|
| writing a frame | 5.00 ns | 3.14 ns | yes |
| reading a frame | 1.00 × | 1.09 × | **no**, 9 % over |
";
    for right in [
        "in less than 5 ns<!-- report: writing a frame -->",
        "about 3.1 ns <!-- report: writing a frame -->, or 3 ns",
        "frames of 256 × the payload, a `u64`, 3 arrays, two of them, many times",
        "```\n4 ns\n```",
    ] {
        assert_eq!(not_in_the_report(right, REPORT), [""; 0]);
    }
    for wrong in [
        "in 5 ns",
        "in 4 ns <!-- report: writing a frame -->",
        "in 5 µs <!-- report: writing a frame -->",
        "in 5 ns <!-- report: a frame -->",
        "in 5 ns <!-- report: no such row -->",
        "1 × as large <!-- report: reading a frame -->",
        "(30% less)",
        "ten to thirty times as long",
        "**Twice as** fast",
        "at 3 GB/s.",
        "| a cell | 1,000 ms |",
    ] {
        assert_eq!(not_in_the_report(wrong, REPORT), [wrong]);
    }
}
