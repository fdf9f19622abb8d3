//! When what is ordered now arrives.
//!
//! Days of delivery are working days. An order leaves on the day it was placed if that is one and the hour until which
//! parcels are packed has not passed, by the clock of the shop's place; else on the next.

use argosy_kernel::{Error, Result, Timestamp};
use jiff::{
    ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};

/// A calendar in which no day is a working day is looked through no further than this.
const DAYS_MAX: u32 = 800;

/// The days on which a shop works, where it is.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    working: Vec<Weekday>,
    /// Month and day, of one year or of all.
    holidays: Vec<(Option<i16>, i8, i8)>,
}

impl Calendar {
    /// A calendar of settings: an IANA time zone, weekdays such as `mon`, holidays such as `12-25` or `2026-04-06`.
    ///
    /// # Errors
    /// `INVALID_SETTING`, naming the key.
    pub fn new(time_zone: &str, working_days: &[String], holidays: &[String]) -> Result<Self> {
        let refuse = |key: &str, value: &str, right: &str| {
            Error::invalid("INVALID_SETTING", format!("wrong setting {key}: '{value}' must be {right}"))
        };
        let zone = TimeZone::get(time_zone)
            .map_err(|_| refuse("shop.time_zone", time_zone, "an IANA time zone such as Europe/Berlin"))?;
        let day = |text: &String| {
            weekday(text).ok_or_else(|| {
                refuse("pricing.working_days", text, "one of mon, tue, wed, thu, fri, sat, sun")
            })
        };
        let holiday = |text: &String| {
            holiday(text).ok_or_else(|| refuse("pricing.holidays", text, "a day such as 12-25 or 2026-04-06"))
        };
        let working: Vec<Weekday> = working_days.iter().map(day).collect::<Result<_>>()?;
        if working.is_empty() {
            return Err(refuse("pricing.working_days", "", "at least one weekday"));
        }
        Ok(Self { zone, working, holidays: holidays.iter().map(holiday).collect::<Result<_>>()? })
    }

    /// The first and the last day on which an order of now arrives, as `YYYY-MM-DD`; `cutoff` is in minutes after
    /// midnight. `None` where time or days are beyond a calendar.
    pub fn arrival(
        &self,
        now: Timestamp,
        cutoff: Option<u16>,
        days_min: u32,
        days_max: u32,
    ) -> Option<(String, String)> {
        let here =
            jiff::Timestamp::from_millisecond(now.as_millis()).ok()?.to_zoned_datetime(self.zone.clone());
        let minute = i32::from(here.hour()) * 60 + i32::from(here.minute());
        let today = here.date();
        let is_late = cutoff.is_some_and(|cutoff| minute >= i32::from(cutoff));
        let leaves = if is_late || !self.is_working(today) { self.after(today, 1)? } else { today };
        let (first, last) = (self.after(leaves, days_min)?, self.after(leaves, days_max)?);
        Some((first.to_string(), last.to_string()))
    }

    fn is_working(&self, day: Date) -> bool {
        let is_holiday = |(year, month, of_month): &(Option<i16>, i8, i8)| {
            year.is_none_or(|year| year == day.year()) && (*month, *of_month) == (day.month(), day.day())
        };
        self.working.contains(&day.weekday()) && !self.holidays.iter().any(is_holiday)
    }

    /// So many working days after a day.
    fn after(&self, day: Date, days: u32) -> Option<Date> {
        let (mut day, mut left) = (day, days);
        for _ in 0..DAYS_MAX {
            if left == 0 {
                return Some(day);
            }
            day = day.checked_add(1.day()).ok()?;
            left -= u32::from(self.is_working(day));
        }
        None
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    let all = [
        ("mon", Weekday::Monday),
        ("tue", Weekday::Tuesday),
        ("wed", Weekday::Wednesday),
        ("thu", Weekday::Thursday),
        ("fri", Weekday::Friday),
        ("sat", Weekday::Saturday),
        ("sun", Weekday::Sunday),
    ];
    all.into_iter().find(|(name, _)| *name == text).map(|(_, day)| day)
}

fn holiday(text: &str) -> Option<(Option<i16>, i8, i8)> {
    if let Ok(day) = text.parse::<Date>() {
        return Some((Some(day.year()), day.month(), day.day()));
    }
    // 2024 has a 29th of February.
    let day: Date = format!("2024-{text}").parse().ok()?;
    Some((None, day.month(), day.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(holidays: &[&str]) -> Calendar {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        Calendar::new("Europe/Berlin", &texts(&["mon", "tue", "wed", "thu", "fri"]), &texts(holidays))
            .unwrap()
    }

    fn arrival(holidays: &[&str], now: &str, cutoff: Option<u16>, days: (u32, u32)) -> (String, String) {
        calendar(holidays).arrival(now.parse().unwrap(), cutoff, days.0, days.1).unwrap()
    }

    fn dates(first: &str, last: &str) -> (String, String) {
        (first.to_owned(), last.to_owned())
    }

    const TWO_O_CLOCK: Option<u16> = Some(14 * 60);

    #[test]
    fn an_order_before_the_hour_leaves_today_and_one_after_it_on_the_next_working_day() {
        // 2026-11-27 is a Friday; Berlin is an hour ahead of UTC in winter.
        assert_eq!(
            arrival(&[], "2026-11-27T12:59:00Z", TWO_O_CLOCK, (1, 3)),
            dates("2026-11-30", "2026-12-02")
        );
        assert_eq!(
            arrival(&[], "2026-11-27T13:00:00Z", TWO_O_CLOCK, (1, 3)),
            dates("2026-12-01", "2026-12-03")
        );
        assert_eq!(
            arrival(&[], "2026-11-28T09:00:00Z", TWO_O_CLOCK, (1, 1)),
            dates("2026-12-01", "2026-12-01")
        );
        assert_eq!(arrival(&[], "2026-11-27T23:30:00Z", None, (0, 0)), dates("2026-11-30", "2026-11-30"));
    }

    #[test]
    fn an_hour_is_of_the_shops_place_in_summer_too() {
        assert_eq!(
            arrival(&[], "2026-07-01T11:59:00Z", TWO_O_CLOCK, (0, 0)),
            dates("2026-07-01", "2026-07-01")
        );
        assert_eq!(
            arrival(&[], "2026-07-01T12:00:00Z", TWO_O_CLOCK, (0, 0)),
            dates("2026-07-02", "2026-07-02")
        );
    }

    #[test]
    fn holidays_of_one_year_or_of_all_are_no_working_days() {
        let holidays = ["12-25", "12-26", "2026-12-24"];
        assert_eq!(
            arrival(&holidays, "2026-12-23T10:00:00Z", None, (1, 2)),
            dates("2026-12-28", "2026-12-29")
        );
        assert_eq!(
            arrival(&holidays, "2025-12-23T10:00:00Z", None, (1, 2)),
            dates("2025-12-24", "2025-12-29")
        );
    }

    #[test]
    fn wrong_settings_are_refused_by_their_key() {
        let text = |text: &str| vec![text.to_owned()];
        for (zone, days, holidays, key) in [
            ("Europe/Atlantis", text("mon"), text("12-25"), "shop.time_zone"),
            ("UTC", text("monday"), text("12-25"), "pricing.working_days"),
            ("UTC", Vec::new(), text("12-25"), "pricing.working_days"),
            ("UTC", text("mon"), text("25.12."), "pricing.holidays"),
            ("UTC", text("mon"), text("13-01"), "pricing.holidays"),
        ] {
            let error = Calendar::new(zone, &days, &holidays).unwrap_err();
            assert!(error.message().contains(key), "{error}");
        }
    }

    #[test]
    fn law_9_a_shop_that_never_works_is_not_waited_for() {
        let every_day: Vec<String> = (1..=12)
            .flat_map(|month| (1..=31).map(move |day| format!("{month:02}-{day:02}")))
            .filter(|text| holiday(text).is_some())
            .collect();
        let calendar = Calendar::new("UTC", &["mon".to_owned()], &every_day).unwrap();
        assert_eq!(calendar.arrival("2026-01-01T00:00:00Z".parse().unwrap(), None, 1, 1), None);
    }
}
