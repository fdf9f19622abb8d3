//! Rates from outside: carriers that say what a parcel costs today.
//!
//! They are asked only for a checkout whose destination is known and whose parcels are planned, and only if a shipping zone has
//! a rate that names one: never while a cart is priced (law 9). What they answer is an input of the quote, which stays one pure
//! function. Where a carrier fails or is slow, the price that the rate has of the shop's own counts; without one it is not
//! offered; the trace says so. An answer is kept for a while, so that who was shown a price pays it: whatever differs after
//! that is a notice (law 7). A carrier hears weights and places, and nothing of who buys.

mod asking;
mod http;

use argosy_contracts::common::Money;
use argosy_kernel::{Ctx, Result};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub(crate) use self::{
    asking::{Carriers, Wanted},
    http::HttpCarrier,
};

/// Knows what its services cost.
#[async_trait]
pub trait Carrier: Send + Sync + 'static {
    /// What all parcels of a question cost together, by service.
    async fn rates(&self, ctx: &Ctx, question: &CarrierQuestion) -> Result<CarrierAnswer>;
}

/// What a carrier is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierQuestion {
    /// What it would carry, at least one.
    pub parcels: Vec<CarrierParcel>,
    /// Where to.
    pub to: CarrierPlace,
    /// What it is to be told in; ISO 4217.
    pub currency: String,
    /// The services that are wanted, by the carrier's ids; empty: all that it has.
    pub services: Vec<String>,
}

/// What one location would send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierParcel {
    /// Where from.
    pub from: CarrierPlace,
    /// In grams. How large it is the catalogue does not know.
    pub weight_g: i64,
    /// How many things are in it.
    pub pieces: i64,
}

/// A place, as far as a carrier needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierPlace {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// ISO 3166-2 without the country; empty: none, or unknown.
    pub region: String,
    /// Empty: none, or unknown.
    pub postal_code: String,
}

/// What a carrier answers: nothing that it cannot do.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct CarrierAnswer {
    /// What may be chosen.
    pub services: Vec<CarrierService>,
}

/// One way to carry all parcels.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct CarrierService {
    /// Of the carrier's choice, the same tomorrow.
    pub id: String,
    /// What a buyer reads; empty: what the rate is called.
    #[serde(default)]
    pub title: String,
    /// Of all parcels together.
    pub price: Money,
    /// Working days it takes at least.
    #[serde(default)]
    pub days_min: u32,
    /// Working days it takes at most.
    #[serde(default)]
    pub days_max: u32,
}
