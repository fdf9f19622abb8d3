//! In which parcels a checkout's goods would be sent, before anything is reserved.
//!
//! What is shown is a plan: stock that others buy meanwhile may make another. The price that was shown stays, and the order
//! keeps where its stock left from in the end.

use std::collections::HashMap;

use argosy_contracts::{
    common::Address,
    inventory::{
        Availability, GetAvailabilityRequest, InventoryClient, Near, PlannedLine, PlannedParcel, StockLine,
    },
    pricing::{Destination, Parcel, ParcelLine, ParcelRequest, Quote},
};
use argosy_kernel::{Country, Ctx, Result};

use crate::domain::pickup_location;

/// A parcel as it would be sent now.
pub(crate) struct Planned {
    parcel: Parcel,
    /// All that is in it is on hand.
    is_there: bool,
}

/// Where goods go, as far as it matters which location is near.
pub(crate) fn near(to: Option<&Address>) -> Option<Near> {
    to.map(|to| Near {
        country: to.country.clone(),
        region: to.region.clone(),
        postal_code: to.postal_code.clone(),
    })
}

/// What a quote needs of stock, each variant once.
pub(crate) fn stock_lines(quote: &Quote) -> Vec<StockLine> {
    let mut lines: Vec<StockLine> = Vec::new();
    for line in &quote.lines {
        match lines.iter_mut().find(|stock| stock.variant_id == line.variant_id) {
            Some(stock) => {
                stock.quantity += line.quantity;
                stock.not_sent &= !line.requires_shipping;
            }
            None => lines.push(StockLine {
                variant_id: line.variant_id.clone(),
                quantity: line.quantity,
                not_sent: !line.requires_shipping,
            }),
        }
    }
    lines
}

/// The parcels of a quote that goes `to` somewhere; none if it does not, is collected, or is not all there. Stock at one
/// location needs no asking, unless a carrier wants to know where that is.
pub(crate) async fn plan(
    inventory: &InventoryClient,
    ctx: &Ctx,
    (quote, stock): (&Quote, &[Availability]),
    to: Option<&Address>,
) -> Result<Vec<Planned>> {
    let lines = stock_lines(quote);
    let sent: Vec<&StockLine> = lines.iter().filter(|line| !line.not_sent).collect();
    if to.is_none() || sent.is_empty() || !pickup_location(quote).is_empty() {
        return Ok(Vec::new());
    }
    let mut locations: Vec<&str> = stock
        .iter()
        .filter(|item| sent.iter().any(|line| line.variant_id == item.variant_id))
        .flat_map(|item| &item.locations)
        .filter(|at| at.sellable() > 0)
        .map(|at| at.location_id.as_str())
        .collect();
    locations.sort_unstable();
    locations.dedup();
    let planned = match locations.as_slice() {
        [] => Vec::new(),
        [only] if !quote.asks_carriers => only_parcel(only, &sent, stock),
        _ => {
            let request =
                GetAvailabilityRequest { plan: lines, near: near(to), ..GetAvailabilityRequest::default() };
            inventory.get_availability(ctx, request).await?.parcels
        }
    };
    Ok(shared_out(quote, planned))
}

fn only_parcel(location: &str, sent: &[&StockLine], stock: &[Availability]) -> Vec<PlannedParcel> {
    let has = |line: &&StockLine| {
        let item = stock.iter().find(|item| item.variant_id == line.variant_id);
        item.is_some_and(|item| item.sellable() >= line.quantity)
    };
    if !sent.iter().all(has) {
        return Vec::new();
    }
    let lines = sent.iter().map(|line| {
        let item = stock.iter().find(|item| item.variant_id == line.variant_id);
        let backordered = item.map_or(0, |item| item.awaited(line.quantity));
        let item = item.filter(|_| backordered > 0);
        PlannedLine {
            variant_id: line.variant_id.clone(),
            quantity: line.quantity,
            backordered,
            expected_on: item.map(|item| item.expected_on.clone()).unwrap_or_default(),
            preorder: item.is_some_and(|item| item.preorder),
        }
    });
    vec![PlannedParcel {
        location_id: location.to_owned(),
        location_name: String::new(),
        lines: lines.collect(),
        from: None,
    }]
}

/// Units of variants become units of lines.
fn shared_out(quote: &Quote, planned: Vec<PlannedParcel>) -> Vec<Planned> {
    let sent = || quote.lines.iter().filter(|line| line.requires_shipping);
    let mut wanted: HashMap<&str, i64> = sent().map(|line| (line.line_id.as_str(), line.quantity)).collect();
    let mut parcels = Vec::with_capacity(planned.len());
    for parcel in planned {
        let mut lines = Vec::new();
        for planned in &parcel.lines {
            let mut left = planned.quantity;
            for line in sent().filter(|line| line.variant_id == planned.variant_id) {
                let Some(wanted) = wanted.get_mut(line.line_id.as_str()) else { continue };
                let quantity = left.min(*wanted);
                if quantity > 0 {
                    (*wanted, left) = (*wanted - quantity, left - quantity);
                    lines.push(ParcelLine { line_id: line.line_id.clone(), quantity });
                }
            }
        }
        // A location's address is whatever a merchant wrote; a carrier is told countries only.
        let from = parcel.from.filter(|from| from.country.parse::<Country>().is_ok());
        let from = from.map(|from| Destination {
            country: from.country,
            region: from.region,
            postal_code: from.postal_code,
        });
        let is_there = parcel.lines.iter().all(|line| line.backordered == 0);
        let (location_id, location_name) = (parcel.location_id, parcel.location_name);
        let parcel = Parcel { lines, location_id, location_name, from, ..Parcel::default() };
        parcels.push(Planned { parcel, is_there });
    }
    parcels
}

/// What pricing is told of parcels.
pub(crate) fn asked(parcels: &[Planned]) -> Vec<ParcelRequest> {
    let asked = parcels.iter().map(|Planned { parcel, .. }| ParcelRequest {
        lines: parcel.lines.clone(),
        from: parcel.from.clone(),
    });
    asked.collect()
}

/// With the days on which they arrive, as the chosen option says. Nobody knows yet when what is not on hand leaves.
pub(crate) fn dated(quote: &Quote, parcels: Vec<Planned>) -> Vec<Parcel> {
    let chosen = quote.shipping_options.iter().find(|option| option.id == quote.shipping_option_id);
    let dated = parcels.into_iter().map(|Planned { parcel, is_there }| {
        let option = chosen.filter(|_| is_there);
        Parcel {
            earliest: option.map(|option| option.earliest.clone()).unwrap_or_default(),
            latest: option.map(|option| option.latest.clone()).unwrap_or_default(),
            ..parcel
        }
    });
    dated.collect()
}
