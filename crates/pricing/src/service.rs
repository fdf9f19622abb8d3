//! Implements the contract: check, load, decide, answer.

use std::sync::Arc;

use argosy_contracts::{
    catalog::{CatalogClient, ResolveVariantsRequest},
    pricing::{
        ListCampaignsRequest, ListCampaignsResponse, ListPromotionsRequest, ListPromotionsResponse,
        ListShippingZonesRequest, ListShippingZonesResponse, ListTaxZonesRequest, ListTaxZonesResponse,
        PricingApi, PutCampaignsRequest, PutCampaignsResponse, PutPromotionsRequest, PutPromotionsResponse,
        PutShippingZonesRequest, PutShippingZonesResponse, PutTaxZonesRequest, PutTaxZonesResponse,
        QuoteRequest, QuoteResponse, RedeemCodesRequest, RedeemCodesResponse, ReleaseCodesRequest,
        ReleaseCodesResponse,
    },
};
use argosy_kernel::{Clock, Ctx, PageRequest, Result};
use async_trait::async_trait;

use crate::{
    domain::{AskedCode, QuoteInput, ShippingInput, quote},
    messages::quote as quote_messages,
    messages::{
        campaign, promotion,
        quote::{QuoteAsked, Variants},
        shipping, tax,
    },
    rules::CurrentRules,
    store::Store,
};

const PROMOTIONS_LISTED: u32 = 50;

/// The pricing service.
pub(crate) struct PricingService {
    pub(crate) store: Store,
    pub(crate) rules: CurrentRules,
    pub(crate) catalog: CatalogClient,
    pub(crate) clock: Arc<dyn Clock>,
}

impl PricingService {
    async fn variants(&self, ctx: &Ctx, asked: &QuoteAsked) -> Result<Variants> {
        let mut variant_ids: Vec<String> = asked.lines.iter().map(|line| line.variant_id.clone()).collect();
        variant_ids.sort_unstable();
        variant_ids.dedup();
        if variant_ids.is_empty() {
            return Ok(Variants::new());
        }
        let request = ResolveVariantsRequest { variant_ids, currency: asked.currency.code().to_owned() };
        let answer = self.catalog.resolve_variants(ctx, request).await?;
        Ok(answer.variants.into_iter().map(|variant| (variant.variant_id.clone(), variant)).collect())
    }

    async fn codes(&self, asked: &QuoteAsked) -> Result<Vec<AskedCode>> {
        if asked.codes.is_empty() {
            return Ok(Vec::new());
        }
        let codes: Vec<_> = asked.codes.iter().map(|(_, code)| code).collect();
        Ok(quote_messages::codes(asked, &self.store.promotions(&codes).await?))
    }
}

#[async_trait]
impl PricingApi for PricingService {
    async fn quote(&self, ctx: &Ctx, request: QuoteRequest) -> Result<QuoteResponse> {
        let asked = quote_messages::read(request)?;
        let (variants, codes) = tokio::try_join!(self.variants(ctx, &asked), self.codes(&asked))?;
        let rules = self.rules.get();
        let (campaigns, country) = (&rules.campaigns, rules.country_of(asked.destination.as_ref()));
        let (tax, shipping) = match &asked.destination {
            None => (rules.tax_at_home(), None),
            Some((country, region)) => {
                let chosen_id = asked.shipping_option_id.as_str();
                let shipping = ShippingInput { zones: &rules.shipping, country: *country, chosen_id };
                (rules.tax_at(*country, region), Some(shipping))
            }
        };
        let lines = quote_messages::lines(&asked, &variants)?;
        let now = self.clock.now();
        let currency = asked.currency;
        let input = QuoteInput { currency, lines, campaigns, country, codes, tax, shipping, now };
        let quoted = quote(&input)?;
        Ok(QuoteResponse { quote: Some(quote_messages::message(quoted, &asked, &variants)) })
    }

    async fn redeem_codes(&self, _ctx: &Ctx, request: RedeemCodesRequest) -> Result<RedeemCodesResponse> {
        let redemption_id = promotion::redemption_id(&request.redemption_id)?;
        let uses = promotion::uses(&request)?;
        if !uses.is_empty() {
            self.store.redeem(&redemption_id, &uses).await?;
        }
        Ok(RedeemCodesResponse {})
    }

    async fn release_codes(&self, _ctx: &Ctx, request: ReleaseCodesRequest) -> Result<ReleaseCodesResponse> {
        let redemption_id = promotion::redemption_id(&request.redemption_id)?;
        self.store.release(&redemption_id).await?;
        Ok(ReleaseCodesResponse {})
    }

    async fn put_promotions(
        &self,
        _ctx: &Ctx,
        request: PutPromotionsRequest,
    ) -> Result<PutPromotionsResponse> {
        let put = self.store.put_promotions(&promotion::promotions(&request)?).await?;
        Ok(PutPromotionsResponse { promotions: put.iter().map(promotion::message).collect() })
    }

    async fn list_promotions(
        &self,
        _ctx: &Ctx,
        request: ListPromotionsRequest,
    ) -> Result<ListPromotionsResponse> {
        let page = PageRequest::new(request.limit, &request.cursor, PROMOTIONS_LISTED)?;
        let page = self.store.promotion_page(page).await?;
        Ok(ListPromotionsResponse {
            promotions: page.items.iter().map(promotion::message).collect(),
            next: page.next.map_or_else(String::new, String::from),
        })
    }

    async fn put_campaigns(&self, _ctx: &Ctx, request: PutCampaignsRequest) -> Result<PutCampaignsResponse> {
        let campaigns = self.store.put_campaigns(campaign::campaigns(request)?).await?;
        self.rules.reload().await?;
        Ok(PutCampaignsResponse { campaigns })
    }

    async fn list_campaigns(
        &self,
        _ctx: &Ctx,
        _request: ListCampaignsRequest,
    ) -> Result<ListCampaignsResponse> {
        Ok(ListCampaignsResponse { campaigns: self.store.campaigns().await? })
    }

    async fn put_tax_zones(&self, _ctx: &Ctx, request: PutTaxZonesRequest) -> Result<PutTaxZonesResponse> {
        self.store.replace_tax_zones(&tax::zones(&request)?).await?;
        self.rules.reload().await?;
        Ok(PutTaxZonesResponse {})
    }

    async fn list_tax_zones(
        &self,
        _ctx: &Ctx,
        _request: ListTaxZonesRequest,
    ) -> Result<ListTaxZonesResponse> {
        let zones = self.store.tax_zones().await?;
        Ok(ListTaxZonesResponse { zones: zones.into_iter().map(tax::message).collect() })
    }

    async fn put_shipping_zones(
        &self,
        _ctx: &Ctx,
        request: PutShippingZonesRequest,
    ) -> Result<PutShippingZonesResponse> {
        self.store.replace_shipping_zones(&shipping::zones(&request)?).await?;
        self.rules.reload().await?;
        Ok(PutShippingZonesResponse {})
    }

    async fn list_shipping_zones(
        &self,
        _ctx: &Ctx,
        _request: ListShippingZonesRequest,
    ) -> Result<ListShippingZonesResponse> {
        let zones = self.store.shipping_zones().await?;
        Ok(ListShippingZonesResponse { zones: zones.into_iter().map(shipping::message).collect() })
    }
}
