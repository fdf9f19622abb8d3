//! A carrier that says what shipping costs, asked at the checkout of a whole shop over HTTP.

use crate::support::{Buyers, http_client, settings};
use argosy::serve::Process;
use argosy_contracts::{
    common::{Address, Money},
    inventory::{Location, PutLocationsRequest},
    pricing::{ListShippingZonesRequest, LiveRate, PutShippingZonesRequest, ShippingRate},
};
use argosy_kernel::{Ctx, LocationId, RequestId};
use argosy_pricing::CarrierConfig;
use argosy_testkit::{
    TestHost,
    servers::{CarrierMood, FakeCarrier},
};
use serde_json::{Value, json};

/// A shop in Kiel with mugs of 500 g for 20.00, whose one rate asks a carrier.
struct Shop {
    process: Process,
    carrier: FakeCarrier,
    mug: String,
    _folder: tempfile::TempDir,
    _world: TestHost,
}

impl Shop {
    async fn open(kept_for_s: u32, own_price: &[i64]) -> Self {
        let (folder, world, carrier) =
            (tempfile::tempdir().unwrap(), TestHost::new(), FakeCarrier::default());
        let url = format!("http://{}/rates", world.serve_http(carrier.router()).await);
        let mut settings = settings(folder.path(), &[]);
        settings.edge.rate_limit_per_minute = 0;
        let config = CarrierConfig { url, deadline_ms: 2_000, kept_for_s, ..CarrierConfig::default() };
        settings.pricing.carriers = [("post".to_owned(), config)].into();
        let process = Process::start(&settings, None).await.unwrap();
        let buyers = Buyers { wiring: process.wiring(), ctx: Ctx::guest() };
        let mug = buyers.stocked("mug", 10).await;
        let location = Location {
            id: LocationId::from_bytes([0; 16]).to_string(),
            name: "Quay".to_owned(),
            active: true,
            address: Some(Address {
                country: "DE".to_owned(),
                postal_code: "24103".to_owned(),
                ..Address::default()
            }),
            ..Location::default()
        };
        let inventory = buyers.wiring.inventory().unwrap();
        inventory
            .put_locations(&buyers.ctx, PutLocationsRequest { locations: vec![location] })
            .await
            .unwrap();
        let pricing = buyers.wiring.pricing().unwrap();
        let listed = pricing.list_shipping_zones(&buyers.ctx, ListShippingZonesRequest {}).await.unwrap();
        let mut zones = listed.zones;
        let flat = own_price.iter().map(|minor| Money { minor: *minor, currency: "EUR".to_owned() });
        zones[0].rates = vec![ShippingRate {
            id: "post".to_owned(),
            title: "Parcel post".to_owned(),
            flat: flat.collect(),
            days_max: 5,
            live: Some(LiveRate { carrier: "post".to_owned(), ..LiveRate::default() }),
            ..ShippingRate::default()
        }];
        pricing.put_shipping_zones(&buyers.ctx, PutShippingZonesRequest { zones }).await.unwrap();
        Self { process, carrier, mug, _folder: folder, _world: world }
    }

    /// A request to the store API under a key of its own; answers its status and body.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("http://{}/store{path}", self.process.http.unwrap());
        let request = http_client().request(method.parse().unwrap(), &url);
        let request = request.header("idempotency-key", RequestId::new().to_string());
        let response = request.json(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// A checkout of a mug to Bonn; answers its path and itself.
    async fn checkout(&self) -> (String, Value) {
        let lines = json!({ "currency": "EUR", "lines": [{ "variant_id": self.mug, "quantity": 1 }] });
        let (_, cart) = self.ask("POST", "/carts", &lines).await;
        let (_, checkout) = self.ask("POST", "/checkouts", &json!({ "cart_id": cart["id"] })).await;
        let path = format!("/checkouts/{}", checkout["id"].as_str().unwrap());
        let contact = json!({ "email": "ann@example.com", "shipping_address": {
            "name": "Ann", "line1": "Kai 1", "city": "Bonn", "postal_code": "53111", "country": "DE",
        }});
        let (status, checkout) = self.ask("PATCH", &path, &contact).await;
        assert_eq!(status, 200, "{checkout}");
        (path, checkout)
    }

    async fn choose(&self, path: &str, option: &str) -> Value {
        self.ask("PATCH", path, &json!({ "shipping_option_id": option })).await.1
    }

    async fn pay(&self, path: &str) -> (u16, Value) {
        let payment = json!({ "payment": { "provider": "test", "token": "tok_ok" } });
        self.ask("POST", &format!("{path}/complete"), &payment).await
    }
}

fn options(checkout: &Value) -> Vec<(String, i64)> {
    let options = checkout["fulfilment"]["methods"][0]["groups"][0]["options"].as_array().unwrap();
    let told = options.iter().map(|option| {
        (option["id"].as_str().unwrap().to_owned(), option["price"]["amount"].as_i64().unwrap())
    });
    told.collect()
}

fn notices(checkout: &Value) -> Vec<&str> {
    let notices = checkout["notices"].as_array().unwrap();
    notices.iter().map(|notice| notice["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_buyer_chooses_a_service_and_pays_what_was_shown_although_it_is_dearer_by_then() {
    let shop = Shop::open(300, &[790]).await;
    let (path, checkout) = shop.checkout().await;
    assert_eq!(options(&checkout), [("post.standard".to_owned(), 500), ("post.express".to_owned(), 1_300)]);
    let asked = shop.carrier.asked();
    assert_eq!(asked.len(), 1, "neither the cart nor a checkout without an address asked");
    assert_eq!(asked[0]["parcels"][0]["from"]["postal_code"], json!("24103"), "the place that has the mug");
    assert_eq!(asked[0]["to"]["postal_code"], json!("53111"));
    let chosen = shop.choose(&path, "post.express").await;
    assert_eq!(chosen["total"]["amount"], json!(3_300));
    assert!(!chosen["fulfilment"]["parcels"][0]["latest"].is_null(), "{chosen}");
    shop.carrier.set_dearer(1_000);
    let (status, done) = shop.pay(&path).await;
    assert_eq!((status, &done["status"]), (200, &json!("completed")), "{done}");
    assert_eq!(shop.carrier.asked().len(), 1, "what was shown counts for a while");
    let url = done["order"]["url"].as_str().unwrap().trim_start_matches("/store");
    let (_, order) = shop.ask("GET", url, &json!({})).await;
    assert_eq!(order["shipping"]["id"], json!("post.express"));
    shop.process.stop().await;
}

#[tokio::test]
async fn law_7_a_carrier_that_is_dearer_or_away_by_then_is_a_notice_and_no_surprise() {
    let shop = Shop::open(0, &[790]).await;
    let (path, _) = shop.checkout().await;
    shop.choose(&path, "post.express").await;
    shop.carrier.set_dearer(100);
    let (_, told) = shop.pay(&path).await;
    assert_eq!((notices(&told), &told["status"]), (vec!["TOTAL_CHANGED"], &json!("ready")), "{told}");
    let token = json!({ "accepted_notices": [told["notices"][0]["token"]] });
    shop.ask("PATCH", &path, &token).await;
    shop.carrier.set_mood(CarrierMood::Away);
    let (_, away) = shop.ask("GET", &path, &json!({})).await;
    assert_eq!(options(&away), [("post".to_owned(), 790)], "the shop's own price");
    let (status, refused) = shop.pay(&path).await;
    assert_eq!((status, &refused["code"]), (409, &json!("CHECKOUT_INCOMPLETE")), "{refused}");
    shop.choose(&path, "post").await;
    let (_, done) = shop.pay(&path).await;
    assert_eq!((&done["status"], &done["total"]["amount"]), (&json!("completed"), &json!(2_790)), "{done}");
    shop.process.stop().await;
}

#[tokio::test]
async fn a_rate_without_a_price_of_the_shops_own_is_not_offered_while_its_carrier_is_away() {
    let shop = Shop::open(0, &[]).await;
    shop.carrier.set_mood(CarrierMood::OtherCurrency);
    let (_, checkout) = shop.checkout().await;
    assert!(options(&checkout).is_empty());
    assert!(notices(&checkout).contains(&"NOT_SHIPPED_THERE"), "{checkout}");
    shop.process.stop().await;
}
