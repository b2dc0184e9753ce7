//! Tables.

use arbitrary::{Arbitrary, Result, Unstructured};
use polars_core::prelude::{
    Categories, Column, DataFrame, DataType, IntoColumn, NamedFrom, Series,
};

pub fn table(u: &mut Unstructured<'_>) -> Result<DataFrame> {
    let height = u.int_in_range(0..=40)?;
    let columns: Vec<Column> = (0..u.int_in_range(0..=6)?)
        .map(|number| {
            let column = column(u, height)?;
            Ok(column.with_name(format!("{number}").into()))
        })
        .collect::<Result<_>>()?;
    let height = if columns.is_empty() { 0 } else { height };
    let table = DataFrame::new(height, columns).expect("the names and the lengths fit");
    if height > 0 && u.arbitrary()? {
        // Columns that begin and end anywhere in their buffers.
        let start = u.int_in_range(0..=height)?;
        let slice =
            table.slice(i64::try_from(start).expect("it is small"), u.int_in_range(0..=height)?);
        return Ok(if u.arbitrary()? {
            slice.vstack(&table).expect("same columns")
        } else {
            slice
        });
    }
    Ok(table)
}

fn column<'a>(u: &mut Unstructured<'a>, height: usize) -> Result<Column> {
    let name = "".into();
    let column = match u.int_in_range(0..=8)? {
        0 => Series::new(name, some::<i64>(u, height)?),
        1 => Series::new(name, some::<f32>(u, height)?),
        2 => Series::new(name, some::<u8>(u, height)?),
        3 => Series::new(name, some::<bool>(u, height)?),
        4 => Series::new(name, some::<&'a str>(u, height)?),
        5 => Series::new(name, some::<&'a [u8]>(u, height)?),
        6 => {
            let categories = DataType::from_categories(Categories::global());
            let texts = Series::new(name, some::<&'a str>(u, height)?);
            texts.cast(&categories).expect("texts can be categories")
        }
        7 => {
            let lists = (0..height)
                .map(|_| Ok(Series::new("".into(), Vec::<Option<i16>>::arbitrary(u)?)))
                .collect::<Result<Vec<_>>>()?;
            if lists.is_empty() { Series::new(name, [0_i8; 0]) } else { Series::new(name, lists) }
        }
        _ => Series::new_null(name, height),
    };
    Ok(column.into_column())
}

fn some<'a, T: Arbitrary<'a>>(u: &mut Unstructured<'a>, count: usize) -> Result<Vec<Option<T>>> {
    (0..count).map(|_| u.arbitrary()).collect()
}
