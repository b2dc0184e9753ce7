use std::marker::PhantomData;

/// A field that the codec writes: borrowed when it is written, owned when it was read. `W` says how serde writes it.
pub struct Field<'v, T, W = Itself> {
    value: Value<'v, T>,
    how: PhantomData<fn() -> W>,
}

enum Value<'v, T> {
    Borrowed(&'v T),
    Owned(T),
}

impl<'v, T, W> Field<'v, T, W> {
    /// A field to write.
    #[inline]
    pub fn borrowed(value: &'v T) -> Self {
        Self { value: Value::Borrowed(value), how: PhantomData }
    }

    /// A field that was read.
    #[inline]
    pub fn owned(value: T) -> Self {
        Self { value: Value::Owned(value), how: PhantomData }
    }

    /// The value, wherever it is.
    #[inline]
    pub fn get(&self) -> &T {
        match &self.value {
            Value::Borrowed(value) => value,
            Value::Owned(value) => value,
        }
    }

    /// The value of a field that was read.
    ///
    /// # Panics
    ///
    /// If the field is borrowed, which nothing that reads can make it.
    #[inline]
    pub fn into_inner(self) -> T {
        match self.value {
            Value::Owned(value) => value,
            Value::Borrowed(_) => unreachable!("a field that was read is owned"),
        }
    }
}

/// A field that is left out of the payload has its default.
impl<T: Default, W> Default for Field<'_, T, W> {
    fn default() -> Self {
        Self::owned(T::default())
    }
}

/// Says that a field is written and read by the impls of serde's traits of its type.
pub struct Itself;

/// How serde writes and reads a field: by its own impls, or by functions that an attribute of serde's names.
#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
#[diagnostic::on_unimplemented(
    message = "`{T}` is written by the codec, and does not have both of serde's traits",
    label = "neither a frame nor a type that the codec can write",
    note = "add `#[derive(serde::Serialize, serde::Deserialize)]` to the type, with owned fields only",
    note = "mark the field with `#[serializer(frame)]` if its type has a serializer"
)]
pub trait With<T> {
    /// Writes the value.
    ///
    /// # Errors
    ///
    /// The errors of the serializer.
    fn serialize<S: serde::Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads the value.
    ///
    /// # Errors
    ///
    /// The errors of the deserializer.
    fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>;
}

/// The type of a field that serde's own impls write and read. An error of the field is then at the field.
#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is written by the codec, and does not have both of serde's traits",
    label = "neither a frame nor a type that the codec can write",
    note = "add `#[derive(serde::Serialize, serde::Deserialize)]` to the type, with owned fields only",
    note = "mark the field with `#[serializer(frame)]` if its type has a serializer: an array, a table, tensors or another record"
)]
pub trait Written: Sized {
    /// The field in the type of the other fields.
    type Field<'v>
    where
        Self: 'v;
}

#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
#[diagnostic::do_not_recommend]
impl<T> Written for T
where
    Itself: With<T>,
{
    type Field<'v>
        = Field<'v, T>
    where
        T: 'v;
}

#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
#[diagnostic::do_not_recommend]
impl<T: serde::Serialize + serde::de::DeserializeOwned> With<T> for Itself {
    #[inline]
    fn serialize<S: serde::Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    #[inline]
    fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
#[diagnostic::do_not_recommend]
impl<T, W: With<T>> serde::Serialize for Field<'_, T, W> {
    #[inline]
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        W::serialize(self.get(), serializer)
    }
}

#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
#[diagnostic::do_not_recommend]
impl<'de, T, W: With<T>> serde::Deserialize<'de> for Field<'_, T, W> {
    #[inline]
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        W::deserialize(deserializer).map(Self::owned)
    }
}
