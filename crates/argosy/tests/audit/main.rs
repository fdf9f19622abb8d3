//! `argosy audit`: a good store balances, and whatever is tampered with is found and named.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../support/mod.rs"]
mod support;

mod good;
mod tampered;

use std::{path::Path, process::Stdio};

use argosy_testkit::Schemas;
use serde_json::Value;
use tokio::process::Command;

/// What the command answered.
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) report: Value,
    pub(crate) said: String,
}

impl Answer {
    /// The kinds and ids of what does not balance, in order.
    pub(crate) fn differences(&self) -> Vec<(String, String)> {
        let text = |difference: &Value, field: &str| difference[field].as_str().unwrap().to_owned();
        let differences = self.report["differences"].as_array().unwrap().iter();
        let mut found: Vec<_> = differences.map(|one| (text(one, "kind"), text(one, "id"))).collect();
        found.sort_unstable();
        found
    }

    pub(crate) fn compared(&self, what: &str) -> u64 {
        self.report["compared"][what].as_u64().unwrap()
    }
}

/// Audits the store in a folder, or in schemas of PostgreSQL.
pub(crate) async fn audit(folder: &Path, schemas: Option<&Schemas>) -> Answer {
    audit_with(folder, schemas, &[]).await
}

pub(crate) async fn audit_with(folder: &Path, schemas: Option<&Schemas>, env: &[(String, String)]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argosy"));
    command.args(["audit", "--json", "--patience-s", "0", "--data"]).arg(folder);
    if let Some(schemas) = schemas {
        command.env("ARGOSY_DATABASE__URL", schemas.url());
        command.env("ARGOSY_DATABASE__SCHEMA_PREFIX", schemas.prefix());
    }
    command.envs(env.iter().map(|(key, value)| (key, value)));
    let done = command.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
    Answer {
        code: done.status.code().unwrap(),
        report: serde_json::from_slice(&done.stdout).unwrap_or_default(),
        said: String::from_utf8(done.stderr).unwrap(),
    }
}
