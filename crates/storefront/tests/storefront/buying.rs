//! The way from a product to an order, as forms do it.

use argosy_contracts::{
    common::Notice,
    orders::{Fulfilment, LineQuantity, Order, OrderLine, OrderMoney, OrderParcel},
    pricing::{QuotedFee, QuotedLine},
};
use argosy_edge::EdgeConfig;
use axum::body::Body;
use http::Request;

use crate::shop::{Shop, variant_id};

const ADDRESS: &str = "email=ann%40example.com&shipping.name=Ann&shipping.line1=Quay+1&shipping.city=Kiel\
    &shipping.postal_code=24103&shipping.country=DE";

/// A shop with a lamp in the cart, and the visitor's cookies.
async fn with_cart() -> (Shop, String) {
    let shop = Shop::start();
    let form = format!("variant={}&quantity=2", variant_id("lamp", 0));
    let added = shop.post("/cart/lines", "", &form).await;
    assert_eq!((added.status, added.header("location")), (303, "/cart"));
    let cookies = added.cookies();
    (shop, cookies)
}

/// The same with an open checkout: its path.
async fn with_checkout() -> (Shop, String, String) {
    let (shop, cookies) = with_cart().await;
    let started = shop.post("/checkout", &cookies, "").await;
    assert_eq!(started.status, 303);
    let path = started.header("location").to_owned();
    (shop, cookies, path)
}

#[tokio::test]
async fn the_cart_is_a_secret_cookie_and_its_count_is_in_no_page() {
    let (shop, cookies) = with_cart().await;
    let form = format!("variant={}", variant_id("lamp", 0));
    let set = shop.post("/cart/lines", "", &form).await;
    let cart = set.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).next().unwrap();
    assert!(cart.contains("HttpOnly") && cart.contains("SameSite=Lax"), "{cart}");
    let count = shop.get_with("/cart/count", &[("cookie", &cookies)]).await;
    assert_eq!(count.html(), "{\"count\":1}");
    assert_eq!(count.header("cache-control"), "no-store");
    let page = shop.get_with("/products/lamp", &[("cookie", &cookies)]).await;
    assert_eq!(page.html(), shop.get("/products/lamp").await.html());
}

#[tokio::test]
async fn forms_of_other_sites_change_nothing() {
    let (shop, cookies) = with_cart().await;
    for path in ["/cart", "/cart/lines", "/checkout", "/checkout/chk_x", "/checkout/test-bank/pay_x"] {
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "cross-site")
            .header("cookie", &cookies);
        let answer = shop.send(request.body(Body::from("remove=line_1")).unwrap()).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    assert_eq!(shop.state.lock().unwrap().cart.as_ref().unwrap().lines.len(), 1);
}

#[tokio::test]
async fn quantities_change_lines_go_and_each_form_has_a_key() {
    let (shop, cookies) = with_cart().await;
    let page = shop.get_with("/cart", &[("cookie", &cookies)]).await;
    assert!(page.html().contains("€98.00"), "{}", page.html());
    let key = page.hidden("key");
    let form = format!("key={key}&quantity.line_1=3");
    assert_eq!(shop.post("/cart", &cookies, &form).await.status, 303);
    assert!(shop.state.lock().unwrap().keys.contains(&key));
    assert_ne!(shop.get_with("/cart", &[("cookie", &cookies)]).await.hidden("key"), key);
    let refused = shop.post("/cart", &cookies, "quantity.line_1=lots").await;
    assert_eq!(refused.status, 422);
    assert!(refused.html().contains("The quantity must be from 0 to 9999"), "{}", refused.html());
    shop.post("/cart", &cookies, "remove=line_1&quantity.line_1=3").await;
    assert!(shop.get_with("/cart", &[("cookie", &cookies)]).await.html().contains("Your cart is empty"));
}

#[tokio::test]
async fn a_line_is_wrapped_with_a_message_without_a_script_and_hostile_words_are_escaped() {
    let (shop, cookies) = with_cart().await;
    assert!(!shop.get_with("/cart", &[("cookie", &cookies)]).await.html().contains("Gift wrap"));
    shop.state.lock().unwrap().wraps = vec!["ribbon".to_owned()];
    let page = shop.get_with("/cart", &[("cookie", &cookies)]).await;
    assert!(page.html().contains("<option value=\"ribbon\">&lt;ribbon&gt;, €3.50 each"), "{}", page.html());
    assert!(page.html().contains("form=\"wrap-line_1\"") && page.html().contains("id=\"wrap-line_1\""));
    let form = "key=k1&wrap_line=line_1&wrap=ribbon&message=For+%3Cb%3Eyou%22";
    assert_eq!(shop.post("/cart", &cookies, form).await.status, 303);
    let page = shop.get_with("/cart", &[("cookie", &cookies)]).await;
    for part in
        ["&lt;ribbon&gt;, €7.00", "<option value=\"ribbon\" selected>", "value=\"For &lt;b&gt;you&quot;\""]
    {
        assert!(page.html().contains(part), "{part} is not in {}", page.html());
    }
    let german = shop.get_with("/de/cart", &[("cookie", &cookies)]).await;
    assert!(german.html().contains("Geschenkverpackung"), "{}", german.html());
    let refused = shop.post("/cart", &cookies, "wrap_line=line_1&wrap=gold&message=x").await;
    assert_eq!(refused.status, 422);
    assert!(refused.html().contains("This gift wrap is not offered."), "{}", refused.html());
    shop.post("/cart", &cookies, "wrap_line=line_1&wrap=&message=For+you").await;
    let line = shop.state.lock().unwrap().cart.as_ref().unwrap().lines[0].clone();
    assert_eq!((line.wrap.as_str(), line.wrap_message.as_str()), ("", ""));
}

#[tokio::test]
async fn an_order_shows_how_its_lines_are_wrapped() {
    let (shop, path) = with_two_lamps_sent();
    {
        let mut state = shop.state.lock().unwrap();
        let order = state.orders.last_mut().unwrap();
        order.lines[0].wrap_message = "Ahoy <Ann>".to_owned();
        order.fees.push(QuotedFee {
            title: "Ribbon".to_owned(),
            kind: "wrap".to_owned(),
            line_id: "line_1".to_owned(),
            amount: Some(argosy_contracts::common::Money { minor: 700, currency: "EUR".to_owned() }),
            ..QuotedFee::default()
        });
    }
    let page = shop.get(&format!("{path}?key=secret")).await;
    assert!(page.html().contains("Ribbon, €7.00<br><q>Ahoy &lt;Ann&gt;</q>"), "{}", page.html());
}

#[tokio::test]
async fn what_is_not_sold_cannot_be_added() {
    let shop = Shop::start();
    let refused = shop.post("/cart/lines", "", "variant=nonsense").await;
    assert_eq!(refused.status, 422);
    assert!(refused.html().contains("This item is not sold any more."));
}

#[tokio::test]
async fn a_wrong_field_is_named_and_no_input_is_lost() {
    let (shop, cookies, path) = with_checkout().await;
    let form = "action=pay&email=ann&shipping.name=Ann+%3Cb%3E&shipping.city=Kiel&shipping.country=FR&payment=test:card";
    let answer = shop.post(&path, &cookies, form).await;
    assert_eq!(answer.status, 422);
    for part in [
        "Must be an e-mail address.",
        "aria-describedby=\"email.error\"",
        "href=\"#email\"",
        "value=\"Ann &lt;b&gt;\"",
        "<option value=\"FR\" selected>France",
    ] {
        assert!(answer.html().contains(part), "{part} is not in {}", answer.html());
    }
    assert!(shop.state.lock().unwrap().orders.is_empty());
}

#[tokio::test]
async fn law_7_nothing_is_paid_before_the_buyer_has_seen_the_total() {
    let (shop, cookies, path) = with_checkout().await;
    let page = shop.get(&path).await;
    let (key, seen) = (page.hidden("key"), page.hidden("seen_total"));
    let form =
        format!("action=pay&key={key}&seen_total={seen}&payment=test:card&test_token=tok_ok&{ADDRESS}");
    let answer = shop.post(&path, &cookies, &form).await;
    assert_eq!(answer.status, 422);
    assert!(answer.html().contains("The total now includes delivery"), "{}", answer.html());
    assert!(shop.state.lock().unwrap().orders.is_empty());
    let (key, seen) = (answer.hidden("key"), answer.hidden("seen_total"));
    let form =
        format!("action=pay&key={key}&seen_total={seen}&shipping_option=post&payment=test:card&{ADDRESS}");
    let paid = shop.post(&path, &cookies, &form).await;
    assert!(paid.header("location").starts_with("/orders/ord_"), "{} {}", paid.status, paid.html());
    assert!(paid.cookies().contains("argosy_cart=;") || paid.cookies().starts_with("argosy_cart="));
    let order = shop.get(paid.header("location")).await;
    assert!(order.html().contains("Thank you for your order") && order.html().contains("Order 1001"));
}

/// A checkout whose total the buyer has seen: the form to pay with.
async fn ready_to_pay() -> (Shop, String, String, String) {
    let (shop, cookies, path) = with_checkout().await;
    shop.post(&path, &cookies, &format!("action=update&{ADDRESS}")).await;
    let page = shop.get(&path).await;
    let (key, seen) = (page.hidden("key"), page.hidden("seen_total"));
    let form =
        format!("action=pay&key={key}&seen_total={seen}&shipping_option=post&payment=test:card&{ADDRESS}");
    (shop, cookies, path, form)
}

#[tokio::test]
async fn law_4_a_double_click_on_pay_places_one_order() {
    let (shop, cookies, path, form) = ready_to_pay().await;
    let (first, second) = tokio::join!(shop.post(&path, &cookies, &form), shop.post(&path, &cookies, &form));
    for answer in [first, second] {
        assert_eq!(answer.status, 303);
        let mut location = answer.header("location").to_owned();
        if location == path {
            location = shop.get(&path).await.header("location").to_owned();
        }
        assert!(location.starts_with("/orders/"), "{location}");
    }
    assert_eq!(shop.state.lock().unwrap().orders.len(), 1);
}

#[tokio::test]
async fn law_5_a_declined_card_leaves_the_checkout_open() {
    let (shop, cookies, path, form) = ready_to_pay().await;
    let declined = shop.post(&path, &cookies, &format!("{form}&test_token=tok_declined")).await;
    assert_eq!(declined.status, 422);
    assert!(declined.html().contains("The card was declined."));
    assert!(shop.get(&path).await.html().contains("The card was declined."));
    let key = declined.hidden("key");
    let again = form.replacen("key=", &format!("key={key}&old="), 1);
    assert!(shop.post(&path, &cookies, &again).await.header("location").starts_with("/orders/"));
}

#[tokio::test]
async fn law_5_while_a_provider_is_away_the_next_one_is_offered_in_the_same_checkout() {
    let (shop, cookies, path, form) = ready_to_pay().await;
    let failed = shop.post(&path, &cookies, &format!("{form}&test_token=tok_away")).await;
    assert_eq!(failed.status, 422);
    for page in [failed, shop.get(&path).await] {
        assert!(page.html().contains("The payment provider cannot be reached. Nothing was taken"));
        assert!(page.html().contains(r#"value="backup:card" checked"#), "{}", page.html());
        assert!(!page.html().contains(r#"value="test:card""#));
    }
    let german = shop.get(&format!("/de{path}")).await;
    assert!(german.html().contains("Der Zahlungsanbieter ist nicht zu erreichen."), "{}", german.html());
    let key = shop.get(&path).await.hidden("key");
    let again = form
        .replacen("key=", &format!("key={key}&old="), 1)
        .replace("payment=test:card", "payment=backup:card");
    assert!(shop.post(&path, &cookies, &again).await.header("location").starts_with("/orders/"));
    assert_eq!(shop.state.lock().unwrap().tokens, ["test:tok_away", "backup:card"]);
}

#[tokio::test]
async fn law_7_a_notice_must_be_accepted() {
    let (shop, cookies, path, form) = ready_to_pay().await;
    let notice = Notice {
        level: "warning".to_owned(),
        code: "PRICE_CHANGED".to_owned(),
        resolution: "accept".to_owned(),
        target: "/lines/0/unit_price".to_owned(),
        text: "The price of the lamp changed".to_owned(),
        token: "price:1".to_owned(),
    };
    shop.state.lock().unwrap().checkout.as_mut().unwrap().notices = vec![notice];
    let stopped = shop.post(&path, &cookies, &form).await;
    assert_eq!(stopped.status, 422);
    assert!(stopped.html().contains("name=\"accept\" value=\"price:1\""));
    assert!(shop.state.lock().unwrap().orders.is_empty());
    let paid = shop.post(&path, &cookies, &format!("{form}&accept=price%3A1")).await;
    assert!(paid.header("location").starts_with("/orders/"));
}

#[tokio::test]
async fn an_order_is_read_by_its_key_only() {
    let (shop, cookies, path, form) = ready_to_pay().await;
    let paid = shop.post(&path, &cookies, &form).await;
    let (order, _) = paid.header("location").split_once('?').unwrap();
    assert_eq!(shop.get(order).await.status, 404);
    assert_eq!(shop.get(&format!("{order}?key=wrong")).await.status, 404);
    let page = shop.get(&format!("{order}?key=secret")).await;
    assert_eq!((page.status, page.header("referrer-policy")), (200, "same-origin"));
    assert!(!page.html().contains("Thank you"));
}

#[tokio::test]
async fn law_9_a_form_that_does_not_arrive_is_not_waited_for() {
    let shop = Shop::start().behind(EdgeConfig { body_timeout_s: 1, ..EdgeConfig::default() });
    let endless = Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let answer = shop.send(Request::post("/cart/lines").body(endless).unwrap()).await;
    assert_eq!(answer.status, 408);
    assert!(answer.html().contains("The form did not arrive in time"), "{}", answer.html());
}

/// A buyer who has had two lamps and may send both back.
fn with_two_lamps_sent() -> (Shop, String) {
    let shop = Shop::start();
    let line = QuotedLine {
        line_id: "line_1".to_owned(),
        title: "Harbour <lamp>".to_owned(),
        quantity: 2,
        ..QuotedLine::default()
    };
    let sent = OrderLine {
        line: Some(line),
        ordered: 2,
        current: 2,
        fulfilled: 2,
        returnable: 2,
        ..OrderLine::default()
    };
    let parcel = Fulfilment {
        carrier: "DHL".to_owned(),
        tracking_url: "https://dhl.example/1".to_owned(),
        ..Fulfilment::default()
    };
    let id = argosy_kernel::OrderId::new().to_string();
    shop.state.lock().expect("no test panicked with it").orders.push(Order {
        id: id.clone(),
        number: "1001".to_owned(),
        key: "secret".to_owned(),
        total: Some(argosy_contracts::common::Money { minor: 9_800, currency: "EUR".to_owned() }),
        lines: vec![sent],
        fulfilments: vec![
            parcel.clone(),
            Fulfilment { tracking_url: "javascript:alert(1)".to_owned(), ..parcel },
        ],
        ..Order::default()
    });
    (shop, format!("/orders/{id}"))
}

#[tokio::test]
async fn a_buyer_follows_parcels_and_sends_something_back_without_a_script() {
    let (shop, path) = with_two_lamps_sent();
    let page = shop.get(&format!("{path}?key=secret")).await;
    assert!(page.html().contains("href=\"https://dhl.example/1\"") && !page.html().contains("javascript:"));
    assert!(page.html().contains("Harbour &lt;lamp&gt;"));
    let key = page.hidden("key");
    let form = |units: u32| {
        format!(
            "order_key=secret&key={key}&line.line_1={units}&reason=damaged&resolution=exchange&comment=It+is+%3Cbent%3E"
        )
    };
    // What was typed stays when something is wrong.
    let nothing = shop.post(&path, "", &form(0)).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.html().contains("at least one item") && nothing.html().contains("It is &lt;bent&gt;"));
    assert!(nothing.html().contains("<option value=\"exchange\" selected>") && nothing.hidden("key") == key);
    let too_many = shop.post(&path, "", &form(3)).await;
    assert_eq!(too_many.status, 409);
    for _ in 0..2 {
        let asked = shop.post(&path, "", &form(1)).await;
        assert_eq!((asked.status, asked.header("location")), (303, &*format!("{path}?key=secret&asked=1")));
    }
    let after = shop.get(&format!("{path}?key=secret&asked=1")).await;
    assert!(
        after.html().contains("Your return was asked for")
            && after.html().contains("1 × Harbour &lt;lamp&gt;")
    );
    assert_eq!(shop.state.lock().unwrap().orders[0].returns.len(), 1, "a double click is one return");
    let german = shop.get(&format!("/de{path}?key=secret")).await;
    assert!(german.status != 200 || german.html().contains("Etwas zurücksenden"));
}

#[tokio::test]
async fn a_stranger_sends_nothing_back() {
    let (shop, path) = with_two_lamps_sent();
    let guessed = shop.post(&path, "", "order_key=wrong&line.line_1=1&reason=other&resolution=refund").await;
    assert_eq!(guessed.status, 404);
    assert!(shop.state.lock().unwrap().orders[0].returns.is_empty());
}

#[tokio::test]
async fn an_order_that_was_sent_has_a_link_to_its_invoice() {
    let (shop, path) = with_two_lamps_sent();
    let link = format!("{path}/invoice.pdf?key=secret");
    let page = shop.get(&format!("{path}?key=secret")).await;
    assert!(page.html().contains(&format!("href=\"{link}\"")), "{}", page.html());
    let pdf = shop.get(&link).await;
    assert_eq!((pdf.status, pdf.header("content-type")), (200, "application/pdf"));
    assert_eq!(pdf.header("cache-control"), "no-store");
    assert_eq!(shop.get(&format!("{path}/invoice.pdf?key=wrong")).await.status, 404);
}

#[tokio::test]
async fn an_order_of_two_places_says_what_is_still_to_be_sent_and_what_is_due() {
    let (shop, path) = with_two_lamps_sent();
    {
        let mut state = shop.state.lock().unwrap();
        let order = &mut state.orders[0];
        let mut more = order.lines[0].clone();
        let line = more.line.as_mut().unwrap();
        "line_2".clone_into(&mut line.line_id);
        "Mug <b>".clone_into(&mut line.title);
        line.requires_shipping = true;
        order.lines.push(more);
        let units = |line: &str| LineQuantity { line_id: line.to_owned(), quantity: 2 };
        order.parcels = vec![
            OrderParcel {
                location_id: "loc_1".to_owned(),
                lines: vec![units("line_1")],
                ..OrderParcel::default()
            },
            OrderParcel {
                lines: vec![units("line_2")],
                left: vec![units("line_2")],
                ..OrderParcel::default()
            },
        ];
        let eur = |minor| Some(argosy_contracts::common::Money { minor, currency: "EUR".to_owned() });
        order.money = Some(OrderMoney { paid: eur(9_800), due: eur(1_250), ..OrderMoney::default() });
    }
    let page = shop.get(&format!("{path}?key=secret")).await;
    assert!(
        page.html().contains("Still to be sent") && page.html().contains("Parcel 2 of 2"),
        "{}",
        page.html()
    );
    assert!(page.html().contains("2 × Mug &lt;b&gt;") && !page.html().contains("Parcel 1 of 2"));
    assert!(page.html().contains("Still to pay") && page.html().contains("€12.50"));
}

#[tokio::test]
async fn what_is_due_of_an_order_is_paid_on_its_page_without_script() {
    let (shop, path) = with_two_lamps_sent();
    let eur = |minor| Some(argosy_contracts::common::Money { minor, currency: "EUR".to_owned() });
    shop.state.lock().unwrap().orders[0].money =
        Some(OrderMoney { paid: eur(9_800), due: eur(1_250), ..OrderMoney::default() });
    let page = shop.get(&format!("{path}?key=secret")).await;
    assert!(
        page.html().contains("Pay €12.50") && !page.html().contains("manual:bank_transfer"),
        "{}",
        page.html()
    );
    let (key, seen) = (page.hidden("key"), page.hidden("seen_due"));
    assert_eq!(seen, "1250 EUR");
    let form = format!("order_key=secret&key={key}&seen_due=1250+EUR&payment=test:card");
    assert_eq!(shop.post(&format!("{path}/pay"), "", &form.replace("secret", "wrong")).await.status, 404);
    let declined = shop.post(&format!("{path}/pay"), "", &format!("{form}&test_token=tok_declined")).await;
    assert_eq!(declined.status, 422);
    assert!(
        declined.html().contains("declined") && declined.html().contains("Pay €12.50"),
        "{}",
        declined.html()
    );
    let paid = shop.post(&format!("{path}/pay"), "", &form).await;
    assert_eq!((paid.status, paid.header("location")), (303, &*format!("{path}?key=secret")));
    assert_eq!(shop.state.lock().unwrap().tokens, ["test:tok_declined of 1250", "test:tok_ok of 1250"]);
    assert!(
        !shop.get(&format!("{path}?key=secret")).await.html().contains("Pay €"),
        "nothing is due any more"
    );
}

#[tokio::test]
async fn the_link_of_a_mail_leads_to_the_order_in_the_language_of_the_mail() {
    let (shop, path) = with_two_lamps_sent();
    let shown = shop.get(&format!("{path}?key=secret&in=en")).await;
    assert_eq!((shown.status, shown.header("location")), (303, &*format!("{path}?key=secret")));
    assert_eq!(
        shop.get(&format!("{path}?key=secret&in=tlh")).await.status,
        200,
        "a language that the shop lacks"
    );
    assert_eq!(shop.get(&format!("{path}?key=secret&in=//evil.example")).await.status, 200);
}
