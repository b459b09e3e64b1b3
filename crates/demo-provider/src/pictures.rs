//! Pictures, drawn from a user's colour. The pixel in the middle has that colour, so that a test can recognise it.

mod bomb;

use std::f32::consts::TAU;
use std::io::Cursor;

use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, DynamicImage, Frame, ImageFormat, ImageResult, Rgba, RgbaImage};

use crate::users::{USERS, User};

pub use bomb::bomb;

const FRAMES: u16 = 8;

/// An encoded picture.
#[derive(Debug)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its format.
    pub format: Format,
    name: String,
}

/// The formats that the providers serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP, lossless.
    Webp,
    /// GIF, animated if the user's picture is.
    Gif,
}

impl Format {
    /// By file extension.
    pub fn of(extension: &str) -> Option<Self> {
        match extension {
            "png" => Some(Self::Png),
            "jpg" | "jpeg" => Some(Self::Jpeg),
            "webp" => Some(Self::Webp),
            "gif" => Some(Self::Gif),
            _ => None,
        }
    }

    /// The media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Gif => "gif",
        }
    }
}

impl Picture {
    /// The path of the same picture without faults.
    pub fn plain_path(&self) -> String {
        format!("/demo/users/{}.{}", self.name, self.format.extension())
    }
}

/// A user's picture; `None` if the user has none.
pub fn of(user: &User, size: u32, format: Format) -> Option<Picture> {
    let colour = user.colour?;
    let place = USERS.iter().position(|other| other.key == user.key)?;
    let petals = u16::try_from(place).ok()? + 5;
    let frames = if user.animated && format == Format::Gif { FRAMES } else { 1 };
    let drawn =
        (0..frames).map(|at| flower(colour, petals, size, f32::from(at) / f32::from(FRAMES)));
    encode(drawn.collect(), format, user.key.to_owned())
}

/// One of Discord's six default avatars.
pub fn embed(index: usize) -> Option<Picture> {
    const COLOURS: [[u8; 3]; 6] = [
        [88, 101, 242],
        [116, 127, 141],
        [59, 165, 92],
        [250, 166, 26],
        [237, 66, 69],
        [235, 69, 159],
    ];
    let colour = COLOURS.get(index)?;
    // Size is ignored there: these are always 256 pixels wide.
    let image = paint(256, |u, v| {
        let mut pixel = over(*colour, [255; 3], disc(u, v + 0.18, 0.3));
        pixel = over(pixel, [255; 3], disc(u, v - 0.72, 0.52));
        pixel
    });
    encode(vec![image], Format::Png, format!("embed-{index}"))
}

/// GitHub's picture of an account without one: five by five squares, symmetrical.
pub fn identicon(user: &User) -> Option<Picture> {
    let bits = user.number;
    let image = paint(420, |u, v| {
        let place = |at: f32| ((at + 1.2) / 0.48).floor();
        let (column, row) = (place(-u.abs()), place(v));
        let inside = u.abs() < 1.0 && (0.0..5.0).contains(&column) && (0.0..5.0).contains(&row);
        let set = inside && bits >> (row * 3.0 + column) as u32 & 1 == 1;
        if set { [0x5b, 0x8c, 0x5a] } else { [0xf0; 3] }
    });
    encode(vec![image], Format::Png, user.key.to_owned())
}

/// Petals around a disc on a soft gradient; `turn` rotates them for the frames of an animation.
fn flower(colour: [u8; 3], petals: u16, size: u32, turn: f32) -> RgbaImage {
    let centres: Vec<(f32, f32)> = (0..petals)
        .map(|petal| (f32::from(petal) + turn) * TAU / f32::from(petals))
        .map(|angle| (angle.sin() * 0.56, angle.cos() * -0.56))
        .collect();
    let soft = paler(colour, 0.55);
    paint(size, |u, v| {
        let mut pixel = over(paler(colour, 0.9), paler(colour, 0.7), (u + v + 2.0) / 4.0);
        for (x, y) in &centres {
            pixel = over(pixel, soft, 0.8 * disc(u - x, v - y, 0.27));
        }
        over(pixel, colour, disc(u, v, 0.4))
    })
}

/// Calls `at` with coordinates from -1 to 1.
fn paint(size: u32, at: impl Fn(f32, f32) -> [u8; 3]) -> RgbaImage {
    let scale = |place: u32| (place as f32 + 0.5) * 2.0 / size as f32 - 1.0;
    RgbaImage::from_fn(size, size, |x, y| {
        let [r, g, b] = at(scale(x), scale(y));
        Rgba([r, g, b, 255])
    })
}

/// How much of the point lies in a disc around the origin, with a soft edge.
fn disc(u: f32, v: f32, radius: f32) -> f32 {
    ((radius - u.hypot(v)) * 110.0 + 0.5).clamp(0.0, 1.0)
}

fn over(under: [u8; 3], colour: [u8; 3], share: f32) -> [u8; 3] {
    let mix = |at: usize| f32::from(under[at]) * (1.0 - share) + f32::from(colour[at]) * share;
    [mix(0).round() as u8, mix(1).round() as u8, mix(2).round() as u8]
}

fn paler(colour: [u8; 3], share: f32) -> [u8; 3] {
    over(colour, [255; 3], share)
}

fn encode(frames: Vec<RgbaImage>, format: Format, name: String) -> Option<Picture> {
    let bytes = match format {
        Format::Gif => gif(frames),
        Format::Png => still(frames, ImageFormat::Png),
        Format::Jpeg => still(frames, ImageFormat::Jpeg),
        Format::Webp => still(frames, ImageFormat::WebP),
    };
    Some(Picture { bytes: bytes.ok()?, format, name })
}

fn still(frames: Vec<RgbaImage>, format: ImageFormat) -> ImageResult<Vec<u8>> {
    let mut out = Cursor::new(Vec::new());
    for image in frames.into_iter().take(1) {
        // JPEG has no transparency, and nothing here is transparent.
        DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(image).into_rgb8())
            .write_to(&mut out, format)?;
    }
    Ok(out.into_inner())
}

fn gif(frames: Vec<RgbaImage>) -> ImageResult<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut out, 30);
    encoder.set_repeat(Repeat::Infinite)?;
    for image in frames {
        encoder.encode_frame(Frame::from_parts(image, 0, 0, Delay::from_numer_denom_ms(120, 1)))?;
    }
    drop(encoder);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users;

    #[test]
    fn the_middle_is_the_users_colour_in_every_format() {
        let haneul = users::find("haneul").unwrap();
        for format in [Format::Png, Format::Jpeg, Format::Webp, Format::Gif] {
            let picture = of(haneul, 128, format).unwrap();
            let image = image::load_from_memory(&picture.bytes).unwrap().into_rgb8();
            let middle = image.get_pixel(64, 64).0;
            for (got, wanted) in middle.iter().zip(haneul.colour.unwrap()) {
                assert!(got.abs_diff(wanted) < 12, "{format:?}: {middle:?}");
            }
        }
    }

    #[test]
    fn an_animated_picture_has_frames() {
        use image::AnimationDecoder as _;
        let picture = of(users::find("long-name").unwrap(), 64, Format::Gif).unwrap();
        let decoder = image::codecs::gif::GifDecoder::new(Cursor::new(picture.bytes)).unwrap();
        assert_eq!(decoder.into_frames().count(), usize::from(FRAMES));
    }
}
