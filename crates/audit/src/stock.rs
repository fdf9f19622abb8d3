//! Stock beside its ledger and what reservations hold.

use argosy_contracts::inventory::LevelInBooks;
use argosy_kernel::Result;

use crate::{
    Books, ctx,
    difference::{Look, Rule},
    stretches::{behind, each},
};

const ON_HAND: Rule =
    ("stock-on-hand", "count it and set the level; `sold` in the ledger is what orders took");
const RESERVED: Rule = ("stock-reserved", "stop selling it and correct `reserved` to what reservations hold");
const LEDGER: Rule = ("ledger-reserved", "compare the variant's movements with its reservations");
const OVERSOLD: Rule = ("stock-oversold", "find the orders that cannot be delivered and tell their buyers");

pub(crate) async fn compare(books: &Books, look: &mut Look) -> Result<()> {
    let read = async |after| {
        let stretch = books.inventory.read_levels(&ctx(), behind(after)).await?;
        Ok((stretch.levels, stretch.next))
    };
    each(read, |level| compare_level(&level, look)).await
}

fn compare_level(level: &LevelInBooks, look: &mut Look) {
    look.compared.levels += 1;
    let id = format!("{} at {}", level.variant_id, level.location_id);
    look.expect(ON_HAND, &id, level.ledger_on_hand, level.on_hand);
    look.expect(RESERVED, &id, level.held, level.reserved);
    look.expect(LEDGER, &id, level.held, level.ledger_reserved);
    if !level.unlimited && level.on_hand < level.reserved {
        look.note(OVERSOLD, &id, format!("at least {} on hand", level.reserved), level.on_hand.to_string());
    }
}
