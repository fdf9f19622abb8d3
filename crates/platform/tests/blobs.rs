//! What blob storage promises, over a local folder and over S3, and what it says when S3 is away or set wrongly.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use argosy_kernel::{Code, Secret};
use argosy_platform::blobs::{BlobSettings, Blobs};
use argosy_testkit::{eventually, servers::S3Server};
use bytes::Bytes;
use futures::TryStreamExt;

struct Subject {
    blobs: Blobs,
    /// As another process would open them.
    again: Blobs,
    _folder: tempfile::TempDir,
}

impl Subject {
    async fn local() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = Some(format!("file://{}/blobs", folder.path().display()));
        Self::open(BlobSettings { url, ..BlobSettings::default() }, folder).await
    }

    async fn s3() -> Self {
        Self::open(S3Server::shared().bucket(), tempfile::tempdir().unwrap()).await
    }

    async fn open(settings: BlobSettings, folder: tempfile::TempDir) -> Self {
        let blobs = Blobs::open(&settings, folder.path()).await.unwrap();
        let again = Blobs::open(&settings, folder.path()).await.unwrap();
        Self { blobs, again, _folder: folder }
    }
}

macro_rules! over_local_and_s3 {
    ($($story:ident),* $(,)?) => {
        mod local {
            $(#[tokio::test] async fn $story() { super::$story(super::Subject::local().await).await; })*
        }
        mod s3 {
            $(#[tokio::test] async fn $story() { super::$story(super::Subject::s3().await).await; })*
        }
    };
}

over_local_and_s3! {
    what_one_stores_another_reads,
    what_is_there_stays_as_it_is,
    of_many_writers_at_once_one_wins,
    a_large_blob_comes_back_whole_and_in_pieces,
    it_says_that_it_is_well,
}

async fn what_one_stores_another_reads(s: Subject) {
    assert_eq!(s.again.get("media/ab/abc").await.unwrap(), None);
    s.blobs.put("media/ab/abc", Bytes::from_static(b"picture")).await.unwrap();
    assert_eq!(s.again.get("media/ab/abc").await.unwrap().unwrap(), "picture");
    assert_eq!(s.again.get("media/ab").await.unwrap(), None);
    s.blobs.put("empty", Bytes::new()).await.unwrap();
    assert_eq!(s.again.get("empty").await.unwrap().unwrap(), "");
}

async fn what_is_there_stays_as_it_is(s: Subject) {
    s.blobs.put("name", Bytes::from_static(b"first")).await.unwrap();
    s.again.put("name", Bytes::from_static(b"second")).await.unwrap();
    assert_eq!(s.blobs.get("name").await.unwrap().unwrap(), "first");
}

async fn of_many_writers_at_once_one_wins(s: Subject) {
    let writers = (0..8).map(|number| {
        let blobs = if number % 2 == 0 { s.blobs.clone() } else { s.again.clone() };
        async move { blobs.put("contested", Bytes::from(format!("writer {number}"))).await }
    });
    futures::future::try_join_all(writers).await.unwrap();
    let kept = s.blobs.get("contested").await.unwrap().unwrap();
    assert_eq!(s.again.get("contested").await.unwrap().unwrap(), kept);
    assert!(kept.starts_with(b"writer "));
}

async fn a_large_blob_comes_back_whole_and_in_pieces(s: Subject) {
    let content: Bytes = (0..20_000_000u32).map(|at| at.to_le_bytes()[at as usize % 3]).collect();
    s.blobs.put("large", content.clone()).await.unwrap();
    assert!(s.again.get("large").await.unwrap().unwrap() == content);
    let reading = s.again.read("large").await.unwrap().unwrap();
    assert_eq!(reading.size_bytes, content.len() as u64);
    let pieces: Vec<Bytes> = reading.content.try_collect().await.unwrap();
    assert!(pieces.concat() == content);
    assert!(s.again.read("none").await.unwrap().is_none());
    s.again.put("large", Bytes::from(vec![7; 9_000_000])).await.unwrap();
    assert!(s.blobs.get("large").await.unwrap().unwrap() == content);
}

async fn it_says_that_it_is_well(s: Subject) {
    s.blobs.check().await.unwrap();
}

async fn refused(settings: &BlobSettings) -> String {
    let folder = tempfile::tempdir().unwrap();
    Blobs::open(settings, folder.path()).await.err().unwrap().message().to_owned()
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_told_at_start() {
    let settings = S3Server::shared().settings("no-such-bucket");
    let said = refused(&settings).await;
    assert!(said.starts_with("blobs.url: there is no bucket for s3://no-such-bucket/shop"), "{said}");
}

#[tokio::test]
async fn wrong_keys_are_told_at_start_and_the_right_ones_work() {
    let server = S3Server::start().await;
    let settings = server.check_keys();
    let wrong = Some(Secret::new("wrong".to_owned()));
    let said = refused(&BlobSettings { secret_access_key: wrong, ..settings.clone() }).await;
    assert!(said.starts_with("blobs.access_key_id: the server refuses s3://"), "{said}");
    assert!(!said.contains('<') && !said.contains('\n'), "{said}");
    Blobs::open(&settings, tempfile::tempdir().unwrap().path()).await.unwrap();
}

#[tokio::test]
async fn an_endpoint_where_nobody_answers_is_told_at_start() {
    let mut server = S3Server::start().await;
    server.kill();
    let said = refused(&server.settings("any")).await;
    assert!(said.starts_with("blobs.endpoint: s3://any/shop cannot be used: "), "{said}");
}

#[tokio::test]
async fn a_wrong_url_is_told_by_its_setting() {
    for (url, what) in [
        ("bucket", "blobs.url: `bucket` is not a URL"),
        ("ftp://bucket", "blobs.url: `ftp:` is none of"),
        ("s3:///prefix", "blobs.url: `s3:///prefix` names no bucket"),
        ("s3://key:secret@bucket", "blobs.url: keys go into"),
    ] {
        let said = refused(&BlobSettings { url: Some(url.to_owned()), ..BlobSettings::default() }).await;
        assert!(said.starts_with(what), "{said}");
        assert!(!said.contains("secret@"), "{said}");
    }
}

#[tokio::test]
async fn a_server_that_goes_away_is_unavailable_and_one_that_comes_back_serves() {
    let mut server = S3Server::start().await;
    let settings = server.bucket();
    let blobs = Blobs::open(&settings, tempfile::tempdir().unwrap().path()).await.unwrap();
    blobs.put("before", Bytes::from_static(b"1")).await.unwrap();
    server.kill();
    for failed in [
        blobs.put("during", Bytes::from_static(b"2")).await,
        blobs.put("large", Bytes::from(vec![0; 20_000_000])).await,
        blobs.get("before").await.map(drop),
        blobs.read("before").await.map(drop),
        blobs.check().await,
    ] {
        let error = failed.unwrap_err();
        assert_eq!((error.code(), error.reason()), (Code::Unavailable, "BLOBS_UNAVAILABLE"));
        assert!(error.retry_after().is_some());
    }
    server.start_again().await;
    server.make_bucket(&settings);
    blobs.put("after", Bytes::from_static(b"3")).await.unwrap();
    assert_eq!(blobs.get("after").await.unwrap().unwrap(), "3");
    let again = blobs.clone();
    eventually("it is well again", || async { again.check().await.is_ok() }).await;
}
