use std::fmt;

use polars_core::prelude::DataFrame;

use crate::error::{Error, Result};

/// A table of pandas: a `DataFrame` of polars, and the names of the columns that are the index in pandas.
///
/// ```
/// use ps_serialize::pandas::Table;
/// use ps_serialize::polars_core::df;
/// use ps_serialize::{deserialize, serialize};
///
/// let frame = df!["city" => ["Berlin", "Lima"], "people" => [3.7, 10.0]]?;
/// let table = Table::with_index(frame, ["city"])?;
/// // `pandas.read_pickle` and ProxyStore read it, with the cities as the index.
/// let read: Table = deserialize(&serialize(&table)?)?;
/// assert_eq!(read.index(), ["city"]);
/// assert!(read.frame().equals(table.frame()));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Table {
    frame: DataFrame,
    index: Vec<String>,
    has_pyarrow: bool,
}

impl Table {
    /// Makes a table whose index in pandas is these columns, one level for each.
    ///
    /// ```
    /// # use ps_serialize::pandas::Table;
    /// # use ps_serialize::polars_core::df;
    /// let frame = df!["day" => [1, 2], "rain" => [0.0, 2.5]]?;
    /// assert_eq!(Table::with_index(frame.clone(), ["day"])?.index(), ["day"]);
    /// assert!(Table::with_index(frame, ["night"]).is_err());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the `DataFrame` has no column with such a name, or if a name is given twice.
    pub fn with_index<N: Into<String>>(
        frame: DataFrame,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self> {
        let index: Vec<String> = names.into_iter().map(Into::into).collect();
        for (place, name) in index.iter().enumerate() {
            if frame.get_column_index(name).is_none() {
                return Err(Error::custom(format!("the table has no column {name:?}")));
            }
            if index[..place].contains(name) {
                return Err(Error::custom(format!("the index has the column {name:?} twice")));
            }
        }
        Ok(Self::of(frame, index))
    }

    pub(super) fn of(frame: DataFrame, index: Vec<String>) -> Self {
        Self { frame, index, has_pyarrow: false }
    }

    /// Makes a table for readers that have pyarrow.
    ///
    /// Text is written as arrays of pyarrow. pandas 3 uses them unchanged, and pandas 1 and 2 make Python objects of them: see the
    /// [module](super). Without pyarrow, Python can't read the frame.
    ///
    /// ```
    /// # use ps_serialize::pandas::Table;
    /// # use ps_serialize::polars_core::df;
    /// # use ps_serialize::{deserialize, serialize};
    /// let table = Table::from(df!["city" => ["Berlin", "Lima"]]?).with_pyarrow();
    /// let read: Table = deserialize(&serialize(&table)?)?;
    /// assert!(read.frame().equals(table.frame()));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_pyarrow(self) -> Self {
        Self { has_pyarrow: true, ..self }
    }

    pub(super) fn has_pyarrow(&self) -> bool {
        self.has_pyarrow
    }

    /// The `DataFrame`. The columns of the index are among its columns.
    ///
    /// ```
    /// # use ps_serialize::pandas::Table;
    /// # use ps_serialize::polars_core::df;
    /// let table = Table::from(df!["rain" => [0.0, 2.5]]?);
    /// assert_eq!(table.frame().height(), 2);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// The names of the columns that are the index in pandas. There are none if pandas only counts the rows.
    ///
    /// ```
    /// # use ps_serialize::pandas::Table;
    /// # use ps_serialize::polars_core::df;
    /// assert!(Table::from(df!["rain" => [0.0, 2.5]]?).index().is_empty());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn index(&self) -> &[String] {
        &self.index
    }

    /// The `DataFrame` by value. The names of the index are dropped.
    ///
    /// ```
    /// # use ps_serialize::pandas::Table;
    /// # use ps_serialize::polars_core::df;
    /// let frame = df!["rain" => [0.0, 2.5]]?;
    /// assert!(Table::from(frame.clone()).into_frame().equals(&frame));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn into_frame(self) -> DataFrame {
        self.frame
    }
}

/// A table whose rows pandas only counts.
impl From<DataFrame> for Table {
    fn from(frame: DataFrame) -> Self {
        Self::of(frame, Vec::new())
    }
}

/// The table as polars shows it, and the names of the index.
impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}\nindex: {:?}", self.frame, self.index)
    }
}
