use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Error, Item, LitByteStr, spanned::Spanned};

use crate::args::{self, Args};
use crate::class;
use crate::guard::{self, Claim};
use crate::item::{self, Annotated};
use crate::lock;
use crate::marks::Marks;
use crate::objects;
use crate::record;
use crate::serde_attributes;
use crate::view;

pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    let is_view = record::mentions(&args, "view");
    let (args, mut errors) = args::parse(args);
    match (&args.view, errors) {
        (Some(record), None) => return view::expand(&args, record, item),
        // A view is never a record, so it needs no stub.
        (_, Some(error)) if is_view => {
            let error = error.into_compile_error();
            let item = without_marks(item);
            return quote!(#item #error);
        }
        (_, found) => errors = found,
    }
    if let Some(there) = args.is_of_trait {
        return objects::of_trait(&args, there, item, errors);
    }
    let mut annotated = match Annotated::parse(item.clone()) {
        Ok((annotated, error)) => {
            if let Some(error) = error {
                args::report(&mut errors, error);
            }
            annotated
        }
        Err(error) => {
            // A trait has no identifier, so none is missing.
            if matches!(syn::parse2(item.clone()), Ok(Item::Trait(_))) {
                errors = None;
            }
            args::report(&mut errors, error);
            let errors = errors.map(Error::into_compile_error);
            let item = without_marks(item);
            return quote!(#item #errors);
        }
    };
    let mut is_record = false;
    if let Err(error) = check_options(&args, &annotated) {
        args::report(&mut errors, error);
    }
    if let Annotated::Type { item, marks, .. } = &mut annotated {
        let (found, error) = Marks::take(item);
        *marks = found;
        is_record = !marks.are_none() || error.is_some();
        if let Err(error) = class::check(&args, item, marks) {
            args::report(&mut errors, error);
        }
        if let Some(error) = error {
            args::report(&mut errors, error);
        }
        let others = marks.unmarked(item);
        // Impls of its own would only repeat it.
        if let Some(error) = serde_attributes::check_owned(&args, item) {
            args::report(&mut errors, error);
            let errors = errors.map(Error::into_compile_error);
            return quote!(#item #errors);
        }
        if let Some(error) = serde_attributes::check(&args, &others) {
            args::report(&mut errors, error);
        }
    }
    if is_crate_of_macros() {
        let error = Error::new(
            Span::call_site(),
            "the crate of a procedural macro can't have annotated types, since it may export nothing but its macros: put the type into a crate of its own",
        );
        args::report(&mut errors, error);
    }
    let python = args.python.as_ref();
    let id = args.id.clone().or(python.map(|path| LitByteStr::new(b"PK", path.span())));
    match (errors, id) {
        (None, Some(id)) => {
            let (expanded, errors) = implementation(&args, &id, &annotated, false);
            if let Some(errors) = errors {
                let errors = errors.into_compile_error();
                let (stub, _) = implementation(&args, &id, &annotated, true);
                return quote!(#stub #errors);
            }
            let Expanded { item, impls } = expanded;
            let registration = registration(&args, &id, &annotated);
            let impls = class::with_feature(&args, quote!(#impls #registration));
            quote!(#item #impls)
        }
        // The type still gets its impls, so that its other uses are not errors too.
        (errors, _) => {
            let stub = LitByteStr::new(b"?", Span::call_site());
            let is_stub = is_record || args.python.is_some();
            let (implementation, _) = implementation(&args, &stub, &annotated, is_stub);
            let errors = errors.map(Error::into_compile_error);
            quote!(#implementation #errors)
        }
    }
}

/// The annotated item, and the impls for it.
struct Expanded {
    item: TokenStream,
    impls: TokenStream,
}

impl ToTokens for Expanded {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.item.to_tokens(tokens);
        self.impls.to_tokens(tokens);
    }
}

/// The item without the marks, which are no attributes of the compiler's.
fn without_marks(item: &TokenStream) -> TokenStream {
    let Ok(mut parsed) = syn::parse2(item.clone()) else { return item.clone() };
    let _ = Marks::take(&mut parsed);
    record::without_serde(&parsed).into_token_stream()
}

/// The compiler refuses what the guard of an identifier exports there, in words that do not help.
/// Nothing but its command line tells.
fn is_crate_of_macros() -> bool {
    let arguments: Vec<_> = std::env::args_os().collect();
    let is_of_macros = arguments.iter().any(|argument| argument == "--crate-type=proc-macro")
        || arguments.windows(2).any(|pair| pair[0] == "--crate-type" && pair[1] == "proc-macro");
    is_of_macros && !arguments.iter().any(|argument| argument == "--test")
}

/// Options that exist, but not for this item.
fn check_options(args: &Args, annotated: &Annotated) -> Result<(), Error> {
    if args.python.is_some() {
        return class::check_block(args, annotated);
    }
    if annotated.is_block() {
        match &args.codec {
            Some(codec) => Err(Error::new_spanned(
                codec,
                "an `impl Serializer` block writes its own format: remove `codec`, or annotate the type instead of the block",
            )),
            None => Ok(()),
        }
    } else {
        match &args.align {
            Some(align) => Err(Error::new_spanned(
                align,
                "a codec's payload needs no alignment: remove `align`, or write an `impl Serializer for …` block",
            )),
            None => Ok(()),
        }
    }
}

/// The impls for what is annotated. Those of a stub do nothing, so that a mistake in a record gives no more errors.
fn implementation(
    args: &Args,
    id: &LitByteStr,
    annotated: &Annotated,
    stub: bool,
) -> (Expanded, Option<Error>) {
    let krate = &args.krate;
    let this = annotated.self_type();
    let cfgs = annotated.cfgs();
    let name = if let Some(name) = &args.name {
        name.to_token_stream()
    } else {
        let name = annotated.name();
        quote!(::core::concat!(::core::module_path!(), "::", #name))
    };
    let align = args
        .align
        .as_ref()
        .map(|align| quote!(const ALIGNMENT: ::core::primitive::usize = #align;));
    let class = (!stub).then(|| class::constant(args, &this));
    let constants = quote! {
        const IDENTIFIER: #krate::Identifier = #krate::Identifier::new(#id);
        const NAME: &'static ::core::primitive::str = #name;
        #align
        #class
    };

    let mut errors = None;
    let (item, serializer) = match annotated {
        Annotated::Block(block) if stub => {
            (TokenStream::new(), class::stub_of_block(args, block, &constants))
        }
        Annotated::Block(block) if args.python.is_some() => {
            let look = lock::of_block(args, &this, &cfgs);
            let block = class::of_block(args, block, &cfgs, &constants);
            (TokenStream::new(), quote!(#block #look))
        }
        Annotated::Block(block) => {
            let look = lock::of_block(args, &this, &cfgs);
            let block = item::with_constants(block, &constants);
            (TokenStream::new(), quote!(#block #look))
        }
        Annotated::Type { item, ident, marks } => {
            let has_shape = !matches!(item, Item::Type(_)) && args.python.is_none();
            let shape = has_shape.then(|| record::shape(args, item, ident, marks));
            let serializer;
            let look = (!stub && marks.are_none()).then(|| lock::of_type(args, ident, &cfgs));
            let mut item = item.clone();
            if stub {
                serializer = record::stub(args, ident, &constants);
                item = record::without_serde(&item);
            } else if marks.are_none() && args.python.is_some() {
                serializer = class::of_type(args, &item, ident, &constants);
            } else if marks.are_none() {
                serializer = serializer_of_type(args, ident, &constants);
            } else {
                (serializer, errors) = record::expand(args, &item, ident, marks, &constants);
                item = record::without_serde(&item);
            }
            (item.into_token_stream(), quote!(#(#cfgs)* #serializer #look #(#cfgs)* #shape))
        }
    };
    let (put_object, take_object) = if stub { Default::default() } else { class::nested(args) };
    let serializable = annotated.writes_itself().then(|| {
        quote! {
            #(#cfgs)*
            #[automatically_derived]
            #[allow(deprecated)]
            impl #krate::Serializable for #this {
                type Serializer = Self;
                #[inline]
                fn serialize_payload<'value>(
                    &'value self,
                    __ps_serialize_out: &mut dyn #krate::Sink<'value>,
                ) -> #krate::Result<()> {
                    <Self as #krate::Serializer>::serialize(self, __ps_serialize_out)
                }
                #put_object
            }

            #(#cfgs)*
            #[automatically_derived]
            #[allow(deprecated)]
            impl<'frame> #krate::Deserializable<'frame> for #this {
                type Serializer = Self;
                #[inline]
                fn deserialize_payload(
                    __ps_serialize_payload: #krate::Payload<'frame, '_>,
                ) -> #krate::Result<Self> {
                    <Self as #krate::Serializer>::deserialize(__ps_serialize_payload)
                }
                #take_object
            }
        }
    });
    (Expanded { item, impls: quote!(#serializer #serializable) }, errors)
}

fn serializer_of_type(args: &Args, ident: &Ident, constants: &TokenStream) -> TokenStream {
    let krate = &args.krate;
    let (codec, there) = codec(args, ident);
    let codec = located(quote!(<#codec as #krate::__private::Codec<#ident>>), there);
    // A constant or a unit struct of the user's can have any shorter name, and a parameter can't then.
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::Serializer for #ident {
            type Value = Self;
            #constants
            #[inline]
            fn serialize<'value>(
                __ps_serialize_value: &'value Self,
                __ps_serialize_out: &mut dyn #krate::Sink<'value>,
            ) -> #krate::Result<()> {
                #codec::write(__ps_serialize_value, __ps_serialize_out)
            }
            #[inline]
            fn deserialize(
                __ps_serialize_payload: #krate::Payload<'_, '_>,
            ) -> #krate::Result<Self> {
                #codec::read(__ps_serialize_payload)
            }
        }
    }
}

/// The codec, and the place of an error if it does not fit the type: at the codec, or at the type where none is named.
pub(crate) fn codec(args: &Args, ident: &Ident) -> (TokenStream, Span) {
    let krate = &args.krate;
    match &args.codec {
        Some(codec) => (codec.to_token_stream(), codec.span()),
        None => (quote!(#krate::__private::DefaultCodec), ident.span()),
    }
}

fn registration(args: &Args, id: &LitByteStr, annotated: &Annotated) -> TokenStream {
    let krate = &args.krate;
    let this = annotated.self_type();
    let cfgs = annotated.cfgs();
    let bytes = id.value();
    let class = args.python.as_ref().map(class::Path::of);
    let claim = class.as_ref().map_or(Claim::Identifier(&bytes), |path| Claim::Class(&path.whole));
    // rustc underlines the identifiers of both if every token of the macro stands where they do.
    let once_in_this_crate = Ident::new(&claim.same_crate_name(), id.span());
    let once_in_this_crate = quote_spanned! {id.span()=>
        #[doc(hidden)]
        #[macro_export]
        macro_rules! #once_in_this_crate { () => {}; }
    };
    let once_in_this_program = claim.symbol();
    let (place, package) = (guard::place(id.span()), guard::package());
    let objects = objects::of_type(args, &this).map(|objects| quote!(, objects: #objects));
    quote! {
        #(#cfgs)*
        #[allow(non_local_definitions, deprecated)]
        const _: () = {
            #once_in_this_crate
            #krate::__private::register!(#this, #once_in_this_program, #place, #package #objects);
        };
    }
}

/// The tokens as they resolve now, for rustc to point elsewhere.
pub(crate) fn located(tokens: TokenStream, there: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                token = Group::new(group.delimiter(), located(group.stream(), there)).into();
            }
            token.set_span(token.span().located_at(there));
            token
        })
        .collect()
}
