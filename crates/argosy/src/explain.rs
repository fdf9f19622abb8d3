//! `argosy explain`: how each amount of an order came about (law 12).

use std::fmt::Write;

use argosy_contracts::{
    common::{Money as WireMoney, TraceStep},
    orders::{GetOrderRequest, Order, OrdersClient},
};
use argosy_kernel::{Ctx, Money, OrderId, Rate, Result, Timestamp};
use argosy_platform::telemetry;
use clap::Args;

use crate::{cli::print, place, settings::Settings};

/// Flags of `argosy explain`.
#[derive(Args)]
pub(crate) struct Explain {
    /// The order's number, as its buyer knows it, or its id
    order: String,
}

pub(crate) async fn run(settings: &Settings, flags: Explain) -> Result<()> {
    telemetry::init_logs(settings.log.format, "warn")?;
    let orders = OrdersClient::remote(place::channel_to(settings, OrdersClient::SERVICE)?);
    print(&told(&find(&orders, &Ctx::system("explain"), &flags.order).await?))
}

/// An order by its number or its id.
pub(crate) async fn find(orders: &OrdersClient, ctx: &Ctx, named: &str) -> Result<Order> {
    let (order_id, number) = match named.parse::<OrderId>() {
        Ok(_) => (named.to_owned(), String::new()),
        Err(_) => (String::new(), named.trim_start_matches('#').to_owned()),
    };
    orders.get_order(ctx, GetOrderRequest { order_id, number, key: String::new() }).await
}

fn told(order: &Order) -> String {
    let mut text = String::new();
    let placed = Timestamp::from_millis(order.placed_at_ms);
    let mut say = |line: String| {
        // A String takes whatever is written.
        let _written = writeln!(text, "{line}");
    };
    say(format!("Order {} ({}), placed {placed}", order.number, order.id));
    for line in order.lines.iter().filter_map(|line| line.line.as_ref()) {
        let variant =
            if line.variant_title.is_empty() { String::new() } else { format!(", {}", line.variant_title) };
        say(format!("\n{} × {}{variant} ({})", line.quantity, line.title, line.sku));
        line.trace.iter().map(step).for_each(&mut say);
    }
    say("\nThe rest".to_owned());
    order.trace.iter().map(step).for_each(&mut say);
    if !order.tax_lines.is_empty() {
        say("\nTax".to_owned());
    }
    for line in &order.tax_lines {
        let (due, base) = (amount(line.amount.as_ref()), amount(line.base.as_ref()));
        say(format!("  {due:>14}  {} {} of {base}", line.label, Rate::from_ppm(line.rate_ppm)));
    }
    for note in &order.tax_notes {
        say(format!("  {}: {}", note.kind, note.text));
    }
    text
}

fn step(step: &TraceStep) -> String {
    format!("  {:>14}  {}: {}", amount(step.amount.as_ref()), step.rule, step.text)
}

fn amount(amount: Option<&WireMoney>) -> String {
    amount
        .and_then(|amount| Money::try_from(amount).ok())
        .map(|amount| amount.to_string())
        .unwrap_or_default()
}
