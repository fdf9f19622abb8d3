//! Which payments a purchase is to have, and of how much each: decided before the attempt's row is written, so that whoever goes
//! on after a crash holds the same amounts.

use argosy_contracts::{
    orders::{CompleteCheckoutRequest, PartPayment},
    payments::{CheckGiftCardRequest, CheckGiftCardResponse, PaymentsClient},
};
use argosy_kernel::{Code, Ctx, Error, IntentId, Money, Result};

use crate::domain::{Attempt, GIFT_CARD, Part};

/// Beside the main one.
const PARTS_MAX: usize = 5;

/// Writes the payments that a request asks for into the attempt.
///
/// # Errors
/// `INVALID_FIELD`, naming the field by `/payments/…`.
pub(crate) async fn decide(
    payments: &PaymentsClient,
    ctx: &Ctx,
    request: &CompleteCheckoutRequest,
    attempt: &mut Attempt,
) -> Result<()> {
    let total = attempt.total()?;
    if request.also.is_empty() || total.is_zero() {
        return Ok(());
    }
    let (also, rest_place) = check(request)?;
    let mut seen = Vec::new();
    let mut left = total.minor;
    for (place, part) in also.iter().enumerate().filter(|(place, _)| Some(*place) != rest_place) {
        let pointer = format!("/payments/{place}/amount");
        let asked =
            part.amount.as_ref().map(|amount| amount_of(amount, total, left, &pointer)).transpose()?;
        if part.provider != GIFT_CARD && asked.is_none() {
            let message = "is missing: only a gift card may pay what is on it";
            return Err(Error::invalid_field(pointer, message));
        }
        let card = if part.provider == GIFT_CARD {
            let card = look_up(payments, ctx, part, total, place, asked.is_some()).await?;
            if card.as_ref().is_some_and(|card| seen.contains(&card.id)) {
                let token = format!("/payments/{place}/token");
                return Err(Error::invalid_field(token, "is the same gift card as another one of these"));
            }
            seen.extend(card.iter().map(|card| card.id.clone()));
            card
        } else {
            None
        };
        if asked.is_none() && left == 0 {
            // What came before pays all.
            continue;
        }
        let available = card.as_ref().and_then(|card| card.available.as_ref()).map_or(0, |money| money.minor);
        // A card that can pay nothing is asked all the same: the payment service says why it cannot.
        let amount = asked.unwrap_or(if available > 0 { available.min(left) } else { left });
        left -= amount;
        attempt.parts.push(Part {
            intent_id: IntentId::new(),
            provider: part.provider.clone(),
            amount,
            hint: card.map(|card| card.hint).unwrap_or_default(),
            place: Some(place),
            by_hand: false,
        });
    }
    if left > 0 {
        (attempt.provider, attempt.place) = match rest_place {
            Some(place) => (also[place].provider.clone(), Some(place)),
            None => (request.provider.clone(), None),
        };
        if attempt.provider.is_empty() {
            let message = format!("is missing: {} are left to be paid", attempt.money(left)?);
            return Err(Error::invalid_field("/payment/provider", message));
        }
    } else if let Some(last) = attempt.parts.pop() {
        // There is always a main payment: one that pays alone is like any other.
        attempt.intent_id = last.intent_id;
        (attempt.provider, attempt.place, attempt.hint) = (last.provider, last.place, last.hint);
    }
    Ok(())
}

/// The parts, and which of them has no amount because it pays the rest.
fn check(request: &CompleteCheckoutRequest) -> Result<(&[PartPayment], Option<usize>)> {
    let also = request.also.as_slice();
    let last = also.len() - 1;
    let pays_rest =
        request.provider.is_empty() && also[last].provider != GIFT_CARD && also[last].amount.is_none();
    if also.len() > PARTS_MAX + usize::from(pays_rest) {
        let message = format!("must be at most {PARTS_MAX} besides the one that pays the rest");
        return Err(Error::invalid_field("/payments", message));
    }
    for (place, part) in also.iter().enumerate() {
        for (field, text) in [("provider", &part.provider), ("token", &part.token)] {
            if text.is_empty() {
                return Err(Error::invalid_field(
                    pointer(Some(place), pays_rest.then_some(last), field),
                    "is missing",
                ));
            }
        }
    }
    Ok((also, pays_rest.then_some(last)))
}

/// What pays the rest is the request's `payment`, wherever it came.
fn pointer(place: Option<usize>, rest: Option<usize>, field: &str) -> String {
    match place.filter(|_| place != rest) {
        Some(place) => format!("/payments/{place}/{field}"),
        None => format!("/payment/{field}"),
    }
}

fn amount_of(asked: &argosy_contracts::common::Money, total: Money, left: i64, pointer: &str) -> Result<i64> {
    let refuse = |message: String| Err(Error::invalid_field(pointer, message));
    if asked.currency != total.currency.code() {
        return refuse(format!("must be in {}", total.currency));
    }
    if asked.minor <= 0 {
        return refuse("must be above 0".to_owned());
    }
    if asked.minor > left {
        return refuse(format!("must be at most {left} minor units, which is what is left to be paid"));
    }
    Ok(asked.minor)
}

/// What can be paid by a gift card. `None` if that is not needed and nobody can say it.
async fn look_up(
    payments: &PaymentsClient,
    ctx: &Ctx,
    part: &PartPayment,
    total: Money,
    place: usize,
    has_amount: bool,
) -> Result<Option<CheckGiftCardResponse>> {
    let request =
        CheckGiftCardRequest { code: part.token.clone(), currency: total.currency.code().to_owned() };
    match payments.check_gift_card(ctx, request).await {
        Ok(card) => Ok(Some(card)),
        Err(error) if error.reason() == "INVALID_FIELD" => {
            let message = "must be the code of a gift card";
            Err(Error::invalid_field(format!("/payments/{place}/token"), message))
        }
        // A release before this one beside it.
        Err(error) if error.code() == Code::Unimplemented && has_amount => Ok(None),
        Err(error) if error.code() == Code::Unimplemented => {
            let message = "must be said: nobody here can look a gift card up yet";
            Err(Error::invalid_field(format!("/payments/{place}/amount"), message))
        }
        Err(error) => Err(error),
    }
}

/// The token of a payment of an attempt, in the request that the attempt is of.
pub(crate) fn token<'a>(request: &'a CompleteCheckoutRequest, part: &Part) -> &'a str {
    match part.place {
        Some(place) => request.also.get(place).map_or("", |part| part.token.as_str()),
        None => &request.token,
    }
}

/// What the payment service says of a payment's fields, by where they are in the request.
pub(crate) fn point_at(error: Error, attempt: &Attempt, part: &Part) -> Error {
    let is_rest = part.intent_id == attempt.intent_id && part.provider != GIFT_CARD;
    let Some(place) = part.place.filter(|_| !is_rest && !error.fields().is_empty()) else { return error };
    let again = Error::new(error.code(), error.reason().to_owned(), error.message().to_owned());
    error.fields().iter().fold(again, |again, field| {
        let pointer = match field.pointer.strip_prefix("/payment/") {
            Some(rest) => format!("/payments/{place}/{rest}"),
            None => field.pointer.clone(),
        };
        again.with_field(pointer, field.message.clone())
    })
}

/// Names a request without keeping its tokens or its wallet's key.
pub(crate) fn digest(request: &CompleteCheckoutRequest) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut take = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    for text in [&request.checkout_id, &request.provider, &request.token, &request.return_url] {
        take(text);
    }
    for part in &request.also {
        let amount = part.amount.as_ref().map(|amount| format!("{} {}", amount.minor, amount.currency));
        for text in [&part.provider, &part.token, &amount.unwrap_or_default()] {
            take(text);
        }
    }
    // Without a wallet it is as in releases that know of none.
    if !request.wallet_id.is_empty() {
        take(&request.wallet_id);
        take(if request.remember { "remember" } else { "" });
    }
    hasher.finalize().to_hex().to_string()
}
