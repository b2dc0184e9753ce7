//! Fields and variants that are in some builds only, in records and their views.

use ps_serialize::{deserialize, serialize, serializer};

use super::round_trip;

#[serializer(id = b"cond enum")]
#[derive(Debug, PartialEq)]
enum Choice {
    First(u8),
    #[cfg(any())]
    Never(Missing, #[serializer(frame)] Missing),
    #[cfg(test)]
    Named {
        #[cfg(any())]
        never: Missing,
        label: String,
        #[serializer(frame)]
        text: String,
        #[cfg(any())]
        #[serializer(frames)]
        more: Vec<Missing>,
    },
    #[cfg(any())]
    AlsoNever {
        #[serializer(frames)]
        texts: Vec<Missing>,
    },
    Last(String, #[serializer(frames)] Vec<String>),
}

#[serializer(view = Choice)]
#[derive(Debug, PartialEq)]
enum ChoiceView<'f> {
    First(u8),
    #[cfg(any())]
    Never(Missing, #[serializer(frame)] &'f Missing),
    #[cfg(test)]
    Named {
        #[cfg(any())]
        never: Missing,
        label: &'f str,
        #[serializer(frame)]
        text: &'f str,
        #[cfg(any())]
        #[serializer(frames)]
        more: Vec<&'f Missing>,
    },
    #[cfg(any())]
    AlsoNever {
        #[serializer(frames)]
        texts: Vec<&'f Missing>,
    },
    Last(&'f str, #[serializer(frames)] Vec<&'f str>),
}

#[test]
fn a_view_has_the_variants_that_the_record_has_in_this_build() {
    let named = Choice::Named { label: "label".to_owned(), text: "text".to_owned() };
    let last = Choice::Last("last".to_owned(), vec!["one".to_owned(), "two".to_owned()]);
    for (value, view) in [
        (Choice::First(7), ChoiceView::First(7)),
        (named, ChoiceView::Named { label: "label", text: "text" }),
        (last, ChoiceView::Last("last", vec!["one", "two"])),
    ] {
        let frame = round_trip(&value);
        assert_eq!(deserialize::<ChoiceView<'_>>(&frame).unwrap(), view);
    }
    let frame = serialize(&Choice::Last(String::new(), Vec::new())).unwrap();
    assert_eq!(frame[64 + 16..][..4], [2, 0, 0, 0], "variants that are not there have no number");
}

#[test]
fn all_fields_of_the_codec_may_be_compiled_out() {
    #[serializer(id = b"cond struct")]
    #[derive(Debug, PartialEq)]
    struct Frames {
        #[cfg(any())]
        never: Missing,
        #[serializer(frame)]
        text: String,
        #[cfg(any())]
        #[serde(default)]
        also_never: Missing,
    }

    #[serializer(view = Frames)]
    #[derive(Debug, PartialEq)]
    struct FramesView<'f> {
        #[cfg(any())]
        never: &'f Missing,
        #[serializer(frame)]
        text: &'f str,
    }

    #[serializer(id = b"cond tuple")]
    #[derive(Debug, PartialEq)]
    struct Tuple(#[serializer(frame)] String, #[cfg(any())] Missing);

    #[serializer(view = Tuple)]
    #[derive(Debug, PartialEq)]
    struct TupleView<'f>(#[serializer(frame)] &'f str, #[cfg(any())] &'f Missing);

    #[serializer(id = b"cond variants")]
    #[derive(Debug, PartialEq)]
    enum Variants {
        #[cfg(any())]
        Never(Missing),
        Text(#[serializer(frame)] String, #[cfg(any())] Missing),
    }

    #[serializer(view = Variants)]
    #[derive(Debug, PartialEq)]
    enum VariantsView<'f> {
        #[cfg(any())]
        Never(&'f Missing),
        Text(#[serializer(frame)] &'f str, #[cfg(any())] &'f Missing),
    }

    let text = || "text".to_owned();
    let frame = round_trip(&Frames { text: text() });
    assert_eq!(deserialize::<FramesView<'_>>(&frame).unwrap(), FramesView { text: "text" });
    let frame = round_trip(&Tuple(text()));
    assert_eq!(deserialize::<TupleView<'_>>(&frame).unwrap(), TupleView("text"));
    let frame = round_trip(&Variants::Text(text()));
    assert_eq!(deserialize::<VariantsView<'_>>(&frame).unwrap(), VariantsView::Text("text"));
}

#[cfg(feature = "messagepack")]
#[test]
fn conditions_hold_by_names_too() {
    use ps_serialize::{Frame, MessagePack};

    #[serializer(id = b"cond names", codec = MessagePack)]
    #[derive(Debug, PartialEq)]
    struct Named {
        #[cfg(any())]
        never: Missing,
        #[cfg(test)]
        label: String,
        #[serializer(frame)]
        text: String,
    }

    #[serializer(view = Named)]
    struct NamedView<'f> {
        #[cfg(any())]
        label: &'f str,
        #[serializer(frame)]
        text: &'f str,
    }

    let frame = round_trip(&Named { label: "l".to_owned(), text: "text".to_owned() });
    let payload = Frame::parse(&frame).unwrap().payload();
    assert_eq!(payload[8 + 8 + 8..][..9], *b"\x81\xa5label\xa1l");
    assert_eq!(deserialize::<NamedView<'_>>(&frame).unwrap().text, "text");
}
