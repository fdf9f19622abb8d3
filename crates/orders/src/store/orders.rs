//! Orders and what happened to them.

use argosy_kernel::{AttemptId, Cursor, Error, OrderId, Page, PageRequest, Result};
use argosy_platform::{
    database::{Database, Sql, sql, together},
    seal::SealKey,
};
use sea_orm::FromQueryResult;

use super::{
    Store, attempts, awaited, balances,
    checkouts::{TRIES_MAX, to_json, too_many_writers},
    disputes, edits, lines,
    papers::{self, Head},
    parcels::{self, Parcel},
    persons::{self, Kept},
    steps,
};
use crate::{
    domain::{
        Attempt, AttemptState, Awaited, Balance, Checkout, Dispute, Edit, Ledger, Left, Line, Order, Outcome,
        Part, Return, Status, Step, Verdict, lines_of,
    },
    error, events,
};

/// An order and what became of it.
pub(crate) struct StoredOrder {
    pub(crate) order: Order,
    pub(crate) status: String,
    pub(crate) hold_reason: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) lines: Vec<Line>,
    /// None in lists.
    pub(crate) after: Option<After>,
}

/// What happened to an order since it was placed.
pub(crate) struct After {
    pub(crate) events: Vec<OrderEvent>,
    pub(crate) ledger: Ledger,
    pub(crate) steps: Vec<Step>,
    pub(crate) parcels: Vec<Parcel>,
    pub(crate) returns: Vec<Return>,
    pub(crate) papers: Vec<Head>,
    pub(crate) edits: Vec<Edit>,
    pub(crate) disputes: Vec<Dispute>,
    /// What is not there yet, as inventory last told.
    pub(crate) awaited: Vec<Awaited>,
    pub(crate) balances: Vec<Balance>,
}

/// Something that happened to an order.
pub(crate) struct OrderEvent {
    pub(crate) kind: String,
    pub(crate) text: String,
    pub(crate) time_ms: i64,
    /// Only for staff.
    pub(crate) is_note: bool,
}

#[derive(FromQueryResult)]
struct EventRow {
    kind: String,
    text: String,
    time_ms: i64,
    sealed: Option<String>,
}

#[derive(FromQueryResult)]
pub(super) struct OrderRow {
    pub(super) status: String,
    payment_status: String,
    document: String,
    person_id: Option<String>,
    contact: Option<String>,
    pub(super) seal_key: Option<String>,
    pub(super) opened_at_ms: Option<i64>,
    hold_reason: Option<String>,
    tags: Option<String>,
}

impl OrderRow {
    pub(super) fn tags(&self) -> Result<Vec<String>> {
        let tags = self.tags.as_deref().map(serde_json::from_str).transpose();
        tags.map(Option::unwrap_or_default).map_err(Error::internal)
    }

    /// What may tell of the buyer; nothing if they are forgotten.
    pub(super) fn kept<T: serde::de::DeserializeOwned + Default>(&self, text: Option<&str>) -> Result<T> {
        let person = self.person_id.as_deref().map(str::parse).transpose()?;
        let key = self.seal_key.as_deref().map(SealKey::from_text).transpose()?;
        persons::kept(person, key.as_ref(), text)
    }

    /// Why it may not be fulfilled.
    pub(super) fn hold_reason(&self) -> Result<Option<String>> {
        match self.hold_reason.as_deref() {
            None => Ok(None),
            Some("") => Ok(Some(String::new())),
            Some(kept) => self.kept(Some(kept)).map(Some),
        }
    }
}

pub(super) const COLUMNS: &str = "select o.status, o.payment_status, o.document, o.person_id, o.contact, p.seal_key, \
                              o.opened_at_ms, o.hold_reason, o.tags \
                         from orders o left join person p on p.id = o.person_id";

pub(super) fn select(id: OrderId) -> Sql {
    sql(format!("{COLUMNS} where o.id = $1")).bind(id.to_string())
}

#[derive(FromQueryResult)]
struct NumberRow {
    id: i64,
}

/// The first order is the next.
const NUMBERS_BEFORE: i64 = 1_000;

#[derive(FromQueryResult)]
struct VersionRow {
    version: i64,
}

impl Store {
    /// Places the order: order, checkout, outcome and fact, all or none.
    ///
    /// # Errors
    /// `CHECKOUT_BUSY` if the attempt is ended: another who worked on it has placed the order.
    pub(crate) async fn place(&self, attempt: &Attempt, payments: Vec<Part>, left: Left) -> Result<Outcome> {
        let next = sql("insert into order_number default values returning id");
        let number: NumberRow = next.commit_one(&self.database).await?;
        let order = Order::of(attempt, NUMBERS_BEFORE + number.id, payments, left, self.now());
        let judged = self.judged(attempt).await?;
        for _ in 0..TRIES_MAX {
            let seen = self.seen(attempt.checkout_id).await?;
            let completed = seen.changed(|checkout| {
                checkout.end(Status::Completed);
                checkout.order = Some((order.id, order.key.clone()));
                checkout.action_url.clear();
                // What there is nothing to pay for is tried, too.
                attempts::mark(checkout, attempt.intent_id, "authorised", "", "");
                for payment in &order.payments {
                    let state = if payment.by_hand { "pending" } else { "authorised" };
                    attempts::mark(checkout, payment.intent_id, state, "", "");
                }
                Ok(())
            })?;
            let shown = Checkout { contact: attempt.contact.clone(), ..completed.clone() };
            let outcome = Outcome::Answered(Box::new((shown, attempt.quote.clone())));
            let mut placing = together()
                .must_touch(1, seen.save(&completed)?)
                .must_touch(1, attempts::finish(attempt.id, AttemptState::Placed, &outcome)?)
                .must_touch(1, insert(&order, attempt.id, judged.hold_reason.as_deref())?)
                .and(self.note(order.id, "placed", "", &format!("Order {} was placed.", order.number)));
            let waiting = awaited::insert(&order);
            for statement in judged.note.iter().cloned().chain(self.went_well(attempt)).chain(waiting) {
                placing = placing.and(statement);
            }
            let placed = placing.tell(&*self.clock, [events::order_placed(&order)?]).commit(&self.database);
            if placed.await? {
                metrics::counter!("argosy_orders_placed_total").increment(1);
                return Ok(outcome);
            }
            let now = self.attempt(attempt.id).await?.map(|row| row.state);
            if matches!(now, None | Some(AttemptState::Placed | AttemptState::Done)) {
                return Err(error::checkout_busy(attempt.checkout_id));
            }
        }
        Err(too_many_writers())
    }

    /// Ends an attempt whose order is there; `captured`: its money is taken.
    pub(crate) async fn settle(&self, attempt: &Attempt, captured: bool) -> Result<()> {
        let id = attempt.order_id;
        let done = sql("update attempt set state = 'done' where id = $1 and state = 'placed'")
            .bind(attempt.id.to_string());
        for _ in 0..TRIES_MAX {
            let authorised =
                sql("select version from orders where id = $1 and payment_status = 'authorised'")
                    .bind(id.to_string());
            let version = match authorised.optional::<VersionRow>(&self.database).await? {
                Some(row) if captured => row.version,
                _ => return done.commit(&self.database).await.map(|_| ()),
            };
            let text = format!("The payment of {} was taken.", attempt.total()?);
            let taken = together()
                .must_touch(
                    1,
                    sql("update orders set payment_status = 'captured', version = version + 1 \
                          where id = $1 and version = $2")
                    .bind(id.to_string())
                    .bind(version),
                )
                .and(self.note(id, "payment_captured", &attempt.intent_id.to_string(), &text))
                .and(done.clone())
                .tell(&*self.clock, [events::payment_captured(id, version + 1)?])
                .commit(&self.database);
            if taken.await? {
                return Ok(());
            }
        }
        Err(too_many_writers())
    }

    /// The same of several payments. Their order is opened at once: its ledger says which of them was taken, also to a release
    /// that knows of one only.
    pub(crate) async fn settle_split(&self, attempt: &Attempt, taken: &[Part]) -> Result<()> {
        let mut work = self.work(attempt.order_id).await?;
        work.settle(taken).await?;
        sql("update attempt set state = 'done' where id = $1 and state = 'placed'")
            .bind(attempt.id.to_string())
            .execute(&work.tx)
            .await?;
        work.finish().await.map(|_| ())
    }

    pub(crate) async fn order(&self, id: OrderId) -> Result<Option<StoredOrder>> {
        let row: Option<OrderRow> = select(id).optional(&self.database).await?;
        match row {
            Some(row) => self.with_after(row).await.map(Some),
            None => Ok(None),
        }
    }

    /// By the number that people know.
    pub(crate) async fn order_by_number(&self, number: i64) -> Result<Option<StoredOrder>> {
        let statement = sql(format!("{COLUMNS} where o.number = $1")).bind(number);
        match statement.optional::<OrderRow>(&self.database).await? {
            Some(row) => self.with_after(row).await.map(Some),
            None => Ok(None),
        }
    }

    /// What became of an order. One that nothing has changed yet costs no more statements than its events.
    async fn with_after(&self, row: OrderRow) -> Result<StoredOrder> {
        let mut stored = stored(&row)?;
        let (on, id) = (&self.database, stored.order.id);
        let events = events_of(on, &row, id).await?;
        let waits = !stored.order.awaited.is_empty();
        let awaited = if waits { awaited::of_order(on, id).await? } else { Vec::new() };
        if row.opened_at_ms.is_none() {
            let ledger = lines::as_placed(&stored.order)?;
            let (steps, parcels, returns) = (Vec::new(), Vec::new(), Vec::new());
            let (papers, edits, disputes) = (Vec::new(), Vec::new(), Vec::new());
            let balances = Vec::new();
            stored.after = Some(After {
                events,
                ledger,
                steps,
                parcels,
                returns,
                papers,
                edits,
                disputes,
                awaited,
                balances,
            });
            return Ok(stored);
        }
        stored.lines = lines::read(on, id).await?.told_to(&mut stored.order);
        let returns = parcels::returns(on, id).await?.into_iter();
        stored.after = Some(After {
            events,
            awaited,
            papers: papers::heads(on, id).await?,
            edits: edits::of_order(on, id).await?,
            ledger: lines::ledger(on, id).await?,
            disputes: disputes::of_order(on, id).await?,
            balances: balances::of_order(on, id).await?,
            steps: steps::of_order(on, id).await?,
            parcels: parcels::parcels(on, id).await?,
            returns: returns.map(|asked| asked.open(|words| row.kept(words))).collect::<Result<Vec<_>>>()?,
        });
        Ok(stored)
    }

    /// Orders without their events, newest first.
    pub(crate) async fn orders(&self, page: &PageRequest) -> Result<Page<StoredOrder>> {
        let (before_ms, before_id) = page.before()?;
        let rows: Vec<OrderRow> = sql(format!(
            "{COLUMNS} where o.placed_at_ms < $1 or (o.placed_at_ms = $1 and o.id < $2) \
              order by o.placed_at_ms desc, o.id desc limit $3"
        ))
        .bind(before_ms)
        .bind(before_id)
        .bind(i64::from(page.limit) + 1)
        .all(&self.database.stale())
        .await?;
        let more = rows.len() > page.limit as usize;
        let mut items =
            rows.iter().take(page.limit as usize).map(stored).collect::<Result<Vec<StoredOrder>>>()?;
        let opened: Vec<String> = rows
            .iter()
            .zip(&items)
            .filter(|(row, _)| row.opened_at_ms.is_some())
            .map(|(_, item)| item.order.id.to_string())
            .collect();
        let mut lines = lines::of_orders(&self.database.stale(), opened).await?;
        for item in &mut items {
            if let Some(lines) = lines.remove(&item.order.id.to_string()) {
                item.lines = lines.told_to(&mut item.order);
            }
        }
        let next = items
            .last()
            .filter(|_| more)
            .map(|last| Cursor::of_time(last.order.placed_at.as_millis(), &last.order.id.to_string()));
        Ok(Page { items, next })
    }

    /// What was found of a purchase before it was paid, as its order keeps it.
    async fn judged(&self, attempt: &Attempt) -> Result<KeptJudgement> {
        let Some(assessment) = &attempt.assessment else { return Ok(KeptJudgement::default()) };
        let person = self.person(&attempt.contact.email).await?;
        let text = assessment.explained();
        let hold_reason = match assessment.verdict {
            Verdict::Review => Some(person.seal(&text)?),
            Verdict::Allow | Verdict::Deny => None,
        };
        let note = sql("insert into order_event (order_id, kind, reference, text, time_ms, sealed) \
             values ($1, 'judged', '', '', $2, $3) on conflict do nothing")
        .bind(attempt.order_id.to_string())
        .bind(self.now().as_millis())
        .bind(person.seal(&format!("{}: {text}", assessment.verdict.as_str()))?);
        Ok(KeptJudgement { hold_reason, note: Some(note) })
    }

    fn note(&self, order: OrderId, kind: &str, reference: &str, text: &str) -> Sql {
        sql("insert into order_event (order_id, kind, reference, text, time_ms) values ($1, $2, $3, $4, $5) on conflict do nothing")
            .bind(order.to_string())
            .bind(kind)
            .bind(reference)
            .bind(text)
            .bind(self.now().as_millis())
    }
}

/// Sealed with the buyer's key.
#[derive(Default)]
struct KeptJudgement {
    /// Set: the order is held.
    hold_reason: Option<String>,
    note: Option<Sql>,
}

/// What is sealed of the buyer goes over as it is.
fn insert(order: &Order, attempt: AttemptId, hold_reason: Option<&str>) -> Result<Sql> {
    Ok(sql("insert into orders (id, number, access_key, checkout_id, status, payment_status, version, placed_at_ms, document, \
                             person_id, contact, hold_reason) \
         select $1, $2, $3, $4, 'open', $5, 1, $6, $7, person_id, contact, $9 from attempt where id = $8 \
         on conflict do nothing")
        .bind(order.id.to_string())
        .bind(order.number)
        .bind(order.key.as_str())
        .bind(order.checkout_id.to_string())
        .bind(order.payment_status.as_str())
        .bind(order.placed_at.as_millis())
        .bind(to_json(order)?)
        .bind(attempt.to_string())
        .bind(hold_reason))
}

fn stored(row: &OrderRow) -> Result<StoredOrder> {
    let order = read(row)?;
    Ok(StoredOrder {
        status: row.status.clone(),
        hold_reason: row.hold_reason()?,
        tags: row.tags()?,
        lines: lines_of(&order.quote),
        after: None,
        order,
    })
}

async fn events_of(on: &Database, row: &OrderRow, order: OrderId) -> Result<Vec<OrderEvent>> {
    let rows: Vec<EventRow> = sql("select kind, text, time_ms, sealed from order_event where order_id = $1 \
          order by position limit 1000")
    .bind(order.to_string())
    .all(on)
    .await?;
    let event = |event: EventRow| -> Result<OrderEvent> {
        let is_note = event.sealed.is_some();
        let text = if is_note { row.kept(event.sealed.as_deref())? } else { event.text };
        Ok(OrderEvent { kind: event.kind, text, time_ms: event.time_ms, is_note })
    };
    rows.into_iter().map(event).collect()
}

pub(super) fn read(row: &OrderRow) -> Result<Order> {
    let mut order: Order = serde_json::from_str(&row.document).map_err(Error::internal)?;
    order.payment_status = row.payment_status.parse()?;
    order.person_id = row.person_id.as_deref().map(str::parse).transpose()?;
    let kept = Kept { person_id: &row.person_id, contact: &row.contact, seal_key: &row.seal_key };
    order.contact = kept.open(&row.document)?;
    Ok(order)
}
