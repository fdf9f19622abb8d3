//! Cargo's own helpers that the tasks use; one that is missing is built from source, once a machine.

use anyhow::Result;

use crate::process;

/// A cargo subcommand and where it comes from.
pub(crate) struct Tool {
    subcommand: &'static str,
    package: &'static str,
    version: &'static str,
    install_time: &'static str,
}

pub(crate) const NEXTEST: Tool = Tool {
    subcommand: "nextest",
    package: "cargo-nextest",
    version: "^0.9",
    install_time: "several minutes",
};
pub(crate) const DENY: Tool =
    Tool { subcommand: "deny", package: "cargo-deny", version: "^0.20", install_time: "about 2 min 30 s" };
pub(crate) const MACHETE: Tool =
    Tool { subcommand: "machete", package: "cargo-machete", version: "^0.9", install_time: "about a minute" };

impl Tool {
    /// Builds the tool if this machine doesn't have it. Any installed version will do.
    pub(crate) fn ensure(&self) -> Result<()> {
        if process::succeeds(&mut process::command("cargo", &[self.subcommand, "--version"])) {
            return Ok(());
        }
        println!("      installing {} ({} on two cores, once)", self.package, self.install_time);
        let arguments = ["install", "--locked", "--quiet", "--version", self.version, self.package];
        // Its own throw-away target folder: ours stays free for others and doesn't grow.
        process::quiet(process::command("cargo", &arguments).env_remove("CARGO_TARGET_DIR")).map(drop)
    }
}
