//! Gift cards for those who issue them. Buyers pay with them as with any other means.

use argosy_contracts::payments::{
    CheckGiftCardRequest, CheckGiftCardResponse, GetGiftCardRequest, GiftCard as WireGiftCard,
    GiftCardEntry as WireEntry, IssueGiftCardRequest,
};
use argosy_kernel::{Actor, Ctx, Currency, Error, Money, Result};

use crate::{
    domain::{CardCode, GiftCard},
    error,
    store::GiftCards,
};

const NOTE_LETTERS_MAX: usize = 200;
/// More money on one card is a slip of the finger.
const MINOR_MAX: i64 = 1_000_000_000_000;

/// Issues a card, once per code.
pub(crate) async fn issue(
    cards: &GiftCards,
    ctx: &Ctx,
    request: IssueGiftCardRequest,
) -> Result<WireGiftCard> {
    check_staff(ctx)?;
    let code = CardCode::read(&request.code)?;
    let amount = request.amount.ok_or_else(|| Error::invalid_field("/amount", "is missing"))?;
    let amount = Money::try_from(amount)?;
    if !(1..=MINOR_MAX).contains(&amount.minor) {
        return Err(Error::invalid_field("/amount", "must be above 0, and not that large"));
    }
    if request.expires_at_ms < 0 || (request.expires_at_ms > 0 && request.expires_at_ms <= cards.now_ms()) {
        return Err(Error::invalid_field("/expires_at_ms", "must be in the future, or 0"));
    }
    if request.note.chars().count() > NOTE_LETTERS_MAX || request.note.chars().any(char::is_control) {
        let message = format!("must have at most {NOTE_LETTERS_MAX} characters and no control characters");
        return Err(Error::invalid_field("/note", message));
    }
    let is_new = cards.issue(&code, amount, request.expires_at_ms, &request.note).await?;
    let card = cards.card(&code.card_id()).await?.ok_or_else(error::gift_card_not_found)?;
    if !is_new && (card.issued != amount || card.expires_at_ms != request.expires_at_ms) {
        return Err(error::gift_card_exists());
    }
    Ok(to_wire(card))
}

/// A card by its code or its id.
pub(crate) async fn get(cards: &GiftCards, ctx: &Ctx, request: GetGiftCardRequest) -> Result<WireGiftCard> {
    check_staff(ctx)?;
    let id = if request.code_or_id.starts_with("gift_") {
        request.code_or_id
    } else {
        CardCode::read(&request.code_or_id).map_err(|_| error::gift_card_not_found())?.card_id()
    };
    cards.card(&id).await?.map(to_wire).ok_or_else(error::gift_card_not_found)
}

/// What a card can pay now, for whoever has its code.
pub(crate) async fn check(cards: &GiftCards, request: CheckGiftCardRequest) -> Result<CheckGiftCardResponse> {
    let code = CardCode::read(&request.code)?;
    let currency: Currency =
        request.currency.parse().map_err(|why| Error::invalid_field("/currency", format!("{why}")))?;
    let card = cards.card(&code.card_id()).await?;
    let of_currency = card.as_ref().filter(|card| card.balance.currency == currency);
    let available = match of_currency {
        Some(card) => card.available(cards.now_ms())?,
        None => Money::zero(currency),
    };
    let (reason, text) = if available.is_zero() {
        GiftCard::why_not(card.as_ref(), currency, cards.now_ms())?
    } else {
        ("", String::new())
    };
    Ok(CheckGiftCardResponse {
        id: code.card_id(),
        hint: code.hint().to_owned(),
        available: Some(available.into()),
        failure_reason: reason.to_owned(),
        failure_text: text,
    })
}

pub(crate) fn check_staff(ctx: &Ctx) -> Result<()> {
    match ctx.actor {
        Actor::Staff(_) | Actor::System(_) => Ok(()),
        _ => Err(error::staff_only()),
    }
}

fn to_wire(card: GiftCard) -> WireGiftCard {
    let entry = |entry: crate::domain::GiftCardEntry| WireEntry {
        kind: entry.kind,
        reference: entry.reference,
        amount: entry.amount,
        time_ms: entry.time_ms,
    };
    WireGiftCard {
        id: card.id,
        hint: card.hint,
        issued: Some(card.issued.into()),
        balance: Some(card.balance.into()),
        held: Some(card.held.into()),
        expires_at_ms: card.expires_at_ms,
        note: card.note,
        entries: card.entries.into_iter().map(entry).collect(),
    }
}
