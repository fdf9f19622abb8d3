//! A bus that cannot be used says why, and names the setting.

use argosy_kernel::{Error, Secret};
use argosy_platform::bus::{BusSettings, Nats};
use argosy_testkit::servers::{NatsServer, NatsStream, jetstream};

async fn refusal(settings: &BusSettings) -> Error {
    match Nats::connect(settings).await {
        Err(error) => error,
        Ok(_) => panic!("it is not refused"),
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let mut server = NatsServer::start().await;
    let settings = server.settings();
    server.kill();
    let error = refusal(&settings).await;
    assert_eq!(error.reason(), "BUS_UNAVAILABLE");
    assert!(error.message().starts_with("bus.nats_url: 127.0.0.1:"), "{error}");
    let unreadable = BusSettings { nats_url: Some(Secret::new("http://x".into())), ..settings };
    assert_eq!(refusal(&unreadable).await.reason(), "INVALID_SETTING");
}

#[tokio::test]
async fn a_server_without_jetstream_is_refused() {
    let server = NatsServer::without_jetstream().await;
    let error = refusal(&server.settings()).await;
    assert_eq!(error.reason(), "BUS_WITHOUT_JETSTREAM", "{error}");
    assert!(error.message().starts_with("bus.nats_url: "), "{error}");
}

#[tokio::test]
async fn a_stream_of_a_later_release_or_of_others_is_left_alone() {
    let stream = NatsStream::new();
    let config = |description: &str| async_nats::jetstream::stream::Config {
        name: stream.settings.stream.clone(),
        subjects: vec!["test.of.others.>".replace("test", &stream.settings.stream)],
        description: Some(description.to_owned()),
        ..Default::default()
    };
    jetstream(&stream.settings, async |jetstream| jetstream.create_stream(config("Mine")).await.unwrap())
        .await;
    assert_eq!(refusal(&stream.settings).await.reason(), "BUS_FOREIGN");
    let later = config("Facts of an Argosy shop, version 2");
    jetstream(&stream.settings, async |jetstream| jetstream.update_stream(later).await.unwrap()).await;
    let error = refusal(&stream.settings).await;
    assert_eq!(error.reason(), "BUS_NEWER");
    assert!(error.message().contains("version 2"), "{error}");
}

#[tokio::test]
async fn settings_that_changed_are_brought_to_the_stream() {
    let stream = NatsStream::new();
    Nats::connect(&stream.settings).await.unwrap();
    let changed = BusSettings { stream_age_days_max: 7, ..stream.settings.clone() };
    for _ in 0..2 {
        Nats::connect(&changed).await.unwrap();
    }
    let mut info = jetstream(&stream.settings, async |jetstream| {
        jetstream.get_stream(&stream.settings.stream).await.unwrap()
    })
    .await;
    let config = info.info().await.unwrap().config.clone();
    assert_eq!(config.max_age, std::time::Duration::from_hours(7 * 24));
    assert_eq!(config.duplicate_window, std::time::Duration::from_mins(10));
}
