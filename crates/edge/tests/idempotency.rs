//! Law 4 at the door: one key, one effect.
#![expect(clippy::unwrap_used, reason = "clippy does not see that all of this crate is tests")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use argosy_edge::{Edge, EdgeConfig, Idempotency};
use argosy_testkit::TestHost;
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response, StatusCode},
    response::IntoResponse,
    routing::post,
};
use http_body_util::BodyExt;
use tokio::{sync::Notify, task::JoinSet};
use tower::ServiceExt;

struct Shop {
    router: Router,
    effects: Arc<AtomicU32>,
    entered: Arc<Notify>,
    leave: Arc<Notify>,
    test: TestHost,
}

impl Shop {
    async fn open() -> Self {
        let test = TestHost::new();
        let edge =
            Edge::new(EdgeConfig { idempotency_response_bytes_max: 1_000, ..EdgeConfig::default() }).unwrap();
        let effects = Arc::new(AtomicU32::new(0));
        let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let counted = |status: StatusCode, size: usize| {
            let effects = Arc::clone(&effects);
            post(move |_body: String| async move {
                let count = effects.fetch_add(1, Ordering::SeqCst) + 1;
                (status, [("location", "/made")], format!("{count}{}", "x".repeat(size))).into_response()
            })
        };
        let slow = {
            let (effects, entered, leave) = (Arc::clone(&effects), Arc::clone(&entered), Arc::clone(&leave));
            post(move || async move {
                entered.notify_one();
                leave.notified().await;
                effects.fetch_add(1, Ordering::SeqCst);
                "slow"
            })
        };
        let router = Router::new()
            .route("/carts", counted(StatusCode::CREATED, 0))
            .route("/carts/{id}/lines", counted(StatusCode::OK, 0))
            .route("/failing", counted(StatusCode::BAD_GATEWAY, 0))
            .route("/huge", counted(StatusCode::OK, 2_000))
            .route("/own", counted(StatusCode::OK, 0))
            .route("/slow", slow);
        let idempotency = Idempotency::open(&test.host, &edge, &["/own"]).await.unwrap();
        let router = edge.protect(idempotency.layer(router));
        Self { router, effects, entered, leave, test }
    }

    fn request(path: &str, key: &str, body: &str, client: [u8; 4]) -> Request<Body> {
        Request::post(path)
            .header("idempotency-key", key)
            .extension(ConnectInfo(SocketAddr::from((client, 1))))
            .body(Body::from(body.to_owned()))
            .unwrap()
    }

    async fn send(&self, path: &str, key: &str, body: &str) -> (u16, String, bool) {
        self.send_from(path, key, body, [203, 0, 113, 1]).await
    }

    async fn send_from(&self, path: &str, key: &str, body: &str, client: [u8; 4]) -> (u16, String, bool) {
        read(self.router.clone().oneshot(Self::request(path, key, body, client)).await.unwrap()).await
    }

    fn effects(&self) -> u32 {
        self.effects.load(Ordering::SeqCst)
    }
}

async fn read(response: Response<Body>) -> (u16, String, bool) {
    let replayed = response.headers().contains_key("idempotency-replayed");
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap(), replayed)
}

#[tokio::test]
async fn law_4_the_same_request_has_one_effect_and_one_answer() {
    let shop = Shop::open().await;
    assert_eq!(shop.send("/carts", "k", "a").await, (201, "1".to_owned(), false));
    assert_eq!(shop.send("/carts", "k", "a").await, (201, "1".to_owned(), true));
    assert_eq!(shop.effects(), 1);
    let (status, body, _) = shop.send("/carts", "k", "b").await;
    assert_eq!(status, 422);
    assert!(body.contains("KEY_REUSED"), "{body}");
    assert_eq!(shop.send("/carts", "other", "a").await.1, "2");
}

#[tokio::test]
async fn strangers_with_the_same_key_do_not_get_each_others_cart() {
    let shop = Shop::open().await;
    let (alice, bob) = ([203, 0, 113, 1], [203, 0, 113, 2]);
    assert_eq!(shop.send_from("/carts", "1", "", alice).await.1, "1");
    assert_eq!(shop.send_from("/carts", "1", "", bob).await.1, "2");
    assert_eq!(shop.send_from("/carts/c1/lines", "1", "", alice).await.1, "3");
    assert_eq!(shop.send_from("/carts/c1/lines", "1", "", bob).await, (200, "3".to_owned(), true));
    assert_eq!(shop.send_from("/carts/c2/lines", "1", "", bob).await.1, "4");
}

#[tokio::test]
async fn a_failure_of_ours_may_be_tried_again_under_its_key() {
    let shop = Shop::open().await;
    assert_eq!(shop.send("/failing", "k", "").await.0, 502);
    assert_eq!(shop.send("/failing", "k", "").await.1, "2");
}

#[tokio::test]
async fn an_answer_too_large_to_keep_still_bars_a_second_effect() {
    let shop = Shop::open().await;
    assert_eq!(shop.send("/huge", "k", "").await.0, 200);
    let (status, body, _) = shop.send("/huge", "k", "").await;
    assert_eq!((status, shop.effects()), (409, 1));
    assert!(body.contains("ANSWER_NOT_KEPT"), "{body}");
}

#[tokio::test]
async fn a_route_that_keeps_its_keys_itself_is_let_through() {
    let shop = Shop::open().await;
    shop.send("/own", "k", "").await;
    assert_eq!(shop.send("/own", "k", "").await.1, "2");
}

#[tokio::test]
async fn a_key_is_visible_ascii() {
    let shop = Shop::open().await;
    assert_eq!(shop.send("/carts", &"k".repeat(255), "").await.0, 201);
    for key in ["", "a b", &"k".repeat(256)] {
        let (status, body, _) = shop.send("/carts", key, "").await;
        assert_eq!(status, 400);
        assert!(body.contains("KEY_INVALID"), "{body}");
    }
}

#[tokio::test]
async fn law_4_a_second_click_waits_for_the_first() {
    let shop = Shop::open().await;
    let request = || Shop::request("/slow", "k", "", [203, 0, 113, 1]);
    let mut clicks = JoinSet::new();
    clicks.spawn(shop.router.clone().oneshot(request()));
    shop.entered.notified().await;
    let second = shop.router.clone().oneshot(request()).await.unwrap();
    assert_eq!(second.headers()["retry-after"], "1");
    let (status, body, _) = read(second).await;
    assert_eq!(status, 409);
    assert!(body.contains("KEY_IN_USE"), "{body}");

    shop.test.clock.advance(Duration::from_secs(61));
    clicks.spawn(shop.router.clone().oneshot(request()));
    shop.entered.notified().await;
    shop.leave.notify_waiters();
    while let Some(answer) = clicks.join_next().await {
        assert_eq!(answer.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn law_4_the_work_goes_on_when_the_client_hangs_up() {
    let shop = Shop::open().await;
    let request = || Shop::request("/slow", "k", "", [203, 0, 113, 1]);
    let mut client = JoinSet::new();
    client.spawn(shop.router.clone().oneshot(request()));
    shop.entered.notified().await;
    client.shutdown().await;
    shop.leave.notify_one();
    argosy_testkit::eventually("the answer is kept", || async {
        let answer = read(shop.router.clone().oneshot(request()).await.unwrap()).await;
        answer == (200, "slow".to_owned(), true)
    })
    .await;
    assert_eq!(shop.effects(), 1);
}
