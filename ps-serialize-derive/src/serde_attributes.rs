//! What serde's attributes ask for, and the default codec can't do: its layout has neither names nor
//! marks, so a reader takes the fields in their order and the variants by their number.

use proc_macro2::Span;
use syn::{
    Attribute, Error, Expr, Field, Fields, GenericArgument, Item, PathArguments, Token, Type,
    Variant, spanned::Spanned, token::Paren,
};

use crate::args::{self, Args};

const OTHERWISE: &str = "or write `codec = ps_serialize::MessagePack` (feature `messagepack`), or write the value by `Pickle<T>`";

/// Refuses what is certain to be read as another value, or not at all, each at its attribute.
pub(crate) fn check(args: &Args, item: &Item) -> Option<Error> {
    if !is_default_codec(args) {
        return None;
    }
    let mut errors = None;
    let mut refuse = |span, problem: String| args::report(&mut errors, Error::new(span, problem));
    match item {
        Item::Struct(item) => {
            let container = Asked::by(&item.attrs);
            if container.is_converted() {
                return None;
            }
            if let Some(tag) = container.find("tag") {
                refuse(
                    tag,
                    format!(
                        "`tag` writes the name of the struct into the value, and no reader of this layout expects it there: remove it, {OTHERWISE}"
                    ),
                );
            }
            check_fields(&item.fields, &mut refuse);
        }
        Item::Enum(item) => {
            let container = Asked::by(&item.attrs);
            if container.is_converted() {
                return None;
            }
            let unmarked = container.find("untagged").map(|span| ("untagged", span));
            let tagged = container.find("tag").map(|span| ("tag", span));
            if let Some((name, span)) = unmarked.or(tagged) {
                refuse(span, asks(name));
                return errors;
            }
            check_variants(item.variants.iter(), &mut refuse);
            for variant in &item.variants {
                let asked = Asked::by(&variant.attrs);
                let is_written = asked.find("skip").is_none();
                // With functions of its own a variant hands its fields to nobody else.
                let is_derived = ["with", "serialize_with", "deserialize_with"]
                    .iter()
                    .all(|name| asked.find(name).is_none());
                if is_written && is_derived {
                    check_fields(&variant.fields, &mut refuse);
                }
            }
        }
        _ => {}
    }
    errors
}

/// Refuses fields that would borrow from a frame for ever. The types that stand here alone are
/// looked into: what others do with their parameters is theirs.
pub(crate) fn check_owned(args: &Args, item: &Item) -> Option<Error> {
    let (attributes, ident, fields): (_, _, Vec<&Field>) = match item {
        _ if !is_default_codec(args) && args.python.is_none() => return None,
        Item::Struct(item) => (&item.attrs, &item.ident, item.fields.iter().collect()),
        Item::Enum(item) => (
            &item.attrs,
            &item.ident,
            item.variants.iter().flat_map(|variant| &variant.fields).collect(),
        ),
        _ => return None,
    };
    let container = Asked::by(attributes);
    if container.find("from").or(container.find("try_from")).is_some() {
        return None;
    }
    let mut errors = None;
    for field in fields {
        let asked = Asked::by(&field.attrs);
        let skipped = asked.find("skip").or(asked.find("skip_deserializing")).is_some();
        let read_otherwise = asked.find("with").or(asked.find("deserialize_with")).is_some();
        let borrows = (!skipped && !read_otherwise).then(|| borrowed(&field.ty)).flatten();
        if let Some(borrowed) = borrows {
            let problem = crate::item::borrows(ident);
            args::report(&mut errors, Error::new_spanned(borrowed, problem));
        }
    }
    errors
}

/// A reference in a type, where serde's own impls would have to read it.
fn borrowed(of: &Type) -> Option<&Type> {
    const TRANSPARENT: [&str; 11] = [
        "Option", "Vec", "VecDeque", "Box", "Rc", "Arc", "HashMap", "HashSet", "BTreeMap",
        "BTreeSet", "Result",
    ];
    match of {
        Type::Reference(reference) if reference.lifetime.is_some() => Some(of),
        Type::Paren(inner) => borrowed(&inner.elem),
        Type::Group(inner) => borrowed(&inner.elem),
        Type::Array(array) => borrowed(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(borrowed),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
            if !TRANSPARENT.iter().any(|name| last.ident == name) {
                return None;
            }
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(inner) => borrowed(inner),
                _ => None,
            })
        }
        _ => None,
    }
}

fn is_default_codec(args: &Args) -> bool {
    args.python.is_none()
        && args
            .codec
            .as_ref()
            .is_none_or(|codec| codec.segments.last().is_some_and(|last| last.ident == "Bincode"))
}

fn asks(attribute: &str) -> String {
    format!(
        "`{attribute}` asks the format what comes next when it is read, and this layout does not say: remove it, give the type another one for the wire by `into` and `from`, {OTHERWISE}"
    )
}

fn check_fields(fields: &Fields, refuse: &mut impl FnMut(Span, String)) {
    for field in fields {
        let asked = Asked::by(&field.attrs);
        if let Some(flatten) = asked.find("flatten") {
            refuse(flatten, asks("flatten"));
        }
        let (writing, reading) = (asked.find("skip_serializing"), asked.find("skip_deserializing"));
        if asked.find("skip").is_some() || writing.is_some() && reading.is_some() {
            continue;
        }
        if let Some(span) = writing {
            refuse(
                span,
                format!(
                    "`skip_serializing` leaves the field out for the writer alone, and a reader would take what follows for it: write `#[serde(skip)]`, which gives it its default, {OTHERWISE}"
                ),
            );
        }
        if let Some(span) = reading {
            refuse(
                span,
                format!(
                    "`skip_deserializing` leaves the field out for the reader alone, which would take its bytes for what follows: write `#[serde(skip)]`, which gives it its default, {OTHERWISE}"
                ),
            );
        }
        if let Some(span) = asked.find("skip_serializing_if").filter(|_| writing.is_none()) {
            refuse(
                span,
                format!(
                    "`skip_serializing_if` leaves the field out now and then, and a reader would take what follows for it: remove it, since an empty `Option` or `Vec` takes 1 or 8 bytes, {OTHERWISE}"
                ),
            );
        }
    }
}

fn check_variants<'v>(
    variants: impl DoubleEndedIterator<Item = &'v Variant>,
    refuse: &mut impl FnMut(Span, String),
) {
    // From the last on: what counts is which variant that can be written stands after another.
    let mut after: Option<&Variant> = None;
    let mut found = Vec::new();
    for variant in variants.rev() {
        let asked = Asked::by(&variant.attrs);
        let skip = asked.find("skip");
        let reading = skip.or(asked.find("skip_deserializing"));
        let is_written = skip.or(asked.find("skip_serializing")).is_none();
        let name = &variant.ident;
        match (reading, after) {
            (Some(span), Some(after)) => found.push((
                span,
                format!(
                    "serde counts `{name}` when it writes the number of a variant, and not when it reads one, so `{}` would be read as another: move `{name}` to the end and let it be `#[serde(skip)]`, {OTHERWISE}",
                    after.ident
                ),
            )),
            (Some(span), None) if is_written => found.push((
                span,
                format!(
                    "`{name}` could be written and not be read: write `#[serde(skip)]`, {OTHERWISE}"
                ),
            )),
            _ => {}
        }
        if let Some(untagged) = asked.find("untagged") {
            found.push((untagged, asks("untagged")));
        }
        if reading.is_none() && is_written {
            after = Some(variant);
        }
    }
    found.into_iter().rev().for_each(|(span, problem)| refuse(span, problem));
}

/// The attributes of serde's on one thing.
struct Asked(Vec<(String, Span)>);

impl Asked {
    fn by(attributes: &[Attribute]) -> Self {
        let mut asked = Vec::new();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            // What serde can't read, serde reports.
            let _ = attribute.parse_nested_meta(|meta| {
                if let Some(name) = meta.path.get_ident() {
                    asked.push((name.to_string(), meta.path.span()));
                }
                if meta.input.peek(Token![=]) {
                    meta.value()?.parse::<Expr>()?;
                } else if meta.input.peek(Paren) {
                    meta.input.parse::<proc_macro2::Group>()?;
                }
                Ok(())
            });
        }
        Self(asked)
    }

    fn find(&self, name: &str) -> Option<Span> {
        self.0.iter().find(|(asked, _)| asked == name).map(|(_, span)| *span)
    }

    /// Whether another type is written or read in its place.
    fn is_converted(&self) -> bool {
        ["into", "from", "try_from", "remote"].iter().any(|name| self.find(name).is_some())
    }
}
