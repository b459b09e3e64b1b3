//! Pictures, drawn from a user's colour. The pixel in the middle has that colour, so that a test can recognise it.

use std::io::Cursor;

use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, DynamicImage, Frame, ImageFormat, ImageResult, Rgba, RgbaImage};

use crate::users::User;

const FRAMES: u8 = 8;

/// A small, well-formed PNG of 20,000 by 20,000 black pixels, one bit each: only a limit on pixels refuses it.
pub const BOMB: &[u8] = include_bytes!("pictures/400-megapixels.png");

/// An encoded picture.
#[derive(Debug)]
pub struct Picture {
    pub bytes: Vec<u8>,
    pub format: ImageFormat,
    name: String,
}

impl Picture {
    /// The path of the same picture without faults.
    pub fn plain_path(&self) -> String {
        let extension = self.format.extensions_str().first().copied().unwrap_or_default();
        format!("/demo/users/{}.{extension}", self.name)
    }
}

/// A user's picture, a disc; as GIF it grows if the user's is animated. `None` if the user has none.
pub fn of(user: &User, size: u32, format: ImageFormat) -> Option<Picture> {
    let colour = user.colour?;
    let pale = colour.map(|part| part / 4 + 191);
    let frames = if user.animated && format == ImageFormat::Gif { FRAMES } else { 1 };
    let drawn = (0..frames).map(|frame| disc(size, 0.6 + f32::from(frame) * 0.04, colour, pale));
    encode(drawn.collect(), format, user.key.to_owned())
}

/// One of Discord's six default avatars, which are 256 pixels wide.
pub fn embed(index: usize) -> Option<Picture> {
    const COLOURS: [[u8; 3]; 6] = [
        [88, 101, 242],
        [116, 127, 141],
        [59, 165, 92],
        [250, 166, 26],
        [237, 66, 69],
        [235, 69, 159],
    ];
    let image = disc(256, 0.5, [255; 3], *COLOURS.get(index)?);
    encode(vec![image], ImageFormat::Png, format!("embed-{index}"))
}

/// GitHub's picture of an account without one.
pub fn identicon(user: &User) -> Option<Picture> {
    let image = disc(420, 0.5, [0x5b, 0x8c, 0x5a], [0xf0; 3]);
    encode(vec![image], ImageFormat::Png, user.key.to_owned())
}

/// A disc in the middle; the radius is a part of half the size.
fn disc(size: u32, radius: f32, colour: [u8; 3], background: [u8; 3]) -> RgbaImage {
    let half = size as f32 / 2.0;
    RgbaImage::from_fn(size, size, |x, y| {
        let distance = (x as f32 + 0.5 - half).hypot(y as f32 + 0.5 - half);
        let [r, g, b] = if distance < radius * half { colour } else { background };
        Rgba([r, g, b, 255])
    })
}

fn encode(frames: Vec<RgbaImage>, format: ImageFormat, name: String) -> Option<Picture> {
    let bytes = if format == ImageFormat::Gif { gif(frames) } else { still(frames, format) };
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
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
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
        let picture = of(users::find("long-name").unwrap(), 64, ImageFormat::Gif).unwrap();
        let decoder = image::codecs::gif::GifDecoder::new(Cursor::new(picture.bytes)).unwrap();
        assert_eq!(decoder.into_frames().count(), usize::from(FRAMES));
    }

    #[test]
    fn the_bomb_is_small_and_well_formed() {
        assert!(BOMB.len() < 200_000, "{}", BOMB.len());
        let reader = image::ImageReader::new(Cursor::new(BOMB)).with_guessed_format().unwrap();
        assert_eq!(reader.into_dimensions().unwrap(), (20_000, 20_000));
    }
}
