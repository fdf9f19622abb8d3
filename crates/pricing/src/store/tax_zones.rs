//! Tax zones and their rates.

use argosy_kernel::{Error, Rate, Result};
use argosy_platform::database::{Tx, Value, sql};
use sea_orm::FromQueryResult;

use super::{ROWS_MAX, Store};
use crate::domain::{TaxRate, TaxZone};

/// A zone beside one of its rates; every zone has at least one.
#[derive(FromQueryResult)]
struct TaxRow {
    country: String,
    region: String,
    name: String,
    included: bool,
    tax_class: String,
    rate_ppm: i64,
    label: String,
}

impl Store {
    /// All tax zones, in the order they were put. One statement, so they are all of one moment.
    pub(crate) async fn tax_zones(&self) -> Result<Vec<TaxZone>> {
        let rows: Vec<TaxRow> = sql("select zone.country, zone.region, zone.name, zone.included, \
                    rate.tax_class, rate.rate_ppm, rate.label \
               from tax_zone as zone \
               join tax_rate as rate on rate.country = zone.country and rate.region = zone.region \
              order by zone.position, rate.position")
        .all(&self.database)
        .await?;
        let mut zones: Vec<TaxZone> = Vec::new();
        for row in rows {
            let country = row.country.parse().map_err(Error::internal)?;
            let rate =
                TaxRate { tax_class: row.tax_class, rate: Rate::from_ppm(row.rate_ppm), label: row.label };
            match zones.last_mut() {
                Some(zone) if zone.country == country && zone.region == row.region => zone.rates.push(rate),
                _ => zones.push(TaxZone {
                    name: row.name,
                    country,
                    region: row.region,
                    included: row.included,
                    rates: vec![rate],
                }),
            }
        }
        Ok(zones)
    }
}

/// Puts these zones in place of all there are.
pub(super) async fn replace(tx: &Tx, zones: &[TaxZone]) -> Result<()> {
    sql("delete from tax_rate").execute(tx).await?;
    sql("delete from tax_zone").execute(tx).await?;
    let zone_rows: Vec<[Value; 5]> = (0i64..)
        .zip(zones)
        .map(|(position, zone)| {
            let (country, region) = (zone.country.code(), zone.region.as_str());
            [country.into(), region.into(), zone.name.as_str().into(), zone.included.into(), position.into()]
        })
        .collect();
    for chunk in zone_rows.chunks(ROWS_MAX) {
        sql("insert into tax_zone (country, region, name, included, position) values ")
            .rows(chunk.iter().cloned())
            .execute(tx)
            .await?;
    }
    let rate_rows: Vec<[Value; 6]> = zones
        .iter()
        .flat_map(|zone| {
            (0i64..).zip(&zone.rates).map(move |(position, rate)| rate_row(zone, rate, position))
        })
        .collect();
    for chunk in rate_rows.chunks(ROWS_MAX) {
        sql("insert into tax_rate (country, region, tax_class, rate_ppm, label, position) values ")
            .rows(chunk.iter().cloned())
            .execute(tx)
            .await?;
    }
    Ok(())
}

fn rate_row(zone: &TaxZone, rate: &TaxRate, position: i64) -> [Value; 6] {
    [
        zone.country.code().into(),
        zone.region.as_str().into(),
        rate.tax_class.as_str().into(),
        rate.rate.ppm().into(),
        rate.label.as_str().into(),
        position.into(),
    ]
}
