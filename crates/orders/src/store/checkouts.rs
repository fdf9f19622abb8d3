//! Checkouts: one document a row, changed by compare-and-set.

use argosy_kernel::{CartId, CheckoutId, Code, Error, Result};
use argosy_platform::database::{Executor, Sql, Tx, sql};
use sea_orm::FromQueryResult;

use super::Store;
use crate::{
    domain::{Checkout, Contact, Status},
    error,
};

#[derive(FromQueryResult)]
struct CheckoutRow {
    status: String,
    version: i64,
    document: String,
    contact: Option<String>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: String,
}

/// How often a change is applied again because somebody else was faster.
const TRIES_MAX: u32 = 20;
/// Checkouts that one sweep ends.
const SWEEP_MAX: i64 = 500;

impl Store {
    /// Opens a checkout, or answers the one that its cart has open.
    pub(crate) async fn open(&self, new: Checkout) -> Result<Checkout> {
        let tx = self.database.begin().await?;
        sql("insert into checkout (id, cart_id, open_cart_id, status, version, expires_at_ms, document) \
             values ($1, $2, $2, $3, 1, $4, $5) on conflict do nothing")
        .bind(new.id.to_string())
        .bind(new.cart_id.to_string())
        .bind(new.status.as_str())
        .bind(new.expires_at.as_millis())
        .bind(to_json(&new)?)
        .execute(&tx)
        .await?;
        let open: IdRow = sql("select id from checkout where open_cart_id = $1")
            .bind(new.cart_id.to_string())
            .one(&tx)
            .await?;
        let id = open.id.parse()?;
        let (checkout, _) = load(&tx, id).await?.ok_or_else(|| error::checkout_not_found(id))?;
        tx.commit().await?;
        Ok(checkout)
    }

    pub(crate) async fn open_checkout_of(&self, cart: CartId) -> Result<Option<CheckoutId>> {
        let row: Option<IdRow> = sql("select id from checkout where open_cart_id = $1")
            .bind(cart.to_string())
            .optional(&self.database)
            .await?;
        row.map(|row| row.id.parse().map_err(Error::from)).transpose()
    }

    pub(crate) async fn checkout(&self, id: CheckoutId) -> Result<Checkout> {
        let found = load(&self.database, id).await?;
        found.map(|(checkout, _)| checkout).ok_or_else(|| error::checkout_not_found(id))
    }

    /// Applies a change to the present version, again if somebody else was faster. An error changes nothing.
    pub(crate) async fn change(
        &self,
        id: CheckoutId,
        mut change: impl FnMut(&mut Checkout) -> Result<()>,
    ) -> Result<Checkout> {
        for _ in 0..TRIES_MAX {
            let (before, version) =
                load(&self.database, id).await?.ok_or_else(|| error::checkout_not_found(id))?;
            let mut after = before.clone();
            change(&mut after)?;
            if after == before {
                return Ok(after);
            }
            check_move(&before, &after)?;
            let tx = self.database.begin().await?;
            if save(&tx, &after, version).await? {
                tx.commit().await?;
                return Ok(after);
            }
            tx.rollback().await?;
        }
        Err(Error::new(Code::Aborted, "TOO_MANY_WRITERS", "too many changes at once; try again"))
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
            let done = self.change(row.id.parse()?, |checkout| {
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
    let (before, version) =
        read(select(id).locking(), tx).await?.ok_or_else(|| error::checkout_not_found(id))?;
    let mut after = before.clone();
    change(&mut after)?;
    check_move(&before, &after)?;
    if save(tx, &after, version).await? { Ok(after) } else { Err(error::checkout_busy(id)) }
}

fn select(id: CheckoutId) -> Sql {
    sql("select status, version, document, contact from checkout where id = $1").bind(id.to_string())
}

async fn load(on: &impl Executor, id: CheckoutId) -> Result<Option<(Checkout, i64)>> {
    read(select(id), on).await
}

async fn read(statement: Sql, on: &impl Executor) -> Result<Option<(Checkout, i64)>> {
    let row: Option<CheckoutRow> = statement.optional(on).await?;
    let Some(row) = row else { return Ok(None) };
    let mut checkout: Checkout = serde_json::from_str(&row.document).map_err(Error::internal)?;
    checkout.status = row.status.parse()?;
    // Before persons could be forgotten it was in the document.
    let contact = row.contact.as_ref().unwrap_or(&row.document);
    checkout.contact = serde_json::from_str(contact).map_err(Error::internal)?;
    Ok(Some((checkout, row.version)))
}

async fn save(tx: &Tx, checkout: &Checkout, version: i64) -> Result<bool> {
    let contact = Some(&checkout.contact).filter(|contact| **contact != Contact::default());
    let saved =
        sql("update checkout set status = $3, version = version + 1, expires_at_ms = $4, document = $5, \
                open_cart_id = case when $6 then null else open_cart_id end, email = $7, contact = $8 \
          where id = $1 and version = $2")
        .bind(checkout.id.to_string())
        .bind(version)
        .bind(checkout.status.as_str())
        .bind(checkout.expires_at.as_millis())
        .bind(to_json(checkout)?)
        .bind(checkout.status.is_over())
        .bind(contact.map(|contact| Contact::person(&contact.email)))
        .bind(contact.map(to_json).transpose()?)
        .execute(tx)
        .await?;
    Ok(saved == 1)
}

pub(super) fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}
