//! `PK`: values of Python's standard library.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

use ps_serialize::pickle::{self, Object, Pickle, Value};
use ps_serialize::{
    deserialize, deserialize_any, deserialize_with, serialize, serialize_any, serialize_with,
};
use serde::{Deserialize, Serialize};

use crate::python::Python;

/// Everyday values.
const VALUES: &[&str] = &[
    "datetime.datetime(2026, 11, 27, 12, 30, 15, 250)",
    "datetime.datetime(1, 1, 1)",
    "datetime.datetime.max",
    "datetime.datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))",
    "datetime.datetime(2026, 11, 27, tzinfo=datetime.timezone.utc)",
    "datetime.datetime(2026, 11, 27, tzinfo=datetime.timezone(datetime.timedelta(hours=-5, minutes=-30)))",
    "datetime.datetime(2026, 11, 27, tzinfo=datetime.timezone(datetime.timedelta(seconds=1, microseconds=5), 'odd'))",
    "datetime.datetime(2026, 11, 27, tzinfo=pytz.utc)",
    "pytz.timezone('Europe/Berlin').localize(datetime.datetime(2026, 7, 1))",
    "datetime.datetime(2026, 11, 27, tzinfo=pytz.FixedOffset(60))",
    "datetime.date(2026, 2, 28)",
    "datetime.date(2024, 2, 29)",
    "datetime.time(23, 59, 59, 999999)",
    "datetime.time(1, 2, fold=1, tzinfo=datetime.timezone.utc)",
    "datetime.time(0)",
    "datetime.timedelta(days=-1, seconds=5, microseconds=7)",
    "datetime.timedelta.max",
    "datetime.timedelta.min",
    "datetime.timezone.utc",
    "datetime.timezone(datetime.timedelta(hours=1), 'CET')",
    "datetime.timezone.min",
    "zoneinfo.ZoneInfo('America/New_York')",
    "pytz.timezone('Asia/Kolkata')",
    "decimal.Decimal('12.50')",
    "decimal.Decimal('-1E+30')",
    "decimal.Decimal('sNaN123')",
    "decimal.Decimal('-Infinity')",
    "fractions.Fraction(-7, 3)",
    "fractions.Fraction(10**40, 3)",
    "fractions.Fraction(5)",
    "uuid.UUID('12345678-1234-5678-1234-567812345678')",
    "uuid.UUID(int=0)",
    "uuid.uuid1()",
    "pathlib.PurePosixPath('/a/b c')",
    "pathlib.PurePosixPath('.')",
    "pathlib.PureWindowsPath('c:/a/b')",
    "pathlib.Path('relative/ü')",
    "range(10)",
    "range(5, -10**30, -3)",
    "slice(1, None, 2)",
    "collections.deque([1, 'two'], maxlen=5)",
    "collections.deque()",
    "collections.deque([[0.5]])",
    "collections.defaultdict(int, a=1)",
    "collections.defaultdict(list)",
    "collections.defaultdict(None, {1: 2})",
    "collections.OrderedDict([('z', 1), ('a', 2)])",
    "collections.OrderedDict()",
    "collections.Counter('abca')",
    "collections.Counter()",
    "ipaddress.ip_address('192.168.0.1')",
    "ipaddress.ip_address('2001:db8::1')",
    "ipaddress.ip_address('fe80::1%eth0')",
    "ipaddress.ip_network('10.0.0.0/8')",
    "ipaddress.ip_network('2001:db8::/32')",
    "ipaddress.ip_interface('10.1.2.3/8')",
    "...",
    "NotImplemented",
    "bytearray(b'ab')",
    "1 - 2j",
    "np.float32(1.5)",
    "np.str_('text')",
    "np.datetime64('2026-11-27T12:00', 'ns')",
    "np.bool_(True)",
    "np.complex64(1 + 2j)",
    "np.array([(1, 2.5)], [('a', 'i4'), ('b', 'f8')])[0]",
    "{datetime.date(2026, 1, 1): decimal.Decimal(1), uuid.UUID(int=1): np.int8(1)}",
    "{np.float64(2.5): 1, np.str_('a'): 2, np.int64(3): 3}",
    "{datetime.timedelta(1), fractions.Fraction(1, 2), pathlib.PurePosixPath('a'), ipaddress.ip_address('::')}",
    "[datetime.datetime(2026, 1, day) for day in range(1, 29)] * 20",
];

#[test]
fn standard_values_come_back_as_they_were() {
    let mut python = Python::start();
    for expression in VALUES {
        // What makes another value each time is made once.
        python.run(&format!("value = {expression}"));
        for protocol in 0..=5 {
            let frame =
                python.evaluate_frame(&format!("b'PK\\n' + pickle.dumps(value, {protocol})"));
            let read = deserialize_any(&frame)
                .unwrap_or_else(|error| panic!("{expression} in protocol {protocol}: {error:?}"));
            let written = serialize_any(&*read).unwrap();
            python
                .assert_reads(&written, &format!("pickle.loads(pickle.dumps(value, {protocol}))"));
            assert_eq!(deserialize::<Value>(&written).unwrap(), *read.downcast::<Value>().unwrap());
        }
    }
}

#[test]
fn text_and_numbers_of_standard_values_are_read_by_serde() {
    let mut python = Python::start();
    for (expression, expected) in [
        ("datetime.datetime(2026, 11, 27, 12, 30, 15, 250)", "\"2026-11-27T12:30:15.000250\""),
        (
            "datetime.datetime(2026, 11, 27, tzinfo=datetime.timezone.utc)",
            "\"2026-11-27T00:00:00+00:00\"",
        ),
        (
            "datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo('UTC'))",
            "\"2026-07-01T00:00:00+00:00\"",
        ),
        (
            "datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo('Asia/Tokyo'))",
            "\"2026-07-01T00:00:00[Asia/Tokyo]\"",
        ),
        (
            "pytz.timezone('Europe/Berlin').localize(datetime.datetime(2026, 7, 1))",
            "\"2026-07-01T00:00:00+02:00\"",
        ),
        ("datetime.date(2026, 2, 28)", "\"2026-02-28\""),
        (
            "datetime.time(1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=-1, minutes=-30)))",
            "\"01:02:00-01:30\"",
        ),
        ("datetime.timedelta(days=-1, microseconds=7)", "[-86400,7000]"),
        ("datetime.timezone.utc", "\"+00:00\""),
        ("zoneinfo.ZoneInfo('Asia/Tokyo')", "\"Asia/Tokyo\""),
        ("decimal.Decimal('12.50')", "\"12.50\""),
        ("fractions.Fraction(-7, 3)", "\"-7/3\""),
        ("fractions.Fraction(5)", "\"5\""),
        ("uuid.UUID(int=2**127 + 1)", "\"80000000-0000-0000-0000-000000000001\""),
        ("pathlib.PurePosixPath('/a/b c')", "\"/a/b c\""),
        ("pathlib.PureWindowsPath('c:/a/b')", "\"c:\\\\a\\\\b\""),
        ("range(3, 10, 3)", "[3,6,9]"),
        ("range(2**63 - 2, 2**63 - 1)", "[9223372036854775806]"),
        ("range(3, 0)", "[]"),
        ("slice(1, None)", "[1,null,null]"),
        ("collections.deque([1, 2], maxlen=5)", "[1,2]"),
        ("collections.defaultdict(int, a=1)", "{\"a\":1}"),
        ("collections.OrderedDict(b=1)", "{\"b\":1}"),
        ("collections.OrderedDict()", "{}"),
        ("collections.Counter('aa')", "{\"a\":2}"),
        ("ipaddress.ip_address('10.0.0.1')", "\"10.0.0.1\""),
        ("ipaddress.ip_address('2001:db8::1')", "\"2001:db8::1\""),
        ("ipaddress.ip_network('10.0.0.0/8')", "\"10.0.0.0/8\""),
        ("...", "\"Ellipsis\""),
        ("np.str_('text')", "\"text\""),
    ] {
        for protocol in 0..=5 {
            let frame = python
                .evaluate_frame(&format!("b'PK\\n' + pickle.dumps([{expression}], {protocol})"));
            let read = deserialize_with::<Pickle<serde_json::Value>>(&frame)
                .unwrap_or_else(|error| panic!("{expression} in protocol {protocol}: {error:?}"));
            let read: Result<_, _> = serde_json::to_string(&read[0]);
            // The keys of older protocols are the same.
            assert_eq!(read.unwrap(), expected, "{expression} in protocol {protocol}");
            let value: Value = deserialize(&frame).unwrap();
            if let Some(text) = value[0].as_object().and_then(Object::text) {
                assert_eq!(serde_json::to_string(&text).unwrap(), expected, "{expression}");
            }
        }
    }
    let number = python.evaluate_frame("serialize(decimal.Decimal('12.50'))");
    assert_eq!(deserialize_with::<Pickle<f64>>(&number).unwrap().to_bits(), 12.5_f64.to_bits());
    let seconds = python.evaluate_frame("serialize(datetime.timedelta(1, 0, 500000))");
    assert_eq!(deserialize_with::<Pickle<f64>>(&seconds).unwrap().to_bits(), 86400.5_f64.to_bits());
    let range = python.evaluate_frame("serialize(range(2, 5))");
    assert_eq!(deserialize_with::<Pickle<std::ops::Range<u8>>>(&range).unwrap(), 2..5);
}

/// Checks that Python and Rust agree on values of each kind, made from numbers that a property test chooses.
#[test]
fn twenty_of_each_kind_are_the_same_in_both_languages() {
    let mut python = Python::start();
    let numbers = prop::collection::vec(any::<u32>(), 8);
    let mut runner = TestRunner::deterministic();
    let mut frames = Vec::new();
    for _ in 0..20 {
        let n = numbers.new_tree(&mut runner).unwrap().current();
        let zone = match n[6] % 3 {
            0 => "None".to_owned(),
            1 => "zoneinfo.ZoneInfo('Europe/Paris')".to_owned(),
            _ => format!(
                "datetime.timezone(datetime.timedelta(seconds={}))",
                i64::from(n[7] % 172_799) - 86_399
            ),
        };
        let day = format!("{}, {}, {}", n[0] % 9999 + 1, n[1] % 12 + 1, n[2] % 28 + 1);
        let clock = format!(
            "{}, {}, {}, {}, {zone}, fold={}",
            n[3] % 24,
            n[4] % 60,
            n[5] % 60,
            n[6] % 1_000_000,
            n[7] % 2
        );
        let wide = (u128::from(n[0]) << 96)
            + (u128::from(n[1]) << 64)
            + (u128::from(n[2]) << 32)
            + u128::from(n[3]);
        let sign = if n[4].is_multiple_of(2) { "" } else { "-" };
        frames.extend([
            format!("datetime.datetime({day}, {clock})"),
            format!("datetime.date({day})"),
            format!("datetime.time({clock})"),
            format!(
                "datetime.timedelta({sign}{}, {}, {})",
                n[0] % 999_999_999,
                n[1] % 86_400,
                n[2] % 1_000_000
            ),
            format!("decimal.Decimal('{sign}{}.{}E{sign}{}')", n[0], n[1], n[2] % 100_000),
            format!("fractions.Fraction({sign}{wide}, {})", u64::from(n[5]) + 1),
            format!("uuid.UUID(int={wide})"),
            format!("pathlib.PurePosixPath('/{}', '{}/x')", n[0], n[1]),
            format!("range({sign}{}, {}, {sign}{})", n[0], n[1], u64::from(n[2]) + 1),
            format!("slice({sign}{}, None, {})", n[0], n[1]),
            format!("collections.deque([{}, {}], maxlen={})", n[0], n[1], n[2] % 9 + 2),
            format!("collections.defaultdict(list, {{{}: [{}]}})", n[0], n[1]),
            format!("collections.Counter({{{}: {}, 'b': {sign}{}}})", n[0], n[1], n[2]),
            format!("collections.OrderedDict([({}, {}), ('x', {})])", n[0], n[1], n[2]),
            format!("ipaddress.IPv4Address({})", n[0]),
            format!("ipaddress.IPv6Address({wide})"),
            format!("classes.Plain({}.5, '{}')", n[0], n[1]),
            format!("classes.Pair({}, '{}')", n[0], n[1]),
            format!("classes.Bits({})", n[0] % 4),
            format!("np.array({}, 'u4')[()]", n[0]),
            format!("np.array([{}, None, 'b'], object)", n[0]),
            format!("np.array([{}, {}], '>u4')", n[0], n[1]),
            format!("np.array(['{}', ''], np.dtypes.StringDType())", n[0]),
            format!("collections.defaultdict(set, {{{}: {{{}}}}})", n[0], n[1]),
            format!("derived.Moment({day}, {clock})"),
            format!("derived.Clock({clock})"),
            format!("derived.Day({day})"),
            format!(
                "derived.Span({sign}{}, {}, {})",
                n[0] % 999_999_999,
                n[1] % 86_400,
                n[2] % 1_000_000
            ),
            format!("derived.Price('{sign}{}.{}E{sign}{}')", n[0], n[1], n[2] % 100_000),
            format!("derived.Part({sign}{wide}, {})", u64::from(n[5]) + 1),
            format!("derived.Route('/{}', '{}/x')", n[0], n[1]),
            format!("derived.Bag([{}, {}])", n[0], n[1]),
            format!("derived.Queue([{}, {}], {})", n[0], n[1], n[2] % 9 + 2),
            format!("derived.Tally({{{}: {}, 'b': {sign}{}}})", n[0], n[1], n[2]),
            format!("derived.Address({})", n[0]),
            format!("derived.Address6({wide})"),
            format!("derived.Boom({}, '{}')", n[0], n[1]),
        ]);
    }
    for expression in frames {
        let frame = python.evaluate_frame(&format!("b'PK\\n' + pickle.dumps({expression}, 5)"));
        let value: Value =
            deserialize(&frame).unwrap_or_else(|error| panic!("{expression}: {error:?}"));
        python.assert_reads(&serialize(&value).unwrap(), &expression);
    }
}

/// Arrays whose elements are Python's own objects.
const OBJECT_ARRAYS: &[&str] = &[
    "np.array([1, 'a', None, [0.5]], object)",
    "np.array([1, 2, 3], object)",
    "np.array([1.5, 2.5], object)",
    "np.array(range(100), object)",
    "np.array([[1, 2], [3, 4]], object)",
    "np.array(np.arange(120).reshape(2, 3, 20), object)",
    "np.asfortranarray(np.array([['a', None, 'b'], ['c', 'd', 'e']], object))",
    "np.array(datetime.date(2026, 1, 1), object)",
    "np.array([decimal.Decimal('1.5'), classes.Color.RED, np.float32(1)], object)",
    "np.array([], object)",
    "np.zeros((2, 0), object)",
    "np.zeros((0, 2), object)",
    "np.array(['a', 'longer text', ''], np.dtypes.StringDType())",
    "np.array([['a', None]], np.dtypes.StringDType(na_object=None))",
    "np.array(['a', np.nan], np.dtypes.StringDType(na_object=np.nan))",
    "np.array(['a'], np.dtypes.StringDType(coerce=False))",
    "[np.array(['a'], object), {'x': np.array([None], object)}]",
];

#[test]
fn arrays_of_objects_stay_arrays() {
    let mut python = Python::start();
    for expression in OBJECT_ARRAYS {
        for protocol in 0..=5 {
            let frame = python
                .evaluate_frame(&format!("b'PK\\n' + pickle.dumps({expression}, {protocol})"));
            let value: Value = deserialize(&frame)
                .unwrap_or_else(|error| panic!("{expression} in protocol {protocol}: {error:?}"));
            let written = serialize(&value).unwrap();
            python.assert_reads(&written, expression);
            let again: Value = deserialize(&written).unwrap();
            assert_eq!(format!("{again:?}"), format!("{value:?}"));
        }
    }
    let frame = python
        .evaluate_frame("b'PK\\n' + pickle.dumps(np.array([['a', None], ['b', 'c']], object))");
    let text = |text: &str| Some(text.to_owned());
    let read = deserialize_with::<Pickle<Vec<Vec<Option<String>>>>>(&frame).unwrap();
    assert_eq!(read, [[text("a"), None], [text("b"), text("c")]]);
    let value: Value = deserialize(&frame).unwrap();
    assert_eq!((&value[1][0], value.as_list().map(<[Value]>::len)), (&Value::from("b"), Some(2)));
    let object = value.as_object().unwrap();
    assert_eq!((object.class(), object.items().len()), (("numpy", "ndarray"), 2));
    let frame = python.evaluate_frame("b'PK\\n' + pickle.dumps(np.array([1, 2], object))");
    assert_eq!(deserialize_with::<Pickle<Vec<u8>>>(&frame).unwrap(), [1, 2]);
    // An array has no hash.
    let key = Value::Dict(vec![(deserialize(&frame).unwrap(), Value::None)]);
    assert!(serialize(&key).is_err());
}

#[test]
fn arrays_of_the_other_byte_order_stay_so() {
    let mut python = Python::start();
    for expression in [
        "np.arange(3, dtype='>i4')",
        "np.arange(6, dtype='>f8').reshape(2, 3)",
        "np.array(7, '>u2')",
        "np.array([], '>f4')",
        "np.array(['a', 'bc'], '>U2')",
        "np.array([1, 2], '>c16')",
        "np.asfortranarray(np.ones((2, 3), '>f4'))",
        "np.arange(5000, dtype='>i8')",
        "np.array([1], '>M8[s]')",
        "np.ones(2, [('a', '>i4'), ('b', '<f8')])",
        "[np.arange(3, dtype='>i4'), np.arange(3, dtype='<i4')]",
    ] {
        for protocol in 0..=5 {
            let frame = python
                .evaluate_frame(&format!("b'PK\\n' + pickle.dumps({expression}, {protocol})"));
            let value: Value = deserialize(&frame).unwrap();
            let written = serialize(&value).unwrap();
            // From the older protocols, Python itself makes arrays in the order of the machine.
            python.assert_reads(&written, expression);
            assert_eq!(deserialize::<Value>(&written).unwrap(), value, "{expression}");
        }
    }
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Iso(#[serde(with = "::time::serde::iso8601")] ::time::OffsetDateTime);

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Rfc(#[serde(with = "::time::serde::rfc3339")] ::time::OffsetDateTime);

/// Types of the crates that Rust programs use.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Everything {
    #[serde(with = "pickle::datetime")]
    utc: chrono::DateTime<chrono::Utc>,
    #[serde(with = "pickle::datetime")]
    fixed: chrono::DateTime<chrono::FixedOffset>,
    #[serde(with = "pickle::datetime")]
    naive: chrono::NaiveDateTime,
    #[serde(with = "pickle::datetime")]
    iso: Iso,
    #[serde(with = "pickle::datetime")]
    rfc: Rfc,
    #[serde(with = "pickle::date")]
    date: chrono::NaiveDate,
    #[serde(with = "pickle::date")]
    days: Vec<chrono::NaiveDate>,
    #[serde(with = "pickle::time")]
    time: chrono::NaiveTime,
    #[serde(with = "pickle::timedelta")]
    delta: chrono::TimeDelta,
    #[serde(with = "pickle::timedelta")]
    took: std::time::Duration,
    #[serde(with = "pickle::timedelta")]
    seconds: f64,
    #[serde(with = "pickle::uuid")]
    id: ::uuid::Uuid,
    #[serde(with = "pickle::uuid")]
    bytes: [u8; 16],
    #[serde(with = "pickle::decimal")]
    price: rust_decimal::Decimal,
    #[serde(with = "pickle::decimal")]
    none: Option<rust_decimal::Decimal>,
    #[serde(with = "pickle::decimal")]
    prices: BTreeMap<String, rust_decimal::Decimal>,
    #[serde(with = "pickle::ip_address")]
    address: std::net::IpAddr,
    #[serde(with = "pickle::ip_address")]
    addresses: (std::net::Ipv4Addr, std::net::Ipv6Addr),
    #[serde(with = "pickle::path")]
    path: std::path::PathBuf,
    range: std::ops::Range<u8>,
}

#[test]
fn types_of_well_known_crates_are_those_of_python() {
    let mut python = Python::start();
    let moment =
        ::time::OffsetDateTime::from_unix_timestamp_nanos(1_795_770_000_250_000_000).unwrap();
    let everything = Everything {
        utc: "2026-11-27T12:00:00.25Z".parse().unwrap(),
        fixed: "2026-11-27T12:00:00-05:30".parse().unwrap(),
        naive: "2026-11-27T12:00:00.000001".parse().unwrap(),
        iso: Iso(moment),
        rfc: Rfc(moment),
        date: "2026-11-27".parse().unwrap(),
        days: vec!["2024-02-29".parse().unwrap()],
        time: "12:30:00.5".parse().unwrap(),
        delta: chrono::TimeDelta::milliseconds(-1500),
        took: std::time::Duration::from_micros(86_400_000_001),
        seconds: -0.25,
        id: ::uuid::Uuid::from_u128(1 << 127),
        bytes: [7; 16],
        price: "12.50".parse().unwrap(),
        none: None,
        prices: [("a".to_owned(), "-0.1".parse().unwrap())].into(),
        address: "2001:db8::1".parse().unwrap(),
        addresses: ("10.0.0.1".parse().unwrap(), "::".parse().unwrap()),
        path: "/a/b".into(),
        range: 1..5,
    };
    let expression = "{'utc': datetime.datetime(2026, 11, 27, 12, 0, 0, 250000, datetime.timezone.utc), \
        'fixed': datetime.datetime(2026, 11, 27, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=-5, minutes=-30))), \
        'naive': datetime.datetime(2026, 11, 27, 12, 0, 0, 1), \
        'iso': datetime.datetime.fromtimestamp(1795770000.25, datetime.timezone.utc), \
        'rfc': datetime.datetime.fromtimestamp(1795770000.25, datetime.timezone.utc), \
        'date': datetime.date(2026, 11, 27), 'days': [datetime.date(2024, 2, 29)], \
        'time': datetime.time(12, 30, 0, 500000), 'delta': datetime.timedelta(milliseconds=-1500), \
        'took': datetime.timedelta(1, 0, 1), 'seconds': datetime.timedelta(seconds=-0.25), \
        'id': uuid.UUID(int=2**127), 'bytes': uuid.UUID(bytes=b'\\x07' * 16), \
        'price': decimal.Decimal('12.50'), 'none': None, 'prices': {'a': decimal.Decimal('-0.1')}, \
        'address': ipaddress.ip_address('2001:db8::1'), \
        'addresses': (ipaddress.ip_address('10.0.0.1'), ipaddress.ip_address('::')), \
        'path': pathlib.PurePosixPath('/a/b'), 'range': %}";
    let frame = serialize_with::<Pickle<Everything>>(&everything).unwrap();
    python.assert_reads(&frame, &expression.replace('%', "{'start': 1, 'end': 5}"));
    assert_eq!(deserialize_with::<Pickle<Everything>>(&frame).unwrap(), everything);
    for protocol in 0..=5 {
        let value = expression.replace('%', "range(1, 5)");
        let frame = python.evaluate_frame(&format!("b'PK\\n' + pickle.dumps({value}, {protocol})"));
        assert_eq!(deserialize_with::<Pickle<Everything>>(&frame).unwrap(), everything);
    }
    // Other formats are not changed.
    let json = serde_json::to_string(&everything).unwrap();
    assert_eq!(serde_json::from_str::<Everything>(&json).unwrap(), everything);
    assert!(json.contains("\"price\":\"12.50\""), "{json}");
}

#[test]
fn what_is_no_value_of_python_is_not_written() {
    #[derive(Serialize, Deserialize)]
    struct Moment(#[serde(with = "pickle::datetime")] String);
    #[derive(Serialize, Deserialize)]
    struct Took(#[serde(with = "pickle::timedelta")] std::time::Duration);
    #[derive(Serialize, Deserialize)]
    struct Price(#[serde(with = "pickle::decimal")] f64);

    for text in [
        "2026-13-01T00:00:00",
        "2026-02-30T00:00:00",
        "2026-01-01",
        "2026-01-01T24:00:00",
        "2026-01-01T23:59:60",
        "2026-01-01T00:00:00.0000001",
        "2026-01-01T00:00:00+24:00",
        "0000-01-01T00:00:00",
        "2026-01-01T00:00:00[a b]",
        "2026-01-01T00:00:00+01:00[Europe/Berlin]",
        "12026-01-01T00:00:00",
        "",
        "now",
        "2026-01-01T0:00:00",
    ] {
        let error = serialize_with::<Pickle<Moment>>(&Moment(text.to_owned())).unwrap_err();
        assert!(
            format!("{error:?}").contains("there is no Python `datetime.datetime`"),
            "{text}: {error:?}"
        );
    }
    let error =
        serialize_with::<Pickle<Took>>(&Took(std::time::Duration::from_nanos(1))).unwrap_err();
    assert!(format!("{error:?}").contains("whole microseconds"), "{error:?}");
    assert!(serialize_with::<Pickle<Took>>(&Took(std::time::Duration::MAX)).is_err());
    assert!(serialize_with::<Pickle<Price>>(&Price(0.5)).is_err());
}

#[test]
fn text_makes_the_values_of_python() {
    let mut python = Python::start();
    for (class, text, expression) in [
        (
            "datetime.datetime",
            "2026-11-27T12:30:15.25",
            "datetime.datetime(2026, 11, 27, 12, 30, 15, 250000)",
        ),
        (
            "datetime.datetime",
            "2026-11-27 12:30Z",
            "datetime.datetime(2026, 11, 27, 12, 30, tzinfo=datetime.timezone.utc)",
        ),
        (
            "datetime.datetime",
            "2026-11-27T12:30:00-05:30",
            "datetime.datetime(2026, 11, 27, 12, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=-5, minutes=-30)))",
        ),
        (
            "datetime.datetime",
            "2026-11-27T12:30:00[Asia/Tokyo]",
            "datetime.datetime(2026, 11, 27, 12, 30, tzinfo=zoneinfo.ZoneInfo('Asia/Tokyo'))",
        ),
        ("datetime.date", "2024-02-29", "datetime.date(2024, 2, 29)"),
        ("datetime.time", "12:30:00.000001", "datetime.time(12, 30, 0, 1)"),
        ("datetime.timezone", "+01:00", "datetime.timezone(datetime.timedelta(hours=1))"),
        ("zoneinfo.ZoneInfo", "Asia/Tokyo", "zoneinfo.ZoneInfo('Asia/Tokyo')"),
        ("decimal.Decimal", "-12.50e-7", "decimal.Decimal('-12.50e-7')"),
        ("fractions.Fraction", "-7/3", "fractions.Fraction(-7, 3)"),
        ("uuid.UUID", "80000000-0000-0000-0000-00000000000a", "uuid.UUID(int=2**127 + 10)"),
        ("uuid.UUID", "8000000000000000000000000000000A", "uuid.UUID(int=2**127 + 10)"),
        ("pathlib.PurePosixPath", "/a/b", "pathlib.PurePosixPath('/a/b')"),
        ("pathlib.PureWindowsPath", "c:\\a", "pathlib.PureWindowsPath('c:/a')"),
        ("ipaddress.IPv4Address", "10.0.0.1", "ipaddress.ip_address('10.0.0.1')"),
        ("ipaddress.IPv6Address", "fe80::1", "ipaddress.ip_address('fe80::1')"),
        ("ipaddress.IPv6Address", "fe80::1%3", "ipaddress.ip_address('fe80::1%3')"),
        ("ipaddress.IPv4Network", "10.0.0.0/8", "ipaddress.ip_network('10.0.0.0/8')"),
        ("ipaddress.IPv4Network", "0.0.0.0/0", "ipaddress.ip_network('0.0.0.0/0')"),
        ("ipaddress.IPv6Network", "::/0", "ipaddress.ip_network('::/0')"),
        ("ipaddress.IPv6Network", "fe80::%1/64", "ipaddress.ip_network('fe80::%1/64')"),
        ("ipaddress.IPv4Interface", "10.1.2.3/8", "ipaddress.ip_interface('10.1.2.3/8')"),
        ("decimal.Decimal", "9E999999999999999999", "decimal.Decimal('9E999999999999999999')"),
        ("decimal.Decimal", "1E-1999999999999999997", "decimal.Decimal('1E-1999999999999999997')"),
        ("decimal.Decimal", ".5", "decimal.Decimal('0.5')"),
    ] {
        let object = Object::from_text(class, text).unwrap_or_else(|error| panic!("{error:?}"));
        python.assert_reads(&serialize(&Value::from(object)).unwrap(), expression);
    }
    for (class, text) in [
        ("ipaddress.IPv4Network", "10.0.0.1/8"),
        ("ipaddress.IPv4Network", "10.0.0.0/+8"),
        ("ipaddress.IPv4Network", "128.0.0.0/0"),
        ("ipaddress.IPv6Network", "fe80::1/64"),
        ("ipaddress.IPv6Address", "fe80::1%a/b"),
        ("ipaddress.IPv4Interface", "10.0.0.1/33"),
        ("decimal.Decimal", "10E999999999999999999"),
        ("decimal.Decimal", "1E-1999999999999999998"),
        ("decimal.Decimal", "0E1000000000000000000"),
        ("decimal.Decimal", "1E99999999999999999999"),
        ("fractions.Fraction", "1/0"),
        ("datetime.date", "2026-13-01"),
        ("datetime.timezone", "+24:00"),
        ("uuid.UUID", "1234"),
    ] {
        assert!(Object::from_text(class, text).is_err(), "{class} {text}");
        let call = format!("{class}({text:?})");
        if class.starts_with("ip") || class.starts_with("dec") {
            assert!(python.try_frame(&format!("serialize({call})")).is_none(), "{call}");
        }
    }
    let digits = "9".repeat(4301);
    assert!(Object::from_text("fractions.Fraction", &digits).is_err());
    assert!(Object::from_text("fractions.Fraction", &digits[1..]).is_ok());
}
