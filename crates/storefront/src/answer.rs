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
    edition::{Edition, SharedEdition},
    language::Words,
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
        response.extensions_mut().insert(self.error);
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
    title: String,
    text: String,
    /// For who works on the theme: what is wrong with it; else empty.
    detail: String,
}

/// What a page may load beyond its own: the fields of the payment provider, in which the buyer gives it the card.
/// <https://docs.stripe.com/security/guide#content-security-policy>
const POLICY_WITH_CARD: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' https://js.stripe.com https://*.js.stripe.com; style-src 'self'; \
     img-src 'self' data: https:; connect-src 'self' https://api.stripe.com; \
     frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'",
);

/// Put on an answer by the pages that have the provider's fields; no other page may load anything of others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HasCardFields;

/// What a page may load and do: only what comes from this shop, besides pictures; no inline script or style.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// Tells every request its edition, puts the policy on every answer, and turns every failure below it, also one of the
/// web framework, into a page in the shop's look.
pub(crate) async fn as_page(State(shop): State<SharedShop>, mut request: Request, next: Next) -> Response {
    let script = crate::request::wants_json(request.headers());
    let path = request.uri().path().to_owned();
    let mut response = match shop.edition_of(&path) {
        Ok(edition) => {
            request.extensions_mut().insert(edition);
            next.run(request).await
        }
        Err(error) => Failure::from(error).into_response(),
    };
    let has_card_fields = response.extensions_mut().remove::<HasCardFields>().is_some();
    let policy = if has_card_fields { POLICY_WITH_CARD } else { POLICY };
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    let status = response.status();
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if script || is_page || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let edition =
        shop.edition_of(&path).unwrap_or_else(|_| SharedEdition::clone(shop.editions.of_path(&path)));
    let unprefixed = path.strip_prefix(&edition.prefix).unwrap_or(&path);
    let buys = ["/cart", "/checkout", "/pay", "/wallet"].iter().any(|start| unprefixed.starts_with(start));
    let what = if buys && is_pause(status) { "buying-pauses" } else { name_of(status) };
    error_page(&shop, &edition, what, response).await
}

/// `what` names the page's messages: `gone-title`, `gone-text`.
async fn error_page(shop: &Shop, edition: &Edition, what: &str, response: Response) -> Response {
    let status = response.status();
    let (title, text) = (edition.say(&format!("{what}-title")), edition.say(&format!("{what}-text")));
    let detail = response.extensions().get::<Error>().filter(|_| shop.config.theme_reload).map(told);
    let detail = detail.unwrap_or_default();
    let head = Head::hidden(&title, "/");
    let view = ErrorView {
        status: status.as_u16(),
        title: title.clone(),
        text: text.clone(),
        detail: detail.clone(),
    };
    let structure = shop.structure().await.unwrap_or_default();
    let html = shop.render_with(edition, "error.html", head, view, &structure);
    let html = html.unwrap_or_else(|error| {
        tracing::error!(error = ?error, "cannot render the error page");
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        let detail = if detail.is_empty() { detail } else { format!("<pre>{}</pre>", escape(&detail)) };
        let (title, text, tag) = (escape(&title), escape(&text), &edition.words.tag);
        format!("<!doctype html><html lang=\"{tag}\"><title>{title}</title><h1>{title}</h1><p>{text}</p>{detail}</html>")
    });
    let mut page = private_page(status, html);
    for name in [header::CONTENT_SECURITY_POLICY, header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = response.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}

/// An error with what caused it, which only who works on the theme may read.
fn told(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    cause.unwrap_or_else(|| error.message().to_owned())
}

fn is_pause(status: StatusCode) -> bool {
    matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

/// What the messages about a status begin with.
fn name_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "not-found",
        StatusCode::GONE => "gone",
        StatusCode::METHOD_NOT_ALLOWED => "wrong-method",
        StatusCode::FORBIDDEN => "foreign",
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        StatusCode::REQUEST_TIMEOUT => "too-slow",
        StatusCode::TOO_MANY_REQUESTS => "too-many",
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => "away",
        status if status.is_client_error() => "bad-request",
        _ => "failed",
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
pub(crate) fn field_sentence(field: &FieldError, words: &Words) -> String {
    sentence(&words.translated("", &field.message))
}
