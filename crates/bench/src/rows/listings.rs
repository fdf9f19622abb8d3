//! Listings, search and suggestions, one client asking one thing after the other, no two alike.

use std::path::Path;

use anyhow::Result;

use super::{Effort, Sheet};
use crate::{
    bare::Bare,
    client::get,
    load::{Times, median, times},
    products::Queries,
    store::Store,
    table::Target,
};

/// What p99 must not exceed.
const P99_MS_MAX: f64 = 10.0;

/// A series: its name, and the next path of it.
type Series = (&'static str, fn(&mut Queries) -> String);

const SERIES: &[Series] = &[
    ("listing with filters and facets, JSON", listing_json),
    ("listing with filters, page", listing_page),
    ("search with a typo and facets, JSON", search_json),
    ("suggestions", suggestions),
];

pub(super) async fn measure(sheet: &mut Sheet, store: &Store, scratch: &Path, effort: Effort) -> Result<()> {
    for (name, path) in SERIES {
        let mut queries = Queries::new(sheet.products as u64);
        let mut requests =
            |count: usize| -> Vec<Vec<u8>> { (0..count).map(|_| get(&path(&mut queries), &[])).collect() };
        let sample = requests(1).remove(0);
        let bare = Bare::of(scratch, store.address, &sample).await?;
        times(store.address, requests(effort.requests / 4)).await?;
        let mut ours = Times::default();
        let (mut floors, mut turns) = ((Vec::new(), Vec::new()), 0);
        while turns < effort.rounds {
            let each = effort.requests / effort.rounds;
            let floor = times(bare.address, std::iter::repeat_n(sample.clone(), each)).await?;
            floors.0.push(floor.percentile_ms(50)?);
            floors.1.push(floor.percentile_ms(99)?);
            ours.append(times(store.address, requests(each)).await?);
            turns += 1;
        }
        let (p50, p99) = (ours.percentile_ms(50)?, ours.percentile_ms(99)?);
        let (floor50, floor99) = (median(floors.0), median(floors.1));
        let row = sheet.row(&format!("{name}: p50"), "ms", p50).beside(floor50, p50 / floor50);
        sheet.put(row);
        let row = sheet.row(&format!("{name}: p99"), "ms", p99).beside(floor99, p99 / floor99);
        sheet.put(row.target(Target::AtMost(P99_MS_MAX)));
    }
    Ok(())
}

fn listing_json(queries: &mut Queries) -> String {
    let filters = queries.filters();
    format!(
        "/store/products?category={}&filter.color={}&price_max={}&include=facets",
        filters.category, filters.color, filters.price_max
    )
}

fn listing_page(queries: &mut Queries) -> String {
    let filters = queries.filters();
    let (euros, cents) = (filters.price_max / 100, filters.price_max % 100);
    format!("/categories/{}?filter.color={}&price_max={euros}.{cents:02}", filters.category, filters.color)
}

fn search_json(queries: &mut Queries) -> String {
    format!("/store/search?q={}&include=facets", queries.typo())
}

fn suggestions(queries: &mut Queries) -> String {
    format!("/store/search/suggest?q={}", queries.beginning())
}
