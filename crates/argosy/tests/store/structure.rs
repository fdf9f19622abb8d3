//! `argosy structure`: what goods share, as a file.

use std::path::Path;

use crate::support::Shop;
use serde_json::{Value, json};
use tokio::process::Command;

async fn structure(words: &[&str], folder: &Path) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    let done = command.arg("structure").args(words).arg("--data").arg(folder).kill_on_drop(true).output();
    let done = done.await.unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code().unwrap(), said)
}

#[tokio::test]
async fn what_is_put_is_listed_and_what_is_listed_can_be_put() {
    let shop = Shop::open().await;
    let folder = shop.folder.path();
    let file = folder.join("structure.json");
    let book = json!({
        "attributes": [{
            "name": "fit", "kind": "text",
            "size_charts": [{
                "value": "Boots", "title": "Boots", "columns": ["EU", "cm"], "rows": [{ "cells": ["42", "27"] }],
            }],
        }],
        "categories": [{ "handle": "boots", "title": "Boots" }],
        "locations": [{
            "name": "Quay", "active": true, "pickup": true, "hours": "Mon–Sat 10–18",
            "address": { "line1": "Quay 1", "city": "Flensburg", "country": "DE" },
        }],
    });
    std::fs::write(&file, book.to_string()).unwrap();
    let (code, said) = structure(&["put", file.to_str().unwrap()], folder).await;
    let told = "1 attributes, 1 categories, 0 collections and 1 locations are in force\n";
    assert_eq!((code, said.as_str()), (0, told));

    let (code, said) = structure(&["list"], folder).await;
    let listed: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(code, 0);
    assert_eq!(listed["attributes"][0]["size_charts"][0]["rows"][0]["cells"], json!(["42", "27"]));
    assert_eq!(listed["categories"][0]["handle"], json!("boots"));
    let quay = listed["locations"].as_array().unwrap().iter().find(|each| each["name"] == "Quay").unwrap();
    assert_eq!(quay["address"]["city"], json!("Flensburg"));
    std::fs::write(&file, &said).unwrap();
    assert_eq!(structure(&["put", file.to_str().unwrap()], folder).await.0, 0);
    assert_eq!(structure(&["list"], folder).await.1, said, "put again it is the same");
}

#[tokio::test]
async fn a_file_that_is_wrong_is_told_by_its_field() {
    let shop = Shop::open().await;
    let folder = shop.folder.path();
    let file = folder.join("wrong.json");
    for (book, told) in [
        (json!({ "colours": [] }), "unknown field `colours`"),
        (
            json!({ "locations": [{ "name": "Quay", "pickup": true }] }),
            "locations/0/address: must say where buyers collect",
        ),
        (json!({ "attributes": [{ "name": "fit", "kind": "number", "size_charts": [{}] }] }), "size charts"),
    ] {
        std::fs::write(&file, book.to_string()).unwrap();
        let (code, said) = structure(&["put", file.to_str().unwrap()], folder).await;
        assert!(code == 2 && said.contains(told), "{code} {said}");
    }
}
