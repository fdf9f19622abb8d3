//! The settings of a process, as they stand in `argosy.toml`.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use argosy_kernel::{Result, SystemClock};
use argosy_platform::{
    Host, Shop,
    blobs::{BlobSettings, Blobs},
    bus::{BusSettings, Nats},
    database::DatabaseSettings,
    redis::{Redis, RedisSettings},
    rpc::RpcSettings,
    settings::{Setting, Settings as Sources},
    telemetry::LogFormat,
};
use serde::{Deserialize, Serialize};

use crate::targets::DATABASES;

/// Every setting there is. Each part documents its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct Settings {
    /// Which services and doors this process runs; empty: all of them.
    pub services: Vec<String>,
    /// Where services that run elsewhere are, e.g. `inventory = "http://10.0.0.2:9090"`; several processes of one with
    /// commas between or as a list, or `dns+http://inventory:9090` for all that a name stands for.
    #[serde(deserialize_with = "one_or_several")]
    pub addresses: BTreeMap<String, String>,
    /// Who sells. The parts that need it get it from here.
    pub shop: Shop,
    /// Where data is kept.
    pub data: DataSettings,
    /// Where services keep their data, if not in that folder.
    pub database: DatabaseSettings,
    /// Where pictures and files are kept.
    pub blobs: BlobSettings,
    /// A Redis that processes share, for carts and rate limits.
    pub redis: RedisSettings,
    /// How facts travel between services: by themselves, or through a NATS that processes share.
    pub bus: BusSettings,
    /// Where the shop is served.
    pub http: HttpSettings,
    /// Where other processes call the services of this one.
    pub rpc: RpcSettings,
    /// What is logged, and how.
    pub log: LogSettings,
    /// For drills: a place at which the process kills itself. Leave it empty.
    pub crash_at: String,
    /// What stands before every door.
    pub edge: argosy_edge::EdgeConfig,
    /// The shop's pages.
    pub storefront: argosy_storefront::StorefrontConfig,
    /// The store API.
    pub store_api: argosy_store_api::StoreApiConfig,
    /// Products.
    pub catalog: argosy_catalog::CatalogConfig,
    /// Listings and search.
    pub search: argosy_search::SearchConfig,
    /// Stock.
    pub inventory: argosy_inventory::InventoryConfig,
    /// Prices, shipping, tax.
    pub pricing: argosy_pricing::PricingConfig,
    /// Carts.
    pub cart: argosy_cart::CartConfig,
    /// Checkouts and orders.
    pub orders: argosy_orders::OrdersConfig,
    /// Payments.
    pub payments: argosy_payments::PaymentsConfig,
    /// Pictures.
    pub media: argosy_media::MediaConfig,
    /// Messages to buyers.
    pub notifications: argosy_notifications::NotificationsConfig,
}

/// Where data is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DataSettings {
    /// The folder of databases, index and pictures. One process works in it.
    pub folder: PathBuf,
    /// Whether an empty folder gets the demo shop.
    pub demo: bool,
}

/// Where the shop is served.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSettings {
    /// Address and port of the shop and its API.
    pub listen: SocketAddr,
    /// Where visitors reach the shop, e.g. `https://shop.example`, without a path; unset: where it listens. Links in
    /// pages and messages start so; with `https`, cookies are `Secure`.
    pub public_url: Option<String>,
    /// Open connections; more wait.
    pub connections_max: usize,
    /// How long a client may take to send a request's head.
    pub header_timeout_s: u64,
    /// How long a shutdown waits for requests in flight.
    pub drain_timeout_s: u64,
}

/// What is logged, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// `pretty` or `json`.
    pub format: LogFormat,
    /// Levels, e.g. `info,argosy_orders=debug`.
    pub filter: String,
}

impl Default for DataSettings {
    fn default() -> Self {
        Self { folder: PathBuf::from("data"), demo: true }
    }
}

impl Default for HttpSettings {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8080));
        Self { listen, public_url: None, connections_max: 10_000, header_timeout_s: 10, drain_timeout_s: 10 }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { format: LogFormat::Pretty, filter: "info,sqlx=warn,tantivy=warn".to_owned() }
    }
}

impl Settings {
    /// Reads all sources; `flags` win over the environment, that over the file, that over the defaults.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key, where it came from and what is wrong.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn read(file: Option<&Path>, flags: impl figment::Provider) -> Result<(Self, Vec<Setting>)> {
        let path = file.unwrap_or_else(|| Path::new("argosy.toml"));
        let sources = Sources::read(&Self::default(), path, file.is_some(), flags, std::env::vars())?;
        let settings: Self = sources.extract()?;
        let listed = sources.list(&settings)?;
        Ok((settings, listed))
    }

    /// Hands the shop to the parts that need it; `listens` is where visitors reach it unless a setting says otherwise.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub(crate) fn share_shop(&mut self, listens: SocketAddr) -> Result<()> {
        self.shop.check()?;
        self.shop.url = self.http.public_url.clone().unwrap_or_else(|| format!("http://{listens}"));
        for part in [
            &mut self.storefront.shop,
            &mut self.store_api.shop,
            &mut self.pricing.shop,
            &mut self.cart.shop,
            &mut self.notifications.shop,
        ] {
            part.clone_from(&self.shop);
        }
        if self.orders.papers.seller.is_empty() {
            self.orders.papers.seller.push(self.shop.name.clone());
        }
        Ok(())
    }

    /// # Errors
    /// `INVALID_SETTING` if databases are named that there are not.
    pub(crate) fn check_databases(&self) -> Result<()> {
        let names: Vec<&str> = DATABASES.iter().map(|spec| spec.name).collect();
        self.database.check(&names)
    }

    /// What the services of a process stand on.
    ///
    /// # Errors
    /// As [`Host::new`], and `INVALID_SETTING` if databases are named that there are not.
    pub async fn host(&self) -> Result<Host> {
        self.check_databases()?;
        let folder = &self.data.folder;
        let host = Host::new(folder, self.database.clone(), Arc::new(SystemClock))?;
        let blobs = Box::pin(Blobs::open(&self.blobs, &folder.join("blobs"))).await?;
        let redis = Box::pin(Redis::connect(&self.redis)).await?;
        let nats = Box::pin(Nats::connect(&self.bus)).await?;
        Ok(host.with_blobs(blobs).with_redis(redis).with_nats(nats))
    }

    /// `argosy.example.toml`: every setting with its default, commented out.
    ///
    /// # Errors
    /// INTERNAL if the defaults cannot be written as TOML.
    pub fn example() -> Result<String> {
        let defaults = serde_json::to_value(Self::default()).map_err(argosy_kernel::Error::internal)?;
        let mut example = String::from(
            "# Every setting of Argosy with its default. Copy what you change to argosy.toml.\n\
             # A setting can also come from the environment (ARGOSY_HTTP__LISTEN is http.listen), from a file\n\
             # (ARGOSY_X__Y_FILE names a file that holds x.y), or from a flag of `argosy serve`.\n\
             # What each is for: the README of the crate that is called like its section.\n\n",
        );
        let (sections, plain): (Vec<_>, Vec<_>) =
            defaults.as_object().into_iter().flatten().partition(|(_, value)| value.is_object());
        for (key, value) in plain {
            example.push_str(&line(key, value));
        }
        for (name, section) in sections {
            let lines: String =
                section.as_object().into_iter().flatten().map(|(key, value)| line(key, value)).collect();
            let _ = write!(example, "\n[{name}]\n{lines}");
        }
        Ok(example)
    }
}

/// One setting of the example, or a section of a section. JSON's texts, numbers and lists are TOML's too; what is unset
/// has no default.
fn line(key: &str, value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => format!("# {key} =    # unset\n"),
        serde_json::Value::Object(section) if !section.is_empty() => {
            section.iter().map(|(name, value)| line(&format!("{key}.{name}"), value)).collect()
        }
        _ => format!("# {key} = {value}\n"),
    }
}

/// Addresses as a text, with commas between, or as a list.
fn one_or_several<'de, D: serde::Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "an address, or a list of addresses")]
    enum Addresses {
        Text(String),
        List(Vec<String>),
    }
    let given = BTreeMap::<String, Addresses>::deserialize(from)?;
    let joined = given.into_iter().map(|(service, addresses)| match addresses {
        Addresses::Text(text) => (service, text),
        Addresses::List(list) => (service, list.join(",")),
    });
    Ok(joined.collect())
}
