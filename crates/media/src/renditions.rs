//! Making renditions: plain ones when they are first asked for, WebP ones in the background, all in a bounded
//! number of threads and each kept.
//!
//! Encoding WebP takes longer than JPEG, and nobody waits for it: whoever asks meanwhile gets the plain one. AVIF is
//! not made: it would bring a whole video encoder into the build.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use argosy_kernel::{Error, Result};
use argosy_platform::tasks::Tasks;
use bytes::Bytes;
use tokio::sync::{Mutex as AsyncMutex, Semaphore, mpsc};

use crate::{
    MediaConfig,
    domain::{Format, Picture, Quality, render},
    error,
    store::Store,
};

/// Makes renditions and keeps them.
#[derive(Clone)]
pub(crate) struct Renditions {
    store: Store,
    quality: Quality,
    places: Arc<Semaphore>,
    waiting: mpsc::Sender<Job>,
    /// What is waiting or being made.
    known: Arc<Mutex<HashSet<(String, u32)>>>,
}

struct Job {
    picture: Picture,
    width: u32,
}

impl Renditions {
    pub(crate) fn start(store: Store, config: &MediaConfig, tasks: &Tasks) -> Self {
        let threads = config.rendition_threads_max.max(1) as usize;
        let (waiting, jobs) = mpsc::channel(config.webp_queue_max.max(1));
        let renditions = Self {
            store,
            quality: Quality { jpeg: config.jpeg_quality, webp: config.webp_quality },
            places: Arc::new(Semaphore::new(threads)),
            waiting,
            known: Arc::default(),
        };
        let jobs = Arc::new(AsyncMutex::new(jobs));
        // One thread stays free for those who wait, unless there is one only.
        for _ in 0..threads.saturating_sub(1).max(1) {
            tasks.spawn_loop(renditions.clone().make_all(Arc::clone(&jobs)));
        }
        renditions
    }

    /// Work on pixels, outside of the threads that answer calls.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _place = self.places.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }

    pub(crate) async fn original(&self, picture: &Picture) -> Result<Bytes> {
        self.store.original(&picture.digest).await?.ok_or_else(|| error::media_not_found(picture.id))
    }

    /// A JPEG or PNG, made now if there is none.
    pub(crate) async fn plain(&self, picture: &Picture, width: u32) -> Result<Bytes> {
        match self.store.rendition(&picture.digest, width, Format::Plain).await? {
            Some(made) => Ok(made),
            None => self.make(picture, width, Format::Plain).await,
        }
    }

    /// WebP if there is one; if not, the plain one, and whether it is for now only.
    pub(crate) async fn webp_or_plain(&self, picture: &Picture, width: u32) -> Result<(Bytes, bool)> {
        if let Some(made) = self.store.rendition(&picture.digest, width, Format::WebP).await? {
            return Ok((made, false));
        }
        let plain = self.plain(picture, width).await?;
        self.order(picture, width);
        Ok((plain, true))
    }

    async fn make(&self, picture: &Picture, width: u32, format: Format) -> Result<Bytes> {
        let (original, quality) = (self.original(picture).await?, self.quality);
        let content = Bytes::from(self.work(move || render(&original, width, format, quality)).await?);
        self.store.put_rendition(&picture.digest, width, format, content.clone()).await?;
        Ok(content)
    }

    /// Has a WebP made, once; if too many wait already, whoever asks next orders it again.
    fn order(&self, picture: &Picture, width: u32) {
        let key = (picture.digest.clone(), width);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.contains(&key) {
            return;
        }
        if self.waiting.try_send(Job { picture: picture.clone(), width }).is_ok() {
            known.insert(key);
        }
    }

    async fn make_all(self, jobs: Arc<AsyncMutex<mpsc::Receiver<Job>>>) {
        loop {
            let Some(job) = jobs.lock().await.recv().await else { return };
            if let Err(error) = self.make(&job.picture, job.width, Format::WebP).await {
                let (id, width) = (job.picture.id, job.width);
                tracing::warn!(media.id = %id, media.width = width, %error, "no rendition in WebP");
            }
            let key = (job.picture.digest, job.width);
            self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        }
    }
}
