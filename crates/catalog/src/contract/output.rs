//! What the domain knows, as callers read it.

use argosy_contracts::{catalog as wire, common};
use argosy_kernel::{Currency, ProductId, Timestamp};

use crate::domain::{
    attribute::{AttributeValue, Definition},
    category::Category,
    collection::{Collection, Condition},
    measure::{Measure, QuantityRule},
    product::{Attribute, Image, Price, Product, ProductOption, Variant, VariantContent},
    put::Decision,
    size_chart::SizeChart,
};

fn texts(ids: &[impl ToString]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

pub(crate) fn product(product: &Product) -> wire::Product {
    let (document, content) = (&product.document, &product.document.content);
    wire::Product {
        id: product.id.to_string(),
        handle: product.handle.clone(),
        title: content.title.clone(),
        description_html: content.description_html.clone(),
        vendor: content.vendor.clone(),
        product_type: content.product_type.clone(),
        tags: content.tags.clone(),
        status: content.status.as_str().to_owned(),
        publish_at_ms: content.publish_at.map(Timestamp::as_millis),
        images: content.images.iter().map(image).collect(),
        options: content.options.iter().map(option).collect(),
        attributes: content.attributes.iter().map(attribute).collect(),
        category_ids: texts(&content.category_ids),
        collection_ids: texts(&document.collection_ids),
        related_handles: content.related_handles.clone(),
        seo: Some(wire::Seo {
            title: content.seo_title.clone(),
            description: content.seo_description.clone(),
        }),
        variants: document.variants.iter().map(variant).collect(),
        version: product.version,
        created_at_ms: product.created_at.as_millis(),
        updated_at_ms: product.updated_at.as_millis(),
    }
}

fn image(image: &Image) -> wire::Image {
    wire::Image { url: image.url.clone(), alt: image.alt.clone(), width: image.width, height: image.height }
}

fn option(option: &ProductOption) -> wire::ProductOption {
    wire::ProductOption { name: option.name.clone(), values: option.values.clone() }
}

fn attribute(attribute: &Attribute) -> wire::Attribute {
    use wire::attribute::Value;
    let value = match &attribute.value {
        AttributeValue::Text(text) => Value::Text(text.clone()),
        AttributeValue::Number(number) => Value::Number(*number),
        AttributeValue::Boolean(boolean) => Value::Boolean(*boolean),
        AttributeValue::Date(date) => Value::Date(date.clone()),
    };
    wire::Attribute { name: attribute.name.clone(), value: Some(value) }
}

fn variant(Variant { id, content }: &Variant) -> wire::Variant {
    wire::Variant {
        id: id.to_string(),
        sku: content.sku.clone(),
        barcode: content.barcode.clone(),
        title: content.title.clone(),
        option_values: content.option_values.clone(),
        prices: content.prices.iter().map(|price| shown_price(price, content)).collect(),
        weight_g: content.weight_g,
        length_mm: content.length_mm,
        width_mm: content.width_mm,
        height_mm: content.height_mm,
        requires_shipping: content.requires_shipping,
        tax_class: content.tax_class.clone(),
        image_url: content.image_url.clone(),
        unit_measure: content.unit_measure.as_ref().map(measure),
        unit_base: content.base().as_ref().map(measure),
        quantity_rule: content.quantity_rule.as_ref().map(quantity_rule),
    }
}

fn shown_price(price: &Price, content: &VariantContent) -> wire::Price {
    let per_unit = content.unit_measure.as_ref().zip(content.base());
    let per_unit = per_unit.and_then(|(measure, base)| measure.price_per(&base, price.amount));
    wire::Price {
        amount: Some(price.amount.into()),
        compare_at: price.compare_at.map(Into::into),
        per_unit: per_unit.map(Into::into),
    }
}

fn measure(measure: &Measure) -> wire::Measure {
    wire::Measure { thousandths: measure.thousandths, unit: measure.unit.clone() }
}

fn quantity_rule(rule: &QuantityRule) -> common::QuantityRule {
    common::QuantityRule { min: rule.min, step: rule.step, max: rule.max }
}

pub(crate) fn resolved(product: &Product, variant: &Variant, currency: Currency) -> wire::ResolvedVariant {
    let (document, content) = (&product.document, &variant.content);
    let price = content.prices.iter().find(|price| price.amount.currency == currency);
    let only = document.variants.len() == 1;
    let image = document.content.images.first().filter(|_| content.image_url.is_empty());
    wire::ResolvedVariant {
        variant_id: variant.id.to_string(),
        product_id: product.id.to_string(),
        handle: product.handle.clone(),
        sku: content.sku.clone(),
        title: document.content.title.clone(),
        variant_title: if only { String::new() } else { content.title.clone() },
        image_url: image.map_or_else(|| content.image_url.clone(), |image| image.url.clone()),
        price: price.map(|price| price.amount.into()),
        compare_at: price.and_then(|price| price.compare_at).map(Into::into),
        weight_g: content.weight_g,
        requires_shipping: content.requires_shipping,
        tax_class: content.tax_class.clone(),
        category_ids: texts(&document.content.category_ids),
        collection_ids: texts(&document.collection_ids),
        quantity_rule: content.quantity_rule.as_ref().map(quantity_rule),
        product_type: document.content.product_type.clone(),
        tags: document.content.tags.clone(),
        attributes: document.content.attributes.iter().map(attribute).collect(),
    }
}

/// What became of one product of a batch. Ids that a dry run would only have made are left out.
pub(crate) fn outcome(handle: &str, decision: &Decision, dry_run: DryRun) -> wire::PutProductOutcome {
    let answer = |result: &str, id: Option<ProductId>, variants: &[Variant]| wire::PutProductOutcome {
        handle: handle.to_owned(),
        result: result.to_owned(),
        product_id: id.map(|id| id.to_string()).unwrap_or_default(),
        variants: variants.iter().map(variant_ref).collect(),
        ..wire::PutProductOutcome::default()
    };
    match (decision, dry_run) {
        (Decision::Created(_), DryRun::Yes) => answer("created", None, &[]),
        (Decision::Updated(revision), DryRun::Yes) => answer("updated", Some(revision.product.id), &[]),
        (Decision::Created(revision), DryRun::No) => {
            answer("created", Some(revision.product.id), &revision.product.document.variants)
        }
        (Decision::Updated(revision), DryRun::No) => {
            answer("updated", Some(revision.product.id), &revision.product.document.variants)
        }
        (Decision::Unchanged(id, variants), _) => answer("unchanged", Some(*id), variants),
        (Decision::Refused(error), _) => wire::PutProductOutcome {
            reason: error.reason().to_owned(),
            message: error.message().to_owned(),
            ..answer("refused", None, &[])
        },
    }
}

/// Whether a batch is only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DryRun {
    Yes,
    No,
}

fn variant_ref(variant: &Variant) -> wire::VariantRef {
    wire::VariantRef { sku: variant.content.sku.clone(), variant_id: variant.id.to_string() }
}

pub(crate) fn category(category: &Category) -> wire::Category {
    wire::Category {
        id: category.id.to_string(),
        handle: category.handle.clone(),
        title: category.title.clone(),
        description: category.description.clone(),
        parent_id: category.parent.map(|parent| parent.to_string()).unwrap_or_default(),
        position: category.position,
    }
}

pub(crate) fn collection(collection: &Collection) -> wire::Collection {
    let condition = |condition: &Condition| wire::CollectionCondition {
        field: condition.field.clone(),
        relation: condition.relation.clone(),
        value: condition.value.clone(),
    };
    let rule = collection.rule.as_ref();
    wire::Collection {
        id: collection.id.to_string(),
        handle: collection.handle.clone(),
        title: collection.title.clone(),
        description: collection.description.clone(),
        conditions: rule.map(|rule| rule.conditions.iter().map(condition).collect()).unwrap_or_default(),
        match_any: rule.is_some_and(|rule| rule.match_any),
        product_handles: Vec::new(),
    }
}

fn size_chart(chart: &SizeChart) -> wire::SizeChart {
    wire::SizeChart {
        value: chart.value.clone(),
        title: chart.title.clone(),
        columns: chart.columns.clone(),
        rows: chart.rows.iter().map(|cells| wire::SizeChartRow { cells: cells.clone() }).collect(),
        note: chart.note.clone(),
    }
}

pub(crate) fn definition(definition: &Definition) -> wire::AttributeDefinition {
    wire::AttributeDefinition {
        name: definition.name.clone(),
        label: definition.label.clone(),
        kind: definition.kind.as_str().to_owned(),
        unit: definition.unit.clone(),
        values: definition.values.clone(),
        filterable: definition.filterable,
        searchable: definition.searchable,
        size_charts: definition.size_charts.iter().map(size_chart).collect(),
    }
}
