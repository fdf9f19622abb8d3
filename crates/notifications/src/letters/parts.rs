//! What mails about orders have in common.

use argosy_contracts::{
    common::{Address, Money as WireMoney, TotalLine},
    orders::{Order, OrderLine, OrderPayment},
    pricing::Awaited,
};
use argosy_kernel::{Money, Result};
use argosy_platform::{Shop, words::Words};

use super::Kind;
use crate::mail::{Link, Mail, MailLine, Sum};

/// Who writes, in which language, about what.
pub(super) struct Writer<'a> {
    pub(super) shop: &'a Shop,
    pub(super) words: &'a Words,
    pub(super) order: &'a Order,
}

impl Writer<'_> {
    /// A message, with the shop and the order's number, and what is given, in it.
    pub(super) fn say(&self, id: &str, values: &[(&str, &str)]) -> String {
        let known = [("shop", self.shop.name.as_str()), ("number", self.order.number.as_str())];
        let values = known.iter().chain(values).map(|(name, value)| (*name, (*value).into()));
        self.words.say_with(id, values)
    }

    /// A mail with its heading, its text if it has one, and the way to the order.
    pub(super) fn begin(&self, kind: Kind, values: &[(&str, &str)]) -> Mail {
        let message = |part: &str| format!("{}-{part}", kind.as_str());
        let text = self.words.find(&message("text"), None);
        Mail {
            language: self.words.tag.clone(),
            shop_name: self.shop.name.clone(),
            heading: self.say(&message("heading"), values),
            order: self.say("order", &[]),
            texts: text.into_iter().collect(),
            links: vec![self.to_order("see-order")],
            ..Mail::default()
        }
    }

    pub(super) fn to_order(&self, label: &str) -> Link {
        let (shop, order) = (self.shop.url.trim_end_matches('/'), self.order);
        // The storefront shows it in that language, if it has it.
        let url = format!("{shop}/orders/{}?key={}&in={}", order.id, order.key, self.words.tag);
        Link { label: self.words.say(label), url }
    }

    pub(super) fn money(&self, money: Option<&WireMoney>) -> Result<String> {
        money.map_or_else(|| Ok(String::new()), |money| Ok(self.words.money(Money::try_from(money)?)))
    }

    /// So many units of an order's line, with what they cost if `total` is given.
    pub(super) fn line(
        &self,
        line: &OrderLine,
        quantity: i64,
        total: Option<&WireMoney>,
    ) -> Result<MailLine> {
        let sold = line.line.as_ref();
        Ok(MailLine {
            quantity,
            title: sold.map(|sold| sold.title.clone()).unwrap_or_default(),
            variant: sold.map(|sold| sold.variant_title.clone()).unwrap_or_default(),
            total: self.money(total)?,
        })
    }

    /// Units by the id of their line; those of lines that the order does not have are passed over.
    pub(super) fn units<'a>(&self, units: impl Iterator<Item = (&'a str, i64)>) -> Result<Vec<MailLine>> {
        let line = |(id, quantity): (&str, i64)| {
            let mut lines = self.order.lines.iter();
            let line = lines.find(|line| line.line.as_ref().is_some_and(|sold| sold.line_id == id))?;
            (quantity > 0).then(|| self.line(line, quantity, None))
        };
        units.filter_map(line).collect()
    }

    /// The total before the tax that is in it.
    pub(super) fn sums(&self, totals: &[TotalLine]) -> Result<Vec<Sum>> {
        let mut totals: Vec<&TotalLine> = totals.iter().collect();
        totals.sort_by_key(|line| match line.kind.as_str() {
            "total" => 1,
            "tax_included" => 2,
            _ => 0,
        });
        let sum = |line: &&TotalLine| {
            let label = match line.label.as_str() {
                "" => self.words.say(label_of(&line.kind)),
                label if line.kind.starts_with("tax") => self.words.tax(label),
                label => self.words.translated("", label),
            };
            Ok(Sum { label, amount: self.money(line.amount.as_ref())?, is_total: line.kind == "total" })
        };
        totals.iter().map(sum).collect()
    }

    /// From when each line leaves that is not there.
    pub(super) fn awaited(&self) -> Vec<String> {
        let told = |line: &OrderLine| {
            let (awaited, sold) = line.awaited.as_ref().zip(line.line.as_ref())?;
            Some(format!("{} × {}: {}", awaited.quantity, sold.title, self.leaves(awaited)))
        };
        self.order.lines.iter().filter_map(told).collect()
    }

    /// From when units leave that are not there.
    pub(super) fn leaves(&self, awaited: &Awaited) -> String {
        let kind = if awaited.preorder { "preorder" } else { "backorder" };
        match self.day(&awaited.expected_on) {
            Some(day) => self.say(&format!("{kind}-from"), &[("day", &day)]),
            None => self.words.say(&format!("{kind}-sometime")),
        }
    }

    /// A day `YYYY-MM-DD` as people write it.
    fn day(&self, text: &str) -> Option<String> {
        let mut parts = text.splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let (month, day): (u8, u8) = (month.parse().ok()?, day.parse().ok()?);
        let values =
            [("day", day.to_string().into()), ("month", month.into()), ("year", year.to_owned().into())];
        Some(self.words.say_with("date", values))
    }

    /// One of several payments of an order.
    pub(super) fn payment(&self, payment: &OrderPayment) -> Result<Sum> {
        let label = match payment.provider.as_str() {
            "gift_card" => self.words.say_with("paid-by-gift-card", [("hint", payment.hint.as_str().into())]),
            "paypal" => "PayPal".to_owned(),
            "manual" => self.words.say("paid-by-hand"),
            _ => self.words.say("paid-by-card"),
        };
        Ok(Sum { label, amount: self.money(payment.amount.as_ref())?, is_total: false })
    }

    /// Whether the buyer collects the goods.
    pub(super) fn is_collected(&self) -> bool {
        self.order.shipping.as_ref().is_some_and(|option| !option.pickup_location_id.is_empty())
    }

    /// What the way of delivery is called.
    pub(super) fn delivery(&self) -> Option<String> {
        self.order.shipping.as_ref().map(|option| self.words.translated("", &option.title))
    }
}

fn label_of(kind: &str) -> &'static str {
    match kind {
        "subtotal" => "sum-subtotal",
        "discount" => "sum-discount",
        "fee" => "sum-fee",
        "shipping" => "sum-shipping",
        "tax" => "sum-tax",
        "tax_included" => "sum-tax-included",
        "total" => "sum-total",
        _ => "sum-other",
    }
}

pub(super) fn address_lines(address: &Address) -> Vec<String> {
    let place = [&address.name, &address.company, &address.line1, &address.line2];
    let town = [&address.postal_code, &address.city, &address.region, &address.country];
    place.into_iter().chain(town).filter(|part| !part.is_empty()).cloned().collect()
}
