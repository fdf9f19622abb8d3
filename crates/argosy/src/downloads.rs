//! `argosy downloads`: files that come with what is bought, in a store that runs.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use argosy_contracts::{
    catalog::CatalogClient,
    media::{ListFilesRequest, MediaClient, PutFilePartRequest, PutFileRequest, RemoveFileRequest, SoldFile},
};
use argosy_kernel::{Ctx, Result};
use argosy_platform::telemetry;
use clap::Subcommand;

use crate::{
    cli::print,
    files, place,
    settings::Settings,
    variants::{chosen, product},
};

/// What is sent at once.
const PART_BYTES: u64 = 4 * 1024 * 1024;
/// Variants that media answers for at once.
const VARIANTS_MAX: usize = 500;

#[derive(Subcommand)]
pub(crate) enum Downloads {
    /// Sell a file with a variant: whoever has paid for it may download it from their order's page
    ///
    /// A file of the same name is replaced, also for those who have bought it.
    Put {
        /// The product
        #[arg(value_name = "HANDLE")]
        handle: String,
        /// The file, of at most 5 GiB
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The variant; may be left out if there is only one
        #[arg(long, value_name = "SKU")]
        sku: Option<String>,
        /// What it is saved as [default: the file's name]
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// List the files that come with a product's variants
    List {
        /// The product
        #[arg(value_name = "HANDLE")]
        handle: String,
    },
    /// Sell a file no more; those who have bought it cannot download it any more either
    Remove {
        /// The file, as `list` names it
        #[arg(value_name = "ID")]
        id: String,
    },
}

pub(crate) async fn run(settings: &Settings, command: Downloads) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let catalog = CatalogClient::remote(place::channel_to(settings, CatalogClient::SERVICE)?);
    let media = MediaClient::remote(place::channel_to(settings, MediaClient::SERVICE)?);
    let ctx = Ctx::system("downloads");
    match command {
        Downloads::Put { handle, file, sku, name } => {
            let product = product(&catalog, &ctx, &handle).await?;
            let variant_id = chosen(&product, sku.as_deref())?.id.clone();
            let parts = put_parts(&media, &ctx, &file).await?;
            let own = || file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let request = PutFileRequest { variant_id, name: name.unwrap_or_else(own), parts };
            let put = media.put_file(&ctx, request).await?;
            print(&told(&put))
        }
        Downloads::List { handle } => {
            let product = product(&catalog, &ctx, &handle).await?;
            for variants in product.variants.chunks(VARIANTS_MAX) {
                let variant_ids = variants.iter().map(|variant| variant.id.clone()).collect();
                let files = media.list_files(&ctx, ListFilesRequest { variant_ids }).await?.files;
                for file in files {
                    let variant = variants.iter().find(|variant| variant.id == file.variant_id);
                    let sku = variant.map(|variant| variant.sku.as_str()).unwrap_or_default();
                    print(&format!("{sku:<24} {}", told(&file)))?;
                }
            }
            Ok(())
        }
        Downloads::Remove { id } => {
            media.remove_file(&ctx, RemoveFileRequest { file_id: id.clone() }).await?;
            print(&format!("{id} is sold no more\n"))
        }
    }
}

fn told(file: &SoldFile) -> String {
    format!("{} {} ({} bytes)\n", file.id, file.name, file.size_bytes)
}

/// Sends a file part by part; answers their digests.
async fn put_parts(media: &MediaClient, ctx: &Ctx, path: &Path) -> Result<Vec<String>> {
    let mut file = File::open(path).map_err(|error| files::refused(path, error))?;
    let mut parts = Vec::new();
    loop {
        let mut content = Vec::new();
        let read = file.by_ref().take(PART_BYTES).read_to_end(&mut content);
        if read.map_err(|error| files::refused(path, error))? == 0 {
            break;
        }
        parts.push(media.put_file_part(ctx, PutFilePartRequest { content }).await?.digest);
    }
    if parts.is_empty() { Err(files::refused(path, "is empty")) } else { Ok(parts) }
}
