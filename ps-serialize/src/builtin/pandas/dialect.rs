//! Which names a pickle of a table may have.

use crate::builtin::pickle::{self, Dialect};

/// Names of pandas, NumPy and pyarrow are only looked at: a call of one becomes a node.
pub(super) const TABLES: Dialect =
    Dialect { knows, persistent: false, instances: true, refusal: pickle::refusal };

fn knows(module: &str, name: &str) -> bool {
    let package = module.split('.').next().unwrap_or_default();
    matches!(package, "pandas" | "numpy" | "pyarrow") && !pickle::is_value(module, name)
        // What this library writes.
        || (module, name) == ("builtins", "str.split")
}
