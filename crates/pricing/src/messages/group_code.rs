//! Codes of groups of customers as messages.

use argosy_contracts::pricing as wire;
use argosy_kernel::{Error, Result, Timestamp};

use super::{
    at_most,
    promotion::{GENERATED_MAX, seed},
    slug,
};
use crate::domain::{CouponCode, GroupCode};

/// The codes of one request.
const CODES_MAX: usize = 500;
/// So that codes can be made of its name.
const GROUP_LENGTH_MAX: usize = 40;

/// Reads a request for codes of a group: the codes to make.
pub(crate) fn made(request: &wire::MakeGroupCodesRequest) -> Result<Vec<GroupCode>> {
    let group = group(&request.customer_group)?;
    if !(1..=GENERATED_MAX).contains(&request.count) {
        return Err(Error::invalid_field("/count", format!("must be from 1 to {GENERATED_MAX}")));
    }
    let seed = seed(&request.seed)?;
    let stem = CouponCode::parse(&group).map_err(Error::internal)?;
    let codes = (0..request.count).map(|number| {
        let too_long = || Error::invalid_field("/customer_group", "is too long to make codes of it");
        Ok(GroupCode {
            code: stem.derived(seed, number).ok_or_else(too_long)?,
            group: group.clone(),
            ends_at: request.ends_at_ms.map(Timestamp::from_millis),
            active: true,
        })
    });
    codes.collect()
}

fn group(name: &str) -> Result<String> {
    let group = slug(name, || "/customer_group".to_owned())?;
    if group.len() > GROUP_LENGTH_MAX {
        let message = format!("must be at most {GROUP_LENGTH_MAX} characters");
        return Err(Error::invalid_field("/customer_group", message));
    }
    Ok(group)
}

/// Reads the codes to switch.
pub(crate) fn switched(request: &wire::SwitchGroupCodesRequest) -> Result<Vec<CouponCode>> {
    at_most(&request.codes, CODES_MAX, "/codes")?;
    let codes = request.codes.iter().enumerate().map(|(index, code)| {
        CouponCode::parse(code)
            .map_err(|error| Error::invalid_field(format!("/codes/{index}"), error.to_string()))
    });
    codes.collect()
}

/// Reads the group whose codes are to be listed; empty: all.
pub(crate) fn listed(name: &str) -> Result<String> {
    if name.is_empty() { Ok(String::new()) } else { group(name) }
}

/// A code as it is answered.
pub(crate) fn message(code: &GroupCode) -> wire::GroupCode {
    wire::GroupCode {
        code: code.code.to_string(),
        customer_group: code.group.clone(),
        ends_at_ms: code.ends_at.map(Timestamp::as_millis),
        active: code.active,
    }
}
