//! From which locations an order is sent: planned, then reserved as planned.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use argosy_contracts::{
    common::Address,
    inventory::{
        GetAvailabilityRequest, InventoryClient, Location, Near, PlannedParcel, PutLocationsRequest,
        ReserveRequest, SetLevelsRequest, StockLevel, StockLine,
    },
};
use argosy_inventory::InventoryConfig;
use argosy_kernel::{Ctx, LocationId, ReservationId, VariantId};
use argosy_testkit::{Call, Mode, TestHost, contract_stories};

contract_stories! {
    the_fewest_parcels_are_planned_then_the_nearest_and_they_are_reserved_so,
    what_is_short_has_no_plan,
    a_plan_of_nothing_sellable_names_the_field,
}

struct Subject {
    inventory: InventoryClient,
    ctx: Ctx,
    _test: TestHost,
}

fn place(number: u8) -> String {
    LocationId::from_bytes([number; 16]).to_string()
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        let test = TestHost::on(mode.engine);
        let local = argosy_inventory::start(&test.host, InventoryConfig::default()).await.unwrap();
        let inventory = match mode.call {
            Call::Local => local,
            Call::Remote => InventoryClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        let subject = Self { inventory, ctx: Ctx::system("test"), _test: test };
        let location = |number: u8, name: &str, country: &str, postal_code: &str| Location {
            id: place(number),
            name: name.to_owned(),
            priority: number.into(),
            active: true,
            address: Some(Address {
                country: country.to_owned(),
                postal_code: postal_code.to_owned(),
                ..Address::default()
            }),
            ..Location::default()
        };
        let locations = vec![
            location(1, "Berlin", "DE", "10115"),
            location(2, "Köln", "DE", "50667"),
            location(3, "Lyon", "FR", "69001"),
        ];
        let put = PutLocationsRequest { locations };
        subject.inventory.put_locations(&subject.ctx, put).await.unwrap();
        subject
    }

    /// A variant with so much at each of the three.
    async fn stocked(&self, stock: [i64; 3]) -> VariantId {
        let variant = VariantId::new();
        let levels = (1..).zip(stock).map(|(number, on_hand)| StockLevel {
            variant_id: variant.to_string(),
            location_id: place(number),
            on_hand,
            tracked: true,
            ..StockLevel::default()
        });
        let request = SetLevelsRequest { levels: levels.collect() };
        self.inventory.set_levels(&self.ctx, request).await.unwrap();
        variant
    }

    async fn plan(&self, lines: &[StockLine], near: &Near) -> argosy_kernel::Result<Vec<PlannedParcel>> {
        let request = GetAvailabilityRequest {
            plan: lines.to_vec(),
            near: Some(near.clone()),
            ..GetAvailabilityRequest::default()
        };
        Ok(self.inventory.get_availability(&self.ctx, request).await?.parcels)
    }
}

fn line(variant: VariantId, quantity: i64) -> StockLine {
    StockLine { variant_id: variant.to_string(), quantity, ..StockLine::default() }
}

fn near(country: &str, postal_code: &str) -> Near {
    Near { country: country.to_owned(), postal_code: postal_code.to_owned(), ..Near::default() }
}

fn names(parcels: &[PlannedParcel]) -> Vec<(&str, usize)> {
    parcels.iter().map(|parcel| (parcel.location_name.as_str(), parcel.lines.len())).collect()
}

async fn the_fewest_parcels_are_planned_then_the_nearest_and_they_are_reserved_so(s: Subject) {
    let (mug, cup) = (s.stocked([5, 5, 5]).await, s.stocked([0, 2, 5]).await);
    let bonn = near("DE", "53111");
    let both = |cups| [line(mug, 1), line(cup, cups)];
    assert_eq!(names(&s.plan(&both(1), &bonn).await.unwrap()), [("Köln", 2)], "not Berlin and Köln");
    assert_eq!(names(&s.plan(&both(5), &bonn).await.unwrap()), [("Lyon", 2)], "one parcel, though from afar");
    let paris = near("FR", "75001");
    assert_eq!(names(&s.plan(&both(1), &paris).await.unwrap()), [("Lyon", 2)]);
    let split = s.plan(&[line(mug, 10), line(cup, 1)], &bonn).await.unwrap();
    assert_eq!(names(&split), [("Köln", 2), ("Berlin", 1)]);
    let digital = StockLine { not_sent: true, ..line(cup, 5) };
    assert_eq!(names(&s.plan(&[line(mug, 1), digital], &bonn).await.unwrap()), [("Köln", 1)]);
    let request = ReserveRequest {
        reservation_id: ReservationId::new().to_string(),
        lines: both(5).to_vec(),
        near: Some(bonn),
        ..ReserveRequest::default()
    };
    let held = s.inventory.reserve(&s.ctx, request).await.unwrap().reservation.unwrap();
    assert!(held.lines.iter().all(|line| line.location_id == place(3)), "{held:?}");
}

async fn what_is_short_has_no_plan(s: Subject) {
    let mug = s.stocked([1, 1, 1]).await;
    assert_eq!(s.plan(&[line(mug, 4)], &near("DE", "53111")).await.unwrap(), []);
    assert_eq!(s.plan(&[line(mug, 3)], &near("DE", "53111")).await.unwrap().len(), 3);
}

async fn a_plan_of_nothing_sellable_names_the_field(s: Subject) {
    let mug = s.stocked([1, 1, 1]).await;
    let refused = s.plan(&[line(mug, 0)], &Near::default()).await.unwrap_err();
    assert_eq!(refused.fields()[0].pointer, "/plan/0/quantity");
}
