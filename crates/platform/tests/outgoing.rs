//! What calls to others come to, against a server that behaves in every way.

use std::time::Duration;

use argosy_platform::{
    http::Listener,
    outgoing::{Method, Outgoing, OutgoingLimits, Silence},
};
use argosy_testkit::TestHost;
use axum::{
    Router,
    body::{Body, Bytes},
    http::Uri,
    response::{IntoResponse, Redirect},
};

const LIMITS: OutgoingLimits = OutgoingLimits {
    connect_timeout: Duration::from_secs(5),
    timeout: Duration::from_secs(5),
    body_bytes_max: 1_000,
    idle_connections_max: 1,
};

async fn answer(uri: Uri) -> axum::response::Response {
    match uri.path() {
        "/text" => ([("x-told", "yes")], "text").into_response(),
        "/moved" => Redirect::temporary("/text").into_response(),
        "/long" => vec![0_u8; 1_001].into_response(),
        "/endless" => {
            let chunk = || Ok::<_, std::io::Error>(Bytes::from(vec![0_u8; 300]));
            Body::from_stream(futures::stream::repeat_with(chunk)).into_response()
        }
        "/short" => {
            let parts = [Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("gone"))];
            ([("content-length", "500")], Body::from_stream(futures::stream::iter(parts))).into_response()
        }
        _ => std::future::pending().await,
    }
}

async fn get(client: &Outgoing, url: &str) -> Result<(u16, Vec<u8>), Silence> {
    let answer = client.send(client.request(Method::GET, url)).await?;
    Ok((answer.status().as_u16(), answer.body().await?))
}

#[tokio::test]
async fn an_answer_has_an_end() {
    let host = TestHost::new();
    let base = format!("http://{}", host.serve_http(Router::new().fallback(answer)).await);
    let client = Outgoing::new(LIMITS).unwrap();
    assert_eq!(get(&client, &format!("{base}/text")).await.unwrap(), (200, b"text".to_vec()));
    assert_eq!(get(&client, &format!("{base}/moved")).await.unwrap().0, 307, "nobody follows it unseen");
    for path in ["/long", "/endless"] {
        let silence = get(&client, &format!("{base}{path}")).await.unwrap_err();
        assert!(matches!(silence, Silence::TooLong) && silence.may_be_done(), "{path}: {silence:?}");
    }
    let broken = get(&client, &format!("{base}/short")).await.unwrap_err();
    assert!(matches!(broken, Silence::BrokenOff(_)) && broken.may_be_done(), "{broken:?}");
    let hasty = Outgoing::new(OutgoingLimits { timeout: Duration::from_millis(50), ..LIMITS }).unwrap();
    let late = get(&hasty, &format!("{base}/never")).await.unwrap_err();
    assert!(matches!(late, Silence::NotAnsweredInTime) && late.may_be_done(), "{late:?}");
}

#[tokio::test]
async fn what_was_never_sent_was_surely_not_done() {
    let closed = Listener::bind(([127, 0, 0, 1], 0).into(), "test").await.unwrap();
    let url = format!("http://{}/?secret=1", closed.address());
    drop(closed);
    let client = Outgoing::new(LIMITS).unwrap();
    let refused = get(&client, &url).await.unwrap_err();
    assert!(matches!(refused, Silence::NotConnected(_)) && !refused.may_be_done(), "{refused:?}");
    assert!(!format!("{refused:?}").contains("secret"), "{refused:?}");
    let unknown = get(&client, "https://nowhere.invalid/").await.unwrap_err();
    assert!(matches!(unknown, Silence::NoSuchHost(_)) && !unknown.may_be_done(), "{unknown:?}");
    let nonsense = get(&client, "nonsense").await.unwrap_err();
    assert!(!nonsense.may_be_done(), "{nonsense:?}");
}

#[tokio::test]
async fn no_name_and_no_number_leads_to_an_address_that_must_not_be_called() {
    let host = TestHost::new();
    let address = host.serve_http(Router::new().fallback(answer)).await;
    let careful = Outgoing::calling(LIMITS, |address| !address.is_loopback()).unwrap();
    for url in [format!("http://{address}/text"), format!("http://localhost:{}/text", address.port())] {
        let refused = get(&careful, &url).await.unwrap_err();
        assert!(matches!(refused, Silence::NotAllowed), "{url}: {refused:?}");
    }
    let six = get(&careful, "http://[::1]:1/").await.unwrap_err();
    assert!(matches!(six, Silence::NotAllowed), "{six:?}");
}
