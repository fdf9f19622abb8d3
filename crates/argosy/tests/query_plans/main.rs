//! What PostgreSQL does for the statements of browsing, buying and selling in a shop of 100,000 products: none walks
//! through a table that grows with the shop.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod growth;
mod plans;
mod seen;
#[path = "../support/mod.rs"]
mod support;

use argosy_testkit::{Call, Engine, Mode, Schemas, eventually};
use sqlx::{Connection, PgConnection};
use support::{Shop, http_client};

const PRODUCTS: i64 = 100_000;

#[tokio::test]
async fn no_hot_statement_walks_through_a_table_that_grows() {
    let schemas = Schemas::new();
    let seen = seen::statements();
    Box::pin(sell_everything_once(&schemas)).await;
    let statements = seen.take();
    assert!(statements.len() > 60, "{} statements are too few for a whole shop", statements.len());

    let mut connection = PgConnection::connect(schemas.url()).await.unwrap();
    let tables = growth::grow(&mut connection, schemas.prefix(), PRODUCTS).await;
    let mut lines = Vec::new();
    for statement in statements.iter().filter(|statement| !is_housekeeping(&statement.text)) {
        lines.extend(plans::explain(&mut connection, schemas.prefix(), &tables, statement).await);
    }
    let walks: Vec<&String> = lines.iter().filter(|line| line.contains("Seq Scan")).collect();
    assert!(walks.is_empty(), "these walk through a table that grows:\n{walks:#?}");
    lines.retain(|line| !BACKGROUND.iter().any(|words| line.contains(words)));
    lines.sort();
    insta::assert_snapshot!(lines.join("\n\n"));
}

/// What consumers and sweeps ask, when their time comes: it must not walk either, but may not have come.
const BACKGROUND: &[&str] =
    &["outbox", "inbox", "message", "delete from", "_ms <= ", "limit ", "set lease_until_ms = 0"];

/// Takes thousands of old rows at a time, by the hour: to walk through the table for them is right.
fn is_housekeeping(text: &str) -> bool {
    text.starts_with("delete from outbox") || text.starts_with("delete from document where key in")
}

/// Browsing and buying over HTTP and by the contracts, with all that happens in the background.
async fn sell_everything_once(schemas: &Schemas) {
    let shop = Shop::open_in(Mode { engine: Engine::Sqlite, call: Call::Local }, |settings| {
        settings.services = Vec::new();
        settings.database = schemas.settings();
        settings.inventory.sweep_interval_s = 1;
    })
    .await;
    let buyers = shop.buyers();
    let variant = buyers.stocked("mug", 5).await;
    buyers.coupon("TEN", 100).await;
    let base = format!("http://{}", shop.process.http.unwrap());
    let client = http_client();
    for path in
        ["/", "/products/mug", "/store/products/mug", "/store/products", "/store/categories", "/sitemap.xml"]
    {
        let answer = client.get(format!("{base}{path}")).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }
    let lines = serde_json::json!({"lines": [{"variant_id": variant, "quantity": 1}]});
    let kept = client.post(format!("{base}/store/carts")).header("idempotency-key", "a").json(&lines).send();
    assert_eq!(kept.await.unwrap().status(), 201);

    for (token, status) in
        [("tok_ok", "completed"), ("tok_declined", "ready"), ("tok_needs_action", "needs_buyer")]
    {
        let cart = buyers.cart(&[(&variant, 1)]).await;
        buyers.with_code(&cart, "TEN").await;
        let checkout = buyers.ready(&cart).await;
        let done = buyers.pay(&checkout.id, token, "key").await.unwrap();
        assert_eq!(done.status, status);
        if status == "completed" {
            let order = buyers.order(&done.order_id).await;
            eventually("the payment is taken", || async {
                buyers.order(&order.id).await.payment_status == "captured"
            })
            .await;
        }
    }
    eventually("the buyer is written to", || async {
        let request =
            argosy_contracts::notifications::ListMessagesRequest { limit: 10, cursor: String::new() };
        let notifications = shop.process.wiring().notifications().unwrap();
        let messages =
            notifications.list_messages(&argosy_kernel::Ctx::system("test"), request).await.unwrap();
        messages.messages.iter().any(|message| message.state == "sent")
    })
    .await;
    shop.process.stop().await;
}
