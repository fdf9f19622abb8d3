//! The middleware around the changing requests of a door.

use std::{panic::AssertUnwindSafe, sync::Arc};

use argosy_kernel::Error;
use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use tokio::sync::oneshot;

use super::{
    Idempotency, Inner,
    key::AnswerKey,
    store::{Answer, Claim},
};
use crate::{
    error::ApiError,
    extract::{too_large, too_slow, valid_key},
    guard::panicked,
};

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// What an answer says beside its body; everything else is added anew when it is sent again.
const KEPT_HEADERS: [HeaderName; 4] =
    [header::CONTENT_TYPE, header::LOCATION, header::ETAG, header::CACHE_CONTROL];

/// Answers a request under a key that was answered before as it was then; else lets it through and keeps its
/// answer. The work goes on when the client hangs up, so that its retry finds what was done.
pub(super) async fn keep(State(state): State<Idempotency>, request: Request, next: Next) -> Response {
    match answer(&state.inner, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn answer(inner: &Arc<Inner>, request: Request, next: Next) -> Result<Response, ApiError> {
    if !changes(request.method()) || inner.excludes(&request) {
        return Ok(next.run(request).await);
    }
    let Some(key) = valid_key(request.headers())?.map(str::to_owned) else {
        return Ok(next.run(request).await);
    };
    let (parts, body) = request.into_parts();
    let body = read(inner, body).await?;
    let request = Request::from_parts(parts, Body::from(body.clone()));
    let key = AnswerKey::of(&request, &key);
    let fingerprint = key.fingerprint(&request, &body);
    match inner.answers.claim(&key, &fingerprint).await? {
        Claim::Answered(answer) => replay(answer),
        Claim::Won => {
            let (sender, receiver) = oneshot::channel();
            let worker = Arc::clone(inner);
            inner.tasks.spawn(async move {
                // Whoever asked may have gone; the answer is kept all the same.
                let _gone = sender.send(worker.work(key, fingerprint, request, next).await);
            });
            receiver
                .await
                .map_err(|_| Error::unavailable("STOPPING", "the shop is stopping; try again").into())
        }
    }
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

async fn read(inner: &Inner, body: Body) -> Result<Bytes, ApiError> {
    let read = tokio::time::timeout(inner.body_timeout, to_bytes(body, inner.body_bytes_max)).await;
    read.map_err(|_| too_slow())?.map_err(|_| too_large())
}

fn replay(answer: Answer) -> Result<Response, ApiError> {
    let Some(body) = answer.body else {
        return Err(ApiError::http(
            StatusCode::CONFLICT,
            "ANSWER_NOT_KEPT",
            "this request was done before; its answer was too large to keep, so read what it changed",
        ));
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(Error::internal)?;
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

impl Inner {
    fn excludes(&self, request: &Request) -> bool {
        let route = request.extensions().get::<MatchedPath>();
        route.is_some_and(|route| self.excluded.contains(&route.as_str()))
    }

    async fn work(&self, key: AnswerKey, fingerprint: String, request: Request, next: Next) -> Response {
        let worked = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let response = worked.unwrap_or_else(|panic| ApiError::from(panicked(&*panic)).into_response());
        let (parts, body) = response.into_parts();
        let body = match to_bytes(body, usize::MAX).await {
            Ok(body) => body,
            Err(error) => return ApiError::from(Error::internal(error)).into_response(),
        };
        let response = Response::from_parts(parts, Body::from(body.clone()));
        let kept = if may_be_repeated(&response) {
            self.answers.forget(&key).await
        } else {
            self.answers.keep(&key, fingerprint, &self.answer_of(&response, &body)).await
        };
        if let Err(error) = kept {
            tracing::warn!(error = ?error, "an answer could not be kept for its key");
        }
        response
    }

    fn answer_of(&self, response: &Response, body: &[u8]) -> Answer {
        let text = std::str::from_utf8(body).ok().filter(|text| text.len() <= self.response_bytes_max);
        let headers = KEPT_HEADERS
            .iter()
            .filter_map(|name| {
                Some((name.to_string(), response.headers().get(name)?.to_str().ok()?.to_owned()))
            })
            .collect();
        Answer { status: response.status().as_u16(), headers, body: text.map(str::to_owned) }
    }
}

/// An answer that asks to try again must not stand in the way of doing so.
fn may_be_repeated(response: &Response) -> bool {
    response.status().is_server_error()
        || response.status() == StatusCode::TOO_MANY_REQUESTS
        || response.headers().contains_key(header::RETRY_AFTER)
}
