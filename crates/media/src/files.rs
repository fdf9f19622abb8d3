//! Files that come with variants that are bought: an e-book, a pattern, a record.
//!
//! They are put and read in parts of a few megabytes, so that nobody holds a film in memory. A part is named by its content:
//! putting it again after a lost answer changes nothing, and whoever reads a file while it is replaced reads one of the two.

use argosy_contracts::media::{
    ListFilesRequest, ListFilesResponse, PutFilePartRequest, PutFilePartResponse, PutFileRequest, SoldFile,
};
use argosy_kernel::{Actor, Ctx, Error, FileId, Result, VariantId};
use bytes::Bytes;

use crate::{error, store::Store};

const PART_BYTES_MAX: usize = 4 * 1024 * 1024;
const PARTS_MAX: usize = 1_280;
const NAME_LENGTH_MAX: usize = 200;
const VARIANTS_MAX: usize = 500;

/// A file of a variant.
pub(crate) struct File {
    pub(crate) id: FileId,
    pub(crate) variant_id: VariantId,
    pub(crate) name: String,
    pub(crate) size_bytes: u64,
    /// Digests, in order.
    pub(crate) parts: Vec<String>,
}

impl From<File> for SoldFile {
    fn from(file: File) -> Self {
        Self {
            id: file.id.to_string(),
            variant_id: file.variant_id.to_string(),
            name: file.name,
            size_bytes: file.size_bytes,
            parts: file.parts,
        }
    }
}

fn check_staff(ctx: &Ctx) -> Result<()> {
    match ctx.actor {
        Actor::Staff(_) | Actor::System(_) => Ok(()),
        _ => Err(error::staff_only()),
    }
}

pub(crate) async fn put_part(
    store: &Store,
    ctx: &Ctx,
    request: PutFilePartRequest,
) -> Result<PutFilePartResponse> {
    check_staff(ctx)?;
    if !(1..=PART_BYTES_MAX).contains(&request.content.len()) {
        let message = format!("must have 1 to {PART_BYTES_MAX} bytes");
        return Err(Error::invalid_field("/content", message));
    }
    let digest = store.put_part(Bytes::from(request.content)).await?;
    Ok(PutFilePartResponse { digest })
}

pub(crate) async fn put(store: &Store, ctx: &Ctx, request: PutFileRequest) -> Result<File> {
    check_staff(ctx)?;
    let PutFileRequest { variant_id, name, parts } = request;
    let variant_id: VariantId = variant_id
        .parse()
        .map_err(|_| Error::invalid_field("/variant_id", "must be the id of a variant, var_…"))?;
    check_name(&name)?;
    if !(1..=PARTS_MAX).contains(&parts.len()) {
        return Err(Error::invalid_field("/parts", format!("must have 1 to {PARTS_MAX} items")));
    }
    store.put_file(variant_id, name, parts).await
}

/// A name that any system saves a file under, in whatever folder it likes.
fn check_name(name: &str) -> Result<()> {
    let fits = (1..=NAME_LENGTH_MAX).contains(&name.chars().count());
    let has_path = name.contains(['/', '\\', ':']) || matches!(name, "." | "..");
    if fits && !has_path && !name.chars().any(char::is_control) && name.trim() == name {
        return Ok(());
    }
    let message = format!("must be a file's name of 1 to {NAME_LENGTH_MAX} characters, without a folder");
    Err(Error::invalid_field("/name", message))
}

pub(crate) async fn remove(store: &Store, ctx: &Ctx, id: &str) -> Result<()> {
    check_staff(ctx)?;
    let id: FileId = id.parse()?;
    if store.remove_file(id).await? { Ok(()) } else { Err(error::file_not_found(id)) }
}

pub(crate) async fn list(store: &Store, request: ListFilesRequest) -> Result<ListFilesResponse> {
    if request.variant_ids.len() > VARIANTS_MAX {
        return Err(Error::invalid_field("/variant_ids", format!("must have at most {VARIANTS_MAX} items")));
    }
    let files = store.files_of(&request.variant_ids).await?.into_iter().map(Into::into);
    Ok(ListFilesResponse { files: files.collect() })
}

pub(crate) async fn get(store: &Store, id: &str) -> Result<File> {
    let id: FileId = id.parse()?;
    store.file(id).await?.ok_or_else(|| error::file_not_found(id))
}

pub(crate) async fn read_part(store: &Store, digest: &str) -> Result<Bytes> {
    let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    let found = if is_digest { store.part(digest).await? } else { None };
    found.ok_or_else(|| error::part_missing(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_file_s_and_leads_nowhere() {
        for good in ["field-guide.pdf", "Zwölf Lieder.zip", "a b.txt"] {
            check_name(good).unwrap();
        }
        let long = "a".repeat(201);
        for bad in ["", ".", "..", "../etc/passwd", "a\\b", "c:a", "a\nb", " a", long.as_str()] {
            assert_eq!(check_name(bad).unwrap_err().fields()[0].pointer, "/name", "{bad:?}");
        }
    }
}
