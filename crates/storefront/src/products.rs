//! Products for grids: found, fetched, and with their stock, in three calls however many there are.

use argosy_contracts::{
    ListedPrices, Selling,
    catalog::{GetProductsRequest, Product},
    inventory::{Availability, GetAvailabilityRequest},
    reprice,
    search::{QueryRequest, QueryResponse},
};
use argosy_kernel::{Ctx, Result};

use crate::{
    edition::Edition,
    shop::Shop,
    view::card::{Card, VARIANTS_CHECKED_MAX},
};

/// The most variants that inventory answers for at once.
const STOCK_MAX: usize = 500;

/// A row of cards, and the tags of the page they stand on.
#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) cards: Vec<Card>,
    pub(crate) tags: Vec<String>,
}

impl Shop {
    /// The cards of what a query finds.
    pub(crate) async fn find(
        &self,
        ctx: &Ctx,
        edition: &Edition,
        request: QueryRequest,
    ) -> Result<(QueryResponse, Shelf)> {
        let found = self.clients.search.query(ctx, request).await?;
        let wanted = GetProductsRequest { ids: found.product_ids.clone(), ..GetProductsRequest::default() };
        Ok((found, self.shelf(ctx, edition, wanted).await?))
    }

    /// The cards of products.
    pub(crate) async fn shelf(
        &self,
        ctx: &Ctx,
        edition: &Edition,
        wanted: GetProductsRequest,
    ) -> Result<Shelf> {
        if wanted.ids.is_empty() && wanted.handles.is_empty() {
            return Ok(Shelf::default());
        }
        let mut products = self.clients.catalog.get_products(ctx, wanted).await?.products;
        self.reprice(ctx, edition, &mut products, 0).await?;
        let checked: Vec<String> = products
            .iter()
            .filter(|product| product.variants.len() <= VARIANTS_CHECKED_MAX)
            .flat_map(|product| product.variants.iter().map(|variant| variant.id.clone()))
            .take(STOCK_MAX)
            .collect();
        let stock = self.stock(ctx, checked.clone()).await?;
        let cards = products.iter().map(|product| Card::of(product, edition, &stock)).collect();
        let tags = products.iter().map(|product| product.id.clone()).chain(checked).collect();
        Ok(Shelf { cards, tags })
    }

    /// Puts the prices of the edition's market in place of the catalogue's, with the lowest of so many days before them.
    pub(crate) async fn reprice(
        &self,
        ctx: &Ctx,
        edition: &Edition,
        products: &mut [Product],
        lowest_days: u32,
    ) -> Result<ListedPrices> {
        let structure = self.structure().await?;
        let market = structure.market_of(edition).map_or("", |market| &market.name);
        let selling = Selling { market, currency: edition.currency, lowest_days };
        reprice(&self.clients.pricing, ctx, products, selling).await
    }

    /// What can be sold of variants.
    pub(crate) async fn stock(&self, ctx: &Ctx, variant_ids: Vec<String>) -> Result<Vec<Availability>> {
        self.stock_of(ctx, GetAvailabilityRequest { variant_ids, ..GetAvailabilityRequest::default() }).await
    }

    /// The same, and where it is.
    pub(crate) async fn stock_by_location(
        &self,
        ctx: &Ctx,
        variant_ids: Vec<String>,
    ) -> Result<Vec<Availability>> {
        let by_location = true;
        let request =
            GetAvailabilityRequest { variant_ids, by_location, ..GetAvailabilityRequest::default() };
        self.stock_of(ctx, request).await
    }

    async fn stock_of(&self, ctx: &Ctx, request: GetAvailabilityRequest) -> Result<Vec<Availability>> {
        if request.variant_ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.clients.inventory.get_availability(ctx, request).await?.items)
    }

    /// A product by its handle, also one that is not shown.
    pub(crate) async fn product(&self, ctx: &Ctx, handle: &str) -> Result<Option<Product>> {
        let request = GetProductsRequest {
            handles: vec![handle.to_owned()],
            include_unpublished: true,
            ..GetProductsRequest::default()
        };
        Ok(self.clients.catalog.get_products(ctx, request).await?.products.into_iter().next())
    }
}
