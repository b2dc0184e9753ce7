//! `PK`: instances and values of the standard library that lie.

use std::time::Instant;

use ps_serialize::pickle::{Pickle, Value};
use ps_serialize::{ErrorKind, Options, deserialize, deserialize_with, serialize};

use crate::pickled::{frame, refused};
use crate::{mutate, peak_memory};

const CLASS: &[u8] = b"\x8c\x01m\x8c\x01C\x93";

#[test]
fn functions_are_refused_by_every_opcode() {
    for payload in [
        &b"cos\nsystem\n(S'true'\ntR."[..],
        b"cos\nsystem\n(S'true'\nt\x81.",
        b"cos\nsystem\n(Vtrue\nt}\x92.",
        b"cos\nsystem\n.",
        b"\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.",
        b"\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85\x81.",
        b"(S'true'\nios\nsystem\n.",
        b"(cos\nsystem\nS'true'\no.",
        b"ccopyreg\n_reconstructor\n(cos\nsystem\ncbuiltins\nobject\nNtR.",
        b"ccopyreg\n__newobj__\n(cos\nsystem\nVtrue\ntR.",
        b"ccopyreg\n__newobj_ex__\n(cos\nsystem\n(Vtrue\nt}tR.",
        b"cbuiltins\ngetattr\n(cos\nsystem\nVx\ntR.",
        b"cbuiltins\ngetattr\n(cos\nVsystem\ntR.",
        b"ccollections\ndefaultdict\n(cos\nsystem\ntR.",
        b"cmsgspec._utils\nrebuild\n(cos\nsystem\n}tR.",
        b"c_operator\ngetitem\n(}\x88cos\nsystem\ns\x88tR.",
        b"cm\nC\n)\x81cos\nsystem\nb.",
        b"cos\nsystem\n}b.",
        b"0cos\nsystem\n.",
        b"N0cos\nsystem\n0N.",
    ] {
        let message = refused(&frame(&[payload]));
        let expected = ["`os.system`", "STACK_GLOBAL", "not a pickle", "`os"];
        assert!(expected.iter().any(|part| message.contains(part)), "{message}");
    }
    for (payload, name) in [
        (&b"cm\nfunction\n(I1\ntR."[..], "`m.function`"),
        (b"cm\nC.method\n(I1\ntR.", "`m.C.method`"),
        (b"cm\nC.__init__\n(I1\nt\x81.", "`m.C.__init__`"),
        (b"cbuiltins\nexec\n(Vx\ntR.", "`builtins.exec`"),
        (b"cbuiltins\nobject\n)\x81.", "`builtins.object`"),
        (b"cbuiltins\nint\n(I1\ntR.", "`builtins.int`"),
        (b"csubprocess\nPopen\n(Vtrue\ntR.", "`subprocess.Popen`"),
        (b"csubprocess\nPopen\n)\x81.", "`subprocess.Popen`"),
        (b"c_functools\npartial\n)\x81.", "`_functools.partial`"),
        (b"c_socket\nsocket\n)\x81.", "`_socket.socket`"),
        (b"c_multiprocessing\nSemLock\n)\x81.", "`_multiprocessing.SemLock`"),
        (b"crandom\n_os.Close\n)\x81.", "`random._os.Close`"),
        (b"cfileinput\nFileInput\n)\x81.", "`fileinput.FileInput`"),
        (b"cbuiltins\ngetattr\n(cm\nC\nV__class__\ntR.", "`m.C.__class__`"),
        (b"cbuiltins\ngetattr\n(cm\nC\nNtR.", "Attribute"),
        (b"cbuiltins\ngetattr\n.", "`builtins.getattr`"),
        (b"cm\nC\n.", "`m.C`"),
        (b"c__builtin__\neval\n(Vx\ntR.", "`builtins.eval`"),
        (b"c_operator\ngetitem\n(](cm\nC\neI0\ntR.", "Item"),
        (b"c_operator\ngetitem\n(}N\x88tR.", "Item"),
        (b"c_operator\ngetitem\n(}\x88Ns\x88tR.", "Item"),
        (b"cbuiltins\nissubclass\n(cm\nC\ncm\nD\ntR.", "IsSubclass"),
        (b"cbuiltins\nissubclass\n(NNtR.", "IsSubclass"),
        (b"ccopyreg\n_reconstructor\n(cm\nC\ncm\nB\nNtR.", "Reconstructor"),
        (b"ccopyreg\n_reconstructor\n(cm\nC\ncbuiltins\nobject\nI1\ntR.", "Reconstructor"),
        (b"ccopyreg\n_reconstructor\n)R.", "Reconstructor"),
        (b"I1\n)\x81.", "not a pickle"),
        (b"cm\nC\nN\x81.", "not a pickle"),
        (b"cm\nC\n)N\x92.", "not a pickle"),
        (b"cm\nC\n}}\x92.", "not a pickle"),
    ] {
        let message = refused(&frame(&[payload]));
        assert!(message.contains(name), "{name}: {message}");
    }
    let namespace = deserialize::<Value>(&frame(&[b"ctypes\nSimpleNamespace\n(}tR."]));
    let message = format!("{:?}", namespace.unwrap_err());
    assert!(message.contains("SimpleNamespace` with arguments"), "{message}");
}

#[test]
fn a_state_is_given_to_an_instance_once() {
    for (payload, part) in [
        (&b"N}b."[..], "BUILD"),
        (b"]}b.", "BUILD"),
        (b"}}b.", "attributes"),
        (b"I1\n}b.", "BUILD"),
        (b"cm\nC\n}b.", "BUILD"),
        (b"cm\nC\n)\x81}b}b.", "two states"),
        (b"}b.", "no"),
        (b"b.", "not a pickle"),
        (b"cm\nC\n)\x81b.", "not a pickle"),
        (b"K\x01(K\x02e.", "APPEND"),
        (b"cm\nC\n)\x81(K\x01u.", "has no value"),
    ] {
        let message = refused(&frame(&[payload]));
        assert!(message.contains(part), "{payload:?}: {message}");
    }
    // Any state can be one.
    for state in
        [&b"N"[..], b"K\x01", b"]", b"(t", b"}", b"(NN t", b"NN\x86", b"cm\nD\n)\x81", b"C\x01x"]
    {
        let state: Vec<u8> = state.iter().copied().filter(|byte| *byte != b' ').collect();
        let frame = frame(&[CLASS, b")\x81", &state, b"b."]);
        let value: Value = deserialize(&frame).unwrap();
        assert_eq!(deserialize::<Value>(&serialize(&value).unwrap()).unwrap(), value);
        let _ = deserialize_with::<Pickle<serde_json::Value>>(&frame);
        let _ = format!("{value:?} {:?}", value.get("x"));
        let _ = value.as_object().unwrap().fields().count();
    }
}

#[test]
fn instances_that_contain_themselves_are_refused() {
    for payload in [
        // Its state, an attribute, an element, a value of an entry, a key, an argument.
        &b"\x80\x04cm\nC\n)\x81\x94h\0b."[..],
        b"\x80\x04cm\nC\n)\x81\x94}\x8c\x01xh\0sb.",
        b"\x80\x04cm\nC\n)\x81\x94h\0a.",
        b"\x80\x04cm\nC\n)\x81\x94K\x01h\0s.",
        b"\x80\x04cm\nC\n)\x81\x94h\0K\x01s.",
        b"\x80\x04]\x94(cm\nC\nh\0\x85\x81e.",
        b"\x80\x04ccollections\ndeque\n)R\x94h\0a.",
        b"\x80\x04ccollections\nOrderedDict\n)R\x94K\x01h\0s.",
    ] {
        let message = refused(&frame(&[payload]));
        assert!(message.contains("contains itself"), "{message}");
    }
}

#[test]
fn many_instances_and_long_names_stay_within_the_limits() {
    // A million, one inside the other.
    let deep = [b"cm\nC\n\x940".to_vec(), b"h\0".repeat(1_000_000), b"N".to_vec()];
    let deep = [&b"\x80\x04"[..], &deep.concat(), &b"\x85\x81".repeat(1_000_000), b"."].concat();
    let message = refused(&frame(&[&deep]));
    assert!(message.contains("nested too deep"), "{message}");

    // Beside each other, they share the name.
    let many =
        [b"\x80\x04cm\nC\n\x940](".to_vec(), b"h\0)\x81".repeat(100_000), b"e.".to_vec()].concat();
    let many = frame(&[&many]);
    let peak = peak_memory(|| {
        let value: Value = deserialize(&many).unwrap();
        assert_eq!(value.as_list().unwrap().len(), 100_000);
    });
    assert!(peak < many.len() * 256 + (64 << 20), "{peak}");
    let small = Options::new().size_limit(1 << 20);
    let message = format!("{:?}", small.deserialize::<Value>(&many).unwrap_err());
    assert!(message.contains("memory of what is read, in bytes"), "{message}");

    let long = [b"c".to_vec(), b"m".repeat(1 << 20), b"\nC\n)\x81.".to_vec()].concat();
    assert!(refused(&frame(&[&long])).contains("no class has a name that long"));
    let long = [b"cm\nC".to_vec(), b"c".repeat(1 << 20), b"\n)\x81.".to_vec()].concat();
    assert!(refused(&frame(&[&long])).contains("no class has a name that long"));
    let parts = [b"cm\nC".to_vec(), b".C".repeat(1 << 19), b"\n)\x81.".to_vec()].concat();
    assert!(refused(&frame(&[&parts])).contains("no class has a name that long"));
    // Attributes of attributes.
    let nested = [
        b"\x80\x04cbuiltins\ngetattr\n\x940".to_vec(),
        b"h\0".repeat(10_000),
        b"cm\nC\n".to_vec(),
        b"\x8c\x01D\x86R".repeat(10_000),
        b")\x81.".to_vec(),
    ];
    refused(&frame(&[&nested.concat()]));

    // Ten thousand instances of the arguments of one of ten thousand.
    let arguments = [&b"\x80\x04("[..], &b"N".repeat(10_000), b"t\x940"].concat();
    let instances = b"cm\nC\nh\0\x810".repeat(10_000);
    let message = refused(&frame(&[&arguments, &instances, b"N."]));
    assert!(message.contains("bytes of a pickle that it has copied"), "{message}");
}

#[test]
fn many_names_are_looked_up_and_written_in_time() {
    let start = Instant::now();
    let dotted = [
        b"(".to_vec(),
        [b"cm\n", &b"a.".repeat(499)[..], b"B\n0"].concat().repeat(900),
        b"t.".to_vec(),
    ];
    deserialize::<Value>(&frame(&[&dotted.concat()])).unwrap();
    // A set of tuples, each of which holds a thousand instances of a class with a long name.
    let class = [&b"c"[..], &b"m".repeat(990), b"\n", &b"C".repeat(990), b"\n"].concat();
    let member = [&b"\x80\x04"[..], &class, b"K\x01\x85R\x940"].concat();
    let shared = [&b"("[..], &b"h\0".repeat(1000), b"t\x940("].concat();
    let set = frame(&[&member, &shared, b"h\x01K\x01\x86", b"h\x01N\x86", b"\x91."]);
    let value: Value = deserialize(&set).unwrap();
    let peak = peak_memory(|| drop(serialize(&value).unwrap()));
    assert!(peak < 1 << 20, "{peak}");
    support::assert_soon(start);
}

#[test]
fn the_digits_of_large_fractions_are_not_found_again_and_again() {
    // One integer of 1,700 bytes, which 100,000 fractions have.
    let integer =
        [&b"\x8b\xa4\x06\0\0"[..], &[0x11; 1700], b"\x94cfractions\nFraction\n\x94("].concat();
    let many = frame(&[b"\x80\x04", &integer, &b"h\x01h\0K\x01\x86R".repeat(100_000), b"l."]);
    let start = Instant::now();
    assert_eq!(deserialize::<Value>(&many).unwrap().as_list().unwrap().len(), 100_000);
    let error = deserialize_with::<Pickle<Vec<String>>>(&many).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:?}");
    support::assert_soon(start);
    let one = frame(&[b"\x80\x04", &integer, b"h\x01h\0K\x01\x86Rl."]);
    let [digits] = deserialize_with::<Pickle<[String; 1]>>(&one).unwrap();
    assert_eq!(digits.len(), 4_093);
}

#[test]
fn instances_that_are_read_are_written_however_deep_they_are() {
    // In arguments, states, attributes, elements, entries and what a class is derived from.
    for (begin, end) in [
        (&b"cm\nC\n"[..], &b"\x85\x81"[..]),
        (b"cm\nC\n", b"\x85R"),
        (b"cm\nC\n)\x81", b"b"),
        (b"cm\nC\n)\x81}\x8c\x01x", b"sb"),
        (b"cm\nC\n)\x81", b"a"),
        (b"cm\nC\n)\x81N", b"s"),
        (b"cm\nC\n)}\x8c\x01x", b"s\x92"),
        (b"ccopyreg\n_reconstructor\ncm\nC\ncbuiltins\nlist\n](", b"e\x87R"),
        (b"ccollections\ndeque\n)R", b"a"),
        (b"cnumpy\ndtype\n0](", b"e"),
    ] {
        let mut read = 0;
        for depth in
            [1, 30, 31, 32, 41, 42, 43, 60, 61, 62, 63, 64, 65, 124, 125, 126, 127, 128, 129, 130]
        {
            let frame = frame(&[&begin.repeat(depth), b"N", &end.repeat(depth), b"."]);
            let Ok(value) = deserialize::<Value>(&frame) else { continue };
            let written = serialize(&value).unwrap_or_else(|error| panic!("{depth}: {error:?}"));
            assert_eq!(deserialize::<Value>(&written).unwrap(), value);
            read = depth;
        }
        assert!((42..=128).contains(&read), "{read}");
    }
}

/// Classes, and arguments that no value of them has.
const CALLS: &[(&str, &str)] = &[
    ("datetime\ntimedelta", "I1\nI86400\nI0\n"),
    ("datetime\ntimedelta", "I1\nI-1\nI0\n"),
    ("datetime\ntimedelta", "I1\nI0\nI1000000\n"),
    ("datetime\ntimedelta", "I1000000000\nI0\nI0\n"),
    ("datetime\ntimedelta", "I1\nI0\n"),
    ("datetime\ntimedelta", "F1\nI0\nI0\n"),
    ("datetime\ntimezone", "I1\n"),
    ("datetime\ntimezone", ""),
    ("datetime\ntimezone", "cdatetime\ntimedelta\n(I1\nI0\nI0\ntR"),
    ("datetime\ntimezone", "cdatetime\ntimedelta\n(I-1\nI0\nI0\ntR"),
    ("datetime\ntimezone", "cdatetime\ntimedelta\n(I0\nI0\nI0\ntRI1\n"),
    ("decimal\nDecimal", "Vtwelve\n"),
    ("decimal\nDecimal", "V1.2.3\n"),
    ("decimal\nDecimal", "V\n"),
    ("decimal\nDecimal", "V.\n"),
    ("decimal\nDecimal", "V1E\n"),
    ("decimal\nDecimal", "VNaNx\n"),
    ("decimal\nDecimal", "V1E9999999999999999999\n"),
    ("decimal\nDecimal", "F1.5\n"),
    ("decimal\nDecimal", ""),
    ("fractions\nFraction", "V1/0\n"),
    ("fractions\nFraction", "V1/-2\n"),
    ("fractions\nFraction", "Vx\n"),
    ("fractions\nFraction", "I1\nI0\n"),
    ("fractions\nFraction", "I1\nI-1\n"),
    ("pathlib\nPurePosixPath", "I1\n"),
    ("pathlib\nPosixPath", "Va\nN"),
    ("builtins\nrange", "I0\nI1\nI0\n"),
    ("builtins\nrange", "I0\nI1\n"),
    ("builtins\nrange", "I0\nF1\nI1\n"),
    ("builtins\nslice", "I0\n"),
    ("collections\ndeque", "(tI-1\n"),
    ("collections\ndeque", "(I1\ntI5\n"),
    ("collections\nCounter", "I1\n"),
    ("collections\ndefaultdict", "I1\n"),
    ("ipaddress\nIPv4Address", "I-1\n"),
    ("ipaddress\nIPv4Address", "L4294967296L\n"),
    ("ipaddress\nIPv6Address", "I-1\n"),
    ("ipaddress\nIPv6Address", "V::x\n"),
    ("ipaddress\nIPv6Address", "V::1%\n"),
    ("ipaddress\nIPv4Network", "V10.0.0.0/33\n"),
    ("ipaddress\nIPv6Network", "V10.0.0.0/8\n"),
    ("ipaddress\nIPv4Network", "V10.0.0.0\n"),
    ("ipaddress\nIPv4Network", "V10.0.0.1/8\n"),
    ("ipaddress\nIPv4Network", "V10.0.0.0/+8\n"),
    ("ipaddress\nIPv6Network", "V::1/64\n"),
    ("ipaddress\nIPv6Address", "V::1%a/b\n"),
    ("ipaddress\nIPv4Address", "C\u{5}12345"),
    ("decimal\nDecimal", "V10E999999999999999999\n"),
    ("decimal\nDecimal", "V1E-1999999999999999998\n"),
    ("pandas\nInterval", "I0\nI1\nVinside\n"),
    ("pandas\nInterval", "I1\nI0\nVleft\n"),
    ("pandas\nInterval", "I1\nVa\nVleft\n"),
    ("pandas\nInterval", "I0\nI1\n"),
    ("collections\ndefaultdict", "cbuiltins\nEllipsis\n"),
    ("collections\ndefaultdict", "cbuiltins\nNotImplemented\n"),
    ("zoneinfo\nZoneInfo", "V../../etc/passwd\nI1\n"),
    ("zoneinfo\nZoneInfo", "V/etc/passwd\nI1\n"),
    ("zoneinfo\nZoneInfo", "Va b\nI1\n"),
    ("zoneinfo\nZoneInfo", "VUTC\n"),
    ("pytz\n_UTC", "I1\n"),
    ("pytz\n_p", "VUTC\nI86400\nI0\nVx\n"),
    ("pytz\n_p", "I1\n"),
    ("pytz\nFixedOffset", "I1440\n"),
    ("pandas._libs.tslibs.timestamps\n_unpickle_timestamp", "I0\nNNI6\n"),
    ("pandas._libs.tslibs.timestamps\n_unpickle_timestamp", "L9223372036854775807L\nNNI7\n"),
    ("pandas._libs.tslibs.nattype\n_nat_unpickle", "I1\n"),
];

#[test]
fn standard_values_with_other_parts_are_refused() {
    let bytes = |class: &[u8], bytes: &[u8]| {
        let length = u8::try_from(bytes.len()).unwrap();
        [b"c", class, b"\nC", &[length], bytes, b"\x85R."].concat()
    };
    let call = |class: &str, arguments: &str| format!("c{class}\n({arguments}tR.").into_bytes();
    let mut lies = vec![
        bytes(b"datetime\ndate", &[7, 234, 13, 1]),
        bytes(b"datetime\ndate", &[7, 234, 0, 1]),
        bytes(b"datetime\ndate", &[7, 234, 2, 29]),
        bytes(b"datetime\ndate", &[0, 0, 1, 1]),
        bytes(b"datetime\ndate", &[39, 16, 1, 1]),
        bytes(b"datetime\ndate", &[7, 234, 1]),
        bytes(b"datetime\ndate", &[7, 234, 1, 1, 0]),
        bytes(b"datetime\ndatetime", &[7, 234, 1, 1, 24, 0, 0, 0, 0, 0]),
        bytes(b"datetime\ndatetime", &[7, 234, 1, 1, 0, 60, 0, 0, 0, 0]),
        bytes(b"datetime\ndatetime", &[7, 234, 1, 1, 0, 0, 60, 0, 0, 0]),
        bytes(b"datetime\ndatetime", &[7, 234, 1, 1, 0, 0, 0, 15, 66, 64]),
        bytes(b"datetime\ndatetime", &[7, 234, 141, 1, 0, 0, 0, 0, 0, 0]),
        bytes(b"datetime\ndatetime", &[7, 234, 1, 1, 0, 0, 0, 0, 0]),
        bytes(b"datetime\ntime", &[24, 0, 0, 0, 0, 0]),
        bytes(b"datetime\ntime", &[]),
        b"cdatetime\ndatetime\n(C\x0a\x07\xea\x01\x01\0\0\0\0\0\0NtR.".to_vec(),
        b"cdatetime\ndatetime\n(C\x0a\x07\xea\x01\x01\0\0\0\0\0\0I1\ntR.".to_vec(),
        b"cdatetime\ndate\n(C\x04\x07\xea\x01\x01t\x81.".to_vec(),
        b"cdatetime\ndate\n(C\x04\x07\xea\x01\x01tR}b.".to_vec(),
        b"cdatetime\ndate\n(C\x04\x07\xea\x01\x01tR(Ne.".to_vec(),
        b"cuuid\nUUID\n)\x81.".to_vec(),
        b"cuuid\nUUID\n)\x81}b.".to_vec(),
        b"cuuid\nUUID\n)\x81(Vint\nI-1\ndb.".to_vec(),
        b"cuuid\nUUID\n)\x81(Vint\nL340282366920938463463374607431768211456L\ndb.".to_vec(),
        b"cuuid\nUUID\n)\x81(Vint\nI1\nVhex\nI1\ndb.".to_vec(),
        b"cuuid\nUUID\n)\x81(Vint\nV1\ndb.".to_vec(),
        b"ccollections\ndeque\n(tR(K\x01K\x02e}K\x01K\x02s0K\x01K\x02s.".to_vec(),
        b"ccollections\ndeque\n((tI1\ntR(K\x01K\x02e.".to_vec(),
        b"ccollections\nCounter\n(]tR.".to_vec(),
        b"ccollections\nOrderedDict\n(]K\x01atR.".to_vec(),
        b"ccollections\nOrderedDict\n)R(K\x01e.".to_vec(),
        b"ccollections\ndefaultdict\n(cm\nC\ntR.".to_vec(),
    ];
    for (class, arguments) in CALLS {
        lies.push(call(class, arguments));
    }
    for lie in lies {
        let message = refused(&frame(&[&lie]));
        let expected = ["with other parts", "not a pickle", "where a value should be"];
        assert!(expected.iter().any(|part| message.contains(part)), "{lie:?}: {message}");
    }
    let range = frame(&[b"cbuiltins\nrange\n(I0\nL9223372036854775807L\nI1\ntR."]);
    assert!(deserialize::<Value>(&range).is_ok());
    let error = deserialize_with::<Pickle<Vec<u64>>>(&range).unwrap_err();
    assert!(format!("{error:?}").contains("memory of what is read"), "{error:?}");
}

#[test]
fn changed_instances_give_a_value_or_an_error() {
    for payload in [
        &b"\x80\x04cm\nC\n)\x81}\x8c\x01xK\x01sb."[..],
        b"\x80\x04cm\nC\nK\x01\x85R.",
        b"\x80\x04cdatetime\ndatetime\n(C\x0a\x07\xea\x01\x01\0\0\0\0\0\0cdatetime\ntimezone\ncdatetime\ntimedelta\nK\0K\0K\0\x87R\x85RtR.",
        b"\x80\x04cuuid\nUUID\n)\x81}\x8c\x03intK\x07sb.",
        b"\x80\x04ccollections\ndeque\n)K\x02\x86R(K\x01K\x02e.",
    ] {
        let value: Value = deserialize(&frame(&[payload])).unwrap();
        mutate(&value);
        let mut changed = frame(&[payload]);
        for place in 3..changed.len() {
            let before = changed[place];
            for byte in 0..=255 {
                changed[place] = byte;
                if let Ok(value) = deserialize::<Value>(&changed)
                    && let Ok(written) = serialize(&value)
                {
                    let read = deserialize::<Value>(&written).unwrap();
                    assert_eq!(format!("{read:?}"), format!("{value:?}"));
                }
                let _ = deserialize_with::<Pickle<serde_json::Value>>(&changed);
            }
            changed[place] = before;
        }
    }
}
