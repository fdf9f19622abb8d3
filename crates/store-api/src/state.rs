//! What the handlers share.

use std::sync::Arc;

use argosy_kernel::{Ctx, Currency, Error, Result};
use argosy_platform::Host;

use crate::{
    StoreApiConfig, StoreClients,
    markets::{Markets, PricedIn},
    products::Products,
    structure::Structure,
};

/// What the handlers share; they get it as `State<Arc<Store>>`.
pub(crate) struct Store {
    pub(crate) clients: StoreClients,
    pub(crate) products: Products,
    pub(crate) structure: Structure,
    pub(crate) markets: Markets,
    pub(crate) config: StoreApiConfig,
}

impl Store {
    pub(crate) fn new(host: &Host, clients: StoreClients, config: StoreApiConfig) -> Arc<Self> {
        let structure = Structure::new(clients.catalog.clone());
        let products = Products::new(
            clients.catalog.clone(),
            clients.pricing.clone(),
            clients.inventory.clone(),
            structure.clone(),
            config.product_cache_bytes_max,
        );
        products.follow(host, &structure);
        let markets = Markets::new(clients.pricing.clone());
        markets.follow(host);
        Arc::new(Self { clients, products, structure, markets, config })
    }

    /// In what prices are shown: those of the market that a request names, else of its currency, else of the shop's.
    ///
    /// # Errors
    /// `INVALID_FIELD` if there is no such market or currency, or the market has another currency.
    pub(crate) async fn priced_in(
        &self,
        ctx: &Ctx,
        currency: Option<&str>,
        market: Option<&str>,
    ) -> Result<PricedIn> {
        let Some(name) = market else {
            return Ok(PricedIn { currency: self.currency(currency)?, market: "".into() });
        };
        let listed = self.markets.all(ctx).await?;
        let found = listed.all.iter().find(|known| known.name == name);
        let found = found.ok_or_else(|| Error::invalid_field("/market", "is none of this shop's markets"))?;
        let of_market: Currency = found.currency.parse()?;
        if currency.is_some() && self.currency(currency)? != of_market {
            let message = format!("must be {of_market} in this market, or left out");
            return Err(Error::invalid_field("/currency", message));
        }
        Ok(PricedIn { currency: of_market, market: name.into() })
    }

    /// The currency that a request asks for, or the shop's.
    ///
    /// # Errors
    /// `INVALID_FIELD` if it is none of ISO 4217.
    pub(crate) fn currency(&self, asked: Option<&str>) -> Result<Currency> {
        match asked {
            None => Ok(self.config.shop.currency),
            Some(code) => code
                .parse()
                .map_err(|_| Error::invalid_field("/currency", "must be an ISO 4217 code, e.g. EUR")),
        }
    }
}
