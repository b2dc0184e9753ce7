//! Values of any type of a trait, as objects of it.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use ps_serialize::{
    Error, ErrorKind, Identifier, Options, Payload, Result, Serializer, Sink, deserialize,
    deserialize_any, deserialize_dyn, parts, registry, serialize, serialize_any, serializer,
};
use serde::{Deserialize, Serialize};

#[serializer(dyn)]
trait Shape: Any + Send + Sync {
    fn area(&self) -> f64;
}

trait Named {
    fn name(&self) -> String;
}

#[serializer(id = b"obj square", dyn = Shape, dyn = Named)]
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Square {
    side: f64,
}

#[serializer(id = b"obj circle", dyn = self::Shape)]
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Circle(f64);

#[serializer(id = b"obj point", dyn = Shape)]
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Point;

#[serializer(id = b"obj figure", dyn = Shape)]
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Figure {
    Empty,
    Rectangle { width: f64, height: f64 },
}

/// Frames inside, and objects of its own trait in it.
#[serializer(id = b"obj group", dyn = Shape, dyn = Named)]
struct Group {
    name: String,
    #[serializer(frames)]
    shapes: Vec<Box<dyn Shape>>,
    #[serializer(frame)]
    picture: Vec<u8>,
}

/// Nothing but the identifier tells it from a square.
#[serializer(id = b"obj stranger")]
#[derive(Serialize, Deserialize)]
struct Stranger {
    side: f64,
}

/// The value of a type of another crate.
struct Duration;

#[serializer(id = b"obj time", dyn = Shape, dyn = Named)]
impl Serializer for Duration {
    type Value = std::time::Duration;

    fn serialize<'a>(value: &'a std::time::Duration, out: &mut dyn Sink<'a>) -> Result<()> {
        out.put(&value.as_secs().to_le_bytes());
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<std::time::Duration> {
        let seconds = payload[..].try_into().map_err(Error::custom)?;
        Ok(std::time::Duration::from_secs(u64::from_le_bytes(seconds)))
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair<T>(T, T);

#[serializer(id = b"obj pair", dyn = Shape)]
type PairOfSides = Pair<f64>;

impl Shape for Square {
    fn area(&self) -> f64 {
        self.side * self.side
    }
}

impl Shape for Circle {
    fn area(&self) -> f64 {
        3.0 * self.0 * self.0
    }
}

impl Shape for Point {
    fn area(&self) -> f64 {
        0.0
    }
}

impl Shape for Figure {
    fn area(&self) -> f64 {
        match self {
            Self::Empty => 0.0,
            Self::Rectangle { width, height } => width * height,
        }
    }
}

impl Shape for Group {
    fn area(&self) -> f64 {
        self.shapes.iter().map(|shape| shape.area()).sum()
    }
}

impl Shape for Stranger {
    fn area(&self) -> f64 {
        self.side
    }
}

impl Shape for std::time::Duration {
    fn area(&self) -> f64 {
        self.as_secs_f64()
    }
}

impl Shape for Pair<f64> {
    fn area(&self) -> f64 {
        self.0 * self.1
    }
}

impl Named for Square {
    fn name(&self) -> String {
        "square".to_owned()
    }
}

impl Named for Group {
    fn name(&self) -> String {
        self.name.clone()
    }
}

impl Named for std::time::Duration {
    fn name(&self) -> String {
        format!("{self:?}")
    }
}

fn shapes() -> Vec<Box<dyn Shape>> {
    vec![
        Box::new(Square { side: 2.0 }),
        Box::new(Circle(1.0)),
        Box::new(Point),
        Box::new(Figure::Rectangle { width: 2.0, height: 5.0 }),
        Box::new(std::time::Duration::from_secs(7)),
        Box::new(Pair(2.0, 4.0)),
        Box::new(Figure::Empty),
    ]
}

const AREAS: [f64; 7] = [4.0, 3.0, 0.0, 10.0, 7.0, 8.0, 0.0];

fn areas(shapes: &[Box<dyn Shape>]) -> Vec<f64> {
    shapes.iter().map(|shape| shape.area()).collect()
}

fn group(shapes: Vec<Box<dyn Shape>>) -> Group {
    Group { name: "all".to_owned(), shapes, picture: vec![7; 100] }
}

#[test]
fn a_frame_of_any_type_of_the_trait_becomes_its_object() {
    for (shape, area) in shapes().iter().zip(AREAS) {
        let frame = serialize_any(&**shape).unwrap();
        assert_eq!(deserialize_dyn::<dyn Shape>(&frame).unwrap().area().to_bits(), area.to_bits());
        let shared = Bytes::from(frame.to_vec());
        assert_eq!(deserialize_dyn::<dyn Shape>(&shared).unwrap().area().to_bits(), area.to_bits());
        let object: Box<dyn Shape> = Options::new().deserialize_dyn(&frame[..]).unwrap();
        assert_eq!(object.area().to_bits(), area.to_bits());
        // An object is a value of its own type, too.
        let value: Box<dyn Any> = object;
        assert_eq!((*value).type_id(), (*deserialize_any(&frame).unwrap()).type_id());
    }
}

#[test]
fn an_object_is_written_as_its_own_type_is() {
    let square: Box<dyn Shape> = Box::new(Square { side: 2.0 });
    assert_eq!(serialize_any(&*square).unwrap(), serialize(&Square { side: 2.0 }).unwrap());
}

#[test]
fn an_object_may_have_auto_traits() {
    let frame = serialize(&Square { side: 3.0 }).unwrap();
    assert_eq!(deserialize_dyn::<dyn Named>(&frame).unwrap().name(), "square");
    let named: Box<dyn Named + Send> = deserialize_dyn(&frame).unwrap();
    assert_eq!(std::thread::spawn(move || named.name()).join().unwrap(), "square");
    assert_eq!(deserialize_dyn::<dyn Named + Sync>(&frame).unwrap().name(), "square");
    assert_eq!(deserialize_dyn::<dyn Named + Send + Sync>(&frame).unwrap().name(), "square");
    assert_eq!(deserialize_dyn::<dyn Sync + Named + Send>(&frame).unwrap().name(), "square");
}

#[test]
fn a_type_that_does_not_claim_the_trait_is_an_error_that_lists_those_that_do() {
    let frame = serialize(&Stranger { side: 1.0 }).unwrap();
    let error = deserialize_dyn::<dyn Shape>(&frame).err().unwrap();
    assert!(
        matches!(error.kind(), ErrorKind::NoTraitObject { identifier, .. } if *identifier == *b"obj stranger")
    );
    let text = error.to_string();
    for part in [
        "`obj stranger`",
        "::Stranger`",
        "trait_objects::Shape`",
        "`obj square`",
        "`obj time`",
        "add `dyn = Shape` to its annotation",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // A circle has the trait, but not this one.
    let text =
        deserialize_dyn::<dyn Named>(&serialize(&Circle(1.0)).unwrap()).err().unwrap().to_string();
    assert!(text.contains("`obj time`") && !text.contains("`obj point`"), "{text}");
    // A trait that no type claims.
    trait Nobody {}
    let error = deserialize_dyn::<dyn Nobody>(&frame).err().unwrap();
    assert!(error.to_string().ends_with("types that claim it are none"), "{error}");
    // Built-in kinds claim no trait.
    assert!(deserialize_dyn::<dyn Shape>(b"US\nhello").is_err());
    // The payload is not even looked at.
    let error = deserialize_dyn::<dyn Shape>(b"obj stranger\nno square").err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::NoTraitObject { .. }));
    assert_eq!(std::io::Error::from(error).kind(), std::io::ErrorKind::InvalidData);
}

#[test]
fn other_errors_are_those_of_any_frame() {
    let error = deserialize_dyn::<dyn Shape>(b"obj nothing\n").err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::UnknownIdentifier { .. }));
    let error = deserialize_dyn::<dyn Shape>(b"obj square\n\0").err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::Deserialize { .. }));
    let frame = serialize(&Square { side: 2.0 }).unwrap();
    let error = Options::new()
        .allow([Identifier::new(b"obj circle")])
        .deserialize_dyn::<dyn Shape>(&frame)
        .err()
        .unwrap();
    assert!(matches!(error.kind(), ErrorKind::NotAllowed { .. }));
    let error = Options::new().size_limit(3).deserialize_dyn::<dyn Shape>(&frame).err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }));
}

#[cfg(feature = "lz4")]
#[test]
fn an_object_comes_out_of_a_compressed_frame() {
    let frame = serialize(&group(shapes())).unwrap();
    let packed = ps_serialize::Compression::Lz4.compress(&frame).unwrap();
    assert!(packed.len() < frame.len());
    let object = deserialize_dyn::<dyn Shape>(&packed).unwrap();
    assert_eq!(object.area().to_bits(), AREAS.iter().sum::<f64>().to_bits());
}

#[test]
fn a_record_holds_a_mixture_of_objects() {
    let mut all = shapes();
    all.push(Box::new(group(vec![Box::new(Square { side: 10.0 })])));
    let value = group(all);
    let frame = serialize(&value).unwrap();
    assert_eq!(parts(&value).unwrap().to_bytes(), frame);
    let back: Group = deserialize(&frame).unwrap();
    assert_eq!(areas(&back.shapes), [&AREAS[..], &[100.0]].concat());
    assert_eq!((&*back.name, &*back.picture), ("all", &[7; 100][..]));
    assert_eq!(serialize(&back).unwrap(), frame);
    assert!(deserialize_any(&frame).unwrap().is::<Group>());
    for end in 0..frame.len() {
        assert!(deserialize::<Group>(&frame[..end]).is_err(), "{end}");
    }
}

/// A value that takes much more memory than its frame.
#[serializer(id = b"obj sparse", dyn = Shape)]
#[derive(Serialize, Deserialize)]
struct Sparse(Option<[[[u64; 32]; 32]; 2]>);

impl Shape for Sparse {
    fn area(&self) -> f64 {
        0.0
    }
}

#[test]
fn the_memory_of_objects_inside_is_limited() {
    let sparse = |_| Box::new(Sparse(None)) as Box<dyn Shape>;
    let frame = serialize(&group((0..1000).map(sparse).collect())).unwrap();
    assert!(frame.len() < 200_000);
    assert!(deserialize::<Group>(&frame).is_ok());
    let options = Options::new().size_limit(1 << 20);
    let error = options.deserialize::<Group>(&frame).err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:#}");
    let error = options.deserialize::<GroupView<'_>>(&frame).err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:#}");
    let nested = Payload::read(&frame, |payload| payload.deserialize_any().map(drop));
    assert!(nested.is_ok());
}

/// A type with two serializers, of which one claims the trait.
#[serializer(id = b"obj blue", dyn = Shape)]
#[derive(Serialize, Deserialize)]
struct Blue(u8);

struct OtherBlue;

#[serializer(id = b"obj blue 2")]
impl Serializer for OtherBlue {
    type Value = Blue;

    fn serialize<'a>(value: &'a Blue, out: &mut dyn Sink<'a>) -> Result<()> {
        out.put(&[value.0]);
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<Blue> {
        Ok(Blue(payload[0]))
    }
}

impl Shape for Blue {
    fn area(&self) -> f64 {
        f64::from(self.0)
    }
}

#[test]
fn the_serializer_that_claims_the_trait_is_the_one_for_objects() {
    let value = group(vec![Box::new(Blue(3)), Box::new(Point)]);
    let frame = serialize(&value).unwrap();
    assert_eq!(areas(&deserialize::<Group>(&frame).unwrap().shapes), [3.0, 0.0]);
}

#[test]
fn what_is_no_trait_object_says_which_verb_to_use() {
    let frame = serialize(&Square { side: 1.0 }).unwrap();
    let text = deserialize_dyn::<Square>(&frame).unwrap_err().to_string();
    assert!(
        text.ends_with("is no trait object; `deserialize` reads a value by its type"),
        "{text}"
    );
    let shape: Box<dyn Shape> = Box::new(Point);
    let text = serialize_any(&shape).unwrap_err().to_string();
    assert!(text.contains("for a `Box<dyn Trait>`, give what is in it, `&*boxed`"), "{text}");
}

#[serializer(id = b"obj every")]
struct EveryCollection {
    #[serializer(frame)]
    one: Box<dyn Shape>,
    #[serializer(frames)]
    none: Option<Box<dyn Shape>>,
    #[serializer(frames)]
    some: Option<Box<dyn Shape + Send + Sync>>,
    count: u8,
    #[serializer(frames)]
    tree: BTreeMap<String, Box<dyn Shape>>,
    #[serializer(frames)]
    hashed: HashMap<String, Box<dyn Shape + Send>>,
}

#[serializer(id = b"obj choice")]
enum Choice {
    Number(u8),
    Object(#[serializer(frame)] Box<dyn Shape>, u8),
}

fn every() -> EveryCollection {
    EveryCollection {
        one: Box::new(Point),
        none: None,
        some: Some(Box::new(Circle(2.0))),
        count: 3,
        tree: [("a".to_owned(), Box::new(Square { side: 3.0 }) as Box<dyn Shape>)].into(),
        hashed: [("b".to_owned(), Box::new(Figure::Empty) as Box<dyn Shape + Send>)].into(),
    }
}

#[test]
fn every_kind_of_field_holds_objects() {
    let value = every();
    let back: EveryCollection = deserialize(&serialize(&value).unwrap()).unwrap();
    assert_eq!(back.one.area().to_bits(), 0.0_f64.to_bits());
    assert!(back.none.is_none());
    assert_eq!(back.some.unwrap().area().to_bits(), 12.0_f64.to_bits());
    assert_eq!(back.count, 3);
    assert_eq!(back.tree["a"].area().to_bits(), 9.0_f64.to_bits());
    assert_eq!(back.hashed["b"].area().to_bits(), 0.0_f64.to_bits());

    let value = Choice::Object(Box::new(Circle(1.0)), 9);
    let Choice::Object(object, 9) = deserialize(&serialize(&value).unwrap()).unwrap() else {
        panic!()
    };
    assert_eq!(object.area().to_bits(), 3.0_f64.to_bits());
    let back = deserialize(&serialize(&Choice::Number(4)).unwrap()).unwrap();
    assert!(matches!(back, Choice::Number(4)));
}

/// A view has the objects, which own what they read, and may leave fields out that stand after them.
#[serializer(view = Group)]
struct GroupView<'f> {
    name: &'f str,
    #[serializer(frames)]
    shapes: Vec<Box<dyn Shape>>,
    #[serializer(frame)]
    picture: &'f [u8],
}

#[serializer(view = EveryCollection)]
struct OneOfEvery {
    #[serializer(frame)]
    one: Box<dyn Shape>,
    #[serializer(frames)]
    none: Option<Box<dyn Shape>>,
    #[serializer(frames)]
    some: Option<Box<dyn Shape + Send + Sync>>,
    count: u8,
    #[serializer(frames)]
    tree: BTreeMap<String, Box<dyn Shape>>,
    #[serializer(frames)]
    hashed: HashMap<String, Box<dyn Shape + Send>>,
}

#[test]
fn a_view_reads_objects() {
    let frame = serialize(&group(shapes())).unwrap();
    let view: GroupView<'_> = deserialize(&frame).unwrap();
    assert_eq!((view.name, view.picture), ("all", &[7; 100][..]));
    assert_eq!(areas(&view.shapes), AREAS);
    let value = every();
    let view: OneOfEvery = deserialize(&serialize(&value).unwrap()).unwrap();
    assert_eq!(view.one.area().to_bits(), 0.0_f64.to_bits());
    assert!(view.none.is_none() && view.some.is_some());
    assert_eq!((view.count, view.tree.len(), view.hashed.len()), (3, 1, 1));
}

#[test]
fn what_could_not_be_read_is_not_written() {
    struct Unregistered;
    impl Shape for Unregistered {
        fn area(&self) -> f64 {
            1.0
        }
    }
    // The type has a serializer, but its annotation does not name the trait.
    let error = serialize(&group(vec![Box::new(Stranger { side: 1.0 })])).unwrap_err();
    let text = format!("{error:#}");
    assert!(text.contains("in the field `shapes`") && text.contains("`obj stranger`"), "{text}");
    let error = serialize(&group(vec![Box::new(Point), Box::new(Unregistered)])).unwrap_err();
    let text = format!("{error:#}");
    assert!(text.contains("in the field `shapes`") && text.contains("no serializer"), "{text}");
}

#[test]
fn a_frame_of_another_type_in_the_place_of_an_object_is_an_error() {
    let frame = serialize(&group(vec![Box::new(Square { side: 1.0 })])).unwrap();
    let at = frame.windows(10).position(|bytes| bytes == b"obj square").unwrap();
    for (other, kind) in
        [("obj pair  ", "field `shapes`"), ("obj strange", ""), ("BS        ", "BS")]
    {
        let mut lying = frame.to_vec();
        lying[at..at + other.len()].copy_from_slice(other.as_bytes());
        let text = format!("{:#}", deserialize::<Group>(&lying).err().unwrap());
        assert!(text.contains(kind), "{text}");
    }
    // The allow-list of the caller holds inside of the record, since any type may be there.
    let error = Options::new()
        .allow([Identifier::new(b"obj group")])
        .deserialize::<Group>(&frame)
        .err()
        .unwrap();
    assert!(matches!(error.kind(), ErrorKind::NotAllowed { .. }), "{error:#}");
    assert!(format!("{error:#}").contains("`obj square`"), "{error:#}");
    assert!(
        Options::new()
            .allow([Identifier::new(b"obj group"), Identifier::new(b"obj square")])
            .deserialize::<Group>(&frame)
            .is_ok()
    );
}

#[test]
fn nested_objects_end_at_the_limit_of_nesting_on_both_sides() {
    let nest = |levels: usize| {
        (0..levels).fold(Box::new(Point) as Box<dyn Shape>, |inner, _| Box::new(group(vec![inner])))
    };
    for levels in [1, 16, 30] {
        let frame = serialize_any(&*nest(levels)).unwrap();
        assert_eq!(
            deserialize_dyn::<dyn Shape>(&frame).unwrap().area().to_bits(),
            0.0_f64.to_bits()
        );
    }
    let error = serialize_any(&*nest(40)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:#}");
}

/// A trait below another one: each is claimed by itself.
mod hierarchy {
    use super::*;

    #[serializer(dyn)]
    trait Base: Any + Send + Sync {
        fn base(&self) -> u8;
    }

    #[serializer(dyn)]
    trait Derived: Base {
        fn derived(&self) -> u8;
    }

    #[serializer(id = b"obj derived", dyn = Base, dyn = Derived)]
    #[derive(Serialize, Deserialize)]
    struct Both(u8);

    impl Base for Both {
        fn base(&self) -> u8 {
            self.0
        }
    }

    impl Derived for Both {
        fn derived(&self) -> u8 {
            self.0 + 1
        }
    }

    #[serializer(id = b"obj derived list")]
    struct List {
        #[serializer(frames)]
        base: Vec<Box<dyn Base>>,
        #[serializer(frames)]
        derived: Vec<Box<dyn Derived>>,
    }

    #[test]
    fn a_trait_may_have_any_above_another_trait() {
        let list = List { base: vec![Box::new(Both(1))], derived: vec![Box::new(Both(2))] };
        let back: List = deserialize(&serialize(&list).unwrap()).unwrap();
        assert_eq!((back.base[0].base(), back.derived[0].derived()), (1, 3));
        let frame = serialize(&Both(5)).unwrap();
        assert_eq!(deserialize_dyn::<dyn Derived>(&frame).unwrap().base(), 5);
        let base: Box<dyn Base> = deserialize_dyn::<dyn Derived>(&frame).unwrap();
        assert_eq!(base.base(), 5);
    }
}

/// Types and traits whose names come from a macro, and traits with parameters and associated items.
mod forms {
    use super::*;

    trait Handler<T>: Any {
        type Answer
        where
            Self: Sized;

        fn handle(&self, value: T) -> T;
    }

    macro_rules! handlers {
        ($($name:ident $id:literal $trait:path;)*) => {$(
            #[serializer(id = $id, dyn = $trait)]
            #[derive(Serialize, Deserialize)]
            struct $name;

            impl $trait for $name {
                type Answer = ();

                fn handle(&self, value: u8) -> u8 {
                    value + 1
                }
            }
        )*};
    }

    handlers! {
        One b"obj one" Handler<u8>;
        Two b"obj two" Handler<u8>;
    }

    #[test]
    fn a_trait_may_have_arguments() {
        for frame in [serialize(&One).unwrap(), serialize(&Two).unwrap()] {
            assert_eq!(deserialize_dyn::<dyn Handler<u8>>(&frame).unwrap().handle(1), 2);
            assert!(deserialize_dyn::<dyn Handler<u16>>(&frame).is_err());
        }
    }
}

#[test]
fn the_registry_tells_which_objects_there_are() {
    let objects = |identifier: &str| {
        registry().find(identifier).unwrap().trait_objects().collect::<Vec<_>>().join(", ")
    };
    let square = objects("obj square");
    assert!(
        square.contains("dyn promises::trait_objects::Shape, ") && square.contains("::Named"),
        "{square}"
    );
    assert_eq!(objects("obj stranger"), "");
}
