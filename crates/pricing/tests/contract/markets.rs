//! Markets.

use argosy_contracts::pricing::{
    Campaign, ListMarketsRequest, Market, PutCampaignsRequest, PutMarketsRequest, Quote, QuoteRequest,
};
use argosy_kernel::{Result, VariantId};
use argosy_testkit::contract_stories;

use crate::subject::{Subject, cart, destination, minor, sum};

contract_stories! {
    markets_read_back_as_they_were_put_the_default_one_first,
    a_quote_is_of_the_market_of_its_destination_and_before_of_the_one_looked_at,
    a_destination_that_pays_in_another_currency_is_told,
    a_market_says_whether_its_prices_hold_tax,
    a_campaign_for_a_market_counts_there_and_says_why_not_elsewhere,
    a_shop_without_markets_sells_as_before,
    wrong_markets_name_the_field_and_change_nothing,
}

pub(crate) fn market(name: &str, countries: &[&str], currency: &str) -> Market {
    Market {
        name: name.to_owned(),
        title: name.to_uppercase(),
        countries: countries.iter().map(|code| (*code).to_owned()).collect(),
        currency: currency.to_owned(),
        languages: vec!["en".to_owned()],
        tax_basis: String::new(),
        is_default: false,
    }
}

pub(crate) async fn put(s: &Subject, markets: Vec<Market>) -> Result<()> {
    s.pricing.put_markets(&s.ctx, PutMarketsRequest { markets }).await.map(drop)
}

/// Germany and Austria, Switzerland in francs, and the world in euros.
pub(crate) fn three() -> Vec<Market> {
    vec![
        market("dach", &["DE", "AT"], "EUR"),
        market("swiss", &["CH"], "CHF"),
        Market { is_default: true, ..market("world", &[], "EUR") },
    ]
}

async fn listed(s: &Subject) -> Vec<Market> {
    s.pricing.list_markets(&s.ctx, ListMarketsRequest {}).await.unwrap().markets
}

fn looked_at(variant: VariantId, market: &str) -> QuoteRequest {
    QuoteRequest { destination: None, market: market.to_owned(), ..cart(&[(variant, 1)]) }
}

fn codes(quote: &Quote) -> Vec<&str> {
    quote.notices.iter().map(|notice| notice.code.as_str()).collect()
}

async fn markets_read_back_as_they_were_put_the_default_one_first(s: Subject) {
    let full = Market {
        languages: vec!["pt-BR".to_owned(), "en".to_owned()],
        tax_basis: "net".to_owned(),
        ..market("brazil", &["BR"], "BRL")
    };
    let world = Market { is_default: true, ..market("world", &["US"], "USD") };
    put(&s, vec![full.clone(), world.clone()]).await.unwrap();
    assert_eq!(listed(&s).await, [world, full]);
    let told = s.test.facts("pricing").await;
    let kinds: Vec<&str> = told.iter().map(|fact| fact.kind.as_str()).collect();
    assert!(kinds.ends_with(&["pricing.zones_changed", "pricing.markets_changed"]), "{kinds:?}");
    put(&s, Vec::new()).await.unwrap();
    assert!(listed(&s).await.is_empty());
}

async fn a_quote_is_of_the_market_of_its_destination_and_before_of_the_one_looked_at(s: Subject) {
    let mug = s.for_sale(2_000);
    put(&s, three()).await.unwrap();
    let of = async |request: QuoteRequest| s.quote(request).await.market;
    assert_eq!(of(looked_at(mug, "dach")).await, "dach");
    assert_eq!(of(looked_at(mug, "")).await, "world", "the default one is in the currency");
    assert_eq!(of(looked_at(mug, "swiss")).await, "world", "that one is in another currency");
    assert_eq!(of(looked_at(mug, "gone")).await, "world");
    let to =
        |country: &str| QuoteRequest { destination: Some(destination(country)), ..looked_at(mug, "dach") };
    assert_eq!(of(to("AT")).await, "dach");
    assert_eq!(of(to("FR")).await, "world");
}

async fn a_destination_that_pays_in_another_currency_is_told(s: Subject) {
    let mug = s.for_sale(2_000);
    put(&s, three()).await.unwrap();
    let to = QuoteRequest { destination: Some(destination("CH")), ..looked_at(mug, "dach") };
    let quote = s.quote(to).await;
    assert_eq!((quote.market.as_str(), codes(&quote)), ("dach", vec!["MARKET_CURRENCY"]));
    let notice = &quote.notices[0];
    assert_eq!((notice.target.as_str(), notice.resolution.as_str()), ("/currency", "fix"));
    assert_eq!(notice.text, "deliveries to CH are paid in CHF");
    s.catalog.offer(mug, 2_100, "CHF", |_| {});
    let in_francs = QuoteRequest {
        currency: "CHF".to_owned(),
        destination: Some(destination("CH")),
        ..looked_at(mug, "dach")
    };
    assert_eq!(s.quote(in_francs).await.market, "swiss");
}

async fn a_market_says_whether_its_prices_hold_tax(s: Subject) {
    let mug = s.for_sale(11_900);
    let net = Market { tax_basis: "net".to_owned(), ..market("trade", &["AT"], "EUR") };
    put(&s, vec![net, Market { is_default: true, ..market("world", &["DE"], "EUR") }]).await.unwrap();
    let total = async |request| minor(s.quote(request).await.total.as_ref());
    assert_eq!(total(looked_at(mug, "world")).await, 11_900, "gross, as in the shop");
    let quote = s.quote(looked_at(mug, "trade")).await;
    assert_eq!(
        minor(quote.total.as_ref()),
        14_280,
        "Austria's 20 % on top, since it is looked at: {:?}",
        sum(&quote)
    );
    assert!(!quote.tax_included);
}

async fn a_campaign_for_a_market_counts_there_and_says_why_not_elsewhere(s: Subject) {
    let mug = s.for_sale(2_000);
    put(&s, three()).await.unwrap();
    let campaign = Campaign {
        name: "dach-only".to_owned(),
        title: "Here".to_owned(),
        kind: "percentage".to_owned(),
        rate_ppm: 100_000,
        markets: vec!["dach".to_owned()],
        active: true,
        ..Campaign::default()
    };
    s.pricing.put_campaigns(&s.ctx, PutCampaignsRequest { campaigns: vec![campaign] }).await.unwrap();
    assert_eq!(minor(s.quote(looked_at(mug, "dach")).await.total.as_ref()), 1_800);
    let elsewhere = s.quote(looked_at(mug, "world")).await;
    assert_eq!(minor(elsewhere.total.as_ref()), 2_000);
    let told = elsewhere.trace.iter().find(|step| step.rule == "campaign:dach-only").unwrap();
    assert_eq!(told.text, "did not count: it is not for this market");
    put(&s, Vec::new()).await.unwrap();
    assert_eq!(minor(s.quote(looked_at(mug, "dach")).await.total.as_ref()), 2_000, "there is no such market");
}

async fn a_shop_without_markets_sells_as_before(s: Subject) {
    let mug = s.for_sale(2_000);
    let quote = s.quote(QuoteRequest { market: "dach".to_owned(), ..cart(&[(mug, 1)]) }).await;
    assert_eq!((quote.market.as_str(), minor(quote.total.as_ref())), ("", 2_000));
    assert!(quote.notices.is_empty());
}

async fn wrong_markets_name_the_field_and_change_nothing(s: Subject) {
    put(&s, three()).await.unwrap();
    let good = || Market { is_default: true, ..market("good", &["DE"], "EUR") };
    let bad = || market("bad", &["FR"], "EUR");
    let wrong = [
        ("name", market("Bad One", &["FR"], "EUR")),
        ("name", market("good", &["FR"], "EUR")),
        ("title", Market { title: " ".to_owned(), ..bad() }),
        ("countries", market("bad", &[], "EUR")),
        ("countries/0", market("bad", &["France"], "EUR")),
        ("countries/1", market("bad", &["FR", "DE"], "EUR")),
        ("currency", market("bad", &["FR"], "EURO")),
        ("languages", Market { languages: Vec::new(), ..bad() }),
        ("languages/0", Market { languages: vec!["German".to_owned()], ..bad() }),
        ("tax_basis", Market { tax_basis: "both".to_owned(), ..bad() }),
        ("is_default", Market { is_default: true, ..bad() }),
    ];
    for (field, bad) in wrong {
        let error = put(&s, vec![good(), bad]).await.unwrap_err();
        assert_eq!(error.fields()[0].pointer, format!("/markets/1/{field}"), "{error:?}");
    }
    let none = put(&s, vec![bad()]).await.unwrap_err();
    assert_eq!(none.fields()[0].pointer, "/markets", "one must be the default");
    let many: Vec<Market> = (0..251).map(|number| market(&format!("m{number}"), &["FR"], "EUR")).collect();
    assert_eq!(put(&s, many).await.unwrap_err().fields()[0].pointer, "/markets");
    assert_eq!(listed(&s).await.len(), 3);
    let hostile = QuoteRequest { market: "'; drop".to_owned(), ..cart(&[]) };
    assert_eq!(s.try_quote(hostile).await.unwrap_err().fields()[0].pointer, "/market");
}
