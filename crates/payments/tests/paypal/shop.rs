//! A payments service whose PayPal is pretended.

use argosy_contracts::{
    common,
    payments::{
        AuthoriseRequest, CaptureRequest, HandleWebhookRequest, Intent, PaymentsClient, RefreshIntentRequest,
        RefundRequest, VoidRequest,
    },
};
use argosy_kernel::{Ctx, IntentId, Result, Secret};
use argosy_payments::{PaymentsConfig, PaypalConfig};
use argosy_testkit::{
    Call, Mode, TestHost,
    servers::{FakePaypal, PAYPAL_CLIENT},
};

pub(crate) struct Subject {
    pub(crate) test: TestHost,
    pub(crate) payments: PaymentsClient,
    pub(crate) paypal: FakePaypal,
    pub(crate) ctx: Ctx,
}

impl Subject {
    pub(crate) async fn start(mode: Mode) -> Self {
        let test = TestHost::on(mode.engine);
        let paypal = FakePaypal::default();
        let address = test.serve_http(paypal.router()).await;
        let config = PaymentsConfig {
            paypal: PaypalConfig {
                client_id: Some(PAYPAL_CLIENT.0.to_owned()),
                client_secret: Some(Secret::new(PAYPAL_CLIENT.1.to_owned())),
                api_base: format!("http://{address}"),
                request_timeout_ms: 500,
                ..PaypalConfig::default()
            },
            ..PaymentsConfig::default()
        };
        let local = argosy_payments::start(&test.host, config).await.unwrap().payments;
        let payments = match mode.call {
            Call::Local => local,
            Call::Remote => PaymentsClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        Self { test, payments, paypal, ctx: Ctx::system("test") }
    }

    pub(crate) async fn authorise(&self, id: IntentId) -> Result<Intent> {
        let request = AuthoriseRequest {
            intent_id: id.to_string(),
            reference: "chk_1".to_owned(),
            amount: Some(eur(1_000)),
            provider: "paypal".to_owned(),
            token: "paypal".to_owned(),
            return_url: "https://shop.example/checkout/chk_1/return".to_owned(),
            ..AuthoriseRequest::default()
        };
        self.payments.authorise(&self.ctx, request).await
    }

    /// A payment whose money is held.
    pub(crate) async fn held(&self) -> IntentId {
        let id = IntentId::new();
        self.authorise(id).await.unwrap();
        self.paypal.buyer_approves(&id.to_string(), false);
        assert_eq!(self.refresh(id).await.unwrap().state, "authorised");
        id
    }

    pub(crate) async fn refresh(&self, id: IntentId) -> Result<Intent> {
        self.payments.refresh_intent(&self.ctx, RefreshIntentRequest { intent_id: id.to_string() }).await
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

    pub(crate) async fn notify(&self, body: String) -> Result<()> {
        let body = body.into_bytes();
        let request = HandleWebhookRequest { provider: "paypal".to_owned(), body, ..Default::default() };
        self.payments.handle_webhook(&self.ctx, request).await.map(|_| ())
    }

    pub(crate) fn books(&self, id: IntentId) -> (bool, i64, i64) {
        self.paypal.books(&id.to_string())
    }
}

pub(crate) fn eur(minor: i64) -> common::Money {
    common::Money { minor, currency: "EUR".to_owned() }
}

pub(crate) fn moved(intent: &Intent) -> (i64, i64) {
    (intent.captured.as_ref().unwrap().minor, intent.refunded.as_ref().unwrap().minor)
}
