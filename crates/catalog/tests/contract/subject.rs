//! A catalogue to tell stories about.

use argosy_catalog::CatalogConfig;
use argosy_contracts::{
    catalog::{
        CatalogClient, Category, Collection, CollectionCondition, GetProductsRequest, ListAttributesRequest,
        ListCategoriesRequest, Price, Product, ProductInput, ProductOption, PutCollectionsRequest,
        PutProductOutcome, PutProductsRequest, Variant,
    },
    common::Money,
};
use argosy_kernel::Ctx;
use argosy_platform::bus::Fact;
use argosy_testkit::{Call, Mode, TestHost};

pub(crate) struct Subject {
    pub(crate) test: TestHost,
    pub(crate) catalog: CatalogClient,
    pub(crate) ctx: Ctx,
}

impl Subject {
    pub(crate) async fn start(mode: Mode) -> Self {
        let test = TestHost::on(mode.engine);
        let config = CatalogConfig { publish_interval_s: 1, ..CatalogConfig::default() };
        let local = argosy_catalog::start(&test.host, config).await.unwrap();
        let catalog = match mode.call {
            Call::Local => local,
            Call::Remote => CatalogClient::remote(test.serve(|routes| local.add_to(routes)).await),
        };
        Self { test, catalog, ctx: Ctx::system("test") }
    }

    pub(crate) async fn put_inputs(&self, products: Vec<ProductInput>) -> Vec<PutProductOutcome> {
        let request = PutProductsRequest { products, dry_run: false };
        self.catalog.put_products(&self.ctx, request).await.unwrap().outcomes
    }

    pub(crate) async fn put(&self, product: Product) -> PutProductOutcome {
        self.put_inputs(vec![input(product)]).await.remove(0)
    }

    /// Puts a product that goes in, and reads it.
    pub(crate) async fn stored(&self, product: Product) -> Product {
        let handle = product.handle.clone();
        let outcome = self.put(product).await;
        assert_ne!(outcome.result, "refused", "{}: {}", outcome.reason, outcome.message);
        self.get(&handle).await.unwrap()
    }

    /// Puts a product that does not go in, and answers why.
    pub(crate) async fn refused(&self, product: Product) -> String {
        let outcome = self.put(product).await;
        assert_eq!(outcome.result, "refused");
        assert!(!outcome.message.is_empty());
        outcome.reason
    }

    /// A product by handle, shown or not.
    pub(crate) async fn get(&self, handle: &str) -> Option<Product> {
        self.read(handle, true).await
    }

    /// A product by handle as buyers see it.
    pub(crate) async fn shown(&self, handle: &str) -> Option<Product> {
        self.read(handle, false).await
    }

    async fn read(&self, handle: &str, include_unpublished: bool) -> Option<Product> {
        let request = GetProductsRequest {
            handles: vec![handle.to_owned()],
            include_unpublished,
            ..Default::default()
        };
        self.catalog.get_products(&self.ctx, request).await.unwrap().products.pop()
    }

    pub(crate) async fn categories(&self) -> Vec<Category> {
        self.catalog.list_categories(&self.ctx, ListCategoriesRequest {}).await.unwrap().categories
    }

    pub(crate) async fn attributes(&self) -> Vec<String> {
        let response = self.catalog.list_attributes(&self.ctx, ListAttributesRequest {}).await.unwrap();
        response
            .attributes
            .into_iter()
            .map(|attribute| format!("{}: {}", attribute.name, attribute.kind))
            .collect()
    }

    pub(crate) async fn put_collection(&self, collection: Collection) -> argosy_kernel::Result<Collection> {
        let request = PutCollectionsRequest { collections: vec![collection] };
        Ok(self.catalog.put_collections(&self.ctx, request).await?.collections.remove(0))
    }

    /// The facts told so far.
    pub(crate) async fn facts(&self) -> Vec<Fact> {
        self.test.facts("catalog").await
    }

    pub(crate) async fn kinds_of_facts(&self) -> Vec<String> {
        self.facts().await.into_iter().map(|fact| fact.kind).collect()
    }
}

pub(crate) fn input(product: Product) -> ProductInput {
    ProductInput { product: Some(product), category_paths: Vec::new(), declare_attributes: false }
}

pub(crate) fn eur(minor: i64) -> Money {
    Money { minor, currency: "EUR".to_owned() }
}

pub(crate) fn variant(sku: &str, values: &[&str]) -> Variant {
    Variant {
        sku: sku.to_owned(),
        option_values: values.iter().map(|&value| value.to_owned()).collect(),
        prices: vec![Price { amount: Some(eur(1_999)), compare_at: None, per_unit: None }],
        requires_shipping: true,
        ..Variant::default()
    }
}

/// An active product with one variant whose SKU is the handle in capitals.
pub(crate) fn simple(handle: &str) -> Product {
    Product {
        handle: handle.to_owned(),
        title: format!("The {handle}"),
        status: "active".to_owned(),
        variants: vec![variant(&handle.to_uppercase(), &[])],
        ..Product::default()
    }
}

/// An active product with one option.
pub(crate) fn sized(handle: &str, variants: &[(&str, &str)]) -> Product {
    Product {
        options: vec![ProductOption { name: "Size".to_owned(), values: Vec::new() }],
        variants: variants.iter().map(|(sku, size)| variant(sku, &[size])).collect(),
        ..simple(handle)
    }
}

/// The same product at another price.
pub(crate) fn at(mut product: Product, minor: i64) -> Product {
    for price in product.variants.iter_mut().flat_map(|variant| &mut variant.prices) {
        price.amount = Some(eur(minor));
    }
    product
}

/// A collection made by one condition, such as `tag equals summer`.
pub(crate) fn by_rule(handle: &str, condition: &str) -> Collection {
    let mut words = condition.splitn(3, ' ').map(str::to_owned);
    let mut next = || words.next().unwrap_or_default();
    Collection {
        handle: handle.to_owned(),
        title: handle.to_owned(),
        conditions: vec![CollectionCondition { field: next(), relation: next(), value: next() }],
        ..Collection::default()
    }
}
