//! A carrier, or whoever speaks for one, that is asked by HTTP: question and answer as JSON.

use std::time::Duration;

use argosy_kernel::{Ctx, Error, Result, Secret};
use argosy_platform::outgoing::{JsonEndpoint, NoAnswer, Silence};
use async_trait::async_trait;

use super::{Carrier, CarrierAnswer, CarrierQuestion};

/// Asks whoever listens at an address of the shop's choice.
pub(crate) struct HttpCarrier(JsonEndpoint);

impl HttpCarrier {
    /// # Errors
    /// `INVALID_SETTING` that names the carrier, if the address is none.
    pub(crate) fn new(
        name: &str,
        url: &str,
        secret: Option<Secret<String>>,
        deadline: Duration,
    ) -> Result<Self> {
        JsonEndpoint::new(&format!("pricing.carriers.{name}.url"), url, secret, deadline).map(Self)
    }
}

#[async_trait]
impl Carrier for HttpCarrier {
    async fn rates(&self, _ctx: &Ctx, question: &CarrierQuestion) -> Result<CarrierAnswer> {
        self.0.ask(question).await.map_err(|why| {
            let reason = match why {
                NoAnswer::Unreadable(_) | NoAnswer::Silent(Silence::TooLong) => "CARRIER_ANSWER",
                NoAnswer::Silent(Silence::NotAnsweredInTime) => "CARRIER_SLOW",
                NoAnswer::Status(_) | NoAnswer::Silent(_) => "CARRIER_AWAY",
            };
            Error::unavailable(reason, why.to_string())
        })
    }
}
