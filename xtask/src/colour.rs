//! Comparison of pictures by the colour of one pixel.

use anyhow::{Context, Result};

/// The colour of one pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

impl Colour {
    /// The middle pixel of an encoded picture.
    pub fn of_centre(encoded: &[u8]) -> Result<Self> {
        Self::at(encoded, 0.5, 0.5)
    }

    /// The pixel at fractions of width and height.
    pub fn at(encoded: &[u8], x: f64, y: f64) -> Result<Self> {
        let picture = image::load_from_memory(encoded).context("not a picture")?.to_rgb8();
        let pixel =
            picture.get_pixel_checked(place(x, picture.width()), place(y, picture.height()));
        Ok(Self(pixel.context("outside of the picture")?.0))
    }

    /// Whether both are the same within the error of scaling and encoding.
    pub fn looks_like(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(a, b)| a.abs_diff(b) <= 12)
    }
}

/// A fraction of a length in pixels.
fn place(part: f64, length: u32) -> u32 {
    (part * f64::from(length)).floor().max(0.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_the_same_within_what_scaling_does() {
        assert!(Colour([10, 20, 30]).looks_like(Colour([22, 8, 30])));
        assert!(!Colour([10, 20, 30]).looks_like(Colour([10, 20, 43])));
    }
}
