//! What doors for programs have beyond the protections: problem+json for wrong methods, and CORS.

use std::time::Duration;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, Method, header},
};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::{error::wrong_method, guard::Edge};

/// How long a browser may remember what a preflight answered.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_hours(1);

impl Edge {
    /// Makes a router a door for programs: a wrong method is answered as problem+json, and browsers may call
    /// it from the configured origins. Call it when the router has all its routes.
    pub fn api(&self, router: Router) -> Router {
        let router = router.method_not_allowed_fallback(wrong_method);
        match self.cors() {
            Some(cors) => router.layer(cors),
            None => router,
        }
    }

    fn cors(&self) -> Option<CorsLayer> {
        let origins = &self.inner.config.cors_origins;
        if origins.is_empty() {
            return None;
        }
        let allowed = if origins.iter().any(|origin| origin == "*") {
            AllowOrigin::any()
        } else {
            AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::try_from(origin).ok()))
        };
        let sent = [
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("wallet-key"),
        ];
        let read = [
            header::ETAG,
            header::LOCATION,
            header::RETRY_AFTER,
            HeaderName::from_static("idempotency-replayed"),
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("ratelimit-limit"),
            HeaderName::from_static("ratelimit-remaining"),
            HeaderName::from_static("ratelimit-reset"),
        ];
        Some(
            CorsLayer::new()
                .allow_origin(allowed)
                .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
                .allow_headers(sent)
                .expose_headers(read)
                .max_age(PREFLIGHT_MAX_AGE),
        )
    }
}
