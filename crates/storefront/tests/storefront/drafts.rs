//! An order that the shop put together, from its link to the order: without a cart of the visitor's own.

use argosy_contracts::cart::{CartDocument, CartLine};

use crate::shop::{Answer, Shop, variant_id};

const ADDRESS: &str = "email=ann%40example.com&shipping.name=Ann&shipping.line1=Quay+1&shipping.city=Kiel\
    &shipping.postal_code=24103&shipping.country=DE&shipping_option=post";

/// A shop with a lamp in a draft, whose buyer has come by its link: the checkout's path.
async fn opened() -> (Shop, String) {
    let shop = Shop::start();
    shop.state.lock().unwrap().cart = Some(CartDocument {
        currency: "EUR".to_owned(),
        lines: vec![CartLine {
            id: "line_1".to_owned(),
            variant_id: variant_id("lamp", 0),
            quantity: 1,
            ..CartLine::default()
        }],
        ..CartDocument::default()
    });
    let started = shop.post("/checkout", &format!("argosy_cart={}", argosy_kernel::CartId::new()), "").await;
    assert_eq!(started.status, 303);
    changed(&shop, |draft| {
        draft.is_draft = true;
        "1-a".clone_into(&mut draft.seen);
    });
    let link = shop.get("/pay?key=secret").await;
    assert_eq!((link.status, link.header("referrer-policy")), (303, "no-referrer"));
    let path = link.header("location").to_owned();
    (shop, path)
}

fn changed(shop: &Shop, change: impl FnOnce(&mut argosy_contracts::orders::Checkout)) {
    change(shop.state.lock().unwrap().checkout.as_mut().unwrap());
}

fn form(page: &Answer) -> String {
    let (key, total, seen) = (page.hidden("key"), page.hidden("seen_total"), page.hidden("seen"));
    format!(
        "action=pay&key={key}&seen_total={total}&seen={seen}&payment=test:card&test_token=tok_ok&{ADDRESS}"
    )
}

/// The page with an address in it, so that nothing but the payment is left to do.
async fn filled(shop: &Shop, path: &str) -> Answer {
    let page = shop.get(path).await;
    let update = form(&page).replace("action=pay", "action=update");
    assert_eq!(shop.post(path, "", &update).await.status, 303);
    shop.get(path).await
}

#[tokio::test]
async fn who_has_the_link_sees_the_order_and_pays_it_and_keeps_their_own_cart() {
    let (shop, path) = opened().await;
    let page = shop.get(&path).await;
    assert!(page.html().contains("We have put this order together for you"), "{}", page.html());
    assert!(page.html().contains("Harbour lamp") && !page.html().contains("Change the cart"));
    let page = filled(&shop, &path).await;
    let paid = shop.post(&path, "argosy_cart=mine", &form(&page)).await;
    assert_eq!(paid.status, 303, "{}", paid.html());
    assert!(paid.header("location").starts_with("/orders/"), "{}", paid.header("location"));
    assert!(paid.headers.get("set-cookie").is_none(), "the visitor's cart is another one");
    let link = shop.get("/pay?key=secret").await;
    assert_eq!(link.status, 200);
    assert!(link.html().contains("It is order 1001") && !link.html().contains("/orders/"), "{}", link.html());
}

#[tokio::test]
async fn law_7_what_the_shop_changed_is_looked_at_again_and_not_overwritten() {
    let (shop, path) = opened().await;
    let page = filled(&shop, &path).await;
    changed(&shop, |draft| {
        "2-b".clone_into(&mut draft.seen);
        "Quay 2".clone_into(&mut draft.shipping_address.as_mut().unwrap().line1);
    });
    for form in [form(&page), form(&page).replace("action=pay", "action=update")] {
        let again = shop.post(&path, "", &form).await;
        assert_eq!(again.status, 422);
        assert!(
            again.html().contains("We have changed this order since you last saw it"),
            "{}",
            again.html()
        );
        assert!(again.html().contains("Quay 2") && !again.html().contains("Quay 1"));
    }
    assert!(shop.state.lock().unwrap().tokens.is_empty(), "nothing was paid");
    let again = shop.get(&path).await;
    let form = form(&again).replace("Quay+1", "Quay+2");
    assert!(shop.post(&path, "", &form).await.header("location").starts_with("/orders/"));
}

#[tokio::test]
async fn a_link_that_leads_to_nothing_says_why() {
    let (shop, path) = opened().await;
    for (status, said) in [("canceled", "This order was withdrawn"), ("expired", "This link has expired")] {
        changed(&shop, |draft| status.clone_into(&mut draft.status));
        let link = shop.get("/pay?key=secret").await;
        if status == "canceled" {
            // Whoever still has its page open hears it, too.
            let page = shop.get(&path).await;
            assert_eq!((page.status, page.html().contains(said)), (410, true), "{}", page.html());
        }
        assert_eq!((link.status, link.html().contains(said)), (410, true), "{}", link.html());
    }
    for unknown in ["/pay?key=other", "/pay?key=", "/pay"] {
        assert_eq!(shop.get(unknown).await.status, 404, "{unknown}");
    }
    let german = shop.get("/pay?key=secret&in=de").await;
    assert!(german.html().contains("Dieser Link ist abgelaufen"), "{}", german.html());
}
