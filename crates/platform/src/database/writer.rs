//! The one writer of a SQLite file, whose transactions share their commits.
//!
//! Making a commit last costs a wait for the disk, most of what a small transaction costs. So whoever is done does not
//! commit at once but stands in line again: those who wait to write come first and join the open transaction, each
//! behind a savepoint of its own, and the first whose turn comes again commits for all. Who is alone waits for nobody.
//!
//! So a transaction sees what others in its group have written and is not committed yet. Whoever answers from that
//! without writing waits for it too ([`Member::rollback`]).

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use argosy_kernel::{Error, Result};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, SqlxSqliteConnector,
    TransactionOptions, TransactionTrait,
};
use sqlx::sqlite::SqlitePool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    error_of,
    sqlite::{self, WRITER_WAIT},
};

/// The writer of a file.
pub(super) struct Writer {
    /// Of a single connection.
    pool: SqlitePool,
    connection: DatabaseConnection,
    turn: Arc<Semaphore>,
    group: Mutex<Group>,
}

/// The transactions that commit together.
#[derive(Default)]
struct Group {
    transaction: Option<Arc<DatabaseTransaction>>,
    members: u32,
    outcome: Arc<OnceLock<Result<()>>>,
    /// A member that ended without a commit, until what it wrote is taken back.
    abandoned: Option<u32>,
}

/// The turn to write, as one member of a group.
pub(super) struct Member {
    writer: Arc<Writer>,
    /// Counts from 1.
    number: u32,
    transaction: Arc<DatabaseTransaction>,
    outcome: Arc<OnceLock<Result<()>>>,
    _turn: OwnedSemaphorePermit,
    stays: bool,
}

impl Writer {
    /// `pool` is one of a single connection.
    pub(super) fn new(pool: SqlitePool) -> Self {
        let connection = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.clone());
        Self { pool, connection, turn: Arc::new(Semaphore::new(1)), group: Mutex::default() }
    }

    /// Ends the group first: the pool waits for its connection to come back, and a member that was dropped in the
    /// middle of its transaction left it with the group.
    pub(super) async fn close(self: &Arc<Self>) -> Result<()> {
        let turn = self.turn_in_time().await?;
        self.take_back().await?;
        let is_open = self.group().transaction.is_some();
        if is_open {
            self.end(None).await;
        }
        drop(turn);
        self.pool.close().await;
        Ok(())
    }

    /// Waits for the turn and begins.
    pub(super) async fn begin(self: &Arc<Self>) -> Result<Member> {
        let turn = self.turn_in_time().await?;
        self.take_back().await?;
        let opened = self.group().transaction.clone();
        let transaction = match opened {
            Some(transaction) => transaction,
            None => Arc::new(self.open().await?),
        };
        let member = self.join(transaction, turn);
        if member.number > 1 {
            run(&member.transaction, &format!("savepoint member_{}", member.number)).await?;
        }
        Ok(member)
    }

    fn join(self: &Arc<Self>, transaction: Arc<DatabaseTransaction>, turn: OwnedSemaphorePermit) -> Member {
        let mut group = self.group();
        group.transaction = Some(Arc::clone(&transaction));
        group.members += 1;
        let (number, outcome) = (group.members, Arc::clone(&group.outcome));
        drop(group);
        Member { writer: Arc::clone(self), number, transaction, outcome, _turn: turn, stays: false }
    }

    /// Folds the log into the file, unless a transaction is open: then it is done the next time.
    pub(super) async fn checkpoint(self: &Arc<Self>) -> Result<()> {
        let _turn = self.turn_in_time().await?;
        self.take_back().await?;
        let is_open = self.group().transaction.is_some();
        if is_open { Ok(()) } else { sqlite::checkpoint(&self.connection).await }
    }

    async fn open(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.connection.begin_with_options(options).await.map_err(error_of)
    }

    async fn turn_in_time(&self) -> Result<OwnedSemaphorePermit> {
        let busy = || Error::unavailable("DATABASE_BUSY", "the database is busy");
        tokio::time::timeout(WRITER_WAIT, self.turn()).await.map_err(|_| busy())?
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.turn).acquire_owned().await.map_err(Error::internal)
    }

    /// Undoes what a member left behind that ended without a commit.
    async fn take_back(self: &Arc<Self>) -> Result<()> {
        let is_clean = self.group().abandoned.is_none();
        if is_clean {
            return Ok(());
        }
        let writer = Arc::clone(self);
        to_its_end(async move {
            let (abandoned, transaction) = {
                let group = writer.group();
                (group.abandoned, group.transaction.clone())
            };
            let (Some(number), Some(transaction)) = (abandoned, transaction) else { return };
            let back = format!("rollback to member_{number}");
            if number > 1 && run(&transaction, &back).await.is_ok() {
                writer.group().abandoned = None;
                return;
            }
            // It was alone, or the engine has ended the transaction of all by itself.
            drop(transaction);
            writer.end(Some(undone_by_engine())).await;
        })
        .await
    }

    /// Commits for all, unless it has failed before.
    async fn end(&self, failure: Option<Error>) {
        let ended = std::mem::take(&mut *self.group());
        let Group { transaction, outcome, .. } = ended;
        let done = match (failure, transaction.and_then(Arc::into_inner)) {
            (None, Some(transaction)) => self.commit(transaction).await,
            (None, None) => Err(Error::internal("a group without a transaction")),
            (Some(failure), transaction) => {
                if let Some(transaction) = transaction
                    && transaction.rollback().await.is_err()
                {
                    self.replace_connection().await;
                }
                Err(failure)
            }
        };
        // Nobody else sets it: whoever is here has the turn.
        let _ = outcome.set(done);
    }

    async fn commit(&self, transaction: DatabaseTransaction) -> Result<()> {
        let done = transaction.commit().await.map_err(error_of);
        if done.is_err() {
            self.replace_connection().await;
        }
        done
    }

    /// When a disk is full SQLite ends a transaction by itself, and the driver, whose rollback is then refused, goes on
    /// counting it as open: what is written later would be told to have lasted and never be committed.
    async fn replace_connection(&self) {
        match self.pool.acquire().await {
            Ok(connection) => {
                if let Err(error) = connection.close().await {
                    tracing::warn!(error = ?error, "a connection whose commit failed does not close well");
                }
            }
            Err(error) => tracing::warn!(error = ?error, "cannot replace a connection whose commit failed"),
        }
    }

    fn group(&self) -> MutexGuard<'_, Group> {
        self.group.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member {
    pub(super) fn transaction(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Takes back what it wrote, and waits until what it may have seen of others lasts.
    pub(super) async fn rollback(self) -> Result<()> {
        if self.number == 1 {
            return Ok(());
        }
        run(&self.transaction, &format!("rollback to member_{}", self.number)).await?;
        self.commit().await
    }

    /// Makes what was written last, together with what others have written meanwhile.
    pub(super) async fn commit(mut self) -> Result<()> {
        self.stays = true;
        let (writer, outcome) = (Arc::clone(&self.writer), Arc::clone(&self.outcome));
        drop(self);
        to_its_end(async move {
            let _turn = writer.turn().await?;
            if outcome.get().is_none() {
                writer.take_back().await?;
            }
            if outcome.get().is_none() {
                writer.end(None).await;
            }
            outcome.get().cloned().unwrap_or_else(|| Err(Error::internal("a group without an outcome")))
        })
        .await?
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if !self.stays {
            self.writer.group().abandoned = Some(self.number);
        }
    }
}

/// Goes on also when whoever waits for it no longer does: others depend on how it ends.
async fn to_its_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T> {
    #[expect(clippy::disallowed_methods, reason = "waited for right here, and short")]
    tokio::spawn(work).await.map_err(Error::internal)
}

async fn run(transaction: &DatabaseTransaction, statement: &str) -> Result<()> {
    transaction.execute_unprepared(statement).await.map(|_| ()).map_err(error_of)
}

fn undone_by_engine() -> Error {
    Error::unavailable("DATABASE_BUSY", "what was written together with this failed; try again")
}
