//! Fetching, from a server that behaves in every way.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use argosy_platform::http::Listener;
use argosy_testkit::TestHost;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};

use super::{FetchLimits, PrivateAddresses, fetch::Fetcher};

const LIMIT: usize = 1_000;

type Asked = Arc<AtomicU32>;

struct Web {
    _host: TestHost,
    address: SocketAddr,
    asked: Asked,
}

impl Web {
    async fn start() -> Self {
        let host = TestHost::new();
        let asked = Asked::default();
        let address = host.serve_http(Router::new().fallback(answer).with_state(asked.clone())).await;
        Self { _host: host, address, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::Relaxed)
    }
}

async fn answer(State(asked): State<Asked>, uri: Uri) -> Response {
    let count = asked.fetch_add(1, Ordering::Relaxed);
    match uri.path() {
        "/picture" => Bytes::from_static(b"bytes").into_response(),
        "/moved" => Redirect::temporary("/picture").into_response(),
        "/round" => Redirect::temporary("/round").into_response(),
        "/away" => Redirect::temporary("ftp://127.0.0.1/picture").into_response(),
        "/nowhere" => StatusCode::FOUND.into_response(),
        "/missing" => StatusCode::NOT_FOUND.into_response(),
        "/weak" if count < 2 => StatusCode::BAD_GATEWAY.into_response(),
        "/weak" => Bytes::from_static(b"at last").into_response(),
        "/broken" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "/large" => vec![0_u8; LIMIT + 1].into_response(),
        "/endless" => {
            let chunk = || Ok::<_, std::io::Error>(Bytes::from(vec![0_u8; 300]));
            Body::from_stream(futures::stream::repeat_with(chunk)).into_response()
        }
        "/short" => {
            let parts = [Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("gone"))];
            ([(header::CONTENT_LENGTH, "500")], Body::from_stream(futures::stream::iter(parts)))
                .into_response()
        }
        _ => std::future::pending().await,
    }
}

fn limits() -> FetchLimits {
    FetchLimits {
        bytes_max: LIMIT,
        backoff: Duration::from_millis(1),
        private_addresses: PrivateAddresses::Allow,
        ..FetchLimits::default()
    }
}

fn fetcher() -> Fetcher {
    Fetcher::new(limits()).unwrap()
}

/// Why nothing was fetched.
async fn why(fetcher: &Fetcher, url: &str) -> (String, String) {
    let error = fetcher.fetch(url).await.unwrap_err();
    (error.reason().to_owned(), error.message().to_owned())
}

fn not_fetched(message: &str) -> (String, String) {
    ("PICTURE_NOT_FETCHED".to_owned(), message.to_owned())
}

#[tokio::test]
async fn what_is_there_is_fetched_over_a_few_redirects() {
    let web = Web::start().await;
    assert_eq!(fetcher().fetch(&web.url("/picture")).await.unwrap(), b"bytes");
    assert_eq!(fetcher().fetch(&web.url("/moved")).await.unwrap(), b"bytes");
    assert_eq!(why(&fetcher(), &web.url("/round")).await, not_fetched("more than 5 redirects"));
    assert_eq!(why(&fetcher(), &web.url("/nowhere")).await, not_fetched("a redirect without an address"));
}

#[tokio::test]
async fn a_redirect_is_looked_at_like_the_first_address() {
    let web = Web::start().await;
    let (reason, message) = why(&fetcher(), &web.url("/away")).await;
    assert_eq!(reason, "PICTURE_ADDRESS_REFUSED");
    assert_eq!(message, "it redirects elsewhere: only http and https are fetched");
}

#[tokio::test]
async fn a_server_that_fails_is_asked_again_and_one_that_refuses_is_not() {
    let web = Web::start().await;
    assert_eq!(fetcher().fetch(&web.url("/weak")).await.unwrap(), b"at last");
    assert_eq!(web.asked(), 3);
    let broken = not_fetched("the server answers 500 Internal Server Error (3 times)");
    assert_eq!(why(&fetcher(), &web.url("/broken")).await, broken);
    assert_eq!(web.asked(), 6);
    assert_eq!(why(&fetcher(), &web.url("/missing")).await, not_fetched("the server answers 404 Not Found"));
    assert_eq!(web.asked(), 7);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let web = Web::start().await;
    let fetcher = Fetcher::new(FetchLimits { timeout: Duration::from_millis(50), ..limits() }).unwrap();
    assert_eq!(why(&fetcher, &web.url("/slow")).await, not_fetched("no answer in 0.05 s (3 times)"));
    assert_eq!(web.asked(), 3);
}

#[tokio::test]
async fn a_picture_that_is_too_large_is_not_read_to_its_end() {
    let web = Web::start().await;
    for path in ["/large", "/endless"] {
        assert_eq!(why(&fetcher(), &web.url(path)).await.0, "PICTURE_TOO_LARGE", "{path}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_picture() {
    let web = Web::start().await;
    let (reason, message) = why(&fetcher(), &web.url("/short")).await;
    assert_eq!(reason, "PICTURE_NOT_FETCHED");
    assert!(message.starts_with("the answer broke off"), "{message}");
}

#[tokio::test]
async fn a_host_that_cannot_be_reached_is_not_tried_for_ever() {
    let closed = Listener::bind(([127, 0, 0, 1], 0).into(), "test").await.unwrap();
    let url = format!("http://{}/picture", closed.address());
    drop(closed);
    let fetcher = fetcher();
    for _ in 0..3 {
        let (_, message) = why(&fetcher, &url).await;
        assert!(message.starts_with("cannot connect"), "{message}");
    }
    let given_up = not_fetched("127.0.0.1 could not be reached before and was not tried again");
    assert_eq!(why(&fetcher, &url).await, given_up);
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_refused() {
    let web = Web::start().await;
    let careful =
        Fetcher::new(FetchLimits { private_addresses: PrivateAddresses::Refuse, ..limits() }).unwrap();
    let url = format!("http://localhost:{}/picture", web.address.port());
    let (reason, message) = why(&careful, &url).await;
    assert_eq!(reason, "PICTURE_ADDRESS_REFUSED");
    assert!(message.contains("--allow-private-addresses"), "{message}");
    assert_eq!(web.asked(), 0);
}

#[tokio::test]
async fn without_a_network_the_words_say_so() {
    let (reason, message) = why(&fetcher(), "https://nowhere.invalid/a.png").await;
    assert_eq!(reason, "PICTURE_NOT_FETCHED");
    assert!(message.starts_with("there is no host of this name, or no network"), "{message}");
}
