//! The plan of a statement for values that are not known, as a prepared one comes to have.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, PgConnection, Row, raw_sql};

use super::{growth::GROWING, seen::Statement};

/// The statement, and how it reaches each table that grew, if it reads any.
pub(crate) async fn explain(
    connection: &mut PgConnection,
    prefix: &str,
    tables: &BTreeSet<(String, String)>,
    statement: &Statement,
) -> Option<String> {
    let Statement { text, types } = statement;
    let schemas: Vec<String> = sqlx::query_scalar(
        "select nspname::text from pg_namespace where starts_with(nspname, $1) order by 1",
    )
    .bind(prefix)
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let count = if types.is_empty() { 0 } else { types.split(", ").count() };
    let (types, values) = match count {
        0 => (String::new(), String::new()),
        _ => (format!("({types})"), format!("({})", vec!["null"; count].join(", "))),
    };
    let mut refused = String::new();
    // The tables tell whose statement it is.
    for schema in schemas {
        let prepare = format!(
            "set search_path = \"{schema}\"; set plan_cache_mode = force_generic_plan; \
             prepare statement {types} as {text}"
        );
        if let Err(error) = raw_sql(AssertSqlSafe(prepare)).execute(&mut *connection).await {
            refused = error.to_string();
            continue;
        }
        let explain = format!("explain (costs off) execute statement {values}; deallocate statement");
        let rows = raw_sql(AssertSqlSafe(explain)).fetch_all(&mut *connection).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        match ways(&plan, &schema, tables) {
            Some(ways) if ways.is_empty() => return None,
            Some(ways) => return Some(format!("{text}\n{ways}")),
            None => "nobody wrote there".clone_into(&mut refused),
        }
    }
    panic!("no schema has what this asks for: {refused}: {text}");
}

/// The lines of a plan that say how a table that grew is read, each once. `None` if one is empty in this schema, so
/// that the plan tells nothing: several services have tables of one name.
fn ways(plan: &[String], schema: &str, tables: &BTreeSet<(String, String)>) -> Option<String> {
    let mut ways = BTreeSet::new();
    for line in plan.iter().filter(|line| line.contains("Scan")) {
        let (_, rest) = line.split_once(" on ").unwrap_or_default();
        let table = rest.split_whitespace().next().unwrap_or_default();
        if !GROWING.contains(&table) {
            continue;
        }
        if !tables.contains(&(schema.to_owned(), table.to_owned())) {
            return None;
        }
        ways.insert(format!("  {}", line.trim_start_matches([' ', '-', '>'])));
    }
    Some(ways.into_iter().collect::<Vec<_>>().join("\n"))
}
