//! What is the same in all services' books: who may read them, and how far one stretch goes.

use argosy_kernel::{Actor, Code, Ctx, Error, Result};

use crate::generated::argosy::common::v1::{ReadBooksRequest, ReadPeriodRequest};

const LIMIT_MAX: u32 = 500;
const LIMIT_DEFAULT: u32 = 200;

impl ReadBooksRequest {
    /// The most rows that the answer may have, once it is clear that the caller may have any.
    ///
    /// # Errors
    /// PERMISSION_DENIED/`STAFF_ONLY`; `INVALID_FIELD`.
    pub fn rows_for(&self, ctx: &Ctx) -> Result<usize> {
        staff_only(ctx)?;
        match self.limit {
            0 => Ok(LIMIT_DEFAULT as usize),
            limit if limit <= LIMIT_MAX => Ok(limit as usize),
            _ => Err(Error::invalid_field("/limit", format!("must be from 1 to {LIMIT_MAX}"))),
        }
    }
}

impl ReadPeriodRequest {
    /// How many rows are asked for.
    ///
    /// # Errors
    /// As [`ReadBooksRequest::rows_for`].
    pub fn rows_for(&self, ctx: &Ctx) -> Result<usize> {
        ReadBooksRequest { after: String::new(), limit: self.limit }.rows_for(ctx)
    }
}

pub(crate) fn staff_only(ctx: &Ctx) -> Result<()> {
    match ctx.actor {
        Actor::Staff(_) | Actor::System(_) => Ok(()),
        _ => Err(Error::new(Code::PermissionDenied, "STAFF_ONLY", "this is for staff only")),
    }
}

/// Where the next stretch begins: behind the last row of a full one.
pub fn next_after<T>(rows: &[T], limit: usize, id: impl Fn(&T) -> String) -> String {
    if rows.len() < limit { String::new() } else { rows.last().map(id).unwrap_or_default() }
}
