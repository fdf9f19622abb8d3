//! Methods that are about to be saved without a purchase.

use std::time::Duration;

use argosy_kernel::{Error, Result, SetupId, Timestamp, WalletId};
use argosy_platform::database::{Executor, Sql, sql};
use sea_orm::FromQueryResult;

use super::{
    intents::id_if_any,
    wallets::{NewMethod, UseOf, WalletStore, count_in},
};
use crate::{
    domain::{Kept, Setup, SetupState},
    error,
};

/// In which a wallet may have so many setups.
const WINDOW: Duration = Duration::from_hours(1);

/// A setup about to be begun.
pub(crate) struct NewSetup<'a> {
    pub(crate) wallet_id: WalletId,
    pub(crate) request_key: &'a str,
    pub(crate) request_digest: &'a str,
    pub(crate) provider: &'a str,
    pub(crate) method: &'a str,
}

/// How much a wallet may hold, and ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WalletLimits {
    pub(crate) methods: i64,
    pub(crate) setups_per_hour: i64,
}

#[derive(FromQueryResult)]
struct SetupRow {
    id: String,
    wallet_id: String,
    request_digest: String,
    provider: String,
    method: String,
    provider_reference: String,
    state: String,
    action_url: String,
    client_secret: String,
    failure_reason: String,
    failure_text: String,
    method_id: String,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: String,
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

const COLUMNS: &str = "select id, wallet_id, request_digest, provider, method, provider_reference, state, action_url, \
                              client_secret, failure_reason, failure_text, method_id from wallet_setup where";

async fn load(on: &impl Executor, statement: Sql) -> Result<Option<Setup>> {
    statement.optional::<SetupRow>(on).await?.map(Setup::try_from).transpose()
}

impl WalletStore {
    /// Begins a setup, or answers the one that was begun under this key.
    ///
    /// # Errors
    /// `WALLET_FULL`, `TOO_MANY_SETUPS`.
    pub(crate) async fn begin_setup(&self, new: &NewSetup<'_>, limits: WalletLimits) -> Result<Setup> {
        let (id, now) = (SetupId::new(), self.clock.now());
        let wallet = new.wallet_id.to_string();
        let tx = self.database.begin().await?;
        // Two at once would both be the last that there is room for.
        sql("select id from wallet where id = $1").bind(wallet.as_str()).locking().one::<IdRow>(&tx).await?;
        let by_key = sql(format!("{COLUMNS} wallet_id = $1 and request_key = $2"));
        if let Some(known) = load(&tx, by_key.bind(wallet.as_str()).bind(new.request_key)).await? {
            tx.rollback().await?;
            return Ok(known);
        }
        if count_in(&tx, new.wallet_id).await? >= limits.methods {
            tx.rollback().await?;
            return Err(error::wallet_full(limits.methods));
        }
        let lately: CountRow =
            sql("select count(*) as count from wallet_setup where wallet_id = $1 and created_at_ms > $2")
                .bind(wallet.as_str())
                .bind(now.minus(WINDOW).as_millis())
                .one(&tx)
                .await?;
        if lately.count >= limits.setups_per_hour {
            tx.rollback().await?;
            return Err(error::too_many_setups(WINDOW));
        }
        sql("insert into wallet_setup (id, wallet_id, request_key, request_digest, provider, method, state, created_at_ms) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(id.to_string())
        .bind(wallet.as_str())
        .bind(new.request_key)
        .bind(new.request_digest)
        .bind(new.provider)
        .bind(new.method)
        .bind(SetupState::Processing.as_str())
        .bind(now.as_millis())
        .execute(&tx)
        .await?;
        tx.commit().await?;
        self.setup(id).await?.ok_or_else(|| Error::internal("a setup that was begun is not there"))
    }

    pub(crate) async fn setup(&self, id: SetupId) -> Result<Option<Setup>> {
        load(&self.database, sql(format!("{COLUMNS} id = $1")).bind(id.to_string())).await
    }

    /// The setup that a provider calls so.
    pub(crate) async fn setup_called(&self, provider: &str, reference: &str) -> Result<Option<Setup>> {
        let statement = sql(format!("{COLUMNS} provider = $1 and provider_reference = $2"));
        load(&self.database, statement.bind(provider).bind(reference)).await
    }

    /// Notes what the provider calls it, before a bank is asked.
    pub(crate) async fn setup_prepared(&self, setup: Setup, reference: &str) -> Result<Setup> {
        sql("update wallet_setup set provider_reference = $2 \
              where id = $1 and provider_reference = '' and state = 'processing'")
        .bind(setup.id.to_string())
        .bind(reference)
        .commit(&self.database)
        .await?;
        self.present(setup.id).await
    }

    /// Writes down what a provider says of a setup that is open, once; with the method, if it is kept.
    pub(crate) async fn setup_heard(&self, setup: &Setup, kept: &Kept) -> Result<Setup> {
        let mut next = Setup { action_url: String::new(), client_secret: String::new(), ..setup.clone() };
        let mut card = None;
        next.state = match kept {
            Kept::Processing => return Ok(setup.clone()),
            Kept::RequiresAction { url, client_secret } => {
                next.action_url.clone_from(url);
                next.client_secret.clone_from(client_secret);
                SetupState::RequiresAction
            }
            Kept::Saved(found) => {
                card = Some(found);
                SetupState::Saved
            }
            Kept::Declined { reason, text } => {
                next.failure_reason.clone_from(reason);
                next.failure_text.clone_from(text);
                SetupState::Failed
            }
        };
        let tx = self.database.begin().await?;
        if let Some(card) = card {
            let (wallet_id, provider, method) = (setup.wallet_id, &*setup.provider, &*setup.method);
            let new = NewMethod { wallet_id, provider, method, card, use_of: UseOf::Wanted };
            next.method_id = Some(self.save_in(&tx, &new).await?);
        }
        // One that was given up and turns out to be kept is in the wallet after all.
        sql("update wallet_setup set state = $2, action_url = $3, client_secret = $4, failure_reason = $5, failure_text = $6, \
                    method_id = $7 \
              where id = $1 and (state in ('processing', 'requires_action') or $2 = 'saved')")
        .bind(setup.id.to_string())
        .bind(next.state.as_str())
        .bind(next.action_url.as_str())
        .bind(next.client_secret.as_str())
        .bind(next.failure_reason.as_str())
        .bind(next.failure_text.as_str())
        .bind(next.method_id.map(|id| id.to_string()).unwrap_or_default())
        .execute(&tx)
        .await?;
        tx.commit().await?;
        self.present(setup.id).await
    }

    async fn present(&self, id: SetupId) -> Result<Setup> {
        self.setup(id).await?.ok_or_else(|| error::setup_not_found(id))
    }

    /// Setups that nobody goes on with, the oldest first.
    pub(crate) async fn setups_left(&self, until: Timestamp, limit: i64) -> Result<Vec<SetupId>> {
        let rows: Vec<IdRow> = sql("select id from wallet_setup \
              where state in ('processing', 'requires_action') and created_at_ms < $1 order by created_at_ms limit $2")
        .bind(until.as_millis())
        .bind(limit)
        .all(&self.database)
        .await?;
        rows.into_iter().map(|row| Ok(row.id.parse()?)).collect()
    }

    /// Erases decided setups of before then: nobody asks for them again.
    pub(crate) async fn erase_setups(&self, before: Timestamp) -> Result<()> {
        sql("delete from wallet_setup where state in ('saved', 'failed') and created_at_ms < $1")
            .bind(before.as_millis())
            .commit(&self.database)
            .await
            .map(|_| ())
    }
}

impl TryFrom<SetupRow> for Setup {
    type Error = Error;

    fn try_from(row: SetupRow) -> Result<Self> {
        let state = SetupState::ALL.into_iter().find(|state| state.as_str() == row.state);
        Ok(Self {
            id: row.id.parse()?,
            wallet_id: row.wallet_id.parse()?,
            request_digest: row.request_digest,
            provider: row.provider,
            method: row.method,
            provider_reference: row.provider_reference,
            state: state.ok_or_else(|| Error::internal(format!("unknown setup state '{}'", row.state)))?,
            action_url: row.action_url,
            client_secret: row.client_secret,
            failure_reason: row.failure_reason,
            failure_text: row.failure_text,
            method_id: id_if_any(&row.method_id)?,
        })
    }
}
