//! One log line and two metrics a request.

use std::{net::IpAddr, time::Duration};

use axum::http::{Method, StatusCode};

use crate::config::AccessLog;

/// What is known of a request once it is answered.
pub(crate) struct Access<'a> {
    pub(crate) method: &'a Method,
    /// Without the query: it may hold an order's key.
    pub(crate) path: &'a str,
    pub(crate) route: &'a str,
    pub(crate) status: StatusCode,
    pub(crate) duration: Duration,
    pub(crate) client: IpAddr,
    pub(crate) request_id: &'a str,
}

impl Access<'_> {
    pub(crate) fn record(&self, log: AccessLog) {
        let method = method_label(self.method);
        let route = self.route.to_owned();
        let status = self.status.as_str().to_owned();
        metrics::histogram!("argosy_http_request_seconds", "method" => method, "route" => route.clone(), "status" => status.clone())
            .record(self.duration);
        metrics::counter!("argosy_http_requests_total", "method" => method, "route" => route, "status" => status)
            .increment(1);
        let logged = match log {
            AccessLog::All => true,
            AccessLog::Errors => self.status.is_server_error(),
            AccessLog::Off => false,
        };
        if logged {
            tracing::info!(
                http.method = method,
                http.path = self.path,
                http.route = self.route,
                http.status = self.status.as_u16(),
                duration_us = u64::try_from(self.duration.as_micros()).unwrap_or(u64::MAX),
                client.address = %self.client,
                request.id = self.request_id,
                "request"
            );
        }
    }
}

/// Few and known, whatever clients send: each is a time series.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PATCH" => "PATCH",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
