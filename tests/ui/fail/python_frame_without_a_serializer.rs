struct Pixels;

#[ps_serialize::serializer(python = "sim.Image")]
struct Image {
    #[serializer(frame)]
    pixels: Pixels,
}

fn main() {}
