//! Somebody else's opinion of a purchase, asked with a deadline.
//!
//! Nothing is sent that tells who buys: amounts, countries and counts, the same that the rules see.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, Result};
use argosy_platform::{
    breaker::Breaker,
    outgoing::{JsonEndpoint, NoAnswer},
};
use serde::{Deserialize, Serialize};

use super::config::RiskConfig;
use crate::domain::{Finding, Signs};

/// Failures in a row until it is left alone.
const FAILURES_MAX: u32 = 5;
/// How long it is left alone then.
const REST: Duration = Duration::from_secs(30);
const TEXT_MAX: usize = 200;

/// A scorer that is asked over HTTP.
pub(super) struct Scorer {
    endpoint: JsonEndpoint,
    timeout: Duration,
    breaker: Breaker,
}

/// The question.
#[derive(Serialize)]
struct Question<'a> {
    currency: &'a str,
    total_minor: i64,
    units_of_one: i64,
    shipping_country: &'a str,
    billing_country: &'a str,
    has_ordered: bool,
    declines: u32,
}

/// The answer.
#[derive(Deserialize)]
struct Answer {
    points: u32,
    #[serde(default)]
    text: String,
}

impl Scorer {
    /// The one that the settings name, if they do.
    ///
    /// # Errors
    /// `INVALID_SETTING` if its address is none.
    pub(super) fn new(config: &RiskConfig, clock: Arc<dyn Clock>) -> Result<Option<Self>> {
        let Some(url) = &config.scorer_url else { return Ok(None) };
        let timeout = Duration::from_millis(config.scorer_timeout_ms.into());
        let secret = config.scorer_secret.clone();
        let endpoint = JsonEndpoint::new("orders.risk.scorer_url", url, secret, timeout)?;
        Ok(Some(Self { endpoint, timeout, breaker: Breaker::new(FAILURES_MAX, REST, clock) }))
    }

    /// What it says; a finding without points if it does not.
    pub(super) async fn ask(&self, signs: &Signs) -> Finding {
        let silent = |why: &str| Finding {
            rule: "scorer".to_owned(),
            points: 0,
            text: format!("the scorer {why}; the rules alone decided"),
        };
        if !self.breaker.may_call() {
            return silent("is left alone after failures");
        }
        let answer = tokio::time::timeout(self.timeout, self.answer(signs)).await;
        match answer.unwrap_or_else(|_| Err("did not answer in time".to_owned())) {
            Ok(Answer { points, text }) => {
                self.breaker.answered();
                let text: String = text.chars().filter(|each| !each.is_control()).take(TEXT_MAX).collect();
                let text = if text.is_empty() { "the scorer's points".to_owned() } else { text };
                Finding { rule: "scorer".to_owned(), points, text }
            }
            Err(why) => {
                self.breaker.failed();
                tracing::warn!(why, "the scorer of purchases failed, the rules alone decide");
                silent(&why)
            }
        }
    }

    async fn answer(&self, signs: &Signs) -> Result<Answer, String> {
        let question = Question {
            currency: signs.total.currency.code(),
            total_minor: signs.total.minor,
            units_of_one: signs.units_of_one,
            shipping_country: &signs.shipping_country,
            billing_country: &signs.billing_country,
            has_ordered: signs.has_ordered,
            declines: signs.declines,
        };
        self.endpoint.ask(&question).await.map_err(|why| match why {
            NoAnswer::Silent(_) => "did not answer".to_owned(),
            NoAnswer::Status(status) => format!("answered {status}"),
            NoAnswer::Unreadable(_) => "answered something else than points".to_owned(),
        })
    }
}
