//! Gift cards: balances that move by one conditional statement (law 2), with a row of the ledger in the same transaction.

use std::sync::Arc;

use argosy_kernel::{Clock, Currency, IntentId, Money, Result};
use argosy_platform::database::{Database, Sql, sql, together};
use sea_orm::FromQueryResult;

use crate::domain::{CardCode, GiftCard, GiftCardEntry, Movement};

/// How many movements of a card are shown.
const ENTRIES_MAX: i64 = 100;

/// Gift cards in the service's database.
#[derive(Clone)]
pub(crate) struct GiftCards {
    database: Database,
    clock: Arc<dyn Clock>,
}

/// What is held of a card for a payment.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Hold {
    pub(crate) state: String,
    pub(crate) amount: i64,
    pub(crate) taken: i64,
    pub(crate) returned: i64,
}

/// A movement that was made for a payment, by its key.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub(crate) struct CardMove {
    pub(crate) kind: String,
    pub(crate) reference: String,
    pub(crate) amount: i64,
}

#[derive(FromQueryResult)]
struct CardRow {
    id: String,
    hint: String,
    currency: String,
    issued: i64,
    balance: i64,
    held: i64,
    expires_at_ms: i64,
    note: String,
}

#[derive(FromQueryResult)]
struct EntryRow {
    kind: String,
    reference: String,
    amount: i64,
    time_ms: i64,
}

impl GiftCards {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now().as_millis()
    }

    /// Issues a card, once per code; false if there is one of that code.
    pub(crate) async fn issue(
        &self,
        code: &CardCode,
        amount: Money,
        expires_at_ms: i64,
        note: &str,
    ) -> Result<bool> {
        let card = sql(
            "insert into gift_card (id, hint, currency, issued, balance, expires_at_ms, note, created_at_ms) \
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
        )
        .bind(code.card_id())
        .bind(code.hint())
        .bind(amount.currency.code())
        .bind(amount.minor)
        .bind(amount.minor)
        .bind(expires_at_ms)
        .bind(note)
        .bind(self.now_ms());
        let entry = self.entry(&code.card_id(), "issued", "", amount.minor);
        together().must_touch(1, card).and(entry).commit(&self.database).await
    }

    /// A card with its latest movements.
    pub(crate) async fn card(&self, id: &str) -> Result<Option<GiftCard>> {
        let row: Option<CardRow> =
            sql("select id, hint, currency, issued, balance, held, expires_at_ms, note from gift_card where id = $1")
                .bind(id)
                .optional(&self.database)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let entries: Vec<EntryRow> = sql("select kind, reference, amount, time_ms from gift_card_entry \
             where card_id = $1 order by position desc limit $2")
        .bind(id)
        .bind(ENTRIES_MAX)
        .all(&self.database)
        .await?;
        let currency: Currency = row.currency.parse()?;
        let money = |minor| Money::new(minor, currency);
        let entry = |row: EntryRow| GiftCardEntry {
            kind: row.kind,
            reference: row.reference,
            amount: row.amount,
            time_ms: row.time_ms,
        };
        Ok(Some(GiftCard {
            id: row.id,
            hint: row.hint,
            issued: money(row.issued),
            balance: money(row.balance),
            held: money(row.held),
            expires_at_ms: row.expires_at_ms,
            note: row.note,
            entries: entries.into_iter().map(entry).collect(),
        }))
    }

    /// Holds an amount for a payment, once; false if there is not so much, or if the payment is known already.
    pub(crate) async fn hold(&self, card: &str, payment: IntentId, amount: Money) -> Result<bool> {
        let hold = sql("insert into gift_card_hold (intent_id, card_id, state, amount) \
             values ($1, $2, 'held', $3) on conflict do nothing")
        .bind(payment.to_string())
        .bind(card)
        .bind(amount.minor);
        let taken = sql("update gift_card \
                set held = held + $2 \
              where id = $1 \
                and currency = $3 \
                and balance - held >= $2 \
                and (expires_at_ms = 0 or expires_at_ms > $4)")
        .bind(card)
        .bind(amount.minor)
        .bind(amount.currency.code())
        .bind(self.now_ms());
        together()
            .must_touch(1, taken)
            .must_touch(1, hold)
            .and(self.entry(card, "held", &payment.to_string(), amount.minor))
            .commit(&self.database)
            .await
    }

    pub(crate) async fn held(&self, payment: IntentId) -> Result<Option<Hold>> {
        sql("select state, amount, taken, returned from gift_card_hold where intent_id = $1")
            .bind(payment.to_string())
            .optional(&self.database)
            .await
    }

    /// What was taken and given back for a payment.
    pub(crate) async fn moved(&self, payment: IntentId) -> Result<Vec<CardMove>> {
        sql("select e.kind, e.reference, e.amount \
               from gift_card_hold h \
               join gift_card_entry e on e.card_id = h.card_id \
              where h.intent_id = $1 \
                and e.kind in ('taken', 'returned') \
                and e.reference like $2")
        .bind(payment.to_string())
        .bind(format!("{payment}:%"))
        .all(&self.database)
        .await
    }

    /// Lets go what is held and not taken, and bars the payment from holding anything later.
    pub(crate) async fn release(&self, payment: IntentId) -> Result<()> {
        let id = payment.to_string();
        let barred = sql("insert into gift_card_hold (intent_id, card_id, state, amount) \
             values ($1, '', 'voided', 0) on conflict do nothing");
        barred.bind(id.as_str()).commit(&self.database).await?;
        let released = sql("update gift_card \
                set held = held - (select amount from gift_card_hold where intent_id = $1) \
              where id = (select card_id from gift_card_hold where intent_id = $1 and state = 'held' and taken = 0)")
        .bind(id.as_str());
        let entry = sql("insert into gift_card_entry (card_id, kind, reference, amount, time_ms) \
             select card_id, 'released', intent_id, amount, $2 from gift_card_hold \
              where intent_id = $1 and state = 'held' and taken = 0 on conflict do nothing")
        .bind(id.as_str())
        .bind(self.now_ms());
        let voided = sql("update gift_card_hold set state = 'voided' \
              where intent_id = $1 and state = 'held' and taken = 0")
        .bind(id.as_str());
        together()
            .must_touch(1, released)
            .must_touch(1, entry)
            .must_touch(1, voided)
            .commit(&self.database)
            .await
            .map(|_| ())
    }

    /// Takes what is held, or gives back what was taken, once per key; false if there is not so much.
    pub(crate) async fn step(
        &self,
        payment: IntentId,
        movement: Movement,
        amount: i64,
        key: &str,
    ) -> Result<bool> {
        let (kind, of_hold, of_card) = match movement {
            Movement::Capture => (
                "taken",
                "update gift_card_hold set taken = taken + $2 \
                  where intent_id = $1 and state = 'held' and taken + $2 <= amount",
                "update gift_card set balance = balance - $2, held = held - $2 \
                  where id = (select card_id from gift_card_hold where intent_id = $1) and held >= $2",
            ),
            Movement::Refund => (
                "returned",
                "update gift_card_hold set returned = returned + $2 \
                  where intent_id = $1 and returned + $2 <= taken",
                "update gift_card set balance = balance + $2 \
                  where id = (select card_id from gift_card_hold where intent_id = $1)",
            ),
        };
        let id = payment.to_string();
        let entry = sql("insert into gift_card_entry (card_id, kind, reference, amount, time_ms) \
             select card_id, $2, $3, $4, $5 from gift_card_hold where intent_id = $1 on conflict do nothing")
        .bind(id.as_str())
        .bind(kind)
        .bind(key)
        .bind(amount)
        .bind(self.now_ms());
        together()
            .must_touch(1, sql(of_card).bind(id.as_str()).bind(amount))
            .must_touch(1, entry)
            .must_touch(1, sql(of_hold).bind(id.as_str()).bind(amount))
            .commit(&self.database)
            .await
    }

    fn entry(&self, card: &str, kind: &str, reference: &str, amount: i64) -> Sql {
        sql("insert into gift_card_entry (card_id, kind, reference, amount, time_ms) \
             values ($1, $2, $3, $4, $5) on conflict do nothing")
        .bind(card)
        .bind(kind)
        .bind(reference)
        .bind(amount)
        .bind(self.now_ms())
    }
}
