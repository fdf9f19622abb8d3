//! Feature flags, asked through the SDK of OpenFeature: what a release can do and does only for some, until it has
//! proved itself.
//!
//! A service says which flags it has and whether they are on ([`FlagSpec`]). An operator says otherwise in the service's
//! own database, where all its processes look again each second, so a flag flips without a restart, and a service that
//! has its database has its flags. A flag server lost: one more thing that a checkout would wait for.

mod provider;
mod rules;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use argosy_kernel::{Country, Result};
use open_feature::{Client, EvaluationContext, OpenFeature};
use tokio::sync::watch;

use self::provider::{MARKET, Provider};
pub use self::rules::{Rule, clear, rules, set};
use crate::{database::Database, host::Host};

const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// A flag as the release has it.
#[derive(Debug, Clone, Copy)]
pub struct FlagSpec {
    /// The service and what is switched, such as `inventory.batched_reservations`.
    pub key: &'static str,
    /// What is done while it is on.
    pub about: &'static str,
    /// Whether it is on for all or for nobody, unless somebody says otherwise.
    pub default: Switch,
    /// What is known where it is asked.
    pub asked: Asked,
}

impl FlagSpec {
    /// The service that has the flag, in whose database it is kept.
    pub fn service(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(service, _)| service)
    }
}

/// What is known of a subject where a flag is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Its key.
    ByKey,
    /// Its market, too.
    ByKeyAndMarket,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// For all.
    On,
    /// For nobody.
    Off,
}

/// For whom a flag is asked.
#[derive(Debug, Clone)]
pub struct Subject(EvaluationContext);

impl Subject {
    /// Who is known by a key: the same key, the same answer, while the share does not change. A larger share keeps those
    /// that a smaller one had.
    pub fn of(key: impl Into<String>) -> Self {
        Self(EvaluationContext::default().with_targeting_key(key))
    }

    /// The same in a market.
    #[must_use]
    pub fn in_market(self, market: Country) -> Self {
        Self(self.0.with_custom_field(MARKET, market.code()))
    }
}

/// The flags of a service. Cheap to clone.
#[derive(Clone)]
pub struct Flags(Arc<Client>);

type Rules = Arc<BTreeMap<String, Rule>>;

impl Flags {
    /// Reads the flags, and again each second until shutdown. What cannot be read stays as it was.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open(host: &Host, database: &Database, specs: &'static [FlagSpec]) -> Result<Self> {
        let (known, in_force) = watch::channel(read(database, specs).await?);
        let mut sdk = OpenFeature::default(); // of this service alone: several may run in a process
        sdk.set_provider(Provider::new(in_force)).await;
        let client = Arc::new(sdk.create_client());
        let database = database.clone();
        host.tasks().spawn_loop(async move {
            loop {
                tokio::time::sleep(LOOK_INTERVAL).await;
                match read(&database, specs).await {
                    Ok(rules) => tell(&known, rules),
                    Err(error) => {
                        tracing::debug!(error = ?error, "flags cannot be read and stay as they are");
                    }
                }
            }
        });
        Ok(Self(client))
    }

    /// Whether a flag is on for somebody; a flag that no [`FlagSpec`] names is off.
    pub async fn is_on(&self, key: &'static str, subject: &Subject) -> bool {
        match self.0.get_bool_value(key, Some(&subject.0), None).await {
            Ok(is_on) => is_on,
            Err(error) => {
                tracing::warn!(flag.key = key, error = ?error, "there is no such flag, it is off");
                false
            }
        }
    }
}

/// The rules in force: the release's, unless the database has one of that key.
async fn read(database: &Database, specs: &[FlagSpec]) -> Result<Rules> {
    let mut said = rules(database).await?;
    let in_force = specs.iter().map(|spec| {
        let rule = said.remove(spec.key).unwrap_or_else(|| Rule::from(spec.default));
        (spec.key.to_owned(), rule)
    });
    Ok(Arc::new(in_force.collect()))
}

fn tell(known: &watch::Sender<Rules>, rules: Rules) {
    known.send_if_modified(|before| {
        let flipped: Vec<_> = rules.iter().filter(|(key, rule)| before.get(*key) != Some(rule)).collect();
        for (key, rule) in &flipped {
            tracing::info!(flag.key = key.as_str(), flag.rule = %rule, "a flag was flipped");
        }
        let is_new = !flipped.is_empty();
        *before = rules;
        is_new
    });
}
