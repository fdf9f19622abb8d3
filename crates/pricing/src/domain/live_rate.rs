//! Rates whose price a carrier says.

use argosy_kernel::{Money, MoneyError};

use super::{Amounts, Parcel, ShippingOption, ShippingRate, ShippingZone, TraceStep};

const PPM: i64 = 1_000_000;

/// Whom a rate asks for its price, and what is done with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRate {
    /// The carrier, by its name in the settings.
    pub carrier: String,
    /// Which of its services may be chosen, by the carrier's ids; empty: all that it offers.
    pub services: Vec<String>,
    /// Put on its prices, in parts per million; below 0: taken off.
    pub markup_ppm: i64,
    /// Put on top of that, one per currency.
    pub markup: Amounts,
}

/// A service with its price, as the carrier said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveService {
    /// Of the carrier's choice.
    pub id: String,
    /// What a buyer reads; empty: what the rate is called.
    pub title: String,
    /// Of all that is sent.
    pub price: Money,
    /// Working days it takes at least.
    pub days_min: u32,
    /// Working days it takes at most.
    pub days_max: u32,
}

/// What a carrier said, or that it said nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveOffer {
    /// Which, by its name in the settings.
    pub carrier: String,
    /// `None`: the rate's own price counts.
    pub services: Option<Vec<LiveService>>,
    /// The same for people.
    pub told: String,
}

impl LiveOffer {
    /// What a trace says of it.
    pub fn step(&self, nothing: Money) -> TraceStep {
        TraceStep::new(format!("carrier:{}", self.carrier), self.told.as_str(), nothing)
    }
}

impl LiveRate {
    /// The services that may be chosen of what was said; `None`: the rate's own price counts.
    pub(super) fn chosen_of<'a>(&self, offers: &'a [LiveOffer]) -> Option<Vec<&'a LiveService>> {
        let offer = offers.iter().find(|offer| offer.carrier == self.carrier)?;
        let wanted = |service: &&LiveService| self.services.is_empty() || self.services.contains(&service.id);
        Some(offer.services.as_ref()?.iter().filter(wanted).collect())
    }

    /// A price with what the shop puts on it, never below nothing.
    fn marked_up(&self, price: Money) -> Result<Money, MoneyError> {
        let scaled = price.scaled(PPM.saturating_add(self.markup_ppm), PPM)?;
        let marked = self.markup.of(price.currency).map_or(Ok(scaled), |markup| scaled.plus(markup))?;
        Ok(if marked.is_negative() { Money::zero(price.currency) } else { marked })
    }
}

impl ShippingZone {
    /// A service of a carrier as an option. Its id holds that of its rate, so it is unique in the shop.
    pub(super) fn live_option(
        &self,
        rate: &ShippingRate,
        live: &LiveRate,
        service: &LiveService,
        whole: Parcel,
    ) -> Result<ShippingOption, MoneyError> {
        let id = format!("{}.{}", rate.id, service.id);
        let title = if service.title.is_empty() { &rate.title } else { &service.title };
        let mut price = live.marked_up(service.price)?;
        let text = format!("{}, {title}, asked of {}: {}", self.name, live.carrier, service.price);
        let mut steps = vec![TraceStep::new(format!("shipping:{id}"), text, price)];
        if let Some(step) = rate.freed(whole, price)? {
            price = Money::zero(price.currency);
            steps.push(step);
        }
        Ok(ShippingOption {
            id,
            title: title.clone(),
            carrier: rate.carrier.clone(),
            price,
            days_min: service.days_min,
            days_max: service.days_max,
            pickup_location_id: String::new(),
            cutoff: rate.cutoff,
            steps,
        })
    }
}
