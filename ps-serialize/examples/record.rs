//! A record with an array in it, and a view that borrows from its frame. README.md shows the lines below.
//!
//! `cargo run --example record --features ndarray`

use ps_serialize::{
    deserialize,
    ndarray::{Array2, ArrayView2},
    serialize, serializer,
};

#[serializer(id = b"06")]
struct Photo {
    title: String,
    #[serializer(frame)]
    pixels: Array2<f32>,
}
#[serializer(view = Photo)]
struct PhotoView<'a> {
    title: &'a str,
    #[serializer(frame)]
    pixels: ArrayView2<'a, f32>,
}

fn main() -> ps_serialize::Result<()> {
    let photo = Photo { title: "sea".to_owned(), pixels: Array2::zeros((480, 640)) };
    let frame = serialize(&photo)?; // copies the pixels once
    let view: PhotoView = deserialize(&frame)?; // copies no pixel
    assert_eq!((view.title, view.pixels.dim()), ("sea", (480, 640)));
    Ok(())
}
