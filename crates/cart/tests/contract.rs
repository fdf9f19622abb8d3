//! What the service promises, over both call modes and both places for carts. The services it calls are stood in for.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod stand_ins;

use argosy_cart::{CartClients, CartConfig};
use argosy_contracts::{
    cart::{
        AddCode, AddLine, ApplyCommandsRequest, CartClient, CartView, Command, CompleteCartRequest,
        CreateCartRequest, GetCartRequest, MergeCartsRequest, RemoveLine, SetCurrency, SetQuantity, SetWrap,
        command,
    },
    catalog::CatalogClient,
    inventory::InventoryClient,
    pricing::PricingClient,
};
use argosy_kernel::{CartId, Code, Ctx, LineId, OrderId, Result, VariantId};
use argosy_testkit::{Call, Engine, Mode, TestHost, contract_stories, eventually, servers::RedisServer};

struct Subject {
    test: TestHost,
    cart: CartClient,
    ctx: Ctx,
    redis: Option<RedisServer>,
}

/// Each story four times: carts in the database and in Redis, called directly and over gRPC.
macro_rules! over_database_and_redis {
    ($($story:ident),* $(,)?) => {
        contract_stories! { $($story),* }

        mod in_redis {
            use super::{$($story),*};

            struct Subject;

            impl Subject {
                async fn start(mode: argosy_testkit::Mode) -> super::Subject {
                    super::Subject::start_in_redis(mode).await
                }
            }

            argosy_testkit::contract_stories! { without a database; $($story),* }
        }
    };
}

over_database_and_redis! {
    law_6_two_tabs_that_add_at_once_both_win,
    law_6_a_merge_keeps_every_line_and_may_be_repeated,
    law_4_a_retry_with_the_same_key_adds_once,
    lines_change_and_go_by_command,
    what_is_sold_by_the_dozen_is_put_in_by_the_dozen,
    a_view_tells_what_is_short,
    a_cart_that_became_an_order_does_not_change,
    a_cart_ends_thirty_days_after_its_last_change,
    wrong_requests_name_the_field,
    a_line_is_wrapped_and_pricing_hears_how_long_the_message_is_but_not_the_message,
    law_11_a_message_leaves_the_cart_when_it_becomes_an_order,
    a_cart_is_priced_in_the_market_that_its_buyer_looks_at,
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self::start_on(TestHost::on(mode.engine), None, mode).await
    }

    async fn start_in_redis(mode: Mode) -> Self {
        let (mut test, redis) = (TestHost::new(), RedisServer::start().await);
        test.host = test.host.clone().with_redis(Some(redis.connect().await));
        Self::start_on(test, Some(redis), mode).await
    }

    async fn start_on(test: TestHost, redis: Option<RedisServer>, mode: Mode) -> Self {
        let local = start_cart(&test, CartConfig::default()).await.unwrap();
        let cart = match mode.call {
            Call::Local => local,
            Call::Remote => CartClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        Self { test, cart, ctx: Ctx::guest(), redis }
    }

    async fn with(&self, lines: &[(VariantId, i64)]) -> CartView {
        let lines = lines.iter().map(|(variant, quantity)| line(*variant, *quantity)).collect();
        let request = CreateCartRequest { lines, ..CreateCartRequest::default() };
        self.cart.create_cart(&self.ctx, request).await.unwrap()
    }

    async fn apply(&self, cart: &str, command: command::Command) -> Result<CartView> {
        self.apply_as(&self.ctx, cart, command).await
    }

    async fn apply_as(&self, ctx: &Ctx, cart: &str, command: command::Command) -> Result<CartView> {
        let commands = vec![Command { command: Some(command) }];
        self.cart.apply_commands(ctx, ApplyCommandsRequest { cart_id: cart.to_owned(), commands }).await
    }

    async fn get(&self, cart: &str) -> Result<CartView> {
        let request = GetCartRequest { cart_id: cart.to_owned(), without_quote: false };
        self.cart.get_cart(&self.ctx, request).await
    }
}

async fn start_cart(test: &TestHost, config: CartConfig) -> Result<CartClient> {
    let clients = CartClients {
        catalog: CatalogClient::local(stand_ins::Catalog),
        pricing: PricingClient::local(stand_ins::Pricing),
        inventory: InventoryClient::local(stand_ins::Inventory),
    };
    argosy_cart::start(&test.host, config, clients).await
}

fn line(variant: VariantId, quantity: i64) -> AddLine {
    AddLine { variant_id: variant.to_string(), quantity }
}

fn id(view: &CartView) -> String {
    view.cart.as_ref().unwrap().id.clone()
}

fn quantities(view: &CartView) -> Vec<i64> {
    let mut quantities: Vec<i64> =
        view.cart.as_ref().unwrap().lines.iter().map(|line| line.quantity).collect();
    quantities.sort_unstable();
    quantities
}

async fn a_cart_is_priced_in_the_market_that_its_buyer_looks_at(s: Subject) {
    let market = |view: &CartView| {
        let (cart, quote) = (view.cart.as_ref().unwrap(), view.quote.as_ref().unwrap());
        assert_eq!(cart.market, quote.market);
        (cart.currency.clone(), cart.market.clone())
    };
    let is = |currency: &str, market: &str| (currency.to_owned(), market.to_owned());
    let lines = vec![line(VariantId::new(), 1)];
    let request = CreateCartRequest { lines, market: "dach".to_owned(), ..CreateCartRequest::default() };
    let cart = s.cart.create_cart(&s.ctx, request).await.unwrap();
    assert_eq!(market(&cart), is("EUR", "dach"));
    let set = |currency: &str, market: &str| {
        let (currency, market) = (currency.to_owned(), market.to_owned());
        command::Command::SetCurrency(SetCurrency { currency, market })
    };
    assert_eq!(market(&s.apply(&id(&cart), set("CHF", "swiss")).await.unwrap()), is("CHF", "swiss"));
    assert_eq!(market(&s.get(&id(&cart)).await.unwrap()), is("CHF", "swiss"));
    assert_eq!(
        market(&s.apply(&id(&cart), set("EUR", "")).await.unwrap()),
        is("EUR", ""),
        "not said any more"
    );
    for hostile in ["Swiss", "a b", "../x", &"x".repeat(65)] {
        let refused = s.apply(&id(&cart), set("EUR", hostile)).await.unwrap_err();
        assert_eq!(refused.fields()[0].pointer, "/commands/0/market");
        let request = CreateCartRequest { market: hostile.to_owned(), ..CreateCartRequest::default() };
        let refused = s.cart.create_cart(&s.ctx, request).await.unwrap_err();
        assert_eq!(refused.fields()[0].pointer, "/market");
    }
}

async fn law_6_two_tabs_that_add_at_once_both_win(s: Subject) {
    let cart = id(&s.with(&[]).await);
    let s = std::sync::Arc::new(s);
    let shared = VariantId::new();
    let mut tabs = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (s, cart) = (s.clone(), cart.clone());
        tabs.spawn(async move {
            s.apply(&cart, command::Command::AddLine(line(shared, 1))).await.unwrap();
            s.apply(&cart, command::Command::AddLine(line(VariantId::new(), 1))).await.unwrap();
        });
    }
    tabs.join_all().await;
    let view = s.get(&cart).await.unwrap();
    let mut expected = vec![1; 20];
    expected.push(20);
    assert_eq!(quantities(&view), expected);
}

async fn law_6_a_merge_keeps_every_line_and_may_be_repeated(s: Subject) {
    let shared = VariantId::new();
    let (from, into) = (s.with(&[(shared, 2), (VariantId::new(), 1)]).await, s.with(&[(shared, 3)]).await);
    let request = MergeCartsRequest { from_cart_id: id(&from), into_cart_id: id(&into) };
    s.cart.merge_carts(&s.ctx, request.clone()).await.unwrap();
    let merged = s.cart.merge_carts(&s.ctx, request).await.unwrap();
    assert_eq!(quantities(&merged), [1, 5]);
    let through_the_old_id = s.get(&id(&from)).await.unwrap();
    assert_eq!(id(&through_the_old_id), id(&into));
    assert_eq!(quantities(&through_the_old_id), [1, 5]);
}

async fn law_4_a_retry_with_the_same_key_adds_once(s: Subject) {
    let cart = id(&s.with(&[]).await);
    let (keyed, variant) = (s.ctx.clone().with_key("key-1"), VariantId::new());
    for _ in 0..2 {
        s.apply_as(&keyed, &cart, command::Command::AddLine(line(variant, 1))).await.unwrap();
    }
    assert_eq!(quantities(&s.get(&cart).await.unwrap()), [1]);
}

async fn lines_change_and_go_by_command(s: Subject) {
    let view = s.with(&[(VariantId::new(), 1), (VariantId::new(), 2)]).await;
    let cart = id(&view);
    let lines: Vec<String> = view.cart.unwrap().lines.into_iter().map(|line| line.id).collect();
    let set = command::Command::SetQuantity(SetQuantity { line_id: lines[0].clone(), quantity: 7 });
    assert_eq!(quantities(&s.apply(&cart, set).await.unwrap()), [2, 7]);
    let remove = command::Command::RemoveLine(RemoveLine { line_id: lines[1].clone() });
    s.apply(&cart, remove.clone()).await.unwrap();
    assert_eq!(quantities(&s.apply(&cart, remove).await.unwrap()), [7]);
    let none = command::Command::SetQuantity(SetQuantity { line_id: lines[0].clone(), quantity: 0 });
    assert!(quantities(&s.apply(&cart, none).await.unwrap()).is_empty());
    let code = command::Command::AddCode(AddCode { code: " WELCOME ".to_owned() });
    s.apply(&cart, code.clone()).await.unwrap();
    assert_eq!(s.apply(&cart, code).await.unwrap().cart.unwrap().codes, ["WELCOME"]);
    let unknown =
        command::Command::SetQuantity(SetQuantity { line_id: LineId::new().to_string(), quantity: 1 });
    assert_eq!(s.apply(&cart, unknown).await.unwrap_err().reason(), "LINE_NOT_FOUND");
}

async fn what_is_sold_by_the_dozen_is_put_in_by_the_dozen(s: Subject) {
    let variant = stand_ins::by_the_dozen();
    let add = |quantity| command::Command::AddLine(AddLine { variant_id: variant.to_string(), quantity });
    let view = s.with(&[(variant, 12)]).await;
    let cart = id(&view);
    let refused = s.apply(&cart, add(5)).await.unwrap_err();
    assert_eq!(refused.reason(), "QUANTITY_NOT_OFFERED");
    assert_eq!(refused.fields()[0].pointer, "/commands/0/quantity");
    assert_eq!(refused.fields()[0].message, "must be a multiple of 12, from 12 to 24");
    let once = Ctx { idempotency_key: Some("one dozen more".into()), ..s.ctx.clone() };
    s.apply_as(&once, &cart, add(12)).await.unwrap();
    assert_eq!(
        quantities(&s.apply_as(&once, &cart, add(12)).await.unwrap()),
        [24],
        "a retry is none too many"
    );
    assert_eq!(s.apply(&cart, add(12)).await.unwrap_err().reason(), "QUANTITY_NOT_OFFERED");
    let line_id = view.cart.unwrap().lines[0].id.clone();
    let set = |quantity| command::Command::SetQuantity(SetQuantity { line_id: line_id.clone(), quantity });
    assert_eq!(s.apply(&cart, set(13)).await.unwrap_err().reason(), "QUANTITY_NOT_OFFERED");
    assert!(quantities(&s.apply(&cart, set(0)).await.unwrap()).is_empty());
}

async fn a_view_tells_what_is_short(s: Subject) {
    let view = s.with(&[(VariantId::new(), stand_ins::AVAILABLE + 1)]).await;
    assert_eq!(view.notices[0].code, "OUT_OF_STOCK");
    assert_eq!(view.notices[0].target, "/lines/0/quantity");
    assert!(view.quote.is_some());
}

async fn a_cart_that_became_an_order_does_not_change(s: Subject) {
    let cart = id(&s.with(&[(VariantId::new(), 1)]).await);
    let order_id = OrderId::new().to_string();
    let complete =
        |order_id: &str| CompleteCartRequest { cart_id: cart.clone(), order_id: order_id.to_owned() };
    s.cart.complete_cart(&s.ctx, complete(&order_id)).await.unwrap();
    s.cart.complete_cart(&s.ctx, complete(&order_id)).await.unwrap();
    let other = s.cart.complete_cart(&s.ctx, complete(&OrderId::new().to_string())).await.unwrap_err();
    assert_eq!(other.reason(), "CART_COMPLETED");
    let add = command::Command::AddLine(line(VariantId::new(), 1));
    assert_eq!(s.apply(&cart, add).await.unwrap_err().reason(), "CART_COMPLETED");
}

async fn a_cart_ends_thirty_days_after_its_last_change(s: Subject) {
    let day = std::time::Duration::from_hours(24);
    let cart = id(&s.with(&[(VariantId::new(), 1)]).await);
    s.test.clock.advance(day * 29);
    s.apply(&cart, command::Command::AddLine(line(VariantId::new(), 1))).await.unwrap();
    s.test.clock.advance(day * 29);
    assert!(s.get(&cart).await.is_ok());
    s.test.clock.advance(day * 2);
    assert_eq!(s.get(&cart).await.unwrap_err().reason(), "CART_NOT_FOUND");
}

async fn wrong_requests_name_the_field(s: Subject) {
    let cart = id(&s.with(&[]).await);
    for (quantity, reason) in [(0, "INVALID_FIELD"), (-1, "INVALID_FIELD"), (i64::MAX, "INVALID_FIELD")] {
        let refused =
            s.apply(&cart, command::Command::AddLine(line(VariantId::new(), quantity))).await.unwrap_err();
        assert_eq!(
            (refused.reason(), refused.fields()[0].pointer.as_str()),
            (reason, "/commands/0/quantity")
        );
    }
    let unknown =
        s.apply(&cart, command::Command::AddLine(line(stand_ins::unknown_variant(), 1))).await.unwrap_err();
    assert_eq!(
        (unknown.reason(), unknown.fields()[0].pointer.as_str()),
        ("VARIANT_NOT_FOUND", "/commands/0/variant_id")
    );
    assert_eq!(s.get(&CartId::new().to_string()).await.unwrap_err().reason(), "CART_NOT_FOUND");
    assert_eq!(s.get("ord_1").await.unwrap_err().reason(), "INVALID_ID");
    let code = command::Command::AddCode(AddCode { code: "a\u{0}b".to_owned() });
    assert_eq!(s.apply(&cart, code).await.unwrap_err().fields()[0].pointer, "/commands/0/code");
    let currency = CreateCartRequest { currency: "XYZ1".to_owned(), ..CreateCartRequest::default() };
    assert_eq!(s.cart.create_cart(&s.ctx, currency).await.unwrap_err().reason(), "UNKNOWN_CURRENCY");
}

#[tokio::test]
async fn without_redis_carts_are_unavailable_and_none_is_lost() {
    let mut s = Subject::start_in_redis(Mode { engine: Engine::Sqlite, call: Call::Remote }).await;
    let (cart, variant) = (id(&s.with(&[(VariantId::new(), 1)]).await), VariantId::new());
    s.redis.as_mut().unwrap().kill();
    let refused = s.apply(&cart, command::Command::AddLine(line(variant, 1))).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (Code::Unavailable, "REDIS_UNAVAILABLE"));
    assert!(refused.retry_after().is_some());
    assert_eq!(s.get(&cart).await.unwrap_err().reason(), "REDIS_UNAVAILABLE");
    s.redis.as_mut().unwrap().start_again().await;
    eventually("Redis is back", || async { s.get(&cart).await.is_ok() }).await;
    let view = s.apply(&cart, command::Command::AddLine(line(variant, 2))).await.unwrap();
    assert_eq!(quantities(&view), [1, 2]);
}

#[tokio::test]
async fn law_6_a_shop_that_gets_a_redis_keeps_its_carts() {
    let mut s = Subject::start(Mode { engine: Engine::Sqlite, call: Call::Local }).await;
    let cart = id(&s.with(&[(VariantId::new(), 3)]).await);
    let server = RedisServer::start().await;
    s.test.host = s.test.host.clone().with_redis(Some(server.connect().await));
    s.cart = start_cart(&s.test, CartConfig::default()).await.unwrap();
    let view = s.apply(&cart, command::Command::AddLine(line(VariantId::new(), 1))).await.unwrap();
    assert_eq!(quantities(&view), [1, 3]);
}

#[tokio::test]
async fn carts_in_a_redis_that_nobody_named_are_refused_at_start() {
    let config = CartConfig { store: Some(argosy_cart::CartStore::Redis), ..CartConfig::default() };
    let refused = start_cart(&TestHost::new(), config).await.err().unwrap();
    assert!(refused.message().starts_with("cart.store: "), "{refused}");
}

fn wrap(line_id: &str, wrap: &str, message: &str) -> command::Command {
    let text = str::to_owned;
    command::Command::SetWrap(SetWrap { line_id: text(line_id), wrap: text(wrap), message: text(message) })
}

async fn a_line_is_wrapped_and_pricing_hears_how_long_the_message_is_but_not_the_message(s: Subject) {
    let cart = s.with(&[(VariantId::new(), 2)]).await.cart.unwrap();
    let line = cart.lines[0].id.as_str();
    let view = s.apply(&cart.id, wrap(line, "ribbon", " Grüße, Ann ")).await.unwrap();
    let wrapped = &view.cart.as_ref().unwrap().lines[0];
    assert_eq!((wrapped.wrap.as_str(), wrapped.wrap_message.as_str()), ("ribbon", "Grüße, Ann"));
    let asked = &view.quote.unwrap().wraps[0];
    assert_eq!((asked.name.as_str(), asked.message_length_max), ("ribbon", 10), "letters, not bytes");
    for (field, wrong) in [
        ("wrap", wrap(line, "Gold & silver", "")),
        ("message", wrap(line, "ribbon", &"x".repeat(241))),
        ("message", wrap(line, "ribbon", "two\nlines")),
        ("message", wrap(line, "", "and nothing to write it on")),
    ] {
        let error = s.apply(&cart.id, wrong).await.unwrap_err();
        assert_eq!(error.fields()[0].pointer, format!("/commands/0/{field}"));
    }
    let nobody = LineId::new().to_string();
    assert_eq!(s.apply(&cart.id, wrap(&nobody, "ribbon", "")).await.unwrap_err().reason(), "LINE_NOT_FOUND");
    let plain = s.apply(&cart.id, wrap(line, "", "")).await.unwrap();
    assert!(plain.quote.unwrap().wraps.is_empty());
}

async fn law_11_a_message_leaves_the_cart_when_it_becomes_an_order(s: Subject) {
    let cart = s.with(&[(VariantId::new(), 1)]).await.cart.unwrap();
    s.apply(&cart.id, wrap(&cart.lines[0].id, "ribbon", "For you")).await.unwrap();
    let (cart_id, order_id) = (cart.id.clone(), OrderId::new().to_string());
    s.cart.complete_cart(&s.ctx, CompleteCartRequest { cart_id, order_id }).await.unwrap();
    let line = s.get(&cart.id).await.unwrap().cart.unwrap().lines.remove(0);
    assert_eq!((line.wrap.as_str(), line.wrap_message.as_str()), ("ribbon", ""));
}
