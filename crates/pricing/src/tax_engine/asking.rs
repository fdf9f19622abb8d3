//! Asks an engine, for so long and not while it is down.

use std::{sync::Arc, time::Duration};

use argosy_kernel::{Clock, Ctx, Error, Result, Timestamp};
use argosy_platform::breaker::Breaker;

use super::{TaxEngine, TaxPlace, TaxQuestion};
use crate::{
    domain::{Fee, Place, STANDARD, TaxZone},
    messages::{
        quote::{QuoteAsked, Variants},
        tax,
    },
};

/// Failures in a row until it is left alone.
const FAILURES_MAX: u32 = 3;
/// How long it is left alone then.
const REST: Duration = Duration::from_secs(30);

/// An engine with its deadline and its breaker.
#[derive(Clone)]
pub(crate) struct Asking {
    engine: Arc<dyn TaxEngine>,
    timeout: Duration,
    breaker: Arc<Breaker>,
}

/// What came of it, with what a trace says.
pub(crate) struct Asked {
    /// The zone to price with; `None`: the shop's own.
    pub(crate) zone: Option<TaxZone>,
    /// For people.
    pub(crate) told: String,
}

impl Asking {
    pub(crate) fn new(engine: Arc<dyn TaxEngine>, timeout: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { engine, timeout, breaker: Arc::new(Breaker::new(FAILURES_MAX, REST, clock)) }
    }

    /// The rates of a place; `own` is the zone that counts without an answer.
    pub(crate) async fn zone(&self, ctx: &Ctx, question: &TaxQuestion, own: Option<&TaxZone>) -> Asked {
        let name = self.engine.name();
        if !self.breaker.may_call() {
            let told = format!("{name} is left alone after failures; the shop's own rates count");
            return Asked { zone: None, told };
        }
        let answer = tokio::time::timeout(self.timeout, self.engine.rates(ctx, question)).await;
        let read = match answer {
            Ok(Ok(zone)) => read(zone, question, own),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Error::unavailable("TAX_ENGINE_SLOW", "it did not answer in time")),
        };
        match read {
            Ok(zone) => {
                self.breaker.answered();
                Asked { told: format!("rates of {name}: {}", zone.name), zone: Some(zone) }
            }
            Err(error) => {
                self.breaker.failed();
                tracing::warn!(tax_engine = name, error = ?error, "a tax engine failed, the shop's own rates count");
                let told = format!("{name} failed ({}); the shop's own rates count", error.reason());
                Asked { zone: None, told }
            }
        }
    }
}

/// An answer is a zone of the place that was asked about, checked like one that a shop puts.
fn read(
    mut answer: argosy_contracts::pricing::TaxZone,
    question: &TaxQuestion,
    own: Option<&TaxZone>,
) -> Result<TaxZone> {
    answer.country.clone_from(&question.to.country);
    answer.region.clone_from(&question.to.region);
    answer.postal_codes.clear();
    answer.included = own.is_some_and(|zone| zone.included);
    if answer.name.is_empty() {
        answer.name.clone_from(&question.to.country);
    }
    tax::zones(&[answer])?.pop().ok_or_else(|| Error::internal("a zone that was read is gone"))
}

impl TaxQuestion {
    pub(crate) fn new(
        asked: &QuoteAsked,
        (variants, fees): (&Variants, &[Fee]),
        (from, to): (&Place, &Place),
        time: Timestamp,
    ) -> Self {
        let place = |place: &Place| TaxPlace {
            country: place.country.to_string(),
            region: place.region.clone(),
            postal_code: place.postal_code.clone(),
        };
        let of_lines = asked.lines.iter().filter_map(|line| variants.get(&line.variant_id));
        let classes = of_lines.map(|variant| &variant.tax_class).chain(fees.iter().map(|fee| &fee.tax_class));
        let mut tax_classes: Vec<String> = classes.filter(|class| !class.is_empty()).cloned().collect();
        tax_classes.push(STANDARD.to_owned());
        tax_classes.sort_unstable();
        tax_classes.dedup();
        let currency = asked.currency.code().to_owned();
        Self { from: place(from), to: place(to), currency, tax_classes, time }
    }
}
