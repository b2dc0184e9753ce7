//! What the command prints of files of every kind, good and bad, with which status and in how much memory.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ndarray::array;
use ps_serialize::pickle::Value;
use ps_serialize::tensors::{Dtype, Tensor, Tensors};
use ps_serialize::{Compression, registry, serialize};

const INSPECT: &str = env!("CARGO_BIN_EXE_ps-inspect");

/// A folder that is removed with what is in it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ps-inspect-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Seen {
    out: String,
    error: String,
    status: Option<i32>,
}

fn run(arguments: &[&str], input: &[u8]) -> Seen {
    let mut command = Command::new(INSPECT);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The command may end without reading all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Seen { out: text(output.stdout), error: text(output.stderr), status: output.status.code() }
}

/// What is printed of a file with these bytes, and the status. Nothing is written to standard error.
fn inspect(bytes: impl AsRef<[u8]>) -> (String, i32) {
    use std::sync::atomic::{AtomicU32, Ordering};

    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = Folder::new(&format!("one-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
    let path = folder.write("x", bytes);
    let seen = run(&[path.to_str().unwrap()], b"");
    assert_eq!(seen.error, "", "{}", seen.out);
    let out = seen.out.strip_prefix(&format!("{}\n", path.display())).unwrap().to_owned();
    for line in out.lines() {
        assert!(line.starts_with("  "), "{out}");
        assert_eq!(line.trim_end(), line, "{out}");
    }
    let json = run(&["--json", path.to_str().unwrap()], b"");
    assert_eq!(json.status, seen.status);
    for line in json.out.lines() {
        assert!(line.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{line}");
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(object["path"], path.to_str().unwrap());
    }
    (out, seen.status.unwrap())
}

/// The text after a name.
fn part<'o>(out: &'o str, key: &str) -> &'o str {
    let line = out.lines().find(|line| line.trim_start().starts_with(&format!("{key} ")));
    line.unwrap_or_else(|| panic!("{key}: {out}")).trim_start()[key.len()..].trim_start()
}

fn shared(path: &str) -> Vec<u8> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("tests");
    fs::read(tests.join(path)).unwrap()
}

fn padded(identifier: &str, payload: &[u8]) -> Vec<u8> {
    [format!("{identifier:63}\n").as_bytes(), payload].concat()
}

/// The start of a record of an unknown type, with one frame of this size inside.
fn record_around(size: u64) -> Vec<u8> {
    let mut record = padded("Q8", b"");
    record.extend([1_u64, 0, size].iter().flat_map(|number| number.to_le_bytes()));
    record.resize(128, 0);
    record
}

#[test]
fn bytes_and_text_are_shown_by_their_start() {
    let (out, status) = inspect(b"BS\n\x00\xff\x1b");
    assert_eq!(
        (&*out, status),
        (
            "  identifier   BS\n  meaning      bytes\n  type         bytes::bytes::Bytes\n  size         6 bytes: a line of 3, a payload of 3\n  bytes        b\"\\x00\\xff\\x1b\"\n",
            0
        )
    );
    let (out, status) = inspect(serialize(&"é".repeat(100)).unwrap());
    let shown = format!("\"{}\" and 72 bytes more", "é".repeat(64));
    assert_eq!((part(&out, "text"), status), (&*shown, 0));
    let (out, status) = inspect(vec![b'B'; 3].into_iter().chain(*b"\n").collect::<Vec<_>>());
    assert!(part(&out, "meaning").starts_with("no type that this inspector knows"), "{out}");
    assert_eq!(status, 0);
}

#[test]
fn arrays_are_shown_wherever_they_begin() {
    let frame = serialize(&array![[1_i32, -2], [3, 4]]).unwrap();
    for bytes in [frame.to_vec(), [b"NP\n", &frame[64..]].concat()] {
        let (out, status) = inspect(bytes);
        assert_eq!(status, 0);
        assert_eq!(part(&out, "dtype"), "<i4");
        assert_eq!(part(&out, "shape"), "[2, 2], in C order");
        assert!(out.ends_with("  elements     [[1, -2],\n                [3, 4]]\n"), "{out}");
    }
    let (out, _) = inspect(serialize(&array![1e300, 0.5]).unwrap());
    assert_eq!(part(&out, "elements"), "[1e300, 0.5]");
    let (out, _) = inspect(shared("golden/0.1/array-dates.frame"));
    assert_eq!(part(&out, "elements"), "[0, 20000, -9223372036854775808]");
    // One that is not aligned and too large to be copied.
    let frame = serialize(&vec![7_u16; 1 << 20]).unwrap();
    let (out, status) = inspect([b"NP\n", &frame[64..]].concat());
    assert_eq!((part(&out, "first"), status), ("[7, 7, 7, 7, 7, 7, 7, 7]", 0));
}

#[test]
fn tensors_are_listed() {
    let mut tensors = Tensors::new();
    tensors.insert("weight\u{1b}[1m", Tensor::new(Dtype::F32, [2, 3], vec![0; 24]).unwrap());
    tensors.insert("b", Tensor::new(Dtype::U8, [], vec![0]).unwrap());
    tensors.metadata_mut().insert("format".to_owned(), "pt".to_owned());
    let (out, status) = inspect(serialize(&tensors).unwrap());
    assert_eq!(status, 0);
    let end = "  texts        \"format\"  \"pt\"\n  tensors      2\n               \"b\"                U8   []      1 bytes\n               \"weight\\u{1b}[1m\"  F32  [2, 3]  24 bytes\n";
    assert!(out.ends_with(end), "{out}");
    let many: Tensors =
        (0..1001).map(|i| (i.to_string(), Tensor::new(Dtype::U8, [], vec![0]).unwrap())).collect();
    let (out, _) = inspect(serialize(&many).unwrap());
    assert_eq!(out.lines().last().unwrap().trim(), "and 1 more");

    // Names that are equal as far as they are shown, more than are listed.
    let mut tensors = Tensors::new();
    let named = |i: usize| (format!("{}{i}", "n".repeat(300)), i.to_string());
    tensors.metadata_mut().extend((0..1001).map(named));
    let out = run(&["--json", "-"], &serialize(&tensors).unwrap()).out;
    let object: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(object["texts"]["count"], 1001);
    let first = object["texts"]["first"].as_array().unwrap();
    assert_eq!((first.len(), &first[1]["text"]), (1000, &"1".into()));
    assert_eq!(first[0]["name"], format!("{}…", "n".repeat(256)));

    let (out, status) = inspect(padded("PT", &shared("torch/dtypes.pt")));
    assert_eq!(status, 0);
    assert!(out.contains("  \"torch.bfloat16\"         BF16         [3]  6 bytes\n"), "{out}");
}

#[test]
fn plain_data_is_shown_by_its_start() {
    let value = Value::from(vec![Value::from("x\u{202e}"), Value::from(7_i64)]);
    let (out, status) = inspect(serialize(&value).unwrap());
    assert_eq!((part(&out, "value"), status), ("List([Str(\"x\\u{202e}\"), Int(7)])", 0));
}

#[test]
fn compressed_frames_are_opened_once() {
    let text = "again and ".repeat(1000);
    for (compression, identifier) in [(Compression::Lz4, "LZ"), (Compression::Zstd(3), "ZS")] {
        let frame = compression.serialize(&text).unwrap();
        let (out, status) = inspect(&frame);
        assert_eq!(status, 0);
        let shown =
            format!("{identifier}: {} bytes, decompressed to 10003, shuffle width 0", frame.len());
        assert_eq!((part(&out, "compressed"), part(&out, "identifier")), (&*shown, "US"));

        let (out, status) = inspect(&frame[..frame.len() - 5]);
        assert_eq!((part(&out, "identifier"), status), (identifier, 1));
        assert!(part(&out, "error").starts_with("the serializer `compressed frame`"), "{out}");
    }
    let frame = Compression::Zstd(3).serialize(&text).unwrap();
    let payload = [&[0], &*zstd(&frame)].concat();
    let (out, status) = inspect([b"ZS\n", &*payload].concat());
    assert_eq!((part(&out, "caused by:"), status), ("a compressed frame in a compressed frame", 1));
}

#[test]
fn frames_are_decompressed_one_at_a_time() {
    let record = |inside: &[u8]| [&record_around(inside.len() as u64), inside].concat();
    let compress = |frame: &[u8]| [b"ZS\n\0", &*zstd(frame)].concat();
    let inner = compress(&record(&compress(b"US\nhello")));
    let (out, status) = inspect(&inner);
    let reason = "it is compressed, and so is a frame around it: decompress that frame, and inspect what is in it";
    assert_eq!((part(&out, "not shown"), status), (reason, 0));
    assert!(!out.contains("hello"), "{out}");
    let (out, _) = inspect(record(&compress(b"US\nhello")));
    assert_eq!(part(&out, "text"), "\"hello\"");
}

/// A Zstandard frame of one block that is not compressed, with its size.
fn zstd(bytes: &[u8]) -> Vec<u8> {
    let size = u32::try_from(bytes.len()).unwrap();
    let block = (size << 3 | 1).to_le_bytes();
    [&0xfd2f_b528_u32.to_le_bytes(), &[0b1010_0000][..], &size.to_le_bytes(), &block[..3], bytes]
        .concat()
}

#[test]
fn tables_are_shown_or_described() {
    let good = shared("golden/0.1/table-numbers.frame");
    let (out, status) = inspect(&good);
    assert_eq!(status, 0, "{out}");
    if registry().find("PL").is_ok() {
        assert!(part(&out, "shape").contains(" rows, "), "{out}");
    } else {
        assert!(part(&out, "table").starts_with("an Arrow IPC file of "), "{out}");
        assert!(part(&out, "not shown").contains("with the feature `polars`"), "{out}");
    }
    let mut without_magic = good.clone();
    without_magic[64] = b'a';
    let mut long_footer = good.clone();
    let at = good.len() - 7;
    long_footer[at] = 0x7f;
    for bad in [&good[..good.len() - 1], &good[..70], &good[..64], &without_magic, &long_footer] {
        let (out, status) = inspect(bad);
        assert_eq!(status, 1, "{out}");
        assert_eq!(part(&out, "error"), "the serializer `table` (`PL`) could not read the payload");
    }

    let pickle = shared("golden/pandas/2.3.3.pickle");
    let (out, status) = inspect(padded("PD", &pickle));
    assert_eq!(status, 0, "{out}");
    if registry().find("PD").is_ok() {
        assert!(part(&out, "index").starts_with("[\"k\""), "{out}");
    } else {
        let shown = format!("a pickle of {} bytes, in protocol 5", pickle.len());
        assert_eq!(part(&out, "table"), shown);
    }
    for bad in [&pickle[..pickle.len() - 1], &pickle[1..], b""] {
        let (out, status) = inspect(padded("PD", bad));
        assert_eq!(status, 1, "{out}");
    }
}

#[test]
fn what_only_python_reads_is_said() {
    let (out, status) = inspect(b"CP\n\x80\x05.");
    assert_eq!((part(&out, "meaning"), status), ("cloudpickled Python objects", 0));
    assert!(part(&out, "not shown").starts_with("only Python can read it"), "{out}");
}

#[test]
fn records_of_other_programs_are_taken_apart() {
    let (out, status) = inspect(shared("golden/0.1/frames-arrays.frame"));
    assert_eq!(status, 0);
    assert_eq!(part(&out, "frames"), "2 inside of this record");
    assert!(
        out.contains("\n               NP: 195 bytes at 384\n  frame 0\n    identifier   NP\n"),
        "{out}"
    );
    assert!(out.ends_with("\n    elements     [1, 2, 3]\n"), "{out}");
    // A frame in it that can't be read.
    let mut broken = shared("golden/0.1/frames-arrays.frame");
    broken[384 + 64] = 0;
    let (out, status) = inspect(&broken);
    assert_eq!(status, 1);
    assert!(
        out.contains("\n    error        the serializer `array` (`NP`) could not read"),
        "{out}"
    );
    let (out, status) = inspect(b"Q7   ");
    let size =
        "5 bytes: a line of 5, a payload of 0; without a newline, so it is empty, or was cut";
    assert_eq!((part(&out, "size"), status), (size, 0));
    let (out, status) = inspect(b"Q7\n\x01\x02");
    assert_eq!((part(&out, "payload"), status), ("b\"\\x01\\x02\"", 0));
}

#[test]
fn what_can_not_be_read_has_its_whole_reason() {
    for (bytes, reason) in [
        (&b""[..], "there is no identifier: a frame begins with an identifier and a newline"),
        (b"\n", "there is no identifier: a frame begins with an identifier and a newline"),
        (&[b'x'; 65], "not a frame: its first 64 bytes have no newline to end an identifier"),
        (b"US\n\xff", "caused by: invalid utf-8 sequence of 1 bytes from index 0"),
        (b"NP\n\x93NUMPY", "caused by: the payload is cut: it ends after 6 bytes"),
        (b"ST\n\x01", "the serializer `tensors` (`ST`) could not read the payload"),
        (b"PT\nPK", "the serializer `PyTorch checkpoint` (`PT`) could not read the payload"),
        (b"PK\n\x80\x04cos\nsystem\n.", "the serializer"),
        (b"PK\n\x80\x04K\x07", "the serializer"),
    ] {
        let (out, status) = inspect(bytes);
        assert_eq!(status, 1, "{out}");
        assert!(out.contains("  error        "), "{out}");
        assert!(out.contains(reason), "{out}");
    }
}

#[test]
fn a_frame_can_not_command_the_terminal() {
    let commands = "\u{1b}]0;x\u{7}\u{9b}31m\u{202e}\r\n\u{7f}";
    let mut tensors = Tensors::new();
    tensors.insert(commands, Tensor::new(Dtype::U8, [], vec![0]).unwrap());
    tensors.metadata_mut().insert(commands.to_owned(), commands.to_owned());
    let value = Value::Dict(vec![(Value::from(commands), Value::from(commands))]);
    let frames = [
        serialize(commands).unwrap().to_vec(),
        serialize(commands.as_bytes()).unwrap().to_vec(),
        serialize(&tensors).unwrap().to_vec(),
        serialize(&value).unwrap().to_vec(),
        [b"\x1b]0;x\x07\xc2\x9b\n", commands.as_bytes()].concat(),
        commands.as_bytes().to_vec(),
        commands.repeat(10).into_bytes(),
        [b"NP\n", commands.as_bytes()].concat(),
    ];
    for frame in frames {
        let (out, _) = inspect(&frame);
        let commands = |char: char| (char.is_control() && char != '\n') || char == '\u{202e}';
        assert!(!out.contains(commands), "{out:?}");
    }
    let folder = Folder::new("names");
    let path = folder.write("\u{1b}[31m\n", "US\nx");
    let out = run(&[path.to_str().unwrap()], b"").out;
    assert!(out.lines().next().unwrap().ends_with("/\\u{1b}[31m\\n"), "{out:?}");
}

/// Some file systems take no such names.
#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_told_from_others() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = Folder::new("bytes");
    for name in [&b"a\xff"[..], b"a\xfe"] {
        fs::write(folder.0.join(OsStr::from_bytes(name)), "US\nx").unwrap();
    }
    let path = folder.0.to_str().unwrap();
    for (arguments, first, second) in
        [(&[path][..], "/a\\xfe\n", "/a\\xff\n"), (&["--json", path], "/a\\\\xfe\"", "/a\\\\xff\"")]
    {
        let out = run(arguments, b"").out;
        assert!(out.contains(first) && out.contains(second), "{out}");
    }
}

#[test]
fn the_head_is_read_alone() {
    // All but the first bytes is missing.
    let folder = Folder::new("head");
    let path = folder.write("x", padded("NP", b"no array"));
    let seen = run(&["--head", path.to_str().unwrap()], b"");
    assert_eq!(seen.status, Some(0));
    assert_eq!(
        seen.out,
        format!(
            "{}\n  identifier   NP\n  meaning      array\n  type         ndarray::ArrayD<_>\n  size         72 bytes\n",
            path.display()
        )
    );
    let long = folder.write("long", [b'x'; 65]);
    let seen = run(&["--head", long.to_str().unwrap()], b"");
    assert_eq!(seen.status, Some(1), "{}", seen.out);
    let seen = run(&["--head", "--json", "-"], b"US\nhello");
    let head = r#"{"path":"-","identifier":"US","meaning":"text","type":"alloc::string::String","size":{"frame":8}}"#;
    assert_eq!((seen.out.trim_end(), seen.status), (head, Some(0)));
}

/// A reader after the command gets what is left.
#[cfg(unix)]
#[test]
fn no_more_than_the_head_is_taken_from_a_pipe() {
    let mut command = Command::new("sh");
    command.args(["-c", "\"$0\" --head - >/dev/null && wc -c", INSPECT]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&padded("BS", &[0; 1000])).unwrap();
    let left = child.wait_with_output().unwrap().stdout;
    assert_eq!(String::from_utf8(left).unwrap().trim(), "1000");
}

#[test]
fn arguments_are_explained() {
    let help = run(&["--help"], b"");
    assert_eq!((help.status, &*help.error), (Some(0), ""));
    assert!(help.out.contains("Usage: ps-inspect [--json] [--head] PATH…"), "{}", help.out);
    for line in help.out.lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
    assert_eq!(run(&["-h"], b"").out, help.out);
    let version = format!("ps-inspect, with ps-serialize {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["--version"], b"").out, version);
    for wrong in [
        &[][..],
        &["--jsn", "x"],
        &["--json=7", "x"],
        &["-x"],
        &["--head"],
        &["--version=3"],
        &["--help="],
    ] {
        let seen = run(wrong, b"");
        assert_eq!((seen.status, &*seen.out), (Some(2), ""), "{wrong:?}");
        assert!(seen.error.starts_with("ps-inspect: "), "{}", seen.error);
    }
}

#[cfg(unix)]
#[test]
fn folders_are_walked_in_order_and_to_an_end() {
    use std::os::unix::fs::symlink;

    let folder = Folder::new("folder");
    for name in ["b", "a/z", "a/b/c", "c.frame"] {
        folder.write(name, format!("US\n{name}"));
    }
    fs::create_dir(folder.0.join("empty")).unwrap();
    symlink(&folder.0, folder.0.join("a/loop")).unwrap();
    symlink("b", folder.0.join("d-link")).unwrap();
    let pipe = Command::new("mkfifo").arg(folder.0.join("pipe")).status().unwrap();
    assert!(pipe.success());
    let root = folder.0.to_str().unwrap();
    let seen = run(&[root], b"");
    let paths: Vec<&str> = seen.out.lines().filter_map(|line| line.strip_prefix(root)).collect();
    assert_eq!(paths, ["/a/b/c", "/a/z", "/b", "/c.frame", "/d-link"]);
    assert_eq!((seen.status, &*seen.error), (Some(0), ""));

    // A link to itself, and a link to a folder that is named.
    symlink("self", folder.0.join("self")).unwrap();
    let link = folder.0.join("a/loop");
    let seen = run(&[link.to_str().unwrap()], b"");
    assert_eq!(seen.status, Some(1));
    assert!(
        seen.out.ends_with(
            "/a/loop/self\n  error        Too many levels of symbolic links (os error 40)\n"
        ),
        "{}",
        seen.out
    );
    assert!(seen.out.contains("/a/loop/a/b/c\n"), "{}", seen.out);
    let seen = run(&[&format!("{root}/none")], b"");
    assert_eq!(seen.status, Some(1));
    assert!(
        seen.out.ends_with("/none\n  error        No such file or directory (os error 2)\n"),
        "{}",
        seen.out
    );
}

/// The system says that such a file has no bytes, so it can't be mapped.
#[cfg(target_os = "linux")]
#[test]
fn a_file_of_unknown_size_is_read() {
    let seen = run(&["/proc/sys/kernel/ostype"], b"");
    assert_eq!((part(&seen.out, "identifier"), seen.status), ("Linux", Some(0)), "{}", seen.out);
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let folder = Folder::new("permission");
    let path = folder.write("secret", "US\nx");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o0)).unwrap();
    let inspect = folder.0.join("ps-inspect");
    fs::copy(INSPECT, &inspect).unwrap();
    let mut command = Command::new(&inspect);
    if File::open(&path).is_ok() {
        // The superuser may read all, and nobody may not.
        command.uid(65534);
    }
    let output = command.arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let shown = format!("{}\n  error        Permission denied (os error 13)\n", path.display());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), shown);
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let folder = Folder::new("closed");
    for i in 0..2000 {
        folder.write(&format!("{i}"), "US\nsome text");
    }
    let mut command = Command::new(INSPECT);
    let mut child =
        command.arg(&folder.0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 1];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]));
}

/// What is printed of a file, and the most memory in KiB that it took: while the command waits for its standard input, which is named
/// after the file, it is there to be asked.
#[cfg(target_os = "linux")]
fn peak(path: &Path) -> (String, u64) {
    let mut command = Command::new(INSPECT);
    command.arg(path).arg("-").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut shown = String::new();
    out.read_line(&mut shown).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak = peak.trim().trim_end_matches(" kB").parse().unwrap();
    child.stdin.take().unwrap().write_all(b"US\nend").unwrap();
    out.read_to_string(&mut shown).unwrap();
    assert!(shown.ends_with("  text         \"end\"\n"), "{shown}");
    assert_eq!(child.wait().unwrap().code(), Some(0), "{shown}");
    println!("{}: {peak} KiB", path.display());
    (shown, peak)
}

/// A file that begins with these bytes and goes on with zeros, which take no room on the disk.
#[cfg(target_os = "linux")]
fn sparse(folder: &Folder, name: &str, start: &[u8], size: u64) -> PathBuf {
    let path = folder.write(name, start);
    File::options().write(true).open(&path).unwrap().set_len(size).unwrap();
    path
}

/// The header of an array in one dimension, as NumPy writes it.
#[cfg(target_os = "linux")]
fn npy_header(descr: &str, length: u64) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({length},), }}");
    [&b"\x93NUMPY\x01\x00\x76\x00"[..], format!("{header:117}\n").as_bytes()].concat()
}

#[cfg(target_os = "linux")]
const GIB: u64 = 1 << 30;
/// In KiB.
#[cfg(target_os = "linux")]
const MOST: u64 = 50 << 10;

#[cfg(target_os = "linux")]
#[test]
fn a_gigabyte_is_shown_in_little_memory() {
    let folder = Folder::new("large");
    let header = npy_header("<f8", 134_217_728);
    for (name, line) in [("aligned", padded("NP", b"")), ("plain", b"NP\n".to_vec())] {
        let start = [&*line, &header].concat();
        let path = sparse(&folder, name, &start, start.len() as u64 + GIB);
        let (shown, peak) = peak(&path);
        assert_eq!(part(&shown, "shape"), "[134217728], in C order");
        assert!(peak < MOST, "{peak} KiB");
    }

    let (shown, peak_of_bytes) = peak(&sparse(&folder, "bytes", b"BS\n", GIB));
    assert!(part(&shown, "bytes").ends_with(" and 1073741757 bytes more"), "{shown}");
    assert!(peak_of_bytes < MOST, "{peak_of_bytes} KiB");

    // Each `bool` of an array would have to be checked.
    let start = padded("NP", &npy_header("|b1", GIB));
    let (shown, peak_of_bools) = peak(&sparse(&folder, "bools", &start, start.len() as u64 + GIB));
    assert!(part(&shown, "first").starts_with("[false, "), "{shown}");
    assert!(peak_of_bools < MOST, "{peak_of_bools} KiB");

    let header =
        format!(r#"{{"x":{{"dtype":"F32","shape":[268435456],"data_offsets":[0,{GIB}]}}}}"#);
    let start = [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat();
    let start = padded("ST", &start);
    let (shown, peak_of_tensors) =
        peak(&sparse(&folder, "tensors", &start, start.len() as u64 + GIB));
    assert!(shown.contains("\"x\"  F32  [268435456]  1073741824 bytes\n"), "{shown}");
    assert!(peak_of_tensors < MOST, "{peak_of_tensors} KiB");

    // A record of an unknown type with a frame of a gigabyte inside.
    let record = [record_around(64 + GIB), padded("BS", b"")].concat();
    let (shown, peak_of_record) = peak(&sparse(&folder, "record", &record, 192 + GIB));
    assert_eq!(part(&shown, "frames"), "1 inside of this record");
    assert!(part(&shown, "bytes").ends_with(" and 1073741760 bytes more"), "{shown}");
    assert!(peak_of_record < MOST, "{peak_of_record} KiB");
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_larger_than_is_shown_is_not_read() {
    const LIMIT: &str = "the limit is 33554432";

    let folder = Folder::new("larger");
    let path = folder.0.join("floats");
    let mut pickle = BufWriter::new(File::create(&path).unwrap());
    pickle.write_all(b"PK\n\x80\x04](").unwrap();
    for i in 0..10_000_000 {
        pickle.write_all(b"G").unwrap();
        pickle.write_all(&f64::from(i).to_be_bytes()).unwrap();
    }
    pickle.write_all(b"e.").unwrap();
    pickle.flush().unwrap();
    let (shown, peak_of_pickle) = peak(&path);
    assert!(part(&shown, "not shown").contains(LIMIT), "{shown}");
    // Beside the limit are the pages of the file.
    assert!(peak_of_pickle < 2 * MOST, "{peak_of_pickle} KiB");

    let zeros = vec![0_u32; 10 << 20];
    for (compression, name) in [(Compression::Zstd(1), "zstd"), (Compression::Lz4, "lz4")] {
        let zeros = compression.serialize(&zeros).unwrap();
        let (shown, peak_of_zeros) = peak(&folder.write(name, &zeros));
        assert!(part(&shown, "compressed").contains(" decompressed to 41943232"), "{shown}");
        assert_eq!(part(&shown, "identifier"), "NP");
        assert!(part(&shown, "not shown").contains(LIMIT), "{shown}");
        assert!(peak_of_zeros < MOST, "{peak_of_zeros} KiB");
    }

    // A pipe without an end.
    let mut command = Command::new("sh");
    command.args(["-c", "(printf 'US\\n'; yes) | \"$0\" -", INSPECT]);
    let output = command.output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert_eq!(part(&shown, "meaning"), "text");
    assert!(part(&shown, "not shown").contains(LIMIT), "{shown}");
}
