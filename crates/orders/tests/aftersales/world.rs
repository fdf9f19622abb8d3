//! The services around: they remember what they were asked for, and do each thing once.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use argosy_contracts::{
    cart::*,
    common::{Money, TotalLine},
    inventory::*,
    payments::*,
    pricing::*,
};
use argosy_kernel::{Actor, CartId, Ctx, Error, LineId, Result, VariantId};
use argosy_testkit::not_asked;
use async_trait::async_trait;

/// What a payment service does with the next movements of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mood {
    #[default]
    Answers,
    /// It does what it is asked for, and its answer is lost.
    AnswersNever,
    /// It does nothing, and does not answer.
    IsAway,
    Refuses,
    /// It does what it is asked for, and whoever asked dies before they hear of it.
    OutlivesWhoAsks,
}

/// Whether anything can be taken out of stock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Stock {
    #[default]
    There,
    Gone,
    /// It is gone, but who asks beforehand is not told so yet.
    JustGone,
}

#[derive(Default)]
pub(crate) struct World {
    pub(crate) cart: Option<CartDocument>,
    pub(crate) intents: BTreeMap<String, Intent>,
    /// Movements of money by payment and reference: each is made once.
    pub(crate) moved: BTreeMap<String, i64>,
    /// Movements of stock by reference.
    pub(crate) adjusted: BTreeMap<String, (String, i64)>,
    pub(crate) mood: Mood,
    /// The payment service is of the release before.
    pub(crate) is_old: bool,
    /// Only movements of payments of this provider fail; empty: all.
    pub(crate) moody: String,
    pub(crate) stock: Stock,
    /// That quotes are made in.
    pub(crate) market: String,
    pub(crate) asked: usize,
    /// How often it was asked for the card of a payment, before money.
    pub(crate) looked: usize,
    /// The first line is a gift.
    pub(crate) wrapped: bool,
    /// Of one unit; 0: 3.00.
    pub(crate) wrap_price: i64,
    /// What a unit costs more than 10.00.
    pub(crate) dearer: i64,
}

#[derive(Clone, Default)]
pub(crate) struct Around(Arc<Mutex<World>>);

impl Around {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    fn mood(&self) -> Mood {
        self.world().mood
    }

    /// What came back into stock of a variant.
    pub(crate) fn restocked(&self, variant: VariantId) -> i64 {
        let id = variant.to_string();
        self.world().adjusted.values().filter(|(of, _)| *of == id).map(|(_, delta)| delta).sum()
    }

    /// What the buyer has paid, and what went back.
    pub(crate) fn money(&self) -> (i64, i64) {
        let minor = |money: &Option<Money>| money.as_ref().map_or(0, |money| money.minor);
        let world = self.world();
        let sum = |of: fn(&Intent) -> &Option<Money>| world.intents.values().map(|one| minor(of(one))).sum();
        (sum(|intent| &intent.captured), sum(|intent| &intent.refunded))
    }

    pub(crate) fn payment_state(&self) -> String {
        self.world().intents.values().next().unwrap().state.clone()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "messages have optional amounts")]
pub(crate) fn eur(minor: i64) -> Option<Money> {
    Some(Money { minor, currency: "EUR".to_owned() })
}

fn minor(money: Option<Money>) -> i64 {
    money.map_or(0, |money| money.minor)
}

#[async_trait]
impl CartApi for Around {
    async fn get_cart(&self, _: &Ctx, _: GetCartRequest) -> Result<CartView> {
        Ok(CartView { cart: self.world().cart.clone(), ..CartView::default() })
    }

    async fn complete_cart(&self, _: &Ctx, _: CompleteCartRequest) -> Result<CompleteCartResponse> {
        Ok(CompleteCartResponse::default())
    }

    async fn create_cart(&self, _: &Ctx, request: CreateCartRequest) -> Result<CartView> {
        assert!(request.lines.is_empty(), "carts are filled by commands");
        let cart = CartDocument {
            id: CartId::new().to_string(),
            currency: "EUR".to_owned(),
            ..CartDocument::default()
        };
        self.world().cart = Some(cart.clone());
        Ok(CartView { cart: Some(cart), ..CartView::default() })
    }

    async fn apply_commands(&self, _: &Ctx, request: ApplyCommandsRequest) -> Result<CartView> {
        let mut world = self.world();
        let cart = world.cart.as_mut().filter(|cart| cart.id == request.cart_id).unwrap();
        for command in request.commands {
            match command.command.unwrap() {
                command::Command::AddLine(AddLine { variant_id, quantity }) => cart.lines.push(CartLine {
                    id: LineId::new().to_string(),
                    variant_id,
                    quantity,
                    ..CartLine::default()
                }),
                command::Command::SetQuantity(SetQuantity { line_id, quantity }) => {
                    cart.lines.iter_mut().find(|line| line.id == line_id).unwrap().quantity = quantity;
                }
                command::Command::RemoveLine(RemoveLine { line_id }) => {
                    cart.lines.retain(|line| line.id != line_id);
                }
                command::Command::AddCode(AddCode { code }) => cart.codes.push(code),
                other => panic!("nobody asks for {other:?}"),
            }
        }
        Ok(CartView { cart: Some(cart.clone()), ..CartView::default() })
    }

    not_asked! {
        merge_carts(MergeCartsRequest) -> CartView;
    }
}

/// A wrap of each unit of the lines that want one, and 1.99 for the order.
fn fees_of(request: &QuoteRequest, world: &World) -> Vec<QuotedFee> {
    let fee = |kind: &str, line_id: &str, quantity, price| QuotedFee {
        name: kind.to_owned(),
        title: kind.to_owned(),
        kind: kind.to_owned(),
        line_id: line_id.to_owned(),
        quantity,
        unit_price: eur(price),
        amount: eur(price * quantity),
        tax: eur(price * quantity * 19 / 119),
        total: eur(price * quantity),
        tax_rate_ppm: 190_000,
    };
    let price = if world.wrap_price == 0 { 300 } else { world.wrap_price };
    let wanted = request.lines.iter().filter(|line| !line.wrap.is_empty());
    let mut fees: Vec<QuotedFee> =
        wanted.map(|line| fee("wrap", &line.line_id, line.quantity, price)).collect();
    fees.extend(world.wrapped.then(|| fee("order", "", 1, 199)));
    fees
}

/// Each unit costs 10.00, three of a line 29.99 (so that it does not split evenly), and delivery 4.90; 19 % of it is tax.
#[async_trait]
impl PricingApi for Around {
    async fn quote(&self, ctx: &Ctx, request: QuoteRequest) -> Result<QuoteResponse> {
        let is_agreed = request.agreed_shipping_price.is_some()
            || request.lines.iter().any(|line| line.agreed_price.is_some());
        assert!(!is_agreed || !matches!(ctx.actor, Actor::Guest), "a guest says what something costs");
        let unit = 1_000 + self.world().dearer;
        let lines: Vec<QuotedLine> = request
            .lines
            .iter()
            .map(|line| {
                let each = line.agreed_price.as_ref().map_or(unit, |agreed| agreed.minor);
                let subtotal = each * line.quantity;
                let discount = if line.quantity == 3 && line.agreed_price.is_none() { -1 } else { 0 };
                QuotedLine {
                    line_id: line.line_id.clone(),
                    variant_id: line.variant_id.clone(),
                    title: "Mug".to_owned(),
                    quantity: line.quantity,
                    unit_price: eur(each),
                    subtotal: eur(subtotal),
                    discount: eur(discount),
                    tax: eur((subtotal + discount) * 19 / 119),
                    total: eur(subtotal + discount),
                    tax_rate_ppm: 190_000,
                    requires_shipping: true,
                    ..QuotedLine::default()
                }
            })
            .collect();
        let sum = |of: fn(&QuotedLine) -> &Option<Money>| -> i64 {
            lines.iter().map(|line| minor(of(line).clone())).sum()
        };
        let (subtotal, discount, tax) = (sum(|l| &l.subtotal), sum(|l| &l.discount), sum(|l| &l.tax));
        let line = |kind: &str, amount| TotalLine {
            kind: kind.to_owned(),
            label: kind.to_owned(),
            amount: eur(amount),
        };
        let fees = fees_of(&request, &self.world());
        let of_fees = |of: fn(&QuotedFee) -> &Option<Money>| -> i64 {
            fees.iter().map(|fee| minor(of(fee).clone())).sum()
        };
        let (fee, tax) = (of_fees(|fee| &fee.total), tax + of_fees(|fee| &fee.tax));
        let agreed = request.agreed_shipping_price.as_ref().map(|agreed| agreed.minor);
        let option = |id: &str, rate: i64| {
            let price = agreed.filter(|_| request.shipping_option_id == id).unwrap_or(rate);
            ShippingOption { id: id.to_owned(), price: eur(price), ..ShippingOption::default() }
        };
        let options = vec![option("post", 490), option("express", 1_290)];
        let chosen =
            options.iter().find(|option| option.id == request.shipping_option_id).unwrap_or(&options[0]);
        let (chosen, shipping) = (chosen.id.clone(), minor(chosen.price.clone()));
        let quote = Quote {
            currency: "EUR".to_owned(),
            market: self.world().market.clone(),
            lines,
            shipping_options: options,
            shipping_option_id: chosen,
            totals: vec![
                line("subtotal", subtotal),
                line("discount", discount),
                line("fee", fee),
                line("shipping", shipping),
                line("tax_included", tax + shipping * 19 / 119),
                line("total", subtotal + discount + fee + shipping),
            ],
            total: eur(subtotal + discount + fee + shipping),
            fees,
            tax_included: true,
            requires_shipping: true,
            ..Quote::default()
        };
        Ok(QuoteResponse { quote: Some(quote) })
    }

    not_asked! {
        redeem_codes(RedeemCodesRequest) -> RedeemCodesResponse;
        release_codes(ReleaseCodesRequest) -> ReleaseCodesResponse;
        generate_codes(GenerateCodesRequest) -> GenerateCodesResponse;
        make_group_codes(MakeGroupCodesRequest) -> MakeGroupCodesResponse;
        switch_group_codes(SwitchGroupCodesRequest) -> SwitchGroupCodesResponse;
        list_group_codes(ListGroupCodesRequest) -> ListGroupCodesResponse;
        put_promotions(PutPromotionsRequest) -> PutPromotionsResponse;
        list_promotions(ListPromotionsRequest) -> ListPromotionsResponse;
        put_campaigns(PutCampaignsRequest) -> PutCampaignsResponse;
        list_campaigns(ListCampaignsRequest) -> ListCampaignsResponse;
        put_tax_zones(PutTaxZonesRequest) -> PutTaxZonesResponse;
        list_tax_zones(ListTaxZonesRequest) -> ListTaxZonesResponse;
        put_shipping_zones(PutShippingZonesRequest) -> PutShippingZonesResponse;
        list_shipping_zones(ListShippingZonesRequest) -> ListShippingZonesResponse;
        put_markets(PutMarketsRequest) -> PutMarketsResponse;
        list_markets(ListMarketsRequest) -> ListMarketsResponse;
        put_fees(PutFeesRequest) -> PutFeesResponse;
        list_fees(ListFeesRequest) -> ListFeesResponse;
        put_price_lists(PutPriceListsRequest) -> PutPriceListsResponse;
        list_price_lists(ListPriceListsRequest) -> ListPriceListsResponse;
        put_list_prices(PutListPricesRequest) -> PutListPricesResponse;
        list_list_prices(ListListPricesRequest) -> ListListPricesResponse;
        price_variants(PriceVariantsRequest) -> PriceVariantsResponse;
    }
}

#[async_trait]
impl InventoryApi for Around {
    async fn get_availability(
        &self,
        _: &Ctx,
        request: GetAvailabilityRequest,
    ) -> Result<GetAvailabilityResponse> {
        let available = if self.world().stock == Stock::Gone { 0 } else { 1_000 };
        let items = request.variant_ids.into_iter().map(|variant_id| Availability {
            variant_id,
            available,
            tracked: true,
            ..Availability::default()
        });
        Ok(GetAvailabilityResponse { items: items.collect(), ..GetAvailabilityResponse::default() })
    }

    async fn reserve(&self, _: &Ctx, _: ReserveRequest) -> Result<ReserveResponse> {
        Ok(ReserveResponse::default())
    }

    async fn release(&self, _: &Ctx, _: ReleaseRequest) -> Result<ReleaseResponse> {
        Ok(ReleaseResponse::default())
    }

    async fn commit(&self, _: &Ctx, _: CommitRequest) -> Result<CommitResponse> {
        Ok(CommitResponse::default())
    }

    async fn adjust(&self, _: &Ctx, request: AdjustRequest) -> Result<AdjustResponse> {
        if request.delta < 0 && self.world().stock != Stock::There {
            return Err(Error::precondition("STOCK_NEGATIVE", "there are fewer"));
        }
        let done = (request.variant_id, request.delta);
        let before = self.world().adjusted.insert(request.reference, done.clone());
        assert!(before.is_none_or(|before| before == done), "one reference, one effect");
        Ok(AdjustResponse::default())
    }

    not_asked! {
        set_levels(SetLevelsRequest) -> SetLevelsResponse;
        set_backorders(SetBackordersRequest) -> SetBackordersResponse;
        list_locations(ListLocationsRequest) -> ListLocationsResponse;
        put_locations(PutLocationsRequest) -> PutLocationsResponse;
        list_movements(ListMovementsRequest) -> ListMovementsResponse;
        get_reservation(GetReservationRequest) -> GetReservationResponse;
    }
}

impl Around {
    /// Moves money once under a reference, as its mood allows.
    fn movement(
        &self,
        intent_id: &str,
        amount: i64,
        reference: &str,
        apply: fn(&mut Intent, i64),
    ) -> Result<Intent> {
        let mut world = self.world();
        world.asked += 1;
        let lost = || Error::unavailable("PROVIDER_UNAVAILABLE", "the provider did not answer");
        let is_of_it = world.moody.is_empty() || world.intents[intent_id].provider == world.moody;
        let mood = if is_of_it { world.mood } else { Mood::Answers };
        match mood {
            Mood::IsAway => return Err(lost()),
            Mood::Refuses => return Err(Error::precondition("INTENT_STATE", "the provider says no")),
            Mood::Answers | Mood::AnswersNever | Mood::OutlivesWhoAsks => {}
        }
        let is_new = world.moved.insert(format!("{intent_id} {reference}"), amount).is_none();
        let intent = world.intents.get_mut(intent_id).unwrap();
        if is_new {
            apply(intent, amount);
        }
        let answer = intent.clone();
        if mood == Mood::AnswersNever { Err(lost()) } else { Ok(answer) }
    }
}

/// What a token does, and the card that it stands for: `declined.blue`.
fn card_of(token: &str) -> (&str, &str) {
    token.split_once('.').unwrap_or((token, ""))
}

#[async_trait]
impl PaymentsApi for Around {
    async fn authorise(&self, _: &Ctx, request: AuthoriseRequest) -> Result<Intent> {
        let (deed, card) = card_of(&request.token);
        let (state, failure_reason) = match deed {
            "by_hand" | "bank_transfer" => ("pending", ""),
            "declined" => ("failed", "DECLINED"),
            "away" => ("failed", "PROVIDER_AWAY"),
            "needs_buyer" => ("requires_action", ""),
            "silent" => {
                return Err(Error::unavailable("PROVIDER_UNAVAILABLE", "the provider did not answer"));
            }
            _ => ("authorised", ""),
        };
        let intent = Intent {
            id: request.intent_id.clone(),
            provider: request.provider,
            state: state.to_owned(),
            amount: request.amount,
            failure_reason: failure_reason.to_owned(),
            card_fingerprint: card.to_owned(),
            action_url: "https://bank.example/".to_owned(),
            ..Intent::default()
        };
        // It is told once.
        let kept = Intent { card_fingerprint: String::new(), ..intent.clone() };
        self.world().intents.insert(request.intent_id, kept);
        Ok(intent)
    }

    async fn prepare(&self, _: &Ctx, request: AuthoriseRequest) -> Result<Intent> {
        let mut world = self.world();
        world.looked += 1;
        if world.is_old {
            return Err(Error::new(
                argosy_kernel::Code::Unimplemented,
                "UNIMPLEMENTED",
                "of the next release",
            ));
        }
        let intent = Intent {
            id: request.intent_id.clone(),
            provider: request.provider,
            state: "processing".to_owned(),
            amount: request.amount,
            ..Intent::default()
        };
        world.intents.insert(request.intent_id, intent.clone());
        Ok(Intent { card_fingerprint: card_of(&request.token).1.to_owned(), ..intent })
    }

    async fn capture(&self, _: &Ctx, request: CaptureRequest) -> Result<Intent> {
        self.movement(&request.intent_id, minor(request.amount), &request.reference, |intent, amount| {
            intent.captured = eur(minor(intent.captured.take()) + amount);
            "captured".clone_into(&mut intent.state);
        })
    }

    async fn refund(&self, _: &Ctx, request: RefundRequest) -> Result<Intent> {
        let refunded =
            self.movement(&request.intent_id, minor(request.amount), &request.reference, |intent, amount| {
                intent.refunded = eur(minor(intent.refunded.take()) + amount);
            });
        if self.mood() == Mood::OutlivesWhoAsks {
            std::future::pending::<()>().await;
        }
        refunded
    }

    async fn void(&self, _: &Ctx, request: VoidRequest) -> Result<Intent> {
        let mut world = self.world();
        // One that nobody has heard of is barred.
        let intent = world.intents.entry(request.intent_id).or_default();
        "voided".clone_into(&mut intent.state);
        Ok(intent.clone())
    }

    async fn refresh_intent(&self, ctx: &Ctx, request: RefreshIntentRequest) -> Result<Intent> {
        self.get_intent(ctx, GetIntentRequest { intent_id: request.intent_id }).await
    }

    /// Cards are called by how much is on them.
    async fn check_gift_card(&self, _: &Ctx, request: CheckGiftCardRequest) -> Result<CheckGiftCardResponse> {
        if self.world().is_old {
            return Err(Error::new(
                argosy_kernel::Code::Unimplemented,
                "UNIMPLEMENTED",
                "of the next release",
            ));
        }
        let available = request.code.trim_start_matches("card_").parse().unwrap_or_default();
        let failure_reason = if available == 0 { "GIFT_CARD_UNKNOWN".to_owned() } else { String::new() };
        Ok(CheckGiftCardResponse {
            id: request.code.clone(),
            hint: "ABCD".to_owned(),
            available: eur(available),
            failure_reason,
            ..CheckGiftCardResponse::default()
        })
    }

    async fn get_intent(&self, _: &Ctx, request: GetIntentRequest) -> Result<Intent> {
        let found = self.world().intents.get(&request.intent_id).cloned();
        found.ok_or_else(|| Error::not_found("INTENT_NOT_FOUND", "there is no such payment"))
    }

    not_asked! {
        issue_gift_card(IssueGiftCardRequest) -> GiftCard;
        get_gift_card(GetGiftCardRequest) -> GiftCard;
        list_methods(ListMethodsRequest) -> ListMethodsResponse;
        handle_webhook(HandleWebhookRequest) -> HandleWebhookResponse;
        list_disputes(ListDisputesRequest) -> ListDisputesResponse;
        get_dispute(GetDisputeRequest) -> Dispute;
        attach_evidence(AttachEvidenceRequest) -> Dispute;
        submit_evidence(SubmitEvidenceRequest) -> Dispute;
    }
}
