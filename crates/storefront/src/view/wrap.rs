//! How lines are wrapped, and what else is charged for them.

use argosy_contracts::pricing::{Quote, QuotedFee, WrapOffer};
use argosy_kernel::Result;
use serde::Serialize;

use super::Choice;
use crate::{edition::Edition, price};

/// How a line is wrapped, and can be.
#[derive(Debug, Default, Serialize)]
pub(crate) struct WrapView {
    /// What it is wrapped in, with what that costs; empty: nothing.
    pub(crate) told: String,
    /// What is to be written.
    pub(crate) message: String,
    /// Empty: nothing is offered.
    pub(crate) choices: Vec<Choice>,
    /// 0: nothing can be written.
    pub(crate) message_length_max: u32,
}

impl WrapView {
    /// As it was sold.
    pub(crate) fn told(line_id: &str, fees: &[QuotedFee], message: &str, edition: &Edition) -> Result<Self> {
        let mut told = Vec::new();
        for fee in fees.iter().filter(|fee| fee.kind == "wrap" && fee.line_id == line_id) {
            let amount = price::format_wire(fee.amount.as_ref(), &edition.words)?;
            told.push(format!("{}, {amount}", edition.words.translated("", &fee.title)));
        }
        let message = if told.is_empty() { String::new() } else { message.to_owned() };
        Ok(Self { told: told.join("; "), message, ..Self::default() })
    }

    /// As it can be chosen in a cart, where it is called `wrap` now. One that is not offered any more can be left only.
    pub(crate) fn of_cart(
        line_id: &str,
        (wrap, message): (&str, &str),
        quote: &Quote,
        edition: &Edition,
    ) -> Result<Self> {
        let told = Self::told(line_id, &quote.fees, message, edition)?;
        let is_for = |offer: &&WrapOffer| offer.line_ids.iter().any(|id| id == line_id);
        let offers: Vec<&WrapOffer> = quote.wraps.iter().filter(is_for).collect();
        if offers.is_empty() && wrap.is_empty() {
            return Ok(Self::default());
        }
        let mut choices = vec![Choice::new("", &edition.say("gift-wrap-none"), wrap.is_empty())];
        for offer in &offers {
            let amount = price::format_wire(offer.unit_price.as_ref(), &edition.words)?;
            let label = edition.words.say_with(
                "gift-wrap-each",
                [("wrap", edition.words.translated("", &offer.title).into()), ("amount", amount.into())],
            );
            choices.push(Choice::new(&offer.name, &label, offer.name == wrap));
        }
        let longest = offers.iter().map(|offer| offer.message_length_max).max().unwrap_or_default();
        Ok(Self { choices, message: message.to_owned(), message_length_max: longest, ..told })
    }
}
