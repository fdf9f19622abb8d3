//! `argosy.example.toml` is printed by the binary itself, so it can't tell an old story.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{process, workspace::Workspace};

const FILE: &str = "argosy.example.toml";

/// Builds the binary and fails if the file differs from what it prints.
pub(crate) fn check(workspace: &Workspace) -> Result<String> {
    let printed = printed_by_the_binary(workspace)?;
    let kept = fs::read_to_string(workspace.path(FILE)).unwrap_or_default();
    if let Some(difference) = first_difference(&kept, &printed) {
        bail!(
            "{FILE} is out of date, first at {difference}\nwrite it with `cargo xtask example-config --write`"
        );
    }
    Ok(format!("{FILE} is up to date"))
}

/// Writes the file as the binary prints it.
pub(crate) fn write(workspace: &Workspace) -> Result<String> {
    let printed = printed_by_the_binary(workspace)?;
    fs::write(workspace.path(FILE), printed).with_context(|| format!("cannot write {FILE}"))?;
    Ok(format!("{FILE} written"))
}

fn printed_by_the_binary(workspace: &Workspace) -> Result<String> {
    let binary = workspace.build_binary()?;
    process::quiet(&mut process::command(binary.as_str(), &["config", "--example"]))
}

fn first_difference(kept: &str, printed: &str) -> Option<String> {
    if kept == printed {
        return None;
    }
    let (mut kept_lines, mut printed_lines) = (kept.lines(), printed.lines());
    let mut number = 1;
    loop {
        match (kept_lines.next(), printed_lines.next()) {
            (None, None) => return Some("its last line end".into()),
            (kept, printed) if kept == printed => number += 1,
            (kept, printed) => {
                let (kept, printed) = (kept.unwrap_or("(nothing)"), printed.unwrap_or("(nothing)"));
                return Some(format!("line {number}:\n  kept:    {kept}\n  printed: {printed}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_files_do_not_differ() {
        assert_eq!(first_difference("a = 1\n", "a = 1\n"), None);
    }

    #[test]
    fn the_first_different_line_is_shown_from_both_sides() {
        let difference = first_difference("a = 1\nb = 2\n", "a = 1\nb = 3\nc = 4\n").unwrap();
        assert_eq!(difference, "line 2:\n  kept:    b = 2\n  printed: b = 3");
    }

    #[test]
    fn a_missing_end_shows_as_nothing() {
        assert!(first_difference("", "a = 1\n").unwrap().contains("kept:    (nothing)"));
        assert_eq!(first_difference("a = 1", "a = 1\n").unwrap(), "its last line end");
    }
}
