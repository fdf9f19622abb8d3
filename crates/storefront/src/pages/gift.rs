//! Gift cards beside another payment: typed into a field of the checkout, looked up, and shown with what each pays.
//!
//! Whoever has a code may spend it, and a checkout is open to who has its address. So codes are kept nowhere: the form carries
//! them in hidden fields, as it does a provider's token, and a page with some is the answer to what was sent, never an address.
//! Sealed in `orders` they would outlive the page that they were typed into.

use argosy_contracts::{
    common,
    orders::PartPayment,
    payments::{CheckGiftCardRequest, CheckGiftCardResponse},
    pricing::Quote,
};
use argosy_kernel::{Code, Ctx, Error, Money, Result};

use crate::{
    edition::Edition,
    price,
    request::Fields,
    shop::Shop,
    view::checkout::{GIFT_CARD, GiftCardView, GiftCards},
};

/// As many as `orders` takes.
const CARDS_MAX: usize = 5;
/// The field that is typed into, the hidden ones with codes and what they pay, and the buttons that take one out.
const TYPED: &str = "gift_code";
const CODE: &str = "gift_card";
const PAYS: &str = "gift_pays";
const REMOVE: &str = "remove_gift";

/// Whether a form is about gift cards: its page must be its own answer.
pub(super) fn is_in(form: &Fields) -> bool {
    form.has(CODE) || !form.text(TYPED).is_empty() || form.has(REMOVE)
}

/// Whether a code was typed that is not applied yet, and so not seen.
pub(super) fn is_typed(form: &Fields) -> bool {
    !form.text(TYPED).is_empty()
}

/// What gift cards pay, as the buyer saw it.
pub(super) fn parts(form: &Fields, currency: &str) -> Vec<PartPayment> {
    let part = |(code, pays): (&str, &str)| PartPayment {
        provider: GIFT_CARD.to_owned(),
        token: code.to_owned(),
        amount: pays.parse().ok().map(|minor| common::Money { minor, currency: currency.to_owned() }),
    };
    form.all(CODE).zip(form.all(PAYS)).map(part).collect()
}

/// Whether they pay all.
pub(super) fn cover(parts: &[PartPayment], total: i64) -> bool {
    let paid: i64 = parts.iter().filter_map(|part| part.amount.as_ref()).map(|amount| amount.minor).sum();
    !parts.is_empty() && paid >= total
}

/// Looks up the cards of a form, with the one that was just typed and without the one that was taken out.
pub(super) async fn read(
    shop: &Shop,
    edition: &Edition,
    ctx: &Ctx,
    form: Option<&Fields>,
    quote: &Quote,
) -> Result<GiftCards> {
    let words = &*edition.words;
    let Some(total) = quote.total.clone().map(Money::try_from).transpose()? else {
        return Ok(GiftCards::default());
    };
    let nothing = Fields::default();
    let form = form.unwrap_or(&nothing);
    let removed: Option<usize> = form.text(REMOVE).parse().ok();
    let applied = form.all(CODE).enumerate().filter(|(place, _)| Some(*place) != removed);
    let typed = Some(form.text(TYPED)).filter(|code| !code.is_empty());
    let mut cards = GiftCards::default();
    let (mut left, mut seen) = (total.minor, Vec::new());
    for code in applied.map(|(_, code)| code).chain(typed) {
        // As it is written on the card; a token has no spaces.
        let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        if cards.cards.len() == CARDS_MAX {
            cards.error = edition.say("gift-cards-too-many");
            break;
        }
        let card = match look_up(shop, ctx, &code, total).await {
            Ok(card) => card,
            Err(error) => {
                cards.error = edition.say(problem(&error)?);
                continue;
            }
        };
        let available = card.available.as_ref().map_or(0, |money| money.minor);
        if seen.contains(&card.id) {
            cards.error = edition.say("gift-card-twice");
        } else if available == 0 {
            cards.error = words.translated(&card.failure_reason, &card.failure_text);
        } else if left == 0 {
            cards.error = edition.say("gift-card-not-needed");
        } else {
            let pays = available.min(left);
            left -= pays;
            let amount = price::format(Money::new(-pays, total.currency), words);
            let label = words.say_with("gift-card-ending", [("hint", card.hint.as_str().into())]);
            cards.cards.push(GiftCardView { code, label, amount, pays });
            seen.push(card.id);
        }
    }
    cards.left = price::format(Money::new(left, total.currency), words);
    cards.cover_all = left == 0 && !cards.cards.is_empty();
    Ok(cards)
}

async fn look_up(shop: &Shop, ctx: &Ctx, code: &str, total: Money) -> Result<CheckGiftCardResponse> {
    let request = CheckGiftCardRequest { code: code.to_owned(), currency: total.currency.code().to_owned() };
    shop.clients.payments.check_gift_card(ctx, request).await
}

/// What is said of a card that cannot be looked up.
fn problem(error: &Error) -> Result<&'static str> {
    match error.reason() {
        "INVALID_FIELD" => Ok("gift-card-code-wrong"),
        "PROVIDER_NOT_FOUND" => Ok("gift-card-not-here"),
        // A release before this one beside it.
        _ if error.code() == Code::Unimplemented => Ok("gift-card-not-here"),
        _ => Err(error.clone()),
    }
}
