//! Services that answer from one state in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use argosy_contracts::{
    cart::*,
    catalog::*,
    common::{Money, TotalLine},
    inventory::*,
    orders::{Checkout, Order},
    pricing::*,
    search::*,
};
use argosy_kernel::{CartId, Ctx, Error, Result, VariantId};
use argosy_testkit::not_asked;
use async_trait::async_trait;

/// What the pretended services know.
pub struct State {
    pub products: Vec<Product>,
    pub categories: Vec<Category>,
    pub collections: Vec<Collection>,
    pub facets: Vec<Facet>,
    pub next: String,
    pub stock: Vec<Availability>,
    pub cart: Option<CartDocument>,
    pub keys: Vec<String>,
    pub checkout: Option<Checkout>,
    pub orders: Vec<Order>,
    pub fails: Option<Error>,
    pub queries: usize,
    /// The publishable key of a card provider; empty: there is none.
    pub card_key: String,
    /// The tokens that were paid with.
    pub tokens: Vec<String>,
    /// What the visitor's wallet holds, and the wallets that were opened.
    pub saved: Vec<argosy_contracts::payments::SavedMethod>,
    pub opened: Vec<String>,
    /// The wallets that were paid with, and whether what paid was to be remembered.
    pub wallets: Vec<(String, bool)>,
    /// As in a release before wallets.
    pub without_wallets: bool,
    /// Where the bank wants the buyer; empty: nowhere.
    pub bank: String,
    /// What variants cost at least before, by id.
    pub lowest: HashMap<String, i64>,
    pub attributes: Vec<AttributeDefinition>,
    pub locations: Vec<Location>,
    pub markets: Vec<Market>,
    /// What price lists say, by market and variant.
    pub listed: HashMap<(String, String), VariantPrice>,
    /// The markets that prices were asked for.
    pub markets_priced: Vec<String>,
    /// What lines can be wrapped in.
    pub wraps: Vec<String>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            products: vec![product("lamp", "Harbour lamp", &[("Brass", 4_900), ("Copper", 5_900)])],
            categories: vec![category("cat_1", "light", "Light", "")],
            collections: Vec::new(),
            facets: Vec::new(),
            next: String::new(),
            stock: Vec::new(),
            cart: None,
            keys: Vec::new(),
            checkout: None,
            orders: Vec::new(),
            fails: None,
            card_key: String::new(),
            tokens: Vec::new(),
            saved: Vec::new(),
            opened: Vec::new(),
            wallets: Vec::new(),
            without_wallets: false,
            bank: String::new(),
            queries: 0,
            lowest: HashMap::new(),
            attributes: Vec::new(),
            locations: Vec::new(),
            markets: Vec::new(),
            listed: HashMap::new(),
            markets_priced: Vec::new(),
            wraps: Vec::new(),
        }
    }
}

pub fn eur(minor: i64) -> Money {
    Money { minor, currency: "EUR".to_owned() }
}

/// The id of a product's nth variant.
pub fn variant_id(handle: &str, index: usize) -> String {
    let mut bytes = [7; 16];
    for (place, byte) in bytes.iter_mut().zip(handle.bytes()) {
        *place = byte;
    }
    bytes[15] = u8::try_from(index).unwrap();
    VariantId::from_bytes(bytes).to_string()
}

pub fn category(id: &str, handle: &str, title: &str, parent: &str) -> Category {
    Category {
        id: id.to_owned(),
        handle: handle.to_owned(),
        title: title.to_owned(),
        parent_id: parent.to_owned(),
        ..Category::default()
    }
}

/// An active product with one option, whose values cost what is said.
pub fn product(handle: &str, title: &str, finishes: &[(&str, i64)]) -> Product {
    let variants = finishes.iter().enumerate().map(|(index, (finish, minor))| Variant {
        id: variant_id(handle, index),
        sku: format!("{handle}-{index}").to_uppercase(),
        title: (*finish).to_owned(),
        option_values: vec![(*finish).to_owned()],
        prices: vec![Price { amount: Some(eur(*minor)), compare_at: None, per_unit: None }],
        requires_shipping: true,
        ..Variant::default()
    });
    Product {
        id: format!("prod_{handle}"),
        handle: handle.to_owned(),
        title: title.to_owned(),
        description_html: "<p>Turned by hand.</p>".to_owned(),
        vendor: "Argo Works".to_owned(),
        status: "active".to_owned(),
        category_ids: vec!["cat_1".to_owned()],
        options: vec![ProductOption {
            name: "Finish".to_owned(),
            values: finishes.iter().map(|(finish, _)| (*finish).to_owned()).collect(),
        }],
        variants: variants.collect(),
        version: 1,
        ..Product::default()
    }
}

#[derive(Clone)]
pub(super) struct Fake(pub(super) Arc<Mutex<State>>);

impl Fake {
    pub(super) fn state(&self) -> Result<std::sync::MutexGuard<'_, State>> {
        let state = self.0.lock().unwrap();
        state.fails.clone().map_or(Ok(state), Err)
    }
}

#[async_trait]
impl CatalogApi for Fake {
    async fn get_products(&self, _: &Ctx, request: GetProductsRequest) -> Result<GetProductsResponse> {
        let state = self.state()?;
        let wanted = |product: &&Product| {
            request.ids.contains(&product.id) || request.handles.contains(&product.handle)
        };
        Ok(GetProductsResponse { products: state.products.iter().filter(wanted).cloned().collect() })
    }

    async fn scan_products(&self, _: &Ctx, request: ScanProductsRequest) -> Result<ScanProductsResponse> {
        let state = self.state()?;
        let later = state.products.iter().filter(|product| product.id > request.after_id);
        Ok(ScanProductsResponse { products: later.take(request.limit as usize).cloned().collect() })
    }

    async fn list_categories(&self, _: &Ctx, _: ListCategoriesRequest) -> Result<ListCategoriesResponse> {
        Ok(ListCategoriesResponse { categories: self.state()?.categories.clone() })
    }

    async fn list_collections(&self, _: &Ctx, _: ListCollectionsRequest) -> Result<ListCollectionsResponse> {
        Ok(ListCollectionsResponse { collections: self.state()?.collections.clone() })
    }

    async fn list_attributes(&self, _: &Ctx, _: ListAttributesRequest) -> Result<ListAttributesResponse> {
        Ok(ListAttributesResponse { attributes: self.state()?.attributes.clone() })
    }

    async fn lowest_prices(&self, _: &Ctx, request: LowestPricesRequest) -> Result<LowestPricesResponse> {
        let state = self.state()?;
        let known = |variant_id: String| {
            let minor = *state.lowest.get(&variant_id)?;
            Some(LowestPrice { variant_id, amount: Some(eur(minor)) })
        };
        Ok(LowestPricesResponse { prices: request.variant_ids.into_iter().filter_map(known).collect() })
    }

    not_asked! {
        resolve_variants(ResolveVariantsRequest) -> ResolveVariantsResponse;
        price_history(PriceHistoryRequest) -> PriceHistoryResponse;
        put_products(PutProductsRequest) -> PutProductsResponse;
        set_product_status(SetProductStatusRequest) -> SetProductStatusResponse;
        put_categories(PutCategoriesRequest) -> PutCategoriesResponse;
        list_members(ListMembersRequest) -> ListMembersResponse;
        put_collections(PutCollectionsRequest) -> PutCollectionsResponse;
        put_attributes(PutAttributesRequest) -> PutAttributesResponse;
    }
}

#[async_trait]
impl SearchApi for Fake {
    async fn query(&self, _: &Ctx, request: QueryRequest) -> Result<QueryResponse> {
        let mut state = self.state()?;
        state.queries += 1;
        let found = state.products.iter().filter(|product| {
            product.status == "active" && product.title.to_lowercase().contains(&request.text.to_lowercase())
        });
        let product_ids: Vec<String> =
            found.map(|product| product.id.clone()).take(request.limit.max(1) as usize).collect();
        Ok(QueryResponse {
            matches: product_ids.len() as u64,
            product_ids,
            next: state.next.clone(),
            facets: state.facets.clone(),
            corrected: String::new(),
            marks: Vec::new(),
        })
    }

    async fn suggest(&self, _: &Ctx, request: SuggestRequest) -> Result<SuggestResponse> {
        let suggestion =
            Suggestion { text: request.text, kind: "product".to_owned(), handle: "lamp".to_owned() };
        Ok(SuggestResponse { suggestions: vec![suggestion] })
    }

    async fn status(&self, _: &Ctx, _: StatusRequest) -> Result<StatusResponse> {
        Ok(StatusResponse { products: 0, position: i64::MAX })
    }

    not_asked! { rebuild(RebuildRequest) -> RebuildResponse; }
}

#[async_trait]
impl InventoryApi for Fake {
    async fn get_availability(
        &self,
        _: &Ctx,
        request: GetAvailabilityRequest,
    ) -> Result<GetAvailabilityResponse> {
        let state = self.state()?;
        let plenty = |variant_id: String| {
            let known = state.stock.iter().find(|stock| stock.variant_id == variant_id).cloned();
            known.unwrap_or(Availability {
                variant_id,
                available: 5,
                tracked: true,
                ..Availability::default()
            })
        };
        let items = request.variant_ids.into_iter().map(plenty).collect();
        Ok(GetAvailabilityResponse { items, ..GetAvailabilityResponse::default() })
    }

    async fn list_locations(&self, _: &Ctx, _: ListLocationsRequest) -> Result<ListLocationsResponse> {
        Ok(ListLocationsResponse { locations: self.state()?.locations.clone() })
    }

    not_asked! {
        reserve(ReserveRequest) -> ReserveResponse;
        commit(CommitRequest) -> CommitResponse;
        release(ReleaseRequest) -> ReleaseResponse;
        get_reservation(GetReservationRequest) -> GetReservationResponse;
        adjust(AdjustRequest) -> AdjustResponse;
        set_levels(SetLevelsRequest) -> SetLevelsResponse;
        set_backorders(SetBackordersRequest) -> SetBackordersResponse;
        put_locations(PutLocationsRequest) -> PutLocationsResponse;
        list_movements(ListMovementsRequest) -> ListMovementsResponse;
    }
}

/// What lines cost: 49 euros apiece.
pub(super) fn quote_of(cart: &CartDocument, products: &[Product]) -> Quote {
    let line = |line: &CartLine| {
        let found = products
            .iter()
            .flat_map(|product| product.variants.iter().map(move |variant| (product, variant)))
            .find(|(_, variant)| variant.id == line.variant_id)?;
        Some(QuotedLine {
            line_id: line.id.clone(),
            variant_id: line.variant_id.clone(),
            handle: found.0.handle.clone(),
            title: found.0.title.clone(),
            variant_title: found.1.title.clone(),
            quantity: line.quantity,
            unit_price: Some(eur(4_900)),
            subtotal: Some(eur(4_900 * line.quantity)),
            total: Some(eur(4_900 * line.quantity)),
            ..QuotedLine::default()
        })
    };
    let lines: Vec<QuotedLine> = cart.lines.iter().filter_map(line).collect();
    let sum = lines.iter().filter_map(|line| line.total.as_ref()).map(|money| money.minor).sum();
    let total =
        |kind: &str| TotalLine { kind: kind.to_owned(), label: String::new(), amount: Some(eur(sum)) };
    Quote {
        currency: "EUR".to_owned(),
        lines,
        totals: vec![total("subtotal"), total("total")],
        total: Some(eur(sum)),
        tax_included: true,
        requires_shipping: true,
        ..Quote::default()
    }
}

/// What lines that are wrapped cost, 3.50 apiece.
fn wrapped(cart: &CartDocument) -> Vec<QuotedFee> {
    let fee = |line: &CartLine| QuotedFee {
        name: line.wrap.clone(),
        title: format!("<{}>", line.wrap),
        kind: "wrap".to_owned(),
        line_id: line.id.clone(),
        quantity: line.quantity,
        amount: Some(eur(350 * line.quantity)),
        ..QuotedFee::default()
    };
    cart.lines.iter().filter(|line| !line.wrap.is_empty()).map(fee).collect()
}

impl State {
    fn view(&self) -> CartView {
        let cart = self.cart.clone();
        let quote = cart.as_ref().map(|cart| {
            let quote = quote_of(cart, &self.products);
            Quote { wraps: self.offers(cart), fees: wrapped(cart), ..quote }
        });
        CartView { cart, quote, notices: Vec::new() }
    }

    /// All lines can be wrapped in all there is, for 3.50 apiece.
    fn offers(&self, cart: &CartDocument) -> Vec<WrapOffer> {
        let offer = |name: &String| WrapOffer {
            name: name.clone(),
            title: format!("<{name}>"),
            unit_price: Some(eur(350)),
            pieces_max: 0,
            message_length_max: 40,
            line_ids: cart.lines.iter().map(|line| line.id.clone()).collect(),
        };
        self.wraps.iter().map(offer).collect()
    }

    fn apply(&mut self, command: Command) -> Result<()> {
        let known: Vec<String> = self
            .products
            .iter()
            .flat_map(|product| product.variants.iter().map(|one| one.id.clone()))
            .collect();
        let cart = self.cart.get_or_insert_default();
        match command.command.unwrap() {
            command::Command::AddLine(line) if !known.contains(&line.variant_id) => {
                return Err(Error::not_found("VARIANT_NOT_FOUND", "there is no such variant"));
            }
            command::Command::AddLine(line) => cart.lines.push(CartLine {
                id: format!("line_{}", cart.lines.len() + 1),
                variant_id: line.variant_id,
                quantity: line.quantity,
                ..CartLine::default()
            }),
            command::Command::SetQuantity(set) if !(0..=9_999).contains(&set.quantity) => {
                let message = "must be from 0 to 9999";
                return Err(Error::invalid_field("/commands/0/quantity", message));
            }
            command::Command::SetQuantity(set) => {
                cart.lines
                    .iter_mut()
                    .filter(|line| line.id == set.line_id)
                    .for_each(|line| line.quantity = set.quantity);
                cart.lines.retain(|line| line.quantity > 0);
            }
            command::Command::AddCode(add) => cart.codes.push(add.code),
            command::Command::RemoveCode(remove) => cart.codes.retain(|code| *code != remove.code),
            command::Command::SetCurrency(set) => (cart.currency, cart.market) = (set.currency, set.market),
            command::Command::SetWrap(set) if !set.wrap.is_empty() && !self.wraps.contains(&set.wrap) => {
                return Err(Error::invalid_field("/commands/0/wrap", "is no wrap"));
            }
            command::Command::SetWrap(set) => {
                for line in cart.lines.iter_mut().filter(|line| line.id == set.line_id) {
                    (line.wrap, line.wrap_message) = (set.wrap.clone(), set.message.clone());
                }
            }
            command::Command::RemoveLine(_) => {}
        }
        Ok(())
    }
}

#[async_trait]
impl CartApi for Fake {
    async fn create_cart(&self, ctx: &Ctx, request: CreateCartRequest) -> Result<CartView> {
        let mut state = self.state()?;
        let (id, currency, market) = (CartId::new().to_string(), request.currency, request.market);
        state.cart = Some(CartDocument { id, currency, market, ..CartDocument::default() });
        state.keys.extend(ctx.idempotency_key.as_deref().map(str::to_owned));
        for line in request.lines {
            state.apply(Command { command: Some(command::Command::AddLine(line)) })?;
        }
        Ok(state.view())
    }

    async fn get_cart(&self, _: &Ctx, _: GetCartRequest) -> Result<CartView> {
        let state = self.state()?;
        if state.cart.is_none() {
            return Err(Error::not_found("CART_NOT_FOUND", "there is no such cart"));
        }
        Ok(state.view())
    }

    async fn apply_commands(&self, ctx: &Ctx, request: ApplyCommandsRequest) -> Result<CartView> {
        let mut state = self.state()?;
        state.keys.extend(ctx.idempotency_key.as_deref().map(str::to_owned));
        for command in request.commands {
            state.apply(command)?;
        }
        Ok(state.view())
    }

    not_asked! {
        merge_carts(MergeCartsRequest) -> CartView;
        complete_cart(CompleteCartRequest) -> CompleteCartResponse;
    }
}

#[async_trait]
impl PricingApi for Fake {
    async fn list_shipping_zones(
        &self,
        _: &Ctx,
        _: ListShippingZonesRequest,
    ) -> Result<ListShippingZonesResponse> {
        let countries = ["DE", "FR", "GB"].map(str::to_owned).to_vec();
        let zone = ShippingZone { name: "Near".to_owned(), countries, rates: Vec::new() };
        Ok(ListShippingZonesResponse { zones: vec![zone] })
    }

    async fn list_markets(&self, _: &Ctx, _: ListMarketsRequest) -> Result<ListMarketsResponse> {
        Ok(ListMarketsResponse { markets: self.state()?.markets.clone() })
    }

    async fn price_variants(&self, _: &Ctx, request: PriceVariantsRequest) -> Result<PriceVariantsResponse> {
        let mut state = self.state()?;
        state.markets_priced.push(request.market.clone());
        let known = |variant: &PricedVariant| {
            let variant_id = variant.variant_id.clone();
            let listed = state.listed.get(&(request.market.clone(), variant_id.clone()))?;
            Some(VariantPrice { variant_id, ..listed.clone() })
        };
        let prices = request.variants.iter().filter_map(known).collect();
        Ok(PriceVariantsResponse { market: request.market, prices })
    }

    not_asked! {
        quote(QuoteRequest) -> QuoteResponse;
        redeem_codes(RedeemCodesRequest) -> RedeemCodesResponse;
        release_codes(ReleaseCodesRequest) -> ReleaseCodesResponse;
        generate_codes(GenerateCodesRequest) -> GenerateCodesResponse;
        make_group_codes(MakeGroupCodesRequest) -> MakeGroupCodesResponse;
        switch_group_codes(SwitchGroupCodesRequest) -> SwitchGroupCodesResponse;
        list_group_codes(ListGroupCodesRequest) -> ListGroupCodesResponse;
        put_promotions(PutPromotionsRequest) -> PutPromotionsResponse;
        put_campaigns(PutCampaignsRequest) -> PutCampaignsResponse;
        list_campaigns(ListCampaignsRequest) -> ListCampaignsResponse;
        list_promotions(ListPromotionsRequest) -> ListPromotionsResponse;
        put_tax_zones(PutTaxZonesRequest) -> PutTaxZonesResponse;
        list_tax_zones(ListTaxZonesRequest) -> ListTaxZonesResponse;
        put_shipping_zones(PutShippingZonesRequest) -> PutShippingZonesResponse;
        put_markets(PutMarketsRequest) -> PutMarketsResponse;
        put_fees(PutFeesRequest) -> PutFeesResponse;
        list_fees(ListFeesRequest) -> ListFeesResponse;
        put_price_lists(PutPriceListsRequest) -> PutPriceListsResponse;
        list_price_lists(ListPriceListsRequest) -> ListPriceListsResponse;
        put_list_prices(PutListPricesRequest) -> PutListPricesResponse;
        list_list_prices(ListListPricesRequest) -> ListListPricesResponse;
    }
}
