//! What payments have in common that come from the same place: by it, guessing cards is noticed (card testing).
//!
//! A trail is a digest under a key of the day. Whoever reads the database cannot tell what it was made from, and when the
//! key is erased nobody can.

use std::fmt::Write as _;

use argosy_contracts::{common::Address, orders::Visitor, pricing::Quote};

/// What a trail is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Where the goods go.
    Address,
    /// The device, within its network.
    Device,
    /// The network address of whoever asks.
    Network,
    /// What is bought, and how many of each: who guesses cards buys the same again and again.
    Goods,
    /// The card, once its provider has told it: known after a decline, and before it where that is asked.
    Card,
}

/// Stands for no card: as long as it is noted, some card has been declined too often, and cards are asked about before they
/// are charged.
pub(crate) const SOME_CARD: &str = "some_card";

impl Kind {
    pub(crate) const ALL: [Self; 5] = [Self::Address, Self::Device, Self::Network, Self::Goods, Self::Card];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Device => "device",
            Self::Network => "network",
            Self::Goods => "goods",
            Self::Card => "card",
        }
    }

    /// The kind of a trail.
    pub(crate) fn of(trail: &str) -> Option<Self> {
        let name = trail.split_once(':').map_or(trail, |(name, _)| name);
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// The trails of a purchase, of what is known of it.
pub(crate) fn trails(
    key: &[u8; 32],
    visitor: Option<&Visitor>,
    ship_to: Option<&Address>,
    quote: &Quote,
) -> Vec<String> {
    let mut trails = Vec::new();
    let mut add = |kind: Kind, what: &str| {
        if !what.is_empty() {
            trails.push(trail(key, kind, what));
        }
    };
    add(Kind::Address, &ship_to.map(written_alike).unwrap_or_default());
    if let Some(Visitor { network, device }) = visitor {
        if !device.is_empty() && !network.is_empty() {
            add(Kind::Device, &format!("{device}\n{network}"));
        }
        add(Kind::Network, network);
    }
    let mut lines: Vec<(&str, i64)> =
        quote.lines.iter().map(|line| (line.variant_id.as_str(), line.quantity)).collect();
    lines.sort_unstable();
    let mut goods = String::new();
    for (variant, quantity) in lines {
        // Writing to a string cannot fail.
        let _ = write!(goods, "{variant}*{quantity} ");
    }
    add(Kind::Goods, &goods);
    trails
}

/// The trail of a card, by what its provider knows it by.
pub(crate) fn card_trail(key: &[u8; 32], provider: &str, fingerprint: &str) -> String {
    trail(key, Kind::Card, &format!("{provider}\n{fingerprint}"))
}

fn trail(key: &[u8; 32], kind: Kind, what: &str) -> String {
    let digest = blake3::keyed_hash(key, format!("{}\n{what}", kind.as_str()).as_bytes());
    format!("{}:{}", kind.as_str(), &digest.to_hex()[..32])
}

/// An address without what people write differently.
fn written_alike(address: &Address) -> String {
    let parts = [&address.country, &address.postal_code, &address.line1, &address.line2];
    let letters = |part: &&String| part.chars().filter(|each| each.is_alphanumeric()).collect::<String>();
    parts.iter().map(letters).collect::<Vec<_>>().join("\n").to_lowercase()
}

#[cfg(test)]
mod tests {
    use argosy_contracts::pricing::QuotedLine;

    use super::*;

    fn quote(lines: &[(&str, i64)]) -> Quote {
        let line = |(variant, quantity): &(&str, i64)| QuotedLine {
            variant_id: (*variant).to_owned(),
            quantity: *quantity,
            ..QuotedLine::default()
        };
        Quote { lines: lines.iter().map(line).collect(), ..Quote::default() }
    }

    fn at(line1: &str) -> Address {
        Address {
            country: "DE".to_owned(),
            postal_code: "53111".to_owned(),
            line1: line1.to_owned(),
            ..Address::default()
        }
    }

    #[test]
    fn what_is_the_same_leaves_the_same_trail_however_it_is_written() {
        let visitor = Visitor { network: "192.0.2.1".to_owned(), device: "d".to_owned() };
        let (one, other) = (quote(&[("a", 1), ("b", 2)]), quote(&[("b", 2), ("a", 1)]));
        let of = |address: &Address, quote: &Quote| trails(&[1; 32], Some(&visitor), Some(address), quote);
        let first = of(&at("Kai 1"), &one);
        assert_eq!(first.len(), 4);
        assert_eq!(first, of(&at(" KAI-1 "), &other));
        let elsewhere = of(&at("Kai 11"), &quote(&[("a", 2), ("b", 1)]));
        assert_ne!((&first[0], &first[3]), (&elsewhere[0], &elsewhere[3]));
        assert_eq!(first[1..3], elsewhere[1..3]);
        assert_ne!(first, trails(&[2; 32], Some(&visitor), Some(&at("Kai 1")), &one), "another day");
        assert!(first.iter().zip(Kind::ALL).all(|(trail, kind)| Kind::of(trail) == Some(kind)));
    }

    #[test]
    fn law_11_the_trail_of_a_card_is_no_fingerprint_and_another_one_each_day() {
        let first = card_trail(&[1; 32], "stripe", "Xt5EWLLDS7FJjR1c");
        assert_eq!(Kind::of(&first), Some(Kind::Card));
        assert!(!first.contains("Xt5EWLLDS7FJjR1c"));
        assert_eq!(first, card_trail(&[1; 32], "stripe", "Xt5EWLLDS7FJjR1c"));
        assert_ne!(first, card_trail(&[1; 32], "stripe_backup", "Xt5EWLLDS7FJjR1c"), "another one's name");
        assert_ne!(first, card_trail(&[2; 32], "stripe", "Xt5EWLLDS7FJjR1c"), "another day");
        assert_eq!(Kind::of(SOME_CARD), None, "no limit is reached by it");
    }

    #[test]
    fn what_is_not_known_leaves_no_trail() {
        assert_eq!(trails(&[1; 32], None, None, &quote(&[])), Vec::<String>::new());
        let no_device = Visitor { network: "192.0.2.1".to_owned(), device: String::new() };
        let kinds: Vec<_> = trails(&[1; 32], Some(&no_device), None, &quote(&[("a", 1)]))
            .iter()
            .map(|trail| Kind::of(trail))
            .collect();
        assert_eq!(kinds, [Some(Kind::Network), Some(Kind::Goods)]);
    }
}
