//! SQL over SQLite (embedded) or PostgreSQL (at scale), behind one handle.
//!
//! Statements are written once, in the SQL that both engines understand, with `$1` placeholders. sea-orm is
//! used as the driver of both; its entities lost on the hot paths, where the condition must be in the
//! statement. Each service opens its own database: nobody else reads its tables.
//!
//! On SQLite writing transactions come one after the other and share their commits. On PostgreSQL they run side by side at `read committed`:
//! what must hold is a condition of the statement that changes, or rows are read with [`Sql::locking`], or the
//! transaction is [`Tx::alone`]. Serialisable transactions lost: many buyers of one item would mostly be told to try
//! again.

pub(crate) mod clocks;
mod connections;
mod damage;
mod error;
mod health;
mod migrate;
mod pooled;
mod postgres;
mod settings;
mod sql;
mod sqlite;
mod together;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use argosy_kernel::{Error, Result};
use sea_orm::{DatabaseTransaction, QueryResult};
use tokio::sync::watch;

pub(crate) use self::error::error_of;
use self::{
    connections::Connections,
    damage::Damage,
    health::{Health, Renewal},
    pooled::PooledTx,
    writer::{Member, Writer},
};
pub use self::{
    migrate::{Migration, Migrations},
    settings::DatabaseSettings,
    sql::{Executor, Sql, sql},
    together::{Together, together},
};
pub use sea_orm::{FromQueryResult, Value};

/// How much a commit must survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: where money or stock is.
    Full,
    /// A killed process. A power cut may lose the last moments, never consistency.
    Process,
}

/// What a service wants opened.
#[derive(Debug, Clone, Copy)]
pub struct DatabaseSpec {
    /// The service's name; the file or schema is called so.
    pub name: &'static str,
    /// How much a commit must survive.
    pub durability: Durability,
    /// The service's own migrations, ascending.
    pub migrations: &'static [Migration],
}

/// Which engine keeps a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file of this process.
    Sqlite,
    /// A schema that several processes may share.
    Postgres,
}

/// A service's database. SQLite: one writer whose transactions begin immediately, and a pool of readers.
/// PostgreSQL: a pool, and if wanted a standby.
#[derive(Clone)]
pub struct Database {
    name: &'static str,
    writer: Writes,
    readers: Connections,
    standby: Option<Connections>,
    reads: Reads,
    health: Arc<Health>,
    outbox_head: Arc<watch::Sender<i64>>,
}

/// How old what is read may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    Present,
    AMomentOld,
}

/// Who writes.
#[derive(Clone)]
enum Writes {
    OneAfterTheOther(Arc<Writer>),
    SideBySide(Connections),
}

/// How often a connection that turns out to be dead is replaced before the database counts as away.
const CONNECTIONS_TRIED_MAX: u32 = 10;
const RECONNECT_DELAY: Duration = Duration::from_millis(20);

impl Database {
    /// Opens a service's database where the settings say, and brings its tables up to date.
    ///
    /// # Errors
    /// `DATABASE_CORRUPT`, `DATABASE_NEWER` (a later release wrote it), `DATABASE_OLDER` (and it is not to be
    /// brought up to date here), `DATABASE_UNAVAILABLE` (rights, disk, network), `INVALID_SETTING`.
    pub async fn open(folder: &Path, settings: &DatabaseSettings, spec: DatabaseSpec) -> Result<Self> {
        match settings.url_of(spec.name) {
            Some((setting, url)) => {
                let migrations = if settings.migrate_at_start { Migrations::Run } else { Migrations::Check };
                Self::open_postgres(settings, &setting, url.expose(), spec, migrations).await
            }
            None => Self::open_sqlite(folder, spec).await,
        }
    }

    /// Opens a service's database as it is, without bringing it up to date; `None` if there is none.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open_as_found(
        folder: &Path,
        settings: &DatabaseSettings,
        name: &'static str,
    ) -> Result<Option<Self>> {
        let spec = DatabaseSpec { name, durability: Durability::Full, migrations: &[] };
        if let Some((setting, url)) = settings.url_of(name) {
            let opened = Self::open_postgres(settings, &setting, url.expose(), spec, Migrations::Leave).await;
            return match opened {
                Err(error) if error.reason() == "DATABASE_OLDER" => Ok(None),
                opened => opened.map(Some),
            };
        }
        let there = folder.join(format!("{name}.db")).exists();
        if there { Self::open_file(folder, spec, Migrations::Leave).await.map(Some) } else { Ok(None) }
    }

    /// Opens a service's SQLite file in a folder, and brings its tables up to date.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn open_sqlite(folder: &Path, spec: DatabaseSpec) -> Result<Self> {
        Self::open_file(folder, spec, Migrations::Run).await
    }

    async fn open_file(folder: &Path, spec: DatabaseSpec, migrations: Migrations) -> Result<Self> {
        let path = folder.join(format!("{}.db", spec.name));
        let (writer, readers) = sqlite::open(&path, spec, migrations).await?;
        let readers = Connections::Direct(readers);
        let writer = Writes::OneAfterTheOther(Arc::new(Writer::new(writer)));
        Self::opened(spec.name, writer, readers, None, Health::File(Damage::of(path))).await
    }

    async fn open_postgres(
        settings: &DatabaseSettings,
        setting: &str,
        url: &str,
        spec: DatabaseSpec,
        migrations: Migrations,
    ) -> Result<Self> {
        let place = postgres::Place::of(settings, spec.name, setting.to_owned(), url)?;
        let renewal = Arc::new(Renewal::default());
        let pool = postgres::open(&place, settings, spec, migrations, &renewal).await?;
        let standby = match settings.replica_urls.get(spec.name) {
            None => None,
            Some(url) => {
                let setting = format!("database.replica_urls.{}", spec.name);
                let place = postgres::Place::of(settings, spec.name, setting, url.expose())?;
                Some(postgres::replica(&place, settings))
            }
        };
        let writer = Writes::SideBySide(pool.clone());
        Self::opened(spec.name, writer, pool, standby, Health::Server(renewal)).await
    }

    async fn opened(
        name: &'static str,
        writer: Writes,
        readers: Connections,
        standby: Option<Connections>,
        health: Health,
    ) -> Result<Self> {
        let health = Arc::new(health);
        let outbox_head = Arc::new(watch::Sender::new(0));
        let database = Self { name, writer, readers, standby, reads: Reads::Present, health, outbox_head };
        let head = crate::bus::outbox::head(&database).await?;
        database.outbox_head.send_replace(head);
        Ok(database)
    }

    /// The service's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Which engine keeps it.
    pub fn engine(&self) -> Engine {
        match self.writer {
            Writes::OneAfterTheOther(_) => Engine::Sqlite,
            Writes::SideBySide(_) => Engine::Postgres,
        }
    }

    /// Begins a transaction that may write. It is rolled back unless it is committed.
    ///
    /// # Errors
    /// `DATABASE_BUSY` (UNAVAILABLE) when no connection is free in time; `DATABASE_UNAVAILABLE`.
    pub async fn begin(&self) -> Result<Tx> {
        let inner = match &self.writer {
            Writes::OneAfterTheOther(writer) => Inner::Member(writer.begin().await?),
            Writes::SideBySide(connections) => self.again_if_lost(|| connections.begin()).await?,
        };
        Ok(Tx {
            inner,
            failed: AtomicBool::new(false),
            health: Arc::clone(&self.health),
            outbox_head: Arc::clone(&self.outbox_head),
            facts: AtomicI64::new(0),
            published: Mutex::new(None),
        })
    }

    /// Runs a statement in a transaction of its own: on PostgreSQL that is one round trip.
    pub(super) async fn run(&self, statement: Sql) -> Result<u64> {
        match &self.writer {
            Writes::OneAfterTheOther(_) => {
                let tx = self.begin().await?;
                let touched = statement.execute(&tx).await?;
                tx.commit().await.map(|()| touched)
            }
            Writes::SideBySide(connections) => self.health.note(connections.execute(statement).await),
        }
    }

    /// As [`Database::run`], for the first row that it answers.
    pub(super) async fn run_for_row(&self, statement: Sql) -> Result<Option<QueryResult>> {
        let rows = match &self.writer {
            Writes::OneAfterTheOther(_) => {
                let tx = self.begin().await?;
                let rows = tx.query(statement).await?;
                tx.commit().await?;
                rows
            }
            Writes::SideBySide(connections) => self.health.note(connections.query(statement).await)?,
        };
        Ok(rows.into_iter().next())
    }

    /// Does again what changed nothing because its connection had died: the server was restarted or failed over.
    pub(super) async fn again_if_lost<T, F>(&self, attempt: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut tries = 1;
        loop {
            match self.health.note(attempt().await) {
                Err(error) if error::is_lost_connection(&error) && tries < CONNECTIONS_TRIED_MAX => {
                    tokio::time::sleep(RECONNECT_DELAY * tries).await;
                    tries += 1;
                }
                done => return done,
            }
        }
    }

    /// A view whose reads may be a moment old: a standby's if there is one and it answers. Never for what decides
    /// something, or what the caller just wrote.
    #[must_use]
    pub fn stale(&self) -> Self {
        Self { reads: Reads::AMomentOld, ..self.clone() }
    }

    fn standby(&self) -> Option<&Connections> {
        self.standby.as_ref().filter(|_| self.reads == Reads::AMomentOld)
    }

    /// Moves when a committed transaction published facts; its value is the newest position.
    pub(crate) fn outbox_head(&self) -> watch::Receiver<i64> {
        self.outbox_head.subscribe()
    }

    pub(crate) fn raise_outbox_head(&self, position: i64) {
        raise(&self.outbox_head, position);
    }

    /// Whether it answers, was not found damaged, and is no server that only reads.
    pub async fn ping(&self) -> Result<()> {
        self.health.check()?;
        match self.engine() {
            Engine::Sqlite => self.readers.execute(sql("select 1")).await.map(|_| ()),
            Engine::Postgres => self.again_if_lost(|| postgres::check_writable(&self.readers)).await,
        }
    }

    /// Folds the write-ahead log into the file, so that it does not grow without end; PostgreSQL does so itself.
    pub async fn checkpoint(&self) -> Result<()> {
        match &self.writer {
            Writes::OneAfterTheOther(writer) => writer.checkpoint().await,
            Writes::SideBySide(_) => Ok(()),
        }
    }

    /// Copies a database's file as it is now, without room that it does not use.
    pub(crate) async fn copy_file(&self, from: PathBuf, to: PathBuf) -> Result<()> {
        self.health.check()?;
        sqlite::copy(&from, &to).await
    }

    /// Closes all connections; what is running ends first.
    pub async fn close(&self) -> Result<()> {
        self.readers.close().await?;
        if let Some(standby) = &self.standby {
            standby.close().await?;
        }
        match &self.writer {
            Writes::OneAfterTheOther(writer) => writer.close().await,
            Writes::SideBySide(_) => Ok(()),
        }
    }
}

/// A transaction that may write.
pub struct Tx {
    inner: Inner,
    /// A statement failed: what else it would do rests on nothing, and PostgreSQL's commit would roll back unsaid.
    failed: AtomicBool,
    health: Arc<Health>,
    outbox_head: Arc<watch::Sender<i64>>,
    /// Facts told so far: a fact's position on PostgreSQL is its place among them.
    facts: AtomicI64,
    published: Mutex<Option<i64>>,
}

enum Inner {
    Member(Member),
    Transaction(DatabaseTransaction),
    Pooled(PooledTx),
}

impl Tx {
    /// Makes all of it last, then wakes those who wait for its facts.
    ///
    /// # Errors
    /// When the commit fails nothing of it lasts. When the connection is lost meanwhile (`DATABASE_UNAVAILABLE`) it
    /// may have lasted or not: ask again, with the same ids.
    pub async fn commit(self) -> Result<()> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(Error::internal("a transaction whose statement failed cannot be committed"));
        }
        match self.inner {
            Inner::Member(member) => member.commit().await?,
            Inner::Transaction(transaction) => {
                self.health.note(transaction.commit().await.map_err(error_of))?;
            }
            Inner::Pooled(transaction) => self.health.note(transaction.commit().await)?,
        }
        let published = self.published.lock().map_or(None, |mut published| published.take());
        if let Some(position) = published {
            raise(&self.outbox_head, position);
        }
        Ok(())
    }

    /// Takes back what it wrote. For whoever answers from what it read here, or reads on elsewhere: afterwards that
    /// lasts. Who just fails may drop the transaction.
    pub async fn rollback(self) -> Result<()> {
        match self.inner {
            Inner::Member(member) => member.rollback().await,
            Inner::Transaction(transaction) => transaction.rollback().await.map_err(error_of),
            Inner::Pooled(transaction) => transaction.rollback().await,
        }
    }

    /// Waits until no other transaction is alone under this name, and keeps others waiting until it ends. On SQLite
    /// every transaction is.
    pub async fn alone(&self, name: &str) -> Result<()> {
        if self.engine() == Engine::Sqlite {
            return Ok(());
        }
        // Per schema: the same service of another shop in this database goes on.
        sql("select 1::bigint from pg_advisory_xact_lock(hashtextextended(current_schema() || ' ' || $1, 0))")
            .bind(name)
            .execute(self)
            .await
            .map(|_| ())
    }

    pub(crate) fn engine(&self) -> Engine {
        match self.inner {
            Inner::Member(_) => Engine::Sqlite,
            Inner::Transaction(_) | Inner::Pooled(_) => Engine::Postgres,
        }
    }

    fn note_failed<T>(&self, done: Result<T>) -> Result<T> {
        if done.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        self.health.note(done)
    }

    /// The places of the next facts among all of this transaction.
    pub(crate) fn next_facts(&self, count: i64) -> i64 {
        self.facts.fetch_add(count, Ordering::Relaxed)
    }

    pub(crate) fn note_published(&self, position: i64) {
        if let Ok(mut published) = self.published.lock() {
            *published = Some(published.map_or(position, |earlier| earlier.max(position)));
        }
    }
}

fn raise(head: &watch::Sender<i64>, position: i64) {
    head.send_if_modified(|head| {
        let newer = position > *head;
        *head = position.max(*head);
        newer
    });
}
