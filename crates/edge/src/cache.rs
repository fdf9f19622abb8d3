//! Answers made once and sent often, and the headers that let others keep them.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::Bytes;

/// What a CDN purges by.
const SURROGATE_KEY: HeaderName = HeaderName::from_static("surrogate-key");

/// An answer with its headers, ready to be sent again and again: sending it copies pointers only.
#[derive(Debug, Clone)]
pub struct Rendered {
    body: Bytes,
    content_type: HeaderValue,
    etag: HeaderValue,
    cache_control: Option<HeaderValue>,
    surrogate_key: Option<HeaderValue>,
}

impl Rendered {
    /// An answer of a media type; its ETag is made from the bytes.
    pub fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        Self {
            etag: etag_of(&body),
            body,
            content_type: HeaderValue::from_static(content_type),
            cache_control: None,
            surrogate_key: None,
        }
    }

    /// Says who may keep it, and for how long.
    #[must_use]
    pub fn cache_control(mut self, value: &'static str) -> Self {
        self.cache_control = Some(HeaderValue::from_static(value));
        self
    }

    /// Says what a CDN purges it by.
    #[must_use]
    pub fn surrogate_keys<'a>(mut self, keys: impl IntoIterator<Item = &'a str>) -> Self {
        self.surrogate_key = surrogate_key(keys).map(|(_, value)| value);
        self
    }

    /// The bytes.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Answers a request: 304 without the bytes if the client has them.
    pub fn respond(&self, request: &HeaderMap) -> Response {
        let known = not_modified(request, &self.etag);
        let body = if known { Body::empty() } else { Body::from(self.body.clone()) };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.etag.clone());
        if let Some(value) = &self.cache_control {
            headers.insert(header::CACHE_CONTROL, value.clone());
        }
        if let Some(value) = &self.surrogate_key {
            headers.insert(SURROGATE_KEY, value.clone());
        }
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        }
        response
    }
}

/// The entity tag of some bytes. It is weak, because the same answer may be sent compressed.
pub fn etag_of(body: &[u8]) -> HeaderValue {
    let hash = blake3::hash(body).to_hex();
    HeaderValue::try_from(format!("W/\"{}\"", &hash[..22])).unwrap_or(HeaderValue::from_static("W/\"0\""))
}

/// Whether `If-None-Match` names the tag: the client has these bytes already.
pub fn not_modified(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let Ok(etag) = etag.to_str() else { return false };
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let wanted = etag.trim_start_matches("W/");
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim() == "*" || opaque(tag) == wanted)
}

/// The `Surrogate-Key` header; keys that cannot be in one are left out.
pub fn surrogate_key<'a>(keys: impl IntoIterator<Item = &'a str>) -> Option<(HeaderName, HeaderValue)> {
    let keys: Vec<&str> = keys
        .into_iter()
        .filter(|key| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic()))
        .collect();
    HeaderValue::try_from(keys.join(" "))
        .ok()
        .filter(|value| !value.is_empty())
        .map(|value| (SURROGATE_KEY, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(tag: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::try_from(tag).unwrap())])
    }

    #[test]
    fn who_has_the_bytes_is_not_sent_them_again() {
        let rendered =
            Rendered::new("application/json", "{}").cache_control("public").surrogate_keys(["a", "b c", ""]);
        let first = rendered.respond(&HeaderMap::new());
        assert_eq!(first.headers()["surrogate-key"], "a");
        let etag = first.headers()[header::ETAG].to_str().unwrap();
        for tag in [etag, etag.trim_start_matches("W/"), "*", &format!("\"x\", {etag}")] {
            let again = rendered.respond(&asks(tag));
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{tag}");
            assert_eq!(again.headers()[header::ETAG], etag);
            assert!(!again.headers().contains_key(header::CONTENT_TYPE));
        }
        assert_eq!(rendered.respond(&asks("\"other\"")).status(), StatusCode::OK);
    }
}
