//! Puts the shop in, department by department.

use std::collections::HashMap;

use argosy_contracts::{
    catalog::{
        AttributeDefinition, CatalogClient, Category, Collection, CollectionCondition, Image,
        ListCategoriesRequest, PutAttributesRequest, PutCategoriesRequest, PutCollectionsRequest,
        PutProductOutcome, PutProductsRequest, SizeChart, SizeChartRow,
    },
    common::Address,
    inventory::{
        InventoryClient, ListLocationsRequest, Location, PutLocationsRequest, SetLevelsRequest, StockLevel,
    },
    media::{MediaClient, UploadRequest},
    pricing::{
        Campaign, ListShippingZonesRequest, PricingClient, Promotion, PutCampaignsRequest,
        PutPromotionsRequest, PutShippingZonesRequest, ShippingRate,
    },
};
use argosy_kernel::{Ctx, Error, LocationId, Result};
use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    goods::{Goods, Plate, goods, wire},
    shop::{Chart, Department, Place, Shop},
};

/// Pictures on their way at the same time, a core: one is drawn while another is uploaded.
const PICTURES_A_CORE: usize = 2;

/// All of a price.
const WHOLE_PPM: i64 = 1_000_000;

/// The services that the shop goes into.
#[derive(Clone)]
pub struct DemoClients {
    /// Goods.
    pub catalog: CatalogClient,
    /// Stock.
    pub inventory: InventoryClient,
    /// Codes.
    pub pricing: PricingClient,
    /// Pictures.
    pub media: MediaClient,
}

/// What came of a load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loaded {
    /// New products.
    pub created: u64,
    /// Products that changed.
    pub updated: u64,
    /// Products that were so already.
    pub unchanged: u64,
}

/// Puts the demo shop in. Loading again changes nothing, and finishes what was cut off.
///
/// # Errors
/// Why a service cannot be reached; `DEMO_REFUSED` if the catalogue wants something otherwise.
pub async fn load(clients: DemoClients, ctx: Ctx) -> Result<Loaded> {
    let shop = Shop::read()?;
    let departments = Department::read_all()?;
    let loader = Loader { clients, ctx, shop };
    loader.put_structure(&departments).await?;
    let places = loader.put_places().await?;
    loader.put_pickup(&places).await?;
    let (mut total, mut ids) = (Loaded::default(), HashMap::new());
    for department in &departments {
        loader.put_department(department, &places, &mut total, &mut ids).await?;
    }
    loader.put_collections().await?;
    loader.put_campaigns(&ids).await?;
    Ok(total)
}

struct Loader {
    clients: DemoClients,
    ctx: Ctx,
    shop: Shop,
}

impl Loader {
    async fn put_structure(&self, departments: &[Department]) -> Result<()> {
        let attributes = self.shop.attributes.iter().map(|kind| AttributeDefinition {
            name: kind.name.clone(),
            label: kind.label.clone(),
            kind: kind.kind.clone(),
            unit: kind.unit.clone(),
            values: kind.values.clone(),
            filterable: kind.filterable,
            searchable: kind.searchable,
            size_charts: kind.charts.iter().map(size_chart).collect(),
        });
        let request = PutAttributesRequest { attributes: attributes.collect() };
        self.clients.catalog.put_attributes(&self.ctx, request).await?;
        let known =
            self.clients.catalog.list_categories(&self.ctx, ListCategoriesRequest {}).await?.categories;
        let roots = (0u32..).zip(departments).map(|(position, department)| Category {
            handle: handle(&department.title),
            title: department.title.clone(),
            description: department.description.clone(),
            position,
            ..Category::default()
        });
        let changed: Vec<Category> =
            roots.filter(|root| !known.iter().any(|known| is_same(known, root))).collect();
        if !changed.is_empty() {
            let request = PutCategoriesRequest { categories: changed };
            self.clients.catalog.put_categories(&self.ctx, request).await?;
        }
        self.put_codes().await
    }

    async fn put_codes(&self) -> Result<()> {
        let mut promotions = Vec::new();
        for coupon in &self.shop.promotions {
            promotions.push(Promotion {
                code: coupon.code.clone(),
                title: coupon.title.clone(),
                kind: coupon.kind.clone(),
                rate_ppm: coupon.rate_ppm,
                minimums: coupon.minimum.as_ref().map(wire).transpose()?.unwrap_or_default(),
                active: true,
                ..Promotion::default()
            });
        }
        self.clients.pricing.put_promotions(&self.ctx, PutPromotionsRequest { promotions }).await.map(|_| ())
    }

    /// Beside the ways of shipping that every shop has, a way to collect.
    async fn put_pickup(&self, places: &[String; 2]) -> Result<()> {
        let pricing = &self.clients.pricing;
        let mut zones = pricing.list_shipping_zones(&self.ctx, ListShippingZonesRequest {}).await?.zones;
        let with_pickup = self.shop.places.iter().zip(places);
        for (place, id) in with_pickup.filter(|(place, _)| place.collect_at.is_some()) {
            let rate = ShippingRate {
                id: format!("collect-{}", handle(&place.name)),
                title: format!("Collect at the {}", place.name.to_lowercase()),
                flat: wire(&["0.00", "0.00", "0.00"].map(str::to_owned))?,
                days_max: 1,
                cutoff: "16:00".to_owned(),
                pickup_location_id: id.clone(),
                ..ShippingRate::default()
            };
            let country = place.collect_at.as_ref().map_or("", |[_, _, _, country]| country);
            let here = zones.iter_mut().find(|zone| zone.countries.iter().any(|code| code == country));
            if let Some(zone) = here.filter(|zone| !zone.rates.iter().any(|known| known.id == rate.id)) {
                zone.rates.push(rate);
                let request = PutShippingZonesRequest { zones: zones.clone() };
                pricing.put_shipping_zones(&self.ctx, request).await?;
            }
        }
        Ok(())
    }

    /// The first place is the one that every shop has, under another name.
    async fn put_places(&self) -> Result<[String; 2]> {
        let quay = LocationId::from_bytes(*b"demo-shop-quay-1").to_string();
        let known =
            self.clients.inventory.list_locations(&self.ctx, ListLocationsRequest {}).await?.locations;
        let first = known.iter().find(|place| place.id != quay);
        let first = first.ok_or_else(|| Error::internal("there is no place for stock"))?.id.clone();
        let ids = [first, quay];
        let places = (0u32..).zip(ids.iter().zip(&self.shop.places));
        let locations = places.map(|(priority, (id, place))| location(id, priority, place));
        let request = PutLocationsRequest { locations: locations.collect() };
        self.clients.inventory.put_locations(&self.ctx, request).await?;
        Ok(ids)
    }

    async fn put_department(
        &self,
        department: &Department,
        places: &[String; 2],
        total: &mut Loaded,
        ids: &mut HashMap<String, String>,
    ) -> Result<()> {
        let entries = department.products.iter().enumerate();
        let mut all: Vec<Goods> = entries
            .map(|(place, entry)| goods(&self.shop, &department.title, place, entry))
            .collect::<Result<_>>()?;
        self.hang_pictures(&mut all).await?;
        let products = all.iter().map(|goods| goods.input.clone()).collect();
        let request = PutProductsRequest { products, dry_run: false };
        let outcomes = self.clients.catalog.put_products(&self.ctx, request).await?.outcomes;
        for outcome in &outcomes {
            ids.insert(outcome.handle.clone(), outcome.product_id.clone());
            match outcome.result.as_str() {
                "created" => total.created += 1,
                "updated" => total.updated += 1,
                "unchanged" => total.unchanged += 1,
                _ => {
                    let message = format!("{}: {}: {}", outcome.handle, outcome.reason, outcome.message);
                    return Err(Error::precondition("DEMO_REFUSED", message));
                }
            }
        }
        self.count_stock(&all, &outcomes, places).await
    }

    /// Draws and uploads the pictures of goods and writes their addresses into them.
    async fn hang_pictures(&self, all: &mut [Goods]) -> Result<()> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let drawing: Vec<_> =
            all.iter().flat_map(|goods| &goods.plates).map(|plate| self.draw(plate)).collect();
        let drawn = stream::iter(drawing).buffered(cores * PICTURES_A_CORE);
        let mut drawn: std::vec::IntoIter<Image> = drawn.try_collect::<Vec<_>>().await?.into_iter();
        for goods in all {
            let images: Vec<Image> = drawn.by_ref().take(goods.plates.len()).collect();
            let Some(product) = &mut goods.input.product else { continue };
            for variant in &mut product.variants {
                let look = variant.option_values.first();
                let shown = goods.plates.iter().position(|plate| plate.shows.as_ref() == look).unwrap_or(0);
                variant.image_url = images.get(shown).map(|image| image.url.clone()).unwrap_or_default();
            }
            product.images = images;
        }
        Ok(())
    }

    async fn draw(&self, plate: &Plate) -> Result<Image> {
        let motif = plate.motif;
        let drawn = tokio::task::spawn_blocking(move || motif.png()).await.map_err(Error::internal)?;
        let request =
            UploadRequest { filename: "demo.png".to_owned(), content: drawn?, ..UploadRequest::default() };
        let item = self.clients.media.upload(&self.ctx, request).await?;
        Ok(Image { url: item.url, alt: plate.alt.clone(), width: item.width, height: item.height })
    }

    async fn count_stock(
        &self,
        all: &[Goods],
        outcomes: &[PutProductOutcome],
        places: &[String; 2],
    ) -> Result<()> {
        let mut levels = Vec::new();
        for (goods, outcome) in all.iter().zip(outcomes) {
            let Some(product) = &goods.input.product else { continue };
            let ids: HashMap<&str, &str> =
                outcome.variants.iter().map(|put| (put.sku.as_str(), put.variant_id.as_str())).collect();
            for (variant, count) in product.variants.iter().zip(&goods.counts) {
                let Some(id) = ids.get(variant.sku.as_str()) else { continue };
                levels.extend(places.iter().zip(count.pieces).map(|(place, on_hand)| StockLevel {
                    variant_id: (*id).to_owned(),
                    location_id: place.clone(),
                    on_hand,
                    safety_stock: 0,
                    backorder: count.backorder,
                    tracked: count.tracked,
                }));
            }
        }
        self.clients.inventory.set_levels(&self.ctx, SetLevelsRequest { levels }).await.map(|_| ())
    }

    /// `ids` are those of products by handle.
    async fn put_campaigns(&self, ids: &HashMap<String, String>) -> Result<()> {
        let campaigns = self.shop.campaigns.iter().map(|bargain| Campaign {
            name: bargain.name.clone(),
            title: bargain.title.clone(),
            product_ids: bargain.products.iter().filter_map(|handle| ids.get(handle)).cloned().collect(),
            kind: "buy_get".to_owned(),
            rate_ppm: WHOLE_PPM,
            buy: bargain.buy,
            get: bargain.get,
            active: true,
            ..Campaign::default()
        });
        let request = PutCampaignsRequest { campaigns: campaigns.collect() };
        self.clients.pricing.put_campaigns(&self.ctx, request).await.map(|_| ())
    }

    async fn put_collections(&self) -> Result<()> {
        let collections = self.shop.collections.iter().map(|selection| Collection {
            handle: selection.handle.clone(),
            title: selection.title.clone(),
            description: selection.description.clone(),
            product_handles: selection.products.clone(),
            conditions: selection
                .conditions
                .iter()
                .map(|rule| CollectionCondition {
                    field: rule.field.clone(),
                    relation: rule.relation.clone(),
                    value: rule.value.clone(),
                })
                .collect(),
            ..Collection::default()
        });
        let request = PutCollectionsRequest { collections: collections.collect() };
        self.clients.catalog.put_collections(&self.ctx, request).await.map(|_| ())
    }
}

fn handle(title: &str) -> String {
    title.to_lowercase().replace(' ', "-")
}

fn size_chart(chart: &Chart) -> SizeChart {
    SizeChart {
        value: chart.value.clone(),
        title: chart.title.clone(),
        columns: chart.columns.clone(),
        rows: chart.rows.iter().map(|cells| SizeChartRow { cells: cells.clone() }).collect(),
        note: chart.note.clone(),
    }
}

fn location(id: &str, priority: u32, place: &Place) -> Location {
    let address = place.collect_at.as_ref().map(|[line1, postal_code, city, country]| Address {
        name: place.name.clone(),
        line1: line1.clone(),
        postal_code: postal_code.clone(),
        city: city.clone(),
        country: country.clone(),
        ..Address::default()
    });
    Location {
        id: id.to_owned(),
        name: place.name.clone(),
        priority,
        active: true,
        pickup: address.is_some(),
        address,
        hours: place.hours.clone(),
        ready_after_h: 2,
    }
}

fn is_same(known: &Category, wanted: &Category) -> bool {
    let told = |category: &Category| {
        (category.handle.clone(), category.title.clone(), category.description.clone(), category.position)
    };
    told(known) == told(wanted)
}
