//! The contract: check, load, decide, save.

use std::{sync::Arc, time::Duration};

use argosy_contracts::catalog::{
    CatalogApi, CollectionMembers, GetProductsRequest, GetProductsResponse, ListAttributesRequest,
    ListAttributesResponse, ListCategoriesRequest, ListCategoriesResponse, ListCollectionsRequest,
    ListCollectionsResponse, ListMembersRequest, ListMembersResponse, LowestPrice, LowestPricesRequest,
    LowestPricesResponse, PriceChange as WirePriceChange, PriceHistoryRequest, PriceHistoryResponse,
    PutAttributesRequest, PutAttributesResponse, PutCategoriesRequest, PutCategoriesResponse,
    PutCollectionsRequest, PutCollectionsResponse, PutProductsRequest, PutProductsResponse,
    ResolveVariantsRequest, ResolveVariantsResponse, ScanProductsRequest, ScanProductsResponse,
    SetProductStatusRequest, SetProductStatusResponse, VariantPriceHistory,
};
use argosy_kernel::{CollectionId, Ctx, Currency, Error, Money, ProductId, Result, Timestamp, VariantId};
use argosy_platform::tasks::Tasks;
use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::{
    cache::Products,
    contract::output,
    domain::{limits, price::lowest_before_present},
    error,
    store::{Changes, Saved, Store},
};

/// Decisions on one request, when others keep changing what it was decided on.
const DECISIONS_MAX: u32 = 8;
/// The longest time that the lowest price may be asked for.
const DAYS_MAX: u32 = 366;

#[derive(Clone)]
pub(crate) struct CatalogService {
    pub(crate) store: Store,
    pub(crate) products: Products,
    pub(crate) tasks: Tasks,
    turns: Arc<Mutex<()>>,
}

#[async_trait]
impl CatalogApi for CatalogService {
    async fn get_products(&self, _ctx: &Ctx, request: GetProductsRequest) -> Result<GetProductsResponse> {
        let named = request.ids.len() + request.handles.len() + request.skus.len();
        at_most(named, limits::REQUEST_PRODUCTS, "/ids")?;
        // What is no id, or no handle, names no product: it is unknown like any other.
        let mut ids: Vec<ProductId> = request.ids.iter().filter_map(|id| id.parse().ok()).collect();
        ids.extend(self.store.of_skus(request.skus).await?);
        let mut found = self.products.by_ids(&ids).await?;
        found.extend(self.products.by_handles(&request.handles).await?);
        let now = self.store.now();
        found.retain(|product| request.include_unpublished || product.is_shown(now));
        Ok(GetProductsResponse { products: found.iter().map(|product| output::product(product)).collect() })
    }

    async fn resolve_variants(
        &self,
        _ctx: &Ctx,
        request: ResolveVariantsRequest,
    ) -> Result<ResolveVariantsResponse> {
        at_most(request.variant_ids.len(), limits::REQUEST_VARIANTS, "/variant_ids")?;
        let currency: Currency = request.currency.parse().map_err(Error::from)?;
        let ids: Vec<VariantId> = request.variant_ids.iter().filter_map(|id| id.parse().ok()).collect();
        let found = self.products.by_variants(&ids).await?;
        let now = self.store.now();
        let shown = found.iter().filter(|(_, product)| product.is_shown(now));
        let resolved = shown.filter_map(|(id, product)| {
            let variant = product.document.variants.iter().find(|variant| variant.id == *id)?;
            Some(output::resolved(product, variant, currency))
        });
        Ok(ResolveVariantsResponse { variants: resolved.collect() })
    }

    async fn scan_products(&self, _ctx: &Ctx, request: ScanProductsRequest) -> Result<ScanProductsResponse> {
        if request.limit as usize > limits::BATCH_PRODUCTS {
            return Err(Error::invalid_field(
                "/limit",
                format!("must be from 1 to {}", limits::BATCH_PRODUCTS),
            ));
        }
        let limit = if request.limit == 0 { 100 } else { request.limit };
        let page = self.store.scan(&request.after_id, limit).await?;
        Ok(ScanProductsResponse {
            products: page.iter().map(|stored| output::product(&stored.product)).collect(),
        })
    }

    async fn put_products(&self, _ctx: &Ctx, request: PutProductsRequest) -> Result<PutProductsResponse> {
        at_most(request.products.len(), limits::BATCH_PRODUCTS, "/products")?;
        Ok(PutProductsResponse { outcomes: self.put(request).await? })
    }

    async fn set_product_status(
        &self,
        _ctx: &Ctx,
        request: SetProductStatusRequest,
    ) -> Result<SetProductStatusResponse> {
        let product = self.set_status(request.product_id.parse()?, request.status.parse()?).await?;
        Ok(SetProductStatusResponse { product: Some(output::product(&product)) })
    }

    async fn list_categories(
        &self,
        _ctx: &Ctx,
        _request: ListCategoriesRequest,
    ) -> Result<ListCategoriesResponse> {
        let structure = self.store.structure().await?;
        let categories = structure.categories.in_order().into_iter().map(output::category).collect();
        Ok(ListCategoriesResponse { categories })
    }

    async fn put_categories(
        &self,
        _ctx: &Ctx,
        request: PutCategoriesRequest,
    ) -> Result<PutCategoriesResponse> {
        at_most(request.categories.len(), limits::REQUEST_STRUCTURE, "/categories")?;
        Ok(PutCategoriesResponse { categories: self.put_category_tree(request.categories).await? })
    }

    async fn list_collections(
        &self,
        _ctx: &Ctx,
        _request: ListCollectionsRequest,
    ) -> Result<ListCollectionsResponse> {
        let structure = self.store.structure().await?;
        Ok(ListCollectionsResponse {
            collections: structure.collections.iter().map(output::collection).collect(),
        })
    }

    async fn list_members(&self, _ctx: &Ctx, request: ListMembersRequest) -> Result<ListMembersResponse> {
        at_most(request.collection_ids.len(), limits::REQUEST_COLLECTIONS, "/collection_ids")?;
        let ids: Vec<CollectionId> = request.collection_ids.iter().filter_map(|id| id.parse().ok()).collect();
        let mut collections: Vec<CollectionMembers> = Vec::new();
        for (collection, product) in self.store.members(&ids).await? {
            let collection_id = collection.to_string();
            match collections.last_mut().filter(|last| last.collection_id == collection_id) {
                Some(last) => last.product_ids.push(product.to_string()),
                None => {
                    collections
                        .push(CollectionMembers { collection_id, product_ids: vec![product.to_string()] });
                }
            }
        }
        Ok(ListMembersResponse { collections })
    }

    async fn put_collections(
        &self,
        _ctx: &Ctx,
        request: PutCollectionsRequest,
    ) -> Result<PutCollectionsResponse> {
        at_most(request.collections.len(), limits::REQUEST_STRUCTURE, "/collections")?;
        Ok(PutCollectionsResponse { collections: self.put_collection_list(request.collections).await? })
    }

    async fn list_attributes(
        &self,
        _ctx: &Ctx,
        _request: ListAttributesRequest,
    ) -> Result<ListAttributesResponse> {
        let structure = self.store.structure().await?;
        Ok(ListAttributesResponse {
            attributes: structure.attributes.values().map(output::definition).collect(),
        })
    }

    async fn put_attributes(
        &self,
        _ctx: &Ctx,
        request: PutAttributesRequest,
    ) -> Result<PutAttributesResponse> {
        at_most(request.attributes.len(), limits::REQUEST_STRUCTURE, "/attributes")?;
        Ok(PutAttributesResponse { attributes: self.put_definitions(request.attributes).await? })
    }

    async fn lowest_prices(&self, _ctx: &Ctx, request: LowestPricesRequest) -> Result<LowestPricesResponse> {
        at_most(request.variant_ids.len(), limits::REQUEST_VARIANTS, "/variant_ids")?;
        if !(1..=DAYS_MAX).contains(&request.days) {
            return Err(Error::invalid_field("/days", format!("must be from 1 to {DAYS_MAX}")));
        }
        let currency: Currency = request.currency.parse().map_err(Error::from)?;
        let ids: Vec<VariantId> = request.variant_ids.iter().filter_map(|id| id.parse().ok()).collect();
        let history = self.store.price_history(&ids, currency, request.days).await?;
        let lowest = ids.iter().filter_map(|id| {
            let minor = lowest_before_present(history.get(id)?, request.days)?;
            Some(LowestPrice { variant_id: id.to_string(), amount: Some(Money::new(minor, currency).into()) })
        });
        Ok(LowestPricesResponse { prices: lowest.collect() })
    }

    async fn price_history(&self, _ctx: &Ctx, request: PriceHistoryRequest) -> Result<PriceHistoryResponse> {
        at_most(request.variant_ids.len(), limits::REQUEST_VARIANTS, "/variant_ids")?;
        let currency: Currency = request.currency.parse().map_err(Error::from)?;
        let ids: Vec<VariantId> = request.variant_ids.iter().filter_map(|id| id.parse().ok()).collect();
        let since = Timestamp::from_millis(request.since_ms);
        let mut history = self.store.prices_since(&ids, currency, since).await?;
        let of_variant = |id: &VariantId| {
            let changes = history.remove(id)?.into_iter().map(|change| WirePriceChange {
                at_ms: change.at.as_millis(),
                price: change.minor.map(|minor| Money::new(minor, currency).into()),
            });
            Some(VariantPriceHistory { variant_id: id.to_string(), changes: changes.collect() })
        };
        Ok(PriceHistoryResponse { variants: ids.iter().filter_map(of_variant).collect() })
    }
}

impl CatalogService {
    pub(crate) fn new(store: Store, products: Products, tasks: Tasks) -> Self {
        Self { store, products, tasks, turns: Arc::default() }
    }

    /// Writes a decision and drops what it changed from the cache.
    pub(crate) async fn save(&self, changes: Changes) -> Result<Saved> {
        let ids: Vec<ProductId> = changes.revisions.iter().map(|revision| revision.product.id).collect();
        let _writing = self.products.writing(ids);
        self.store.save(changes).await
    }
}

/// Decides and saves, and does so again while others change what was decided on.
///
/// `decide` answers what to write and what to say when it is written.
pub(crate) async fn decide_and_save<T, F>(service: &CatalogService, decide: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<(Changes, T)>> + Send,
{
    let mut turn = None;
    for _ in 0..DECISIONS_MAX {
        let (changes, answer) = decide().await?;
        if service.save(changes).await? == Saved::Done {
            return Ok(answer);
        }
        // Who lost a race waits for a turn, so that losers don't race each other again.
        turn = match turn {
            None => Some(service.turns.lock().await),
            held => held,
        };
    }
    let message = "others keep changing the same things; try again";
    Err(Error::new(argosy_kernel::Code::Aborted, error::CONCURRENT_CHANGE, message)
        .with_retry_after(Duration::from_millis(200)))
}

fn at_most(length: usize, most: usize, pointer: &str) -> Result<()> {
    if length > most {
        Err(Error::invalid_field(pointer, format!("must have at most {most} items")))
    } else {
        Ok(())
    }
}
