//! Plans of parcels: what each location would send.

use argosy_contracts::inventory::{Near, PlannedLine, PlannedParcel};
use argosy_kernel::{Day, Result};

use crate::{
    domain::{Level, Outlook, Wanted, Whereabouts, allocate, decisive},
    store::{Place, Store},
};

/// In which parcels something would be sent now, the nearest first; none if it cannot be.
pub(crate) async fn plan(
    store: &Store,
    plan: &[Wanted],
    levels: &[Level],
    near: Whereabouts,
) -> Result<Vec<PlannedParcel>> {
    let Ok(picks) = allocate(plan, levels, near) else { return Ok(Vec::new()) };
    let sent = picks
        .into_iter()
        .filter(|pick| plan.iter().any(|line| line.variant_id == pick.variant_id && line.is_sent));
    let mut parcels: Vec<PlannedParcel> = Vec::new();
    let names = store.locations().await?;
    for pick in sent {
        let outlook = Outlook::of_pick(&pick, levels);
        let line = PlannedLine {
            variant_id: pick.variant_id.to_string(),
            quantity: pick.quantity,
            backordered: pick.backordered,
            expected_on: Day::text(outlook.expected_on),
            preorder: outlook.preorder,
        };
        let location_id = pick.location_id.to_string();
        if let Some(parcel) = parcels.iter_mut().find(|parcel| parcel.location_id == location_id) {
            parcel.lines.push(line);
            continue;
        }
        let name = names.iter().find(|known| known.id == pick.location_id);
        let location_name = name.map(|known| known.name.clone()).unwrap_or_default();
        let from = name.and_then(|known| known.details.address.as_ref()).map(from_of);
        parcels.push(PlannedParcel { location_id, location_name, lines: vec![line], from });
    }
    let sent: Vec<Wanted> = plan.iter().filter(|line| line.is_sent).copied().collect();
    let near = decisive(&sent, levels, near);
    let how_far = |parcel: &PlannedParcel| {
        let level = levels.iter().find(|level| level.location_id.to_string() == parcel.location_id);
        level.map(|level| (near.distance_of(&level.place), level.priority, level.location_id))
    };
    parcels.sort_by_cached_key(how_far);
    Ok(parcels)
}

/// Where a parcel comes from, as far as a carrier needs it.
fn from_of(place: &Place) -> Near {
    let (country, region) = (place.country.clone(), place.region.clone());
    Near { country, region, postal_code: place.postal_code.clone() }
}
