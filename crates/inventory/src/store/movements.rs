//! The ledger.

use argosy_kernel::{Cursor, LocationId, Page, PageRequest, Result, VariantId};
use argosy_platform::database::{Sql, Tx, Value, sql};
use sea_orm::FromQueryResult;

use super::Store;

/// What moved stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Counted,
    Adjusted,
    Reserved,
    Committed,
    Released,
    Expired,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Adjusted => "adjusted",
            Self::Reserved => "reserved",
            Self::Committed => "committed",
            Self::Released => "released",
            Self::Expired => "expired",
        }
    }
}

/// A movement about to be written.
pub(super) struct NewMovement {
    pub(super) kind: Kind,
    pub(super) variant_id: VariantId,
    pub(super) location_id: LocationId,
    pub(super) on_hand_delta: i64,
    pub(super) reserved_delta: i64,
}

impl NewMovement {
    pub(super) fn of(kind: Kind, variant_id: VariantId, location_id: LocationId) -> Self {
        Self { kind, variant_id, location_id, on_hand_delta: 0, reserved_delta: 0 }
    }

    pub(super) fn row(&self, reference: &str, reason: &str, now_ms: i64) -> [Value; 8] {
        [
            self.variant_id.to_string().into(),
            self.location_id.to_string().into(),
            self.kind.as_str().into(),
            self.on_hand_delta.into(),
            self.reserved_delta.into(),
            reference.into(),
            reason.into(),
            now_ms.into(),
        ]
    }
}

/// Writes rows of [`NewMovement::row`] that are not there yet.
pub(super) fn insert(rows: impl IntoIterator<Item = [Value; 8]>) -> Sql {
    sql("insert into movement \
         (variant_id, location_id, kind, on_hand_delta, reserved_delta, reference, reason, time_ms) values ")
    .rows(rows)
    .then(" on conflict do nothing")
}

/// A movement as it was written.
#[derive(FromQueryResult)]
pub(crate) struct Movement {
    pub(crate) position: i64,
    pub(crate) location_id: String,
    pub(crate) kind: String,
    pub(crate) on_hand_delta: i64,
    pub(crate) reserved_delta: i64,
    pub(crate) reference: String,
    pub(crate) reason: String,
    pub(crate) time_ms: i64,
}

/// Movements in one statement; eight values each.
const MOVEMENTS_PER_STATEMENT: usize = 500;

impl Store {
    /// Writes movements that are not there yet; answers how many were new.
    pub(super) async fn record(
        &self,
        tx: &Tx,
        reference: &str,
        reason: &str,
        movements: &[NewMovement],
    ) -> Result<u64> {
        let now = self.clock.now().as_millis();
        let mut written = 0;
        for chunk in movements.chunks(MOVEMENTS_PER_STATEMENT) {
            let rows = chunk.iter().map(|movement| movement.row(reference, reason, now));
            written += insert(rows).execute(tx).await?;
        }
        Ok(written)
    }

    /// A variant's movements, newest first.
    pub(crate) async fn movements(
        &self,
        variant_id: VariantId,
        page: &PageRequest,
    ) -> Result<Page<Movement>> {
        let before: i64 =
            page.cursor.as_ref().map_or(Ok(i64::MAX), |cursor| Cursor::part(&cursor.decode()?))?;
        let mut items: Vec<Movement> = sql(
            "select position, location_id, kind, on_hand_delta, reserved_delta, reference, reason, time_ms \
               from movement where variant_id = $1 and position < $2 order by position desc limit $3",
        )
        .bind(variant_id.to_string())
        .bind(before)
        .bind(i64::from(page.limit) + 1)
        .all(&self.database.stale())
        .await?;
        let more = items.len() > page.limit as usize;
        items.truncate(page.limit as usize);
        let next = items.last().filter(|_| more).map(|last| Cursor::encode(&last.position.to_string()));
        Ok(Page { items, next })
    }
}
