//! Amounts per currency as a JSON column.

use argosy_kernel::{Error, Money, Result};
use serde::{Deserialize, Serialize};

use crate::domain::{Amounts, RatePrice, WeightStep};

#[derive(Serialize, Deserialize)]
struct StepColumn {
    up_to_g: i64,
    price: Vec<Money>,
}

pub(super) fn write(amounts: &Amounts) -> Result<String> {
    serde_json::to_string(amounts.as_slice()).map_err(Error::internal)
}

pub(super) fn read(column: &str) -> Result<Amounts> {
    let amounts: Vec<Money> = serde_json::from_str(column).map_err(Error::internal)?;
    Amounts::new(amounts).map_err(Error::internal)
}

pub(super) fn write_steps(steps: &[WeightStep]) -> Result<String> {
    let column: Vec<StepColumn> = steps
        .iter()
        .map(|step| StepColumn { up_to_g: step.up_to_g, price: step.price.as_slice().to_vec() })
        .collect();
    serde_json::to_string(&column).map_err(Error::internal)
}

/// The price from its two columns, of which the table's check lets only one be set.
pub(super) fn read_price(flat: Option<&str>, steps: Option<&str>) -> Result<RatePrice> {
    if let Some(flat) = flat {
        return Ok(RatePrice::Flat(read(flat)?));
    }
    let steps: Vec<StepColumn> = serde_json::from_str(steps.unwrap_or("[]")).map_err(Error::internal)?;
    let steps = steps.into_iter().map(|step| {
        Ok(WeightStep { up_to_g: step.up_to_g, price: Amounts::new(step.price).map_err(Error::internal)? })
    });
    Ok(RatePrice::ByWeight(steps.collect::<Result<_>>()?))
}
