//! What handlers take from a request; whatever is wrong with it is answered as problem+json.

mod body;
mod caller;
mod json;
mod path;
mod query;
mod visitor;

pub use self::{
    body::Bytes,
    caller::Caller,
    json::Json,
    path::Path,
    query::{Pairs, Query},
    visitor::Visitor,
};
pub(crate) use self::{
    body::{too_large, too_slow},
    caller::{Scope, valid_key},
};

use argosy_kernel::Error;

/// Turns where serde failed into a JSON pointer, and what it said into an error.
///
/// serde names a field that is missing or unknown in its message only, so it is taken from there.
fn field_error(path: &serde_path_to_error::Path, message: &str) -> Error {
    use serde_path_to_error::Segment;

    let mut pointer = String::new();
    for segment in path {
        let part = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.clone(),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
    }
    let named = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|start| message.strip_prefix(start)?.split_once('`').map(|(name, _)| name));
    if let Some(name) = named {
        let last = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        if !pointer.ends_with(&last) {
            pointer.push_str(&last);
        }
    }
    // Where in the text it stands helps nobody once the field is named.
    let message = message.split(" at line ").next().unwrap_or(message);
    Error::invalid_field(pointer, message)
}
