//! Cards that are remembered on a device: chosen at the till, removed, and added without a purchase.

use argosy_contracts::payments::SavedMethod;
use argosy_storefront::StorefrontConfig;

use crate::shop::{Shop, State, variant_id};

const ADDRESS: &str = "email=ann%40example.com&shipping.name=Ann&shipping.line1=Quay+1&shipping.city=Kiel\
    &shipping.postal_code=24103&shipping.country=DE&shipping_option=post";
const WALLET: &str = "argosy_wallet=wal_0000000000000000000000000g.secretkey";
const CARD: &str = "pmt_0000000000000000000000000g";
const OLD: &str = "pmt_0000000000000000000000001g";

fn saved(id: &str, brand: &str, is_expired: bool) -> SavedMethod {
    SavedMethod {
        id: id.to_owned(),
        provider: "test".to_owned(),
        method: "card".to_owned(),
        brand: brand.to_owned(),
        last_four: "4242".to_owned(),
        expiry_month: 4,
        expiry_year: 2029,
        is_expired,
        ..SavedMethod::default()
    }
}

fn with_cards() -> State {
    State { saved: vec![saved(OLD, "<b>odd</b>", true), saved(CARD, "visa", false)], ..State::default() }
}

/// A shop, the path of a checkout whose total was seen, and the form to pay with, but for what pays.
async fn ready_to_pay(state: State) -> (Shop, String, String) {
    let shop = Shop::with(StorefrontConfig::default(), state);
    let added = shop.post("/cart/lines", "", &format!("variant={}", variant_id("lamp", 0))).await;
    let path = shop.post("/checkout", &added.cookies(), "").await.header("location").to_owned();
    shop.post(&path, "", &format!("action=update&{ADDRESS}")).await;
    let page = shop.get(&path).await;
    let (key, seen) = (page.hidden("key"), page.hidden("seen_total"));
    let form = format!("action=pay&key={key}&seen_total={seen}&{ADDRESS}");
    (shop, path, form)
}

async fn page_with(shop: &Shop, path: &str) -> String {
    shop.get_with(path, &[("cookie", WALLET)]).await.html().to_owned()
}

#[tokio::test]
async fn a_card_is_remembered_only_if_the_buyer_says_so() {
    let (shop, path, form) = ready_to_pay(State::default()).await;
    let page = shop.get(&path).await;
    assert!(page.html().contains("name=\"remember.test\" value=\"1\">"), "{}", page.html());
    assert!(!page.html().contains("remember.manual") && !page.html().contains("saved:"));
    let paid = shop.post(&path, "", &format!("{form}&payment=test:card&test_token=tok_ok")).await;
    assert!(paid.header("location").starts_with("/orders/"));
    assert!(!paid.cookies().contains("argosy_wallet"));
    let state = shop.state.lock().unwrap();
    assert_eq!((state.opened.len(), &state.wallets[0]), (0, &(String::new(), false)));
}

#[tokio::test]
async fn a_wallet_is_opened_for_the_first_card_and_a_double_click_opens_one() {
    let (shop, path, form) = ready_to_pay(State::default()).await;
    let form = format!("{form}&payment=test:card&test_token=tok_ok&remember.test=1");
    for _ in 0..2 {
        let paid = shop.post(&path, "", &form).await;
        assert!(paid.header("location").starts_with("/orders/"), "{}", paid.html());
    }
    {
        let state = shop.state.lock().unwrap();
        assert_eq!(state.wallets.len(), 1, "one purchase");
        assert!(state.wallets[0].1 && state.opened[0] == state.wallets[0].0);
    }
    // Who has a wallet keeps it.
    let (shop, path, form) = ready_to_pay(with_cards()).await;
    let form = format!("{form}&payment=test:card&test_token=tok_ok&remember.test=1");
    let paid = shop.post(&path, WALLET, &form).await;
    assert!(paid.cookies().contains(WALLET), "{}", paid.cookies());
    let set = paid.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let set: Vec<_> = set.filter(|value| value.starts_with("argosy_wallet=")).collect();
    assert!(set[0].contains("HttpOnly") && set[0].contains("SameSite=Lax"), "{set:?}");
    let state = shop.state.lock().unwrap();
    assert_eq!((state.opened.len(), &state.wallets[0].0), (0, &"wal_0000000000000000000000000g".to_owned()));
}

#[tokio::test]
async fn saved_cards_come_before_a_new_one_and_pay_without_script() {
    let (shop, path, form) = ready_to_pay(with_cards()).await;
    let html = page_with(&shop, &path).await;
    assert!(html.contains("<strong>Visa ···· 4242, 04/29</strong>"), "{html}");
    let chosen = format!("value=\"saved:test:{CARD}\" checked");
    assert!(html.contains(&chosen), "{html}");
    assert!(html.find(&chosen) < html.find("value=\"test:card\""), "before a new card");
    assert!(html.contains(&format!("value=\"saved:test:{OLD}\" disabled")), "{html}");
    assert!(html.contains("This card has expired.") && !html.contains("<b>odd</b>"), "{html}");
    assert!(!shop.get(&path).await.html().contains("saved:"), "only with the wallet");
    let paid = shop.post(&path, WALLET, &format!("{form}&payment=saved:test:{CARD}")).await;
    assert!(paid.header("location").starts_with("/orders/"), "{}", paid.html());
    let state = shop.state.lock().unwrap();
    assert_eq!(state.tokens, [format!("test:{CARD}")]);
    assert_eq!(state.wallets, [("wal_0000000000000000000000000g".to_owned(), false)]);
}

#[tokio::test]
async fn a_saved_card_without_its_wallet_is_refused_before_anything_is_paid() {
    let (shop, path, form) = ready_to_pay(with_cards()).await;
    for cookie in ["", "argosy_wallet=wal_0000000000000000000000000g.wrong"] {
        let refused = shop.post(&path, cookie, &format!("{form}&payment=saved:test:{CARD}")).await;
        assert_eq!(refused.status, 422);
        assert!(refused.html().contains("This card is not saved any more."), "{}", refused.html());
    }
    assert!(shop.state.lock().unwrap().orders.is_empty());
}

#[tokio::test]
async fn a_card_is_removed_at_the_till_and_nothing_is_paid() {
    let (shop, path, form) = ready_to_pay(with_cards()).await;
    let form = form.replace("action=pay", &format!("action=remove:{CARD}"));
    let stranger = shop.post(&path, "", &form).await;
    assert_eq!((stranger.status, shop.state.lock().unwrap().saved.len()), (303, 2));
    for _ in 0..2 {
        let removed = shop.post(&path, WALLET, &form).await;
        assert_eq!((removed.status, removed.header("location")), (303, path.as_str()));
    }
    assert!(!page_with(&shop, &path).await.contains(CARD));
    assert!(shop.state.lock().unwrap().orders.is_empty());
}

#[tokio::test]
async fn the_page_of_saved_cards_shows_removes_and_adds() {
    let shop = Shop::with(StorefrontConfig::default(), with_cards());
    let empty = shop.get("/wallet").await;
    assert!(empty.html().contains("No card is saved on this device."), "{}", empty.html());
    assert_eq!(empty.header("cache-control"), "no-store");
    let page = shop.get_with("/wallet", &[("cookie", WALLET)]).await;
    assert!(page.html().contains("Visa ···· 4242, 04/29") && !page.html().contains("remember."));
    let key = page.hidden("key");
    let removed = shop.post("/wallet", WALLET, &format!("action=remove:{CARD}")).await;
    assert_eq!((removed.status, removed.header("location")), (303, "/wallet?removed=1"));
    assert_eq!(shop.state.lock().unwrap().saved.len(), 1);
    let form = |token: &str| format!("action=add&key={key}&payment=test:card&test_token={token}");
    let added = shop.post("/wallet", WALLET, &form("tok_ok")).await;
    assert_eq!((added.status, added.header("location")), (303, "/wallet?saved=1"));
    assert!(shop.get("/wallet?saved=1").await.html().contains("The card is saved."));
    let declined = shop.post("/wallet", WALLET, &form("tok_declined")).await;
    assert_eq!(declined.status, 422);
    assert!(declined.html().contains("The card was declined."), "{}", declined.html());
    let waits = shop.post("/wallet", WALLET, &form("tok_needs_action")).await;
    assert!(waits.header("location").starts_with("/wallet/test-bank/setup_"), "{}", waits.html());
    let bank = shop.get_with(waits.header("location"), &[("cookie", WALLET)]).await;
    assert!(bank.html().contains("save your card?"), "{}", bank.html());
    assert_eq!(shop.get(waits.header("location")).await.status, 404, "it is its owner's page");
    let first = shop.post("/wallet", "", &form("tok_ok")).await;
    assert!(first.cookies().contains("argosy_wallet=wal_"), "who has no wallet gets one");
    let nothing = shop.post("/wallet", WALLET, &format!("action=add&key={key}")).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.html().contains("Please choose how to pay."));
}

#[tokio::test]
async fn a_form_of_another_site_removes_nothing() {
    let shop = Shop::with(StorefrontConfig::default(), with_cards());
    let request =
        http::Request::post("/wallet").header("sec-fetch-site", "cross-site").header("cookie", WALLET);
    let body = axum::body::Body::from(format!("action=remove:{CARD}"));
    assert_eq!(shop.send(request.body(body).unwrap()).await.status, 403);
    assert_eq!(shop.state.lock().unwrap().saved.len(), 2);
}

#[tokio::test]
async fn with_a_provider_the_card_goes_into_its_fields_and_its_bank_opens_here() {
    let state = State { card_key: "pk_test_1".to_owned(), ..with_cards() };
    let shop = Shop::with(StorefrontConfig::default(), state);
    let page = shop.get("/wallet").await;
    assert!(page.html().contains("data-card=\"pk_test_1\""));
    assert!(page.header("content-security-policy").contains("https://js.stripe.com"));
    let setup = "/wallet/card/setup_0000000000000000000000000g";
    let asks = shop.get_with(setup, &[("cookie", WALLET)]).await;
    assert!(
        asks.html().contains("data-card-action=\"pk_test_1\" data-secret=\"seti_1_secret_2\""),
        "{}",
        asks.html()
    );
    assert!(asks.header("content-security-policy").contains("https://js.stripe.com"));
    assert_eq!(shop.get(setup).await.status, 404, "its secret is its owner's");
    let missing = format!("action=add&key={}&payment=stripe:card&token.stripe=", page.hidden("key"));
    assert!(shop.post("/wallet", WALLET, &missing).await.html().contains("Please fill in your card"));
}

#[tokio::test]
async fn a_bank_elsewhere_is_reached_over_a_page_of_ours_and_led_back_from() {
    let bank = "https://hooks.stripe.com/3ds?id=1".to_owned();
    let shop = Shop::with(StorefrontConfig::default(), State { bank, ..with_cards() });
    let key = shop.get("/wallet").await.hidden("key");
    let form = format!("action=add&key={key}&payment=test:card&test_token=tok_ok");
    let asks = shop.post("/wallet", WALLET, &form).await;
    assert_eq!((asks.status, asks.header("refresh")), (200, "0; url=https://hooks.stripe.com/3ds?id=1"));
    let returned = "/wallet/return?setup=setup_0000000000000000000000000g&redirect_status=succeeded";
    let done = shop.get_with(returned, &[("cookie", WALLET)]).await;
    assert_eq!((done.status, done.header("location")), (303, "/wallet?saved=1"));
    assert_eq!(
        shop.get(returned).await.header("location"),
        "/wallet",
        "whose wallet is not here sees nothing"
    );
}

#[tokio::test]
async fn german_says_it_in_german() {
    let config =
        StorefrontConfig { languages: vec!["en".to_owned(), "de".to_owned()], ..StorefrontConfig::default() };
    let shop = Shop::with(config, with_cards());
    let page = shop.get_with("/de/wallet", &[("cookie", WALLET)]).await;
    assert!(
        page.html().contains("Gemerkte Karten") && page.html().contains("Visa ···· 4242, 04/29"),
        "{}",
        page.html()
    );
}

#[tokio::test]
async fn a_shop_whose_payments_know_no_wallets_sells() {
    let (shop, path, form) = ready_to_pay(State { without_wallets: true, ..with_cards() }).await;
    assert!(!page_with(&shop, &path).await.contains("saved:"));
    let form = format!("{form}&payment=test:card&test_token=tok_ok&remember.test=1");
    let paid = shop.post(&path, "", &form).await;
    assert!(paid.header("location").starts_with("/orders/"), "{}", paid.html());
    assert_eq!(shop.state.lock().unwrap().wallets, [(String::new(), false)]);
}
