//! Making a smaller picture of a large one.

use std::io::Cursor;

use argosy_kernel::Result;
use image::{DynamicImage, ImageFormat, codecs::jpeg::JpegEncoder, imageops::FilterType};

use super::picture::reader;
use crate::error;

/// The most that WebP can hold, in either direction.
const WEBP_SIDE_MAX: u64 = 16_383;

/// What a rendition is made as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    /// JPEG, or PNG if something shines through: whatever asks can show it.
    Plain,
    /// WebP: smaller.
    WebP,
}

/// How good renditions are, from 1 to 100.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quality {
    pub(crate) jpeg: u8,
    pub(crate) webp: u8,
}

/// Scales a picture down to a width; one that is narrower keeps its own. Of an animated one it is the first frame.
pub(crate) fn render(original: &[u8], width: u32, format: Format, quality: Quality) -> Result<Vec<u8>> {
    let guessed = image::guess_format(original).map_err(|_| error::unsupported())?;
    let picture = reader(original, guessed).decode().map_err(|why| error::damaged(&why))?;
    let scaled = if picture.width() > width {
        let height = u32::try_from(height_at(picture.width(), picture.height(), width)).unwrap_or(u32::MAX);
        picture.resize_exact(width, height, FilterType::CatmullRom)
    } else {
        picture
    };
    match (format, is_opaque(&scaled)) {
        (Format::WebP, is_opaque) => web_p(&scaled, is_opaque, quality.webp),
        (Format::Plain, true) => jpeg(&scaled, quality.jpeg),
        (Format::Plain, false) => png(&scaled),
    }
}

/// Whether a rendition fits into WebP.
pub(crate) fn can_be_webp(original_width: u32, original_height: u32, width: u32) -> bool {
    let width = original_width.min(width);
    u64::from(width).max(height_at(original_width, original_height, width)) <= WEBP_SIDE_MAX
}

/// What [`render`] made, by its first bytes.
pub(crate) fn rendition_type(rendition: &[u8]) -> &'static str {
    match rendition {
        [0xFF, 0xD8, ..] => "image/jpeg",
        [b'R', b'I', b'F', b'F', ..] => "image/webp",
        _ => "image/png",
    }
}

fn height_at(width: u32, height: u32, scaled_width: u32) -> u64 {
    (u64::from(height) * u64::from(scaled_width) / u64::from(width.max(1))).max(1)
}

fn jpeg(picture: &DynamicImage, quality: u8) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut content, quality.clamp(1, 100));
    picture.to_rgb8().write_with_encoder(encoder).map_err(|why| error::damaged(&why))?;
    Ok(content)
}

fn png(picture: &DynamicImage) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    picture.write_to(&mut Cursor::new(&mut content), ImageFormat::Png).map_err(|why| error::damaged(&why))?;
    Ok(content)
}

fn web_p(picture: &DynamicImage, is_opaque: bool, quality: u8) -> Result<Vec<u8>> {
    let (width, height) = (picture.width(), picture.height());
    let quality = f32::from(quality.clamp(1, 100));
    let encoded = if is_opaque {
        webp::Encoder::from_rgb(&picture.to_rgb8(), width, height).encode_simple(false, quality)
    } else {
        webp::Encoder::from_rgba(&picture.to_rgba8(), width, height).encode_simple(false, quality)
    };
    encoded.map(|content| content.to_vec()).map_err(|why| error::not_encoded(&format!("{why:?}")))
}

fn is_opaque(picture: &DynamicImage) -> bool {
    !picture.color().has_alpha() || picture.to_rgba8().pixels().all(|pixel| pixel.0[3] == u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUALITY: Quality = Quality { jpeg: 82, webp: 80 };

    /// A picture with something to see: flat ones say nothing of sizes.
    fn picture(width: u32, height: u32, alpha: u8) -> Vec<u8> {
        let shade = |value: u32| u8::try_from(value % 256).unwrap();
        let picture = image::RgbaImage::from_fn(width, height, |x, y| {
            image::Rgba([shade(x * 3 + y), shade(y * 2), shade((x * y) / 64), alpha])
        });
        png(&DynamicImage::from(picture)).unwrap()
    }

    #[test]
    fn an_opaque_picture_becomes_a_jpeg_of_the_width_asked_for() {
        let rendition = render(&picture(400, 200, 255), 160, Format::Plain, QUALITY).unwrap();
        assert_eq!(rendition_type(&rendition), "image/jpeg");
        let scaled = image::load_from_memory(&rendition).unwrap();
        assert_eq!((scaled.width(), scaled.height()), (160, 80));
    }

    #[test]
    fn transparency_is_kept_and_nothing_is_scaled_up() {
        for (format, kind) in [(Format::Plain, "image/png"), (Format::WebP, "image/webp")] {
            let rendition = render(&picture(40, 20, 100), 160, format, QUALITY).unwrap();
            assert_eq!(rendition_type(&rendition), kind);
            let scaled = image::load_from_memory(&rendition).unwrap().to_rgba8();
            assert_eq!((scaled.width(), scaled.get_pixel(20, 10).0[3]), (40, 100));
        }
    }

    #[test]
    fn webp_looks_like_the_original_and_is_smaller_than_jpeg() {
        let original = picture(800, 400, 255);
        let webp = render(&original, 320, Format::WebP, QUALITY).unwrap();
        let jpeg = render(&original, 320, Format::Plain, QUALITY).unwrap();
        assert_eq!(rendition_type(&webp), "image/webp");
        assert!(webp.len() < jpeg.len(), "{} is not smaller than {}", webp.len(), jpeg.len());
        let (webp, jpeg) = (image::load_from_memory(&webp).unwrap(), image::load_from_memory(&jpeg).unwrap());
        assert_eq!((webp.width(), webp.height()), (320, 160));
        let pairs = webp.to_rgb8().into_raw().into_iter().zip(jpeg.to_rgb8().into_raw());
        let difference: u64 = pairs.map(|(one, other)| u64::from(one.abs_diff(other))).sum();
        assert!(difference / (320 * 160 * 3) < 12, "on average {} apart", difference / (320 * 160 * 3));
    }

    #[test]
    fn what_is_too_tall_for_webp_is_known_before_it_is_made() {
        assert!(can_be_webp(1_000, 4_000, 640));
        assert!(can_be_webp(1_000, 30_000, 320));
        assert!(!can_be_webp(1_000, 30_000, 640));
    }
}
