//! Who buys decides on prices: companies abroad, uses for each buyer, first orders; over a whole shop.

use crate::support::{Buyers, Shop, ann};
use argosy_contracts::{
    common::Address,
    orders::{Order, StartCheckoutRequest, UpdateCheckoutRequest},
    pricing::{Campaign, Promotion, PutCampaignsRequest, PutPromotionsRequest},
};

/// Buys a cart as Ann.
async fn bought(buyers: &Buyers<'_>, cart: &str, key: &str) -> Order {
    let checkout = buyers.ready(cart).await;
    let done = buyers.pay(&checkout.id, "tok_ok", key).await.unwrap();
    assert_eq!(done.status, "completed", "{:?}", done.notices);
    buyers.order(&done.order_id).await
}

#[tokio::test]
async fn a_company_of_another_member_state_owes_the_tax_and_its_order_says_so() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let mug = buyers.stocked("mug", 10).await;
    let cart = buyers.cart(&[(&mug, 1)]).await;
    let orders = buyers.wiring.orders().unwrap();
    let started =
        orders.start_checkout(&buyers.ctx, StartCheckoutRequest { cart_id: cart.clone() }).await.unwrap();
    let company = Address {
        company: "Tasses SARL".to_owned(),
        country: "FR".to_owned(),
        postal_code: "75001".to_owned(),
        tax_number: " fr12 345678901 ".to_owned(),
        ..ann()
    };
    let update = UpdateCheckoutRequest {
        checkout_id: started.id.clone(),
        email: Some("achat@example.com".to_owned()),
        shipping_address: Some(company),
        shipping_option_id: Some("eu-standard".to_owned()),
        ..UpdateCheckoutRequest::default()
    };
    let ready = orders.update_checkout(&buyers.ctx, update).await.unwrap();
    assert_eq!(ready.status, "ready", "{:?}", ready.notices);
    let done = buyers.pay(&started.id, "tok_ok", "key-1").await.unwrap();
    let order = buyers.order(&done.order_id).await;
    let sum: Vec<(&str, i64)> =
        order.totals.iter().map(|line| (line.label.as_str(), line.amount.as_ref().unwrap().minor)).collect();
    assert_eq!(
        sum,
        [("Subtotal", 2_000), ("Standard shipping", 990), ("Reverse charge", -498), ("Total", 2_492)],
        "20.00 and 9.90 EUR without the 20 % of France"
    );
    assert_eq!(order.tax_notes[0].kind, "reverse_charge");
    assert_eq!(order.tax_lines[0].base.as_ref().unwrap().minor, 2_492);
}

#[tokio::test]
async fn a_code_that_each_may_use_once_is_no_use_to_the_same_buyer_again() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let mug = buyers.stocked("mug", 10).await;
    let hello = Promotion {
        code: "HELLO".to_owned(),
        title: "Hello".to_owned(),
        kind: "percentage".to_owned(),
        rate_ppm: 100_000,
        uses_per_customer: Some(1),
        active: true,
        ..Promotion::default()
    };
    let request = PutPromotionsRequest { promotions: vec![hello] };
    buyers.wiring.pricing().unwrap().put_promotions(&buyers.ctx, request).await.unwrap();
    let first = buyers.cart(&[(&mug, 1)]).await;
    buyers.with_code(&first, "HELLO").await;
    assert_eq!(bought(&buyers, &first, "key-1").await.discounts.len(), 1);
    let second = buyers.cart(&[(&mug, 1)]).await;
    buyers.with_code(&second, "HELLO").await;
    let checkout = buyers.ready(&second).await;
    let rejected = checkout.quote.unwrap().rejected_codes;
    assert_eq!(rejected[0].reason, "CODE_EXHAUSTED_FOR_BUYER");
}

#[tokio::test]
async fn a_campaign_for_first_orders_counts_once_a_buyer() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let mug = buyers.stocked("mug", 10).await;
    let first = Campaign {
        name: "first".to_owned(),
        title: "Welcome".to_owned(),
        kind: "percentage".to_owned(),
        rate_ppm: 100_000,
        first_order: true,
        active: true,
        ..Campaign::default()
    };
    let request = PutCampaignsRequest { campaigns: vec![first] };
    buyers.wiring.pricing().unwrap().put_campaigns(&buyers.ctx, request).await.unwrap();
    let mut given = Vec::new();
    for key in ["key-1", "key-2"] {
        let cart = buyers.cart(&[(&mug, 1)]).await;
        given.push(bought(&buyers, &cart, key).await.discounts.len());
    }
    assert_eq!(given, [1, 0]);
}
