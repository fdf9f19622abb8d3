//! Checkouts: one document a row, changed by compare-and-set.

use argosy_kernel::{CartId, CheckoutId, Code, Error, Result};
use argosy_platform::database::{Executor, Sql, Tx, sql};
use sea_orm::FromQueryResult;

use super::Store;
use crate::{
    domain::{Checkout, Contact, DraftMark, Status},
    error,
};

#[derive(FromQueryResult)]
struct CheckoutRow {
    status: String,
    version: i64,
    document: String,
    contact: Option<String>,
    draft_id: Option<String>,
    draft_version: Option<i64>,
    draft_prices: Option<String>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: String,
}

/// A checkout as it was read: what is decided on it holds for this version.
pub(crate) struct Seen {
    pub(crate) checkout: Checkout,
    version: i64,
}

/// How often a change is applied again because somebody else was faster.
pub(super) const TRIES_MAX: u32 = 20;
/// Checkouts that one sweep ends.
const SWEEP_MAX: i64 = 500;

impl Store {
    /// Opens a checkout of whose buyer nothing is known yet; false if its cart has one open.
    pub(crate) async fn open(&self, new: &Checkout) -> Result<bool> {
        let opened = sql(
            "insert into checkout (id, cart_id, open_cart_id, status, version, expires_at_ms, document) \
                 values ($1, $2, $2, $3, 1, $4, $5) on conflict do nothing",
        )
        .bind(new.id.to_string())
        .bind(new.cart_id.to_string())
        .bind(new.status.as_str())
        .bind(new.expires_at.as_millis())
        .bind(to_json(new)?)
        .commit(&self.database)
        .await?;
        Ok(opened == 1)
    }

    pub(crate) async fn open_checkout_of(&self, cart: CartId) -> Result<Option<CheckoutId>> {
        let row: Option<IdRow> = sql("select id from checkout where open_cart_id = $1")
            .bind(cart.to_string())
            .optional(&self.database)
            .await?;
        row.map(|row| row.id.parse().map_err(Error::from)).transpose()
    }

    pub(crate) async fn checkout(&self, id: CheckoutId) -> Result<Checkout> {
        self.seen(id).await.map(|seen| seen.checkout)
    }

    pub(crate) async fn seen(&self, id: CheckoutId) -> Result<Seen> {
        read(select(id), &self.database).await?.ok_or_else(|| error::checkout_not_found(id))
    }

    /// Applies a change to the version that was seen, and again to a newer one if somebody else was faster. An error
    /// changes nothing.
    pub(crate) async fn change(
        &self,
        mut seen: Seen,
        mut change: impl FnMut(&mut Checkout) -> Result<()>,
    ) -> Result<Checkout> {
        for _ in 0..TRIES_MAX {
            let after = seen.changed(&mut change)?;
            if after == seen.checkout || save(&after, seen.version)?.commit(&self.database).await? == 1 {
                return Ok(after);
            }
            seen = self.seen(after.id).await?;
        }
        Err(too_many_writers())
    }

    /// Ends open checkouts that nobody touched; answers how many.
    pub(crate) async fn expire_due(&self) -> Result<u64> {
        let due: Vec<IdRow> = sql(
            "select id from checkout where status in ('incomplete', 'ready') and expires_at_ms <= $1 limit $2",
        )
        .bind(self.now().as_millis())
        .bind(SWEEP_MAX)
        .all(&self.database)
        .await?;
        let mut expired = 0;
        for row in due {
            let now = self.now();
            let seen = self.seen(row.id.parse()?).await?;
            let done = self.change(seen, |checkout| {
                if checkout.status.may_change() && checkout.expires_at <= now {
                    checkout.end(Status::Expired);
                }
                Ok(())
            });
            expired += u64::from(done.await?.status == Status::Expired);
        }
        Ok(expired)
    }
}

impl Seen {
    /// What a change makes of it, if it may become that.
    pub(super) fn changed(&self, change: impl FnOnce(&mut Checkout) -> Result<()>) -> Result<Checkout> {
        let mut after = self.checkout.clone();
        change(&mut after)?;
        check_move(&self.checkout, &after)?;
        Ok(after)
    }

    /// Stores what became of it, if nobody else was faster.
    pub(super) fn save(&self, after: &Checkout) -> Result<Sql> {
        save(after, self.version)
    }
}

pub(super) fn too_many_writers() -> Error {
    Error::new(Code::Aborted, "TOO_MANY_WRITERS", "too many changes at once; try again")
}

fn check_move(before: &Checkout, after: &Checkout) -> Result<()> {
    if before.status == after.status || before.status.may_become(after.status) {
        return Ok(());
    }
    Err(error::checkout_state(before.id, before.status, after.status.as_str()))
}

/// Changes a checkout within a transaction that does more.
pub(super) async fn change_in(
    tx: &Tx,
    id: CheckoutId,
    change: impl FnOnce(&mut Checkout) -> Result<()>,
) -> Result<Checkout> {
    let seen = read(select(id).locking(), tx).await?.ok_or_else(|| error::checkout_not_found(id))?;
    let after = seen.changed(change)?;
    if seen.save(&after)?.execute(tx).await? == 1 { Ok(after) } else { Err(error::checkout_busy(id)) }
}

fn select(id: CheckoutId) -> Sql {
    sql("select status, version, document, contact, draft_id, draft_version, draft_prices from checkout where id = $1")
        .bind(id.to_string())
}

async fn read(statement: Sql, on: &impl Executor) -> Result<Option<Seen>> {
    let row: Option<CheckoutRow> = statement.optional(on).await?;
    let Some(row) = row else { return Ok(None) };
    let mut checkout: Checkout = serde_json::from_str(&row.document).map_err(Error::internal)?;
    checkout.status = row.status.parse()?;
    // Before persons could be forgotten it was in the document.
    let contact = row.contact.as_ref().unwrap_or(&row.document);
    checkout.contact = serde_json::from_str(contact).map_err(Error::internal)?;
    // In columns, since a release that knows no drafts writes the document anew.
    checkout.draft = match (row.draft_id, row.draft_version) {
        (Some(id), Some(version)) => {
            let prices = row.draft_prices.as_deref().map(serde_json::from_str).transpose();
            let prices = prices.map_err(Error::internal)?.unwrap_or_default();
            Some(DraftMark { id: id.parse()?, version, prices })
        }
        _ => None,
    };
    Ok(Some(Seen { checkout, version: row.version }))
}

fn save(checkout: &Checkout, version: i64) -> Result<Sql> {
    let contact = Some(&checkout.contact).filter(|contact| **contact != Contact::default());
    Ok(sql("update checkout set status = $3, version = version + 1, expires_at_ms = $4, document = $5, \
                open_cart_id = case when $6 then null else open_cart_id end, email = $7, contact = $8, draft_version = $9, draft_prices = $10 \
          where id = $1 and version = $2")
    .bind(checkout.id.to_string())
    .bind(version)
    .bind(checkout.status.as_str())
    .bind(checkout.expires_at.as_millis())
    .bind(to_json(checkout)?)
    .bind(checkout.status.is_over())
    .bind(contact.map(|contact| Contact::person(&contact.email)))
    .bind(contact.map(to_json).transpose()?)
    .bind(checkout.draft.as_ref().map(|draft| draft.version))
    .bind(checkout.draft_prices().map(to_json).transpose()?))
}

pub(super) fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}
