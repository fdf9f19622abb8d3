//! A whole shop in a test: real services, one product, buyers.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{net::SocketAddr, path::Path};

use argosy::{serve::Process, settings::Settings, wiring::Wiring};
use argosy_contracts::{
    cart::{AddCode, AddLine, ApplyCommandsRequest, Command, CreateCartRequest, command},
    catalog::{Price, Product, ProductInput, PutProductsRequest, Variant},
    common::{Address, Money},
    inventory::{GetAvailabilityRequest, SetLevelsRequest, StockLevel},
    orders::{
        Checkout, CompleteCheckoutRequest, GetCheckoutRequest, GetOrderRequest, Order, PartPayment,
        PayBalanceRequest, PayBalanceResponse, PersonsClient, StartCheckoutRequest, UpdateCheckoutRequest,
    },
    payments::{CheckGiftCardRequest, HandleWebhookRequest, IssueGiftCardRequest},
    pricing::{Promotion, PutPromotionsRequest},
};
use argosy_kernel::{Ctx, Result};
use argosy_platform::rpc;
use argosy_testkit::{Call, Engine, Mode, Schemas};

/// A client of shops on loopback. reqwest wants a provider of TLS chosen, though nothing here speaks TLS.
pub(crate) fn http_client() -> reqwest::Client {
    // Refused only when one is chosen already.
    let _chosen_before = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// The services that a purchase needs.
pub(crate) const SERVICES: &[&str] =
    &["catalog", "inventory", "payments", "pricing", "cart", "orders", "notifications", "media"];

/// Settings for a process in a folder, on free ports, without a demo.
pub(crate) fn settings(folder: &Path, services: &[&str]) -> Settings {
    let mut settings = Settings::default();
    folder.clone_into(&mut settings.data.folder);
    settings.data.demo = false;
    settings.services = services.iter().map(|name| (*name).to_owned()).collect();
    settings.http.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    settings.rpc.listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    settings.payments.provider_timeout_ms = 5_000;
    settings.orders.resume_interval_ms = 20;
    settings
}

/// A running shop.
pub(crate) struct Shop {
    pub(crate) process: Process,
    pub(crate) folder: tempfile::TempDir,
    _schemas: Option<Schemas>,
    /// How it is called, if not directly.
    remote: Option<Wiring>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    pub(crate) async fn open_with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::open_in(Mode { engine: Engine::Sqlite, call: Call::Local }, change).await
    }

    pub(crate) async fn open_in(mode: Mode, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path(), SERVICES);
        let schemas = (mode.engine == Engine::Postgres).then(Schemas::new);
        if let Some(schemas) = &schemas {
            settings.database = schemas.settings();
        }
        change(&mut settings);
        let process = Process::start(&settings, None).await.unwrap();
        let remote = match mode.call {
            Call::Local => None,
            Call::Remote => {
                let channel = rpc::connect(&format!("http://{}", process.rpc.unwrap())).unwrap();
                Some(Wiring::of_running_store(&settings, process.host(), channel))
            }
        };
        Self { process, folder, _schemas: schemas, remote }
    }

    /// The persons of the shop, as commands reach them.
    pub(crate) fn persons(&self) -> PersonsClient {
        if self.remote.is_some() {
            let channel = rpc::connect(&format!("http://{}", self.process.rpc.unwrap())).unwrap();
            return PersonsClient::remote(channel);
        }
        let host = self.process.host();
        let orders = host.databases().into_iter().find(|database| database.name() == "orders").unwrap();
        argosy_orders::persons(orders, host.clock())
    }

    pub(crate) fn buyers(&self) -> Buyers<'_> {
        Buyers { wiring: self.remote.as_ref().unwrap_or_else(|| self.process.wiring()), ctx: Ctx::guest() }
    }
}

/// Staff and buyers of a shop, wherever its services run.
pub(crate) struct Buyers<'a> {
    pub wiring: &'a Wiring,
    pub ctx: Ctx,
}

impl Buyers<'_> {
    /// A product of one variant at 20.00 EUR gross, with stock; answers the variant.
    pub(crate) async fn stocked(&self, handle: &str, on_hand: i64) -> String {
        let variant = self.priced(handle, 2_000).await;
        let level =
            StockLevel { variant_id: variant.clone(), on_hand, tracked: true, ..StockLevel::default() };
        let request = SetLevelsRequest { levels: vec![level] };
        self.wiring.inventory().unwrap().set_levels(&self.ctx, request).await.unwrap();
        variant
    }

    pub(crate) async fn priced(&self, handle: &str, minor: i64) -> String {
        let amount = Some(Money { minor, currency: "EUR".to_owned() });
        let variant = Variant {
            sku: format!("SKU-{handle}"),
            prices: vec![Price { amount, compare_at: None, per_unit: None }],
            requires_shipping: true,
            weight_g: 500,
            tax_class: "standard".to_owned(),
            ..Variant::default()
        };
        let product = Product {
            handle: handle.to_owned(),
            title: format!("The {handle}"),
            status: "active".to_owned(),
            variants: vec![variant],
            ..Product::default()
        };
        let input = ProductInput { product: Some(product), ..ProductInput::default() };
        let request = PutProductsRequest { products: vec![input], dry_run: false };
        let put = self.wiring.catalog().unwrap().put_products(&self.ctx, request).await.unwrap();
        assert_ne!(put.outcomes[0].result, "refused", "{}", put.outcomes[0].message);
        put.outcomes[0].variants[0].variant_id.clone()
    }

    pub(crate) async fn coupon(&self, code: &str, uses_max: i64) {
        let promotion = Promotion {
            code: code.to_owned(),
            title: "Ten per cent off".to_owned(),
            kind: "percentage".to_owned(),
            rate_ppm: 100_000,
            uses_max: Some(uses_max),
            active: true,
            ..Promotion::default()
        };
        let request = PutPromotionsRequest { promotions: vec![promotion] };
        self.wiring.pricing().unwrap().put_promotions(&self.ctx, request).await.unwrap();
    }

    pub(crate) async fn cart(&self, lines: &[(&str, i64)]) -> String {
        let lines = lines
            .iter()
            .map(|(variant, quantity)| AddLine { variant_id: (*variant).to_owned(), quantity: *quantity })
            .collect();
        let request = CreateCartRequest { currency: "EUR".to_owned(), lines, ..CreateCartRequest::default() };
        self.wiring.cart().unwrap().create_cart(&self.ctx, request).await.unwrap().cart.unwrap().id
    }

    pub(crate) async fn with_code(&self, cart: &str, code: &str) {
        let add = command::Command::AddCode(AddCode { code: code.to_owned() });
        self.command(cart, add).await.unwrap();
    }

    pub(crate) async fn command(&self, cart: &str, command: command::Command) -> Result<()> {
        let commands = vec![Command { command: Some(command) }];
        let request = ApplyCommandsRequest { cart_id: cart.to_owned(), commands };
        self.wiring.cart()?.apply_commands(&self.ctx, request).await.map(|_| ())
    }

    /// A checkout that lacks nothing but the payment.
    pub(crate) async fn ready(&self, cart: &str) -> Checkout {
        let orders = self.wiring.orders().unwrap();
        let start = StartCheckoutRequest { cart_id: cart.to_owned() };
        let checkout = orders.start_checkout(&self.ctx, start).await.unwrap();
        let address = UpdateCheckoutRequest {
            checkout_id: checkout.id.clone(),
            email: Some("ann@example.com".to_owned()),
            shipping_address: Some(ann()),
            ..UpdateCheckoutRequest::default()
        };
        let checkout = orders.update_checkout(&self.ctx, address).await.unwrap();
        let option = checkout.quote.as_ref().unwrap().shipping_options[0].id.clone();
        let choice = UpdateCheckoutRequest {
            checkout_id: checkout.id.clone(),
            shipping_option_id: Some(option),
            ..UpdateCheckoutRequest::default()
        };
        let ready = orders.update_checkout(&self.ctx, choice).await.unwrap();
        assert_eq!(ready.status, "ready", "{:?}", ready.notices);
        ready
    }

    pub(crate) async fn pay(&self, checkout: &str, token: &str, key: &str) -> Result<Checkout> {
        self.pay_with("test", checkout, token, key).await
    }

    pub(crate) async fn pay_with(
        &self,
        provider: &str,
        checkout: &str,
        token: &str,
        key: &str,
    ) -> Result<Checkout> {
        let request = CompleteCheckoutRequest {
            checkout_id: checkout.to_owned(),
            provider: provider.to_owned(),
            token: token.to_owned(),
            ..CompleteCheckoutRequest::default()
        };
        self.wiring.orders()?.complete_checkout(&self.ctx.clone().with_key(key), request).await
    }

    /// As [`Self::pay`], with as much as a gift card has.
    pub(crate) async fn pay_with_gift_card(
        &self,
        code: &str,
        checkout: &str,
        token: &str,
        key: &str,
    ) -> Result<Checkout> {
        let request = CompleteCheckoutRequest {
            checkout_id: checkout.to_owned(),
            provider: "test".to_owned(),
            token: token.to_owned(),
            also: vec![PartPayment {
                provider: "gift_card".to_owned(),
                token: code.to_owned(),
                amount: None,
            }],
            ..CompleteCheckoutRequest::default()
        };
        self.wiring.orders()?.complete_checkout(&self.ctx.clone().with_key(key), request).await
    }

    /// Pays what is due of an order by card.
    pub(crate) async fn pay_balance(&self, order: &Order, reference: &str) -> Result<PayBalanceResponse> {
        let request = PayBalanceRequest {
            order_id: order.id.clone(),
            reference: reference.to_owned(),
            key: order.key.clone(),
            provider: "test".to_owned(),
            token: "tok_ok".to_owned(),
            ..PayBalanceRequest::default()
        };
        self.wiring.aftersales()?.pay_balance(&self.ctx, request).await
    }

    /// Issues a gift card.
    pub(crate) async fn gift_card(&self, code: &str, minor: i64) {
        let amount = Some(Money { minor, currency: "EUR".to_owned() });
        let request =
            IssueGiftCardRequest { code: code.to_owned(), amount, ..IssueGiftCardRequest::default() };
        self.wiring.payments().unwrap().issue_gift_card(&Ctx::system("test"), request).await.unwrap();
    }

    /// What a gift card can pay.
    pub(crate) async fn on_gift_card(&self, code: &str) -> i64 {
        let request = CheckGiftCardRequest { code: code.to_owned(), currency: "EUR".to_owned() };
        let card = self.wiring.payments().unwrap().check_gift_card(&self.ctx, request).await.unwrap();
        card.available.unwrap().minor
    }

    /// The buyer's bank, by the pretended provider.
    pub(crate) async fn disputes(&self, intent: &str, dispute: &str, state: &str) {
        self.dispute(intent, dispute, state).await.unwrap();
    }

    pub(crate) async fn dispute(&self, intent: &str, dispute: &str, state: &str) -> Result<()> {
        let body =
            format!(r#"{{"dispute":"{dispute}","intent_id":"{intent}","state":"{state}"}}"#).into_bytes();
        let request =
            HandleWebhookRequest { provider: "test".to_owned(), body, ..HandleWebhookRequest::default() };
        self.wiring.payments()?.handle_webhook(&self.ctx, request).await.map(|_| ())
    }

    pub(crate) async fn checkout(&self, id: &str) -> Checkout {
        let request = GetCheckoutRequest { checkout_id: id.to_owned() };
        self.wiring.orders().unwrap().get_checkout(&self.ctx, request).await.unwrap()
    }

    pub(crate) async fn order(&self, id: &str) -> Order {
        let request = GetOrderRequest { order_id: id.to_owned(), ..GetOrderRequest::default() };
        self.wiring.orders().unwrap().get_order(&Ctx::system("test"), request).await.unwrap()
    }

    pub(crate) async fn available(&self, variant: &str) -> i64 {
        let request = GetAvailabilityRequest {
            variant_ids: vec![variant.to_owned()],
            ..GetAvailabilityRequest::default()
        };
        self.wiring.inventory().unwrap().get_availability(&self.ctx, request).await.unwrap().items[0]
            .available
    }
}

pub(crate) fn ann() -> Address {
    Address {
        name: "Ann Buyer".to_owned(),
        line1: "Hauptstraße 1".to_owned(),
        city: "Bonn".to_owned(),
        postal_code: "53111".to_owned(),
        country: "DE".to_owned(),
        ..Address::default()
    }
}
