//! File lengths: a file that a reader can't hold in mind is split.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};

use crate::workspace::Workspace;

const LINES_MAX: usize = 600;
const LINES_WORTH_A_LOOK: usize = 400;

/// One Rust file and its length.
struct Length {
    file: Utf8PathBuf,
    lines: usize,
}

impl Length {
    fn to_line(&self) -> String {
        format!("{:>5} lines  {}\n", self.lines, self.file)
    }
}

/// Lists the long files; fails if one is too long.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let root = &workspace.metadata.workspace_root;
    let mut lengths = Vec::new();
    collect(root.join("crates").as_std_path(), root, &mut lengths)?;
    judge(lengths)
}

fn judge(mut lengths: Vec<Length>) -> Result<String> {
    lengths.sort_by_key(|length| length.lines);
    let long = lengths.iter().rev().take_while(|length| length.lines > LINES_WORTH_A_LOOK);
    let listed: String = long.map(Length::to_line).collect();
    let longest = lengths.last().map_or(0, |length| length.lines);
    if longest > LINES_MAX {
        bail!("{listed}a file may have {LINES_MAX} lines at most: split it by what its parts are for");
    }
    let (median, most) = (percentile(&lengths, 50), percentile(&lengths, 95));
    let count = lengths.len();
    Ok(format!("{listed}{count} files: median {median} lines, 95th percentile {most}, longest {longest}"))
}

/// The length that `percent` of the files don't exceed (nearest rank); `lengths` is sorted.
fn percentile(lengths: &[Length], percent: usize) -> usize {
    let rank = (lengths.len() * percent).div_ceil(100);
    lengths.get(rank.saturating_sub(1)).map_or(0, |length| length.lines)
}

fn collect(folder: &Path, root: &Utf8Path, lengths: &mut Vec<Length>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("node_modules") && !path.ends_with("target") {
                collect(&path, root, lengths)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let file = Utf8PathBuf::try_from(path.strip_prefix(root)?.to_path_buf())?;
            lengths.push(Length { file, lines: text.lines().count() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(lengths: impl IntoIterator<Item = usize>) -> Vec<Length> {
        lengths
            .into_iter()
            .map(|lines| Length { file: format!("crates/x/{lines}.rs").into(), lines })
            .collect()
    }

    #[test]
    fn a_file_at_the_limit_passes_and_is_listed() {
        let text = judge(files([600, 400, 401, 10])).unwrap();
        assert!(text.contains("  600 lines  crates/x/600.rs\n  401 lines"), "{text}");
        assert!(!text.contains("400.rs"), "{text}");
    }

    #[test]
    fn a_file_over_the_limit_fails_by_name() {
        let failure = judge(files([601, 20])).unwrap_err().to_string();
        assert!(failure.contains("crates/x/601.rs"), "{failure}");
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let lengths = files(1..=100);
        assert_eq!((percentile(&lengths, 50), percentile(&lengths, 95)), (50, 95));
        assert_eq!(percentile(&files([7]), 50), 7);
        assert_eq!(percentile(&[], 50), 0);
    }
}
