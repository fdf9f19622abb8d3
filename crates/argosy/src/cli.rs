//! The command line.

use std::{
    io::{ErrorKind, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use argosy_kernel::{Code, Error, Result};
use argosy_platform::telemetry;
use clap::{Args, Parser, Subcommand};
use figment::{Figment, providers::Serialized};

use crate::{
    audit::{self, Audit},
    backup::{self, Backup},
    downloads::{self, Downloads},
    events,
    exchange::{self, ExportProducts, ImportProducts},
    explain::{self, Explain},
    fees::{self, Fees},
    flags,
    forget::{self, Forget},
    gift_cards::{self, GiftCards},
    groups::{self, Groups},
    maintenance::{self, Maintenance},
    markets::{self, Markets},
    migrate, orders,
    payments::{self, Payments},
    prices::{self, Prices},
    promotions::{self, Promotions},
    reports::{self, Period, Report},
    search,
    serve::Process,
    settings::Settings,
    shipping::{self, Shipping},
    stock::{self, Stock},
    structure::{self, Structure},
    targets,
    taxes::{self, Taxes},
};

/// An online store in one command. Without a command it does what `argosy serve` does.
#[derive(Parser)]
#[command(name = "argosy", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    serve: ServeFlags,
}

#[derive(Args, Clone)]
struct Common {
    /// The settings file [default: argosy.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where data is kept [default: data]
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the store, or some of its services
    Serve(ServeFlags),
    /// Show every setting in force and where it came from
    Config {
        /// Print a settings file with every default instead
        #[arg(long)]
        example: bool,
    },
    /// Show what can run apart, and what calls what
    Targets,
    /// Bring all tables up to date, before processes of a new release start
    Migrate,
    /// See what facts are told, and deal with those that could not be applied
    #[command(subcommand)]
    Events(events::Events),
    /// Close the shop to visitors while it is worked on, and open it again
    #[command(subcommand)]
    Maintenance(Maintenance),
    /// Show how each amount of an order came about
    Explain(Explain),
    /// See orders of a store that runs, and do with them what staff do
    #[command(subcommand)]
    Orders(Box<orders::Orders>),
    /// Put codes and campaigns into the store, and list them
    #[command(subcommand)]
    Promotions(Promotions),
    /// Put attributes with their size charts, categories, collections and locations into the store, and list them
    #[command(subcommand)]
    Structure(Structure),
    /// See what there is of a product, and sell it before it is there
    #[command(subcommand)]
    Stock(Stock),
    /// Sell files with what is bought
    #[command(subcommand)]
    Downloads(Downloads),
    /// Issue gift cards and store credits, and see what is on one
    #[command(subcommand)]
    GiftCards(GiftCards),
    /// Make codes that put buyers into groups of customers, list them, and switch them off
    #[command(subcommand)]
    Groups(Groups),
    /// See disputes of payments, gather evidence and submit it
    #[command(subcommand)]
    Payments(Payments),
    /// Put tax zones into the store, list them, and see those that are known
    #[command(subcommand)]
    Taxes(Taxes),
    /// Put shipping zones and their rates into the store, and list them
    #[command(subcommand)]
    Shipping(Shipping),
    /// Put fees (gift wrap, bulky goods, small orders, parcels) into the store, and list them
    #[command(subcommand)]
    Fees(Fees),
    /// Put markets into the store, and list them
    #[command(subcommand)]
    Markets(Markets),
    /// Put price lists and their prices into the store, and list them
    #[command(subcommand)]
    Prices(Prices),
    /// See how far the search index is, or build it anew
    #[command(subcommand)]
    Search(search::Search),
    /// See for whom new code is on, and switch it while the store runs
    #[command(subcommand)]
    Flags(flags::Flags),
    /// Hold what the services keep of orders, money, stock and coupons against each other
    ///
    /// Changes nothing, whether the store runs or not. Answers 0 if everything balances, 4 if something does not, and
    /// 1, 2 or 3 if it could not look.
    Audit(Audit),
    /// Copy a store that lives in files, whether it runs or not
    ///
    /// The copy is of one moment; `argosy serve --data FOLDER` serves it. What is in PostgreSQL, Redis or S3 is not in it.
    Backup(Backup),
    /// Erase what is kept of a person, whether the store runs or not
    ///
    /// Their orders stay, with lines, amounts and what happened to them, and name nobody any more. It cannot be undone.
    Forget(Forget),
    /// Put a catalogue into the store, whether it runs or not
    #[command(subcommand)]
    Import(Import),
    /// Write the catalogue, orders, payouts or taxes to a file
    #[command(subcommand)]
    Export(Export),
}

#[derive(Subcommand)]
enum Import {
    /// Import products from Shopify CSV, WooCommerce CSV or JSON lines (.gz too); again changes nothing
    Products(ImportProducts),
}

#[derive(Subcommand)]
enum Export {
    /// Export products in a form that imports back to the same
    Products(ExportProducts),
    /// Export the orders of some days, as they stand now; they name nobody
    Orders(Period),
    /// Export what each payment provider took and gave back on each day
    Payouts(Period),
    /// Export the tax of what was sold in some days, by month, country, kind and rate
    Taxes(Period),
}

#[derive(Args, Clone, Default)]
struct ServeFlags {
    /// Address and port of the shop [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Run only these services and doors, e.g. `cart,orders` [default: all; see `argosy targets`]
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    services: Vec<String>,
    /// Address and port at which other processes call the services of this one
    #[arg(long, value_name = "ADDRESS")]
    rpc_listen: Option<SocketAddr>,
    /// Leave an empty data folder empty instead of loading the demo shop
    #[arg(long)]
    no_demo: bool,
}

/// A wrong command, setting or file.
const EXIT_USAGE: u8 = 2;
/// Something that this machine or another program must change: a port, a lock, a full disk.
const EXIT_ENVIRONMENT: u8 = 3;
/// What was looked at is not as it must be.
const EXIT_DIFFERS: u8 = 4;
/// A fault of ours.
const EXIT_INTERNAL: u8 = 1;

/// Runs a command; errors go to standard error, in one line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&Error::internal(error)),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.reason() == OUTPUT_CLOSED => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

#[expect(clippy::print_stderr, reason = "the command's answer to a person")]
fn fail(error: &Error) -> ExitCode {
    eprintln!("argosy: {error}");
    ExitCode::from(match error.code() {
        _ if error.reason() == audit::BOOKS_DIFFER => EXIT_DIFFERS,
        Code::InvalidArgument | Code::NotFound => EXIT_USAGE,
        Code::Internal | Code::Unimplemented => EXIT_INTERNAL,
        _ => EXIT_ENVIRONMENT,
    })
}

async fn run(cli: Cli) -> Result<()> {
    let flags = match &cli.command {
        Some(Command::Serve(flags)) => flags.clone(),
        _ => cli.serve.clone(),
    };
    let read = || Settings::read(cli.common.config.as_deref(), overrides(&cli.common, &flags));
    match cli.command {
        None | Some(Command::Serve(_)) => serve(&read()?.0).await,
        Some(Command::Config { example: true }) => print(&Settings::example()?),
        Some(Command::Config { example: false }) => {
            let listed = read()?.1;
            let rows = listed
                .iter()
                .map(|setting| format!("{} = {}    # {}\n", setting.key, setting.value, setting.origin));
            print(&rows.collect::<String>())
        }
        Some(Command::Targets) => print(&targets::table()),
        Some(Command::Events(command)) => events::run(&read()?.0, command).await,
        Some(Command::Maintenance(command)) => maintenance::run(&read()?.0, &command),
        Some(Command::Explain(flags)) => explain::run(&read()?.0, flags).await,
        Some(Command::Orders(command)) => Box::pin(orders::run(&read()?.0, *command)).await,
        Some(Command::Promotions(command)) => promotions::run(&read()?.0, command).await,
        Some(Command::Structure(command)) => structure::run(&read()?.0, command).await,
        Some(Command::Stock(command)) => stock::run(&read()?.0, command).await,
        Some(Command::Downloads(command)) => downloads::run(&read()?.0, command).await,
        Some(Command::GiftCards(command)) => gift_cards::run(&read()?.0, command).await,
        Some(Command::Groups(command)) => groups::run(&read()?.0, command).await,
        Some(Command::Payments(command)) => payments::run(&read()?.0, command).await,
        Some(Command::Taxes(command)) => taxes::run(&read()?.0, command).await,
        Some(Command::Shipping(command)) => shipping::run(&read()?.0, command).await,
        Some(Command::Fees(command)) => fees::run(&read()?.0, command).await,
        Some(Command::Markets(command)) => markets::run(&read()?.0, command).await,
        Some(Command::Prices(command)) => prices::run(&read()?.0, command).await,
        Some(Command::Search(command)) => search::run(&read()?.0, command).await,
        Some(Command::Flags(command)) => Box::pin(flags::run(&read()?.0, command)).await,
        Some(Command::Audit(flags)) => Box::pin(audit::run(&read()?.0, &flags)).await,
        Some(Command::Backup(flags)) => Box::pin(backup::run(&read()?.0, &flags)).await,
        Some(Command::Forget(flags)) => Box::pin(forget::run(&read()?.0, flags)).await,
        Some(Command::Migrate) => migrate::migrate(&read()?.0).await,
        Some(Command::Import(Import::Products(flags))) => {
            Box::pin(exchange::import(&read()?.0, &flags)).await
        }
        Some(Command::Export(Export::Products(flags))) => {
            Box::pin(exchange::export(&read()?.0, &flags)).await
        }
        Some(Command::Export(Export::Orders(flags))) => {
            Box::pin(reports::run(&read()?.0, Report::Orders, &flags)).await
        }
        Some(Command::Export(Export::Payouts(flags))) => {
            Box::pin(reports::run(&read()?.0, Report::Payouts, &flags)).await
        }
        Some(Command::Export(Export::Taxes(flags))) => {
            Box::pin(reports::run(&read()?.0, Report::Taxes, &flags)).await
        }
    }
}

fn overrides(common: &Common, flags: &ServeFlags) -> Figment {
    let mut figment = Figment::new();
    let mut set = |key: &str, value: figment::value::Value| {
        let provider = Serialized::default(key, value);
        figment = std::mem::take(&mut figment).merge(provider);
    };
    if let Some(folder) = &common.data {
        set("data.folder", folder.display().to_string().into());
    }
    if let Some(address) = flags.listen {
        set("http.listen", address.to_string().into());
    }
    if let Some(address) = flags.rpc_listen {
        set("rpc.listen", address.to_string().into());
    }
    if !flags.services.is_empty() {
        set("services", flags.services.clone().into());
    }
    if flags.no_demo {
        set("data.demo", false.into());
    }
    figment
}

/// The reason of an error that says that who reads the answer has read enough, as `head` does.
const OUTPUT_CLOSED: &str = "OUTPUT_CLOSED";

/// Says a part of a command's answer.
pub(crate) fn print(text: &str) -> Result<()> {
    std::io::stdout().write_all(text.as_bytes()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Error::unavailable(OUTPUT_CLOSED, "nobody reads the answer"),
        _ => Error::unavailable("OUTPUT_UNWRITABLE", format!("the answer cannot be written: {error}")),
    })
}

async fn serve(settings: &Settings) -> Result<()> {
    telemetry::init_logs(settings.log.format, &settings.log.filter)?;
    let metrics = telemetry::init_metrics()?;
    let process = Process::start(settings, Some(metrics)).await?;
    if let Some(address) = process.http {
        tracing::info!("the shop is open at http://{address}");
    }
    if let Some(address) = process.rpc {
        tracing::info!("other processes call this one at http://{address}");
    }
    stop_signal().await?;
    tracing::info!("closing");
    process.stop().await;
    Ok(())
}

/// Waits for Ctrl-C or a request to end.
async fn stop_signal() -> Result<()> {
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(Error::internal)?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done.map_err(Error::internal),
        _ = terminate.recv() => Ok(()),
    }
}
