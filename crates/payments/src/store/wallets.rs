//! Wallets and what is saved in them.

use std::sync::Arc;

use argosy_kernel::{Clock, IntentId, Result, SavedMethodId, WalletId};
use argosy_platform::database::{Database, Executor, Sql, Tx, sql, together};
use sea_orm::FromQueryResult;

use crate::domain::{Card, Expiry, SavedMethod};

/// Wallets in the service's database.
#[derive(Clone)]
pub(crate) struct WalletStore {
    pub(super) database: Database,
    pub(super) clock: Arc<dyn Clock>,
}

#[derive(FromQueryResult)]
struct MethodRow {
    id: String,
    wallet_id: String,
    provider: String,
    provider_reference: String,
    method: String,
    brand: String,
    last_four: String,
    expiry_month: i64,
    expiry_year: i64,
    created_at_ms: i64,
    last_used_at_ms: i64,
    removed_at_ms: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: String,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

#[derive(FromQueryResult)]
struct ReferenceRow {
    reference: String,
}

const COLUMNS: &str = "select id, wallet_id, provider, provider_reference, method, brand, last_four, expiry_month, \
                              expiry_year, created_at_ms, last_used_at_ms, removed_at_ms from saved_method where";

/// A method about to be saved.
pub(crate) struct NewMethod<'a> {
    pub(crate) wallet_id: WalletId,
    pub(crate) provider: &'a str,
    pub(crate) method: &'a str,
    pub(crate) card: &'a Card,
    pub(crate) use_of: UseOf,
}

/// What becomes of a card that a provider keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UseOf {
    Wanted,
    Unwanted,
}

impl WalletStore {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now().as_millis()
    }

    pub(crate) async fn open(&self, id: WalletId, key_digest: &str) -> Result<()> {
        sql("insert into wallet (id, key_digest, created_at_ms) values ($1, $2, $3) on conflict do nothing")
            .bind(id.to_string())
            .bind(key_digest)
            .bind(self.now_ms())
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    /// Whether there is such a wallet with such a key, and it is not forgotten.
    pub(crate) async fn is_opened_by(&self, id: WalletId, key_digest: &str) -> Result<bool> {
        let row: Option<IdRow> =
            sql("select id from wallet where id = $1 and key_digest = $2 and closed_at_ms = 0")
                .bind(id.to_string())
                .bind(key_digest)
                .optional(&self.database)
                .await?;
        Ok(row.is_some())
    }

    /// What is saved in a wallet, the latest used first.
    pub(crate) async fn methods(&self, wallet: WalletId) -> Result<Vec<SavedMethod>> {
        let order = "order by case when last_used_at_ms > created_at_ms then last_used_at_ms else created_at_ms end desc, id";
        let rows: Vec<MethodRow> = sql(format!("{COLUMNS} wallet_id = $1 and removed_at_ms = 0 {order}"))
            .bind(wallet.to_string())
            .all(&self.database)
            .await?;
        rows.into_iter().map(SavedMethod::try_from).collect()
    }

    /// A method of this wallet, also one that is removed.
    pub(crate) async fn method(&self, wallet: WalletId, id: SavedMethodId) -> Result<Option<SavedMethod>> {
        let row: Option<MethodRow> = sql(format!("{COLUMNS} id = $1 and wallet_id = $2"))
            .bind(id.to_string())
            .bind(wallet.to_string())
            .optional(&self.database)
            .await?;
        row.map(SavedMethod::try_from).transpose()
    }

    /// How many methods a wallet has.
    pub(crate) async fn count(&self, wallet: WalletId) -> Result<i64> {
        count_in(&self.database, wallet).await
    }

    /// Writes a saved method down, once by the provider's name for it, and answers its id here. Whatever tells of the same
    /// card in this wallet makes room for it. In a wallet that is forgotten meanwhile nothing is saved: the provider is to
    /// forget it too.
    pub(crate) async fn save_in(&self, tx: &Tx, new: &NewMethod<'_>) -> Result<SavedMethodId> {
        let (now, wallet, card) = (self.now_ms(), new.wallet_id.to_string(), new.card);
        sql("select id from wallet where id = $1").bind(wallet.as_str()).locking().one::<IdRow>(tx).await?;
        if new.use_of == UseOf::Wanted {
            sql(format!(
                "update saved_method set {FORGOTTEN} \
                  where wallet_id = $2 and provider = $3 and brand = $4 and last_four = $5 and expiry_month = $6 \
                    and expiry_year = $7 and provider_reference <> $8 and removed_at_ms = 0 and last_four <> ''"
            ))
            .bind(now)
            .bind(wallet.as_str())
            .bind(new.provider)
            .bind(card.brand.as_str())
            .bind(card.last_four.as_str())
            .bind(i64::from(card.expiry.month))
            .bind(i64::from(card.expiry.year))
            .bind(card.reference.as_str())
            .execute(tx)
            .await?;
        }
        sql("insert into saved_method (id, wallet_id, provider, provider_reference, method, brand, last_four, \
                                       expiry_month, expiry_year, created_at_ms) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing")
        .bind(SavedMethodId::new().to_string())
        .bind(wallet.as_str())
        .bind(new.provider)
        .bind(card.reference.as_str())
        .bind(new.method)
        .bind(card.brand.as_str())
        .bind(card.last_four.as_str())
        .bind(i64::from(card.expiry.month))
        .bind(i64::from(card.expiry.year))
        .bind(now)
        .execute(tx)
        .await?;
        sql(format!(
            "update saved_method set {FORGOTTEN} \
              where provider = $2 and provider_reference = $3 and removed_at_ms = 0 \
                and ($4 = 1 or wallet_id in (select id from wallet where closed_at_ms > 0))"
        ))
        .bind(now)
        .bind(new.provider)
        .bind(card.reference.as_str())
        .bind(i64::from(new.use_of == UseOf::Unwanted))
        .execute(tx)
        .await?;
        let row: IdRow = sql("select id from saved_method where provider = $1 and provider_reference = $2")
            .bind(new.provider)
            .bind(card.reference.as_str())
            .one(tx)
            .await?;
        Ok(row.id.parse()?)
    }

    /// Saves what a payment was made with, and notes that this is done. `None`: there is nothing to save.
    pub(crate) async fn remember(&self, intent: IntentId, new: Option<&NewMethod<'_>>) -> Result<()> {
        let tx = self.database.begin().await?;
        if let Some(new) = new {
            self.save_in(&tx, new).await?;
        }
        sql("update intent set remembers = 2 where id = $1 and remembers = 1")
            .bind(intent.to_string())
            .execute(&tx)
            .await?;
        tx.commit().await
    }

    /// Payments whose means are to be saved and that are decided.
    pub(crate) async fn to_remember(&self, limit: i64) -> Result<Vec<IntentId>> {
        let rows: Vec<IdRow> = sql("select id from intent \
              where remembers = 1 and state not in ('processing', 'requires_action', 'pending') order by id limit $1")
        .bind(limit)
        .all(&self.database)
        .await?;
        rows.into_iter().map(|row| Ok(row.id.parse()?)).collect()
    }

    /// A method has paid.
    pub(crate) async fn note_used(&self, id: SavedMethodId) -> Result<()> {
        sql("update saved_method set last_used_at_ms = $2 where id = $1 and removed_at_ms = 0")
            .bind(id.to_string())
            .bind(self.now_ms())
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    /// Bars a method, and has its provider forget it.
    pub(crate) async fn bar(&self, id: SavedMethodId) -> Result<()> {
        sql(format!("update saved_method set {FORGOTTEN} where id = $2 and removed_at_ms = 0"))
            .bind(self.now_ms())
            .bind(id.to_string())
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    /// Notes that a provider is about to be asked for a customer; answers its name for them if that is known.
    pub(crate) async fn customer(&self, wallet: WalletId, provider: &str) -> Result<Option<String>> {
        sql("insert into wallet_customer (wallet_id, provider) values ($1, $2) on conflict do nothing")
            .bind(wallet.to_string())
            .bind(provider)
            .commit(&self.database)
            .await?;
        let row: ReferenceRow =
            sql("select reference from wallet_customer where wallet_id = $1 and provider = $2")
                .bind(wallet.to_string())
                .bind(provider)
                .one(&self.database)
                .await?;
        Ok(Some(row.reference).filter(|reference| !reference.is_empty()))
    }

    /// What the provider calls the customer. Asked by two at once, it calls them the same. If the wallet was forgotten
    /// meanwhile, the provider is to forget them at once.
    pub(crate) async fn note_customer(
        &self,
        wallet: WalletId,
        provider: &str,
        reference: &str,
    ) -> Result<()> {
        sql("update wallet_customer \
                set reference = $3, \
                    forget_at_ms = case when forget_at_ms = 0 \
                                         and exists (select 1 from wallet where id = $1 and closed_at_ms > 0) \
                                        then $4 else forget_at_ms end \
              where wallet_id = $1 and provider = $2 and reference = ''")
        .bind(wallet.to_string())
        .bind(provider)
        .bind(reference)
        .bind(self.now_ms())
        .commit(&self.database)
        .await
        .map(|_| ())
    }

    /// Notes who pays with a wallet, unless they are forgotten.
    pub(crate) async fn tie(&self, wallet: WalletId, person: &str) -> Result<()> {
        together()
            .and(
                sql("insert into wallet_person (wallet_id, person_id) select $1, $2 \
                      where not exists (select 1 from forgotten_person where person_id = $2) on conflict do nothing")
                .bind(wallet.to_string())
                .bind(person),
            )
            .commit(&self.database)
            .await
            .map(|_| ())
    }
}

/// What a method is told of once it is removed, with the time as `$1`: nothing, but that its provider is to forget it.
pub(super) const FORGOTTEN: &str =
    "removed_at_ms = $1, detach_at_ms = $1, brand = '', last_four = '', expiry_month = 0, expiry_year = 0";

pub(super) async fn count_in(on: &impl Executor, wallet: WalletId) -> Result<i64> {
    let statement: Sql =
        sql("select count(*) as count from saved_method where wallet_id = $1 and removed_at_ms = 0");
    let row: CountRow = statement.bind(wallet.to_string()).one(on).await?;
    Ok(row.count)
}

impl TryFrom<MethodRow> for SavedMethod {
    type Error = argosy_kernel::Error;

    fn try_from(row: MethodRow) -> Result<Self> {
        Ok(Self {
            id: row.id.parse()?,
            wallet_id: row.wallet_id.parse()?,
            provider: row.provider,
            method: row.method,
            card: Card {
                reference: row.provider_reference,
                brand: row.brand,
                last_four: row.last_four,
                expiry: Expiry::new(row.expiry_year, row.expiry_month),
            },
            created_at_ms: row.created_at_ms,
            last_used_at_ms: row.last_used_at_ms,
            is_removed: row.removed_at_ms > 0,
        })
    }
}
