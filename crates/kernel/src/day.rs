//! Days of the calendar.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use time::{Date, format_description::well_known::Iso8601};

/// A day of the calendar, wherever that is: `2027-03-12`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// One that may be left out, which an empty text does.
    ///
    /// # Errors
    /// `INVALID_DAY`.
    pub fn optional(text: &str) -> Result<Option<Self>, crate::Error> {
        if text.is_empty() { Ok(None) } else { text.parse().map(Some) }
    }

    /// As it stands in an English sentence: `12 March 2027`.
    pub fn in_words(self) -> String {
        format!("{} {} {}", self.0.day(), self.0.month(), self.0.year())
    }

    /// The text of one that may be left out.
    pub fn text(day: Option<Self>) -> String {
        day.map(|day| day.to_string()).unwrap_or_default()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, crate::Error> {
        let has_form = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let day = has_form.then(|| Date::parse(text, &Iso8601::DATE).ok()).flatten();
        day.map(Self).ok_or_else(|| {
            crate::Error::invalid("INVALID_DAY", format!("'{text}' is not a day such as 2027-03-12"))
        })
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_back_as_itself_and_what_is_none_is_refused() {
        let day: Day = "2028-02-29".parse().unwrap();
        assert_eq!((day.to_string().as_str(), day.in_words().as_str()), ("2028-02-29", "29 February 2028"));
        assert!(day < "2028-03-01".parse().unwrap());
        for none in ["2027-02-29", "2027-3-12", "20270312", "2027-03-12T10:00", "soon", "+027-03-12"] {
            assert_eq!(none.parse::<Day>().unwrap_err().reason(), "INVALID_DAY", "{none}");
        }
        assert_eq!((Day::optional("").unwrap(), Day::text(None)), (None, String::new()));
    }
}
