//! What every operation has: the answers of the protections before it, the key of a changing request, and
//! problem+json for whatever goes wrong. Added here once instead of at each handler.

use serde_json::{Map, Value, json};

/// Completes a document.
pub(super) fn complete(document: &mut Value) {
    // `fields` may leave any of them out.
    if let Some(product) = document.pointer_mut("/components/schemas/Product").and_then(Value::as_object_mut)
    {
        product.remove("required");
    }
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else { return };
    for (path, item) in paths {
        let Some(operations) = item.as_object_mut() else { continue };
        for (method, operation) in operations {
            if let Some(operation) = operation.as_object_mut() {
                complete_operation(path, method, operation);
            }
        }
    }
}

fn complete_operation(path: &str, method: &str, operation: &mut Map<String, Value>) {
    let changes = method != "get";
    let webhook = path.contains("/webhooks/");
    let limited = !path.starts_with("/webhooks/");
    if changes && !webhook {
        parameters(operation).push(key(path.ends_with("/complete") || path.ends_with("/setups")));
    }
    let cached = operation["responses"].get("304").is_some();
    if cached {
        parameters(operation).push(json!({
            "name": "If-None-Match", "in": "header", "required": false, "schema": {"type": "string"},
            "description": "The `ETag` of the answer that you have"
        }));
    }
    if webhook && let Some(body) = operation.get_mut("requestBody") {
        body["required"] = false.into();
    }
    let has_body = operation.contains_key("requestBody");
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    let mut answer = |status: &str, description: &str| {
        let known = responses.entry(status).or_insert_with(|| json!({"description": ""}));
        let said = known["description"].as_str().unwrap_or_default();
        let both = if said.is_empty() { description.to_owned() } else { format!("{said}; {description}") };
        known["description"] = both.into();
    };
    answer("400", "`INVALID_ID`, `INVALID_PATH`, `INVALID_UTF8`, `KEY_INVALID`, `MALFORMED_JSON`");
    answer("422", "`INVALID_FIELD`, with a pointer to each wrong field or parameter");
    if limited {
        answer("429", "`RATE_LIMITED`: see `Retry-After`");
    }
    answer("500", "`INTERNAL`: a fault of ours");
    answer("503", "`OVERLOADED`, or a part is not there: see `Retry-After`");
    answer("504", "`TIMEOUT`: it may or may not have happened; ask again with the same key");
    if has_body {
        answer("408", "`BODY_TIMEOUT`");
        answer("413", "`BODY_TOO_LARGE`");
        answer("415", "`UNSUPPORTED_MEDIA_TYPE`");
    }
    if changes && !webhook {
        answer("409", "`KEY_IN_USE`: the same request is at work, see `Retry-After`; `ANSWER_NOT_KEPT`");
        answer("422", "`KEY_REUSED`: the key came with another request");
    }
    describe_errors(responses, cached);
}

fn parameters(operation: &mut Map<String, Value>) -> &mut Vec<Value> {
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if !parameters.is_array() {
        *parameters = json!([]);
    }
    match parameters {
        Value::Array(parameters) => parameters,
        _ => unreachable!("it was made an array above"),
    }
}

fn key(required: bool) -> Value {
    json!({
        "name": "Idempotency-Key", "in": "header", "required": required,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "description": "A fresh random key for each thing that you want done once; the same one when you try again"
    })
}

/// Errors are problems; what waits says how long; reads that may be answered 304 have an ETag.
fn describe_errors(responses: &mut Map<String, Value>, cached: bool) {
    for (status, response) in responses {
        if response["description"].as_str().is_none_or(str::is_empty) {
            response["description"] = if status == "201" { "Made" } else { "Done" }.into();
        }
        if status.starts_with(['4', '5']) {
            response["content"] =
                json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
        }
        if matches!(status.as_str(), "429" | "503" | "504") {
            response["headers"]["Retry-After"] =
                json!({"schema": {"type": "integer"}, "description": "Seconds to wait"});
        }
        if cached && matches!(status.as_str(), "200" | "304") {
            response["headers"]["ETag"] =
                json!({"schema": {"type": "string"}, "description": "Names these very bytes"});
        }
    }
}
