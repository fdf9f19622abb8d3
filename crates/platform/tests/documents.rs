//! What documents promise, in the database, in Redis, and on their way from the one to the other.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use argosy_kernel::{Code, Error, Secret};
use argosy_platform::{
    database::{Database, DatabaseSpec, Durability},
    documents::Documents,
    redis::{Redis, RedisSettings},
};
use argosy_testkit::{
    TestHost, eventually,
    servers::{RedisCluster, RedisSentinel, RedisServer},
};

const HOUR: Duration = Duration::from_hours(1);

struct Subject {
    test: TestHost,
    documents: Documents,
    redis: Option<RedisServer>,
    _cluster: Option<RedisCluster>,
}

async fn database(test: &TestHost) -> Database {
    let spec = DatabaseSpec { name: "cart", durability: Durability::Process, migrations: &[] };
    test.host.database(spec).await.unwrap()
}

impl Subject {
    async fn in_database() -> Self {
        let test = TestHost::new();
        let documents = Documents::in_database(database(&test).await, test.host.clock());
        Self { test, documents, redis: None, _cluster: None }
    }

    async fn in_redis() -> Self {
        let (test, server) = (TestHost::new(), RedisServer::start().await);
        let documents = Documents::in_redis(server.connect().await, test.host.clock());
        Self { test, documents, redis: Some(server), _cluster: None }
    }

    async fn in_a_cluster() -> Self {
        let (test, cluster) = (TestHost::new(), RedisCluster::start().await);
        let (database, redis) = (database(&test).await, cluster.connect().await);
        let documents = Documents::moving_to_redis(database, redis, test.host.clock()).await.unwrap();
        Self { test, documents, redis: None, _cluster: Some(cluster) }
    }

    async fn moving() -> Self {
        let (test, server) = (TestHost::new(), RedisServer::start().await);
        let (database, redis) = (database(&test).await, server.connect().await);
        let documents = Documents::moving_to_redis(database, redis, test.host.clock()).await.unwrap();
        Self { test, documents, redis: Some(server), _cluster: None }
    }

    async fn put(&self, key: &str, expected: i64, body: &str) -> bool {
        self.documents.put(key, expected, &body, HOUR).await.unwrap()
    }

    async fn get(&self, key: &str) -> Option<(i64, String)> {
        let found = self.documents.get::<String>(key).await.unwrap();
        found.map(|found| (found.version, found.body))
    }
}

macro_rules! over_every_store {
    ($($story:ident),* $(,)?) => {
        mod in_database {
            $(#[tokio::test] async fn $story() { super::$story(super::Subject::in_database().await).await; })*
        }
        mod in_redis {
            $(#[tokio::test] async fn $story() { super::$story(super::Subject::in_redis().await).await; })*
        }
        mod in_a_cluster {
            $(#[tokio::test] async fn $story() { super::$story(super::Subject::in_a_cluster().await).await; })*
        }
        mod moving {
            $(#[tokio::test] async fn $story() { super::$story(super::Subject::moving().await).await; })*
        }
    };
}

over_every_store! {
    a_document_is_made_once_and_changes_by_version,
    law_6_of_many_who_change_at_once_all_are_heard,
    a_document_ends_with_its_time_and_may_be_made_anew,
    a_change_prolongs_a_document,
    what_is_removed_is_gone,
    an_error_changes_nothing,
}

async fn a_document_is_made_once_and_changes_by_version(s: Subject) {
    assert_eq!(s.get("a").await, None);
    assert!(!s.put("a", 1, "changed before it was made").await);
    assert!(s.put("a", 0, "one").await);
    assert!(!s.put("a", 0, "made twice").await);
    assert_eq!(s.get("a").await, Some((1, "one".into())));
    assert!(s.put("a", 1, "two").await);
    assert!(!s.put("a", 1, "late").await);
    assert_eq!(s.get("a").await, Some((2, "two".into())));
}

async fn law_6_of_many_who_change_at_once_all_are_heard(s: Subject) {
    s.documents.put("list", 0, &Vec::<usize>::new(), HOUR).await.unwrap();
    let writers = (0..20).map(|number| {
        let documents = s.documents.clone();
        async move {
            let missing = || Error::not_found("GONE", "gone");
            let change = |list: &mut Vec<usize>| {
                list.push(number);
                Ok(())
            };
            documents.update("list", HOUR, missing, change).await.unwrap();
        }
    });
    futures::future::join_all(writers).await;
    let found = s.documents.get::<Vec<usize>>("list").await.unwrap().unwrap();
    let mut heard = found.body;
    heard.sort_unstable();
    assert_eq!((found.version, heard), (21, (0..20).collect()));
}

async fn a_document_ends_with_its_time_and_may_be_made_anew(s: Subject) {
    s.put("a", 0, "one").await;
    s.put("a", 1, "two").await;
    s.test.clock.advance(HOUR);
    assert_eq!(s.get("a").await, None);
    assert!(s.put("a", 0, "new").await);
    assert_eq!(s.get("a").await, Some((1, "new".into())));
}

async fn a_change_prolongs_a_document(s: Subject) {
    s.put("a", 0, "one").await;
    s.test.clock.advance(HOUR.saturating_sub(Duration::from_secs(1)));
    s.put("a", 1, "two").await;
    s.test.clock.advance(HOUR.saturating_sub(Duration::from_secs(1)));
    assert_eq!(s.get("a").await, Some((2, "two".into())));
}

async fn what_is_removed_is_gone(s: Subject) {
    s.put("a", 0, "one").await;
    s.documents.delete("a").await.unwrap();
    s.documents.delete("a").await.unwrap();
    assert_eq!(s.get("a").await, None);
    assert!(s.put("a", 0, "again").await);
}

async fn an_error_changes_nothing(s: Subject) {
    s.put("a", 0, "one").await;
    let refuse = |body: &mut String| {
        body.push_str(" and more");
        Err::<(), _>(Error::precondition("NO", "no"))
    };
    let refused = s.documents.update("a", HOUR, || Error::not_found("GONE", "gone"), refuse).await;
    assert_eq!(refused.unwrap_err().reason(), "NO");
    let missing = s.documents.update("b", HOUR, || Error::not_found("GONE", "gone"), refuse).await;
    assert_eq!(missing.unwrap_err().reason(), "GONE");
    assert_eq!(s.get("a").await, Some((1, "one".into())));
}

#[tokio::test]
async fn redis_forgets_a_document_by_itself() {
    let s = Subject::in_redis().await;
    s.documents.put("brief", 0, &"here", Duration::from_millis(20)).await.unwrap();
    eventually("it is forgotten, though our clock stands still", || async { s.get("brief").await.is_none() })
        .await;
}

#[tokio::test]
async fn law_6_documents_of_the_database_move_when_they_are_read() {
    let (test, server) = (TestHost::new(), RedisServer::start().await);
    let database = database(&test).await;
    let before = Documents::in_database(database.clone(), test.host.clock());
    for key in ["a", "b"] {
        before.put(key, 0, &"one", HOUR).await.unwrap();
        before.put(key, 1, &"two", HOUR).await.unwrap();
    }
    let redis = server.connect().await;
    let now = Documents::moving_to_redis(database, redis, test.host.clock()).await.unwrap();
    assert!(!now.put("a", 0, &"made twice", HOUR).await.unwrap());
    let readers = (0..8).map(|_| now.get::<String>("a"));
    for read in futures::future::join_all(readers).await {
        let read = read.unwrap().unwrap();
        assert_eq!((read.version, read.body.as_str()), (2, "two"));
    }
    assert!(now.put("a", 2, &"three", HOUR).await.unwrap());
    assert_eq!(now.get::<String>("a").await.unwrap().unwrap().version, 3);
    assert!(before.get::<String>("a").await.unwrap().is_none());
    assert!(before.get::<String>("b").await.unwrap().is_some());
    test.clock.advance(HOUR * 2);
    assert_eq!(now.sweep().await.unwrap(), 1);
}

#[tokio::test]
async fn without_redis_documents_are_unavailable_until_it_is_back_with_all_it_held() {
    let mut s = Subject::in_redis().await;
    s.put("a", 0, "one").await;
    s.redis.as_mut().unwrap().kill();
    for failed in [
        s.documents.get::<String>("a").await.map(drop),
        s.documents.put("a", 1, &"two", HOUR).await.map(drop),
        s.documents.delete("a").await,
    ] {
        let error = failed.unwrap_err();
        assert_eq!((error.code(), error.reason()), (Code::Unavailable, "REDIS_UNAVAILABLE"));
        assert!(error.retry_after().is_some());
    }
    s.redis.as_mut().unwrap().start_again().await;
    eventually("it is back", || async { s.documents.get::<String>("a").await.is_ok() }).await;
    assert_eq!(s.get("a").await, Some((1, "one".into())));
    assert!(s.put("a", 1, "two").await);
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_told_at_start() {
    let mut server = RedisServer::start().await;
    let settings = server.settings();
    server.kill();
    let error = Redis::connect(&settings).await.unwrap_err();
    assert!(error.message().starts_with("redis.url: 127.0.0.1:"), "{error}");
    assert!(Redis::connect(&RedisSettings::default()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_wrong_password_is_told_at_start() {
    let server = RedisServer::start().await;
    let url = server.url().replace("redis://", "redis://stranger:secret@");
    let settings = RedisSettings { url: Some(Secret::new(url)), ..server.settings() };
    let error = Redis::connect(&settings).await.unwrap_err();
    assert!(error.message().ends_with("refuses the user or the password"), "{error}");
}

#[tokio::test]
async fn a_cluster_has_documents_on_all_its_servers() {
    let (test, cluster) = (TestHost::new(), RedisCluster::start().await);
    let documents = Documents::in_redis(cluster.connect().await, test.host.clock());
    for number in 0..60 {
        assert!(documents.put(&format!("cart {number}"), 0, &number, HOUR).await.unwrap());
    }
    let keys = cluster.keys();
    assert!(keys.iter().all(|keys| *keys > 0) && keys.iter().sum::<usize>() == 60, "{keys:?}");
    for number in 0..60 {
        let found = documents.get::<i32>(&format!("cart {number}")).await.unwrap().unwrap();
        assert_eq!(found.body, number);
    }
}

#[tokio::test]
async fn documents_are_found_where_a_sentinel_has_moved_the_primary() {
    let (test, mut servers) = (TestHost::new(), RedisSentinel::start().await);
    let settings = RedisSettings { command_timeout_ms: 500, ..servers.settings() };
    let redis = Redis::connect(&settings).await.unwrap().unwrap();
    let documents = Documents::in_redis(redis, test.host.clock());
    assert!(documents.put("cart", 0, &"one", HOUR).await.unwrap());
    servers.replicated("argosy:cart").await;

    servers.kill_primary();
    let error = documents.get::<String>("cart").await.unwrap_err();
    assert_eq!((error.code(), error.reason()), (Code::Unavailable, "REDIS_UNAVAILABLE"));
    eventually("the replica is written to", || async {
        documents.put("another", 0, &"new", HOUR).await.is_ok_and(|written| written)
    })
    .await;
    assert_eq!(documents.get::<String>("cart").await.unwrap().unwrap().body, "one");
    assert!(documents.put("cart", 1, &"two", HOUR).await.unwrap());
}
