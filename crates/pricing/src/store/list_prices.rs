//! Fixed prices of variants in lists, and what they were.

use std::collections::{BTreeSet, HashMap};

use argosy_kernel::{Currency, Cursor, Error, Money, Page, Result, Timestamp};
use argosy_platform::database::{Executor, Tx, Value, sql};
use sea_orm::FromQueryResult;

use super::{ROWS_MAX, Store, rules};
use crate::{
    domain::{FixedPrice, FixedPrices, ListHistories, Since},
    events,
};

/// A fixed price as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PutPrice {
    pub(crate) list: String,
    pub(crate) variant_id: String,
    pub(crate) currency: Currency,
    pub(crate) pieces_min: i64,
    /// `None`: there is to be none.
    pub(crate) minor: Option<i64>,
}

/// What a price is found by.
pub(crate) type PriceKey = (String, String, &'static str, i64);

impl PutPrice {
    pub(crate) fn key(&self) -> PriceKey {
        (self.list.clone(), self.variant_id.clone(), self.currency.code(), self.pieces_min)
    }
}

#[derive(FromQueryResult)]
struct PriceRow {
    price_list: String,
    variant_id: String,
    currency: String,
    pieces_min: i64,
    minor: i64,
}

#[derive(FromQueryResult)]
struct NameRow {
    name: String,
}

#[derive(FromQueryResult)]
struct ChangeRow {
    variant_id: String,
    at_ms: i64,
    minor: Option<i64>,
}

impl PriceRow {
    fn into_price(self) -> Result<PutPrice> {
        Ok(PutPrice {
            currency: self.currency.parse()?,
            list: self.price_list,
            variant_id: self.variant_id,
            pieces_min: self.pieces_min,
            minor: Some(self.minor),
        })
    }
}

impl Store {
    /// What lists say of variants in a currency, in one statement.
    pub(crate) async fn fixed_prices(
        &self,
        lists: Vec<String>,
        variants: Vec<String>,
        currency: Currency,
    ) -> Result<FixedPrices> {
        if lists.is_empty() || variants.is_empty() {
            return Ok(FixedPrices::new());
        }
        let mut prices: FixedPrices = HashMap::new();
        for row in rows(&self.database, lists, variants).await? {
            if row.currency == currency.code() {
                let price = Money::new(row.minor, currency);
                let price = FixedPrice { list: row.price_list, pieces_min: row.pieces_min, price };
                prices.entry(row.variant_id).or_default().push(price);
            }
        }
        Ok(prices)
    }

    /// Sets prices, or takes them out, all or none. Answers how many are others now.
    ///
    /// # Errors
    /// `INVALID_FIELD` for a list that there is not.
    pub(crate) async fn put_list_prices(&self, prices: &[PutPrice]) -> Result<usize> {
        let tx = self.database.begin().await?;
        tx.alone(rules::ZONES).await?;
        check_lists(&tx, prices).await?;
        let lists: BTreeSet<String> = prices.iter().map(|price| price.list.clone()).collect();
        let variants: BTreeSet<String> = prices.iter().map(|price| price.variant_id.clone()).collect();
        let mut known: HashMap<PriceKey, i64> = HashMap::new();
        for row in rows(&tx, lists, variants).await? {
            let price = row.into_price()?;
            known.insert(price.key(), price.minor.unwrap_or_default());
        }
        let changed: Vec<&PutPrice> =
            prices.iter().filter(|price| known.get(&price.key()).copied() != price.minor).collect();
        if changed.is_empty() {
            tx.rollback().await?;
            return Ok(0);
        }
        self.write(&tx, &changed).await?;
        let lists: BTreeSet<String> = changed.iter().map(|price| price.list.clone()).collect();
        let version = self.note_change(&tx).await?;
        let fact = events::prices_changed(version, lists.into_iter().collect())?;
        tx.publish(self.clock.as_ref(), [fact]).await?;
        tx.commit().await?;
        Ok(changed.len())
    }

    async fn write(&self, tx: &Tx, changed: &[&PutPrice]) -> Result<()> {
        let key = |price: &PutPrice| -> [Value; 3] {
            [price.variant_id.clone().into(), price.list.clone().into(), price.currency.code().into()]
        };
        let mut put: Vec<[Value; 5]> = Vec::new();
        let mut history: Vec<[Value; 5]> = Vec::new();
        let now = self.clock.now().as_millis();
        for price in changed {
            let [variant, list, currency] = key(price);
            if price.pieces_min == 1 {
                let [variant, list, currency] = key(price);
                history.push([variant, list, currency, now.into(), price.minor.into()]);
            }
            match price.minor {
                Some(minor) => put.push([variant, list, currency, price.pieces_min.into(), minor.into()]),
                None => {
                    sql("delete from list_price \
                          where variant_id = $1 and price_list = $2 and currency = $3 and pieces_min = $4")
                    .bind(variant)
                    .bind(list)
                    .bind(currency)
                    .bind(price.pieces_min)
                    .execute(tx)
                    .await?;
                }
            }
        }
        insert(
            tx,
            "insert into list_price (variant_id, price_list, currency, pieces_min, minor) values ",
            " on conflict (variant_id, price_list, currency, pieces_min) do update set minor = excluded.minor",
            put,
        )
        .await?;
        insert(
            tx,
            "insert into list_price_change (variant_id, price_list, currency, at_ms, minor) values ",
            " on conflict (variant_id, price_list, currency, at_ms) do update set minor = excluded.minor",
            history,
        )
        .await
    }

    /// A list's prices, by variant, currency and pieces.
    pub(crate) async fn list_price_page(
        &self,
        list: &str,
        limit: u32,
        cursor: Option<Cursor>,
    ) -> Result<Page<PutPrice>> {
        let after = cursor
            .map_or(Ok([String::new(), String::new(), "0".to_owned()]), |cursor| cursor.decode_parts())?;
        let [variant, currency, pieces] = after;
        let rows: Vec<PriceRow> = sql("select price_list, variant_id, currency, pieces_min, minor \
               from list_price \
              where price_list = $1 and (variant_id, currency, pieces_min) > ($2, $3, $4) \
              order by variant_id, currency, pieces_min \
              limit $5")
        .bind(list)
        .bind(variant)
        .bind(currency)
        .bind(Cursor::part::<i64>(&pieces)?)
        .bind(i64::from(limit) + 1)
        .all(&self.database)
        .await?;
        let more = rows.len() > limit as usize;
        let items: Vec<PutPrice> =
            rows.into_iter().take(limit as usize).map(PriceRow::into_price).collect::<Result<_>>()?;
        let place = |last: &PutPrice| {
            Cursor::encode(&format!("{}\t{}\t{}", last.variant_id, last.currency.code(), last.pieces_min))
        };
        let next = items.last().filter(|_| more).map(place);
        Ok(Page { items, next })
    }

    /// How a list and some variants in it were put, by variant.
    pub(crate) async fn list_histories(
        &self,
        list: &str,
        variants: &[String],
        currency: Currency,
    ) -> Result<ListHistories> {
        let lists = self.versions_of(list).await?;
        let mut histories: ListHistories = HashMap::new();
        for variant in variants {
            histories.entry(variant.clone()).or_default().lists.clone_from(&lists);
        }
        let rows: Vec<ChangeRow> = sql("select variant_id, at_ms, minor \
               from list_price_change \
              where price_list = $1 and currency = $2 and variant_id in ")
        .bind(list)
        .bind(currency.code())
        .list(variants.to_vec())
        .then(" order by variant_id, at_ms")
        .all(&self.database)
        .await?;
        for row in rows {
            let change = Since {
                at: Timestamp::from_millis(row.at_ms),
                is: row.minor.map(|minor| Money::new(minor, currency)),
            };
            histories.entry(row.variant_id).or_default().fixed.push(change);
        }
        Ok(histories)
    }
}

async fn check_lists(tx: &Tx, prices: &[PutPrice]) -> Result<()> {
    let known: Vec<NameRow> = sql("select name from price_list").all(tx).await?;
    let is_known = |price: &PutPrice| known.iter().any(|row| row.name == price.list);
    match prices.iter().position(|price| !is_known(price)) {
        None => Ok(()),
        Some(index) => {
            let why = format!("there is no price list '{}'", prices[index].list);
            Err(Error::invalid_field(format!("/prices/{index}/price_list"), why))
        }
    }
}

async fn rows(
    on: &impl Executor,
    lists: impl IntoIterator<Item = String>,
    variants: impl IntoIterator<Item = String>,
) -> Result<Vec<PriceRow>> {
    sql("select price_list, variant_id, currency, pieces_min, minor from list_price where variant_id in ")
        .list(variants)
        .then(" and price_list in ")
        .list(lists)
        .all(on)
        .await
}

async fn insert(tx: &Tx, start: &str, end: &str, rows: Vec<[Value; 5]>) -> Result<()> {
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        sql(start).rows(rows.by_ref().take(ROWS_MAX)).then(end).execute(tx).await?;
    }
    Ok(())
}
