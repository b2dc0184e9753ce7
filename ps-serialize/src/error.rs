use std::{fmt, io};

use crate::identifier::Identifier;
use crate::registry::Entry;

/// The result of every call of this library that can fail.
///
/// ```
/// fn greeting(frame: &[u8]) -> ps_serialize::Result<String> {
///     ps_serialize::deserialize(frame)
/// }
/// assert!(greeting(b"US\nhello").is_ok());
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a value could not be written or read. An error is as small as a pointer.
///
/// `{}` says what was found, what was expected and what to do. It leaves out the cause, which is the error's
/// [`source`](std::error::Error::source). `{:#}` adds the causes on the same line: `message: cause: its cause`. `{:?}`, which `unwrap`
/// and `main` print, has a line for each cause.
///
/// ```
/// use ps_serialize::{ErrorKind, deserialize, deserialize_any};
///
/// let error = deserialize::<String>(b"US\n\xff").unwrap_err();
/// assert_eq!(error.to_string(), "the serializer `text` (`US`) could not read the payload");
/// assert!(format!("{error:#}").starts_with("the serializer `text` (`US`) could not read the payload: "));
///
/// let error = deserialize_any(b"??\n").unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::UnknownIdentifier { identifier, .. } if *identifier == *b"??"));
/// assert!(error.to_string().starts_with("no serializer is registered for `??`"));
/// ```
pub struct Error(Box<ErrorKind>);

type Source = Box<dyn std::error::Error + Send + Sync>;

impl Error {
    /// An error of a serializer of yours, from any error or from a text.
    ///
    /// ```
    /// let parsed: Result<u8, _> = "300".parse::<u8>().map_err(ps_serialize::Error::custom);
    /// assert!(parsed.is_err());
    /// assert_eq!(ps_serialize::Error::custom("no pixels").to_string(), "no pixels");
    /// ```
    pub fn custom(error: impl Into<Source>) -> Self {
        ErrorKind::Custom(error.into()).into()
    }

    /// The kind of the error, with its details.
    ///
    /// ```
    /// # use ps_serialize::{ErrorKind, deserialize};
    /// let error = deserialize::<String>(b"BS\n").unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::WrongIdentifier { .. }));
    /// ```
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// The kind of the error by value, with its details.
    ///
    /// ```
    /// # use ps_serialize::{Error, ErrorKind};
    /// let ErrorKind::Custom(cause) = Error::custom("no pixels").into_kind() else { panic!() };
    /// assert_eq!(cause.to_string(), "no pixels");
    /// ```
    #[must_use]
    pub fn into_kind(self) -> ErrorKind {
        *self.0
    }

    /// Whether the error refuses something that the caller does not allow, or that the program has twice. Such an error keeps its
    /// kind wherever it is found.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            *self.0,
            ErrorKind::LimitExceeded { .. }
                | ErrorKind::NotAllowed { .. }
                | ErrorKind::IdentifierCollision { .. }
                | ErrorKind::TypeCollision { .. }
        )
    }

    /// The error of a serializer that could not read a payload. A refusal keeps its kind.
    #[cold]
    pub(crate) fn in_reading(self, identifier: Identifier, serializer: &'static str) -> Self {
        self.unless_refusal(|source| ErrorKind::Deserialize { identifier, serializer, source })
    }

    /// The error of a serializer that could not write a value. A refusal keeps its kind.
    #[cold]
    pub(crate) fn in_writing(self, identifier: Identifier, serializer: &'static str) -> Self {
        self.unless_refusal(|source| ErrorKind::Serialize { identifier, serializer, source })
    }

    /// The kind of error with this error as its cause, unless this one is a refusal.
    fn unless_refusal(self, with_cause: impl FnOnce(Source) -> ErrorKind) -> Self {
        if self.is_refusal() { self } else { with_cause(self.into_source()).into() }
    }

    /// The cause to keep in another error. A custom error loses its wrapping.
    fn into_source(self) -> Source {
        match *self.0 {
            ErrorKind::Custom(source) => source,
            kind => Box::new(Self::from(kind)),
        }
    }
}

/// The kinds of errors of this library, with their details.
///
/// ```
/// use ps_serialize::{ErrorKind, Options};
///
/// let error = Options::new().size_limit(4).deserialize::<String>(b"US\nhello").unwrap_err();
/// match error.kind() {
///     ErrorKind::LimitExceeded { limit, found, .. } => assert_eq!((*limit, *found), (4, 8)),
///     other => panic!("{other:?}"),
/// }
/// ```
#[non_exhaustive]
#[derive(Debug)]
pub enum ErrorKind {
    /// The bytes in the place of an identifier are invalid.
    #[non_exhaustive]
    InvalidIdentifier {
        /// The bytes, at most the first 64.
        found: Vec<u8>,
        /// The rule that the bytes break.
        problem: &'static str,
    },
    /// The first 64 bytes of a frame have no newline, and more follow.
    #[non_exhaustive]
    NoIdentifierLine {
        /// The first 64 bytes of the frame.
        found: Vec<u8>,
    },
    /// The registry has no serializer for this identifier.
    #[non_exhaustive]
    UnknownIdentifier {
        /// The identifier in the frame.
        identifier: Identifier,
        /// The meaning of the identifier if it is known, and the advice on what to do.
        advice: String,
    },
    /// A frame holds another kind of value than the one asked for.
    #[non_exhaustive]
    WrongIdentifier {
        /// The identifier of the serializer that was asked for.
        expected: Identifier,
        /// The name of the serializer that was asked for.
        expected_name: &'static str,
        /// The identifier in the frame.
        found: Identifier,
        /// The meaning of the identifier in the frame.
        found_name: &'static str,
        /// The advice on what to do.
        advice: String,
    },
    /// The registry has no serializer for the type of this value.
    #[non_exhaustive]
    UnregisteredType {
        /// The identity of the type.
        type_id: std::any::TypeId,
        /// The name of the type. It is `None` if the value came as a `dyn Any`, which has no name.
        type_name: Option<&'static str>,
        /// The advice on what to do, with the types that are registered.
        advice: String,
    },
    /// The type in the frame, or of the value, does not claim the trait that was asked for.
    #[non_exhaustive]
    NoTraitObject {
        /// The identifier of the serializer.
        identifier: Identifier,
        /// The name of the serializer.
        name: &'static str,
        /// The type of the trait object.
        trait_object: &'static str,
        /// The advice on how to claim the trait, with the types that claim it.
        advice: String,
    },
    /// The identifier of a frame is not on the caller's allow-list. The error keeps this kind if the frame is inside of another one.
    #[non_exhaustive]
    NotAllowed {
        /// The identifier in the frame.
        identifier: Identifier,
        /// The identifiers that the caller allows.
        allowed: Vec<Identifier>,
    },
    /// Something is larger than the caller or this library allows. Every exceeded limit has this kind: no other kind
    /// wraps it.
    #[non_exhaustive]
    LimitExceeded {
        /// The name of the thing that is too large.
        what: &'static str,
        /// The largest size that is allowed.
        limit: u64,
        /// The size that was found; the real size may be larger.
        found: u64,
    },
    /// Two serializers claim one identifier, or two types one Python class.
    #[non_exhaustive]
    IdentifierCollision {
        /// The identifier that both claim; `PK` for Python classes.
        identifier: Identifier,
        /// The first of the two serializers.
        first: &'static Entry,
        /// The second of the two serializers.
        second: &'static Entry,
    },
    /// Two serializers are registered for one Rust type.
    #[non_exhaustive]
    TypeCollision {
        /// The name of the type.
        type_name: &'static str,
        /// The first of the two serializers.
        first: &'static Entry,
        /// The second of the two serializers.
        second: &'static Entry,
    },
    /// A serializer could not write a value.
    #[non_exhaustive]
    Serialize {
        /// The identifier of the serializer.
        identifier: Identifier,
        /// The name of the serializer.
        serializer: &'static str,
        /// The error that the serializer returned.
        source: Source,
    },
    /// A serializer could not read a payload.
    #[non_exhaustive]
    Deserialize {
        /// The identifier of the serializer.
        identifier: Identifier,
        /// The name of the serializer.
        serializer: &'static str,
        /// The error that the serializer returned.
        source: Source,
    },
    /// A reader or a writer failed.
    Io(io::Error),
    /// An error that a serializer made by [`Error::custom`].
    Custom(Source),
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        ErrorKind::Io(error).into()
    }
}

/// Converts an error, for functions that return an [`io::Result`]. The error of a reader or a writer comes back unchanged. Any
/// other error becomes the cause of the new one, where [`io::Error::get_ref`] and [`io::Error::downcast`] find it:
///
/// | [`ErrorKind`] | [`io::ErrorKind`] |
/// |---|---|
/// | `InvalidIdentifier`, `NoIdentifierLine`, `UnknownIdentifier`, `WrongIdentifier`, `NoTraitObject`, `Deserialize` | `InvalidData` |
/// | `UnregisteredType`, `TypeCollision`, `Serialize` | `InvalidInput` |
/// | `LimitExceeded` | `QuotaExceeded` |
/// | `NotAllowed` | `PermissionDenied` |
/// | `IdentifierCollision`, `Custom` | `Other` |
///
/// ```
/// use std::io;
///
/// fn receive(mut stream: impl io::Read) -> io::Result<String> {
///     let frame = ps_serialize::read_frame(&mut stream, None)?;
///     Ok(ps_serialize::deserialize(&frame)?)
/// }
///
/// assert_eq!(receive(&b"US\nhello"[..])?, "hello");
/// let error = receive(&b"BS\nhello"[..]).unwrap_err();
/// assert_eq!(error.kind(), io::ErrorKind::InvalidData);
/// let error = error.downcast::<ps_serialize::Error>()?;
/// assert!(matches!(error.kind(), ps_serialize::ErrorKind::WrongIdentifier { .. }));
/// # Ok::<_, io::Error>(())
/// ```
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match *error.0 {
            ErrorKind::Io(error) => return error,
            ErrorKind::InvalidIdentifier { .. }
            | ErrorKind::NoIdentifierLine { .. }
            | ErrorKind::UnknownIdentifier { .. }
            | ErrorKind::WrongIdentifier { .. }
            | ErrorKind::NoTraitObject { .. }
            | ErrorKind::Deserialize { .. } => io::ErrorKind::InvalidData,
            ErrorKind::UnregisteredType { .. }
            | ErrorKind::TypeCollision { .. }
            | ErrorKind::Serialize { .. } => io::ErrorKind::InvalidInput,
            ErrorKind::LimitExceeded { .. } => io::ErrorKind::QuotaExceeded,
            ErrorKind::NotAllowed { .. } => io::ErrorKind::PermissionDenied,
            ErrorKind::IdentifierCollision { .. } | ErrorKind::Custom(_) => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

/// The hint in errors of payloads that have no names to tell one type from another.
pub(crate) const CHANGED: &str =
    "; if the type has changed since this frame was written, it needs another identifier";

/// Checks that a payload without names ends after its value.
#[cfg(any(feature = "bincode", feature = "wincode"))]
#[inline]
pub(crate) fn nothing_left_after_value(bytes: usize) -> Result<()> {
    #[cold]
    fn left_over(bytes: usize) -> Error {
        Error::custom(format!(
            "{bytes} bytes are left over after the value: expected the end of the payload"
        ))
    }
    if bytes == 0 { Ok(()) } else { Err(left_over(bytes)) }
}

/// The error of a payload without names that ends too early.
#[cfg(any(feature = "bincode", feature = "wincode"))]
#[cold]
#[inline(never)]
pub(crate) fn ended_inside() -> Error {
    Error::custom("the payload ends inside of the value")
}

/// Adds the hint to an error of a payload without names. A refusal has another reason.
#[cfg(any(feature = "bincode", feature = "wincode"))]
#[cold]
#[inline(never)]
pub(crate) fn changed(error: Error) -> Error {
    if error.is_refusal() { error } else { Error::custom(Changed(error)) }
}

/// An error with the hint.
#[cfg(any(feature = "bincode", feature = "wincode"))]
#[derive(Debug)]
struct Changed(Error);

#[cfg(any(feature = "bincode", feature = "wincode"))]
impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{CHANGED}", self.0)
    }
}

#[cfg(any(feature = "bincode", feature = "wincode"))]
impl std::error::Error for Changed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// Checks that a payload ends after what was read.
#[cfg(any(feature = "lz4", feature = "messagepack", feature = "pickle", feature = "zstd"))]
#[inline]
pub(crate) fn nothing_left(bytes: usize, after: &str) -> Result<()> {
    #[cold]
    fn left_over(bytes: usize, after: &str) -> Error {
        Error::custom(format!(
            "{bytes} bytes are left over after the {after}: expected the end of the payload"
        ))
    }
    if bytes == 0 { Ok(()) } else { Err(left_over(bytes, after)) }
}

#[cfg(any(
    feature = "bincode",
    feature = "messagepack",
    feature = "pickle",
    feature = "safetensors"
))]
impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::custom(message.to_string())
    }
}

#[cfg(any(
    feature = "bincode",
    feature = "messagepack",
    feature = "pickle",
    feature = "safetensors"
))]
impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        #[cfg(feature = "messagepack")]
        if unsaid::is_wanted() {
            return Self::custom(unsaid::Unsaid);
        }
        Self::custom(message.to_string())
    }
}

#[cfg(feature = "messagepack")]
pub(crate) mod unsaid {
    //! Errors without a text. When serde reads an `untagged` enum, it makes an error for each variant that does not fit. It
    //! would spend most of its time on their texts.

    use std::cell::Cell;
    use std::fmt;

    thread_local! {
        static WANTED: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn is_wanted() -> bool {
        WANTED.get()
    }

    /// Calls a function in which serde's errors get no text.
    pub(crate) fn without_texts<R>(read: impl FnOnce() -> R) -> R {
        struct Before(bool);

        impl Drop for Before {
            fn drop(&mut self) {
                WANTED.set(self.0);
            }
        }

        let _before = Before(WANTED.replace(true));
        read()
    }

    #[derive(Debug)]
    pub(super) struct Unsaid;

    impl fmt::Display for Unsaid {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the type does not take this value")
        }
    }

    impl std::error::Error for Unsaid {}
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            ErrorKind::Serialize { source, .. } | ErrorKind::Deserialize { source, .. } => {
                Some(&**source)
            }
            // The texts of both are shown as this error's own.
            ErrorKind::Custom(error) => error.source(),
            ErrorKind::Io(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}

impl Error {
    fn causes(&self) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
        std::iter::successors(std::error::Error::source(self), |cause| cause.source())
    }
}

/// Prints the message and its causes, one line each.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        self.causes().try_for_each(|cause| write!(f, "\n  caused by: {cause}"))
    }
}

/// Prints the message; by `{:#}`, its causes too.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_message(f)?;
        if f.alternate() {
            self.causes().try_for_each(|cause| write!(f, ": {cause}"))?;
        }
        Ok(())
    }
}

impl ErrorKind {
    fn fmt_message(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::InvalidIdentifier { found, .. } if found.is_empty() => {
                write!(f, "there is no identifier: a frame begins with an identifier and a newline")
            }
            ErrorKind::InvalidIdentifier { found, problem } => {
                write!(f, "`{}` is no identifier: {problem}", found.escape_ascii())
            }
            ErrorKind::NoIdentifierLine { found } => write!(
                f,
                "not a frame: its first {} bytes have no newline to end an identifier; they are `{}`",
                found.len(),
                found.escape_ascii()
            ),
            ErrorKind::UnknownIdentifier { identifier, advice } => {
                write!(f, "no serializer is registered for `{identifier}`{advice}")
            }
            ErrorKind::WrongIdentifier { expected, expected_name, found, found_name, advice } => {
                write!(
                    f,
                    "the frame holds `{found}` ({found_name}), not `{expected}` ({expected_name}) as asked for{advice}"
                )
            }
            ErrorKind::NoTraitObject { identifier, name, trait_object, advice } => {
                write!(f, "`{name}` (`{identifier}`) does not claim `{trait_object}`: {advice}")
            }
            ErrorKind::UnregisteredType { type_name, advice, .. } => {
                write!(f, "no serializer is registered for ")?;
                match type_name {
                    Some(type_name) => write!(f, "the type `{type_name}`")?,
                    None => {
                        write!(f, "the type of this value, which the `dyn Any` does not name")?;
                    }
                }
                write!(f, ": {advice}")
            }
            ErrorKind::NotAllowed { identifier, allowed } => {
                write!(f, "the frame holds `{identifier}`, which is not allowed here; allowed: ")?;
                write_list(f, allowed.iter(), |identifier| format!("`{identifier}`"))
            }
            ErrorKind::LimitExceeded { what, limit, found } => {
                write!(f, "{what}: the limit is {limit}, and this is {found} or more")
            }
            ErrorKind::IdentifierCollision { identifier, first, second } => {
                match first.python_class() {
                    Some(class) => write!(f, "two types claim the Python class `{class}`")?,
                    None => write!(f, "two serializers claim the identifier `{identifier}`")?,
                }
                write!(f, ": {first} and {second}; ")?;
                let (one, other) = (first.origin(), second.origin());
                if one == other {
                    write!(
                        f,
                        "it is one line of code, compiled twice: one file that is a module of two crates (`mod` in both main.rs and lib.rs), or one crate from two sources"
                    )
                } else if one.package() == other.package() && one.version() != other.version() {
                    write!(
                        f,
                        "these are two versions of one crate: make all that depends on it use the same (`cargo tree --duplicates` shows what does)"
                    )
                } else {
                    let claimed = match first.python_class() {
                        Some(_) => "class",
                        None => "identifier",
                    };
                    write!(f, "give one of them another {claimed}")
                }
            }
            ErrorKind::TypeCollision { type_name, first, second } => {
                write!(
                    f,
                    "two serializers are registered for the type `{type_name}`: {first} and {second}; name the one you mean with `serialize_with`"
                )?;
                match (first.python_class(), second.python_class()) {
                    (Some(one), Some(other)) => write!(
                        f,
                        "; inside of other values, nothing says whether `{one}` or `{other}` is meant: put the value into a struct of one field and annotate that struct"
                    ),
                    _ => Ok(()),
                }
            }
            ErrorKind::Serialize { identifier, serializer, .. } => {
                write!(
                    f,
                    "the serializer `{serializer}` (`{identifier}`) could not write the value"
                )
            }
            ErrorKind::Deserialize { identifier, serializer, .. } => {
                write!(
                    f,
                    "the serializer `{serializer}` (`{identifier}`) could not read the payload"
                )
            }
            // By `{}`, since some errors add their causes by `{:#}`.
            ErrorKind::Io(error) => write!(f, "{error}"),
            ErrorKind::Custom(error) => write!(f, "{error}"),
        }
    }
}

/// Lists at most twenty things, then says how many more there are.
pub(crate) fn write_list<T>(
    f: &mut impl fmt::Write,
    things: impl ExactSizeIterator<Item = T>,
    show: impl Fn(T) -> String,
) -> fmt::Result {
    const SHOWN: usize = 20;
    let more = things.len().saturating_sub(SHOWN);
    if things.len() == 0 {
        return write!(f, "none");
    }
    for (i, thing) in things.take(SHOWN).enumerate() {
        if i > 0 {
            write!(f, ", ")?;
        }
        f.write_str(&show(thing))?;
    }
    if more > 0 { write!(f, " and {more} more") } else { Ok(()) }
}
