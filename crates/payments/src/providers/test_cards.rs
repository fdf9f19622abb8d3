//! Cards that the pretended provider keeps. Each goes on doing what its token does; `tok_declined_later` is good once, and
//! declined from then on.

use argosy_kernel::{Error, IntentId, Result, SetupId, WalletId};
use argosy_platform::database::sql;
use async_trait::async_trait;
use sea_orm::FromQueryResult;
use serde::Deserialize;

use super::{Means, Payment, Saving, SetupAsked, test::TestProvider};
use crate::{
    domain::{Card, Expiry, Fingerprint, Kept},
    error,
};

const NAME: &str = "card-";
/// For how many years more a new card is good.
const YEARS: i64 = 3;
const LAST_MONTH: i64 = 12;

/// What the page of the pretended bank sends of a card that is to be kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BankOfCard {
    setup_id: SetupId,
    approve: bool,
}

#[derive(FromQueryResult)]
struct CardRow {
    key: String,
    token: String,
    state: String,
    expiry_year: i64,
}

/// Whether this is the provider's name for a card that it keeps.
pub(super) fn is_name(token: &str) -> bool {
    token.starts_with(NAME)
}

/// What a token does, without the name of its card.
pub(super) fn deed(token: &str) -> &str {
    token.split_once('.').map_or(token, |(deed, _)| deed)
}

fn name_of(id: impl std::fmt::Display) -> String {
    format!("{NAME}{id}")
}

impl CardRow {
    fn told(&self) -> Card {
        let last_four = match deed(&self.token) {
            "tok_needs_action" => "3155",
            "tok_declined_later" => "0341",
            _ => "4242",
        };
        Card::read(&self.key, "visa", last_four, Expiry::new(self.expiry_year, LAST_MONTH))
    }

    fn stands(&self, setup: SetupId) -> Kept {
        match self.state.as_str() {
            "kept" => Kept::Saved(self.told()),
            "asked" => Kept::Processing,
            "waits" => Kept::RequiresAction {
                url: format!("/wallet/test-bank/{setup}"),
                client_secret: String::new(),
            },
            _ => Kept::Declined {
                reason: "DECLINED".to_owned(),
                text: "The card was declined. Please use another one.".to_owned(),
            },
        }
    }
}

impl TestProvider {
    /// What a token does, and whether it is a card's that is kept. Such a card pays for its customer only.
    pub(super) async fn token_behind(&self, means: &Means<'_>) -> Result<(String, bool)> {
        if !is_name(means.token) {
            return Ok((means.token.to_owned(), false));
        }
        let row: Option<CardRow> =
            sql("select key, token, state, expiry_year from card where key = $1 and customer = $2 and state = 'kept'")
                .bind(means.token)
                .bind(means.customer)
                .optional(&self.database)
                .await?;
        let row = row.ok_or_else(|| error::invalid_token("is no card that is kept for this customer"))?;
        Ok((row.token, true))
    }

    /// What the card of a token is known by: its name, or that of a card that is kept.
    pub(super) async fn fingerprint_behind(&self, means: &Means<'_>) -> Result<Option<Fingerprint>> {
        let (token, is_kept) = self.token_behind(means).await?;
        let name = token.split_once('.').map(|(_, name)| name);
        let name = name.or_else(|| is_kept.then_some(means.token));
        Ok(name.and_then(|name| Fingerprint::read(&blake3::hash(name.as_bytes()).to_hex()[..16])))
    }

    /// Keeps the card that a payment is made with.
    pub(super) async fn keep_card_of(&self, intent: IntentId, means: &Means<'_>) -> Result<()> {
        self.insert(&name_of(intent), means.customer, means.token, "kept").await
    }

    async fn insert(&self, key: &str, customer: &str, token: &str, state: &str) -> Result<()> {
        let now = self.clock.now().to_datetime();
        let year = now.ok_or_else(|| Error::internal("the clock tells no year"))?.year();
        sql("insert into card (key, customer, token, state, expiry_year) values ($1, $2, $3, $4, $5) \
             on conflict do nothing")
        .bind(key)
        .bind(customer)
        .bind(token)
        .bind(state)
        .bind(i64::from(year) + YEARS)
        .commit(&self.database)
        .await
        .map(|_| ())
    }

    async fn card(&self, key: &str) -> Result<Option<CardRow>> {
        sql("select key, token, state, expiry_year from card where key = $1")
            .bind(key)
            .optional(&self.database)
            .await
    }

    /// The buyer decides at the pretended bank; answers the name of the setup.
    pub(super) async fn decide_card(&self, told: &BankOfCard) -> Result<String> {
        let key = name_of(told.setup_id);
        sql("update card set state = $2 where key = $1 and state = 'waits'")
            .bind(key.as_str())
            .bind(if told.approve { "kept" } else { "declined" })
            .commit(&self.database)
            .await?;
        Ok(key)
    }

    async fn set_up(&self, setup: &SetupAsked<'_>) -> Result<Kept> {
        let row = self.card(&name_of(setup.setup_id)).await?;
        Ok(row.map_or(Kept::Processing, |row| row.stands(setup.setup_id)))
    }
}

#[async_trait]
impl Saving for TestProvider {
    async fn open_customer(&self, wallet: WalletId) -> Result<String> {
        Ok(format!("customer-{wallet}"))
    }

    async fn card_of(&self, payment: &Payment<'_>, _customer: &str) -> Result<Option<Card>> {
        let row = self.card(&name_of(payment.intent_id)).await?;
        Ok(row.filter(|row| row.state == "kept").map(|row| row.told()))
    }

    async fn prepare_setup(&self, setup: &SetupAsked<'_>) -> Result<String> {
        let key = name_of(setup.setup_id);
        self.insert(&key, setup.customer, "", "asked").await?;
        Ok(key)
    }

    async fn confirm_setup(&self, setup: &SetupAsked<'_>, means: Means<'_>) -> Result<Kept> {
        if is_name(means.token) {
            return Err(error::invalid_token("must be a new card"));
        }
        let state = match deed(means.token) {
            "tok_away" => return Err(error::provider_away("test")),
            "tok_declined" => "declined",
            "tok_needs_action" => "waits",
            _ => "kept",
        };
        let first = sql("update card set token = $2, state = $3 where key = $1 and state = 'asked'")
            .bind(name_of(setup.setup_id))
            .bind(means.token)
            .bind(state)
            .commit(&self.database)
            .await?
            == 1;
        match deed(means.token) {
            "tok_timeout" if first => std::future::pending().await,
            "tok_vanishes" if first => Err(error::provider_unavailable("test")),
            _ => self.set_up(setup).await,
        }
    }

    async fn find_setup(&self, setup: &SetupAsked<'_>) -> Result<Kept> {
        self.set_up(setup).await
    }

    async fn drop_setup(&self, setup: &SetupAsked<'_>) -> Result<Kept> {
        sql("update card set state = 'declined' where key = $1 and state in ('asked', 'waits')")
            .bind(name_of(setup.setup_id))
            .commit(&self.database)
            .await?;
        self.set_up(setup).await
    }

    async fn detach(&self, reference: &str) -> Result<()> {
        sql("update card set state = 'detached' where key = $1")
            .bind(reference)
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    async fn forget_customer(&self, reference: &str) -> Result<()> {
        sql("delete from card where customer = $1").bind(reference).commit(&self.database).await.map(|_| ())
    }
}
