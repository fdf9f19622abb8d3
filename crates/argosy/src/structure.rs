//! `argosy structure`: what all goods share (attributes with their size charts, categories, collections, locations)
//! as a file, into a store that runs and out of it.

use std::path::PathBuf;

use argosy_contracts::{
    catalog::{
        AttributeDefinition, CatalogClient, Category, Collection, ListAttributesRequest,
        ListCategoriesRequest, ListCollectionsRequest, PutAttributesRequest, PutCategoriesRequest,
        PutCollectionsRequest,
    },
    inventory::{InventoryClient, ListLocationsRequest, Location, PutLocationsRequest},
};
use argosy_kernel::{Ctx, Result};
use argosy_platform::telemetry;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::{cli::print, files, place, settings::Settings};

#[derive(Subcommand)]
pub(crate) enum Structure {
    /// Write attributes, categories, collections and locations as JSON
    List,
    /// Create or update what a file holds, written as `list` writes it; the rest stays
    ///
    /// Attributes go by name, categories and collections by handle, locations by id; a location without one is new.
    Put {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// The file.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Book {
    attributes: Vec<AttributeDefinition>,
    categories: Vec<Category>,
    collections: Vec<Collection>,
    locations: Vec<Location>,
}

pub(crate) async fn run(settings: &Settings, command: Structure) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let catalog = CatalogClient::remote(place::channel_to(settings, CatalogClient::SERVICE)?);
    let inventory = InventoryClient::remote(place::channel_to(settings, InventoryClient::SERVICE)?);
    let ctx = Ctx::system("structure");
    match command {
        Structure::List => {
            let book = Book {
                attributes: catalog.list_attributes(&ctx, ListAttributesRequest {}).await?.attributes,
                categories: catalog.list_categories(&ctx, ListCategoriesRequest {}).await?.categories,
                collections: catalog.list_collections(&ctx, ListCollectionsRequest {}).await?.collections,
                locations: inventory.list_locations(&ctx, ListLocationsRequest {}).await?.locations,
            };
            files::show(&book)
        }
        Structure::Put { file } => {
            let book: Book = files::read(&file)?;
            put(&catalog, &inventory, &ctx, book).await
        }
    }
}

async fn put(catalog: &CatalogClient, inventory: &InventoryClient, ctx: &Ctx, book: Book) -> Result<()> {
    let Book { attributes, categories, collections, locations } = book;
    let counts = [attributes.len(), categories.len(), collections.len(), locations.len()];
    if !attributes.is_empty() {
        catalog.put_attributes(ctx, PutAttributesRequest { attributes }).await?;
    }
    if !categories.is_empty() {
        catalog.put_categories(ctx, PutCategoriesRequest { categories }).await?;
    }
    if !collections.is_empty() {
        catalog.put_collections(ctx, PutCollectionsRequest { collections }).await?;
    }
    if !locations.is_empty() {
        inventory.put_locations(ctx, PutLocationsRequest { locations }).await?;
    }
    let [attributes, categories, collections, locations] = counts;
    print(&format!(
        "{attributes} attributes, {categories} categories, {collections} collections and {locations} locations are in force\n"
    ))
}
