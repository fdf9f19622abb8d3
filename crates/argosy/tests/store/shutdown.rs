//! A shutdown waits for requests in flight and for who has just connected, and for nobody who merely holds a connection.

use std::{sync::Arc, time::Duration};

use argosy_platform::{
    http::{Listener, ServerLimits, serve},
    tasks::Tasks,
};
use axum::{Router, routing::get};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
};

const LONG: Duration = Duration::from_hours(1);
/// What should be done long before.
const DEADLINE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_shutdown_waits_for_requests_in_flight_and_for_no_idle_connection() {
    let (arrived, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (seen, going) = (Arc::clone(&arrived), Arc::clone(&go_on));
    let slow = move || {
        let (seen, going) = (Arc::clone(&seen), Arc::clone(&going));
        async move {
            seen.notify_one();
            going.notified().await;
            "at last"
        }
    };
    let router = Router::new().route("/slow", get(slow)).route("/quick", get(|| async { "here" }));
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), "test").await.unwrap();
    let address = listener.address();
    let limits = ServerLimits { connections_max: 100, header_timeout: LONG, drain_timeout: LONG };
    let told = Tasks::default().shutdown();
    let serving = serve(listener, router, limits, told.clone());

    let visiting = async {
        let mut idle = Vec::new();
        for sent in [&b""[..], b"GET /quick HT", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"] {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(sent).await.unwrap();
            idle.push(client);
        }
        let mut kept = TcpStream::connect(address).await.unwrap();
        kept.write_all(b"GET /quick HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        read_until(&mut kept, "here").await;
        idle.push(kept);
        let mut asking = TcpStream::connect(address).await.unwrap();
        asking.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        arrived.notified().await;

        told.cancel();
        for mut client in idle {
            // Closed or reset: in any case nobody waits for it.
            let _ = client.read_to_end(&mut Vec::new()).await;
        }
        go_on.notify_one();
        read_until(&mut asking, "at last").await;
    };
    let both = async { tokio::join!(serving, visiting) };
    tokio::time::timeout(DEADLINE, both).await.expect("only the request in flight is waited for");
}

#[tokio::test]
async fn who_has_connected_before_the_shutdown_is_answered() {
    let router = Router::new().route("/quick", get(|| async { "here" }));
    let listener = Listener::bind(([127, 0, 0, 1], 0).into(), "test").await.unwrap();
    let address = listener.address();
    let limits = ServerLimits { connections_max: 100, header_timeout: LONG, drain_timeout: LONG };
    let mut queue = Vec::new();
    for _ in 0..20 {
        queue.push(TcpStream::connect(address).await.unwrap());
    }
    let told = Tasks::default().shutdown();
    told.cancel();
    let serving = serve(listener, router, limits, told);
    let asking = async {
        for client in &mut queue {
            client.write_all(b"GET /quick HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            read_until(client, "here").await;
        }
    };
    let both = async { tokio::join!(serving, asking) };
    tokio::time::timeout(DEADLINE, both).await.expect("everybody is answered, and then it ends");
}

async fn read_until(client: &mut TcpStream, wanted: &str) {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(wanted) {
        let more = client.read_buf(&mut read).await.unwrap();
        assert_ne!(more, 0, "closed after {:?}", String::from_utf8_lossy(&read));
    }
}
