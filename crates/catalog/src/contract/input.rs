//! What callers say, as the domain understands it.

use argosy_contracts::{catalog as wire, common};
use argosy_kernel::{Error, Money, Result, Timestamp};

use crate::{
    domain::{
        attribute::{AttributeValue, Definition},
        category::CategoryDraft,
        collection::{CollectionDraft, Condition},
        measure::{Measure, QuantityRule},
        product::{Attribute, Content, Draft, Image, Price, ProductOption, VariantContent},
        put::{Entry, Undeclared},
        size_chart::SizeChart,
    },
    error::{self, CATEGORY_NOT_FOUND, INVALID_ATTRIBUTE, INVALID_PRICE},
};

/// One product of a batch in canonical form, or why it is refused.
pub(crate) fn entry(input: wire::ProductInput) -> Result<Entry> {
    let product = input.product.unwrap_or_default();
    // An id that is none, or another shop's, only means that the variant is found in another way.
    let variant_ids = product.variants.iter().map(|variant| variant.id.parse().ok()).collect();
    let undeclared = if input.declare_attributes { Undeclared::Declare } else { Undeclared::Refuse };
    Entry::new(draft(product)?, variant_ids, &input.category_paths, undeclared)
}

fn draft(product: wire::Product) -> Result<Draft> {
    let seo = product.seo.unwrap_or_default();
    let image = |image: wire::Image| Image {
        url: image.url,
        alt: image.alt,
        width: image.width,
        height: image.height,
    };
    let option = |option: wire::ProductOption| ProductOption { name: option.name, values: option.values };
    let content = Content {
        title: product.title,
        description_html: product.description_html,
        vendor: product.vendor,
        product_type: product.product_type,
        tags: product.tags,
        status: product.status.parse()?,
        publish_at: product.publish_at_ms.map(Timestamp::from_millis),
        images: product.images.into_iter().map(image).collect(),
        options: product.options.into_iter().map(option).collect(),
        attributes: product.attributes.into_iter().map(attribute).collect::<Result<_>>()?,
        category_ids: product.category_ids.iter().map(|id| category_id(id)).collect::<Result<_>>()?,
        related_handles: product.related_handles,
        seo_title: seo.title,
        seo_description: seo.description,
    };
    let variants = product.variants.into_iter().map(variant).collect::<Result<_>>()?;
    Ok(Draft { handle: product.handle, content, variants })
}

fn category_id(id: &str) -> Result<argosy_kernel::CategoryId> {
    id.parse().map_err(|_| {
        Error::invalid(CATEGORY_NOT_FOUND, format!("there is no category '{}'", error::excerpt(id)))
    })
}

fn attribute(attribute: wire::Attribute) -> Result<Attribute> {
    use wire::attribute::Value;
    let value = match attribute.value {
        Some(Value::Text(text)) => AttributeValue::Text(text),
        Some(Value::Number(number)) => AttributeValue::Number(number),
        Some(Value::Boolean(boolean)) => AttributeValue::Boolean(boolean),
        Some(Value::Date(date)) => AttributeValue::Date(date),
        None => {
            let message = format!("attribute '{}' has no value", error::excerpt(&attribute.name));
            return Err(Error::invalid(INVALID_ATTRIBUTE, message));
        }
    };
    Ok(Attribute { name: attribute.name, value })
}

fn variant(variant: wire::Variant) -> Result<VariantContent> {
    Ok(VariantContent {
        sku: variant.sku,
        barcode: variant.barcode,
        title: variant.title,
        option_values: variant.option_values,
        prices: variant.prices.into_iter().map(price).collect::<Result<_>>()?,
        weight_g: variant.weight_g,
        length_mm: variant.length_mm,
        width_mm: variant.width_mm,
        height_mm: variant.height_mm,
        requires_shipping: variant.requires_shipping,
        tax_class: variant.tax_class,
        image_url: variant.image_url,
        unit_measure: variant.unit_measure.map(measure),
        unit_base: variant.unit_base.map(measure),
        quantity_rule: variant.quantity_rule.map(|rule| QuantityRule {
            min: rule.min,
            step: rule.step,
            max: rule.max,
        }),
    })
}

fn measure(measure: wire::Measure) -> Measure {
    Measure { thousandths: measure.thousandths, unit: measure.unit }
}

fn size_chart(chart: wire::SizeChart) -> SizeChart {
    let wire::SizeChart { value, title, columns, rows, note } = chart;
    SizeChart { value, title, columns, rows: rows.into_iter().map(|row| row.cells).collect(), note }
}

fn price(price: wire::Price) -> Result<Price> {
    let money = |money: common::Money| {
        Money::try_from(money).map_err(|error| Error::invalid(INVALID_PRICE, error.message().to_owned()))
    };
    let missing = || Error::invalid(INVALID_PRICE, "a price has no amount");
    Ok(Price {
        amount: money(price.amount.ok_or_else(missing)?)?,
        compare_at: price.compare_at.map(money).transpose()?,
    })
}

pub(crate) fn category(category: wire::Category) -> Result<CategoryDraft> {
    let parent = category.parent_id;
    Ok(CategoryDraft {
        handle: category.handle,
        title: category.title,
        description: category.description,
        parent: if parent.is_empty() { None } else { Some(category_id(&parent)?) },
        position: category.position,
    })
}

pub(crate) fn collection(collection: wire::Collection) -> CollectionDraft {
    let condition = |condition: wire::CollectionCondition| {
        let wire::CollectionCondition { field, relation, value } = condition;
        Condition { field, relation, value }
    };
    CollectionDraft {
        handle: collection.handle,
        title: collection.title,
        description: collection.description,
        conditions: collection.conditions.into_iter().map(condition).collect(),
        match_any: collection.match_any,
    }
}

pub(crate) fn definition(definition: wire::AttributeDefinition) -> Result<Definition> {
    Ok(Definition {
        kind: definition.kind.parse()?,
        name: definition.name,
        label: definition.label,
        unit: definition.unit,
        values: definition.values,
        filterable: definition.filterable,
        searchable: definition.searchable,
        size_charts: definition.size_charts.into_iter().map(size_chart).collect(),
    })
}
