//! The cart document.

use std::collections::VecDeque;

use argosy_kernel::{CartId, Currency, LineId, OrderId, Result, Timestamp, VariantId};
use serde::{Deserialize, Serialize};

use super::Command;
use crate::error;

const LINES_MAX: usize = 100;
pub(crate) const QUANTITY_MAX: i64 = 9_999;
const CODES_MAX: usize = 10;
/// Keys of the latest changes that are remembered to know a retry.
const KEYS_MAX: usize = 32;

/// A cart as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cart {
    pub(crate) id: CartId,
    pub(crate) currency: Currency,
    /// The market that its buyer looks at the shop in; empty: not said. Carts of an earlier release say none.
    #[serde(default)]
    pub(crate) market: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) codes: Vec<String>,
    pub(crate) order: Option<OrderId>,
    pub(crate) merged_into: Option<CartId>,
    pub(crate) created_at: Timestamp,
    keys: VecDeque<String>,
}

/// What is wanted of a variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) id: LineId,
    pub(crate) variant: VariantId,
    pub(crate) quantity: i64,
    /// What its units are wrapped in, by the fee's name; empty: nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) wrap: String,
    /// What is to be written: a person's, so it leaves with the cart's life.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) wrap_message: String,
}

impl Line {
    fn new(id: LineId, variant: VariantId, quantity: i64) -> Self {
        Self { id, variant, quantity, wrap: String::new(), wrap_message: String::new() }
    }
}

impl Cart {
    pub(crate) fn new(id: CartId, currency: Currency, market: String, created_at: Timestamp) -> Self {
        let (lines, codes, keys) = (Vec::new(), Vec::new(), VecDeque::new());
        Self { id, currency, market, lines, codes, order: None, merged_into: None, created_at, keys }
    }

    /// Applies commands, all or none; a change whose key was seen before is not made again.
    pub(crate) fn apply(&mut self, key: Option<&str>, commands: &[Command]) -> Result<()> {
        self.refuse_if_completed()?;
        if self.has_applied(key) {
            return Ok(());
        }
        let mut changed = self.clone();
        for (index, command) in commands.iter().enumerate() {
            changed.apply_one(index, command)?;
        }
        if let Some(key) = key {
            changed.remember(key);
        }
        *self = changed;
        Ok(())
    }

    /// Whether a change of this key was made before.
    pub(crate) fn has_applied(&self, key: Option<&str>) -> bool {
        key.is_some_and(|key| self.keys.iter().any(|seen| seen == key))
    }

    fn apply_one(&mut self, index: usize, command: &Command) -> Result<()> {
        let pointer = || format!("/commands/{index}/quantity");
        match command {
            Command::Add { line, variant, quantity } => match self.place_of(*variant) {
                Some(place) => {
                    let quantity = self.lines[place].quantity.saturating_add(*quantity);
                    self.lines[place].quantity = checked_quantity(quantity, pointer)?;
                }
                None if self.lines.len() >= LINES_MAX => return Err(error::cart_full("lines", LINES_MAX)),
                None => {
                    let quantity = checked_quantity(*quantity, pointer)?;
                    self.lines.push(Line::new(*line, *variant, quantity));
                }
            },
            Command::SetQuantity { line, quantity: 0 } | Command::Remove { line } => {
                self.lines.retain(|existing| existing.id != *line);
            }
            Command::SetQuantity { line, quantity } => {
                let existing = self.lines.iter_mut().find(|existing| existing.id == *line);
                existing.ok_or_else(|| error::line_not_found(*line))?.quantity =
                    checked_quantity(*quantity, pointer)?;
            }
            Command::AddCode { code } => {
                if self.codes.iter().any(|existing| existing.eq_ignore_ascii_case(code)) {
                    return Ok(());
                }
                if self.codes.len() >= CODES_MAX {
                    return Err(error::cart_full("codes", CODES_MAX));
                }
                self.codes.push(code.clone());
            }
            Command::RemoveCode { code } => {
                self.codes.retain(|existing| !existing.eq_ignore_ascii_case(code));
            }
            Command::SetWrap { line, wrap, message } => {
                let existing = self.lines.iter_mut().find(|existing| existing.id == *line);
                let existing = existing.ok_or_else(|| error::line_not_found(*line))?;
                existing.wrap.clone_from(wrap);
                existing.wrap_message.clone_from(message);
            }
            Command::SetCurrency { currency, market } => {
                self.currency = *currency;
                self.market.clone_from(market);
            }
        }
        Ok(())
    }

    fn place_of(&self, variant: VariantId) -> Option<usize> {
        self.lines.iter().position(|line| line.variant == variant)
    }

    /// Takes another cart's lines and codes in, once. What does not fit is capped: merging never fails.
    pub(crate) fn take_in(&mut self, other: &Self) -> Result<()> {
        self.refuse_if_completed()?;
        let key = merge_key(other.id);
        if self.keys.contains(&key) {
            return Ok(());
        }
        for line in &other.lines {
            match self.place_of(line.variant) {
                Some(place) => {
                    let quantity = self.lines[place].quantity.saturating_add(line.quantity);
                    let mine = &mut self.lines[place];
                    mine.quantity = quantity.min(QUANTITY_MAX);
                    if mine.wrap.is_empty() {
                        mine.wrap.clone_from(&line.wrap);
                        mine.wrap_message.clone_from(&line.wrap_message);
                    }
                }
                None if self.lines.len() < LINES_MAX => self.lines.push(line.clone()),
                None => {}
            }
        }
        for code in &other.codes {
            if self.codes.len() < CODES_MAX
                && !self.codes.iter().any(|existing| existing.eq_ignore_ascii_case(code))
            {
                self.codes.push(code.clone());
            }
        }
        self.remember(&key);
        Ok(())
    }

    /// Ends it as an order, which has what is to be written with its goods from here on.
    pub(crate) fn become_order(&mut self, order: OrderId) -> Result<()> {
        if let Some(other) = self.order.filter(|other| *other != order) {
            return Err(error::cart_completed(self.id, other));
        }
        self.order = Some(order);
        self.lines.iter_mut().for_each(|line| line.wrap_message.clear());
        Ok(())
    }

    pub(crate) fn refuse_if_completed(&self) -> Result<()> {
        self.order.map_or(Ok(()), |order| Err(error::cart_completed(self.id, order)))
    }

    fn remember(&mut self, key: &str) {
        self.keys.push_back(key.to_owned());
        if self.keys.len() > KEYS_MAX {
            self.keys.pop_front();
        }
    }
}

fn merge_key(from: CartId) -> String {
    format!("merge:{from}")
}

fn checked_quantity(quantity: i64, pointer: impl Fn() -> String) -> Result<i64> {
    if quantity > QUANTITY_MAX {
        Err(error::quantity_too_large(pointer(), QUANTITY_MAX))
    } else {
        Ok(quantity)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cart() -> Cart {
        Cart::new(CartId::new(), Currency::EUR, String::new(), Timestamp::default())
    }

    fn add(variant: VariantId, quantity: i64) -> Command {
        Command::Add { line: LineId::new(), variant, quantity }
    }

    #[test]
    fn adding_the_same_variant_twice_makes_one_line() {
        let (mut cart, variant) = (cart(), VariantId::new());
        cart.apply(None, &[add(variant, 1), add(variant, 2)]).unwrap();
        assert_eq!(cart.lines.iter().map(|line| line.quantity).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn law_4_a_retry_with_the_same_key_adds_once() {
        let (mut cart, variant) = (cart(), VariantId::new());
        cart.apply(Some("k"), &[add(variant, 1)]).unwrap();
        cart.apply(Some("k"), &[add(variant, 1)]).unwrap();
        assert_eq!(cart.lines[0].quantity, 1);
    }

    #[test]
    fn a_command_that_fails_takes_the_others_with_it() {
        let (mut cart, variant) = (cart(), VariantId::new());
        let before = cart.clone();
        assert!(cart.apply(Some("k"), &[add(variant, 1), add(variant, QUANTITY_MAX)]).is_err());
        assert_eq!(cart, before);
    }

    #[test]
    fn a_wrapped_line_stays_wrapped_whatever_happens_to_its_quantity() {
        let (mut cart, variant, line) = (cart(), VariantId::new(), LineId::new());
        let wrap = Command::SetWrap { line, wrap: "ribbon".to_owned(), message: "For you".to_owned() };
        cart.apply(None, &[Command::Add { line, variant, quantity: 1 }, wrap]).unwrap();
        cart.apply(None, &[add(variant, 2), Command::SetQuantity { line, quantity: 2 }]).unwrap();
        assert_eq!((cart.lines[0].quantity, cart.lines[0].wrap.as_str()), (2, "ribbon"));
        let unknown = Command::SetWrap { line: LineId::new(), wrap: String::new(), message: String::new() };
        assert_eq!(cart.apply(None, &[unknown]).unwrap_err().reason(), "LINE_NOT_FOUND");
    }

    #[test]
    fn law_6_merging_keeps_what_a_line_is_wrapped_in() {
        let (mut mine, mut theirs, variant, line) = (cart(), cart(), VariantId::new(), LineId::new());
        let wrap = Command::SetWrap { line, wrap: "ribbon".to_owned(), message: "For you".to_owned() };
        theirs.apply(None, &[Command::Add { line, variant, quantity: 1 }, wrap]).unwrap();
        mine.apply(None, &[add(variant, 1)]).unwrap();
        mine.take_in(&theirs).unwrap();
        assert_eq!((mine.lines[0].wrap.as_str(), mine.lines[0].wrap_message.as_str()), ("ribbon", "For you"));
    }

    #[test]
    fn law_11_what_is_written_with_a_gift_leaves_the_cart_with_the_order() {
        let (mut cart, variant, line, order) = (cart(), VariantId::new(), LineId::new(), OrderId::new());
        let wrap = Command::SetWrap { line, wrap: "ribbon".to_owned(), message: "For you".to_owned() };
        cart.apply(None, &[Command::Add { line, variant, quantity: 1 }, wrap]).unwrap();
        cart.become_order(order).unwrap();
        cart.become_order(order).unwrap();
        assert!(cart.lines[0].wrap_message.is_empty());
        assert_eq!(cart.become_order(OrderId::new()).unwrap_err().reason(), "CART_COMPLETED");
    }

    #[test]
    fn the_hundred_and_first_line_is_refused() {
        let mut cart = cart();
        let commands: Vec<Command> = (0..LINES_MAX).map(|_| add(VariantId::new(), 1)).collect();
        cart.apply(None, &commands).unwrap();
        assert_eq!(cart.apply(None, &[add(VariantId::new(), 1)]).unwrap_err().reason(), "CART_FULL");
    }

    proptest! {
        #[test]
        fn law_6_merging_keeps_every_unit_and_happens_once(
            mine in prop::collection::vec((0u8..8, 1i64..50), 0..8),
            theirs in prop::collection::vec((0u8..8, 1i64..50), 0..8),
        ) {
            let variant = |number: u8| VariantId::from_bytes([number; 16]);
            let fill = |lines: &[(u8, i64)]| {
                let mut cart = cart();
                let commands: Vec<Command> = lines.iter().map(|(number, quantity)| add(variant(*number), *quantity)).collect();
                cart.apply(None, &commands).unwrap();
                cart
            };
            let (mut into, from) = (fill(&mine), fill(&theirs));
            into.take_in(&from).unwrap();
            into.take_in(&from).unwrap();
            for number in 0..8 {
                let wanted: i64 = mine.iter().chain(&theirs).filter(|(n, _)| *n == number).map(|(_, q)| q).sum();
                let got = into.lines.iter().find(|line| line.variant == variant(number)).map_or(0, |line| line.quantity);
                prop_assert_eq!(got, wanted);
            }
        }
    }
}
