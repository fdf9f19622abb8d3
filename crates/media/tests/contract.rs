//! What the service promises, over both call modes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::Cursor;

use argosy_contracts::media::{GetMediaRequest, MediaClient, MediaItem, ReadMediaRequest, UploadRequest};
use argosy_kernel::{Ctx, MediaId, Result};
use argosy_media::MediaConfig;
use argosy_testkit::{Mode, TestHost, contract_stories};

struct Subject {
    _test: TestHost,
    media: MediaClient,
    ctx: Ctx,
}

contract_stories! {
    the_same_picture_is_stored_once,
    a_rendition_is_made_once_and_kept,
    what_is_no_picture_is_refused,
    unknown_pictures_and_widths_are_refused,
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        let test = TestHost::new();
        let local = argosy_media::start(&test.host, MediaConfig::default()).await.unwrap();
        let media = match mode {
            Mode::Local => local,
            Mode::Remote => MediaClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        Self { _test: test, media, ctx: Ctx::system("test") }
    }

    async fn upload(&self, content: Vec<u8>) -> Result<MediaItem> {
        self.media.upload(&self.ctx, UploadRequest { filename: "a.exe".to_owned(), content }).await
    }

    async fn read(&self, id: &str, width: u32) -> Result<(String, Vec<u8>)> {
        let request = ReadMediaRequest { id: id.to_owned(), width, format: String::new() };
        self.media.read_media(&self.ctx, request).await.map(|read| (read.content_type, read.content))
    }
}

fn png() -> Vec<u8> {
    let picture = image::RgbImage::from_pixel(800, 400, image::Rgb([10, 120, 90]));
    let mut content = Vec::new();
    picture.write_to(&mut Cursor::new(&mut content), image::ImageFormat::Png).unwrap();
    content
}

async fn the_same_picture_is_stored_once(s: Subject) {
    let (first, second) = (s.upload(png()).await.unwrap(), s.upload(png()).await.unwrap());
    assert_eq!(first, second);
    assert_eq!((first.content_type.as_str(), first.width, first.height), ("image/png", 800, 400));
    assert_eq!(first.url, format!("/media/{}", first.id));
    assert_eq!(s.media.get_media(&s.ctx, GetMediaRequest { id: first.id.clone() }).await.unwrap(), first);
    assert_eq!(s.read(&first.id, 0).await.unwrap(), ("image/png".to_owned(), png()));
}

async fn a_rendition_is_made_once_and_kept(s: Subject) {
    let id = s.upload(png()).await.unwrap().id;
    let (kind, content) = s.read(&id, 320).await.unwrap();
    assert_eq!(kind, "image/jpeg");
    let scaled = image::load_from_memory(&content).unwrap();
    assert_eq!((scaled.width(), scaled.height()), (320, 160));
    assert_eq!(s.read(&id, 320).await.unwrap().1, content);
}

async fn what_is_no_picture_is_refused(s: Subject) {
    for content in [Vec::new(), b"<svg onload=alert(1)>".to_vec(), b"\x7fELF".to_vec(), png()[..40].to_vec()]
    {
        let short = content.len();
        let outcome = s.upload(content).await;
        // The head of a real picture is enough to know its size; it fails when it is rendered.
        if short != 40 {
            assert_eq!(outcome.unwrap_err().reason(), "UNSUPPORTED_MEDIA");
        }
    }
    let large = s.upload(vec![0; 20 * 1024 * 1024 + 1]).await.unwrap_err();
    assert_eq!(large.reason(), "MEDIA_TOO_LARGE");
}

async fn unknown_pictures_and_widths_are_refused(s: Subject) {
    let unknown = s.read(&MediaId::new().to_string(), 0).await.unwrap_err();
    assert_eq!(unknown.reason(), "MEDIA_NOT_FOUND");
    let id = s.upload(png()).await.unwrap().id;
    assert_eq!(s.read(&id, 123).await.unwrap_err().fields()[0].pointer, "/width");
    assert_eq!(s.read("prod_1", 0).await.unwrap_err().reason(), "INVALID_ID");
}
