//! `argosy flags`: for whom new code is on. A store that runs on files here is told by the socket in its folder; else the
//! database of the flag's service is opened, whether the store runs or not.

use std::{collections::BTreeMap, sync::Arc};

use argosy_contracts::operations_v1::{
    ClearFlagRequest, Flag, ListFlagsRequest, OperationsClient, SetFlagRequest,
};
use argosy_kernel::{Country, Ctx, Error, Result, SystemClock};
use argosy_platform::{
    Host,
    database::Database,
    flags::{self, Asked, FlagSpec, Rule},
    rpc, telemetry,
};
use clap::Subcommand;

use crate::{cli::print, serve::SOCKET, settings::Settings, targets::FLAGS};

#[derive(Subcommand)]
pub(crate) enum Flags {
    /// List the flags there are, for whom each is on, and what it switches
    List,
    /// Say for whom a flag is on; every process hears of it within a second
    Set {
        /// Its key, as `argosy flags list` shows it
        key: String,
        /// `on`, `off`, or for a share, such as 20%; a larger share keeps those that a smaller one had
        #[arg(value_name = "ON, OFF OR SHARE", value_parser = percent)]
        to: u8,
        /// Only in these countries, ISO 3166-1, e.g. DE,AT
        #[arg(long, value_delimiter = ',', value_name = "COUNTRIES")]
        markets: Vec<Country>,
    },
    /// Have a flag as the release has it
    Clear {
        /// Its key
        key: String,
    },
}

fn percent(text: &str) -> Result<u8, String> {
    let share = || text.strip_suffix('%')?.trim().parse().ok().filter(|percent| *percent <= 100);
    match text {
        "on" => Ok(100),
        "off" => Ok(0),
        _ => share().ok_or_else(|| "must be on, off or a share from 0% to 100%".to_owned()),
    }
}

pub(crate) async fn run(settings: &Settings, command: Flags) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    settings.check_databases()?;
    match command {
        Flags::List => {
            for spec in FLAGS.iter().copied().flatten() {
                let place = Place::of(settings, spec).await?;
                let said = place.rules().await?.remove(spec.key);
                place.close().await?;
                let from = if said.is_some() { "" } else { " (as released)" };
                let rule = said.unwrap_or_else(|| Rule::from(spec.default));
                print(&format!("{:<36} {rule}{from}: {}\n", spec.key, spec.about))?;
            }
            Ok(())
        }
        Flags::Set { key, to, markets } => {
            let spec = known(&key)?;
            if spec.asked == Asked::ByKey && !markets.is_empty() {
                let message = format!("{key} is asked where no market is known");
                return Err(Error::invalid_field("/markets", message));
            }
            let markets = markets.iter().map(|market| market.code().to_owned()).collect();
            let rule = Rule { percent: to, markets };
            let place = Place::of(settings, spec).await?;
            place.set(spec, &rule).await?;
            print(&format!("{key} is {rule}\n"))?;
            place.close().await
        }
        Flags::Clear { key } => {
            let spec = known(&key)?;
            let place = Place::of(settings, spec).await?;
            place.clear(spec).await?;
            print(&format!("{key} is {}, as released\n", Rule::from(spec.default)))?;
            place.close().await
        }
    }
}

fn known(key: &str) -> Result<&'static FlagSpec> {
    let mut all = FLAGS.iter().copied().flatten();
    all.find(|spec| spec.key == key).ok_or_else(|| {
        let known: Vec<&str> = FLAGS.iter().copied().flatten().map(|spec| spec.key).collect();
        Error::not_found("UNKNOWN_FLAG", format!("there is no flag '{key}'; there are {}", known.join(", ")))
    })
}

/// Where the rules of a flag's service are.
enum Place {
    /// With a store that runs on files here.
    Running(OperationsClient),
    AtRest {
        /// None before the store was started for the first time.
        database: Option<Box<Database>>,
        /// Held while files are open: they are one process's alone.
        _host: Option<Host>,
    },
}

impl Place {
    async fn of(settings: &Settings, spec: &FlagSpec) -> Result<Self> {
        let service = spec.service();
        let is_file = settings.database.url.is_none() && !settings.database.urls.contains_key(service);
        let host = if is_file {
            match Host::new(&settings.data.folder, settings.database.clone(), Arc::new(SystemClock)) {
                Err(error) if error.reason() == "DATA_FOLDER_IN_USE" => {
                    let socket = rpc::connect_socket(&settings.data.folder.join(SOCKET));
                    return Ok(Self::Running(OperationsClient::remote(socket)));
                }
                host => Some(host?),
            }
        } else {
            None
        };
        let database = Database::open_as_found(&settings.data.folder, &settings.database, service).await?;
        Ok(Self::AtRest { database: database.map(Box::new), _host: host })
    }

    async fn rules(&self) -> Result<BTreeMap<String, Rule>> {
        match self {
            Self::Running(store) => {
                let flags = store.list_flags(&ctx(), ListFlagsRequest {}).await?.flags;
                let rule = |flag: &Flag| Rule {
                    percent: u8::try_from(flag.percent).unwrap_or_default(),
                    markets: flag.markets.clone(),
                };
                Ok(flags.into_iter().map(|flag| (flag.key.clone(), rule(&flag))).collect())
            }
            Self::AtRest { database: Some(database), .. } => flags::rules(database).await,
            Self::AtRest { database: None, .. } => Ok(BTreeMap::new()),
        }
    }

    async fn set(&self, spec: &FlagSpec, rule: &Rule) -> Result<()> {
        match self {
            Self::Running(store) => {
                let Rule { percent, markets } = rule.clone();
                let flag = Flag { key: spec.key.to_owned(), percent: percent.into(), markets };
                store.set_flag(&ctx(), SetFlagRequest { flag: Some(flag) }).await.map(drop)
            }
            Self::AtRest { database, .. } => {
                flags::set(there(database.as_deref(), spec)?, spec.key, rule).await
            }
        }
    }

    async fn clear(&self, spec: &FlagSpec) -> Result<()> {
        match self {
            Self::Running(store) => {
                store.clear_flag(&ctx(), ClearFlagRequest { key: spec.key.to_owned() }).await.map(drop)
            }
            Self::AtRest { database, .. } => flags::clear(there(database.as_deref(), spec)?, spec.key).await,
        }
    }

    async fn close(self) -> Result<()> {
        match self {
            Self::AtRest { database: Some(database), .. } => database.close().await,
            Self::AtRest { database: None, .. } | Self::Running(_) => Ok(()),
        }
    }
}

fn there<'a>(database: Option<&'a Database>, spec: &FlagSpec) -> Result<&'a Database> {
    let missing = || format!("there is no {} here yet; start the store once", spec.service());
    database.ok_or_else(|| Error::not_found("NO_STORE", missing()))
}

fn ctx() -> Ctx {
    Ctx::system("flags")
}
