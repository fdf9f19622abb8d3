//! Where a process keeps its services' data.

use std::collections::BTreeMap;

use argosy_kernel::{Error, Result, Secret};
use serde::{Deserialize, Serialize};

/// Where services keep their data: one SQLite file each in the data folder, or a schema each of PostgreSQL.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSettings {
    /// PostgreSQL 15 or later, e.g. `postgres://user:password@host/argosy?sslmode=verify-full`; unset: SQLite.
    pub url: Option<Secret<String>>,
    /// Services that have grown out of that one, e.g. `orders = "postgres://…"`.
    pub urls: BTreeMap<String, Secret<String>>,
    /// Standbys that may answer what may be a moment old, by service; writers never read there.
    pub replica_urls: BTreeMap<String, Secret<String>>,
    /// Connections a service, in each process.
    pub connections_max: u32,
    /// How long a request waits for a connection.
    pub acquire_timeout_ms: u64,
    /// How long a statement may run.
    pub statement_timeout_ms: u64,
    /// How long a statement may wait for a row that another transaction holds.
    pub lock_timeout_ms: u64,
    /// What the schemas' names begin with, so that several shops share a database.
    pub schema_prefix: String,
    /// Whether the URLs lead to a pooler such as `PgBouncer` in transaction mode. Nothing is then set or prepared per
    /// connection, and every statement is in a transaction.
    pub pooler: bool,
    /// Whether tables are brought up to date at start; off where `argosy migrate` does it before.
    pub migrate_at_start: bool,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            url: None,
            urls: BTreeMap::new(),
            replica_urls: BTreeMap::new(),
            connections_max: 8,
            acquire_timeout_ms: 3_000,
            statement_timeout_ms: 10_000,
            lock_timeout_ms: 5_000,
            schema_prefix: String::new(),
            pooler: false,
            migrate_at_start: true,
        }
    }
}

impl DatabaseSettings {
    /// Where a service's data is, if not in the data folder; with the setting that says so.
    pub(crate) fn url_of(&self, service: &str) -> Option<(String, &Secret<String>)> {
        if let Some(url) = self.urls.get(service) {
            return Some((format!("database.urls.{service}"), url));
        }
        self.url.as_ref().map(|url| ("database.url".to_owned(), url))
    }

    /// Refuses what cannot work, naming the setting. `services` are the names there are.
    ///
    /// # Errors
    /// `INVALID_SETTING`.
    pub fn check(&self, services: &[&str]) -> Result<()> {
        for (section, urls) in [("urls", &self.urls), ("replica_urls", &self.replica_urls)] {
            if let Some(unknown) = urls.keys().find(|name| !services.contains(&name.as_str())) {
                return Err(invalid(
                    &format!("database.{section}.{unknown}"),
                    &format!("there is no such service; there are {}", services.join(", ")),
                ));
            }
        }
        if let Some(service) = self.replica_urls.keys().find(|service| self.url_of(service).is_none()) {
            return Err(invalid(
                &format!("database.replica_urls.{service}"),
                "a standby needs a PostgreSQL database to stand by: set database.url",
            ));
        }
        if self.connections_max == 0 {
            return Err(invalid("database.connections_max", "must be at least 1"));
        }
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        if !self.schema_prefix.chars().all(plain) || self.schema_prefix.len() > 30 {
            return Err(invalid(
                "database.schema_prefix",
                "must be at most 30 letters a to z, digits and underscores",
            ));
        }
        Ok(())
    }
}

pub(super) fn invalid(setting: &str, what: &str) -> Error {
    Error::invalid("INVALID_SETTING", format!("wrong setting {setting}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url() -> Secret<String> {
        Secret::new("postgres://127.0.0.1/argosy".to_owned())
    }

    #[test]
    fn a_service_of_its_own_url_leaves_the_common_database() {
        let settings = DatabaseSettings {
            url: Some(url()),
            urls: BTreeMap::from([("orders".to_owned(), Secret::new("postgres://orders/x".to_owned()))]),
            ..DatabaseSettings::default()
        };
        let of = |service| settings.url_of(service).map(|(name, url)| (name, url.expose().clone()));
        assert_eq!(of("orders").unwrap().0, "database.urls.orders");
        assert_eq!(
            of("cart").unwrap(),
            ("database.url".to_owned(), "postgres://127.0.0.1/argosy".to_owned())
        );
    }

    #[test]
    fn what_cannot_work_is_refused_by_name() {
        let refused = |settings: DatabaseSettings| {
            settings.check(&["orders", "cart"]).unwrap_err().message().to_owned()
        };
        let with = |change: fn(&mut DatabaseSettings)| {
            let mut settings = DatabaseSettings::default();
            change(&mut settings);
            refused(settings)
        };
        insta::assert_snapshot!([
            with(|settings| drop(settings.urls.insert("oders".to_owned(), url()))),
            with(|settings| drop(settings.replica_urls.insert("cart".to_owned(), url()))),
            with(|settings| settings.connections_max = 0),
            with(|settings| settings.schema_prefix = "Shop-1".to_owned()),
        ].join("\n"), @r"
        wrong setting database.urls.oders: there is no such service; there are orders, cart
        wrong setting database.replica_urls.cart: a standby needs a PostgreSQL database to stand by: set database.url
        wrong setting database.connections_max: must be at least 1
        wrong setting database.schema_prefix: must be at most 30 letters a to z, digits and underscores
        ");
    }
}
