//! What we build upon: licences, banned crates and sources (deny.toml), and nothing that is unused.
//!
//! Advisories are left out on purpose: their database is fetched from the network at each run, which would make
//! CI fail for reasons outside the commit. `cargo deny check advisories` does it by hand.

use anyhow::Result;

use crate::{process, tools, workspace::Workspace};

/// Fails with the tools' own words.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    tools::DENY.ensure()?;
    tools::MACHETE.ensure()?;
    let root = workspace.metadata.workspace_root.as_std_path();
    let deny = ["deny", "--log-level", "error", "check", "bans", "licenses", "sources"];
    process::quiet(process::command("cargo", &deny).current_dir(root))?;
    process::quiet(process::command("cargo", &["machete", "--skip-target-dir", "crates"]).current_dir(root))?;
    Ok("licences, bans and sources as in deny.toml; none unused".into())
}
