//! Facts through NATS in a whole shop, and what operators do with facts.

use std::{
    path::Path,
    process::{Command, Output},
};

use crate::support::{Buyers, SERVICES, Shop, http_client, settings};
use argosy::serve::Process;
use argosy_kernel::Ctx;
use argosy_testkit::{
    eventually,
    servers::{NatsServer, jetstream},
};
use serde_json::Value;

async fn buy(buyers: &Buyers<'_>, variant: &str, key: &str) {
    let checkout = buyers.ready(&buyers.cart(&[(variant, 1)]).await).await.id;
    assert_eq!(buyers.pay(&checkout, "tok_ok", key).await.unwrap().status, "completed");
}

#[tokio::test]
async fn confirmations_are_sent_of_facts_from_nats_also_after_it_was_away() {
    let mut nats = NatsServer::start().await;
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let rest: Vec<&str> = SERVICES.iter().copied().filter(|name| *name != "notifications").collect();
    let bus = nats.settings();
    let mut shop = settings(one.path(), &rest);
    shop.bus.clone_from(&bus);
    shop.edge.metrics_listen = Some(([127, 0, 0, 1], 0).into());
    let shop = Process::start(&shop, None).await.unwrap();
    let mut apart = settings(two.path(), &["notifications"]);
    apart.bus.clone_from(&bus);
    apart.addresses.insert("orders".to_owned(), format!("http://{}", shop.rpc.unwrap()));
    let apart = Process::start(&apart, None).await.unwrap();
    let mails = || std::fs::read_dir(two.path().join("mail")).map_or(0, Iterator::count);

    let buyers = Buyers { wiring: shop.wiring(), ctx: Ctx::guest() };
    let variant = buyers.stocked("mug", 5).await;
    buy(&buyers, &variant, "key-1").await;
    eventually("the first confirmation", || async { mails() == 1 }).await;
    let subject = format!("{}.facts.orders.order_placed.*", bus.stream.to_lowercase());
    let message = jetstream(&bus, async |jetstream| {
        let stream = jetstream.get_stream(&bus.stream).await.unwrap();
        stream.get_last_raw_message_by_subject(&subject).await.unwrap()
    })
    .await;
    let event: Value = serde_json::from_slice(&message.payload).unwrap();
    assert_eq!((&event["specversion"], &event["type"]), (&"1.0".into(), &"orders.order_placed".into()));

    nats.kill();
    let ready = || async {
        let url = format!("http://{}/readyz", shop.metrics.unwrap());
        let answer = http_client().get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    eventually("it is told that the bus is away", || async {
        let (status, text) = ready().await;
        status == 200 && text.contains("bus away\n")
    })
    .await;
    buy(&buyers, &variant, "key-2").await;
    assert_eq!(mails(), 1);
    nats.start_again().await;
    eventually("the second confirmation", || async { mails() == 2 }).await;
    eventually("it is told that the bus is back", || async { ready().await.1.contains("bus ok\n") }).await;
    apart.stop().await;
    shop.stop().await;
}

fn argosy(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    command.args(["events"]).args(arguments).arg("--data").arg(folder).current_dir(folder);
    command.output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test]
async fn operators_see_the_facts_of_a_store_that_does_not_run() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    buy(&buyers, &buyers.stocked("mug", 1).await, "key-1").await;
    let Shop { process, folder, .. } = shop;
    let running = argosy(folder.path(), &["list"]);
    assert_eq!(running.status.code(), Some(3), "{}", told(&running));
    assert!(told(&running).contains("stop it first"), "{}", told(&running));
    let mail = folder.path().join("mail");
    eventually("the confirmation", || async { mail.read_dir().is_ok_and(|files| files.count() == 1) }).await;
    process.stop().await;

    let listed = argosy(folder.path(), &["list"]);
    assert_eq!((listed.status.code(), told(&listed)), (Some(0), String::new()));
    let facts = argosy(folder.path(), &["tail", "--service", "orders", "--from", "2020-01-01T00:00:00Z"]);
    let last: Value = serde_json::from_str(told(&facts).lines().last().unwrap()).unwrap();
    assert_eq!(last["service"], "orders", "{last}");
    let later = argosy(folder.path(), &["tail", "--from", "2100-01-01T00:00:00Z"]);
    assert_eq!((later.status.code(), told(&later)), (Some(0), String::new()));
    let from = ["--source", "orders", "--from", "2020-01-01T00:00:00Z"];
    let replay = |consumer| argosy(folder.path(), &[&["replay", "--consumer", consumer], &from[..]].concat());
    assert_eq!(replay("notifications.order_placed").status.code(), Some(0));
    let unknown = replay("nobody");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(told(&unknown).contains("there are notifications.order_placed"), "{}", told(&unknown));
    assert_eq!(argosy(folder.path(), &["retry", "evt_x"]).status.code(), Some(2));
}
