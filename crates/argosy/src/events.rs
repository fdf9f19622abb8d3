//! `argosy events`: what operators do with facts. They work on the databases themselves, and leave a word there for the
//! consumers, which do in their own turn what is asked: so nothing is applied beside them.

use std::{path::Path, sync::Arc, time::Duration};

use argosy_kernel::{Clock, Error, Result, SystemClock, Timestamp};
use argosy_platform::{
    Host,
    blobs::{BlobSettings, Blobs},
    bus::{
        DeadLetter, Fact, Nats, dead_letters, drop_letters, letters_of,
        operators::{self, Facts},
        retry_letters,
    },
    database::Database,
    telemetry,
};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    cli::print,
    lake::{self, Exported, Format},
    settings::Settings,
    targets::DATABASES,
};

#[derive(Subcommand)]
pub(crate) enum Events {
    /// List facts that a consumer could not apply (dead letters), newest first
    List {
        /// Most lines a service
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Show a dead letter: the fact, who could not apply it, and why
    Show {
        /// Its id, as `argosy events list` shows it
        id: String,
    },
    /// Have a dead letter applied after all, by its consumer and at once if that runs
    Retry {
        /// Its id
        id: String,
    },
    /// Forget a dead letter: it is never applied
    Drop {
        /// Its id
        id: String,
    },
    /// Print facts as JSON lines, in the order of each service
    Tail {
        /// Only those of this service
        #[arg(long, value_name = "NAME")]
        service: Option<String>,
        /// Only those from this time on, e.g. 2026-01-31T12:00:00Z
        #[arg(long, value_name = "TIME")]
        from: Option<Timestamp>,
        /// Go on until interrupted
        #[arg(long)]
        follow: bool,
    },
    /// Write the facts of days that are over to files, by type and day, each exactly once
    ///
    /// For DuckDB, Spark or Athena. Run it once a day; a day is exported an hour after its end (UTC), and what was missed is
    /// made up for as long as facts are kept, 30 days. With PostgreSQL the store may run.
    Export {
        /// A folder, or s3://bucket/prefix, gs://bucket/prefix, az://container/prefix with the keys of [blobs]. Not the
        /// bucket of the pictures, which is public
        #[arg(value_name = "FOLDER OR URL")]
        to: String,
        /// Only those of this service
        #[arg(long, value_name = "NAME")]
        service: Option<String>,
        /// What the files are
        #[arg(long, value_enum, default_value_t = Format::Jsonl)]
        format: Format,
    },
    /// Have a consumer read facts again from a time on
    ///
    /// What the consumer has done before it does not do again: it remembers each fact for 30 days and passes it over.
    /// That is safe at any time, and mends a consumer that missed facts. With --again it forgets what it has done since
    /// that time, and every effect happens again: messages are sent twice, counts are doubled. Do that only where the
    /// effects were taken back first, such as from a backup.
    Replay {
        /// The consumer, e.g. notifications.order_placed
        #[arg(long, value_name = "NAME")]
        consumer: String,
        /// The service whose facts it reads
        #[arg(long, value_name = "NAME")]
        source: String,
        /// From when on, e.g. 2026-01-31T12:00:00Z
        #[arg(long, value_name = "TIME")]
        from: Timestamp,
        /// Forget what was done since then, so that all of it is done again
        #[arg(long)]
        again: bool,
    },
}

/// Facts that one read gives.
const PAGE: u32 = 500;
const FOLLOW_INTERVAL: Duration = Duration::from_millis(500);

/// The databases of the services, as they are.
struct Store {
    databases: Vec<Database>,
    nats: Option<Nats>,
    /// Held while files are open: they are one process's alone.
    _host: Option<Host>,
}

impl Store {
    async fn open(settings: &Settings) -> Result<Self> {
        settings.check_databases()?;
        let has_files = DATABASES
            .iter()
            .any(|spec| settings.database.url.is_none() && !settings.database.urls.contains_key(spec.name));
        let host = if has_files { Some(lock(settings)?) } else { None };
        let mut databases = Vec::new();
        for spec in DATABASES {
            let (folder, settings) = (&settings.data.folder, &settings.database);
            databases.extend(Database::open_as_found(folder, settings, spec.name).await?);
        }
        Ok(Self { databases, nats: None, _host: host })
    }

    async fn open_with_bus(settings: &Settings) -> Result<Self> {
        let nats = Box::pin(Nats::connect(&settings.bus)).await?;
        Ok(Self { nats, ..Self::open(settings).await? })
    }

    fn database(&self, name: &str) -> Result<&Database> {
        let found = self.databases.iter().find(|database| database.name() == name);
        found.ok_or_else(|| {
            let known: Vec<&str> = self.databases.iter().map(Database::name).collect();
            let message = format!("there is no service '{name}' here; there are {}", known.join(", "));
            Error::not_found("UNKNOWN_SOURCE", message)
        })
    }

    /// The one that is named, or all.
    fn services(&self, name: Option<&str>) -> Result<Vec<&'static str>> {
        match name {
            Some(name) => Ok(vec![self.database(name)?.name()]),
            None => Ok(self.databases.iter().map(Database::name).collect()),
        }
    }

    fn facts(&self, source: &str) -> Result<Facts> {
        match &self.nats {
            Some(nats) => Ok(Facts::in_stream(nats, source)),
            None => Ok(Facts::in_outbox(self.database(source)?)),
        }
    }

    async fn close(self) -> Result<()> {
        for database in &self.databases {
            database.close().await?;
        }
        Ok(())
    }
}

fn lock(settings: &Settings) -> Result<Host> {
    let host = Host::new(&settings.data.folder, settings.database.clone(), Arc::new(SystemClock));
    host.map_err(|error| match error.reason() {
        "DATA_FOLDER_IN_USE" => Error::precondition(
            "DATA_FOLDER_IN_USE",
            format!(
                "the store in {} runs and keeps its facts in files; stop it first (with PostgreSQL it may run)",
                settings.data.folder.display()
            ),
        ),
        _ => error,
    })
}

pub(crate) async fn run(settings: &Settings, command: Events) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    match command {
        Events::List { limit } => {
            let store = Store::open(settings).await?;
            for database in &store.databases {
                for letter in dead_letters(database, limit).await? {
                    print(&line(&letter))?;
                }
            }
            store.close().await
        }
        Events::Show { id } => {
            let store = Store::open(settings).await?;
            for letter in letters(&store, &id).await? {
                print(&format!("{:#}\n", whole(&letter)))?;
            }
            store.close().await
        }
        Events::Retry { id } => {
            let store = Store::open(settings).await?;
            letters(&store, &id).await?;
            for database in &store.databases {
                retry_letters(database, &id).await?;
            }
            print(&format!("{id} is applied by its consumer in its next turn\n"))?;
            store.close().await
        }
        Events::Drop { id } => {
            let store = Store::open(settings).await?;
            letters(&store, &id).await?;
            for database in &store.databases {
                drop_letters(database, &id).await?;
            }
            print(&format!("{id} is forgotten\n"))?;
            store.close().await
        }
        Events::Tail { service, from, follow } => {
            let store = Store::open_with_bus(settings).await?;
            tail(&store, service.as_deref(), from, follow).await?;
            store.close().await
        }
        Events::Export { to, service, format } => {
            let store = Store::open_with_bus(settings).await?;
            let lake = lake_at(settings, &to).await?;
            for name in store.services(service.as_deref())? {
                let facts = store.facts(name)?;
                let Exported { days, facts } =
                    lake::export(name, &facts, &lake, format, SystemClock.now()).await?;
                print(&format!("{name}: {facts} facts of {days} days\n"))?;
            }
            store.close().await
        }
        Events::Replay { consumer, source, from, again } => {
            let store = Store::open_with_bus(settings).await?;
            replay(&store, &consumer, &source, from, again).await?;
            store.close().await
        }
    }
}

async fn lake_at(settings: &Settings, to: &str) -> Result<Blobs> {
    if !to.contains("://") {
        return Blobs::local(Path::new(to));
    }
    let there = BlobSettings { url: Some(to.to_owned()), ..settings.blobs.clone() };
    Box::pin(Blobs::open(&there, &settings.data.folder)).await
}

/// The letters of a fact, in whatever service they are.
async fn letters(store: &Store, id: &str) -> Result<Vec<DeadLetter>> {
    let mut found = Vec::new();
    for database in &store.databases {
        found.extend(letters_of(database, id).await?);
    }
    if found.is_empty() {
        return Err(Error::not_found("UNKNOWN_LETTER", format!("there is no dead letter of {id}")));
    }
    Ok(found)
}

fn line(letter: &DeadLetter) -> String {
    let kind = serde_json::from_str::<Fact>(&letter.fact).map(|fact| fact.kind).unwrap_or_default();
    let why = letter.error.lines().next().unwrap_or_default();
    let state =
        if letter.tries == 0 { "to be tried again".to_owned() } else { format!("{} tries", letter.tries) };
    let time = Timestamp::from_millis(letter.time_ms);
    format!("{}  {time}  {}  {kind}  {state}  {why}\n", letter.event_id, letter.consumer)
}

fn whole(letter: &DeadLetter) -> Value {
    let fact = serde_json::from_str::<Fact>(&letter.fact).map(|fact| told(&letter.source, &fact));
    json!({
        "id": letter.event_id,
        "consumer": letter.consumer,
        "time": Timestamp::from_millis(letter.time_ms),
        "tries": letter.tries,
        "error": letter.error,
        "fact": fact.unwrap_or_else(|_| letter.fact.clone().into()),
    })
}

pub(crate) fn told(service: &str, fact: &Fact) -> Value {
    json!({
        "service": service,
        "position": fact.position,
        "id": fact.id,
        "type": fact.kind,
        "subject": fact.subject,
        "sequence": fact.sequence,
        "time": Timestamp::from_millis(fact.time_ms),
        "data": serde_json::from_str::<Value>(&fact.data).unwrap_or_else(|_| fact.data.clone().into()),
    })
}

async fn tail(store: &Store, service: Option<&str>, from: Option<Timestamp>, follow: bool) -> Result<()> {
    let mut logs = Vec::new();
    for service in store.services(service)? {
        let facts = store.facts(service)?;
        let at = match from {
            Some(time) => facts.before(time).await?,
            None => 0,
        };
        logs.push((service, facts, at));
    }
    loop {
        for (service, facts, at) in &mut logs {
            loop {
                let (page, after) = facts.page(*at, PAGE).await?;
                if page.is_empty() {
                    break;
                }
                *at = after;
                for fact in
                    page.iter().filter(|fact| from.is_none_or(|from| fact.time_ms >= from.as_millis()))
                {
                    print(&format!("{}\n", told(service, fact)))?;
                }
            }
        }
        if !follow {
            return Ok(());
        }
        tokio::time::sleep(FOLLOW_INTERVAL).await;
    }
}

async fn replay(store: &Store, consumer: &str, source: &str, from: Timestamp, again: bool) -> Result<()> {
    let facts = store.facts(source)?;
    let position = facts.before(from).await?;
    let mut known = Vec::new();
    for database in &store.databases {
        let rows = operators::subscriptions(database).await?;
        if rows.iter().any(|row| row.consumer == consumer) {
            facts.replay(database, consumer, source, position, again.then_some(from)).await?;
            return print(&format!(
                "{consumer} reads the facts of {source} from {from} on in its next turn\n"
            ));
        }
        known.extend(rows.into_iter().map(|row| row.consumer));
    }
    known.sort_unstable();
    known.dedup();
    let message = format!("there is no consumer {consumer}; there are {}", known.join(", "));
    Err(Error::not_found("UNKNOWN_CONSUMER", message))
}
