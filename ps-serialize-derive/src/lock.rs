//! What the lock looks at: impls that are there only if the library has the feature `lock`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, Field, Item, Meta, Token, punctuated::Punctuated, spanned::Spanned};

use crate::args::Args;
use crate::expand::{codec, located};
use crate::marks::{Mark, Marks};
use crate::record::{conditions, label, variants};

/// An impl for a type that is looked at in this way.
fn locked(args: &Args, this: &TokenStream, cfgs: &[&Attribute], look: &TokenStream) -> TokenStream {
    let krate = &args.krate;
    quote! {
        #krate::__private::locked! {
            #(#cfgs)*
            #[automatically_derived]
            #[allow(deprecated, clippy::all, clippy::pedantic)]
            impl #krate::__private::Locked for #this {
                fn look() -> #krate::Result<#krate::__private::Looked> {
                    #look
                }
            }
        }
    }
}

/// An `impl Serializer for …` block.
pub(crate) fn of_block(args: &Args, this: &TokenStream, cfgs: &[&Attribute]) -> TokenStream {
    let krate = &args.krate;
    let value = quote!(<Self as #krate::Serializer>::Value);
    let looked = if args.python.is_some() {
        quote!(<#value as #krate::__private::Plain>::look())
    } else {
        quote!(#krate::__private::Looked::own::<#value>())
    };
    locked(args, this, cfgs, &quote!(::core::result::Result::Ok(#looked)))
}

/// A type without frames inside.
pub(crate) fn of_type(args: &Args, ident: &Ident, cfgs: &[&Attribute]) -> TokenStream {
    let krate = &args.krate;
    let looked = if args.python.is_some() {
        located(quote!(<#ident as #krate::__private::Plain>::look()), ident.span())
    } else {
        let (path, there) = codec(args, ident);
        let path = located(quote!(<#path as #krate::__private::Codec<#ident>>), there);
        let name = codec_name(args);
        quote! {
            #path::look(&mut ::core::option::Option::None, #name, {
                // For a type that has the constant itself, the trait is not used.
                #[allow(unused_imports)]
                use #krate::__private::Untraced as _;
                #krate::__private::Traced::<#ident>::__PS_SERIALIZE_BY_SERDE
            })
        }
    };
    locked(args, &ident.to_token_stream(), cfgs, &quote!(::core::result::Result::Ok(#looked)))
}

/// A type with frames inside whose other fields a codec writes. Their type is known from how they are used.
pub(crate) fn of_record(
    args: &Args,
    item: &Item,
    ident: &Ident,
    marks: &Marks,
    codec: &TokenStream,
    locates: &TokenStream,
) -> TokenStream {
    let krate = &args.krate;
    let name = codec_name(args);
    let parts = parts(args, item, marks);
    let look = quote! {
        let mut __ps_serialize_fields = ::core::option::Option::None;
        let __ps_serialize_looked =
            #codec::look(&mut __ps_serialize_fields, #name, ::core::option::Option::None);
        let __ps_serialize_found: &mut dyn ::core::ops::FnMut(
            &'static ::core::primitive::str,
            #krate::__private::String,
        ) -> #krate::Result<()> = &mut |_, _| ::core::result::Result::Ok(());
        if let ::core::option::Option::Some(__ps_serialize_fields) = __ps_serialize_fields {
            match __ps_serialize_fields { #locates }
        }
        ::core::result::Result::Ok(__ps_serialize_looked.with_frames(#parts))
    };
    locked(args, &ident.to_token_stream(), &[], &look)
}

/// An instance of a Python class with frames inside.
pub(crate) fn of_instance(
    args: &Args,
    item: &Item,
    ident: &Ident,
    marks: &Marks,
    fields: &TokenStream,
) -> TokenStream {
    let krate = &args.krate;
    let parts = parts(args, item, marks);
    let look = quote! {
        ::core::result::Result::Ok(<#fields as #krate::__private::Plain>::look().with_frames(#parts))
    };
    locked(args, &ident.to_token_stream(), &[], &look)
}

/// The name of a codec of the program.
fn codec_name(args: &Args) -> String {
    let last = args.codec.as_ref().and_then(|codec| codec.segments.last());
    last.map(|last| last.ident.to_string()).unwrap_or_default()
}

/// The kind of each field: by the codec, or as frames.
fn parts(args: &Args, item: &Item, marks: &Marks) -> TokenStream {
    let krate = &args.krate;
    let variants = variants(item).into_iter().enumerate().map(|(index, variant)| {
        let fields = variant.fields.iter().enumerate().map(|(position, field)| {
            let conditions = conditions(&field.attrs);
            let (label, mark) = (label(field, position), marks.of_variant(index)[position]);
            let part = part(args, field, mark);
            quote!(#conditions (#label, #krate::__private::Part::#part))
        });
        let conditions = conditions(variant.attributes);
        let is_skipped = is_skipped(variant.attributes);
        quote!(#conditions (#is_skipped, &[#(#fields),*]))
    });
    quote!(&[#(#variants),*])
}

fn part(args: &Args, field: &Field, mark: Mark) -> TokenStream {
    let krate = &args.krate;
    let (ty, there) = (&field.ty, field.ty.span());
    match mark {
        Mark::None if is_skipped(&field.attrs) => quote!(Skipped),
        Mark::None => quote!(Plain),
        Mark::Frame => {
            quote_spanned!(there=> Frame(<#ty as #krate::__private::FrameValue>::kind))
        }
        Mark::Frames => {
            quote_spanned!(there=> Frames(<#ty as #krate::__private::OwnedFrames<_>>::kind))
        }
    }
}

/// Whether serde does not read it.
fn is_skipped(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde")).any(|attribute| {
        let metas = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        metas.is_ok_and(|metas| {
            metas.iter().any(|meta| {
                ["skip", "skip_deserializing"].iter().any(|name| meta.path().is_ident(name))
            })
        })
    })
}
