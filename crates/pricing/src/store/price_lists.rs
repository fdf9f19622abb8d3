//! Price lists by name, each a document, and how each was since when.

use std::collections::HashSet;

use argosy_contracts::pricing::PriceList as Document;
use argosy_kernel::{Error, Result, Timestamp};
use argosy_platform::database::{Executor, Tx, sql};
use sea_orm::FromQueryResult;

use super::{Store, rules};
use crate::{
    domain::{PriceList, Since},
    events,
    messages::price_list::{message, read},
};

/// All of them are looked at for every quote.
const LISTS_MAX: usize = 500;
/// The row that says up to when it was told that lists begin or cease to count.
const TOLD: &str = "list_times";
/// The latest versions of a list that are looked at for what it said before.
const VERSIONS_MAX: i64 = 1_000;

#[derive(FromQueryResult)]
struct ListRow {
    name: String,
    document: String,
}

#[derive(FromQueryResult)]
struct NameRow {
    name: String,
}

#[derive(FromQueryResult)]
struct ChangeRow {
    at_ms: i64,
    document: String,
}

#[derive(FromQueryResult)]
struct VersionRow {
    version: i64,
}

fn list(document: &str) -> Result<PriceList> {
    let document: Document = serde_json::from_str(document).map_err(Error::internal)?;
    read(&document, "")
}

impl Store {
    /// All price lists by name.
    pub(crate) async fn price_lists(&self) -> Result<Vec<PriceList>> {
        let rows = rows(&self.database).await?;
        rows.iter().map(|row| list(&row.document)).collect()
    }

    /// The names of lists that hold fixed prices.
    pub(crate) async fn lists_with_prices(&self) -> Result<HashSet<String>> {
        let rows: Vec<NameRow> = sql("select name from price_list \
              where exists (select 1 from list_price where list_price.price_list = price_list.name)")
        .all(&self.database)
        .await?;
        Ok(rows.into_iter().map(|row| row.name).collect())
    }

    /// Creates or updates lists by name, all or none. What stays as it is has no new version.
    ///
    /// # Errors
    /// `PRICE_LISTS_FULL` if there would be too many.
    pub(crate) async fn put_price_lists(&self, lists: &[PriceList]) -> Result<()> {
        let tx = self.database.begin().await?;
        tx.alone(rules::ZONES).await?;
        let known = rows(&tx).await?;
        let is_new = |list: &&PriceList| known.iter().all(|row| row.name != list.name);
        if known.len() + lists.iter().filter(is_new).count() > LISTS_MAX {
            let message = format!("there can be at most {LISTS_MAX} price lists; put over old ones");
            return Err(Error::precondition("PRICE_LISTS_FULL", message));
        }
        let mut changed = Vec::new();
        for list in lists {
            let document = serde_json::to_string(&message(list)).map_err(Error::internal)?;
            if known.iter().any(|row| row.name == list.name && row.document == document) {
                continue;
            }
            self.put_price_list(&tx, &list.name, &document).await?;
            changed.push(list.name.clone());
        }
        if changed.is_empty() {
            return tx.rollback().await;
        }
        let version = self.note_change(&tx).await?;
        tx.publish(self.clock.as_ref(), [events::prices_changed(version, changed)?]).await?;
        tx.commit().await
    }

    async fn put_price_list(&self, tx: &Tx, name: &str, document: &str) -> Result<()> {
        sql("insert into price_list (name, document) values ($1, $2) \
             on conflict (name) do update set document = excluded.document")
        .bind(name)
        .bind(document)
        .execute(tx)
        .await?;
        sql("insert into price_list_change (price_list, at_ms, document) values ($1, $2, $3) \
             on conflict (price_list, at_ms) do update set document = excluded.document")
        .bind(name)
        .bind(self.clock.now().as_millis())
        .bind(document)
        .execute(tx)
        .await
        .map(drop)
    }

    /// How a list was since when, oldest first.
    pub(super) async fn versions_of(&self, name: &str) -> Result<Vec<Since<PriceList>>> {
        let mut rows: Vec<ChangeRow> = sql("select at_ms, document from price_list_change \
              where price_list = $1 order by at_ms desc limit $2")
        .bind(name)
        .bind(VERSIONS_MAX)
        .all(&self.database)
        .await?;
        rows.reverse();
        let version =
            |row: &ChangeRow| Ok(Since { at: Timestamp::from_millis(row.at_ms), is: list(&row.document)? });
        rows.iter().map(version).collect()
    }

    /// Tells once, whoever notices first, that lists began or ceased to count at a time. Answers whether it did.
    pub(crate) async fn tell_of_times(&self, at: Timestamp) -> Result<bool> {
        let told: Option<VersionRow> =
            sql("select version from rules where name = $1").bind(TOLD).optional(&self.database).await?;
        if told.is_some_and(|told| told.version >= at.as_millis()) {
            return Ok(false);
        }
        let tx = self.database.begin().await?;
        tx.alone(rules::ZONES).await?;
        let is_first = sql("insert into rules (name, version) values ($1, $2) \
                            on conflict (name) do update set version = excluded.version \
                            where rules.version < excluded.version")
        .bind(TOLD)
        .bind(at.as_millis())
        .execute(&tx)
        .await?;
        if is_first == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        let version = self.note_change(&tx).await?;
        tx.publish(self.clock.as_ref(), [events::prices_changed(version, Vec::new())?]).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn rows(on: &impl Executor) -> Result<Vec<ListRow>> {
    sql("select name, document from price_list order by name").all(on).await
}
