//! Pickles that lie about classes: what a stranger can send where an instance is expected.

use ps_serialize::pickle::Pickle;
use ps_serialize::{Options, deserialize, deserialize_any, deserialize_with, serializer};
use serde::{Deserialize, Serialize};

#[serializer(python = "lies.Particle", positional)]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Particle {
    mass: f64,
    #[serde(default)]
    next: Option<Box<Particle>>,
}

#[serializer(python = "lies.Color")]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
enum Color {
    Red = 1,
}

#[serializer(python = "lies.Wave")]
#[derive(Debug, PartialEq)]
struct Wave {
    #[serializer(frame)]
    samples: ndarray::Array1<f64>,
    #[serializer(frames)]
    parts: Vec<Wave>,
}

/// A frame of these opcodes.
fn frame(opcodes: &[&[u8]]) -> Vec<u8> {
    [b"PK\n\x80\x05", &opcodes.concat()[..], b"."].concat()
}

/// No reader takes it, and the error says this.
fn refused(frame: &[u8], expected: &str) {
    for error in [
        deserialize::<Particle>(frame).map(drop).unwrap_err(),
        deserialize::<Color>(frame).map(drop).unwrap_err(),
        deserialize::<Wave>(frame).map(drop).unwrap_err(),
        deserialize_with::<Pickle<Vec<Particle>>>(frame).map(drop).unwrap_err(),
        deserialize_any(frame).map(drop).unwrap_err(),
    ] {
        let error = format!("{error:#}");
        assert!(error.contains(expected), "{}: {error}", frame.escape_ascii());
    }
}

const PARTIAL: &[u8] = b"cfunctools\npartial\n2\x85R";
const PARTICLE: &[u8] = b"clies\nParticle\n";

#[test]
fn functions_stay_refused_by_every_opcode() {
    for function in [
        &b"cos\nsystem\n"[..],
        b"cposix\nsystem\n",
        b"cbuiltins\neval\n",
        b"csubprocess\nPopen\n",
        b"cbuiltins\nexec\n",
    ] {
        for call in [
            &[function, b"\x8c\x02ls\x85R"][..],
            &[function, b"\x8c\x02ls\x85\x81"],
            &[function, b"\x8c\x02ls\x85}\x92"],
            &[function, b"\x8c\x02ls\x85R0N"],
            &[PARTIAL, b"(", function, b"\x8c\x02ls\x85}NtbR)"],
            &[PARTIAL, b"(", function, b")}NtbR)"],
            &[PARTIAL, b"(", function, b")}Ntb)R"],
            &[PARTICLE, b")\x81}\x8c\x04mass", function, b"\x8c\x02ls\x85Rsb"],
            &[PARTIAL, b"(", PARTICLE, b")}(\x8c\x04mass", function, b"\x8c\x02ls\x85RuNtb)R"],
            &[b"cfunctools\npartial\n", function, b"\x85R)R"],
            &[b"cfunctools\npartial\n", function, b"\x8c\x02ls\x86R)R"],
        ] {
            let frame = frame(call);
            let error = deserialize_any(&frame).map(drop).unwrap_err();
            assert!(!format!("{error:#}").is_empty());
            assert!(deserialize::<Particle>(&frame).is_err());
            assert!(deserialize::<Color>(&frame).is_err());
        }
    }
}

#[test]
fn classes_as_functions_and_functions_as_classes_are_refused() {
    // A function of the module of a class that is claimed.
    for name in ["particle", "make", "_rebuild"] {
        let function = format!("clies\n{name}\n");
        refused(&frame(&[function.as_bytes(), b")R"]), "lies");
        refused(&frame(&[PARTIAL, b"(", function.as_bytes(), b")}Ntb)R"]), "lies");
    }
    // The class of an instance is itself an instance, or nothing that can be called.
    for class in [&b"N"[..], b"K\x01", b"]", b"}", b"\x8c\x01a"] {
        assert!(deserialize_any(&frame(&[class, b")R"])).is_err());
        assert!(deserialize_any(&frame(&[class, b")\x81"])).is_err());
        assert!(deserialize_any(&frame(&[PARTIAL, b"(", class, b")}Ntb)R"])).is_err());
    }
    assert!(deserialize_any(&frame(&[PARTICLE, b")\x81)R"])).is_err());
    assert!(deserialize_any(&frame(&[PARTICLE, b")\x81)\x81"])).is_err());
    // A class where its instance should be.
    assert!(deserialize_any(&frame(&[PARTICLE])).is_err());
    assert!(deserialize::<Particle>(&frame(&[PARTICLE])).is_err());
    // What `functools.partial` makes, where an instance should be.
    assert!(deserialize_any(&frame(&[PARTIAL])).is_err());
    assert!(deserialize_any(&frame(&[PARTIAL, b"(", PARTICLE, b")}Ntb"])).is_err());
}

#[test]
fn states_that_lie_are_errors() {
    let instance = |state: &[u8]| frame(&[PARTICLE, b")\x81", state, b"b"]);
    for state in [
        &b"N"[..],
        b"K\x01",
        b"\x8c\x01a",
        b"]",
        b")",
        b"}",
        b"}\x8c\x04mass\x8c\x01as",
        b"}K\x01K\x02s",
        b"}N}\x86\x86",
        b"N}\x86",
        b"NN\x86",
        b"}\x8c\x08__dict__Ns",
        b"}\x8c\x08__dict__K\x01s",
        b"](G\x3f\xf0\0\0\0\0\0\0NNe",
    ] {
        let frame = instance(state);
        assert!(deserialize::<Particle>(&frame).is_err(), "{}", frame.escape_ascii());
        assert!(deserialize_any(&frame).is_err(), "{}", frame.escape_ascii());
    }
    let one = b"G\x3f\xf0\0\0\0\0\0\0";
    for state in [
        &[&b"}\x8c\x04mass"[..], one, b"s"][..],
        &[b"](", one, b"Ne"],
        &[b"N}\x8c\x04mass", one, b"s\x86"],
    ] {
        let frame = instance(&state.concat());
        let mass = deserialize::<Particle>(&frame).unwrap().mass;
        assert_eq!(mass.to_bits(), 1.0_f64.to_bits(), "{}", frame.escape_ascii());
    }
    // Two states, and states of what has none.
    assert!(deserialize_any(&frame(&[PARTICLE, b")\x81}b}b"])).is_err());
    for other in [&b"K\x01"[..], b"]", b"N", b"clies\nColor.Red\n"] {
        assert!(deserialize_any(&frame(&[other, b"}b"])).is_err());
    }
}

#[test]
fn keywords_that_lie_are_errors() {
    let call = |state: &[u8]| frame(&[PARTIAL, state, b"b)R"]);
    for state in [
        &b"N"[..],
        b"}",
        b")",
        b"(clies\nParticle\n)}t",
        b"(clies\nParticle\n)}NNt",
        b"(clies\nParticle\n)]Nt",
        b"(clies\nParticle\n]}Nt",
        b"(clies\nParticle\n)}}t",
        b"(clies\nParticle\nK\x01\x85}Nt",
        b"(clies\nParticle\n)}K\x01K\x01sNt",
        b"(cfunctools\npartial\n)}Nt",
        b"(cbuiltins\ngetattr\n)}Nt",
        b"(cnumpy\nndarray\n)}Nt",
        b"(cpolars\nread_ipc\n)}Nt",
    ] {
        let frame = call(state);
        assert!(deserialize::<Particle>(&frame).is_err(), "{}", frame.escape_ascii());
    }
    // Called with arguments beside the keywords.
    assert!(deserialize_any(&frame(&[PARTIAL, b"(clies\nParticle\n)}NtbK\x01\x85R"])).is_err());
}

#[test]
fn members_that_lie_are_errors() {
    for member in [
        &b"clies\nColor.Blue\n"[..],
        b"clies\nColor.Red.Red\n",
        b"clies\nColor\n",
        b"clies\nParticle.Red\n",
        b"clies\nColor\nK\x02\x85R",
        b"clies\nColor\n\x8c\x04Blue\x85R",
        b"clies\nColor\n)R",
        b"clies\nColor\nK\x01K\x01\x86R",
        b"clies\nColor\nN\x85R",
        b"clies\nColor\n]\x85R",
        b"clies\nColor\n\x8a\x11\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x85R",
    ] {
        assert!(deserialize::<Color>(&frame(&[member])).is_err(), "{}", member.escape_ascii());
    }
    for member in [
        &b"clies\nColor.Red\n"[..],
        b"clies\nColor\nK\x01\x85R",
        b"cbuiltins\ngetattr\n(clies\nColor\n\x8c\x03RedtR",
    ] {
        assert_eq!(deserialize::<Color>(&frame(&[member])).unwrap(), Color::Red);
        assert_eq!(deserialize_any(&frame(&[member])).unwrap().downcast_ref(), Some(&Color::Red));
    }
}

#[test]
fn an_instance_that_contains_itself_is_an_error() {
    let inside_itself = [PARTICLE, b")\x81q\0}(\x8c\x04massG\x3f\xf0\0\0\0\0\0\0\x8c\x04nexth\0ub"];
    let frame = frame(&inside_itself);
    let error = format!("{:#}", deserialize::<Particle>(&frame).unwrap_err());
    assert!(error.contains("contains itself"), "{error}");
    assert!(deserialize_any(&frame).is_err());
}

#[test]
fn nested_instances_are_read_up_to_the_limit() {
    let nested = |levels: usize| {
        let mut payload = Vec::new();
        for _ in 0..levels {
            payload.extend_from_slice(PARTICLE);
            payload.extend_from_slice(b")\x81}(\x8c\x04massG\x3f\xf0\0\0\0\0\0\0\x8c\x04next");
        }
        payload.push(b'N');
        payload.extend(b"ub".repeat(levels));
        frame(&[&payload])
    };
    assert!(deserialize::<Particle>(&nested(30)).is_ok());
    for levels in [200, 1_000_000] {
        assert!(deserialize::<Particle>(&nested(levels)).is_err());
        assert!(deserialize_any(&nested(levels)).is_err());
    }
}

#[test]
fn a_name_of_a_megabyte_is_an_error_of_a_line() {
    for name in ["a".repeat(1 << 20), "A.".repeat(1 << 19)] {
        let global = format!("clies\n{name}\n");
        for call in [&b")\x81"[..], b")R", b""] {
            let frame = frame(&[global.as_bytes(), call]);
            for error in [
                deserialize::<Particle>(&frame).map(drop).unwrap_err(),
                deserialize_any(&frame).map(drop).unwrap_err(),
            ] {
                assert!(format!("{error:#}").len() < 1000);
            }
        }
    }
}

#[test]
fn a_limit_of_memory_holds_for_instances() {
    let particle = [PARTICLE, b")\x81}\x8c\x04massG\x3f\xf0\0\0\0\0\0\0sb"].concat();
    let frame = frame(&[b"](", &particle.repeat(10_000), b"e"]);
    let options = Options::new().size_limit(1 << 16);
    let error = options.deserialize_with::<Pickle<Vec<Particle>>>(&frame).unwrap_err();
    assert!(matches!(error.kind(), ps_serialize::ErrorKind::LimitExceeded { .. }), "{error:#}");
    assert_eq!(deserialize_with::<Pickle<Vec<Particle>>>(&frame).unwrap().len(), 10_000);
}

#[test]
fn arrays_that_lie_are_errors() {
    let wave = |samples: &[u8]| {
        let fields = [b"}(\x8c\x07samples", samples, b"\x8c\x05parts]ub"].concat();
        frame(&[b"clies\nWave\n)\x81", &fields])
    };
    let data =
        |bytes: u8| [&[0x96, bytes, 0, 0, 0, 0, 0, 0, 0][..], &vec![0; bytes.into()]].concat();
    let array = |shape: &[u8], dtype: &str, data: &[u8], more: &[u8]| {
        let dtype = [&[0x8c, u8::try_from(dtype.len()).unwrap()], dtype.as_bytes()].concat();
        [b"cnumpy\nndarray\n(", shape, &dtype, data, more, b"tR"].concat()
    };
    let read = |array: &[u8]| deserialize::<Wave>(&wave(array));
    assert_eq!(read(&array(b"K\x02\x85", "<f8", &data(16), b"")).unwrap().samples.len(), 2);
    assert_eq!(
        read(&array(b"K\x02\x85", "<f8", &data(16), b"K\0N\x8c\x01F")).unwrap().samples.len(),
        2
    );
    for array in [
        array(b"K\x03\x85", "<f8", &data(16), b""),
        array(b"J\xff\xff\xff\xff\x85", "<f8", &data(16), b""),
        array(b"N", "<f8", &data(16), b""),
        array(b"K\x02\x85", "<f4", &data(16), b""),
        array(b"K\x02\x85", "O", &data(16), b""),
        array(b"K\x02\x85", "", &data(16), b""),
        array(b"K\x02\x85", "[('a', '<f8')]", &data(16), b""),
        array(b"K\x02\x85", "<f8", b"N", b""),
        array(b"K\x02\x85", "<f8", &data(16), b"K\x01N\x8c\x01F"),
        array(b"K\x02\x85", "<f8", &data(16), b"K\0K\x08\x85\x8c\x01F"),
        array(b"K\x02\x85", "<f8", &data(16), b"K\0N\x8c\x01A"),
        array(b"K\x02\x85", "<f8", &data(16), b"K\0"),
        b"cnumpy\nndarray\n".to_vec(),
        b"cnumpy\nndarray\n)R".to_vec(),
        b"cpolars\nread_ipc\nC\0\x85R".to_vec(),
    ] {
        assert!(read(&array).is_err(), "{}", array.escape_ascii());
    }
}
