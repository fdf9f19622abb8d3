//! Flags of `argosy orders edit` become a change of an order.

use std::path::PathBuf;

use argosy_contracts::{
    common::{Address, Money as WireMoney},
    orders::{AddedLine, LineQuantity, ProposeEditRequest},
};
use argosy_kernel::{Error, Result};
use clap::Args;

use super::desk::Desk;
use crate::files;

/// What is to change.
#[derive(Args)]
#[group(id = "change", multiple = true)]
pub(crate) struct Change {
    /// Units to take out
    #[arg(long = "remove", value_name = "LINE=UNITS")]
    remove: Vec<String>,
    /// Units to add, by the variant's id; with a price it is the agreed one: `var_…=2@12.50`
    #[arg(long = "add", value_name = "VARIANT=UNITS[@PRICE]")]
    add: Vec<String>,
    /// What one of a line costs from now on, of all its units that are not sent
    #[arg(long = "price", value_name = "LINE=PRICE")]
    prices: Vec<String>,
    /// Another way of shipping, by its id in `argosy shipping list`
    #[arg(long, value_name = "OPTION", default_value = "", hide_default_value = true)]
    shipping: String,
    /// What delivery costs, as agreed [default: what its rate says]
    #[arg(long, value_name = "PRICE")]
    shipping_price: Option<String>,
    /// Another address to deliver to, as JSON with the fields of the store API
    #[arg(long, value_name = "FILE")]
    address: Option<PathBuf>,
}

impl Change {
    /// The request, but for the order and its reference.
    pub(super) fn request(&self, desk: &Desk) -> Result<ProposeEditRequest> {
        let mut remove = desk.units(&self.remove)?;
        let mut add = self.add.iter().map(|text| added(desk, text)).collect::<Result<Vec<_>>>()?;
        for text in &self.prices {
            let (out, again) = repriced(desk, text)?;
            remove.push(out);
            add.push(again);
        }
        let price = self.shipping_price.as_deref().map(|price| desk.price(price, "--shipping-price"));
        let address: Option<Address> = self.address.as_deref().map(files::read).transpose()?;
        Ok(ProposeEditRequest {
            remove,
            add,
            shipping_option_id: self.shipping.clone(),
            shipping_price: price.transpose()?,
            shipping_address: address,
            ..ProposeEditRequest::default()
        })
    }
}

fn refused(flag: &str, text: &str, why: &str) -> Error {
    Error::invalid("INVALID_LINE", format!("{flag} {text}: {why}"))
}

/// `var_…=2`, `var_…=2@12.50`.
fn added(desk: &Desk, text: &str) -> Result<AddedLine> {
    let (units, price) = text.split_once('@').map_or((text, None), |(units, price)| (units, Some(price)));
    let parts = units.split_once('=').and_then(|(id, units)| Some((id, units.parse::<i64>().ok()?)));
    let (variant, quantity) =
        parts.ok_or_else(|| refused("--add", text, "write VARIANT=UNITS, e.g. var_…=2"))?;
    let unit_price: Option<WireMoney> =
        price.map(|price| desk.price(price, &format!("--add {text}"))).transpose()?;
    Ok(AddedLine { variant_id: variant.to_owned(), quantity, unit_price })
}

/// `1=12.50`: all units of the first line that are not sent leave it and come in again.
fn repriced(desk: &Desk, text: &str) -> Result<(LineQuantity, AddedLine)> {
    let (line, price) =
        text.split_once('=').ok_or_else(|| refused("--price", text, "write LINE=PRICE, e.g. 1=12.50"))?;
    let known = desk.line(line).ok_or_else(|| refused("--price", text, "the order has no such line"))?;
    let quantity = known.current - known.fulfilled;
    if quantity == 0 {
        return Err(refused("--price", text, "all of it is sent or canceled"));
    }
    let sold = known.line.clone().unwrap_or_default();
    let unit_price = Some(desk.price(price, &format!("--price {text}"))?);
    let again = AddedLine { variant_id: sold.variant_id, quantity, unit_price };
    Ok((LineQuantity { line_id: sold.line_id, quantity }, again))
}
