//! Tax zones and their rates.
//!
//! A row is a country or a region, and its document has all zones there, also those of postal codes. Beside it stand the
//! columns that an earlier release reads while it runs next to this one: of each class the rate that is in force. A row
//! that such a release wrote has no document.

use argosy_contracts::pricing::TaxZone as Document;
use argosy_kernel::{Error, Rate, Result, Timestamp};
use argosy_platform::database::{Tx, Value, sql};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

use super::{ROWS_MAX, Store};
use crate::{
    domain::{ShippingTax, TaxRate, TaxRounding, TaxZone},
    messages::tax,
};

/// A zone beside one of its rates; one of postal codes only has none.
#[derive(FromQueryResult)]
struct TaxRow {
    country: String,
    region: String,
    name: String,
    included: bool,
    position: i64,
    document: Option<String>,
    tax_class: Option<String>,
    rate_ppm: Option<i64>,
    label: Option<String>,
}

/// One of a document's zones, with its place among all.
#[derive(Serialize, Deserialize)]
struct Placed {
    position: usize,
    zone: Document,
}

/// All zones of one country and region, in the order they were put.
struct Region<'a> {
    country: String,
    name: &'a str,
    zones: Vec<(usize, &'a TaxZone)>,
}

impl Store {
    /// All tax zones, in the order they were put. One statement, so they are all of one moment.
    pub(crate) async fn tax_zones(&self) -> Result<Vec<TaxZone>> {
        let rows: Vec<TaxRow> =
            sql("select zone.country, zone.region, zone.name, zone.included, zone.position, \
                    zone.document, rate.tax_class, rate.rate_ppm, rate.label \
               from tax_zone as zone \
               left join tax_rate as rate on rate.country = zone.country and rate.region = zone.region \
              order by zone.position, rate.position")
            .all(&self.database)
            .await?;
        let mut zones: Vec<(usize, TaxZone)> = Vec::new();
        let mut last: Option<(String, String)> = None;
        for row in rows {
            let place = Some((row.country.clone(), row.region.clone()));
            let is_new = place != last;
            last = place;
            match &row.document {
                Some(document) if is_new => zones.extend(read(document)?),
                Some(_) => {}
                None if is_new => {
                    let position = usize::try_from(row.position).map_err(Error::internal)?;
                    zones.push((position, in_columns(&row)?));
                }
                None => {
                    let rate = rate_of(&row);
                    zones.last_mut().into_iter().for_each(|(_, zone)| zone.rates.extend(rate.clone()));
                }
            }
        }
        zones.sort_by_key(|(position, _)| *position);
        Ok(zones.into_iter().map(|(_, zone)| zone).collect())
    }
}

fn read(document: &str) -> Result<Vec<(usize, TaxZone)>> {
    let placed: Vec<Placed> = serde_json::from_str(document).map_err(Error::internal)?;
    let positions: Vec<usize> = placed.iter().map(|placed| placed.position).collect();
    let documents: Vec<Document> = placed.into_iter().map(|placed| placed.zone).collect();
    Ok(positions.into_iter().zip(tax::zones(&documents)?).collect())
}

fn in_columns(row: &TaxRow) -> Result<TaxZone> {
    Ok(TaxZone {
        name: row.name.clone(),
        country: row.country.parse().map_err(Error::internal)?,
        region: row.region.clone(),
        postal_codes: Vec::new(),
        included: row.included,
        rounding: TaxRounding::default(),
        shipping: ShippingTax::default(),
        rates: rate_of(row).into_iter().collect(),
    })
}

fn rate_of(row: &TaxRow) -> Option<TaxRate> {
    Some(TaxRate {
        tax_class: row.tax_class.clone()?,
        rate: Rate::from_ppm(row.rate_ppm?),
        label: row.label.clone().unwrap_or_default(),
        part: 0,
        is_compound: false,
        starts_at: None,
        ends_at: None,
    })
}

/// Puts these in place of all zones. `now` decides which rates an earlier release reads.
pub(super) async fn replace(tx: &Tx, zones: &[TaxZone], now: Timestamp) -> Result<()> {
    sql("delete from tax_rate").execute(tx).await?;
    sql("delete from tax_zone").execute(tx).await?;
    let regions = regions(zones);
    let rows = regions.iter().map(zone_row).collect::<Result<Vec<_>>>()?;
    for rows in rows.chunks(ROWS_MAX) {
        sql("insert into tax_zone (country, region, name, included, position, document) values ")
            .rows(rows.iter().cloned())
            .execute(tx)
            .await?;
    }
    let rates: Vec<[Value; 6]> = regions.iter().flat_map(|region| rate_rows(region, now)).collect();
    for rows in rates.chunks(ROWS_MAX) {
        sql("insert into tax_rate (country, region, tax_class, rate_ppm, label, position) values ")
            .rows(rows.iter().cloned())
            .execute(tx)
            .await?;
    }
    Ok(())
}

fn regions(zones: &[TaxZone]) -> Vec<Region<'_>> {
    let mut regions: Vec<Region<'_>> = Vec::new();
    for (position, zone) in zones.iter().enumerate() {
        let country = zone.country.to_string();
        match regions.iter_mut().find(|known| known.country == country && known.name == zone.region) {
            Some(known) => known.zones.push((position, zone)),
            None => regions.push(Region { country, name: &zone.region, zones: vec![(position, zone)] }),
        }
    }
    regions
}

fn zone_row(region: &Region<'_>) -> Result<[Value; 6]> {
    let placed: Vec<Placed> = region
        .zones
        .iter()
        .map(|(position, zone)| Placed { position: *position, zone: tax::message(zone) })
        .collect();
    let Some((position, first)) = region.zones.first() else {
        return Err(Error::internal("a region without zones"));
    };
    let shown = region.everywhere().unwrap_or(first);
    Ok([
        region.country.as_str().into(),
        region.name.into(),
        shown.name.as_str().into(),
        shown.included.into(),
        i64::try_from(*position).map_err(Error::internal)?.into(),
        serde_json::to_string(&placed).map_err(Error::internal)?.into(),
    ])
}

fn rate_rows(region: &Region<'_>, now: Timestamp) -> Vec<[Value; 6]> {
    let Some(zone) = region.everywhere() else { return Vec::new() };
    let in_force = zone.rates_in_force(now);
    let rows = (0_i64..).zip(in_force).map(|(position, (tax_class, rate, label))| {
        [
            region.country.as_str().into(),
            region.name.into(),
            tax_class.into(),
            rate.ppm().into(),
            label.into(),
            position.into(),
        ]
    });
    rows.collect()
}

impl Region<'_> {
    /// The zone that is not only for some postal codes.
    fn everywhere(&self) -> Option<&TaxZone> {
        self.zones.iter().map(|(_, zone)| *zone).find(|zone| zone.postal_codes.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use argosy_testkit::TestHost;

    use super::*;
    use crate::defaults;

    #[tokio::test]
    async fn law_10_zones_that_an_earlier_release_wrote_are_read() {
        let test = TestHost::new();
        let store = Store::open(&test.host).await.unwrap();
        let tx = store.database.begin().await.unwrap();
        sql("insert into tax_zone (country, region, name, included, position) \
             values ('DE', '', 'Germany', true, 0), ('US', 'CA', 'California', false, 1)")
        .execute(&tx)
        .await
        .unwrap();
        sql("insert into tax_rate (country, region, tax_class, rate_ppm, label, position) \
             values ('DE', '', 'standard', 190000, 'VAT', 0), ('DE', '', 'reduced', 70000, 'VAT', 1), \
                    ('US', 'CA', 'standard', 72500, 'Sales tax', 0)")
        .execute(&tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let zones = store.tax_zones().await.unwrap();
        let told: Vec<_> = zones.iter().map(|zone| (zone.name.as_str(), zone.rates.len())).collect();
        assert_eq!(told, [("Germany", 2), ("California", 1)]);
    }

    #[tokio::test]
    async fn law_10_an_earlier_release_reads_the_rates_that_are_in_force() {
        #[derive(FromQueryResult)]
        struct Row {
            rate_ppm: i64,
        }
        let test = TestHost::new();
        let store = Store::open(&test.host).await.unwrap();
        let tx = store.database.begin().await.unwrap();
        let known = defaults::known_taxes().unwrap();
        replace(&tx, &known, "2025-07-15T00:00:00Z".parse().unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        for (country, rate_ppm) in [("EE", 240_000), ("RO", 190_000), ("PT", 230_000)] {
            let row: Row = sql("select rate.rate_ppm from tax_zone as zone \
                                  join tax_rate as rate on rate.country = zone.country and rate.region = zone.region \
                                 where zone.country = $1 and zone.region = '' and rate.tax_class = 'standard'")
            .bind(country)
            .one(&store.database)
            .await
            .unwrap();
            assert_eq!(row.rate_ppm, rate_ppm, "{country}");
        }
        assert_eq!(store.tax_zones().await.unwrap(), known);
    }
}
