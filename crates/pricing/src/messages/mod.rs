//! Between the contract's messages and the domain. A wrong field is refused here, with a JSON pointer to it.

mod benefit;
pub(crate) mod campaign;
pub(crate) mod fee;
pub(crate) mod group_code;
pub(crate) mod groups;
pub(crate) mod market;
pub(crate) mod price_list;
pub(crate) mod promotion;
pub(crate) mod quote;
pub(crate) mod quoted;
pub(crate) mod shipping;
pub(crate) mod tax;

use argosy_contracts::common;
use argosy_kernel::{Error, Money, Result};

use crate::domain::{Amounts, AmountsError, Country};

/// The longest name, title or label, in characters.
const TEXT_LENGTH_MAX: usize = 200;
/// The longest id, region or class, in characters.
const NAME_LENGTH_MAX: usize = 64;
/// The most markets that something is for.
const NAMED_MAX: usize = 250;

/// A list that is short enough.
fn at_most<T>(list: &[T], most: usize, pointer: &str) -> Result<()> {
    if list.len() > most {
        return Err(Error::invalid_field(pointer, format!("must be at most {most}")));
    }
    Ok(())
}

/// A text for people: bounded, without control characters; it may be empty.
fn text(text: &str, pointer: impl FnOnce() -> String) -> Result<String> {
    if text.chars().count() > TEXT_LENGTH_MAX || text.chars().any(char::is_control) {
        let message = format!("must be at most {TEXT_LENGTH_MAX} characters without control characters");
        return Err(Error::invalid_field(pointer(), message));
    }
    Ok(text.trim().to_owned())
}

/// A name that code compares: not empty, bounded, printable ASCII without spaces.
fn name(name: &str, pointer: impl FnOnce() -> String) -> Result<String> {
    let right =
        !name.is_empty() && name.len() <= NAME_LENGTH_MAX && name.bytes().all(|byte| byte.is_ascii_graphic());
    if !right {
        let message = format!("must be 1 to {NAME_LENGTH_MAX} printable ASCII characters without spaces");
        return Err(Error::invalid_field(pointer(), message));
    }
    Ok(name.to_owned())
}

/// A name that something is put by, as it stands in files and addresses.
fn slug(name: &str, pointer: impl FnOnce() -> String) -> Result<String> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if name.is_empty() || name.len() > NAME_LENGTH_MAX || !name.chars().all(plain) {
        let message = format!("must be 1 to {NAME_LENGTH_MAX} of a to z, 0 to 9 and -");
        return Err(Error::invalid_field(pointer(), message));
    }
    Ok(name.to_owned())
}

/// Names of others that are put by name, at most as many as there are countries. Whether there are such, now or later, is
/// not asked: files may be put in any order.
fn named(names: &[String], list: impl Fn() -> String) -> Result<Vec<String>> {
    at_most(names, NAMED_MAX, &list())?;
    let each = names.iter().enumerate();
    each.map(|(index, name)| slug(name, || format!("{}/{index}", list()))).collect()
}

/// The span of a time from and until, which is not included.
fn check_times(starts_at_ms: Option<i64>, ends_at_ms: Option<i64>, at: &str) -> Result<()> {
    match (starts_at_ms, ends_at_ms) {
        (Some(starts_at), Some(ends_at)) if ends_at <= starts_at => {
            Err(Error::invalid_field(format!("{at}/ends_at_ms"), "must be after starts_at_ms"))
        }
        _ => Ok(()),
    }
}

/// A region in capitals; empty: none.
fn region(region: &str, pointer: impl FnOnce() -> String) -> Result<String> {
    let trimmed = region.trim();
    if trimmed.chars().count() > NAME_LENGTH_MAX || trimmed.chars().any(char::is_control) {
        let message = format!("must be at most {NAME_LENGTH_MAX} characters without control characters");
        return Err(Error::invalid_field(pointer(), message));
    }
    Ok(trimmed.to_uppercase())
}

fn country(code: &str, pointer: impl FnOnce() -> String) -> Result<Country> {
    code.parse()
        .map_err(|error: crate::domain::CountryError| Error::invalid_field(pointer(), error.to_string()))
}

/// Amounts per currency; `pointer` is the list's.
fn amounts(list: &[common::Money], pointer: &str) -> Result<Amounts> {
    let read = list.iter().enumerate().map(|(index, amount)| {
        Money::try_from(amount).map_err(|error| {
            Error::invalid_field(format!("{pointer}/{index}/currency"), error.message().to_owned())
        })
    });
    Amounts::new(read.collect::<Result<_>>()?).map_err(|error| {
        let (index, field) = match error {
            AmountsError::Negative(index) => (index, "minor"),
            AmountsError::Repeated(index, _) => (index, "currency"),
        };
        Error::invalid_field(format!("{pointer}/{index}/{field}"), error.to_string())
    })
}

fn amounts_message(amounts: &Amounts) -> Vec<common::Money> {
    amounts.as_slice().iter().map(|amount| (*amount).into()).collect()
}
