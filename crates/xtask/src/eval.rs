//! Builds the shop and its judge as they are released, and lets the judge judge.

use anyhow::{Result, bail};
use cargo_metadata::camino::Utf8Path;
use clap::ValueEnum;

use crate::{bench, process, workspace::Workspace};

/// What can be judged by real data.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Subject {
    /// NDCG@10, recall and empty answers on rated queries, beside plain BM25
    Search,
}

/// Judges in full view; fails if the shop is no better than the baseline.
pub(crate) fn run(workspace: &Workspace, subject: Subject, data: &Utf8Path, each: bool) -> Result<()> {
    if !data.is_dir() {
        bail!("--data names {data}, which is not a folder; it is where the data sets are");
    }
    let built = bench::build(workspace)?;
    let subject = match subject {
        Subject::Search => "search",
    };
    let mut command = process::command(built.join("argosy-bench").as_str(), &["eval", subject]);
    command
        .args(["--argosy", built.join("argosy").as_str()])
        .args(["--scratch", workspace.scratch("eval").as_str()])
        .args(["--data", data.as_str()]);
    if each {
        command.arg("--each");
    }
    if !command.status()?.success() {
        bail!("the shop was not found good enough");
    }
    Ok(())
}
