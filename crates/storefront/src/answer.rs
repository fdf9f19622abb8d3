//! Answers: pages, redirects, and failures, which become pages too.

use argosy_kernel::{Code, Error, FieldError};
use argosy_platform::http::problem_of;
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{
    shop::{SharedShop, Shop},
    view::head::Head,
};

/// What a handler answers.
pub(crate) type Answer = Result<Response, Failure>;

/// An error on its way to becoming a page.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    error: Error,
    gone: bool,
}

impl Failure {
    /// Something that was here once.
    pub(crate) fn gone() -> Self {
        Self { error: Error::not_found("GONE", "this product is no longer sold"), gone: true }
    }

    /// The error itself, for what is not answered yet.
    pub(crate) fn into_error(self) -> Error {
        self.error
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, gone: false }
    }
}

/// The middleware [`as_page`] makes the page; this only carries the error to it.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let problem = problem_of(&self.error);
        let retry_after = self.error.retry_after().map(|after| after.as_secs().max(1));
        let gone = self.gone;
        let named_badly = self.error.reason() == "INVALID_ID";
        let mut response = problem.into_response();
        if gone {
            *response.status_mut() = StatusCode::GONE;
        } else if named_badly {
            *response.status_mut() = StatusCode::NOT_FOUND;
        }
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A page that is made for one visitor and kept by nobody.
pub(crate) fn private_page(status: StatusCode, html: String) -> Response {
    let mut response = (status, Body::from(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Sends the browser on with a GET, so that reloading sends no form twice.
pub(crate) fn see_other(path: &str) -> Response {
    let location = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[derive(Serialize)]
struct ErrorView {
    status: u16,
    title: &'static str,
    text: String,
}

/// What a page may load and do: only what comes from this shop, besides pictures; no inline script or style.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// Puts the policy on every answer, and turns every failure below it, also one of the web framework, into a page in the shop's look.
pub(crate) async fn as_page(State(shop): State<SharedShop>, request: Request, next: Next) -> Response {
    let script = crate::request::wants_json(request.headers());
    let path = request.uri().path();
    let buys = path.starts_with("/cart") || path.starts_with("/checkout");
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    let status = response.status();
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if script || is_page || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let words = if buys && is_pause(status) { BUYING_PAUSES } else { words(status) };
    error_page(&shop, words, response).await
}

async fn error_page(
    shop: &Shop,
    (title, text): (&'static str, &'static str),
    response: Response,
) -> Response {
    let status = response.status();
    let head = Head::hidden(title);
    let view = ErrorView { status: status.as_u16(), title, text: text.to_owned() };
    let structure = shop.structure().await.unwrap_or_default();
    let html = shop.render_with("error.html", head, view, &structure);
    let html = html.unwrap_or_else(|error| {
        tracing::error!(error = ?error, "cannot render the error page");
        format!("<!doctype html><html lang=\"en\"><title>{title}</title><h1>{title}</h1><p>{text}</p></html>")
    });
    let mut page = private_page(status, html);
    for name in [header::CONTENT_SECURITY_POLICY, header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = response.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}

/// What is said of carts and checkouts while a service that they need is away.
const BUYING_PAUSES: (&str, &str) = (
    "Buying pauses for a moment",
    "Carts and checkout do not answer right now; products can still be looked at. What is in your cart stays there. \
     Please try again shortly.",
);

fn is_pause(status: StatusCode) -> bool {
    matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => (
            "Page not found",
            "There is nothing at this address. It may have moved, or the link is mistyped.",
        ),
        StatusCode::GONE => {
            ("No longer available", "This product has left our range. Perhaps something else fits.")
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            ("That does not work here", "This page cannot be asked for in that way.")
        }
        StatusCode::FORBIDDEN => {
            ("Sent from elsewhere", "This form came from another site. Open the shop here and try again.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("Too much at once", "What was sent is larger than we can take."),
        StatusCode::REQUEST_TIMEOUT => {
            ("That took too long", "The form did not arrive in time. Please send it again.")
        }
        StatusCode::TOO_MANY_REQUESTS => {
            ("One moment, please", "There were very many requests from you. Wait a little and try again.")
        }
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            ("Back in a moment", "A part of the shop does not answer right now. Please try again shortly.")
        }
        status if status.is_client_error() => {
            ("We did not understand that", "Something in this address or form is not as we expect it.")
        }
        _ => ("Something went wrong", "The fault is ours, and it has been noted. Please try again."),
    }
}

/// Whether a visitor can mend what is wrong, so that it is said beside the form.
pub(crate) fn is_mendable(error: &Error) -> bool {
    matches!(error.code(), Code::InvalidArgument | Code::FailedPrecondition | Code::NotFound | Code::Aborted)
}

/// What is wrong, as a sentence.
pub(crate) fn sentence(message: &str) -> String {
    let mut characters = message.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

/// What is wrong with a field, as a sentence.
pub(crate) fn field_sentence(field: &FieldError) -> String {
    sentence(&field.message)
}
