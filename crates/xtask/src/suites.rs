//! All tests, suite by suite. A failed suite doesn't hide the next; the last line counts them all.

use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::{
    api, browser,
    counts::Counts,
    debian, drill,
    process::{self, Watched},
    proxies, report,
    servers::{self, Addresses, S3, Server, Stripe},
    tools,
    workspace::Workspace,
};

/// A set of tests with one runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// Unit and integration tests in Rust
    Rust,
    /// Examples in the documentation
    Examples,
    /// Purchases in headless Chromium
    Browser,
    /// The store API against its own document, by schemathesis
    Api,
    /// nginx and Varnish in front of the shop
    Proxies,
    /// A fleet to which something happens under load, in short
    Drills,
}

const ALL: &[Suite] =
    &[Suite::Rust, Suite::Examples, Suite::Browser, Suite::Api, Suite::Proxies, Suite::Drills];

/// What a suite came to.
pub(crate) struct Outcome {
    pub(crate) counts: Counts,
    pub(crate) succeeded: bool,
}

/// Runs the suites in full view, then prints one plain line, `N passed, N failed, N skipped`.
pub(crate) fn run(
    workspace: &Workspace,
    addresses: &Addresses,
    only: Option<Suite>,
    nextest: &[String],
) -> Result<()> {
    let chosen = chosen(only, nextest)?;
    let mut outcomes = Vec::new();
    for suite in chosen {
        println!("----  {suite:?}");
        let started = Instant::now();
        servers::ensure(suite.needs(), addresses, workspace)?;
        let outcome = suite.run(workspace, addresses, nextest)?;
        let mark = if outcome.succeeded { "ok  " } else { "FAIL" };
        println!("{mark}  {suite:?}: {} ({})", outcome.counts, report::time_of(started.elapsed()));
        outcomes.push(outcome);
    }
    let counts: Counts = outcomes.iter().map(|outcome| outcome.counts).sum();
    println!("{counts}");
    if outcomes.iter().any(|outcome| !outcome.succeeded) {
        bail!("tests failed");
    }
    Ok(())
}

/// Arguments for nextest are about Rust tests, so they choose that suite.
fn chosen(only: Option<Suite>, nextest: &[String]) -> Result<Vec<Suite>> {
    match (only, nextest.is_empty()) {
        (Some(Suite::Rust) | None, false) => Ok(vec![Suite::Rust]),
        (Some(other), false) => bail!("arguments for nextest go with the Rust tests, not with {other:?}"),
        (Some(suite), true) => Ok(vec![suite]),
        (None, true) => Ok(ALL.to_vec()),
    }
}

impl Suite {
    /// The servers that must answer before the suite starts.
    fn needs(self) -> &'static [Server] {
        match self {
            Self::Rust => servers::ALL,
            Self::Drills => &[Server::Postgres],
            Self::Examples | Self::Browser | Self::Api | Self::Proxies => &[],
        }
    }

    fn run(self, workspace: &Workspace, addresses: &Addresses, nextest: &[String]) -> Result<Outcome> {
        match self {
            Self::Rust => rust(workspace, nextest),
            Self::Examples => examples(),
            Self::Browser => browser::run(workspace),
            Self::Api => api::run(workspace),
            Self::Proxies => proxies::run(workspace),
            Self::Drills => drill::suite(workspace, addresses),
        }
    }
}

fn rust(workspace: &Workspace, arguments: &[String]) -> Result<Outcome> {
    servers::ensure_redis_program()?;
    debian::ensure(&[("pgbouncer", "pgbouncer")])?;
    let (s3, stripe) = (S3::ensure(workspace)?, Stripe::ensure(workspace)?);
    if let Err(failure) = tools::NEXTEST.ensure() {
        println!("      cargo-nextest could not be installed, so this is cargo's own runner: {failure:#}");
        return with_cargo_test(&s3, &stripe, arguments);
    }
    let mut command = process::command("cargo", &["nextest", "run"]);
    s3.tell(&mut command);
    stripe.tell(&mut command);
    if !names_a_package(arguments) {
        command.arg("--workspace");
    }
    let Watched { text, succeeded } = process::watched(command.args(arguments))?;
    Ok(Outcome { counts: Counts::of_nextest(&text), succeeded })
}

fn with_cargo_test(s3: &S3, stripe: &Stripe, arguments: &[String]) -> Result<Outcome> {
    if !arguments.is_empty() {
        bail!("these arguments are for cargo-nextest, which is not here: {}", arguments.join(" "));
    }
    let mut command =
        process::command("cargo", &["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"]);
    s3.tell(&mut command);
    stripe.tell(&mut command);
    let Watched { text, succeeded } = process::watched(&mut command)?;
    Ok(Outcome { counts: Counts::of_cargo_test(&text), succeeded })
}

fn examples() -> Result<Outcome> {
    let command = ["test", "--quiet", "--doc", "--workspace", "--no-fail-fast"];
    let Watched { text, succeeded } = process::watched(&mut process::command("cargo", &command))?;
    Ok(Outcome { counts: Counts::of_cargo_test(&text), succeeded })
}

fn names_a_package(arguments: &[String]) -> bool {
    arguments.iter().any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn without_wishes_every_suite_runs() {
        assert_eq!(chosen(None, &[]).unwrap(), ALL);
    }

    #[test]
    fn arguments_for_nextest_choose_the_rust_tests() {
        assert_eq!(chosen(None, &words("-p argosy-kernel")).unwrap(), [Suite::Rust]);
        assert!(chosen(Some(Suite::Browser), &words("law_2")).is_err());
    }

    #[test]
    fn a_named_package_replaces_the_whole_workspace() {
        assert!(
            names_a_package(&words("-p argosy-kernel")) && names_a_package(&words("--package=argosy-kernel"))
        );
        assert!(!names_a_package(&words("--no-capture law_2")));
    }
}
