//! `fields` and `include`: what of an answer a client wants.

use argosy_kernel::{Error, Result};

use crate::shapes::PRODUCT_FIELDS;

/// The product fields that `fields=a,b` names; `None`: all.
///
/// # Errors
/// `INVALID_FIELD` naming the first that there is not.
pub(super) fn fields(asked: Option<&str>) -> Result<Option<Vec<String>>> {
    let Some(asked) = asked else { return Ok(None) };
    let names: Vec<String> = asked.split(',').map(|name| name.trim().to_owned()).collect();
    match names.iter().find(|name| !PRODUCT_FIELDS.contains(&name.as_str())) {
        None => Ok(Some(names)),
        Some(unknown) => {
            let known = PRODUCT_FIELDS.join(", ");
            let unknown: String = unknown.chars().take(40).collect();
            Err(Error::invalid_field("/fields", format!("'{unknown}' is none of {known}")))
        }
    }
}

/// Whether `include` names the one thing that can be included.
///
/// # Errors
/// `INVALID_FIELD` if it names something else.
pub(super) fn includes(asked: Option<&str>, what: &str) -> Result<bool> {
    match asked {
        None => Ok(false),
        Some(asked) if asked == what => Ok(true),
        Some(_) => Err(Error::invalid_field("/include", format!("must be {what}"))),
    }
}
