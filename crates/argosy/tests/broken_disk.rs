//! The disk cannot be written: said at once, with the folder's name.
//!
//! The process gets a file system of its own in a mount namespace: nobody else sees it, and it goes with the process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
};

/// `argosy` after a script has prepared the file systems that only it sees. `$1` is the data folder.
fn in_its_own_mounts(script: &str, data: &Path, log: &Path) -> Command {
    let log = File::create(log).unwrap();
    let mut command = Command::new("unshare");
    command
        .args([
            "--mount",
            "--map-root-user",
            "sh",
            "-ec",
            &format!("{script}; exec \"$2\" serve --data \"$1\""),
        ])
        .arg("sh")
        .arg(data)
        .arg(env!("CARGO_BIN_EXE_argosy"))
        .envs([("ARGOSY_DATA__DEMO", "false"), ("ARGOSY_HTTP__LISTEN", "127.0.0.1:0")])
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .stdin(Stdio::null());
    command
}

#[test]
fn a_folder_that_cannot_be_written_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    fs::create_dir(&data).unwrap();
    let script = "mount --bind \"$1\" \"$1\"; mount -o remount,ro,bind \"$1\"";
    let refused = in_its_own_mounts(script, &data, &log).status().unwrap();
    let said = fs::read_to_string(&log).unwrap();
    assert_eq!(refused.code(), Some(3), "{said}");
    assert!(
        said.contains("cannot write in the data folder") && said.contains(data.to_str().unwrap()),
        "{said}"
    );
    assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
}
