//! The marks on fields: `#[serializer(frame)]` and `#[serializer(frames)]`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::{
    Attribute, Error, Field, Fields, Ident, Item, Result, Token, ext::IdentExt, parse::ParseStream,
    punctuated::Punctuated,
};

use crate::args;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The codec writes the field.
    None,
    /// The field is a frame.
    Frame,
    /// Each value in the field is a frame.
    Frames,
}

impl Mark {
    /// The name of the same variant in the library.
    pub(crate) fn tokens(self) -> TokenStream {
        match self {
            Self::None => quote!(None),
            Self::Frame => quote!(Frame),
            Self::Frames => quote!(Frames),
        }
    }
}

/// The marks of all fields, by variant; a struct is one variant.
#[derive(Default)]
pub(crate) struct Marks(Vec<Vec<Mark>>);

impl Marks {
    /// Takes the marks off an item, so that the compiler does not see them.
    pub(crate) fn take(item: &mut Item) -> (Self, Option<Error>) {
        let mut errors = None;
        let mut variants = Vec::new();
        let attributes = match item {
            Item::Struct(item) => Some(&mut item.attrs),
            Item::Enum(item) => Some(&mut item.attrs),
            Item::Type(item) => Some(&mut item.attrs),
            _ => None,
        };
        if let Some(second) = attributes.map(take_attributes).unwrap_or_default().first() {
            let problem = "a type has one `#[serializer(id = b\"…\")]`: remove this, or put it on a field if it is `frame` or `frames`";
            args::report(&mut errors, Error::new_spanned(second, problem));
        }
        match item {
            Item::Struct(item) => variants.push(take_fields(&mut item.fields, &mut errors)),
            Item::Enum(item) => {
                for variant in &mut item.variants {
                    if let Some(attribute) = take_attributes(&mut variant.attrs).first() {
                        let problem =
                            "a variant has no mark: put `#[serializer(frame)]` on the fields in it";
                        args::report(&mut errors, Error::new_spanned(attribute, problem));
                    }
                    variants.push(take_fields(&mut variant.fields, &mut errors));
                }
            }
            Item::Union(item) => {
                for field in &mut item.fields.named {
                    take_field(field, &mut errors);
                }
            }
            _ => {}
        }
        (Self(variants), errors)
    }

    pub(crate) fn are_none(&self) -> bool {
        self.0.iter().flatten().all(|mark| *mark == Mark::None)
    }

    pub(crate) fn of_variant(&self, index: usize) -> &[Mark] {
        &self.0[index]
    }

    /// The item without the fields that are frames.
    pub(crate) fn unmarked(&self, item: &Item) -> Item {
        let mut item = item.clone();
        match &mut item {
            Item::Struct(item) => retain(&mut item.fields, &self.0[0]),
            Item::Enum(item) => {
                let marked = item.variants.iter_mut().zip(&self.0);
                marked.for_each(|(variant, marks)| retain(&mut variant.fields, marks));
            }
            _ => {}
        }
        item
    }
}

fn retain(fields: &mut Fields, marks: &[Mark]) {
    let list = match fields {
        Fields::Named(fields) => &mut fields.named,
        Fields::Unnamed(fields) => &mut fields.unnamed,
        Fields::Unit => return,
    };
    let marked = std::mem::take(list).into_iter().zip(marks);
    *list = marked.filter(|(_, mark)| **mark == Mark::None).map(|(field, _)| field).collect();
}

fn take_fields(fields: &mut Fields, errors: &mut Option<Error>) -> Vec<Mark> {
    fields.iter_mut().map(|field| take_field(field, errors)).collect()
}

fn take_field(field: &mut Field, errors: &mut Option<Error>) -> Mark {
    field.attrs.retain(|attribute| {
        let Some(mark) = find_in_cfg_attr(attribute, "serializer") else { return true };
        let problem = "the compiler hands `cfg_attr` on a field over as it is, so the mark would get lost: write `#[cfg(…)]` on two fields, one with the mark and one without";
        args::report(errors, Error::new(mark, problem));
        false
    });
    let mut found: Option<Ident> = None;
    for attribute in take_attributes(&mut field.attrs) {
        let marks = match read(&attribute) {
            Ok(marks) => marks,
            Err(error) => {
                args::report(errors, error);
                continue;
            }
        };
        for mark in marks {
            let problem = match &found {
                Some(before) if *before == mark => {
                    format!("the mark `{mark}` stands twice: remove one")
                }
                Some(_) => "a field is one frame or a number of frames: remove `frame` or `frames`"
                    .to_owned(),
                None => {
                    found = Some(mark);
                    continue;
                }
            };
            args::report(errors, Error::new(mark.span(), problem));
        }
    }
    match found {
        Some(mark) if mark == "frame" => Mark::Frame,
        Some(_) => Mark::Frames,
        None => Mark::None,
    }
}

/// The attributes of this library, which come off.
fn take_attributes(attributes: &mut Vec<Attribute>) -> Vec<Attribute> {
    let is_ours = |attribute: &mut Attribute| {
        attribute.path().segments.last().is_some_and(|last| last.ident == "serializer")
    };
    attributes.extract_if(.., is_ours).collect()
}

fn read(attribute: &Attribute) -> Result<Vec<Ident>> {
    const WRITE: &str = "write `#[serializer(frame)]` on a field that is a frame, and `#[serializer(frames)]` on an `Option`, a `Vec` or a map of frames";
    let list = attribute.meta.require_list().map_err(|_| Error::new_spanned(attribute, WRITE))?;
    let read = |input: ParseStream| {
        if input.is_empty() {
            return Err(Error::new_spanned(attribute, WRITE));
        }
        let marks = Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any)?;
        match marks.iter().find(|mark| *mark != "frame" && *mark != "frames") {
            Some(other) => Err(Error::new(other.span(), WRITE)),
            None => Ok(marks.into_iter().collect()),
        }
    };
    list.parse_args_with(read).map_err(|error| {
        if error.to_string() == WRITE { error } else { Error::new(error.span(), WRITE) }
    })
}

/// The place of an attribute of this name in a `cfg_attr`.
pub(crate) fn find_in_cfg_attr(attribute: &Attribute, name: &str) -> Option<Span> {
    if !attribute.path().is_ident("cfg_attr") {
        return None;
    }
    find(attribute.meta.require_list().ok()?.tokens.clone(), name)
}

fn find(tokens: TokenStream, name: &str) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == name => Some(ident.span()),
        TokenTree::Group(group) => find(group.stream(), name),
        _ => None,
    })
}
