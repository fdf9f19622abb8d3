//! What a paper says, as texts in places, whatever it is drawn with.

use argosy_contracts::common::Address;
use argosy_kernel::{Currency, Money, Result, Timestamp};

use super::{
    PapersConfig, called, title_of,
    words::{self, Words},
};
use crate::domain::{Addressee, Order, Paper, PaperKind, Units};

/// Letters of a message in one row, which is cut off after some lines.
const MESSAGE_ROW: usize = 120;

/// A paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    pub(super) language: String,
    pub(super) title: String,
    pub(super) seller: Vec<String>,
    pub(super) addressee: Vec<String>,
    /// Name and value.
    pub(super) facts: Vec<(String, String)>,
    pub(super) columns: [&'static str; 4],
    /// A cell a column.
    pub(super) rows: Vec<[String; 4]>,
    /// Name and value, the total last.
    pub(super) sums: Vec<(String, String)>,
    pub(super) notes: Vec<String>,
    /// What stands before the number of a page.
    pub(super) page: &'static str,
}

pub(super) fn of_paper(paper: &Paper, addressee: &Addressee) -> Result<Sheet> {
    let words = words::of(&paper.language);
    let currency: Currency = paper.currency.parse()?;
    let money = |minor: i64| amount(Money::new(minor, currency), words);
    let rows = paper.items.iter().map(|item| {
        let title = match item.sku.as_str() {
            "" => called(item, words),
            sku => format!("{} ({sku})", called(item, words)),
        };
        let quantity = if item.quantity == 0 { String::new() } else { item.quantity.to_string() };
        [title, quantity, percent(item.tax_rate_ppm, words), money(item.value)]
    });
    let mut sums = Vec::new();
    for tax in paper.taxes() {
        let rate = percent(tax.rate_ppm, words);
        sums.push((format!("{} ({rate})", words.net), money(tax.net)));
        sums.push((format!("{} {rate}", words.tax), money(tax.tax)));
    }
    sums.push((words.total.to_owned(), money(paper.total())));
    let kind = match paper.kind {
        PaperKind::Invoice => words.invoice,
        PaperKind::CreditNote => words.credit_note,
    };
    let mut facts = vec![
        (words.issued.to_owned(), day(paper.issued_at)),
        (words.order.to_owned(), paper.order_number.clone()),
        (words.ordered.to_owned(), day(paper.placed_at)),
    ];
    if !paper.about.is_empty() {
        facts.insert(0, (words.about.to_owned(), paper.about.clone()));
    }
    let mut seller = paper.seller.clone();
    if !paper.tax_number.is_empty() {
        seller.push(format!("{}: {}", words.tax_number, paper.tax_number));
    }
    Ok(Sheet {
        language: paper.language.clone(),
        title: format!("{kind} {}", paper.number),
        seller,
        addressee: buyer(addressee.billing.as_ref(), words),
        facts,
        columns: [words.item, words.quantity, words.rate, words.amount],
        rows: rows.collect(),
        sums,
        notes: paper.notes.clone(),
        page: words.page,
    })
}

/// What is to be packed: no prices.
pub(super) fn of_parcel(order: &Order, units: &[Units], config: &PapersConfig) -> Sheet {
    let words = words::of(&config.language);
    let rows = units.iter().flat_map(|units| {
        let (title, sku) = title_of(order, &units.line);
        let goods = [title, units.quantity.to_string(), String::new(), sku];
        std::iter::once(goods).chain(wrapping(order, units))
    });
    Sheet {
        language: config.language.clone(),
        title: format!("{} {}", words.packing_slip, order.number),
        seller: config.seller.clone(),
        addressee: lines_of(order.contact.shipping_address.as_ref()),
        facts: vec![(words.ordered.to_owned(), day(order.placed_at))],
        columns: [words.item, words.quantity, "", "SKU"],
        rows: rows.collect(),
        sums: Vec::new(),
        notes: Vec::new(),
        page: words.page,
    }
}

/// How units are to be wrapped, and what is to be written, in rows that it has room in.
fn wrapping(order: &Order, units: &Units) -> Vec<[String; 4]> {
    let wraps = order.quote.fees.iter().filter(|fee| fee.kind == "wrap" && fee.line_id == units.line);
    let row = |text: String, quantity: String| [text, quantity, String::new(), String::new()];
    let mut rows: Vec<_> =
        wraps.map(|fee| row(format!("+ {}", fee.title), units.quantity.to_string())).collect();
    let message = order.contact.wrap_messages.get(&units.line).filter(|_| !rows.is_empty());
    let letters: Vec<char> =
        message.map(|message| format!("“{message}”").chars().collect()).unwrap_or_default();
    rows.extend(letters.chunks(MESSAGE_ROW).map(|part| row(part.iter().collect(), String::new())));
    rows
}

/// Who is to pay, with the number by which a company owes the tax itself.
fn buyer(address: Option<&Address>, words: &Words) -> Vec<String> {
    let mut lines = lines_of(address);
    let number = address.map(|address| address.tax_number.as_str()).filter(|number| !number.is_empty());
    lines.extend(number.map(|number| format!("{}: {number}", words.tax_number)));
    lines
}

fn lines_of(address: Option<&Address>) -> Vec<String> {
    let Some(to) = address else { return Vec::new() };
    let town = format!("{} {}", to.postal_code, to.city);
    let lines = [&to.company, &to.name, &to.line1, &to.line2, town.trim(), &to.region, &to.country];
    lines.into_iter().map(str::to_owned).filter(|line| !line.is_empty()).collect()
}

/// `12.50 EUR`, with the language's decimal point.
fn amount(money: Money, words: &Words) -> String {
    money.to_string().replace('.', words.decimal_point)
}

/// `19 %`, `5.5 %`; nothing without tax.
fn percent(rate_ppm: i64, words: &Words) -> String {
    let (whole, rest) = (rate_ppm / 10_000, rate_ppm % 10_000);
    let rest = format!("{rest:04}");
    match rest.trim_end_matches('0') {
        "" => format!("{whole} %"),
        rest => format!("{whole}{}{rest} %", words.decimal_point),
    }
}

/// Dates are written the same in all languages.
fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_written_as_the_language_does() {
        let (english, german) = (words::of("en"), words::of("de"));
        assert_eq!([percent(190_000, english), percent(55_000, german)], ["19 %", "5,5 %"]);
        assert_eq!([percent(0, english), percent(88_750, english)], ["0 %", "8.875 %"]);
    }
}
