//! A service that tells facts and one that writes down what it hears, in as many processes as a story wants.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use argosy_contracts::{FactsService, RemoteLog};
use argosy_kernel::{Clock, Error, ManualClock, Result, Timestamp};
use argosy_platform::{
    Host,
    bus::{BusSettings, Consumer, ConsumerSpec, Fact, Nats, NewFact},
    database::{Database, DatabaseSpec, Durability, FromQueryResult, Migration, Tx, sql},
    http::Listener,
    rpc,
};
use argosy_testkit::{Schemas, eventually};
use async_trait::async_trait;

const TELLER: DatabaseSpec =
    DatabaseSpec { name: "teller", durability: Durability::Process, migrations: &[] };
const LISTENER: DatabaseSpec = DatabaseSpec {
    name: "listener",
    durability: Durability::Process,
    migrations: &[Migration {
        version: 1,
        name: "heard",
        sql: "create table heard (place {{identity}}, id text not null, subject text not null, sequence bigint not null)",
    }],
};
pub(crate) const SPEC: ConsumerSpec =
    ConsumerSpec { name: "listener.heard", source: "teller", kinds: &["teller.told"], tries_max: 2 };

/// What was heard, in the order of hearing.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Heard {
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) sequence: i64,
}

struct Ear {
    deaf: Arc<AtomicBool>,
}

#[async_trait]
impl Consumer for Ear {
    async fn handle(&self, tx: &Tx, fact: &Fact) -> Result<()> {
        if self.deaf.load(Ordering::Relaxed) {
            assert_ne!(fact.subject, "ben", "ben shouts");
            return Err(Error::internal("cannot hear"));
        }
        sql("insert into heard (id, subject, sequence) values ($1, $2, $3)")
            .bind(fact.id.as_str())
            .bind(fact.subject.as_str())
            .bind(fact.sequence)
            .execute(tx)
            .await
            .map(|_| ())
    }
}

/// Databases that several processes share, and the clock of most of them.
pub(crate) struct Shop {
    schemas: Schemas,
    pub(crate) clock: Arc<ManualClock>,
    folders: Mutex<Vec<tempfile::TempDir>>,
    pub(crate) deaf: Arc<AtomicBool>,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self {
            schemas: Schemas::new(),
            clock: Arc::new(ManualClock::new(Timestamp::from_millis(1_780_315_200_000))),
            folders: Mutex::default(),
            deaf: Arc::default(),
        }
    }

    /// A process, with a clock of its own if one is given.
    pub(crate) async fn process(&self, nats: Option<&BusSettings>, clock: Option<Arc<ManualClock>>) -> Host {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = clock.unwrap_or_else(|| self.clock.clone());
        let host = Host::new(folder.path(), self.schemas.settings(), clock).unwrap();
        self.folders.lock().unwrap().push(folder);
        match nats {
            None => host,
            Some(settings) => host.with_nats(Nats::connect(settings).await.unwrap()),
        }
    }

    /// Tells facts of three aggregates in turn, each in a transaction of its own.
    pub(crate) async fn tell(&self, teller: &Database, sequences: std::ops::Range<i64>) {
        for sequence in sequences {
            for subject in ["ann", "ben", "cat.*"] {
                let fact = NewFact::new("teller.told", subject, sequence, &sequence).unwrap();
                let tx = teller.begin().await.unwrap();
                tx.publish(&*self.clock, [fact]).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    }

    pub(crate) async fn listen(&self, host: &Host) -> Database {
        let database = host.database(LISTENER).await.unwrap();
        host.consume(&database, SPEC, Ear { deaf: Arc::clone(&self.deaf) });
        database
    }
}

pub(crate) async fn teller(host: &Host) -> Database {
    host.database(TELLER).await.unwrap()
}

pub(crate) async fn heard(listener: &Database) -> Vec<Heard> {
    sql("select id, subject, sequence from heard order by place").all(listener).await.unwrap()
}

/// Waits until so many are heard, and sees that each was once.
pub(crate) async fn hears_once(listener: &Database, count: usize) {
    eventually("all is heard", || async { heard(listener).await.len() >= count }).await;
    let mut ids: Vec<String> = heard(listener).await.into_iter().map(|heard| heard.id).collect();
    assert_eq!(ids.len(), count, "something was heard twice");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "something was heard twice");
}

/// The same, and in the order of each aggregate.
pub(crate) async fn hears(listener: &Database, count: usize) {
    hears_once(listener, count).await;
    let heard = heard(listener).await;
    for subject in ["ann", "ben", "cat.*"] {
        let of_one = heard.iter().filter(|heard| heard.subject == subject).map(|heard| heard.sequence);
        assert!(of_one.is_sorted(), "out of order: {heard:?}");
    }
}

/// Makes the facts of one process readable in another, over gRPC.
pub(crate) async fn connect(teller: &Host, listener: &Host) {
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let served = Listener::bind(address, "test").await.unwrap();
    let url = format!("http://{}", served.address());
    let mut routes = rpc::Routes::default();
    FactsService::add_to(teller.bus().clone(), &mut routes);
    let shutdown = teller.tasks().shutdown();
    teller.tasks().spawn(async move { rpc::serve(served, routes, shutdown).await.unwrap() });
    let log = RemoteLog::new("teller", rpc::connect(&url).unwrap());
    listener.bus().add("teller", Arc::new(log));
}

pub(crate) async fn stop(host: &Host) {
    assert!(host.stop(Duration::from_secs(10)).await, "a task does not end");
}
