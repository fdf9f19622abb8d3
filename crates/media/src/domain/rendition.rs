//! Making a smaller picture of a large one.

use std::io::Cursor;

use argosy_kernel::Result;
use image::{
    DynamicImage, ImageFormat, Rgba, RgbaImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
};
use ravif::{Encoder, Img, RGB8, RGBA8};

use super::picture::reader;
use crate::error;

/// The most that WebP can hold, in either direction.
const WEBP_SIDE_MAX: u64 = 16_383;
/// Larger renditions than this, in pixels, are not made in AVIF: it would take a core for many seconds.
const AVIF_PIXELS_MAX: u64 = 4_000_000;

/// What a rendition is made as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    /// JPEG, or PNG if something shines through: whatever asks can show it.
    Plain,
    /// WebP: smaller.
    WebP,
    /// AVIF: smaller still, and slower to make.
    Avif,
    /// A JPEG of the size that link previews show, with all of the picture in it.
    Preview,
}

/// The size of previews: what Open Graph's readers show without cutting.
const PREVIEW: (u32, u32) = (1_200, 630);

impl Format {
    /// The best of the formats up to this one that a rendition of a picture fits into.
    pub(crate) fn fitting(self, original_width: u32, original_height: u32, width: u32) -> Self {
        let width = original_width.min(width);
        let height = height_at(original_width, original_height, width);
        match self {
            Self::Preview => Self::Preview,
            _ if u64::from(width).max(height) > WEBP_SIDE_MAX => Self::Plain,
            Self::Avif if u64::from(width) * height > AVIF_PIXELS_MAX => Self::WebP,
            fitting => fitting,
        }
    }
}

/// How good renditions are, from 1 to 100, and how fast AVIF is made, from 1 (smallest) to 10 (fastest).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quality {
    pub(crate) jpeg: u8,
    pub(crate) webp: u8,
    pub(crate) avif: u8,
    pub(crate) avif_speed: u8,
}

/// Scales a picture down to a width; one that is narrower keeps its own. Of an animated one it is the first frame.
pub(crate) fn render(original: &[u8], width: u32, format: Format, quality: Quality) -> Result<Vec<u8>> {
    let guessed = image::guess_format(original).map_err(|_| error::unsupported())?;
    let picture = reader(original, guessed).decode().map_err(|why| error::damaged(&why))?;
    if format == Format::Preview {
        return jpeg(&preview(&picture), quality.jpeg);
    }
    let scaled = if picture.width() > width {
        let height = u32::try_from(height_at(picture.width(), picture.height(), width)).unwrap_or(u32::MAX);
        picture.resize_exact(width, height, FilterType::CatmullRom)
    } else {
        picture
    };
    match (format, is_opaque(&scaled)) {
        (Format::WebP, is_opaque) => web_p(&scaled, is_opaque, quality.webp),
        (Format::Avif, is_opaque) => avif(&scaled, is_opaque, quality),
        (Format::Plain | Format::Preview, true) => jpeg(&scaled, quality.jpeg),
        (Format::Plain | Format::Preview, false) => png(&scaled),
    }
}

/// What [`render`] made, by its first bytes.
pub(crate) fn rendition_type(rendition: &[u8]) -> &'static str {
    match rendition {
        [0xFF, 0xD8, ..] => "image/jpeg",
        [b'R', b'I', b'F', b'F', ..] => "image/webp",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "image/avif",
        _ => "image/png",
    }
}

fn height_at(width: u32, height: u32, scaled_width: u32) -> u64 {
    (u64::from(height) * u64::from(scaled_width) / u64::from(width.max(1))).max(1)
}

/// All of a picture in the middle of a preview; what it leaves free has the colour of its edge.
fn preview(picture: &DynamicImage) -> DynamicImage {
    let (width, height) = PREVIEW;
    let scaled = picture.resize(width, height, FilterType::CatmullRom).to_rgba8();
    let mut preview = RgbaImage::from_pixel(width, height, edge_colour(&scaled));
    let (left, top) = ((width - scaled.width()) / 2, (height - scaled.height()) / 2);
    imageops::overlay(&mut preview, &scaled, left.into(), top.into());
    DynamicImage::from(preview)
}

/// The mean of a picture's outermost pixels, on white where something shines through.
fn edge_colour(picture: &RgbaImage) -> Rgba<u8> {
    let (right, bottom) = (picture.width() - 1, picture.height() - 1);
    let sides = (0..=right).flat_map(|x| [(x, 0), (x, bottom)]);
    let edge = sides.chain((0..=bottom).flat_map(|y| [(0, y), (right, y)]));
    let (mut sums, mut count) = ([0_u64; 3], 0);
    for (x, y) in edge {
        let Rgba([red, green, blue, alpha]) = *picture.get_pixel(x, y);
        for (sum, value) in sums.iter_mut().zip([red, green, blue]) {
            *sum += (u64::from(value) * u64::from(alpha) + 255 * (255 - u64::from(alpha))) / 255;
        }
        count += 1;
    }
    let mean = |sum: u64| u8::try_from(sum / count).unwrap_or(u8::MAX);
    Rgba([mean(sums[0]), mean(sums[1]), mean(sums[2]), u8::MAX])
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

fn avif(picture: &DynamicImage, is_opaque: bool, quality: Quality) -> Result<Vec<u8>> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let encoder = Encoder::new()
        .with_quality(f32::from(quality.avif.clamp(1, 100)))
        .with_alpha_quality(f32::from(quality.avif.clamp(1, 100)))
        .with_speed(quality.avif_speed.clamp(1, 10))
        .with_num_threads(Some(1));
    let made = if is_opaque {
        let pixels: Vec<RGB8> = picture.to_rgb8().pixels().map(|pixel| pixel.0.into()).collect();
        encoder.encode_rgb(Img::new(&pixels, width, height))
    } else {
        let pixels: Vec<RGBA8> = picture.to_rgba8().pixels().map(|pixel| pixel.0.into()).collect();
        encoder.encode_rgba(Img::new(&pixels, width, height))
    };
    made.map(|made| made.avif_file).map_err(|why| error::not_encoded(&why.to_string()))
}

fn is_opaque(picture: &DynamicImage) -> bool {
    !picture.color().has_alpha() || picture.to_rgba8().pixels().all(|pixel| pixel.0[3] == u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUALITY: Quality = Quality { jpeg: 82, webp: 80, avif: 70, avif_speed: 8 };

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

    /// A disc before a wall, softly lit, as goods are pictured.
    fn still_life(width: u32, height: u32, alpha: u8) -> Vec<u8> {
        let picture = image::RgbaImage::from_fn(width, height, |x, y| {
            let (dx, dy) = (x.abs_diff(width / 2), y.abs_diff(height / 2));
            let far = dx * dx + dy * dy;
            let shade = |value: u32| u8::try_from(value.min(255)).unwrap();
            let [red, green, blue] = if far < height * height / 9 {
                [200 - far / 300, 90 + y / 8, 40 + x / 10]
            } else {
                [180 + y / 12, 170 + x / 20, 160 + (x + y) / 30]
            };
            image::Rgba([shade(red), shade(green), shade(blue), alpha])
        });
        png(&DynamicImage::from(picture)).unwrap()
    }

    #[test]
    fn avif_is_smaller_than_webp_and_keeps_what_shines_through() {
        for alpha in [255, 100] {
            let original = still_life(1_280, 640, alpha);
            let avif = render(&original, 640, Format::Avif, QUALITY).unwrap();
            let webp = render(&original, 640, Format::WebP, QUALITY).unwrap();
            assert_eq!(rendition_type(&avif), "image/avif");
            let is_smaller = avif.len() < webp.len() || alpha < 255; // a second picture holds what shines through
            assert!(is_smaller, "{} is not smaller than {}", avif.len(), webp.len());
            // The box that says how large it is; `auxC` is the alpha's.
            let size = [b"ispe".as_slice(), &[0; 4], &640_u32.to_be_bytes(), &320_u32.to_be_bytes()].concat();
            let has = |part: &[u8]| avif.windows(part.len()).any(|window| window == part);
            assert!(has(&size) && has(b"auxC") == (alpha < 255));
        }
    }

    #[test]
    fn a_preview_has_all_of_the_picture_on_the_colour_of_its_edge() {
        let mut tall = image::RgbaImage::from_pixel(300, 600, Rgba([200, 40, 40, 255]));
        tall.put_pixel(150, 300, Rgba([0, 0, 0, 255]));
        let made = render(&png(&tall.into()).unwrap(), 1_200, Format::Preview, QUALITY).unwrap();
        let made = image::load_from_memory(&made).unwrap().to_rgb8();
        assert_eq!(made.dimensions(), PREVIEW);
        for place in [(5, 5), (1_190, 620), (600, 10)] {
            let pixel = made.get_pixel(place.0, place.1).0;
            assert!(pixel.iter().zip([200_u8, 40, 40]).all(|(is, was)| is.abs_diff(was) < 8), "{pixel:?}");
        }
        let clear = image::RgbaImage::from_pixel(10, 10, Rgba([0, 0, 0, 0]));
        let made = render(&png(&clear.into()).unwrap(), 1_200, Format::Preview, QUALITY).unwrap();
        assert_eq!(image::load_from_memory(&made).unwrap().to_rgb8().get_pixel(600, 300).0, [255, 255, 255]);
    }

    #[test]
    fn what_is_too_large_for_a_format_is_known_before_it_is_made() {
        assert_eq!(Format::Avif.fitting(1_000, 4_000, 640), Format::Avif);
        assert_eq!(Format::Avif.fitting(2_000, 8_000, 1_920), Format::WebP);
        assert_eq!(Format::WebP.fitting(1_000, 30_000, 320), Format::WebP);
        assert_eq!(Format::Avif.fitting(1_000, 30_000, 640), Format::Plain);
        assert_eq!(Format::Plain.fitting(10, 10, 640), Format::Plain);
    }
}
