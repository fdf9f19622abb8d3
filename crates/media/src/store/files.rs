//! Files that are sold, and their parts.

use argosy_kernel::{Error, FileId, Result, VariantId};
use argosy_platform::database::{Executor, sql};
use bytes::Bytes;
use sea_orm::FromQueryResult;

use super::Store;
use crate::{error, files::File};

const FILES_MAX: usize = 50;

#[derive(FromQueryResult)]
struct PartRow {
    digest: String,
    size_bytes: i64,
}

#[derive(FromQueryResult)]
struct FileRow {
    id: String,
    variant_id: String,
    name: String,
    size_bytes: i64,
    parts: String,
}

const COLUMNS: &str = "select id, variant_id, name, size_bytes, parts from sold_file";

fn part_name(digest: &str) -> String {
    format!("files/{}/{digest}", &digest[..2])
}

impl Store {
    /// Bytes first: a row never names a blob that is not there.
    pub(crate) async fn put_part(&self, content: Bytes) -> Result<String> {
        let digest = blake3::hash(&content).to_hex().to_string();
        let size_bytes = i64::try_from(content.len()).map_err(Error::internal)?;
        self.blobs.put(&part_name(&digest), content).await?;
        sql("insert into file_part (digest, size_bytes, created_at_ms) values ($1, $2, $3) on conflict do nothing")
            .bind(digest.as_str())
            .bind(size_bytes)
            .bind(self.clock.now().as_millis())
            .commit(&self.database)
            .await?;
        Ok(digest)
    }

    pub(crate) async fn part(&self, digest: &str) -> Result<Option<Bytes>> {
        self.blobs.get(&part_name(digest)).await
    }

    /// In the place of the variant's file of that name.
    pub(crate) async fn put_file(
        &self,
        variant_id: VariantId,
        name: String,
        parts: Vec<String>,
    ) -> Result<File> {
        let tx = self.database.begin().await?;
        tx.alone("sold files").await?; // so that the bound holds
        let known: Vec<PartRow> = sql("select digest, size_bytes from file_part where digest in ")
            .list(parts.iter().map(String::as_str))
            .all(&tx)
            .await?;
        let mut size_bytes = 0_i64;
        for digest in &parts {
            let part = known.iter().find(|part| part.digest == *digest);
            size_bytes += part.ok_or_else(|| error::part_missing(digest))?.size_bytes;
        }
        let others = read(&tx, &[variant_id.to_string()]).await?;
        if others.iter().filter(|file| file.name != name).count() >= FILES_MAX {
            return Err(error::files_full(FILES_MAX));
        }
        let row: FileRow = sql(
            "insert into sold_file (id, variant_id, name, size_bytes, parts, created_at_ms) values ($1, $2, $3, $4, $5, $6) \
             on conflict (variant_id, name) do update set size_bytes = excluded.size_bytes, parts = excluded.parts \
             returning id, variant_id, name, size_bytes, parts",
        )
        .bind(FileId::new().to_string())
        .bind(variant_id.to_string())
        .bind(name)
        .bind(size_bytes)
        .bind(serde_json::to_string(&parts).map_err(Error::internal)?)
        .bind(self.clock.now().as_millis())
        .one(&tx)
        .await?;
        tx.commit().await?;
        File::try_from(row)
    }

    /// False if it is not there.
    pub(crate) async fn remove_file(&self, id: FileId) -> Result<bool> {
        sql("delete from sold_file where id = $1")
            .bind(id.to_string())
            .commit(&self.database)
            .await
            .map(|rows| rows > 0)
    }

    pub(crate) async fn file(&self, id: FileId) -> Result<Option<File>> {
        let row: Option<FileRow> =
            sql(format!("{COLUMNS} where id = $1")).bind(id.to_string()).optional(&self.database).await?;
        row.map(File::try_from).transpose()
    }

    pub(crate) async fn files_of(&self, variants: &[String]) -> Result<Vec<File>> {
        read(&self.database, variants).await
    }
}

async fn read(on: &impl Executor, variants: &[String]) -> Result<Vec<File>> {
    let rows: Vec<FileRow> = sql(format!("{COLUMNS} where variant_id in "))
        .list(variants.iter().map(String::as_str))
        .then(" order by variant_id, name")
        .all(on)
        .await?;
    rows.into_iter().map(File::try_from).collect()
}

impl TryFrom<FileRow> for File {
    type Error = Error;

    fn try_from(row: FileRow) -> Result<Self> {
        Ok(Self {
            id: row.id.parse()?,
            variant_id: row.variant_id.parse()?,
            name: row.name,
            size_bytes: row.size_bytes.unsigned_abs(),
            parts: serde_json::from_str(&row.parts).map_err(Error::internal)?,
        })
    }
}
