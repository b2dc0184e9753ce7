//! Plain Python data.

use std::any::Any;

use super::bounded::debug_in_line;
use super::look::{WITHOUT_DEBUG, add_value};
use super::report::Report;
use crate::builtin::pickle::Value;
use crate::registry::registry;

/// Adds plain data, or an instance of a Python class that an annotation in this program names.
pub(super) fn add(value: &(dyn Any + Send + Sync), report: &mut Report) {
    if let Some(value) = value.downcast_ref::<Value>() {
        return report.text("value", debug_in_line(value));
    }
    let Some(entry) = registry().class_of_value(value) else { return };
    report.text("class", entry.python_class().unwrap_or_default());
    report.text("class_type", entry.type_name());
    if !add_value(entry, value, report) {
        report.not_shown(WITHOUT_DEBUG);
    }
}
