//! Bytes by name: a local folder by default.

use std::{path::Path, sync::Arc};

use argosy_kernel::{Error, Result};
use bytes::Bytes;
use object_store::{
    ObjectStore, ObjectStoreExt, PutMode, PutOptions, local::LocalFileSystem, path::Path as Key,
};

/// Blob storage. Names are paths such as `media/ab/abcdef`; a blob never changes once it is there.
#[derive(Clone)]
pub struct Blobs(Arc<dyn ObjectStore>);

impl Blobs {
    /// Blobs in a local folder, which is made if it is missing.
    pub fn local(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(Error::internal)?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(Error::internal)?;
        Ok(Self(Arc::new(store.with_automatic_cleanup(false))))
    }

    /// Stores a blob; one that is there already stays as it is.
    pub async fn put(&self, name: &str, content: Bytes) -> Result<()> {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.0.put_opts(&Key::from(name), content.into(), options).await {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Reads a blob; `None` if there is none of that name.
    pub async fn get(&self, name: &str) -> Result<Option<Bytes>> {
        match self.0.get(&Key::from(name)).await {
            Ok(found) => found.bytes().await.map(Some).map_err(Error::internal),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::internal(error)),
        }
    }
}
