//! How the hot statements find their rows.

use argosy_platform::database::{DatabaseSpec, Durability, sql};
use argosy_testkit::TestHost;
use sea_orm::FromQueryResult;

use super::{
    prices::{HISTORY, HISTORY_OF},
    products::{BY_HANDLE, BY_ID, BY_VARIANT, PAGE, SKU_OWNERS, select},
    publishing::DUE,
};

#[derive(FromQueryResult)]
struct PlanRow {
    detail: String,
}

#[tokio::test]
async fn no_hot_statement_reads_a_whole_table() {
    let test = TestHost::new();
    let spec =
        DatabaseSpec { name: "catalog", durability: Durability::Process, migrations: crate::MIGRATIONS };
    let database = test.host.database(spec).await.unwrap();
    let list = "('a', 'b', 'c')";
    let statements = [
        (select(&format!("{BY_ID}{list}")), "product"),
        (select(&format!("{BY_HANDLE}{list}")), "product"),
        (select(&format!("{BY_VARIANT}{list})")), "product"),
        (select(PAGE), "product"),
        (select(DUE), "product_by_due"),
        (format!("{SKU_OWNERS}{list}"), "variant"),
        (format!("{HISTORY_OF}{list}{HISTORY}"), "price_change"),
    ];
    for (statement, searched) in statements {
        let plan: Vec<PlanRow> = sql(format!("explain query plan {statement}")).all(&database).await.unwrap();
        let lines: Vec<&str> = plan.iter().map(|row| row.detail.as_str()).collect();
        assert!(
            lines.iter().any(|line| line.starts_with("SEARCH") && line.contains(searched)),
            "{statement}: {lines:?}"
        );
        let read_whole = |line: &&str| line.starts_with("SCAN") && !line.ends_with("present");
        assert!(!lines.iter().any(read_whole), "{statement}: {lines:?}");
    }
}
