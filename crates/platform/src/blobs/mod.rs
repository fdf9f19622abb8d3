//! Bytes by name: a local folder by default, S3, Google or Azure by a URL.
//!
//! A blob never changes once it is there. On S3 and its like that is asked of the server with each write
//! (`If-None-Match`); a server that does not know how is asked first whether there is one, which two writers at once
//! may both hear a no to. Names are made from contents here, so then both write the same.

mod connect;
mod settings;

use std::{
    fmt,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use argosy_kernel::{Error, Result};
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, WriteMultipart, path::Path as Key};
use tokio::sync::Mutex;

pub use self::settings::BlobSettings;

/// Larger blobs are sent in parts of this size.
const PART_BYTES: usize = 8 * 1024 * 1024;
/// Parts under way at once.
const PARTS_MAX: usize = 4;
/// Whether the server answers is asked at most so often.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);
/// When one who found the server away may try again.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// A blob that is always there: it shows that the settings let us read and write.
const MARK: &str = "argosy.txt";

/// Blob storage. Names are paths such as `media/ab/abcdef`; a blob never changes once it is there. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    checked: Arc<Mutex<Option<Checked>>>,
}

/// What the server answered when it was last asked, and when.
type Checked = (Instant, Result<()>);

/// A blob that is being read.
pub struct Reading {
    /// Its size.
    pub size_bytes: u64,
    /// Its bytes, in order.
    pub content: futures::stream::BoxStream<'static, Result<Bytes>>,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("size_bytes", &self.size_bytes).finish_non_exhaustive()
    }
}

impl Blobs {
    /// Blobs in a local folder, which is made if it is missing.
    ///
    /// # Errors
    /// `BLOBS_UNAVAILABLE` if it cannot be made.
    pub fn local(folder: &Path) -> Result<Self> {
        connect::local(folder, "data.folder").map(Self::over)
    }

    /// Blobs where the settings say, or in `folder`. What is there is listed, read and written once, so that a wrong
    /// bucket, key or endpoint is told now.
    ///
    /// # Errors
    /// `INVALID_SETTING` or `BLOBS_UNAVAILABLE`, naming the setting.
    pub async fn open(settings: &BlobSettings, folder: &Path) -> Result<Self> {
        let blobs = Self::over(connect::open(settings, folder)?);
        blobs.prove().await.map_err(|error| connect::blame(settings, error))?;
        Ok(blobs)
    }

    fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, checked: Arc::default() }
    }

    async fn prove(&self) -> Result<(), object_store::Error> {
        // A name that is not there answers 404 just like a bucket that is not there; a list tells them apart.
        self.store.list(Some(&Key::from(MARK))).next().await.transpose()?;
        let mark = Bytes::from_static(b"Argosy keeps its blobs here.\n");
        self.create(&Key::from(MARK), mark).await?;
        self.store.get(&Key::from(MARK)).await?.bytes().await?;
        Ok(())
    }

    /// Stores a blob; one that is there already stays as it is.
    ///
    /// # Errors
    /// `BLOBS_UNAVAILABLE` when the server is away, full or refuses.
    pub async fn put(&self, name: &str, content: Bytes) -> Result<()> {
        let name = Key::from(name);
        let stored = if content.len() > PART_BYTES {
            self.create_in_parts(&name, content).await
        } else {
            self.create(&name, content).await
        };
        stored.map_err(away)
    }

    async fn create(&self, name: &Key, content: Bytes) -> Result<(), object_store::Error> {
        let create = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(name, content.clone().into(), create).await {
            Ok(_)
            | Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                Ok(())
            }
            Err(error) if knows_no_conditions(&error) => {
                if self.is_there(name).await? {
                    return Ok(());
                }
                self.store.put(name, content.into()).await.map(drop)
            }
            Err(error) => Err(error),
        }
    }

    /// What was uploaded is seen when the last part is; an upload that fails is called off.
    async fn create_in_parts(&self, name: &Key, content: Bytes) -> Result<(), object_store::Error> {
        if self.is_there(name).await? {
            return Ok(());
        }
        let mut upload =
            WriteMultipart::new_with_chunk_size(self.store.put_multipart(name).await?, PART_BYTES);
        for start in (0..content.len()).step_by(PART_BYTES) {
            if let Err(error) = upload.wait_for_capacity(PARTS_MAX).await {
                // The parts that are left behind are the server's to clear; it may be away.
                let _called_off = upload.abort().await;
                return Err(error);
            }
            upload.put(content.slice(start..content.len().min(start + PART_BYTES)));
        }
        upload.finish().await.map(drop)
    }

    async fn is_there(&self, name: &Key) -> Result<bool, object_store::Error> {
        match self.store.head(name).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads a blob; `None` if there is none of that name.
    ///
    /// # Errors
    /// `BLOBS_UNAVAILABLE` when the server is away or refuses.
    pub async fn get(&self, name: &str) -> Result<Option<Bytes>> {
        match self.store.get(&Key::from(name)).await {
            Ok(found) => found.bytes().await.map(Some).map_err(away),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(away(error)),
        }
    }

    /// Reads a blob piece by piece, for what is too large to hold; `None` if there is none of that name.
    ///
    /// # Errors
    /// `BLOBS_UNAVAILABLE` when the server is away or refuses, at once or in the middle.
    pub async fn read(&self, name: &str) -> Result<Option<Reading>> {
        match self.store.get(&Key::from(name)).await {
            Ok(found) => {
                let size_bytes = found.meta.size;
                Ok(Some(Reading { size_bytes, content: pieces(found.into_stream()).boxed() }))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(away(error)),
        }
    }

    /// Whether the server answers. Asked of it every five seconds at most, however many ask.
    ///
    /// # Errors
    /// `BLOBS_UNAVAILABLE`.
    pub async fn check(&self) -> Result<()> {
        let mut checked = self.checked.lock().await;
        if let Some((at, answer)) = &*checked
            && at.elapsed() < CHECK_INTERVAL
        {
            return answer.clone();
        }
        let answer = match self.is_there(&Key::from(MARK)).await {
            Ok(true) => Ok(()),
            // Somebody cleared the bucket, or it is gone: a list tells.
            Ok(false) => self.store.list(Some(&Key::from(MARK))).next().await.transpose().map(drop),
            Err(error) => Err(error),
        };
        let answer = answer.map_err(away);
        *checked = Some((Instant::now(), answer.clone()));
        answer
    }
}

fn pieces(
    content: impl Stream<Item = Result<Bytes, object_store::Error>> + Send + 'static,
) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
    content.map_err(away)
}

/// Old or simple servers of S3's kind answer a conditional write with 501.
fn knows_no_conditions(error: &object_store::Error) -> bool {
    match error {
        object_store::Error::NotImplemented { .. } | object_store::Error::NotSupported { .. } => true,
        other => connect::root_of(other).contains("501 Not Implemented"),
    }
}

fn away(error: object_store::Error) -> Error {
    Error::unavailable("BLOBS_UNAVAILABLE", "the storage of pictures and files does not answer; try again")
        .with_retry_after(RETRY_AFTER)
        .with_source(error)
}
