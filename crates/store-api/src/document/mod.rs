//! The OpenAPI document, made from the code, and a page of it for people.
//!
//! A bundled viewer lost: Swagger UI adds more than ten megabytes to the binary and needs inline styles that a
//! strict content security policy forbids. The page here is plain HTML made from the same document.

mod common;
mod page;
mod schemas;

use argosy_edge::Rendered;
use axum::{
    Router,
    http::{HeaderMap, HeaderValue, header},
    routing::get,
};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;

const CACHED: &str = "public, max-age=60";
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'";

// Documents what `platform::http` answers.
/// An error: RFC 9457.
#[derive(Serialize, ToSchema)]
#[schema(
    as = Problem,
    example = json!({
        "type": "about:blank", "title": "Unprocessable Entity", "status": 422, "code": "INVALID_FIELD",
        "detail": "quantity: must be from 1 to 9999",
        "errors": [{"pointer": "/quantity", "message": "must be from 1 to 9999"}]
    })
)]
struct ProblemOut {
    /// Always `about:blank`: `code` tells the kind.
    r#type: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Stable: what programs match on.
    code: String,
    /// For people.
    detail: String,
    /// The wrong fields, if it is about fields.
    #[schema(required = false)]
    errors: Vec<WrongField>,
}

/// A wrong field of a request.
#[derive(Serialize, ToSchema)]
struct WrongField {
    /// JSON pointer into the body, or `/name` of a parameter.
    pointer: String,
    /// What would be right.
    message: String,
}

/// What a program reads first.
const ABOUT: &str = "\
Everything that a shop's front end needs: products, search, carts, checkouts, orders.

Amounts are whole minor units with a currency. Times are RFC 3339. Ids say what they name, e.g. `prod_…`. \
Lists are pages: send `next` as `cursor` for the next one. Errors are `application/problem+json` with a stable \
`code`. Send an `Idempotency-Key` with each changing request: the same key and body have one effect, however \
often they are sent. Reads have an `ETag`; send it as `If-None-Match` to be answered 304 if nothing changed. \
`RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` say how much you may still ask for.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Argosy store API", description = ABOUT, license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT")),
    components(schemas(ProblemOut)),
    tags(
        (name = "catalogue", description = "What is for sale"),
        (name = "search", description = "Finding it"),
        (name = "carts", description = "Gathering it"),
        (name = "checkouts", description = "Buying it"),
        (name = "orders", description = "What became of it"),
        (name = "payments", description = "Paying for it"),
    )
)]
struct About;

/// The document as it is served.
pub(crate) struct Document {
    json: Rendered,
    page: Rendered,
}

/// Parts a described router into its routes and its document.
pub(crate) fn described<S: Clone + Send + Sync + 'static>(
    described: OpenApiRouter<S>,
) -> (Router<S>, Document) {
    let (router, operations) = described.split_for_parts();
    let mut document = About::openapi();
    document.merge(operations);
    // A document that cannot be written would be a fault in the derived types, which the tests would show.
    let mut json = serde_json::to_value(&document).unwrap_or_default();
    common::complete(&mut json);
    let body = serde_json::to_vec(&json).unwrap_or_default();
    let page = page::render(&json);
    let document = Document {
        json: Rendered::new("application/json", body).cache_control(CACHED),
        page: Rendered::new("text/html; charset=utf-8", page).cache_control(CACHED),
    };
    (router, document)
}

impl Document {
    /// `/openapi.json`, and `/docs/api` with its style sheet.
    pub(crate) fn routes(self) -> Router {
        let style = Rendered::new("text/css; charset=utf-8", include_str!("style.css")).cache_control(CACHED);
        let (json, page) = (self.json, self.page);
        Router::new()
            .route("/openapi.json", get(|headers: HeaderMap| async move { json.respond(&headers) }))
            .route("/docs/api.css", get(|headers: HeaderMap| async move { style.respond(&headers) }))
            .route(
                "/docs/api",
                get(|headers: HeaderMap| async move {
                    let mut response = page.respond(&headers);
                    let policy = HeaderValue::from_static(PAGE_POLICY);
                    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
                    response
                }),
            )
    }
}
