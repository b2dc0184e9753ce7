//! Arrays.

use std::fmt::Debug;

use serde_json::json;

use super::bounded::{debug_in_line, display, name};
use super::report::Report;
use super::values;
use crate::builtin::array::DynArray;

/// Adds an array: its elements, or the first of them.
pub(super) fn add(array: &DynArray<'_>, report: &mut Report) {
    /// The largest array, in bytes, whose misaligned elements are copied, or whose `bool`s are checked one by one, to show them.
    const COPIED: usize = 1 << 20;
    const FIRST: usize = 8;

    let order = if array.is_fortran_order() { "Fortran" } else { "C" };
    let descr = name(array.descr());
    report.text("dtype", descr);
    report.add("shape", format!("{:?}, in {order} order", array.shape()), array.shape());
    let data = array.data();
    let aligned = 1_usize << data.as_ptr().addr().trailing_zeros().min(6);
    let size = data.len();
    report.add(
        "data",
        format!("{size} bytes, aligned to {aligned} in memory"),
        json!({ "bytes": size, "aligned": aligned, "order": order }),
    );
    macro_rules! elements {
        ($show:ident, $is_quick:expr; $($element:ty)*) => {
            $(
                if $is_quick && let Ok(elements) = array.as_view::<$element>() {
                    return report.text("elements", $show(&elements));
                }
                if size <= COPIED
                    && let Ok(elements) = array.to_array::<$element>()
                {
                    return report.text("elements", $show(&elements.view()));
                }
                if let Some(first) = first(array, FIRST)
                    && let Ok(elements) = first.to_array::<$element>()
                {
                    return report.text("first", $show(&elements.view()));
                }
            )*
        };
    }
    elements!(display, size <= COPIED; bool);
    elements!(display, true; i8 i16 i32 i64 u8 u16 u32 u64);
    elements!(display, true; num_complex::Complex<f32> num_complex::Complex<f64>);
    elements!(elements_of, true; half::f16 f32 f64);
    if let Some(first) = first(array, FIRST)
        && first.data().len() <= COPIED
        && let Ok(texts) = first.to_strings()
    {
        return report.text("first", elements_of(&texts));
    }
    values::bytes("elements", data, report);
}

/// The `Debug` output of the elements, which has large and small numbers with an exponent, and texts escaped.
fn elements_of(array: &impl Debug) -> String {
    let shown = debug_in_line(array);
    // `Debug` of an array writes the shape after the elements.
    shown.split(", shape=").next().unwrap_or_default().to_owned()
}

/// The first elements, in the order in which they are in memory.
fn first<'a>(array: &'a DynArray<'_>, count: usize) -> Option<DynArray<'a>> {
    let size = array.item_size();
    let count = count.min(array.data().len().checked_div(size)?);
    DynArray::new(array.descr(), [count], &array.data()[..count * size]).ok()
}
