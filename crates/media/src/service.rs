//! The contract: check, look, make what is missing.

use std::collections::HashMap;

use argosy_contracts::media::{
    FindMediaRequest, FindMediaResponse, FoundMedia, GetFileRequest, GetMediaRequest, ListFilesRequest,
    ListFilesResponse, MediaApi, MediaItem, PutFilePartRequest, PutFilePartResponse, PutFileRequest,
    ReadFilePartRequest, ReadFilePartResponse, ReadMediaRequest, ReadMediaResponse, RemoveFileRequest,
    RemoveFileResponse, SoldFile, UploadRequest,
};
use argosy_kernel::{Ctx, Error, MediaId, Result};
use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    MediaConfig,
    domain::{Format, Picture, inspect, rendition_type},
    error, files,
    renditions::Renditions,
    store::Store,
};

const ADDRESSES_MAX: usize = 500;
const SOURCE_URL_LENGTH_MAX: usize = 2_000;

pub(crate) struct MediaService {
    store: Store,
    config: MediaConfig,
    renditions: Renditions,
}

impl MediaService {
    pub(crate) fn new(store: Store, config: MediaConfig, renditions: Renditions) -> Self {
        Self { store, config, renditions }
    }

    async fn picture(&self, id: &str) -> Result<Picture> {
        let id: MediaId = id.parse()?;
        self.store.get(id).await?.ok_or_else(|| error::media_not_found(id))
    }

    fn check_width(&self, width: u32) -> Result<()> {
        if self.config.rendition_widths.contains(&width) {
            return Ok(());
        }
        let widths: Vec<String> = self.config.rendition_widths.iter().map(ToString::to_string).collect();
        Err(Error::invalid_field("/width", format!("must be one of {}", widths.join(", "))))
    }
}

fn format_of(text: &str) -> Result<Format> {
    match text {
        "" => Ok(Format::Plain),
        "webp" => Ok(Format::WebP),
        "avif" => Ok(Format::Avif),
        "preview" => Ok(Format::Preview),
        _ => Err(Error::invalid_field("/format", "must be avif, webp, preview or nothing")),
    }
}

/// The id in the address of one of our pictures.
fn own_id(address: &str) -> Option<MediaId> {
    address.strip_prefix("/media/")?.parse().ok()
}

#[async_trait]
impl MediaApi for MediaService {
    async fn upload(&self, _ctx: &Ctx, request: UploadRequest) -> Result<MediaItem> {
        if request.source_url.len() > SOURCE_URL_LENGTH_MAX {
            let message = format!("must have at most {SOURCE_URL_LENGTH_MAX} characters");
            return Err(Error::invalid_field("/source_url", message));
        }
        let content = Bytes::from(request.content);
        let inspected = content.clone();
        let picture = self.renditions.work(move || inspect(&inspected)).await?;
        self.store.put(&picture, content, &request.source_url).await?;
        Ok(to_wire(picture))
    }

    async fn get_media(&self, _ctx: &Ctx, request: GetMediaRequest) -> Result<MediaItem> {
        self.picture(&request.id).await.map(to_wire)
    }

    async fn find_media(&self, _ctx: &Ctx, request: FindMediaRequest) -> Result<FindMediaResponse> {
        let addresses = request.addresses;
        if addresses.len() > ADDRESSES_MAX {
            let message = format!("must name at most {ADDRESSES_MAX}");
            return Err(Error::invalid_field("/addresses", message));
        }
        let foreign: Vec<&str> =
            addresses.iter().map(String::as_str).filter(|address| own_id(address).is_none()).collect();
        let sources: HashMap<String, MediaId> = self.store.by_sources(&foreign).await?.into_iter().collect();
        let id_of = |address: &str| own_id(address).or_else(|| sources.get(address).copied());
        let ids: Vec<MediaId> = addresses.iter().filter_map(|address| id_of(address)).collect();
        let pictures: HashMap<MediaId, Picture> =
            self.store.by_ids(&ids).await?.into_iter().map(|picture| (picture.id, picture)).collect();
        let found = addresses.into_iter().filter_map(|address| {
            let picture = pictures.get(&id_of(&address)?)?.clone();
            Some(FoundMedia { address, item: Some(to_wire(picture)) })
        });
        Ok(FindMediaResponse { found: found.collect() })
    }

    async fn read_media(&self, _ctx: &Ctx, request: ReadMediaRequest) -> Result<ReadMediaResponse> {
        let format = format_of(&request.format)?;
        let picture = self.picture(&request.id).await?;
        if format == Format::Preview {
            let content = self.renditions.preview(&picture).await?;
            let content_type = rendition_type(&content).to_owned();
            return Ok(ReadMediaResponse { content_type, content: content.into(), is_interim: false });
        }
        if request.width == 0 {
            let content = self.renditions.original(&picture).await?;
            return Ok(ReadMediaResponse {
                content_type: picture.content_type,
                content: content.into(),
                is_interim: false,
            });
        }
        self.check_width(request.width)?;
        let format = format.fitting(picture.width, picture.height, request.width);
        let (content, is_interim) = self.renditions.best(&picture, request.width, format).await?;
        let content_type = rendition_type(&content).to_owned();
        Ok(ReadMediaResponse { content_type, content: content.into(), is_interim })
    }

    async fn put_file_part(&self, ctx: &Ctx, request: PutFilePartRequest) -> Result<PutFilePartResponse> {
        files::put_part(&self.store, ctx, request).await
    }

    async fn put_file(&self, ctx: &Ctx, request: PutFileRequest) -> Result<SoldFile> {
        files::put(&self.store, ctx, request).await.map(Into::into)
    }

    async fn remove_file(&self, ctx: &Ctx, request: RemoveFileRequest) -> Result<RemoveFileResponse> {
        files::remove(&self.store, ctx, &request.file_id).await.map(|()| RemoveFileResponse {})
    }

    async fn list_files(&self, _ctx: &Ctx, request: ListFilesRequest) -> Result<ListFilesResponse> {
        files::list(&self.store, request).await
    }

    async fn get_file(&self, _ctx: &Ctx, request: GetFileRequest) -> Result<SoldFile> {
        files::get(&self.store, &request.file_id).await.map(Into::into)
    }

    async fn read_file_part(&self, _ctx: &Ctx, request: ReadFilePartRequest) -> Result<ReadFilePartResponse> {
        let content = files::read_part(&self.store, &request.digest).await?.into();
        Ok(ReadFilePartResponse { content })
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
