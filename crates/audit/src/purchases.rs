//! Attempts beside what they took of others: money, stock and codes.

use argosy_contracts::{
    inventory::ReservationInBooks,
    orders::{AttemptInBooks, BalanceInBooks, PartInBooks},
    payments::IntentInBooks,
    pricing::RedemptionInBooks,
};
use argosy_kernel::{Code, Money, Result};

use crate::{
    Books, ctx,
    difference::{Look, Rule},
    stretches::behind,
    window::{END, Window, made_at_ms},
};

const STUCK: Rule =
    ("attempt-stuck", "see that `orders` runs and why its log says that the attempt cannot go on");
const NOT_PAID: Rule =
    ("order-not-paid", "look the payment up at the provider; take it, or cancel the order");
const AMOUNT: Rule = ("payment-amount", "compare the order with the payment; give back what is too much");
const REFUNDED: Rule =
    ("order-refunds", "compare the order's refunds with its payment; note or give back what is missing");
const DISPUTED: Rule =
    ("order-disputes", "compare what the order's ledger says of disputes with its payment's events");
const NOT_TAKEN: Rule = ("order-stock", "compare the order's lines with the ledger and count the stock");
const CODES: Rule = ("order-codes", "correct the uses of the codes");
const MONEY_KEPT: Rule = ("payment-without-order", "give the money back, or let the payment go");
const STOCK_KEPT: Rule = ("stock-without-order", "put the stock back: its checkout came to nothing");
const CODES_KEPT: Rule =
    ("codes-without-order", "correct the uses of the codes: their checkout came to nothing");
const EVENTS: Rule = ("payment-events", "compare the payment's events with the provider");
const PROVIDER: Rule = ("provider-books", "the provider is right about money; compare what was asked of it");
const RESERVATION: Rule = ("reservation-ledger", "compare the ledger's movements of this reservation");

/// After this long without anybody at work an attempt counts as forgotten.
const FORGOTTEN_MS: i64 = 60_000;

struct Windows {
    intents: Window<IntentInBooks>,
    reservations: Window<ReservationInBooks>,
    redemptions: Window<RedemptionInBooks>,
    balances: Window<BalanceInBooks>,
}

pub(crate) async fn compare(books: &Books, look: &mut Look) -> Result<()> {
    let mut windows = Windows {
        intents: Window::new(),
        reservations: Window::new(),
        redemptions: Window::new(),
        balances: Window::new(),
    };
    let mut after = String::new();
    loop {
        let stretch = books.orders.read_attempts(&ctx(), behind(after)).await?;
        let first = stretch.attempts.first().map_or(END, |attempt| made_at_ms(&attempt.id));
        let last = stretch.attempts.last().map_or(END, |attempt| made_at_ms(&attempt.id));
        windows.read_to(books, first, look).await?;
        windows.compare_balances(first, look);
        windows.tell_lost(first, look);
        windows.read_to(books, if stretch.next.is_empty() { END } else { last }, look).await?;
        for attempt in &stretch.attempts {
            windows.compare(attempt, stretch.now_ms, books.at_rest, look);
        }
        if stretch.next.is_empty() {
            windows.compare_balances(u64::MAX, look);
            windows.tell_lost(u64::MAX, look);
            return Ok(());
        }
        after = stretch.next;
    }
}

impl Windows {
    async fn read_to(&mut self, books: &Books, to_ms: u64, look: &mut Look) -> Result<()> {
        let intents = async |after| {
            let stretch = books.payments.read_intents(&ctx(), behind(after)).await?;
            Ok((stretch.intents, stretch.next))
        };
        let reservations = async |after| {
            let stretch = books.inventory.read_reservations(&ctx(), behind(after)).await?;
            Ok((stretch.reservations, stretch.next))
        };
        let redemptions = async |after| {
            let stretch = books.pricing.read_redemptions(&ctx(), behind(after)).await?;
            Ok((stretch.redemptions, stretch.next))
        };
        self.intents.read_to(to_ms, |row| row.id.clone(), intents, |row| compare_intent(row, look)).await?;
        self.reservations
            .read_to(to_ms, |row| row.id.clone(), reservations, |row| compare_reservation(row, look))
            .await?;
        let count = |_: &RedemptionInBooks| look.compared.redemptions += 1;
        self.redemptions.read_to(to_ms, |row| row.id.clone(), redemptions, count).await?;
        let balances = async |after| match books.orders.read_balances(&ctx(), behind(after)).await {
            Ok(stretch) => Ok((stretch.balances, stretch.next)),
            // A release before this one, which has none.
            Err(error) if error.code() == Code::Unimplemented => Ok((Vec::new(), String::new())),
            Err(error) => Err(error),
        };
        self.balances.read_to(to_ms, |row| row.id.clone(), balances, |_| {}).await
    }

    /// Payments of what was due after the sale, up to a time that all payments are read to.
    fn compare_balances(&mut self, to_ms: u64, look: &mut Look) {
        for (id, balance) in self.balances.take_to(to_ms) {
            let intent = self.intents.take(&id);
            compare_balance(&balance, intent.as_ref(), look);
        }
    }

    fn compare(&mut self, attempt: &AttemptInBooks, now_ms: i64, at_rest: bool, look: &mut Look) {
        look.compared.attempts += 1;
        let intent = self.intents.take(&attempt.intent_id);
        let parts: Vec<(&PartInBooks, Option<IntentInBooks>)> =
            attempt.parts.iter().map(|part| (part, self.intents.take(&part.intent_id))).collect();
        let reservations: Vec<ReservationInBooks> =
            attempt.reservation_ids.iter().filter_map(|id| self.reservations.take(id)).collect();
        let redemption = self.redemptions.take(&attempt.id);
        match attempt.state.as_str() {
            "parked" => look.compared.attempts_at_the_bank += 1,
            "done" => {}
            _ => look.compared.attempts_under_way += 1,
        }
        if attempt.state != "done" && !at_rest && attempt.lease_until_ms + FORGOTTEN_MS < now_ms {
            let since_s = (now_ms - attempt.lease_until_ms) / 1_000;
            let found = format!("nobody for {since_s} s, {}", attempt.state);
            look.note(STUCK, &attempt.id, "somebody who goes on with it", found);
        }
        let is_placed = !attempt.payment_status.is_empty();
        match (attempt.state.as_str(), is_placed) {
            ("placed" | "done", true) => {
                if parts.is_empty() {
                    compare_money(attempt, intent.as_ref(), look);
                } else {
                    compare_parts(attempt, intent.as_ref(), &parts, look);
                }
                let gone = reservations.iter().filter(|row| row.state == "committed");
                let units: i64 = gone.map(|row| row.units).sum();
                look.expect(NOT_TAKEN, &attempt.order_id, attempt.units, units);
                let codes = redemption.filter(|row| row.state == "taken").map(|row| row.codes);
                look.expect(
                    CODES,
                    &attempt.order_id,
                    named(&attempt.codes),
                    named(&codes.unwrap_or_default()),
                );
            }
            ("done", false) => {
                compare_given_up(&attempt.id, intent.as_ref(), &reservations, redemption.as_ref(), look);
                for (_, intent) in parts.iter().filter(|(part, _)| part.intent_id != attempt.intent_id) {
                    compare_given_up(&attempt.id, intent.as_ref(), &[], None, look);
                }
            }
            _ => {}
        }
    }

    /// What is of an earlier time than all attempts to come, and no attempt took it.
    fn tell_lost(&mut self, from_ms: u64, look: &mut Look) {
        for (id, intent) in self.intents.take_before(from_ms) {
            compare_given_up(&id, Some(&intent), &[], None, look);
        }
        for (id, reservation) in self.reservations.take_before(from_ms) {
            match reservation.state.as_str() {
                "held" => look.compared.reservations_held += 1,
                _ => compare_given_up(&id, None, &[reservation], None, look),
            }
        }
        for (id, redemption) in self.redemptions.take_before(from_ms) {
            compare_given_up(&id, None, &[], Some(&redemption), look);
        }
    }
}

/// The payment of an order that is there.
fn compare_money(attempt: &AttemptInBooks, intent: Option<&IntentInBooks>, look: &mut Look) {
    let total = attempt.total.clone().unwrap_or_default();
    if total.minor == 0 {
        return;
    }
    let id = attempt.order_id.as_str();
    let Some(intent) = intent else {
        return look.note(NOT_PAID, id, money(&total), "no payment");
    };
    look.expect(AMOUNT, id, money(&total), intent.amount.as_ref().map(money).unwrap_or_default());
    // While it is only placed, its money is still being taken.
    let taken = match (attempt.state.as_str(), attempt.payment_status.as_str()) {
        ("done", "pending") => intent.captured,
        ("done", _) => total.minor,
        _ => return,
    };
    let of = |minor| money(&argosy_contracts::common::Money { minor, ..total.clone() });
    // Since the order was changed its ledger says what was paid.
    let taken = attempt.ledger.as_ref().map_or(taken, |ledger| ledger.paid);
    look.expect(NOT_PAID, id, of(taken), of(intent.captured));
    let (refunded, refunding) =
        attempt.ledger.as_ref().map_or((0, 0), |ledger| (ledger.refunded, ledger.refunding));
    if !(refunded..=refunded + refunding).contains(&intent.refunded) {
        look.note(REFUNDED, id, of(refunded), of(intent.refunded));
    }
    let posted = attempt.ledger.as_ref().map_or(0, |ledger| ledger.dispute_loss);
    look.expect(DISPUTED, id, of(intent.dispute_loss), of(posted));
    if attempt.payment_status == "authorised" {
        look.note(NOT_PAID, id, "an order that says that it is paid", "authorised");
    }
}

/// The payments of an order that several paid: each beside what the order says of it, and all beside the ledger.
fn compare_parts(
    attempt: &AttemptInBooks,
    main: Option<&IntentInBooks>,
    parts: &[(&PartInBooks, Option<IntentInBooks>)],
    look: &mut Look,
) {
    let id = attempt.order_id.as_str();
    let total = attempt.total.clone().unwrap_or_default();
    let of = |minor| money(&argosy_contracts::common::Money { minor, ..total.clone() });
    look.expect(AMOUNT, id, of(total.minor), of(parts.iter().map(|(part, _)| part.amount).sum()));
    let (mut captured, mut refunded, mut disputed) = (0, 0, 0);
    for (part, intent) in parts {
        let main = main.filter(|_| part.intent_id == attempt.intent_id);
        let named = |what: String| format!("{what} by {}", part.intent_id);
        let Some(intent) = intent.as_ref().or(main) else {
            look.note(NOT_PAID, id, named(of(part.amount)), "no payment");
            continue;
        };
        let held = intent.amount.as_ref().map(money).unwrap_or_default();
        look.expect(AMOUNT, id, named(of(part.amount)), named(held));
        captured += intent.captured;
        refunded += intent.refunded;
        disputed += intent.dispute_loss;
        if attempt.state == "done" {
            look.expect(NOT_PAID, id, named(of(part.taken)), named(of(intent.captured)));
            if !(part.refunded..=part.refunded + part.refunding).contains(&intent.refunded) {
                look.note(REFUNDED, id, named(of(part.refunded)), named(of(intent.refunded)));
            }
        }
    }
    if attempt.state != "done" {
        return;
    }
    let Some(ledger) = &attempt.ledger else {
        return look.note(NOT_PAID, id, "a ledger that says what was paid", "none");
    };
    look.expect(NOT_PAID, id, of(ledger.paid), of(captured));
    if !(ledger.refunded..=ledger.refunded + ledger.refunding).contains(&refunded) {
        look.note(REFUNDED, id, of(ledger.refunded), of(refunded));
    }
    look.expect(DISPUTED, id, of(disputed), of(ledger.dispute_loss));
    if attempt.payment_status == "authorised" {
        look.note(NOT_PAID, id, "an order that says that it is paid", "authorised");
    }
}

/// A payment of what was due of an order after the sale.
fn compare_balance(balance: &BalanceInBooks, intent: Option<&IntentInBooks>, look: &mut Look) {
    let id = balance.order_id.as_str();
    let amount = balance.amount.clone().unwrap_or_default();
    let named = |minor| {
        let sum = money(&argosy_contracts::common::Money { minor, ..amount.clone() });
        format!("{sum} by {}", balance.id)
    };
    match (balance.state.as_str(), intent) {
        ("paid", None) => look.note(NOT_PAID, id, named(amount.minor), "no payment"),
        ("paid", Some(intent)) => {
            let held = intent.amount.as_ref().map_or(0, |amount| amount.minor);
            look.expect(AMOUNT, id, named(amount.minor), named(held));
            look.expect(NOT_PAID, id, named(balance.taken), named(intent.captured));
            if !(balance.refunded..=balance.refunded + balance.refunding).contains(&intent.refunded) {
                look.note(REFUNDED, id, named(balance.refunded), named(intent.refunded));
            }
            look.expect(DISPUTED, id, named(intent.dispute_loss), named(balance.dispute_loss));
        }
        ("failed", intent) => compare_given_up(&balance.id, intent, &[], None, look),
        ("parked", _) => look.compared.attempts_at_the_bank += 1,
        _ => look.compared.attempts_under_way += 1,
    }
}

/// What an attempt that came to nothing, or no attempt at all, has taken.
fn compare_given_up(
    id: &str,
    intent: Option<&IntentInBooks>,
    reservations: &[ReservationInBooks],
    redemption: Option<&RedemptionInBooks>,
    look: &mut Look,
) {
    if let Some(intent) = intent
        && (intent.captured > intent.refunded || !matches!(intent.state.as_str(), "voided" | "failed"))
    {
        let found = format!("{} {}", intent.id, intent.state);
        look.note(MONEY_KEPT, id, "no money held or taken", found);
    }
    for reservation in reservations.iter().filter(|row| matches!(row.state.as_str(), "held" | "committed")) {
        let found = format!("{} {} of {} units", reservation.id, reservation.state, reservation.units);
        look.note(STOCK_KEPT, id, "no stock taken", found);
    }
    if let Some(redemption) = redemption.filter(|row| row.state == "taken") {
        look.note(CODES_KEPT, id, "no codes used", named(&redemption.codes));
    }
}

fn compare_intent(intent: &IntentInBooks, look: &mut Look) {
    look.compared.payments += 1;
    let id = intent.id.as_str();
    let moved = |captured: i64, refunded: i64| format!("{captured} taken and {refunded} given back");
    let ours = moved(intent.captured, intent.refunded);
    look.expect(EVENTS, id, moved(intent.captured_events, intent.refunded_events), ours.clone());
    if !intent.provider_has_books {
        return;
    }
    look.compared.charges += 1;
    let charge = intent.charge.unwrap_or_default();
    look.expect(PROVIDER, id, moved(charge.captured, charge.refunded), ours);
    if charge.held && matches!(intent.state.as_str(), "voided" | "failed") {
        look.note(PROVIDER, id, format!("nothing held, because it is {}", intent.state), "money held");
    }
}

fn compare_reservation(reservation: &ReservationInBooks, look: &mut Look) {
    look.compared.reservations += 1;
    let ReservationInBooks { id, state, units, ledger_on_hand, ledger_reserved } = reservation;
    let moved = |on_hand: i64, reserved: i64| format!("{on_hand} on hand and {reserved} reserved");
    let expected = match state.as_str() {
        "held" => moved(0, *units),
        "committed" => moved(-units, 0),
        _ => moved(0, 0),
    };
    look.expect(RESERVATION, id, expected, moved(*ledger_on_hand, *ledger_reserved));
}

fn named(codes: &[String]) -> String {
    if codes.is_empty() { "no codes".to_owned() } else { codes.join(", ") }
}

fn money(money: &argosy_contracts::common::Money) -> String {
    Money::try_from(money).map_or_else(|error| error.to_string(), |money| money.to_string())
}
