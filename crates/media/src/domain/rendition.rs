//! Making a smaller picture of a large one.

use std::io::Cursor;

use argosy_kernel::Result;
use image::{DynamicImage, ImageFormat, codecs::jpeg::JpegEncoder, imageops::FilterType};

use super::picture::reader;
use crate::error;

/// Scales a picture down to a width; one that is narrower keeps its own.
pub(crate) fn render(original: &[u8], width: u32, jpeg_quality: u8) -> Result<Vec<u8>> {
    let format = image::guess_format(original).map_err(|_| error::unsupported())?;
    let picture = reader(original, format).decode().map_err(|why| error::damaged(&why))?;
    let scaled = if picture.width() > width {
        let height = (u64::from(picture.height()) * u64::from(width) / u64::from(picture.width())).max(1);
        picture.resize_exact(width, u32::try_from(height).unwrap_or(u32::MAX), FilterType::CatmullRom)
    } else {
        picture
    };
    let mut content = Vec::new();
    if is_opaque(&scaled) {
        let encoder = JpegEncoder::new_with_quality(&mut content, jpeg_quality.clamp(1, 100));
        scaled.to_rgb8().write_with_encoder(encoder).map_err(|why| error::damaged(&why))?;
        return Ok(content);
    }
    scaled.write_to(&mut Cursor::new(&mut content), ImageFormat::Png).map_err(|why| error::damaged(&why))?;
    Ok(content)
}

/// What [`render`] made, by its first bytes.
pub(crate) fn rendition_type(rendition: &[u8]) -> &'static str {
    if rendition.starts_with(&[0xFF, 0xD8]) { "image/jpeg" } else { "image/png" }
}

fn is_opaque(picture: &DynamicImage) -> bool {
    !picture.color().has_alpha() || picture.to_rgba8().pixels().all(|pixel| pixel.0[3] == u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, alpha: u8) -> Vec<u8> {
        let picture = image::RgbaImage::from_pixel(width, height, image::Rgba([200, 80, 40, alpha]));
        let mut content = Vec::new();
        DynamicImage::from(picture).write_to(&mut Cursor::new(&mut content), ImageFormat::Png).unwrap();
        content
    }

    #[test]
    fn an_opaque_picture_becomes_a_jpeg_of_the_width_asked_for() {
        let rendition = render(&png(400, 200, 255), 160, 82).unwrap();
        assert_eq!(rendition_type(&rendition), "image/jpeg");
        let scaled = image::load_from_memory(&rendition).unwrap();
        assert_eq!((scaled.width(), scaled.height()), (160, 80));
    }

    #[test]
    fn transparency_is_kept_and_nothing_is_scaled_up() {
        let rendition = render(&png(40, 20, 100), 160, 82).unwrap();
        assert_eq!(rendition_type(&rendition), "image/png");
        assert_eq!(image::load_from_memory(&rendition).unwrap().width(), 40);
    }
}
