//! What cargo knows of this workspace.

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand, camino::Utf8PathBuf};

use crate::process;

/// Our own packages, without what they depend on from outside.
pub(crate) struct Workspace {
    pub(crate) metadata: Metadata,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self> {
        let metadata = MetadataCommand::new().no_deps().exec().context("cargo metadata did not answer")?;
        Ok(Self { metadata })
    }

    pub(crate) fn path(&self, relative: &str) -> Utf8PathBuf {
        self.metadata.workspace_root.join(relative)
    }

    /// Builds the store's own binary, with the features that the tests were built with, and says where it is.
    pub(crate) fn build_binary(&self) -> Result<Utf8PathBuf> {
        process::quiet(&mut process::command(
            "cargo",
            &["build", "--quiet", "--workspace", "--bin", "argosy"],
        ))?;
        Ok(self.metadata.target_directory.join("debug").join("argosy"))
    }

    /// A folder for what the tasks keep between runs; git doesn't see it.
    pub(crate) fn scratch(&self, name: &str) -> Utf8PathBuf {
        self.metadata.target_directory.join("xtask").join(name)
    }
}
