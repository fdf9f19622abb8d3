//! Rates from outside: a service that knows the tax of every street.
//!
//! It is asked only for a checkout that has a destination, and only if `[pricing] tax_engine_url` names one: never while a
//! cart is priced (law 9). It is asked for rates before the rules run, not for amounts after them: the quote stays one
//! pure function, its lines add up whatever the answer, and a checkout costs one question. What an engine knows by amount
//! (a tax-free allowance, a cap) cannot be said so. Where it fails or is slow the shop's own rates count, and the trace
//! says so. It hears the place and the classes of the goods, and nothing of who buys.

mod asking;
mod http;

use argosy_contracts::pricing::TaxZone;
use argosy_kernel::{Ctx, Result, Timestamp};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub(crate) use self::{
    asking::{Asked, Asking},
    http::HttpTaxEngine,
};

/// Knows the rates that are due at a place.
#[async_trait]
pub trait TaxEngine: Send + Sync + 'static {
    /// What a trace calls it.
    fn name(&self) -> &str;

    /// The rates of the classes at a place, as a zone: `rates`, and if it says so `name`, `rounding`, `shipping_tax` and
    /// `shipping_class`. The place and whether prices hold their tax are the shop's to say.
    async fn rates(&self, ctx: &Ctx, question: &TaxQuestion) -> Result<TaxZone>;
}

/// What an engine is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxQuestion {
    /// Where the goods come from.
    pub from: TaxPlace,
    /// Where they go.
    pub to: TaxPlace,
    /// Of every amount; ISO 4217.
    pub currency: String,
    /// The classes of the goods and fees, in order; `standard` is always among them.
    pub tax_classes: Vec<String>,
    /// When.
    pub time: Timestamp,
}

/// A place, as it is told outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxPlace {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// ISO 3166-2 without the country; empty: none.
    pub region: String,
    /// Without spaces and hyphens; empty: none.
    pub postal_code: String,
}
