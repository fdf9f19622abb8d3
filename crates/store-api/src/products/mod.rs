//! Products as they are shown: made once, kept ready to send, dropped by facts.
//!
//! A cached product costs two lookups and the copy of a few pointers. It is dropped when the catalogue says
//! that it changed, or inventory that one of its variants sold out or came back: expiry by time alone lost,
//! because a second is too long for a wrong price and too short for a cache.

mod cache;
mod shown;

use std::{collections::HashMap, sync::Arc};

use argosy_contracts::{
    Selling,
    catalog::{CatalogClient, GetProductsRequest, Product},
    inventory::{GetAvailabilityRequest, InventoryClient},
    pricing::PricingClient,
    reprice,
};
use argosy_kernel::{Ctx, ProductId, Result};
use argosy_platform::Host;

use self::cache::{Cache, Named};
pub(crate) use self::shown::Shown;
use crate::{
    markets::PricedIn,
    shapes::{ProductOut, Stock},
    structure::Structure,
};

/// The most variants that inventory answers for at once.
const AVAILABILITY_MAX: usize = 500;
/// A reduced price is told with the lowest one of so many days before, as directive 98/6/EC, article 6a, wants.
const LOWEST_DAYS: u32 = 30;
/// Longer ones are no handles.
const HANDLE_LENGTH_MAX: usize = 255;

/// Products by id or handle, at the prices of a market.
pub(crate) struct Products {
    catalog: CatalogClient,
    pricing: PricingClient,
    inventory: InventoryClient,
    structure: Structure,
    cache: Arc<Cache>,
}

impl Products {
    pub(crate) fn new(
        catalog: CatalogClient,
        pricing: PricingClient,
        inventory: InventoryClient,
        structure: Structure,
        bytes_max: u64,
    ) -> Self {
        Self { catalog, pricing, inventory, structure, cache: Arc::new(Cache::new(bytes_max)) }
    }

    /// Drops what facts say has changed, from now on.
    pub(crate) fn follow(&self, host: &Host, structure: &Structure) {
        cache::follow(host, &self.cache, structure);
    }

    /// A product by its id or handle; `None` if there is none on sale.
    pub(crate) async fn one(
        &self,
        ctx: &Ctx,
        name: &str,
        priced_in: &PricedIn,
    ) -> Result<Option<Arc<Shown>>> {
        if name.len() > HANDLE_LENGTH_MAX {
            return Ok(None);
        }
        match self.cache.named(name) {
            Some(Named::Missing) => return Ok(None),
            Some(Named::Product(id)) => {
                if let Some(shown) = self.cache.get(id, priced_in).filter(|shown| shown.is_called(name)) {
                    return Ok(Some(shown));
                }
            }
            None => {}
        }
        let epoch = self.cache.epoch();
        let by_id = name.parse::<ProductId>().is_ok();
        let (ids, handles) =
            if by_id { (vec![name.to_owned()], vec![]) } else { (vec![], vec![name.to_owned()]) };
        let request = GetProductsRequest { ids, handles, ..GetProductsRequest::default() };
        let found = self.catalog.get_products(ctx, request).await?.products;
        let shown = self.show(ctx, found, priced_in, epoch).await?.into_values().next();
        if shown.is_none() {
            self.cache.miss(name, epoch);
        }
        Ok(shown)
    }

    /// Products by id, in the order asked for; those not on sale are left out. At most 200.
    pub(crate) async fn many(
        &self,
        ctx: &Ctx,
        ids: &[String],
        priced_in: &PricedIn,
    ) -> Result<Vec<Arc<Shown>>> {
        let epoch = self.cache.epoch();
        let mut shown: HashMap<&str, Arc<Shown>> = HashMap::with_capacity(ids.len());
        let mut missing = Vec::new();
        for id in ids {
            let kept = id.parse().ok().and_then(|parsed| self.cache.get(parsed, priced_in));
            match kept {
                Some(kept) => {
                    shown.insert(id, kept);
                }
                None => missing.push(id.clone()),
            }
        }
        let mut loaded = HashMap::new();
        if !missing.is_empty() {
            let request = GetProductsRequest { ids: missing, ..GetProductsRequest::default() };
            let found = self.catalog.get_products(ctx, request).await?.products;
            loaded = self.show(ctx, found, priced_in, epoch).await?;
        }
        Ok(ids.iter().filter_map(|id| shown.remove(id.as_str()).or_else(|| loaded.remove(id))).collect())
    }

    /// Makes products ready to send, by id, and keeps them unless they changed since `epoch`.
    async fn show(
        &self,
        ctx: &Ctx,
        mut products: Vec<Product>,
        priced_in: &PricedIn,
        epoch: u64,
    ) -> Result<HashMap<String, Arc<Shown>>> {
        if products.is_empty() {
            return Ok(HashMap::new());
        }
        let currency = priced_in.currency;
        let selling = Selling { market: &priced_in.market, currency, lowest_days: LOWEST_DAYS };
        let listed = reprice(&self.pricing, ctx, &mut products, selling).await?;
        let stock = self.stock(ctx, &products).await?;
        let categories = self.structure.categories(ctx).await?;
        let charts = self.structure.size_charts(ctx).await?;
        let mut all = HashMap::with_capacity(products.len());
        for product in products {
            let id = product.id.clone();
            let variants: Vec<String> = product.variants.iter().map(|variant| variant.id.clone()).collect();
            let sold = product.variants.iter().any(|variant| {
                variant
                    .prices
                    .iter()
                    .filter_map(|price| price.amount.as_ref())
                    .any(|amount| amount.currency == currency.code())
            });
            let handle = product.handle.clone();
            let named = categories.named(&product.category_ids);
            let chart = charts.of(&product.attributes);
            let out = ProductOut::new(product, named, chart, (&stock, &listed), currency);
            let shown = Arc::new(Shown::new(id.clone(), handle, &variants, &out)?);
            if sold {
                self.cache.put(priced_in, &shown, epoch);
            }
            all.insert(id, shown);
        }
        Ok(all)
    }

    async fn stock(&self, ctx: &Ctx, products: &[Product]) -> Result<Stock> {
        let variants: Vec<String> = products
            .iter()
            .flat_map(|product| product.variants.iter().map(|variant| variant.id.clone()))
            .collect();
        let mut stock = HashMap::with_capacity(variants.len());
        for some in variants.chunks(AVAILABILITY_MAX) {
            let request =
                GetAvailabilityRequest { variant_ids: some.to_vec(), ..GetAvailabilityRequest::default() };
            let answer = self.inventory.get_availability(ctx, request).await?;
            stock.extend(answer.items.into_iter().map(|item| (item.variant_id.clone(), item)));
        }
        Ok(stock)
    }
}
