//! `argosy export orders`, `payouts` and `taxes`: what accountants ask for, of a store that runs or not. They name nobody.

mod table;

use std::{
    collections::BTreeMap,
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use argosy_contracts::{common::ReadPeriodRequest, orders::Sale, payments::Move};
use argosy_kernel::{Ctx, Currency, Error, Result};
use argosy_platform::telemetry;
use clap::Args;
use jiff::{ToSpan, civil::Date, tz::TimeZone};

pub(crate) use self::table::TableFormat;
use self::table::{Cell, Column, Table};
use crate::{
    audit::{self, Opened},
    settings::Settings,
};

/// Rows that are asked for at once.
const PAGE: u32 = 200;
/// Rows of a table that adds up: days, countries, rates. More are a mistake in the range.
const SUMS_MAX: usize = 200_000;

/// Flags of an export of some time.
#[derive(Args)]
pub(crate) struct Period {
    /// The file to write; - is standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The first day, by the shop's time zone, e.g. 2026-01-01
    #[arg(long, value_name = "DAY")]
    from: Date,
    /// The last day, included
    #[arg(long, value_name = "DAY")]
    to: Date,
    /// What the file is
    #[arg(long, value_enum, default_value_t = TableFormat::Csv)]
    format: TableFormat,
}

/// What is exported.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Report {
    Orders,
    Payouts,
    Taxes,
}

pub(crate) async fn run(settings: &Settings, report: Report, flags: &Period) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let days = Days::new(&settings.shop.time_zone, flags.from, flags.to)?;
    settings.check_databases()?;
    let opened = audit::open(settings).await?;
    let written = write(&opened, report, &days, flags).await;
    opened.close().await?;
    say(&format!("{} rows written to {}", written?, flags.file.display()));
    Ok(())
}

/// The file is there whole or not at all.
async fn write(opened: &Opened, report: Report, days: &Days, flags: &Period) -> Result<u64> {
    if flags.file == Path::new("-") {
        return fill(opened, report, days, flags.format, std::io::stdout()).await;
    }
    let unwritable = |error: std::io::Error| {
        Error::unavailable("UNWRITABLE_FILE", format!("cannot write {}: {error}", flags.file.display()))
    };
    let mut partial = flags.file.as_os_str().to_owned();
    partial.push(".partial");
    let output = std::io::BufWriter::new(File::create(&partial).map_err(unwritable)?);
    let rows = fill(opened, report, days, flags.format, output).await?;
    std::fs::rename(&partial, &flags.file).map_err(unwritable)?;
    Ok(rows)
}

async fn fill(
    opened: &Opened,
    report: Report,
    days: &Days,
    format: TableFormat,
    output: impl Write + Send,
) -> Result<u64> {
    match report {
        Report::Orders => orders(opened, days, format, output).await,
        Report::Payouts => payouts(opened, days, format, output).await,
        Report::Taxes => taxes(opened, days, format, output).await,
    }
}

/// Whole days, where the shop is.
struct Days {
    zone: TimeZone,
    from_ms: i64,
    to_ms: i64,
}

impl Days {
    fn new(time_zone: &str, from: Date, to: Date) -> Result<Self> {
        let refuse = |why: &str| Error::invalid("INVALID_PERIOD", why.to_owned());
        if to < from {
            return Err(refuse("--to is before --from"));
        }
        let zone = TimeZone::get(time_zone).map_err(|error| {
            Error::invalid("INVALID_SETTING", format!("wrong setting shop.time_zone: {error}"))
        })?;
        let begin = |day: Date| -> Result<i64> {
            let start =
                day.to_zoned_datetime(zone.clone()).map_err(|_| refuse("a day is beyond the calendar"))?;
            Ok(start.timestamp().as_millisecond())
        };
        let next = to.checked_add(1.day()).map_err(|_| refuse("--to is beyond the calendar"))?;
        let (from_ms, to_ms) = (begin(from)?, begin(next)?);
        Ok(Self { zone, from_ms, to_ms })
    }

    fn request(&self, after: String) -> ReadPeriodRequest {
        ReadPeriodRequest { after, limit: PAGE, from_ms: self.from_ms, to_ms: self.to_ms }
    }

    /// The day of a time, `YYYY-MM-DD`.
    fn of(&self, ms: i64) -> Result<String> {
        let time = jiff::Timestamp::from_millisecond(ms).map_err(Error::internal)?;
        Ok(time.to_zoned_datetime(self.zone.clone()).date().to_string())
    }
}

async fn each_sale(opened: &Opened, days: &Days, mut with: impl FnMut(Sale) -> Result<()>) -> Result<()> {
    let ctx = Ctx::system("export");
    let mut after = String::new();
    loop {
        let read = opened.books.orders.read_sales(&ctx, days.request(after)).await?;
        read.sales.into_iter().try_for_each(&mut with)?;
        if read.next.is_empty() {
            return Ok(());
        }
        after = read.next;
    }
}

const ORDERS: &[Column] = &[
    Column::Text("number"),
    Column::Text("id"),
    Column::Time("placed_at"),
    Column::Text("status"),
    Column::Text("payment_status"),
    Column::Text("fulfilment_status"),
    Column::Text("country"),
    Column::Text("currency"),
    Column::Number("units"),
    Column::Number("units_now"),
    Column::Money("goods"),
    Column::Money("discount"),
    Column::Money("shipping"),
    Column::Money("fees"),
    Column::Money("tax"),
    Column::Money("total"),
    Column::Text("tax_is"),
    Column::Money("charged"),
    Column::Money("paid"),
    Column::Money("refunded"),
    Column::Money("store_credit"),
    Column::Money("due"),
];

async fn orders(opened: &Opened, days: &Days, format: TableFormat, output: impl Write + Send) -> Result<u64> {
    let mut table = Table::new(ORDERS, format, output)?;
    each_sale(opened, days, |sale| table.add(order(sale)?)).await?;
    table.finish()
}

fn order(sale: Sale) -> Result<Vec<Cell>> {
    let currency: Currency = sale.currency.parse()?;
    let money = |minor| Cell::money(minor, currency);
    Ok(vec![
        Cell::Text(sale.number),
        Cell::Text(sale.id),
        Cell::Time(sale.placed_at_ms),
        Cell::Text(sale.status),
        Cell::Text(sale.payment_status),
        Cell::Text(sale.fulfilment_status),
        Cell::Text(sale.country),
        Cell::Text(sale.currency),
        Cell::Number(sale.units),
        Cell::Number(sale.units_now),
        money(sale.goods),
        money(sale.discount),
        money(sale.shipping),
        money(sale.fees),
        money(sale.tax),
        money(sale.total),
        Cell::Text(if sale.tax_included { "included" } else { "added" }.to_owned()),
        money(sale.charged),
        money(sale.paid),
        money(sale.refunded),
        money(sale.store_credit),
        money(sale.due),
    ])
}

const PAYOUTS: &[Column] = &[
    Column::Text("day"),
    Column::Text("provider"),
    Column::Text("currency"),
    Column::Number("captures"),
    Column::Money("captured"),
    Column::Number("refunds"),
    Column::Money("refunded"),
    Column::Money("net"),
];

#[derive(Default)]
struct Payout {
    captures: i64,
    captured: i64,
    refunds: i64,
    refunded: i64,
}

/// What each provider took and gave back on each day. Held in memory, which is a row a day, provider and currency.
async fn payouts(
    opened: &Opened,
    days: &Days,
    format: TableFormat,
    output: impl Write + Send,
) -> Result<u64> {
    let ctx = Ctx::system("export");
    let mut sums: BTreeMap<(String, String, String), Payout> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let read = opened.books.payments.read_moves(&ctx, days.request(after)).await?;
        for one in read.moves {
            note(&mut sums, days.of(one.time_ms)?, &one)?;
        }
        if read.next.is_empty() {
            break;
        }
        after = read.next;
    }
    let mut table = Table::new(PAYOUTS, format, output)?;
    for ((day, provider, code), sum) in sums {
        let currency: Currency = code.parse()?;
        let net = sum.captured.checked_sub(sum.refunded).ok_or_else(too_much)?;
        table.add(vec![
            Cell::Text(day),
            Cell::Text(provider),
            Cell::Text(code),
            Cell::Number(sum.captures),
            Cell::money(sum.captured, currency),
            Cell::Number(sum.refunds),
            Cell::money(sum.refunded, currency),
            Cell::money(net, currency),
        ])?;
    }
    table.finish()
}

fn note(sums: &mut BTreeMap<(String, String, String), Payout>, day: String, one: &Move) -> Result<()> {
    let amount = one.amount.clone().unwrap_or_default();
    let sum = sums.entry((day, one.provider.clone(), amount.currency)).or_default();
    let add = |to: &mut i64, amount: i64| -> Result<()> {
        *to = to.checked_add(amount).ok_or_else(too_much)?;
        Ok(())
    };
    match one.kind.as_str() {
        "captured" => {
            sum.captures += 1;
            add(&mut sum.captured, amount.minor)?;
        }
        "refunded" => {
            sum.refunds += 1;
            add(&mut sum.refunded, amount.minor)?;
        }
        // A refund that failed after all: its money is the shop's again.
        "refund_failed" => {
            sum.refunds -= 1;
            add(&mut sum.refunded, -amount.minor)?;
        }
        other => return Err(Error::internal(format!("unknown move of money '{other}'"))),
    }
    bounded(sums.len())
}

const TAXES: &[Column] = &[
    Column::Text("month"),
    Column::Text("country"),
    Column::Text("tax"),
    Column::Text("rate_percent"),
    Column::Text("currency"),
    Column::Number("orders"),
    Column::Money("base"),
    Column::Money("amount"),
    Column::Money("base_out"),
    Column::Money("amount_out"),
    Column::Money("base_now"),
    Column::Money("amount_now"),
];

#[derive(Default)]
struct TaxSum {
    orders: i64,
    parts: [i64; 4],
}

/// Month, country, label, rate, currency.
type TaxKey = (String, String, String, i64, String);

/// The tax of what was sold in each month, as it stands now: what was taken out since is in columns of its own.
async fn taxes(opened: &Opened, days: &Days, format: TableFormat, output: impl Write + Send) -> Result<u64> {
    let mut sums: BTreeMap<TaxKey, TaxSum> = BTreeMap::new();
    each_sale(opened, days, |sale| {
        let month: String = days.of(sale.placed_at_ms)?.chars().take(7).collect();
        for tax in sale.taxes {
            let key = (month.clone(), sale.country.clone(), tax.label, tax.rate_ppm, sale.currency.clone());
            let sum = sums.entry(key).or_default();
            sum.orders += 1;
            let parts = [tax.base, tax.amount, tax.base_out, tax.amount_out];
            for (sum, part) in sum.parts.iter_mut().zip(parts) {
                *sum = sum.checked_add(part).ok_or_else(too_much)?;
            }
        }
        bounded(sums.len())
    })
    .await?;
    let mut table = Table::new(TAXES, format, output)?;
    for ((month, country, label, rate_ppm, code), TaxSum { orders, parts }) in sums {
        let currency: Currency = code.parse()?;
        let [base, amount, base_out, amount_out] = parts;
        let left = |all: i64, out: i64| all.checked_sub(out).ok_or_else(too_much);
        let money = [base, amount, base_out, amount_out, left(base, base_out)?, left(amount, amount_out)?];
        let head = [Cell::Text(month), Cell::Text(country), Cell::Text(label), Cell::Text(percent(rate_ppm))];
        let rest = [Cell::Text(code), Cell::Number(orders)];
        let money = money.map(|minor| Cell::money(minor, currency));
        table.add(head.into_iter().chain(rest).chain(money).collect())?;
    }
    table.finish()
}

/// `19`, `8.1`: parts per million as per cent, exactly.
fn percent(rate_ppm: i64) -> String {
    let text = format!("{}.{:04}", rate_ppm / 10_000, rate_ppm % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn bounded(rows: usize) -> Result<()> {
    if rows <= SUMS_MAX {
        return Ok(());
    }
    Err(Error::invalid(
        "INVALID_PERIOD",
        format!("there are more than {SUMS_MAX} rows; export a shorter time"),
    ))
}

fn too_much() -> Error {
    Error::new(
        argosy_kernel::Code::FailedPrecondition,
        "AMOUNT_TOO_LARGE",
        "a sum does not fit; export a shorter time",
    )
}

#[expect(clippy::print_stderr, reason = "the command's answer to a person")]
fn say(text: &str) {
    eprintln!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_written_exactly() {
        let shown: Vec<String> = [190_000, 81_000, 0, 5, 1_000_000].into_iter().map(percent).collect();
        assert_eq!(shown, ["19", "8.1", "0", "0.0005", "100"]);
    }

    #[test]
    fn days_are_those_of_the_shop_also_when_the_clocks_change() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let days = Days::new("Europe/Berlin", day("2026-03-29"), day("2026-03-29")).unwrap();
        assert_eq!(days.to_ms - days.from_ms, 23 * 3_600_000);
        assert_eq!(days.of(days.from_ms).unwrap(), "2026-03-29");
        assert_eq!(days.of(days.from_ms - 1).unwrap(), "2026-03-28");
        let refused = Days::new("Europe/Berlin", day("2026-03-02"), day("2026-03-01")).err().unwrap();
        assert_eq!(refused.reason(), "INVALID_PERIOD");
    }

    #[test]
    fn a_refund_that_failed_is_none() {
        let mut sums = BTreeMap::new();
        let one = |kind: &str, minor| Move {
            kind: kind.to_owned(),
            provider: "stripe".to_owned(),
            amount: Some(argosy_contracts::common::Money { minor, currency: "EUR".to_owned() }),
            ..Move::default()
        };
        for moved in [one("captured", 1_000), one("refunded", 400), one("refund_failed", 400)] {
            note(&mut sums, "2026-01-01".to_owned(), &moved).unwrap();
        }
        let sum = sums.values().next().unwrap();
        assert_eq!((sum.captures, sum.captured, sum.refunds, sum.refunded), (1, 1_000, 0, 0));
        assert!(note(&mut sums, String::new(), &one("lost", 1)).is_err());
    }
}
