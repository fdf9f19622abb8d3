//! The port to those who move money, and its adapters.

mod gift_card;
mod http;
mod manual;
mod paypal;
mod saving;
mod stripe;
mod test;
mod test_books;
mod test_cards;
mod test_disputes;

use std::{collections::HashMap, sync::Arc};

use argosy_contracts::payments::PaymentMethod;
use argosy_kernel::{IntentId, Money, Result};
use argosy_platform::Host;
use async_trait::async_trait;

pub(crate) use self::{
    gift_card::NAME as GIFT_CARD,
    saving::{Saving, SetupAsked},
    test_books::test_charges,
};
pub use self::{paypal::PaypalConfig, stripe::StripeConfig, test::DATABASE as TEST_PROVIDER_DATABASE};
use crate::{
    PaymentsConfig,
    domain::{Dispute, DisputeReport, Evidence, Fingerprint, Intent, Movement, Report, State, Stepped},
    error,
    store::GiftCards,
};

/// A payment as its provider has to know it.
pub(crate) struct Payment<'a> {
    /// Also the key: the same id must never charge twice.
    pub(crate) intent_id: IntentId,
    /// What it pays for.
    pub(crate) reference: &'a str,
    pub(crate) amount: Money,
    /// The provider's own name for it; empty: not known.
    pub(crate) provider_reference: &'a str,
    /// How it stands here.
    pub(crate) state: State,
}

impl<'a> From<&'a Intent> for Payment<'a> {
    fn from(intent: &'a Intent) -> Self {
        Self {
            intent_id: intent.id,
            reference: &intent.reference,
            amount: intent.amount,
            provider_reference: &intent.provider_reference,
            state: intent.state,
        }
    }
}

/// What a buyer pays with.
#[derive(Clone, Copy, Default)]
pub(crate) struct Means<'a> {
    pub(crate) token: &'a str,
    /// Where the buyer comes back to from the provider; empty: nowhere.
    pub(crate) return_url: &'a str,
    /// What the provider calls the owner of the wallet that it is saved in, or is to be; empty: none.
    pub(crate) customer: &'a str,
    /// The provider is to keep it for that customer once the payment is authorised.
    pub(crate) remembers: bool,
}

/// A payment that its provider knows of, before money is asked for.
#[derive(Default)]
pub(crate) struct Prepared {
    /// The provider's name for it; none: it gives one later.
    pub(crate) reference: Option<String>,
    /// The card that would pay, where the provider tells it.
    pub(crate) card: Option<Fingerprint>,
}

/// A step on an authorised payment.
pub(crate) struct Step<'a> {
    pub(crate) movement: Movement,
    pub(crate) amount: Money,
    /// Our name for the step, which the provider tells again where it can.
    pub(crate) reference: &'a str,
    /// One effect per key.
    pub(crate) key: String,
}

/// A provider's message.
pub(crate) enum Message {
    /// About something that is none of our concern.
    Ignored,
    /// Says how a payment stands.
    Says { intent_id: IntentId, report: Report },
    /// Says that there is something to be asked about the payment that the provider calls so.
    AskAbout { provider_reference: String },
    /// Says that there is something to be asked about the dispute that the provider calls so.
    Disputed { dispute_reference: String },
    /// Says that there is something to be asked about the setup that the provider calls so.
    SetUp { setup_reference: String },
}

/// Somebody who moves money. Every step is idempotent by its key: asked again, it answers what was done.
///
/// An `Err` that is transient means that the answer is not known, `PROVIDER_AWAY` that it was surely not asked; a decline
/// is an answer.
#[async_trait]
pub(crate) trait Provider: Send + Sync + 'static {
    /// How one can pay here.
    fn methods(&self) -> Vec<PaymentMethod>;
    /// The name of the method that a token stands for.
    fn method_of(&self, token: &str) -> Result<String>;
    /// Makes the payment known before money can move, and answers the provider's name for it. That is noted before
    /// [`Self::authorise`], so that after a crash the payment is found also without the buyer's token. Nothing of it can
    /// hold money. Asked again it answers the same.
    async fn prepare(&self, _payment: &Payment<'_>, _means: &Means<'_>) -> Result<Prepared> {
        Ok(Prepared::default())
    }
    /// Asks for the money to be held.
    async fn authorise(&self, payment: &Payment<'_>, means: Means<'_>) -> Result<Report>;
    /// Asks how a payment stands; `None` if it never arrived.
    async fn find(&self, payment: &Payment<'_>) -> Result<Option<Report>>;
    /// Takes held money, or gives taken money back.
    async fn step(&self, payment: &Payment<'_>, step: &Step<'_>) -> Result<Stepped>;
    /// Lets held money go; an authorisation that arrives later must not hold it again.
    async fn void(&self, payment: &Payment<'_>) -> Result<Report>;
    /// Asks how a dispute stands, with all money that moved for it.
    async fn find_dispute(&self, _dispute_reference: &str) -> Result<DisputeReport> {
        Err(error::no_disputes())
    }
    /// Sends what is said against a dispute, once; asked again it answers how the dispute stands.
    async fn submit_evidence(&self, _dispute: &Dispute, _evidence: &[Evidence]) -> Result<DisputeReport> {
        Err(error::no_disputes())
    }
    /// What it does for wallets, if it keeps means of payment.
    fn saving(&self) -> Option<&dyn Saving> {
        None
    }
    /// Checks and reads a message of the provider's; header names are in small letters.
    async fn read_message(&self, headers: &HashMap<String, String>, body: &[u8]) -> Result<Message>;
}

/// All that there are.
pub(crate) const NAMES: [&str; 6] =
    ["test", stripe::NAME, stripe::BACKUP, paypal::NAME, gift_card::NAME, "manual"];

/// The providers in use, by name.
pub(crate) type Providers = HashMap<&'static str, Arc<dyn Provider>>;

pub(crate) async fn start(host: &Host, config: &PaymentsConfig, gift_cards: &GiftCards) -> Result<Providers> {
    let mut providers = Providers::new();
    providers.insert("manual", Arc::new(manual::Manual::new(config.bank_details.clone())));
    if config.test_provider {
        tracing::warn!(
            "the test payment provider is on: nobody is charged; set payments.test_provider = false to sell"
        );
        providers.insert("test", Arc::new(test::TestProvider::open(host).await?));
    }
    if config.gift_cards {
        providers.insert(gift_card::NAME, Arc::new(gift_card::GiftCardProvider::new(gift_cards.clone())));
    }
    for (name, account) in [(stripe::NAME, &config.stripe), (stripe::BACKUP, &config.stripe_backup)] {
        if let Some(stripe) = stripe::Stripe::start(name, account, host.clock())? {
            providers.insert(name, Arc::new(stripe));
        }
    }
    if let Some(paypal) = paypal::Paypal::start(&config.paypal, host.clock())? {
        providers.insert(paypal::NAME, Arc::new(paypal));
    }
    Ok(providers)
}
