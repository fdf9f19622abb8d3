//! Reading what an upload really is.

use std::io::Cursor;

use argosy_kernel::{MediaId, Result};
use image::{ImageError, ImageFormat, ImageReader, Limits};

use crate::error;

const BYTES_MAX: usize = 20 * 1024 * 1024;
const PIXELS_MAX: u64 = 50_000_000;
const SIDE_MAX: u32 = 50_000;
/// What decoding may take of memory: the largest picture with four bytes a pixel, and room to work.
const DECODE_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// What is known of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) id: MediaId,
    pub(crate) digest: String,
    pub(crate) content_type: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) size_bytes: u64,
}

/// Reads an upload's kind and size from its bytes. The same bytes always get the same id.
///
/// All of it is decoded, so that what is stored can be shown; its size is read first, and a small file that claims
/// to be huge is refused before it is unpacked. Of an animation that is the first frame.
pub(crate) fn inspect(content: &[u8]) -> Result<Picture> {
    if content.len() > BYTES_MAX {
        return Err(error::too_large("20 MiB"));
    }
    let format = image::guess_format(content).map_err(|_| error::unsupported())?;
    let content_type = content_type(format).ok_or_else(error::unsupported)?;
    let (width, height) = reader(content, format).into_dimensions().map_err(|why| refused(&why))?;
    if width == 0 || height == 0 {
        return Err(error::unsupported());
    }
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(error::too_large("50 million pixels"));
    }
    reader(content, format).decode().map_err(|why| refused(&why))?;
    let digest = blake3::hash(content);
    let mut id = [0; 16];
    id.copy_from_slice(&digest.as_bytes()[..16]);
    Ok(Picture {
        id: MediaId::from_bytes(id),
        digest: digest.to_hex().to_string(),
        content_type: content_type.to_owned(),
        width,
        height,
        size_bytes: content.len() as u64,
    })
}

/// A decoder that refuses to take all memory for a small file that claims to be huge.
pub(super) fn reader(content: &[u8], format: ImageFormat) -> ImageReader<Cursor<&[u8]>> {
    let mut reader = ImageReader::with_format(Cursor::new(content), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODE_BYTES_MAX);
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    reader.limits(limits);
    reader
}

fn refused(why: &ImageError) -> argosy_kernel::Error {
    match why {
        ImageError::Limits(_) => error::too_large("50 million pixels, or 50,000 in one direction"),
        _ => error::damaged(why),
    }
}

fn content_type(format: ImageFormat) -> Option<&'static str> {
    match format {
        ImageFormat::Jpeg => Some("image/jpeg"),
        ImageFormat::Png => Some("image/png"),
        ImageFormat::WebP => Some("image/webp"),
        ImageFormat::Gif => Some("image/gif"),
        _ => None,
    }
}
