//! The only place with SQL, and with the names of blobs.

use std::sync::Arc;

use argosy_kernel::{Clock, Error, MediaId, Result};
use argosy_platform::{
    blobs::Blobs,
    database::{Database, sql},
};
use bytes::Bytes;
use sea_orm::FromQueryResult;

use crate::domain::Picture;

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

impl Store {
    pub(crate) fn new(database: Database, blobs: Blobs, clock: Arc<dyn Clock>) -> Self {
        Self { database, blobs, clock }
    }

    /// Bytes first: a row never names a blob that is not there.
    pub(crate) async fn put(&self, picture: &Picture, content: Bytes) -> Result<()> {
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

    pub(crate) async fn original(&self, digest: &str) -> Result<Option<Bytes>> {
        self.blobs.get(&original_name(digest)).await
    }

    pub(crate) async fn rendition(&self, digest: &str, width: u32) -> Result<Option<Bytes>> {
        self.blobs.get(&rendition_name(digest, width)).await
    }

    pub(crate) async fn put_rendition(&self, digest: &str, width: u32, content: Bytes) -> Result<()> {
        self.blobs.put(&rendition_name(digest, width), content).await
    }
}

fn original_name(digest: &str) -> String {
    format!("media/original/{}/{digest}", &digest[..2])
}

fn rendition_name(digest: &str, width: u32) -> String {
    format!("media/{width}/{}/{digest}", &digest[..2])
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
