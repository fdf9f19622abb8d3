//! The contract: check, look, make what is missing.

use std::sync::Arc;

use argosy_contracts::media::{
    GetMediaRequest, MediaApi, MediaItem, ReadMediaRequest, ReadMediaResponse, UploadRequest,
};
use argosy_kernel::{Ctx, Error, MediaId, Result};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::{
    MediaConfig,
    domain::{Picture, inspect, render, rendition_type},
    error,
    store::Store,
};

pub(crate) struct MediaService {
    store: Store,
    config: MediaConfig,
    workers: Arc<Semaphore>,
}

impl MediaService {
    pub(crate) fn new(store: Store, config: MediaConfig) -> Self {
        let workers = Arc::new(Semaphore::new(config.rendition_threads_max.max(1) as usize));
        Self { store, config, workers }
    }

    async fn picture(&self, id: &str) -> Result<Picture> {
        let id: MediaId = id.parse()?;
        self.store.get(id).await?.ok_or_else(|| error::media_not_found(id))
    }

    /// Work on pixels, outside of the threads that answer calls.
    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let _place = self.workers.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }

    async fn original(&self, picture: &Picture) -> Result<Bytes> {
        self.store.original(&picture.digest).await?.ok_or_else(|| error::media_not_found(picture.id))
    }

    async fn rendition(&self, picture: &Picture, width: u32) -> Result<ReadMediaResponse> {
        let content = if let Some(made) = self.store.rendition(&picture.digest, width).await? {
            made
        } else {
            let (original, quality) = (self.original(picture).await?, self.config.jpeg_quality);
            let content = Bytes::from(self.work(move || render(&original, width, quality)).await?);
            self.store.put_rendition(&picture.digest, width, content.clone()).await?;
            content
        };
        Ok(ReadMediaResponse { content_type: rendition_type(&content).to_owned(), content: content.into() })
    }
}

#[async_trait]
impl MediaApi for MediaService {
    async fn upload(&self, _ctx: &Ctx, request: UploadRequest) -> Result<MediaItem> {
        let content = Bytes::from(request.content);
        let inspected = content.clone();
        let picture = self.work(move || inspect(&inspected)).await?;
        self.store.put(&picture, content).await?;
        Ok(to_wire(picture))
    }

    async fn get_media(&self, _ctx: &Ctx, request: GetMediaRequest) -> Result<MediaItem> {
        self.picture(&request.id).await.map(to_wire)
    }

    async fn read_media(&self, _ctx: &Ctx, request: ReadMediaRequest) -> Result<ReadMediaResponse> {
        let picture = self.picture(&request.id).await?;
        if request.width == 0 {
            let content = self.original(&picture).await?;
            return Ok(ReadMediaResponse { content_type: picture.content_type, content: content.into() });
        }
        if !self.config.rendition_widths.contains(&request.width) {
            let widths: Vec<String> = self.config.rendition_widths.iter().map(ToString::to_string).collect();
            return Err(Error::invalid_field("/width", format!("must be one of {}", widths.join(", "))));
        }
        self.rendition(&picture, request.width).await
    }
}

fn to_wire(picture: Picture) -> MediaItem {
    MediaItem {
        id: picture.id.to_string(),
        url: format!("/media/{}", picture.id),
        content_type: picture.content_type,
        width: picture.width,
        height: picture.height,
        size_bytes: picture.size_bytes,
    }
}
