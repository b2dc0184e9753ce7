//! Trait objects: `dyn = Trait` on a type, and `#[serializer(dyn)]` on the trait.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Error, Item, ItemTrait, TypeParamBound, spanned::Spanned};

use crate::args::{self, Args};
use crate::expand::located;

/// The four trait object types of a trait: alone, with `Send`, with `Sync`, and with both.
fn objects(path: &impl ToTokens) -> [TokenStream; 4] {
    let send = quote!(::core::marker::Send);
    let sync = quote!(::core::marker::Sync);
    [
        quote!(dyn #path),
        quote!(dyn #path + #send),
        quote!(dyn #path + #sync),
        quote!(dyn #path + #send + #sync),
    ]
}

/// The objects that are made of the values of a type, for its entry.
pub(crate) fn of_type(args: &Args, this: &TokenStream) -> Option<TokenStream> {
    if args.objects.is_empty() {
        return None;
    }
    let krate = &args.krate;
    let made = args.objects.iter().map(|path| {
        let objects = objects(path);
        let [.., object] = &objects;
        // One function makes an object of the value, so that the compiler reports a missing impl once, at the claim.
        let made = quote! {
            fn make(
                __ps_serialize_value: #krate::__private::Box<dyn ::core::any::Any + ::core::marker::Send + ::core::marker::Sync>,
            ) -> #krate::__private::Box<#object> {
                #krate::__private::own_type::<<#this as #krate::Serializer>::Value>(__ps_serialize_value)
            }
            [#(#krate::__private::TraitObject::new::<#objects>({
                const MAKE: #krate::__private::MakeObject<#objects> = |__ps_serialize_value| make(__ps_serialize_value);
                &MAKE
            })),*]
        };
        located(made, path.span())
    });
    Some(quote!(const { &[#(&const { #made } as &[#krate::__private::TraitObject]),*] }))
}

/// Lets `Box<dyn Trait>` be a field of records.
pub(crate) fn of_trait(
    args: &Args,
    there: Span,
    item: &TokenStream,
    mut errors: Option<Error>,
) -> TokenStream {
    let expanded = match syn::parse2(item.clone()) {
        Ok(Item::Trait(item)) => check_trait(&item).map(|()| frame_values(args, &item)),
        _ => Err(Error::new(
            there,
            "`dyn` alone goes on a trait: on a type, name its trait as in `dyn = Shape`",
        )),
    };
    let impls = expanded.map_err(|error| args::report(&mut errors, error)).ok();
    let errors = errors.map(Error::into_compile_error);
    quote!(#item #impls #errors)
}

fn check_trait(item: &ItemTrait) -> Result<(), Error> {
    if let Some(parameter) = item.generics.params.first() {
        let problem = format!(
            "`{}` is generic, and a frame does not store the parameters: annotate a trait without parameters, which may have this one above it",
            item.ident
        );
        return Err(Error::new_spanned(parameter, problem));
    }
    // A trait of another name may have `Any` above it.
    let may_have_any = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last().map(|last| last.ident.to_string());
            !last.is_some_and(|last| WITHOUT_ANY.contains(&&*last))
        }
        _ => false,
    };
    let has_bounds = item.generics.where_clause.is_some();
    if !has_bounds && !item.supertraits.iter().any(may_have_any) {
        let problem = format!(
            "a trait object is written by the serializer of its own type, and only the supertrait `Any` tells that type: write `trait {}: std::any::Any + Send + Sync`",
            item.ident
        );
        return Err(Error::new(item.ident.span(), problem));
    }
    Ok(())
}

/// Usual traits that do not have `Any` above them.
const WITHOUT_ANY: [&str; 5] = ["Debug", "Display", "Send", "Sync", "Unpin"];

fn frame_values(args: &Args, item: &ItemTrait) -> TokenStream {
    let krate = &args.krate;
    let ident = &item.ident;
    let cfgs = item.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let objects = objects(ident);
    let impls = objects.iter().map(|object| {
        quote! {
            #[automatically_derived]
            impl<'frame> #krate::__private::FrameOf<'frame, Self> for #krate::__private::Box<#object> {
                const IS_SAME_KIND: ::core::primitive::bool = true;

                fn take(
                    __ps_serialize_frames: &mut #krate::__private::RecordReader<'frame, '_>,
                ) -> #krate::Result<Self> {
                    __ps_serialize_frames.object()
                }
            }

            #[automatically_derived]
            impl #krate::__private::FrameValue for #krate::__private::Box<#object> {
                fn put<'value>(
                    &'value self,
                    __ps_serialize_frames: &mut #krate::__private::RecordWriter<'value>,
                ) -> #krate::Result<()> {
                    __ps_serialize_frames.object::<#object>(as_any(&**self))
                }

                fn take(
                    __ps_serialize_frames: &mut #krate::__private::RecordReader<'_, '_>,
                ) -> #krate::Result<Self> {
                    __ps_serialize_frames.object()
                }
            }
        }
    });
    // A trait that has no objects, or does not have `Any` above it, is one error at its name.
    let impls = quote! {
        fn as_any<'value>(
            __ps_serialize_object: &'value (dyn #ident + 'static),
        ) -> &'value (dyn ::core::any::Any + 'static) {
            __ps_serialize_object
        }
        #(#impls)*
    };
    let impls = located(impls, ident.span());
    quote! {
        #(#cfgs)*
        #[allow(deprecated)]
        const _: () = { #impls };
    }
}
