//! A shop in which somebody has bought something.

use argosy_contracts::{
    cart::{CartClient, CartDocument, CartLine},
    common::Address,
    inventory::InventoryClient,
    orders::{
        AftersalesClient, Checkout, CompleteCheckoutRequest, DraftsClient, FulfilOrderRequest,
        GetOrderRequest, LineQuantity, Order, OrdersClient, PartPayment, ReadLedgerRequest,
        StartCheckoutRequest, UpdateCheckoutRequest, Visitor,
    },
    payments::PaymentsClient,
    pricing::PricingClient,
};
use argosy_kernel::{CartId, Ctx, Error, LineId, RequestId, Result, VariantId};
use argosy_orders::{OrdersClients, OrdersConfig};
use argosy_testkit::{Call, Mode, TestHost, eventually};

use crate::world::Around;

pub(crate) struct Shop {
    pub(crate) test: TestHost,
    pub(crate) around: Around,
    pub(crate) orders: OrdersClient,
    pub(crate) aftersales: AftersalesClient,
    pub(crate) drafts: DraftsClient,
    pub(crate) staff: Ctx,
    pub(crate) mug: VariantId,
    pub(crate) cup: VariantId,
}

fn clients(around: &Around) -> OrdersClients {
    OrdersClients {
        cart: CartClient::local(around.clone()),
        pricing: PricingClient::local(around.clone()),
        inventory: InventoryClient::local(around.clone()),
        payments: PaymentsClient::local(around.clone()),
    }
}

impl Shop {
    pub(crate) async fn start(mode: Mode) -> Self {
        Self::start_with(mode, |_| {}).await
    }

    pub(crate) async fn start_with(mode: Mode, change: impl FnOnce(&mut OrdersConfig)) -> Self {
        Self::start_on(TestHost::on(mode.engine), mode.call, change).await
    }

    pub(crate) async fn start_on(test: TestHost, call: Call, change: impl FnOnce(&mut OrdersConfig)) -> Self {
        let around = Around::default();
        let clients = clients(&around);
        let mut config = OrdersConfig { resume_interval_ms: 10, ..OrdersConfig::default() };
        change(&mut config);
        let local = argosy_orders::start(&test.host, config, clients).await.unwrap();
        let (orders, aftersales, drafts) = match call {
            Call::Local => (local.orders, local.aftersales, local.drafts),
            Call::Remote => {
                let channel = test
                    .serve(|routes| {
                        local.orders.add_to(routes);
                        local.aftersales.add_to(routes);
                        local.drafts.add_to(routes);
                    })
                    .await;
                let orders = OrdersClient::remote(channel.clone());
                (orders, AftersalesClient::remote(channel.clone()), DraftsClient::remote(channel))
            }
        };
        let (mug, cup) = (VariantId::new(), VariantId::new());
        Self { test, around, orders, aftersales, drafts, staff: Ctx::system("test"), mug, cup }
    }

    /// Why a service with these settings does not start.
    pub(crate) async fn refused(config: OrdersConfig) -> Error {
        let test = TestHost::new();
        argosy_orders::start(&test.host, config, clients(&Around::default())).await.err().unwrap()
    }

    /// Three mugs and a cup: 29.99 + 10.00 + 4.90 for delivery = 44.89, paid by card.
    pub(crate) async fn sold(&self) -> Order {
        let order = self.placed("tok_ok").await;
        eventually("the money is taken", || async {
            self.order(&order.id).await.payment_status == "captured"
        })
        .await;
        self.order(&order.id).await
    }

    /// The same, to be paid by hand.
    pub(crate) async fn sold_by_hand(&self) -> Order {
        self.placed("by_hand").await
    }

    async fn placed(&self, token: &str) -> Order {
        let checkout_id = self.ready("Kai 1", 3).await;
        let done = self.pay(&checkout_id, token, None).await.unwrap();
        assert_eq!(done.status, "completed");
        self.order(&done.order_id).await
    }

    /// A checkout of so many mugs and a cup that lacks nothing but the payment.
    pub(crate) async fn ready(&self, street: &str, mugs: i64) -> String {
        let line = |variant: VariantId, quantity| CartLine {
            id: LineId::new().to_string(),
            variant_id: variant.to_string(),
            quantity,
            ..CartLine::default()
        };
        let cart = CartDocument {
            id: CartId::new().to_string(),
            currency: "EUR".to_owned(),
            lines: vec![line(self.mug, mugs), line(self.cup, 1)],
            ..CartDocument::default()
        };
        let cart_id = cart.id.clone();
        let mut cart = cart;
        if self.around.world().wrapped {
            let line = &mut cart.lines[0];
            (line.wrap, line.wrap_message) = ("ribbon".to_owned(), "For <you>".to_owned());
        }
        self.around.world().cart = Some(cart);
        let ctx = Ctx::guest();
        let checkout = self.orders.start_checkout(&ctx, StartCheckoutRequest { cart_id }).await.unwrap();
        let update = UpdateCheckoutRequest {
            checkout_id: checkout.id.clone(),
            email: Some("ann@example.com".to_owned()),
            shipping_address: Some(Address {
                name: "Ann".to_owned(),
                line1: street.to_owned(),
                city: "Bonn".to_owned(),
                postal_code: "53111".to_owned(),
                country: "DE".to_owned(),
                ..Address::default()
            }),
            shipping_option_id: Some("post".to_owned()),
            ..UpdateCheckoutRequest::default()
        };
        self.orders.update_checkout(&ctx, update).await.unwrap();
        checkout.id
    }

    pub(crate) async fn pay(
        &self,
        checkout_id: &str,
        token: &str,
        visitor: Option<Visitor>,
    ) -> Result<Checkout> {
        let complete = CompleteCheckoutRequest {
            checkout_id: checkout_id.to_owned(),
            provider: "test".to_owned(),
            token: token.to_owned(),
            visitor,
            ..CompleteCheckoutRequest::default()
        };
        let key = RequestId::new().to_string();
        self.orders.complete_checkout(&Ctx::guest().with_key(key), complete).await
    }

    /// Pays with parts besides.
    pub(crate) async fn pay_in_parts(
        &self,
        checkout_id: &str,
        (provider, token): (&str, &str),
        also: Vec<PartPayment>,
    ) -> Result<Checkout> {
        let complete = CompleteCheckoutRequest {
            checkout_id: checkout_id.to_owned(),
            provider: provider.to_owned(),
            token: token.to_owned(),
            also,
            ..CompleteCheckoutRequest::default()
        };
        let key = RequestId::new().to_string();
        self.orders.complete_checkout(&Ctx::guest().with_key(key), complete).await
    }

    pub(crate) async fn order(&self, id: &str) -> Order {
        let request = GetOrderRequest { order_id: id.to_owned(), ..GetOrderRequest::default() };
        self.orders.get_order(&self.staff, request).await.unwrap()
    }

    /// The order as its buyer sees it.
    pub(crate) async fn buyers_order(&self, order: &Order) -> Order {
        let (order_id, key) = (order.id.clone(), order.key.clone());
        let request = GetOrderRequest { order_id, key, ..GetOrderRequest::default() };
        self.orders.get_order(&Ctx::guest(), request).await.unwrap()
    }

    /// Sends so many mugs.
    pub(crate) async fn sent(&self, order: &Order, mugs: i64) -> Order {
        let request = FulfilOrderRequest {
            order_id: order.id.clone(),
            reference: format!("send {mugs}"),
            lines: vec![units(order, 0, mugs)],
            ..FulfilOrderRequest::default()
        };
        self.aftersales.fulfil_order(&self.staff, request).await.unwrap()
    }

    /// Each entry of the ledger adds up to nothing, and what is refunded was paid.
    pub(crate) async fn check_ledger(&self, order: &Order) {
        let request = ReadLedgerRequest { order_id: order.id.clone() };
        let postings = self.aftersales.read_ledger(&self.staff, request).await.unwrap().postings;
        let mut sums = std::collections::BTreeMap::<&str, i64>::new();
        for posting in &postings {
            *sums.entry(&posting.reference).or_default() += posting.amount.as_ref().unwrap().minor;
        }
        assert!(!sums.is_empty() && sums.values().all(|sum| *sum == 0), "{sums:?}");
        let (paid, refunded) = self.around.money();
        assert!(refunded <= paid, "{refunded} of {paid}");
    }
}

/// Units of an order's line, by its place.
pub(crate) fn units(order: &Order, line: usize, quantity: i64) -> LineQuantity {
    LineQuantity { line_id: order.lines[line].line.as_ref().unwrap().line_id.clone(), quantity }
}

/// What is owed; below 0 it is the buyer's.
pub(crate) fn due(order: &Order) -> i64 {
    order.money.as_ref().unwrap().due.as_ref().unwrap().minor
}

/// Kinds of what happened, oldest first.
pub(crate) fn kinds(order: &Order) -> Vec<&str> {
    order.events.iter().map(|event| event.kind.as_str()).collect()
}
