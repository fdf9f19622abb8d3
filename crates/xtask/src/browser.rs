//! The browser tests in e2e/: node's own test runner, playwright-core, and a Chromium of the system.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use cargo_metadata::camino::Utf8Path;

use crate::{
    counts::Counts,
    debian,
    process::{self, Watched},
    suites::Outcome,
    workspace::Workspace,
};

const CHROMIUM_PATHS: &[&str] = &["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const CHROMIUM_PACKAGES: &[&str] = &["chromium", "fonts-dejavu-core", "fonts-liberation"];
const NODE_PACKAGES: &[&str] = &["nodejs", "npm"];
const NODE_MAJOR_MIN: u32 = 20;

/// Installs what is missing, builds the binary and runs every test against it.
pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    let folder = workspace.path("e2e");
    let chromium = chromium()?;
    ensure_node()?;
    ensure_packages(&folder)?;
    let binary = workspace.build_binary()?;
    let mut tests = process::command("node", &["--test", "--test-reporter=spec", "--test-concurrency=1"]);
    tests
        .args(test_files(&folder)?)
        .current_dir(&folder)
        .env("ARGOSY_BIN", binary)
        .env("ARGOSY_CHROMIUM", chromium);
    let Watched { text, succeeded } = process::watched(&mut tests)?;
    Ok(Outcome { counts: Counts::of_node(&text), succeeded })
}

fn chromium() -> Result<&'static str> {
    if let Some(found) = installed_chromium() {
        return Ok(found);
    }
    debian::install(CHROMIUM_PACKAGES)?;
    installed_chromium().context("chromium was installed but is in none of the usual places")
}

fn installed_chromium() -> Option<&'static str> {
    CHROMIUM_PATHS.iter().copied().find(|path| Path::new(path).exists())
}

/// Node, new enough to run tests.
pub(crate) fn ensure_node() -> Result<()> {
    if !process::succeeds(&mut process::command("npm", &["--version"])) {
        debian::install(NODE_PACKAGES)?;
    }
    let version = process::quiet(&mut process::command("node", &["--version"]))?;
    if major(&version).is_none_or(|major| major < NODE_MAJOR_MIN) {
        bail!("these tests need node {NODE_MAJOR_MIN} or newer; this is {}", version.trim());
    }
    Ok(())
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn ensure_packages(folder: &Utf8Path) -> Result<()> {
    let wanted = fs::read(folder.join("package-lock.json")).context("e2e/package-lock.json is missing")?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("      installing the browser tests' npm packages");
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    process::quiet(process::command("npm", &arguments).current_dir(folder))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {stamp}"))
}

/// The tests right in a folder.
pub(crate) fn test_files(folder: &Utf8Path) -> Result<Vec<String>> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut tests: Vec<String> = names.collect::<Result<_>>()?;
    tests.retain(|name| name.ends_with(".test.mjs"));
    tests.sort();
    if tests.is_empty() {
        bail!("{folder} has no tests");
    }
    Ok(tests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_node_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20.1"), None);
    }

    #[test]
    fn only_test_files_are_run_and_there_must_be_some() {
        let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(test_files(folder).unwrap_err().to_string().contains("no tests"));
        assert!(test_files(&folder.join("../../e2e")).unwrap().contains(&"health.test.mjs".to_owned()));
    }
}
