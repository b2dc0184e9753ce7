//! A lifetime of a private type whose fields may all be compiled out. The compiler refuses a lifetime that nothing uses.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Lifetime;

/// A field of a struct, which serde leaves out.
pub(crate) fn field(lifetime: &Lifetime) -> TokenStream {
    quote! {
        #[serde(skip)]
        __ps_serialize_lifetime: ::core::marker::PhantomData<&#lifetime ()>,
    }
}

/// The field with its value.
pub(crate) fn value() -> TokenStream {
    quote!(__ps_serialize_lifetime: ::core::marker::PhantomData,)
}

/// A variant of an enum, which no value can have.
pub(crate) fn variant(lifetime: &Lifetime) -> TokenStream {
    quote! {
        #[serde(skip)]
        #[allow(dead_code)]
        __Lifetime(::core::marker::PhantomData<&#lifetime ()>, ::core::convert::Infallible),
    }
}
