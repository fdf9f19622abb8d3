//! A shop over HTTP, as its clients see it: the whole way, the races, and what is sent by mistake or malice.

use crate::support::Shop;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

/// A client of a running shop.
struct Api {
    client: Client,
    base: String,
}

impl Api {
    async fn open() -> (Shop, Self) {
        let shop = Shop::open_with(|settings| {
            settings.services = Vec::new();
            settings.edge.rate_limit_per_minute = 0;
        })
        .await;
        let base = format!("http://{}", shop.process.http.unwrap());
        (shop, Self { client: crate::support::http_client(), base })
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.client.get(format!("{}{path}", self.base)).send().await.unwrap()).await
    }

    async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        read(self.client.post(format!("{}{path}", self.base)).json(body).send().await.unwrap()).await
    }

    async fn patch(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        read(self.client.patch(format!("{}{path}", self.base)).json(body).send().await.unwrap()).await
    }

    async fn complete(&self, checkout: &str, token: &str, key: &str) -> (StatusCode, Value) {
        let request = self
            .client
            .post(format!("{}/store/checkouts/{checkout}/complete", self.base))
            .header("idempotency-key", key)
            .json(&json!({"payment": {"provider": "test", "token": token}}));
        read(request.send().await.unwrap()).await
    }

    /// A checkout of one unit that lacks nothing but the payment.
    async fn ready(&self, variant: &str) -> String {
        let lines = json!({"currency": "EUR", "lines": [{"variant_id": variant, "quantity": 1}]});
        let (status, cart) = self.post("/store/carts", &lines).await;
        assert_eq!(status, StatusCode::CREATED, "{cart}");
        let (status, checkout) = self.post("/store/checkouts", &json!({"cart_id": cart["id"]})).await;
        assert_eq!(status, StatusCode::CREATED, "{checkout}");
        let path = format!("/store/checkouts/{}", checkout["id"].as_str().unwrap());
        let address = json!({
            "email": "ann@example.com",
            "shipping_address": {
                "name": "Ann Buyer", "line1": "Hauptstraße 1", "city": "Bonn", "postal_code": "53111", "country": "DE",
            },
        });
        let (status, checkout) = self.patch(&path, &address).await;
        assert_eq!(status, StatusCode::OK, "{checkout}");
        let option = checkout["fulfilment"]["methods"][0]["groups"][0]["options"][0]["id"].clone();
        let (status, checkout) = self.patch(&path, &json!({"shipping_option_id": option})).await;
        assert_eq!((status, checkout["status"].as_str()), (StatusCode::OK, Some("ready")), "{checkout}");
        checkout["id"].as_str().unwrap().to_owned()
    }
}

async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

#[tokio::test]
async fn a_purchase_over_the_store_api() {
    let (shop, api) = Api::open().await;
    let variant = shop.buyers().stocked("mug", 10).await;
    let checkout = api.ready(&variant).await;
    let (status, done) = api.complete(&checkout, "tok_ok", "key-1").await;
    assert_eq!((status, done["status"].as_str()), (StatusCode::OK, Some("completed")), "{done}");
    let (id, key) = (done["order"]["id"].as_str().unwrap(), done["order"]["key"].as_str().unwrap());
    let (status, order) = api.get(&format!("/store/orders/{id}?key={key}")).await;
    assert_eq!((status, order["payment_status"].as_str()), (StatusCode::OK, Some("captured")), "{order}");
    assert_eq!(api.get(&format!("/store/orders/{id}?key=wrong")).await.0, StatusCode::NOT_FOUND);
    let page = api.client.get(format!("{}/orders/{id}?key={key}", api.base)).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().await.unwrap().contains("1001"));
}

#[tokio::test]
async fn law_2_two_hundred_buyers_over_http_get_exactly_the_last_ten() {
    let (shop, api) = Api::open().await;
    let variant = shop.buyers().stocked("rare", 10).await;
    let mut checkouts = Vec::new();
    for _ in 0..200 {
        checkouts.push(api.ready(&variant).await);
    }
    let paying = checkouts.iter().map(|checkout| api.complete(checkout, "tok_ok", "key-1"));
    let answers = futures::future::join_all(paying).await;
    let placed = answers.iter().filter(|(status, _)| *status == StatusCode::OK).count();
    assert_eq!(placed, 10);
    for (status, problem) in answers.iter().filter(|(status, _)| *status != StatusCode::OK) {
        assert_eq!(
            (*status, problem["code"].as_str()),
            (StatusCode::CONFLICT, Some("OUT_OF_STOCK")),
            "{problem}"
        );
    }
    assert_eq!(shop.buyers().available(&variant).await, 0);
}

#[tokio::test]
async fn law_4_keys_over_http() {
    let (shop, api) = Api::open().await;
    let variant = shop.buyers().stocked("mug", 10).await;
    let checkout = api.ready(&variant).await;
    let clicks = (0..4).map(|_| api.complete(&checkout, "tok_slow", "key-1"));
    let answers = futures::future::join_all(clicks).await;
    for (status, answer) in &answers {
        assert_eq!(*status, StatusCode::OK, "{answer}");
        assert_eq!(answer["order"]["id"], answers[0].1["order"]["id"]);
    }
    let (status, problem) = api.complete(&checkout, "tok_ok", "key-1").await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("KEY_REUSED")));
    let path = format!("/store/checkouts/{checkout}/complete");
    let (status, problem) =
        api.post(&path, &json!({"payment": {"provider": "test", "token": "tok_ok"}})).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::BAD_REQUEST, Some("KEY_MISSING")));

    let add = |key: &'static str| {
        let request = api.client.post(format!("{}/store/carts", api.base)).header("idempotency-key", key);
        let request = request.json(&json!({"lines": [{"variant_id": variant, "quantity": 1}]}));
        async move { read(request.send().await.unwrap()).await }
    };
    assert_eq!(add("cart-key-1").await.1["id"], add("cart-key-1").await.1["id"]);
}

#[tokio::test]
async fn a_change_of_the_catalogue_is_seen_by_everyone_within_a_second() {
    let (shop, api) = Api::open().await;
    let buyers = shop.buyers();
    buyers.stocked("lantern", 3).await;
    argosy_testkit::eventually("the product is found", || async {
        api.get("/store/search?q=lantern").await.1["items"].as_array().is_some_and(|items| items.len() == 1)
    })
    .await;
    assert_eq!(api.get("/store/products/lantern").await.1["variants"][0]["price"]["amount"], 2_000);
    buyers.priced("lantern", 1_500).await;
    argosy_testkit::eventually("the price is shown", || async {
        let shown = api.get("/store/products/lantern").await.1["variants"][0]["price"]["amount"] == 1_500;
        let page = api.client.get(format!("{}/products/lantern", api.base)).send().await.unwrap();
        shown && page.text().await.unwrap().contains("15.00")
    })
    .await;
}

#[tokio::test]
async fn bad_requests_are_answered_clearly_and_change_nothing() {
    let (shop, api) = Api::open().await;
    let variant = shop.buyers().stocked("mug", 10).await;
    let (_, cart) = api.post("/store/carts", &json!({})).await;
    let lines = format!("/store/carts/{}/lines", cart["id"].as_str().unwrap());
    for (body, status) in [
        (json!({"variant_id": variant, "quantity": -1}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"variant_id": variant, "quantity": 0}), StatusCode::UNPROCESSABLE_ENTITY),
        (
            json!({"variant_id": variant, "quantity": 9_223_372_036_854_775_807_i64}),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (json!({"variant_id": variant, "quantity": "two"}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"variant_id": variant, "quantity": 1.5}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"variant_id": variant, "quantity": 1, "price": 1}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"variant_id": "var_00000000000000000000000000", "quantity": 1}), StatusCode::NOT_FOUND),
    ] {
        let (answered, problem) = api.post(&lines, &body).await;
        assert_eq!(answered, status, "{body} -> {problem}");
        assert!(problem["code"].is_string() && problem["status"].is_number(), "{problem}");
    }
    let raw = |body: Vec<u8>| {
        let request =
            api.client.post(format!("{}{lines}", api.base)).header("content-type", "application/json");
        async move { read(request.body(body).send().await.unwrap()).await }
    };
    for (body, status) in [
        (b"{\"variant_id\": ".to_vec(), StatusCode::BAD_REQUEST),
        (b"{\"variant_id\": \"\xff\xfe\"}".to_vec(), StatusCode::BAD_REQUEST),
        (vec![b'['; 100_000], StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let (answered, problem) = raw(body).await;
        assert_eq!(answered, status, "{problem}");
    }
    assert_eq!(api.post("/store/carts", &json!({"currency": "XYZ"})).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(api.get("/store/carts/ord_1").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(api.get("/store/products/no-such-thing").await.0, StatusCode::NOT_FOUND);
    assert_eq!(api.get("/store/products?colour=red").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, cart) = api.get(&format!("/store/carts/{}", cart["id"].as_str().unwrap())).await;
    assert_eq!(cart["lines"], json!([]));
}

#[tokio::test]
async fn a_hundred_megabytes_are_refused_without_reading_them() {
    let (_shop, api) = Api::open().await;
    let address = api.base.trim_start_matches("http://").to_owned();
    let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /store/carts HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: 104857600\r\n\r\n"
    );
    tokio::io::AsyncWriteExt::write_all(&mut socket, head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut socket, &mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}
