//! Asks carriers side by side, each for so long and not while it is down, and remembers what they said for a while.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use argosy_kernel::{Clock, Ctx, Currency, Error, Money, Result, Timestamp};
use argosy_platform::breaker::Breaker;
use futures::future::join_all;
use moka::sync::Cache;

use super::{
    Carrier, CarrierAnswer, CarrierParcel, CarrierPlace, CarrierQuestion, CarrierService, HttpCarrier,
};
use crate::{
    config::CarrierConfig,
    domain::{LiveOffer, LiveRate, LiveService, Place},
    messages::quote::{QuoteAsked, Variants},
    rules::Rules,
};

/// Failures in a row until one is left alone.
const FAILURES_MAX: u32 = 3;
/// How long it is left alone then.
const REST: Duration = Duration::from_secs(30);
/// Answers that are remembered.
const ANSWERS_MAX: u64 = 10_000;
const SERVICES_MAX: usize = 50;
const ID_LENGTH_MAX: usize = 40;
const TITLE_LENGTH_MAX: usize = 100;
const DAYS_MAX: u32 = 365;
/// More is a mistake: no parcel costs a million.
const PRICE_MAX: i64 = 100_000_000;

/// The carriers of the settings.
pub(crate) struct Carriers {
    by_name: BTreeMap<String, Asked>,
    clock: Arc<dyn Clock>,
    /// By carrier and question: until when, and what.
    answers: Cache<String, (Timestamp, Arc<Vec<LiveService>>)>,
}

struct Asked {
    carrier: Arc<dyn Carrier>,
    from: CarrierPlace,
    deadline: Duration,
    kept_for: Duration,
    breaker: Breaker,
}

/// What carriers are asked about.
pub(crate) struct Wanted<'a> {
    pub(crate) rates: Vec<&'a LiveRate>,
    /// Weight and pieces of each parcel, and where it comes from, if somebody said so.
    pub(crate) parcels: Vec<(Option<&'a Place>, i64, i64)>,
    pub(crate) home: &'a Place,
    pub(crate) to: &'a Place,
    pub(crate) currency: Currency,
}

impl<'a> Wanted<'a> {
    /// What is to be carried for a checkout, if a rate that it is offered names a carrier and anything needs shipping. While no
    /// parcels are known it is one.
    pub(crate) fn of(
        asked: &'a QuoteAsked,
        variants: &Variants,
        rules: &'a Rules,
        to: &'a Place,
    ) -> Option<Self> {
        let rates: Vec<&LiveRate> = rules.shipping.find(to.country)?.live_rates().collect();
        let all: Vec<(String, i64)> =
            asked.lines.iter().map(|line| (line.line_id.clone(), line.quantity)).collect();
        let weighed = |lines: &[(String, i64)]| {
            let (mut weight_g, mut pieces) = (0_i64, 0_i64);
            for (id, quantity) in lines {
                let line = asked.lines.iter().find(|line| line.line_id == *id);
                let variant = line.and_then(|line| variants.get(&line.variant_id));
                let Some(variant) = variant.filter(|variant| variant.requires_shipping) else { continue };
                weight_g = weight_g.saturating_add(variant.weight_g.max(0).saturating_mul(*quantity));
                pieces = pieces.saturating_add(*quantity);
            }
            (weight_g, pieces)
        };
        let mut parcels: Vec<(Option<&Place>, i64, i64)> = Vec::new();
        for (lines, from) in asked.parcels.iter().zip(&asked.origins) {
            let (weight_g, pieces) = weighed(lines);
            parcels.push((from.as_ref(), weight_g, pieces));
        }
        if parcels.is_empty() {
            let (weight_g, pieces) = weighed(&all);
            parcels.push((None, weight_g, pieces));
        }
        parcels.retain(|(_, _, pieces)| *pieces > 0);
        let wanted = Self { rates, parcels, home: &rules.home, to, currency: asked.currency };
        Some(wanted).filter(|wanted| !wanted.rates.is_empty() && !wanted.parcels.is_empty())
    }
}

impl Carriers {
    /// # Errors
    /// `INVALID_SETTING` that names the carrier.
    pub(crate) fn new(settings: &BTreeMap<String, CarrierConfig>, clock: Arc<dyn Clock>) -> Result<Self> {
        let mut by_name = BTreeMap::new();
        for (name, config) in settings {
            config.check(name)?;
            let deadline = Duration::from_millis(config.deadline_ms.into());
            let carrier = HttpCarrier::new(name, &config.url, config.secret.clone(), deadline)?;
            let asked = Asked {
                carrier: Arc::new(carrier),
                from: CarrierPlace {
                    country: config.from_country.clone(),
                    region: config.from_region.clone(),
                    postal_code: config.from_postal_code.clone(),
                },
                deadline,
                kept_for: Duration::from_secs(config.kept_for_s.into()),
                breaker: Breaker::new(FAILURES_MAX, REST, Arc::clone(&clock)),
            };
            by_name.insert(name.clone(), asked);
        }
        let longest = settings.values().map(|config| config.kept_for_s).max().unwrap_or(0);
        let answers = Cache::builder()
            .max_capacity(ANSWERS_MAX)
            .time_to_live(Duration::from_secs(u64::from(longest).max(1)))
            .build();
        Ok(Self { by_name, clock, answers })
    }

    /// Whether the settings have one of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// What the carriers of some rates say, each asked once.
    pub(crate) async fn offers(&self, ctx: &Ctx, wanted: &Wanted<'_>) -> Vec<LiveOffer> {
        let mut services: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for rate in &wanted.rates {
            let asked = services.entry(&rate.carrier).or_default();
            asked.extend(rate.services.iter().cloned());
        }
        for rate in wanted.rates.iter().filter(|rate| rate.services.is_empty()) {
            // One that takes whatever there is asks for all.
            services.insert(&rate.carrier, Vec::new());
        }
        let each = services.into_iter().map(|(name, services)| self.offer(ctx, name, services, wanted));
        join_all(each).await
    }

    async fn offer(&self, ctx: &Ctx, name: &str, services: Vec<String>, wanted: &Wanted<'_>) -> LiveOffer {
        let own = "the shop's own price counts";
        let offer = |services, told: String| LiveOffer { carrier: name.to_owned(), services, told };
        let Some(asked) = self.by_name.get(name) else {
            return offer(None, format!("there are no settings for {name}; {own}"));
        };
        let question = asked.question(wanted, services);
        let now = self.clock.now();
        let key = format!("{name}:{}", serde_json::to_string(&question).unwrap_or_default());
        if let Some((until, known)) = self.answers.get(&key)
            && now < until
            && until.minus(asked.kept_for) <= now
        {
            return offer(Some(known.to_vec()), format!("prices of {name}, as it said a moment ago"));
        }
        if !asked.breaker.may_call() {
            return offer(None, format!("{name} is left alone after failures; {own}"));
        }
        let answer = tokio::time::timeout(asked.deadline, asked.carrier.rates(ctx, &question)).await;
        let slow = |_| Err(Error::unavailable("CARRIER_SLOW", "it did not answer in time"));
        match answer.unwrap_or_else(slow).and_then(|answer| read(answer, wanted.currency)) {
            Ok(services) => {
                asked.breaker.answered();
                let services = Arc::new(services);
                self.answers.insert(key, (now.plus(asked.kept_for), Arc::clone(&services)));
                offer(Some(services.to_vec()), format!("prices of {name}: {} services", services.len()))
            }
            Err(error) => {
                asked.breaker.failed();
                tracing::warn!(carrier = name, error = ?error, "a carrier failed, the shop's own prices count");
                offer(None, format!("{name} failed ({}); {own}", error.reason()))
            }
        }
    }
}

impl Asked {
    fn question(&self, wanted: &Wanted<'_>, mut services: Vec<String>) -> CarrierQuestion {
        services.sort_unstable();
        services.dedup();
        let home = || if self.from.country.is_empty() { place(wanted.home) } else { self.from.clone() };
        let parcel = |(from, weight_g, pieces): &(Option<&Place>, i64, i64)| CarrierParcel {
            from: from.map_or_else(home, place),
            weight_g: *weight_g,
            pieces: *pieces,
        };
        CarrierQuestion {
            parcels: wanted.parcels.iter().map(parcel).collect(),
            to: place(wanted.to),
            currency: wanted.currency.code().to_owned(),
            services,
        }
    }
}

fn place(place: &Place) -> CarrierPlace {
    CarrierPlace {
        country: place.country.to_string(),
        region: place.region.clone(),
        postal_code: place.postal_code.clone(),
    }
}

/// Refuses an answer that makes no sense as a whole: who is wrong in one price is not believed in the others.
fn read(answer: CarrierAnswer, currency: Currency) -> Result<Vec<LiveService>> {
    let refuse = |why: String| Error::unavailable("CARRIER_ANSWER", why);
    if answer.services.len() > SERVICES_MAX {
        return Err(refuse(format!("it has more than {SERVICES_MAX} services")));
    }
    let mut services: Vec<LiveService> = Vec::with_capacity(answer.services.len());
    for CarrierService { id, title, price, days_min, days_max } in answer.services {
        let is_id = (1..=ID_LENGTH_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_id || services.iter().any(|known| known.id == id) {
            return Err(refuse("a service has no id, or that of another".to_owned()));
        }
        let title = title.trim().to_owned();
        if title.chars().count() > TITLE_LENGTH_MAX || title.chars().any(char::is_control) {
            return Err(refuse(format!("the title of {id} is too long, or no line of text")));
        }
        let price =
            Money::try_from(&price).map_err(|_| refuse(format!("the price of {id} has no currency")))?;
        if price.currency != currency {
            return Err(refuse(format!("the price of {id} is in {}, not in {currency}", price.currency)));
        }
        if !(0..=PRICE_MAX).contains(&price.minor) {
            return Err(refuse(format!("the price of {id} is {price}")));
        }
        if days_max > DAYS_MAX || days_min > days_max {
            return Err(refuse(format!("{id} takes {days_min} to {days_max} days")));
        }
        services.push(LiveService { id, title, price, days_min, days_max });
    }
    Ok(services)
}
