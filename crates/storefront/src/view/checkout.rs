//! The checkout on one page.

use argosy_contracts::{
    common::{Address, Notice},
    orders::Checkout,
    payments::{PaymentMethod, SavedMethod},
    pricing::{Parcel, ParcelLine, Quote, QuotedLine},
};
use argosy_kernel::{FieldError, Result};
use serde::Serialize;

use super::{
    Choice, Link,
    cart::LineView,
    field::{self, Field, address_fields, place_errors},
    money::{SumLine, seen_total, sum_lines, tax_notes},
    parcel::{arrival, item_title, parcel_title},
    saved::{SAVED, SavedView, saved},
    wrap::WrapView,
};
use crate::{answer, edition::Edition, language::Words, price, request, request::Fields};

/// What the pretended card can do, for trying the shop.
const TEST_TOKENS: [(&str, &str); 9] = [
    ("tok_ok", "test-card-ok"),
    ("tok_declined", "test-card-declined"),
    ("tok_needs_action", "test-card-needs-action"),
    ("tok_slow", "test-card-slow"),
    ("tok_timeout", "test-card-timeout"),
    ("tok_capture_fails", "test-card-capture-fails"),
    ("tok_away", "test-card-away"),
    ("tok_vanishes", "test-card-vanishes"),
    ("tok_declined_later", "test-card-declined-later"),
];

/// The provider whose token is a code that the buyer types.
pub(crate) const GIFT_CARD: &str = "gift_card";

#[derive(Debug, Serialize)]
struct Delivery {
    id: String,
    title: String,
    detail: String,
    price: String,
    chosen: bool,
}

/// What travels together.
#[derive(Debug, Serialize)]
struct ParcelView {
    title: String,
    items: Vec<String>,
    /// Empty: not known.
    arrival: String,
}

#[derive(Debug, Serialize)]
struct RememberBox {
    checked: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Payment {
    value: String,
    title: String,
    description: String,
    is_test: bool,
    /// Not empty: the card goes into the provider's own fields, which need this.
    pub(super) public_key: String,
    provider: String,
    /// Whether it is paid with by a code that the buyer types.
    takes_code: bool,
    /// The box with which the buyer has it remembered on this device; `None`: it cannot be.
    remember: Option<RememberBox>,
    chosen: bool,
}

/// A gift card that pays a part.
#[derive(Debug, Serialize)]
pub(crate) struct GiftCardView {
    /// Carried by the form: whoever has it may spend it.
    pub(crate) code: String,
    pub(crate) label: String,
    /// What it pays, below 0.
    pub(crate) amount: String,
    /// The same in minor units.
    pub(crate) pays: i64,
}

/// What gift cards pay, and what is left.
#[derive(Debug, Default, Serialize)]
pub(crate) struct GiftCards {
    pub(crate) cards: Vec<GiftCardView>,
    /// Why one pays nothing; empty: they all do.
    pub(crate) error: String,
    /// What is to be paid otherwise.
    pub(crate) left: String,
    pub(crate) cover_all: bool,
    /// Whether the shop takes some.
    offered: bool,
}

#[derive(Debug, Serialize)]
struct NoticeView {
    level: String,
    text: String,
    /// Not empty: the buyer can accept it with this.
    token: String,
}

/// Something to mend, and the field where.
#[derive(Debug, Serialize)]
struct Mistake {
    field: String,
    text: String,
}

/// The checkout on one page.
#[derive(Debug, Serialize)]
pub(crate) struct CheckoutPage {
    pub(crate) id: String,
    key: String,
    contact: Vec<Field>,
    shipping: Vec<Field>,
    billing: Vec<Field>,
    billing_differs: bool,
    requires_shipping: bool,
    deliveries: Vec<Delivery>,
    /// Empty unless there are several.
    parcels: Vec<ParcelView>,
    delivery_error: String,
    /// What is saved in the visitor's wallet.
    saved: Vec<SavedView>,
    payments: Vec<Payment>,
    payment_error: String,
    pub(crate) gift: GiftCards,
    test_tokens: Vec<Choice>,
    notices: Vec<NoticeView>,
    /// Where the cart is in the currency that its destination pays in; `None`: here.
    pub(crate) elsewhere: Option<Link>,
    mistakes: Vec<Mistake>,
    /// What happened, above everything else; empty: nothing.
    message: String,
    lines: Vec<LineView>,
    sums: Vec<SumLine>,
    total: String,
    seen_total: String,
    /// Of what the shop put together: which of its changes the buyer has seen. Empty: the buyer put it together.
    seen: String,
    tax_included: bool,
    tax_notes: Vec<String>,
}

/// What the page is made from besides the checkout.
pub(crate) struct Offered<'a> {
    pub(crate) methods: &'a [PaymentMethod],
    /// What the visitor has saved.
    pub(crate) saved: &'a [SavedMethod],
    pub(crate) countries: &'a [Choice],
    pub(crate) country: &'a str,
    pub(crate) edition: &'a Edition,
    /// A country that the buyer has just chosen, for `shipping` or `billing`: its fields are wanted.
    pub(crate) looked_at: Option<(&'a str, &'a str)>,
}

impl CheckoutPage {
    /// The page with what is stored, and over it what a form just held, so that no input is lost.
    pub(crate) fn new(checkout: &Checkout, form: Option<&Fields>, offered: &Offered<'_>) -> Result<Self> {
        let (edition, words) = (offered.edition, &*offered.edition.words);
        let quote = checkout.quote.clone().unwrap_or_default();
        let stored = checkout.shipping_address.clone();
        let start = || Address { country: offered.country.to_owned(), ..Address::default() };
        let sent =
            |prefix| form.filter(|form| form.has("email")).map(|form| field::read_address(prefix, form));
        let shipping = sent("shipping").or_else(|| stored.clone()).unwrap_or_else(start);
        let billing = checkout.billing_address.clone();
        let differs = billing.is_some() && billing != stored;
        let billing_differs = form.map_or(differs, |form| form.has("billing_differs"));
        let billing = sent("billing").or(billing.filter(|_| differs)).unwrap_or_else(start);
        let in_country = |prefix: &str, address: Address| match offered.looked_at {
            Some((one, country)) if one == prefix => Address { country: country.to_owned(), ..address },
            _ => address,
        };
        let (shipping, billing) = (in_country("shipping", shipping), in_country("billing", billing));
        let email =
            form.filter(|form| form.has("email")).map_or(checkout.email.as_str(), |form| form.text("email"));
        let saved = saved(offered.saved, form.map_or("", |form| form.text("payment")), words);
        let line = |line: &QuotedLine| -> Result<LineView> {
            let wrap = WrapView::told(&line.line_id, &quote.fees, "", edition)?;
            Ok(LineView { wrap, ..LineView::of_quote(line, &quote, edition)? })
        };
        let lines = quote.lines.iter().map(line).collect::<Result<Vec<_>>>()?;
        let mut page = Self {
            id: checkout.id.clone(),
            key: request::new_key(),
            contact: vec![email_field(email, words)],
            shipping: address_fields("shipping", &shipping, offered.countries, words),
            billing: address_fields("billing", &billing, offered.countries, words),
            billing_differs,
            requires_shipping: quote.requires_shipping,
            deliveries: deliveries(checkout, words)?,
            parcels: parcels(&quote, words),
            delivery_error: String::new(),
            payments: payments(offered.methods, form, saved.iter().any(|one| one.chosen), words),
            saved,
            payment_error: String::new(),
            gift: GiftCards::default(),
            test_tokens: test_tokens(form.map_or("", |form| form.text("test_token")), words),
            notices: Vec::new(),
            elsewhere: None,
            mistakes: Vec::new(),
            message: String::new(),
            lines,
            total: price::format_wire(quote.total.as_ref(), words)?,
            seen_total: seen_total(Some(&quote)),
            seen: checkout.seen.clone(),
            sums: sum_lines(&quote.totals, words)?,
            tax_included: quote.tax_included,
            tax_notes: tax_notes(&quote.tax_notes, words),
        };
        if !page.requires_shipping {
            page.shipping.iter_mut().for_each(Field::make_optional);
        }
        page.add_notices(&checkout.notices, words);
        Ok(page)
    }

    /// Shows what must be known or accepted. One about a line stands at the line, too.
    fn add_notices(&mut self, notices: &[Notice], words: &Words) {
        for notice in notices {
            let text = words.translated(&notice.code, &notice.text);
            let index =
                notice.target.strip_prefix("/lines/").and_then(|rest| rest.split('/').next()?.parse().ok());
            if let Some(line) = index.and_then(|index: usize| self.lines.get_mut(index)) {
                line.notice.clone_from(&text);
            }
            let token = if notice.resolution == "accept" { notice.token.clone() } else { String::new() };
            self.notices.push(NoticeView {
                level: notice.level.clone(),
                text: answer::sentence(&text),
                token,
            });
        }
    }

    /// Whether a card goes into a provider's own fields here.
    pub(crate) fn has_card_fields(&self) -> bool {
        self.payments.iter().any(Payment::has_card_fields)
    }

    /// Shows what gift cards pay, if the shop takes some. They pay beside another payment, so they are none of the others.
    pub(crate) fn take_gift_cards(&mut self, gift: GiftCards) {
        let others = self.payments.iter().filter(|payment| !payment.takes_code).count();
        let offered = others < self.payments.len();
        if others > 0 {
            self.payments.retain(|payment| !payment.takes_code);
            let is_saved_chosen = self.saved.iter().any(|saved| saved.chosen);
            if !is_saved_chosen && !self.payments.iter().any(|payment| payment.chosen) {
                self.payments[0].chosen = true;
            }
        }
        if !gift.error.is_empty() {
            self.mistakes.push(Mistake { field: "gift_code".to_owned(), text: gift.error.clone() });
        }
        self.gift = GiftCards { offered, ..gift };
    }

    /// Says what happened, above everything else.
    pub(crate) fn say(&mut self, message: impl Into<String>) {
        self.message = message.into();
    }

    /// Says at the payment what went wrong there.
    pub(crate) fn refuse_payment(&mut self, text: impl Into<String>) {
        self.payment_error = text.into();
        self.mistakes.push(Mistake { field: "payment".to_owned(), text: self.payment_error.clone() });
    }

    /// Puts errors at their fields, and all of them into the summary.
    pub(crate) fn add_errors(&mut self, errors: &[FieldError], words: &Words) {
        let fields = self.contact.iter_mut().chain(&mut self.shipping).chain(&mut self.billing);
        for error in place_errors(fields, errors, words) {
            let text = answer::field_sentence(&error, words);
            match field::name_of(&error.pointer).as_str() {
                "shipping_option" => self.delivery_error = text,
                "payment" => self.payment_error = text,
                _ => self.message = text,
            }
        }
        let fields = self.contact.iter().chain(&self.shipping).chain(&self.billing);
        let mistakes = fields.filter(|field| !field.error.is_empty()).map(|field| Mistake {
            field: field.name.clone(),
            text: words.say_with(
                "mistake",
                [("label", field.label.as_str().into()), ("problem", field.error.as_str().into())],
            ),
        });
        self.mistakes.extend(mistakes.collect::<Vec<_>>());
        for (field, text) in [("shipping_option", &self.delivery_error), ("payment", &self.payment_error)] {
            if !text.is_empty() {
                self.mistakes.push(Mistake { field: field.to_owned(), text: text.clone() });
            }
        }
    }
}

fn email_field(value: &str, words: &Words) -> Field {
    Field {
        name: "email".to_owned(),
        label: words.say("email"),
        kind: "email",
        autocomplete: "email".to_owned(),
        value: value.to_owned(),
        required: true,
        enforced: true,
        ..Field::default()
    }
}

fn deliveries(checkout: &Checkout, words: &Words) -> Result<Vec<Delivery>> {
    let Some(quote) = checkout.quote.as_ref() else { return Ok(Vec::new()) };
    let view = |option: &argosy_contracts::pricing::ShippingOption| {
        let free = option.price.as_ref().is_some_and(|price| price.minor == 0);
        let price = if free { words.say("free") } else { price::format_wire(option.price.as_ref(), words)? };
        let is_collected = !option.pickup_location_id.is_empty();
        let days = match (option.days_min, option.days_max) {
            (_, 0) => String::new(),
            (0, most) if is_collected => words.say_with("ready-within", [("days", most.into())]),
            (least, most) if least >= most || most == 1 => {
                words.say_with("working-days", [("days", most.into())])
            }
            (least, most) => {
                words.say_with("working-days-range", [("least", least.into()), ("most", most.into())])
            }
        };
        let detail: Vec<&str> =
            [option.carrier.as_str(), days.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
        Ok(Delivery {
            id: option.id.clone(),
            title: words.translated("", &option.title),
            detail: detail.join(", "),
            price,
            chosen: option.id == quote.shipping_option_id,
        })
    };
    quote.shipping_options.iter().map(view).collect()
}

/// How an order travels that does not travel as one.
fn parcels(quote: &Quote, words: &Words) -> Vec<ParcelView> {
    if quote.parcels.len() < 2 {
        return Vec::new();
    }
    let item = |of: &ParcelLine| {
        let line = quote.lines.iter().find(|line| line.line_id == of.line_id)?;
        Some(item_title(of.quantity, line))
    };
    let parcel = |(index, parcel): (usize, &Parcel)| ParcelView {
        title: parcel_title(index, quote.parcels.len(), words),
        items: parcel.lines.iter().filter_map(item).collect(),
        arrival: arrival(&parcel.earliest, &parcel.latest, words),
    };
    quote.parcels.iter().enumerate().map(parcel).collect()
}

pub(super) fn payments(
    methods: &[PaymentMethod],
    form: Option<&Fields>,
    is_saved_chosen: bool,
    words: &Words,
) -> Vec<Payment> {
    let chosen = form.map_or("", |form| form.text("payment"));
    let mut payments: Vec<Payment> = methods
        .iter()
        .map(|method| {
            let value = format!("{}:{}", method.provider, method.method);
            Payment {
                chosen: value == chosen,
                value,
                title: words.translated("", &method.title),
                description: words.translated("", &method.description),
                is_test: method.provider == "test",
                public_key: method.public_key.clone(),
                provider: method.provider.clone(),
                takes_code: method.provider == GIFT_CARD,
                remember: method.can_be_saved.then(|| RememberBox {
                    checked: form.is_some_and(|form| form.has(&remember_field(&method.provider))),
                }),
            }
        })
        .collect();
    if !is_saved_chosen
        && !payments.iter().any(|payment| payment.chosen)
        && let Some(first) = payments.first_mut()
    {
        first.chosen = true;
    }
    payments
}

/// The ways to pay of which something can be saved, without a purchase.
pub(crate) fn saveable(methods: &[PaymentMethod], form: Option<&Fields>, words: &Words) -> Vec<Payment> {
    let methods: Vec<PaymentMethod> = methods.iter().filter(|method| method.can_be_saved).cloned().collect();
    let mut payments = payments(&methods, form, false, words);
    payments.iter_mut().for_each(Payment::is_not_remembered);
    payments
}

impl Payment {
    /// There is no box to have it remembered.
    pub(super) fn is_not_remembered(&mut self) {
        self.remember = None;
    }

    /// Whether the card goes into the provider's own fields.
    pub(crate) fn has_card_fields(&self) -> bool {
        !self.public_key.is_empty()
    }
}

pub(crate) fn test_tokens(chosen: &str, words: &Words) -> Vec<Choice> {
    TEST_TOKENS.iter().map(|(token, label)| Choice::new(token, &words.say(label), *token == chosen)).collect()
}

/// The box with which a buyer has what pays remembered.
fn remember_field(provider: &str) -> String {
    format!("remember.{provider}")
}

/// What a form pays with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) provider: String,
    /// The provider's, or the id of what is saved. Empty if the provider's own fields gave none: without JavaScript they
    /// cannot be filled in.
    pub(crate) token: String,
    /// It is in the visitor's wallet.
    pub(crate) is_saved: bool,
    /// It is to be, from now on.
    pub(crate) remember: bool,
}

/// What a form chose to pay with.
pub(crate) fn chosen_payment(form: &Fields) -> Option<Chosen> {
    let chosen = form.text("payment");
    if let Some(saved) = chosen.strip_prefix(SAVED) {
        let (provider, token) = saved.split_once(':')?;
        let (provider, token) = (provider.to_owned(), token.to_owned());
        return Some(Chosen { provider, token, is_saved: true, remember: false });
    }
    let (provider, method) = chosen.split_once(':')?;
    let own = format!("token.{provider}");
    let token = match provider {
        "test" => Some(form.text("test_token")).filter(|token| !token.is_empty()).unwrap_or(TEST_TOKENS[0].0),
        _ if form.has(&own) => form.text(&own),
        _ => method,
    };
    let remember = form.has(&remember_field(provider));
    Some(Chosen { provider: provider.to_owned(), token: token.to_owned(), is_saved: false, remember })
}
