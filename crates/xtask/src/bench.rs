//! Builds the shop and its load driver as they are released, and lets the driver measure.

use anyhow::{Result, bail};
use cargo_metadata::camino::Utf8PathBuf;

use crate::{
    process,
    servers::{self, Addresses, Server},
    workspace::Workspace,
};

/// Rows as JSON, for whoever compares runs; git doesn't see it.
const OUTPUT: &str = "bench/results/latest.json";

/// One after the other: built together, the shop would have the features that only the driver asks for.
const PACKAGES: &[&str] = &["argosy", "argosy-bench"];

/// Where the two are, built.
pub(crate) fn build(workspace: &Workspace) -> Result<Utf8PathBuf> {
    for package in PACKAGES {
        process::quiet(&mut process::command(
            "cargo",
            &["build", "--quiet", "--release", "--package", package],
        ))?;
    }
    Ok(workspace.metadata.target_directory.join("release"))
}

/// Measures in full view. A target that is missed is a row that says so, not a failure.
pub(crate) fn run(
    workspace: &Workspace,
    addresses: &Addresses,
    quick: bool,
    products: &[usize],
) -> Result<()> {
    servers::ensure(&[Server::Postgres, Server::Redis, Server::Nats], addresses, workspace)?;
    let built = build(workspace)?;
    let mut command = process::command(built.join("argosy-bench").as_str(), &["run"]);
    command
        .args(["--argosy", built.join("argosy").as_str()])
        .args(["--scratch", workspace.scratch("bench").as_str()])
        .args(["--output", workspace.path(OUTPUT).as_str()])
        .args(["--postgres-url", addresses.postgres_url()]);
    if quick {
        command.arg("--quick");
    }
    if !products.is_empty() {
        let sizes: Vec<String> = products.iter().map(ToString::to_string).collect();
        command.args(["--products", &sizes.join(","), "--listed-products", "0"]);
    }
    if !command.status()?.success() {
        bail!("the measurement failed");
    }
    Ok(())
}
