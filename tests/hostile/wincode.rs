//! Records with the codec `Wincode`: lengths that lie, and nesting.

use ps_serialize::{Wincode, deserialize, deserialize_any, registry, serialize, serializer};
use wincode::{SchemaRead, SchemaWrite};

use crate::{mutate, peak_memory};

#[serializer(id = b"hw", codec = Wincode)]
#[derive(SchemaRead, SchemaWrite, Debug, PartialEq)]
struct Mixed {
    text: String,
    bytes: Vec<u8>,
    numbers: Vec<[u64; 4]>,
    texts: Vec<String>,
    map: std::collections::HashMap<u8, u8>,
    option: Option<u16>,
}

#[serializer(id = b"hx", codec = Wincode)]
#[derive(SchemaRead, SchemaWrite, Debug, PartialEq)]
struct Tree {
    children: Vec<Tree>,
}

#[serializer(id = b"hy", codec = Wincode)]
#[derive(SchemaRead, SchemaWrite, Debug, PartialEq)]
struct Units(Vec<()>);

#[serializer(id = b"hz", codec = Wincode)]
#[derive(SchemaRead, SchemaWrite, Debug, PartialEq)]
struct Large(Vec<Option<[u64; 100]>>);

fn mixed() -> Mixed {
    Mixed {
        text: "µ\n".to_owned(),
        bytes: vec![1, 2],
        numbers: vec![[1, 2, 3, 4]],
        texts: vec![String::new(), "x".to_owned()],
        map: [(1, 2)].into(),
        option: Some(3),
    }
}

#[test]
fn every_prefix_and_every_changed_byte_gives_a_value_or_an_error() {
    mutate(&mixed());
    mutate(&Tree { children: vec![Tree { children: vec![] }] });
    mutate(&Units(vec![(); 3]));
    mutate(&Large(vec![None, Some([7; 100])]));
}

#[test]
fn a_length_that_lies_costs_nothing() {
    // The index of the registry is made at its first use.
    assert!(registry().check().is_ok());
    let frame = serialize(&mixed()).unwrap();
    // Where each length stands: of the text, the bytes, the numbers, the texts and the map.
    for at in [3, 14, 24, 64, 89] {
        for length in [1000_u64, 1 << 20, 1 << 60, u64::MAX] {
            let mut frame = frame.to_vec();
            frame[at..at + 8].copy_from_slice(&length.to_le_bytes());
            let mut error = None;
            let peak = peak_memory(|| error = deserialize_any(&frame).err());
            assert!(peak <= 4096, "{peak} bytes were in use for {length} at {at}");
            let error = format!("{:#}", error.expect("it is refused"));
            let limit = frame.len() - 3;
            let elements = format!(
                "too many elements in sequences for the size of the payload: the limit is {limit}"
            );
            let expected = match usize::try_from(length) {
                Ok(_) => &*elements,
                Err(_) => "more than this machine can address",
            };
            assert!(error.contains(expected), "at {at}: {error}");
        }
    }
}

#[serializer(id = b"hW", codec = Wincode)]
#[derive(SchemaRead, SchemaWrite, Debug)]
struct Skipped(Vec<Vec<NoBytes>>);

#[derive(SchemaRead, SchemaWrite, Debug)]
struct NoBytes {
    #[wincode(skip)]
    _memory: [u64; 31],
}

#[serializer(id = b"hV", codec = Wincode)]
#[derive(SchemaRead, SchemaWrite, Debug)]
struct Sets(Vec<std::collections::HashSet<()>>);

#[serializer(id = b"hU", codec = Wincode)]
#[derive(SchemaRead, SchemaWrite, Debug)]
struct Sparse(Vec<Option<[u64; 512]>>);

#[serializer(id = b"hR", codec = Wincode)]
#[derive(SchemaRead, SchemaWrite, Debug)]
struct Sparser(Vec<Vec<Option<[u64; 512]>>>);

#[test]
fn sequences_in_sequences_are_limited_together() {
    let n = 10_000_u64;
    let many = |id: &[u8], inner: u64| {
        let count = (n / 8).to_le_bytes();
        let lengths = inner.to_le_bytes().repeat((n / 8) as usize);
        [id, b"\n", &count, &lengths].concat()
    };
    let says = |error: ps_serialize::Error, part: &str| {
        let error = format!("{error:#}");
        assert!(error.contains(part), "{error}");
    };
    let elements = "too many elements in sequences";
    says(deserialize_any(&many(b"hW", n)).unwrap_err(), elements);
    says(deserialize_any(&many(b"hV", 65_536)).unwrap_err(), elements);
    let frame = [b"hU\n", &3_000_000_u64.to_le_bytes()[..], &vec![1; 3_000_000]].concat();
    let mut error = None;
    let peak = peak_memory(|| error = deserialize::<Sparse>(&frame).err());
    assert!(peak < 64 << 20, "{peak}");
    says(error.expect("it is refused"), "too much memory for the elements of sequences");
}

/// A type with several kinds of levels, as large as JSON's and larger.
#[serializer(id = b"hN", codec = Wincode)]
#[derive(SchemaRead, SchemaWrite, Debug)]
#[allow(clippy::large_enum_variant)]
enum Node {
    End,
    List(Vec<Node>),
    Map(std::collections::BTreeMap<u8, Node>),
    Pair { left: Vec<Node>, right: Vec<Node>, padding: [[u64; 32]; 16] },
}

#[test]
fn what_is_written_deep_can_be_read() {
    let kinds: [fn(Node) -> Node; 3] = [
        |node| Node::List(vec![node]),
        |node| Node::Map([(1, node)].into()),
        |node| Node::Pair { left: vec![], right: vec![node], padding: [[1; 32]; 16] },
    ];
    for (kind, deeper) in kinds.into_iter().enumerate() {
        std::thread::spawn(move || {
            let mut value = Node::End;
            let mut depth = 0;
            while let Ok(frame) = serialize(&value) {
                deserialize::<Node>(&frame).expect("what is written can be read");
                value = deeper(value);
                depth += 1;
            }
            assert!(depth > 2, "kind {kind}: {depth} levels");
        })
        .join()
        .unwrap();
    }
}

#[test]
fn an_error_says_which_bound_was_hit() {
    let says = |frame: &[u8], part: &str| {
        let error = format!("{:#}", deserialize_any(frame).unwrap_err());
        assert!(error.contains(part), "{error}");
    };
    let million = 1_u64.to_le_bytes().repeat(1_000_000);
    says(&[b"hx\n", &million[..]].concat(), "takes none): the limit is 1048576, and this is ");
    says(
        &[b"hy\n", &70_000_u64.to_le_bytes()[..]].concat(),
        "for the size of the payload: the limit is 65544, and this is 70000 or more",
    );
    says(b"hw\n\x01\0\0\0", "the payload ends inside of the value");
}

/// A type for which writing takes more stack for each level than counting the bytes does.
#[serializer(id = b"hS", codec = Wincode)]
#[derive(SchemaRead, SchemaWrite, Debug)]
#[allow(clippy::large_enum_variant, clippy::vec_box)]
enum Boxes {
    End,
    Wide { padding: [[u64; 32]; 8], rest: Vec<Box<Boxes>> },
    Narrow(Vec<Boxes>, u8),
}

#[test]
fn writing_does_not_overflow_the_stack_either() {
    let nested = |depth: usize| {
        (0..depth).fold(Boxes::End, |rest, level| match level % 2 {
            0 => Boxes::Wide { padding: [[1; 32]; 8], rest: vec![Box::new(rest)] },
            _ => Boxes::Narrow(vec![rest], 1),
        })
    };
    let check = move || {
        let depths = std::iter::successors(Some(10), |depth| Some(depth + depth / 20 + 1));
        for depth in depths.take_while(|depth| *depth < 20_000) {
            let value = &nested(depth);
            // The stack has the usual size. The test is that the calls return.
            std::thread::scope(|scope| {
                for used in [0, 600 << 10] {
                    scope.spawn(move || use_stack(used, &|| serialize(value).is_ok()));
                }
            });
        }
    };
    // Dropping such a value takes more stack.
    std::thread::Builder::new().stack_size(256 << 20).spawn(check).unwrap().join().unwrap();
}

/// Calls a function further down the stack, by at least this many bytes.
fn use_stack(bytes: usize, work: &dyn Fn() -> bool) -> bool {
    fn from(top: usize, bytes: usize, work: &dyn Fn() -> bool) -> bool {
        let here = std::hint::black_box([0_u8; 256]);
        if top.abs_diff(here.as_ptr().addr()) >= bytes {
            return work();
        }
        from(top, bytes, work) && std::hint::black_box(here)[0] == 0
    }
    let top = 0_u8;
    from(std::ptr::from_ref(&top).addr(), bytes, work)
}

#[test]
fn large_and_sparse_sequences_are_not_refused() {
    for value in [vec![None; 50_000], vec![Some([1; 100]); 10_000]] {
        let frame = serialize(&Large(value)).unwrap();
        assert_eq!(serialize(&deserialize::<Large>(&frame).unwrap()).unwrap(), frame);
    }
}

#[test]
fn elements_without_bytes_are_limited_on_both_sides() {
    let fits = Units(vec![(); 65_536]);
    assert_eq!(deserialize::<Units>(&serialize(&fits).unwrap()).unwrap(), fits);
    let says = |error: ps_serialize::Error, found: u64| {
        let error = format!("{error:#}");
        let beyond_32_bits = usize::try_from(found).is_err();
        let limit = if found > 1 << 24 { 1 << 24 } else { 65_544 };
        let expected = format!("the limit is {limit}, and this is {found} or more");
        assert!(error.contains(&expected) || beyond_32_bits, "{error}");
    };
    says(serialize(&Units(vec![(); 70_000])).unwrap_err(), 70_000);
    for length in [70_000_u64, 1 << 40, u64::MAX] {
        let frame = [b"hy\n", &length.to_le_bytes()[..]].concat();
        says(deserialize::<Units>(&frame).unwrap_err(), length);
    }
}

/// What an error says that the limit is, and what was found.
fn limit_and_found(error: &ps_serialize::Error) -> (u64, u64) {
    match error.kind() {
        ps_serialize::ErrorKind::LimitExceeded { limit, found, .. } => (*limit, *found),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_exceeded_limit_is_reported_as_it_is_and_not_what_was_left_of_it() {
    let two = |id: &[u8], first: u64, second: u64, elements: &[u8]| {
        let lengths = [2, first, second].map(u64::to_le_bytes);
        let [first, second] =
            [first, second].map(|length| elements.repeat(usize::try_from(length).unwrap()));
        [id, b"\n", &lengths[0], &lengths[1], &first, &lengths[2], &second].concat()
    };
    // Two sequences of nothing, of which the first is within the limit.
    for (first, second) in [(60_000, 10_000), (65_000, 1000), (1, 65_600), (0, 70_000)] {
        let error = deserialize::<Sets>(&two(b"hV", first, second, b"")).unwrap_err();
        assert_eq!(limit_and_found(&error), (24 + 65_536, first + second + 2), "{error:?}");
    }
    assert!(deserialize::<Sets>(&two(b"hV", 60_000, 5_000, b"")).is_ok());
    // Two sequences of a byte for each element, which takes 4,104 bytes in memory.
    for (first, second) in [(12_000, 12_000), (1, 17_000), (16_000, 1000)] {
        let frame = two(b"hR", first, second, b"\0");
        let limit = 64 * (frame.len() as u64 - 3) + (64 << 20);
        let error = deserialize::<Sparser>(&frame).unwrap_err();
        assert_eq!(
            limit_and_found(&error),
            (limit, (first + second) * size_of::<Option<[u64; 512]>>() as u64),
            "{error:?}"
        );
    }
}

#[test]
fn nesting_a_million_deep_is_an_error_on_both_sides() {
    let level = 1_u64.to_le_bytes();
    let frame = [b"hx\n", &level.repeat(1_000_000)[..], &[0; 8]].concat();
    let error = deserialize::<Tree>(&frame).unwrap_err();
    assert!(format!("{error:?}").contains("nested too deep"), "{error:?}");

    let mut tree = Tree { children: vec![] };
    let mut depth = 0;
    // The deepest value that can be written can also be read.
    while let Ok(frame) = serialize(&tree) {
        deserialize::<Tree>(&frame).expect("what is written can be read");
        tree = Tree { children: vec![tree] };
        depth += 1;
        assert!(depth < 100_000);
    }
    assert!(depth > 20, "only {depth} levels");
}
