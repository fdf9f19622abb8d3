//! What cannot work is refused at once, in words that name what to change, and nothing is half done.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::support::Shop;
use argosy_platform::http::Listener;
use sqlx::{Connection, SqliteConnection};

fn argosy(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    command.args(arguments).current_dir(folder).env("ARGOSY_DATA__DEMO", "false").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn import(folder: &Path, name: &str, content: &[u8]) -> Output {
    std::fs::write(folder.join(name), content).unwrap();
    argosy(folder, &["import", "products", name])
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = Listener::bind(([127, 0, 0, 1], 0).into(), "test").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let refused = argosy(folder.path(), &["serve", "--listen", &taken.address().to_string()]);
    assert_eq!(refused.status.code(), Some(3));
    let said = said(&refused);
    assert!(said.contains("in use") && said.contains("http.listen"), "{said}");
}

#[tokio::test]
async fn a_second_process_on_the_same_folder_is_refused() {
    let shop = Shop::open().await;
    let folder = shop.folder.path();
    let refused = argosy(folder, &["serve", "--listen", "127.0.0.1:0", "--data", folder.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(said(&refused).contains("another Argosy process works in"), "{}", said(&refused));
}

#[test]
fn an_answer_that_nobody_reads_is_no_fault() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    let mut child =
        command.args(["config", "--example"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), said(&ended).as_str()), (Some(0), ""));
}

#[test]
fn a_wrong_setting_is_named_with_where_it_came_from() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("argosy.toml"), "[cart]\nttl = 3\n").unwrap();
    let refused = argosy(folder.path(), &["config"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = said(&refused);
    assert!(said.contains("cart.ttl") && said.contains("argosy.toml"), "{said}");
    let unknown = argosy(folder.path(), &["serve", "--config", "none.toml"]);
    assert!(self::said(&unknown).contains("none.toml"), "{}", self::said(&unknown));
}

#[test]
fn a_shop_without_a_real_currency_or_country_is_refused_by_its_key() {
    let folder = tempfile::tempdir().unwrap();
    for (key, value) in
        [("currency", "EURO"), ("country", "Germany"), ("name", ""), ("email", "shop"), ("email", "a@-")]
    {
        std::fs::write(folder.path().join("argosy.toml"), format!("[shop]\n{key} = \"{value}\"\n")).unwrap();
        let refused = argosy(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(refused.status.code(), Some(2), "{key}: {}", said(&refused));
        assert!(said(&refused).contains(&format!("shop.{key}")), "{}", said(&refused));
    }
}

#[test]
fn a_damaged_database_is_told_apart_from_a_newer_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/catalog.db"), vec![7; 8_192]).unwrap();
    let damaged = argosy(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(damaged.status.code(), Some(3));
    assert!(said(&damaged).contains("catalog.db is damaged"), "{}", said(&damaged));
}

#[tokio::test]
async fn a_database_of_a_later_release_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let empty = import(folder.path(), "none.jsonl", b"{}\n");
    assert_eq!(empty.status.code(), Some(3), "{}", said(&empty));
    let path = folder.path().join("data/catalog.db");
    let mut database = SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'later', true, x'00', 0)",
    )
    .execute(&mut database)
    .await
    .unwrap();
    database.close().await.unwrap();
    let newer = argosy(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(newer.status.code(), Some(3));
    assert!(said(&newer).contains("later release"), "{}", said(&newer));
}

#[test]
fn good_rows_go_in_and_bad_ones_are_told_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let header = "Handle;Title;Variant SKU;Variant Price\n";
    let rows = "mug;Mug;M-1;9.90\nbowl;Bowl;B-1;cheap\n;Nameless;N-1;1\ncup;Cup;M-1;5\nmug;Mug again;M-2;5\njar;Jar;J-1;12.00\n";
    let mut content = b"\xEF\xBB\xBF".to_vec();
    content.extend_from_slice(header.as_bytes());
    content.extend_from_slice(rows.as_bytes());
    let first = import(folder.path(), "products.csv", &content);
    assert_eq!(first.status.code(), Some(3));
    let told = said(&first);
    assert!(told.contains("2 created, 0 updated, 0 unchanged, 4 refused"), "{told}");
    for line in [
        "line 3: INVALID_AMOUNT",
        "line 4: UNREADABLE_ROW",
        "line 5: DUPLICATE_SKU",
        "line 6: DUPLICATE_HANDLE",
    ] {
        assert!(told.contains(line), "{line} is missing in\n{told}");
    }
    let second = import(folder.path(), "products.csv", &content);
    assert!(said(&second).contains("0 created, 0 updated, 2 unchanged, 4 refused"), "{}", said(&second));
}

#[test]
fn files_that_are_no_catalogue_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("photo.csv", b"\x89PNG\r\n\x1a\n".to_vec(), "cannot tell the format"),
        ("columns.csv", b"Handle,Price\nmug,1\n".to_vec(), "lacks the column 'Title'"),
        ("empty.csv", Vec::new(), "cannot tell the format"),
        ("latin1.csv", b"Handle,Title\nmug,Caf\xe9\n".to_vec(), "not UTF-8"),
        ("huge.csv", [b"Handle,Title\nmug,".to_vec(), vec![b'x'; 10 << 20]].concat(), "more than 1 MiB"),
    ];
    for (name, content, expected) in cases {
        let refused = import(folder.path(), name, &content);
        assert!(!refused.status.success(), "{name}");
        assert!(said(&refused).contains(expected), "{name}: {}", said(&refused));
    }
    let missing = argosy(folder.path(), &["import", "products", "nowhere.csv"]);
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn an_export_imports_back_to_the_same_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let product = r#"{"handle":"mug","title":"Mug","description_html":"<p>A mug.</p>","vendor":"Kiln","tags":["a","b"],"options":["Size"],"attributes":{"glaze":"matt"},"categories":["Home > Kitchen"],"variants":[{"sku":"M-S","options":["S"],"prices":{"EUR":{"price":"9.90","compare_at":"12.00"},"USD":{"price":"11.00"}},"weight_g":300,"stock":4},{"sku":"M-L","options":["L"],"prices":{"EUR":{"price":"14.90"}},"stock":0,"backorder":true}]}"#;
    assert!(import(folder.path(), "in.jsonl", product.as_bytes()).status.success());
    for file in ["out.jsonl", "out.csv"] {
        assert!(argosy(folder.path(), &["export", "products", file]).status.success());
        let again = argosy(folder.path(), &["import", "products", file]);
        assert!(again.status.success(), "{}", said(&again));
        assert!(said(&again).contains("0 created, 0 updated, 1 unchanged"), "{file}: {}", said(&again));
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::copy(folder.path().join(file), elsewhere.path().join(file)).unwrap();
        let fresh = argosy(elsewhere.path(), &["import", "products", file]);
        assert!(said(&fresh).contains("1 created"), "{file}: {}", said(&fresh));
    }
}
