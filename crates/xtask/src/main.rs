//! `cargo xtask`: the one way to check, test and run things here. It needs nothing but cargo; what else a
//! command needs it installs, or says exactly how to.
//!
//! Why not a Makefile or shell: this is typed, tested, and works wherever the project itself builds.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its terminal")]

mod api;
mod bench;
mod browser;
mod ci;
mod counts;
mod debian;
mod dependencies;
mod deploy;
mod drill;
mod eval;
mod example_config;
mod layers;
mod process;
mod proxies;
mod python;
mod report;
mod servers;
mod sizes;
mod suites;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use cargo_metadata::camino::Utf8PathBuf;
use clap::{Parser, Subcommand};

use crate::{servers::Addresses, suites::Suite, workspace::Workspace};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Check, test and measure Argosy", version)]
struct Cli {
    #[command(subcommand)]
    command: Task,
    #[command(flatten)]
    addresses: Addresses,
}

#[derive(Subcommand)]
enum Task {
    /// Everything CI checks, in the order that fails fastest
    Ci,
    /// All tests: Rust, documentation examples, browser, API, proxies, drills
    Test {
        /// Run only this suite
        #[arg(long, value_enum)]
        only: Option<Suite>,
        /// Passed on to cargo-nextest; then only the Rust tests run
        #[arg(last = true)]
        nextest: Vec<String>,
    },
    /// Check which crate may name which (the rules are in crates/xtask/src/layers.rs)
    Layers,
    /// Report the length of every Rust file; too long fails
    Sizes,
    /// Check licences, banned crates, their sources, and unused dependencies
    Dependencies,
    /// Check what deploy/ ships against schemas, linters and the binary
    Deploy,
    /// Check that argosy.example.toml is what the binary prints
    ExampleConfig {
        /// Write the file instead of checking it
        #[arg(long)]
        write: bool,
    },
    /// Measure shops of 10,000 and 100,000 products, and listings of a million, beside baselines (docs/bench.md)
    Bench {
        /// 2,000 products and short turns, to see whether it works
        #[arg(long)]
        quick: bool,
        /// Other sizes of the shop
        #[arg(long, value_delimiter = ',')]
        products: Vec<usize>,
    },
    /// Judge the shop by real data with known answers (docs/bench.md)
    Eval {
        /// What is judged
        subject: eval::Subject,
        /// The folder with the data sets; they are not part of the project
        #[arg(long)]
        data: Utf8PathBuf,
        /// Also tell each query
        #[arg(long)]
        each: bool,
    },
    /// Have things happen to a fleet under load, and see that it balances afterwards
    Drill(drill::Flags),
    /// Start the servers that tests of the fleet use (PostgreSQL, Redis, NATS), if they are not running
    Servers,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    let workspace = Workspace::load()?;
    match cli.command {
        Task::Ci => ci::run(&workspace, &cli.addresses),
        Task::Test { only, nextest } => suites::run(&workspace, &cli.addresses, only, &nextest),
        Task::Layers => said(layers::check(&workspace)),
        Task::Sizes => said(sizes::check(&workspace)),
        Task::Dependencies => said(dependencies::check(&workspace)),
        Task::Deploy => said(deploy::check(&workspace)),
        Task::ExampleConfig { write: false } => said(example_config::check(&workspace)),
        Task::ExampleConfig { write: true } => said(example_config::write(&workspace)),
        Task::Bench { quick, products } => bench::run(&workspace, &cli.addresses, quick, &products),
        Task::Eval { subject, data, each } => eval::run(&workspace, subject, &data, each),
        Task::Drill(flags) => drill::run(&workspace, &cli.addresses, &flags),
        Task::Servers => said(servers::ensure(servers::ALL, &cli.addresses, &workspace)),
    }
}

fn said(outcome: Result<String>) -> Result<()> {
    println!("{}", outcome?);
    Ok(())
}
