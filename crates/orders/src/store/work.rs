//! One change of an order, in one transaction that has the order for itself.
//!
//! The order's row is written first, so that changes of one order follow each other, on either engine; what is decided
//! on what was read under that lock holds. The conditions stand in the statements all the same (law 2).

use std::sync::Arc;

use argosy_kernel::{Clock, Error, OrderId, Result, Timestamp};
use argosy_platform::{
    bus::NewFact,
    database::{Tx, Value, sql},
    seal::SealKey,
};
use sea_orm::FromQueryResult;

use super::{Store, checkouts::to_json, lines, orders, persons};
use crate::{
    domain::{Entry, Ledger, Line, Order, Part, PaymentStatus, Step, Units, fulfilment_status},
    error, events,
};

/// A change about to be made, and the reference under which it is made once.
pub(crate) struct Operation<'a> {
    pub(crate) order_id: OrderId,
    pub(crate) reference: &'a str,
    pub(crate) kind: &'static str,
    /// Names the request, so that another one under the reference is noticed.
    pub(crate) digest: String,
}

/// An order that is being changed.
pub(crate) struct Work {
    pub(super) tx: Tx,
    pub(super) clock: Arc<dyn Clock>,
    pub(crate) order: Order,
    pub(crate) status: String,
    pub(crate) hold_reason: Option<String>,
    pub(crate) tags: Vec<String>,
    /// As they are after what was done so far; empty before [`Work::open`], like the ledger.
    pub(crate) lines: Vec<Line>,
    pub(crate) ledger: Ledger,
    /// Steps that were noted, to be done when this lasts.
    pub(crate) steps: Vec<Step>,
    version: i64,
    is_open: bool,
    /// None if the buyer is forgotten.
    key: Option<SealKey>,
    facts: Vec<NewFact>,
}

#[derive(FromQueryResult)]
struct VersionRow {
    version: i64,
}

#[derive(FromQueryResult)]
struct SumRow {
    amount: i64,
}

#[derive(FromQueryResult)]
struct OperationRow {
    kind: String,
    digest: String,
}

impl Store {
    /// Begins a change; `None` if it was made before.
    ///
    /// # Errors
    /// `ORDER_NOT_FOUND`; `KEY_REUSED` if another change was made under its reference.
    pub(crate) async fn begin(&self, operation: &Operation<'_>) -> Result<Option<Work>> {
        let work = self.work(operation.order_id).await?;
        let id = operation.order_id.to_string();
        let fresh =
            sql("insert into order_operation (order_id, reference, kind, digest) values ($1, $2, $3, $4) \
              on conflict do nothing")
            .bind(id.as_str())
            .bind(operation.reference)
            .bind(operation.kind)
            .bind(operation.digest.as_str())
            .execute(&work.tx)
            .await?;
        if fresh == 1 {
            return Ok(Some(work));
        }
        let before: OperationRow =
            sql("select kind, digest from order_operation where order_id = $1 and reference = $2")
                .bind(id)
                .bind(operation.reference)
                .one(&work.tx)
                .await?;
        work.tx.rollback().await?;
        if before.kind == operation.kind && before.digest == operation.digest {
            Ok(None)
        } else {
            Err(error::reference_reused())
        }
    }

    /// Whether a change was made under this reference: then nobody else is asked what it would need.
    pub(crate) async fn was_made(&self, id: OrderId, reference: &str) -> Result<bool> {
        let rows = sql("select kind, digest from order_operation where order_id = $1 and reference = $2")
            .bind(id.to_string())
            .bind(reference);
        Ok(rows.optional::<OperationRow>(&self.database).await?.is_some())
    }

    /// Begins a change that has no reference of its own.
    pub(crate) async fn work(&self, id: OrderId) -> Result<Work> {
        let tx = self.database.begin().await?;
        let locked: Option<VersionRow> =
            sql("update orders set version = version + 1 where id = $1 returning version")
                .bind(id.to_string())
                .optional(&tx)
                .await?;
        let version = locked.ok_or_else(|| error::order_not_found(id))?.version;
        let row: orders::OrderRow = orders::select(id).one(&tx).await?;
        let tags = row.tags()?;
        let mut work = Work {
            order: orders::read(&row)?,
            status: row.status.clone(),
            hold_reason: row.hold_reason()?,
            tags,
            lines: Vec::new(),
            ledger: Ledger::default(),
            steps: Vec::new(),
            version,
            is_open: row.opened_at_ms.is_some(),
            key: row.seal_key.as_deref().map(SealKey::from_text).transpose()?,
            facts: Vec::new(),
            clock: Arc::clone(&self.clock),
            tx,
        };
        if work.is_open {
            work.lines = lines::read(&work.tx, id).await?.told_to(&mut work.order);
            work.ledger = lines::ledger(&work.tx, id).await?;
        }
        Ok(work)
    }
}

impl Work {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Makes lines and ledger there, from how the order was placed.
    ///
    /// # Errors
    /// `ORDER_BUSY` while its payment is being taken: until then nobody knows what there is to be given back.
    pub(crate) async fn open(&mut self) -> Result<()> {
        if self.is_open {
            return Ok(());
        }
        // Of several payments some may be taken while others are awaited.
        if self.order.payment_status == PaymentStatus::Authorised || self.order.is_split() {
            return Err(error::order_busy(self.order.id));
        }
        self.open_now().await
    }

    /// Several payments were taken as far as they are not paid by hand.
    pub(super) async fn settle(&mut self, taken: &[Part]) -> Result<()> {
        let is_new = self.order.payment_status == PaymentStatus::Authorised;
        if !self.is_open {
            self.open_now().await?;
        }
        for payment in taken {
            self.post(&Entry::paid(format!("capture:{}", payment.intent_id), payment.amount)).await?;
        }
        let all = self.order.money(taken.iter().map(|payment| payment.amount).sum())?;
        let text = format!("The payment of {all} was taken.");
        let reference = self.order.intent_id.map(|id| id.to_string()).unwrap_or_default();
        if is_new {
            self.order.payment_status = PaymentStatus::Captured;
            self.set_payment_status("authorised", "captured").await?;
            self.note("payment_captured", &reference, &text).await?;
            self.tell(events::Changed::Paid, &reference, "done")?;
        } else if self.order.payment_status == PaymentStatus::Pending && !taken.is_empty() {
            self.note("part_captured", &reference, &text).await?;
        }
        Ok(())
    }

    async fn open_now(&mut self) -> Result<()> {
        self.lines = crate::domain::lines_of(&self.order.quote);
        lines::insert(&self.tx, self.order.id, &self.lines).await?;
        for entry in self.order.opening()? {
            self.post(&entry).await?;
        }
        sql("update orders set opened_at_ms = $2 where id = $1")
            .bind(self.order.id.to_string())
            .bind(self.now().as_millis())
            .execute(&self.tx)
            .await?;
        self.is_open = true;
        Ok(())
    }

    /// Writes an entry of the ledger. Again changes nothing.
    pub(crate) async fn post(&mut self, entry: &Entry) -> Result<()> {
        self.post_in("order_posting", entry).await
    }

    /// Writes an entry into one of the ledger's tables. Again changes nothing.
    pub(super) async fn post_in(&mut self, table: &str, entry: &Entry) -> Result<()> {
        if entry.postings.is_empty() {
            return Ok(());
        }
        let now = self.now().as_millis();
        let rows = entry.postings.iter().map(|(account, amount)| -> [Value; 5] {
            [
                self.order.id.to_string().into(),
                entry.reference.as_str().into(),
                account.as_str().into(),
                (*amount).into(),
                now.into(),
            ]
        });
        let written =
            sql(format!("insert into {table} (order_id, reference, account, amount, time_ms) values "))
                .rows(rows)
                .then(" on conflict do nothing")
                .execute(&self.tx)
                .await?;
        match written {
            0 => Ok(()),
            all if all == entry.postings.len() as u64 => self.ledger.post(entry),
            _ => Err(Error::internal(format!("entry {} is there in part", entry.reference))),
        }
    }

    /// Notes what happened, for whoever has the order's link.
    pub(crate) async fn note(&self, kind: &str, reference: &str, text: &str) -> Result<()> {
        self.write_event(kind, reference, text, None).await
    }

    /// Notes what only staff see, kept as [`persons::keep`] does.
    ///
    /// # Errors
    /// `PERSON_FORGOTTEN`: nothing is written any more of who is.
    pub(crate) async fn note_for_staff(&self, kind: &str, reference: &str, text: &str) -> Result<()> {
        let kept = self.keep(&text)?.ok_or_else(error::person_forgotten)?;
        self.write_event(kind, reference, "", Some(kept)).await
    }

    /// As [`Work::note_for_staff`], but nothing of who is forgotten.
    pub(crate) async fn note_or_pass_over(&self, kind: &str, reference: &str, text: &str) -> Result<()> {
        match self.keep(&text)? {
            Some(kept) => self.write_event(kind, reference, "", Some(kept)).await,
            None => Ok(()),
        }
    }

    /// What was posted under a reference, by its debits.
    pub(crate) async fn posted(&self, reference: &str) -> Result<i64> {
        let row: SumRow =
            sql("select cast(coalesce(sum(amount), 0) as bigint) as amount from order_posting \
              where order_id = $1 and reference = $2 and amount > 0")
            .bind(self.order.id.to_string())
            .bind(reference)
            .one(&self.tx)
            .await?;
        Ok(row.amount)
    }

    async fn write_event(
        &self,
        kind: &str,
        reference: &str,
        text: &str,
        sealed: Option<String>,
    ) -> Result<()> {
        sql("insert into order_event (order_id, kind, reference, text, time_ms, sealed) values ($1, $2, $3, $4, $5, $6) \
              on conflict do nothing")
        .bind(self.order.id.to_string())
        .bind(kind)
        .bind(reference)
        .bind(text)
        .bind(self.now().as_millis())
        .bind(sealed)
        .execute(&self.tx)
        .await
        .map(|_| ())
    }

    /// What may tell of the buyer, as it is kept; `None` if they are forgotten.
    pub(super) fn keep(&self, value: &impl serde::Serialize) -> Result<Option<String>> {
        persons::keep(self.order.person_id, self.key.as_ref(), value)
    }

    /// What [`Work::keep`] kept.
    pub(super) fn kept<T: serde::de::DeserializeOwned + Default>(&self, text: Option<&str>) -> Result<T> {
        persons::kept(self.order.person_id, self.key.as_ref(), text)
    }

    /// Tells that the order changed, when this lasts.
    pub(crate) fn tell(&mut self, kind: events::Changed, id: &str, state: &str) -> Result<()> {
        self.facts.push(kind.fact(self.order.id, self.version, id, state)?);
        Ok(())
    }

    /// Tells that units were canceled, when this lasts.
    pub(crate) fn tell_canceled(
        &mut self,
        id: &str,
        state: &str,
        units: &[Units],
        reason: &str,
    ) -> Result<()> {
        self.facts.push(events::canceled(self.order.id, self.version, (id, state), units, reason)?);
        Ok(())
    }

    /// Makes all of it last, with the status that follows from it.
    pub(crate) async fn finish(self) -> Result<Vec<Step>> {
        let status = self.next_status();
        let hold_reason = match &self.hold_reason {
            // Of who is forgotten the reason is not kept, but the hold is.
            Some(reason) => Some(self.keep(reason)?.unwrap_or_default()),
            None => None,
        };
        sql("update orders set status = $2, hold_reason = $3, tags = $4 where id = $1")
            .bind(self.order.id.to_string())
            .bind(status)
            .bind(hold_reason)
            .bind(to_json(&self.tags)?)
            .execute(&self.tx)
            .await?;
        self.tx.publish(&*self.clock, self.facts).await?;
        self.tx.commit().await?;
        Ok(self.steps)
    }

    /// Canceled when nothing of it is wanted any more, completed when all that is wanted is sent and nobody owes
    /// anything.
    fn next_status(&self) -> &'static str {
        let wanted: i64 = self.lines.iter().map(|line| line.current).sum();
        let is_sent = fulfilment_status(&self.order, &self.lines) == "fulfilled";
        match self.status.as_str() {
            "canceled" => "canceled",
            _ if self.is_open && wanted == 0 => "canceled",
            _ if self.is_open && is_sent && self.ledger.due() == 0 => "completed",
            _ => "open",
        }
    }
}
