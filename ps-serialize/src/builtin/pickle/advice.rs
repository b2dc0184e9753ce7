//! What to send in place of a Python object that is not plain data.

/// The advice about a class or function that a pickle names, if it is of a package that has better ways to send what
/// it has than instances of its classes.
pub(super) fn advice(module: &str, name: &str) -> Option<&'static str> {
    let path = &format!("{module}.{name}");
    if is_polars_data(module, name) {
        return None;
    }
    Some(match path.split('.').next().unwrap_or_default() {
        "numpy" => of_numpy(path),
        "ml_dtypes" => {
            "NumPy itself has no such type: send `array.astype('float32')`, or the arrays as tensors in a frame of their own, which is `ST`"
        }
        "pandas" => of_pandas(path),
        "polars" => of_polars(path),
        "array" => "send a NumPy array in its place (`numpy.array(…)`), or a list (`.tolist()`)",
        "_io" if matches!(name, "BytesIO" | "StringIO") => {
            "send what it holds instead: `.getvalue()`"
        }
        "random" if name == "Random" => "send the seed, or the numbers that it makes",
        "re" if name == "_compile" => "send the text of the pattern instead: `.pattern`",
        "torch" => "send tensors as `ST` or `PT` frames instead",
        _ => return None,
    })
}

fn of_numpy(path: &str) -> &'static str {
    if !cfg!(feature = "ndarray") {
        "NumPy's arrays need the feature `ndarray` of ps-serialize"
    } else if path.starts_with("numpy.ma.") {
        "a masked array is not read: send its `.data` and its `.mask`, or `.filled()`"
    } else if path.ends_with(".record") {
        "a row of a `recarray` is not read: send the array that it is a row of, as an ordinary one (`numpy.array(…)`)"
    } else if path.ends_with("array") || matches!(path, "numpy.matrix" | "numpy.memmap") {
        "a subclass of NumPy's array is not read: make it an ordinary one (`numpy.array(…)`)"
    } else {
        "of NumPy, only arrays and scalars are read"
    }
}

fn of_pandas(path: &str) -> &'static str {
    let (module, name) = path.rsplit_once('.').unwrap_or_default();
    match module.rsplit('.').next().unwrap_or_default() {
        _ if name == "NA" => "send `None` in its place",
        "nattype" => "send `None` or `numpy.datetime64('NaT')` in place of `NaT`",
        "timestamps" => "send `timestamp.to_datetime64()` or `timestamp.isoformat()` instead",
        "timedeltas" => "send `timedelta.to_timedelta64()` or `timedelta.isoformat()` instead",
        _ if name == "Period" => "send its text instead: `str(…)`",
        _ if name == "Series" => "send it as an array (`.to_numpy()`) instead",
        _ => "send its columns as arrays (`.to_numpy()`) or as a Polars table instead",
    }
}

/// Whether it is a class of polars whose instances have nothing but a table or a column, in bytes of Arrow's IPC format.
fn is_polars_data(module: &str, name: &str) -> bool {
    module.starts_with("polars.") && matches!(name, "DataFrame" | "Series")
}

fn of_polars(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "LazyFrame" => "send the table that it makes: `.collect()`",
        _ => "of polars, only a `DataFrame` and a `Series` are read",
    }
}
