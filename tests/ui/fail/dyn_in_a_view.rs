use ps_serialize::serializer;

trait Shape {}

#[serializer(id = b"05")]
struct Photo {
    #[serializer(frame)]
    pixels: Vec<u8>,
}

#[serializer(view = Photo, dyn = Shape)]
struct PhotoView<'a> {
    #[serializer(frame)]
    pixels: &'a [u8],
}

fn main() {}
