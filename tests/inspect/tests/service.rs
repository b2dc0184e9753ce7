//! An inspector of three lines prints the types of its service.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use inspected::{
    Decimal, Endless, Named, Numbers, Opaque, Order, Pair, Panics, Sample, Silent, SilentSample,
    Silents, Size,
};
use ps_serialize::{Frame, Identifier, serialize, serialize_with};

fn run(arguments: &[&str], frame: &[u8]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_service-inspect"));
    command.args(arguments).arg("-").stdin(Stdio::piped()).stdout(Stdio::piped());
    // Where a type's own `Debug` panics, the message is not part of the test.
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(frame).unwrap();
    let output = child.wait_with_output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

/// What is printed after the size, with the margin of the parts left out.
fn value(frame: &[u8]) -> String {
    let (out, status) = run(&[], frame);
    assert_eq!(status, Some(0), "{out}");
    let (_, after) = out.split_once("  size  ").unwrap_or_else(|| panic!("{out}"));
    after.split_once('\n').unwrap().1.to_owned()
}

fn order() -> Order {
    Order { articles: vec!["tea".to_owned(), "a\u{1b}[1m".to_owned()], price: 2.5 }
}

#[test]
fn a_type_is_printed_by_its_debug() {
    let frame = serialize(&order()).unwrap();
    let (out, status) = run(&[], &frame);
    let line =
        include_str!("../types/src/lib.rs").lines().position(|line| line.contains("b\"I1\""));
    let start = "-\n  identifier   I1\n  meaning      order\n  type         inspected::Order\n  declared     tests/inspect/types/src/lib.rs:";
    assert!(out.starts_with(&format!("{start}{}, inspected ", line.unwrap() + 1)), "{out}");
    assert!(
        out.contains("\n  layout       codec: bincode\n               value: struct Order\n                 articles: list of text\n"),
        "{out}"
    );
    let end = "  value        Order { articles: [\"tea\", \"a\\u{1b}[1m\"], price: 2.5 }\n";
    assert!(out.ends_with(end), "{out}");
    assert_eq!(status, Some(0));

    let (json, _) = run(&["--json"], &frame);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["value"], "Order { articles: [\"tea\", \"a\\u{1b}[1m\"], price: 2.5 }");
    assert_eq!(json["layout"][0], "codec: bincode");
}

#[test]
fn a_long_value_has_a_line_for_each_part() {
    let articles = vec!["tea".to_owned(); 100_000];
    let shown = value(&serialize(&Order { articles, price: 1.0 }).unwrap());
    assert!(shown.starts_with("  value        Order {\n                   articles: [\n                       \"tea\",\n"), "{shown}");
    assert!(shown.ends_with("…\n"), "{shown}");
    assert_eq!(shown.lines().count(), 64);
}

#[test]
fn every_way_to_annotate_a_type_finds_its_debug() {
    let numbers: Numbers = Pair(1, 2);
    assert_eq!(value(&serialize(&numbers).unwrap()), "  value        Pair(1, 2)\n");
    let decimal = serialize_with::<Decimal>(&7).unwrap();
    assert_eq!(value(&decimal), "  value        7\n");
    let notes = [("a".to_owned(), "calm".to_owned())].into();
    let shown = value(&serialize(&Sample { id: 7, image: vec![1, 2], notes }).unwrap());
    let frames = "  frames       2 inside of this record\n               BS: 66 bytes at ";
    assert!(shown.starts_with(frames), "{shown}");
    let end = "  value        Sample { id: 7, image: [1, 2], notes: {\"a\": \"calm\"} }\n";
    assert!(shown.ends_with(end), "{shown}");
    let shown = value(&serialize(&Size { width: 3 }).unwrap());
    let parts = "  class        shop.Size\n  class type   inspected::Size\n  value        Size { width: 3 }\n";
    assert_eq!(shown, parts);
}

#[test]
fn types_without_debug_are_shown_as_bytes() {
    for (frame, payload) in [
        (serialize(&Silent(7)).unwrap(), "\\x07\\x00\\x00\\x00"),
        (
            serialize::<Silents>(&Pair(Silent(7), Silent(8))).unwrap(),
            "\\x07\\x00\\x00\\x00\\x08\\x00\\x00\\x00",
        ),
        (serialize(&Opaque(9)).unwrap(), "\\t"),
        (serialize(&Named).unwrap(), ""),
    ] {
        let shown =
            format!("  not shown    its type has no `Debug`\n  payload      b\"{payload}\"\n");
        assert_eq!(value(&frame), shown);
    }
    // The frames inside of a record are shown in its place.
    let sample = SilentSample { note: "calm".to_owned(), order: order() };
    let shown = value(&serialize(&sample).unwrap());
    assert!(shown.contains("\n  frame 0\n    identifier   US\n"), "{shown}");
    assert!(
        shown.contains("\n    text         \"calm\"\n  frame 1\n    identifier   I1\n"),
        "{shown}"
    );
    assert!(
        shown.ends_with(
            "    value        Order { articles: [\"tea\", \"a\\u{1b}[1m\"], price: 2.5 }\n"
        ),
        "{shown}"
    );
}

#[test]
fn a_debug_that_does_not_end_or_panics_is_cut() {
    let shown = value(&serialize(&Endless).unwrap());
    assert!(shown.starts_with("  value        \\u{1b}[31mred\\u{1b}[31mred"), "{shown}");
    assert!(shown.ends_with("…\n") && shown.len() < 10_000, "{shown}");
    let shown = value(&serialize(&Panics).unwrap());
    assert_eq!(shown, "  value        (printing it panicked)\n");
}

#[test]
fn code_of_a_type_that_misbehaves_does_not_end_the_inspector() {
    for (byte, error) in [
        ("r", "\n  error        the code of its type panicked\n"),
        ("d", "\n  error        the code of its type panicked\n"),
        ("e", "long long"),
    ] {
        let frame = format!("IC\n{byte}");
        let (out, status) = run(&[], frame.as_bytes());
        assert_eq!(status, Some(1), "{out}");
        assert!(out.len() < 20_000 && out.contains(error), "{out}");
    }
    let (out, status) = run(&[], b"IC\nt");
    assert_eq!(status, Some(0), "{out}");
    assert!(out.contains("from another thread") && out.contains("brittle"), "{out}");
}

#[test]
fn what_can_not_be_read_is_an_error() {
    let frame = serialize(&order()).unwrap();
    let (out, status) = run(&[], &frame[..frame.len() - 1]);
    assert_eq!(status, Some(1));
    assert!(out.contains("\n  error        the serializer `order` (`I1`) could not read the payload\n               caused by: "), "{out}");

    // A file, since a pipe has the limit too.
    let large = Frame::new(&Identifier::new(b"I2"), &vec![0; (32 << 20) + 1]).to_bytes();
    let path = std::env::temp_dir().join(format!("service-inspect-{}", std::process::id()));
    fs::write(&path, large).unwrap();
    let (out, status) = run(&[path.to_str().unwrap()], b"US\n");
    fs::remove_file(&path).unwrap();
    assert_eq!(status, Some(0), "{out}");
    let larger = "  not shown    too large to show: size of the payload of a type of this program, in bytes: the limit is 33554432, and this is 33554433\n";
    assert!(out.contains(larger), "{out}");
}

#[test]
fn built_in_kinds_are_shown_too() {
    let shown = value(&serialize(&vec![1_u8, 2]).unwrap());
    assert_eq!(shown, "  bytes        b\"\\x01\\x02\"\n");
    let shown = value(&serialize(&ndarray::arr1(&[1.5_f32])).unwrap());
    assert!(shown.ends_with("  elements     [1.5]\n"), "{shown}");
}
