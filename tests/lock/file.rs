//! The file: how it is written, and what is said of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use ps_serialize::registry;

use crate::temporary;

/// Where a child process writes the file.
const PATH: &str = "PS_SERIALIZE_TESTS_LOCK";

/// Runs the lock with the variable set, in a process of its own.
fn update(path: &Path) -> (bool, String) {
    run(path, "update")
}

fn run(path: &Path, value: &str) -> (bool, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "file::in_a_process_of_its_own", "--nocapture"])
        .env("PS_SERIALIZE_LOCK", value)
        .env(PATH, path)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn in_a_process_of_its_own() {
    if let Some(path) = std::env::var_os(PATH) {
        registry().lock(path).unwrap();
    }
}

fn error(path: &Path) -> String {
    registry().lock(path).unwrap_err().to_string()
}

#[test]
fn the_types_of_this_program_are_those_of_its_file() {
    registry().lock("lock/ps-serialize.lock").unwrap();
}

#[test]
fn the_file_is_the_same_byte_for_byte() {
    let path = temporary("bytes");
    assert!(update(&path).0);
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(written, fs::read_to_string("lock/ps-serialize.lock").unwrap());
    registry().lock(&path).unwrap();
    fs::remove_file(path).unwrap();
}

#[test]
fn a_missing_file_is_an_error_that_says_how_to_make_it() {
    let path = temporary("missing");
    let error = error(&path);
    assert_eq!(
        error,
        format!(
            "there is no file `{}`: run this with `PS_SERIALIZE_LOCK=update` in the environment to write it, and commit it",
            path.display()
        )
    );
}

/// The file, edited.
fn edited(name: &str, edit: impl FnOnce(String) -> String) -> std::path::PathBuf {
    let path = temporary(name);
    fs::write(&path, edit(fs::read_to_string("lock/ps-serialize.lock").unwrap())).unwrap();
    path
}

const CIRCLE: &str =
    "b\"k.circle\"\n  codec: bincode\n  dyn: Shape\n  value: struct Circle\n    radius: f64\n";

#[test]
fn a_new_identifier_is_said_to_be_new_until_the_file_is_updated() {
    let path = edited("new", |text| text.replace(CIRCLE, ""));
    let told = error(&path);
    assert!(
        told.contains("\nb\"k.circle\", `lock::kinds::Circle` (tests/lock/kinds.rs:"),
        "{told}"
    );
    assert!(
        told.contains("\n  new, not in the file yet: set `PS_SERIALIZE_LOCK=update`"),
        "{told}"
    );
    assert!(update(&path).0);
    assert!(fs::read_to_string(&path).unwrap().contains(CIRCLE));
    fs::remove_file(path).unwrap();
}

#[test]
fn an_identifier_that_is_gone_stays_as_retired_and_nobody_takes_it() {
    let gone = "b\"k.a\"\n  codec: bincode\n  value: struct Old\n    a: u8\n";
    let path = edited("gone", |text| text.replace(CIRCLE, &format!("{gone}\n{CIRCLE}")));
    let told = error(&path);
    assert!(told.contains("\nb\"k.a\"\n  in the file, and not in this program"), "{told}");
    assert!(update(&path).0);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\nretired b\"k.a\"\n\nb\"k.block\""), "{text}");
    registry().lock(&path).unwrap();

    // A type takes the identifier of one that is retired: an update does not help.
    fs::write(&path, text.replace(CIRCLE, "retired b\"k.circle\"\n")).unwrap();
    let told = error(&path);
    assert!(told.contains("\nb\"k.circle\", `lock::kinds::Circle`"), "{told}");
    assert!(told.contains("\n  the file says that it is retired"), "{told}");
    let (success, output) = update(&path);
    assert!(!success && output.contains("the file says that it is retired"), "{output}");
    fs::remove_file(path).unwrap();
}

#[test]
fn python_classes_are_compared_too() {
    let path = edited("class", |text| {
        text.replace(
            "\"lock.Measured\"\n  codec: pickle\n  value: struct Measured\n    mass: f64\n",
            "\"lock.Measured\"\n  codec: pickle\n  value: struct Measured\n    mass: f64\n    more: u8\n",
        )
        .replace("parts: frames list of \"lock.Measured\"", "parts: frames list of b\"BS\"")
    });
    let told = error(&path);
    assert!(told.contains("\n\"lock.Measured\", `lock::kinds::Measured`"), "{told}");
    assert!(told.contains("\n  - value › more: u8\n"), "{told}");
    assert!(
        told.contains("\n  - value › parts: frames list of b\"BS\"\n  + value › parts: frames list of \"lock.Measured\"\n"),
        "{told}"
    );
    fs::remove_file(path).unwrap();
}

#[test]
fn the_order_of_fields_is_compared_for_classes_that_are_pickled_by_it() {
    let pair = |one: &str, other: &str| {
        format!(
            "\"lock.Pair\"\n  codec: pickle\n  value: struct Pair\n    {one}: f64\n    {other}: f64\n"
        )
    };
    let path = edited("positional", |text| text.replace(&pair("x", "y"), &pair("y", "x")));
    let told = error(&path);
    assert!(
        told.contains(
            "\n  - value › y: f64, at place 1\n  + value › y: f64, at place 2\n  what was pickled"
        ),
        "{told}"
    );
    fs::remove_file(path).unwrap();

    let path = edited("named", |text| {
        let measured = "struct Measured\n    mass: f64\n    charge?: i8\n    label";
        assert!(text.contains(measured));
        text.replace(measured, "struct Measured\n    charge?: i8\n    mass: f64\n    label")
    });
    registry().lock(&path).unwrap();
    fs::remove_file(path).unwrap();
}

#[test]
fn alignments_are_compared_too() {
    let path = edited("align", |text| text.replace("  align: 16\n", "  align: 8\n"));
    let told = error(&path);
    assert!(told.contains("\n  - align: 8\n  + align: 16\n"), "{told}");
    fs::remove_file(path).unwrap();
}

#[test]
fn names_of_rust_types_are_not_compared_and_an_update_writes_them() {
    let path = edited("names", |text| text.replace("struct Circle", "struct \"an older name\""));
    registry().lock(&path).unwrap();
    assert!(update(&path).0);
    assert!(fs::read_to_string(&path).unwrap().contains(CIRCLE));
    fs::remove_file(path).unwrap();
}

#[test]
fn what_is_no_such_file_is_an_error_with_its_line() {
    let path = temporary("wrong");
    for (text, expected) in [
        ("", "line 1: the file is empty; if it is new, delete it"),
        ("\n", "line 1: expected `ps-serialize-lock 1`, found ``"),
        ("[package]\n", "line 1: expected `ps-serialize-lock 1`, found `[package]`"),
        (
            "ps-serialize-lock 2\n",
            "line 1: this library knows version 1 of the file, and this is 2: use a newer library",
        ),
        (
            "ps-serialize-lock 1\n\nxy\n",
            "line 3: expected an identifier such as `b\"05\"`, found `xy`",
        ),
        ("ps-serialize-lock 1\nb\"05\"\n  codec: xml\n", "line 3: expected a codec, found `xml`"),
        (
            "ps-serialize-lock 1\nb\"05\"\n  codec: bincode\n",
            "line 3: the entry has no line `value`",
        ),
        (
            "ps-serialize-lock 1\nb\"05\"\n  codec: bincode\n  value: u9\n",
            "line 4: expected a type, found `u9`",
        ),
        (
            "ps-serialize-lock 1\nb\"05\"\n  codec: bincode\n  value: @1\n",
            "line 4: `@1` is not defined",
        ),
        (
            "ps-serialize-lock 1\nb\"05\"\n  codec: bincode\n  value: list u8\n",
            "line 4: expected `of`, found `u8`",
        ),
        (
            "ps-serialize-lock 1\nb\"05\"\n  codec: bincode\n  value: map\n    key: u8\n",
            "line 5: a map has the lines `key` and `value`",
        ),
        (
            "ps-serialize-lock 1\nretired b\"05\"\nb\"05\"\n  codec: bincode\n  value: u8\n",
            "line 3: `b\"05\"` stands there twice",
        ),
        (
            "ps-serialize-lock 1\nb\"05\"\n  codec: bincode\n  value: u8\n  codec: bincode\n",
            "line 5: `codec` stands there twice",
        ),
        (
            "ps-serialize-lock 1\nb\"05\"\n  codec: bincode\n  value: struct\n    a: u8\n    a: u8\n",
            "line 6: `a` stands there twice",
        ),
        (
            "ps-serialize-lock 1\nb\"05\"\n  codec: bincode\n  value: enum\n    0 A\n    0 B\n",
            "line 6: `0 B` stands there twice",
        ),
        (
            "ps-serialize-lock 1\nb\"05\"\n  codec: bincode\n  value: u8\n      x: u8\n",
            "line 5: unexpected indentation of `x: u8`",
        ),
        (
            "ps-serialize-lock 1\nb\"05\\q\"\n",
            "line 2: expected an identifier such as `b\"05\"`, found `b\"05\\q\"`",
        ),
    ] {
        fs::write(&path, text).unwrap();
        let told = error(&path);
        let expected = format!(
            "`{}` is not a file of the lock: {expected}; restore it from version control, or resolve the conflict in it",
            path.display()
        );
        assert_eq!(told, expected, "{text}");
        // What can't be read is not overwritten.
        assert!(!update(&path).0);
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    // Types in types, without end.
    let head = "ps-serialize-lock 1\nb\"05\"\n  codec: bincode\n  value: ";
    let mut lines = String::new();
    for level in 0..10_000 {
        lines += &" ".repeat(4 + 2 * level);
        lines += "x: struct\n";
    }
    for types in ["option of ".repeat(10_000) + "u8\n", format!("struct\n{lines}")] {
        fs::write(&path, format!("{head}{types}")).unwrap();
        let told = error(&path);
        assert!(told.contains("the type is in more than 256 others"), "{told}");
    }
    fs::remove_file(path).unwrap();
}

#[test]
fn a_byte_order_mark_has_no_meaning() {
    let path = edited("mark", |text| format!("\u{feff}{text}"));
    registry().lock(&path).unwrap();
    fs::remove_file(path).unwrap();
}

#[test]
fn another_value_of_the_variable_is_an_error() {
    let (success, output) = run(&temporary("value"), "yes");
    assert!(!success);
    assert!(
        output.contains(
            "`PS_SERIALIZE_LOCK` is `yes`: unset it, or set it to `update` to write the file"
        ),
        "{output}"
    );
}
