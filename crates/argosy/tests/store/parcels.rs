//! Orders whose goods are in several places, over a whole shop.

use crate::support::{Buyers, Shop};
use argosy_contracts::{
    common::{Address, Money},
    inventory::{GetAvailabilityRequest, Location, PutLocationsRequest, SetLevelsRequest, StockLevel},
    orders::{CancelOrderRequest, FulfilOrderRequest, LineQuantity, Order},
    pricing::{ListShippingZonesRequest, PutShippingZonesRequest, ShippingRate},
};
use argosy_kernel::{Ctx, LocationId};
use argosy_testkit::eventually;

fn staff() -> Ctx {
    Ctx::system("test")
}

fn quay() -> String {
    LocationId::from_bytes([7; 16]).to_string()
}

/// Ten mugs are in the warehouse, ten cups on the quay.
async fn in_two_places(buyers: &Buyers<'_>) -> [String; 2] {
    let (mug, cup) = (buyers.stocked("mug", 10).await, buyers.priced("cup", 1_000).await);
    let inventory = buyers.wiring.inventory().unwrap();
    let location = |id: String, name: &str, priority, postal_code: &str| Location {
        id,
        name: name.to_owned(),
        priority,
        active: true,
        address: Some(Address {
            country: "DE".to_owned(),
            postal_code: postal_code.to_owned(),
            ..Address::default()
        }),
        ..Location::default()
    };
    let warehouse = LocationId::from_bytes([0; 16]).to_string();
    let locations = vec![location(warehouse, "Warehouse", 0, "10115"), location(quay(), "Quay", 1, "53113")];
    inventory.put_locations(&buyers.ctx, PutLocationsRequest { locations }).await.unwrap();
    let level = StockLevel {
        variant_id: cup.clone(),
        location_id: quay(),
        on_hand: 10,
        tracked: true,
        ..StockLevel::default()
    };
    inventory.set_levels(&buyers.ctx, SetLevelsRequest { levels: vec![level] }).await.unwrap();
    [mug, cup]
}

/// What each location has of a variant.
async fn stock(buyers: &Buyers<'_>, variant: &str) -> Vec<(bool, i64)> {
    let request = GetAvailabilityRequest {
        variant_ids: vec![variant.to_owned()],
        by_location: true,
        ..GetAvailabilityRequest::default()
    };
    let items =
        buyers.wiring.inventory().unwrap().get_availability(&buyers.ctx, request).await.unwrap().items;
    items[0].locations.iter().map(|at| (at.location_id == quay(), at.available)).collect()
}

async fn bought(buyers: &Buyers<'_>, lines: &[(&str, i64)]) -> Order {
    let checkout = buyers.ready(&buyers.cart(lines).await).await;
    let parcels = &checkout.quote.as_ref().unwrap().parcels;
    assert_eq!(parcels.len(), 2, "{parcels:?}");
    assert_eq!(parcels[0].location_name, "Quay", "the nearest first");
    assert!(parcels.iter().all(|parcel| !parcel.earliest.is_empty() && parcel.earliest <= parcel.latest));
    let done = buyers.pay(&checkout.id, "tok_ok", "key-1").await.unwrap();
    let id = done.order_id;
    eventually("the money is taken", || async { buyers.order(&id).await.payment_status == "captured" }).await;
    buyers.order(&id).await
}

fn units(lines: &[LineQuantity]) -> i64 {
    lines.iter().map(|line| line.quantity).sum()
}

/// Units by whether the quay sends them: as ordered, and left.
fn told(order: &Order) -> Vec<(bool, i64, i64)> {
    let parcels = order.parcels.iter();
    let mut told: Vec<_> =
        parcels.map(|one| (one.location_id == quay(), units(&one.lines), units(&one.left))).collect();
    told.sort_unstable();
    told
}

#[tokio::test]
async fn an_order_of_two_places_is_sent_by_each_and_canceled_at_each() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let [mug, cup] = in_two_places(&buyers).await;
    let order = bought(&buyers, &[(&mug, 2), (&cup, 3)]).await;
    assert_eq!(told(&order), [(false, 2, 2), (true, 3, 3)]);
    let desk = buyers.wiring.aftersales().unwrap();
    let send = |reference: &str| FulfilOrderRequest {
        order_id: order.id.clone(),
        reference: reference.to_owned(),
        location_id: quay(),
        ..FulfilOrderRequest::default()
    };
    let mugs = LineQuantity { line_id: order.lines[0].line.as_ref().unwrap().line_id.clone(), quantity: 1 };
    let not_its_own = FulfilOrderRequest { lines: vec![mugs], ..send("mugs") };
    let refused = desk.fulfil_order(&staff(), not_its_own).await.unwrap_err();
    assert_eq!(
        (refused.reason(), refused.fields()[0].pointer.as_str()),
        ("QUANTITY_TOO_LARGE", "/lines/0/quantity")
    );

    let left = desk.fulfil_order(&staff(), send("quay")).await.unwrap();
    assert_eq!(
        (left.fulfilment_status.as_str(), told(&left)),
        ("partially_fulfilled", vec![(false, 2, 2), (true, 3, 0)])
    );
    assert_eq!((left.fulfilments[0].location_id.clone(), units(&left.fulfilments[0].lines)), (quay(), 3));
    let again = desk.fulfil_order(&staff(), send("quay again")).await.unwrap_err();
    assert_eq!(again.reason(), "NOTHING_LEFT_THERE");

    let cancel = CancelOrderRequest {
        order_id: order.id.clone(),
        reference: "rest".to_owned(),
        ..CancelOrderRequest::default()
    };
    let over = desk.cancel_order(&staff(), cancel).await.unwrap();
    assert_eq!(told(&over), [(false, 2, 0), (true, 3, 0)]);
    assert_eq!(
        (stock(&buyers, &mug).await, stock(&buyers, &cup).await),
        (vec![(false, 10)], vec![(true, 7)])
    );
}

#[tokio::test]
async fn law_2_what_is_canceled_goes_back_to_where_it_came_from() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let [mug, cup] = in_two_places(&buyers).await;
    let order = bought(&buyers, &[(&mug, 2), (&cup, 3)]).await;
    assert_eq!((stock(&buyers, &mug).await, stock(&buyers, &cup).await), (vec![(false, 8)], vec![(true, 7)]));
    let desk = buyers.wiring.aftersales().unwrap();
    let line = |place: usize, quantity| LineQuantity {
        line_id: order.lines[place].line.as_ref().unwrap().line_id.clone(),
        quantity,
    };
    for (reference, lines) in [("one cup", vec![line(1, 1)]), ("all", vec![])] {
        let cancel = CancelOrderRequest {
            order_id: order.id.clone(),
            reference: reference.to_owned(),
            lines,
            ..CancelOrderRequest::default()
        };
        desk.cancel_order(&staff(), cancel).await.unwrap();
    }
    assert_eq!(
        (stock(&buyers, &mug).await, stock(&buyers, &cup).await),
        (vec![(false, 10)], vec![(true, 10)])
    );
}

#[tokio::test]
async fn a_rate_by_the_parcel_costs_as_many_times_as_there_are_parcels_and_is_paid_as_shown() {
    let shop = Shop::open().await;
    let buyers = shop.buyers();
    let [mug, cup] = in_two_places(&buyers).await;
    let pricing = buyers.wiring.pricing().unwrap();
    let mut zones =
        pricing.list_shipping_zones(&buyers.ctx, ListShippingZonesRequest {}).await.unwrap().zones;
    zones[0].rates = vec![ShippingRate {
        id: "each".to_owned(),
        title: "By the parcel".to_owned(),
        flat: vec![Money { minor: 300, currency: "EUR".to_owned() }],
        days_max: 2,
        per_parcel: true,
        ..ShippingRate::default()
    }];
    pricing.put_shipping_zones(&buyers.ctx, PutShippingZonesRequest { zones }).await.unwrap();
    let order = bought(&buyers, &[(&mug, 1), (&cup, 1)]).await;
    assert_eq!(order.shipping.unwrap().price.unwrap().minor, 600);
    assert_eq!(order.total.unwrap().minor, 3_600);
    let one = buyers.ready(&buyers.cart(&[(&mug, 1)]).await).await.quote.unwrap();
    assert_eq!((one.parcels.len(), one.shipping_options[0].price.as_ref().unwrap().minor), (1, 300));
}
