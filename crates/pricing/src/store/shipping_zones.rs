//! Shipping zones and their rates.

use argosy_kernel::{Error, Money, Result};
use argosy_platform::database::{Tx, Value, sql};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use super::{ROWS_MAX, Store, amounts};
use crate::domain::{
    Amounts, Charged, Country, LiveRate, PieceStep, RatePrice, ShippingRate, ShippingZone, ValueStep,
};

/// A zone beside one of its rates, or beside an empty id where it has none: nothing is shipped there.
#[derive(FromQueryResult)]
struct ShippingRow {
    zone_position: i64,
    name: String,
    countries: String,
    elsewhere: bool,
    id: String,
    title: String,
    carrier: String,
    flat: Option<String>,
    weight_steps: Option<String>,
    free_over: String,
    days_min: i64,
    days_max: i64,
    details: String,
}

/// What the columns do not hold.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    piece_steps: Vec<(i64, Vec<Money>)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    value_steps: Vec<(Vec<Money>, Vec<Money>)>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pickup_location_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cutoff: Option<u16>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    per_parcel: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    live: Option<Live>,
}

/// Whom the price is asked of.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Live {
    carrier: String,
    services: Vec<String>,
    markup_ppm: i64,
    markup: Vec<Money>,
}

impl Live {
    fn read(self) -> Result<LiveRate> {
        let Self { carrier, services, markup_ppm, markup } = self;
        let markup = Amounts::new(markup).map_err(Error::internal)?;
        Ok(LiveRate { carrier, services, markup_ppm, markup })
    }
}

impl Details {
    fn of(rate: &ShippingRate) -> Self {
        let amounts = |amounts: &Amounts| amounts.as_slice().to_vec();
        let mut details = Self {
            pickup_location_id: rate.pickup_location_id.clone(),
            cutoff: rate.cutoff,
            per_parcel: rate.charged == Charged::PerParcel,
            live: rate.live.as_ref().map(|live| Live {
                carrier: live.carrier.clone(),
                services: live.services.clone(),
                markup_ppm: live.markup_ppm,
                markup: amounts(&live.markup),
            }),
            ..Self::default()
        };
        match &rate.price {
            RatePrice::Flat(_) | RatePrice::ByWeight(_) => {}
            RatePrice::ByPieces(steps) => {
                details.piece_steps = steps.iter().map(|step| (step.up_to, amounts(&step.price))).collect();
            }
            RatePrice::ByValue(steps) => {
                let pair = |step: &ValueStep| (amounts(&step.up_to), amounts(&step.price));
                details.value_steps = steps.iter().map(pair).collect();
            }
        }
        details
    }

    fn price(&self) -> Result<Option<RatePrice>> {
        let amounts = |amounts: &[Money]| Amounts::new(amounts.to_vec()).map_err(Error::internal);
        if !self.piece_steps.is_empty() {
            let steps = self.piece_steps.iter();
            let steps = steps.map(|(up_to, price)| Ok(PieceStep { up_to: *up_to, price: amounts(price)? }));
            return Ok(Some(RatePrice::ByPieces(steps.collect::<Result<_>>()?)));
        }
        let steps = self.value_steps.iter();
        let steps =
            steps.map(|(up_to, price)| Ok(ValueStep { up_to: amounts(up_to)?, price: amounts(price)? }));
        let steps: Vec<ValueStep> = steps.collect::<Result<_>>()?;
        Ok(Some(steps).filter(|steps| !steps.is_empty()).map(RatePrice::ByValue))
    }
}

impl Store {
    /// All shipping zones, in the order they were put. One statement, so they are all of one moment.
    pub(crate) async fn shipping_zones(&self) -> Result<Vec<ShippingZone>> {
        let rows: Vec<ShippingRow> =
            sql("select zone.position as zone_position, zone.name, zone.countries, zone.elsewhere, \
                    coalesce(rate.id, '') as id, coalesce(rate.title, '') as title, \
                    coalesce(rate.carrier, '') as carrier, rate.flat, rate.weight_steps, \
                    coalesce(rate.free_over, '[]') as free_over, \
                    coalesce(rate.days_min, 0) as days_min, coalesce(rate.days_max, 0) as days_max, \
                    coalesce(rate.details, '{}') as details \
               from shipping_zone as zone \
               left join shipping_rate as rate on rate.zone_position = zone.position \
              order by zone.position, rate.position")
            .all(&self.database)
            .await?;
        let mut zones: Vec<ShippingZone> = Vec::new();
        let mut last_position = None;
        for row in rows {
            if last_position != Some(row.zone_position) {
                last_position = Some(row.zone_position);
                zones.push(zone(&row)?);
            }
            if let Some(zone) = zones.last_mut().filter(|_| !row.id.is_empty()) {
                zone.rates.push(rate(row)?);
            }
        }
        Ok(zones)
    }
}

fn zone(row: &ShippingRow) -> Result<ShippingZone> {
    let codes: Vec<String> = serde_json::from_str(&row.countries).map_err(Error::internal)?;
    let countries = codes.iter().map(|code| code.parse::<Country>().map_err(Error::internal));
    Ok(ShippingZone {
        name: row.name.clone(),
        countries: countries.collect::<Result<_>>()?,
        elsewhere: row.elsewhere,
        rates: Vec::new(),
    })
}

fn rate(row: ShippingRow) -> Result<ShippingRate> {
    let details: Details = serde_json::from_str(&row.details).map_err(Error::internal)?;
    let in_columns = || amounts::read_price(row.flat.as_deref(), row.weight_steps.as_deref());
    Ok(ShippingRate {
        price: details.price()?.map_or_else(in_columns, Ok)?,
        pickup_location_id: details.pickup_location_id,
        cutoff: details.cutoff,
        charged: if details.per_parcel { Charged::PerParcel } else { Charged::PerOrder },
        live: details.live.map(Live::read).transpose()?,
        free_over: amounts::read(&row.free_over)?,
        id: row.id,
        title: row.title,
        carrier: row.carrier,
        days_min: u32::try_from(row.days_min).map_err(Error::internal)?,
        days_max: u32::try_from(row.days_max).map_err(Error::internal)?,
    })
}

/// Puts these zones in place of all there are.
pub(super) async fn replace(tx: &Tx, zones: &[ShippingZone]) -> Result<()> {
    sql("delete from shipping_rate").execute(tx).await?;
    sql("delete from shipping_zone").execute(tx).await?;
    let (mut zone_rows, mut rate_rows) = (Vec::new(), Vec::new());
    for (zone_position, zone) in (0i64..).zip(zones) {
        zone_rows.push(zone_row(zone, zone_position)?);
        for (position, rate) in (0i64..).zip(&zone.rates) {
            rate_rows.push(rate_row(rate, zone_position, position)?);
        }
    }
    for chunk in zone_rows.chunks(ROWS_MAX) {
        sql("insert into shipping_zone (position, name, countries, elsewhere) values ")
            .rows(chunk.iter().cloned())
            .execute(tx)
            .await?;
    }
    for chunk in rate_rows.chunks(ROWS_MAX) {
        sql("insert into shipping_rate (id, zone_position, position, title, carrier, flat, weight_steps, free_over, days_min, days_max, details) values ")
            .rows(chunk.iter().cloned())
            .execute(tx)
            .await?;
    }
    Ok(())
}

fn zone_row(zone: &ShippingZone, position: i64) -> Result<[Value; 4]> {
    let codes: Vec<&str> = zone.countries.iter().map(|country| country.code()).collect();
    let codes = serde_json::to_string(&codes).map_err(Error::internal)?;
    Ok([position.into(), zone.name.as_str().into(), codes.into(), zone.elsewhere.into()])
}

fn rate_row(rate: &ShippingRate, zone_position: i64, position: i64) -> Result<[Value; 11]> {
    let (flat, steps) = match &rate.price {
        RatePrice::Flat(flat) => (Some(amounts::write(flat)?), None),
        RatePrice::ByWeight(steps) => (None, Some(amounts::write_steps(steps)?)),
        RatePrice::ByPieces(_) | RatePrice::ByValue(_) => (Some("[]".to_owned()), None),
    };
    let details = serde_json::to_string(&Details::of(rate)).map_err(Error::internal)?;
    Ok([
        rate.id.as_str().into(),
        zone_position.into(),
        position.into(),
        rate.title.as_str().into(),
        rate.carrier.as_str().into(),
        flat.into(),
        steps.into(),
        amounts::write(&rate.free_over)?.into(),
        i64::from(rate.days_min).into(),
        i64::from(rate.days_max).into(),
        details.into(),
    ])
}
