//! `PK`: classes derived from Python's own types, exceptions, and what Python 2 had under other names.

use ps_serialize::pickle::{Object, Pickle, Value};
use ps_serialize::{deserialize, deserialize_any, deserialize_with, serialize, serialize_any};

use crate::python::Python;

/// Instances of classes that are derived from types of the standard library.
const DERIVED: &[&str] = &[
    "derived.Moment(2026, 1, 2)",
    "derived.Moment(2026, 1, 2, 3, 4, 5, 6, datetime.timezone.utc)",
    "derived.Marked(2026, 1, 2)",
    "derived.Day(2026, 1, 2)",
    "derived.Clock(1, 2)",
    "derived.Clock(1, 2, tzinfo=derived.Zone(3))",
    "derived.Span(1, 2, 3)",
    "derived.Zone(2)",
    "datetime.datetime(2026, 1, 1, tzinfo=derived.Zone(2))",
    "derived.Price('-1.50')",
    "derived.Price('NaN')",
    "derived.Part(1, 3)",
    "derived.Part(5)",
    "derived.Key(int=5)",
    "derived.Route('a/b')",
    "derived.Route('/')",
    "derived.Route()",
    "derived.Bag([1, 2])",
    "derived.Bag()",
    "derived.Bag(range(100))",
    "derived.given(derived.Bag([1]), x=1)",
    "derived.SlotBag([1])",
    "derived.FrozenBag('ab')",
    "derived.Items([1, [2]])",
    "derived.given(derived.Items([1]), x=1)",
    "derived.Entries(a=1)",
    "derived.Row([1, 2])",
    "derived.given(derived.Row([1]), x=1)",
    "derived.Word('a')",
    "derived.Count(5)",
    "derived.Weight(0.5)",
    "derived.Raw(b'ab')",
    "derived.Buffer(b'ab')",
    "derived.Buffer()",
    "derived.given(derived.Buffer(bytes(range(256))), x=1)",
    "derived.Plane(1, 2)",
    "derived.Sorted(b=1, a=2)",
    "derived.Sorted()",
    "derived.given(derived.Sorted(a=1), x=1)",
    "derived.given(collections.OrderedDict(a=1), x=1)",
    "derived.Filling(int, a=1)",
    "derived.Filling(None)",
    "derived.Filling(list)",
    "derived.Tally('aab')",
    "derived.Tally()",
    "derived.Queue([1, 2], 5)",
    "derived.Queue([1, 2])",
    "derived.Queue(maxlen=0)",
    "derived.given(derived.Queue([1]), x=1)",
    "collections.UserDict(a=1)",
    "collections.UserList([1])",
    "collections.UserString('a')",
    "collections.ChainMap({'a': 1}, {})",
    "derived.Layers({'a': 1})",
    "derived.Address('10.0.0.1')",
    "derived.Address6('fe80::1%eth0')",
    "derived.Network('10.0.0.0/8')",
    "derived.Interface('fe80::1/64')",
    "derived.Space(a=1)",
    "derived.Space()",
    "[derived.Bag([1]), derived.Bag([2]), derived.Bag(), derived.given(derived.Bag(), x=1)]",
    "{derived.Price(1): derived.Moment(2026, 1, 1), derived.Word('k'): 1}",
];

const EXCEPTIONS: &[&str] = &[
    "derived.Boom()",
    "derived.Boom('a')",
    "derived.Boom('a', 'b')",
    "derived.Boom('a', 1, [2])",
    "derived.Boom(b'0123456789')",
    "derived.Boom([1])",
    "derived.Boom({'a': 1})",
    "derived.Boom(1, 2, 3)",
    "derived.given(derived.Boom('a', 'b'), z=1)",
    "derived.given(derived.Boom(), z=1)",
    "derived.Trouble(2, 'what', 'file')",
    "derived.Trouble('what')",
    "derived.Bad('what', 7)",
    "[derived.Bad('what'), derived.Boom(), derived.Boom(1), derived.Boom(1, 2)]",
    "BaseException('a')",
    "OSError(2, 'what')",
    "OSError(2, 'what', 'one', None, 'two')",
    "BlockingIOError(11, 'what', 5)",
    "KeyError(('a', 1))",
    "UnicodeEncodeError('utf-8', 'x', 0, 1, 'why')",
    "StopIteration(5)",
    "SystemExit(3)",
    "ImportError('m', name='n', path='p')",
    "SyntaxError('m', ('f', 1, 2, 't'))",
    "DeprecationWarning('old')",
    "derived.given(ValueError('a'), __notes__=['n'])",
    "__import__('json').JSONDecodeError('m', 'd', 0)",
    "__import__('queue').Empty('a', 'b')",
    "__import__('configparser').NoSectionError('a')",
    "decimal.InvalidOperation('a')",
];

/// Reads an expression in every protocol, writes it, and compares in Python.
fn assert_comes_back(python: &mut Python, expression: &str) {
    for protocol in 0..=5 {
        let frame =
            python.evaluate_frame(&format!("b'PK\\n' + pickle.dumps({expression}, {protocol})"));
        let read = deserialize_any(&frame)
            .unwrap_or_else(|error| panic!("{expression} in protocol {protocol}: {error:?}"));
        let written = serialize_any(&*read).unwrap();
        python.assert_reads(
            &written,
            &format!("pickle.loads(pickle.dumps({expression}, {protocol}))"),
        );
        let again: Value = deserialize(&written).unwrap();
        // `NaN` is not equal to itself.
        assert_eq!(format!("{again:?}"), format!("{:?}", read.downcast::<Value>().unwrap()));
    }
}

#[test]
fn classes_derived_from_standard_types_come_back_as_they_were() {
    let mut python = Python::start();
    for expression in DERIVED {
        assert_comes_back(&mut python, expression);
    }
}

#[test]
fn exceptions_of_any_name_and_number_of_arguments_come_back_as_they_were() {
    let mut python = Python::start();
    for expression in EXCEPTIONS {
        assert_comes_back(&mut python, expression);
    }
    // Python 3.11 and later.
    let group = "ExceptionGroup('g', [ValueError(1), derived.Boom(1, 2)])";
    if python.try_frame(&format!("serialize({group})")).is_some() {
        assert_comes_back(&mut python, group);
    }
}

#[test]
fn python_does_not_call_a_class_that_is_derived_from_nothing_known() {
    let mut python = Python::start();
    for expression in
        ["derived.Own(1, 2)", "derived.Own('a', 2)", "derived.Own(b'0123456789', None)"]
    {
        let frame = python.evaluate_frame(&format!("serialize({expression})"));
        let value: Value = deserialize(&frame).unwrap();
        let answer = python.read(&serialize(&value).unwrap());
        assert!(answer["error"].as_str().unwrap().ends_with("False"), "{answer}");
    }
    // Neither is one with elements that no type of the standard library is pickled with.
    let frame = b"PK\n\x80\x04cderived\nOwn\n(K\x01K\x02tR(K\x01K\x02e.";
    let error = serialize(&deserialize::<Value>(frame).unwrap()).unwrap_err();
    assert!(
        format!("{error:?}").contains("a call of its own (`__reduce__` in Python)"),
        "{error:?}"
    );
}

#[test]
fn the_factory_of_a_defaultdict_is_any_type_of_the_standard_library() {
    let mut python = Python::start();
    for factory in [
        "list",
        "set",
        "dict",
        "int",
        "float",
        "str",
        "tuple",
        "frozenset",
        "bytes",
        "bytearray",
        "bool",
        "complex",
        "object",
        "range",
        "None",
        "collections.OrderedDict",
        "collections.Counter",
        "collections.deque",
        "collections.defaultdict",
        "decimal.Decimal",
        "fractions.Fraction",
        "datetime.timedelta",
        "pathlib.PurePosixPath",
    ] {
        assert_comes_back(&mut python, &format!("collections.defaultdict({factory})"));
        assert_comes_back(&mut python, &format!("collections.defaultdict({factory}, a=1)"));
        if factory != "None" {
            assert_comes_back(&mut python, factory);
        }
    }
    let nested = "collections.defaultdict(list, a=collections.defaultdict(set, b={1}))";
    assert_comes_back(&mut python, nested);
    assert_comes_back(&mut python, "{list: 1, set: 2, collections.deque: 3}");
    for constant in ["builtins\nEllipsis", "builtins\nNotImplemented", "pandas\nNA"] {
        let frame = format!("PK\nccollections\ndefaultdict\n(c{constant}\ntR.");
        let error = deserialize::<Value>(frame.as_bytes()).unwrap_err();
        assert!(format!("{error:?}").contains("with other parts"), "{error:?}");
    }
}

#[test]
fn tables_of_polars_inside_of_plain_data_are_passed_on() {
    let mut python = Python::start();
    for expression in [
        "pl.DataFrame({'a': [1, 2], 'b': ['x', None]})",
        "pl.DataFrame()",
        "{'table': pl.DataFrame({'a': [[1], []]}), 'rows': 2}",
    ] {
        assert_comes_back(&mut python, expression);
    }
    for series in ["pl.Series('x', [1, None])", "pl.Series('y', ['a', 'b'])"] {
        assert_comes_back(&mut python, series);
        let frame = python.evaluate_frame(&format!("serialize([{series}])"));
        let value: Value = deserialize(&frame).unwrap();
        let object = value[0].as_object().unwrap();
        assert_eq!(object.class(), ("polars.series.series", "Series"));
        assert!(matches!(object.state(), Some(Value::Bytes(_))));
    }
    let frame = python.evaluate_frame("serialize(pl.DataFrame({'a': [1]}).lazy())");
    let error = format!("{:?}", deserialize::<Value>(&frame).unwrap_err());
    assert!(error.contains("send the table that it makes: `.collect()`"), "{error}");
}

#[test]
fn the_second_of_two_equal_times_of_a_zone_is_not_lost() {
    let mut python = Python::start();
    for (class, text, expression) in [
        (
            "datetime.datetime",
            "2026-10-25T02:30:00[Europe/Berlin][_fold=1]",
            "datetime.datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))",
        ),
        (
            "datetime.datetime",
            "2026-11-01T01:00:00.000001[America/New_York][_fold=1]",
            "datetime.datetime(2026, 11, 1, 1, 0, 0, 1, fold=1, tzinfo=zoneinfo.ZoneInfo('America/New_York'))",
        ),
        (
            "datetime.datetime",
            "2026-10-25T02:30:00[Europe/Berlin]",
            "datetime.datetime(2026, 10, 25, 2, 30, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))",
        ),
        (
            "datetime.time",
            "02:30:00[Europe/Berlin][_fold=1]",
            "datetime.time(2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))",
        ),
    ] {
        for protocol in 4..=5 {
            let frame = python
                .evaluate_frame(&format!("b'PK\\n' + pickle.dumps({expression}, {protocol})"));
            assert_eq!(deserialize_with::<Pickle<String>>(&frame).unwrap(), text);
        }
        let object = Object::from_text(class, text).unwrap();
        assert_eq!(object.text().as_deref(), Some(text));
        python.assert_reads(&serialize(&Value::from(object)).unwrap(), expression);
    }
    // An offset says which of the two it is.
    let frame = python.evaluate_frame(
        "serialize(pytz.timezone('Europe/Berlin').localize(datetime.datetime(2026, 10, 25, 2, 30), is_dst=False))",
    );
    let text = deserialize_with::<Pickle<String>>(&frame).unwrap();
    assert_eq!(text, "2026-10-25T02:30:00+01:00");
    for text in [
        "2026-10-25T02:30:00[_fold=1]",
        "2026-10-25T02:30:00+01:00[_fold=1]",
        "2026-10-25T02:30:00[Europe/Berlin][_fold=2]",
        "2026-10-25T02:30:00[Europe/Berlin][_fold=1][_fold=1]",
    ] {
        assert!(Object::from_text("datetime.datetime", text).is_err(), "{text}");
    }
}

#[test]
fn fractions_and_decimals_are_the_floats_that_python_makes_of_them() {
    let mut python = Python::start();
    for expression in [
        "fractions.Fraction(-7, 3)",
        "fractions.Fraction(1, 3)",
        "fractions.Fraction(5)",
        "fractions.Fraction(0, 3)",
        "fractions.Fraction(2**53 + 1, 1)",
        "fractions.Fraction(10**400 + 1, 10**401)",
        "fractions.Fraction(1, 3 * 10**320)",
        "fractions.Fraction(5e-324) / 2",
        "fractions.Fraction(5e-324) * fractions.Fraction(3, 2)",
        "decimal.Decimal('12.50')",
        "decimal.Decimal('-0')",
        "decimal.Decimal('1e-400')",
        "decimal.Decimal('-Infinity')",
    ] {
        let frame = python.evaluate_frame(&format!("serialize({expression})"));
        let expected = python.evaluate_frame(&format!("serialize(float({expression}))"));
        let [read, expected] =
            [&frame, &expected].map(|frame| deserialize_with::<Pickle<f64>>(frame.as_slice()));
        assert_eq!(read.unwrap().to_bits(), expected.unwrap().to_bits(), "{expression}");
        let read = deserialize_with::<Pickle<Option<f32>>>(&frame).unwrap();
        assert!(read.is_some(), "{expression}");
    }
    let nan = python.evaluate_frame("serialize(decimal.Decimal('NaN123'))");
    assert!(deserialize_with::<Pickle<f64>>(&nan).unwrap().is_nan());
    for expression in [
        "decimal.Decimal('sNaN')",
        "fractions.Fraction(10**400)",
        "pathlib.PurePosixPath('12.50')",
        "pathlib.PurePosixPath('1/3')",
    ] {
        let frame = python.evaluate_frame(&format!("serialize({expression})"));
        assert!(deserialize_with::<Pickle<f64>>(&frame).is_err(), "{expression}");
    }
}

#[test]
fn what_can_not_be_data_is_refused_with_advice() {
    let mut python = Python::start();
    for (expression, advice) in [
        ("__import__('array').array('i', [1])", "`numpy.array(…)`"),
        ("io.BytesIO(b'a')", "`.getvalue()`"),
        ("__import__('re').compile('a')", "`.pattern`"),
        ("__import__('functools').partial(int, base=2)", "a `functools.partial` of `builtins.int`"),
        ("__import__('random').Random(1)", "send the seed"),
        ("np.ma.array([1])", "`.filled()`"),
        ("uuid.uuid4", "`uuid.uuid4`"),
    ] {
        for protocol in 2..=5 {
            let frame = python
                .evaluate_frame(&format!("b'PK\\n' + pickle.dumps({expression}, {protocol})"));
            let error = format!("{:?}", deserialize_any(&frame).unwrap_err());
            assert!(error.contains(advice), "{expression}: {error}");
        }
    }
}
