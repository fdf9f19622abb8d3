//! What a process lends its services.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use argosy_kernel::{Clock, Error, Result, SystemClock};

use crate::{
    backup::{self, BLOBS, BackedUp},
    blobs::Blobs,
    bus::{Bus, Consumer, ConsumerSpec, Nats, consumer, nats, outbox},
    database::{Database, DatabaseSettings, DatabaseSpec, Engine, clocks},
    jobs,
    redis::Redis,
    tasks::Tasks,
};

/// How long facts are kept for readers that are behind.
pub(crate) const FACTS_KEPT: Duration = Duration::from_hours(720);
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const HOUSEKEEPING: Duration = Duration::from_mins(5);
/// How long a database may take to close. What then still holds a connection ends with the process.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// What a process lends its services: the clock, tasks, databases, the bus, blobs and Redis. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
    blobs: Blobs,
    redis: Option<Redis>,
    bus: Bus,
}

struct Inner {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    tasks: Tasks,
    database_settings: DatabaseSettings,
    databases: Mutex<Vec<Database>>,
    _lock: std::fs::File,
}

impl Host {
    /// A host that keeps everything in one folder, which is made if it is missing.
    ///
    /// # Errors
    /// `DATA_FOLDER_IN_USE` if another process works in it; `DATA_FOLDER_UNUSABLE` if it cannot be written.
    pub fn embedded(folder: &Path) -> Result<Self> {
        Self::new(folder, DatabaseSettings::default(), Arc::new(SystemClock))
    }

    /// A host whose services keep their data where the settings say; everything else is in the folder.
    ///
    /// # Errors
    /// As [`Host::embedded`].
    pub fn new(folder: &Path, database_settings: DatabaseSettings, clock: Arc<dyn Clock>) -> Result<Self> {
        let lock = lock_folder(folder)?;
        let blobs = Blobs::local(&folder.join(BLOBS))?;
        Ok(Self {
            inner: Arc::new(Inner {
                folder: folder.to_owned(),
                clock,
                tasks: Tasks::default(),
                database_settings,
                databases: Mutex::default(),
                _lock: lock,
            }),
            blobs,
            redis: None,
            bus: Bus::default(),
        })
    }

    /// The host with blobs kept elsewhere.
    #[must_use]
    pub fn with_blobs(self, blobs: Blobs) -> Self {
        Self { blobs, ..self }
    }

    /// The host with a Redis that processes share.
    #[must_use]
    pub fn with_redis(self, redis: Option<Redis>) -> Self {
        Self { redis, ..self }
    }

    /// The host whose facts travel through a NATS; before any database is opened.
    #[must_use]
    pub fn with_nats(self, nats: Option<Nats>) -> Self {
        Self { bus: Bus::over(nats), ..self }
    }

    /// The clock.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    /// Background tasks.
    pub fn tasks(&self) -> &Tasks {
        &self.inner.tasks
    }

    /// The logs of facts that this process can read.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Blob storage.
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// The Redis that processes share, if there is one.
    pub fn redis(&self) -> Option<&Redis> {
        self.redis.as_ref()
    }

    /// The NATS through which facts travel, if there is one.
    pub fn nats(&self) -> Option<&Nats> {
        self.bus.stream()
    }

    /// The folder for what a service keeps in files of its own, such as an index; it is made if missing.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.inner.folder.join(name);
        std::fs::create_dir_all(&folder).map_err(|error| unusable(&folder, &error))?;
        Ok(folder)
    }

    /// Opens a service's database, brings it up to date, puts its facts on the bus, and keeps house in it.
    pub async fn database(&self, spec: DatabaseSpec) -> Result<Database> {
        let database = Database::open(&self.inner.folder, &self.inner.database_settings, spec).await?;
        self.bus.add(spec.name, Arc::new(outbox::OutboxLog::new(database.clone(), self.tasks().shutdown())));
        if let Ok(mut databases) = self.inner.databases.lock() {
            databases.push(database.clone());
        }
        if database.engine() == Engine::Postgres {
            self.look_for_facts(&database);
        }
        if let Some(nats) = self.bus.stream() {
            nats::relay::start(self, &database, nats.clone());
        }
        let (kept, clock) = (database.clone(), self.clock());
        jobs::every(self, &database, "housekeeping", HOUSEKEEPING, move || {
            let (database, clock) = (kept.clone(), Arc::clone(&clock));
            async move {
                outbox::prune(&database, clock.now().minus(FACTS_KEPT)).await?;
                database.checkpoint().await
            }
        });
        Ok(database)
    }

    /// Compares the clock with that of every PostgreSQL opened so far, now and every minute: `argosy_clock_ahead_seconds`
    /// tells how far they are apart, and the log when that is more than a second.
    ///
    /// # Errors
    /// `CLOCKS_APART` (`FAILED_PRECONDITION`) if it is more than 30 s now.
    pub async fn watch_clocks(&self) -> Result<()> {
        let (databases, clock) = (self.databases(), self.clock());
        for database in &databases {
            clocks::check(database, &self.inner.database_settings, &*clock).await?;
        }
        self.tasks().spawn_loop(async move {
            loop {
                for database in databases.iter().filter(|database| database.engine() == Engine::Postgres) {
                    clocks::note(database, &*clock).await;
                }
                tokio::time::sleep(clocks::LOOK_EVERY).await;
            }
        });
        Ok(())
    }

    fn look_for_facts(&self, database: &Database) {
        let database = database.clone();
        self.tasks().spawn_loop(async move {
            loop {
                let Err(error) = outbox::look(&database).await;
                tracing::warn!(database = database.name(), error = ?error, "cannot look for facts, trying again");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        });
    }

    /// Starts a consumer of another service's facts whose effects are in `database`.
    pub fn consume(&self, database: &Database, spec: ConsumerSpec, consumer: impl Consumer) {
        consumer::start(self, database, spec, consumer);
    }

    /// The databases opened so far.
    pub fn databases(&self) -> Vec<Database> {
        self.inner.databases.lock().map(|databases| databases.clone()).unwrap_or_default()
    }

    /// Copies what is in the folder, while the services go on; see [`backup::back_up`].
    pub async fn back_up(&self, into: &Path) -> Result<BackedUp> {
        backup::back_up(&self.databases(), &self.inner.folder, into).await
    }

    /// Ends the tasks, then closes what they used; false if tasks were still running after `timeout`.
    pub async fn stop(&self, timeout: Duration) -> bool {
        let ended = self.inner.tasks.stop(timeout).await;
        futures::future::join_all(self.databases().iter().map(close)).await;
        if let Some(redis) = &self.redis {
            redis.close().await;
        }
        if let Some(nats) = self.bus.stream() {
            nats.close().await;
        }
        ended
    }
}

async fn close(database: &Database) {
    let name = database.name();
    match tokio::time::timeout(CLOSE_TIMEOUT, database.close()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(database = name, error = ?error, "cannot close a database"),
        Err(_) => tracing::warn!(database = name, "a database is still in use and is left open"),
    }
}

fn unusable(folder: &Path, error: &std::io::Error) -> Error {
    Error::unavailable(
        "DATA_FOLDER_UNUSABLE",
        format!("cannot write in the data folder {}: {error}", folder.display()),
    )
}

fn lock_folder(folder: &Path) -> Result<std::fs::File> {
    std::fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
    let path = folder.join("argosy.lock");
    let lock = std::fs::File::create(&path).map_err(|error| unusable(folder, &error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::precondition(
            "DATA_FOLDER_IN_USE",
            format!(
                "another Argosy process works in {}; stop it, or give this one a folder of its own",
                folder.display()
            ),
        )),
        Err(std::fs::TryLockError::Error(error)) => Err(unusable(folder, &error)),
    }
}
