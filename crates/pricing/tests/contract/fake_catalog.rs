//! A catalogue that knows what a story tells it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use argosy_contracts::{
    catalog::{
        CatalogApi, GetProductsRequest, GetProductsResponse, ListAttributesRequest, ListAttributesResponse,
        ListCategoriesRequest, ListCategoriesResponse, ListCollectionsRequest, ListCollectionsResponse,
        ListMembersRequest, ListMembersResponse, LowestPricesRequest, LowestPricesResponse, PriceChange,
        PriceHistoryRequest, PriceHistoryResponse, PutAttributesRequest, PutAttributesResponse,
        PutCategoriesRequest, PutCategoriesResponse, PutCollectionsRequest, PutCollectionsResponse,
        PutProductsRequest, PutProductsResponse, ResolveVariantsRequest, ResolveVariantsResponse,
        ResolvedVariant, ScanProductsRequest, ScanProductsResponse, SetProductStatusRequest,
        SetProductStatusResponse, VariantPriceHistory,
    },
    common,
};
use argosy_kernel::{Code, Ctx, Error, ProductId, Result, VariantId};
use async_trait::async_trait;

/// What is for sale, and how often it was asked for.
#[derive(Clone, Default)]
pub(crate) struct FakeCatalog {
    variants: Arc<Mutex<HashMap<String, ResolvedVariant>>>,
    history: Arc<Mutex<HashMap<String, Vec<PriceChange>>>>,
    asked: Arc<AtomicUsize>,
}

impl FakeCatalog {
    /// Offers a variant of 500 g; with `id`, in place of what it was.
    pub(crate) fn offer(
        &self,
        id: VariantId,
        minor: i64,
        currency: &str,
        change: impl FnOnce(&mut ResolvedVariant),
    ) {
        let mut variant = ResolvedVariant {
            variant_id: id.to_string(),
            product_id: ProductId::from_bytes([1; 16]).to_string(),
            handle: "mug".to_owned(),
            sku: "MUG-1".to_owned(),
            title: "Mug".to_owned(),
            price: Some(common::Money { minor, currency: currency.to_owned() }),
            weight_g: 500,
            requires_shipping: true,
            ..ResolvedVariant::default()
        };
        change(&mut variant);
        self.variants.lock().unwrap().insert(variant.variant_id.clone(), variant);
    }

    /// What a variant has cost in EUR since when.
    pub(crate) fn cost(&self, id: VariantId, prices: &[(i64, i64)]) {
        let change = |(at_ms, minor): &(i64, i64)| PriceChange {
            at_ms: *at_ms,
            price: Some(common::Money { minor: *minor, currency: "EUR".to_owned() }),
        };
        self.history.lock().unwrap().insert(id.to_string(), prices.iter().map(change).collect());
    }

    pub(crate) fn times_asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn unused<T>() -> Result<T> {
    Err(Error::new(Code::Unimplemented, "UNUSED", "pricing never asks for this"))
}

#[async_trait]
impl CatalogApi for FakeCatalog {
    async fn resolve_variants(
        &self,
        _: &Ctx,
        request: ResolveVariantsRequest,
    ) -> Result<ResolveVariantsResponse> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let known = self.variants.lock().unwrap();
        let variants = request.variant_ids.iter().filter_map(|id| known.get(id).cloned());
        let in_currency = variants.map(|mut variant| {
            variant.price = variant.price.filter(|price| price.currency == request.currency);
            variant
        });
        Ok(ResolveVariantsResponse { variants: in_currency.collect() })
    }

    async fn get_products(&self, _: &Ctx, _: GetProductsRequest) -> Result<GetProductsResponse> {
        unused()
    }

    async fn scan_products(&self, _: &Ctx, _: ScanProductsRequest) -> Result<ScanProductsResponse> {
        unused()
    }

    async fn put_products(&self, _: &Ctx, _: PutProductsRequest) -> Result<PutProductsResponse> {
        unused()
    }

    async fn set_product_status(
        &self,
        _: &Ctx,
        _: SetProductStatusRequest,
    ) -> Result<SetProductStatusResponse> {
        unused()
    }

    async fn list_categories(&self, _: &Ctx, _: ListCategoriesRequest) -> Result<ListCategoriesResponse> {
        unused()
    }

    async fn put_categories(&self, _: &Ctx, _: PutCategoriesRequest) -> Result<PutCategoriesResponse> {
        unused()
    }

    async fn list_collections(&self, _: &Ctx, _: ListCollectionsRequest) -> Result<ListCollectionsResponse> {
        unused()
    }

    async fn put_collections(&self, _: &Ctx, _: PutCollectionsRequest) -> Result<PutCollectionsResponse> {
        unused()
    }

    async fn list_attributes(&self, _: &Ctx, _: ListAttributesRequest) -> Result<ListAttributesResponse> {
        unused()
    }

    async fn list_members(&self, _: &Ctx, _: ListMembersRequest) -> Result<ListMembersResponse> {
        unused()
    }

    async fn put_attributes(&self, _: &Ctx, _: PutAttributesRequest) -> Result<PutAttributesResponse> {
        unused()
    }

    async fn price_history(&self, _: &Ctx, request: PriceHistoryRequest) -> Result<PriceHistoryResponse> {
        let known = self.history.lock().unwrap();
        let of_variant = |id: &String| {
            let changes = known.get(id)?.clone();
            Some(VariantPriceHistory { variant_id: id.clone(), changes })
        };
        Ok(PriceHistoryResponse { variants: request.variant_ids.iter().filter_map(of_variant).collect() })
    }

    async fn lowest_prices(&self, _: &Ctx, _: LowestPricesRequest) -> Result<LowestPricesResponse> {
        unused()
    }
}
