//! Debian's packages.

use std::path::Path;

use anyhow::{Result, bail};

use crate::process;

/// Where servers are, which isn't on everybody's path.
const SERVERS_PATH: &str = "/usr/sbin";

/// Installs what is missing of these: each program and the package that has it.
pub(crate) fn ensure(programs: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<&str> =
        programs.iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| *package).collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    match programs.iter().find(|(program, _)| !is_there(program)) {
        Some((program, package)) => {
            bail!("{package} was installed, but there is no {program} on the path or in {SERVERS_PATH}")
        }
        None => Ok(()),
    }
}

fn is_there(program: &str) -> bool {
    process::succeeds(&mut process::command(program, &["-V"]))
        || Path::new(SERVERS_PATH).join(program).is_file()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_looked_for_where_it_may_be() {
        assert!(is_there("rustc"));
        assert!(!is_there("argosy-no-such-program"));
    }
}
