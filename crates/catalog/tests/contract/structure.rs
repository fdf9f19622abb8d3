//! Attributes, categories and collections.

use argosy_contracts::catalog::{
    Attribute, AttributeDefinition, Category, Collection, ListAttributesRequest, ListCollectionsRequest,
    ListMembersRequest, Product, ProductInput, PutAttributesRequest, PutCategoriesRequest, SizeChart,
    SizeChartRow, attribute::Value,
};
use argosy_kernel::CategoryId;
use argosy_testkit::contract_stories;

use crate::subject::{Subject, by_rule, input, simple};

contract_stories! {
    attributes_are_declared_once_and_their_kind_stays,
    a_product_may_declare_what_it_needs,
    an_attribute_has_size_charts_by_value,
    categories_are_a_tree_without_circles,
    paths_make_what_is_missing,
    a_collection_by_hand_has_the_members_it_was_given,
    the_order_of_a_collection_by_hand_is_told_and_changes_no_product,
    a_product_joins_and_leaves_collections_by_rule_as_it_changes,
    a_collection_stays_by_hand_or_by_rule,
    the_same_structure_twice_tells_nothing,
}

fn definition(name: &str, kind: &str, values: &[&str]) -> AttributeDefinition {
    AttributeDefinition {
        name: name.to_owned(),
        label: name.to_owned(),
        kind: kind.to_owned(),
        values: values.iter().map(|&value| value.to_owned()).collect(),
        filterable: true,
        ..AttributeDefinition::default()
    }
}

impl Subject {
    async fn declare(&self, attributes: Vec<AttributeDefinition>) -> argosy_kernel::Result<()> {
        self.catalog.put_attributes(&self.ctx, PutAttributesRequest { attributes }).await.map(|_| ())
    }

    async fn put_category(&self, handle: &str, parent: &str) -> argosy_kernel::Result<Category> {
        let (handle, title, parent_id) = (handle.to_owned(), handle.to_owned(), parent.to_owned());
        let request = PutCategoriesRequest {
            categories: vec![Category { handle, title, parent_id, ..Category::default() }],
        };
        Ok(self.catalog.put_categories(&self.ctx, request).await?.categories.remove(0))
    }
}

fn with_attribute(handle: &str, value: Value) -> Product {
    let attribute = Attribute { name: "size".to_owned(), value: Some(value) };
    Product { attributes: vec![attribute], ..simple(handle) }
}

async fn attributes_are_declared_once_and_their_kind_stays(s: Subject) {
    s.declare(vec![definition("size", "enum", &["S", "M"]), definition("weight", "number", &[])])
        .await
        .unwrap();
    let text = |text: &str| Value::Text(text.to_owned());
    assert_eq!(s.refused(with_attribute("hat", text("XL"))).await, "ATTRIBUTE_VALUE");
    assert_eq!(s.refused(with_attribute("hat", Value::Number(1.0))).await, "ATTRIBUTE_KIND");
    assert_eq!(s.put(with_attribute("hat", text("M"))).await.result, "created");
    s.declare(vec![definition("size", "enum", &["S", "M", "XL"])]).await.unwrap();
    assert_eq!(s.put(with_attribute("hat", text("XL"))).await.result, "updated");
    let changed = s.declare(vec![definition("size", "text", &[])]).await.unwrap_err();
    assert_eq!(changed.reason(), "ATTRIBUTE_KIND_CHANGED");
    assert_eq!(s.attributes().await, ["size: enum", "weight: number"]);
    for wrong in
        [definition("Size", "text", &[]), definition("a", "colour", &[]), definition("a", "enum", &[])]
    {
        assert_eq!(s.declare(vec![wrong]).await.unwrap_err().reason(), "INVALID_ATTRIBUTE");
    }
}

async fn a_product_may_declare_what_it_needs(s: Subject) {
    let declaring = |product| ProductInput { declare_attributes: true, ..input(product) };
    let number = || with_attribute("hat", Value::Number(1.5));
    let text = || with_attribute("cap", Value::Text("one".to_owned()));
    let outcomes = s.put_inputs(vec![declaring(number()), declaring(text())]).await;
    assert_eq!((outcomes[0].result.as_str(), outcomes[1].reason.as_str()), ("created", "ATTRIBUTE_KIND"));
    assert_eq!(s.attributes().await, ["size: number"]);
    assert_eq!(s.kinds_of_facts().await, ["catalog.attributes_changed", "catalog.product_changed"]);
}

async fn an_attribute_has_size_charts_by_value(s: Subject) {
    let row = |cells: &[&str]| SizeChartRow { cells: cells.iter().map(|&cell| cell.to_owned()).collect() };
    let chart = SizeChart {
        value: "Boots".to_owned(),
        title: "Boots".to_owned(),
        columns: vec!["EU".to_owned(), "Foot in cm".to_owned()],
        rows: vec![row(&["42", "27.0"]), row(&["43", "27.7"])],
        note: "In the evening.".to_owned(),
    };
    let with = |charts: Vec<SizeChart>| AttributeDefinition {
        size_charts: charts,
        ..definition("sizes", "enum", &["Boots", "Socks"])
    };
    s.declare(vec![with(vec![chart.clone()])]).await.unwrap();
    let listed = s.catalog.list_attributes(&s.ctx, ListAttributesRequest {}).await.unwrap().attributes;
    assert_eq!(listed[0].size_charts, std::slice::from_ref(&chart));
    let uneven = SizeChart { rows: vec![row(&["42"])], ..chart.clone() };
    let nameless = SizeChart { title: " ".to_owned(), ..chart.clone() };
    for wrong in [vec![uneven], vec![nameless], vec![chart.clone(), chart.clone()], vec![chart.clone(); 51]] {
        assert!(s.declare(vec![with(wrong)]).await.is_err());
    }
    let number = AttributeDefinition { size_charts: vec![chart], ..definition("width", "number", &[]) };
    assert_eq!(s.declare(vec![number]).await.unwrap_err().reason(), "INVALID_ATTRIBUTE");
}

async fn categories_are_a_tree_without_circles(s: Subject) {
    let home = s.put_category("home", "").await.unwrap();
    let kitchen = s.put_category("kitchen", &home.id).await.unwrap();
    let pans = s.put_category("pans", &kitchen.id).await.unwrap();
    let listed: Vec<String> = s.categories().await.into_iter().map(|category| category.handle).collect();
    assert_eq!(listed, ["home", "kitchen", "pans"]);
    assert_eq!(s.put_category("home", &pans.id).await.unwrap_err().reason(), "CATEGORY_CYCLE");
    let unknown = CategoryId::new().to_string();
    assert_eq!(s.put_category("attic", &unknown).await.unwrap_err().reason(), "CATEGORY_NOT_FOUND");
    assert_eq!(s.put_category("pans", &home.id).await.unwrap().id, pans.id);
    let lost = Product { category_ids: vec![unknown], ..simple("hat") };
    assert_eq!(s.refused(lost).await, "CATEGORY_NOT_FOUND");
}

async fn paths_make_what_is_missing(s: Subject) {
    let home = s.put_category("home", "").await.unwrap();
    let placed = |handle: &str, paths: &[&str]| ProductInput {
        category_paths: paths.iter().map(|&path| path.to_owned()).collect(),
        ..input(simple(handle))
    };
    let batch = vec![
        placed("pan", &["Home > Kitchen > Pans", "HOME"]),
        placed("pot", &["home > kitchen>Pots"]),
        placed("bad", &["Home > > Void"]),
    ];
    let outcomes = s.put_inputs(batch).await;
    assert_eq!(outcomes[2].reason, "INVALID_CATEGORY_PATH");
    let categories = s.categories().await;
    let titles: Vec<&str> = categories.iter().map(|category| category.title.as_str()).collect();
    assert_eq!(titles, ["home", "Kitchen", "Pans", "Pots"]);
    assert_eq!(s.get("pan").await.unwrap().category_ids, [categories[2].id.clone(), home.id]);
}

async fn a_collection_by_hand_has_the_members_it_was_given(s: Subject) {
    for handle in ["a", "b", "c"] {
        s.put(simple(handle)).await;
    }
    let picks = |handles: &[&str]| Collection {
        title: "Our picks".to_owned(),
        product_handles: handles.iter().map(|&handle| handle.to_owned()).collect(),
        ..Collection::default()
    };
    let made = s.put_collection(picks(&["c", "a"])).await.unwrap();
    assert_eq!(made.handle, "our-picks");
    let members = async || {
        let mut members = String::new();
        for handle in ["a", "b", "c"] {
            members +=
                if s.get(handle).await.unwrap().collection_ids.contains(&made.id) { handle } else { "-" };
        }
        members
    };
    assert_eq!(members().await, "a-c");
    s.put_collection(picks(&["b", "a"])).await.unwrap();
    assert_eq!(members().await, "ab-");
    s.put(Product { title: "Another".to_owned(), ..simple("a") }).await;
    s.put_collection(picks(&[])).await.unwrap();
    assert_eq!(members().await, "ab-", "neither a new title nor a bare collection takes members away");
    assert_eq!(s.put_collection(picks(&["a", "nope"])).await.unwrap_err().reason(), "PRODUCT_NOT_FOUND");
    assert_eq!(s.get("c").await.unwrap().version, 3);
}

async fn the_order_of_a_collection_by_hand_is_told_and_changes_no_product(s: Subject) {
    let mut ids = Vec::new();
    for handle in ["a", "b", "c"] {
        s.put(simple(handle)).await;
        ids.push(s.get(handle).await.unwrap().id);
    }
    let picks = |handles: &[&str]| Collection {
        title: "Our picks".to_owned(),
        product_handles: handles.iter().map(|&handle| handle.to_owned()).collect(),
        ..Collection::default()
    };
    let made = s.put_collection(picks(&["c", "a", "b"])).await.unwrap();
    let by_rule = s.put_collection(by_rule("summer", "tag equals summer")).await.unwrap();
    let order = async || {
        let asked = vec![by_rule.id.clone(), made.id.clone(), "col_none".to_owned()];
        let request = ListMembersRequest { collection_ids: asked };
        let told = s.catalog.list_members(&s.ctx, request).await.unwrap().collections;
        assert_eq!((told.len(), &told[0].collection_id), (1, &made.id), "no other has an order");
        let place = |id: &String| ids.iter().position(|each| each == id).unwrap();
        told[0].product_ids.iter().map(place).collect::<Vec<_>>()
    };
    assert_eq!(order().await, [2, 0, 1]);
    let version = s.get("c").await.unwrap().version;
    s.put_collection(picks(&["a", "c", "b"])).await.unwrap();
    assert_eq!(order().await, [0, 2, 1]);
    assert_eq!(s.get("c").await.unwrap().version, version);
    assert_eq!(s.kinds_of_facts().await.last().unwrap(), "catalog.collections_changed");
}

async fn a_product_joins_and_leaves_collections_by_rule_as_it_changes(s: Subject) {
    let summer = s.put_collection(by_rule("summer", "tag equals summer")).await.unwrap();
    let cheap = s.put_collection(by_rule("cheap", "price less_than 20.00 EUR")).await.unwrap();
    let tagged = Product { tags: vec!["Summer".to_owned()], ..simple("hat") };
    let mut both = vec![summer.id.clone(), cheap.id.clone()];
    both.sort();
    assert_eq!(s.stored(tagged.clone()).await.collection_ids, both);
    assert_eq!(s.stored(crate::subject::at(tagged, 2_000)).await.collection_ids, [summer.id]);
    assert_eq!(s.stored(simple("hat")).await.collection_ids, [cheap.id]);
    let wrong = s.put_collection(by_rule("odd", "attribute:nope equals 1")).await.unwrap_err();
    assert_eq!(wrong.reason(), "UNKNOWN_ATTRIBUTE");
    let wrong = s.put_collection(by_rule("odd", "price about 5")).await.unwrap_err();
    assert_eq!(wrong.reason(), "INVALID_CONDITION");
}

async fn a_collection_stays_by_hand_or_by_rule(s: Subject) {
    s.put_collection(by_rule("summer", "tag equals summer")).await.unwrap();
    let by_hand = Collection { conditions: Vec::new(), ..by_rule("summer", "") };
    assert_eq!(s.put_collection(by_hand).await.unwrap_err().reason(), "COLLECTION_KIND_CHANGED");
    let listed = s.catalog.list_collections(&s.ctx, ListCollectionsRequest {}).await.unwrap().collections;
    assert_eq!(listed[0].conditions[0].value, "summer");
    let mixed =
        Collection { product_handles: vec!["hat".to_owned()], ..by_rule("summer", "tag equals summer") };
    assert_eq!(s.put_collection(mixed).await.unwrap_err().reason(), "INVALID_FIELD");
}

async fn the_same_structure_twice_tells_nothing(s: Subject) {
    s.put(simple("hat")).await;
    let picks = || Collection {
        product_handles: vec!["hat".to_owned()],
        title: "Picks".to_owned(),
        ..Collection::default()
    };
    for _ in 0..2 {
        s.put_category("home", "").await.unwrap();
        s.declare(vec![definition("size", "text", &[])]).await.unwrap();
        s.put_collection(picks()).await.unwrap();
    }
    assert_eq!(
        s.kinds_of_facts().await,
        [
            "catalog.product_changed",
            "catalog.categories_changed",
            "catalog.attributes_changed",
            "catalog.collections_changed",
            "catalog.product_changed",
        ]
    );
}
