//! Shapes of the document as tables.

use std::fmt::Write;

use serde_json::Value;

use super::page::{escaped, marked, text};

/// All shapes, each with a heading to link to.
pub(super) fn render(page: &mut String, schemas: &Value) {
    let Some(schemas) = schemas.as_object() else { return };
    for (name, schema) in schemas {
        let name = escaped(name);
        let _ = write!(
            page,
            "<article id=\"shape-{name}\"><h3>{name}</h3><p>{}</p>",
            marked(text(&schema["description"]))
        );
        fields(page, schema);
        let example = &schema["example"];
        if !example.is_null() {
            let example = serde_json::to_string_pretty(example).unwrap_or_default();
            let _ = write!(page, "<pre tabindex=\"0\"><code>{}</code></pre>", escaped(&example));
        }
        page.push_str("</article>");
    }
}

fn fields(page: &mut String, schema: &Value) {
    for part in schema["allOf"].as_array().map(Vec::as_slice).unwrap_or_default() {
        if part.get("$ref").is_some() {
            let _ = write!(page, "<p>All of {}, and:</p>", kind(part));
        }
        fields(page, part);
    }
    let Some(properties) = schema["properties"].as_object() else { return };
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    page.push_str("<table><thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Type</th><th scope=\"col\">What</th></tr></thead><tbody>");
    for (name, property) in properties {
        let optional = if required.iter().any(|wanted| wanted == name) { "" } else { " <em>optional</em>" };
        let _ = write!(
            page,
            "<tr><th scope=\"row\"><code>{}</code>{optional}</th><td>{}</td><td>{}</td></tr>",
            escaped(name),
            kind(property),
            marked(text(&property["description"]))
        );
    }
    page.push_str("</tbody></table>");
}

/// What a value is, in a word or a link.
pub(super) fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        let name = escaped(name);
        return format!("<a href=\"#shape-{name}\">{name}</a>");
    }
    if let Some(alternatives) = schema["oneOf"].as_array() {
        return alternatives.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> =
            values.iter().map(|value| format!("<code>{}</code>", escaped(text(value)))).collect();
        return values.join(", ");
    }
    match &schema["type"] {
        Value::String(one) if one == "array" => format!("list of {}", kind(&schema["items"])),
        Value::String(one) => escaped(one),
        Value::Array(several) => {
            several.iter().map(|one| escaped(text(one))).collect::<Vec<_>>().join(" or ")
        }
        _ => "anything".to_owned(),
    }
}
