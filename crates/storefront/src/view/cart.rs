//! A cart's page.

use argosy_contracts::{
    cart::CartView as WireCart,
    common::Notice,
    pricing::{Awaited, GiftOffer, Quote, QuotedLine},
};
use argosy_kernel::Result;
use serde::Serialize;

use super::{
    card::{Picture, tint_of},
    money::{SumLine, sum_lines},
    parcel::waits,
    product::QuantityView,
    wrap::WrapView,
};
use crate::{answer, edition::Edition, language::Words, price, request};

/// A line of a cart, a checkout or an order.
#[derive(Debug, Serialize)]
pub(crate) struct LineView {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) title: String,
    pub(crate) variant_title: String,
    pub(crate) picture: Option<Picture>,
    pub(crate) tint: u32,
    pub(crate) quantity: i64,
    pub(crate) offered: QuantityView,
    pub(crate) unit_price: String,
    pub(crate) compare_at: String,
    pub(crate) subtotal: String,
    /// Empty: none.
    pub(crate) discount: String,
    pub(crate) notice: String,
    /// From when what is not there leaves; empty: all of it is there.
    pub(crate) waits: String,
    pub(crate) wrap: WrapView,
}

impl LineView {
    pub(crate) fn of(line: &QuotedLine, edition: &Edition) -> Result<Self> {
        let discount = line.discount.as_ref().filter(|discount| discount.minor != 0);
        let amount = |money: Option<&_>| price::format_wire(money, &edition.words);
        Ok(Self {
            id: line.line_id.clone(),
            url: edition.path(&format!("/products/{}?variant={}", line.handle, line.variant_id)),
            title: line.title.clone(),
            variant_title: line.variant_title.clone(),
            picture: Picture::at(&line.image_url, ""),
            tint: tint_of(&line.handle),
            quantity: line.quantity,
            offered: QuantityView::of(line.quantity_rule.as_ref()),
            unit_price: amount(line.unit_price.as_ref())?,
            compare_at: amount(line.compare_at.as_ref())?,
            subtotal: amount(line.subtotal.as_ref())?,
            discount: amount(discount)?,
            notice: String::new(),
            waits: String::new(),
            wrap: WrapView::default(),
        })
    }

    /// Says from when leaves what is not there.
    pub(crate) fn waiting(self, awaited: Option<&Awaited>, words: &Words) -> Self {
        let waits = awaited.map(|awaited| waits(awaited, self.quantity, words)).unwrap_or_default();
        Self { waits, ..self }
    }

    /// The line of a quote that says what is not there yet.
    pub(crate) fn of_quote(line: &QuotedLine, quote: &Quote, edition: &Edition) -> Result<Self> {
        let awaited = quote.awaited.iter().find(|awaited| awaited.line_id == line.line_id);
        Ok(Self::of(line, edition)?.waiting(awaited, &edition.words))
    }
}

/// A code in force or refused.
#[derive(Debug, Serialize)]
pub(crate) struct CodeView {
    pub(crate) code: String,
    pub(crate) text: String,
    pub(crate) refused: bool,
}

/// A cart's page.
#[derive(Debug, Default, Serialize)]
pub(crate) struct CartPage {
    pub(crate) key: String,
    pub(crate) lines: Vec<LineView>,
    pub(crate) codes: Vec<CodeView>,
    pub(crate) sums: Vec<SumLine>,
    pub(crate) count: i64,
    /// The cart's currency, if it is another than the edition's; else empty.
    pub(crate) other_currency: String,
    pub(crate) tax_included: bool,
    pub(crate) can_check_out: bool,
    /// What is wrong with what was just sent; empty: nothing.
    pub(crate) error: String,
    pub(crate) code_error: String,
    pub(crate) code_input: String,
    /// What can be put in for nothing.
    pub(crate) gifts: Vec<GiftView>,
}

/// A gift that is not in the cart yet.
#[derive(Debug, Serialize)]
pub(crate) struct GiftView {
    title: String,
    variant_id: String,
    pieces: i64,
}

impl CartPage {
    pub(crate) fn empty() -> Self {
        Self { key: request::new_key(), ..Self::default() }
    }

    pub(crate) fn of(view: &WireCart, edition: &Edition) -> Result<Self> {
        let Some((quote, cart)) = view.quote.as_ref().zip(view.cart.as_ref()) else {
            return Ok(Self::empty());
        };
        let notices: Vec<&Notice> = quote.notices.iter().chain(&view.notices).collect();
        let notice_of = |line_id: &str| {
            let index = cart.lines.iter().position(|line| line.id == line_id)?;
            let start = format!("/lines/{index}");
            let about = |target: &str| target == start || target.starts_with(&format!("{start}/"));
            let notice = notices.iter().find(|notice| about(&notice.target))?;
            Some(edition.words.translated(&notice.code, &notice.text))
        };
        let mut lines = quote
            .lines
            .iter()
            .map(|line| LineView::of_quote(line, quote, edition))
            .collect::<Result<Vec<_>>>()?;
        for line in &mut lines {
            line.notice = notice_of(&line.id).unwrap_or_default();
            if let Some(asked) = cart.lines.iter().find(|asked| asked.id == line.id) {
                let asked = (asked.wrap.as_str(), asked.wrap_message.as_str());
                line.wrap = WrapView::of_cart(&line.id, asked, quote, edition)?;
            }
        }
        for line in
            cart.lines.iter().filter(|line| !quote.lines.iter().any(|quoted| quoted.line_id == line.id))
        {
            lines.push(not_sold(&line.id, line.quantity, notice_of(&line.id), edition));
        }
        let blocked = notices.iter().any(|notice| notice.level == "error");
        Ok(Self {
            key: request::new_key(),
            can_check_out: !lines.is_empty() && !blocked,
            count: cart.lines.iter().map(|line| line.quantity).sum(),
            codes: codes(quote, &cart.codes, edition),
            sums: sum_lines(&quote.totals, &edition.words)?,
            tax_included: quote.tax_included,
            other_currency: if cart.currency == edition.currency.code() {
                String::new()
            } else {
                cart.currency.clone()
            },
            lines,
            gifts: quote.gifts.iter().map(GiftView::of).collect(),
            ..Self::default()
        })
    }
}

impl GiftView {
    fn of(gift: &GiftOffer) -> Self {
        Self { title: gift.title.clone(), variant_id: gift.variant_id.clone(), pieces: gift.pieces }
    }
}

/// A line of something that is sold no more: it can be removed only.
fn not_sold(id: &str, quantity: i64, notice: Option<String>, edition: &Edition) -> LineView {
    LineView {
        id: id.to_owned(),
        url: String::new(),
        title: edition.say("no-longer-sold"),
        variant_title: String::new(),
        picture: None,
        tint: 0,
        quantity,
        offered: QuantityView::of(None),
        unit_price: String::new(),
        compare_at: String::new(),
        subtotal: String::new(),
        discount: String::new(),
        notice: notice.unwrap_or_else(|| edition.say("please-remove")),
        waits: String::new(),
        wrap: WrapView::default(),
    }
}

pub(crate) fn codes(quote: &Quote, asked: &[String], edition: &Edition) -> Vec<CodeView> {
    let view = |code: &String| {
        let same = |other: &str| other.eq_ignore_ascii_case(code);
        if let Some(rejected) = quote.rejected_codes.iter().find(|rejected| same(&rejected.code)) {
            let text = edition.words.translated(&rejected.reason, &rejected.text);
            return CodeView { code: code.clone(), text: answer::sentence(&text), refused: true };
        }
        if quote.groups.iter().any(|group| same(&group.code)) {
            let text = edition.say("group-code");
            return CodeView { code: code.clone(), text, refused: false };
        }
        let discount = quote.discounts.iter().find(|discount| same(&discount.code));
        let text = discount.map(|discount| discount.title.clone()).unwrap_or_default();
        CodeView { code: code.clone(), text, refused: false }
    };
    asked.iter().map(view).collect()
}
