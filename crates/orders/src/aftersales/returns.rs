//! Goods come back: asked for, answered, received, inspected, settled.

use std::time::Duration;

use argosy_contracts::orders::{
    AnswerReturnRequest, InspectReturnRequest, ReceiveReturnRequest, RequestReturnRequest,
    SettleReturnRequest,
};
use argosy_kernel::{Error, Result, ReturnId};

use super::{check, goods, money};
use crate::{
    domain::{
        Entry, Line, Parts, RESOLUTIONS, RETURN_REASONS, Return, ReturnState, ReturnedLine, Units, Words,
        choose,
    },
    error,
    events::Changed,
    store::{Move, Work},
};

const DAY: Duration = Duration::from_hours(24);
const COMMENT_LENGTH_MAX: usize = 1_000;

/// Writes a return, and tells that it took a step.
async fn put(work: &mut Work, asked: &Return, text: &str) -> Result<()> {
    let id = asked.id.to_string();
    work.put_return(asked).await?;
    work.note(&format!("return_{}", asked.state.as_str()), &id, text).await?;
    work.tell(Changed::Return, &id, asked.state.as_str())
}

/// `window`: within how many days after the last parcel; staff may at any time.
pub(super) async fn request(
    work: &mut Work,
    request: &RequestReturnRequest,
    window: Option<u32>,
) -> Result<()> {
    let comment = check::text("/comment", &request.comment, COMMENT_LENGTH_MAX)?;
    let resolution = check::word("/resolution", &request.resolution, &RESOLUTIONS)?;
    if request.lines.is_empty() {
        return Err(Error::invalid_field("/lines", "must name what comes back"));
    }
    for (index, line) in request.lines.iter().enumerate() {
        check::word(&format!("/lines/{index}/reason"), &line.reason, &RETURN_REASONS)?;
    }
    work.open().await?;
    let wanted: Vec<(String, i64)> =
        request.lines.iter().map(|line| (line.line_id.clone(), line.quantity)).collect();
    let units = choose(&work.lines, &wanted, Line::returnable)?;
    if let (Some(days), Some(sent)) = (window, work.last_parcel().await?)
        && sent.plus(DAY * days) < work.now()
    {
        return Err(error::return_too_late(days));
    }
    work.move_units(Move::AskBack, &units).await?;
    let lines = units.iter().zip(&request.lines).map(|(units, asked)| ReturnedLine {
        line: units.line.clone(),
        quantity: units.quantity,
        reason: asked.reason.clone(),
        received: 0,
        restocked: 0,
        written_off: 0,
    });
    let asked = Return {
        id: ReturnId::new(),
        state: ReturnState::Requested,
        reference: request.reference.clone(),
        resolution: resolution.to_owned(),
        lines: lines.collect(),
        words: Words { comment, answer: String::new() },
        at: work.now(),
    };
    put(work, &asked, &format!("A return of {} units was asked for.", goods::count(&units))).await
}

pub(super) async fn answer(work: &mut Work, request: &AnswerReturnRequest) -> Result<()> {
    let text = check::text("/text", &request.text, COMMENT_LENGTH_MAX)?;
    let (next, said) = match check::word("/answer", &request.answer, &["approve", "decline", "cancel"])? {
        "approve" => (ReturnState::Approved, "The return was approved."),
        "decline" => (ReturnState::Declined, "The return was declined."),
        _ => (ReturnState::Canceled, "The return was canceled."),
    };
    work.open().await?;
    let mut asked = work.find_return(&request.return_id).await?;
    asked.become_next(next)?;
    asked.words.answer = text;
    if next != ReturnState::Approved {
        let units: Vec<Units> = asked.lines.iter().map(|line| units(line, line.quantity)).collect();
        work.move_units(Move::Keep, &units).await?;
    }
    put(work, &asked, said).await
}

fn units(line: &ReturnedLine, quantity: i64) -> Units {
    Units { line: line.line.clone(), quantity }
}

pub(super) async fn receive(work: &mut Work, request: &ReceiveReturnRequest) -> Result<()> {
    work.open().await?;
    let mut asked = work.find_return(&request.return_id).await?;
    asked.become_next(ReturnState::Received)?;
    let announced = |line: &Line| {
        asked.lines.iter().filter(|known| known.line == line.id).map(|known| known.quantity).sum()
    };
    let came = choose(&work.lines, &goods::asked(&request.lines), announced)?;
    let mut kept = Vec::new();
    for line in &mut asked.lines {
        line.received = came.iter().find(|units| units.line == line.line).map_or(0, |units| units.quantity);
        if line.received < line.quantity {
            kept.push(units(line, line.quantity - line.received));
        }
    }
    work.move_units(Move::TakeBack, &came).await?;
    work.move_units(Move::Keep, &kept).await?;
    put(work, &asked, &format!("{} units of a return have arrived.", goods::count(&came))).await
}

pub(super) async fn inspect(work: &mut Work, request: &InspectReturnRequest) -> Result<()> {
    work.open().await?;
    let mut asked = work.find_return(&request.return_id).await?;
    asked.become_next(ReturnState::Inspected)?;
    for (index, found) in request.lines.iter().enumerate() {
        let known = asked.lines.iter().filter(|line| line.line == found.line_id && line.received > 0).count();
        let named = request.lines.iter().filter(|line| line.line_id == found.line_id).count();
        if known != 1 || named != 1 {
            let pointer = format!("/lines/{index}/line_id");
            return Err(Error::invalid_field(pointer, "must be a line that came back, once"));
        }
    }
    for line in asked.lines.iter_mut().filter(|line| line.received > 0) {
        if request.lines.is_empty() {
            line.restocked = line.received;
            continue;
        }
        let found = request.lines.iter().position(|found| found.line_id == line.line);
        let (index, found) = found
            .map(|index| (index, &request.lines[index]))
            .ok_or_else(|| error::inspection_incomplete("/lines", line.received))?;
        let is_all = found.restocked >= 0
            && found.written_off >= 0
            && found.restocked.checked_add(found.written_off) == Some(line.received);
        if !is_all {
            return Err(error::inspection_incomplete(format!("/lines/{index}"), line.received));
        }
        (line.restocked, line.written_off) = (found.restocked, found.written_off);
    }
    let back: Vec<Units> = asked
        .lines
        .iter()
        .filter(|line| line.restocked > 0)
        .map(|line| units(line, line.restocked))
        .collect();
    goods::restock(work, &back, &request.location_id, "returned").await?;
    put(work, &asked, "The returned goods were inspected.").await
}

pub(super) async fn settle(work: &mut Work, request: &SettleReturnRequest) -> Result<()> {
    work.open().await?;
    let mut asked = work.find_return(&request.return_id).await?;
    asked.become_next(ReturnState::Settled)?;
    if !request.resolution.is_empty() {
        check::word("/resolution", &request.resolution, &RESOLUTIONS)?;
        asked.resolution.clone_from(&request.resolution);
    }
    let came: Vec<Units> = asked.lines.iter().map(|line| units(line, line.received)).collect();
    let fees = if request.fees { goods::fees_left(work)? } else { Parts::default() };
    let value = goods::credit(work, &came).await?.plus(fees)?;
    let delivery = if request.shipping { goods::delivery_left(work)? } else { Parts::default() };
    let id = asked.id.to_string();
    let back = goods::take_out(work, &format!("return:{id}"), value, delivery).await?;
    let text = match asked.resolution.as_str() {
        "store_credit" => {
            // No more than the goods that came back are worth, and no more than is the buyer's.
            let kept = back.min(work.ledger.owed());
            if kept > 0 {
                work.post(&Entry::kept_as_credit(format!("credit:{id}"), kept)).await?;
            }
            format!("{} were credited for a return.", work.order.money(kept)?)
        }
        "exchange" => "The returned goods are being exchanged.".to_owned(),
        _ => {
            money::give_back_what_is_owed(work, "returned").await?;
            "The return is settled.".to_owned()
        }
    };
    put(work, &asked, &text).await
}
