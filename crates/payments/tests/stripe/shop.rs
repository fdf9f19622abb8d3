//! A payments service whose Stripe is localstripe.

use std::time::Duration;

use argosy_contracts::{
    common,
    payments::{
        AuthoriseRequest, CaptureRequest, GetIntentRequest, HandleWebhookRequest, Intent, PaymentsClient,
        RefreshIntentRequest, RefundRequest, VoidRequest, WalletsClient,
    },
};
use argosy_kernel::{Clock, Ctx, IntentId, Result, Secret, SystemClock};
use argosy_payments::{PaymentsConfig, StripeConfig};
use argosy_testkit::{
    Call, Mode, TestHost,
    servers::{
        StripeServer,
        stripe_gateway::{GOOD, Gateway},
    },
};
use axum::http::Method;
use ring::hmac;
use serde_json::{Value, json};

pub(crate) const WEBHOOK_SECRET: &str = "whsec_of_a_test";

pub(crate) struct Subject {
    pub(crate) test: TestHost,
    pub(crate) payments: PaymentsClient,
    pub(crate) wallets: WalletsClient,
    pub(crate) gateway: Gateway,
    pub(crate) server: StripeServer,
    pub(crate) ctx: Ctx,
}

impl Subject {
    pub(crate) async fn start(mode: Mode) -> Self {
        let test = TestHost::on(mode.engine);
        // localstripe signs with the time of the machine.
        let behind = SystemClock.now().as_millis() - test.host.clock().now().as_millis();
        test.clock.advance(Duration::from_millis(behind.try_into().unwrap()));
        let server = StripeServer::start().await;
        let gateway = Gateway::new(server.url());
        let address = test.serve_http(gateway.router()).await;
        let config = PaymentsConfig {
            resume_interval_ms: 50,
            stripe: StripeConfig {
                secret_key: Some(Secret::new("sk_test_shop".to_owned())),
                publishable_key: Some("pk_test_shop".to_owned()),
                webhook_secret: Some(Secret::new(format!("whsec_next,{WEBHOOK_SECRET}"))),
                api_base: format!("http://{address}"),
                files_base: format!("http://{address}"),
                request_timeout_ms: 1_500,
                retries_max: 1,
                ..StripeConfig::default()
            },
            ..PaymentsConfig::default()
        };
        let started = argosy_payments::start(&test.host, config).await.unwrap();
        let (payments, wallets) = match mode.call {
            Call::Local => (started.payments, started.wallets),
            Call::Remote => {
                let channel = test
                    .serve(|routes| {
                        started.payments.add_to(routes);
                        started.wallets.add_to(routes);
                    })
                    .await;
                (PaymentsClient::remote(channel.clone()), WalletsClient::remote(channel))
            }
        };
        Self { test, payments, wallets, gateway, server, ctx: Ctx::system("test") }
    }

    pub(crate) async fn token(&self, number: &str) -> String {
        self.gateway.token(number).await
    }

    pub(crate) async fn authorise(&self, id: IntentId, token: &str) -> Result<Intent> {
        let request = AuthoriseRequest {
            intent_id: id.to_string(),
            reference: "chk_1".to_owned(),
            amount: Some(eur(1_000)),
            provider: "stripe".to_owned(),
            token: token.to_owned(),
            return_url: "https://shop.example/checkout/chk_1/return".to_owned(),
            ..AuthoriseRequest::default()
        };
        self.payments.authorise(&self.ctx, request).await
    }

    /// A payment whose money is held.
    pub(crate) async fn held(&self) -> IntentId {
        let id = IntentId::new();
        let intent = self.authorise(id, &self.token(GOOD).await).await.unwrap();
        assert_eq!(intent.state, "authorised");
        id
    }

    pub(crate) async fn capture(&self, id: IntentId, minor: i64, reference: &str) -> Result<Intent> {
        let (intent_id, amount, reference) = (id.to_string(), Some(eur(minor)), reference.to_owned());
        self.payments.capture(&self.ctx, CaptureRequest { intent_id, amount, reference }).await
    }

    pub(crate) async fn refund(&self, id: IntentId, minor: i64, reference: &str) -> Result<Intent> {
        let (intent_id, amount, reference) = (id.to_string(), Some(eur(minor)), reference.to_owned());
        self.payments.refund(&self.ctx, RefundRequest { intent_id, amount, reference }).await
    }

    pub(crate) async fn void(&self, id: IntentId) -> Result<Intent> {
        self.payments
            .void(&self.ctx, VoidRequest { intent_id: id.to_string(), ..VoidRequest::default() })
            .await
    }

    pub(crate) async fn refresh(&self, id: IntentId) -> Intent {
        let request = RefreshIntentRequest { intent_id: id.to_string() };
        self.payments.refresh_intent(&self.ctx, request).await.unwrap()
    }

    pub(crate) async fn intent(&self, id: IntentId) -> Intent {
        let request = GetIntentRequest { intent_id: id.to_string() };
        self.payments.get_intent(&self.ctx, request).await.unwrap()
    }

    /// All payment intents of Stripe's that were made for one of ours.
    pub(crate) async fn at_stripe(&self, id: IntentId) -> Vec<Value> {
        let mut all = self.gateway.payment_intents().await;
        all.retain(|one| one["metadata"]["argosy_intent"] == id.to_string());
        all
    }

    /// The one that there is.
    pub(crate) async fn the_one_at_stripe(&self, id: IntentId) -> Value {
        let found = self.at_stripe(id).await;
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    }

    /// The buyer at the bank, which tells Stripe.
    pub(crate) async fn bank_says(&self, id: IntentId, success: bool) {
        let intent = self.the_one_at_stripe(id).await;
        let path = format!("payment_intents/{}/_authenticate", intent["id"].as_str().unwrap());
        let secret = intent["client_secret"].as_str().unwrap();
        let success = if success { "true" } else { "false" };
        let form = [("client_secret", secret), ("success", success)];
        let (status, answer) = self.gateway.ask(Method::POST, &path, &form).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// A message of Stripe's, signed now.
    pub(crate) async fn tell(&self, kind: &str, object: &Value) -> Result<()> {
        let body = message(kind, object);
        let header = self.signature(&body, WEBHOOK_SECRET, 0);
        self.deliver(&body, &header).await
    }

    pub(crate) fn signature(&self, body: &str, secret: &str, age_s: i64) -> String {
        let at = self.test.host.clock().now().as_millis() / 1_000 - age_s;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signed = hmac::sign(&key, format!("{at}.{body}").as_bytes());
        format!("t={at},v1={}", data_encoding::HEXLOWER.encode(signed.as_ref()))
    }

    pub(crate) async fn deliver(&self, body: &str, signature: &str) -> Result<()> {
        let request = HandleWebhookRequest {
            provider: "stripe".to_owned(),
            headers: [("Stripe-Signature".to_owned(), signature.to_owned())].into(),
            body: body.as_bytes().to_vec(),
        };
        self.payments.handle_webhook(&self.ctx, request).await.map(|_| ())
    }
}

pub(crate) fn message(kind: &str, object: &Value) -> String {
    json!({ "id": "evt_1", "type": kind, "data": { "object": object } }).to_string()
}

pub(crate) fn eur(minor: i64) -> common::Money {
    common::Money { minor, currency: "EUR".to_owned() }
}

/// Captured, refunded, voided.
pub(crate) fn moved(intent: &Intent) -> (i64, i64, i64) {
    let minor = |money: &Option<common::Money>| money.as_ref().unwrap().minor;
    (minor(&intent.captured), minor(&intent.refunded), minor(&intent.voided))
}
