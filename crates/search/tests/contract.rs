//! What the service promises, over both call modes.

mod shop;

use std::{
    collections::HashSet,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use argosy_contracts::{
    catalog::{
        Attribute, AttributeDefinition, CatalogClient, Category, Collection, Price, Product, ProductOption, Variant,
        attribute,
    },
    common::Money,
    inventory::InventoryClient,
    search::{
        Facet, Filter, QueryRequest, QueryResponse, RebuildRequest, SearchClient, StatusRequest, SuggestRequest,
    },
};
use argosy_kernel::{CategoryId, CollectionId, Ctx, ProductId, VariantId};
use argosy_platform::{
    bus::NewFact,
    database::{Database, DatabaseSpec, Durability},
};
use argosy_search::{SearchClients, SearchConfig};
use argosy_testkit::{Mode, TestHost, contract_stories, eventually};
use serde_json::json;
use shop::{Handed, Shelf, Shop};

struct Subject {
    test: TestHost,
    catalog: Database,
    inventory: Database,
    shop: Arc<Shop<Shelf>>,
    search: SearchClient,
    ctx: Ctx,
}

contract_stories! {
    a_word_is_found_in_titles_names_attributes_and_descriptions,
    every_word_must_match_and_the_title_counts_most,
    the_last_word_may_be_a_beginning,
    a_typo_is_mended_and_said_so,
    most_words_are_enough_when_nothing_has_all,
    model_numbers_and_barcodes_match_with_and_without_punctuation,
    accents_case_and_plurals_make_no_difference,
    a_category_lists_its_whole_subtree,
    a_collection_lists_its_members,
    filters_narrow_and_values_of_one_filter_are_alternatives,
    ranges_of_numbers_and_prices_hold,
    a_facet_s_own_selection_does_not_narrow_its_own_counts,
    facets_count_categories_prices_options_and_filterable_attributes,
    every_sort_pages_through_everything_once,
    a_page_goes_on_where_it_was_when_products_come_and_go,
    what_is_not_sold_in_a_currency_comes_last,
    drafts_and_scheduled_products_are_not_shown,
    a_change_is_visible_within_a_second,
    a_product_that_is_gone_is_gone,
    a_moved_category_moves_its_products,
    an_attribute_that_becomes_searchable_is_searched,
    selling_out_takes_a_product_out_of_what_is_in_stock,
    a_new_index_is_built_while_the_old_one_answers,
    law_8_a_change_costs_what_the_change_costs,
    law_9_hostile_queries_are_answered,
    wrong_requests_name_the_field,
    titles_are_suggested_once,
}

fn id_of(number: u8, prefix: u8) -> [u8; 16] {
    let mut bytes = [prefix; 16];
    bytes[15] = number;
    bytes
}

fn text(name: &str, value: &str) -> Attribute {
    Attribute { name: name.to_owned(), value: Some(attribute::Value::Text(value.to_owned())) }
}

fn number(name: &str, value: f64) -> Attribute {
    Attribute { name: name.to_owned(), value: Some(attribute::Value::Number(value)) }
}

fn category(number: u8, handle: &str, title: &str, parent: Option<u8>) -> Category {
    Category {
        id: CategoryId::from_bytes(id_of(number, 3)).to_string(),
        handle: handle.to_owned(),
        title: title.to_owned(),
        parent_id: parent.map(|parent| CategoryId::from_bytes(id_of(parent, 3)).to_string()).unwrap_or_default(),
        ..Category::default()
    }
}

fn product(number: u8, title: &str, vendor: &str, kind: &str, price: i64) -> Product {
    let amount = Money { minor: price, currency: "EUR".to_owned() };
    Product {
        id: ProductId::from_bytes(id_of(number, 1)).to_string(),
        handle: format!("product-{number}"),
        title: title.to_owned(),
        vendor: vendor.to_owned(),
        product_type: kind.to_owned(),
        status: "active".to_owned(),
        variants: vec![Variant {
            id: VariantId::from_bytes(id_of(number, 2)).to_string(),
            sku: format!("SKU-{number:03}"),
            prices: vec![Price { amount: Some(amount), compare_at: None }],
            ..Variant::default()
        }],
        version: 1,
        created_at_ms: 1_700_000_000_000 + i64::from(number) * 1_000,
        ..Product::default()
    }
}

/// Four to look at, and forty lamps that fill pages.
fn assortment() -> Vec<Product> {
    let in_category = |number| vec![CategoryId::from_bytes(id_of(number, 3)).to_string()];
    let mut headphones = product(1, "Sony WH-1000XM4 Wireless Headphones", "Sony", "Headphones", 29_900);
    headphones.variants[0].barcode = "4548736112001".to_owned();
    headphones.attributes = vec![text("color", "black"), number("weight_g", 254.0), text("secret", "zebra")];
    headphones.category_ids = in_category(2);
    headphones.collection_ids = vec![CollectionId::from_bytes(id_of(1, 4)).to_string()];
    let mut buds = product(2, "Acme Earbuds", "Acme", "Headphones", 4_900);
    buds.description_html = "<p>For <b>wireless</b> music, without headphones &amp; cables</p>".to_owned();
    buds.attributes = vec![text("color", "white"), number("weight_g", 50.0)];
    buds.category_ids = in_category(2);
    let mut kettle = product(3, "Blauer Kühlschrank", "Müller", "Kitchen", 59_900);
    kettle.attributes = vec![text("color", "blue"), number("weight_g", 40_000.0)];
    kettle.category_ids = in_category(3);
    let mut shirt = product(4, "T-Shirt Crème", "Acme", "Clothes", 1_900);
    shirt.options = vec![ProductOption {
        name: "Size".to_owned(),
        values: vec!["S".to_owned(), "M".to_owned()],
    }];
    shirt.tags = vec!["summer".to_owned()];
    let lamps = (10..50).map(|number| {
        // Pairs of equal titles, prices and times, so that only the id parts them.
        let pair = number / 2;
        let mut lamp = product(number, &format!("Lamp {pair:03}"), "Acme", "Lamps", 1_000 + i64::from(pair) * 10);
        lamp.created_at_ms = 1_600_000_000_000 + i64::from(pair);
        lamp.attributes = vec![text("color", ["red", "green"][usize::from(number % 2)])];
        lamp.category_ids = in_category(3);
        lamp
    });
    [headphones, buds, kettle, shirt].into_iter().chain(lamps).collect()
}

const ALL: usize = 44;

impl Subject {
    async fn start(mode: Mode) -> Self {
        let test = TestHost::new();
        let spec = |name| DatabaseSpec { name, durability: Durability::Process, migrations: &[] };
        let catalog = test.host.database(spec("catalog")).await.unwrap();
        let inventory = test.host.database(spec("inventory")).await.unwrap();
        let shop = Arc::new(filled_shop());
        let local = start_search(&test, &shop).await;
        let search = match mode {
            Mode::Local => local,
            Mode::Remote => SearchClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        let subject = Self { test, catalog, inventory, shop, search, ctx: Ctx::system("test") };
        eventually("the index is built", || async { subject.products().await == ALL as u64 }).await;
        subject
    }

    async fn products(&self) -> u64 {
        self.search.status(&self.ctx, StatusRequest {}).await.unwrap().products
    }

    async fn query(&self, request: QueryRequest) -> QueryResponse {
        self.search.query(&self.ctx, request).await.unwrap()
    }

    /// The numbers of the products that a query answers.
    async fn numbers(&self, request: QueryRequest) -> Vec<u8> {
        self.query(request).await.product_ids.iter().map(|id| number_of(id)).collect()
    }

    async fn found(&self, text: &str) -> Vec<u8> {
        self.numbers(searching(text)).await
    }

    /// Changes a product and tells of it.
    async fn put(&self, mut product: Product) {
        product.version += 1;
        let id = product.id.clone();
        self.shop.products.0.lock().unwrap().insert(id.clone(), product);
        self.tell(&self.catalog, "catalog.product_changed", json!({"id": id})).await;
    }

    async fn tell(&self, database: &Database, kind: &'static str, data: serde_json::Value) {
        let tx = database.begin().await.unwrap();
        let fact = NewFact::new(kind, "subject", 1, &data).unwrap();
        tx.publish(&*self.test.host.clock(), [fact]).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn product(&self, number: u8) -> Product {
        let id = ProductId::from_bytes(id_of(number, 1)).to_string();
        self.shop.products.0.lock().unwrap().get(&id).cloned().unwrap()
    }
}

fn filled_shop() -> Shop<Shelf> {
    let shop = Shop::new(Shelf::default());
    shop.products.0.lock().unwrap().extend(assortment().into_iter().map(|each| (each.id.clone(), each)));
    *shop.categories.lock().unwrap() = vec![
        category(1, "electronics", "Electronics", None),
        category(2, "audio", "Audio", Some(1)),
        category(3, "home", "Home", None),
    ];
    *shop.collections.lock().unwrap() = vec![Collection {
        id: CollectionId::from_bytes(id_of(1, 4)).to_string(),
        handle: "bestsellers".to_owned(),
        ..Collection::default()
    }];
    let attribute = |name: &str, kind: &str, filterable, searchable| AttributeDefinition {
        name: name.to_owned(),
        label: name.to_uppercase(),
        kind: kind.to_owned(),
        filterable,
        searchable,
        ..AttributeDefinition::default()
    };
    *shop.attributes.lock().unwrap() = vec![
        attribute("color", "text", true, true),
        attribute("weight_g", "number", true, false),
        attribute("secret", "text", false, false),
    ];
    shop
}

async fn start_search(test: &TestHost, shop: &Arc<Shop<Shelf>>) -> SearchClient {
    let clients = SearchClients {
        catalog: CatalogClient::local(Handed(Arc::clone(shop))),
        inventory: InventoryClient::local(Handed(Arc::clone(shop))),
    };
    argosy_search::start(&test.host, SearchConfig::default(), clients).await.unwrap()
}

fn number_of(id: &str) -> u8 {
    id.parse::<ProductId>().unwrap().to_bytes()[15]
}

fn searching(text: &str) -> QueryRequest {
    QueryRequest { text: text.to_owned(), limit: 100, ..QueryRequest::default() }
}

fn filter(name: &str, values: &[&str]) -> Filter {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Filter { name: name.to_owned(), values, ..Filter::default() }
}

fn filtering(filters: Vec<Filter>) -> QueryRequest {
    QueryRequest { filters, limit: 100, currency: "EUR".to_owned(), ..QueryRequest::default() }
}

fn counts<'a>(facets: &'a [Facet], name: &str) -> Vec<(&'a str, u64, bool)> {
    let facet = facets.iter().find(|facet| facet.name == name);
    let values = facet.into_iter().flat_map(|facet| &facet.values);
    values.map(|value| (value.value.as_str(), value.count, value.selected)).collect()
}

fn sorted(mut numbers: Vec<u8>) -> Vec<u8> {
    numbers.sort_unstable();
    numbers
}

async fn a_word_is_found_in_titles_names_attributes_and_descriptions(s: Subject) {
    assert_eq!(s.found("earbuds").await, [2]);
    assert_eq!(s.found("müller").await, [3]);
    assert_eq!(s.found("summer").await, [4]);
    assert_eq!(s.found("cables").await, [2]);
    assert_eq!(s.found("black").await, [1]);
    assert_eq!(s.found("audio earbuds").await, [2], "by the title of its category");
    assert!(s.found("zebra").await.is_empty(), "an attribute that is not searchable");
}

async fn every_word_must_match_and_the_title_counts_most(s: Subject) {
    assert_eq!(s.found("wireless headphones").await, [1, 2]);
    assert_eq!(s.found("wireless headphones sony").await, [1]);
}

async fn the_last_word_may_be_a_beginning(s: Subject) {
    assert_eq!(s.found("sony wire").await, [1]);
    assert_eq!(s.found("ear").await, [2]);
    assert!(s.found("wire sony ").await.is_empty() || s.found("wire sony ").await == [1]);
}

async fn a_typo_is_mended_and_said_so(s: Subject) {
    let mended = s.query(searching("wireles haedphones")).await;
    assert_eq!(number_of(&mended.product_ids[0]), 1);
    assert_eq!(mended.corrected, "wireless headphone");
    assert_eq!(s.query(searching("headphones")).await.corrected, "");
    assert!(s.found("xyz").await.is_empty(), "short words are not guessed at");
}

async fn most_words_are_enough_when_nothing_has_all(s: Subject) {
    let relaxed = s.query(searching("sony wireless headphones submarine1234")).await;
    assert_eq!(number_of(&relaxed.product_ids[0]), 1);
    assert_eq!(relaxed.corrected, "");
}

async fn model_numbers_and_barcodes_match_with_and_without_punctuation(s: Subject) {
    for text in ["WH-1000XM4", "wh1000xm4", "wh 1000xm4", "4548736112001", "4548-736112001", "sku 001", "SKU-001"] {
        assert_eq!(s.found(text).await.first(), Some(&1), "{text}");
    }
}

async fn accents_case_and_plurals_make_no_difference(s: Subject) {
    for text in ["KÜHLSCHRANK", "kuhlschrank", "kuehlschrank", "kühlschra\u{200b}nk"] {
        assert_eq!(s.found(text).await, [3], "{text}");
    }
    assert_eq!(s.found("headphone").await, s.found("headphones").await);
    assert_eq!(s.found("tshirts creme").await, [4]);
}

async fn a_category_lists_its_whole_subtree(s: Subject) {
    let in_category = |handle: &str| QueryRequest { category: handle.to_owned(), ..filtering(Vec::new()) };
    assert_eq!(sorted(s.numbers(in_category("electronics")).await), [1, 2]);
    assert_eq!(sorted(s.numbers(in_category("audio")).await), [1, 2]);
    assert_eq!(s.numbers(in_category("home")).await.len(), 41);
    assert!(s.numbers(in_category("nowhere")).await.is_empty());
}

async fn a_collection_lists_its_members(s: Subject) {
    let request = QueryRequest { collection: "bestsellers".to_owned(), ..filtering(Vec::new()) };
    assert_eq!(s.numbers(request).await, [1]);
}

async fn filters_narrow_and_values_of_one_filter_are_alternatives(s: Subject) {
    assert_eq!(sorted(s.numbers(filtering(vec![filter("color", &["black", "white"])])).await), [1, 2]);
    let both = vec![filter("color", &["black", "white"]), filter("vendor", &["Acme"])];
    assert_eq!(s.numbers(filtering(both)).await, [2]);
    assert_eq!(s.numbers(filtering(vec![filter("option:Size", &["M"])])).await, [4]);
    assert_eq!(s.numbers(filtering(vec![filter("tag", &["summer"])])).await, [4]);
    assert!(s.numbers(filtering(vec![filter("unheard_of", &["x"])])).await.is_empty());
}

async fn ranges_of_numbers_and_prices_hold(s: Subject) {
    let weight = Filter { name: "weight_g".to_owned(), min: Some(50.0), max: Some(254.0), ..Filter::default() };
    assert_eq!(sorted(s.numbers(filtering(vec![weight])).await), [1, 2]);
    let priced = QueryRequest { price_min: Some(1_900), price_max: Some(4_900), ..filtering(Vec::new()) };
    assert_eq!(sorted(s.numbers(priced).await), [2, 4]);
}

async fn a_facet_s_own_selection_does_not_narrow_its_own_counts(s: Subject) {
    let request = QueryRequest { facets: true, ..filtering(vec![filter("color", &["red"])]) };
    let answer = s.query(request).await;
    assert_eq!(answer.matches, 20);
    let colors = counts(&answer.facets, "color");
    assert!(colors.contains(&("red", 20, true)) && colors.contains(&("green", 20, false)));
    assert!(colors.contains(&("black", 1, false)));
    assert_eq!(counts(&answer.facets, "vendor"), [("Acme", 20, false)], "other facets are narrowed");
}

async fn facets_count_categories_prices_options_and_filterable_attributes(s: Subject) {
    let answer = s.query(QueryRequest { facets: true, ..filtering(Vec::new()) }).await;
    assert_eq!(answer.matches, ALL as u64);
    assert_eq!(counts(&answer.facets, "category"), [("home", 41, false), ("electronics", 2, false)]);
    let prices = counts(&answer.facets, "price");
    assert_eq!(prices, [("1050", 44, false), ("59900", 44, false)]);
    assert_eq!(counts(&answer.facets, "option:Size"), [("M", 1, false), ("S", 1, false)]);
    assert_eq!(counts(&answer.facets, "in_stock"), [("true", 44, false)]);
    assert!(answer.facets.iter().any(|facet| facet.name == "color" && facet.label == "COLOR"));
    assert!(answer.facets.iter().all(|facet| facet.name != "secret" && facet.name != "tag"));
    let below = QueryRequest { category: "electronics".to_owned(), facets: true, ..filtering(Vec::new()) };
    assert_eq!(counts(&s.query(below).await.facets, "category"), [("audio", 2, false)]);
}

async fn every_sort_pages_through_everything_once(s: Subject) {
    for (sort, text) in
        [("newest", ""), ("price_asc", ""), ("price_desc", ""), ("title", ""), ("relevance", ""), ("relevance", "lamp"), ("title", "lamp")]
    {
        let everything = QueryRequest { text: text.to_owned(), sort: sort.to_owned(), ..filtering(Vec::new()) };
        let at_once = s.numbers(everything.clone()).await;
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = s.query(QueryRequest { limit: 7, cursor, ..everything.clone() }).await;
            paged.extend(page.product_ids.iter().map(|id| number_of(id)));
            cursor = page.next;
            if cursor.is_empty() {
                break;
            }
        }
        assert_eq!(paged, at_once, "{sort} {text}");
        let each: HashSet<u8> = paged.iter().copied().collect();
        assert_eq!((each.len(), paged.len()), if text.is_empty() { (ALL, ALL) } else { (40, 40) });
    }
    let first = |sort: &str| QueryRequest { sort: sort.to_owned(), limit: 2, ..filtering(Vec::new()) };
    assert_eq!(s.numbers(first("newest")).await, [4, 3]);
    assert_eq!(s.numbers(first("price_asc")).await, [10, 11]);
    assert_eq!(s.numbers(first("price_desc")).await, [3, 1]);
    assert_eq!(s.numbers(first("title")).await, [2, 3]);
}

async fn a_page_goes_on_where_it_was_when_products_come_and_go(s: Subject) {
    let lamps = |cursor| QueryRequest { sort: "price_asc".to_owned(), limit: 4, cursor, ..filtering(Vec::new()) };
    let first = s.query(lamps(String::new())).await;
    let mut gone = s.product(13);
    gone.status = "archived".to_owned();
    s.put(gone).await;
    s.put(product(9, "Cheap Lamp", "Acme", "Lamps", 1)).await;
    eventually("both are seen", || async { s.found("cheap").await == [9] }).await;
    assert_eq!(s.numbers(lamps(first.next)).await, [14, 15, 16, 17]);
}

async fn what_is_not_sold_in_a_currency_comes_last(s: Subject) {
    let mut in_dollars = product(9, "Dollar Lamp", "Acme", "Lamps", 1);
    in_dollars.variants[0].prices[0].amount = Some(Money { minor: 5, currency: "USD".to_owned() });
    s.put(in_dollars).await;
    eventually("it is seen", || async { s.products().await == ALL as u64 + 1 }).await;
    for sort in ["price_asc", "price_desc"] {
        let request = QueryRequest { sort: sort.to_owned(), ..filtering(Vec::new()) };
        assert_eq!(s.numbers(request.clone()).await.last(), Some(&9), "{sort}");
        let in_dollars = QueryRequest { currency: "USD".to_owned(), ..request };
        assert_eq!(s.numbers(in_dollars).await.first(), Some(&9), "{sort}");
    }
}

async fn drafts_and_scheduled_products_are_not_shown(s: Subject) {
    let mut draft = product(8, "Draft Comet", "Acme", "Lamps", 1);
    draft.status = "draft".to_owned();
    s.put(draft).await;
    let mut scheduled = product(9, "Scheduled Comet", "Acme", "Lamps", 1);
    scheduled.publish_at_ms = Some(s.test.host.clock().now().as_millis() + 60_000);
    s.put(scheduled).await;
    s.put(product(7, "Shown Comet", "Acme", "Lamps", 1)).await;
    eventually("the last one is seen", || async { !s.found("comet").await.is_empty() }).await;
    assert_eq!(s.found("comet").await, [7]);
    s.test.clock.advance(Duration::from_secs(61));
    s.put(s.product(9)).await; // as the catalogue does when its time has come
    eventually("its time has come", || async { sorted(s.found("comet").await) == [7, 9] }).await;
}

async fn a_change_is_visible_within_a_second(s: Subject) {
    for round in 0..5 {
        let mut changed = s.product(20);
        changed.title = format!("Beacon{round}");
        let began = Instant::now();
        s.put(changed).await;
        eventually("it is seen", || async { s.found(&format!("beacon{round}")).await == [20] }).await;
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
    assert_eq!(s.products().await, ALL as u64);
}

async fn a_product_that_is_gone_is_gone(s: Subject) {
    let id = s.product(2).id;
    s.shop.products.0.lock().unwrap().remove(&id);
    s.tell(&s.catalog, "catalog.product_changed", json!({"id": id})).await;
    eventually("it is gone", || async { s.found("earbuds").await.is_empty() }).await;
}

async fn a_moved_category_moves_its_products(s: Subject) {
    s.shop.categories.lock().unwrap()[1] = category(2, "audio", "Audio", Some(3));
    let read = s.shop.read.load(Ordering::SeqCst);
    s.tell(&s.catalog, "catalog.categories_changed", json!({"revision": 2})).await;
    let home = QueryRequest { category: "home".to_owned(), ..filtering(Vec::new()) };
    eventually("they moved", || async { s.numbers(home.clone()).await.len() == 43 }).await;
    assert_eq!(s.shop.read.load(Ordering::SeqCst), read, "no product is read anew");
}

async fn an_attribute_that_becomes_searchable_is_searched(s: Subject) {
    s.shop.attributes.lock().unwrap()[2].searchable = true;
    s.tell(&s.catalog, "catalog.attributes_changed", json!({"revision": 2})).await;
    eventually("it is searched", || async { s.found("zebra").await == [1] }).await;
}

async fn selling_out_takes_a_product_out_of_what_is_in_stock(s: Subject) {
    let variant = s.product(1).variants[0].id.clone();
    s.shop.sold_out.lock().unwrap().insert(variant.clone());
    s.tell(&s.inventory, "inventory.availability_changed", json!({"variant_id": variant, "available": false})).await;
    let sony = || filtering(vec![filter("in_stock", &["true"]), filter("vendor", &["Sony"])]);
    eventually("it is sold out", || async { s.numbers(sony()).await.is_empty() }).await;
    s.shop.sold_out.lock().unwrap().clear();
    s.tell(&s.inventory, "inventory.availability_changed", json!({"variant_id": variant, "available": true})).await;
    eventually("it is back", || async { s.numbers(sony()).await == [1] }).await;
}

async fn a_new_index_is_built_while_the_old_one_answers(s: Subject) {
    let rebuilding = s.search.rebuild(&s.ctx, RebuildRequest {});
    let asking = async {
        for _ in 0..20 {
            assert_eq!(s.numbers(filtering(Vec::new())).await.len(), ALL);
        }
    };
    let (rebuilt, ()) = tokio::join!(rebuilding, asking);
    assert_eq!(rebuilt.unwrap().products, ALL as u64);
    s.put(product(9, "After The Rebuild", "Acme", "Lamps", 1)).await;
    eventually("facts go on", || async { s.found("rebuild").await == [9] }).await;
    let indexes = std::fs::read_dir(s.test.folder().join("search")).unwrap();
    let names: Vec<String> = indexes.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("index-")).count(), 1, "{names:?}");
}

async fn law_8_a_change_costs_what_the_change_costs(s: Subject) {
    let (scanned, read) = (s.shop.scanned.load(Ordering::SeqCst), s.shop.read.load(Ordering::SeqCst));
    s.put(product(9, "One Change", "Acme", "Lamps", 1)).await;
    eventually("it is seen", || async { s.found("change").await == [9] }).await;
    assert_eq!(s.shop.scanned.load(Ordering::SeqCst), scanned, "the catalogue is not read");
    assert_eq!(s.shop.read.load(Ordering::SeqCst), read + 1, "one product is read and written");
}

async fn law_9_hostile_queries_are_answered(s: Subject) {
    let long = "headphones ".repeat(1_000);
    let hostile = [
        long.as_str(), "AND OR NOT", "title:*", "\"", "((((", "*", "a*b?c", "+-&&||!(){}[]^\"~*?:\\/", "🎧🎧🎧", "\u{200b}\u{200d}",
        "\0\u{1f}\u{7f}", "'; drop table product; --", "a b c d e f g h i j k l m n o p q r s t u v w x y z", "é\u{301}\u{301}",
    ];
    for text in hostile {
        let answer = s.query(QueryRequest { facets: true, ..searching(text) }).await;
        assert!(answer.product_ids.len() <= 100, "{text}");
    }
    assert!(s.found("🎧").await.is_empty(), "no word matches nothing");
    let filters = (0..20).map(|each| filter(&format!("n{each}"), &["\u{1f}", "🎧"])).collect();
    assert!(s.numbers(filtering(filters)).await.is_empty());
}

async fn wrong_requests_name_the_field(s: Subject) {
    let wrong = |request: QueryRequest| {
        let search = &s.search;
        let ctx = &s.ctx;
        async move { search.query(ctx, request).await.unwrap_err().fields()[0].pointer.clone() }
    };
    let base = || filtering(Vec::new());
    assert_eq!(wrong(QueryRequest { limit: 101, ..base() }).await, "/limit");
    assert_eq!(wrong(QueryRequest { sort: "best".to_owned(), ..base() }).await, "/sort");
    assert_eq!(wrong(QueryRequest { currency: "euro".to_owned(), ..base() }).await, "/currency");
    assert_eq!(wrong(QueryRequest { currency: String::new(), price_min: Some(1), ..base() }).await, "/currency");
    assert_eq!(wrong(QueryRequest { cursor: "!".to_owned(), ..base() }).await, "/cursor");
    assert_eq!(wrong(filtering(vec![Filter::default()])).await, "/filters/0/name");
    assert_eq!(wrong(filtering(vec![filter("color", &[])])).await, "/filters/0/values");
    assert_eq!(wrong(filtering(vec![filter("color", &["x"; 51])])).await, "/filters/0/values");
    assert_eq!(wrong(filtering(vec![filter("color", &["x"]); 21])).await, "/filters");
    let newest = s.query(QueryRequest { limit: 2, ..base() }).await.next;
    assert_eq!(wrong(QueryRequest { sort: "title".to_owned(), cursor: newest, ..base() }).await, "/cursor");
}

async fn titles_are_suggested_once(s: Subject) {
    let suggest = |text: &str| SuggestRequest { text: text.to_owned(), limit: 10 };
    let audio = s.search.suggest(&s.ctx, suggest("au")).await.unwrap().suggestions;
    assert_eq!((audio[0].text.as_str(), audio[0].kind.as_str(), audio[0].handle.as_str()), ("Audio", "category", "audio"));
    let sony = s.search.suggest(&s.ctx, suggest("sony wi")).await.unwrap().suggestions;
    assert_eq!((sony[0].kind.as_str(), sony[0].handle.as_str()), ("product", "product-1"));
    let lamps = s.search.suggest(&s.ctx, suggest("lam")).await.unwrap().suggestions;
    let titles: HashSet<&str> = lamps.iter().map(|each| each.text.as_str()).collect();
    assert!(lamps.len() <= 10 && titles.len() == lamps.len() && lamps.len() > 5, "{lamps:?}");
    assert!(s.search.suggest(&s.ctx, suggest("")).await.unwrap().suggestions.is_empty());
}
