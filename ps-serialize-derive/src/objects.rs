//! Trait objects: `dyn = Trait` on a type, and `#[serializer(dyn)]` on the trait.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Error, Item, ItemTrait, spanned::Spanned};

use crate::args::{self, Args};
use crate::expand::located;

/// The auto traits that an object may have beside its trait: each choice is a type of its own.
fn auto_traits() -> [TokenStream; 4] {
    let send = quote!(+ ::core::marker::Send);
    let sync = quote!(+ ::core::marker::Sync);
    [TokenStream::new(), send.clone(), sync.clone(), quote!(#send #sync)]
}

/// The objects that are made of the values of a type, for its entry.
pub(crate) fn of_type(args: &Args, this: &TokenStream) -> Option<TokenStream> {
    if args.objects.is_empty() {
        return None;
    }
    let krate = &args.krate;
    let objects = args.objects.iter().flat_map(|path| {
        auto_traits().map(|auto| {
            let object = quote!(dyn #path #auto);
            // A type that does not have the trait is an error at the trait.
            let make = located(
                quote! {
                    |__ps_serialize_value| #krate::__private::own_type::<<#this as #krate::Serializer>::Value>(__ps_serialize_value)
                },
                path.span(),
            );
            quote! {
                #krate::__private::TraitObject::new::<#object>({
                    const MAKE: #krate::__private::MakeObject<#object> = #make;
                    &MAKE
                })
            }
        })
    });
    Some(quote!(const { &[#(#objects),*] }))
}

/// Makes frames of the objects of a trait, which then can be fields of records.
pub(crate) fn of_trait(
    args: &Args,
    there: Span,
    item: &TokenStream,
    mut errors: Option<Error>,
) -> TokenStream {
    let impls = match syn::parse2(item.clone()) {
        Ok(Item::Trait(item)) => match check_parameters(&item) {
            Ok(()) => Some(frame_values(args, &item)),
            Err(error) => {
                args::report(&mut errors, error);
                None
            }
        },
        _ => {
            let problem =
                "`dyn` alone goes on a trait: on a type, name its trait as in `dyn = Shape`";
            args::report(&mut errors, Error::new(there, problem));
            None
        }
    };
    let errors = errors.map(Error::into_compile_error);
    quote!(#item #impls #errors)
}

fn check_parameters(item: &ItemTrait) -> Result<(), Error> {
    let Some(parameter) = item.generics.params.first() else { return Ok(()) };
    let problem = format!(
        "`{}` is generic, and a frame does not say of which trait its object is: annotate a trait without parameters",
        item.ident
    );
    Err(Error::new_spanned(parameter, problem))
}

fn frame_values(args: &Args, item: &ItemTrait) -> TokenStream {
    let krate = &args.krate;
    let ident = &item.ident;
    let cfgs = item.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let impls = auto_traits().map(|auto| {
        let object = quote!(dyn #ident #auto);
        // A trait that does not have `Any` above it is an error at its name.
        let as_any = quote_spanned!(ident.span()=> &**self);
        quote! {
            #[automatically_derived]
            #[allow(deprecated)]
            impl #krate::__private::FrameValue for #krate::__private::Box<#object> {
                fn put<'value>(
                    &'value self,
                    __ps_serialize_frames: &mut #krate::__private::RecordWriter<'value>,
                    __ps_serialize_field: &'static ::core::primitive::str,
                ) -> #krate::Result<()> {
                    __ps_serialize_frames.object::<#object>(__ps_serialize_field, #as_any)
                }

                fn take(
                    __ps_serialize_frames: &mut #krate::__private::RecordReader<'_, '_>,
                    __ps_serialize_field: &'static ::core::primitive::str,
                ) -> #krate::Result<Self> {
                    __ps_serialize_frames.object(__ps_serialize_field)
                }
            }
        }
    });
    quote! {
        #(#cfgs)*
        const _: () = { #(#impls)* };
    }
}
