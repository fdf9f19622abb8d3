//! Debian's packages.

use anyhow::{Result, bail};

use crate::process;

/// Installs packages, or says the exact command for whoever may.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let packages_text = packages.join(" ");
    let is_root = process::quiet(&mut process::command("id", &["-u"])).is_ok_and(|id| id.trim() == "0");
    let has_apt = process::succeeds(&mut process::command("apt-get", &["--version"]));
    if !(is_root && has_apt) {
        bail!("these tests need {packages_text}; on Debian: sudo apt-get install {packages_text}");
    }
    println!("      installing {packages_text}");
    process::quiet(&mut apt(&["update"]))?;
    process::quiet(apt(&["install", "--yes", "--no-install-recommends"]).args(packages)).map(drop)
}

fn apt(arguments: &[&str]) -> std::process::Command {
    let mut command = process::command("apt-get", arguments);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    // Servers that come with their packages are not started: tests start what they need.
    command.env("RUNLEVEL", "1");
    command
}
