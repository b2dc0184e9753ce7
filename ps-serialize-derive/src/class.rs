//! Types that are instances of a Python class: `#[serializer(python = "module.Class")]`.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, Error, Fields, ImplItem, Item, ItemEnum, ItemImpl, ItemStruct, LitStr, Result,
};

use crate::args::Args;
use crate::expand::located;
use crate::item::{self, Annotated};
use crate::marks::Marks;
use crate::record::conditions;

pub(crate) const EXPECTED: &str =
    "a string, the module and the name of a Python class, as in `python = \"sim.Particle\"`";

/// A Python class, by its module and its name in it.
pub(crate) struct Path {
    /// The module and the name in it, joined by a dot: `module.Class`.
    pub(crate) whole: String,
    /// The length of the name of the module in bytes.
    module: usize,
}

impl Path {
    /// The class of `module.Class`, or of `module:Class.Inner`.
    pub(crate) fn of(literal: &LitStr) -> Self {
        let text = literal.value();
        let module = text.find(':').or_else(|| text.rfind('.')).unwrap_or(text.len());
        Self { whole: text.replace(':', "."), module }
    }
}

/// Refuses what can't be the path of a class.
pub(crate) fn check_path(literal: &LitStr) -> Result<()> {
    let path = literal.value();
    let is_name = |part: &str| {
        part.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && part.chars().all(|char| char.is_alphanumeric() || char == '_')
    };
    let problem = if !path.split(['.', ':']).all(is_name) || path.matches(':').count() > 1 {
        format!(
            "`{}` is not a path of Python names: write the module and the name of the class, as in `sim.Particle`",
            path.escape_default()
        )
    } else if let Some((module, name)) = path.split_once(':') {
        if name.contains('.') {
            return Ok(());
        }
        format!("the colon is for a class inside of another one: write `{module}.{name}`")
    } else if !path.contains('.') {
        format!(
            "`{path}` has no module: write `python = \"module.{path}\"`, with the module that the class is defined in (`{path}.__module__` in Python)"
        )
    } else {
        return Ok(());
    };
    Err(Error::new(literal.span(), problem))
}

/// The option that does not go with `python`, or only with it.
pub(crate) fn conflict(seen: &[Ident]) -> Option<(&Ident, String)> {
    let place = |name: &str| seen.iter().position(|option| option == name);
    let Some(python) = place("python") else {
        let problem = "this says how Python pickles a class: name the class, as in `python = \"sim.Particle\", positional`";
        return Some((&seen[place("positional")?], problem.to_owned()));
    };
    if let Some(id) = place("id") {
        let problem = "a type has an identifier of its own or a Python class, whose frames have the identifier `PK`: remove `id` or `python`";
        return Some((&seen[id.max(python)], problem.to_owned()));
    }
    let other = place("codec").or(place("align"))?;
    let name = &seen[other];
    Some((name, format!("an instance of a Python class is written as a pickle: remove `{name}`")))
}

/// Refuses types that no Python class is like.
pub(crate) fn check(args: &Args, item: &Item, marks: &Marks) -> Result<()> {
    if args.python.is_none() {
        return Ok(());
    }
    if let Some(there) = args.positional {
        let problem = match item {
            Item::Struct(ItemStruct { fields: Fields::Named(_), .. }) | Item::Type(_) => None,
            Item::Struct(_) => Some("fields without names are always read by their positions"),
            _ => Some("a member of a Python enum has no fields"),
        };
        if let Some(problem) = problem {
            return Err(Error::new(there, format!("{problem}: remove `positional`")));
        }
    }
    match item {
        Item::Enum(item) => {
            let with_fields =
                item.variants.iter().find(|variant| !matches!(variant.fields, Fields::Unit));
            let Some(variant) = with_fields else { return Ok(()) };
            Err(Error::new_spanned(
                &variant.fields,
                format!(
                    "a member of a Python enum has no fields: remove those of `{}`, or make a class of each variant and annotate structs",
                    variant.ident
                ),
            ))
        }
        Item::Struct(item) if !marks.are_none() => match &item.fields {
            Fields::Unnamed(fields) => Err(Error::new_spanned(
                fields,
                "a Python class gets its arrays, tables and other frames by keyword: give the fields names",
            )),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The constant that says which class it is.
pub(crate) fn constant(args: &Args, this: &TokenStream) -> TokenStream {
    let Some(path) = &args.python else { return TokenStream::new() };
    let (krate, is_positional) = (&args.krate, args.positional.is_some());
    let Path { whole, module } = Path::of(path);
    quote! {
        const CLASS: ::core::option::Option<#krate::__private::Class> =
            ::core::option::Option::Some(#krate::__private::Class::of::<#this>(#whole, #module, #is_positional));
    }
}

/// The impls of a type that serde's traits write and read.
pub(crate) fn of_type(
    args: &Args,
    item: &Item,
    ident: &Ident,
    constants: &TokenStream,
) -> TokenStream {
    let krate = &args.krate;
    let plain = located(quote!(<#ident as #krate::__private::Plain>), ident.span());
    let numbers = match item {
        Item::Enum(item) => numbers(args, item),
        _ => TokenStream::new(),
    };
    let functions = functions(args, &plain);
    let object = object(args, &ident.to_token_stream(), &plain, &numbers);
    quote! {
        #[allow(deprecated)]
        const _: () = {
        #[automatically_derived]
        impl #krate::Serializer for #ident {
            type Value = Self;
            #constants
            #functions
        }

        #object
        };
    }
}

/// The impl that nests values in others.
fn object(
    args: &Args,
    this: &TokenStream,
    plain: &TokenStream,
    numbers: &TokenStream,
) -> TokenStream {
    let krate = &args.krate;
    let value = quote!(<Self as #krate::Serializer>::Value);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::__private::Object for #this {
            fn put<'value>(
                __ps_serialize_value: &'value #value,
                __ps_serialize_out: &mut #krate::__private::Objects<'value>,
            ) -> #krate::Result<()> {
                #plain::put::<Self>(__ps_serialize_value, __ps_serialize_out)
            }
            fn take(
                __ps_serialize_object: #krate::__private::ObjectReader<'_, '_>,
            ) -> #krate::Result<#value> {
                #plain::take::<Self>(__ps_serialize_object)
            }
            #numbers
        }
    }
}

fn functions(args: &Args, plain: &TokenStream) -> TokenStream {
    let krate = &args.krate;
    quote! {
        fn serialize<'value>(
            __ps_serialize_value: &'value <Self as #krate::Serializer>::Value,
            __ps_serialize_out: &mut dyn #krate::Sink<'value>,
        ) -> #krate::Result<()> {
            #plain::write::<Self>(__ps_serialize_value, __ps_serialize_out)
        }
        fn deserialize(
            __ps_serialize_payload: #krate::Payload<'_, '_>,
        ) -> #krate::Result<<Self as #krate::Serializer>::Value> {
            #krate::__private::read_object::<Self>(__ps_serialize_payload)
        }
    }
}

/// The values of the members, by which Python pickles them: those of variants that stand at or after a number.
fn numbers(args: &Args, item: &ItemEnum) -> TokenStream {
    let krate = &args.krate;
    let numbered = item.variants.iter().skip_while(|variant| variant.discriminant.is_none());
    let members = numbered.map(|variant| {
        let (conditions, name) = (conditions(&variant.attrs), &variant.ident);
        quote!(#conditions (Self::#name as ::core::primitive::i128, #krate::__private::member(&Self::#name)))
    });
    quote! {
        #[allow(clippy::all, clippy::pedantic)]
        fn numbers() -> &'static [#krate::__private::Member] {
            static NUMBERS: #krate::__private::Members = #krate::__private::Members::new();
            NUMBERS.get_or_init(|| ::core::convert::From::from([#(#members),*]))
        }
    }
}

/// An `impl Serializer for …` block, which says only whose values it writes.
pub(crate) fn of_block(
    args: &Args,
    block: &ItemImpl,
    cfgs: &[&Attribute],
    constants: &TokenStream,
) -> TokenStream {
    let krate = &args.krate;
    let this = block.self_ty.to_token_stream();
    let plain = quote!(<<#this as #krate::Serializer>::Value as #krate::__private::Plain>);
    let functions = functions(args, &plain);
    let block = item::with_constants(block, &quote!(#constants #functions));
    let object = object(args, &this, &plain, &TokenStream::new());
    quote! {
        #block

        #(#cfgs)*
        #object
    }
}

/// The block of a type that has another mistake.
pub(crate) fn stub_of_block(args: &Args, block: &ItemImpl, constants: &TokenStream) -> TokenStream {
    let krate = &args.krate;
    let has = |name: &str| {
        block
            .items
            .iter()
            .any(|item| matches!(item, ImplItem::Fn(function) if function.sig.ident == name))
    };
    let serialize = (!has("serialize")).then(|| {
        quote! {
            fn serialize<'value>(_: &'value Self::Value, _: &mut dyn #krate::Sink<'value>) -> #krate::Result<()> {
                loop {}
            }
        }
    });
    let deserialize = (!has("deserialize")).then(|| {
        quote! {
            fn deserialize(_: #krate::Payload<'_, '_>) -> #krate::Result<Self::Value> {
                loop {}
            }
        }
    });
    item::with_constants(block, &quote!(#constants #serialize #deserialize))
}

/// Refuses functions in a block, since the class says how its values are written.
pub(crate) fn check_block(args: &Args, annotated: &Annotated) -> Result<()> {
    let (Some(_), Annotated::Block(block)) = (&args.python, annotated) else { return Ok(()) };
    let function = block.items.iter().find_map(|item| match item {
        ImplItem::Fn(function) => Some(&function.sig.ident),
        _ => None,
    });
    match function {
        Some(name) => Err(Error::new(
            name.span(),
            format!(
                "an instance of a Python class is written by serde's traits of its type: remove `{name}`, so that only `type Value = …;` is in the block"
            ),
        )),
        None => Ok(()),
    }
}

/// The impls of a type with frames inside.
pub(crate) fn of_record(
    args: &Args,
    ident: &Ident,
    constants: &TokenStream,
    fields: &TokenStream,
    splits: &TokenStream,
    joins: &TokenStream,
) -> TokenStream {
    let krate = &args.krate;
    quote! {
        #[automatically_derived]
        impl #krate::Serializer for #ident {
            type Value = Self;
            #constants
            fn serialize<'value>(
                __ps_serialize_value: &'value Self,
                __ps_serialize_out: &mut dyn #krate::Sink<'value>,
            ) -> #krate::Result<()> {
                #krate::__private::write_object::<Self>(__ps_serialize_value, __ps_serialize_out)
            }
            fn deserialize(
                __ps_serialize_payload: #krate::Payload<'_, '_>,
            ) -> #krate::Result<Self> {
                #krate::__private::read_object::<Self>(__ps_serialize_payload)
            }
        }

        #[automatically_derived]
        impl #krate::__private::Object for #ident {
            fn put<'value>(
                __ps_serialize_value: &'value Self,
                __ps_serialize_out: &mut #krate::__private::Objects<'value>,
            ) -> #krate::Result<()> {
                // The types of the fields are those that are read.
                let __ps_serialize_begin = |
                    __ps_serialize_out: &mut #krate::__private::Objects<'value>,
                    __ps_serialize_fields: #fields,
                | __ps_serialize_out.begin::<Self, _>(&__ps_serialize_fields);
                match __ps_serialize_value { #splits }
                ::core::result::Result::Ok(())
            }
            fn take(__ps_serialize_object: #krate::__private::ObjectReader<'_, '_>) -> #krate::Result<Self> {
                let __ps_serialize_fields: #fields = __ps_serialize_object.fields::<Self, _>()?;
                ::core::result::Result::Ok(match __ps_serialize_fields { #joins })
            }
        }
    }
}

/// The arm of a match that writes the fields of a record.
pub(crate) fn split(
    pattern: &TokenStream,
    path: &TokenStream,
    others: &TokenStream,
    frames: &TokenStream,
) -> TokenStream {
    quote! {
        #pattern => {
            __ps_serialize_begin(__ps_serialize_out, #path { #others })?;
            #frames
            __ps_serialize_out.end();
        }
    }
}

/// The impls that nest a value in others without a pickle of its own.
pub(crate) fn nested(args: &Args) -> (TokenStream, TokenStream) {
    if args.python.is_none() {
        return Default::default();
    }
    let krate = &args.krate;
    let put = quote! {
        fn put_object<'value>(
            &'value self,
            __ps_serialize_out: &mut #krate::__private::Objects<'value>,
        ) -> #krate::Result<()> {
            <Self as #krate::__private::Object>::put(self, __ps_serialize_out)
        }
    };
    let take = quote! {
        fn take_object(
            __ps_serialize_object: #krate::__private::ObjectReader<'frame, '_>,
        ) -> #krate::Result<Self> {
            <Self as #krate::__private::Object>::take(__ps_serialize_object)
        }
    };
    (put, take)
}

/// The tokens, or one error at the class's name if the library is built without pickles.
pub(crate) fn with_feature(args: &Args, tokens: TokenStream) -> TokenStream {
    let Some(path) = &args.python else { return tokens };
    let there = path.span();
    let krate = located(args.krate.to_token_stream(), there);
    let mut group = Group::new(proc_macro2::Delimiter::Brace, tokens);
    group.set_span(there);
    let group = TokenTree::from(group);
    quote_spanned!(there=> #krate::__private::python! #group)
}
