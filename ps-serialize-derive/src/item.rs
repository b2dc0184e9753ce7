use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Error, GenericParam, Generics, ImplItem, Item, ItemImpl, LitStr, Result,
    spanned::Spanned,
};

use crate::marks::Marks;

/// An item that may be annotated.
pub(crate) enum Annotated {
    /// A struct, an enum, or an alias of a concrete type: the codec writes it.
    Type { item: Item, ident: Ident, marks: Marks },
    /// An `impl Serializer for …` block: it writes its `Value` itself.
    Block(ItemImpl),
}

const WHAT: &str = "`#[serializer]` goes on a struct, an enum, a `type` alias of a concrete type, or an `impl Serializer for …` block";

impl Annotated {
    /// The item, and what is wrong with it where it can be used anyway.
    pub(crate) fn parse(tokens: TokenStream) -> Result<(Self, Option<Error>)> {
        let wrong_item = |span| Error::new(span, WHAT);
        let item: Item = syn::parse2(tokens)?;
        let (ident, generics) = match &item {
            Item::Struct(item) => (&item.ident, &item.generics),
            Item::Enum(item) => (&item.ident, &item.generics),
            Item::Type(item) => (&item.ident, &item.generics),
            Item::Union(item) => {
                return Err(Error::new(
                    item.union_token.span,
                    "a union does not say which of its fields is valid: use an enum, or write an `impl Serializer for …` block",
                ));
            }
            Item::Impl(block) => {
                check_trait(block)?;
                let error = check_block(block).err();
                let Item::Impl(block) = item else { unreachable!("matched above") };
                return Ok((Self::Block(block), error));
            }
            Item::Fn(item) => return Err(wrong_item(item.sig.ident.span())),
            Item::Trait(item) => {
                return Err(Error::new(
                    item.ident.span(),
                    format!(
                        "a trait has no identifier: write `#[serializer(dyn)]` here to have its objects in records, and `dyn = {}` in the annotations of its types",
                        item.ident
                    ),
                ));
            }
            Item::Mod(item) => return Err(wrong_item(item.ident.span())),
            other => return Err(wrong_item(other.span())),
        };
        check_generics(ident, generics)?;
        let ident = ident.clone();
        Ok((Self::Type { item, ident, marks: Marks::default() }, None))
    }

    pub(crate) fn is_block(&self) -> bool {
        matches!(self, Self::Block(_))
    }

    /// The type that `Serializer` is implemented for.
    pub(crate) fn self_type(&self) -> TokenStream {
        match self {
            Self::Type { ident, .. } => ident.to_token_stream(),
            Self::Block(block) => block.self_ty.to_token_stream(),
        }
    }

    /// Whether the serializer's value is the annotated type itself.
    pub(crate) fn writes_itself(&self) -> bool {
        let Self::Block(block) = self else { return true };
        let self_type = block.self_ty.to_token_stream().to_string();
        block.items.iter().any(|item| match item {
            ImplItem::Type(value) if value.ident == "Value" => {
                let value = value.ty.to_token_stream().to_string();
                value == "Self" || value == self_type
            }
            _ => false,
        })
    }

    /// Conditions on the item are conditions on all that is generated beside it.
    pub(crate) fn cfgs(&self) -> Vec<&Attribute> {
        let attributes = match self {
            Self::Type { item: Item::Struct(item), .. } => &item.attrs,
            Self::Type { item: Item::Enum(item), .. } => &item.attrs,
            Self::Type { item: Item::Type(item), .. } => &item.attrs,
            Self::Type { .. } => return Vec::new(),
            Self::Block(block) => &block.attrs,
        };
        attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
    }

    /// The last part of the default name.
    pub(crate) fn name(&self) -> LitStr {
        let name: String = self.self_type().to_string().split_whitespace().collect();
        LitStr::new(&name, proc_macro2::Span::call_site())
    }
}

pub(crate) fn borrows(ident: &Ident) -> String {
    format!(
        "`{ident}` borrows, but what is read from a frame must own its data: use owned fields (`String` for `&str`, `Vec<u8>` for `&[u8]`)"
    )
}

fn check_generics(ident: &Ident, generics: &Generics) -> Result<()> {
    let Some(parameter) = generics.params.first() else { return Ok(()) };
    let problem = match parameter {
        GenericParam::Lifetime(_) => borrows(ident),
        GenericParam::Type(_) | GenericParam::Const(_) => format!(
            "`{ident}` is generic, and each concrete type needs an identifier of its own: annotate an alias, as in `#[serializer(id = b\"05\")] type Concrete = {ident}<…>;`"
        ),
    };
    Err(Error::new_spanned(parameter, problem))
}

fn check_trait(block: &ItemImpl) -> Result<()> {
    match &block.trait_ {
        Some((path, _)) if path.segments.last().is_some_and(|last| last.ident == "Serializer") => {
            Ok(())
        }
        Some((path, _)) => Err(Error::new_spanned(path, WHAT)),
        None => Err(Error::new_spanned(&block.self_ty, WHAT)),
    }
}

fn check_block(block: &ItemImpl) -> Result<()> {
    if let Some(parameter) = block.generics.params.first() {
        return Err(Error::new_spanned(
            parameter,
            "each concrete type needs an identifier of its own: write one `impl Serializer for …` block without parameters for each",
        ));
    }
    for item in &block.items {
        if let Some((name, instead)) = constant_of_ours(item) {
            return Err(Error::new(
                name.span(),
                format!("`#[serializer]` writes this constant: give `{instead}` in the attribute"),
            ));
        }
    }
    Ok(())
}

/// A constant that the attribute writes, and the option that says so.
fn constant_of_ours(item: &ImplItem) -> Option<(&Ident, &'static str)> {
    let ImplItem::Const(constant) = item else { return None };
    let option = match constant.ident.to_string().as_str() {
        "IDENTIFIER" => "id = b\"…\"",
        "NAME" => "name = \"…\"",
        "ALIGNMENT" => "align = …",
        _ => return None,
    };
    Some((&constant.ident, option))
}

/// The block with our constants at its top.
pub(crate) fn with_constants(block: &ItemImpl, constants: &TokenStream) -> TokenStream {
    let ItemImpl { attrs, unsafety, impl_token, generics, trait_, self_ty, .. } = block;
    let (path, for_token) = trait_.as_ref().expect("checked in `check_trait`");
    let mut tokens = quote!(#(#attrs)* #unsafety #impl_token #generics #path #for_token #self_ty);
    // In the block's own braces, so that what rustc says of the block it says there.
    block.brace_token.surround(&mut tokens, |tokens| {
        let items = block.items.iter().filter(|item| constant_of_ours(item).is_none());
        tokens.extend(quote!(#constants #(#items)*));
    });
    tokens
}
