use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::hash::Hash;
use std::iter::Copied;
use std::slice;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::class::Class;
use crate::collect;
use crate::error::{Error, ErrorKind, Result, write_list};
use crate::frame::Line;
use crate::identifier::Identifier;
#[cfg(feature = "inspect")]
use crate::inspect::shown::Show;
#[cfg(feature = "lock")]
use crate::lock::{Locked, Looked};
use crate::payload::Payload;
use crate::reserved;
use crate::serializer::{Serializable, Serializer};
use crate::sink::Sink;
use crate::trait_object::{MakeObject, TraitObject};

/// A registered serializer. `#[serializer]` makes one, and the linker collects it.
///
/// ```
/// let text = ps_serialize::registry().find("US")?;
/// assert_eq!(text.identifier(), *b"US");
/// assert_eq!(text.name(), "text");
/// assert_eq!(text.type_name(), "alloc::string::String");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
pub struct Entry {
    identifier: Identifier,
    name: &'static str,
    line: fn() -> &'static Line,
    padded_line: fn() -> &'static Line,
    type_name: fn() -> &'static str,
    types: &'static [Writable],
    deserialize: Read,
    /// The size of a value in a box, in bytes.
    size: usize,
    class: Option<Class>,
    /// The trait objects that are made of the values: a list for each trait.
    objects: &'static [&'static [TraitObject]],
    /// The function that looks at the type. Built-ins have none.
    #[cfg(feature = "lock")]
    look: Option<fn() -> Looked>,
    /// The function that prints the values. There is one if their type is annotated and has `Debug`.
    #[cfg(feature = "inspect")]
    show: Option<Show>,
    origin: Origin,
}

/// A function that reads the value of a payload.
type Read = fn(Payload<'_, '_>) -> Result<Box<dyn Any + Send + Sync>>;

/// A Rust type whose values an entry writes.
#[derive(Debug)]
pub struct Writable {
    id: fn() -> TypeId,
    name: fn() -> &'static str,
    serialize: for<'a> fn(&'a dyn Any, &mut dyn Sink<'a>) -> Result<()>,
}

/// The place where an entry was declared.
///
/// ```
/// let text = ps_serialize::registry().find("US")?;
/// let origin = text.origin();
/// assert_eq!(origin.package(), Some("ps-serialize"));
/// assert!(origin.module().starts_with("ps_serialize"));
/// println!("{}:{}", origin.file(), origin.line());
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    file: &'static str,
    line: u32,
    column: u32,
    module: &'static str,
    package: Option<&'static str>,
    version: Option<&'static str>,
    test: bool,
}

impl Entry {
    /// The entry of a serializer, in a `const`.
    #[doc(hidden)]
    #[must_use]
    pub const fn new<S: Serializer>(types: &'static [Writable], origin: Origin) -> Self
    where
        S::Value: Any + Send + Sync,
    {
        fn deserialize<S: Serializer<Value: Any + Send + Sync>>(
            payload: Payload<'_, '_>,
        ) -> Result<Box<dyn Any + Send + Sync>> {
            Ok(Box::new(S::deserialize(payload)?))
        }
        Self {
            identifier: S::IDENTIFIER,
            name: S::NAME,
            line: Line::of::<S>,
            padded_line: Line::padded::<S>,
            type_name: type_name::<S::Value>,
            types,
            deserialize: deserialize::<S>,
            size: size_of::<S::Value>(),
            class: S::CLASS,
            objects: &[],
            #[cfg(feature = "lock")]
            look: None,
            #[cfg(feature = "inspect")]
            show: None,
            origin,
        }
    }

    /// Adds the trait objects that the entry makes of its values.
    #[doc(hidden)]
    #[must_use]
    pub const fn objects(mut self, objects: &'static [&'static [TraitObject]]) -> Self {
        self.objects = objects;
        self
    }

    /// Adds the function that looks at the type.
    #[cfg(feature = "lock")]
    #[doc(hidden)]
    #[must_use]
    pub const fn locked<S: Locked>(mut self) -> Self {
        self.look = Some(Looked::of::<S>);
        self
    }

    /// Without the lock, nothing looks at types.
    #[cfg(not(feature = "lock"))]
    #[doc(hidden)]
    #[must_use]
    pub const fn locked<S: Serializer>(self) -> Self {
        self
    }

    /// Adds the function that prints the values.
    #[cfg(feature = "inspect")]
    #[doc(hidden)]
    #[must_use]
    pub const fn shown(mut self, show: Option<Show>) -> Self {
        self.show = show;
        self
    }

    /// Replaces the type and the function of an entry, for a serializer whose frames decide which type is read.
    #[doc(hidden)]
    #[must_use]
    pub const fn reading(mut self, type_name: fn() -> &'static str, deserialize: Read) -> Self {
        self.type_name = type_name;
        self.deserialize = deserialize;
        self
    }

    /// The identifier of the frames of the serializer.
    ///
    /// ```
    /// assert!(ps_serialize::registry().iter().any(|entry| entry.identifier() == *b"BS"));
    /// ```
    #[must_use]
    pub fn identifier(&self) -> Identifier {
        self.identifier
    }

    /// The name of the serializer in errors and listings.
    ///
    /// ```
    /// assert_eq!(ps_serialize::registry().find("BS")?.name(), "bytes");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The name of the Rust type that [`deserialize_any`](crate::deserialize_any) returns in its box.
    ///
    /// ```
    /// assert_eq!(ps_serialize::registry().find("US")?.type_name(), "alloc::string::String");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        (self.type_name)()
    }

    /// The Python class that the values are instances of, for a type that is annotated with `python = "…"`. The
    /// identifier of such an entry is `PK`.
    ///
    /// ```
    /// assert_eq!(ps_serialize::registry().find("US")?.python_class(), None);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn python_class(&self) -> Option<&'static str> {
        self.class.as_ref().map(Class::path)
    }

    /// The Rust types whose values [`serialize_any`](crate::serialize_any) writes with this serializer. If two
    /// entries list one type, `serialize_any` is an error for it; use [`serialize_with`](crate::serialize_with).
    ///
    /// ```
    /// let text = ps_serialize::registry().find("US")?;
    /// assert!(text.types().any(|name| name == "&str"));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn types(&self) -> impl ExactSizeIterator<Item = &'static str> {
        self.types.iter().map(|writable| (writable.name)())
    }

    /// The names of the trait object types that [`deserialize_dyn`](crate::deserialize_dyn) makes of this entry's values. Each
    /// claimed trait has four: alone, with `Send`, with `Sync`, and with both.
    ///
    /// ```standalone_crate
    /// # use ps_serialize::{registry, serializer};
    /// trait Shape {}
    /// impl Shape for Circle {}
    ///
    /// #[serializer(id = b"R2", dyn = Shape)]
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Circle { radius: f64 }
    ///
    /// let circle = registry().find("R2")?;
    /// assert!(circle.trait_objects().any(|name| name.ends_with("::Shape")));
    /// assert_eq!(registry().find("US")?.trait_objects().count(), 0);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    pub fn trait_objects(&self) -> impl Iterator<Item = &'static str> {
        self.objects.iter().copied().flatten().map(TraitObject::name)
    }

    /// The place where the serializer was declared.
    ///
    /// ```
    /// println!("{}", ps_serialize::registry().find("BS")?.origin());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn deserialize(
        &self,
        payload: Payload<'_, '_>,
    ) -> Result<Box<dyn Any + Send + Sync>> {
        payload.budget().charge_inside(self.size)?;
        (self.deserialize)(payload).map_err(|error| error.in_reading(self.identifier, self.name))
    }

    /// Whether Python may pickle the values without the names of their fields.
    #[cfg(feature = "lock")]
    #[cfg_attr(not(feature = "pickle"), allow(clippy::unused_self))] // there are no classes
    pub(crate) fn is_positional(&self) -> bool {
        #[cfg(feature = "pickle")]
        return self.class.as_ref().is_some_and(Class::is_positional);
        #[cfg(not(feature = "pickle"))]
        false
    }

    #[cfg(feature = "pickle")]
    pub(crate) fn class(&'static self) -> Option<&'static Class> {
        self.class.as_ref()
    }

    pub(crate) fn deserialize_dyn<T: ?Sized + Any>(
        &self,
        payload: Payload<'_, '_>,
    ) -> Result<Box<T>> {
        match self.find_object() {
            Some(make) => self.deserialize(payload).map(make),
            None => self.deserialize_other(payload),
        }
    }

    /// Reads a value of another entry: an instance of a Python class, or a value of the entry that a test build replaced.
    #[cold]
    fn deserialize_other<T: ?Sized + Any>(&self, payload: Payload<'_, '_>) -> Result<Box<T>> {
        if self.identifier == *b"PK" && self.class.is_none() {
            let value = self.deserialize(payload)?;
            let entry = registry().class_of_value(&*value).unwrap_or(self);
            return match entry.find_object() {
                Some(make) => Ok(make(value)),
                None => Err(registry().no_trait_object::<T>(entry)),
            };
        }
        registry().in_place_of::<T>(self)?.deserialize_dyn(payload)
    }

    fn find_object<T: ?Sized + Any>(&self) -> Option<MakeObject<T>> {
        self.objects.iter().copied().flatten().find_map(TraitObject::make)
    }

    #[cfg(feature = "lock")]
    pub(crate) fn look(&self) -> Option<Looked> {
        self.look.map(|look| look())
    }

    #[cfg(feature = "inspect")]
    pub(crate) fn show(&self) -> Option<Show> {
        self.show
    }

    /// The trait objects of the claimed traits, each alone.
    #[cfg(feature = "lock")]
    pub(crate) fn traits(&self) -> impl Iterator<Item = &'static str> {
        self.objects.iter().filter_map(|objects| objects.first()).map(TraitObject::name)
    }

    pub(crate) fn line(&self) -> &'static Line {
        (self.line)()
    }

    /// The line of a frame inside of a record.
    pub(crate) fn padded_line(&self) -> &'static Line {
        (self.padded_line)()
    }
}

/// Prints name, place and package, as errors do.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.name, self.origin)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("identifier", &self.identifier)
            .field("name", &self.name)
            .field("type", &self.type_name())
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Writable {
    /// Hands the payload of a value of the type to a sink.
    fn of<'a>(
        &'static self,
        entry: &'static Entry,
        value: &'a dyn Any,
    ) -> impl FnOnce(&mut dyn Sink<'a>) -> Result<()> + 'a {
        move |out| {
            (self.serialize)(value, out)
                .map_err(|error| error.in_writing(entry.identifier, entry.name))
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn value_of<S: Serializer<Value: Any>>() -> Self {
        // A closure would be compiled twice: as itself, and as what the pointer points to.
        fn serialize<'a, S: Serializer<Value: Any>>(
            value: &'a dyn Any,
            out: &mut dyn Sink<'a>,
        ) -> Result<()> {
            S::serialize(downcast(value), out)
        }
        Self { id: TypeId::of::<S::Value>, name: type_name::<S::Value>, serialize: serialize::<S> }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn also<T: Serializable + Any>() -> Self {
        Self {
            id: TypeId::of::<T>,
            name: type_name::<T>,
            serialize: |value, out| downcast::<T>(value).serialize_payload(out),
        }
    }
}

fn downcast<T: Any>(value: &dyn Any) -> &T {
    value.downcast_ref().expect("found by the value's type")
}

impl Origin {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        (file, line, column): (&'static str, u32, u32),
        module: &'static str,
        (package, version): (Option<&'static str>, Option<&'static str>),
        test: bool,
    ) -> Self {
        Self { file, line, column, module, package, version, test }
    }

    /// The source file, by the path that the compiler was given.
    ///
    /// ```
    /// assert!(ps_serialize::registry().find("BS")?.origin().file().ends_with(".rs"));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn file(&self) -> &'static str {
        self.file
    }

    /// The line of the attribute in that file.
    ///
    /// ```
    /// assert!(ps_serialize::registry().find("BS")?.origin().line() > 0);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The path of the module.
    ///
    /// ```
    /// assert!(ps_serialize::registry().find("BS")?.origin().module().starts_with("ps_serialize"));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn module(&self) -> &'static str {
        self.module
    }

    /// The cargo package, if cargo compiled the crate.
    ///
    /// ```
    /// assert_eq!(ps_serialize::registry().find("BS")?.origin().package(), Some("ps-serialize"));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn package(&self) -> Option<&'static str> {
        self.package
    }

    /// The version of that package.
    ///
    /// ```
    /// assert!(ps_serialize::registry().find("BS")?.origin().version().is_some());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn version(&self) -> Option<&'static str> {
        self.version
    }

    fn place(&self) -> (&'static str, u32, u32) {
        (self.file, self.line, self.column)
    }

    /// The key that entries of one identifier are sorted by, since the linker gives them in any order.
    fn rank(&self) -> impl Ord + use<> {
        (self.place(), self.module, self.package, self.version, self.test)
    }
}

/// `file:line`, and the package where that is known.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        match (self.package, self.version) {
            (Some(package), Some(version)) => write!(f, ", {package} {version}"),
            _ => Ok(()),
        }
    }
}

/// All serializers that are linked into this program, sorted by identifier. Compressed frames (`LZ` and `ZS`) have no
/// entry: each holds a whole frame of any kind, and the reading functions open it.
///
/// ```
/// for entry in ps_serialize::registry() {
///     println!("{:4} {:20} {}", entry.identifier(), entry.name(), entry.origin());
/// }
/// ```
#[derive(Debug)]
pub struct Registry {
    entries: Vec<&'static Entry>,
    by_identifier: FxHashMap<&'static [u8], &'static Entry>,
    /// The entries with identifiers of two bytes, which nearly all have. Such a key needs no pointer and no length.
    by_two_bytes: FxHashMap<u16, &'static Entry>,
    /// The entries of Python classes, which have one identifier.
    by_class: FxHashMap<&'static str, &'static Entry>,
    by_type: FxHashMap<TypeId, (&'static Entry, &'static Writable)>,
    /// The entries that a test build replaced.
    replaced: Vec<&'static Entry>,
    identifier_collisions: Vec<(&'static Entry, &'static Entry)>,
    type_collisions: Vec<TypeCollision>,
}

#[derive(Debug)]
struct TypeCollision {
    id: TypeId,
    name: &'static str,
    first: &'static Entry,
    second: &'static Entry,
}

/// The registry of this program. The first call builds it.
///
/// ```standalone_crate
/// use ps_serialize::{registry, serializer};
///
/// #[serializer(id = b"R1")]
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Particle { mass: f64 }
///
/// let entry = registry().find("R1")?;
/// assert!(entry.name().ends_with("::Particle"));
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[inline]
pub fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| Registry::new(collect::entries()))
}

impl Registry {
    fn new(entries: impl Iterator<Item = &'static Entry>) -> Self {
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by_key(|entry| (entry.identifier, entry.python_class(), entry.origin.rank()));
        let with_identifier = entries.iter().filter(|entry| entry.class.is_none());
        let (by_identifier, mut identifier_collisions) =
            index(with_identifier.map(|&entry| (entry.identifier.as_bytes(), entry)), |entry| {
                entry
            });
        let with_class = entries.iter().filter_map(|&entry| Some((entry.python_class()?, entry)));
        let (by_class, same_class) = index(with_class, |entry| entry);
        identifier_collisions.extend(same_class);
        let writable = entries
            .iter()
            .flat_map(|&entry| entry.types.iter().map(move |t| ((t.id)(), (entry, t))));
        let (by_type, same_type) = index(writable, |(entry, _)| entry);
        let type_collisions = same_type
            .into_iter()
            .map(|((first, writable), (second, _))| TypeCollision {
                id: (writable.id)(),
                name: (writable.name)(),
                first,
                second,
            })
            .collect();
        // Entries that a test build replaced are not part of the program.
        let replaced = |entry: &&'static Entry| {
            let kept = match entry.python_class() {
                Some(class) => by_class.get(class),
                None => by_identifier.get(entry.identifier.as_bytes()),
            };
            kept.is_some_and(|kept| replaces(kept, entry))
        };
        let replaced = entries.extract_if(.., |entry| replaced(&*entry)).collect();
        let two_bytes = |(&identifier, &entry): (&&'static [u8], &&'static Entry)| {
            Some((u16::from_ne_bytes(identifier.try_into().ok()?), entry))
        };
        let by_two_bytes = by_identifier.iter().filter_map(two_bytes).collect();
        Self {
            entries,
            by_identifier,
            by_two_bytes,
            by_class,
            by_type,
            replaced,
            identifier_collisions,
            type_collisions,
        }
    }

    pub(crate) fn of<S>(identifiers: impl Iterator<Item = Identifier>) -> Self
    where
        S: Serializer<Value: Any + Send + Sync>,
    {
        let origin =
            Origin::new((file!(), line!(), column!()), module_path!(), (None, None), false);
        let entry = |identifier| Entry { identifier, ..Entry::new::<S>(&[], origin) };
        Self::new(identifiers.map(|identifier| &*Box::leak(Box::new(entry(identifier)))))
    }

    /// All entries, sorted by identifier. Entries that collide are among them.
    ///
    /// ```
    /// let identifiers: Vec<_> = ps_serialize::registry().iter().map(|entry| entry.identifier()).collect();
    /// assert!(identifiers.is_sorted());
    /// ```
    pub fn iter(&self) -> Copied<slice::Iter<'_, &'static Entry>> {
        self.entries.iter().copied()
    }

    /// Every entry, and the entries that a test build replaced, which have other types.
    #[cfg(feature = "pickle")]
    pub(crate) fn with_replaced(&self) -> impl Iterator<Item = &'static Entry> {
        self.entries.iter().chain(&self.replaced).copied()
    }

    /// The entry of an identifier.
    ///
    /// ```
    /// use ps_serialize::{Identifier, registry};
    ///
    /// assert_eq!(registry().find("US")?.name(), "text");
    /// assert_eq!(registry().find(Identifier::new(b"BS"))?.name(), "bytes");
    /// assert!(registry().find("??").is_err());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidIdentifier`] if the bytes are no identifier, [`ErrorKind::UnknownIdentifier`] if no serializer claims it,
    /// and [`ErrorKind::IdentifierCollision`] if several do.
    #[inline]
    pub fn find(&self, identifier: impl AsRef<[u8]>) -> Result<&'static Entry> {
        let identifier = identifier.as_ref();
        match self.entry(identifier) {
            Some(entry) => Ok(entry),
            None => Err(self.not_found(identifier)),
        }
    }

    #[inline]
    fn entry(&self, identifier: &[u8]) -> Option<&&'static Entry> {
        match *identifier {
            [first, second] => self.by_two_bytes.get(&u16::from_ne_bytes([first, second])),
            _ => self.by_identifier.get(identifier),
        }
    }

    /// Two entries that claim the identifier.
    fn collision(&self, identifier: Identifier) -> Option<(&'static Entry, &'static Entry)> {
        let mut collisions = self.identifier_collisions.iter().copied();
        collisions.find(|(first, _)| first.class.is_none() && first.identifier == identifier)
    }

    /// The entry of the Python class that a value is an instance of.
    pub(crate) fn class_of_value(&self, value: &dyn Any) -> Option<&'static Entry> {
        let is_of = |entry: &&&'static Entry| {
            entry.types.first().is_some_and(|writable| (writable.id)() == value.type_id())
        };
        self.by_class.values().find(is_of).copied()
    }

    /// The entry of a Python class.
    #[cfg(feature = "pickle")]
    pub(crate) fn of_class(&self, class: &str) -> Result<Option<&'static Entry>> {
        if let Some(entry) = self.by_class.get(class) {
            return Ok(Some(entry));
        }
        let mut collisions = self.identifier_collisions.iter();
        match collisions.find(|(first, _)| first.python_class() == Some(class)) {
            Some(&(first, second)) => {
                let identifier = first.identifier;
                Err(ErrorKind::IdentifierCollision { identifier, first, second }.into())
            }
            None => Ok(None),
        }
    }

    #[cold]
    fn not_found(&self, identifier: &[u8]) -> Error {
        let identifier = match Identifier::try_from(identifier) {
            Ok(identifier) => identifier,
            Err(error) => return error,
        };
        if let Some((first, second)) = self.collision(identifier) {
            return ErrorKind::IdentifierCollision { identifier, first, second }.into();
        }
        let advice = self.advice_for_unknown(&identifier);
        ErrorKind::UnknownIdentifier { identifier, advice }.into()
    }

    fn advice_for_unknown(&self, identifier: &Identifier) -> String {
        if let Some(reserved) = reserved::find(identifier) {
            return format!(", which means {}: {}", reserved.meaning, reserved.advice());
        }
        let mut advice = "; registered are ".to_owned();
        let _ = write_list(&mut advice, self.iter(), |entry| {
            format!("`{}` ({})", entry.identifier, entry.name)
        });
        advice
            + "; if a crate that this program depends on declares it but nothing names that crate, link it with `use that_crate as _;`"
    }

    /// The error for a frame that holds something else than what was asked for.
    #[cold]
    pub(crate) fn wrong_identifier(
        &self,
        expected: Identifier,
        expected_name: &'static str,
        found: Identifier,
    ) -> Error {
        let (found_name, advice) = if let Some(entry) = self.entry(found.as_bytes()) {
            (entry.name, "; `deserialize_any` reads what is there".to_owned())
        } else if self.collision(found).is_some() {
            ("which two serializers claim", String::new())
        } else if let Some(reserved) = reserved::find(&found) {
            (reserved.meaning, format!("; {}", reserved.advice()))
        } else {
            ("which is not registered", String::new())
        };
        ErrorKind::WrongIdentifier { expected, expected_name, found, found_name, advice }.into()
    }

    /// The entry of the same annotation whose values can be a `T`. If another
    /// crate depends on a crate under test, that crate is linked twice, and each of its traits exists twice.
    #[cold]
    fn in_place_of<T: ?Sized + Any>(&self, entry: &Entry) -> Result<&'static Entry> {
        let can_be = |other: &&&Entry| {
            (other.identifier, other.python_class()) == (entry.identifier, entry.python_class())
                && other.find_object::<T>().is_some()
        };
        self.replaced.iter().find(can_be).copied().ok_or_else(|| self.no_trait_object::<T>(entry))
    }

    #[cold]
    fn no_trait_object<T: ?Sized + Any>(&self, entry: &Entry) -> Error {
        let trait_object = type_name::<T>();
        let advice = if !trait_object.starts_with("dyn ") {
            format!("`{trait_object}` is no trait object; `deserialize` reads a value by its type")
        } else if entry.trait_objects().any(|name| name == trait_object) {
            "it claims another copy of that trait: let all crates use one version of the crate of the trait (`cargo tree --duplicates` lists such crates)".to_owned()
        } else {
            let others: Vec<_> =
                self.iter().filter(|entry| entry.find_object::<T>().is_some()).collect();
            let name = trait_object["dyn ".len()..].split([' ', '<']).next().unwrap_or_default();
            let name = name.rsplit("::").next().unwrap_or_default();
            let mut advice =
                format!("add `dyn = {name}` to its annotation; types that claim it are ");
            let _ = write_list(&mut advice, others.into_iter(), |entry| {
                format!("`{}` ({})", entry.identifier, entry.name)
            });
            advice
        };
        let Entry { identifier, name, .. } = *entry;
        ErrorKind::NoTraitObject { identifier, name, trait_object, advice }.into()
    }

    /// The entry whose values are of type `T`.
    ///
    /// ```
    /// assert_eq!(ps_serialize::registry().find_type::<String>()?.identifier(), *b"US");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnregisteredType`], and [`ErrorKind::TypeCollision`] if several serializers are
    /// registered for the type.
    pub fn find_type<T: Any>(&self) -> Result<&'static Entry> {
        self.writable(TypeId::of::<T>(), Some(type_name::<T>())).map(|(entry, _)| entry)
    }

    fn writable(
        &self,
        type_id: TypeId,
        type_name: Option<&'static str>,
    ) -> Result<(&'static Entry, &'static Writable)> {
        self.by_type.get(&type_id).copied().ok_or_else(|| {
            let of_type = |collision: &&TypeCollision| collision.id == type_id;
            if let Some(collision) = self.type_collisions.iter().find(of_type) {
                return collision.error();
            }
            let mut advice = "annotate the type, or an `impl Serializer` block with it as `Value`, with `#[serializer(id = b\"…\")]`; ".to_owned();
            if type_name.is_none() {
                advice.push_str("for a `Box<dyn Trait>`, give what is in it, `&*boxed`; ");
            }
            advice.push_str("registered are ");
            let _ = write_list(&mut advice, self.iter(), |entry| {
                format!("`{}`", entry.type_name())
            });
            ErrorKind::UnregisteredType { type_id, type_name, advice }.into()
        })
    }

    /// The entry for a value, and the function that hands its payload to a sink.
    pub(crate) fn serializer_of<'a>(
        &self,
        value: &'a dyn Any,
    ) -> Result<(&'static Entry, impl FnOnce(&mut dyn Sink<'a>) -> Result<()> + 'a)> {
        let (entry, writable) = self.writable(value.type_id(), None)?;
        Ok((entry, writable.of(entry, value)))
    }

    /// The entry and the function, as [`serializer_of`](Self::serializer_of) gives them, for a value that is read as a `T`. If the
    /// type of the value has several serializers, the one that claims the trait is taken.
    pub(crate) fn serializer_of_object<'a, T: ?Sized + Any>(
        &self,
        value: &'a dyn Any,
    ) -> Result<(&'static Entry, impl FnOnce(&mut dyn Sink<'a>) -> Result<()> + 'a)> {
        let id = value.type_id();
        let (entry, writable) = match self.writable(id, None) {
            Err(error) if matches!(error.kind(), ErrorKind::TypeCollision { .. }) => {
                let of_entry = |&entry: &&'static Entry| {
                    let writable = entry.types.iter().find(|writable| (writable.id)() == id)?;
                    entry.find_object::<T>().map(|_| (entry, writable))
                };
                let mut claims = self.entries.iter().filter_map(of_entry);
                match (claims.next(), claims.next()) {
                    (Some(only), None) => only,
                    _ => return Err(error),
                }
            }
            found => found?,
        };
        if entry.find_object::<T>().is_none() {
            self.in_place_of::<T>(entry)?;
        }
        Ok((entry, writable.of(entry, value)))
    }

    /// Checks that every identifier, and every Python class, has one serializer.
    ///
    /// On most systems, the linker refuses a program in which two crates claim one identifier. A test that calls
    /// this function covers the other systems. A type may have several serializers: only a call that has to choose between
    /// them, such as [`serialize_any`](crate::serialize_any), is an error.
    ///
    /// ```
    /// ps_serialize::registry().check()?;
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::IdentifierCollision`], for the first identifier or Python class that has two.
    pub fn check(&self) -> Result<()> {
        match self.identifier_collisions.first() {
            Some(&(first, second)) => {
                let identifier = first.identifier;
                Err(ErrorKind::IdentifierCollision { identifier, first, second }.into())
            }
            None => Ok(()),
        }
    }
}

/// Iterates as [`Registry::iter`] does.
///
/// ```
/// for entry in ps_serialize::registry() {
///     println!("{:4} {}", entry.identifier(), entry.name());
/// }
/// ```
impl<'r> IntoIterator for &'r Registry {
    type Item = &'static Entry;
    type IntoIter = Copied<slice::Iter<'r, &'static Entry>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl TypeCollision {
    fn error(&self) -> Error {
        let Self { name: type_name, first, second, .. } = *self;
        ErrorKind::TypeCollision { type_name, first, second }.into()
    }
}

/// Whether the kept entry replaces the other one. The tests of a crate contain it twice if a dependency of the tests depends on it:
/// once compiled for test, and once as the dependency sees it. The entry that is compiled for test then replaces the other.
fn replaces(kept: &Entry, other: &Entry) -> bool {
    kept.origin.place() == other.origin.place() && kept.origin.test && !other.origin.test
}

/// Maps each key to its only value, and lists the pairs of values that share a key.
fn index<K: Hash + Eq + Copy, V: Copy>(
    pairs: impl Iterator<Item = (K, V)>,
    entry: impl Fn(V) -> &'static Entry,
) -> (FxHashMap<K, V>, Vec<(V, V)>) {
    let mut map = FxHashMap::default();
    let mut collisions = Vec::new();
    for (key, value) in pairs {
        let Some(&other) = map.get(&key) else {
            map.insert(key, value);
            continue;
        };
        if replaces(entry(value), entry(other)) {
            map.insert(key, value);
        } else if !replaces(entry(other), entry(value)) {
            collisions.push((key, other, value));
        }
    }
    for (key, ..) in &collisions {
        map.remove(key);
    }
    (map, collisions.into_iter().map(|(_, first, second)| (first, second)).collect())
}
