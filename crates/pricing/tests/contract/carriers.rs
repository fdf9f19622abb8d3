//! Rates that a carrier says, asked over HTTP.

use argosy_contracts::pricing::{
    Destination, LiveRate, ParcelLine, ParcelRequest, PutShippingZonesRequest, Quote, QuoteRequest,
    ShippingRate, ShippingZone,
};
use argosy_kernel::{Result, Secret, VariantId};
use argosy_pricing::{CarrierConfig, PricingConfig};
use argosy_testkit::{
    Mode, TestHost, contract_stories,
    servers::{CarrierMood, FakeCarrier},
};
use serde_json::json;

use crate::subject::{Subject as Pricing, cart, destination, minor, money};

contract_stories! {
    a_checkout_is_offered_each_service_that_the_carrier_has_with_the_shops_markup,
    law_9_a_cart_and_a_checkout_whose_parcels_are_not_planned_ask_nobody,
    a_carrier_hears_parcels_and_places_and_nothing_of_who_buys,
    law_7_who_was_shown_a_price_is_shown_it_again_for_a_while,
    a_carrier_that_fails_or_talks_nonsense_leaves_the_shops_own_price_or_nothing,
    law_9_a_carrier_that_keeps_failing_is_left_alone_for_a_while,
    services_are_chosen_by_id_and_goods_of_some_value_are_sent_for_nothing,
    wrong_rates_name_the_field_and_change_nothing,
}

struct Subject {
    s: Pricing,
    carrier: FakeCarrier,
    mug: VariantId,
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        let (test, carrier) = (TestHost::on(mode.engine), FakeCarrier::default());
        let url = format!("http://{}/rates", test.serve_http(carrier.router()).await);
        let config = CarrierConfig {
            url,
            secret: Some(Secret::new("s3cret".to_owned())),
            deadline_ms: 400,
            from_country: "DE".to_owned(),
            from_postal_code: "24103".to_owned(),
            ..CarrierConfig::default()
        };
        let carriers = [("post".to_owned(), config)].into();
        let s = Pricing::start_with(mode, test, PricingConfig { carriers, ..PricingConfig::default() }).await;
        let mug = VariantId::new();
        s.catalog.offer(mug, 2_000, "EUR", |variant| variant.weight_g = 600);
        let subject = Self { s, carrier, mug };
        subject.put(vec![live()]).await.unwrap();
        subject
    }

    async fn put(&self, rates: Vec<ShippingRate>) -> Result<()> {
        let countries = vec!["DE".to_owned()];
        let zones = vec![ShippingZone { name: "Germany".to_owned(), countries, rates }];
        self.s.pricing.put_shipping_zones(&self.s.ctx, PutShippingZonesRequest { zones }).await.map(drop)
    }

    /// A checkout of so many mugs in one parcel.
    fn checkout(&self, mugs: i64) -> QuoteRequest {
        let lines = vec![ParcelLine { line_id: "l0".to_owned(), quantity: mugs }];
        QuoteRequest {
            for_checkout: true,
            parcels_planned: true,
            parcels: vec![ParcelRequest { lines, from: None }],
            ..cart(&[(self.mug, mugs)])
        }
    }

    async fn quote(&self, request: QuoteRequest) -> Quote {
        self.s.quote(request).await
    }
}

/// 10 % and half a euro on the carrier's price; 7.90 while it is away.
fn live() -> ShippingRate {
    ShippingRate {
        id: "post".to_owned(),
        title: "Parcel post".to_owned(),
        carrier: "Post".to_owned(),
        flat: vec![money(790, "EUR")],
        live: Some(LiveRate {
            carrier: "post".to_owned(),
            markup_ppm: 100_000,
            markup: vec![money(50, "EUR")],
            ..LiveRate::default()
        }),
        ..ShippingRate::default()
    }
}

fn options(quote: &Quote) -> Vec<(&str, i64)> {
    let told = quote.shipping_options.iter();
    told.map(|option| (option.id.as_str(), minor(option.price.as_ref()))).collect()
}

fn told<'a>(quote: &'a Quote, rule: &str) -> &'a str {
    quote.trace.iter().find(|step| step.rule == rule).map_or("", |step| step.text.as_str())
}

const AT_HOME: [(&str, i64); 1] = [("post", 790)];

async fn a_checkout_is_offered_each_service_that_the_carrier_has_with_the_shops_markup(s: Subject) {
    let quote = s.quote(s.checkout(3)).await;
    assert_eq!(options(&quote), [("post.standard", 710), ("post.express", 1_590)], "1.8 kg are two");
    let express = &quote.shipping_options[1];
    assert_eq!((express.title.as_str(), express.carrier.as_str()), ("Express", "Post"));
    assert_eq!((express.days_min, express.days_max, express.earliest.is_empty()), (1, 1, false));
    assert_eq!(told(&quote, "carrier:post"), "prices of post: 2 services");
    let chosen = QuoteRequest { shipping_option_id: "post.express".to_owned(), ..s.checkout(3) };
    let quote = s.quote(chosen).await;
    assert_eq!(minor(quote.total.as_ref()), 6_000 + 1_590);
    assert_eq!(told(&quote, "shipping:post.express"), "Germany, Express, asked of post: 14.00 EUR");
    assert!(!quote.asks_carriers);
}

async fn law_9_a_cart_and_a_checkout_whose_parcels_are_not_planned_ask_nobody(s: Subject) {
    let in_cart = s.quote(cart(&[(s.mug, 1)])).await;
    assert_eq!((options(&in_cart).as_slice(), in_cart.asks_carriers), (&AT_HOME[..], false));
    let unplanned = QuoteRequest { parcels_planned: false, parcels: Vec::new(), ..s.checkout(1) };
    let unplanned = s.quote(unplanned).await;
    assert_eq!((options(&unplanned).as_slice(), unplanned.asks_carriers), (&AT_HOME[..], true));
    assert!(unplanned.asks_parcels);
    let nowhere = s.quote(QuoteRequest { destination: None, ..s.checkout(1) }).await;
    let abroad = s.quote(QuoteRequest { destination: Some(destination("FR")), ..s.checkout(1) }).await;
    assert!(options(&nowhere).is_empty() && options(&abroad).is_empty());
    assert!(s.carrier.asked().is_empty());
}

async fn a_carrier_hears_parcels_and_places_and_nothing_of_who_buys(s: Subject) {
    let mut request = s.checkout(3);
    let place = |country: &str, region: &str, postal_code: &str| Destination {
        country: country.to_owned(),
        region: region.to_owned(),
        postal_code: postal_code.to_owned(),
    };
    request.destination = Some(place("DE", "BE", "10115"));
    request.parcels[0].lines[0].quantity = 2;
    let lines = vec![ParcelLine { line_id: "l0".to_owned(), quantity: 1 }];
    request.parcels.push(ParcelRequest { lines, from: Some(place("AT", "", "1010")) });
    s.quote(request).await;
    let question = json!({
        "parcels": [
            { "from": { "country": "DE", "region": "", "postal_code": "24103" }, "weight_g": 1_200, "pieces": 2 },
            { "from": { "country": "AT", "region": "", "postal_code": "1010" }, "weight_g": 600, "pieces": 1 },
        ],
        "to": { "country": "DE", "region": "BE", "postal_code": "10115" },
        "currency": "EUR",
        "services": [],
    });
    assert_eq!(s.carrier.asked(), [question]);
    assert_eq!(s.carrier.tokens(), ["Bearer s3cret"]);
}

async fn law_7_who_was_shown_a_price_is_shown_it_again_for_a_while(s: Subject) {
    let before = s.quote(s.checkout(1)).await;
    s.carrier.set_dearer(1_000);
    let shown_again = s.quote(s.checkout(1)).await;
    assert_eq!(options(&shown_again), options(&before));
    assert_eq!(told(&shown_again, "carrier:post"), "prices of post, as it said a moment ago");
    assert_eq!(s.carrier.asked().len(), 1);
    let other = s.quote(s.checkout(2)).await;
    assert_eq!(options(&other)[0], ("post.standard", 1_810), "another question has another answer");
    s.s.test.clock.advance(std::time::Duration::from_secs(301));
    assert_eq!(options(&s.quote(s.checkout(1)).await)[0], ("post.standard", 1_700));
}

async fn a_carrier_that_fails_or_talks_nonsense_leaves_the_shops_own_price_or_nothing(s: Subject) {
    for (mood, reason) in [
        (CarrierMood::Slow, "CARRIER_SLOW"),
        (CarrierMood::Away, "CARRIER_AWAY"),
        (CarrierMood::OtherCurrency, "CARRIER_ANSWER"),
        (CarrierMood::BelowNothing, "CARRIER_ANSWER"),
        (CarrierMood::Absurd, "CARRIER_ANSWER"),
        (CarrierMood::Page, "CARRIER_ANSWER"),
        (CarrierMood::Huge, "CARRIER_ANSWER"),
    ] {
        s.carrier.set_mood(mood);
        let quote = s.quote(s.checkout(1)).await;
        assert_eq!(options(&quote), AT_HOME, "{mood:?}");
        let expected = format!("post failed ({reason}); the shop's own price counts");
        assert_eq!(told(&quote, "carrier:post"), expected, "{mood:?}");
        // A good answer in between closes the breaker, and is to another question each time.
        s.carrier.set_mood(CarrierMood::Answers);
        let mugs = 10 + i64::try_from(s.carrier.asked().len()).unwrap();
        assert_eq!(options(&s.quote(s.checkout(mugs)).await).len(), 2, "{mood:?}");
    }
    s.put(vec![ShippingRate { flat: Vec::new(), ..live() }]).await.unwrap();
    s.carrier.set_mood(CarrierMood::Away);
    let nothing =
        s.quote(QuoteRequest { shipping_option_id: "post.express".to_owned(), ..s.checkout(1) }).await;
    assert!(options(&nothing).is_empty());
    assert_eq!(nothing.notices[0].code, "NOT_SHIPPED_THERE");
}

async fn law_9_a_carrier_that_keeps_failing_is_left_alone_for_a_while(s: Subject) {
    s.carrier.set_mood(CarrierMood::Away);
    for _ in 0..3 {
        s.quote(s.checkout(1)).await;
    }
    let left_alone = s.quote(s.checkout(1)).await;
    assert_eq!(
        told(&left_alone, "carrier:post"),
        "post is left alone after failures; the shop's own price counts"
    );
    assert_eq!((options(&left_alone).as_slice(), s.carrier.asked().len()), (&AT_HOME[..], 3));
    s.carrier.set_mood(CarrierMood::Answers);
    s.s.test.clock.advance(std::time::Duration::from_secs(31));
    assert_eq!(options(&s.quote(s.checkout(1)).await).len(), 2);
}

async fn services_are_chosen_by_id_and_goods_of_some_value_are_sent_for_nothing(s: Subject) {
    let of = |services: &[&str], id: &str| {
        let mut rate = ShippingRate { id: id.to_owned(), free_over: vec![money(10_000, "EUR")], ..live() };
        let live = rate.live.as_mut().unwrap();
        live.services = services.iter().map(|id| (*id).to_owned()).collect();
        rate
    };
    s.put(vec![of(&["express"], "fast"), of(&["standard", "gone"], "slow")]).await.unwrap();
    let quote = s.quote(s.checkout(1)).await;
    assert_eq!(options(&quote), [("fast.express", 1_480), ("slow.standard", 600)]);
    assert_eq!(s.carrier.asked()[0]["services"], json!(["express", "gone", "standard"]));
    assert_eq!(s.carrier.asked().len(), 1, "one question for both rates");
    let free = s.quote(s.checkout(5)).await;
    assert_eq!(options(&free), [("fast.express", 0), ("slow.standard", 0)]);
}

async fn wrong_rates_name_the_field_and_change_nothing(s: Subject) {
    let with = |change: fn(&mut LiveRate)| {
        let mut rate = live();
        change(rate.live.as_mut().unwrap());
        rate
    };
    let collected = argosy_kernel::LocationId::new().to_string();
    for (field, rate) in [
        ("live/carrier", with(|live| "gone".clone_into(&mut live.carrier))),
        ("live/carrier", with(|live| live.carrier.clear())),
        ("live/services/0", with(|live| live.services = vec!["a b".to_owned()])),
        ("live/markup_ppm", with(|live| live.markup_ppm = -1_000_001)),
        ("live/markup/0/minor", with(|live| live.markup = vec![money(-1, "EUR")])),
        ("id", ShippingRate { id: "x".repeat(24), ..live() }),
        ("live", ShippingRate { pickup_location_id: collected, ..live() }),
    ] {
        let error = s.put(vec![rate]).await.unwrap_err();
        assert_eq!(error.fields()[0].pointer, format!("/zones/0/rates/0/{field}"), "{error:?}");
    }
    let list = argosy_contracts::pricing::ListShippingZonesRequest {};
    let zones = s.s.pricing.list_shipping_zones(&s.s.ctx, list).await.unwrap().zones;
    assert_eq!(zones[0].rates, [live()], "what is put reads back");
    let refused = async |change: fn(&mut CarrierConfig)| {
        let mut config =
            CarrierConfig { url: "http://carrier.example/".to_owned(), ..CarrierConfig::default() };
        change(&mut config);
        let config =
            PricingConfig { carriers: [("post".to_owned(), config)].into(), ..PricingConfig::default() };
        let test = TestHost::new();
        let catalog = argosy_contracts::catalog::CatalogClient::local(s.s.catalog.clone());
        let refused = argosy_pricing::start(&test.host, catalog, config).await.err().unwrap();
        assert_eq!(refused.reason(), "INVALID_SETTING");
        refused.message().to_owned()
    };
    assert!(refused(|config| config.url.clear()).await.contains("pricing.carriers.post.url"));
    assert!(refused(|config| config.deadline_ms = 0).await.contains("deadline_ms"));
    assert!(refused(|config| config.kept_for_s = 3_601).await.contains("kept_for_s"));
    assert!(refused(|config| "Germany".clone_into(&mut config.from_country)).await.contains("from_country"));
}
