//! Calls between processes when processes die, hang, are busy or come back.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::sync::atomic::Ordering;

use argosy_contracts::search::{RebuildRequest, SearchClient, SuggestRequest};
use argosy_kernel::{Code, Ctx};
use argosy_platform::{
    http::Listener,
    rpc::{Connector, RpcSettings},
};
use argosy_testkit::eventually;
use futures::future::join_all;
use support::{FOREVER, Server, patient_for, query};

fn client(addresses: &str) -> SearchClient {
    SearchClient::remote(Connector::default().channel("search", addresses).unwrap())
}

#[tokio::test]
async fn no_read_fails_when_one_of_three_processes_dies_under_load() {
    let mut servers = [Server::start().await, Server::start().await, Server::start().await];
    let client = client(&servers.each_ref().map(Server::url).join(","));
    let load = |calls: usize| {
        let client = client.clone();
        async move {
            for _ in 0..calls {
                client.query(&Ctx::guest(), query("mug")).await.unwrap();
            }
        }
    };
    load(30).await;
    assert!(servers.iter().all(|server| server.queries() > 0), "calls are shared out");
    let address = servers[0].address;
    let victim = &mut servers[0];
    let dies = async {
        eventually("the load runs", || async { victim.queries() > 40 }).await;
        victim.kill();
    };
    let (_, ()) = tokio::join!(join_all((0..8).map(|_| load(100))), dies);

    servers[0] = Server::start_with(address, RpcSettings::default()).await;
    eventually("the process that came back gets calls", || async {
        load(1).await;
        servers[0].queries() > 0
    })
    .await;
}

#[tokio::test]
async fn a_service_that_is_away_is_told_at_once_and_found_when_it_is_back() {
    let mut server = Server::start().await;
    let (address, client) = (server.address, client(&server.url()));
    client.query(&Ctx::guest(), query("mug")).await.unwrap();
    server.kill();
    eventually("it is noticed", || async {
        let error = client.query(&Ctx::guest(), query("mug")).await.err();
        error.is_some_and(|error| {
            assert_eq!((error.code(), error.reason()), (Code::Unavailable, "SERVICE_AWAY"));
            error.retry_after().is_some()
        })
    })
    .await;
    let _server = Server::start_with(address, RpcSettings::default()).await;
    eventually("it is called again", || async { client.query(&Ctx::guest(), query("mug")).await.is_ok() })
        .await;
}

#[tokio::test]
async fn a_process_that_accepts_and_never_answers_is_left_out() {
    // Bound but never accepted: the system takes connections, nobody reads them.
    let silent = Listener::bind(([127, 0, 0, 1], 0).into(), "test").await.unwrap();
    let client = client(&format!("http://{}", silent.address()));
    for _ in 0..5 {
        let late = client.query(&patient_for(50), query("mug")).await.unwrap_err();
        assert_eq!(late.code(), Code::DeadlineExceeded);
    }
    eventually("calls are refused at once", || async {
        let error = client.query(&patient_for(50), query("mug")).await.unwrap_err();
        error.reason() == "SERVICE_AWAY" && error.retry_after().is_some()
    })
    .await;
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_not_repeated() {
    let (mut first, mut second) = (Server::start().await, Server::start().await);
    let client = client(&format!("{},{}", first.url(), second.url()));
    let rebuilds = |server: &Server| server.seen.rebuilds.load(Ordering::SeqCst);
    let ctx = Ctx::guest();
    let lost = client.rebuild(&ctx, RebuildRequest {});
    let kill = async {
        eventually("one of them works", || async { rebuilds(&first) + rebuilds(&second) == 1 }).await;
        if rebuilds(&first) == 1 { first.kill() } else { second.kill() }
    };
    let (lost, ()) = tokio::join!(lost, kill);
    assert_eq!(lost.unwrap_err().reason(), "SERVICE_AWAY");
    assert_eq!(rebuilds(&first) + rebuilds(&second), 1, "the other one was not asked");
}

#[tokio::test]
async fn a_read_whose_answer_is_lost_is_repeated_elsewhere() {
    let (mut first, mut second) = (Server::start().await, Server::start().await);
    let client = client(&format!("{},{}", first.url(), second.url()));
    let ctx = patient_for(10_000);
    let asked = client.query(&ctx, query(FOREVER));
    let kill = async {
        eventually("one of them works", || async { first.queries() + second.queries() == 1 }).await;
        if first.queries() == 1 {
            first.kill();
        } else {
            second.kill();
        }
        eventually("the other one is asked", || async { first.queries() == 1 && second.queries() == 1 })
            .await;
    };
    tokio::select! {
        answer = asked => panic!("nobody answers: {answer:?}"),
        () = kill => {}
    }
}

#[tokio::test]
async fn a_write_that_was_not_sent_goes_to_a_process_that_is_there() {
    let mut dead = Server::start().await;
    dead.kill();
    let alive = Server::start().await;
    for _ in 0..4 {
        let client = client(&format!("{},{}", dead.url(), alive.url()));
        // Never answered, but received.
        client.rebuild(&patient_for(500), RebuildRequest {}).await.unwrap_err();
    }
    assert_eq!(alive.seen.rebuilds.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn work_stops_at_the_other_end_when_the_deadline_is_over() {
    let server = Server::start().await;
    let late = client(&server.url()).query(&patient_for(100), query(FOREVER)).await.unwrap_err();
    assert_eq!((late.code(), late.reason()), (Code::DeadlineExceeded, "DEADLINE_EXCEEDED"));
    eventually("the work is dropped", || async { server.seen.dropped.load(Ordering::SeqCst) == 1 }).await;
    assert_eq!(server.queries(), 1, "what took too long is not asked again");
}

#[tokio::test]
async fn law_9_a_busy_process_refuses_at_once_and_says_when_to_come_back() {
    let settings = RpcSettings { requests_max: 1, ..RpcSettings::default() };
    let server = Server::start_with(([127, 0, 0, 1], 0).into(), settings).await;
    let client = client(&server.url());
    let ctx = patient_for(10_000);
    let busy = client.query(&ctx, query(FOREVER));
    let other = async {
        eventually("it is busy", || async { server.queries() == 1 }).await;
        client.query(&Ctx::guest(), query("mug")).await.unwrap_err()
    };
    let refused = tokio::select! {
        answer = busy => panic!("nobody answers: {answer:?}"),
        refused = other => refused,
    };
    assert_eq!((refused.code(), refused.reason()), (Code::ResourceExhausted, "OVERLOADED"));
    assert!(refused.retry_after().is_some());
    eventually("its place is free again", || async {
        client.query(&Ctx::guest(), query("mug")).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn request_id_trace_and_key_cross_the_boundary() {
    let server = Server::start().await;
    let mut ctx = Ctx::guest().with_key("key-1");
    ctx.traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into());
    let answer = client(&server.url()).suggest(&ctx, SuggestRequest::default()).await.unwrap();
    let seen = &answer.suggestions[0];
    assert_eq!(*seen.text, *ctx.request_id);
    assert_eq!(Some(&*seen.kind), ctx.traceparent.as_deref());
    assert_eq!(seen.handle, "key-1");
}

#[tokio::test]
async fn every_address_of_a_name_is_a_process() {
    let server = Server::start().await;
    let client = client(&format!("dns+http://localhost:{}", server.address.port()));
    for _ in 0..10 {
        client.query(&Ctx::guest(), query("mug")).await.unwrap();
    }
    assert_eq!(server.queries(), 10);
}

#[tokio::test]
async fn a_name_that_stands_for_nothing_is_a_service_that_is_away() {
    let client = client("dns+http://nowhere.invalid:9090");
    let error = client.query(&patient_for(10_000), query("mug")).await.unwrap_err();
    assert_eq!((error.code(), error.reason()), (Code::Unavailable, "SERVICE_AWAY"));
}
