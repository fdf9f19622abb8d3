//! What the service promises, over both call modes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Cursor;

use argosy_contracts::media::{
    FindMediaRequest, GetMediaRequest, MediaClient, MediaItem, ReadMediaRequest, ReadMediaResponse,
    UploadRequest,
};
use argosy_kernel::{Ctx, MediaId, Result};
use argosy_media::MediaConfig;
use argosy_testkit::{Call, Mode, TestHost, contract_stories, eventually};

struct Subject {
    _test: TestHost,
    media: MediaClient,
    ctx: Ctx,
}

contract_stories! {
    the_same_picture_is_stored_once,
    a_picture_is_found_by_its_address_and_by_where_it_came_from,
    a_source_that_shows_another_picture_is_the_new_one,
    too_many_and_too_long_addresses_are_refused,
    a_rendition_is_made_once_and_kept,
    a_rendition_in_webp_is_made_while_the_plain_one_is_served,
    avif_follows_webp_where_it_is_smaller,
    what_shows_no_avif_gets_none,
    a_link_preview_has_its_own_size,
    transparency_survives_webp,
    of_an_animation_the_first_frame_is_shown,
    what_is_no_picture_is_refused,
    a_picture_that_breaks_off_is_refused,
    a_small_file_that_claims_to_be_huge_is_not_unpacked,
    unknown_pictures_widths_and_formats_are_refused,
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        let test = TestHost::on(mode.engine);
        let local = argosy_media::start(&test.host, MediaConfig::default()).await.unwrap();
        let media = match mode.call {
            Call::Local => local,
            Call::Remote => MediaClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        Self { _test: test, media, ctx: Ctx::system("test") }
    }

    async fn upload(&self, content: Vec<u8>) -> Result<MediaItem> {
        self.upload_from(content, "").await
    }

    async fn upload_from(&self, content: Vec<u8>, source_url: &str) -> Result<MediaItem> {
        let (filename, source_url) = ("a.exe".to_owned(), source_url.to_owned());
        self.media.upload(&self.ctx, UploadRequest { filename, content, source_url }).await
    }

    async fn read(&self, id: &str, width: u32, format: &str) -> Result<ReadMediaResponse> {
        let request = ReadMediaRequest { id: id.to_owned(), width, format: format.to_owned() };
        self.media.read_media(&self.ctx, request).await
    }

    async fn find(&self, addresses: &[&str]) -> Result<Vec<(String, String)>> {
        let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
        let found = self.media.find_media(&self.ctx, FindMediaRequest { addresses }).await?.found;
        Ok(found.into_iter().map(|found| (found.address, found.item.unwrap().id)).collect())
    }

    /// Asks until the best rendition up to a format is there.
    async fn best(&self, id: &str, width: u32, format: &str) -> ReadMediaResponse {
        eventually("a rendition that stays", || async {
            !self.read(id, width, format).await.unwrap().is_interim
        })
        .await;
        self.read(id, width, format).await.unwrap()
    }

    async fn webp(&self, id: &str, width: u32) -> Vec<u8> {
        let read = self.best(id, width, "webp").await;
        assert_eq!(read.content_type, "image/webp");
        read.content
    }
}

fn encoded(picture: &image::DynamicImage, format: image::ImageFormat) -> Vec<u8> {
    let mut content = Vec::new();
    picture.write_to(&mut Cursor::new(&mut content), format).unwrap();
    content
}

fn png() -> Vec<u8> {
    let picture = image::RgbImage::from_pixel(800, 400, image::Rgb([10, 120, 90]));
    encoded(&picture.into(), image::ImageFormat::Png)
}

async fn the_same_picture_is_stored_once(s: Subject) {
    let (first, second) = (s.upload(png()).await.unwrap(), s.upload(png()).await.unwrap());
    assert_eq!(first, second);
    assert_eq!((first.content_type.as_str(), first.width, first.height), ("image/png", 800, 400));
    assert_eq!(first.url, format!("/media/{}", first.id));
    assert_eq!(s.media.get_media(&s.ctx, GetMediaRequest { id: first.id.clone() }).await.unwrap(), first);
    let original = s.read(&first.id, 0, "").await.unwrap();
    assert_eq!((original.content_type.as_str(), original.content), ("image/png", png()));
}

async fn a_picture_is_found_by_its_address_and_by_where_it_came_from(s: Subject) {
    let source = "https://shop.example/a.png?size=1";
    let item = s.upload_from(png(), source).await.unwrap();
    let strange = format!("/media/{}", MediaId::new());
    let found = s.find(&[source, "https://shop.example/a.png", &item.url, &strange, "", "x"]).await.unwrap();
    assert_eq!(found, [(source.to_owned(), item.id.clone()), (item.url, item.id)]);
}

async fn a_source_that_shows_another_picture_is_the_new_one(s: Subject) {
    let source = "https://shop.example/a.png";
    s.upload_from(png(), source).await.unwrap();
    let other = image::RgbImage::from_pixel(8, 8, image::Rgb([1, 2, 3]));
    let newer = s.upload_from(encoded(&other.into(), image::ImageFormat::Png), source).await.unwrap();
    assert_eq!(s.find(&[source]).await.unwrap(), [(source.to_owned(), newer.id)]);
}

async fn too_many_and_too_long_addresses_are_refused(s: Subject) {
    let many = s.find(&["x"; 501]).await.unwrap_err();
    assert_eq!(many.fields()[0].pointer, "/addresses");
    let long = s.upload_from(png(), &"x".repeat(2_001)).await.unwrap_err();
    assert_eq!(long.fields()[0].pointer, "/source_url");
}

async fn a_rendition_is_made_once_and_kept(s: Subject) {
    let id = s.upload(png()).await.unwrap().id;
    let first = s.read(&id, 320, "").await.unwrap();
    assert_eq!((first.content_type.as_str(), first.is_interim), ("image/jpeg", false));
    let scaled = image::load_from_memory(&first.content).unwrap();
    assert_eq!((scaled.width(), scaled.height()), (320, 160));
    assert_eq!(s.read(&id, 320, "").await.unwrap(), first);
}

async fn a_rendition_in_webp_is_made_while_the_plain_one_is_served(s: Subject) {
    let id = s.upload(png()).await.unwrap().id;
    let first = s.read(&id, 320, "webp").await.unwrap();
    assert_eq!((first.content_type.as_str(), first.is_interim), ("image/jpeg", true));
    let scaled = image::load_from_memory(&s.webp(&id, 320).await).unwrap().to_rgb8();
    assert_eq!(scaled.dimensions(), (320, 160));
    let middle = scaled.get_pixel(160, 80).0;
    assert!(middle.iter().zip([10_u8, 120, 90]).all(|(is, was)| is.abs_diff(was) < 6), "{middle:?}");
    assert_eq!(s.read(&id, 320, "").await.unwrap().content_type, "image/jpeg");
}

async fn avif_follows_webp_where_it_is_smaller(s: Subject) {
    let lit = image::RgbImage::from_fn(800, 400, |x, y| {
        let far = x.abs_diff(400).pow(2) + y.abs_diff(200).pow(2);
        let [red, green] =
            if far < 20_000 { [200 - far / 300, 90 + y / 8] } else { [180 + y / 12, 170 + x / 20] };
        image::Rgb([red, green, 120].map(|value| u8::try_from(value).unwrap()))
    });
    let id = s.upload(encoded(&lit.into(), image::ImageFormat::Png)).await.unwrap().id;
    let first = s.read(&id, 320, "avif").await.unwrap();
    assert_eq!((first.content_type.as_str(), first.is_interim), ("image/jpeg", true));
    let best = s.best(&id, 320, "avif").await;
    assert_eq!(best.content_type, "image/avif");
    assert!(best.content.len() < s.webp(&id, 320).await.len());
    assert_eq!(s.best(&id, 320, "avif").await, best);
}

async fn a_link_preview_has_its_own_size(s: Subject) {
    let id = s.upload(png()).await.unwrap().id;
    let preview = s.read(&id, 0, "preview").await.unwrap();
    assert_eq!((preview.content_type.as_str(), preview.is_interim), ("image/jpeg", false));
    let shown = image::load_from_memory(&preview.content).unwrap();
    assert_eq!((shown.width(), shown.height()), (1_200, 630));
    assert_eq!(s.read(&id, 0, "").await.unwrap().content, png(), "the original stays what it is");
}

async fn what_shows_no_avif_gets_none(s: Subject) {
    let id = s.upload(png()).await.unwrap().id;
    s.best(&id, 160, "avif").await;
    assert_eq!(s.read(&id, 160, "webp").await.unwrap().content_type, "image/webp");
    assert_eq!(s.read(&id, 160, "").await.unwrap().content_type, "image/jpeg");
}

async fn transparency_survives_webp(s: Subject) {
    let glass = image::RgbaImage::from_pixel(200, 100, image::Rgba([10, 120, 90, 100]));
    let id = s.upload(encoded(&glass.into(), image::ImageFormat::Png)).await.unwrap().id;
    assert_eq!(s.read(&id, 160, "webp").await.unwrap().content_type, "image/png");
    let scaled = image::load_from_memory(&s.webp(&id, 160).await).unwrap().to_rgba8();
    assert_eq!(scaled.get_pixel(80, 40).0[3], 100);
}

async fn of_an_animation_the_first_frame_is_shown(s: Subject) {
    let mut content = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut content);
    for shade in [0_u8, 255] {
        let frame = image::RgbaImage::from_pixel(400, 200, image::Rgba([shade, shade, shade, 255]));
        encoder.encode_frame(image::Frame::new(frame)).unwrap();
    }
    drop(encoder);
    let item = s.upload(content.clone()).await.unwrap();
    assert_eq!(item.content_type, "image/gif");
    assert_eq!(s.read(&item.id, 0, "").await.unwrap().content, content);
    let still = image::load_from_memory(&s.read(&item.id, 160, "").await.unwrap().content).unwrap().to_rgb8();
    assert_eq!((still.dimensions(), still.get_pixel(80, 40).0), ((160, 80), [0, 0, 0]));
}

async fn what_is_no_picture_is_refused(s: Subject) {
    for content in
        [Vec::new(), b"<svg onload=alert(1)>".to_vec(), b"\x7fELF".to_vec(), b"BM\0\0\0\0".to_vec()]
    {
        assert_eq!(s.upload(content).await.unwrap_err().reason(), "UNSUPPORTED_MEDIA");
    }
    let large = s.upload(vec![0; 20 * 1024 * 1024 + 1]).await.unwrap_err();
    assert_eq!(large.reason(), "MEDIA_TOO_LARGE");
}

async fn a_picture_that_breaks_off_is_refused(s: Subject) {
    let half = png().len() / 2;
    for content in [png()[..40].to_vec(), png()[..half].to_vec(), b"\xFF\xD8\xFF\xE0\0\x10JFIF\0".to_vec()] {
        let refused = s.upload(content).await.unwrap_err();
        assert_eq!((refused.reason(), refused.message()), ("UNSUPPORTED_MEDIA", "the picture is damaged"));
    }
    let webp = encoded(&image::RgbImage::new(64, 64).into(), image::ImageFormat::WebP);
    assert_eq!(s.upload(webp[..webp.len() / 2].to_vec()).await.unwrap_err().reason(), "UNSUPPORTED_MEDIA");
}

async fn a_small_file_that_claims_to_be_huge_is_not_unpacked(s: Subject) {
    for (width, height) in [(60_000_u32, 60_000_u32), (40_000, 2_000), (1, 60_000)] {
        // A header of PNG whose checksum is right; what follows need not be read.
        let mut header = b"IHDR".to_vec();
        header.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
        header.extend([8, 2, 0, 0, 0]);
        let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0D".to_vec();
        bomb.extend(&header);
        bomb.extend(checksum(&header).to_be_bytes());
        bomb.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        let refused = s.upload(bomb).await.unwrap_err();
        assert_eq!(refused.reason(), "MEDIA_TOO_LARGE", "{width} × {height}: {refused}");
    }
}

/// CRC-32, as PNG wants it after each part.
fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { (sum >> 1) ^ 0xEDB8_8320 } else { sum >> 1 };
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step))
}

async fn unknown_pictures_widths_and_formats_are_refused(s: Subject) {
    let unknown = s.read(&MediaId::new().to_string(), 0, "").await.unwrap_err();
    assert_eq!(unknown.reason(), "MEDIA_NOT_FOUND");
    let id = s.upload(png()).await.unwrap().id;
    assert_eq!(s.read(&id, 123, "").await.unwrap_err().fields()[0].pointer, "/width");
    assert_eq!(s.read(&id, 160, "bmp").await.unwrap_err().fields()[0].pointer, "/format");
    assert_eq!(s.read("prod_1", 0, "").await.unwrap_err().reason(), "INVALID_ID");
}
