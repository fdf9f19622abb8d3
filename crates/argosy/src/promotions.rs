//! `argosy promotions`: codes and campaigns as a file, into a store that runs and out of it.

use std::{collections::BTreeMap, path::PathBuf};

use argosy_contracts::{
    catalog::{CatalogClient, GetProductsRequest, ListCollectionsRequest},
    pricing::{
        Campaign, GenerateCodesRequest, ListCampaignsRequest, ListPromotionsRequest, PricingClient,
        Promotion, PutCampaignsRequest, PutPromotionsRequest,
    },
};
use argosy_kernel::{Ctx, Error, ProductId, PromotionId, Result};
use argosy_platform::telemetry;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::{cli::print, files, place, settings::Settings};

/// Campaigns and codes that one call takes.
const BATCH: usize = 200;
const PAGE: u32 = 100;
/// Unique codes that one call makes.
const CODES: u32 = 1_000;

#[derive(Subcommand)]
pub(crate) enum Promotions {
    /// Write all codes and campaigns as JSON
    List,
    /// Create or update the codes and campaigns of a file as `list` writes it; others stay
    ///
    /// Goods may be named by the handles of products and collections. All campaigns are put, or none, then all codes.
    Put {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Make unique codes of a promotion, each for one use; without a count, list those there are
    ///
    /// The promotion is then what its codes have in common, and no code itself: what is put over it counts for all of them,
    /// and switched off it ends them. Codes are written one a line, listed ones with their uses.
    Codes {
        /// The promotion's code
        #[arg(value_name = "NAME")]
        name: String,
        /// How many to make
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        count: Option<u32>,
    },
}

/// The file.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Book {
    campaigns: Vec<Campaign>,
    promotions: Vec<Promotion>,
}

pub(crate) async fn run(settings: &Settings, command: Promotions) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let pricing = PricingClient::remote(place::channel_to(settings, PricingClient::SERVICE)?);
    let ctx = Ctx::system("promotions");
    match command {
        Promotions::List => {
            let book = list(&pricing, &ctx).await?;
            files::show(&book)
        }
        Promotions::Put { file } => {
            let mut book: Book = files::read(&file)?;
            let catalog = CatalogClient::remote(place::channel_to(settings, CatalogClient::SERVICE)?);
            name_goods(&catalog, &ctx, &mut book.campaigns).await?;
            let (campaigns, codes) = (book.campaigns.len(), book.promotions.len());
            if campaigns > BATCH || codes > BATCH {
                return Err(files::refused(
                    &file,
                    format_args!("it may have at most {BATCH} campaigns and {BATCH} codes"),
                ));
            }
            if campaigns > 0 {
                pricing.put_campaigns(&ctx, PutCampaignsRequest { campaigns: book.campaigns }).await?;
            }
            if codes > 0 {
                pricing.put_promotions(&ctx, PutPromotionsRequest { promotions: book.promotions }).await?;
            }
            print(&format!("{campaigns} campaigns and {codes} codes are in force\n"))
        }
        Promotions::Codes { name, count: Some(count) } => make_codes(&pricing, &ctx, &name, count).await,
        Promotions::Codes { name, count: None } => {
            let codes = promotions(&pricing, &ctx, &name).await?;
            let told: Vec<String> =
                codes.iter().map(|code| format!("{}\t{}\n", code.code, code.uses)).collect();
            print(&told.concat())
        }
    }
}

async fn make_codes(pricing: &PricingClient, ctx: &Ctx, name: &str, count: u32) -> Result<()> {
    let mut left = count;
    while left > 0 {
        let count = left.min(CODES);
        // An id has more random bits than a code shows.
        let seed = PromotionId::new().to_string();
        let request = GenerateCodesRequest { code: name.to_owned(), count, seed };
        let codes = pricing.generate_codes(ctx, request).await?.codes;
        print(&format!("{}\n", codes.join("\n")))?;
        left -= count;
    }
    Ok(())
}

async fn list(pricing: &PricingClient, ctx: &Ctx) -> Result<Book> {
    let campaigns = pricing.list_campaigns(ctx, ListCampaignsRequest {}).await?.campaigns;
    Ok(Book { campaigns, promotions: promotions(pricing, ctx, "").await? })
}

/// All promotions: the codes of a pool, or all but such codes.
async fn promotions(pricing: &PricingClient, ctx: &Ctx, pool: &str) -> Result<Vec<Promotion>> {
    let (mut promotions, mut cursor) = (Vec::new(), String::new());
    loop {
        let request = ListPromotionsRequest { limit: PAGE, cursor, pool: pool.to_owned() };
        let page = pricing.list_promotions(ctx, request).await?;
        promotions.extend(page.promotions);
        cursor = page.next;
        if cursor.is_empty() {
            return Ok(promotions);
        }
    }
}

/// Puts ids in place of handles.
async fn name_goods(catalog: &CatalogClient, ctx: &Ctx, campaigns: &mut [Campaign]) -> Result<()> {
    let of_parts = |campaign: &Campaign| {
        let parts: Vec<String> = campaign.bundle.iter().flat_map(|part| part.product_ids.clone()).collect();
        parts.into_iter().chain(campaign.product_ids.clone())
    };
    let mut handles: Vec<String> = campaigns.iter().flat_map(of_parts).collect();
    handles.retain(|name| !is_id(name));
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for handles in handles.chunks(BATCH) {
        let request = GetProductsRequest {
            handles: handles.to_vec(),
            include_unpublished: true,
            ..GetProductsRequest::default()
        };
        let found = catalog.get_products(ctx, request).await?.products;
        ids.extend(found.into_iter().map(|product| (product.handle, product.id)));
    }
    let collections = catalog.list_collections(ctx, ListCollectionsRequest {}).await?.collections;
    for (index, campaign) in campaigns.iter_mut().enumerate() {
        let at = |field: &str, place: usize| format!("/campaigns/{index}/{field}/{place}");
        for (place, name) in campaign.product_ids.iter_mut().enumerate().filter(|(_, name)| !is_id(name)) {
            let id = ids.get(name).ok_or_else(|| {
                Error::invalid_field(at("product_ids", place), format!("there is no product '{name}'"))
            })?;
            name.clone_from(id);
        }
        for (index, part) in campaign.bundle.iter_mut().enumerate() {
            for (place, name) in part.product_ids.iter_mut().enumerate().filter(|(_, name)| !is_id(name)) {
                let id = ids.get(name).ok_or_else(|| {
                    let field = format!("bundle/{index}/product_ids");
                    Error::invalid_field(at(&field, place), format!("there is no product '{name}'"))
                })?;
                name.clone_from(id);
            }
        }
        for (place, name) in campaign.collection_ids.iter_mut().enumerate() {
            let known = collections.iter().find(|known| known.handle == *name || known.id == *name);
            let known = known.ok_or_else(|| {
                Error::invalid_field(at("collection_ids", place), format!("there is no collection '{name}'"))
            })?;
            name.clone_from(&known.id);
        }
    }
    Ok(())
}

fn is_id(name: &str) -> bool {
    name.parse::<ProductId>().is_ok()
}
