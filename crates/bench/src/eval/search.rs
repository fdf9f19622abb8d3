//! Search: queries of people with rated products.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use flate2::read::GzDecoder;
use serde::{Deserialize, Serialize};

use super::{
    measures::{Ratings, mean, ndcg, ndcg_of_rated, ratio, recall},
    plain::Plain,
};
use crate::{
    client::{Connection, get},
    store::{Folder, Store},
};

/// Products asked for a query: the most that the shop lists on a page.
const RESULTS: usize = 100;

/// The queries, and where the products are.
#[derive(Args)]
pub(crate) struct Search {
    /// The release binary of the shop
    #[arg(long)]
    argosy: PathBuf,
    /// A folder for the shop; what is made in it is removed at the end
    #[arg(long)]
    scratch: PathBuf,
    /// The folder of data sets, with `icecat-chorus` in it
    #[arg(long)]
    data: PathBuf,
    /// Also tell each query
    #[arg(long)]
    each: bool,
}

/// How one side did.
#[derive(Debug, Serialize)]
struct Quality {
    ndcg: f64,
    ndcg_of_rated: f64,
    recall: f64,
    found_nothing: f64,
}

/// What one query found on one side.
struct Answer<'a> {
    ratings: &'a Ratings,
    ranking: Vec<String>,
}

/// Measures the shop beside the baseline, in full view.
///
/// # Errors
/// If the data cannot be read, the shop does not run, or its NDCG is not above the baseline's.
#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(crate) async fn search(args: Search) -> Result<()> {
    let set = args.data.join("icecat-chorus");
    let (catalogue, queries) = (set.join("shopify.csv.gz"), queries(&set.join("judgements.csv"))?);
    let products = products(&catalogue)?;
    let plain = Plain::of(products.iter().map(|one| (one.id(), one.title.as_str(), one.text.as_str())))?;

    std::fs::create_dir_all(&args.scratch)?;
    let scratch = tempfile::tempdir_in(&args.scratch)?;
    let folder = Folder::new(&args.argosy, scratch.path().join("data"));
    folder.import(&catalogue).await?;
    let store = folder.start().await?;
    store.indexed(products.len()).await?;

    let (mut shop, mut baseline) = (Vec::new(), Vec::new());
    for (text, ratings) in &queries {
        shop.push(Answer { ratings, ranking: ask(&store, text).await? });
        baseline.push(Answer { ratings, ranking: plain.find(text, RESULTS)? });
    }
    store.stop().await?;

    println!("{} products, {} queries", products.len(), queries.len());
    if args.each {
        for ((text, _), (shop, plain)) in queries.iter().zip(shop.iter().zip(&baseline)) {
            let [shop, plain] = [shop, plain].map(|answer| {
                let measured = ndcg(&answer.ranking, answer.ratings);
                measured.map_or("   –  ".to_owned(), |measured| format!("{measured:.3} "))
                    + &format!("{:>4}", answer.ranking.len())
            });
            println!("{text:<28} argosy {shop}   plain {plain}");
        }
    }
    let (shop, baseline) = (Quality::of(&shop), Quality::of(&baseline));
    println!("{:<24}{:>10}{:>12}", "", "argosy", "plain BM25");
    for (name, of) in MEASURES {
        println!("{name:<24}{:>10.3}{:>12.3}", of(&shop), of(&baseline));
    }
    if shop.ndcg <= baseline.ndcg || shop.ndcg_of_rated <= baseline.ndcg_of_rated {
        bail!("search is no better than plain BM25 over title and text");
    }
    Ok(())
}

/// A measure's name, and where it stands.
type Measure = (&'static str, fn(&Quality) -> f64);

const MEASURES: [Measure; 4] = [
    ("NDCG@10", |quality| quality.ndcg),
    ("NDCG@10, rated only", |quality| quality.ndcg_of_rated),
    ("recall@100", |quality| quality.recall),
    ("found nothing", |quality| quality.found_nothing),
];

impl Quality {
    fn of(answers: &[Answer<'_>]) -> Self {
        let each = |measure: fn(&[String], &Ratings) -> Option<f64>| {
            mean(answers.iter().map(|answer| measure(&answer.ranking, answer.ratings)))
        };
        let empty = answers.iter().filter(|answer| answer.ranking.is_empty()).count();
        Self {
            ndcg: each(ndcg),
            ndcg_of_rated: each(ndcg_of_rated),
            recall: each(recall),
            found_nothing: ratio(empty, answers.len()),
        }
    }
}

/// The shop's answer, as ids of the data set.
async fn ask(store: &Store, text: &str) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Page {
        items: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        handle: String,
    }
    let text = text.replace(' ', "+");
    let request = get(&format!("/store/search?q={text}&limit={RESULTS}"), &[]);
    let mut connection = Connection::open(store.address).await?;
    let answer = connection.exchange(&request).await?;
    if answer.status != 200 {
        bail!("the search for {text} answered {}", answer.status);
    }
    let page: Page = serde_json::from_slice(answer.body)?;
    Ok(page.items.iter().map(|item| id_of(&item.handle).to_owned()).collect())
}

/// A handle of this data set ends with the id of the product.
fn id_of(handle: &str) -> &str {
    handle.rsplit_once('-').map_or(handle, |(_, id)| id)
}

#[derive(Deserialize)]
struct Product {
    #[serde(rename = "Handle")]
    handle: String,
    #[serde(rename = "Title")]
    title: String,
    #[serde(rename = "Body (HTML)")]
    text: String,
}

impl Product {
    fn id(&self) -> &str {
        id_of(&self.handle)
    }
}

fn products(catalogue: &Path) -> Result<Vec<Product>> {
    let file = File::open(catalogue).with_context(|| format!("cannot read {}", catalogue.display()))?;
    let mut by_handle = HashMap::new();
    for row in csv::Reader::from_reader(GzDecoder::new(file)).deserialize() {
        let product: Product = row?;
        by_handle.entry(product.handle.clone()).or_insert(product);
    }
    Ok(by_handle.into_values().collect())
}

fn queries(judgements: &Path) -> Result<BTreeMap<String, Ratings>> {
    #[derive(Deserialize)]
    struct Row {
        query: String,
        product_id: String,
        rating: u8,
    }
    let mut reader = csv::Reader::from_path(judgements)
        .with_context(|| format!("cannot read {}", judgements.display()))?;
    let mut queries: BTreeMap<String, Ratings> = BTreeMap::new();
    for row in reader.deserialize() {
        let Row { query, product_id, rating } = row?;
        queries.entry(query).or_default().insert(product_id, rating);
    }
    Ok(queries)
}
