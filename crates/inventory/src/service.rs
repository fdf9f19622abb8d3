//! The contract: check, load, decide, save.

use std::time::Duration;

use argosy_contracts::{
    common::Address,
    inventory::{
        AdjustRequest, AdjustResponse, Availability, AvailabilityAt, BackorderPolicy, CommitRequest,
        CommitResponse, GetAvailabilityRequest, GetAvailabilityResponse, GetReservationRequest,
        GetReservationResponse, InventoryApi, ListLocationsRequest, ListLocationsResponse,
        ListMovementsRequest, ListMovementsResponse, Location as WireLocation, Movement, Near,
        PutLocationsRequest, PutLocationsResponse, ReleaseRequest, ReleaseResponse,
        Reservation as WireReservation, ReserveRequest, ReserveResponse, ReservedLine, SetBackordersRequest,
        SetBackordersResponse, SetLevelsRequest, SetLevelsResponse, StockLine,
    },
};
use argosy_kernel::{Ctx, Day, Error, LocationId, PageRequest, ReservationId, Result, VariantId};
use argosy_platform::{
    batches::Batches,
    flags::{Flags, Subject},
    tasks::Tasks,
};
use async_trait::async_trait;

use crate::{
    BATCHED_RESERVATIONS, InventoryConfig,
    domain::{Level, Outlook, Wanted, Whereabouts},
    error, parcels,
    store::{Asked, Backorders, Count, Details, Location, Place, Reservation, Store},
};

const VARIANTS_MAX: usize = 500;
const LINES_MAX: usize = 200;
const LEVELS_MAX: usize = 2_000;
const POLICIES_MAX: usize = 500;
const QUANTITY_MAX: i64 = 1_000_000_000;
const TTL_MAX_S: u32 = 24 * 3600;
const HOURS_LENGTH_MAX: usize = 200;
const READY_AFTER_H_MAX: u32 = 24 * 60;

pub(crate) struct InventoryService {
    store: Store,
    config: InventoryConfig,
    flags: Flags,
    reservations: Batches<Asked, Reservation>,
}

/// Reservations that are held as one.
const BATCH_MAX: usize = 32;

impl InventoryService {
    pub(crate) fn new(store: Store, config: InventoryConfig, flags: Flags, tasks: &Tasks) -> Self {
        let held = store.clone();
        let reservations = Batches::start(tasks, BATCH_MAX, move |asked| {
            let store = held.clone();
            async move { store.reserve_all(asked).await }
        });
        Self { store, config, flags, reservations }
    }

    async fn known_location(&self, pointer: String, id: &str) -> Result<LocationId> {
        if id.is_empty() {
            return Ok(Store::default_location());
        }
        let id: LocationId = id.parse()?;
        let known = self.store.locations().await?.iter().any(|location| location.id == id);
        if known { Ok(id) } else { Err(error::location_not_found(pointer, id)) }
    }

    /// A reservation, with when what is not there leaves.
    async fn told(&self, reservation: Reservation) -> Result<WireReservation> {
        let awaited = reservation.picks.iter().filter(|pick| pick.backordered > 0);
        let awaited: Vec<VariantId> = awaited.map(|pick| pick.variant_id).collect();
        let levels = if awaited.is_empty() { Vec::new() } else { self.store.levels(&awaited).await? };
        Ok(to_wire(reservation, &levels))
    }
}

#[async_trait]
impl InventoryApi for InventoryService {
    async fn get_availability(
        &self,
        _ctx: &Ctx,
        request: GetAvailabilityRequest,
    ) -> Result<GetAvailabilityResponse> {
        at_most(request.variant_ids.len(), VARIANTS_MAX, "/variant_ids")?;
        let variants: Vec<VariantId> = parse_all(&request.variant_ids)?;
        let plan = if request.plan.is_empty() { Vec::new() } else { wanted(&request.plan, "/plan")? };
        let near = near(request.near.as_ref());
        // A plan is asked for what is shown beside it, so this is the same list nearly always.
        let mut of_all = variants.clone();
        of_all.extend(plan.iter().map(|line| line.variant_id));
        of_all.sort_unstable();
        of_all.dedup();
        let levels = self.store.levels(&of_all).await?;
        let items = variants.iter().map(|variant| availability(*variant, &levels, request.by_location));
        let items = items.collect();
        let parcels = if plan.iter().any(|line| line.is_sent) {
            parcels::plan(&self.store, &plan, &levels, near).await?
        } else {
            Vec::new()
        };
        Ok(GetAvailabilityResponse { items, parcels })
    }

    async fn reserve(&self, _ctx: &Ctx, request: ReserveRequest) -> Result<ReserveResponse> {
        let id: ReservationId = request.reservation_id.parse()?;
        let wanted = wanted(&request.lines, "/lines")?;
        if request.ttl_s > TTL_MAX_S {
            return Err(Error::invalid_field("/ttl_s", format!("must be at most {TTL_MAX_S}")));
        }
        let ttl_s = if request.ttl_s == 0 { self.config.reservation_ttl_s } else { request.ttl_s };
        let expires_at = self.store.now().plus(Duration::from_secs(ttl_s.into()));
        let from = match request.location_id.as_str() {
            "" => None,
            id => Some(self.known_location("/location_id".to_owned(), id).await?),
        };
        let asked = Asked { id, wanted, from, near: near(request.near.as_ref()), expires_at };
        let reservation = if self.flags.is_on(BATCHED_RESERVATIONS, &Subject::of(id.to_string())).await {
            self.reservations.ask(asked).await?
        } else {
            self.store.reserve(&asked).await?
        };
        Ok(ReserveResponse { reservation: Some(self.told(reservation).await?) })
    }

    async fn commit(&self, _ctx: &Ctx, request: CommitRequest) -> Result<CommitResponse> {
        let reservation = self.store.commit(request.reservation_id.parse()?).await?;
        Ok(CommitResponse { reservation: Some(self.told(reservation).await?) })
    }

    async fn release(&self, _ctx: &Ctx, request: ReleaseRequest) -> Result<ReleaseResponse> {
        self.store.release(request.reservation_id.parse()?).await?;
        Ok(ReleaseResponse {})
    }

    async fn adjust(&self, _ctx: &Ctx, request: AdjustRequest) -> Result<AdjustResponse> {
        let variant = request.variant_id.parse()?;
        if request.delta == 0 || request.delta.abs() > QUANTITY_MAX {
            return Err(Error::invalid_field(
                "/delta",
                format!("must be from -{QUANTITY_MAX} to {QUANTITY_MAX}, not 0"),
            ));
        }
        if request.reference.is_empty() || request.reference.len() > 200 {
            return Err(Error::invalid_field("/reference", "must have 1 to 200 characters"));
        }
        let location = self.known_location("/location_id".to_owned(), &request.location_id).await?;
        let on_hand =
            self.store.adjust(variant, location, request.delta, &request.reference, &request.reason).await?;
        Ok(AdjustResponse { on_hand })
    }

    async fn set_levels(&self, _ctx: &Ctx, request: SetLevelsRequest) -> Result<SetLevelsResponse> {
        at_most(request.levels.len(), LEVELS_MAX, "/levels")?;
        let known: Vec<LocationId> =
            self.store.locations().await?.iter().map(|location| location.id).collect();
        let mut counts = Vec::with_capacity(request.levels.len());
        for (index, level) in request.levels.iter().enumerate() {
            let pointer = |field: &str| format!("/levels/{index}/{field}");
            let location_id = if level.location_id.is_empty() {
                Store::default_location()
            } else {
                level.location_id.parse()?
            };
            if !known.contains(&location_id) {
                return Err(error::location_not_found(pointer("location_id"), location_id));
            }
            let least = if level.backorder { -QUANTITY_MAX } else { 0 };
            if !(least..=QUANTITY_MAX).contains(&level.on_hand) {
                return Err(Error::invalid_field(
                    pointer("on_hand"),
                    format!("must be from {least} to {QUANTITY_MAX}"),
                ));
            }
            if !(0..=QUANTITY_MAX).contains(&level.safety_stock) {
                return Err(Error::invalid_field(
                    pointer("safety_stock"),
                    format!("must be from 0 to {QUANTITY_MAX}"),
                ));
            }
            counts.push(Count {
                variant_id: level.variant_id.parse()?,
                location_id,
                on_hand: level.on_hand,
                safety_stock: level.safety_stock,
                backorder: level.backorder,
                tracked: level.tracked,
            });
        }
        Ok(SetLevelsResponse { changed: self.store.count(&counts).await? })
    }

    async fn set_backorders(
        &self,
        _ctx: &Ctx,
        request: SetBackordersRequest,
    ) -> Result<SetBackordersResponse> {
        at_most(request.policies.len(), POLICIES_MAX, "/policies")?;
        let known: Vec<LocationId> =
            self.store.locations().await?.iter().map(|location| location.id).collect();
        let mut policies: Vec<Backorders> = Vec::with_capacity(request.policies.len());
        for (index, policy) in request.policies.iter().enumerate() {
            let policy = backorders(policy, &|field| format!("/policies/{index}/{field}"), &known)?;
            let is_same = |other: &Backorders| {
                (other.variant_id, other.location_id) == (policy.variant_id, policy.location_id)
            };
            if policies.iter().any(is_same) {
                return Err(Error::invalid_field(
                    format!("/policies/{index}"),
                    "names a variant at a location a second time",
                ));
            }
            policies.push(policy);
        }
        Ok(SetBackordersResponse { changed: self.store.set_backorders(&policies).await? })
    }

    async fn list_locations(
        &self,
        _ctx: &Ctx,
        _request: ListLocationsRequest,
    ) -> Result<ListLocationsResponse> {
        let locations = self.store.locations().await?;
        Ok(ListLocationsResponse { locations: locations.into_iter().map(location_to_wire).collect() })
    }

    async fn put_locations(&self, _ctx: &Ctx, request: PutLocationsRequest) -> Result<PutLocationsResponse> {
        at_most(request.locations.len(), LINES_MAX, "/locations")?;
        let mut locations = Vec::with_capacity(request.locations.len());
        for (index, location) in request.locations.into_iter().enumerate() {
            if location.name.is_empty() || location.name.chars().count() > 100 {
                return Err(Error::invalid_field(
                    format!("/locations/{index}/name"),
                    "must have 1 to 100 characters",
                ));
            }
            if location.hours.chars().count() > HOURS_LENGTH_MAX {
                return Err(Error::invalid_field(
                    format!("/locations/{index}/hours"),
                    format!("must have at most {HOURS_LENGTH_MAX} characters"),
                ));
            }
            if location.ready_after_h > READY_AFTER_H_MAX {
                return Err(Error::invalid_field(
                    format!("/locations/{index}/ready_after_h"),
                    format!("must be at most {READY_AFTER_H_MAX}"),
                ));
            }
            if location.pickup && location.address.is_none() {
                return Err(Error::invalid_field(
                    format!("/locations/{index}/address"),
                    "must say where buyers collect",
                ));
            }
            locations.push(location_of(location)?);
        }
        self.store.put_locations(&locations).await?;
        Ok(PutLocationsResponse { locations: locations.into_iter().map(location_to_wire).collect() })
    }

    async fn list_movements(
        &self,
        _ctx: &Ctx,
        request: ListMovementsRequest,
    ) -> Result<ListMovementsResponse> {
        let page = PageRequest::new(request.limit, &request.cursor, 50)?;
        let page = self.store.movements(request.variant_id.parse()?, &page).await?;
        let movements = page.items.into_iter().map(|row| Movement {
            position: row.position,
            location_id: row.location_id,
            kind: row.kind,
            on_hand_delta: row.on_hand_delta,
            reserved_delta: row.reserved_delta,
            reference: row.reference,
            reason: row.reason,
            time_ms: row.time_ms,
        });
        Ok(ListMovementsResponse {
            movements: movements.collect(),
            next: page.next.map(String::from).unwrap_or_default(),
        })
    }

    async fn get_reservation(
        &self,
        _ctx: &Ctx,
        request: GetReservationRequest,
    ) -> Result<GetReservationResponse> {
        let id = request.reservation_id.parse()?;
        let found = self.store.reservation(id).await?.ok_or_else(|| error::reservation_not_found(id))?;
        Ok(GetReservationResponse { reservation: Some(self.told(found).await?) })
    }
}

fn at_most(length: usize, most: usize, pointer: &str) -> Result<()> {
    if length > most {
        Err(Error::invalid_field(pointer, format!("must have at most {most} items")))
    } else {
        Ok(())
    }
}

fn parse_all(ids: &[String]) -> Result<Vec<VariantId>> {
    ids.iter().map(|id| id.parse().map_err(Error::from)).collect()
}

/// The lines in order of variant, so that all reservations take rows in the same order.
fn wanted(lines: &[StockLine], list: &str) -> Result<Vec<Wanted>> {
    if lines.is_empty() {
        return Err(Error::invalid_field(list, "must have at least one line"));
    }
    at_most(lines.len(), LINES_MAX, list)?;
    let mut wanted = Vec::with_capacity(lines.len());
    for (line, stock) in lines.iter().enumerate() {
        if !(1..=QUANTITY_MAX).contains(&stock.quantity) {
            return Err(Error::invalid_field(
                format!("{list}/{line}/quantity"),
                format!("must be from 1 to {QUANTITY_MAX}"),
            ));
        }
        let (variant_id, quantity) = (stock.variant_id.parse()?, stock.quantity);
        wanted.push(Wanted { line, variant_id, quantity, is_sent: !stock.not_sent });
    }
    wanted.sort_by_key(|line| line.variant_id);
    if let Some(twice) = wanted.windows(2).find(|pair| pair[0].variant_id == pair[1].variant_id) {
        return Err(Error::invalid_field(
            format!("{list}/{}", twice[1].line),
            "names a variant a second time",
        ));
    }
    Ok(wanted)
}

fn near(near: Option<&Near>) -> Whereabouts {
    near.map_or_else(Whereabouts::default, |near| {
        Whereabouts::new(&near.country, &near.region, &near.postal_code)
    })
}

/// What is said of backorders that are not allowed is not kept.
fn backorders(
    policy: &BackorderPolicy,
    pointer: &dyn Fn(&str) -> String,
    known: &[LocationId],
) -> Result<Backorders> {
    let variant_id = policy.variant_id.parse()?;
    let location_id = match policy.location_id.as_str() {
        "" => Store::default_location(),
        id => id.parse()?,
    };
    if !known.contains(&location_id) {
        return Err(error::location_not_found(pointer("location_id"), location_id));
    }
    let units_max = policy.units_max;
    if units_max.is_some_and(|units| !(0..=QUANTITY_MAX).contains(&units)) {
        let message = format!("must be from 0 to {QUANTITY_MAX}, or left out");
        return Err(Error::invalid_field(pointer("units_max"), message));
    }
    let expected_on = Day::optional(&policy.expected_on)
        .map_err(|_| Error::invalid_field(pointer("expected_on"), "must be a day such as 2027-03-12"))?;
    if !policy.allowed {
        return Ok(Backorders::none(variant_id, location_id));
    }
    let preorder = policy.preorder;
    Ok(Backorders { variant_id, location_id, allowed: true, units_max, expected_on, preorder })
}

fn availability(variant: VariantId, levels: &[Level], by_location: bool) -> Availability {
    let of_variant = || levels.iter().filter(move |level| level.variant_id == variant);
    let outlook = Outlook::of(of_variant());
    let has_bound = of_variant().all(|level| !level.is_unlimited());
    let ordered = of_variant().map(ordered_at).fold(0_i64, i64::saturating_add);
    Availability {
        variant_id: variant.to_string(),
        available: of_variant().map(Level::available).sum(),
        backorder: of_variant().any(|level| level.backorder),
        backorder_left: has_bound.then_some(ordered),
        expected_on: Day::text(outlook.expected_on),
        preorder: outlook.preorder,
        tracked: !of_variant().any(|level| !level.tracked),
        locations: of_variant()
            .filter(|_| by_location)
            .map(|level| AvailabilityAt {
                location_id: level.location_id.to_string(),
                available: level.available(),
                unlimited: level.is_unlimited(),
                backorder_left: ordered_at(level),
            })
            .collect(),
    }
}

/// How many may be ordered at a level, if that has a bound.
fn ordered_at(level: &Level) -> i64 {
    if level.is_unlimited() { 0 } else { level.room().saturating_sub(level.available()) }
}

/// `levels` of what is not there.
fn to_wire(reservation: Reservation, levels: &[Level]) -> WireReservation {
    let lines = reservation.picks.into_iter().map(|pick| {
        let outlook = Outlook::of_pick(&pick, levels);
        ReservedLine {
            variant_id: pick.variant_id.to_string(),
            location_id: pick.location_id.to_string(),
            quantity: pick.quantity,
            backordered: pick.backordered,
            expected_on: Day::text(outlook.expected_on),
            preorder: outlook.preorder,
            told_version: outlook.version,
        }
    });
    WireReservation {
        id: reservation.id.to_string(),
        state: reservation.state.as_str().to_owned(),
        lines: lines.collect(),
        expires_at_ms: reservation.expires_at.as_millis(),
    }
}

fn location_to_wire(location: Location) -> WireLocation {
    WireLocation {
        id: location.id.to_string(),
        name: location.name,
        priority: u32::try_from(location.priority).unwrap_or(u32::MAX),
        active: location.active,
        pickup: location.pickup,
        address: location.details.address.map(|place| Address {
            name: place.name,
            line1: place.line1,
            line2: place.line2,
            city: place.city,
            region: place.region,
            postal_code: place.postal_code,
            country: place.country,
            phone: place.phone,
            ..Address::default()
        }),
        hours: location.details.hours,
        ready_after_h: location.details.ready_after_h,
    }
}

fn location_of(wire: WireLocation) -> Result<Location> {
    Ok(Location {
        id: if wire.id.is_empty() { LocationId::new() } else { wire.id.parse()? },
        name: wire.name,
        priority: wire.priority.into(),
        active: wire.active,
        pickup: wire.pickup,
        details: Details {
            address: wire.address.map(|address| Place {
                name: address.name,
                line1: address.line1,
                line2: address.line2,
                city: address.city,
                region: address.region,
                postal_code: address.postal_code,
                country: address.country,
                phone: address.phone,
            }),
            hours: wire.hours,
            ready_after_h: wire.ready_after_h,
        },
    })
}
