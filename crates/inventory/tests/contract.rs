//! What the service promises, over both call modes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use argosy_contracts::{
    common::Address,
    inventory::{
        AdjustRequest, CommitRequest, GetAvailabilityRequest, GetReservationRequest, InventoryClient,
        ListLocationsRequest, ListMovementsRequest, Location, PutLocationsRequest, ReleaseRequest,
        ReserveRequest, SetLevelsRequest, StockLevel, StockLine,
    },
};
use argosy_inventory::InventoryConfig;
use argosy_kernel::{Code, Ctx, LocationId, ReservationId, VariantId};
use argosy_platform::flags::{self, Rule, Switch};
use argosy_testkit::{Call, Engine, Mode, TestHost, contract_stories, eventually};

struct Subject {
    mode: Mode,
    test: TestHost,
    inventory: InventoryClient,
    ctx: Ctx,
}

contract_stories! {
    law_2_two_hundred_buyers_of_the_last_ten_units_get_exactly_ten,
    law_2_crossing_carts_neither_deadlock_nor_half_reserve,
    law_2_buyers_at_two_processes_sell_out_exactly_and_it_is_told_once,
    law_2_without_batches_buyers_sell_out_exactly,
    a_reservation_asked_for_twice_is_held_once,
    a_reservation_asked_for_twice_at_once_is_held_once,
    a_released_reservation_gives_its_stock_back_and_its_id_is_spent,
    a_release_that_comes_before_its_reservation_bars_it,
    a_committed_reservation_cannot_be_released,
    an_expired_reservation_gives_its_stock_back,
    an_adjustment_has_one_effect_per_reference,
    stock_cannot_fall_below_what_is_promised,
    untracked_and_backordered_variants_never_run_out,
    the_ledger_adds_up_to_the_stock,
    selling_out_and_coming_back_are_told_once,
    a_location_tells_what_it_has_and_serves_those_who_collect_there,
    a_place_to_collect_at_must_say_where_it_is,
    wrong_requests_name_the_field,
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        Self::start_on(TestHost::on(mode.engine), mode).await
    }

    /// Every reservation by itself.
    async fn without_batches(mode: Mode) -> Self {
        let test = TestHost::on(mode.engine);
        let database = test.host.database(argosy_inventory::DATABASE).await.unwrap();
        let flag = argosy_inventory::FLAGS[0].key;
        flags::set(&database, flag, &Rule::from(Switch::Off)).await.unwrap();
        database.close().await.unwrap(); // before the service opens it: a file is opened once
        Self::start_on(test, mode).await
    }

    async fn start_on(test: TestHost, mode: Mode) -> Self {
        let config = InventoryConfig { sweep_interval_s: 1, ..InventoryConfig::default() };
        let local = argosy_inventory::start(&test.host, config).await.unwrap();
        let inventory = match mode.call {
            Call::Local => local,
            Call::Remote => InventoryClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        Self { mode, test, inventory, ctx: Ctx::system("test") }
    }

    async fn stocked(&self, on_hand: i64) -> VariantId {
        let variant = VariantId::new();
        self.set(variant, on_hand, false, true).await;
        variant
    }

    async fn set(&self, variant: VariantId, on_hand: i64, backorder: bool, tracked: bool) {
        let level = StockLevel {
            variant_id: variant.to_string(),
            on_hand,
            backorder,
            tracked,
            ..StockLevel::default()
        };
        self.inventory.set_levels(&self.ctx, SetLevelsRequest { levels: vec![level] }).await.unwrap();
    }

    async fn available(&self, variant: VariantId) -> i64 {
        let request = GetAvailabilityRequest {
            variant_ids: vec![variant.to_string()],
            ..GetAvailabilityRequest::default()
        };
        self.inventory.get_availability(&self.ctx, request).await.unwrap().items[0].available
    }

    async fn reserve(&self, id: ReservationId, lines: &[(VariantId, i64)]) -> argosy_kernel::Result<()> {
        let lines = lines.iter().map(|(variant, quantity)| StockLine {
            variant_id: variant.to_string(),
            quantity: *quantity,
            ..StockLine::default()
        });
        let request = ReserveRequest {
            reservation_id: id.to_string(),
            lines: lines.collect(),
            ..ReserveRequest::default()
        };
        self.inventory.reserve(&self.ctx, request).await.map(|_| ())
    }

    async fn commit(&self, id: ReservationId) -> argosy_kernel::Result<()> {
        self.inventory.commit(&self.ctx, CommitRequest { reservation_id: id.to_string() }).await.map(|_| ())
    }

    async fn release(&self, id: ReservationId) -> argosy_kernel::Result<()> {
        self.inventory.release(&self.ctx, ReleaseRequest { reservation_id: id.to_string() }).await.map(|_| ())
    }

    async fn adjust(&self, variant: VariantId, delta: i64, reference: &str) -> argosy_kernel::Result<i64> {
        let request = AdjustRequest {
            variant_id: variant.to_string(),
            delta,
            reference: reference.to_owned(),
            reason: "received".to_owned(),
            ..AdjustRequest::default()
        };
        self.inventory.adjust(&self.ctx, request).await.map(|response| response.on_hand)
    }
}

async fn law_2_two_hundred_buyers_of_the_last_ten_units_get_exactly_ten(s: Subject) {
    let variant = s.stocked(10).await;
    let s = std::sync::Arc::new(s);
    let mut buyers = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let s = s.clone();
        buyers.spawn(async move { s.reserve(ReservationId::new(), &[(variant, 1)]).await });
    }
    let outcomes = buyers.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 10);
    for refused in outcomes.into_iter().filter_map(Result::err) {
        assert_eq!((refused.code(), refused.reason()), (Code::FailedPrecondition, "OUT_OF_STOCK"));
        assert_eq!(refused.fields()[0].pointer, "/lines/0");
    }
    assert_eq!(s.available(variant).await, 0);
}

async fn law_2_without_batches_buyers_sell_out_exactly(s: Subject) {
    let s = Subject::without_batches(s.mode).await;
    let variant = s.stocked(20).await;
    let line = [(variant, 1)];
    let outcomes = futures::future::join_all((0..40).map(|_| s.reserve(ReservationId::new(), &line))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 20);
    assert_eq!(s.available(variant).await, 0);
}

async fn law_2_crossing_carts_neither_deadlock_nor_half_reserve(s: Subject) {
    let (a, b) = (s.stocked(20).await, s.stocked(15).await);
    let s = std::sync::Arc::new(s);
    let mut buyers = tokio::task::JoinSet::new();
    for turn in 0..40 {
        let s = s.clone();
        let lines = if turn % 2 == 0 { [(a, 1), (b, 1)] } else { [(b, 1), (a, 1)] };
        buyers.spawn(async move { s.reserve(ReservationId::new(), &lines).await });
    }
    let held = buyers.join_all().await.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(held, 15);
    assert_eq!((s.available(a).await, s.available(b).await), (5, 0));
}

async fn a_reservation_asked_for_twice_is_held_once(s: Subject) {
    let variant = s.stocked(10).await;
    let id = ReservationId::new();
    s.reserve(id, &[(variant, 4)]).await.unwrap();
    s.reserve(id, &[(variant, 4)]).await.unwrap();
    assert_eq!(s.available(variant).await, 6);
    s.commit(id).await.unwrap();
    s.commit(id).await.unwrap();
    s.reserve(id, &[(variant, 4)]).await.unwrap();
    assert_eq!(s.available(variant).await, 6);
}

async fn law_2_buyers_at_two_processes_sell_out_exactly_and_it_is_told_once(s: Subject) {
    let variant = s.stocked(30).await;
    // A file of SQLite has one process.
    let other = match s.mode.engine {
        Engine::Sqlite => s.inventory.clone(),
        Engine::Postgres => argosy_inventory::start(&s.test.host, InventoryConfig::default()).await.unwrap(),
    };
    let buyers = (0..60).map(|turn| {
        let at = if turn % 2 == 0 { &s.inventory } else { &other };
        let line = StockLine { variant_id: variant.to_string(), quantity: 1, ..StockLine::default() };
        let request = ReserveRequest {
            reservation_id: ReservationId::new().to_string(),
            lines: vec![line],
            ..ReserveRequest::default()
        };
        at.reserve(&s.ctx, request)
    });
    let outcomes = futures::future::join_all(buyers).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 30);
    assert_eq!(s.available(variant).await, 0);
    // PostgreSQL shows a fact once no transaction before it is open any more, whoever's that is.
    let told = async || -> Vec<bool> {
        let facts = s.test.facts("inventory").await;
        facts.iter().map(|fact| fact.data.contains("\"available\":true")).collect()
    };
    eventually("it is told", async || told().await.len() >= 2).await;
    assert_eq!(told().await, [true, false]);
}

async fn a_reservation_asked_for_twice_at_once_is_held_once(s: Subject) {
    let variant = s.stocked(10).await;
    let id = ReservationId::new();
    let lines = [(variant, 4)];
    let asked = futures::future::join_all((0..5).map(|_| s.reserve(id, &lines))).await;
    for done in asked {
        done.unwrap();
    }
    assert_eq!(s.available(variant).await, 6);
}

async fn a_released_reservation_gives_its_stock_back_and_its_id_is_spent(s: Subject) {
    let variant = s.stocked(10).await;
    let id = ReservationId::new();
    s.reserve(id, &[(variant, 4)]).await.unwrap();
    s.release(id).await.unwrap();
    s.release(id).await.unwrap();
    assert_eq!(s.available(variant).await, 10);
    assert_eq!(s.reserve(id, &[(variant, 4)]).await.unwrap_err().reason(), "RESERVATION_ENDED");
    assert_eq!(s.commit(id).await.unwrap_err().reason(), "RESERVATION_ENDED");
}

async fn a_release_that_comes_before_its_reservation_bars_it(s: Subject) {
    let variant = s.stocked(10).await;
    let id = ReservationId::new();
    s.release(id).await.unwrap();
    assert_eq!(s.reserve(id, &[(variant, 4)]).await.unwrap_err().reason(), "RESERVATION_ENDED");
    assert_eq!(s.available(variant).await, 10);
}

async fn a_committed_reservation_cannot_be_released(s: Subject) {
    let variant = s.stocked(10).await;
    let id = ReservationId::new();
    s.reserve(id, &[(variant, 4)]).await.unwrap();
    s.commit(id).await.unwrap();
    assert_eq!(s.release(id).await.unwrap_err().reason(), "RESERVATION_COMMITTED");
    let unknown = s.commit(ReservationId::new()).await.unwrap_err();
    assert_eq!(unknown.reason(), "RESERVATION_NOT_FOUND");
}

async fn an_expired_reservation_gives_its_stock_back(s: Subject) {
    let variant = s.stocked(10).await;
    let id = ReservationId::new();
    s.reserve(id, &[(variant, 4)]).await.unwrap();
    s.test.clock.advance(Duration::from_secs(901));
    eventually("the stock is back", || async { s.available(variant).await == 10 }).await;
    let request = GetReservationRequest { reservation_id: id.to_string() };
    let reservation = s.inventory.get_reservation(&s.ctx, request).await.unwrap().reservation.unwrap();
    assert_eq!(reservation.state, "expired");
    assert_eq!(s.commit(id).await.unwrap_err().reason(), "RESERVATION_ENDED");
}

async fn an_adjustment_has_one_effect_per_reference(s: Subject) {
    let variant = s.stocked(10).await;
    assert_eq!(s.adjust(variant, 5, "delivery-1").await.unwrap(), 15);
    assert_eq!(s.adjust(variant, 5, "delivery-1").await.unwrap(), 15);
    assert_eq!(s.adjust(variant, 5, "delivery-2").await.unwrap(), 20);
}

async fn stock_cannot_fall_below_what_is_promised(s: Subject) {
    let variant = s.stocked(10).await;
    s.reserve(ReservationId::new(), &[(variant, 8)]).await.unwrap();
    assert_eq!(s.adjust(variant, -3, "damaged-1").await.unwrap_err().reason(), "STOCK_NEGATIVE");
    assert_eq!(s.adjust(variant, -2, "damaged-1").await.unwrap(), 8);
    let level =
        StockLevel { variant_id: variant.to_string(), on_hand: 7, tracked: true, ..StockLevel::default() };
    let refused = s.inventory.set_levels(&s.ctx, SetLevelsRequest { levels: vec![level] }).await.unwrap_err();
    assert_eq!(refused.reason(), "STOCK_NEGATIVE");
    assert_eq!(refused.fields()[0].pointer, "/levels/0/on_hand");
}

async fn untracked_and_backordered_variants_never_run_out(s: Subject) {
    let (download, ordered_in) = (VariantId::new(), VariantId::new());
    s.set(download, 0, false, false).await;
    s.set(ordered_in, 2, true, true).await;
    let id = ReservationId::new();
    s.reserve(id, &[(download, 1_000), (ordered_in, 5)]).await.unwrap();
    let request = GetReservationRequest { reservation_id: id.to_string() };
    let reservation = s.inventory.get_reservation(&s.ctx, request).await.unwrap().reservation.unwrap();
    assert_eq!(reservation.lines.iter().map(|line| line.backordered).sum::<i64>(), 3);
    s.commit(id).await.unwrap();
    assert_eq!(s.adjust(ordered_in, 10, "delivery-1").await.unwrap(), 7);
}

async fn the_ledger_adds_up_to_the_stock(s: Subject) {
    let variant = s.stocked(10).await;
    let (sold, dropped) = (ReservationId::new(), ReservationId::new());
    s.reserve(sold, &[(variant, 2)]).await.unwrap();
    s.reserve(dropped, &[(variant, 3)]).await.unwrap();
    s.commit(sold).await.unwrap();
    s.release(dropped).await.unwrap();
    s.adjust(variant, -1, "damaged-1").await.unwrap();
    let mut movements = Vec::new();
    let mut cursor = String::new();
    loop {
        let request = ListMovementsRequest { variant_id: variant.to_string(), limit: 2, cursor };
        let page = s.inventory.list_movements(&s.ctx, request).await.unwrap();
        movements.extend(page.movements);
        cursor = page.next;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(movements.len(), 6);
    assert_eq!(movements.iter().map(|movement| movement.on_hand_delta).sum::<i64>(), 7);
    assert_eq!(movements.iter().map(|movement| movement.reserved_delta).sum::<i64>(), 0);
    assert_eq!(s.available(variant).await, 7);
}

async fn selling_out_and_coming_back_are_told_once(s: Subject) {
    let variant = s.stocked(2).await;
    let id = ReservationId::new();
    s.reserve(ReservationId::new(), &[(variant, 1)]).await.unwrap();
    s.reserve(id, &[(variant, 1)]).await.unwrap();
    s.release(id).await.unwrap();
    let facts = s.test.facts("inventory").await;
    let told: Vec<bool> = facts.iter().map(|fact| fact.data.contains("\"available\":true")).collect();
    assert_eq!(told, [true, false, true]);
}

fn quay() -> Location {
    Location {
        id: LocationId::from_bytes([7; 16]).to_string(),
        name: "Shop on the quay".to_owned(),
        priority: 1,
        active: true,
        pickup: true,
        address: Some(Address { line1: "Quay 1".to_owned(), ..Address::default() }),
        hours: "Mon–Sat 10–18".to_owned(),
        ready_after_h: 2,
    }
}

async fn a_location_tells_what_it_has_and_serves_those_who_collect_there(s: Subject) {
    let put = PutLocationsRequest { locations: vec![quay()] };
    s.inventory.put_locations(&s.ctx, put).await.unwrap();
    let known = s.inventory.list_locations(&s.ctx, ListLocationsRequest {}).await.unwrap().locations;
    assert!(known.contains(&quay()), "{known:?}");
    let variant = s.stocked(5).await;
    let level = StockLevel {
        variant_id: variant.to_string(),
        location_id: quay().id,
        on_hand: 2,
        tracked: true,
        ..StockLevel::default()
    };
    s.inventory.set_levels(&s.ctx, SetLevelsRequest { levels: vec![level] }).await.unwrap();
    let at_the_quay = async || {
        let request = GetAvailabilityRequest {
            variant_ids: vec![variant.to_string()],
            by_location: true,
            ..GetAvailabilityRequest::default()
        };
        let item = s.inventory.get_availability(&s.ctx, request).await.unwrap().items.remove(0);
        item.locations.iter().find(|place| place.location_id == quay().id).unwrap().available
    };
    let collect = async |quantity: i64, location_id: String| {
        let request = ReserveRequest {
            reservation_id: ReservationId::new().to_string(),
            lines: vec![StockLine { variant_id: variant.to_string(), quantity, ..StockLine::default() }],
            location_id,
            ..ReserveRequest::default()
        };
        s.inventory.reserve(&s.ctx, request).await
    };
    assert_eq!((s.available(variant).await, at_the_quay().await), (7, 2));
    let held = collect(2, quay().id).await.unwrap().reservation.unwrap();
    assert_eq!(held.lines[0].location_id, quay().id, "though the warehouse comes first");
    assert_eq!((s.available(variant).await, at_the_quay().await), (5, 0));
    assert_eq!(collect(1, quay().id).await.unwrap_err().reason(), "OUT_OF_STOCK");
    assert_eq!(collect(1, LocationId::new().to_string()).await.unwrap_err().reason(), "LOCATION_NOT_FOUND");
    assert_eq!(collect(5, String::new()).await.unwrap().reservation.unwrap().lines.len(), 1);
}

async fn a_place_to_collect_at_must_say_where_it_is(s: Subject) {
    let put = async |location: Location| {
        let put = PutLocationsRequest { locations: vec![location] };
        s.inventory.put_locations(&s.ctx, put).await.unwrap_err().fields()[0].pointer.clone()
    };
    assert_eq!(put(Location { address: None, ..quay() }).await, "/locations/0/address");
    assert_eq!(put(Location { hours: "x".repeat(201), ..quay() }).await, "/locations/0/hours");
    assert_eq!(put(Location { ready_after_h: 9_999, ..quay() }).await, "/locations/0/ready_after_h");
}

async fn wrong_requests_name_the_field(s: Subject) {
    let variant = s.stocked(10).await;
    let pointer = |error: argosy_kernel::Error| error.fields()[0].pointer.clone();
    assert_eq!(pointer(s.reserve(ReservationId::new(), &[]).await.unwrap_err()), "/lines");
    assert_eq!(
        pointer(s.reserve(ReservationId::new(), &[(variant, 0)]).await.unwrap_err()),
        "/lines/0/quantity"
    );
    assert_eq!(
        pointer(s.reserve(ReservationId::new(), &[(variant, -1)]).await.unwrap_err()),
        "/lines/0/quantity"
    );
    let twice = s.reserve(ReservationId::new(), &[(variant, 1), (variant, 1)]).await.unwrap_err();
    assert_eq!(pointer(twice), "/lines/1");
    assert_eq!(pointer(s.adjust(variant, 0, "x").await.unwrap_err()), "/delta");
    assert_eq!(pointer(s.adjust(variant, 1, "").await.unwrap_err()), "/reference");
    let foreign = ReserveRequest { reservation_id: "cart_1".to_owned(), ..ReserveRequest::default() };
    let foreign = s.inventory.reserve(&s.ctx, foreign).await.unwrap_err();
    assert_eq!((foreign.code(), foreign.reason()), (Code::InvalidArgument, "INVALID_ID"));
}
