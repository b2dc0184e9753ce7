//! The `#[serializer]` attribute of [`ps-serialize`](https://docs.rs/ps-serialize), which re-exports and documents it.

mod args;
mod class;
mod expand;
mod guard;
mod identifier;
mod item;
mod lock;
mod marks;
mod objects;
mod record;
mod serde_attributes;
mod unused;
mod view;

use proc_macro::TokenStream;

#[allow(missing_docs)] // documented where it is re-exported
#[proc_macro_attribute]
pub fn serializer(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(args.into(), &item.into()).into()
}

/// Expands to the table of reserved identifiers, so that it is written down once.
#[doc(hidden)]
#[proc_macro]
pub fn __reserved(_: TokenStream) -> TokenStream {
    identifier::reserved_table().into()
}
