//! `argosy prices`: price lists as a file, and their prices as JSON lines, into a store that runs and out of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use argosy_contracts::{
    catalog::{CatalogClient, GetProductsRequest, Product},
    pricing::{
        ListListPricesRequest, ListPrice, ListPriceListsRequest, PriceList, PricingClient,
        PutListPricesRequest, PutPriceListsRequest,
    },
};
use argosy_kernel::{Ctx, Currency, Error, Money, Result};
use argosy_platform::telemetry;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::{cli::print, files, place, settings::Settings};

/// The most lists that one file may have.
const LISTS_MAX: usize = 200;
/// Prices, or products, of one call.
const BATCH: usize = 200;
/// A line is one price.
const LINE_BYTES_MAX: u64 = 4_096;

#[derive(Subcommand)]
pub(crate) enum Prices {
    /// Write all price lists as JSON
    List,
    /// Create or update the price lists of a file as `list` writes it; others, and the prices that they hold, stay
    Put {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Set prices of variants in price lists from JSON lines; again changes nothing
    ///
    /// A line is like {"price_list": "dealers", "handle": "lamp", "sku": "LAMP-1", "price": {"amount": 1900, "currency":
    /// "EUR"}, "pieces_min": 10}: a variant by its product's handle and its SKU, or by `variant_id`; the amount in minor units;
    /// `pieces_min` may be left out. `"removed": true` takes the price out.
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Write the prices of a price list as JSON lines, as `import` reads them
    Export {
        /// The price list
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// The file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    price_lists: Vec<PriceList>,
}

/// A line.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Line {
    price_list: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    variant_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    handle: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    sku: String,
    price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pieces_min: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    removed: bool,
}

pub(crate) async fn run(settings: &Settings, command: Prices) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let pricing = PricingClient::remote(place::channel_to(settings, PricingClient::SERVICE)?);
    let ctx = Ctx::system("prices");
    match command {
        Prices::List => {
            let price_lists = pricing.list_price_lists(&ctx, ListPriceListsRequest {}).await?.price_lists;
            files::show(&Book { price_lists })
        }
        Prices::Put { file } => {
            let Book { price_lists } = files::read(&file)?;
            let lists = price_lists.len();
            if lists > LISTS_MAX {
                return Err(files::refused(
                    &file,
                    format_args!("it may have at most {LISTS_MAX} price lists"),
                ));
            }
            pricing.put_price_lists(&ctx, PutPriceListsRequest { price_lists }).await?;
            print(&format!("{lists} price lists are put\n"))
        }
        Prices::Import { file } => {
            let catalog = CatalogClient::remote(place::channel_to(settings, CatalogClient::SERVICE)?);
            import(&pricing, &catalog, &ctx, &file).await
        }
        Prices::Export { name } => export(&pricing, &ctx, &name).await,
    }
}

async fn import(pricing: &PricingClient, catalog: &CatalogClient, ctx: &Ctx, file: &Path) -> Result<()> {
    let refuse = |why: String| files::refused(file, why);
    let mut reader = BufReader::new(File::open(file).map_err(|error| refuse(error.to_string()))?);
    let (mut batch, mut read, mut changed) = (Vec::new(), 0_u64, 0_u64);
    loop {
        let line = next_line(&mut reader).map_err(|why| refuse(format!("line {}: {why}", read + 1)))?;
        let is_end = line.is_none();
        if let Some(line) = line {
            read += 1;
            if !line.trim().is_empty() {
                let parsed = serde_json::from_str::<Line>(&line);
                batch.push((read, parsed.map_err(|error| refuse(format!("line {read}: {error}")))?));
            }
        }
        if batch.len() == BATCH || (is_end && !batch.is_empty()) {
            let lines = std::mem::take(&mut batch);
            let places: Vec<u64> = lines.iter().map(|(place, _)| *place).collect();
            let prices =
                named(catalog, ctx, lines).await.map_err(|error| refuse(error.message().to_owned()))?;
            let put = pricing.put_list_prices(ctx, PutListPricesRequest { prices }).await;
            changed += u64::from(put.map_err(|error| at_line(&error, &places, file))?.changed);
        }
        if is_end {
            return print(&format!("{read} lines were read, {changed} prices are others now\n"));
        }
    }
}

/// A line without its end, bounded; `None`: there are no more.
fn next_line(reader: &mut impl BufRead) -> Result<Option<String>, String> {
    use std::io::Read;
    let mut line = Vec::new();
    let mut bounded = Read::take(&mut *reader, LINE_BYTES_MAX);
    let length = bounded.read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
    if length as u64 == LINE_BYTES_MAX && line.last() != Some(&b'\n') {
        return Err(format!("is longer than {LINE_BYTES_MAX} bytes"));
    }
    let text = String::from_utf8(line).map_err(|_| "is not UTF-8".to_owned())?;
    Ok((length > 0).then_some(text))
}

/// Says which line of the file a refused price stands in; earlier ones are put.
fn at_line(error: &Error, places: &[u64], file: &Path) -> Error {
    let place = error.fields().first().and_then(|field| {
        let index: usize = field.pointer.strip_prefix("/prices/")?.split('/').next()?.parse().ok()?;
        Some((
            places.get(index)?,
            field.pointer.split('/').skip(3).collect::<Vec<_>>().join("/"),
            &field.message,
        ))
    });
    match place {
        Some((line, field, why)) => files::refused(file, format_args!("line {line}: {field} {why}")),
        None => error.clone(),
    }
}

/// Puts ids in place of handles and SKUs.
async fn named(catalog: &CatalogClient, ctx: &Ctx, lines: Vec<(u64, Line)>) -> Result<Vec<ListPrice>> {
    let handles: BTreeSet<String> = lines
        .iter()
        .filter(|(_, line)| line.variant_id.is_empty())
        .map(|(_, line)| line.handle.clone())
        .collect();
    let mut products: BTreeMap<String, Product> = BTreeMap::new();
    if !handles.is_empty() {
        let handles = handles.into_iter().collect();
        let request =
            GetProductsRequest { handles, include_unpublished: true, ..GetProductsRequest::default() };
        let found = catalog.get_products(ctx, request).await?.products;
        products.extend(found.into_iter().map(|product| (product.handle.clone(), product)));
    }
    lines.into_iter().map(|(place, line)| price(place, line, &products)).collect()
}

fn price(place: u64, line: Line, products: &BTreeMap<String, Product>) -> Result<ListPrice> {
    let refuse = |why: String| Error::invalid("INVALID_FILE", format!("line {place}: {why}"));
    let variant_id = if line.variant_id.is_empty() {
        let product = products.get(&line.handle);
        let product = product.ok_or_else(|| refuse(format!("there is no product '{}'", line.handle)))?;
        let of_sku = product.variants.iter().find(|variant| variant.sku == line.sku);
        let only = || product.variants.first().filter(|_| line.sku.is_empty() && product.variants.len() == 1);
        let variant = of_sku.or_else(only);
        let missing = || refuse(format!("'{}' has no variant of the SKU '{}'", line.handle, line.sku));
        variant.ok_or_else(missing)?.id.clone()
    } else {
        line.variant_id
    };
    let amount = line.price.ok_or_else(|| refuse("price is missing".to_owned()))?;
    Ok(ListPrice {
        price_list: line.price_list,
        variant_id,
        pieces_min: line.pieces_min.unwrap_or_default(),
        price: Some(amount.into()),
        removed: line.removed,
    })
}

async fn export(pricing: &PricingClient, ctx: &Ctx, name: &str) -> Result<()> {
    let mut cursor = String::new();
    loop {
        let request = ListListPricesRequest { price_list: name.to_owned(), limit: 500, cursor };
        let page = pricing.list_list_prices(ctx, request).await?;
        for price in page.prices {
            let amount = price.price.unwrap_or_default();
            let currency: Currency = amount.currency.parse()?;
            let line = Line {
                price_list: price.price_list,
                variant_id: price.variant_id,
                price: Some(Money::new(amount.minor, currency)),
                pieces_min: (price.pieces_min > 1).then_some(price.pieces_min),
                ..Line::default()
            };
            print(&format!("{}\n", serde_json::to_string(&line).map_err(Error::internal)?))?;
        }
        cursor = page.next;
        if cursor.is_empty() {
            return Ok(());
        }
    }
}
