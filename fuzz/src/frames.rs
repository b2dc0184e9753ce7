//! Annotated types with frames inside, and views of them.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Debug;

use arbitrary::Arbitrary;
use ps_serialize::{
    Deserializable, FrameTable, MessagePack, Record, Serializable, Wincode, deserialize, serializer,
};

use crate::records::Tree;
use crate::{framed, read};

/// Fields of the codec's between frames.
#[serializer(id = b"f0")]
#[derive(Arbitrary, Debug)]
pub struct Frames {
    number: u16,
    #[serializer(frame)]
    text: String,
    name: Option<String>,
    #[serializer(frame)]
    bytes: Vec<u8>,
    #[serializer(frames)]
    trees: Vec<Tree>,
    #[serializer(frames)]
    map: BTreeMap<String, Variants>,
    #[serializer(frames)]
    option: Option<String>,
}

#[serializer(id = b"f1")]
#[derive(Arbitrary, Debug)]
pub enum Variants {
    Unit,
    Tuple(u8, #[serializer(frame)] String),
    Named {
        #[serializer(frames)]
        variants: Vec<Variants>,
        last: String,
    },
}

#[serializer(id = b"f2", codec = Wincode)]
#[derive(Arbitrary, Debug)]
pub struct ByWincode {
    numbers: Vec<u16>,
    #[serializer(frames)]
    map: BTreeMap<String, String>,
    label: String,
    #[serializer(frame)]
    frames: Frames,
}

#[serializer(id = b"f3", codec = MessagePack)]
#[derive(Arbitrary, Debug)]
pub struct Named {
    number: u16,
    #[serializer(frame)]
    text: String,
    label: String,
    #[serializer(frames)]
    list: Vec<Variants>,
    #[serializer(frames)]
    option: Option<Vec<u8>>,
}

/// Views of these types. They have the names of their records, so that both are printed alike and can be compared.
#[allow(dead_code)]
pub mod views {
    use std::collections::BTreeMap;

    use ps_serialize::serializer;

    use crate::records::Tree;

    #[serializer(view = super::Frames)]
    #[derive(Debug)]
    pub struct Frames<'f> {
        number: u16,
        #[serializer(frame)]
        text: &'f str,
        name: Option<&'f str>,
        #[serializer(frame)]
        bytes: &'f [u8],
        #[serializer(frames)]
        trees: Vec<Tree>,
        #[serializer(frames)]
        map: BTreeMap<String, Variants<'f>>,
        #[serializer(frames)]
        option: Option<&'f str>,
    }

    #[serializer(view = super::Variants)]
    #[derive(Debug)]
    pub enum Variants<'f> {
        Unit,
        Tuple(u8, #[serializer(frame)] &'f str),
        Named {
            #[serializer(frames)]
            variants: Vec<Variants<'f>>,
            last: &'f str,
        },
    }

    #[serializer(view = super::ByWincode, codec = Wincode)]
    #[derive(Debug)]
    pub struct ByWincode<'f> {
        numbers: Vec<u16>,
        #[serializer(frames)]
        map: BTreeMap<String, &'f str>,
        label: &'f str,
        #[serializer(frame)]
        frames: Frames<'f>,
    }

    #[serializer(view = super::Named)]
    #[derive(Debug)]
    pub struct Named<'f> {
        number: u16,
        #[serializer(frame)]
        text: &'f str,
        label: &'f str,
        #[serializer(frames)]
        list: Vec<Variants<'f>>,
        #[serializer(frames)]
        option: Option<&'f [u8]>,
    }

    /// A view that passes frames by.
    #[serializer(view = super::Frames)]
    pub struct Few {
        number: u16,
        name: Option<String>,
        #[serializer(frames)]
        trees: Vec<Tree>,
        #[serializer(frames)]
        map: BTreeMap<String, super::Variants>,
        #[serializer(frames)]
        option: Option<String>,
    }
}

/// A record is read as a value or an error, by the verbs, by a table and by a view. `borrow` reads the view.
pub fn check<T>(frame: &[u8], borrow: for<'f> fn(&'f [u8]) -> ps_serialize::Result<String>)
where
    T: Record + Serializable<Serializer = T> + for<'f> Deserializable<'f> + Any + Debug,
{
    read::<T>(frame);
    let Some(frame) = framed::<T>(frame) else { return };
    let table = FrameTable::parse::<T>(&frame);
    let size = FrameTable::size(&frame);
    let view = borrow(&frame);
    // There may be fewer bytes than the first of the frames takes, or more than the last one.
    if let Ok(table) = &table {
        let size = size.as_ref().expect("the table was read");
        let first = FrameTable::parse::<T>(&frame[..*size]).expect("it is all that a table needs");
        assert!(first.iter().eq(table.iter()));
    }
    if let Ok(value) = deserialize::<T>(&frame) {
        assert_eq!(view.expect("a view reads what its record does"), format!("{value:?}"));
        let table = table.expect("the record was read");
        let mut end = size.expect("the record was read");
        for place in table.iter() {
            assert_eq!(place.range.start, end.next_multiple_of(64));
            end = place.range.end;
        }
        assert_eq!(end, frame.len());
    }
}
