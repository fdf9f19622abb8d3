//! How much a purchase looks like fraud: rules that each say what they saw, and points that add up.

use argosy_kernel::Money;
use serde::{Deserialize, Serialize};

/// What is known of a purchase when it is about to be paid.
#[derive(Debug, Clone)]
pub(crate) struct Signs {
    pub(crate) total: Money,
    /// Units of the line that has most.
    pub(crate) units_of_one: i64,
    pub(crate) shipping_country: String,
    /// Empty: as the shipping address.
    pub(crate) billing_country: String,
    /// Whether this buyer has an order already.
    pub(crate) has_ordered: bool,
    /// Payments declined lately: of the trail that has most.
    pub(crate) declines: u32,
}

/// What becomes of a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Allow,
    /// It is placed, and held until somebody has looked at it.
    Review,
    Deny,
}

impl Verdict {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Review => "review",
            Self::Deny => "deny",
        }
    }
}

/// What one rule saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) rule: String,
    pub(crate) points: u32,
    /// For staff.
    pub(crate) text: String,
}

/// What was found, and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Assessment {
    pub(crate) verdict: Verdict,
    pub(crate) score: u32,
    pub(crate) findings: Vec<Finding>,
}

/// From which points on what happens, and what the rules take for much.
#[derive(Debug, Clone)]
pub(crate) struct Thresholds {
    pub(crate) review_score: u32,
    pub(crate) deny_score: u32,
    pub(crate) units_of_one: i64,
    /// In the currency of the purchase; none: no order is large.
    pub(crate) large_total: Option<i64>,
}

const DECLINE_POINTS: u32 = 12;
const DECLINES_POINTS_MAX: u32 = 60;
const COUNTRIES_POINTS: u32 = 15;
const UNITS_POINTS: u32 = 20;
const LARGE_POINTS: u32 = 25;
const LARGE_AND_NEW_POINTS: u32 = 20;

/// What the rules see.
pub(crate) fn findings(signs: &Signs, thresholds: &Thresholds) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |rule: &str, points: u32, text: String| {
        findings.push(Finding { rule: rule.to_owned(), points, text });
    };
    if signs.declines > 0 {
        let points = signs.declines.saturating_mul(DECLINE_POINTS).min(DECLINES_POINTS_MAX);
        found("declines", points, format!("{} payments from there were declined lately", signs.declines));
    }
    let (shipping, billing) = (&signs.shipping_country, &signs.billing_country);
    if !billing.is_empty() && !shipping.is_empty() && billing != shipping {
        let text = format!("the bill goes to {billing}, the goods to {shipping}");
        found("countries", COUNTRIES_POINTS, text);
    }
    if signs.units_of_one >= thresholds.units_of_one {
        found("units", UNITS_POINTS, format!("{} units of one variant", signs.units_of_one));
    }
    if thresholds.large_total.is_some_and(|large| signs.total.minor >= large) {
        found("large", LARGE_POINTS, format!("{} is a large order", signs.total));
        if !signs.has_ordered {
            found("large_and_new", LARGE_AND_NEW_POINTS, "and the first of this buyer".to_owned());
        }
    }
    findings
}

impl Assessment {
    /// What follows from findings.
    pub(crate) fn of(findings: Vec<Finding>, thresholds: &Thresholds) -> Self {
        let score = findings.iter().fold(0_u32, |sum, finding| sum.saturating_add(finding.points));
        let verdict = match score {
            score if score >= thresholds.deny_score => Verdict::Deny,
            score if score >= thresholds.review_score => Verdict::Review,
            _ => Verdict::Allow,
        };
        Self { verdict, score, findings }
    }

    /// For staff, in a line.
    pub(crate) fn explained(&self) -> String {
        let findings = self.findings.iter().map(|each| format!("{} ({})", each.text, each.points));
        format!("{} points: {}", self.score, findings.collect::<Vec<_>>().join("; "))
    }
}

#[cfg(test)]
mod tests {
    use argosy_kernel::Currency;
    use proptest::prelude::*;

    use super::*;

    fn thresholds() -> Thresholds {
        Thresholds { review_score: 50, deny_score: 100, units_of_one: 50, large_total: Some(100_000) }
    }

    fn usual() -> Signs {
        Signs {
            total: Money::new(4_900, Currency::EUR),
            units_of_one: 2,
            shipping_country: "DE".to_owned(),
            billing_country: String::new(),
            has_ordered: false,
            declines: 0,
        }
    }

    fn assessed(signs: &Signs) -> Assessment {
        Assessment::of(findings(signs, &thresholds()), &thresholds())
    }

    #[test]
    fn a_usual_purchase_is_allowed_and_nothing_is_said_of_it() {
        let assessment = assessed(&usual());
        assert_eq!((assessment.verdict, assessment.score), (Verdict::Allow, 0));
        assert!(assessment.findings.is_empty());
    }

    #[test]
    fn what_adds_up_is_looked_at_and_says_what_it_was() {
        let large = Signs { total: Money::new(150_000, Currency::EUR), ..usual() };
        assert_eq!(assessed(&large).verdict, Verdict::Allow);
        let abroad = Signs { billing_country: "US".to_owned(), ..large.clone() };
        let assessment = assessed(&abroad);
        assert_eq!(assessment.verdict, Verdict::Review);
        let text = "60 points: the bill goes to US, the goods to DE (15); 1500.00 EUR is a large order (25); \
                    and the first of this buyer (20)";
        assert_eq!(assessment.explained(), text);
        let known = Signs { has_ordered: true, ..abroad.clone() };
        assert_eq!(assessed(&known).verdict, Verdict::Allow);
        let after_declines = Signs { declines: 4, ..abroad };
        assert_eq!(assessed(&after_declines).verdict, Verdict::Deny);
    }

    proptest! {
        #[test]
        fn more_declines_never_make_a_purchase_look_better(declines in 0..1_000_u32, more in 0..1_000_u32) {
            let (few, many) = (Signs { declines, ..usual() }, Signs { declines: declines + more, ..usual() });
            prop_assert!(assessed(&few).score <= assessed(&many).score);
        }
    }
}
