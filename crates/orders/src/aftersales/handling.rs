//! How staff go about an order: hold it, release it, note something.

use argosy_contracts::orders::{AnnotateOrderRequest, HoldOrderRequest, ReleaseOrderRequest};
use argosy_kernel::{Error, Result};

use super::check;
use crate::{error, events::Changed, store::Work};

const TAGS_MAX: usize = 50;

pub(super) async fn hold(work: &mut Work, request: &HoldOrderRequest) -> Result<()> {
    let reason = check::line("/reason", &request.reason, 200)?;
    if reason.is_empty() {
        return Err(Error::invalid_field("/reason", "must say why"));
    }
    if matches!(work.status.as_str(), "canceled" | "completed") {
        return Err(error::order_state(work.order.id, &work.status, "held"));
    }
    work.note_or_pass_over("held", &request.reference, &format!("Held: {reason}")).await?;
    work.hold_reason = Some(reason);
    work.tell(Changed::Handling, &request.reference, "held")
}

pub(super) async fn release(work: &mut Work, request: &ReleaseOrderRequest) -> Result<()> {
    if work.hold_reason.take().is_none() {
        return Err(error::order_state(work.order.id, "not held", "released"));
    }
    work.note_or_pass_over("released", &request.reference, "Released.").await?;
    work.tell(Changed::Handling, &request.reference, "released")
}

pub(super) async fn annotate(work: &mut Work, request: &AnnotateOrderRequest) -> Result<()> {
    let note = check::text("/note", &request.note, 2_000)?;
    if note.is_empty() && request.add_tags.is_empty() && request.remove_tags.is_empty() {
        return Err(Error::invalid_field("/note", "must say something, if no tags are named"));
    }
    for (index, tag) in request.add_tags.iter().enumerate() {
        let tag = check::tag(format!("/add_tags/{index}"), tag)?;
        if !work.tags.contains(&tag) {
            work.tags.push(tag);
        }
    }
    work.tags.retain(|tag| !request.remove_tags.contains(tag));
    if work.tags.len() > TAGS_MAX {
        return Err(Error::invalid_field("/add_tags", format!("an order has at most {TAGS_MAX} tags")));
    }
    work.tags.sort_unstable();
    if !note.is_empty() {
        work.note_for_staff("note", &request.reference, &note).await?;
    }
    work.tell(Changed::Handling, &request.reference, "annotated")
}
