//! What is sold before it is there: how much of it, and who hears of the day.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use argosy_contracts::inventory::{
    AdjustRequest, Availability, BackorderPolicy, CommitRequest, GetAvailabilityRequest, InventoryClient,
    Location, PutLocationsRequest, Reservation, ReserveRequest, SetBackordersRequest, SetLevelsRequest,
    StockLevel, StockLine,
};
use argosy_inventory::InventoryConfig;
use argosy_kernel::{Code, Ctx, LocationId, ReservationId, Result, VariantId};
use argosy_testkit::{Call, Mode, TestHost, contract_stories, eventually};

contract_stories! {
    law_2_of_five_preorders_two_hundred_buyers_get_exactly_five_more_than_are_there,
    law_2_a_bound_is_kept_over_two_locations,
    what_is_promised_cannot_be_disallowed,
    a_reservation_says_what_is_not_there_and_from_when_it_leaves,
    another_day_and_an_arrival_are_told_and_nothing_else_is,
    who_looked_at_the_goods_hears_when_the_last_that_is_there_is_gone,
    a_count_leaves_the_policy_alone,
    wrong_policies_name_the_field,
}

struct Subject {
    test: TestHost,
    inventory: InventoryClient,
    ctx: Ctx,
}

fn preorder(variant: VariantId, units_max: Option<i64>, expected_on: &str) -> BackorderPolicy {
    BackorderPolicy {
        variant_id: variant.to_string(),
        allowed: true,
        units_max,
        expected_on: expected_on.to_owned(),
        preorder: true,
        ..BackorderPolicy::default()
    }
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        let test = TestHost::on(mode.engine);
        let local = argosy_inventory::start(&test.host, InventoryConfig::default()).await.unwrap();
        let inventory = match mode.call {
            Call::Local => local,
            Call::Remote => InventoryClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        Self { test, inventory, ctx: Ctx::system("test") }
    }

    async fn stocked(&self, on_hand: i64) -> VariantId {
        let variant = VariantId::new();
        let level =
            StockLevel { variant_id: variant.to_string(), on_hand, tracked: true, ..StockLevel::default() };
        self.inventory.set_levels(&self.ctx, SetLevelsRequest { levels: vec![level] }).await.unwrap();
        variant
    }

    async fn allow(&self, policy: BackorderPolicy) -> Result<u32> {
        let request = SetBackordersRequest { policies: vec![policy] };
        self.inventory.set_backorders(&self.ctx, request).await.map(|done| done.changed)
    }

    async fn stock(&self, variant: VariantId) -> Availability {
        let request = GetAvailabilityRequest {
            variant_ids: vec![variant.to_string()],
            ..GetAvailabilityRequest::default()
        };
        self.inventory.get_availability(&self.ctx, request).await.unwrap().items.remove(0)
    }

    async fn reserve(&self, variant: VariantId, quantity: i64) -> Result<Reservation> {
        let line = StockLine { variant_id: variant.to_string(), quantity, ..StockLine::default() };
        let request = ReserveRequest {
            reservation_id: ReservationId::new().to_string(),
            lines: vec![line],
            ..ReserveRequest::default()
        };
        self.inventory.reserve(&self.ctx, request).await.map(|answer| answer.reservation.unwrap())
    }

    async fn sell(&self, variant: VariantId, quantity: i64) -> Reservation {
        let reservation_id = self.reserve(variant, quantity).await.unwrap().id;
        let request = CommitRequest { reservation_id };
        self.inventory.commit(&self.ctx, request).await.unwrap().reservation.unwrap()
    }

    async fn receive(&self, variant: VariantId, delta: i64, reference: &str) -> Result<i64> {
        let request = AdjustRequest {
            variant_id: variant.to_string(),
            delta,
            reference: reference.to_owned(),
            reason: "received".to_owned(),
            ..AdjustRequest::default()
        };
        self.inventory.adjust(&self.ctx, request).await.map(|answer| answer.on_hand)
    }

    /// Days that were told, with whether it has arrived.
    async fn told(&self) -> Vec<String> {
        let facts = self.test.facts("inventory").await.into_iter();
        facts.filter(|fact| fact.kind == "inventory.expected_changed").map(|fact| fact.data).collect()
    }
}

async fn law_2_of_five_preorders_two_hundred_buyers_get_exactly_five_more_than_are_there(s: Subject) {
    let variant = s.stocked(3).await;
    s.allow(preorder(variant, Some(5), "2027-03-12")).await.unwrap();
    assert_eq!(s.stock(variant).await.sellable(), 8);
    let s = Arc::new(s);
    let mut buyers = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let s = Arc::clone(&s);
        buyers.spawn(async move { s.reserve(variant, 1).await });
    }
    let outcomes = buyers.join_all().await;
    let (sold, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    let awaited: i64 = sold.iter().map(|done| done.as_ref().unwrap().lines[0].backordered).sum();
    assert_eq!((sold.len(), awaited), (8, 5));
    assert!(refused.iter().all(|one| one.as_ref().unwrap_err().reason() == "OUT_OF_STOCK"));
    for reserved in sold {
        let request = CommitRequest { reservation_id: reserved.unwrap().id };
        s.inventory.commit(&s.ctx, request).await.unwrap();
    }
    assert_eq!((s.stock(variant).await.sellable(), s.stock(variant).await.available), (0, 0));
    assert_eq!(s.receive(variant, 4, "delivery").await.unwrap(), -1);
    assert_eq!(s.stock(variant).await.sellable(), 4, "the bound counts what is promised");
}

async fn law_2_a_bound_is_kept_over_two_locations(s: Subject) {
    let quay = LocationId::from_bytes([7; 16]).to_string();
    let location = Location {
        id: quay.clone(),
        name: "Quay".to_owned(),
        priority: 1,
        active: true,
        ..Location::default()
    };
    let put = PutLocationsRequest { locations: vec![location] };
    s.inventory.put_locations(&s.ctx, put).await.unwrap();
    let variant = s.stocked(1).await;
    s.allow(preorder(variant, Some(2), "2027-03-12")).await.unwrap();
    s.allow(BackorderPolicy { location_id: quay.clone(), ..preorder(variant, Some(3), "2027-03-01") })
        .await
        .unwrap();
    let stock = s.stock(variant).await;
    assert_eq!((stock.sellable(), stock.expected_on.as_str()), (6, "2027-03-01"));
    assert_eq!(s.reserve(variant, 7).await.unwrap_err().fields()[0].message, "only 6 left");
    let mut lines = s.reserve(variant, 6).await.unwrap().lines;
    lines.sort_by_key(|line| line.location_id == quay);
    let told: Vec<(i64, i64, &str)> =
        lines.iter().map(|line| (line.quantity, line.backordered, line.expected_on.as_str())).collect();
    assert_eq!(told, [(3, 2, "2027-03-12"), (3, 3, "2027-03-01")]);
    assert_eq!(s.reserve(variant, 1).await.unwrap_err().reason(), "OUT_OF_STOCK");
}

async fn what_is_promised_cannot_be_disallowed(s: Subject) {
    let variant = s.stocked(1).await;
    s.allow(preorder(variant, None, "")).await.unwrap();
    s.sell(variant, 3).await;
    s.reserve(variant, 1).await.unwrap();
    let refused = s.allow(preorder(variant, Some(2), "")).await.unwrap_err();
    assert_eq!((refused.code(), refused.reason()), (Code::FailedPrecondition, "BACKORDERS_PROMISED"));
    let field = &refused.fields()[0];
    assert_eq!(field.pointer, "/policies/0/units_max");
    assert_eq!(field.message, "must be at least 3: that is promised");
    let none = BackorderPolicy { allowed: false, ..preorder(variant, None, "") };
    assert_eq!(s.allow(none.clone()).await.unwrap_err().reason(), "BACKORDERS_PROMISED");
    s.allow(preorder(variant, Some(3), "")).await.unwrap();
    assert_eq!(s.receive(variant, -1, "broken").await.unwrap_err().reason(), "STOCK_NEGATIVE");
    s.receive(variant, 3, "delivery").await.unwrap();
    s.allow(none).await.unwrap();
    assert_eq!(s.stock(variant).await.sellable(), 0);
}

async fn a_reservation_says_what_is_not_there_and_from_when_it_leaves(s: Subject) {
    let variant = s.stocked(2).await;
    s.allow(preorder(variant, None, "2027-03-12")).await.unwrap();
    let told = |reservation: &Reservation| {
        let line = &reservation.lines[0];
        (line.quantity, line.backordered, line.expected_on.clone(), line.preorder)
    };
    assert_eq!(told(&s.sell(variant, 1).await), (1, 0, String::new(), false));
    assert_eq!(told(&s.sell(variant, 3).await), (3, 2, "2027-03-12".to_owned(), true));
}

async fn another_day_and_an_arrival_are_told_and_nothing_else_is(s: Subject) {
    let variant = s.stocked(0).await;
    assert_eq!(s.allow(preorder(variant, None, "2027-03-12")).await.unwrap(), 1);
    assert_eq!(s.allow(preorder(variant, None, "2027-03-12")).await.unwrap(), 0);
    assert_eq!(s.allow(preorder(variant, Some(9), "2027-03-12")).await.unwrap(), 1);
    s.sell(variant, 2).await;
    s.receive(variant, 1, "a part").await.unwrap();
    s.allow(preorder(variant, Some(9), "2027-04-01")).await.unwrap();
    s.receive(variant, 5, "the rest").await.unwrap();
    eventually("all of it is told", async || s.told().await.len() >= 3).await;
    let told = s.told().await;
    let has = |index: usize, text: &str| told[index].contains(text);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(has(0, "2027-03-12") && has(1, "2027-04-01") && has(2, "2027-04-01"));
    assert!(has(1, "\"arrived\":false") && has(2, "\"arrived\":true"), "{told:?}");
}

async fn who_looked_at_the_goods_hears_when_the_last_that_is_there_is_gone(s: Subject) {
    let variant = s.stocked(1).await;
    s.allow(preorder(variant, None, "2027-03-12")).await.unwrap();
    let told = || async {
        let facts = s.test.facts("inventory").await;
        facts.iter().filter(|fact| fact.kind == "inventory.availability_changed").count()
    };
    // A count from nothing, and a policy that changes nothing of where it can be had at once.
    eventually("what was before is told", async || told().await == 1).await;
    s.reserve(variant, 1).await.unwrap();
    eventually("it is had later from now on", async || told().await == 2).await;
    s.reserve(variant, 1).await.unwrap();
    assert_eq!(told().await, 2);
}

async fn a_count_leaves_the_policy_alone(s: Subject) {
    let variant = s.stocked(0).await;
    s.allow(preorder(variant, Some(4), "2027-03-12")).await.unwrap();
    let count = |on_hand, backorder| StockLevel {
        variant_id: variant.to_string(),
        on_hand,
        backorder,
        tracked: true,
        ..StockLevel::default()
    };
    let set = async |level| {
        s.inventory.set_levels(&s.ctx, SetLevelsRequest { levels: vec![level] }).await.map(|_| ())
    };
    set(count(2, true)).await.unwrap();
    let stock = s.stock(variant).await;
    assert_eq!((stock.sellable(), stock.expected_on.as_str(), stock.preorder), (6, "2027-03-12", true));
    s.reserve(variant, 6).await.unwrap();
    assert_eq!(set(count(1, true)).await.unwrap_err().fields()[0].pointer, "/levels/0/on_hand");
    assert_eq!(set(count(2, false)).await.unwrap_err().reason(), "STOCK_NEGATIVE");
    set(count(2, true)).await.unwrap();
}

async fn wrong_policies_name_the_field(s: Subject) {
    let variant = s.stocked(0).await;
    let refused = async |policies: Vec<BackorderPolicy>| {
        let request = SetBackordersRequest { policies };
        s.inventory.set_backorders(&s.ctx, request).await.unwrap_err().fields()[0].pointer.clone()
    };
    let good = || preorder(variant, None, "");
    for day in ["2027-02-30", "soon", "12.03.2027"] {
        assert_eq!(refused(vec![preorder(variant, None, day)]).await, "/policies/0/expected_on", "{day}");
    }
    assert_eq!(refused(vec![preorder(variant, Some(-1), "")]).await, "/policies/0/units_max");
    assert_eq!(refused(vec![good(), good()]).await, "/policies/1");
    assert_eq!(refused(vec![good(); 501]).await, "/policies");
    let elsewhere = BackorderPolicy { location_id: LocationId::new().to_string(), ..good() };
    assert_eq!(refused(vec![good(), elsewhere]).await, "/policies/1/location_id");
    assert!(!s.stock(variant).await.backorder, "none of them is half done");
}
