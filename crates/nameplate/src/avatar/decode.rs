//! Decodes a picture within limits and encodes it as a small PNG.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use native_oauth::hex::hex;
use sha2::{Digest, Sha256};

use super::{Avatar, AvatarError};

/// Longest side before decoding, in pixels.
pub(super) const PIXELS: u32 = 8192;
/// Largest memory of the decoder, in bytes.
const MEMORY: u64 = 256 << 20;
/// Longest side of the stored picture, in pixels.
const SIDE: u32 = 256;

/// Decodes within the limits and encodes as PNG. A panic of the decoder is an error.
pub(crate) fn draw(bytes: &[u8]) -> Result<Avatar, AvatarError> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| AvatarError::NoPicture)?;
    let known = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif];
    if !reader.format().is_some_and(|format| known.contains(&format)) {
        return Err(AvatarError::NoPicture);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(PIXELS);
    limits.max_image_height = Some(PIXELS);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    // A decoder may panic at a damaged file (zune-jpeg 0.5.15 and png 0.18.1 do). It has only its own data.
    let decoded = catch_unwind(AssertUnwindSafe(|| reader.decode()));
    let decoded = decoded.map_err(|_| AvatarError::NoPicture)?;
    let picture = decoded.map_err(|error| match error {
        image::ImageError::Limits(_) => AvatarError::TooLarge,
        _ => AvatarError::NoPicture,
    })?;
    let small = if picture.width().max(picture.height()) > SIDE {
        picture.thumbnail(SIDE, SIDE)
    } else {
        picture
    };
    let mut png = Cursor::new(Vec::new());
    DynamicImage::from(small.into_rgba8())
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|_| AvatarError::NoPicture)?;
    let png = png.into_inner();
    let key = hex(&Sha256::digest(&png)[..8]);
    Ok(Avatar { png, key })
}
