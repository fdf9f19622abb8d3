//! `argosy audit`: whether the books of the services balance. A store that runs on files here is asked by the socket in
//! its folder; a service with an address is asked there; of all others the databases are opened, and only read.

use std::{sync::Arc, time::Duration};

use argosy_audit::{Books, Report};
use argosy_contracts::{StandingService, facts_v1::StandingClient, inventory, orders, payments, pricing};
use argosy_kernel::{Code, Error, Result, SystemClock};
use argosy_platform::{
    Host,
    database::Database,
    rpc::{self, Channel, Connector},
    telemetry,
};
use clap::Args;

use crate::{books::Shelf, cli::print, serve::SOCKET, settings::Settings, targets::DATABASES};

/// The reason of an error that says that something does not balance.
pub(crate) const BOOKS_DIFFER: &str = "BOOKS_DIFFER";

/// Flags of `argosy audit`.
#[derive(Args)]
pub(crate) struct Audit {
    /// How long to look again at what does not add up, in seconds: what is under way comes right by itself
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(..=3_600))]
    patience_s: u64,
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(settings: &Settings, flags: &Audit) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    settings.check_databases()?;
    let opened = open(settings).await?;
    let report = argosy_audit::audit(&opened.books, Duration::from_secs(flags.patience_s)).await;
    opened.close().await?;
    tell(&report?, flags.json)
}

/// Books, and what is to be closed when they are read.
pub(crate) struct Opened {
    pub(crate) books: Books,
    databases: Vec<Database>,
    /// Held while files are open: they are one process's alone.
    _host: Option<Host>,
}

impl Opened {
    pub(crate) async fn close(&self) -> Result<()> {
        for database in &self.databases {
            database.close().await?;
        }
        Ok(())
    }
}

pub(crate) async fn open(settings: &Settings) -> Result<Opened> {
    let in_files = |name: &str| {
        settings.database.url.is_none()
            && !settings.database.urls.contains_key(name)
            && !settings.addresses.contains_key(name)
    };
    let has_files = DATABASES.iter().any(|spec| in_files(spec.name) && file(settings, spec.name).exists());
    let host = if has_files {
        match Host::new(&settings.data.folder, settings.database.clone(), Arc::new(SystemClock)) {
            Err(error) if error.reason() == "DATA_FOLDER_IN_USE" => return Ok(running(settings)),
            host => Some(host?),
        }
    } else {
        None
    };
    let mut databases = Vec::new();
    for spec in DATABASES.iter().filter(|spec| !settings.addresses.contains_key(spec.name)) {
        let (folder, settings) = (&settings.data.folder, &settings.database);
        databases.extend(Database::open_as_found(folder, settings, spec.name).await?);
    }
    let connector = Connector::new(&settings.rpc)?;
    let channel = |name: &str| match settings.addresses.get(name) {
        Some(addresses) => connector.channel(name, addresses),
        None => Err(no_books(settings, name)),
    };
    let shelf = Shelf { databases: databases.clone(), clock: Arc::new(SystemClock), channel: &channel };
    let found = shelf.books();
    let mut elsewhere = Vec::new();
    for name in settings.addresses.keys() {
        elsewhere.push((name.clone(), channel(name)?));
    }
    let books = Books {
        inventory: found.inventory?,
        orders: found.orders?,
        payments: found.payments?,
        pricing: found.pricing?,
        standing: StandingService::new(databases.clone()).and_elsewhere(elsewhere).client(),
        services: services(),
        at_rest: host.is_some(),
    };
    Ok(Opened { books, databases, _host: host })
}

/// A store that runs from files here answers for all services, wherever they run.
fn running(settings: &Settings) -> Opened {
    let channel: Channel = rpc::connect_socket(&settings.data.folder.join(SOCKET));
    let books = Books {
        inventory: inventory::BooksClient::remote(channel.clone()),
        orders: orders::BooksClient::remote(channel.clone()),
        payments: payments::BooksClient::remote(channel.clone()),
        pricing: pricing::BooksClient::remote(channel.clone()),
        standing: StandingClient::remote(channel),
        services: services(),
        at_rest: false,
    };
    Opened { books, databases: Vec::new(), _host: None }
}

fn services() -> Vec<String> {
    DATABASES.iter().map(|spec| spec.name.to_owned()).collect()
}

fn file(settings: &Settings, name: &str) -> std::path::PathBuf {
    settings.data.folder.join(format!("{name}.db"))
}

fn no_books(settings: &Settings, name: &str) -> Error {
    let message = if settings.database.url.is_some() || settings.database.urls.contains_key(name) {
        format!("the database of {name} has no tables yet; `argosy migrate` makes them")
    } else {
        let path = file(settings, name);
        format!("{} is not there, and addresses.{name} does not say who runs {name}", path.display())
    };
    Error::not_found("NO_BOOKS", message)
}

fn tell(report: &Report, as_json: bool) -> Result<()> {
    if as_json {
        print(&format!("{}\n", serde_json::to_string(report).map_err(Error::internal)?))?;
    } else {
        for difference in &report.differences {
            print(&format!("{difference}\n"))?;
        }
        print(&format!("{}\n", report.compared))?;
    }
    if report.balances() {
        return if as_json { Ok(()) } else { print("everything balances\n") };
    }
    let count = report.differences.len() as u64 + report.more;
    let things = if count == 1 { "thing does" } else { "things do" };
    let message = format!("{count} {things} not balance, at {} looks", report.looks);
    Err(Error::new(Code::FailedPrecondition, BOOKS_DIFFER, message))
}
