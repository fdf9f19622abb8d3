//! Files with pictures on the web, and files of other shops, into a store that was not there before.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
};

use argosy_testkit::TestHost;
use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use tokio::process::Command;

/// A server of pictures, and what it was asked for.
struct Web {
    _host: TestHost,
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    async fn start() -> Self {
        let host = TestHost::new();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let address = host.serve_http(Router::new().fallback(answer).with_state(asked.clone())).await;
        Self { _host: host, address, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What was asked for since the last time, in order of the names.
    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.sort();
        asked
    }
}

async fn answer(State(asked): State<Arc<Mutex<Vec<String>>>>, uri: Uri) -> Response {
    asked.lock().unwrap().push(uri.path().to_owned());
    match uri.path() {
        "/red.png" => gif([200, 0, 0]).into_response(),
        "/blue.png" => gif([0, 0, 200]).into_response(),
        "/page.png" => "<html>a page</html>".into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// One pixel of a colour.
fn gif(color: [u8; 3]) -> Vec<u8> {
    let head = b"GIF89a\x01\0\x01\0\x80\0\0";
    let pixel = b"\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;";
    [head.as_slice(), &color, pixel].concat()
}

/// Runs a command in a folder; answers whether it went well and what it said.
async fn argosy(folder: &Path, arguments: &[&str]) -> (bool, String) {
    argosy_at(folder, None, arguments).await
}

async fn argosy_at(folder: &Path, public_url: Option<&str>, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    command.args(arguments).current_dir(folder).env("ARGOSY_DATA__DEMO", "false");
    command.envs(public_url.map(|url| ("ARGOSY_HTTP__PUBLIC_URL", url)));
    let output = command.output().await.unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

fn lines(web: &Web) -> String {
    let line = |handle: &str, path: &str| {
        format!(
            r#"{{"handle":"{handle}","title":"{handle}","images":[{{"url":"{}"}}],"variants":[{{"sku":"{handle}","prices":{{"EUR":{{"price":"9.90"}}}},"stock":4}}]}}"#,
            web.url(path)
        )
    };
    [
        line("mug", "/red.png"),
        line("bowl", "/blue.png"),
        line("cup", "/red.png"),
        line("jar", "/gone.png"),
        line("pot", "/page.png"),
    ]
    .join("\n")
}

const IMPORT: &[&str] = &["import", "products", "in.jsonl", "--allow-private-addresses"];

async fn exported(folder: &Path, public_url: Option<&str>) -> String {
    let (ok, told) = argosy_at(folder, public_url, &["export", "products", "out.jsonl"]).await;
    assert!(ok, "{told}");
    std::fs::read_to_string(folder.join("out.jsonl")).unwrap()
}

#[tokio::test]
async fn pictures_on_the_web_are_fetched_once_and_what_fails_is_told_by_line() {
    let (web, folder) = (Web::start().await, tempfile::tempdir().unwrap());
    let folder = folder.path();
    std::fs::write(folder.join("in.jsonl"), lines(&web)).unwrap();
    let (ok, told) = argosy(folder, IMPORT).await;
    assert!(ok, "{told}");
    assert!(told.contains("5 created, 0 updated, 0 unchanged, 0 refused"), "{told}");
    assert!(told.contains("2 pictures fetched"), "{told}");
    assert!(told.contains("line 4: PICTURE_NOT_FETCHED: picture http") && told.contains("404"), "{told}");
    assert!(told.contains("line 5: UNSUPPORTED_MEDIA"), "{told}");
    assert_eq!(web.asked(), ["/blue.png", "/gone.png", "/page.png", "/red.png"]);
    let export = exported(folder, None).await;
    assert_eq!(export.matches("\"url\":\"/media/").count(), 3, "{export}");
    // What failed keeps its address, and is asked for again; what is there is not.
    let (ok, told) = argosy(folder, IMPORT).await;
    assert!(ok && told.contains("0 created, 0 updated, 5 unchanged, 0 refused"), "{told}");
    assert_eq!(web.asked(), ["/gone.png", "/page.png"]);
}

#[tokio::test]
async fn nothing_is_fetched_from_this_machine_unless_it_is_allowed() {
    let (web, folder) = (Web::start().await, tempfile::tempdir().unwrap());
    let folder = folder.path();
    std::fs::write(folder.join("in.jsonl"), lines(&web)).unwrap();
    let (ok, told) = argosy(folder, &["import", "products", "in.jsonl"]).await;
    assert!(ok && told.contains("5 created"), "{told}");
    assert!(
        told.contains("line 1: PICTURE_ADDRESS_REFUSED") && told.contains("--allow-private-addresses"),
        "{told}"
    );
    let (_, told) = argosy(folder, &["import", "products", "in.jsonl", "--keep-image-urls"]).await;
    assert!(told.contains("5 unchanged") && !told.contains("PICTURE"), "{told}");
    assert!(web.asked().is_empty());
}

#[tokio::test]
async fn asking_what_would_happen_fetches_nothing_and_pictures_can_be_left() {
    let (web, folder) = (Web::start().await, tempfile::tempdir().unwrap());
    let folder = folder.path();
    std::fs::write(folder.join("in.jsonl"), lines(&web)).unwrap();
    let (ok, told) = argosy(folder, &[IMPORT, &["--dry-run"]].concat()).await;
    assert!(ok && told.contains("5 created"), "{told}");
    assert!(web.asked().is_empty());
    let (_, told) = argosy(folder, &[IMPORT, &["--no-images"]].concat()).await;
    assert!(told.contains("5 created"), "{told}");
    assert!(!exported(folder, None).await.contains("\"url\":"), "new products have no pictures");
    argosy(folder, IMPORT).await;
    web.asked();
    let (_, told) = argosy(folder, &[IMPORT, &["--no-images"]].concat()).await;
    assert!(told.contains("5 unchanged"), "what products have stays: {told}");
    assert!(web.asked().is_empty());
}

#[tokio::test]
async fn an_export_names_pictures_so_that_they_import_back_here_and_are_missed_elsewhere() {
    let (web, folder) = (Web::start().await, tempfile::tempdir().unwrap());
    let (folder, elsewhere) = (folder.path(), tempfile::tempdir().unwrap());
    std::fs::write(folder.join("in.jsonl"), lines(&web)).unwrap();
    argosy(folder, IMPORT).await;
    web.asked();
    let shop = "https://shop.example";
    let export = exported(folder, Some(shop)).await;
    assert_eq!(export.matches("\"url\":\"https://shop.example/media/").count(), 3, "{export}");
    let back = ["import", "products", "out.jsonl", "--allow-private-addresses"];
    let (ok, told) = argosy_at(folder, Some(shop), &back).await;
    assert!(ok && told.contains("5 unchanged"), "{told}");
    // Without an address to fetch from, another store cannot know the pictures.
    exported(folder, None).await;
    std::fs::copy(folder.join("out.jsonl"), elsewhere.path().join("out.jsonl")).unwrap();
    let (ok, told) = argosy(elsewhere.path(), &back).await;
    assert!(ok && told.contains("line 1: PICTURE_MISSING") && told.contains("http.public_url"), "{told}");
}

#[tokio::test]
async fn a_woocommerce_file_goes_in_and_changes_nothing_the_second_time() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "\u{feff}ID,Type,SKU,Name,Published,Description,Tax status,In stock?,Stock,Weight (g),Regular price,Categories,Parent,Attribute 1 name,Attribute 1 value(s)\n\
        1,simple,MUG,Mug,1,\"<p onclick=alert(1)>Holds<script>alert(2)</script> coffee</p>\",taxable,1,3,350,9.90,Home > Kitchen,,,\n\
        2,variable,,Shirt,1,Plain\\nwords,taxable,1,,,,Clothes,,Size,\"S, M\"\n\
        3,variation,S-S,Shirt - S,1,,taxable,1,2,,19.00,,id:2,Size,S\n\
        4,variation,S-M,Shirt - M,1,,taxable,0,,,19.00,,id:2,Size,M\n\
        5,grouped,,Set,1,,taxable,1,,,,,,,\n\
        6,simple,CUP,Cup,1,,taxable,1,many,,5,,,,\n";
    std::fs::write(folder.path().join("shop.csv"), rows).unwrap();
    for counts in
        ["2 created, 0 updated, 0 unchanged, 2 refused", "0 created, 0 updated, 2 unchanged, 2 refused"]
    {
        let (ok, told) = argosy(folder.path(), &["import", "products", "shop.csv"]).await;
        assert!(!ok && told.contains(counts), "{told}");
        assert!(told.contains("line 6: UNSUPPORTED_PRODUCT: 'Set'"), "{told}");
        assert!(told.contains("line 7: INVALID_NUMBER: Stock: 'many'"), "{told}");
    }
    let export = exported(folder.path(), None).await;
    assert!(export.contains("<p>Holds coffee</p>") && export.contains("<p>Plain<br>words</p>"), "{export}");
    assert!(export.contains("\"weight_g\":350") && export.contains("Home > Kitchen"), "{export}");
}
