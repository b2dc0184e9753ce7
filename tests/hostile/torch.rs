//! `PT`: checkpoints of code, and tensors that lie about their storage.

use ps_serialize::deserialize;
use ps_serialize::torch::Checkpoint;

use crate::peak_memory;

#[test]
fn every_prefix_and_every_changed_byte_gives_a_checkpoint_or_an_error() {
    let frame = support::checkpoint("strided");
    let mut read = 0;
    let peak = peak_memory(|| {
        for end in 0..frame.len() {
            assert!(deserialize::<Checkpoint>(&frame[..end]).is_err(), "{end} bytes");
        }
        let mut changed = frame.clone();
        for place in 3..frame.len() {
            for bits in [1, 2, 0x10, 0x80, 0xff] {
                changed[place] ^= bits;
                read += usize::from(deserialize::<Checkpoint>(&changed).is_ok());
                changed[place] ^= bits;
            }
        }
    });
    assert!(read > 0 && peak < 64 << 20, "{peak} bytes were in use");
}

/// A checkpoint of one tensor of a storage of three numbers; `rest` is its offset, its shape and its
/// strides.
fn checkpoint(class: &str, length: &str, rest: &[u8]) -> Vec<u8> {
    let storage = format!("(Vstorage\nctorch\n{class}\nV0\nVcpu\nI{length}\ntQ");
    let rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n(";
    let end = b"\x89ccollections\nOrderedDict\n)RtR.";
    archive(&[
        ("data.pkl", &[&rebuild[..], storage.as_bytes(), rest, end].concat()),
        ("byteorder", b"little"),
        ("data/0", &[0; 12]),
    ])
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::{Cursor, Write};
    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in files {
        zip.start_file(format!("model/{name}"), stored).unwrap();
        zip.write_all(content).unwrap();
    }
    [b"PT\n", &zip.finish().unwrap().into_inner()[..]].concat()
}

fn refused(frame: &[u8]) -> String {
    let mut message = String::new();
    let peak = peak_memory(|| {
        message = format!("{:?}", deserialize::<Checkpoint>(frame).unwrap_err());
    });
    assert!(peak < 1 << 20, "{peak} bytes were in use");
    message
}

#[test]
fn tensors_that_lie_are_refused() {
    let good = checkpoint("FloatStorage", "3", b"K\x01K\x02\x85K\x01\x85");
    let read: Checkpoint = deserialize(&good).unwrap();
    assert_eq!(read.tensors().get("").unwrap().shape(), [2]);
    for (class, length, rest, part) in [
        // A tensor of 2^28 numbers. All of them are one number in memory, since the stride is 0.
        (
            "FloatStorage",
            "3",
            &b"K\0J\0\0\0\x10\x85K\0\x85"[..],
            "memory of what is read, in bytes",
        ),
        ("FloatStorage", "3", b"K\0\x8a\x08\0\0\0\0\0\0\0\x7f\x85K\0\x85", "not a tensor"),
        ("FloatStorage", "3", b"K\x02K\x02\x85K\x01\x85", "ends after its storage"),
        ("FloatStorage", "3", b"K\0K\x02\x85K\x03\x85", "ends after its storage"),
        ("FloatStorage", "3", b"J\xff\xff\xff\xffK\x02\x85K\x01\x85", "not a tensor"),
        ("FloatStorage", "3", b"K\0J\xff\xff\xff\xff\x85K\x01\x85", "not a tensor"),
        ("FloatStorage", "3", b"K\0K\x02\x85J\xff\xff\xff\xff\x85", "not a tensor"),
        ("FloatStorage", "3", b"K\0K\x02K\x01\x86K\x01\x85", "not a tensor"),
        ("FloatStorage", "4", b"K\0K\x02\x85K\x01\x85", "which is not what the pickle says"),
        ("DoubleStorage", "3", b"K\0K\x02\x85K\x01\x85", "which is not what the pickle says"),
        ("FloatStorage", "-3", b"K\0K\x02\x85K\x01\x85", "which is not what the pickle says"),
        ("save", "3", b"K\0K\x02\x85K\x01\x85", "`torch.save`"),
    ] {
        let message = refused(&checkpoint(class, length, rest));
        assert!(message.contains(part), "{class} {length} {rest:?}: {message}");
    }
}

/// A stride of 0 repeats one number, here more often than any memory holds.
#[test]
#[cfg(target_pointer_width = "64")]
fn a_tensor_that_is_larger_than_any_memory_is_an_error_without_a_limit_too() {
    let unlimited = ps_serialize::Options::new().size_limit(usize::MAX);
    for length in [1_u64 << 59, (1 << 61) - 1, (1 << 62) - 1, i64::MAX as u64] {
        let rest = [b"K\0\x8a\x08", &length.to_le_bytes()[..], b"\x85K\0\x85"].concat();
        let frame = checkpoint("FloatStorage", "3", &rest);
        assert!(unlimited.deserialize::<Checkpoint>(&frame).is_err(), "{length}");
    }
}

#[test]
fn storages_that_lie_are_refused() {
    let value =
        |id: &str| archive(&[("data.pkl", format!("P{id}\n.").as_bytes()), ("data/0", &[0; 12])]);
    let good = "('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 3)";
    let read: Checkpoint = deserialize(&value(good)).unwrap();
    assert_eq!(read.tensors().get("").unwrap().shape(), [3]);
    let bytes = "('storage', <class 'torch.storage.UntypedStorage'>, '0', 'cuda:0', 12)";
    let read: Checkpoint = deserialize(&value(bytes)).unwrap();
    assert_eq!(read.tensors().get("").unwrap().shape(), [12]);
    for (id, part) in [
        ("('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 4)", "not what the pickle says"),
        ("('storage', <class 'torch.FloatStorage'>, '0', 'cpu', -3)", "not a tensor"),
        ("('storage', <class 'torch.FloatStorage'>, '0', 'cpu', x)", "not a tensor"),
        ("('storage', <class 'torch.FloatStorage'>, '1', 'cpu', 3)", "no file `data/1`"),
        ("('storage', <class 'torch.FloatStorage'>, '../0', 'cpu', 3)", "no file `data/../0`"),
        ("('storage', <class 'os.system'>, '0', 'cpu', 3)", "not a tensor"),
        ("('storage', <class 'torch.save'>, '0', 'cpu', 3)", "not a tensor"),
        ("('module', <class 'torch.FloatStorage'>, '0', 'cpu', 3)", "not a tensor"),
        ("('storage', <class 'torch.FloatStorage'>, '0')", "not a tensor"),
        ("0", "not a tensor"),
        ("", "not a tensor"),
    ] {
        let message = refused(&value(id));
        assert!(message.contains(part), "{id}: {message}");
    }
    // References to storages that are not text.
    for (pickle, part) in [
        (&b"NQ."[..], "not a tensor"),
        (b"K\0Q.", "not a tensor"),
        (b"]Q.", "not a tensor"),
        (b")Q.", "not a tensor"),
        (b"(Vstorage\ncos\nsystem\nV0\nVcpu\nK\x03tQ.", "`os.system`"),
    ] {
        let message = refused(&archive(&[("data.pkl", pickle), ("data/0", &[0; 12])]));
        assert!(message.contains(part), "{}: {message}", pickle.escape_ascii());
    }
}

#[test]
fn tensors_of_other_functions_and_classes_are_read_or_refused() {
    let read = |pickle: &str| -> Result<Checkpoint, ps_serialize::Error> {
        deserialize(&archive(&[("data.pkl", pickle.as_bytes()), ("data/0", &[0, 0, 128, 63])]))
    };
    let storage = "(Vstorage\nctorch\nFloatStorage\nV0\nVcpu\nI1\ntQ";
    let old = format!("ctorch._utils\n_rebuild_tensor\n({storage}I0\n(I1\nt(I1\nttR");
    let arguments = format!("({storage}I0\n(I1\nt(I1\ntI00\nNt");
    let new = format!("ctorch._utils\n_rebuild_tensor_v2\n{arguments}R");
    let sized = format!(
        "ctorch._utils\n_rebuild_tensor_v2\n({storage}I0\nctorch\nSize\n((I1\nttR(I1\ntI00\nNtR"
    );
    let with_class = |class: &str| {
        format!(
            "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\nc{class}\n{arguments}(dVtag\nI3\nstR"
        )
    };
    let moved = |dtype: &str| {
        format!(
            "ctorch._utils\n_rebuild_device_tensor_from_cpu_tensor\n({new}ctorch\n{dtype}\nVxla:0\nI00\ntR"
        )
    };
    let parameter = |data: &str| format!("ctorch._utils\n_rebuild_parameter\n({data}I01\nNtR");
    for pickle in [
        &old,
        &new,
        &sized,
        &with_class("torch\nTensor"),
        &with_class("torch.nn.parameter\nParameter"),
        &with_class("torch.nn.parameter\nBuffer"),
        &moved("float32"),
        &parameter(&old),
        &parameter(&parameter(&with_class("torch\nTensor"))),
    ] {
        let read =
            read(&format!("{pickle}.")).unwrap_or_else(|error| panic!("{pickle}: {error:?}"));
        let tensor = read.tensors().get("").unwrap();
        assert_eq!((tensor.shape(), tensor.data()), (&[1][..], &[0, 0, 128, 63][..]), "{pickle}");
        assert!(read.values().is_empty());
    }
    for (pickle, part) in [
        (&with_class("__main__\nSub"), "`__main__.Sub`"),
        (&with_class("torch\nfloat32"), "not a tensor"),
        (&with_class("builtins\nlist"), "not a tensor"),
        (&moved("float64"), "save `tensor.cpu()`"),
        (&moved("complex128"), "the tensor has elements of complex128"),
        (&parameter("N"), "not a tensor"),
        (&parameter("ctorch\nTensor\n"), "not a tensor"),
        (&format!("{new}(dVtag\nI3\nsb"), "is given a state after it is made"),
        (&"ctorch\nTensor\n(I1\ntR".to_owned(), "`torch.Tensor`"),
        (&"ctorch.nn.parameter\nParameter\n)R".to_owned(), "`torch.nn.parameter.Parameter`"),
        (&"ctorch._utils\n_rebuild_wrapper_subclass\n(Nt\x52".to_owned(), "is of a subclass"),
        (&"ctorch._utils\n_rebuild_device_tensor_from_numpy\n(Nt\x52".to_owned(), "`tensor.cpu()`"),
        (&"ctorch._utils\nIMPORT_MAPPING\n".to_owned(), "`torch._utils.IMPORT_MAPPING`"),
        (&"ctorch.distributed.tensor\nDTensor\n".to_owned(), "`full_tensor()`"),
        (&"ctorchvision.models\nResNet\n".to_owned(), "no code is run"),
    ] {
        let message = format!("{:?}", read(&format!("{pickle}.")).expect_err(part));
        assert!(message.contains(part), "{pickle}: {message}");
        assert!(!message.contains("of a module"), "{pickle}: {message}");
    }
    // Plain data keeps the classes of its dictionaries.
    let counter = b"PK\nccollections\nCounter\n((dVa\nI1\nstR.";
    let counter = deserialize::<ps_serialize::pickle::Value>(counter).unwrap();
    assert_eq!(counter.as_object().unwrap().class(), ("collections", "Counter"));
    assert_eq!(counter["a"].as_i64(), Some(1));
}

#[test]
fn dictionaries_and_keys_that_grow_are_refused() {
    let mut entries = Vec::new();
    for number in 0_u16..10_000 {
        entries.extend_from_slice(b"M");
        entries.extend_from_slice(&number.to_le_bytes());
        entries.push(b'N');
    }
    let counter = b"ccollections\nCounter\n";
    // A dictionary is counted again and again.
    let counters = [
        &b"}q\0("[..],
        &entries,
        b"u0]q\x01(",
        &[&counter[..], b"h\0\x85R"].concat().repeat(1000),
        b"e.",
    ];
    // A counter of a counter, and so on.
    let nested = [
        &b"}("[..],
        &entries,
        b"uq\0",
        &[b"0", &counter[..], b"h\0\x85Rq\0"].concat().repeat(1000),
        b".",
    ];
    for pieces in [&counters[..], &nested] {
        let frame = archive(&[("data.pkl", &pieces.concat())]);
        let message = format!("{:?}", deserialize::<Checkpoint>(&frame).unwrap_err());
        assert!(message.contains("bytes of a pickle that it has copied"), "{message}");
    }
    // A key of pairs of pairs, with a billion numbers in all; and a key that is nested 1,000 deep.
    let pairs = [&b"}(K\x01"[..], &b"q\0h\0\x86".repeat(30), b"Nu."].concat();
    let deep = [&b"}(K\x01"[..], &b"\x85".repeat(1000), b"Nu."].concat();
    // A number of a million digits.
    let huge =
        [&b"}(\x8b"[..], &1_000_000_u32.to_le_bytes(), &vec![0x11; 1_000_000], b"Nu."].concat();
    let start = std::time::Instant::now();
    for (pickle, part) in [
        (&pairs, "memory of what is read, in bytes"),
        (&deep, "nested too deep, in levels: the limit is 128"),
        (&huge, "bits of an integer that is a key: the limit is 1024"),
    ] {
        let frame = archive(&[("data.pkl", pickle)]);
        let message = format!("{:?}", deserialize::<Checkpoint>(&frame).unwrap_err());
        assert!(message.contains(part), "{message}");
    }
    support::assert_soon(start);
}

#[test]
fn tensors_that_are_copied_again_and_again_are_refused() {
    // A bool whose bytes are not 0 or 1, and a long reference as text.
    let bools = vec![2; 60_000];
    let long = format!(
        "P('storage', <class 'torch.BoolStorage'>, '0', '{}', 60000)\n",
        "x".repeat(60_000)
    );
    for id in ["P('storage', <class 'torch.BoolStorage'>, '0', 'cpu', 60000)\n", &long] {
        let one = [id.as_bytes(), b"q\0."].concat();
        let read: Checkpoint =
            deserialize(&archive(&[("data.pkl", &one), ("data/0", &bools)])).unwrap();
        assert!(read.tensors().get("").unwrap().data().iter().all(|byte| *byte == 1));
        let many = [b"](", id.as_bytes(), b"q\0", &b"h\0".repeat(100_000), b"e."].concat();
        let frame = archive(&[("data.pkl", &many), ("data/0", &bools)]);
        let message = format!("{:?}", deserialize::<Checkpoint>(&frame).unwrap_err());
        assert!(message.contains("memory of what is read, in bytes"), "{message}");
    }
}

#[test]
fn archives_that_are_no_checkpoints_are_refused() {
    let system = b"cos\nsystem\n(S'true'\ntR.";
    for (files, part) in [
        (&[][..], "not a zip archive"),
        (&[("data/0", &b"x"[..])][..], "no file `data.pkl`"),
        (&[("data.pkl", &system[..])][..], "`os.system`"),
        (&[("data.pkl", b"N."), ("byteorder", b"big")], "big-endian"),
        (&[("data.pkl", b"N."), ("constants.pkl", b"N.")], "TorchScript"),
        (&[("data.pkl", b"}(X\x01\0\0\0aK\x01X\x01\0\0\0aK\x02u.")], "the name `a`"),
        (&[("data.pkl", b"}(K\x01K\x02V1\nK\x02u.")], "the name `1`"),
        (&[("data.pkl", b"}(K\x01}K\x02K\x02sV1\n}K\x03K\x03su.")], "the name `1`"),
        (&[("data.pkl", b"}q\0(Va\nK\x01Vb\nh\0u.")], "contains itself"),
        (&[("data.pkl", b"]q\0(K\x01h\0\x85e.")], "contains itself"),
        (&[("data.pkl", b"}(C\x01aK\x01u.")], "key of a dictionary"),
        (&[("data.pkl", b"}(]K\x01u.")], "key of a dictionary"),
        (&[("data.pkl", b"}(cbuiltins\nlist\nK\x01u.")], "key of a dictionary"),
        (&[("data.pkl", b"cbuiltins\nlist\n)R.")], "`builtins.list`"),
        (&[("data.pkl", b"ccollections\ndefaultdict\ncos\nsystem\n\x85R.")], "`os.system`"),
        (&[("data.pkl", b"ccollections\ndefaultdict\n]\x85R.")], "a call of DefaultDict"),
        (&[("data.pkl", b"ccollections\nCounter\n]\x85R.")], "a call of Counter"),
        (&[("data.pkl", b"cbuiltins\neval\nV1\n\x85R.")], "`builtins.eval`"),
    ] {
        let message = refused(&archive(files));
        assert!(message.contains(part), "{part}: {message}");
    }
    // Two files of one name: PyTorch reads the first, other readers the last.
    let mut twice = archive(&[("data.pkl", b"K\x01."), ("data.pkX", b"K\x02.")]);
    let name = b"data.pkX";
    while let Some(at) = twice.windows(name.len()).position(|part| part == name) {
        twice[at..at + name.len()].copy_from_slice(b"data.pkl");
    }
    let message = refused(&twice);
    assert!(message.contains("two files of one name"), "{message}");
    // A long name of a storage, for a hundred thousand tensors.
    let key = "k".repeat(60_000);
    let storage = format!("(Vstorage\nctorch\nFloatStorage\nV{key}\nVcpu\nI3\ntQ");
    let tensors = [
        &b"](ctorch._utils\n_rebuild_tensor_v2\n("[..],
        storage.as_bytes(),
        b"K\0K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtRq\0",
        &b"h\0".repeat(100_000),
        b"e.",
    ];
    let frame = archive(&[("data.pkl", &tensors.concat()), (&format!("data/{key}"), &[0; 12])]);
    let message = format!("{:?}", deserialize::<Checkpoint>(&frame).unwrap_err());
    assert!(message.contains("memory of what is read, in bytes"), "{message}");
    // Long names of shared dictionaries: thirty levels of ten thousand letters each.
    let mut long = [b"X\x10\x27\0\0", &b"k".repeat(10_000)[..], b"q\0N"].concat();
    for _ in 0..100 {
        long.extend_from_slice(b"q\x01}(h\0h\x01K\x01h\x01u");
    }
    long.push(b'.');
    let start = std::time::Instant::now();
    let frame = archive(&[("data.pkl", &long)]);
    let message = format!("{:?}", deserialize::<Checkpoint>(&frame).unwrap_err());
    assert!(message.contains("memory of what is read, in bytes"), "{message}");
    support::assert_soon(start);
}
