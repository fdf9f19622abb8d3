//! How long queries take over generated products: `cargo run --release -p argosy-search --example query_latency`.
//!
//! The catalogue is generated page by page, so that what is measured is the index and not a database. The number
//! of products is the first argument, 100,000 without one.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a program that prints measurements"
)]

#[path = "../tests/shop/mod.rs"]
#[allow(missing_docs, reason = "shared with the tests")]
mod shop;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use argosy_contracts::{
    catalog::{
        Attribute, AttributeDefinition, CatalogClient, Category, Price, Product, ProductOption, Variant,
        attribute,
    },
    common::Money,
    inventory::InventoryClient,
    search::{Filter, QueryRequest, SearchClient, StatusRequest, SuggestRequest},
};
use argosy_kernel::{CategoryId, Ctx, ProductId, Result, VariantId};
use argosy_platform::database::{DatabaseSpec, Durability};
use argosy_search::{SearchClients, SearchConfig};
use argosy_testkit::TestHost;
use shop::{Handed, Products, Shop};

const NOUNS: [&str; 20] = [
    "headphones",
    "keyboard",
    "monitor",
    "router",
    "camera",
    "printer",
    "speaker",
    "notebook",
    "tablet",
    "charger",
    "backpack",
    "lamp",
    "kettle",
    "toaster",
    "drill",
    "jacket",
    "trousers",
    "tent",
    "bottle",
    "bicycle",
];
const ADJECTIVES: [&str; 16] = [
    "wireless",
    "compact",
    "silver",
    "heavy",
    "foldable",
    "quiet",
    "bright",
    "portable",
    "vintage",
    "rugged",
    "smart",
    "slim",
    "classic",
    "modern",
    "light",
    "waterproof",
];
const COLORS: [&str; 10] =
    ["black", "white", "red", "blue", "green", "grey", "pink", "orange", "yellow", "brown"];
const SYLLABLES: [&str; 24] = [
    "ka", "lo", "mi", "ren", "tor", "ba", "sel", "vi", "dun", "po", "ra", "shi", "len", "gor", "fa", "nu",
    "quin", "zel", "hau", "mar", "tis", "bo", "wex", "ly",
];

struct Generated {
    products: u64,
    categories: Vec<Category>,
}

/// Numbers that look random and are the same in every run.
fn mixed(seed: u64) -> u64 {
    let mut x = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn pick<'a>(from: &[&'a str], seed: u64) -> &'a str {
    from[usize::try_from(mixed(seed) % from.len() as u64).unwrap()]
}

fn name(seed: u64) -> String {
    (0..2 + mixed(seed) % 2).map(|each| pick(&SYLLABLES, seed * 7 + each)).collect()
}

impl Generated {
    fn product(&self, number: u64) -> Product {
        let (noun, adjective) = (pick(&NOUNS, number * 3), pick(&ADJECTIVES, number * 5 + 1));
        let vendor = name(mixed(number) % 300);
        let model = format!("{}-{}", name(number % 5_000).to_uppercase(), number % 997);
        let mut id = [0; 16];
        id[8..].copy_from_slice(&number.to_be_bytes());
        let text = |name: &str, value: &str| Attribute {
            name: name.to_owned(),
            value: Some(attribute::Value::Text(value.to_owned())),
        };
        let figure = |name: &str, value: u64| Attribute {
            name: name.to_owned(),
            value: Some(attribute::Value::Number(value as f64)),
        };
        let words: Vec<String> = (0..60).map(|word| name(mixed(number * 61 + word) % 4_000)).collect();
        let category =
            &self.categories[usize::try_from(mixed(number + 9) % self.categories.len() as u64).unwrap()];
        Product {
            id: ProductId::from_bytes(id).to_string(),
            handle: format!("product-{number}"),
            title: format!("{vendor} {adjective} {noun} {model}"),
            description_html: format!("<p>{}</p>", words.join(" ")),
            product_type: noun.to_owned(),
            tags: vec![pick(&ADJECTIVES, number + 77).to_owned()],
            vendor,
            status: "active".to_owned(),
            options: vec![ProductOption {
                name: "Colour".to_owned(),
                values: vec![pick(&COLORS, number).to_owned(), pick(&COLORS, number + 1).to_owned()],
            }],
            attributes: vec![
                text("material", pick(&COLORS, number + 31)),
                text("energy_class", pick(&["A", "B", "C", "D"], number + 37)),
                figure("weight", mixed(number + 41) % 500),
                figure("rating", mixed(number + 43) % 6),
                text("series", &name(number % 2_000)),
            ],
            category_ids: vec![category.id.clone()],
            variants: (0..2)
                .map(|variant| {
                    let mut variant_id = id;
                    variant_id[0] = variant + 1;
                    let amount = Money {
                        minor: i64::try_from(100 + mixed(number + 51) % 50_000).unwrap(),
                        currency: "EUR".to_owned(),
                    };
                    Variant {
                        id: VariantId::from_bytes(variant_id).to_string(),
                        sku: format!("SKU-{number}-{variant}"),
                        prices: vec![Price { amount: Some(amount), compare_at: None, per_unit: None }],
                        ..Variant::default()
                    }
                })
                .collect(),
            version: 1,
            created_at_ms: i64::try_from(1_700_000_000_000 + mixed(number) % 10_000_000_000).unwrap(),
            ..Product::default()
        }
    }
}

impl Products for Generated {
    fn after(&self, id: &str, limit: usize) -> Vec<Product> {
        let number = |id: &str| {
            u64::from_be_bytes(id.parse::<ProductId>().unwrap().to_bytes()[8..].try_into().unwrap())
        };
        let first = if id.is_empty() { 0 } else { number(id) + 1 };
        let end = (first + limit as u64).min(self.products);
        (first..end).map(|number| self.product(number)).collect()
    }

    fn by_id(&self, _: &str) -> Option<Product> {
        None
    }
}

fn attributes() -> Vec<AttributeDefinition> {
    let define = |(name, kind): (&str, &str)| AttributeDefinition {
        name: name.to_owned(),
        label: name.to_owned(),
        kind: kind.to_owned(),
        filterable: true,
        searchable: true,
        size_charts: Vec::new(),
        ..AttributeDefinition::default()
    };
    let text = ["material", "energy_class", "series"].map(|name| (name, "text"));
    let numbers = ["weight", "rating"].map(|name| (name, "number"));
    text.into_iter().chain(numbers).map(define).collect()
}

fn categories() -> Vec<Category> {
    let id = |number: u8| CategoryId::from_bytes([number; 16]).to_string();
    (1..=110_u8)
        .map(|number| Category {
            id: id(number),
            handle: format!("category-{number}"),
            title: format!("Category {number}"),
            parent_id: if number <= 10 { String::new() } else { id((number - 1) % 10 + 1) },
            ..Category::default()
        })
        .collect()
}

#[tokio::main]
async fn main() -> Result<()> {
    let products = std::env::args().nth(1).and_then(|number| number.parse().ok()).unwrap_or(100_000);
    let test = TestHost::new();
    let spec = DatabaseSpec { name: "catalog", durability: Durability::Process, migrations: &[] };
    let _log_of_facts = test.host.database(spec).await?;
    let shop = Arc::new(Shop::new(Generated { products, categories: categories() }));
    *shop.categories.lock().unwrap() = categories();
    *shop.attributes.lock().unwrap() = attributes();
    let catalog = CatalogClient::local(Handed(Arc::clone(&shop)));
    let inventory = InventoryClient::local(Handed(shop));
    let search =
        argosy_search::start(&test.host, SearchConfig::default(), SearchClients { catalog, inventory })
            .await?;
    let began = Instant::now();
    let ctx = Ctx::system("measure");
    while search.status(&ctx, StatusRequest {}).await?.products < products {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("{products} products indexed in {:.1} s", began.elapsed().as_secs_f64());
    measure_all(&search, &ctx).await?;
    test.host.stop(Duration::from_secs(5)).await;
    Ok(())
}

type Make = Box<dyn Fn(u64) -> QueryRequest + Send>;

fn listing() -> QueryRequest {
    QueryRequest { currency: "EUR".to_owned(), ..QueryRequest::default() }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn queries() -> Vec<(&'static str, Make)> {
    let category = |number: u64| format!("category-{}", 1 + mixed(number) % 110);
    let price = |number: u64| i64::try_from(1_000 + mixed(number) % 20_000).unwrap();
    let material = |number: u64| Filter {
        name: "material".to_owned(),
        values: vec![pick(&COLORS, number).to_owned()],
        ..Filter::default()
    };
    vec![
        ("list all, newest", Box::new(|_| listing())),
        (
            "list all, by price, price range",
            Box::new(move |number| QueryRequest {
                sort: "price_asc".to_owned(),
                price_min: Some(price(number)),
                price_max: Some(price(number) + 9_000),
                ..listing()
            }),
        ),
        (
            "category, newest",
            Box::new(move |number| QueryRequest { category: category(number), ..listing() }),
        ),
        (
            "category, filter, price range, by price",
            Box::new(move |number| QueryRequest {
                category: category(number),
                filters: vec![material(number)],
                sort: "price_desc".to_owned(),
                price_min: Some(price(number)),
                ..listing()
            }),
        ),
        (
            "filter, by title",
            Box::new(move |number| QueryRequest {
                filters: vec![material(number)],
                sort: "title".to_owned(),
                ..listing()
            }),
        ),
        (
            "category, filter, facets",
            Box::new(move |number| QueryRequest {
                category: category(number),
                filters: vec![material(number)],
                price_min: Some(price(number)),
                facets: true,
                ..listing()
            }),
        ),
        (
            "list all, facets, price from",
            Box::new(move |number| QueryRequest {
                price_min: Some(price(number)),
                facets: true,
                ..listing()
            }),
        ),
        (
            "two words",
            Box::new(move |number| QueryRequest {
                text: format!("{} {}", pick(&ADJECTIVES, number), pick(&NOUNS, number + 1)),
                price_max: Some(price(number)),
                ..listing()
            }),
        ),
        (
            "one frequent word, facets",
            Box::new(move |number| QueryRequest {
                text: pick(&NOUNS, number).to_owned(),
                facets: true,
                price_min: Some(price(number)),
                ..listing()
            }),
        ),
        (
            "two words, facets, filter",
            Box::new(move |number| QueryRequest {
                text: format!("{} {}", pick(&ADJECTIVES, number), pick(&NOUNS, number + 1)),
                facets: true,
                filters: vec![material(number)],
                price_min: Some(price(number)),
                ..listing()
            }),
        ),
        (
            "one letter",
            Box::new(move |number| QueryRequest {
                text: pick(&NOUNS, number)[..1].to_owned(),
                facets: true,
                price_min: Some(price(number)),
                ..listing()
            }),
        ),
        (
            "typo, facets",
            Box::new(|number| QueryRequest {
                text: format!("{} {}", mistyped(pick(&NOUNS, number), number), pick(&ADJECTIVES, number + 3)),
                facets: true,
                ..listing()
            }),
        ),
        (
            "a model number",
            Box::new(|number| QueryRequest {
                text: format!("SKU {}-1", mixed(number) % 90_000),
                ..listing()
            }),
        ),
    ]
}

fn mistyped(word: &str, seed: u64) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let place = 1 + usize::try_from(mixed(seed)).unwrap_or(usize::MAX) % (letters.len() - 2);
    letters.swap(place, place + 1);
    letters.push('q');
    letters.into_iter().collect()
}

async fn measure_all(search: &SearchClient, ctx: &Ctx) -> Result<()> {
    println!("{:<42} {:>8} {:>8} {:>8} {:>8}  (ms, one client)", "", "p50", "p99", "max", "items");
    for (what, make) in queries() {
        let mut times = Vec::new();
        let mut items = 0;
        for round in 0..500 {
            let request = make(round);
            let began = Instant::now();
            items += search.query(ctx, request).await?.product_ids.len();
            times.push(began.elapsed());
        }
        report(what, &mut times, items as f64 / 500.0);
    }
    let (mut cursor, mut times) = (String::new(), Vec::new());
    for _ in 0..500 {
        let began = Instant::now();
        let request = QueryRequest { sort: "price_asc".to_owned(), cursor, ..listing() };
        cursor = search.query(ctx, request).await?.next;
        times.push(began.elapsed());
    }
    report("500 pages on, by price", &mut times, 24.0);
    let mut times = Vec::new();
    for round in 0..500 {
        let word = pick(&NOUNS, round);
        let text = word[..=usize::try_from(round).unwrap_or(0) % (word.len() - 1)].to_owned();
        let began = Instant::now();
        search.suggest(ctx, SuggestRequest { text, limit: 10 }).await?;
        times.push(began.elapsed());
    }
    report("suggest", &mut times, 10.0);
    Ok(())
}

fn report(what: &str, times: &mut [Duration], items: f64) {
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let at = |share: usize| ms(times[(times.len() - 1) * share / 100]);
    println!("{what:<42} {:>8.3} {:>8.3} {:>8.3} {items:>8.1}", at(50), at(99), at(100));
}
