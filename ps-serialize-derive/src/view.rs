//! Types that read the frames of a record without copying: `#[serializer(view = Record)]`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    Attribute, Error, Field, GenericParam, Generics, Item, Lifetime, LitStr, Meta, Path, Result,
    Token, Type, ext::IdentExt, parse_quote, punctuated::Punctuated, spanned::Spanned,
};

use crate::args::{self, Args};
use crate::expand::located;
use crate::marks::{Mark, Marks};
use crate::record::{
    Variant, braced, conditions, is_of_keys, is_wincode, label, member, mentions, name_inside,
    named, string, variants, without_serde,
};

pub(crate) fn expand(args: &Args, record: &Path, item: &TokenStream) -> TokenStream {
    let mut item: Item = match syn::parse2(item.clone()) {
        Ok(item) => item,
        Err(error) => {
            let error = error.into_compile_error();
            return quote!(#item #error);
        }
    };
    let (marks, mut errors) = Marks::take(&mut item);
    let expanded = match View::new(args, record, &item, &marks) {
        Ok(view) if errors.is_none() => Some(view.expand(&item)),
        Ok(_) => None,
        Err(error) => {
            args::report(&mut errors, error);
            None
        }
    };
    let item = without_serde(&item);
    let errors = errors.map(Error::into_compile_error);
    quote!(#item #expanded #errors)
}

struct View<'a> {
    args: &'a Args,
    record: &'a Path,
    marks: &'a Marks,
    ident: &'a Ident,
    /// The lifetime of the frame.
    lifetime: Lifetime,
    /// Whether the view has that lifetime.
    borrows: bool,
}

impl<'a> View<'a> {
    fn new(args: &'a Args, record: &'a Path, item: &'a Item, marks: &'a Marks) -> Result<Self> {
        let (ident, generics) = match item {
            Item::Struct(item) => (&item.ident, &item.generics),
            Item::Enum(item) => (&item.ident, &item.generics),
            other => {
                return Err(Error::new(
                    other.span(),
                    "a view is a struct or an enum with fields of its own",
                ));
            }
        };
        let lifetime = lifetime_of(ident, generics)?;
        let borrows = lifetime.is_some();
        let lifetime = lifetime.unwrap_or_else(|| parse_quote!('frame));
        Ok(Self { args, record, marks, ident, lifetime, borrows })
    }

    fn expand(&self, item: &Item) -> TokenStream {
        let Self { args, record, ident, lifetime, .. } = self;
        let krate = &args.krate;
        let is_enum = matches!(item, Item::Enum(_));
        let variants: Vec<_> = variants(item);
        let has_borrowed = variants.iter().enumerate().any(|(index, variant)| {
            let marked = variant.fields.iter().zip(self.marks.of_variant(index));
            marked
                .into_iter()
                .any(|(field, mark)| *mark != Mark::Frame && self.is_borrowed(&field.ty))
        });
        let generics = has_borrowed.then(|| quote!(<#lifetime>));
        let of_static = has_borrowed.then(|| quote!(<'static>));
        let expanded: Vec<_> = variants
            .iter()
            .enumerate()
            .map(|(index, variant)| self.variant(index, variant, is_enum))
            .collect();
        let attributes = self.attributes(item);
        let definitions = expanded.iter().map(|variant| &variant.definition);
        let others = if is_enum {
            quote!(enum __Fields #generics { #(#definitions,)* })
        } else {
            quote!(struct __Fields #generics #(#definitions)*)
        };
        let joins = expanded.iter().map(|variant| &variant.join);
        let checks = expanded.iter().map(|variant| &variant.checks);
        let shape = located(quote!(<#record as #krate::__private::Shape>), record.span());
        let by_name = quote!(<<#record as #krate::__private::Shape>::Codec as #krate::Decode<'static, __Fields #of_static>>::BY_NAME);
        let by_name = located(by_name, record.span());
        let read = if has_borrowed { quote!(borrowed_fields) } else { quote!(owned_fields) };
        let read_fields = quote! {
            #krate::__private::RecordReader::#read::<
                <#record as #krate::__private::Shape>::Codec,
                __Fields #generics,
            >(&__ps_serialize_frames)?
        };
        let read_fields = located(read_fields, record.span());
        let arguments = self.borrows.then(|| quote!(<#lifetime>));
        let conditions = conditions(match item {
            Item::Struct(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            _ => &[],
        });
        quote! {
            #conditions
            #[allow(deprecated, non_camel_case_types, unreachable_patterns, clippy::all, clippy::pedantic)]
            const _: () = {
                #attributes
                #others

                const __BY_NAME: ::core::primitive::bool = #by_name;
                const __RECORD: &[#krate::__private::Variant] = #shape::VARIANTS;
                #(#checks)*

                #[automatically_derived]
                impl<#lifetime> #krate::Deserializable<#lifetime> for #ident #arguments {
                    type Serializer = #shape::Record;
                    fn deserialize_payload(
                        __ps_serialize_payload: #krate::Payload<#lifetime, '_>,
                    ) -> #krate::Result<Self> {
                        let mut __ps_serialize_frames =
                            #krate::__private::RecordReader::of_view(__RECORD, __ps_serialize_payload)?;
                        let __ps_serialize_fields = #read_fields;
                        ::core::result::Result::Ok(match __ps_serialize_fields { #(#joins)* })
                    }
                }
            };
        }
    }

    fn attributes(&self, item: &Item) -> TokenStream {
        let krate = &self.args.krate;
        if is_wincode(self.args) {
            let wincode = quote!(#krate::wincode);
            let name = string(&wincode);
            return quote!(#[::core::prelude::v1::derive(#wincode::SchemaRead)] #[wincode(crate = #name)]);
        }
        let attributes = match item {
            Item::Struct(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            _ => return TokenStream::new(),
        };
        let serde_attributes = of_serde(attributes);
        let serde = string(&quote!(#krate::__private::serde));
        quote! {
            #[::core::prelude::v1::derive(#krate::__private::serde_derive::Deserialize)]
            #[serde(crate = #serde)]
            #serde_attributes
        }
    }

    fn variant(&self, index: usize, variant: &Variant<'_>, is_enum: bool) -> Expanded {
        let krate = &self.args.krate;
        let record = self.record;
        let Variant { path, fields_path, attributes, name, fields } = variant;
        let marks = self.marks.of_variant(index);
        let (mut definition, mut others, mut joined) =
            (TokenStream::new(), TokenStream::new(), TokenStream::new());
        let (mut shape, mut checks) = (TokenStream::new(), TokenStream::new());
        // The variant in the consts of the record.
        let of_record = quote!(#krate::__private::variant(__RECORD, #index));
        let mut before = TokenStream::new();
        for (position, field) in fields.iter().enumerate() {
            let conditions = conditions(&field.attrs);
            let (ty, there) = (&field.ty, field.ty.span());
            let value = format_ident!("__ps_serialize_{position}");
            let label = label(field, position);
            let member = member(field, position);
            let other = name_inside(field, position);
            let at = field.ident.as_ref().map_or(there, Ident::span);
            let mark = marks[position].tokens();
            shape.extend(quote!(#conditions (#label, #krate::__private::Mark::#mark),));
            let check = quote!(#krate::__private::check_mark(#of_record, #label, #krate::__private::Mark::#mark));
            let check = located(check, at);
            checks.extend(quote!(#conditions const _: () = #check;));
            // The field of the record, as the compiler finds it.
            let found = if let Some(name) = name {
                quote!(match __ps_serialize_record { #record::#name { #member: __ps_serialize_field, .. } => __ps_serialize_field, _ => ::core::unreachable!() })
            } else {
                quote!(&__ps_serialize_record.#member)
            };
            let frames_before = format_ident!("__BEFORE_{index}_{position}");
            if marks[position] != Mark::None {
                let check =
                    quote!(#krate::__private::frames_between(#of_record, &[#before], #label));
                let check = located(check, at);
                checks.extend(
                    quote!(#conditions const #frames_before: ::core::primitive::u64 = #check;),
                );
            }
            match marks[position] {
                Mark::None => {
                    let attributes = self.field_attributes(field, position);
                    definition.extend(quote!(#conditions #attributes #other: #ty,));
                    others.extend(quote!(#conditions #other: #value,));
                    joined.extend(quote!(#conditions #member: #value,));
                    checks.extend(self.check_type(&conditions, ty, &found));
                }
                Mark::Frame => {
                    let frame = quote_spanned!(there=> borrowed_frame::<#ty>);
                    joined.extend(quote! {
                        #conditions #member: {
                            #krate::__private::check_kind::<#ty, #record, _>(|__ps_serialize_record| #found);
                            __ps_serialize_frames.pass(#frames_before)?;
                            __ps_serialize_frames.#frame(#label)?
                        },
                    });
                    before.extend(quote!(#conditions #label,));
                }
                Mark::Frames => {
                    let frames = quote_spanned!(there=> borrowed_frames::<#ty>);
                    let this = quote_spanned!(there=> <#ty as #krate::__private::Frames>);
                    let attributes = self.key_attributes(field, position);
                    definition.extend(quote!(#conditions #attributes #other: #this::Keys,));
                    others.extend(quote!(#conditions #other: #value,));
                    joined.extend(quote! {
                        #conditions #member: {
                            #krate::__private::check_kinds::<#ty, #record, _>(|__ps_serialize_record| #found);
                            __ps_serialize_frames.pass(#frames_before)?;
                            __ps_serialize_frames.#frames(#label, #value)?
                        },
                    });
                    before.extend(quote!(#conditions #label,));
                }
            }
        }
        let conditions = conditions(attributes);
        if let Some(name) = name {
            let text = LitStr::new(&name.unraw().to_string(), name.span());
            let check = quote!(#krate::__private::check_variant(#of_record, #text));
            let check = located(check, name.span());
            checks.extend(quote!(#conditions const _: () = #check;));
        }
        let at = name.map_or(self.ident.span(), Ident::span);
        let check = quote! {
            #krate::__private::check_fields(
                #of_record,
                &[#shape],
                __BY_NAME,
            )
        };
        let check = located(check, at);
        checks.extend(quote!(#conditions const _: () = #check;));
        let attributes = is_enum.then(|| of_serde(attributes));
        Expanded {
            definition: {
                let fields = braced(variant, &definition);
                quote!(#conditions #attributes #name #fields)
            },
            join: quote!(#conditions #fields_path { #others } => #path { #joined },),
            checks,
        }
    }

    /// Compares the type of a field with that of the record, where the compiler can tell.
    fn check_type(&self, conditions: &TokenStream, ty: &Type, found: &TokenStream) -> TokenStream {
        let krate = &self.args.krate;
        let (record, lifetime) = (self.record, &self.lifetime);
        let check = match ty {
            Type::Reference(reference) => {
                let inner = &reference.elem;
                quote_spanned!(ty.span()=> let _: &#inner = #found;)
            }
            _ if self.is_borrowed(ty) => quote!(let _ = #found;),
            _ => quote_spanned! {ty.span()=>
                let __ps_serialize_found = #krate::__private::TypeOf::field(#found);
                let _: #krate::__private::TypeOf<#ty> = __ps_serialize_found;
            },
        };
        quote! {
            #conditions
            const _: () = {
                #[allow(dead_code)]
                fn check<#lifetime>(__ps_serialize_record: &#lifetime #record) { #check }
            };
        }
    }

    fn field_attributes(&self, field: &Field, position: usize) -> TokenStream {
        if is_wincode(self.args) {
            return TokenStream::new();
        }
        let attributes = of_serde(&field.attrs);
        let borrow = self.is_borrowed(&field.ty)
            && !field
                .attrs
                .iter()
                .any(|a| a.path().is_ident("serde") && mentions(&a.to_token_stream(), "borrow"));
        let borrow = borrow.then(|| quote!(#[serde(borrow)]));
        let rename = field.ident.is_none().then(|| {
            let name = position.to_string();
            quote!(#[serde(rename = #name)])
        });
        quote!(#attributes #borrow #rename)
    }

    fn key_attributes(&self, field: &Field, position: usize) -> TokenStream {
        if is_wincode(self.args) {
            return TokenStream::new();
        }
        let metas = field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde"));
        let metas = metas.filter_map(|attribute| {
            attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()
        });
        named(field, position, metas.flatten().filter(is_of_keys).collect())
    }

    fn is_borrowed(&self, ty: &Type) -> bool {
        let name = self.lifetime.ident.to_string();
        self.borrows && mentions(&ty.to_token_stream(), &name)
    }
}

struct Expanded {
    definition: TokenStream,
    join: TokenStream,
    checks: TokenStream,
}

/// The lifetime of a view, which may also own all that it reads.
fn lifetime_of(ident: &Ident, generics: &Generics) -> Result<Option<Lifetime>> {
    let mut found = None;
    for parameter in &generics.params {
        match parameter {
            GenericParam::Lifetime(parameter) if found.is_none() => {
                found = Some(parameter.lifetime.clone());
            }
            GenericParam::Lifetime(parameter) => {
                return Err(Error::new_spanned(
                    parameter,
                    format!(
                        "`{ident}` borrows from one frame: use one lifetime for all of its fields"
                    ),
                ));
            }
            other => {
                return Err(Error::new_spanned(
                    other,
                    format!(
                        "`{ident}` is a view of one record: write its fields' types without parameters"
                    ),
                ));
            }
        }
    }
    Ok(found)
}

/// The attributes of serde's, as they stand.
fn of_serde(attributes: &[Attribute]) -> TokenStream {
    let of_serde = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    of_serde.map(ToTokens::to_token_stream).collect()
}
