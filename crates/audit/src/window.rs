//! A book read beside another one: rows of some time around a moment, found by id.

use std::collections::HashMap;

use argosy_kernel::{AttemptId, IntentId, ReservationId, Result};

use crate::stretches::Stretch;

/// By how much ids of one attempt may be apart. They are made within microseconds; a clock may be set meanwhile.
const SLACK_MS: u64 = 60_000;

/// An end of time that every id is before.
pub(crate) const END: u64 = u64::MAX - SLACK_MS;

pub(crate) struct Window<T> {
    rows: HashMap<String, T>,
    /// Where to read on; none: all is read.
    next: Option<String>,
    read_to_ms: u64,
}

impl<T> Window<T> {
    pub(crate) fn new() -> Self {
        Self { rows: HashMap::new(), next: Some(String::new()), read_to_ms: 0 }
    }

    /// Reads on until all that may belong to something of `to_ms` is there; each row is `seen` once.
    pub(crate) async fn read_to(
        &mut self,
        to_ms: u64,
        id: impl Fn(&T) -> String,
        read: impl AsyncFn(String) -> Result<Stretch<T>>,
        mut seen: impl FnMut(&T),
    ) -> Result<()> {
        while self.read_to_ms <= to_ms.saturating_add(SLACK_MS) {
            let Some(after) = self.next.take() else { return Ok(()) };
            let (rows, next) = read(after).await?;
            for row in rows {
                seen(&row);
                let id = id(&row);
                self.read_to_ms = self.read_to_ms.max(made_at_ms(&id));
                self.rows.insert(id, row);
            }
            self.next = Some(next).filter(|next| !next.is_empty());
        }
        Ok(())
    }

    pub(crate) fn take(&mut self, id: &str) -> Option<T> {
        self.rows.remove(id)
    }

    /// Takes what is of a time or before.
    pub(crate) fn take_to(&mut self, to_ms: u64) -> Vec<(String, T)> {
        let mut taken: Vec<_> = self.rows.extract_if(|id, _| made_at_ms(id) <= to_ms).collect();
        taken.sort_by(|(one, _), (other, _)| one.cmp(other));
        taken
    }

    /// Takes what nothing of `from_ms` or later can belong to.
    pub(crate) fn take_before(&mut self, from_ms: u64) -> Vec<(String, T)> {
        self.rows.extract_if(|id, _| made_at_ms(id).saturating_add(SLACK_MS) < from_ms).collect()
    }
}

/// When an id was made: the first 48 bits of a version 7 UUID. 0 if it is none of the ids that a checkout makes.
pub(crate) fn made_at_ms(id: &str) -> u64 {
    let bytes = id
        .parse()
        .map(AttemptId::to_bytes)
        .or_else(|_| id.parse().map(IntentId::to_bytes))
        .or_else(|_| id.parse().map(ReservationId::to_bytes));
    bytes.map_or(0, |bytes| u64::try_from(u128::from_be_bytes(bytes) >> 80).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(ms: u64) -> String {
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
        IntentId::from_bytes(bytes).to_string()
    }

    #[test]
    fn an_id_says_when_it_was_made() {
        assert_eq!(made_at_ms(&made(1_780_315_200_123)), 1_780_315_200_123);
        assert_eq!(made_at_ms("something else"), 0);
    }

    #[tokio::test]
    async fn a_window_holds_what_is_near_and_gives_back_what_nobody_took() {
        let ids: Vec<String> = (0..10).map(|minute| made(minute * 600_000)).collect();
        let read = async |after: String| {
            let at = ids.iter().position(|id| *id == after).map_or(0, |at| at + 1);
            let rows: Vec<String> = ids[at..].iter().take(2).cloned().collect();
            let next = if rows.len() < 2 { String::new() } else { rows[1].clone() };
            Ok((rows, next))
        };
        let mut window = Window::new();
        window.read_to(600_000, Clone::clone, read, |_| {}).await.unwrap();
        assert_eq!(window.rows.len(), 4, "read no further than what may belong");
        assert_eq!(window.take(&ids[1]).as_ref(), Some(&ids[1]));
        let lost = window.take_before(600_000);
        assert_eq!(lost.iter().map(|(id, _)| id).collect::<Vec<_>>(), [&ids[0]]);
        window.read_to(END, Clone::clone, read, |_| {}).await.unwrap();
        assert_eq!(window.take_before(u64::MAX).len(), 8);
    }
}
