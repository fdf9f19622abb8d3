//! Making renditions: plain ones when they are first asked for, WebP and AVIF in the background, all in a bounded
//! number of threads and each kept.
//!
//! Encoding WebP takes longer than JPEG, AVIF longer still, and nobody waits for them: whoever asks meanwhile gets
//! the best that there is.

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
    /// WebP, which is made before AVIF.
    waiting: mpsc::Sender<Job>,
    waiting_for_avif: mpsc::Sender<Job>,
    /// What is waiting or being made.
    known: Arc<Mutex<HashSet<(String, u32, Format)>>>,
    makes_avif: bool,
}

struct Job {
    picture: Picture,
    width: u32,
    format: Format,
}

impl Job {
    fn key(&self) -> (String, u32, Format) {
        (self.picture.digest.clone(), self.width, self.format)
    }
}

/// What is to be made: AVIF when no WebP waits.
struct Jobs {
    webp: mpsc::Receiver<Job>,
    avif: mpsc::Receiver<Job>,
}

impl Jobs {
    async fn next(&mut self) -> Option<Job> {
        tokio::select! {
            biased;
            job = self.webp.recv() => job,
            job = self.avif.recv() => job,
        }
    }
}

impl Renditions {
    pub(crate) fn start(store: Store, config: &MediaConfig, tasks: &Tasks) -> Self {
        let threads = config.rendition_threads_max.max(1) as usize;
        let (waiting, jobs) = mpsc::channel(config.rendition_queue_max.max(1));
        let (waiting_for_avif, avif_jobs) = mpsc::channel(config.rendition_queue_max.max(1));
        let renditions = Self {
            store,
            quality: Quality {
                jpeg: config.jpeg_quality,
                webp: config.webp_quality,
                avif: config.avif_quality,
                avif_speed: config.avif_speed,
            },
            places: Arc::new(Semaphore::new(threads)),
            waiting,
            waiting_for_avif,
            known: Arc::default(),
            makes_avif: config.avif_speed > 0,
        };
        let jobs = Arc::new(AsyncMutex::new(Jobs { webp: jobs, avif: avif_jobs }));
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

    /// The best rendition that there is up to a format, and whether it is for now only. What is missing is made: the
    /// plain one now, the others later, the quickest first.
    pub(crate) async fn best(&self, picture: &Picture, width: u32, format: Format) -> Result<(Bytes, bool)> {
        let wanted: &[Format] = match format {
            Format::Avif if self.makes_avif => &[Format::Avif, Format::WebP],
            Format::Avif | Format::WebP => &[Format::WebP],
            Format::Plain | Format::Preview => &[],
        };
        let mut missing = Vec::new();
        let mut best = None;
        for format in wanted {
            match self.store.rendition(&picture.digest, width, *format).await? {
                Some(made) => {
                    best = Some(made);
                    break;
                }
                None => missing.push(*format),
            }
        }
        let best = match best {
            Some(made) => made,
            None => self.plain(picture, width).await?,
        };
        missing.iter().rev().for_each(|format| self.order(picture, width, *format));
        Ok((best, !missing.is_empty()))
    }

    /// A JPEG or PNG, made now if there is none.
    async fn plain(&self, picture: &Picture, width: u32) -> Result<Bytes> {
        self.kept_or_made(picture, width, Format::Plain).await
    }

    /// What link previews show, made now if there is none.
    pub(crate) async fn preview(&self, picture: &Picture) -> Result<Bytes> {
        self.kept_or_made(picture, 0, Format::Preview).await
    }

    async fn kept_or_made(&self, picture: &Picture, width: u32, format: Format) -> Result<Bytes> {
        match self.store.rendition(&picture.digest, width, format).await? {
            Some(made) => Ok(made),
            None => self.make(picture, width, format).await,
        }
    }

    async fn make(&self, picture: &Picture, width: u32, format: Format) -> Result<Bytes> {
        let (original, quality) = (self.original(picture).await?, self.quality);
        let mut content = Bytes::from(self.work(move || render(&original, width, format, quality)).await?);
        if format == Format::Avif
            && let Some(webp) = self.store.rendition(&picture.digest, width, Format::WebP).await?
            && webp.len() <= content.len()
        {
            content = webp; // an AVIF that is not smaller is of no use to anybody
        }
        self.store.put_rendition(&picture.digest, width, format, content.clone()).await?;
        Ok(content)
    }

    /// Has a rendition made, once; if too many wait already, whoever asks next orders it again.
    fn order(&self, picture: &Picture, width: u32, format: Format) {
        let job = Job { picture: picture.clone(), width, format };
        let key = job.key();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = if format == Format::Avif { &self.waiting_for_avif } else { &self.waiting };
        if !known.contains(&key) && waiting.try_send(job).is_ok() {
            known.insert(key);
        }
    }

    async fn make_all(self, jobs: Arc<AsyncMutex<Jobs>>) {
        loop {
            let Some(job) = jobs.lock().await.next().await else { return };
            let key = job.key();
            if let Err(error) = self.make(&job.picture, job.width, job.format).await {
                let (id, width, format) = (job.picture.id, job.width, job.format);
                tracing::warn!(media.id = %id, media.width = width, ?format, %error, "no rendition");
            }
            self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        }
    }
}
