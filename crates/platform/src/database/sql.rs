//! One statement with its values, built from pieces and run on either engine.

use argosy_kernel::{Error, Result};
use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, QueryResult, Statement, Value};

use super::{Database, Engine, Inner, Tx, error_of};

/// A statement under construction; see [`sql`].
#[must_use = "a statement does nothing until it is run"]
#[derive(Clone)]
pub struct Sql {
    text: String,
    values: Vec<Value>,
    locking: Locking,
}

#[derive(Clone, Copy)]
enum Locking {
    Nothing,
    Rows,
    RowsOf(&'static str),
}

impl Locking {
    fn clause(self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Rows => " for no key update".to_owned(),
            Self::RowsOf(table) => format!(" for no key update of {table}"),
        }
    }
}

/// Starts a statement. `$1` in the text is the first value bound, and so on.
///
/// ```text
/// let rows = sql("select id, title from product where status = $1 and id in ")
///     .bind("active")
///     .list(ids)
///     .then(" order by id")
///     .all::<ProductRow>(&database)
///     .await?;
/// ```
pub fn sql(text: impl Into<String>) -> Sql {
    Sql { text: text.into(), values: Vec::new(), locking: Locking::Nothing }
}

impl Sql {
    /// Gives the next value.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Goes on with the text.
    pub fn then(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Appends another statement with its values.
    pub(super) fn embed(mut self, statement: Self) -> Self {
        let before = self.values.len();
        self.text.push_str(&counted_from(&statement.text, before));
        self.text.push_str(&statement.locking.clause());
        self.values.extend(statement.values);
        self
    }

    /// Appends `($n, $n+1, …)` with these values; an empty list appends `(null)`, which matches nothing.
    pub fn list<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        let before = self.values.len();
        self.text.push('(');
        for value in values {
            if self.values.len() > before {
                self.text.push_str(", ");
            }
            self.values.push(value.into());
            self.text.push('$');
            self.text.push_str(&self.values.len().to_string());
        }
        if self.values.len() == before {
            self.text.push_str("null");
        }
        self.text.push(')');
        self
    }

    /// Appends `($1, $2), ($3, $4), …`: the rows of an `insert … values`. Keep rows × columns under 30,000,
    /// the most that SQLite binds.
    pub fn rows<const N: usize>(mut self, rows: impl IntoIterator<Item = [Value; N]>) -> Self {
        let mut first = true;
        for row in rows {
            if !first {
                self.text.push_str(", ");
            }
            first = false;
            self = self.list(row);
        }
        self
    }

    /// Locks the rows that a `select` answers until the transaction ends, where others could change them meanwhile:
    /// on SQLite nobody does. Rows that refer to them may still be written. Name an order, the same everywhere, so that
    /// nobody waits in a circle.
    pub fn locking(mut self) -> Self {
        self.locking = Locking::Rows;
        self
    }

    /// As [`Sql::locking`], but only the rows of one of the tables that are joined.
    pub fn locking_of(mut self, table: &'static str) -> Self {
        self.locking = Locking::RowsOf(table);
        self
    }

    pub(super) fn statement(self, backend: DbBackend) -> Statement {
        let Self { mut text, mut values, locking } = self;
        if backend == DbBackend::Postgres {
            text.push_str(&locking.clause());
            if tracing::enabled!(target: "argosy::sql", tracing::Level::TRACE) {
                // Their types, not the values: those may be anybody's address.
                let types = values.iter().map(type_of).collect::<Vec<_>>().join(", ");
                tracing::trace!(target: "argosy::sql", { sql.text = %text, sql.types = %types }, "a statement");
            }
        } else if values.len() > NUMBERED_VALUES_MAX {
            (text, values) = unnumbered(&text, values);
        }
        Statement::from_sql_and_values(backend, text, values)
    }

    /// Runs it; answers how many rows it touched.
    pub async fn execute(self, on: &impl Executor) -> Result<u64> {
        on.execute(self).await
    }

    /// Runs it in a transaction of its own; answers how many rows it touched.
    pub async fn commit(self, on: &Database) -> Result<u64> {
        on.run(self).await
    }

    /// Runs it in a transaction of its own; answers its one row.
    pub async fn commit_one<R: FromQueryResult>(self, on: &Database) -> Result<R> {
        let row =
            on.run_for_row(self).await?.ok_or_else(|| Error::internal("a statement answered no row"))?;
        R::from_query_result(&row, "").map_err(error_of)
    }

    /// Runs it; answers all its rows.
    pub async fn all<R: FromQueryResult>(self, on: &impl Executor) -> Result<Vec<R>> {
        let rows = on.query(self).await?;
        rows.iter().map(|row| R::from_query_result(row, "").map_err(error_of)).collect()
    }

    /// Runs it; answers its first row, if it has one.
    pub async fn optional<R: FromQueryResult>(self, on: &impl Executor) -> Result<Option<R>> {
        Ok(self.all(on).await?.into_iter().next())
    }

    /// Runs it; answers its first row.
    ///
    /// # Errors
    /// INTERNAL if there is none: for statements that always answer one.
    pub async fn one<R: FromQueryResult>(self, on: &impl Executor) -> Result<R> {
        self.optional(on).await?.ok_or_else(|| Error::internal("a statement answered no row"))
    }
}

/// As PostgreSQL calls it.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::BigInt(_) => "bigint",
        Value::Double(_) => "double precision",
        Value::Bytes(_) => "bytea",
        _ => "text",
    }
}

/// From so many values on SQLite gets `?`: it keeps the names of `$1` and the like in a list and walks it for each
/// value that is bound, so that an insert of 500 rows spent most of its time there.
const NUMBERED_VALUES_MAX: usize = 64;

/// `$2, $1, $2` with (a, b) as `?, ?, ?` with (b, a, b).
fn unnumbered(text: &str, values: Vec<Value>) -> (String, Vec<Value>) {
    let (mut plain, mut places) = (String::with_capacity(text.len()), Vec::with_capacity(values.len()));
    for_each_piece(text, |piece| match piece {
        Piece::Text(text) => plain.push_str(text),
        Piece::Place(number) => {
            places.push(number - 1);
            plain.push('?');
        }
    });
    let in_order = places.len() == values.len() && places.iter().enumerate().all(|(index, at)| index == *at);
    let values = if in_order { values } else { places.iter().map(|at| values[*at].clone()).collect() };
    (plain, values)
}

/// `$1, $2` with 3 as `$4, $5`.
fn counted_from(text: &str, before: usize) -> String {
    let mut counted = String::with_capacity(text.len() + 8);
    for_each_piece(text, |piece| match piece {
        Piece::Text(text) => counted.push_str(text),
        Piece::Place(number) => {
            counted.push('$');
            counted.push_str(&(number + before).to_string());
        }
    });
    counted
}

/// A part of a statement's text.
enum Piece<'a> {
    Text(&'a str),
    /// The number of a `$1`, outside of quotes.
    Place(usize),
}

fn for_each_piece<'a>(text: &'a str, mut each: impl FnMut(Piece<'a>)) {
    for (index, part) in text.split('\'').enumerate() {
        if index > 0 {
            each(Piece::Text("'"));
        }
        // Every second part stands between quotes.
        if index % 2 == 1 {
            each(Piece::Text(part));
            continue;
        }
        let mut pieces = part.split('$');
        each(Piece::Text(pieces.next().unwrap_or_default()));
        for piece in pieces {
            let rest = piece.trim_start_matches(|letter: char| letter.is_ascii_digit());
            each(match piece[..piece.len() - rest.len()].parse() {
                Ok(number) => Piece::Place(number),
                Err(_) => Piece::Text("$"),
            });
            each(Piece::Text(rest));
        }
    }
}

/// What a statement can run on: a [`Tx`], or a [`Database`] for reading.
#[async_trait]
pub trait Executor: Sync {
    #[doc(hidden)]
    async fn execute(&self, sql: Sql) -> Result<u64>;
    #[doc(hidden)]
    async fn query(&self, sql: Sql) -> Result<Vec<QueryResult>>;
}

pub(super) async fn execute_on(connection: &impl ConnectionTrait, sql: Sql) -> Result<u64> {
    let statement = sql.statement(connection.get_database_backend());
    let done = connection.execute_raw(statement).await.map_err(error_of)?;
    Ok(done.rows_affected())
}

pub(super) async fn query_on(connection: &impl ConnectionTrait, sql: Sql) -> Result<Vec<QueryResult>> {
    let statement = sql.statement(connection.get_database_backend());
    connection.query_all_raw(statement).await.map_err(error_of)
}

#[async_trait]
impl Executor for Tx {
    async fn execute(&self, sql: Sql) -> Result<u64> {
        let done = match &self.inner {
            Inner::Member(member) => execute_on(member.transaction(), sql).await,
            Inner::Transaction(transaction) => execute_on(transaction, sql).await,
            Inner::Pooled(transaction) => transaction.execute(sql).await,
        };
        self.note_failed(done)
    }

    async fn query(&self, sql: Sql) -> Result<Vec<QueryResult>> {
        let done = match &self.inner {
            Inner::Member(member) => query_on(member.transaction(), sql).await,
            Inner::Transaction(transaction) => query_on(transaction, sql).await,
            Inner::Pooled(transaction) => transaction.query(sql).await,
        };
        self.note_failed(done)
    }
}

#[async_trait]
impl Executor for Database {
    /// Reads only: on SQLite a reader's connection refuses to write.
    async fn execute(&self, sql: Sql) -> Result<u64> {
        self.readers.execute(sql).await
    }

    async fn query(&self, sql: Sql) -> Result<Vec<QueryResult>> {
        if let Some(standby) = self.standby() {
            match standby.query(sql.clone()).await {
                Err(error) if error.is_transient() => {
                    tracing::warn!(database = self.name(), error = ?error, "a standby is away, its primary is asked");
                }
                done => return done,
            }
        }
        match self.engine() {
            Engine::Sqlite => self.health.note(self.readers.query(sql).await),
            Engine::Postgres => self.again_if_lost(|| self.readers.query(sql.clone())).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[&str]) -> Vec<Value> {
        values.iter().map(|value| (*value).into()).collect()
    }

    #[test]
    fn numbers_of_values_become_their_order() {
        let (text, values) =
            unnumbered("select '$1', '$.a' where a = $2 and b in ($1, $2)", texts(&["x", "y"]));
        assert_eq!(text, "select '$1', '$.a' where a = ? and b in (?, ?)");
        assert_eq!(values, texts(&["y", "x", "y"]));
        let (text, values) = unnumbered("values ($1, $2), ($3, $4)", texts(&["a", "b", "c", "d"]));
        assert_eq!((text.as_str(), values), ("values (?, ?), (?, ?)", texts(&["a", "b", "c", "d"])));
    }

    #[test]
    fn an_embedded_statement_counts_its_values_on() {
        let inner = sql("select '$1' where a = $2 and b in ($1, $12)").bind("x").bind("y");
        let outer = sql("with s as (select $1) ").bind("a").embed(inner);
        assert_eq!(outer.text, "with s as (select $1) select '$1' where a = $3 and b in ($2, $13)");
        assert_eq!(outer.values, texts(&["a", "x", "y"]));
    }
}
