//! Small stand-ins for the services that carts call: everything costs 10.00 EUR and there are ten of it.

use argosy_contracts::{catalog as c, common, inventory as i, pricing as p};
use argosy_kernel::{Ctx, Error, Result, VariantId};
use async_trait::async_trait;

pub(super) const AVAILABLE: i64 = 10;

pub(super) fn unknown_variant() -> VariantId {
    VariantId::from_bytes([0; 16])
}

pub(super) fn by_the_dozen() -> VariantId {
    VariantId::from_bytes([12; 16])
}

const DOZENS: common::QuantityRule = common::QuantityRule { min: 12, step: 12, max: 24 };

fn not_needed<T>() -> Result<T> {
    Err(Error::internal("carts do not call this"))
}

pub(super) struct Catalog;
pub(super) struct Pricing;
pub(super) struct Inventory;

#[async_trait]
impl c::CatalogApi for Catalog {
    async fn resolve_variants(
        &self,
        _: &Ctx,
        request: c::ResolveVariantsRequest,
    ) -> Result<c::ResolveVariantsResponse> {
        let price = Some(common::Money { minor: 1_000, currency: request.currency });
        let known = request.variant_ids.into_iter().filter(|id| *id != unknown_variant().to_string());
        let variants = known.map(|variant_id| c::ResolvedVariant {
            price: price.clone(),
            quantity_rule: (variant_id == by_the_dozen().to_string()).then_some(DOZENS),
            variant_id,
            ..Default::default()
        });
        Ok(c::ResolveVariantsResponse { variants: variants.collect() })
    }
    async fn get_products(&self, _: &Ctx, _: c::GetProductsRequest) -> Result<c::GetProductsResponse> {
        not_needed()
    }
    async fn scan_products(&self, _: &Ctx, _: c::ScanProductsRequest) -> Result<c::ScanProductsResponse> {
        not_needed()
    }
    async fn put_products(&self, _: &Ctx, _: c::PutProductsRequest) -> Result<c::PutProductsResponse> {
        not_needed()
    }
    async fn set_product_status(
        &self,
        _: &Ctx,
        _: c::SetProductStatusRequest,
    ) -> Result<c::SetProductStatusResponse> {
        not_needed()
    }
    async fn list_categories(
        &self,
        _: &Ctx,
        _: c::ListCategoriesRequest,
    ) -> Result<c::ListCategoriesResponse> {
        not_needed()
    }
    async fn put_categories(&self, _: &Ctx, _: c::PutCategoriesRequest) -> Result<c::PutCategoriesResponse> {
        not_needed()
    }
    async fn list_collections(
        &self,
        _: &Ctx,
        _: c::ListCollectionsRequest,
    ) -> Result<c::ListCollectionsResponse> {
        not_needed()
    }
    async fn put_collections(
        &self,
        _: &Ctx,
        _: c::PutCollectionsRequest,
    ) -> Result<c::PutCollectionsResponse> {
        not_needed()
    }
    async fn list_attributes(
        &self,
        _: &Ctx,
        _: c::ListAttributesRequest,
    ) -> Result<c::ListAttributesResponse> {
        not_needed()
    }
    async fn list_members(&self, _: &Ctx, _: c::ListMembersRequest) -> Result<c::ListMembersResponse> {
        not_needed()
    }
    async fn put_attributes(&self, _: &Ctx, _: c::PutAttributesRequest) -> Result<c::PutAttributesResponse> {
        not_needed()
    }
    async fn lowest_prices(&self, _: &Ctx, _: c::LowestPricesRequest) -> Result<c::LowestPricesResponse> {
        not_needed()
    }
    async fn price_history(&self, _: &Ctx, _: c::PriceHistoryRequest) -> Result<c::PriceHistoryResponse> {
        not_needed()
    }
}

/// How a line was to be wrapped, as an offer, so that a test sees what was asked.
fn asked(line: &p::QuoteLineRequest) -> p::WrapOffer {
    let (name, line_ids) = (line.wrap.clone(), vec![line.line_id.clone()]);
    p::WrapOffer { name, line_ids, message_length_max: line.wrap_message_length, ..Default::default() }
}

#[async_trait]
impl p::PricingApi for Pricing {
    async fn quote(&self, _: &Ctx, request: p::QuoteRequest) -> Result<p::QuoteResponse> {
        Ok(p::QuoteResponse {
            quote: Some(p::Quote {
                currency: request.currency,
                market: request.market,
                wraps: request.lines.iter().filter(|line| !line.wrap.is_empty()).map(asked).collect(),
                ..Default::default()
            }),
        })
    }
    async fn redeem_codes(&self, _: &Ctx, _: p::RedeemCodesRequest) -> Result<p::RedeemCodesResponse> {
        not_needed()
    }
    async fn release_codes(&self, _: &Ctx, _: p::ReleaseCodesRequest) -> Result<p::ReleaseCodesResponse> {
        not_needed()
    }
    async fn put_campaigns(&self, _: &Ctx, _: p::PutCampaignsRequest) -> Result<p::PutCampaignsResponse> {
        not_needed()
    }
    async fn list_campaigns(&self, _: &Ctx, _: p::ListCampaignsRequest) -> Result<p::ListCampaignsResponse> {
        not_needed()
    }
    async fn generate_codes(&self, _: &Ctx, _: p::GenerateCodesRequest) -> Result<p::GenerateCodesResponse> {
        not_needed()
    }
    async fn make_group_codes(
        &self,
        _: &Ctx,
        _: p::MakeGroupCodesRequest,
    ) -> Result<p::MakeGroupCodesResponse> {
        not_needed()
    }
    async fn switch_group_codes(
        &self,
        _: &Ctx,
        _: p::SwitchGroupCodesRequest,
    ) -> Result<p::SwitchGroupCodesResponse> {
        not_needed()
    }
    async fn list_group_codes(
        &self,
        _: &Ctx,
        _: p::ListGroupCodesRequest,
    ) -> Result<p::ListGroupCodesResponse> {
        not_needed()
    }
    async fn put_promotions(&self, _: &Ctx, _: p::PutPromotionsRequest) -> Result<p::PutPromotionsResponse> {
        not_needed()
    }
    async fn list_promotions(
        &self,
        _: &Ctx,
        _: p::ListPromotionsRequest,
    ) -> Result<p::ListPromotionsResponse> {
        not_needed()
    }
    async fn put_tax_zones(&self, _: &Ctx, _: p::PutTaxZonesRequest) -> Result<p::PutTaxZonesResponse> {
        not_needed()
    }
    async fn list_tax_zones(&self, _: &Ctx, _: p::ListTaxZonesRequest) -> Result<p::ListTaxZonesResponse> {
        not_needed()
    }
    async fn put_shipping_zones(
        &self,
        _: &Ctx,
        _: p::PutShippingZonesRequest,
    ) -> Result<p::PutShippingZonesResponse> {
        not_needed()
    }
    async fn list_shipping_zones(
        &self,
        _: &Ctx,
        _: p::ListShippingZonesRequest,
    ) -> Result<p::ListShippingZonesResponse> {
        not_needed()
    }
    async fn put_markets(&self, _: &Ctx, _: p::PutMarketsRequest) -> Result<p::PutMarketsResponse> {
        not_needed()
    }
    async fn list_markets(&self, _: &Ctx, _: p::ListMarketsRequest) -> Result<p::ListMarketsResponse> {
        not_needed()
    }
    async fn put_fees(&self, _: &Ctx, _: p::PutFeesRequest) -> Result<p::PutFeesResponse> {
        not_needed()
    }
    async fn list_fees(&self, _: &Ctx, _: p::ListFeesRequest) -> Result<p::ListFeesResponse> {
        not_needed()
    }
    async fn put_price_lists(&self, _: &Ctx, _: p::PutPriceListsRequest) -> Result<p::PutPriceListsResponse> {
        not_needed()
    }
    async fn list_price_lists(
        &self,
        _: &Ctx,
        _: p::ListPriceListsRequest,
    ) -> Result<p::ListPriceListsResponse> {
        not_needed()
    }
    async fn put_list_prices(&self, _: &Ctx, _: p::PutListPricesRequest) -> Result<p::PutListPricesResponse> {
        not_needed()
    }
    async fn list_list_prices(
        &self,
        _: &Ctx,
        _: p::ListListPricesRequest,
    ) -> Result<p::ListListPricesResponse> {
        not_needed()
    }
    async fn price_variants(&self, _: &Ctx, _: p::PriceVariantsRequest) -> Result<p::PriceVariantsResponse> {
        not_needed()
    }
}

#[async_trait]
impl i::InventoryApi for Inventory {
    async fn get_availability(
        &self,
        _: &Ctx,
        request: i::GetAvailabilityRequest,
    ) -> Result<i::GetAvailabilityResponse> {
        let item = |variant_id| i::Availability {
            variant_id,
            available: AVAILABLE,
            backorder: false,
            tracked: true,
            ..Default::default()
        };
        let items = request.variant_ids.into_iter().map(item).collect();
        Ok(i::GetAvailabilityResponse { items, ..i::GetAvailabilityResponse::default() })
    }
    async fn reserve(&self, _: &Ctx, _: i::ReserveRequest) -> Result<i::ReserveResponse> {
        not_needed()
    }
    async fn commit(&self, _: &Ctx, _: i::CommitRequest) -> Result<i::CommitResponse> {
        not_needed()
    }
    async fn release(&self, _: &Ctx, _: i::ReleaseRequest) -> Result<i::ReleaseResponse> {
        not_needed()
    }
    async fn adjust(&self, _: &Ctx, _: i::AdjustRequest) -> Result<i::AdjustResponse> {
        not_needed()
    }
    async fn set_levels(&self, _: &Ctx, _: i::SetLevelsRequest) -> Result<i::SetLevelsResponse> {
        not_needed()
    }
    async fn set_backorders(&self, _: &Ctx, _: i::SetBackordersRequest) -> Result<i::SetBackordersResponse> {
        not_needed()
    }
    async fn list_locations(&self, _: &Ctx, _: i::ListLocationsRequest) -> Result<i::ListLocationsResponse> {
        not_needed()
    }
    async fn put_locations(&self, _: &Ctx, _: i::PutLocationsRequest) -> Result<i::PutLocationsResponse> {
        not_needed()
    }
    async fn list_movements(&self, _: &Ctx, _: i::ListMovementsRequest) -> Result<i::ListMovementsResponse> {
        not_needed()
    }
    async fn get_reservation(
        &self,
        _: &Ctx,
        _: i::GetReservationRequest,
    ) -> Result<i::GetReservationResponse> {
        not_needed()
    }
}
