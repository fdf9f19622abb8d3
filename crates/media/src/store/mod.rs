//! The only place with SQL, and with the names of blobs.

mod files;

use std::sync::Arc;

use argosy_kernel::{Clock, Error, MediaId, Result};
use argosy_platform::{
    blobs::Blobs,
    database::{Database, sql},
};
use bytes::Bytes;
use sea_orm::FromQueryResult;

use crate::domain::{Format, Picture};

#[derive(Clone)]
pub(crate) struct Store {
    database: Database,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
}

#[derive(FromQueryResult)]
struct MediaRow {
    id: String,
    digest: String,
    content_type: String,
    width: i64,
    height: i64,
    size_bytes: i64,
}

#[derive(FromQueryResult)]
struct SourceRow {
    source_url: String,
    media_id: String,
}

impl Store {
    pub(crate) fn new(database: Database, blobs: Blobs, clock: Arc<dyn Clock>) -> Self {
        Self { database, blobs, clock }
    }

    /// Bytes first: a row never names a blob that is not there. Where it came from is kept with it; an empty address
    /// is nowhere.
    pub(crate) async fn put(&self, picture: &Picture, content: Bytes, source_url: &str) -> Result<()> {
        self.blobs.put(&original_name(&picture.digest), content).await?;
        let tx = self.database.begin().await?;
        sql("insert into media (id, digest, content_type, width, height, size_bytes, created_at_ms) \
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing")
        .bind(picture.id.to_string())
        .bind(picture.digest.as_str())
        .bind(picture.content_type.as_str())
        .bind(i64::from(picture.width))
        .bind(i64::from(picture.height))
        .bind(i64::try_from(picture.size_bytes).unwrap_or(i64::MAX))
        .bind(self.clock.now().as_millis())
        .execute(&tx)
        .await?;
        if !source_url.is_empty() {
            sql("insert into media_source (source_url, media_id, fetched_at_ms) values ($1, $2, $3) \
                 on conflict (source_url) do update \
                    set media_id = excluded.media_id, fetched_at_ms = excluded.fetched_at_ms")
            .bind(source_url)
            .bind(picture.id.to_string())
            .bind(self.clock.now().as_millis())
            .execute(&tx)
            .await?;
        }
        tx.commit().await
    }

    pub(crate) async fn get(&self, id: MediaId) -> Result<Option<Picture>> {
        let row: Option<MediaRow> =
            sql("select id, digest, content_type, width, height, size_bytes from media where id = $1")
                .bind(id.to_string())
                .optional(&self.database)
                .await?;
        row.map(Picture::try_from).transpose()
    }

    pub(crate) async fn by_ids(&self, ids: &[MediaId]) -> Result<Vec<Picture>> {
        let rows: Vec<MediaRow> =
            sql("select id, digest, content_type, width, height, size_bytes from media where id in ")
                .list(ids.iter().map(ToString::to_string))
                .all(&self.database)
                .await?;
        rows.into_iter().map(Picture::try_from).collect()
    }

    /// Where pictures came from, and which they are.
    pub(crate) async fn by_sources(&self, source_urls: &[&str]) -> Result<Vec<(String, MediaId)>> {
        let rows: Vec<SourceRow> = sql("select source_url, media_id from media_source where source_url in ")
            .list(source_urls.iter().copied())
            .all(&self.database)
            .await?;
        rows.into_iter().map(|row| Ok((row.source_url, row.media_id.parse()?))).collect()
    }

    pub(crate) async fn original(&self, digest: &str) -> Result<Option<Bytes>> {
        self.blobs.get(&original_name(digest)).await
    }

    pub(crate) async fn rendition(&self, digest: &str, width: u32, format: Format) -> Result<Option<Bytes>> {
        self.blobs.get(&rendition_name(digest, width, format)).await
    }

    pub(crate) async fn put_rendition(
        &self,
        digest: &str,
        width: u32,
        format: Format,
        content: Bytes,
    ) -> Result<()> {
        self.blobs.put(&rendition_name(digest, width, format), content).await
    }
}

fn original_name(digest: &str) -> String {
    format!("media/original/{}/{digest}", &digest[..2])
}

fn rendition_name(digest: &str, width: u32, format: Format) -> String {
    let ending = match format {
        Format::Plain => "",
        Format::WebP => ".webp",
        Format::Avif => ".avif",
        Format::Preview => ".preview",
    };
    format!("media/{width}/{}/{digest}{ending}", &digest[..2])
}

impl TryFrom<MediaRow> for Picture {
    type Error = Error;

    fn try_from(row: MediaRow) -> Result<Self> {
        let pixels = |count: i64| u32::try_from(count).map_err(Error::internal);
        Ok(Self {
            id: row.id.parse()?,
            digest: row.digest,
            content_type: row.content_type,
            width: pixels(row.width)?,
            height: pixels(row.height)?,
            size_bytes: row.size_bytes.unsigned_abs(),
        })
    }
}
