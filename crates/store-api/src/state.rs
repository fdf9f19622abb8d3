//! What the handlers share.

use std::sync::Arc;

use argosy_kernel::{Currency, Error, Result};
use argosy_platform::Host;

use crate::{StoreApiConfig, StoreClients, products::Products, structure::Structure};

/// What the handlers share; they get it as `State<Arc<Store>>`.
pub(crate) struct Store {
    pub(crate) clients: StoreClients,
    pub(crate) products: Products,
    pub(crate) structure: Structure,
    pub(crate) config: StoreApiConfig,
}

impl Store {
    pub(crate) fn new(host: &Host, clients: StoreClients, config: StoreApiConfig) -> Arc<Self> {
        let structure = Structure::new(clients.catalog.clone());
        let products = Products::new(
            clients.catalog.clone(),
            clients.inventory.clone(),
            structure.clone(),
            config.product_cache_bytes_max,
        );
        products.follow(host, &structure);
        Arc::new(Self { clients, products, structure, config })
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
