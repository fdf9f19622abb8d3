//! Rates from an outside tax engine.

use std::sync::{Arc, Mutex};

use argosy_contracts::{
    catalog::CatalogClient,
    pricing::{Destination, PricingClient, Quote, QuoteRequest, TaxRate, TaxZone},
};
use argosy_kernel::{Clock, Ctx, Error, Result};
use argosy_pricing::{PricingConfig, TaxEngine, TaxQuestion};
use argosy_testkit::TestHost;
use async_trait::async_trait;

use crate::{
    fake_catalog::FakeCatalog,
    subject::{cart, destination, minor},
};

/// What the engine does when it is asked.
#[derive(Clone, Copy)]
enum Mood {
    Answers(i64),
    Fails,
    NeverAnswers,
    TalksNonsense,
}

/// An engine that a test tells what to do, and that notes what it was asked.
struct FakeEngine {
    mood: Mutex<Mood>,
    asked: Mutex<Vec<TaxQuestion>>,
}

#[async_trait]
impl TaxEngine for FakeEngine {
    fn name(&self) -> &'static str {
        "fake"
    }

    async fn rates(&self, _ctx: &Ctx, question: &TaxQuestion) -> Result<TaxZone> {
        self.asked.lock().unwrap().push(question.clone());
        let mood = *self.mood.lock().unwrap();
        let rate_ppm = match mood {
            Mood::Answers(rate_ppm) => rate_ppm,
            Mood::TalksNonsense => -1,
            Mood::Fails => return Err(Error::unavailable("ENGINE_DOWN", "it is down")),
            Mood::NeverAnswers => std::future::pending().await,
        };
        let rate = TaxRate {
            tax_class: "standard".to_owned(),
            rate_ppm,
            label: "Street tax".to_owned(),
            ..TaxRate::default()
        };
        Ok(TaxZone { name: "Main Street".to_owned(), rates: vec![rate], ..TaxZone::default() })
    }
}

struct Shop {
    test: TestHost,
    engine: Arc<FakeEngine>,
    pricing: PricingClient,
    checkout: QuoteRequest,
}

impl Shop {
    async fn open() -> Self {
        let test = TestHost::new();
        let engine =
            Arc::new(FakeEngine { mood: Mutex::new(Mood::Answers(100_000)), asked: Mutex::default() });
        let catalog = FakeCatalog::default();
        let mug = argosy_kernel::VariantId::new();
        catalog.offer(mug, 11_000, "EUR", |_| {});
        let config = PricingConfig { tax_engine_timeout_ms: 20, ..PricingConfig::default() };
        let pricing = argosy_pricing::start_with(
            &test.host,
            CatalogClient::local(catalog),
            config,
            Some(engine.clone()),
        )
        .await
        .unwrap();
        let checkout = QuoteRequest { for_checkout: true, ..cart(&[(mug, 1)]) };
        Self { test, engine, pricing, checkout }
    }

    fn is(&self, mood: Mood) {
        *self.engine.mood.lock().unwrap() = mood;
    }

    fn times_asked(&self) -> usize {
        self.engine.asked.lock().unwrap().len()
    }

    async fn quote(&self, request: &QuoteRequest) -> Quote {
        self.pricing.quote(&Ctx::system("test"), request.clone()).await.unwrap().quote.unwrap()
    }

    /// The tax of the checkout, and what the trace says of the engine.
    async fn taxed(&self) -> (i64, String) {
        let quote = self.quote(&self.checkout).await;
        let step = quote.trace.iter().find(|step| step.rule == "tax_engine").unwrap();
        (minor(quote.lines[0].tax.as_ref()), step.text.clone())
    }
}

const OWN: i64 = 1_756;

#[tokio::test]
async fn a_checkout_is_taxed_with_the_rates_of_the_engine() {
    let shop = Shop::open().await;
    assert_eq!(shop.taxed().await, (1_000, "rates of fake: Main Street".to_owned()));
    let asked = shop.engine.asked.lock().unwrap()[0].clone();
    assert_eq!((asked.to.country.as_str(), asked.tax_classes), ("DE", vec!["standard".to_owned()]));
    assert_eq!(asked.time, shop.test.clock.now());
}

#[tokio::test]
async fn law_9_no_engine_is_asked_while_a_cart_is_priced() {
    let shop = Shop::open().await;
    for request in [
        QuoteRequest { for_checkout: false, ..shop.checkout.clone() },
        QuoteRequest { destination: None, ..shop.checkout.clone() },
    ] {
        assert_eq!(minor(shop.quote(&request).await.lines[0].tax.as_ref()), OWN);
    }
    assert_eq!(shop.times_asked(), 0);
}

#[tokio::test]
async fn an_engine_that_fails_is_slow_or_wrong_is_replaced_by_the_shops_own_rates() {
    for (mood, told) in [
        (Mood::Fails, "fake failed (ENGINE_DOWN); the shop's own rates count"),
        (Mood::NeverAnswers, "fake failed (TAX_ENGINE_SLOW); the shop's own rates count"),
        (Mood::TalksNonsense, "fake failed (INVALID_FIELD); the shop's own rates count"),
    ] {
        let shop = Shop::open().await;
        shop.is(mood);
        assert_eq!(shop.taxed().await, (OWN, told.to_owned()));
    }
}

#[tokio::test]
async fn an_engine_that_is_down_is_left_alone_for_a_while() {
    let shop = Shop::open().await;
    shop.is(Mood::Fails);
    for _ in 0..5 {
        assert_eq!(shop.taxed().await.0, OWN);
    }
    assert_eq!(shop.times_asked(), 3);
    assert!(shop.taxed().await.1.contains("left alone"));
    shop.is(Mood::Answers(100_000));
    shop.test.clock.advance(std::time::Duration::from_secs(30));
    assert_eq!(shop.taxed().await.0, 1_000);
}

#[tokio::test]
async fn an_engine_hears_where_goods_go_and_not_who_buys() {
    let shop = Shop::open().await;
    let to = Destination { postal_code: "sw1a 1aa".to_owned(), ..destination("GB") };
    let mut request = QuoteRequest { destination: Some(to), ..shop.checkout.clone() };
    request.buyer =
        Some(argosy_contracts::pricing::Buyer { tax_number: "GB1".to_owned(), ..Default::default() });
    shop.quote(&request).await;
    let asked = shop.engine.asked.lock().unwrap()[0].clone();
    let told = serde_json::to_string(&asked).unwrap();
    assert!(told.contains("SW1A1AA") && !told.contains("GB1"), "{told}");
}
