//! Papers: invoices and credit notes that are issued, packing slips that are just printed.

mod layout;
mod pdf;
mod sheet;
mod words;

use std::collections::BTreeMap;

use argosy_contracts::orders::Paper as WirePaper;
use argosy_kernel::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Account, Addressee, Item, Order, Paper, PaperKind, Since, Units, standing},
    error,
    events::Changed,
    store::{Issued, StoredOrder, Work},
};

/// Settings of papers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PapersConfig {
    /// What the numbers of invoices begin with; each has numbers of its own, without gaps.
    pub invoice_series: String,
    /// What the numbers of credit notes begin with.
    pub credit_note_series: String,
    /// Name and address of who sells, a line each. Unset: the shop's name, which the process sets from `[shop]`.
    pub seller: Vec<String>,
    /// The seller's VAT or tax number.
    pub tax_number: String,
    /// Texts at the end of each, e.g. on reverse charge.
    pub notes: Vec<String>,
    /// `en` or `de`.
    pub language: String,
    /// What differs in a market, by its name.
    pub markets: BTreeMap<String, MarketPapers>,
}

/// What differs in one market; what is not set is as everywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MarketPapers {
    /// What the numbers of its invoices begin with, which then are without gaps by themselves.
    pub invoice_series: Option<String>,
    /// The same of its credit notes.
    pub credit_note_series: Option<String>,
    /// Who sells there.
    pub seller: Option<Vec<String>>,
    /// The seller's VAT or tax number there.
    pub tax_number: Option<String>,
    /// Texts at the end of each.
    pub notes: Option<Vec<String>>,
    /// `en` or `de`.
    pub language: Option<String>,
}

impl Default for PapersConfig {
    fn default() -> Self {
        Self {
            invoice_series: "INV".to_owned(),
            credit_note_series: "CN".to_owned(),
            seller: Vec::new(),
            tax_number: String::new(),
            notes: Vec::new(),
            language: "en".to_owned(),
            markets: BTreeMap::new(),
        }
    }
}

/// Issues what is not on paper yet: the invoice, or a credit note over what was taken out since and an invoice over what came
/// in. True: it did.
///
/// # Errors
/// `NOTHING_TO_INVOICE` if there is no paper and the order costs nothing.
pub(crate) async fn issue(work: &mut Work, config: &PapersConfig) -> Result<bool> {
    work.open().await?;
    let config = &config.in_market(&work.order.quote.market);
    let before: Vec<Paper> = work.papers().await?.into_iter().map(|issued| issued.paper).collect();
    let now = standing(&work.order, &work.lines, &work.ledger)?;
    if before.is_empty() {
        if now.is_empty() {
            return Err(error::nothing_to_invoice());
        }
        write(work, config, (PaperKind::Invoice, String::new(), now)).await?;
        return Ok(true);
    }
    let since = Since::of(&before, &now);
    let about = before.first().map(|invoice| invoice.number.clone()).unwrap_or_default();
    let is_new = !since.taken_out.is_empty() || !since.put_in.is_empty();
    if !since.taken_out.is_empty() {
        write(work, config, (PaperKind::CreditNote, about, since.taken_out)).await?;
    }
    if !since.put_in.is_empty() {
        write(work, config, (PaperKind::Invoice, String::new(), since.put_in)).await?;
    }
    Ok(is_new)
}

/// Issues one paper. `about`: of a credit note the number of its invoice.
async fn write(
    work: &mut Work,
    config: &PapersConfig,
    (kind, about, items): (PaperKind, String, Vec<Item>),
) -> Result<()> {
    let series = match kind {
        PaperKind::Invoice => &config.invoice_series,
        PaperKind::CreditNote => &config.credit_note_series,
    };
    let place = work.next_place(series).await?;
    let paper = Paper {
        kind,
        number: format!("{series}-{place:06}"),
        order_number: work.order.number.to_string(),
        about,
        currency: work.order.quote.currency.clone(),
        items,
        seller: config.seller.clone(),
        tax_number: config.tax_number.clone(),
        notes: work
            .order
            .quote
            .tax_notes
            .iter()
            .map(|note| note.text.clone())
            .chain(config.notes.clone())
            .collect(),
        language: config.language.clone(),
        placed_at: work.order.placed_at,
        issued_at: work.now(),
    };
    let contact = &work.order.contact;
    let shipping = contact.shipping_address.clone();
    let billing = contact.billing_address.clone().or_else(|| shipping.clone());
    work.issue((series, place), &paper, &Addressee { billing, shipping }).await?;
    let (event, said) = match kind {
        PaperKind::Invoice => ("invoice_issued", "Invoice"),
        PaperKind::CreditNote => ("credit_note_issued", "Credit note"),
    };
    work.note(event, &paper.number, &format!("{said} {} was issued.", paper.number)).await?;
    work.tell(Changed::Paper, &paper.number, kind.as_str())
}

/// A paper that was issued, as PDF: the first of its kind, or the one of a number.
pub(crate) fn issued(papers: &[Issued], kind: &str, number: &str) -> Result<WirePaper> {
    let found = papers.iter().find(|issued| {
        issued.paper.kind.as_str() == kind && (number.is_empty() || issued.paper.number == number)
    });
    let Issued { paper, addressee } = found.ok_or_else(error::paper_not_found)?;
    Ok(WirePaper {
        number: paper.number.clone(),
        file_name: format!("{}.pdf", paper.number),
        pdf: pdf::draw(&sheet::of_paper(paper, addressee)?)?,
    })
}

/// What is to be packed: all that is not sent yet. It is not issued, so it has no number.
pub(crate) fn packing_slip(found: &StoredOrder, config: &PapersConfig) -> Result<WirePaper> {
    let config = &config.in_market(&found.order.quote.market);
    let open: Vec<Units> = found
        .lines
        .iter()
        .map(|line| Units { line: line.id.clone(), quantity: line.open() })
        .filter(|units| units.quantity > 0)
        .collect();
    if open.is_empty() {
        return Err(error::nothing_left());
    }
    Ok(WirePaper {
        number: String::new(),
        file_name: format!("packing-slip-{}.pdf", found.order.number),
        pdf: pdf::draw(&sheet::of_parcel(&found.order, &open, config))?,
    })
}

impl PapersConfig {
    /// As they are for orders of a market.
    fn in_market(&self, name: &str) -> Self {
        let everywhere = Self { markets: BTreeMap::new(), ..self.clone() };
        let Some(market) = self.markets.get(name).cloned() else { return everywhere };
        Self {
            invoice_series: market.invoice_series.unwrap_or(everywhere.invoice_series),
            credit_note_series: market.credit_note_series.unwrap_or(everywhere.credit_note_series),
            seller: market.seller.unwrap_or(everywhere.seller),
            tax_number: market.tax_number.unwrap_or(everywhere.tax_number),
            notes: market.notes.unwrap_or(everywhere.notes),
            language: market.language.unwrap_or(everywhere.language),
            markets: everywhere.markets,
        }
    }

    /// Refuses a language that papers are not written in, and series whose numbers could not be told apart.
    pub(crate) fn check(&self) -> Result<()> {
        let all: Vec<Self> = std::iter::once("")
            .chain(self.markets.keys().map(String::as_str))
            .map(|name| self.in_market(name))
            .collect();
        all.iter().try_for_each(Self::check_one)?;
        let is_both = |one: &Self| all.iter().any(|other| other.credit_note_series == one.invoice_series);
        if all.iter().any(is_both) {
            let wrong = "orders.papers: invoices and credit notes need series of their own";
            return Err(Error::invalid("INVALID_SETTING", wrong));
        }
        Ok(())
    }

    fn check_one(&self) -> Result<()> {
        let good = |series: &str| {
            (1..=20).contains(&series.len())
                && series.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let wrong = if !words::LANGUAGES.contains(&self.language.as_str()) {
            format!("orders.papers.language: there are {}", words::LANGUAGES.join(", "))
        } else if !good(&self.invoice_series) || !good(&self.credit_note_series) {
            "orders.papers: a series has 1 to 20 letters, digits and hyphens".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::invalid("INVALID_SETTING", wrong))
    }
}

/// Whether somebody has paid for an order or it is on its way: before that a buyer gets no invoice.
pub(crate) fn may_be_invoiced(work: &Work) -> bool {
    work.ledger.balance(Account::Paid) > 0
        || work.ledger.due() <= 0
        || work.lines.iter().any(|line| line.fulfilled > 0)
}

fn title_of(order: &Order, line: &str) -> (String, String) {
    order.line(line).map_or_else(Default::default, |sold| {
        let title = match sold.variant_title.as_str() {
            "" => sold.title.clone(),
            variant => format!("{}, {variant}", sold.title),
        };
        (title, sold.sku.clone())
    })
}

/// What an item is called on paper.
fn called(item: &Item, words: &words::Words) -> String {
    match item.key.as_str() {
        "delivery" => words.delivery.to_owned(),
        "allowance" => words.allowance.to_owned(),
        _ => item.title.clone(),
    }
}
