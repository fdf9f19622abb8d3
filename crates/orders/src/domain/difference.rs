//! No surprise at the till (law 7): what the buyer was shown, and what differs from it.

use argosy_contracts::{common::Notice, pricing::Quote};
use serde::{Deserialize, Serialize};

use super::{Checkout, Leaves};

/// What the buyer last saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Shown {
    /// Names what the buyer decided: lines, codes, destination, shipping option.
    basis: String,
    /// Names what came of it: every price and the total.
    outcome: String,
}

impl Shown {
    pub(crate) fn of(checkout: &Checkout, quote: &Quote) -> Self {
        Self { basis: basis(checkout, quote), outcome: outcome(quote) }
    }
}

/// What is in it, whoever put it there.
fn contents(quote: &Quote) -> Vec<String> {
    let lines = quote.lines.iter().map(|line| format!("{}×{}", line.variant_id, line.quantity));
    // What needs no code is not the buyer's doing.
    let applied = quote.discounts.iter().map(|discount| discount.code.clone());
    let asked_codes = applied.filter(|code| !code.is_empty());
    let refused_codes = quote.rejected_codes.iter().map(|rejected| rejected.code.clone());
    let group_codes = quote.groups.iter().map(|group| group.code.clone());
    let mut codes: Vec<String> = asked_codes.chain(refused_codes).chain(group_codes).collect();
    codes.sort();
    lines.chain(codes).collect()
}

fn digest(parts: impl IntoIterator<Item = String>) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

fn basis(checkout: &Checkout, quote: &Quote) -> String {
    let destination = checkout.contact.shipping_address.as_ref();
    let destination = destination.map(|to| format!("{}/{}/{}", to.country, to.region, to.postal_code));
    let tax_number = Some(checkout.contact.tax_number().to_owned()).filter(|number| !number.is_empty());
    let shipping_option = checkout.shipping_option_id.clone();
    let wraps = quote.fees.iter().filter(|fee| fee.kind == "wrap");
    let wraps = wraps.map(|fee| format!("{}:{}", fee.line_id, fee.name));
    let contents = contents(quote).into_iter();
    digest(contents.chain(destination).chain(shipping_option).chain(tax_number).chain(wraps))
}

fn outcome(quote: &Quote) -> String {
    let lines =
        quote.lines.iter().map(|line| format!("{}:{:?}:{:?}", line.variant_id, line.unit_price, line.total));
    let totals = quote.totals.iter().map(|total| format!("{}:{:?}", total.kind, total.amount));
    let fees = quote.fees.iter().map(|fee| format!("{}:{}:{:?}", fee.name, fee.line_id, fee.total));
    digest(lines.chain(totals).chain(fees))
}

fn price_token(variant: &str, minor: i64) -> String {
    format!("price:{variant}:{minor}")
}

fn day_token(variant: &str, leaves: &Leaves) -> String {
    format!("day:{variant}:{}", leaves.code())
}

fn accept(code: &str, target: String, text: String, token: String) -> Notice {
    Notice {
        level: "warning".to_owned(),
        code: code.to_owned(),
        resolution: "accept".to_owned(),
        target,
        text,
        token,
    }
}

impl Checkout {
    /// The differences that the buyer has not accepted yet. `paying`: also what changed without being shown.
    pub(crate) fn differences(&self, quote: &Quote, paying: bool) -> Vec<Notice> {
        let mut notices = self.amount_differences(quote, paying);
        notices.extend(self.day_differences(quote));
        notices
    }

    fn amount_differences(&self, quote: &Quote, paying: bool) -> Vec<Notice> {
        let mut notices = self.price_differences(quote);
        let Some(shown) = &self.shown else { return notices };
        let present = Shown::of(self, quote);
        let token = format!("total:{}", present.outcome);
        let is_settled = present.outcome == shown.outcome || self.accepted.contains(&token);
        // Another price is told by itself, and the total that came of it was shown beside it.
        if is_settled || !notices.is_empty() || self.accepts_another_price(quote) {
            return notices;
        }
        if present.basis == shown.basis {
            let text = "The total has changed since you last saw it.".to_owned();
            notices.push(accept("TOTAL_CHANGED", "/total".to_owned(), text, token));
        } else if paying {
            let text = "Your cart has changed since you last saw it.".to_owned();
            notices.push(accept("CART_CHANGED", "/lines".to_owned(), text, token));
        }
        notices
    }

    fn accepts_another_price(&self, quote: &Quote) -> bool {
        quote.lines.iter().any(|line| {
            let present = line.unit_price.as_ref().map_or(0, |price| price.minor);
            let differs = self.agreed.get(&line.variant_id).is_some_and(|agreed| *agreed != present);
            differs && self.accepted.contains(&price_token(&line.variant_id, present))
        })
    }

    fn price_differences(&self, quote: &Quote) -> Vec<Notice> {
        let differs = |(index, line): (usize, &argosy_contracts::pricing::QuotedLine)| {
            let present = line.unit_price.as_ref()?;
            let agreed = *self.agreed.get(&line.variant_id)?;
            let token = price_token(&line.variant_id, present.minor);
            if agreed == present.minor || self.accepted.contains(&token) {
                return None;
            }
            let show = |minor: i64| {
                present.currency.parse().map_or_else(
                    |_| minor.to_string(),
                    |currency| argosy_kernel::Money::new(minor, currency).to_string(),
                )
            };
            let text = format!(
                "The price of {} changed from {} to {}.",
                line.title,
                show(agreed),
                show(present.minor)
            );
            Some(accept("PRICE_CHANGED", format!("/lines/{index}/unit_price"), text, token))
        };
        quote.lines.iter().enumerate().filter_map(differs).collect()
    }

    /// What leaves later than the buyer agreed to. What leaves earlier is no surprise.
    fn day_differences(&self, quote: &Quote) -> Vec<Notice> {
        let differs = |(index, line): (usize, &argosy_contracts::pricing::QuotedLine)| {
            let present = Leaves::of(quote, &line.line_id);
            let agreed = self.agreed_days.get(&line.variant_id)?;
            let token = day_token(&line.variant_id, &present);
            if present <= *agreed || self.accepted.contains(&token) {
                return None;
            }
            let title = &line.title;
            let text = match &present {
                Leaves::AtOnce => return None,
                Leaves::On(day) => {
                    format!("{title} will be sent from {}, later than you last saw.", day.in_words())
                }
                Leaves::Sometime => {
                    format!("{title} will be sent later than you last saw; the day is not known.")
                }
            };
            Some(accept("DATE_CHANGED", format!("/lines/{index}/awaited"), text, token))
        };
        quote.lines.iter().enumerate().filter_map(differs).collect()
    }

    /// Names what the shop has put into a draft; empty: it is none. What its buyer may set is no part of it.
    pub(crate) fn seen(&self, quote: &Quote) -> String {
        let named = |draft: &super::DraftMark| format!("{}-{}", draft.version, digest(contents(quote)));
        self.draft.as_ref().map(named).unwrap_or_default()
    }

    /// Whether staff have changed nothing since that was shown.
    pub(crate) fn is_of_this_version(&self, seen: &str) -> bool {
        seen.split_once('-').is_some_and(|(version, _)| version == self.draft_version().to_string())
    }

    /// Forgets what was agreed to and shown: nobody but staff has seen any of it.
    pub(crate) fn begin_anew(&mut self) {
        self.agreed.clear();
        self.agreed_days.clear();
        self.shown = None;
        self.accepted.clear();
    }

    /// Remembers what is about to be shown; what must be accepted first is not yet agreed to.
    pub(crate) fn show(&mut self, quote: &Quote) {
        let open = self.differences(quote, false);
        for line in &quote.lines {
            let Some(price) = &line.unit_price else { continue };
            let token = price_token(&line.variant_id, price.minor);
            if self.accepted.contains(&token) {
                self.agreed.insert(line.variant_id.clone(), price.minor);
            }
            self.agreed.entry(line.variant_id.clone()).or_insert(price.minor);
        }
        for line in &quote.lines {
            let present = Leaves::of(quote, &line.line_id);
            let accepted = self.accepted.contains(&day_token(&line.variant_id, &present));
            let agreed = self.agreed_days.entry(line.variant_id.clone()).or_insert_with(|| present.clone());
            if accepted || present < *agreed {
                *agreed = present;
            }
        }
        if open.is_empty() {
            self.shown = Some(Shown::of(self, quote));
            self.accepted.clear();
        }
    }
}
