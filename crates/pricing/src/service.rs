//! Implements the contract: check, load, decide, answer.

use std::sync::Arc;

use argosy_contracts::{
    catalog::{CatalogClient, ResolveVariantsRequest},
    pricing::{
        GenerateCodesRequest, GenerateCodesResponse, ListCampaignsRequest, ListCampaignsResponse,
        ListFeesRequest, ListFeesResponse, ListGroupCodesRequest, ListGroupCodesResponse,
        ListListPricesRequest, ListListPricesResponse, ListMarketsRequest, ListMarketsResponse,
        ListPriceListsRequest, ListPriceListsResponse, ListPromotionsRequest, ListPromotionsResponse,
        ListShippingZonesRequest, ListShippingZonesResponse, ListTaxZonesRequest, ListTaxZonesResponse,
        MakeGroupCodesRequest, MakeGroupCodesResponse, PriceVariantsRequest, PriceVariantsResponse,
        PricingApi, PutCampaignsRequest, PutCampaignsResponse, PutFeesRequest, PutFeesResponse,
        PutListPricesRequest, PutListPricesResponse, PutMarketsRequest, PutMarketsResponse,
        PutPriceListsRequest, PutPriceListsResponse, PutPromotionsRequest, PutPromotionsResponse,
        PutShippingZonesRequest, PutShippingZonesResponse, PutTaxZonesRequest, PutTaxZonesResponse,
        QuoteRequest, QuoteResponse, RedeemCodesRequest, RedeemCodesResponse, ReleaseCodesRequest,
        ReleaseCodesResponse, SwitchGroupCodesRequest, SwitchGroupCodesResponse,
    },
};
use argosy_kernel::{Actor, Clock, Ctx, Error, Money, PageRequest, Result, Timestamp};
use async_trait::async_trait;

use crate::{
    carriers::{Carriers, Wanted},
    domain::{
        AskedCode, Counting, Exemption, FixedPrices, LiveOffer, QuoteInput, ShippingInput, TaxNumber,
        TaxRules, TraceStep, quote,
    },
    error,
    messages::quote as quote_messages,
    messages::{
        campaign, fee, group_code,
        groups::GroupsByCode,
        market, price_list, promotion,
        quote::{QuoteAsked, Variants},
        quoted, shipping, tax,
    },
    rules::{CurrentRules, Rules},
    store::Store,
    tax_engine::{Asked, Asking, TaxQuestion},
};

const PROMOTIONS_LISTED: u32 = 50;

/// The pricing service.
pub(crate) struct PricingService {
    pub(crate) store: Store,
    pub(crate) rules: CurrentRules,
    pub(crate) catalog: CatalogClient,
    pub(crate) clock: Arc<dyn Clock>,
    /// Asked for the rates of checkouts, if the shop wants that.
    pub(crate) asking: Option<Asking>,
    /// Asked for the prices of checkouts that rates of theirs are offered to.
    pub(crate) carriers: Carriers,
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

    /// What an outside engine says of a checkout's place; nothing of a cart's (law 9).
    async fn asked_zone(
        &self,
        ctx: &Ctx,
        asked: &QuoteAsked,
        variants: &Variants,
        rules: &Rules,
        now: Timestamp,
    ) -> Option<Asked> {
        let asking = self.asking.as_ref().filter(|_| asked.for_checkout)?;
        let to = asked.destination.as_ref()?;
        let question = TaxQuestion::new(asked, (variants, &rules.fees), (&rules.home, to), now);
        Some(asking.zone(ctx, &question, rules.taxes.find(to)).await)
    }

    /// What carriers say of a checkout's parcels; `None`: they are to be asked once it is known in which it travels. Nothing of a
    /// cart's (law 9).
    async fn live_offers(
        &self,
        ctx: &Ctx,
        asked: &QuoteAsked,
        variants: &Variants,
        rules: &Rules,
    ) -> Option<Vec<LiveOffer>> {
        let to = asked.destination.as_ref().filter(|_| asked.for_checkout);
        let Some(wanted) = to.and_then(|to| Wanted::of(asked, variants, rules, to)) else {
            return Some(Vec::new());
        };
        if !asked.parcels_planned {
            return None;
        }
        Some(self.carriers.offers(ctx, &wanted).await)
    }

    /// What the lists that count say of the lines: one statement, and none where no such list holds prices.
    async fn fixed_prices(
        &self,
        rules: &Rules,
        lists: &Counting<'_>,
        asked: &QuoteAsked,
    ) -> Result<FixedPrices> {
        let names = rules.holding_prices(lists);
        let variants = asked.lines.iter().map(|line| line.variant_id.clone()).collect();
        self.store.fixed_prices(names, variants, asked.currency).await
    }

    /// Puts the buyer into the groups that codes of the request are of, and takes those codes out of it. One statement, and
    /// none without codes.
    async fn join_groups(&self, asked: &mut QuoteAsked, now: Timestamp) -> Result<GroupsByCode> {
        if asked.codes.is_empty() {
            return Ok(GroupsByCode::default());
        }
        let codes: Vec<_> = asked.codes.iter().map(|(_, code)| code).collect();
        let known = self.store.group_codes(&codes).await?;
        Ok(GroupsByCode::join(asked, &known, now))
    }

    async fn codes(&self, asked: &QuoteAsked) -> Result<Vec<AskedCode>> {
        if asked.codes.is_empty() {
            return Ok(Vec::new());
        }
        let codes: Vec<_> = asked.codes.iter().map(|(_, code)| code).collect();
        let promotions = self.store.promotions(&codes).await?;
        let uses_of_buyer = self.store.uses_of_buyer(&asked.buyer.key, &promotions).await?;
        Ok(quote_messages::codes(asked, &promotions, &uses_of_buyer))
    }
}

#[async_trait]
impl PricingApi for PricingService {
    async fn quote(&self, ctx: &Ctx, request: QuoteRequest) -> Result<QuoteResponse> {
        let mut asked = quote_messages::read(request)?;
        if asked.has_agreed_prices() && !matches!(ctx.actor, Actor::Staff(_) | Actor::System(_)) {
            return Err(error::staff_only("agree on prices"));
        }
        let (rules, now) = (self.rules.get(), self.clock.now());
        let groups = self.join_groups(&mut asked, now).await?;
        let (currency, buyer) = (asked.currency, &asked.buyer);
        let to = asked.destination.as_ref();
        let market = rules.markets.choose(&asked.market, currency, to.map(|to| to.country));
        let name = market.market.map(|market| market.name.as_str());
        let lists = rules.price_lists.counting(name, &buyer.groups, now);
        let fixed = self.fixed_prices(&rules, &lists, &asked);
        let (limited, by_buyer) = rules.campaigns.limited(now);
        let used = self.store.used(limited, by_buyer, (currency, &buyer.key));
        let (variants, codes, fixed, used) =
            tokio::try_join!(self.variants(ctx, &asked), self.codes(&asked), fixed, used)?;
        let place = rules.place(to, market.market);
        let outside = self.asked_zone(ctx, &asked, &variants, &rules, now);
        let (outside, live) = tokio::join!(outside, self.live_offers(ctx, &asked, &variants, &rules));
        let asks_carriers = live.is_none();
        let live = live.unwrap_or_default();
        let shipping = asked.destination.as_ref().map(|destination| ShippingInput {
            zones: &rules.shipping,
            country: destination.country,
            chosen_id: &asked.shipping_option_id,
            parcels: &asked.parcels,
            live: &live,
            agreed: asked.agreed_shipping,
        });
        let exemption = Exemption::of(buyer, rules.home.country, &place);
        let zone = outside.as_ref().and_then(|outside| outside.zone.as_ref());
        let zone = zone.or_else(|| rules.taxes.find(&place));
        let tax = TaxRules::of(zone, rules.gross_prices_in(market.market), exemption, now);
        let notes = tax::notes(TaxNumber::of(buyer, rules.home.country, &place), tax.exemption);
        let lines = quote_messages::lines(&asked, &variants, (&lists, &fixed))?;
        let (campaigns, country) = (&rules.campaigns, place.country);
        let input = QuoteInput {
            currency,
            lines,
            campaigns,
            used: &used,
            fees: &rules.fees,
            country,
            market,
            buyer,
            codes,
            tax,
            shipping,
            now,
        };
        let mut priced = quote(&input)?;
        if let Some(outside) = outside.as_ref() {
            let step = TraceStep::new("tax_engine", outside.told.clone(), Money::zero(currency));
            priced.trace.insert(0, step);
        }
        let at = (&rules.calendar, now);
        let quote = quoted::message(priced, &asked, &variants, notes, market.market, at);
        let mut quote = groups.told(quote);
        quote.asks_carriers = asks_carriers && quote.requires_shipping;
        Ok(QuoteResponse { quote: Some(quote) })
    }

    async fn redeem_codes(&self, _ctx: &Ctx, request: RedeemCodesRequest) -> Result<RedeemCodesResponse> {
        let redemption_id = promotion::redemption_id(&request.redemption_id)?;
        let uses = promotion::uses(&request)?;
        let customer = promotion::buyer_key(&request.customer, "/customer")?;
        let campaigns = promotion::campaign_uses(&request)?;
        if !uses.is_empty() || !campaigns.is_empty() {
            self.store.redeem(&redemption_id, &customer, (&uses, &campaigns)).await?;
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
        let page = self.store.promotion_page(&promotion::pool(&request.pool)?, page).await?;
        Ok(ListPromotionsResponse {
            promotions: page.items.iter().map(promotion::message).collect(),
            next: page.next.map_or_else(String::new, String::from),
        })
    }

    async fn generate_codes(
        &self,
        _ctx: &Ctx,
        request: GenerateCodesRequest,
    ) -> Result<GenerateCodesResponse> {
        let (pool, codes) = promotion::generated(&request)?;
        self.store.generate(&pool, &codes).await?;
        Ok(GenerateCodesResponse { codes: codes.iter().map(ToString::to_string).collect() })
    }

    async fn make_group_codes(
        &self,
        _ctx: &Ctx,
        request: MakeGroupCodesRequest,
    ) -> Result<MakeGroupCodesResponse> {
        let made = group_code::made(&request)?;
        self.store.make_group_codes(&made).await?;
        Ok(MakeGroupCodesResponse { codes: made.iter().map(|made| made.code.to_string()).collect() })
    }

    async fn switch_group_codes(
        &self,
        _ctx: &Ctx,
        request: SwitchGroupCodesRequest,
    ) -> Result<SwitchGroupCodesResponse> {
        let codes = group_code::switched(&request)?;
        match self.store.switch_group_codes(&codes, request.active).await? {
            None => Ok(SwitchGroupCodesResponse {}),
            Some(place) => {
                let missing = error::group_code_not_found(&codes[place]);
                let message = missing.message().to_owned();
                Err(missing.with_field(format!("/codes/{place}"), message))
            }
        }
    }

    async fn list_group_codes(
        &self,
        _ctx: &Ctx,
        request: ListGroupCodesRequest,
    ) -> Result<ListGroupCodesResponse> {
        let page = PageRequest::new(request.limit, &request.cursor, PROMOTIONS_LISTED)?;
        let page = self.store.group_code_page(&group_code::listed(&request.customer_group)?, page).await?;
        Ok(ListGroupCodesResponse {
            codes: page.items.iter().map(group_code::message).collect(),
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
        Ok(ListCampaignsResponse { campaigns: self.store.campaigns_used().await? })
    }

    async fn put_tax_zones(&self, _ctx: &Ctx, request: PutTaxZonesRequest) -> Result<PutTaxZonesResponse> {
        self.store.replace_tax_zones(&tax::zones(&request.zones)?).await?;
        self.rules.reload().await?;
        Ok(PutTaxZonesResponse {})
    }

    async fn list_tax_zones(
        &self,
        _ctx: &Ctx,
        _request: ListTaxZonesRequest,
    ) -> Result<ListTaxZonesResponse> {
        let zones = self.store.tax_zones().await?;
        Ok(ListTaxZonesResponse { zones: zones.iter().map(tax::message).collect() })
    }

    async fn put_shipping_zones(
        &self,
        _ctx: &Ctx,
        request: PutShippingZonesRequest,
    ) -> Result<PutShippingZonesResponse> {
        let zones = shipping::zones(&request)?;
        if let Some((at, name)) = shipping::carriers(&request).find(|(_, name)| !self.carriers.has(name)) {
            return Err(Error::invalid_field(
                at,
                format!("there is no pricing.carriers.{name} in the settings"),
            ));
        }
        self.store.replace_shipping_zones(&zones).await?;
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

    async fn put_markets(&self, _ctx: &Ctx, request: PutMarketsRequest) -> Result<PutMarketsResponse> {
        self.store.replace_markets(&market::markets(&request.markets)?).await?;
        self.rules.reload().await?;
        Ok(PutMarketsResponse {})
    }

    async fn list_markets(&self, _ctx: &Ctx, _request: ListMarketsRequest) -> Result<ListMarketsResponse> {
        let rules = self.rules.get();
        Ok(ListMarketsResponse { markets: rules.markets.all().iter().map(market::message).collect() })
    }

    async fn put_fees(&self, _ctx: &Ctx, request: PutFeesRequest) -> Result<PutFeesResponse> {
        fee::check(&request.fees)?;
        self.store.replace_fees(&request.fees).await?;
        self.rules.reload().await?;
        Ok(PutFeesResponse {})
    }

    async fn list_fees(&self, _ctx: &Ctx, _request: ListFeesRequest) -> Result<ListFeesResponse> {
        Ok(ListFeesResponse { fees: self.store.fees().await? })
    }

    async fn put_price_lists(
        &self,
        _ctx: &Ctx,
        request: PutPriceListsRequest,
    ) -> Result<PutPriceListsResponse> {
        self.store.put_price_lists(&price_list::lists(&request.price_lists)?).await?;
        self.rules.reload().await?;
        Ok(PutPriceListsResponse {})
    }

    async fn list_price_lists(
        &self,
        _ctx: &Ctx,
        _request: ListPriceListsRequest,
    ) -> Result<ListPriceListsResponse> {
        let lists = self.store.price_lists().await?;
        Ok(ListPriceListsResponse { price_lists: lists.iter().map(price_list::message).collect() })
    }

    async fn put_list_prices(
        &self,
        _ctx: &Ctx,
        request: PutListPricesRequest,
    ) -> Result<PutListPricesResponse> {
        let changed = self.store.put_list_prices(&price_list::prices(&request.prices)?).await?;
        if changed > 0 {
            self.rules.reload().await?;
        }
        Ok(PutListPricesResponse { changed: u32::try_from(changed).unwrap_or(u32::MAX) })
    }

    async fn list_list_prices(
        &self,
        _ctx: &Ctx,
        request: ListListPricesRequest,
    ) -> Result<ListListPricesResponse> {
        let (list, limit, cursor) = price_list::page(&request)?;
        let page = self.store.list_price_page(&list, limit, cursor).await?;
        Ok(ListListPricesResponse {
            prices: page.items.into_iter().map(price_list::price_message).collect(),
            next: page.next.map_or_else(String::new, String::from),
        })
    }

    async fn price_variants(
        &self,
        ctx: &Ctx,
        request: PriceVariantsRequest,
    ) -> Result<PriceVariantsResponse> {
        self.priced(ctx, &price_list::asked(request)?).await
    }
}
