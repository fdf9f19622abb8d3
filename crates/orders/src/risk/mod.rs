//! Whether a purchase may be paid: limits on declined payments, then rules and a scorer that add up points.
//!
//! The limits are for whoever tries stolen cards one after the other. They count what is declined, by address, device,
//! network and goods, so that a busy shop is not taken for one under attack, and who changes one of them is known by the
//! others. Nothing of that is asked when a shop sells well, but one statement.
//!
//! A token tells nothing of its card, so a card is counted once its provider has told it, with the answer. Asking about each
//! before it is charged would cost every purchase a call for what few need. So a card that reaches its limit leaves a mark, which
//! that one statement sees; as long as it stands, cards are asked about first (`cards.rs`).

mod cards;
mod config;
mod scorer;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use argosy_contracts::{common::Address, orders::Visitor, pricing::Quote};
use argosy_kernel::{CheckoutId, Clock, Error, Money, Result};

pub(crate) use self::cards::CardLimit;
pub use self::config::RiskConfig;
use self::scorer::Scorer;
use crate::{
    domain::{Assessment, Checkout, SOME_CARD, Signs, TrailKind, Verdict, findings, trails},
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
    pub(crate) from: Admitted,
    pub(crate) assessment: Assessment,
}

/// Where a payment comes from, if it may be tried.
pub(crate) struct Admitted {
    /// What it is counted by if it is declined.
    pub(crate) trails: Vec<String>,
    /// Some card was declined too often lately.
    pub(crate) watches_cards: bool,
    /// Of the trail that has most.
    declines: u32,
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
        let ship_to = checkout.contact.shipping_address.as_ref();
        let from = self.admit(checkout.id, quote, ship_to, visitor).await?;
        let assessment = self.assess(checkout, quote, total, from.declines).await?;
        let verdict = assessment.verdict.as_str();
        metrics::counter!("argosy_purchases_judged_total", "verdict" => verdict).increment(1);
        if assessment.verdict == Verdict::Deny {
            tracing::warn!(checkout.id = %checkout.id, why = assessment.explained(), "a purchase was refused");
            self.store.note_refusal(checkout.id, &assessment).await?;
            return Err(error::purchase_refused());
        }
        Ok(Judged { from, assessment })
    }

    /// Whether a payment may be tried from there.
    ///
    /// # Errors
    /// `TOO_MANY_DECLINES`.
    pub(crate) async fn admit(
        &self,
        checkout: CheckoutId,
        quote: &Quote,
        ship_to: Option<&Address>,
        visitor: Option<&Visitor>,
    ) -> Result<Admitted> {
        let key = self.key_of_today().await?;
        let mut trails = trails(&key, visitor, ship_to, quote);
        trails.push(SOME_CARD.to_owned());
        let tries = self.store.tries(&trails, self.window()).await?;
        trails.pop();
        let (some_card, tries): (Vec<_>, Vec<_>) =
            tries.into_iter().partition(|tries| tries.trail == SOME_CARD);
        if let Some(kind) = tries.iter().find_map(|tries| self.reached(tries)) {
            return Err(self.too_many(checkout, kind));
        }
        let declines = tries.iter().map(|tries| tries.declined).max().unwrap_or(0);
        Ok(Admitted { trails, watches_cards: !some_card.is_empty(), declines })
    }

    fn window(&self) -> Duration {
        Duration::from_secs(self.config.declines_window_s.into())
    }

    fn too_many(&self, checkout: CheckoutId, kind: TrailKind) -> Error {
        metrics::counter!("argosy_purchases_judged_total", "verdict" => "too_many_declines").increment(1);
        tracing::warn!(checkout.id = %checkout, trail = kind.as_str(), "too many declined payments");
        error::too_many_declines(self.window())
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
        let country = |address: &Option<Address>| {
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
