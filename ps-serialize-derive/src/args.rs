use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::{End, ParseStream, Parser};
use syn::{
    Error, Ident, Lit, LitByteStr, LitInt, LitStr, Path, Result, Token, ext::IdentExt, parse_quote,
};

use crate::class;
use crate::identifier;

/// The arguments of `#[serializer(…)]`:
///
/// ```text
/// id = b"05"      the identifier
/// view = Record   instead of the identifier: the type reads frames of that record
/// python = "m.C"  instead of the identifier: the frames are pickles of that Python class; "m:C.D" is one inside of another
/// positional      only beside `python`: values without names are read in the order of the fields
/// codec = path    a type that implements `Encode` and `Decode` for the annotated type
/// dyn = Trait     a trait whose objects are made of the values; any number of times
/// dyn             alone, on a trait: its trait objects can be fields of records
/// name = "…"      what errors and listings call the serializer
/// align = 64      alignment of the payload in bytes; `impl` blocks only
/// crate = path    where the library is, when not at `::ps_serialize`
/// ```
pub(crate) struct Args {
    /// `None` only together with an error, and for a view.
    pub(crate) id: Option<LitByteStr>,
    /// The record that a view reads.
    pub(crate) view: Option<Path>,
    /// The Python class, by its module and its name.
    pub(crate) python: Option<LitStr>,
    /// The option `positional`, which says that the fields stand in the order of those of the class.
    pub(crate) positional: Option<Span>,
    pub(crate) codec: Option<Path>,
    /// The traits whose objects are made of the values.
    pub(crate) objects: Vec<Path>,
    /// The bare `dyn` of a trait.
    pub(crate) is_of_trait: Option<Span>,
    pub(crate) name: Option<LitStr>,
    pub(crate) align: Option<LitInt>,
    pub(crate) krate: Path,
}

/// Every mistake in the arguments is reported; what could be read comes back beside it.
pub(crate) fn parse(tokens: TokenStream) -> (Args, Option<Error>) {
    let mut args = Args {
        id: None,
        view: None,
        python: None,
        positional: None,
        codec: None,
        objects: Vec::new(),
        is_of_trait: None,
        name: None,
        align: None,
        krate: parse_quote!(::ps_serialize),
    };
    let mut errors = None;
    let mut seen = Vec::new();
    let read = |input: ParseStream| {
        if input.peek(Lit) {
            let literal: Lit = input.parse()?;
            return Err(Error::new(literal.span(), "an option has a name: write `id = b\"05\"`"));
        }
        while !input.is_empty() {
            let option = input.call(Ident::parse_any)?;
            if option == "frame" || option == "frames" {
                return Err(Error::new(
                    option.span(),
                    format!(
                        "`{option}` goes on a field of a struct or an enum that has `#[serializer(id = b\"…\")]` itself"
                    ),
                ));
            }
            if seen.contains(&option) && option != "dyn" {
                report(
                    &mut errors,
                    Error::new(
                        option.span(),
                        format!("option `{option}` is given twice: remove one"),
                    ),
                );
            }
            let stands_alone = input.is_empty() || input.peek(Token![,]);
            if stands_alone && (option == "dyn" || option == "positional") {
                let there = Some(option.span());
                if option == "dyn" {
                    args.is_of_trait = there;
                } else {
                    args.positional = there;
                }
                seen.push(option);
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
                continue;
            }
            if !input.peek(Token![=]) || input.peek2(End) {
                return Err(Error::new(option.span(), format!("write `{option} = …`")));
            }
            input.parse::<Token![=]>()?;
            let read = read_value(&mut args, &option, input);
            seen.push(option);
            if let Err(error) = read {
                report(&mut errors, error);
                skip_value(input)?;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    if let Err(error) = read.parse2(tokens) {
        report(&mut errors, error);
    }
    check_together(&args, &seen, &mut errors);
    (args, errors)
}

/// Checks that the options go together.
fn check_together(args: &Args, seen: &[Ident], errors: &mut Option<Error>) {
    if args.is_of_trait.is_some() {
        if let Some(other) = args.objects.first() {
            let problem = "a trait claims no other trait: remove this, and name each trait in the annotations of the types";
            report(errors, Error::new_spanned(other, problem));
        }
        let is_other = |option: &&Ident| *option != "dyn" && *option != "crate";
        if let Some(other) = seen.iter().find(is_other) {
            let problem = format!(
                "`dyn` alone is for a trait, which has no `{other}`: remove `{other}`, or name the trait as in `dyn = Shape`"
            );
            report(errors, Error::new(other.span(), problem));
        }
        return;
    }
    if args.view.is_some() {
        let only = ["view", "codec", "crate"];
        if let Some(other) = seen.iter().find(|option| !only.iter().any(|only| *option == only)) {
            let problem =
                format!("a view has the identifier and the name of its record: remove `{other}`");
            report(errors, Error::new(other.span(), problem));
        }
        return;
    }
    if let Some((other, problem)) = class::conflict(seen) {
        report(errors, Error::new(other.span(), problem));
    }
    if !seen.iter().any(|option| option == "id" || option == "python") && errors.is_none() {
        report(
            errors,
            Error::new(
                Span::call_site(),
                "the identifier is missing: write `#[serializer(id = b\"05\")]`, with 1 to 32 bytes of your choice",
            ),
        );
    }
}

pub(crate) fn report(errors: &mut Option<Error>, error: Error) {
    match errors {
        Some(errors) => errors.combine(error),
        None => *errors = Some(error),
    }
}

fn read_value(args: &mut Args, option: &Ident, input: ParseStream) -> Result<()> {
    if option == "id" {
        let literal = byte_string(input)?;
        identifier::check(&literal)?;
        args.id = Some(literal);
    } else if option == "view" {
        args.view =
            Some(expect(input, "the record that the type is a view of, as in `view = Sample`")?);
    } else if option == "python" {
        let literal: LitStr = expect(input, class::EXPECTED)?;
        class::check_path(&literal)?;
        args.python = Some(literal);
    } else if option == "positional" {
        return Err(Error::new(
            option.span(),
            "`positional` has no value: write `positional` alone",
        ));
    } else if option == "codec" {
        args.codec = Some(expect(
            input,
            "the path of a type that implements `Encode` and `Decode`, as in `codec = ps_serialize::Bincode`",
        )?);
    } else if option == "dyn" {
        let path: Path = expect(input, "the path of a trait, as in `dyn = Shape`")?;
        let text = path.to_token_stream().to_string();
        if args.objects.iter().any(|other| other.to_token_stream().to_string() == text) {
            return Err(Error::new_spanned(path, "the trait is given twice: remove one"));
        }
        args.objects.push(path);
    } else if option == "name" {
        args.name = Some(expect(input, "a string, as in `name = \"particle\"`")?);
    } else if option == "align" {
        let literal: LitInt = expect(input, "a power of two up to 64, as in `align = 64`")?;
        let align = literal.base10_parse::<u8>().unwrap_or(0);
        if !align.is_power_of_two() || align > 64 {
            return Err(Error::new(
                literal.span(),
                "the alignment is in bytes: write a power of two up to 64",
            ));
        }
        args.align = Some(literal);
    } else if option == "crate" {
        args.krate =
            expect(input, "the path of the library, as in `crate = my_crate::ps_serialize`")?;
    } else {
        return Err(Error::new(
            option.span(),
            format!(
                "there is no option `{option}`: the options are `id`, `view`, `python`, `positional`, `codec`, `dyn`, `name`, `align` and `crate`"
            ),
        ));
    }
    Ok(())
}

fn byte_string(input: ParseStream) -> Result<LitByteStr> {
    let wrong = "an identifier is a byte string, as in `id = b\"05\"`";
    let literal: Lit = expect(input, &wrong["an identifier is ".len()..])?;
    match literal {
        Lit::ByteStr(literal) => Ok(literal),
        Lit::Str(text) => {
            let bytes = text.value().into_bytes();
            Err(Error::new(
                text.span(),
                format!(
                    "an identifier is a byte string: write `id = b\"{}\"`",
                    bytes.escape_ascii()
                ),
            ))
        }
        other => Err(Error::new(other.span(), wrong)),
    }
}

/// Parses a `T`, without moving on where there is none, and says what belongs there.
fn expect<T: syn::parse::Parse>(input: ParseStream, what: &str) -> Result<T> {
    let ahead = input.fork();
    match ahead.parse::<T>() {
        Ok(_) => input.parse(),
        Err(error) => Err(Error::new(error.span(), format!("expected {what}"))),
    }
}

/// Moves to the next comma, so that one wrong value does not hide the next option.
fn skip_value(input: ParseStream) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}
