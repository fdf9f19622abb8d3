//! The document and its page.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::shop::Shop;

fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        item.iter().map(move |(method, operation)| (method.clone(), path.clone(), operation))
    });
    operations.collect()
}

#[tokio::test]
async fn every_operation_and_its_statuses_are_described() {
    let shop = Shop::open().await;
    let document = shop.get("/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let described: BTreeMap<String, String> = operations(&document)
        .into_iter()
        .map(|(method, path, operation)| {
            let statuses: Vec<&str> =
                operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
            (format!("{path} {method}"), statuses.join(" "))
        })
        .collect();
    insta::assert_json_snapshot!(described);
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let shop = Shop::open().await;
    let answer = shop.get("/openapi.json").await;
    let document = answer.json();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for reference in answer.body.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    let strict = [
        "CreateCart",
        "NewLine",
        "NewQuantity",
        "NewCode",
        "NewWrap",
        "Address",
        "StartCheckout",
        "UpdateCheckout",
        "CompleteCheckout",
    ];
    for name in strict {
        assert_eq!(schemas[name]["additionalProperties"], false, "{name} refuses unknown fields");
    }
}

#[tokio::test]
async fn errors_are_problems_and_changes_take_a_key() {
    let shop = Shop::open().await;
    let document = shop.get("/openapi.json").await.json();
    for (method, path, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let problem = response["content"].get("application/problem+json").is_some();
            assert_eq!(problem, status.starts_with(['4', '5']), "{method} {path} {status}");
            assert!(response["description"].is_string(), "{method} {path} {status}");
        }
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let keyed = parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key");
        assert_eq!(keyed, method != "get" && !path.contains("webhooks"), "{method} {path}");
    }
}

#[tokio::test]
async fn people_can_read_it_without_script() {
    let shop = Shop::open().await;
    let page = shop.get("/docs/api").await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.body.contains("<script") && !page.body.contains("style="));
    for heading in ["<code>/store/checkouts/{id}/complete</code>", "id=\"shape-Product\"", "Idempotency-Key"]
    {
        assert!(page.body.contains(heading), "{heading}");
    }
    assert_eq!(shop.get("/docs/api.css").await.status, 200);
}
