//! Keyset pages: a bounded list and an opaque place to go on from (law 8).

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The most items one page may have.
pub const PAGE_LIMIT_MAX: u32 = 100;

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// At most so many items, 1 to [`PAGE_LIMIT_MAX`].
    pub limit: u32,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
}

impl PageRequest {
    /// Checks the two parameters of a listing; `limit` 0 means `default`.
    pub fn new(limit: u32, cursor: &str, default: u32) -> Result<Self> {
        if limit > PAGE_LIMIT_MAX {
            return Err(Error::invalid_field("/limit", format!("must be from 1 to {PAGE_LIMIT_MAX}")));
        }
        let cursor = if cursor.is_empty() { None } else { Some(Cursor::sent(cursor)) };
        Ok(Self { limit: if limit == 0 { default } else { limit }, cursor })
    }

    /// Of a list that has the newest first: all that is asked for is older than this time, in milliseconds, or as old and has a
    /// lower id. What [`Cursor::of_time`] gave out; without a cursor it is later than anything.
    ///
    /// # Errors
    /// `INVALID_FIELD` of `/cursor`.
    pub fn before(&self) -> Result<(i64, String)> {
        let Some(cursor) = &self.cursor else { return Ok((i64::MAX, String::new())) };
        let [time, id] = cursor.decode_parts()?;
        Ok((Cursor::part(&time)?, id))
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Cursor>,
}

/// An opaque position in a list. It holds the sort key of the last item, so a page costs the same wherever it
/// is, and items that come or go in between are neither skipped nor shown twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// Packs a position. `text` is what [`Cursor::decode`] gives back.
    pub fn encode(text: &str) -> Self {
        Self(BASE64URL_NOPAD.encode(text.as_bytes()))
    }

    /// A position in a list that has the newest first: see [`PageRequest::before`].
    pub fn of_time(time_ms: i64, id: &str) -> Self {
        Self::encode(&format!("{time_ms}\t{id}"))
    }

    /// A position as somebody sent it; [`Cursor::decode`] says whether it is one.
    pub fn sent(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Unpacks a position that this system made.
    pub fn decode(&self) -> Result<String> {
        BASE64URL_NOPAD
            .decode(self.0.as_bytes())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| Error::invalid_field("/cursor", "is not a cursor that this list gave out"))
    }

    /// Unpacks a position as parts that were joined by a tab.
    pub fn decode_parts<const N: usize>(&self) -> Result<[String; N]> {
        let parts: Vec<String> = self.decode()?.split('\t').map(str::to_owned).collect();
        parts
            .try_into()
            .map_err(|_| Error::invalid_field("/cursor", "is not a cursor that this list gave out"))
    }

    /// One part of a position, read as what it should be.
    pub fn part<T: std::str::FromStr>(text: &str) -> Result<T> {
        text.parse().map_err(|_| Error::invalid_field("/cursor", "is not a cursor that this list gave out"))
    }

    /// As it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.0
    }
}
