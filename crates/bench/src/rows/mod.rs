//! What is measured, of a shop of one size.

mod facts;
mod listings;
mod purchases;
pub(crate) mod quotes;
mod reads;
mod spread;

use std::{path::Path, time::Duration};

use anyhow::Result;

use crate::{
    commits::Disk,
    products,
    store::{Folder, Store},
    table::{Row, Target},
};

/// How long and how often things are measured.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// Turns of baseline and subject.
    pub(crate) rounds: usize,
    /// How long each turn of a rate takes.
    pub(crate) turn: Duration,
    /// Requests of a series of single ones.
    pub(crate) requests: usize,
}

/// Measures a shop of so many products in a new folder.
pub(crate) async fn measure(
    binary: &Path,
    scratch: &Path,
    products: usize,
    effort: Effort,
) -> Result<Vec<Row>> {
    let folder = Folder::new(binary, scratch.join("data"));
    let mut sheet = Sheet { products, rows: Vec::new() };
    import(&mut sheet, &folder, scratch).await?;
    let store = start(&mut sheet, &folder).await?;
    reads::measure(&mut sheet, &store, scratch, effort).await?;
    listings::measure(&mut sheet, &store, scratch, effort).await?;
    facts::measure(&mut sheet, &store, "").await?;
    purchases::measure(&mut sheet, &store, &Disk::Sqlite(scratch.to_owned()), effort).await?;
    sheet.add("memory after load", "MB", store.resident_mb()?);
    store.stop().await?;
    Ok(sheet.rows)
}

/// Measures import, start and listings of a shop of so many products in a new folder.
pub(crate) async fn measure_listings(
    binary: &Path,
    scratch: &Path,
    products: usize,
    effort: Effort,
) -> Result<Vec<Row>> {
    let folder = Folder::new(binary, scratch.join("data"));
    let mut sheet = Sheet { products, rows: Vec::new() };
    import(&mut sheet, &folder, scratch).await?;
    let store = start(&mut sheet, &folder).await?;
    listings::measure(&mut sheet, &store, scratch, effort).await?;
    sheet.add("memory after load", "MB", store.resident_mb()?);
    store.stop().await?;
    Ok(sheet.rows)
}

/// Measures purchases in a shop whose data is in PostgreSQL.
pub(crate) async fn measure_postgres(
    binary: &Path,
    scratch: &Path,
    url: &str,
    effort: Effort,
) -> Result<Vec<Row>> {
    let prefix = format!("bench_{}_", std::process::id());
    let folder = Folder::new(binary, scratch.join("data")).in_postgres(url, &prefix);
    let mut sheet = Sheet { products: PRODUCTS_IN_POSTGRES, rows: Vec::new() };
    let disk = Disk::Postgres { url: url.to_owned(), prefix };
    let measured = purchases_of(&mut sheet, &folder, scratch, &disk, effort).await;
    disk.clean_up().await?;
    measured.map(|()| sheet.rows)
}

/// Purchases don't depend on how many there are.
const PRODUCTS_IN_POSTGRES: usize = 2_000;

async fn purchases_of(
    sheet: &mut Sheet,
    folder: &Folder,
    scratch: &Path,
    disk: &Disk,
    effort: Effort,
) -> Result<()> {
    let file = scratch.join("products.jsonl");
    products::write(&file, sheet.products)?;
    folder.import(&file).await?;
    let store = folder.start().await?;
    store.indexed(sheet.products).await?;
    purchases::measure(sheet, &store, disk, effort).await?;
    spread::measure(sheet, folder, &store, effort).await?;
    store.stop().await
}

/// The rows of one size, as they come.
struct Sheet {
    products: usize,
    rows: Vec<Row>,
}

impl Sheet {
    fn row(&self, name: &str, unit: &'static str, value: f64) -> Row {
        Row::new(self.products, name, unit, value)
    }

    fn add(&mut self, name: &str, unit: &'static str, value: f64) {
        let row = self.row(name, unit, value);
        self.put(row);
    }

    /// Keeps a row, and shows that the work goes on.
    #[expect(clippy::print_stderr, reason = "tells whoever waits")]
    fn put(&mut self, row: Row) {
        eprintln!("  {} products: {}: {:.2} {}", row.products, row.name, row.value, row.unit);
        self.rows.push(row);
    }
}

async fn import(sheet: &mut Sheet, folder: &Folder, scratch: &Path) -> Result<()> {
    let file = scratch.join("products.jsonl");
    products::write(&file, sheet.products)?;
    let seconds = folder.import(&file).await?.as_secs_f64();
    let count = f64::from(u32::try_from(sheet.products)?);
    // 60 s are promised for 100,000; a smaller file may take its share.
    let row =
        sheet.row("import of JSON lines", "s", seconds).target(Target::AtMost(60.0 * count / 100_000.0));
    sheet.put(row);
    sheet.add("import of JSON lines", "products/s", count / seconds);
    sheet.add("imported file", "MB", megabytes(file.metadata()?.len()));
    sheet.add("databases after it", "MB", megabytes(folder.bytes("")?));
    Ok(())
}

async fn start(sheet: &mut Sheet, folder: &Folder) -> Result<Store> {
    let first = folder.start().await?;
    let ready = first.start;
    let indexed = ready + first.indexed(sheet.products).await?;
    sheet.add("first start to all products in search", "s", indexed.as_secs_f64());
    first.stop().await?;
    sheet.add("index", "MB", megabytes(folder.bytes("/search/")?));
    let mut starts = Vec::new();
    let mut store = folder.start().await?;
    for _ in 0..2 {
        starts.push(store.start.as_secs_f64());
        store.stop().await?;
        store = folder.start().await?;
    }
    starts.push(store.start.as_secs_f64());
    store.indexed(sheet.products).await?;
    let start = sheet.row("start to ready", "s", crate::load::median(starts));
    let memory = sheet.row("memory when ready", "MB", store.resident_mb()?);
    // Promised for shops of up to 10,000 products.
    let is_promised = sheet.products <= 10_000;
    for (row, most) in [(start, 1.0), (memory, 150.0)] {
        sheet.put(if is_promised { row.target(Target::AtMost(most)) } else { row });
    }
    Ok(store)
}

fn megabytes(bytes: u64) -> f64 {
    Duration::from_micros(bytes).as_secs_f64()
}
