//! Where answers are kept: documents in the edge's own database, shared by all its processes.

use std::time::Duration;

use argosy_kernel::{Code, Error, Result};
use argosy_platform::{
    Host,
    database::{DatabaseSpec, Durability},
    documents::Documents,
    jobs,
};
use serde::{Deserialize, Serialize};

use super::key::AnswerKey;

/// A claim of a process that died ends after this.
const CLAIM_TTL: Duration = Duration::from_mins(1);
const SWEEP_INTERVAL: Duration = Duration::from_mins(1);
/// A claim's version; the answer replaces it.
const CLAIMED: i64 = 1;

/// What is kept under a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Of the request's body.
    pub(super) fingerprint: String,
    /// An [`Answer`], sealed; unset while the request is at work.
    pub(super) sealed: Option<String>,
}

/// How a request was answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// Unset if it was too large or no text.
    pub(super) body: Option<String>,
}

/// How a request stands to its key.
pub(super) enum Claim {
    /// The key is new: go on, then [`Answers::keep`] or [`Answers::forget`].
    Won,
    /// The same request was answered.
    Answered(Answer),
}

/// Where doors keep what they answered to a key.
pub const DATABASE: DatabaseSpec =
    DatabaseSpec { name: "edge", durability: Durability::Process, migrations: &[] };

pub(super) struct Answers {
    documents: Documents,
    ttl: Duration,
}

impl Answers {
    pub(super) async fn open(host: &Host, ttl: Duration) -> Result<Self> {
        let database = host.database(DATABASE).await?;
        let documents = Documents::in_database(database.clone(), host.clock());
        let swept = documents.clone();
        jobs::every(host, &database, "sweep-answers", SWEEP_INTERVAL, move || {
            let documents = swept.clone();
            async move {
                while documents.sweep().await? > 0 {}
                Ok(())
            }
        });
        Ok(Self { documents, ttl })
    }

    /// Claims a key for a request.
    ///
    /// # Errors
    /// `KEY_REUSED` if the key was used for another body; `KEY_IN_USE` while the same request is at work.
    pub(super) async fn claim(&self, key: &AnswerKey, fingerprint: &str) -> Result<Claim> {
        let claim = Entry { fingerprint: fingerprint.to_owned(), sealed: None };
        // Between a lost put and the read the other claim may end; then there is one more turn.
        for _ in 0..3 {
            if self.documents.put(&key.name, 0, &claim, CLAIM_TTL).await? {
                return Ok(Claim::Won);
            }
            let Some(found) = self.documents.get::<Entry>(&key.name).await? else { continue };
            if found.body.fingerprint != fingerprint {
                return Err(Error::invalid(
                    "KEY_REUSED",
                    "this Idempotency-Key was used for another request; take a new one",
                ));
            }
            match found.body.sealed {
                Some(sealed) => return Ok(Claim::Answered(key.seal.open(&key.name, &sealed)?)),
                None => break,
            }
        }
        let error = Error::new(Code::Aborted, "KEY_IN_USE", "the same request is being worked on; try again");
        Err(error.with_retry_after(Duration::from_secs(1)))
    }

    pub(super) async fn keep(&self, key: &AnswerKey, fingerprint: String, answer: &Answer) -> Result<()> {
        let entry = Entry { fingerprint, sealed: Some(key.seal.seal(&key.name, answer)?) };
        self.documents.put(&key.name, CLAIMED, &entry, self.ttl).await.map(|_| ())
    }

    pub(super) async fn forget(&self, key: &AnswerKey) -> Result<()> {
        self.documents.delete(&key.name).await
    }
}
