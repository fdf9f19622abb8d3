//! Units are sent again that the buyer pays nothing for: what a claim ends with when the first ones were lost, broken or wrong.

use argosy_contracts::{
    common::{Money as WireMoney, TraceStep},
    inventory::GetAvailabilityRequest,
    orders::ReplaceUnitsRequest,
    pricing::QuotedLine,
};
use argosy_kernel::{Ctx, Error, LineId, Result};

use super::{check, edits, goods};
use crate::{
    OrdersClients,
    domain::{Line, Proposal, choose},
    error,
    events::Changed,
    store::{StoredOrder, Work},
};

/// Why units are sent again.
const REASONS: [&str; 6] = ["damaged", "wrong_item", "not_as_described", "late", "lost", "other"];

/// Refuses more than there is: asked before the order is locked, for others are asked.
pub(super) async fn check_stock(
    clients: &OrdersClients,
    ctx: &Ctx,
    found: &StoredOrder,
    request: &ReplaceUnitsRequest,
) -> Result<()> {
    let known = request.lines.iter().enumerate();
    let known = known.filter_map(|(index, asked)| Some((index, asked, found.order.line(&asked.line_id)?)));
    let known: Vec<_> = known.collect();
    let stock = GetAvailabilityRequest {
        variant_ids: known.iter().map(|(_, _, sold)| sold.variant_id.clone()).collect(),
        ..GetAvailabilityRequest::default()
    };
    if known.is_empty() {
        return Ok(());
    }
    let stock = clients.inventory.get_availability(ctx, stock).await?.items;
    for ((index, asked, _), stock) in known.iter().zip(stock) {
        if stock.sellable() < asked.quantity {
            return Err(error::out_of_stock(format!("/lines/{index}/quantity"), stock.sellable()));
        }
    }
    Ok(())
}

pub(super) async fn replace(work: &mut Work, request: &ReplaceUnitsRequest) -> Result<()> {
    let reason = check::word("/reason", &request.reason, &REASONS)?;
    if request.lines.is_empty() {
        return Err(Error::invalid_field("/lines", "must name what is sent again"));
    }
    work.open().await?;
    let sent = |line: &Line| line.fulfilled;
    let units = choose(&work.lines, &goods::asked(&request.lines), sent)?;
    let nothing = Some(WireMoney { minor: 0, currency: work.order.quote.currency.clone() });
    let again = units.iter().filter_map(|units| {
        let sold = work.order.line(&units.line)?.clone();
        let (rule, text) =
            ("replacement".to_owned(), format!("sent again for line {}: {reason}", units.line));
        Some(QuotedLine {
            line_id: LineId::new().to_string(),
            quantity: units.quantity,
            unit_price: nothing.clone(),
            compare_at: None,
            price_list: String::new(),
            adjustments: Vec::new(),
            subtotal: nothing.clone(),
            discount: nothing.clone(),
            tax: nothing.clone(),
            total: nothing.clone(),
            trace: vec![TraceStep { rule, text, amount: nothing.clone() }],
            ..sold
        })
    });
    let what = Proposal { add: again.collect(), ..Proposal::default() };
    edits::put_in(work, &what, "replaced").await?;
    let text = format!("{} units are sent again ({reason}).", goods::count(&units));
    work.note("replaced", &request.reference, &text).await?;
    work.tell(Changed::Handling, &request.reference, "replaced")
}
