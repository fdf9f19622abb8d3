//! What CI runs, in the order that fails fastest.

use anyhow::{Context, Result};

use crate::{
    dependencies, deploy, example_config, layers, process, report::Report, servers::Addresses, sizes, suites,
    workspace::Workspace,
};

const FORMAT: &[&str] = &["fmt", "--all", "--", "--check", "--files-with-diff"];
const LINT: &[&str] = &["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"];
const DOCUMENT: &[&str] = &["doc", "--quiet", "--workspace", "--no-deps"];

/// Stops at the first step that fails, with what it said.
pub(crate) fn run(workspace: &Workspace, addresses: &Addresses) -> Result<()> {
    let mut report = Report::start("ci");
    report.step("fmt", format)?;
    report.step("clippy", || process::quiet(&mut process::command("cargo", LINT)))?;
    report.step("layers", || layers::check(workspace))?;
    report.step("sizes", || sizes::check(workspace))?;
    report.step("dependencies", || dependencies::check(workspace))?;
    report.step("docs", document)?;
    report.step("example config", || example_config::check(workspace))?;
    report.step("deploy", || deploy::check(workspace))?;
    report.step("tests", || suites::run(workspace, addresses, None, &[]).map(|()| String::new()))?;
    report.finish();
    Ok(())
}

fn format() -> Result<String> {
    process::quiet(&mut process::command("cargo", FORMAT))
        .context("`cargo fmt --all` would change these files")
}

fn document() -> Result<String> {
    process::quiet(process::command("cargo", DOCUMENT).env("RUSTDOCFLAGS", "--deny warnings"))
}
