//! Writes an instance of a Python class to the standard output. README.md shows the lines below.
//!
//! In the folder `ps-serialize/examples`, with ProxyStore installed:
//! `cargo run --example python_class --features pickle | python3 lab_reader.py`

#[ps_serialize::serializer(python = "lab.Sample")] // the class `Sample` of the Python module `lab`
#[derive(serde::Serialize, serde::Deserialize)]
struct Sample {
    mass: f64,
    tags: Vec<String>,
}

fn main() -> ps_serialize::Result<()> {
    let sample = Sample { mass: 1.5, tags: vec!["dry".to_owned()] };
    ps_serialize::serialize_to(&sample, std::io::stdout())
}
