//! `argosy export orders`, `payouts` and `taxes`, of a store that runs: on files, and on PostgreSQL.

use std::collections::BTreeMap;

use crate::support::Shop;
use argosy_contracts::orders::{CancelOrderRequest, LineQuantity};
use argosy_kernel::Ctx;
use argosy_testkit::{Engine, Mode, Schemas, contract_stories, eventually};
use tokio::process::Command;

contract_stories! { called directly;
    what_was_sold_paid_and_taxed_is_exported_to_the_last_cent,
}

struct Subject {
    shop: Shop,
    /// What a command needs to find the store.
    config: String,
    _schemas: Option<Schemas>,
}

impl Subject {
    async fn start(mode: Mode) -> Self {
        let schemas = (mode.engine == Engine::Postgres).then(Schemas::new);
        let shop = Shop::open_with(|settings| {
            if let Some(schemas) = &schemas {
                settings.database = schemas.settings();
            }
        })
        .await;
        let folder = shop.folder.path().display();
        let database = schemas.as_ref().map_or_else(String::new, |schemas| {
            format!("[database]\nurl = \"{}\"\nschema_prefix = \"{}\"\n", schemas.url(), schemas.prefix())
        });
        let config = format!("[data]\nfolder = \"{folder}\"\n{database}");
        Self { shop, config, _schemas: schemas }
    }

    /// The rows of an export, by the names of their columns.
    async fn exported(&self, what: &str, days: [&str; 2]) -> Vec<BTreeMap<String, String>> {
        let file = self.shop.folder.path().join("settings-of-a-command.toml");
        std::fs::write(&file, &self.config).unwrap();
        let said = Command::new(env!("CARGO_BIN_EXE_argosy"))
            .args(["export", what, "-", "--from", days[0], "--to", days[1], "--config"])
            .arg(file)
            .output()
            .await
            .unwrap();
        let text = String::from_utf8(said.stdout).unwrap();
        assert!(said.status.success(), "{text}{}", String::from_utf8_lossy(&said.stderr));
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        let names = lines.next().unwrap();
        lines.map(|cells| names.iter().cloned().zip(cells).collect()).collect()
    }
}

const EVER: [&str; 2] = ["2020-01-01", "2100-12-31"];

async fn what_was_sold_paid_and_taxed_is_exported_to_the_last_cent(s: Subject) {
    let buyers = s.shop.buyers();
    let mug = buyers.stocked("mug", 10).await;
    let mut orders = Vec::new();
    for (units, key) in [(3, "key-1"), (1, "key-2")] {
        let checkout = buyers.ready(&buyers.cart(&[(&mug, units)]).await).await.id;
        let id = buyers.pay(&checkout, "tok_ok", key).await.unwrap().order_id;
        eventually("the money is taken", || async { buyers.order(&id).await.payment_status == "captured" })
            .await;
        orders.push(buyers.order(&id).await);
    }
    let line_id = orders[0].lines[0].line.as_ref().unwrap().line_id.clone();
    let cancel = CancelOrderRequest {
        order_id: orders[0].id.clone(),
        reference: "one".to_owned(),
        lines: vec![LineQuantity { line_id, quantity: 1 }],
        ..CancelOrderRequest::default()
    };
    let desk = buyers.wiring.aftersales().unwrap();
    desk.cancel_order(&Ctx::system("test"), cancel).await.unwrap();
    eventually("the money is back", || async {
        buyers.order(&orders[0].id).await.money.unwrap().refunded.unwrap().minor == 2_000
    })
    .await;

    let told = s.exported("orders", EVER).await;
    let of = |place: usize, names: &[&str]| -> Vec<String> {
        names.iter().map(|name| told[place][*name].clone()).collect()
    };
    assert_eq!(told.len(), 2);
    let amounts = [
        "number",
        "units",
        "units_now",
        "total_minor",
        "total",
        "charged",
        "paid",
        "refunded",
        "due",
        "country",
    ];
    assert_eq!(of(0, &amounts), ["1001", "3", "2", "6000", "60.00", "40.00", "60.00", "20.00", "0.00", "DE"]);
    assert_eq!(of(1, &amounts), ["1002", "1", "1", "2490", "24.90", "24.90", "24.90", "0.00", "0.00", "DE"]);

    let payouts = s.exported("payouts", EVER).await;
    let sum = |name: &str| payouts.iter().map(|row| row[name].parse::<i64>().unwrap()).sum::<i64>();
    assert!(payouts.iter().all(|row| row["provider"] == "test" && row["currency"] == "EUR"), "{payouts:?}");
    assert_eq!(
        [sum("captures"), sum("captured_minor"), sum("refunds"), sum("refunded_minor")],
        [2, 8_490, 1, 2_000]
    );
    assert_eq!(sum("net_minor"), 6_490);

    let taxes = s.exported("taxes", EVER).await;
    assert!(
        taxes.iter().all(|row| row["rate_percent"] == "19" && row["country"] == "DE" && row["tax"] == "VAT"),
        "{taxes:?}"
    );
    let sum = |name: &str| taxes.iter().map(|row| row[name].parse::<i64>().unwrap()).sum::<i64>();
    assert_eq!(sum("base_minor") + sum("amount_minor"), 8_490);
    assert_eq!(sum("base_now_minor") + sum("amount_now_minor"), 6_490);
    assert_eq!(sum("base_out_minor") + sum("amount_out_minor"), 2_000);

    assert_eq!(s.exported("orders", ["2020-01-01", "2020-12-31"]).await.len(), 0, "nothing was sold then");
}
