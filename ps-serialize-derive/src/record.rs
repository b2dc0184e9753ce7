//! Types with frames inside: what is written is a private type of the other fields, by the codec, and the frames.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    Attribute, Error, Expr, ExprLit, Field, Fields, Item, Lit, LitStr, Meta, Path, Token,
    ext::IdentExt, parse_quote, punctuated::Punctuated, spanned::Spanned,
};

use crate::args::{self, Args};
use crate::class;
use crate::expand::{codec, located};
use crate::lock;
use crate::marks::{Mark, Marks, find_in_cfg_attr};
use crate::unused;

/// The impls for a type with frames inside, and the private type of its other fields.
pub(crate) fn expand(
    args: &Args,
    item: &Item,
    ident: &Ident,
    marks: &Marks,
    constants: &TokenStream,
) -> (TokenStream, Option<Error>) {
    let mut builder = Builder {
        args,
        marks,
        helpers: TokenStream::new(),
        borrows: false,
        has_conditions: has_conditions(item) && !is_wincode(args),
        parameters: Vec::new(),
        errors: None,
    };
    let item = &named_self(item, &ident.to_token_stream());
    let is_enum = matches!(item, Item::Enum(_));
    let attributes = builder.container(item);
    let variants: Vec<_> = variants(item)
        .iter()
        .enumerate()
        .map(|(index, variant)| builder.variant(index, variant, is_enum))
        .collect();
    let (names, types): (Vec<_>, Vec<_>) = builder.parameters.iter().cloned().unzip();
    let (generics, elided) = if builder.borrows {
        (quote!(<'value, #(#names),*>), quote!(<'_, #(#types),*>))
    } else {
        (quote!(<#(#names),*>), quote!(<#(#types),*>))
    };
    let definitions = variants.iter().map(|variant| &variant.definition);
    let fields = if is_enum {
        let lifetime = builder.has_conditions.then(|| unused::variant(&parse_quote!('value)));
        quote!(enum __Fields #generics { #(#definitions,)* #lifetime })
    } else {
        quote!(struct __Fields #generics #(#definitions)*)
    };
    let splits: TokenStream = variants.iter().map(|variant| variant.split.clone()).collect();
    let joins: TokenStream = variants.iter().map(|variant| variant.join.clone()).collect();
    let locates: TokenStream = variants.iter().map(|variant| variant.locate.clone()).collect();
    let fields_type = quote!(__Fields #elided);
    let impls = if args.python.is_some() {
        let look = lock::of_instance(args, item, ident, marks, &fields_type);
        let impls = class::of_record(args, ident, constants, &fields_type, &splits, &joins);
        quote!(#impls #look)
    } else {
        let codec = codec_of(args, ident, &fields_type);
        let look = lock::of_record(args, item, ident, marks, &codec, &locates);
        let impls = of_record(args, ident, constants, &codec, [&splits, &joins, &locates]);
        quote!(#impls #look)
    };
    let aliases = aliases(args);
    let helpers = &builder.helpers;
    let all = quote! {
        #[allow(deprecated, nonstandard_style, clippy::all, clippy::pedantic)]
        const _: () = {
            #aliases
            #attributes
            #fields
            #helpers
            #impls
        };
    };
    (all, builder.errors)
}

/// The codec of the other fields. The same tokens at each use: the compiler then reports a mistake once. Those of the
/// fields' types stay where they are.
fn codec_of(args: &Args, ident: &Ident, fields: &TokenStream) -> TokenStream {
    let krate = &args.krate;
    let (codec, there) = codec(args, ident);
    let codec = located(quote!(#codec as #krate::__private::Codec), there);
    quote_spanned!(there=> <#codec<#fields>>)
}

/// The impls of a type whose other fields a codec writes.
fn of_record(
    args: &Args,
    ident: &Ident,
    constants: &TokenStream,
    codec: &TokenStream,
    [splits, joins, locates]: [&TokenStream; 3],
) -> TokenStream {
    let krate = &args.krate;
    quote! {
        #[automatically_derived]
        impl #krate::Serializer for #ident {
            type Value = Self;
            #constants
            const ALIGNMENT: ::core::primitive::usize = 64;
            fn serialize<'value>(
                __ps_serialize_value: &'value Self,
                __ps_serialize_out: &mut dyn #krate::Sink<'value>,
            ) -> #krate::Result<()> {
                let mut __ps_serialize_frames = #krate::__private::RecordWriter::new(__ps_serialize_out)?;
                let __ps_serialize_fields = match __ps_serialize_value { #splits };
                __ps_serialize_frames.write(
                    &__ps_serialize_fields,
                    __ps_serialize_out,
                    |__ps_serialize_fields, __ps_serialize_head| {
                        #codec::write(__ps_serialize_fields, __ps_serialize_head)
                    },
                    |__ps_serialize_payload| {
                        <Self as #krate::Serializer>::deserialize(__ps_serialize_payload).map(::core::mem::drop)
                    },
                )
            }
            fn deserialize(
                __ps_serialize_payload: #krate::Payload<'_, '_>,
            ) -> #krate::Result<Self> {
                let mut __ps_serialize_frames = #krate::__private::RecordReader::new(__ps_serialize_payload)?;
                let __ps_serialize_fields = #codec::read(__ps_serialize_frames.record())?;
                let __ps_serialize_value = match __ps_serialize_fields { #joins };
                __ps_serialize_frames.finish()?;
                ::core::result::Result::Ok(__ps_serialize_value)
            }
        }

        #[automatically_derived]
        impl #krate::Record for #ident {
            fn locate(
                __ps_serialize_record: #krate::Payload<'_, '_>,
                __ps_serialize_found: &mut dyn ::core::ops::FnMut(
                    &'static ::core::primitive::str,
                    #krate::__private::String,
                ) -> #krate::Result<()>,
            ) -> #krate::Result<()> {
                let __ps_serialize_fields = #codec::read(__ps_serialize_record)?;
                match __ps_serialize_fields { #locates }
                ::core::result::Result::Ok(())
            }
        }
    }
}

/// The impls of a type with a mistake in it.
pub(crate) fn stub(args: &Args, ident: &Ident, constants: &TokenStream) -> TokenStream {
    let krate = &args.krate;
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::Serializer for #ident {
            type Value = Self;
            #constants
            fn serialize<'value>(_: &'value Self, _: &mut dyn #krate::Sink<'value>) -> #krate::Result<()> {
                loop {}
            }
            fn deserialize(_: #krate::Payload<'_, '_>) -> #krate::Result<Self> {
                loop {}
            }
        }

        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::Record for #ident {
            fn locate(
                _: #krate::Payload<'_, '_>,
                _: &mut dyn ::core::ops::FnMut(
                    &'static ::core::primitive::str,
                    #krate::__private::String,
                ) -> #krate::Result<()>,
            ) -> #krate::Result<()> {
                loop {}
            }
        }
    }
}

/// The facts that a view of the type needs.
pub(crate) fn shape(args: &Args, item: &Item, ident: &Ident, marks: &Marks) -> TokenStream {
    let krate = &args.krate;
    let (codec, _) = codec(args, ident);
    let variants = variants(item).into_iter().enumerate().map(|(index, variant)| {
        let conditions = conditions(variant.attributes);
        let name = variant.name.map(|name| name.unraw().to_string()).unwrap_or_default();
        let fields = variant.fields.iter().enumerate().map(|(position, field)| {
            let conditions = self::conditions(&field.attrs);
            let (label, mark) =
                (label(field, position), marks.of_variant(index)[position].tokens());
            quote!(#conditions (#label, #krate::__private::Mark::#mark))
        });
        quote!(#conditions #krate::__private::Variant { name: #name, fields: &[#(#fields),*] })
    });
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::__private::Shape for #ident {
            type Record = Self;
            type Codec = #codec;
            const VARIANTS: &'static [#krate::__private::Variant] = &[#(#variants),*];
        }
    }
}

/// The item with its own type in place of `Self`, which is another type in what is generated.
pub(crate) fn named_self(item: &Item, this: &TokenStream) -> Item {
    fn named(tokens: TokenStream, this: &TokenStream) -> TokenStream {
        let named = |token: TokenTree| match token {
            TokenTree::Ident(found) if found == "Self" => located(this.clone(), found.span()),
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), named(group.stream(), this));
                inner.set_span(group.span());
                TokenTree::from(inner).into()
            }
            other => other.into(),
        };
        tokens.into_iter().flat_map(named).collect()
    }
    let mut item = item.clone();
    let fields: Vec<&mut Field> = match &mut item {
        Item::Struct(item) => item.fields.iter_mut().collect(),
        Item::Enum(item) => {
            item.variants.iter_mut().flat_map(|variant| &mut variant.fields).collect()
        }
        _ => Vec::new(),
    };
    for field in fields {
        // It is a type with any other name in it, too.
        if let Ok(ty) = syn::parse2(named(field.ty.to_token_stream(), this)) {
            field.ty = ty;
        }
    }
    item
}

/// The item without serde's attributes, which the compiler knows only below one of serde's derives, and a record needs
/// none. They stay where an attribute may be such a derive.
pub(crate) fn without_serde(item: &Item) -> Item {
    let mut item = item.clone();
    let attributes: Vec<&mut Vec<Attribute>> = match &mut item {
        Item::Struct(item) if !item.attrs.iter().any(may_derive_serde) => {
            let fields = item.fields.iter_mut().map(|field| &mut field.attrs);
            std::iter::once(&mut item.attrs).chain(fields).collect()
        }
        Item::Enum(item) if !item.attrs.iter().any(may_derive_serde) => {
            let variants = item.variants.iter_mut().flat_map(|variant| {
                let fields = variant.fields.iter_mut().map(|field| &mut field.attrs);
                std::iter::once(&mut variant.attrs).chain(fields)
            });
            std::iter::once(&mut item.attrs).chain(variants).collect()
        }
        _ => Vec::new(),
    };
    for attributes in attributes {
        attributes.retain(|attribute| {
            let is_of = |name| {
                attribute.path().is_ident(name) || find_in_cfg_attr(attribute, name).is_some()
            };
            !is_of("serde") && !is_of("wincode")
        });
    }
    item
}

/// Whether an attribute is a derive that may be one of serde's, or may become one.
fn may_derive_serde(attribute: &Attribute) -> bool {
    const INERT: [&str; 11] = [
        "allow",
        "cfg",
        "deny",
        "deprecated",
        "doc",
        "expect",
        "must_use",
        "non_exhaustive",
        "serde",
        "warn",
        "wincode",
    ];
    const OTHERS: [&str; 9] =
        ["Clone", "Copy", "Debug", "Default", "Eq", "Hash", "Ord", "PartialEq", "PartialOrd"];
    let last = |path: &Path| path.segments.last().map(|last| last.ident.to_string());
    if last(attribute.path()).is_some_and(|last| last == "derive") {
        let derives = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
        let is_other =
            |derive: &Path| last(derive).is_some_and(|last| OTHERS.contains(&last.as_str()));
        return !derives.is_ok_and(|derives| derives.iter().all(is_other));
    }
    !INERT.iter().any(|name| attribute.path().is_ident(name))
}

/// Whether an identifier, or a lifetime of that name, is among the tokens.
pub(crate) fn mentions(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(&group.stream(), name),
        _ => false,
    })
}

pub(crate) fn is_wincode(args: &Args) -> bool {
    let last = args.codec.as_ref().and_then(|codec| codec.segments.last());
    last.is_some_and(|last| last.ident == "Wincode")
}

/// Names for what other derives take the path of as a string, in which no macro's `$crate` can stand.
pub(crate) fn aliases(args: &Args) -> TokenStream {
    let krate = &args.krate;
    if is_wincode(args) {
        quote!(use #krate::wincode as __ps_serialize_wincode;)
    } else {
        quote!(use #krate::__private::serde as __ps_serialize_serde;)
    }
}

/// A variant of an enum, or a struct.
pub(crate) struct Variant<'i> {
    /// `Self` or `Self::Name`.
    pub(crate) path: TokenStream,
    /// `__Fields` or `__Fields::Name`.
    pub(crate) fields_path: TokenStream,
    pub(crate) attributes: &'i [Attribute],
    pub(crate) name: Option<&'i Ident>,
    pub(crate) fields: &'i Fields,
}

pub(crate) fn variants(item: &Item) -> Vec<Variant<'_>> {
    match item {
        Item::Struct(item) => vec![Variant {
            path: quote!(Self),
            fields_path: quote!(__Fields),
            attributes: &[],
            name: None,
            fields: &item.fields,
        }],
        Item::Enum(item) => item
            .variants
            .iter()
            .map(|variant| {
                let name = &variant.ident;
                Variant {
                    path: quote!(Self::#name),
                    fields_path: quote!(__Fields::#name),
                    attributes: &variant.attrs,
                    name: Some(name),
                    fields: &variant.fields,
                }
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The code that is generated for a variant.
struct Expanded {
    definition: TokenStream,
    split: TokenStream,
    join: TokenStream,
    locate: TokenStream,
}

struct Builder<'a> {
    args: &'a Args,
    marks: &'a Marks,
    /// Types and functions that serde's attributes need.
    helpers: TokenStream,
    /// Whether there is a field that is borrowed when it is written.
    borrows: bool,
    /// Whether there are fields in some builds only. Each field then has its type, since a parameter must be used.
    has_conditions: bool,
    /// The parameters of the type of the other fields, and what they stand for.
    parameters: Vec<(Ident, TokenStream)>,
    errors: Option<Error>,
}

impl Builder<'_> {
    fn is_wincode(&self) -> bool {
        is_wincode(self.args)
    }

    /// The attributes of the type of the other fields.
    fn container(&mut self, item: &Item) -> TokenStream {
        let krate = &self.args.krate;
        let (attributes, ident) = match item {
            Item::Struct(item) => (&item.attrs, &item.ident),
            Item::Enum(item) => (&item.attrs, &item.ident),
            _ => return TokenStream::new(),
        };
        if self.is_wincode() {
            refuse_wincode(attributes, &mut self.errors);
            let wincode = quote!(#krate::wincode);
            return quote! {
                #[::core::prelude::v1::derive(#wincode::SchemaWrite, #wincode::SchemaRead)]
                #[wincode(crate = "__ps_serialize_wincode")]
            };
        }
        let mut kept = Vec::new();
        for meta in self.serde_metas(attributes) {
            match name_of(&meta).as_str() {
                "rename" | "rename_all" | "rename_all_fields" | "deny_unknown_fields" => {
                    kept.push(meta);
                }
                // They say how impls are written, not what they write.
                "bound" | "crate" | "expecting" => {}
                _ => self.refuse(&meta, "a type with frames inside"),
            }
        }
        let name = LitStr::new(&ident.unraw().to_string(), Span::call_site());
        let renamed = kept.iter().any(|meta| meta.path().is_ident("rename"));
        let rename = (!renamed).then(|| quote!(rename = #name,));
        quote! {
            #[::core::prelude::v1::derive(#krate::__private::serde_derive::Serialize, #krate::__private::serde_derive::Deserialize)]
            #[serde(crate = "__ps_serialize_serde", #rename #(#kept),*)]
        }
    }

    fn serde_metas(&mut self, attributes: &[Attribute]) -> Vec<Meta> {
        serde_metas(attributes, &mut self.errors)
    }

    #[allow(clippy::too_many_lines)] // one part for each kind of field
    fn variant(&mut self, index: usize, variant: &Variant<'_>, is_enum: bool) -> Expanded {
        let krate = &self.args.krate;
        let Variant { path, fields_path, attributes, name, fields } = variant;
        let marks = self.marks.of_variant(index);
        let of_variant = conditions(attributes);
        let mut parts = Parts::default();
        for (position, field) in fields.iter().enumerate() {
            let conditions = conditions(&field.attrs);
            let (ty, there) = (&field.ty, field.ty.span());
            let value = format_ident!("__ps_serialize_{position}");
            let label = label(field, position);
            let member = member(field, position);
            let other = name_inside(field, position);
            if position + 1 < fields.len() {
                self.refuse_condition_in_tuple(field);
            }
            parts.bound.extend(quote!(#conditions #member: #value,));
            refuse_hidden(&field.attrs, marks[position], self.args, &mut self.errors);
            if marks[position] != Mark::None && self.args.python.is_some() {
                self.object(position, field, marks[position], &mut parts);
                continue;
            }
            match marks[position] {
                Mark::None => {
                    let (attributes, how) = self.attributes(index, position, field, &of_variant);
                    let is_plain = !self.has_conditions
                        && !field.attrs.iter().any(|attribute| attribute.path().is_ident("serde"));
                    let ty = if self.is_wincode() || is_plain {
                        let field = if self.is_wincode() {
                            quote_spanned!(there=> #krate::__private::Field<'_, #ty>)
                        } else {
                            quote_spanned!(there=> <#ty as #krate::__private::Written>::Field<'_>)
                        };
                        self.parameter(index, position, field)
                    } else {
                        self.borrows = true;
                        quote_spanned!(there=> #krate::__private::Field<'value, #ty #how>)
                    };
                    parts.definition.extend(quote!(#conditions #attributes #other: #ty,));
                    parts.others.extend(quote!(#conditions #other: #value,));
                    parts.written.extend(
                        quote!(#conditions #other: #krate::__private::Field::borrowed(#value),),
                    );
                    parts.joined.extend(quote!(#conditions #member: #value.into_inner(),));
                }
                Mark::Frame => {
                    let this = |name| {
                        let name = Ident::new(name, there);
                        quote_spanned!(there=> <#ty as #krate::__private::FrameValue>::#name)
                    };
                    let (put, take) = (this("put_field"), this("take_field"));
                    parts.frames.extend(
                        quote!(#conditions #put(#value, &mut __ps_serialize_frames, #label)?;),
                    );
                    parts.joined.extend(
                        quote!(#conditions #member: #take(&mut __ps_serialize_frames, #label)?,),
                    );
                    parts.located.extend(quote!(#conditions __ps_serialize_found(#label, #krate::__private::String::new())?;));
                }
                Mark::Frames => {
                    let this = |name| {
                        let name = Ident::new(name, there);
                        quote_spanned!(there=> <#ty as #krate::__private::OwnedFrames<_>>::#name)
                    };
                    let (put, take, name) = (this("put"), this("take"), this("name"));
                    let attributes = self.attributes_of_keys(position, field);
                    let keys = if self.has_conditions {
                        quote_spanned!(there=> <#ty as #krate::__private::Frames>::Keys)
                    } else {
                        self.parameter(index, position, quote!(_))
                    };
                    parts.definition.extend(quote!(#conditions #attributes #other: #keys,));
                    parts.others.extend(quote!(#conditions #other: #value,));
                    parts.keys.extend(quote!(#conditions #other: #value,));
                    parts.written.extend(quote!(#conditions #other: #value,));
                    parts.frames.extend(quote!(#conditions let #value = #put(#value, &mut __ps_serialize_frames, #label)?;));
                    parts.joined.extend(quote!(#conditions #member: #take(&mut __ps_serialize_frames, #label, #value)?,));
                    parts
                        .located
                        .extend(quote!(#conditions #name(#value, #label, __ps_serialize_found)?;));
                }
            }
        }
        if !is_enum && self.has_conditions {
            parts.definition.extend(unused::field(&parse_quote!('value)));
            parts.written.extend(unused::value());
            parts.others.extend(quote!(..));
        }
        let Parts { bound, frames, definition, written, others, joined, keys, located } = parts;
        let conditions = of_variant;
        if self.is_wincode() {
            refuse_conditions(variant, marks, &mut self.errors);
        }
        let attributes = is_enum.then(|| self.attributes_of_variant(attributes));
        Expanded {
            definition: {
                let fields = braced(variant, &definition);
                quote!(#conditions #attributes #name #fields)
            },
            split: if self.args.python.is_some() {
                class::split(&quote!(#conditions #path { #bound }), fields_path, &written, &frames)
            } else {
                quote!(#conditions #path { #bound } => { #frames #fields_path { #written } })
            },
            join: quote!(#conditions #fields_path { #others } => #path { #joined },),
            locate: quote!(#conditions #fields_path { #keys .. } => { #located }),
        }
    }

    fn refuse_condition_in_tuple(&mut self, field: &Field) {
        if field.ident.is_none()
            && let Some(condition) = find_condition(&field.attrs)
        {
            let problem = "the condition changes the positions of the fields after this one: give the fields names, or move this one to the end";
            args::report(&mut self.errors, Error::new_spanned(condition, problem));
        }
    }

    /// A parameter of the type of the other fields. A derive of it then has no errors that are those of a field's type.
    fn parameter(&mut self, index: usize, position: usize, stands_for: TokenStream) -> TokenStream {
        let name = format_ident!("__T{index}_{position}");
        self.parameters.push((name.clone(), stands_for));
        name.into_token_stream()
    }

    /// Code for serde's attributes on a variant.
    fn attributes_of_variant(&mut self, attributes: &[Attribute]) -> TokenStream {
        refuse_hidden(attributes, Mark::None, self.args, &mut self.errors);
        if self.is_wincode() {
            refuse_wincode(attributes, &mut self.errors);
            return TokenStream::new();
        }
        let mut kept = Vec::new();
        for meta in self.serde_metas(attributes) {
            let name = name_of(&meta);
            if ["rename", "rename_all", "alias", "skip"].contains(&name.as_str()) {
                kept.push(meta);
            } else {
                self.refuse(&meta, "a variant of a type with frames inside");
            }
        }
        if kept.is_empty() { TokenStream::new() } else { quote!(#[serde(#(#kept),*)]) }
    }

    /// What serde's attributes on a field of frames ask for: its keys can have another name, or be missing.
    fn attributes_of_keys(&mut self, position: usize, field: &Field) -> TokenStream {
        if self.is_wincode() {
            return TokenStream::new();
        }
        let mut kept: Vec<_> = self.serde_metas(&field.attrs);
        kept.retain(is_of_keys);
        named(field, position, kept)
    }

    /// Code to write and read a field that is an object of its own in Python.
    fn object(&mut self, position: usize, field: &Field, mark: Mark, parts: &mut Parts) {
        let krate = &self.args.krate.clone();
        let (ty, there) = (&field.ty, field.ty.span());
        let kind = if mark == Mark::Frame {
            quote_spanned!(there=> #krate::__private::FrameValue)
        } else {
            quote_spanned!(there=> #krate::__private::OwnedFrames<_>)
        };
        let (put, take) = (Ident::new("put_object", there), Ident::new("take_object", there));
        let (slot, label) = (format_ident!("__ps_serialize_{position}"), label(field, position));
        let mut default = None;
        let mut kept = Vec::new();
        for meta in self.serde_metas(&field.attrs) {
            match (name_of(&meta).as_str(), function_of(&meta)) {
                ("rename" | "alias", _) => kept.push(meta),
                ("default", Some(path)) => default = Some(quote!(#path())),
                ("default", None) => {
                    default =
                        Some(quote_spanned!(there=> <#ty as ::core::default::Default>::default()));
                }
                _ => self.refuse(&meta, "a field that is a frame"),
            }
        }
        let taken =
            quote_spanned!(there=> <#ty as #kind>::#take(__ps_serialize_object, &#slot, #label));
        let take = match default {
            None => taken,
            Some(default) => quote! {
                if #slot.is_missing() { ::core::result::Result::Ok(#default) } else { #taken }
            },
        };
        let (conditions, member) = (conditions(&field.attrs), member(field, position));
        let (other, attributes) = (name_inside(field, position), named(field, position, kept));
        let put = quote_spanned!(there=> <#ty as #kind>::#put);
        let slot_type = quote!(#krate::__private::Slot);
        parts.definition.extend(quote!(#conditions #attributes #other: #slot_type,));
        parts.others.extend(quote!(#conditions #other: #slot,));
        parts.written.extend(quote!(#conditions #other: ::core::default::Default::default(),));
        parts.frames.extend(quote!(#conditions #put(#slot, __ps_serialize_out, #label)?;));
        parts.joined.extend(quote!(#conditions #member: #take?,));
    }

    /// What serde's attributes on another field ask for, and the type that says how serde writes it.
    fn attributes(
        &mut self,
        index: usize,
        position: usize,
        field: &Field,
        of_variant: &TokenStream,
    ) -> (TokenStream, TokenStream) {
        let conditions = conditions(&field.attrs);
        let conditions = quote!(#of_variant #conditions);
        if self.is_wincode() {
            refuse_wincode_of_field(field, &mut self.errors);
            return Default::default();
        }
        let krate = self.args.krate.clone();
        let ty = &field.ty;
        let (mut kept, mut with) = (Vec::new(), With::default());
        for meta in self.serde_metas(&field.attrs) {
            let name = name_of(&meta);
            match (name.as_str(), function_of(&meta)) {
                ("with", Some(path)) => {
                    with.serialize = Some(parse_quote!(#path::serialize));
                    with.deserialize = Some(parse_quote!(#path::deserialize));
                }
                ("serialize_with", path) => with.serialize = path,
                ("deserialize_with", path) => with.deserialize = path,
                ("default", Some(path)) => {
                    let helper = format_ident!("__default_{index}_{position}");
                    self.helpers.extend(quote! {
                        #conditions
                        fn #helper<'value, __W>() -> #krate::__private::Field<'value, #ty, __W> {
                            #krate::__private::Field::owned(#path())
                        }
                    });
                    let helper = LitStr::new(&helper.to_string(), meta.span());
                    kept.push(parse_quote!(default = #helper));
                }
                ("skip_serializing_if", Some(path)) => {
                    let helper = format_ident!("__skip_{index}_{position}");
                    self.helpers.extend(quote! {
                        #conditions
                        fn #helper<__W>(
                            __ps_serialize_field: &#krate::__private::Field<'_, #ty, __W>,
                        ) -> ::core::primitive::bool {
                            #path(__ps_serialize_field.get())
                        }
                    });
                    let helper = LitStr::new(&helper.to_string(), meta.span());
                    kept.push(parse_quote!(skip_serializing_if = #helper));
                }
                ("borrow" | "bound", _) => {}
                _ => kept.push(meta),
            }
        }
        let how = with_type(&with, index, position);
        if !how.is_empty() {
            let name = with_name(index, position);
            let serialize = with
                .serialize
                .unwrap_or_else(|| parse_quote!(#krate::__private::serde::Serialize::serialize));
            let deserialize = with.deserialize.unwrap_or_else(
                || parse_quote!(#krate::__private::serde::Deserialize::deserialize),
            );
            self.helpers.extend(quote! {
                #conditions
                struct #name;
                #conditions
                impl #krate::__private::With<#ty> for #name {
                    fn serialize<__S: #krate::__private::serde::Serializer>(
                        __ps_serialize_value: &#ty,
                        __ps_serialize_serializer: __S,
                    ) -> ::core::result::Result<__S::Ok, __S::Error> {
                        #serialize(__ps_serialize_value, __ps_serialize_serializer)
                    }
                    fn deserialize<'de, __D: #krate::__private::serde::Deserializer<'de>>(
                        __ps_serialize_deserializer: __D,
                    ) -> ::core::result::Result<#ty, __D::Error> {
                        #deserialize(__ps_serialize_deserializer)
                    }
                }
            });
        }
        (named(field, position, kept), how)
    }

    fn refuse(&mut self, meta: &Meta, what: &str) {
        let name = name_of(meta);
        let problem = format!(
            "{what} is written field by field, and `{name}` has no effect on that: remove it"
        );
        args::report(&mut self.errors, Error::new_spanned(meta.path(), problem));
    }
}

/// The contents of serde's attributes.
pub(crate) fn serde_metas(attributes: &[Attribute], errors: &mut Option<Error>) -> Vec<Meta> {
    let mut metas = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        match attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) {
            Ok(parsed) => metas.extend(parsed),
            Err(error) => args::report(errors, error),
        }
    }
    metas
}

/// Refuses attributes of wincode's on a type or a variant, which the type of the other fields does not have.
pub(crate) fn refuse_wincode(attributes: &[Attribute], errors: &mut Option<Error>) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("wincode")) {
        let problem = "a type with frames inside, or a view, is written and read field by field, and attributes of wincode's have no effect on that: remove it";
        args::report(errors, Error::new_spanned(attribute, problem));
    }
}

pub(crate) fn refuse_wincode_of_field(field: &Field, errors: &mut Option<Error>) {
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("wincode")) {
        let problem = "the fields beside frames are written by the traits of their types: put the attribute on a type of its own, and use that type here";
        args::report(errors, Error::new_spanned(attribute, problem));
    }
}

/// Refuses fields that the codec writes in some builds only, for a codec whose derives can't leave out fields.
pub(crate) fn refuse_conditions(variant: &Variant<'_>, marks: &[Mark], errors: &mut Option<Error>) {
    let of_fields = variant.fields.iter().zip(marks).filter(|(_, mark)| **mark != Mark::Frame);
    let of_fields = of_fields.filter_map(|(field, _)| find_condition(&field.attrs));
    for condition in find_condition(variant.attributes).into_iter().chain(of_fields) {
        let problem = "`Wincode` writes the same fields in every build of a type with frames inside: remove the condition, or put it on the whole type";
        args::report(errors, Error::new_spanned(condition, problem));
    }
}

/// Refuses attributes that the compiler would not find out about before they are needed here.
pub(crate) fn refuse_hidden(
    attributes: &[Attribute],
    mark: Mark,
    args: &Args,
    errors: &mut Option<Error>,
) {
    let name = if is_wincode(args) { "wincode" } else { "serde" };
    for attribute in attributes {
        let of_keys = || {
            let tokens = attribute.to_token_stream();
            ["rename", "alias", "default"].iter().any(|name| mentions(&tokens, name))
        };
        let counts = match mark {
            Mark::None => true,
            Mark::Frame => false,
            Mark::Frames => of_keys(),
        };
        if counts && let Some(hidden) = find_in_cfg_attr(attribute, name) {
            let problem = format!(
                "the compiler hands `cfg_attr` on a field or a variant over as it is, so `{name}` would get lost: write `#[cfg(…)]` on two of them, one with the attribute and one without"
            );
            args::report(errors, Error::new(hidden, problem));
        }
    }
}

/// The tokens of a variant's fields.
#[derive(Default)]
struct Parts {
    /// The fields of the annotated type, each bound to a name.
    bound: TokenStream,
    /// The statements that write the frames.
    frames: TokenStream,
    /// The other fields, with their types.
    definition: TokenStream,
    /// The other fields, with their values.
    written: TokenStream,
    /// The other fields, each bound to a name.
    others: TokenStream,
    /// The fields of the annotated type, with what was read.
    joined: TokenStream,
    /// The keys of fields of frames, each bound to a name.
    keys: TokenStream,
    /// The statements that name the frames.
    located: TokenStream,
}

/// The functions that `with` and its like name.
#[derive(Default)]
struct With {
    serialize: Option<Path>,
    deserialize: Option<Path>,
}

fn with_name(index: usize, position: usize) -> Ident {
    format_ident!("__With{index}_{position}")
}

fn with_type(with: &With, index: usize, position: usize) -> TokenStream {
    if with.serialize.is_none() && with.deserialize.is_none() {
        return TokenStream::new();
    }
    let name = with_name(index, position);
    quote!(, #name)
}

fn name_of(meta: &Meta) -> String {
    meta.path().get_ident().map(Ident::to_string).unwrap_or_default()
}

/// The path in `name = "path"`.
fn function_of(meta: &Meta) -> Option<Path> {
    let Meta::NameValue(meta) = meta else { return None };
    let Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) = &meta.value else { return None };
    path.parse().ok()
}

pub(crate) fn has_conditions(item: &Item) -> bool {
    variants(item).iter().any(|variant| {
        find_condition(variant.attributes).is_some()
            || variant.fields.iter().any(|field| find_condition(&field.attrs).is_some())
    })
}

fn find_condition(attributes: &[Attribute]) -> Option<&Attribute> {
    attributes.iter().find(|attribute| attribute.path().is_ident("cfg"))
}

pub(crate) fn conditions(attributes: &[Attribute]) -> TokenStream {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .map(ToTokens::to_token_stream)
        .collect()
}

/// The fields of a private type in braces: those of a tuple have names there too.
pub(crate) fn braced(variant: &Variant<'_>, definition: &TokenStream) -> TokenStream {
    let is_unit_variant = variant.name.is_some() && matches!(variant.fields, Fields::Unit);
    if is_unit_variant { TokenStream::new() } else { quote!({ #definition }) }
}

/// The name of a field in errors.
pub(crate) fn label(field: &Field, position: usize) -> LitStr {
    let name =
        field.ident.as_ref().map_or_else(|| position.to_string(), |name| name.unraw().to_string());
    LitStr::new(&name, field.ty.span())
}

/// The name of a field in the private type of the other fields.
pub(crate) fn name_inside(field: &Field, position: usize) -> Ident {
    field.ident.clone().unwrap_or_else(|| format_ident!("__{position}"))
}

/// The name of a field in patterns and values.
pub(crate) fn member(field: &Field, position: usize) -> TokenStream {
    field
        .ident
        .as_ref()
        .map_or_else(|| syn::Index::from(position).into_token_stream(), ToTokens::to_token_stream)
}

/// Whether an attribute of serde's on a field of frames is meant for its keys, too.
pub(crate) fn is_of_keys(meta: &Meta) -> bool {
    let is_bare_default = matches!(meta, Meta::Path(path) if path.is_ident("default"));
    is_bare_default || ["rename", "alias"].contains(&name_of(meta).as_str())
}

/// A field of a tuple is called by its position.
pub(crate) fn named(field: &Field, position: usize, mut kept: Vec<Meta>) -> TokenStream {
    if field.ident.is_none() && !kept.iter().any(|meta| meta.path().is_ident("rename")) {
        let name = position.to_string();
        kept.push(parse_quote!(rename = #name));
    }
    if kept.is_empty() { TokenStream::new() } else { quote!(#[serde(#(#kept),*)]) }
}
