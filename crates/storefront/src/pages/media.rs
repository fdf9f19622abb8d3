//! Pictures: `GET /media/{id}`, `GET /media/{id}/{width}` and `GET /media/{id}/preview`. Their bytes never change, so they are kept for ever;
//! but while one in WebP or AVIF is being made, the one that stands in for it is kept for a minute.

use argosy_contracts::media::ReadMediaRequest;
use argosy_edge::Caller;
use argosy_kernel::{Ctx, Error, MediaId};
use axum::{
    body::Body,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    answer::{Answer, Failure},
    request,
    shop::{Picture, SharedShop, Shop},
};

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const PREVIEW: &str = "preview";
const FOR_A_MINUTE: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// `GET /media/{id}`.
pub(crate) async fn original(
    State(shop): State<SharedShop>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    let id = id.parse().map_err(|_| request::no_page())?;
    serve(&shop, &ctx, id, 0, "", &headers).await
}

/// `GET /media/{id}/{width}`: as AVIF or WebP for those who show it.
pub(crate) async fn rendition(
    State(shop): State<SharedShop>,
    Path((id, width)): Path<(String, String)>,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    let id = id.parse().map_err(|_| request::no_page())?;
    let width = width.parse().map_err(|_| request::no_page())?;
    serve(&shop, &ctx, id, width, request::picture_format(&headers), &headers).await
}

/// `GET /media/{id}/preview`: 1200 × 630, for those who show links with a picture.
pub(crate) async fn preview(
    State(shop): State<SharedShop>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Caller(ctx): Caller,
) -> Answer {
    let id = id.parse().map_err(|_| request::no_page())?;
    serve(&shop, &ctx, id, 0, PREVIEW, &headers).await
}

async fn serve(shop: &Shop, ctx: &Ctx, id: MediaId, width: u32, format: &str, headers: &HeaderMap) -> Answer {
    let key = format!("{id}/{width}/{format}");
    let etag = HeaderValue::try_from(format!("\"{id}-{width}{format}\"")).map_err(Error::internal)?;
    if argosy_edge::not_modified(headers, &etag) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        response.headers_mut().insert(header::ETAG, etag);
        return Ok(response);
    }
    let load = async {
        let request = ReadMediaRequest { id: id.to_string(), width, format: format.to_owned() };
        let read = shop.clients.media.read_media(ctx, request).await?;
        let (content_type, content) = (read.content_type.into(), read.content.into());
        Ok::<Picture, Error>(Picture { content_type, content, is_interim: read.is_interim })
    };
    let picture = shop.pictures.try_get_with(key.clone(), load).await;
    let picture = picture.map_err(|error| Failure::from((*error).clone()))?;
    if picture.is_interim {
        shop.pictures.invalidate(&key).await;
    }
    if !picture.content_type.starts_with("image/") {
        return Err(request::no_page());
    }
    let content_type = HeaderValue::try_from(&*picture.content_type).map_err(Error::internal)?;
    let mut response = Response::new(Body::from(picture.content));
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, content_type);
    if picture.is_interim {
        out.insert(header::CACHE_CONTROL, FOR_A_MINUTE);
    } else {
        out.insert(header::CACHE_CONTROL, FOR_EVER);
        out.insert(header::ETAG, etag);
    }
    out.insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}
