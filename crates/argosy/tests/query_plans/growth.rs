//! Makes the tables of a shop large: each row that a small shop wrote, many times, under keys of its own.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, PgConnection, raw_sql};

/// Tables that grow with products, buyers, orders or facts. All others have a few rows for ever.
pub(crate) const GROWING: &[&str] = &[
    "attempt",
    "charge",
    "charge_step",
    "checkout",
    "document",
    "inbox",
    "intent",
    "media",
    "media_source",
    "message",
    "movement",
    "order_event",
    "order_number",
    "orders",
    "outbox",
    "payment_event",
    "person",
    "person_key",
    "price_change",
    "product",
    "product_collection",
    "redemption",
    "redemption_use",
    "reservation",
    "reservation_line",
    "stock",
    "variant",
];
/// Of these there is a row a product at least; of the others a fifth of that, which is enough to tell a plan by.
const OF_PRODUCTS: &[&str] =
    &["media", "media_source", "price_change", "product", "product_collection", "stock", "variant"];
/// Columns that stay as they are, though an index begins with them: they have a few values.
const FEW_VALUES: &[&str] = &["state", "status", "kind", "consumer"];

struct Column {
    name: String,
    kind: String,
    indexed: bool,
}

/// Most of what a shop keeps is over.
const OVER: &[(&str, &str)] = &[
    ("attempt", "state = 'done'"),
    ("checkout", "status = 'completed'"),
    ("message", "state = 'sent'"),
    ("reservation", "state = 'committed'"),
];

/// Tells the statistics to the planner when all is there. Answers the schemas and names of the tables that grew.
pub(crate) async fn grow(
    connection: &mut PgConnection,
    prefix: &str,
    products: i64,
) -> BTreeSet<(String, String)> {
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select schemaname::text, tablename::text from pg_tables \
          where starts_with(schemaname, $1) and tablename = any($2) order by 1, 2",
    )
    .bind(prefix)
    .bind(GROWING)
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    drop_references(connection, prefix).await;
    let mut grown = BTreeSet::new();
    for (schema, table) in tables {
        let columns = columns(connection, &schema, &table).await;
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let values: Vec<String> = columns.iter().map(Column::anew).collect();
        let names = names.join(", ");
        let rows = if OF_PRODUCTS.contains(&table.as_str()) { products } else { products / 5 };
        let over = OVER.iter().find(|(of, _)| *of == table).map_or("true", |(_, over)| over);
        let insert = format!(
            "insert into \"{schema}\".\"{table}\" ({names}) select {} \
               from (select * from \"{schema}\".\"{table}\" where {over} limit 1) as old, generate_series(1, {rows}) as n \
             on conflict do nothing",
            values.join(", ")
        );
        let done = raw_sql(AssertSqlSafe(insert)).execute(&mut *connection).await.unwrap();
        raw_sql(AssertSqlSafe(format!("analyze \"{schema}\".\"{table}\"")))
            .execute(&mut *connection)
            .await
            .unwrap();
        if done.rows_affected() > 0 {
            grown.insert((schema, table));
        }
    }
    grown
}

impl Column {
    fn anew(&self) -> String {
        let Self { name, kind, indexed } = self;
        let old = format!("old.\"{name}\"");
        match kind.as_str() {
            _ if !indexed || FEW_VALUES.contains(&name.as_str()) => old,
            "text" => format!("{old} || '-' || n"),
            "bigint" => format!("{old} + n * 1000"),
            _ => old,
        }
    }
}

async fn columns(connection: &mut PgConnection, schema: &str, table: &str) -> Vec<Column> {
    let columns: Vec<(String, String, bool)> = sqlx::query_as(
        "select a.attname::text as name, format_type(a.atttypid, null) as kind, \
                exists (select from pg_index i where i.indrelid = a.attrelid and a.attnum = any(i.indkey)) as indexed \
           from pg_attribute a \
          where a.attrelid = format('%I.%I', $1::text, $2::text)::regclass and a.attnum > 0 and not a.attisdropped \
          order by a.attnum",
    )
    .bind(schema)
    .bind(table)
    .fetch_all(connection)
    .await
    .unwrap();
    columns.into_iter().map(|(name, kind, indexed)| Column { name, kind, indexed }).collect()
}

/// The new rows refer to each other, but not in the order in which they come.
async fn drop_references(connection: &mut PgConnection, prefix: &str) {
    let references: Vec<(String, String)> = sqlx::query_as(
        "select c.conrelid::regclass::text, c.conname::text \
           from pg_constraint c join pg_namespace n on n.oid = c.connamespace \
          where c.contype = 'f' and starts_with(n.nspname, $1)",
    )
    .bind(prefix)
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    for (table, name) in references {
        let statement = format!("alter table {table} drop constraint \"{name}\"");
        raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await.unwrap();
    }
}
