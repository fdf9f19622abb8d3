//! Captures and refunds that somebody asked for: noted before the provider is asked, so that a crash loses none.

use argosy_kernel::{Error, IntentId, Money, Result, Timestamp};
use argosy_platform::database::{Sql, sql, together};
use sea_orm::FromQueryResult;

use super::{Event, Store, TRIES_MAX, intents, money, too_many_writers};
use crate::{
    domain::{Intent, Move, MoveKind, Movement},
    error,
};

/// How a step stands that was asked for under a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepState {
    /// The provider's answer is not known.
    UnderWay {
        amount: i64,
    },
    Done,
    Refused,
}

/// A step whose outcome is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenStep {
    pub(crate) intent_id: IntentId,
    pub(crate) movement: Movement,
    pub(crate) reference: String,
    pub(crate) amount: Money,
}

/// The step that a move was made for, where the provider names it. One of the same amount may be somebody else's.
pub(super) fn made_by<'a>(open: &'a [OpenStep], one: &Move) -> Option<&'a OpenStep> {
    let movement = match one.kind {
        MoveKind::Captured => Movement::Capture,
        MoveKind::Refunded => Movement::Refund,
        MoveKind::RefundFailed | MoveKind::Voided => return None,
    };
    open.iter().find(|step| step.movement == movement && Some(&step.reference) == one.step.as_ref())
}

#[derive(FromQueryResult)]
struct StepRow {
    kind: String,
    amount: i64,
}

#[derive(FromQueryResult)]
struct SumRow {
    amount: i64,
}

#[derive(FromQueryResult)]
struct OpenRow {
    intent_id: String,
    kind: String,
    reference: String,
    amount: i64,
    currency: String,
}

const OPEN: &str = "select a.intent_id, a.kind, a.reference, a.amount, i.currency \
      from payment_event a \
      join intent i on i.id = a.intent_id \
     where a.kind in ('capture_asked', 'refund_asked') \
       and not exists ( \
         select 1 from payment_event d where d.intent_id = a.intent_id and d.reference = a.reference \
            and d.kind in (case when a.kind = 'capture_asked' then 'captured' else 'refunded' end, \
                           case when a.kind = 'capture_asked' then 'capture_refused' else 'refund_refused' end))";

impl Store {
    /// How the step of that reference stands; `None` if it was never asked for.
    pub(crate) async fn step(
        &self,
        intent: &Intent,
        movement: Movement,
        reference: &str,
    ) -> Result<Option<StepState>> {
        if intent.moved.is_nothing() && intent.version <= 2 {
            // Opened and authorised, and no more: there is nothing to find.
            return Ok(None);
        }
        let rows: Vec<StepRow> = sql("select kind, amount from payment_event \
             where intent_id = $1 and reference = $2 and kind in ($3, $4, $5)")
        .bind(intent.id.to_string())
        .bind(reference)
        .bind(movement.asked())
        .bind(movement.done())
        .bind(movement.refused())
        .all(&self.database)
        .await?;
        let has = |kind: &str| rows.iter().any(|row| row.kind == kind);
        if has(movement.done()) {
            return Ok(Some(StepState::Done));
        }
        if has(movement.refused()) {
            return Ok(Some(StepState::Refused));
        }
        Ok(rows.first().map(|row| StepState::UnderWay { amount: row.amount }))
    }

    /// Notes that a step is about to be asked of the provider; what it takes is taken into account from now on.
    pub(crate) async fn ask(&self, mut intent: Intent, step: &OpenStep) -> Result<Intent> {
        for _ in 0..TRIES_MAX {
            intent.check_step(step.movement, step.amount)?;
            let next = intent.with_step_begun(step.movement, step.amount)?;
            let event = Event::plain(intent.id, step.movement.asked(), &step.reference, step.amount.minor);
            let noted = together()
                .must_touch(1, self.note(event))
                .must_touch(1, intents::update(&intent, &next))
                .commit(&self.database)
                .await?;
            if noted {
                return Ok(next);
            }
            intent = self.present(intent.id).await?;
            match self.step(&intent, step.movement, &step.reference).await? {
                // Somebody else asks the same; the provider knows it by its key.
                Some(StepState::UnderWay { .. } | StepState::Done) => return Ok(intent),
                Some(StepState::Refused) => return Err(error::step_refused(step.movement.done())),
                None => {}
            }
        }
        Err(too_many_writers())
    }

    /// Takes money that was captured elsewhere, by the merchant in the provider's own pages, for a step that wants as
    /// much; `None` if there is no such money.
    pub(crate) async fn adopt(&self, mut intent: Intent, step: &OpenStep) -> Result<Option<Intent>> {
        for _ in 0..TRIES_MAX {
            if step.movement != Movement::Capture || self.taken_elsewhere(&intent).await? < step.amount.minor
            {
                return Ok(None);
            }
            let next = Intent { version: intent.version + 1, ..intent.clone() };
            if self.move_on(self.adopted(step), Vec::new(), &intent, &next).await? {
                return Ok(Some(next));
            }
            intent = self.present(intent.id).await?;
            if self.step(&intent, step.movement, &step.reference).await? == Some(StepState::Done) {
                return Ok(Some(intent));
            }
        }
        Err(too_many_writers())
    }

    /// What was captured and belongs to no step: neither to one that is done nor, perhaps, to one under way.
    async fn taken_elsewhere(&self, intent: &Intent) -> Result<i64> {
        let row: SumRow = sql("select cast(coalesce(sum( \
                    case when kind = 'captured' then amount else -amount end), 0) as bigint) as amount \
               from payment_event \
              where intent_id = $1 \
                and (kind = 'capture_adopted' \
                 or (kind = 'captured' and reference = provider_reference and provider_reference <> ''))")
        .bind(intent.id.to_string())
        .one(&self.database)
        .await?;
        Ok(row.amount - intent.moved.capturing.minor)
    }

    /// The events of a step whose move was written down without its name.
    fn adopted(&self, step: &OpenStep) -> Vec<Sql> {
        let event = |kind, amount| self.note(Event::plain(step.intent_id, kind, &step.reference, amount));
        let mut events = vec![event(step.movement.done(), 0)];
        if step.movement == Movement::Capture {
            events.push(event("capture_adopted", step.amount.minor));
        }
        events
    }

    /// Notes that the provider will never make a step, which frees what it would have taken.
    pub(crate) async fn refuse(&self, intent: Intent, step: &OpenStep) -> Result<Intent> {
        let event = Event::plain(intent.id, step.movement.refused(), &step.reference, step.amount.minor);
        self.end(intent, step, || vec![self.note(event)]).await
    }

    /// Notes that a step is made, if its move was written down without its name: by a message that came first.
    pub(crate) async fn finish(&self, intent: Intent, step: &OpenStep) -> Result<Intent> {
        if !intent.has_steps_under_way() {
            return Ok(intent);
        }
        self.end(intent, step, || self.adopted(step)).await
    }

    /// Ends a step that is under way.
    async fn end(
        &self,
        mut intent: Intent,
        step: &OpenStep,
        events: impl Fn() -> Vec<Sql>,
    ) -> Result<Intent> {
        for _ in 0..TRIES_MAX {
            if !matches!(
                self.step(&intent, step.movement, &step.reference).await?,
                Some(StepState::UnderWay { .. })
            ) {
                return self.present(intent.id).await;
            }
            let mut next = Intent { version: intent.version + 1, ..intent.clone() };
            next.end_step(step.movement, step.amount)?;
            if self.move_on(events(), Vec::new(), &intent, &next).await? {
                return Ok(next);
            }
            intent = self.present(intent.id).await?;
        }
        Err(too_many_writers())
    }

    /// The steps under way that fresh moves may have been made for.
    pub(super) async fn steps_for(&self, intent: &Intent, fresh: &[Move]) -> Result<Vec<OpenStep>> {
        if fresh.is_empty() || !intent.has_steps_under_way() {
            return Ok(Vec::new());
        }
        match fresh {
            // What most payments come to: their one capture. The sums tell all that the events would.
            [Move { kind: MoveKind::Captured, step: Some(reference), amount, .. }]
                if intent.moved.captured.is_zero() && *amount == intent.moved.capturing =>
            {
                let (movement, reference, amount) = (Movement::Capture, reference.clone(), *amount);
                Ok(vec![OpenStep { intent_id: intent.id, movement, reference, amount }])
            }
            _ => self.open_steps(intent.id).await,
        }
    }

    /// The steps of an intent whose outcome is not known, the oldest first.
    pub(crate) async fn open_steps(&self, id: IntentId) -> Result<Vec<OpenStep>> {
        let rows: Vec<OpenRow> = sql(format!("{OPEN} and a.intent_id = $1 order by a.position"))
            .bind(id.to_string())
            .all(&self.database)
            .await?;
        rows.into_iter().map(OpenStep::try_from).collect()
    }

    /// Steps that were asked for between two moments and whose outcome is not known.
    pub(crate) async fn left_under_way(
        &self,
        from: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<OpenStep>> {
        let rows: Vec<OpenRow> =
            sql(format!("{OPEN} and a.time_ms >= $1 and a.time_ms < $2 order by a.time_ms limit $3"))
                .bind(from.as_millis())
                .bind(until.as_millis())
                .bind(limit)
                .all(&self.database)
                .await?;
        rows.into_iter().map(OpenStep::try_from).collect()
    }
}

impl TryFrom<OpenRow> for OpenStep {
    type Error = Error;

    fn try_from(row: OpenRow) -> Result<Self> {
        let movement = Movement::ALL
            .into_iter()
            .find(|movement| movement.asked() == row.kind)
            .ok_or_else(|| Error::internal(format!("unknown step '{}'", row.kind)))?;
        Ok(Self {
            intent_id: row.intent_id.parse()?,
            movement,
            reference: row.reference,
            amount: money(row.amount, Money::zero(row.currency.parse()?)),
        })
    }
}
