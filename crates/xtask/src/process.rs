//! Running other programs: quietly, where only a failure is worth reading, or in full view.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context, Result, anyhow, bail};

/// How the names begin of what `cargo run` tells us about this package. A program that inherited it would believe it
/// is run by cargo, for this package: cargo-machete then misreads its arguments, and build scripts that look at the
/// environment (ring's) run again, with all that rests on them.
const SAID_BY_CARGO_RUN: &[&str] = &["CARGO_PKG_", "CARGO_MANIFEST_"];

/// A command in the workspace, with its arguments.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    let said = |name: &str| SAID_BY_CARGO_RUN.iter().any(|beginning| name.starts_with(beginning));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(said)) {
        command.env_remove(name);
    }
    command
}

/// Whether the program is there and ends well; its output is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Runs to the end and returns the standard output; a failure carries everything the program said.
pub(crate) fn quiet(command: &mut Command) -> Result<String> {
    let shown = shown_as(command);
    let output = command.output().with_context(|| format!("cannot run `{shown}`"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let complained = String::from_utf8_lossy(&output.stderr);
        bail!("`{shown}` failed ({})\n{said}{complained}", output.status);
    }
    Ok(said)
}

/// What a watched program said, and whether it ended well.
pub(crate) struct Watched {
    pub(crate) text: String,
    pub(crate) succeeded: bool,
}

/// Runs in full view, and keeps what it said so that its tests can be counted.
pub(crate) fn watched(command: &mut Command) -> Result<Watched> {
    let shown = shown_as(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run `{shown}`"))?;
    let stdout = child.stdout.take().context("the standard output was not piped")?;
    let stderr = child.stderr.take().context("the standard error was not piped")?;
    let text = thread::scope(|scope| {
        let complained = scope.spawn(|| relay(stderr));
        let said = relay(stdout)?;
        let complained = complained.join().map_err(|_| anyhow!("the reader of `{shown}` panicked"))??;
        anyhow::Ok(said + &complained)
    })?;
    Ok(Watched { text, succeeded: child.wait()?.success() })
}

fn relay(from: impl Read) -> io::Result<String> {
    let mut reader = BufReader::new(from);
    let mut text = String::new();
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        io::stdout().write_all(&line)?;
        text.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    Ok(text)
}

fn shown_as(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_carries_what_the_program_said() {
        let failure = quiet(&mut command("sh", &["-c", "echo out; echo err >&2; exit 3"])).unwrap_err();
        let text = failure.to_string();
        assert!(text.contains("exit status: 3") && text.contains("out\nerr"), "{text}");
    }

    #[test]
    fn a_watched_program_is_heard_on_both_channels() {
        let heard = watched(&mut command("sh", &["-c", "echo out; echo err >&2; exit 1"])).unwrap();
        assert_eq!(heard.text, "out\nerr\n");
        assert!(!heard.succeeded);
    }

    #[test]
    fn a_missing_program_does_not_succeed() {
        assert!(!succeeds(&mut command("argosy-no-such-program", &[])));
    }
}
