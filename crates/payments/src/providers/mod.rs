//! The port to those who move money, and its adapters.

mod manual;
mod test;
mod test_books;

use std::{collections::HashMap, sync::Arc};

use argosy_contracts::payments::PaymentMethod;
use argosy_kernel::{IntentId, Money, Result};
use argosy_platform::Host;
use async_trait::async_trait;

pub use self::test::DATABASE as TEST_PROVIDER_DATABASE;
pub(crate) use self::test_books::test_charges;
use crate::{PaymentsConfig, domain::Answer};

/// An authorisation to be made.
pub(crate) struct Authorisation<'a> {
    /// Also the key: the same id must never charge twice.
    pub(crate) intent_id: IntentId,
    pub(crate) amount: Money,
    pub(crate) token: &'a str,
    pub(crate) return_url: &'a str,
}

/// A step on an authorised payment.
pub(crate) struct Step {
    pub(crate) intent_id: IntentId,
    pub(crate) amount: Money,
    /// One effect per key.
    pub(crate) key: String,
}

/// What a provider's message says of an intent.
pub(crate) struct ProviderMessage {
    pub(crate) intent_id: IntentId,
    pub(crate) answer: Answer,
}

/// Somebody who moves money. Every step is idempotent by its key: asked again, it answers what was done.
///
/// An `Err` means that the answer is not known; a decline is an answer.
#[async_trait]
pub(crate) trait Provider: Send + Sync + 'static {
    /// How one can pay here.
    fn methods(&self) -> Vec<PaymentMethod>;
    /// The name of the method that a token stands for.
    fn method_of(&self, token: &str) -> Result<String>;
    /// Asks for the money to be held.
    async fn authorise(&self, request: Authorisation<'_>) -> Result<Answer>;
    /// Asks how an authorisation came out; `None` if it never arrived.
    async fn find(&self, intent_id: IntentId) -> Result<Option<Answer>>;
    /// Takes held money.
    async fn capture(&self, step: Step) -> Result<()>;
    /// Lets held money go; an authorisation that arrives later must not hold it again.
    async fn void(&self, intent_id: IntentId) -> Result<()>;
    /// Gives taken money back.
    async fn refund(&self, step: Step) -> Result<()>;
    /// Checks and reads a message of the provider's.
    async fn read_message(&self, headers: &HashMap<String, String>, body: &[u8]) -> Result<ProviderMessage>;
}

/// The providers in use, by name.
pub(crate) type Providers = HashMap<&'static str, Arc<dyn Provider>>;

pub(crate) async fn start(host: &Host, config: &PaymentsConfig) -> Result<Providers> {
    let mut providers = Providers::new();
    providers.insert("manual", Arc::new(manual::Manual::new(config.bank_details.clone())));
    if config.test_provider {
        tracing::warn!(
            "the test payment provider is on: nobody is charged; set payments.test_provider = false to sell"
        );
        providers.insert("test", Arc::new(test::TestProvider::open(host).await?));
    }
    Ok(providers)
}
