//! What stands before every door, seen from outside.
#![expect(clippy::unwrap_used, reason = "clippy does not see that all of this crate is tests")]

use std::{net::SocketAddr, sync::Arc};

use argosy_edge::{AccessLog, Caller, Edge, EdgeConfig, Json, MetricsAccess, Probe, Probes, unknown_path};
use argosy_kernel::{Error, RequestId};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response, StatusCode, header},
    routing::{get, post},
};
use http_body_util::BodyExt;
use tokio::{sync::Notify, task::JoinSet};
use tower::ServiceExt;

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
struct Greeting {
    name: String,
}

fn shop(config: EdgeConfig) -> Router {
    let edge = Edge::new(config).unwrap();
    let router = Router::new()
        .route("/hello", get(|Caller(ctx): Caller| async move { ctx.request_id.to_string() }))
        .route("/greetings", post(|Json(greeting): Json<Greeting>| async move { Json(greeting) }))
        .route("/broken", get(broken))
        .route("/large", get(|| async { "a".repeat(10_000) }))
        .route("/items/{id}", get(|| async { "item" }))
        .route("/webhooks/{provider}", post(|| async { StatusCode::NO_CONTENT }));
    edge.protect(edge.api(router).fallback(unknown_path))
}

async fn broken() -> &'static str {
    panic!("at the disco")
}

async fn send(router: &Router, request: Request<Body>) -> Response<Body> {
    router.clone().oneshot(request).await.unwrap()
}

fn ask(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

fn tell(body: impl Into<Body>) -> Request<Body> {
    Request::post("/greetings").header("content-type", "application/json").body(body.into()).unwrap()
}

async fn problem(response: Response<Body>) -> (StatusCode, String) {
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["status"], status.as_u16());
    (status, body["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn every_answer_has_an_id_and_careful_headers() {
    let router = shop(EdgeConfig { hsts_max_age_s: 60, ..EdgeConfig::default() });
    let sent = RequestId::new().to_string();
    let response =
        send(&router, Request::get("/hello").header("x-request-id", &sent).body(Body::empty()).unwrap())
            .await;
    assert_eq!(response.headers()["x-request-id"], sent);
    for name in [
        "x-content-type-options",
        "x-frame-options",
        "referrer-policy",
        "permissions-policy",
        "content-security-policy",
        "strict-transport-security",
    ] {
        assert!(response.headers().contains_key(name), "{name}");
    }
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, sent.as_bytes());

    let forged = Request::get("/hello").header("x-request-id", "evil line").body(Body::empty()).unwrap();
    let answered = send(&router, forged).await.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert!(answered.parse::<RequestId>().is_ok(), "{answered}");
}

#[tokio::test]
async fn what_goes_wrong_is_a_problem_with_a_code() {
    let router = shop(EdgeConfig { body_bytes_max: 100, ..EdgeConfig::default() });
    let wrong_kind =
        Request::post("/greetings").header("content-type", "text/plain").body(Body::from("{}")).unwrap();
    let wrong_method = Request::delete("/hello").body(Body::empty()).unwrap();
    for (request, status, code) in [
        (ask("/nowhere"), 404, "UNKNOWN_PATH"),
        (wrong_method, 405, "METHOD_NOT_ALLOWED"),
        (ask("/broken"), 500, "INTERNAL"),
        (wrong_kind, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (tell("{"), 400, "MALFORMED_JSON"),
        (tell(&b"\xff"[..]), 400, "INVALID_UTF8"),
        (tell(r#"{"name": 1}"#), 422, "INVALID_FIELD"),
        (tell("x".repeat(101)), 413, "BODY_TOO_LARGE"),
    ] {
        let answered = problem(send(&router, request).await).await;
        assert_eq!((answered.0.as_u16(), answered.1.as_str()), (status, code));
    }
    let allowed = send(&router, Request::delete("/hello").body(Body::empty()).unwrap()).await;
    assert_eq!(allowed.headers()[header::ALLOW], "GET,HEAD");
    assert_eq!(send(&router, tell(r#"{"name": "Ada"}"#)).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn large_answers_are_compressed_and_small_ones_not() {
    let router = shop(EdgeConfig::default());
    for (path, encoding) in [("/large", Some("br")), ("/items/1", None)] {
        let request = Request::get(path).header("accept-encoding", "gzip, br").body(Body::empty()).unwrap();
        let response = send(&router, request).await;
        let found =
            response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(found.as_deref(), encoding, "{path}");
    }
}

#[tokio::test]
async fn law_9_a_client_past_its_allowance_is_told_when_to_come_back() {
    let router = shop(EdgeConfig { rate_limit_per_minute: 1, rate_limit_burst: 2, ..EdgeConfig::default() });
    let first = send(&router, ask("/hello")).await;
    assert_eq!(first.headers()["ratelimit-limit"], "2");
    assert_eq!(first.headers()["ratelimit-remaining"], "1");
    assert_eq!(first.headers()["ratelimit-reset"], "60");
    send(&router, ask("/hello")).await;
    let refused = send(&router, ask("/hello")).await;
    assert_eq!(refused.headers()["ratelimit-remaining"], "0");
    assert_eq!(refused.headers()["ratelimit-reset"], refused.headers()["retry-after"]);
    assert_eq!(problem(refused).await, (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED".to_owned()));
}

#[tokio::test]
async fn law_9_past_the_places_a_request_is_refused_at_once() {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, go) = (Arc::clone(&entered), Arc::clone(&leave));
    let slow = get(move || async move {
        inside.notify_one();
        go.notified().await;
        "done"
    });
    let edge = Edge::new(EdgeConfig { requests_max: 1, ..EdgeConfig::default() }).unwrap();
    let router = edge.protect(Router::new().route("/slow", slow));
    let mut first = JoinSet::new();
    first.spawn(router.clone().oneshot(ask("/slow")));
    entered.notified().await;
    let refused = send(&router, ask("/slow")).await;
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    assert_eq!(problem(refused).await, (StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED".to_owned()));
    leave.notify_one();
    assert_eq!(first.join_next().await.unwrap().unwrap().unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn law_9_a_request_that_takes_too_long_ends() {
    let edge = Edge::new(EdgeConfig { request_timeout_s: 1, ..EdgeConfig::default() }).unwrap();
    let router = edge.protect(Router::new().route("/stuck", get(std::future::pending::<&'static str>)));
    let response = send(&router, ask("/stuck")).await;
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    assert_eq!(problem(response).await, (StatusCode::GATEWAY_TIMEOUT, "TIMEOUT".to_owned()));
}

#[tokio::test]
async fn a_person_reads_a_page_when_refused_and_a_program_a_problem() {
    let edge = Edge::new(EdgeConfig {
        rate_limit_per_minute: 1,
        rate_limit_burst: 2,
        request_timeout_s: 1,
        ..EdgeConfig::default()
    })
    .unwrap();
    let router = edge.protect(
        Router::new()
            .route("/stuck", get(std::future::pending::<&'static str>))
            .route("/broken", get(broken))
            .route("/store/products", get(|| async { "never reached" })),
    );
    let browse = |path: &str| {
        let accepted = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        Request::get(path).header(header::ACCEPT, accepted).body(Body::empty()).unwrap()
    };
    for (path, status, words) in [
        ("/stuck", StatusCode::GATEWAY_TIMEOUT, "That took too long"),
        ("/broken", StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong"),
        ("/stuck", StatusCode::TOO_MANY_REQUESTS, "One moment, please"),
    ] {
        let response = send(&router, browse(path)).await;
        assert_eq!(response.status(), status);
        let headers = response.headers().clone();
        assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(headers.contains_key(header::RETRY_AFTER), status != StatusCode::INTERNAL_SERVER_ERROR);
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("sha256-"), "{policy}");
        let page = response.into_body().collect().await.unwrap().to_bytes();
        let page = std::str::from_utf8(&page).unwrap();
        assert!(page.contains(words), "{page}");
    }
    for request in [ask("/stuck"), browse("/store/products")] {
        assert_eq!(problem(send(&router, request).await).await.1, "RATE_LIMITED");
    }
}

#[tokio::test]
async fn law_9_a_body_that_never_ends_is_not_waited_for() {
    let router = shop(EdgeConfig { body_timeout_s: 1, ..EdgeConfig::default() });
    let endless = Body::from_stream(futures::stream::pending::<Result<bytes::Bytes, std::io::Error>>());
    let answered = problem(send(&router, tell(endless)).await).await;
    assert_eq!(answered, (StatusCode::REQUEST_TIMEOUT, "BODY_TIMEOUT".to_owned()));
}

#[tokio::test]
async fn browsers_may_call_from_the_configured_origins_only() {
    let router =
        shop(EdgeConfig { cors_origins: vec!["https://shop.example".to_owned()], ..EdgeConfig::default() });
    for (origin, allowed) in [("https://shop.example", true), ("https://evil.example", false)] {
        let response =
            send(&router, Request::get("/hello").header("origin", origin).body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers().contains_key("access-control-allow-origin"), allowed, "{origin}");
    }
}

#[tokio::test]
async fn only_this_machine_reads_the_metrics_unless_told_otherwise() {
    let probes = Probes::new(
        [
            Probe::new("database", || async { Ok(()) }),
            Probe::new("search", || async { Err(Error::unavailable("DOWN", "it is down")) }),
        ],
        || "argosy_up 1\n".to_owned(),
    );
    let from = |address: [u8; 4], forwarded: bool| {
        let mut request = Request::get("/metrics");
        if forwarded {
            request = request.header("x-forwarded-for", "203.0.113.9");
        }
        let peer = SocketAddr::from((address, 4711));
        request.extension(ConnectInfo(peer)).body(Body::empty()).unwrap()
    };
    let here = probes.beside_the_doors(&EdgeConfig { access_log: AccessLog::Off, ..EdgeConfig::default() });
    assert_eq!(send(&here, from([127, 0, 0, 1], false)).await.status(), StatusCode::OK);
    assert_eq!(send(&here, from([127, 0, 0, 1], true)).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(send(&here, from([203, 0, 113, 9], false)).await.status(), StatusCode::NOT_FOUND);
    let open =
        probes.beside_the_doors(&EdgeConfig { metrics: MetricsAccess::Everyone, ..EdgeConfig::default() });
    assert_eq!(send(&open, from([203, 0, 113, 9], false)).await.status(), StatusCode::OK);

    assert_eq!(send(&here, ask("/healthz")).await.status(), StatusCode::OK);
    let ready = send(&here, ask("/readyz")).await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = ready.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "database ok\nsearch failed\n");
}

#[test]
fn a_setting_that_cannot_work_is_named() {
    let refused = Edge::new(EdgeConfig { requests_max: 0, ..EdgeConfig::default() }).err().unwrap();
    assert!(refused.message().contains("edge.requests_max"));
}

#[tokio::test]
async fn messages_of_providers_may_come_in_bursts() {
    let config = EdgeConfig { rate_limit_per_minute: 1, rate_limit_burst: 1, ..EdgeConfig::default() };
    let router = shop(config);
    let message = |path: &str, bytes: usize| Request::post(path).body(Body::from("x".repeat(bytes))).unwrap();
    for _ in 0..20 {
        assert_eq!(send(&router, message("/webhooks/stripe", 10)).await.status(), StatusCode::NO_CONTENT);
    }
    assert_eq!(send(&router, message("/webhooks", 10)).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(send(&router, message("/webhooks", 10)).await.status(), StatusCode::TOO_MANY_REQUESTS);
}
