//! Paying by card in the payment provider's own fields.

use argosy_storefront::StorefrontConfig;

use crate::shop::{Shop, State, variant_id};

const ADDRESS: &str = "email=ann%40example.com&shipping.name=Ann&shipping.line1=Quay+1&shipping.city=Kiel\
    &shipping.postal_code=24103&shipping.country=DE&shipping_option=post";

/// A shop that takes cards, the path of a checkout whose total was seen, and the form to pay with.
async fn ready_to_pay(state: State) -> (Shop, String, String) {
    let shop = Shop::with(StorefrontConfig::default(), state);
    let added = shop.post("/cart/lines", "", &format!("variant={}", variant_id("lamp", 0))).await;
    let path = shop.post("/checkout", &added.cookies(), "").await.header("location").to_owned();
    shop.post(&path, "", &format!("action=update&{ADDRESS}")).await;
    let page = shop.get(&path).await;
    let (key, seen) = (page.hidden("key"), page.hidden("seen_total"));
    let form = format!("action=pay&key={key}&seen_total={seen}&payment=stripe:card&{ADDRESS}");
    (shop, path, form)
}

fn taking_cards() -> State {
    State { card_key: "pk_test_1".to_owned(), ..State::default() }
}

#[tokio::test]
async fn only_the_page_with_the_card_may_load_what_is_not_ours() {
    let (shop, path, _) = ready_to_pay(taking_cards()).await;
    let page = shop.get(&path).await;
    assert!(
        page.html().contains("<script src=\"https://js.stripe.com/v3/\" defer></script>"),
        "{}",
        page.html()
    );
    assert!(page.html().contains("data-card=\"pk_test_1\""));
    let policy = page.header("content-security-policy").to_owned();
    for part in [
        "script-src 'self' https://js.stripe.com",
        "frame-src https://js.stripe.com",
        "connect-src 'self' https://api.stripe.com",
        "form-action 'self'",
    ] {
        assert!(policy.contains(part), "{part} is not in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    for other in ["/", "/cart", "/products/lamp", "/nowhere"] {
        let page = shop.get(other).await;
        assert!(!page.header("content-security-policy").contains("stripe"), "{other}");
        assert!(!page.html().contains("js.stripe.com"), "{other}");
    }
}

#[tokio::test]
async fn without_keys_nothing_of_others_is_loaded() {
    let (shop, path, form) = ready_to_pay(State::default()).await;
    let page = shop.get(&path).await;
    assert!(!page.html().contains("stripe") && !page.header("content-security-policy").contains("stripe"));
    assert_eq!(shop.post(&path, "", &form.replace("stripe:card", "test:card")).await.status, 303);
}

#[tokio::test]
async fn the_providers_token_pays_and_is_shown_to_nobody() {
    let (shop, path, form) = ready_to_pay(taking_cards()).await;
    let paid = shop.post(&path, "", &format!("{form}&token.stripe=pm_1")).await;
    assert!(paid.header("location").starts_with("/orders/"), "{}", paid.html());
    assert_eq!(shop.state.lock().unwrap().tokens, ["stripe:pm_1"]);
    let (shop, path, form) = ready_to_pay(taking_cards()).await;
    let wrong = form.replace("shipping.city=Kiel", "shipping.city=");
    let refused = shop.post(&path, "", &format!("{wrong}&token.stripe=pm_secret")).await;
    assert_eq!(refused.status, 422);
    assert!(!refused.html().contains("pm_secret"), "a token is not echoed");
}

#[tokio::test]
async fn without_script_it_is_said_that_cards_need_it_and_the_other_ways_remain() {
    let (shop, path, form) = ready_to_pay(taking_cards()).await;
    let page = shop.get(&path).await;
    assert!(page.html().contains(
        "<noscript><p class=\"notice warning\">To pay by card, your browser has to run JavaScript"
    ));
    let refused = shop.post(&path, "", &format!("{form}&token.stripe=")).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.html().contains("Please fill in your card, or pay in another way."),
        "{}",
        refused.html()
    );
    assert!(shop.state.lock().unwrap().orders.is_empty());
    let key = refused.hidden("key");
    let other =
        form.replace("stripe:card", "manual:bank_transfer").replacen("key=", &format!("key={key}&old="), 1);
    assert!(shop.post(&path, "", &other).await.header("location").starts_with("/orders/"));
}

#[tokio::test]
async fn the_buyer_goes_to_the_bank_over_a_page_of_ours() {
    let bank = "https://hooks.stripe.com/3ds?id=1".to_owned();
    let (shop, path, form) = ready_to_pay(State { bank, ..taking_cards() }).await;
    let paid = shop.post(&path, "", &format!("{form}&token.stripe=pm_1")).await;
    // A form that led to another site would be stopped by our own policy.
    assert_eq!((paid.status, paid.header("location")), (303, format!("{path}?on=1").as_str()));
    let page = shop.get(paid.header("location")).await;
    assert_eq!(page.header("refresh"), "0; url=https://hooks.stripe.com/3ds?id=1");
    assert!(
        page.html().contains("href=\"https:&#x2f;&#x2f;hooks.stripe.com")
            || page.html().contains("href=\"https://hooks.stripe.com")
    );
    assert_eq!(
        shop.get(&path).await.header("refresh"),
        "",
        "who comes back by themselves is not sent away again"
    );
}

#[tokio::test]
async fn where_the_bank_has_no_address_its_window_opens_on_our_page() {
    let (shop, path, _) = ready_to_pay(taking_cards()).await;
    let page = shop.get("/checkout/card/pay_waits").await;
    assert!(
        page.html().contains("data-card-action=\"pk_test_1\" data-secret=\"pi_1_secret_2\""),
        "{}",
        page.html()
    );
    assert!(page.header("content-security-policy").contains("https://js.stripe.com"));
    assert_eq!(page.header("cache-control"), "no-store");
    let decided = shop.get("/checkout/card/pay_decided").await;
    assert_eq!((decided.status, decided.header("location")), (303, format!("{path}/return").as_str()));
}

#[tokio::test]
async fn a_gift_card_pays_by_its_code_without_script() {
    let (shop, path, form) = ready_to_pay(State::default()).await;
    let page = shop.get(&path).await;
    assert!(page.html().contains("name=\"gift_code\"") && !page.html().contains("name=\"token.gift_card\""));
    let form = form.replace("stripe:card", "gift_card:gift_card");
    let refused = shop.post(&path, "", &format!("{form}&token.gift_card=")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html().contains("Please type the code of your gift card"), "{}", refused.html());
    let key = refused.hidden("key");
    let again = form.replacen("key=", &format!("key={key}&old="), 1);
    let paid = shop.post(&path, "", &format!("{again}&token.gift_card=GIFT-1234-ABCD")).await;
    assert!(paid.header("location").starts_with("/orders/"), "{}", paid.html());
    assert_eq!(shop.state.lock().unwrap().tokens, ["gift_card:GIFT-1234-ABCD"]);
}

#[tokio::test]
async fn a_gift_card_pays_beside_a_card_without_script() {
    let (shop, path, form) = ready_to_pay(State::default()).await;
    let form = form.replace("stripe:card", "test:card");
    let apply = form.replace("action=pay", "action=gift");

    // Whose code is wrong or who is empty is told so at the field, and pays nothing.
    for (code, says) in
        [("short", "12 to 40 letters"), ("GIFTEMPTYABCD", "There is no gift card with this code")]
    {
        let page = shop.post(&path, "", &format!("{apply}&gift_code={code}")).await;
        assert!(page.html().contains(says) && !page.html().contains(code), "{}", page.html());
    }

    let page = shop.post(&path, "", &format!("{apply}&gift_code=GIFT1234ABCD")).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    assert_eq!(
        (page.hidden("gift_card"), page.hidden("gift_pays")),
        ("GIFT1234ABCD".to_owned(), "500".to_owned())
    );
    for shown in ["Gift card ····ABCD", "−€5.00", "Left to pay"] {
        assert!(page.html().contains(shown), "{shown} is not in {}", page.html());
    }
    assert!(
        !page.html().replace("value=\"GIFT1234ABCD\"", "").contains("GIFT1234"),
        "only the form has the code"
    );
    let with = |key: &str| {
        format!(
            "{}&gift_card=GIFT1234ABCD&gift_pays=500",
            form.replacen("key=", &format!("key={key}&old="), 1)
        )
    };

    let twice = shop
        .post(
            &path,
            "",
            &format!("{}&gift_code=GIFT1234ABCD", with("k").replace("action=pay", "action=gift")),
        )
        .await;
    assert!(twice.html().contains("applied already"), "{}", twice.html());
    let removed =
        shop.post(&path, "", &format!("{}&remove_gift=0", with("k").replace("action=pay&", ""))).await;
    assert!(!removed.html().contains("····ABCD"), "{}", removed.html());

    // Law 7: a code that is typed and not applied is seen first.
    let unseen = shop.post(&path, "", &format!("{form}&gift_code=GIFT1234ABCD")).await;
    assert_eq!(unseen.status, 422);
    assert!(unseen.html().contains("Please check what is left to pay"), "{}", unseen.html());
    assert!(shop.state.lock().unwrap().tokens.is_empty(), "nothing was paid");

    let paid = shop.post(&path, "", &with(&page.hidden("key"))).await;
    assert!(paid.header("location").starts_with("/orders/"), "{}", paid.html());
    assert_eq!(shop.state.lock().unwrap().tokens, ["gift_card:GIFT1234ABCD=500", "test:tok_ok=0"]);
    assert!(!paid.header("location").contains("GIFT"));
}
