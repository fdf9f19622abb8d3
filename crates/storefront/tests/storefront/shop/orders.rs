//! A pretended checkout: one at a time, paid for by token.

use argosy_contracts::{common::Notice, orders::*, pricing::ShippingOption};
use argosy_kernel::{CheckoutId, Ctx, Error, OrderId, Result};
use argosy_testkit::not_asked;
use async_trait::async_trait;

use super::services::{Fake, State, eur, quote_of};

impl State {
    pub(super) fn checkout(&mut self) -> Result<Checkout> {
        let mut checkout = self
            .checkout
            .clone()
            .ok_or_else(|| Error::not_found("CHECKOUT_NOT_FOUND", "there is no such checkout"))?;
        let mut quote = quote_of(&self.cart.clone().unwrap_or_default(), &self.products);
        if checkout.shipping_address.is_some() {
            quote.shipping_options = vec![ShippingOption {
                id: "post".to_owned(),
                title: "Post".to_owned(),
                price: Some(eur(500)),
                days_min: 2,
                days_max: 3,
                ..ShippingOption::default()
            }];
            quote.shipping_option_id.clone_from(&checkout.shipping_option_id);
        }
        if !quote.shipping_option_id.is_empty() {
            let total = quote.total.as_mut().unwrap();
            total.minor += 500;
        }
        let complete = !checkout.email.is_empty() && !quote.shipping_option_id.is_empty();
        if matches!(checkout.status.as_str(), "incomplete" | "ready") {
            checkout.status = String::from(if complete { "ready" } else { "incomplete" });
        }
        checkout.quote = Some(quote);
        self.checkout = Some(checkout.clone());
        Ok(checkout)
    }
}

#[async_trait]
impl OrdersApi for Fake {
    async fn start_checkout(&self, _: &Ctx, request: StartCheckoutRequest) -> Result<Checkout> {
        let mut state = self.state()?;
        if state.cart.as_ref().is_none_or(|cart| cart.lines.is_empty()) {
            return Err(Error::precondition("CART_EMPTY", "there is nothing in the cart"));
        }
        if state.checkout.as_ref().is_none_or(|open| open.status == "completed") {
            state.checkout = Some(Checkout {
                id: CheckoutId::new().to_string(),
                cart_id: request.cart_id,
                status: "incomplete".to_owned(),
                ..Checkout::default()
            });
        }
        state.checkout()
    }

    async fn get_checkout(&self, _: &Ctx, request: GetCheckoutRequest) -> Result<Checkout> {
        request.checkout_id.parse::<CheckoutId>()?;
        self.state()?.checkout()
    }

    async fn update_checkout(&self, _: &Ctx, request: UpdateCheckoutRequest) -> Result<Checkout> {
        let mut state = self.state()?;
        let mut checkout = state.checkout()?;
        if !matches!(checkout.status.as_str(), "incomplete" | "ready") {
            return Err(Error::precondition("CHECKOUT_STATE", "it cannot be changed"));
        }
        if checkout.is_draft && request.seen != checkout.seen {
            return Err(Error::precondition("DRAFT_CHANGED", "the shop has changed it"));
        }
        if let Some(address) = request.shipping_address {
            if address.city.is_empty() {
                return Err(Error::invalid_field("/shipping_address/city", "must not be empty"));
            }
            checkout.shipping_address = Some(address);
        }
        if let Some(email) = request.email {
            if !email.contains('@') {
                return Err(Error::invalid_field("/email", "must be an e-mail address"));
            }
            checkout.email = email;
        }
        if let Some(option) = request.shipping_option_id {
            checkout.shipping_option_id = option;
        }
        checkout.notices.retain(|notice: &Notice| !request.accepted_notices.contains(&notice.token));
        state.checkout = Some(checkout);
        state.checkout()
    }

    async fn complete_checkout(&self, ctx: &Ctx, request: CompleteCheckoutRequest) -> Result<Checkout> {
        let key = ctx.idempotency_key.as_deref().map(str::to_owned);
        let key = key.ok_or_else(|| Error::invalid("KEY_MISSING", "a key is needed"))?;
        let mut state = self.state()?;
        let mut checkout = state.checkout()?;
        if !state.keys.contains(&key) {
            state.keys.push(key);
            let amount = |part: &PartPayment| part.amount.as_ref().map_or(0, |amount| amount.minor);
            let parts =
                request.also.iter().map(|part| format!("{}:{}={}", part.provider, part.token, amount(part)));
            state.tokens.extend(parts);
            if request.also.is_empty() {
                state.tokens.push(format!("{}:{}", request.provider, request.token));
            }
            state.wallets.push((request.wallet_id.clone(), request.remember));
            if !state.bank.is_empty() {
                "needs_buyer".clone_into(&mut checkout.status);
                checkout.action_url.clone_from(&state.bank);
            } else if request.token == "tok_declined" {
                checkout.attempts.push(PaymentAttempt {
                    state: "failed".to_owned(),
                    failure_text: "The card was declined.".to_owned(),
                    ..PaymentAttempt::default()
                });
            } else if request.token == "tok_away" {
                checkout.attempts.push(PaymentAttempt {
                    provider: request.provider.clone(),
                    state: "failed".to_owned(),
                    failure_reason: "PROVIDER_AWAY".to_owned(),
                    failure_text:
                        "The payment provider cannot be reached. Nothing was taken; please pay in another way."
                            .to_owned(),
                    ..PaymentAttempt::default()
                });
                checkout.unanswered_providers = vec![request.provider];
            } else {
                let order = Order {
                    id: OrderId::new().to_string(),
                    number: "1001".to_owned(),
                    key: "secret".to_owned(),
                    email: checkout.email.clone(),
                    shipping_address: checkout.shipping_address.clone(),
                    totals: checkout.quote.clone().unwrap_or_default().totals,
                    ..Order::default()
                };
                checkout.status = String::from("completed");
                (checkout.order_id, checkout.order_key) = (order.id.clone(), order.key.clone());
                state.orders.push(order);
            }
            state.checkout = Some(checkout.clone());
        }
        Ok(checkout)
    }

    async fn continue_checkout(&self, _: &Ctx, _: ContinueCheckoutRequest) -> Result<Checkout> {
        self.state()?.checkout()
    }

    async fn cancel_checkout(&self, _: &Ctx, _: CancelCheckoutRequest) -> Result<Checkout> {
        self.state()?.checkout()
    }

    async fn get_order(&self, _: &Ctx, request: GetOrderRequest) -> Result<Order> {
        let state = self.state()?;
        let found =
            state.orders.iter().find(|order| order.id == request.order_id && order.key == request.key);
        found.cloned().ok_or_else(|| Error::not_found("ORDER_NOT_FOUND", "there is no such order"))
    }

    async fn list_orders(&self, _: &Ctx, _: ListOrdersRequest) -> Result<ListOrdersResponse> {
        Ok(ListOrdersResponse::default())
    }
}

#[async_trait]
impl AftersalesApi for Fake {
    /// One return a key, never of more than may come back.
    async fn request_return(&self, _: &Ctx, request: RequestReturnRequest) -> Result<Order> {
        let mut state = self.state()?;
        let found = |order: &&mut Order| order.id == request.order_id && order.key == request.key;
        let order = state.orders.iter_mut().find(found);
        let order = order.ok_or_else(|| Error::not_found("ORDER_NOT_FOUND", "there is no such order"))?;
        if order.returns.iter().any(|known| known.reference == request.reference) {
            return Ok(order.clone());
        }
        for asked in &request.lines {
            let is_it = |line: &&mut OrderLine| line.line.as_ref().unwrap().line_id == asked.line_id;
            let line = order.lines.iter_mut().find(is_it).unwrap();
            if asked.quantity > line.returnable {
                return Err(Error::precondition("QUANTITY_TOO_LARGE", "there are fewer"));
            }
            line.returnable -= asked.quantity;
        }
        order.returns.push(Return {
            state: "requested".to_owned(),
            lines: request.lines,
            resolution: request.resolution,
            comment: request.comment,
            reference: request.reference,
            ..Return::default()
        });
        Ok(order.clone())
    }

    async fn get_paper(&self, _: &Ctx, request: GetPaperRequest) -> Result<Paper> {
        let state = self.state()?;
        let is_known =
            state.orders.iter().any(|order| order.id == request.order_id && order.key == request.key);
        let paper =
            Paper { file_name: "INV-1.pdf".to_owned(), pdf: b"%PDF-1.7".to_vec(), ..Paper::default() };
        is_known.then_some(paper).ok_or_else(|| Error::not_found("ORDER_NOT_FOUND", "there is no such order"))
    }

    /// Cards that are declined say so; every other payment is taken.
    async fn pay_balance(&self, _: &Ctx, request: PayBalanceRequest) -> Result<PayBalanceResponse> {
        let mut state = self.state()?;
        state.tokens.push(format!(
            "{}:{} of {}",
            request.provider,
            request.token,
            request.amount.map_or(0, |due| due.minor)
        ));
        let declined = request.token == "tok_declined";
        let found =
            state.orders.iter_mut().find(|order| order.id == request.order_id && order.key == request.key);
        let order = found.ok_or_else(|| Error::not_found("ORDER_NOT_FOUND", "there is no such order"))?;
        let payment = BalancePayment {
            state: if declined { "failed" } else { "paid" }.to_owned(),
            failure_reason: if declined { "DECLINED".to_owned() } else { String::new() },
            failure_text: if declined { "The card was declined.".to_owned() } else { String::new() },
            ..BalancePayment::default()
        };
        if !declined {
            order.money = None;
        }
        Ok(PayBalanceResponse { payment: Some(payment), order: Some(order.clone()) })
    }

    not_asked! {
        continue_balance(ContinueBalanceRequest) -> PayBalanceResponse;
        cancel_order(CancelOrderRequest) -> Order;
        fulfil_order(FulfilOrderRequest) -> Order;
        ready_for_pickup(ReadyForPickupRequest) -> Order;
        refund_order(RefundOrderRequest) -> Order;
        take_payment(TakePaymentRequest) -> Order;
        hold_order(HoldOrderRequest) -> Order;
        release_order(ReleaseOrderRequest) -> Order;
        annotate_order(AnnotateOrderRequest) -> Order;
        answer_return(AnswerReturnRequest) -> Order;
        receive_return(ReceiveReturnRequest) -> Order;
        inspect_return(InspectReturnRequest) -> Order;
        settle_return(SettleReturnRequest) -> Order;
        issue_papers(IssuePapersRequest) -> Order;
        propose_edit(ProposeEditRequest) -> Order;
        apply_edit(DecideEditRequest) -> Order;
        drop_edit(DecideEditRequest) -> Order;
        replace_units(ReplaceUnitsRequest) -> Order;
        take_download(TakeDownloadRequest) -> TakeDownloadResponse;
        read_ledger(ReadLedgerRequest) -> ReadLedgerResponse;
        list_refusals(ListRefusalsRequest) -> ListRefusalsResponse;
    }
}

/// The link of the checkout, if it is a draft: its key is `secret`.
#[async_trait]
impl DraftsApi for Fake {
    async fn open_draft(&self, _: &Ctx, request: OpenDraftRequest) -> Result<OpenDraftResponse> {
        let state = self.state()?;
        let found = state.checkout.as_ref().filter(|draft| draft.is_draft && request.link_key == "secret");
        let draft = found.ok_or_else(|| Error::not_found("DRAFT_NOT_FOUND", "there is no such draft"))?;
        let order_number = String::from(if draft.order_id.is_empty() { "" } else { "1001" });
        let (state, is_open) = match draft.status.as_str() {
            "completed" => ("placed", false),
            "canceled" => ("dropped", false),
            "expired" => ("expired", false),
            _ => ("sent", true),
        };
        let checkout_id = if is_open { draft.id.clone() } else { String::new() };
        Ok(OpenDraftResponse { state: state.to_owned(), checkout_id, order_number })
    }

    not_asked! {
        create_draft(CreateDraftRequest) -> Draft;
        change_draft(ChangeDraftRequest) -> Draft;
        get_draft(GetDraftRequest) -> Draft;
        list_drafts(ListDraftsRequest) -> ListDraftsResponse;
        share_draft(ShareDraftRequest) -> Draft;
        place_draft(PlaceDraftRequest) -> Draft;
        drop_draft(DropDraftRequest) -> Draft;
    }
}
