//! A catalogue and an inventory in memory, as far as the search service asks them.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use argosy_contracts::{
    catalog::{
        AttributeDefinition, CatalogApi, Category, Collection, CollectionMembers, GetProductsRequest,
        GetProductsResponse, ListAttributesRequest, ListAttributesResponse, ListCategoriesRequest,
        ListCategoriesResponse, ListCollectionsRequest, ListCollectionsResponse, ListMembersRequest,
        ListMembersResponse, LowestPricesRequest, LowestPricesResponse, PriceHistoryRequest,
        PriceHistoryResponse, Product, PutAttributesRequest, PutAttributesResponse, PutCategoriesRequest,
        PutCategoriesResponse, PutCollectionsRequest, PutCollectionsResponse, PutProductsRequest,
        PutProductsResponse, ResolveVariantsRequest, ResolveVariantsResponse, ScanProductsRequest,
        ScanProductsResponse, SetProductStatusRequest, SetProductStatusResponse,
    },
    inventory::{
        AdjustRequest, AdjustResponse, Availability, CommitRequest, CommitResponse, GetAvailabilityRequest,
        GetAvailabilityResponse, GetReservationRequest, GetReservationResponse, InventoryApi,
        ListLocationsRequest, ListLocationsResponse, ListMovementsRequest, ListMovementsResponse,
        PutLocationsRequest, PutLocationsResponse, ReleaseRequest, ReleaseResponse, ReserveRequest,
        ReserveResponse, SetBackordersRequest, SetBackordersResponse, SetLevelsRequest, SetLevelsResponse,
    },
};
use argosy_kernel::{Ctx, Result};
use argosy_testkit::not_asked;
use async_trait::async_trait;

/// Where the fake catalogue has its products from.
pub(crate) trait Products: Send + Sync + 'static {
    /// Those with ids after one, in order.
    fn after(&self, id: &str, limit: usize) -> Vec<Product>;
    /// One by id.
    fn by_id(&self, id: &str) -> Option<Product>;
}

/// Products in a map.
#[derive(Default)]
#[allow(dead_code, reason = "the measurement generates its products")]
pub(crate) struct Shelf(pub(crate) Mutex<BTreeMap<String, Product>>);

impl Products for Shelf {
    fn after(&self, id: &str, limit: usize) -> Vec<Product> {
        let products = self.0.lock().unwrap();
        products.values().filter(|product| product.id.as_str() > id).take(limit).cloned().collect()
    }

    fn by_id(&self, id: &str) -> Option<Product> {
        self.0.lock().unwrap().get(id).cloned()
    }
}

/// The fake. It counts how often it was asked.
pub(crate) struct Shop<P> {
    pub(crate) products: P,
    pub(crate) categories: Mutex<Vec<Category>>,
    pub(crate) collections: Mutex<Vec<Collection>>,
    /// Product ids in order, by the collection's id.
    pub(crate) members: Mutex<BTreeMap<String, Vec<String>>>,
    pub(crate) members_read: AtomicUsize,
    pub(crate) attributes: Mutex<Vec<AttributeDefinition>>,
    pub(crate) sold_out: Mutex<HashSet<String>>,
    pub(crate) scanned: AtomicUsize,
    pub(crate) read: AtomicUsize,
}

/// The shop as a catalogue and an inventory.
pub(crate) struct Handed<P>(pub(crate) Arc<Shop<P>>);

impl<P: Products> Shop<P> {
    /// A shop with some products.
    pub(crate) fn new(products: P) -> Self {
        Self {
            products,
            categories: Mutex::default(),
            collections: Mutex::default(),
            members: Mutex::default(),
            members_read: AtomicUsize::new(0),
            attributes: Mutex::default(),
            sold_out: Mutex::default(),
            scanned: AtomicUsize::new(0),
            read: AtomicUsize::new(0),
        }
    }
}

#[async_trait]
impl<P: Products> CatalogApi for Handed<P> {
    async fn get_products(&self, _: &Ctx, request: GetProductsRequest) -> Result<GetProductsResponse> {
        assert!(request.include_unpublished && request.ids.len() <= 200);
        self.0.read.fetch_add(request.ids.len(), Ordering::SeqCst);
        let products = request.ids.iter().filter_map(|id| self.0.products.by_id(id)).collect();
        Ok(GetProductsResponse { products })
    }

    async fn scan_products(&self, _: &Ctx, request: ScanProductsRequest) -> Result<ScanProductsResponse> {
        let products = self.0.products.after(&request.after_id, request.limit as usize);
        self.0.scanned.fetch_add(products.len(), Ordering::SeqCst);
        Ok(ScanProductsResponse { products })
    }

    async fn list_categories(&self, _: &Ctx, _: ListCategoriesRequest) -> Result<ListCategoriesResponse> {
        Ok(ListCategoriesResponse { categories: self.0.categories.lock().unwrap().clone() })
    }

    async fn list_collections(&self, _: &Ctx, _: ListCollectionsRequest) -> Result<ListCollectionsResponse> {
        Ok(ListCollectionsResponse { collections: self.0.collections.lock().unwrap().clone() })
    }

    async fn list_members(&self, _: &Ctx, request: ListMembersRequest) -> Result<ListMembersResponse> {
        let members = self.0.members.lock().unwrap();
        let of = |id: &String| CollectionMembers {
            collection_id: id.clone(),
            product_ids: members.get(id).cloned().unwrap_or_default(),
        };
        self.0.members_read.fetch_add(request.collection_ids.len(), Ordering::SeqCst);
        Ok(ListMembersResponse { collections: request.collection_ids.iter().map(of).collect() })
    }

    async fn list_attributes(&self, _: &Ctx, _: ListAttributesRequest) -> Result<ListAttributesResponse> {
        Ok(ListAttributesResponse { attributes: self.0.attributes.lock().unwrap().clone() })
    }

    not_asked! {
        resolve_variants(ResolveVariantsRequest) -> ResolveVariantsResponse;
        put_products(PutProductsRequest) -> PutProductsResponse;
        set_product_status(SetProductStatusRequest) -> SetProductStatusResponse;
        put_categories(PutCategoriesRequest) -> PutCategoriesResponse;
        put_collections(PutCollectionsRequest) -> PutCollectionsResponse;
        put_attributes(PutAttributesRequest) -> PutAttributesResponse;
        lowest_prices(LowestPricesRequest) -> LowestPricesResponse;
        price_history(PriceHistoryRequest) -> PriceHistoryResponse;
    }
}

#[async_trait]
impl<P: Products> InventoryApi for Handed<P> {
    async fn get_availability(
        &self,
        _: &Ctx,
        request: GetAvailabilityRequest,
    ) -> Result<GetAvailabilityResponse> {
        assert!(request.variant_ids.len() <= 500);
        let sold_out = self.0.sold_out.lock().unwrap();
        let items = request.variant_ids.into_iter().map(|variant_id| Availability {
            available: i64::from(!sold_out.contains(&variant_id)),
            tracked: true,
            backorder: false,
            variant_id,
            ..Availability::default()
        });
        Ok(GetAvailabilityResponse { items: items.collect(), ..GetAvailabilityResponse::default() })
    }

    not_asked! {
        reserve(ReserveRequest) -> ReserveResponse;
        commit(CommitRequest) -> CommitResponse;
        release(ReleaseRequest) -> ReleaseResponse;
        adjust(AdjustRequest) -> AdjustResponse;
        set_levels(SetLevelsRequest) -> SetLevelsResponse;
        set_backorders(SetBackordersRequest) -> SetBackordersResponse;
        list_locations(ListLocationsRequest) -> ListLocationsResponse;
        put_locations(PutLocationsRequest) -> PutLocationsResponse;
        list_movements(ListMovementsRequest) -> ListMovementsResponse;
        get_reservation(GetReservationRequest) -> GetReservationResponse;
    }
}
