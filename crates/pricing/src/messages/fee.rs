//! Fees as messages. The message is what is stored, too: it is checked when it is put, and read with the rules.

use std::collections::HashSet;

use argosy_contracts::pricing as wire;
use argosy_kernel::{Error, ProductId, Result, Timestamp};

use super::{amounts, at_most, campaign, check_times, country, name, named, slug, text};
use crate::domain::{Fee, FeeKind, Goods};

const FEES_MAX: usize = 100;
const GOODS_MAX: usize = 500;
const COUNTRIES_MAX: usize = 250;
const PIECES_MAX: i64 = 1_000_000;
/// As many as a packing slip has room for, and as the cart takes.
const MESSAGE_LENGTH_MAX: u32 = 240;
const KINDS: [&str; 4] = ["wrap", "piece", "order", "parcel"];

/// Checks all fees of a shop.
pub(crate) fn check(messages: &[wire::Fee]) -> Result<()> {
    at_most(messages, FEES_MAX, "/fees")?;
    let mut names = HashSet::new();
    for (index, message) in messages.iter().enumerate() {
        let at = format!("/fees/{index}");
        let fee = read(message, &at)?;
        if !names.insert(fee.name) {
            return Err(Error::invalid_field(format!("{at}/name"), "stands twice in this request"));
        }
    }
    Ok(())
}

/// A fee that is right in form. `at` is where it stands.
pub(crate) fn read(message: &wire::Fee, at: &str) -> Result<Fee> {
    let wrong = |field: &str, message: &str| Error::invalid_field(format!("{at}/{field}"), message);
    let title = text(&message.title, || format!("{at}/title"))?;
    if title.is_empty() {
        return Err(wrong("title", "must not be empty: it is what a buyer reads"));
    }
    let prices = amounts(&message.amounts, &format!("{at}/amounts"))?;
    if prices.is_empty() {
        return Err(wrong("amounts", "must hold at least one, in a currency of the shop"));
    }
    check_times(message.starts_at_ms, message.ends_at_ms, at)?;
    for (field, list) in [
        ("product_ids", &message.product_ids),
        ("collection_ids", &message.collection_ids),
        ("category_ids", &message.category_ids),
        ("product_types", &message.product_types),
        ("tags", &message.tags),
    ] {
        at_most(list, GOODS_MAX, &format!("{at}/{field}"))?;
    }
    at_most(&message.countries, COUNTRIES_MAX, &format!("{at}/countries"))?;
    for (index, id) in message.product_ids.iter().enumerate() {
        id.parse::<ProductId>()
            .map_err(|error| wrong(&format!("product_ids/{index}"), &error.to_string()))?;
    }
    for (field, list) in
        [("collection_ids", &message.collection_ids), ("category_ids", &message.category_ids)]
    {
        for (index, id) in list.iter().enumerate() {
            name(id, || format!("{at}/{field}/{index}"))?;
        }
    }
    let labels = [("product_types", "type", &message.product_types), ("tags", "tag", &message.tags)];
    let tax_class = Some(&message.tax_class).filter(|class| !class.is_empty());
    let countries = message.countries.iter().enumerate();
    Ok(Fee {
        name: slug(&message.name, || format!("{at}/name"))?,
        title,
        kind: kind(message, at)?,
        amounts: prices,
        tax_class: tax_class
            .map(|class| name(class, || format!("{at}/tax_class")))
            .transpose()?
            .unwrap_or_default(),
        goods: Goods {
            products: message.product_ids.clone(),
            collections: message.collection_ids.clone(),
            labels: campaign::labels(&labels, &message.category_ids, at)?,
        },
        countries: countries
            .map(|(index, code)| country(code, || format!("{at}/countries/{index}")))
            .collect::<Result<_>>()?,
        markets: named(&message.markets, || format!("{at}/markets"))?,
        starts_at: message.starts_at_ms.map(Timestamp::from_millis),
        ends_at: message.ends_at_ms.map(Timestamp::from_millis),
        active: message.active,
    })
}

/// When it is due: what its kind has no use for must not be set.
fn kind(message: &wire::Fee, at: &str) -> Result<FeeKind> {
    let wrong = |field: &str, message: String| Err(Error::invalid_field(format!("{at}/{field}"), message));
    let kind = message.kind.as_str();
    if !KINDS.contains(&kind) {
        return wrong("kind", format!("must be one of {}", KINDS.join(", ")));
    }
    let set = [
        ("below", !message.below.is_empty(), "order"),
        ("pieces_max", message.pieces_max != 0, "wrap"),
        ("message_length_max", message.message_length_max != 0, "wrap"),
    ];
    for (field, is_set, of) in set {
        if is_set && kind != of {
            return wrong(field, format!("is not for the kind {kind}"));
        }
    }
    if !(0..=PIECES_MAX).contains(&message.pieces_max) {
        return wrong("pieces_max", format!("must be from 0 to {PIECES_MAX}"));
    }
    if message.message_length_max > MESSAGE_LENGTH_MAX {
        return wrong("message_length_max", format!("must be at most {MESSAGE_LENGTH_MAX}"));
    }
    Ok(match kind {
        "wrap" => {
            FeeKind::Wrap { pieces_max: message.pieces_max, message_length_max: message.message_length_max }
        }
        "piece" => FeeKind::Piece,
        "parcel" => FeeKind::Parcel,
        _ => FeeKind::Order { below: amounts(&message.below, &format!("{at}/below"))? },
    })
}
