//! nginx and Varnish with what `deploy/proxies` ships, before a real shop and before a careless one.

use anyhow::Result;

use crate::{
    browser,
    counts::Counts,
    debian,
    process::{self, Watched},
    suites::Outcome,
    workspace::Workspace,
};

/// Each program and the Debian package that has it.
const PROGRAMS: &[(&str, &str)] = &[("nginx", "nginx-light"), ("varnishd", "varnish")];

/// Installs what is missing, builds the binary and runs every test.
pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    browser::ensure_node()?;
    debian::ensure(PROGRAMS)?;
    let binary = workspace.build_binary()?;
    let folder = workspace.path("e2e/proxies");
    let mut tests = process::command("node", &["--test", "--test-reporter=spec", "--test-concurrency=1"]);
    tests.args(browser::test_files(&folder)?).current_dir(&folder).env("ARGOSY_BIN", binary);
    let Watched { text, succeeded } = process::watched(&mut tests)?;
    Ok(Outcome { counts: Counts::of_node(&text), succeeded })
}
