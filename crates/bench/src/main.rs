#![doc = include_str!("../README.md")]

mod bare;
mod client;
mod commits;
mod eval;
mod fleet;
mod load;
mod products;
mod rows;
mod store;
mod table;
mod usage;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};
use argosy_kernel::{Clock, SystemClock};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::{
    rows::Effort,
    table::{Row, Target},
};

#[derive(Parser)]
#[command(about = "Measures and judges a running shop beside baselines")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure
    Run(Run),
    /// Write the catalogue that is measured, as JSON lines
    Catalogue(Catalogue),
    /// Judge answers by real data with known ones
    #[command(subcommand)]
    Eval(Eval),
    /// The baseline of reads
    #[command(hide = true)]
    ServeBare { file: PathBuf },
}

#[derive(Subcommand)]
enum Eval {
    /// Search, by queries with rated products
    Search(eval::Search),
}

#[derive(Args)]
struct Run {
    /// The release binary of the shop
    #[arg(long)]
    argosy: PathBuf,
    /// A folder on the disk to measure; what is made in it is removed at the end
    #[arg(long)]
    scratch: PathBuf,
    /// Where the rows are written as JSON
    #[arg(long)]
    output: PathBuf,
    /// A PostgreSQL to measure purchases on; schemas are made in it and dropped
    #[arg(long)]
    postgres_url: String,
    /// 2,000 products and short turns, to see whether it works
    #[arg(long)]
    quick: bool,
    /// Sizes of the shop
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000])]
    products: Vec<usize>,
    /// Size of one more shop, whose import, start and listings alone are measured; 0 for none
    #[arg(long, default_value_t = 1_000_000)]
    listed_products: usize,
}

#[derive(Args)]
struct Catalogue {
    /// The file to write
    file: PathBuf,
    /// How many products
    #[arg(long, default_value_t = 100_000)]
    products: usize,
}

/// What is written as JSON.
#[derive(Serialize)]
struct Report {
    measured_at: String,
    /// Processes that wanted a core, before and after: more than the cores is a noisy machine.
    load_average: [String; 2],
    cores: usize,
    rows: Vec<Row>,
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Run(run) => measure(run).await,
        Command::Catalogue(catalogue) => products::write(&catalogue.file, catalogue.products),
        Command::Eval(Eval::Search(search)) => eval::search(search).await,
        Command::ServeBare { file } => bare::serve(file).await,
    }
}

async fn measure(run: Run) -> Result<()> {
    let (sizes, listed, effort) = if run.quick {
        (vec![2_000], 0, Effort { rounds: 2, turn: Duration::from_millis(500), requests: 200 })
    } else {
        let effort = Effort { rounds: 3, turn: Duration::from_millis(1_500), requests: 1_500 };
        (run.products, run.listed_products, effort)
    };
    std::fs::create_dir_all(&run.scratch)?;
    let before = load_average()?;
    let quotes = rows::quotes::measure()?;
    let mut rows = Vec::new();
    for products in sizes {
        let scratch = tempfile::tempdir_in(&run.scratch)?;
        rows.extend(rows::measure(&run.argosy, scratch.path(), products, effort).await?);
    }
    growth(&mut rows, "p50", |_| true);
    if listed > 0 {
        let scratch = tempfile::tempdir_in(&run.scratch)?;
        let least = rows.iter().map(|row| row.products).max();
        let mut listings = rows::measure_listings(&run.argosy, scratch.path(), listed, effort).await?;
        listings.splice(0..0, rows.iter().filter(|row| Some(row.products) == least).cloned());
        growth(&mut listings, "p50", is_listing);
        growth(&mut listings, "p99", is_listing);
        rows.extend(listings.into_iter().filter(|row| row.products == listed));
    }
    let scratch = tempfile::tempdir_in(&run.scratch)?;
    rows.extend(rows::measure_postgres(&run.argosy, scratch.path(), &run.postgres_url, effort).await?);
    rows.extend(quotes);
    let report = Report {
        measured_at: SystemClock.now().to_string(),
        load_average: [before, load_average()?],
        cores: std::thread::available_parallelism()?.get(),
        rows,
    };
    if let Some(folder) = run.output.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&run.output, serde_json::to_vec_pretty(&report)?)
        .with_context(|| format!("cannot write {}", run.output.display()))?;
    print(&report);
    Ok(())
}

/// Beside the rows of times of the largest shop those of the smallest.
fn growth(rows: &mut Vec<Row>, times: &str, is_of_interest: impl Fn(&Row) -> bool) {
    let sizes = rows.iter().map(|row| row.products);
    let (Some(least), Some(most)) = (sizes.clone().min(), sizes.max()) else { return };
    let is_time = |row: &&Row| row.name.ends_with(&format!(": {times}")) && row.baseline.is_some();
    let of = |products: usize| rows.iter().filter(move |row| row.products == products).filter(is_time);
    let grown: Vec<Row> = of(least)
        .zip(of(most))
        .filter(|(small, _)| least < most && is_of_interest(small))
        .map(|(small, large)| {
            Row::new(most, &format!("growth of {}", large.name), "ms", large.value)
                .beside(small.value, large.value / small.value)
                .target(Target::RatioAtMost(1.5))
        })
        .collect();
    rows.extend(grown);
}

/// What must be flat from the largest shop to the one whose listings alone are measured.
fn is_listing(row: &Row) -> bool {
    row.name.starts_with("listing")
}

fn load_average() -> Result<String> {
    let text = std::fs::read_to_string("/proc/loadavg").context("the load average is Linux's")?;
    Ok(text.split(' ').take(3).collect::<Vec<_>>().join(" "))
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
fn print(report: &Report) {
    print!("{}", table::table(&report.rows));
    let [before, after] = &report.load_average;
    println!(
        "\n{}, {} cores shared by client, shop and baseline; load average {before} before, {after} after.\n\
         Baselines and subjects take turns on the same machine: trust ratios before values.",
        report.measured_at, report.cores
    );
}
