//! Whether a purchase may be paid: limits on declined payments, then rules and a scorer that add up points.
//!
//! The limits are for whoever tries stolen cards one after the other. They count what is declined, by address, device,
//! network and goods, so that a busy shop is not taken for one under attack, and who changes one of them is known by the
//! others. Nothing of that is asked when a shop sells well, but one statement.

mod config;
mod scorer;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use argosy_contracts::{orders::Visitor, pricing::Quote};
use argosy_kernel::{Clock, Money, Result};

pub use self::config::RiskConfig;
use self::scorer::Scorer;
use crate::{
    domain::{Assessment, Checkout, Signs, TrailKind, Verdict, findings, trails},
    error,
    store::{Store, Tries},
};

/// The goods of a shop that sells well are declined now and then: only if more than three of four tries are.
const GOODS_SHARE: (u32, u32) = (3, 4);

/// Looks at purchases before they are paid.
pub(crate) struct Guard {
    store: Store,
    config: RiskConfig,
    scorer: Option<Scorer>,
    /// The key of trails, and its day.
    key: Mutex<Option<(i64, [u8; 32])>>,
}

/// What was found out of a purchase that may be paid.
pub(crate) struct Judged {
    pub(crate) trails: Vec<String>,
    pub(crate) assessment: Assessment,
}

impl Guard {
    pub(crate) fn new(store: Store, config: RiskConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        config.check()?;
        let scorer = Scorer::new(&config, clock)?;
        Ok(Self { store, config, scorer, key: Mutex::default() })
    }

    /// Judges a purchase.
    ///
    /// # Errors
    /// `TOO_MANY_DECLINES` where a limit is reached, `PURCHASE_REFUSED` where points are.
    pub(crate) async fn judge(
        &self,
        checkout: &Checkout,
        quote: &Quote,
        total: Money,
        visitor: Option<&Visitor>,
    ) -> Result<Judged> {
        let key = self.key_of_today().await?;
        let ship_to = checkout.contact.shipping_address.as_ref();
        let trails = trails(&key, visitor, ship_to, quote);
        let window = Duration::from_secs(self.config.declines_window_s.into());
        let tries = self.store.tries(&trails, window).await?;
        if let Some(kind) = tries.iter().find_map(|tries| self.reached(tries)) {
            metrics::counter!("argosy_purchases_judged_total", "verdict" => "too_many_declines").increment(1);
            tracing::warn!(checkout.id = %checkout.id, trail = kind.as_str(), "too many declined payments");
            return Err(error::too_many_declines(window));
        }
        let declines = tries.iter().map(|tries| tries.declined).max().unwrap_or(0);
        let assessment = self.assess(checkout, quote, total, declines).await?;
        let verdict = assessment.verdict.as_str();
        metrics::counter!("argosy_purchases_judged_total", "verdict" => verdict).increment(1);
        if assessment.verdict == Verdict::Deny {
            tracing::warn!(checkout.id = %checkout.id, why = assessment.explained(), "a purchase was refused");
            self.store.note_refusal(checkout.id, &assessment).await?;
            return Err(error::purchase_refused());
        }
        Ok(Judged { trails, assessment })
    }

    /// The limit that is reached, if one is.
    fn reached(&self, tries: &Tries) -> Option<TrailKind> {
        let kind = TrailKind::of(&tries.trail)?;
        let limit = self.config.limit(kind)?;
        let (part, whole) = GOODS_SHARE;
        let mostly = u64::from(tries.declined) * u64::from(whole) > u64::from(tries.all) * u64::from(part);
        (tries.declined >= limit && (kind != TrailKind::Goods || mostly)).then_some(kind)
    }

    async fn assess(
        &self,
        checkout: &Checkout,
        quote: &Quote,
        total: Money,
        declines: u32,
    ) -> Result<Assessment> {
        let thresholds = self.config.thresholds(&quote.currency);
        let contact = &checkout.contact;
        let country = |address: &Option<argosy_contracts::common::Address>| {
            address.as_ref().map(|address| address.country.clone()).unwrap_or_default()
        };
        let is_large = thresholds.large_total.is_some_and(|large| total.minor >= large);
        // Only then it is asked, since only then it counts.
        let asks_who = is_large || self.scorer.is_some();
        let signs = Signs {
            total,
            units_of_one: quote.lines.iter().map(|line| line.quantity).max().unwrap_or(0),
            shipping_country: country(&contact.shipping_address),
            billing_country: country(&contact.billing_address),
            has_ordered: asks_who && self.store.known_buyer(&contact.email).await?.has_ordered,
            declines,
        };
        let mut found = findings(&signs, &thresholds);
        if let Some(scorer) = &self.scorer {
            found.push(scorer.ask(&signs).await);
        }
        Ok(Assessment::of(found, &thresholds))
    }

    async fn key_of_today(&self) -> Result<[u8; 32]> {
        let day = self.store.day();
        let known = *self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, key)) = known.filter(|(of, _)| *of == day) {
            return Ok(key);
        }
        let key = self.store.risk_key(day).await?;
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = Some((day, key));
        Ok(key)
    }
}
