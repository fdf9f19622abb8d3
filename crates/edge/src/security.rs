//! Headers that tell browsers to be careful. A door that has its own value for one keeps it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::EdgeConfig;

pub(crate) struct SecurityHeaders(Vec<(HeaderName, HeaderValue)>);

impl SecurityHeaders {
    pub(crate) fn new(config: &EdgeConfig) -> Self {
        let fixed = |name: HeaderName, value: &'static str| (name, HeaderValue::from_static(value));
        let mut headers = vec![
            fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            fixed(header::X_FRAME_OPTIONS, "DENY"),
            fixed(header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
            fixed(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
            fixed(
                HeaderName::from_static("permissions-policy"),
                "camera=(), geolocation=(), microphone=(), usb=()",
            ),
        ];
        if config.hsts_max_age_s > 0 {
            let value = format!("max-age={}; includeSubDomains", config.hsts_max_age_s);
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.push((header::STRICT_TRANSPORT_SECURITY, value));
            }
        }
        Self(headers)
    }

    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            if !headers.contains_key(name) {
                headers.insert(name, value.clone());
            }
        }
    }
}
