//! Style, script and drawings: built in, each replaceable from the theme folder.
//!
//! A file is served under a name with a hash of its content, so that it can be cached for ever: a new release
//! has new names.

use std::{collections::HashMap, io::Write, path::Path};

use axum::{
    body::Body,
    extract::{Path as UrlPath, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::RustEmbed;

use crate::{answer::Answer, request, shop::SharedShop};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/assets"]
struct BuiltIn;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

struct Asset {
    kind: HeaderValue,
    etag: HeaderValue,
    plain: Bytes,
    gzip: Bytes,
}

/// The shop's own files, by the names they are served under.
pub(crate) struct Assets {
    files: HashMap<String, Asset>,
    urls: HashMap<String, String>,
}

impl Assets {
    /// Reads all files once.
    pub(crate) fn load(theme: &Path) -> Self {
        let mut assets = Self { files: HashMap::new(), urls: HashMap::new() };
        for name in BuiltIn::iter() {
            let built_in = || BuiltIn::get(&name).map(|file| file.data.into_owned());
            let replaced =
                if theme.as_os_str().is_empty() { None } else { std::fs::read(theme.join(&*name)).ok() };
            if let Some(content) = replaced.or_else(built_in) {
                assets.add(&name, content);
            }
        }
        assets
    }

    fn add(&mut self, name: &str, content: Vec<u8>) {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
        let hash = blake3::hash(&content).to_hex();
        let served = format!("{stem}.{}.{extension}", &hash[..12]);
        let kind = match extension {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "application/octet-stream",
        };
        let asset = Asset {
            kind: HeaderValue::from_static(kind),
            etag: argosy_edge::etag_of(&content),
            gzip: gzip(&content),
            plain: content.into(),
        };
        self.urls.insert(name.to_owned(), format!("/assets/{served}"));
        self.files.insert(served, asset);
    }

    /// Where each file is served, by its plain name.
    pub(crate) fn urls(&self) -> HashMap<String, String> {
        self.urls.clone()
    }

    /// Where a file is served.
    pub(crate) fn url(&self, name: &str) -> &str {
        self.urls.get(name).map_or("", String::as_str)
    }
}

/// Compressed once, when it is made.
pub(crate) fn gzip(content: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.unwrap_or_default().into()
}

/// `GET /assets/{name}`.
pub(crate) async fn serve(
    State(shop): State<SharedShop>,
    UrlPath(name): UrlPath<String>,
    headers: HeaderMap,
) -> Answer {
    let assets = shop.assets();
    let Some(asset) = assets.files.get(&name) else { return Err(request::no_page()) };
    let mut response = if argosy_edge::not_modified(&headers, &asset.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        body_of(&headers, &asset.plain, &asset.gzip)
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, asset.kind.clone());
    out.insert(header::ETAG, asset.etag.clone());
    out.insert(header::CACHE_CONTROL, FOR_EVER);
    Ok(response)
}

/// `GET /favicon.ico`, for those who ask without reading the page.
pub(crate) async fn favicon(State(shop): State<SharedShop>) -> Response {
    axum::response::Redirect::permanent(shop.assets().url("favicon.svg")).into_response()
}

/// The plain or the compressed bytes, as the client can read them.
pub(crate) fn body_of(headers: &HeaderMap, plain: &Bytes, gzip: &Bytes) -> Response {
    let compressed = !gzip.is_empty() && request::accepts_gzip(headers);
    let body = if compressed { gzip.clone() } else { plain.clone() };
    let mut response = Response::new(Body::from(body));
    if compressed {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}
