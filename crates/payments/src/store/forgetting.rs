//! What providers are to forget: methods that were removed, and all of who is forgotten (law 11).

use std::time::Duration;

use argosy_kernel::{Result, WalletId};
use argosy_platform::database::{Tx, sql};
use sea_orm::FromQueryResult;

use super::wallets::{FORGOTTEN, WalletStore};

/// How long a provider that did not forget something is left alone with it.
const AGAIN_AFTER: Duration = Duration::from_mins(5);
/// How long it is known that a method was removed.
const REMOVED_KEPT: Duration = Duration::from_hours(24 * 30);

/// How long a wallet is kept in which nothing is saved.
const EMPTY_KEPT: Duration = Duration::from_hours(24 * 90);

/// A method that its provider is to forget.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Detached {
    pub(crate) id: String,
    pub(crate) provider: String,
    pub(crate) reference: String,
}

/// A customer whom their provider is to forget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeavingCustomer {
    pub(crate) wallet_id: WalletId,
    pub(crate) provider: String,
    /// Empty: it was asked for one, and the answer is not known.
    pub(crate) reference: String,
}

#[derive(FromQueryResult)]
struct CustomerRow {
    wallet_id: String,
    provider: String,
    reference: String,
}

impl WalletStore {
    /// Methods that are due to be forgotten by their providers.
    pub(crate) async fn to_detach(&self, limit: i64) -> Result<Vec<Detached>> {
        sql("select id, provider, provider_reference as reference from saved_method \
              where detach_at_ms > 0 and detach_at_ms <= $1 order by detach_at_ms limit $2")
        .bind(self.now_ms())
        .bind(limit)
        .all(&self.database)
        .await
    }

    /// Its provider has forgotten a method, or is to be asked again later.
    pub(crate) async fn note_detached(&self, id: &str, is_done: bool) -> Result<()> {
        sql("update saved_method set detach_at_ms = $2 where id = $1 and detach_at_ms > 0")
            .bind(id)
            .bind(if is_done { 0 } else { self.clock.now().plus(AGAIN_AFTER).as_millis() })
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    /// Customers that are due to be forgotten by their providers.
    pub(crate) async fn leaving_customers(&self, limit: i64) -> Result<Vec<LeavingCustomer>> {
        let rows: Vec<CustomerRow> = sql("select wallet_id, provider, reference from wallet_customer \
              where forget_at_ms > 0 and forget_at_ms <= $1 order by forget_at_ms limit $2")
        .bind(self.now_ms())
        .bind(limit)
        .all(&self.database)
        .await?;
        let customer = |row: CustomerRow| {
            let wallet_id = row.wallet_id.parse()?;
            Ok(LeavingCustomer { wallet_id, provider: row.provider, reference: row.reference })
        };
        rows.into_iter().map(customer).collect()
    }

    /// Their provider has forgotten a customer, so nothing names them any more; or is to be asked again later.
    pub(crate) async fn note_left(&self, customer: &LeavingCustomer, is_done: bool) -> Result<()> {
        let statement = if is_done {
            sql("delete from wallet_customer where wallet_id = $1 and provider = $2 and forget_at_ms > 0")
        } else {
            sql("update wallet_customer set forget_at_ms = $3 \
                  where wallet_id = $1 and provider = $2 and forget_at_ms > 0")
        };
        let statement = statement.bind(customer.wallet_id.to_string()).bind(customer.provider.as_str());
        let later = self.clock.now().plus(AGAIN_AFTER).as_millis();
        let statement = if is_done { statement } else { statement.bind(later) };
        statement.commit(&self.database).await.map(|_| ())
    }

    /// Erases methods that were removed long ago and that their providers have forgotten.
    pub(crate) async fn erase_removed(&self) -> Result<()> {
        sql("delete from saved_method where removed_at_ms > 0 and removed_at_ms < $1 and detach_at_ms = 0")
            .bind(self.clock.now().minus(REMOVED_KEPT).as_millis())
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    /// Erases wallets in which nothing was saved for long, and those that are forgotten everywhere.
    pub(crate) async fn erase_empty(&self, limit: i64) -> Result<()> {
        let empty = "in (select w.id from wallet w \
              where w.created_at_ms < $1 \
                and not exists (select 1 from saved_method m where m.wallet_id = w.id) \
                and not exists (select 1 from wallet_customer c where c.wallet_id = w.id) \
                and not exists (select 1 from wallet_setup s where s.wallet_id = w.id) \
              order by w.created_at_ms limit $2)";
        let before = self.clock.now().minus(EMPTY_KEPT).as_millis();
        let tx = self.database.begin().await?;
        for statement in [
            format!("delete from wallet_person where wallet_id {empty}"),
            format!("delete from wallet where id {empty}"),
        ] {
            sql(statement).bind(before).bind(limit).execute(&tx).await?;
        }
        tx.commit().await
    }

    /// Closes all wallets that a person paid with, and has what is saved in them forgotten here and at the providers.
    /// Again changes nothing.
    pub(crate) async fn forget_person(&self, tx: &Tx, person: &str) -> Result<()> {
        let now = self.now_ms();
        sql("insert into forgotten_person (person_id, time_ms) values ($1, $2) on conflict do nothing")
            .bind(person)
            .bind(now)
            .execute(tx)
            .await?;
        let theirs = "in (select wallet_id from wallet_person where person_id = $2)";
        // The wallets first: who is about to save something in one waits for its row.
        let statements = [
            format!(
                "update wallet set closed_at_ms = $1, key_digest = '' where id {theirs} and closed_at_ms = 0"
            ),
            format!("update saved_method set {FORGOTTEN} where wallet_id {theirs} and removed_at_ms = 0"),
            format!(
                "update wallet_customer set forget_at_ms = $1 where wallet_id {theirs} and forget_at_ms = 0"
            ),
        ];
        for statement in statements {
            sql(statement).bind(now).bind(person).execute(tx).await?;
        }
        let theirs = "in (select wallet_id from wallet_person where person_id = $1)";
        let statements = [
            format!(
                "update wallet_setup set state = case when state = 'saved' then state else 'failed' end, action_url = '', \
                        client_secret = '', request_digest = '' where wallet_id {theirs}"
            ),
            format!(
                "update intent set wallet_id = '', method_id = '', remembers = 0 where wallet_id <> '' and wallet_id {theirs}"
            ),
            "delete from wallet_person where wallet_id in \
               (select w.wallet_id from wallet_person w where w.person_id = $1)"
                .to_owned(),
        ];
        for statement in statements {
            sql(statement).bind(person).execute(tx).await?;
        }
        Ok(())
    }
}
