//! What shipping costs where.

use std::collections::HashMap;

use argosy_kernel::{Currency, Money, MoneyError};

use super::{Amounts, Country, LiveOffer, LiveRate, TraceStep};

/// Countries that share their shipping rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingZone {
    /// For people.
    pub name: String,
    /// The countries it names.
    pub countries: Vec<Country>,
    /// Whether it also holds every country that no zone names.
    pub elsewhere: bool,
    /// What can be chosen there.
    pub rates: Vec<ShippingRate>,
}

/// One way to ship, with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingRate {
    /// What a buyer chooses; unique in the shop, so an order's option names one rate.
    pub id: String,
    /// What a buyer reads.
    pub title: String,
    /// Who carries it.
    pub carrier: String,
    /// How the price is found.
    pub price: RatePrice,
    /// From which value of the goods, discounts taken off, it costs nothing.
    pub free_over: Amounts,
    /// Working days it takes at least.
    pub days_min: u32,
    /// Working days it takes at most.
    pub days_max: u32,
    /// The location where it is collected; empty: it is sent.
    pub pickup_location_id: String,
    /// What is ordered until then leaves that working day, in minutes after midnight; `None`: whenever it is ordered.
    pub cutoff: Option<u16>,
    /// What its price is of.
    pub charged: Charged,
    /// A carrier says what it costs; its own price counts while that says nothing.
    pub live: Option<LiveRate>,
}

/// What the price of a rate is of. A shop that sends one order from two places pays twice; whether its buyers do is a
/// matter of what it promises them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charged {
    /// The order, in however many parcels it is sent.
    #[default]
    PerOrder,
    /// Each parcel.
    PerParcel,
}

/// How the price of a rate is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RatePrice {
    /// One price whatever is shipped.
    Flat(Amounts),
    /// The price of the first step that the weight does not exceed. Heavier parcels are not offered the rate.
    ByWeight(Vec<WeightStep>),
    /// The same by the number of pieces.
    ByPieces(Vec<PieceStep>),
    /// The same by the value of the goods.
    ByValue(Vec<ValueStep>),
}

/// The price up to a number of pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceStep {
    /// Up to so many, included.
    pub up_to: i64,
    /// The price.
    pub price: Amounts,
}

/// The price up to a value of the goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueStep {
    /// Up to this value, included.
    pub up_to: Amounts,
    /// The price.
    pub price: Amounts,
}

/// The price up to a weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeightStep {
    /// Up to this weight in grams, included.
    pub up_to_g: i64,
    /// The price.
    pub price: Amounts,
}

/// All shipping zones of a shop, found by country.
#[derive(Debug, Clone, Default)]
pub struct ShippingZones {
    zones: Vec<ShippingZone>,
    by_country: HashMap<Country, usize>,
    elsewhere: Option<usize>,
}

/// What is shipped: all of it, or what one location sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parcel {
    /// What the goods cost, discounts taken off.
    pub goods: Money,
    /// What the goods that need shipping weigh, in grams.
    pub weight_g: i64,
    /// How many pieces of them there are.
    pub pieces: i64,
}

/// A rate with its price for one parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingOption {
    /// What a buyer chooses.
    pub id: String,
    /// What a buyer reads.
    pub title: String,
    /// Who carries it.
    pub carrier: String,
    /// The price before coupons; net where tax is added.
    pub price: Money,
    /// Days it takes at least.
    pub days_min: u32,
    /// Days it takes at most.
    pub days_max: u32,
    /// The location where it is collected; empty: it is sent.
    pub pickup_location_id: String,
    /// Until when an order leaves the same day, in minutes after midnight.
    pub cutoff: Option<u16>,
    /// How the price came about.
    pub steps: Vec<TraceStep>,
}

impl ShippingOption {
    /// Costs what staff have agreed with the buyer, whatever its rate says.
    pub(super) fn agree_on(&mut self, price: Money) {
        self.price = price;
        let rule = format!("agreed_price:{}", self.id);
        self.steps = vec![TraceStep::new(rule, "the price of delivery, as agreed with the buyer", price)];
    }
}

impl ShippingZones {
    /// Prepares zones for look-ups. Of two zones for one country the first counts; none are stored that way.
    pub fn new(zones: Vec<ShippingZone>) -> Self {
        let mut by_country = HashMap::new();
        for (index, zone) in zones.iter().enumerate() {
            for country in &zone.countries {
                by_country.entry(*country).or_insert(index);
            }
        }
        let elsewhere = zones.iter().position(|zone| zone.elsewhere);
        Self { zones, by_country, elsewhere }
    }

    /// The zone of a country; `None`: the shop does not ship there.
    pub fn find(&self, country: Country) -> Option<&ShippingZone> {
        let index = self.by_country.get(&country).copied().or(self.elsewhere)?;
        self.zones.get(index)
    }
}

impl ShippingZone {
    /// Whether how the goods travel matters for a price.
    pub fn asks_parcels(&self) -> bool {
        self.rates.iter().any(|rate| rate.charged == Charged::PerParcel || rate.live.is_some())
    }

    /// Whom to ask for prices.
    pub fn live_rates(&self) -> impl Iterator<Item = &LiveRate> {
        self.rates.iter().filter_map(|rate| rate.live.as_ref())
    }

    /// What can be chosen for all that is shipped, in the shop's order. `parcels` is how it will travel, where that is
    /// known; else it is taken for one. A rate of a carrier is one option a service, if the carrier said anything.
    pub fn options(
        &self,
        whole: Parcel,
        parcels: &[Parcel],
        offers: &[LiveOffer],
    ) -> Result<Vec<ShippingOption>, MoneyError> {
        let mut options = Vec::with_capacity(self.rates.len());
        for rate in &self.rates {
            let live = rate.live.as_ref();
            match live.and_then(|live| Some((live, live.chosen_of(offers)?))) {
                None => options.extend(self.option(rate, whole, parcels)?),
                Some((live, services)) => {
                    for service in services {
                        options.push(self.live_option(rate, live, service, whole)?);
                    }
                }
            }
        }
        Ok(options)
    }

    /// The value of the goods counts as a whole, also for a rate by the parcel: it does not fall apart with them.
    fn option(
        &self,
        rate: &ShippingRate,
        parcel: Parcel,
        parcels: &[Parcel],
    ) -> Result<Option<ShippingOption>, MoneyError> {
        let whole = [parcel];
        let sent = match rate.charged {
            Charged::PerParcel if !parcels.is_empty() && rate.pickup_location_id.is_empty() => parcels,
            Charged::PerOrder | Charged::PerParcel => &whole,
        };
        let mut steps = Vec::with_capacity(sent.len());
        let mut base = Money::zero(parcel.goods.currency);
        for (index, one) in sent.iter().enumerate() {
            let Some(price) = rate.base(*one) else {
                return Ok(None);
            };
            let which = match sent.len() {
                1 => String::new(),
                all => format!(", parcel {} of {all}", index + 1),
            };
            let text = format!("{}, {}, {}{which}", self.name, rate.title, rate.explained(*one));
            steps.push(TraceStep::new(format!("shipping:{}", rate.id), text, price));
            base = base.plus(price)?;
        }
        let mut price = base;
        if let Some(step) = rate.freed(parcel, base)? {
            price = Money::zero(base.currency);
            steps.push(step);
        }
        Ok(Some(ShippingOption {
            id: rate.id.clone(),
            title: rate.title.clone(),
            carrier: rate.carrier.clone(),
            price,
            days_min: rate.days_min,
            days_max: rate.days_max,
            pickup_location_id: rate.pickup_location_id.clone(),
            cutoff: rate.cutoff,
            steps,
        }))
    }
}

impl ShippingRate {
    fn base(&self, parcel: Parcel) -> Option<Money> {
        let currency: Currency = parcel.goods.currency;
        match &self.price {
            RatePrice::Flat(amounts) => amounts.of(currency),
            RatePrice::ByWeight(steps) => step_for(steps, parcel.weight_g)?.price.of(currency),
            RatePrice::ByPieces(steps) => pieces_step(steps, parcel.pieces)?.price.of(currency),
            RatePrice::ByValue(steps) => value_step(steps, parcel.goods)?.price.of(currency),
        }
    }

    /// The step that makes it cost nothing, if the goods are worth so much.
    pub(super) fn freed(&self, parcel: Parcel, price: Money) -> Result<Option<TraceStep>, MoneyError> {
        let Some(free_over) = self.free_from(parcel) else { return Ok(None) };
        let text = format!("goods of {} reach {free_over}", parcel.goods);
        let rule = format!("shipping_free_over:{}", self.id);
        Ok(Some(TraceStep::new(rule, text, price.negated()?)))
    }

    fn free_from(&self, parcel: Parcel) -> Option<Money> {
        self.free_over.of(parcel.goods.currency).filter(|free_over| parcel.goods.minor >= free_over.minor)
    }

    fn explained(&self, parcel: Parcel) -> String {
        let weight_g = parcel.weight_g;
        match &self.price {
            RatePrice::Flat(_) => "flat price".to_owned(),
            RatePrice::ByWeight(steps) => step_for(steps, weight_g)
                .map_or_else(String::new, |step| format!("{weight_g} g, up to {} g", step.up_to_g)),
            RatePrice::ByPieces(steps) => pieces_step(steps, parcel.pieces)
                .map_or_else(String::new, |step| format!("{} pieces, up to {}", parcel.pieces, step.up_to)),
            RatePrice::ByValue(steps) => value_step(steps, parcel.goods)
                .and_then(|step| step.up_to.of(parcel.goods.currency))
                .map_or_else(String::new, |up_to| format!("goods of {}, up to {up_to}", parcel.goods)),
        }
    }
}

fn step_for(steps: &[WeightStep], weight_g: i64) -> Option<&WeightStep> {
    steps.iter().find(|step| weight_g <= step.up_to_g)
}

fn pieces_step(steps: &[PieceStep], pieces: i64) -> Option<&PieceStep> {
    steps.iter().find(|step| pieces <= step.up_to)
}

fn value_step(steps: &[ValueStep], goods: Money) -> Option<&ValueStep> {
    steps.iter().find(|step| step.up_to.of(goods.currency).is_some_and(|up_to| goods.minor <= up_to.minor))
}
