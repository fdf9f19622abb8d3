//! nginx and Varnish with what `deploy/proxies` ships, before a real shop and before a careless one.

use std::path::Path;

use anyhow::{Result, bail};

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
/// Where servers are, which isn't on everybody's path.
const SERVERS_PATH: &str = "/usr/sbin";

/// Installs what is missing, builds the binary and runs every test.
pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    browser::ensure_node()?;
    let missing: Vec<&str> =
        PROGRAMS.iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| *package).collect();
    if !missing.is_empty() {
        debian::install(&missing)?;
    }
    if let Some((program, package)) = PROGRAMS.iter().find(|(program, _)| !is_there(program)) {
        bail!("{package} was installed, but there is no {program} on the path or in {SERVERS_PATH}");
    }
    let binary = workspace.build_binary()?;
    let folder = workspace.path("e2e/proxies");
    let mut tests = process::command("node", &["--test", "--test-reporter=spec", "--test-concurrency=1"]);
    tests.args(browser::test_files(&folder)?).current_dir(&folder).env("ARGOSY_BIN", binary);
    let Watched { text, succeeded } = process::watched(&mut tests)?;
    Ok(Outcome { counts: Counts::of_node(&text), succeeded })
}

fn is_there(program: &str) -> bool {
    process::succeeds(&mut process::command(program, &["-V"]))
        || Path::new(SERVERS_PATH).join(program).is_file()
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
