//! Edges that share a Redis share what a client may ask for, and stand alone while it is away.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use argosy_edge::{Edge, EdgeConfig, RateLimitStore};
use argosy_platform::redis::Redis;
use argosy_testkit::{
    eventually,
    servers::{RedisCluster, RedisSentinel, RedisServer},
};
use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode},
    routing::get,
};
use tower::ServiceExt;

/// One request a minute, this many at once.
fn at_once(rate_limit_burst: u32) -> EdgeConfig {
    EdgeConfig { rate_limit_per_minute: 1, rate_limit_burst, ..EdgeConfig::default() }
}

async fn edge(server: &RedisServer, config: EdgeConfig) -> Router {
    edge_at(&server.connect().await, config)
}

fn edge_at(redis: &Redis, config: EdgeConfig) -> Router {
    let edge = Edge::sharing(config, Some(redis)).unwrap();
    edge.protect(Router::new().route("/", get(|| async { "here" })))
}

async fn ask(edge: &Router) -> Response<Body> {
    edge.clone().oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap()
}

fn header(response: &Response<Body>, name: &str) -> u64 {
    response.headers()[name].to_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn law_9_two_edges_share_what_a_client_may_ask_for() {
    let server = RedisServer::start().await;
    let (one, two) = (edge(&server, at_once(3)).await, edge(&server, at_once(3)).await);
    for (edge, remaining) in [(&one, 2), (&two, 1), (&one, 0)] {
        let answer = ask(edge).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            (header(&answer, "ratelimit-limit"), header(&answer, "ratelimit-remaining")),
            (3, remaining)
        );
    }
    for edge in [&one, &two] {
        let refused = ask(edge).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(header(&refused, "ratelimit-remaining"), 0);
        assert_eq!(header(&refused, "retry-after"), header(&refused, "ratelimit-reset"));
        assert!((1..=60).contains(&header(&refused, "retry-after")));
    }
}

#[tokio::test]
async fn law_9_of_many_requests_at_once_only_as_many_as_allowed_pass() {
    let server = RedisServer::start().await;
    let (one, two) = (edge(&server, at_once(20)).await, edge(&server, at_once(20)).await);
    let asked = (0..60).map(|number| if number % 2 == 0 { &one } else { &two }).map(ask);
    let answers = futures::future::join_all(asked).await;
    let passed = answers.iter().filter(|answer| answer.status() == StatusCode::OK).count();
    assert_eq!(passed, 20);
}

#[tokio::test]
async fn an_allowance_comes_back_with_time() {
    let server = RedisServer::start().await;
    let quick = EdgeConfig { rate_limit_per_minute: 600, rate_limit_burst: 1, ..EdgeConfig::default() };
    let edge = edge(&server, quick).await;
    assert_eq!(ask(&edge).await.status(), StatusCode::OK);
    eventually("the client may ask again", || async { ask(&edge).await.status() == StatusCode::OK }).await;
}

#[tokio::test]
async fn without_redis_each_edge_counts_for_itself_until_it_is_back() {
    let mut server = RedisServer::start().await;
    // More than an edge can be asked while it leaves a Redis alone that was away.
    let allowed = 500;
    let (one, two) = (edge(&server, at_once(allowed)).await, edge(&server, at_once(allowed)).await);
    for _ in 0..allowed / 50 {
        futures::future::join_all((0..50).map(|_| ask(&one))).await;
    }
    assert_eq!(ask(&two).await.status(), StatusCode::TOO_MANY_REQUESTS);
    server.kill();
    for edge in [&one, &two] {
        let answer = ask(edge).await;
        assert_eq!((answer.status(), header(&answer, "ratelimit-remaining")), (StatusCode::OK, 499));
    }
    server.start_again().await;
    for edge in [&one, &two] {
        let refuses = || async { ask(edge).await.status() == StatusCode::TOO_MANY_REQUESTS };
        eventually("the edges share again what is used up", refuses).await;
    }
}

#[tokio::test]
async fn an_edge_may_keep_to_itself() {
    let server = RedisServer::start().await;
    let alone = EdgeConfig { rate_limit_store: Some(RateLimitStore::Process), ..at_once(1) };
    for edge in [edge(&server, alone.clone()).await, edge(&server, alone).await] {
        assert_eq!(ask(&edge).await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn shared_limits_need_a_redis() {
    let config = EdgeConfig { rate_limit_store: Some(RateLimitStore::Redis), ..EdgeConfig::default() };
    let refused = Edge::new(config).err().unwrap();
    assert!(refused.message().starts_with("edge.rate_limit_store: "), "{refused}");
}

#[tokio::test]
async fn law_9_edges_share_what_a_client_may_ask_for_in_a_cluster() {
    let cluster = RedisCluster::start().await;
    let one = edge_at(&cluster.connect().await, at_once(3));
    let two = edge_at(&cluster.connect().await, at_once(3));
    for (edge, remaining) in [(&one, 2), (&two, 1), (&one, 0)] {
        assert_eq!(header(&ask(edge).await, "ratelimit-remaining"), remaining);
    }
    for edge in [&one, &two] {
        assert_eq!(ask(edge).await.status(), StatusCode::TOO_MANY_REQUESTS);
    }
}

#[tokio::test]
async fn law_9_edges_share_again_where_a_sentinel_has_moved_the_primary() {
    let mut servers = RedisSentinel::start().await;
    let burst = 1_000;
    let one = edge_at(&servers.connect().await, at_once(burst));
    let two = edge_at(&servers.connect().await, at_once(burst));
    servers.kill_primary();
    for edge in [&one, &two] {
        assert_eq!(ask(edge).await.status(), StatusCode::OK, "each counts for itself");
    }
    eventually("what one was asked counts at the other", || async {
        let before = header(&ask(&two).await, "ratelimit-remaining");
        for _ in 0..3 {
            ask(&one).await;
        }
        header(&ask(&two).await, "ratelimit-remaining") + 4 <= before
    })
    .await;
}
