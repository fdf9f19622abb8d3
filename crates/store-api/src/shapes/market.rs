//! Markets.

use argosy_contracts::pricing::Market;
use serde::Serialize;
use utoipa::ToSchema;

/// Countries that are sold to alike.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Market)]
pub(crate) struct MarketOut {
    /// What `market` names.
    name: String,
    title: String,
    /// ISO 3166-1 alpha-2.
    countries: Vec<String>,
    /// Of its prices.
    #[schema(pattern = "^[A-Z]{3}$")]
    currency: String,
    /// As HTML names them.
    languages: Vec<String>,
    /// Whether it is for every country that is in no other.
    is_default: bool,
}

impl From<Market> for MarketOut {
    fn from(market: Market) -> Self {
        Self {
            name: market.name,
            title: market.title,
            countries: market.countries,
            currency: market.currency,
            languages: market.languages,
            is_default: market.is_default,
        }
    }
}
