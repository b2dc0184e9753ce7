//! Types that read the frames of a record without copying: `#[serializer(view = Record)]`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{
    Attribute, Error, Field, GenericParam, Generics, Item, Lifetime, LitStr, Path, Result, Type,
    ext::IdentExt, parse_quote, spanned::Spanned,
};

use crate::args::{self, Args};
use crate::expand::located;
use crate::marks::{Mark, Marks};
use crate::record::{
    Variant, aliases, braced, conditions, has_conditions, is_of_keys, is_wincode, label, member,
    mentions, name_inside, named, named_self, refuse_conditions, refuse_hidden, refuse_wincode,
    refuse_wincode_of_field, serde_metas, variants, without_serde,
};
use crate::unused;

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
        Ok(mut view) => {
            let expanded = view.expand(&item);
            if let Some(error) = view.errors {
                args::report(&mut errors, error);
            }
            expanded
        }
        Err(error) => {
            args::report(&mut errors, error);
            TokenStream::new()
        }
    };
    let item = without_serde(&item);
    if let Some(errors) = errors.map(Error::into_compile_error) {
        quote!(#item #errors)
    } else {
        quote!(#item #expanded)
    }
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
    errors: Option<Error>,
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
        Ok(Self { args, record, marks, ident, lifetime, borrows, errors: None })
    }

    fn expand(&mut self, item: &Item) -> TokenStream {
        let arguments = self.borrows.then(|| {
            let lifetime = &self.lifetime;
            quote!(<#lifetime>)
        });
        let this = self.ident;
        let item = &named_self(item, &quote!(#this #arguments));
        let is_enum = matches!(item, Item::Enum(_));
        let variants: Vec<_> = variants(item);
        let has_borrowed = variants.iter().enumerate().any(|(index, variant)| {
            let marked = variant.fields.iter().zip(self.marks.of_variant(index));
            marked
                .into_iter()
                .any(|(field, mark)| *mark != Mark::Frame && self.is_borrowed(&field.ty))
        });
        // All fields that use the lifetime may be compiled out.
        let lifetime_may_be_unused = has_borrowed && has_conditions(item) && !is_wincode(self.args);
        let mut before = TokenStream::new();
        let mut expanded = Vec::new();
        for (index, variant) in variants.iter().enumerate() {
            expanded.push(self.variant(index, variant, &before, is_enum, lifetime_may_be_unused));
            let conditions = conditions(variant.attributes);
            before.extend(quote!(#conditions (),));
        }
        let attributes = self.attributes(item);
        let Self { args, record, ident, lifetime, .. } = &*self;
        let krate = &args.krate;
        let generics = has_borrowed.then(|| quote!(<#lifetime>));
        let of_static = has_borrowed.then(|| quote!(<'static>));
        let definitions = expanded.iter().map(|variant| &variant.definition);
        let others = if is_enum {
            let lifetime = lifetime_may_be_unused.then(|| unused::variant(lifetime));
            quote!(enum __Fields #generics { #(#definitions,)* #lifetime })
        } else {
            quote!(struct __Fields #generics #(#definitions)*)
        };
        let joins = expanded.iter().map(|variant| &variant.join);
        let checks = expanded.iter().map(|variant| &variant.checks);
        // All uses begin and end at the record: the compiler then reports a mistake once.
        let of_shape = |name: &str| {
            let there = record.span();
            let shape = located(quote!(#krate::__private::Shape), there);
            let name = Ident::new(name, there);
            quote_spanned!(there=> <#record as #shape>::#name)
        };
        let (shape, codec, record_of_shape) =
            (of_shape("VARIANTS"), of_shape("Codec"), of_shape("Record"));
        let there = record.span();
        let decode = located(quote!(#krate::Decode<'static, __Fields #of_static>), there);
        let by_name = quote_spanned!(there=> <#codec as #decode>::BY_NAME);
        let read = if has_borrowed { quote!(borrowed_fields) } else { quote!(owned_fields) };
        let reader = located(quote!(#krate::__private::RecordReader::#read), there);
        let read_fields = quote_spanned! {there=>
            #reader::<#codec, __Fields #generics>(&__ps_serialize_frames)?
        };
        let aliases = aliases(args);
        let conditions = conditions(match item {
            Item::Struct(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            _ => &[],
        });
        quote! {
            #conditions
            #[allow(deprecated, non_camel_case_types, unreachable_patterns, clippy::all, clippy::pedantic)]
            const _: () = {
                #aliases
                #attributes
                #others

                const __BY_NAME: ::core::primitive::bool = #by_name;
                const __RECORD: &[#krate::__private::Variant] = #shape;
                #(#checks)*

                #[automatically_derived]
                impl<#lifetime> #krate::Deserializable<#lifetime> for #ident #arguments {
                    type Serializer = #record_of_shape;
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

    fn attributes(&mut self, item: &Item) -> TokenStream {
        let krate = &self.args.krate;
        let attributes = match item {
            Item::Struct(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            _ => return TokenStream::new(),
        };
        if is_wincode(self.args) {
            refuse_wincode(attributes, &mut self.errors);
            return quote! {
                #[::core::prelude::v1::derive(#krate::wincode::SchemaRead)]
                #[wincode(crate = "__ps_serialize_wincode")]
            };
        }
        let mut metas = serde_metas(attributes, &mut self.errors);
        metas.retain(|meta| !meta.path().is_ident("crate"));
        quote! {
            #[::core::prelude::v1::derive(#krate::__private::serde_derive::Deserialize)]
            #[serde(crate = "__ps_serialize_serde", #(#metas),*)]
        }
    }

    /// The attributes of a variant in the type of the other fields.
    fn variant_attributes(&mut self, attributes: &[Attribute]) -> TokenStream {
        refuse_hidden(attributes, Mark::None, self.args, &mut self.errors);
        if is_wincode(self.args) {
            refuse_wincode(attributes, &mut self.errors);
            return TokenStream::new();
        }
        let metas = serde_metas(attributes, &mut self.errors);
        if metas.is_empty() { TokenStream::new() } else { quote!(#[serde(#(#metas),*)]) }
    }

    /// `before` has a unit for each variant before this one.
    fn variant(
        &mut self,
        index: usize,
        variant: &Variant<'_>,
        before_variant: &TokenStream,
        is_enum: bool,
        lifetime_may_be_unused: bool,
    ) -> Expanded {
        let krate = &self.args.krate;
        let record = self.record;
        let Variant { path, fields_path, attributes, name, fields } = variant;
        let marks = self.marks.of_variant(index);
        // The variant in the consts of the record, which has those of this build alone.
        let of_record =
            quote!(#krate::__private::variant(__RECORD, <[()]>::len(&[#before_variant])));
        let of_variant = conditions(attributes);
        if is_wincode(self.args) {
            refuse_conditions(variant, marks, &mut self.errors);
        }
        let mut parts = Parts::default();
        for position in 0..fields.len() {
            self.field(&mut parts, index, variant, position, &of_record);
        }
        let Parts { mut definition, mut others, joined, shape, mut checks, .. } = parts;
        if !is_enum && lifetime_may_be_unused {
            definition.extend(unused::field(&self.lifetime));
            others.extend(quote!(..));
        }
        let conditions = of_variant;
        if let Some(name) = name {
            let text = LitStr::new(&name.unraw().to_string(), name.span());
            let check = quote!(#krate::__private::check_variant(__RECORD, #of_record, #text));
            let check = located(check, name.span());
            checks.extend(quote! {
                #conditions const _: () = #check;
                #conditions const _: () = {
                    #[allow(dead_code)]
                    fn check(__ps_serialize_record: &#record) {
                        match __ps_serialize_record { #record::#name { .. } => {} _ => {} }
                    }
                };
            });
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
        let attributes = is_enum.then(|| self.variant_attributes(attributes));
        Expanded {
            definition: {
                let fields = braced(variant, &definition);
                quote!(#conditions #attributes #name #fields)
            },
            join: quote!(#conditions #fields_path { #others } => #path { #joined },),
            checks,
        }
    }

    /// `of_record` is the variant of the record.
    fn field(
        &mut self,
        parts: &mut Parts,
        index: usize,
        variant: &Variant<'_>,
        position: usize,
        of_record: &TokenStream,
    ) {
        let krate = &self.args.krate;
        let record = self.record;
        let Variant { attributes, name, fields, .. } = variant;
        let mark = self.marks.of_variant(index)[position];
        let of_variant = conditions(attributes);
        let Some(field) = fields.iter().nth(position) else { return };
        refuse_hidden(&field.attrs, mark, self.args, &mut self.errors);
        let conditions = conditions(&field.attrs);
        let all_conditions = quote!(#of_variant #conditions);
        let (ty, there) = (&field.ty, field.ty.span());
        let value = format_ident!("__ps_serialize_{position}");
        let label = label(field, position);
        let member = member(field, position);
        let other = name_inside(field, position);
        let at = field.ident.as_ref().map_or(there, Ident::span);
        let tokens = mark.tokens();
        parts.shape.extend(quote!(#conditions (#label, #krate::__private::Mark::#tokens),));
        let check = quote!(#krate::__private::check_mark(#of_record, #label, #krate::__private::Mark::#tokens));
        let check = located(check, at);
        parts.checks.extend(quote!(#all_conditions const _: () = #check;));
        // The field of the record, as the compiler finds it.
        let found = if let Some(name) = name {
            quote!(match __ps_serialize_record { #record::#name { #member: __ps_serialize_field, .. } => __ps_serialize_field, _ => ::core::unreachable!() })
        } else {
            quote!(&__ps_serialize_record.#member)
        };
        let frames_before = format_ident!("__BEFORE_{index}_{position}");
        let of_record_field = quote!(#krate::__private::OfRecord::<{
            #krate::__private::has(#of_record, #label, #krate::__private::Mark::#tokens)
        }>);
        if mark != Mark::None {
            let before = &parts.before;
            let check = quote!(#krate::__private::frames_between(#of_record, &[#before], #label));
            let check = located(check, at);
            parts.checks.extend(
                quote!(#all_conditions const #frames_before: ::core::primitive::u64 = #check;),
            );
        }
        match mark {
            Mark::None => {
                let attributes = self.field_attributes(field, position);
                parts.definition.extend(quote!(#conditions #attributes #other: #ty,));
                parts.others.extend(quote!(#conditions #other: #value,));
                parts.joined.extend(quote!(#conditions #member: #value,));
                parts.checks.extend(self.check_type(&all_conditions, ty, &found, &of_record_field));
            }
            Mark::Frame => {
                let frame = quote_spanned!(there=> frame::<#ty, #record, _>);
                parts.joined.extend(quote! {
                    #conditions #member: #of_record_field::#frame(
                        &mut __ps_serialize_frames,
                        #frames_before,
                        #label,
                        |__ps_serialize_record| #found,
                    )?,
                });
                parts.before.extend(quote!(#conditions #label,));
            }
            Mark::Frames => {
                let frames = quote_spanned!(there=> frames::<#ty, #record, _>);
                let this = quote_spanned!(there=> <#ty as #krate::__private::Frames>);
                let attributes = self.key_attributes(field, position);
                parts.definition.extend(quote!(#conditions #attributes #other: #this::Keys,));
                parts.others.extend(quote!(#conditions #other: #value,));
                parts.joined.extend(quote! {
                    #conditions #member: #of_record_field::#frames(
                        &mut __ps_serialize_frames,
                        #frames_before,
                        #label,
                        #value,
                        |__ps_serialize_record| #found,
                    )?,
                });
                parts.before.extend(quote!(#conditions #label,));
            }
        }
    }

    /// Compares the type of a field with that of the record, where the compiler can tell.
    fn check_type(
        &self,
        conditions: &TokenStream,
        ty: &Type,
        found: &TokenStream,
        of_record: &TokenStream,
    ) -> TokenStream {
        let krate = &self.args.krate;
        let (record, lifetime) = (self.record, &self.lifetime);
        let check = match ty {
            Type::Reference(reference) => {
                let inner = &reference.elem;
                quote_spanned!(ty.span()=> let _: &#inner = #of_record::borrowed(#found);)
            }
            _ if self.is_borrowed(ty) => quote!(let _ = #found;),
            _ => quote_spanned! {ty.span()=>
                let __ps_serialize_found = #of_record::typed(#found);
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

    fn field_attributes(&mut self, field: &Field, position: usize) -> TokenStream {
        if is_wincode(self.args) {
            refuse_wincode_of_field(field, &mut self.errors);
            return TokenStream::new();
        }
        let mut metas = serde_metas(&field.attrs, &mut self.errors);
        if self.is_borrowed(&field.ty) && !metas.iter().any(|meta| meta.path().is_ident("borrow")) {
            metas.push(parse_quote!(borrow));
        }
        named(field, position, metas)
    }

    fn key_attributes(&mut self, field: &Field, position: usize) -> TokenStream {
        if is_wincode(self.args) {
            return TokenStream::new();
        }
        let mut metas = serde_metas(&field.attrs, &mut self.errors);
        metas.retain(is_of_keys);
        named(field, position, metas)
    }

    fn is_borrowed(&self, ty: &Type) -> bool {
        let name = self.lifetime.ident.to_string();
        self.borrows && mentions(&ty.to_token_stream(), &name)
    }
}

/// The tokens of a variant's fields.
#[derive(Default)]
struct Parts {
    /// The other fields, with their types.
    definition: TokenStream,
    /// The other fields, each bound to a name.
    others: TokenStream,
    /// The fields of the view, with what was read.
    joined: TokenStream,
    /// The names and the marks.
    shape: TokenStream,
    /// The checks that compare the view with the record.
    checks: TokenStream,
    /// The names of the marked fields so far.
    before: TokenStream,
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
