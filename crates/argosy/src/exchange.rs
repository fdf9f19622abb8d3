//! `argosy import` and `argosy export`: into and out of a store that runs, by the socket in its data folder, or one
//! that does not, by opening the folder.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use argosy_exchange::{
    ExportFormat, ExportOptions, FetchLimits, Format, ImportOptions, ImportReport, Importer, PictureMode,
    PictureOptions, PrivateAddresses, Problem, Progress,
};
use argosy_kernel::{Clock, Code, Ctx, Currency, Error, Result, SystemClock};
use argosy_platform::{Host, rpc, telemetry};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{serve::SOCKET, settings::Settings, wiring::Wiring};

/// Problems that are printed; the rest is counted.
const PROBLEMS_SHOWN: usize = 20;
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Flags of `argosy import products`.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line are no state")]
pub(crate) struct ImportProducts {
    /// Files to import
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What the files are [default: told from their first line]
    #[arg(long, value_enum)]
    format: Option<FormatFlag>,
    /// The currency of prices that do not name one [default: the shop's]
    #[arg(long, value_name = "CODE")]
    currency: Option<Currency>,
    /// Say what would happen, change nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave stock as it is
    #[arg(long)]
    no_stock: bool,
    /// Leave the pictures that products have; new products get none
    #[arg(long, conflicts_with = "keep_image_urls")]
    no_images: bool,
    /// Do not fetch pictures from the web: their addresses stay
    #[arg(long)]
    keep_image_urls: bool,
    /// Fetch pictures from this machine and private networks, too; only for files that you trust
    #[arg(long)]
    allow_private_addresses: bool,
}

impl ImportProducts {
    fn options(&self, settings: &Settings) -> ImportOptions {
        let mode = match (self.no_images, self.keep_image_urls) {
            (true, _) => PictureMode::Leave,
            (false, true) => PictureMode::KeepAddresses,
            (false, false) => PictureMode::Take,
        };
        let private_addresses =
            if self.allow_private_addresses { PrivateAddresses::Allow } else { PrivateAddresses::Refuse };
        ImportOptions {
            format: self.format.map(read_format),
            currency: self.currency.unwrap_or(settings.shop.currency),
            now: SystemClock.now(),
            dry_run: self.dry_run,
            with_stock: !self.no_stock,
            pictures: PictureOptions {
                mode,
                public_url: public_url(settings),
                limits: FetchLimits { private_addresses, ..FetchLimits::default() },
            },
        }
    }
}

/// Where the shop is reached, without a slash at the end.
fn public_url(settings: &Settings) -> Option<String> {
    settings.http.public_url.as_ref().map(|url| url.trim_end_matches('/').to_owned())
}

/// Flags of `argosy export products`.
#[derive(Args)]
pub(crate) struct ExportProducts {
    /// The file to write; - is standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The format [default: Shopify CSV for .csv, else JSON lines]
    #[arg(long, value_enum)]
    format: Option<FormatFlag>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatFlag {
    /// Shopify's product CSV
    Shopify,
    /// WooCommerce's product CSV (import only)
    Woocommerce,
    /// One JSON object a line
    Jsonl,
}

/// A store to work with, running or opened for the purpose.
struct Target {
    wiring: Wiring,
    host: Host,
    _scratch: Option<ScratchFolder>,
}

/// A folder of this command's own; gone when it ends.
struct ScratchFolder(PathBuf);

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // Nothing of worth is in it; the system empties its folder for temporary files anyway.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Target {
    async fn open(settings: &Settings) -> Result<Self> {
        let mut apart = settings.clone();
        apart.services = ["catalog", "inventory", "media"].map(str::to_owned).to_vec();
        match settings.host().await {
            Ok(host) => {
                let folder = settings.data.folder.join("blobs");
                let blobs = argosy_platform::blobs::Blobs::open(&settings.blobs, &folder).await?;
                let host = host.with_blobs(blobs);
                let wiring = Wiring::start(&apart, &host).await?;
                Ok(Self { wiring, host, _scratch: None })
            }
            Err(error) if error.reason() == "DATA_FOLDER_IN_USE" => {
                let channel = rpc::connect_socket(&settings.data.folder.join(SOCKET));
                let name = format!("argosy-{}", argosy_kernel::RequestId::new());
                let scratch = ScratchFolder(std::env::temp_dir().join(name));
                let host = Host::embedded(&scratch.0)?;
                let wiring = Wiring::of_running_store(&apart, &host, channel);
                Ok(Self { wiring, host, _scratch: Some(scratch) })
            }
            Err(error) => Err(error),
        }
    }

    async fn close(self) {
        self.host.stop(STOP_TIMEOUT).await;
    }
}

/// Imports files one after the other and tells what came of it.
pub(crate) async fn import(settings: &Settings, flags: &ImportProducts) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let target = Box::pin(Target::open(settings)).await?;
    let importer = Importer {
        catalog: target.wiring.catalog()?,
        inventory: target.wiring.inventory()?,
        media: target.wiring.media()?,
        ctx: Ctx::system("import"),
        options: flags.options(settings),
    };
    let stop = stop_on_interrupt(&target.host);
    let mut refused = 0;
    let mut outcome = Ok(());
    for file in &flags.files {
        match import_file(&importer, file, &stop).await {
            Ok(report) => {
                refused += report.refused;
                tell(file, &report, flags.dry_run);
                if report.is_interrupted {
                    outcome =
                        Err(Error::unavailable("INTERRUPTED", "interrupted; import the file again to go on"));
                    break;
                }
            }
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
    }
    target.close().await;
    outcome?;
    if refused > 0 {
        let message = format!("{refused} rows or products did not go in");
        return Err(Error::new(Code::FailedPrecondition, "ROWS_REFUSED", message));
    }
    Ok(())
}

async fn import_file(importer: &Importer, file: &Path, stop: &Arc<AtomicBool>) -> Result<ImportReport> {
    let size = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
    let bar = progress_bar(size);
    let show = |progress: Progress| {
        bar.set_position(progress.bytes.min(size));
        bar.set_message(format!("{} products", progress.products));
    };
    let report = importer.import(file, stop, show).await;
    bar.finish_and_clear();
    report
}

/// Exports the catalogue to a file, which is there in full or not at all.
pub(crate) async fn export(settings: &Settings, flags: &ExportProducts) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let is_csv = flags.file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let format = match (flags.format, is_csv) {
        (Some(FormatFlag::Shopify), _) | (None, true) => ExportFormat::Shopify(settings.shop.currency),
        (Some(FormatFlag::Jsonl), _) | (None, false) => ExportFormat::JsonLines,
        (Some(FormatFlag::Woocommerce), _) => {
            return Err(Error::invalid("UNKNOWN_FORMAT", "--format: WooCommerce CSV can be imported only"));
        }
    };
    let target = Box::pin(Target::open(settings)).await?;
    let options = ExportOptions { format, public_url: public_url(settings) };
    let written = write(&target.wiring, &options, &flags.file).await;
    target.close().await;
    say(&format!("{} products exported to {}", written?, flags.file.display()));
    Ok(())
}

async fn write(wiring: &Wiring, options: &ExportOptions, file: &Path) -> Result<u64> {
    let (catalog, inventory, ctx) = (wiring.catalog()?, wiring.inventory()?, Ctx::system("export"));
    let bar = ProgressBar::new_spinner();
    let show = |count| bar.set_message(format!("{count} products"));
    if file == Path::new("-") {
        let output: Box<dyn Write + Send> = Box::new(std::io::stdout());
        return argosy_exchange::export(&catalog, &inventory, &ctx, options, output, show).await;
    }
    let unwritable = |error: std::io::Error| {
        Error::unavailable("UNWRITABLE_FILE", format!("cannot write {}: {error}", file.display()))
    };
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let output = File::create(&partial).map_err(unwritable)?;
    let count = argosy_exchange::export(&catalog, &inventory, &ctx, options, output, show).await?;
    std::fs::rename(&partial, file).map_err(unwritable)?;
    Ok(count)
}

fn read_format(flag: FormatFlag) -> Format {
    match flag {
        FormatFlag::Shopify => Format::Shopify,
        FormatFlag::Woocommerce => Format::WooCommerce,
        FormatFlag::Jsonl => Format::JsonLines,
    }
}

/// Ctrl-C ends the import after the batch under way.
fn stop_on_interrupt(host: &Host) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    host.tasks().spawn_loop(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            told.store(true, Ordering::Relaxed);
        }
    });
    stop
}

fn progress_bar(size: u64) -> ProgressBar {
    let bar = ProgressBar::new(size);
    let style = ProgressStyle::with_template("{wide_bar} {percent:>3} % {msg} {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn tell(file: &Path, report: &ImportReport, dry_run: bool) {
    let would = if dry_run { " (nothing was changed)" } else { "" };
    say(&format!(
        "{}: {} created, {} updated, {} unchanged, {} refused{would}",
        file.display(),
        report.created,
        report.updated,
        report.unchanged,
        report.refused
    ));
    tell_lines(&report.problems, report.refused);
    if report.fetched > 0 {
        say(&format!("{} pictures fetched", report.fetched));
    }
    if report.warned > 0 {
        say(&format!("{} things did not go in as the file has them:", report.warned));
        tell_lines(&report.warnings, report.warned);
    }
}

fn tell_lines(problems: &[Problem], count: u64) {
    for problem in problems.iter().take(PROBLEMS_SHOWN) {
        say(&format!("  line {}: {}: {}", problem.line, problem.reason, problem.message));
    }
    let more = count.saturating_sub(PROBLEMS_SHOWN as u64);
    if more > 0 {
        say(&format!("  and {more} more"));
    }
}

#[expect(clippy::print_stderr, reason = "the command's answer to a person")]
fn say(text: &str) {
    eprintln!("{text}");
}
