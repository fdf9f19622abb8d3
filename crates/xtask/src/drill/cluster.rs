//! A PostgreSQL of a drill's own, and a standby that has whatever was promised.
//!
//! Clients know one address, and what stands there passes them on to the primary, as a balancer or a name does.
//! PostgreSQL refuses to run as root: root has another user run it.

use std::{
    fs::{self, File},
    os::unix::{fs::chown, process::CommandExt},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};

use super::{line::Wire, pause, seconds_now};
use crate::{process, servers::free_port};

/// Where Debian has the programs, by version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Whom root has them run by: the first of these that there is.
const USERS: [&str; 2] = ["postgres", "nobody"];
const TIME_MAX: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(100);
/// Whatever else the settings say: only here, and quick to see that the other is gone.
const SETTINGS: &[&str] = &[
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    "wal_receiver_status_interval=1s",
    "-c",
    "max_connections=100",
];

/// A primary and its standby; dropped, both are gone.
pub(super) struct Cluster {
    programs: Utf8PathBuf,
    user: Option<User>,
    folder: Utf8PathBuf,
    logs: Utf8PathBuf,
    primary: Server,
    standby: Server,
    wire: Wire,
}

struct Server {
    name: &'static str,
    port: u16,
    child: Option<Child>,
}

#[derive(Clone, Copy)]
struct User {
    id: u32,
    group: u32,
}

impl Cluster {
    /// A primary that promises nothing before its standby has it.
    pub(super) fn start(logs: &Utf8Path) -> Result<Self> {
        let mut cluster = Self::alone(logs)?;
        cluster.add_standby()?;
        Ok(cluster)
    }

    /// A primary without a standby.
    pub(super) fn alone(logs: &Utf8Path) -> Result<Self> {
        fs::create_dir_all(logs)?;
        let is_root = process::quiet(&mut process::command("id", &["-u"]))?.trim() == "0";
        let user = if is_root { Some(other_user()?) } else { None };
        let temporary = Utf8PathBuf::try_from(std::env::temp_dir())?;
        // Outside the target folder, which may be where that user cannot go.
        let folder = temporary.join(format!("argosy-drill-{:08x}-{:x}", seconds_now(), std::process::id()));
        fs::create_dir(&folder)?;
        let server = |name| Ok::<_, anyhow::Error>(Server { name, port: free_port()?, child: None });
        let primary = server("one")?;
        let wire = Wire::to(primary.port)?;
        let programs = programs()?;
        let standby = server("two")?;
        let logs = logs.to_owned();
        let mut cluster = Self { programs, user, folder, logs, primary, standby, wire };
        if let Some(User { id, group }) = user {
            chown(&cluster.folder, Some(id), Some(group))?;
        }
        let data = cluster.data(&cluster.primary);
        process::quiet(cluster.program("initdb").args([
            "--pgdata",
            data.as_str(),
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]))?;
        cluster.start_primary()?;
        Ok(cluster)
    }

    /// Where clients find the primary, whichever it is.
    pub(super) fn url(&self) -> String {
        url_at(self.wire.port)
    }

    /// A copy of all that is there, as docs/operations.md has it made.
    pub(super) fn dump(&self, file: &Utf8Path) -> Result<()> {
        let mut command = process::command(self.programs.join("pg_dump").as_str(), &["--format=custom"]);
        process::quiet(command.arg("--file").arg(file).arg(self.url())).map(drop)
    }

    /// What a copy holds is there, as docs/operations.md has it restored.
    pub(super) fn restore(&self, file: &Utf8Path) -> Result<()> {
        let mut command = process::command(self.programs.join("pg_restore").as_str(), &["--no-owner"]);
        process::quiet(command.args(["--exit-on-error", "--dbname", &self.url()]).arg(file)).map(drop)
    }

    /// A fast shutdown: clients are told, and the standby has everything.
    pub(super) fn stop_primary(&mut self) -> Result<()> {
        let mut child = self.primary.take()?;
        signal("INT", &[child.id()])?;
        let started = Instant::now();
        while child.try_wait()?.is_none() {
            ensure!(started.elapsed() < TIME_MAX, "PostgreSQL did not end within {} s", TIME_MAX.as_secs());
            pause(POLL);
        }
        Ok(())
    }

    pub(super) fn start_primary(&mut self) -> Result<()> {
        self.primary.child = Some(self.run(&self.primary, None)?);
        wait_for("PostgreSQL answers", || answers(&self.primary, "select 'yes'", "yes"))
    }

    /// SIGKILL, to all its processes at once, as when its machine dies.
    pub(super) fn kill_primary(&mut self) -> Result<()> {
        self.primary.kill()
    }

    pub(super) fn kill_standby(&mut self) -> Result<()> {
        self.standby.kill()
    }

    /// Where it was.
    pub(super) fn start_standby(&mut self) -> Result<()> {
        self.standby.child = Some(self.run(&self.standby, Some(&self.primary))?);
        wait_for("the standby answers", || answers(&self.standby, "select pg_is_in_recovery()", "t"))
    }

    /// The standby becomes the primary, and clients are sent there.
    pub(super) fn promote_standby(&mut self) -> Result<()> {
        self.promote()?;
        self.send_clients();
        Ok(())
    }

    /// Standby and primary change places, and the old primary is back before clients are sent to the new one: whoever has
    /// connected in between stays where nothing can be written.
    pub(super) fn change_places(&mut self, in_between: Duration) -> Result<()> {
        self.stop_primary()?;
        self.promote()?;
        self.follow()?;
        pause(in_between);
        self.send_clients();
        Ok(())
    }

    fn promote(&mut self) -> Result<()> {
        // It waits for nobody until it has a standby itself.
        asked(&self.standby, "alter system reset synchronous_standby_names")?;
        asked(&self.standby, "select pg_reload_conf()")?;
        asked(&self.standby, "select pg_promote(wait => true, wait_seconds => 60)")?;
        std::mem::swap(&mut self.primary, &mut self.standby);
        wait_for("the standby is promoted", || answers(&self.primary, "select pg_is_in_recovery()", "f"))
    }

    fn send_clients(&self) {
        self.wire.point_to(self.primary.port);
    }

    /// A new copy of the primary takes part, and from then on nothing is promised without it.
    pub(super) fn add_standby(&mut self) -> Result<()> {
        let data = self.data(&self.standby);
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let from = self.primary.port.to_string();
        process::quiet(self.program("pg_basebackup").args([
            "--pgdata",
            data.as_str(),
            "--checkpoint=fast",
            "--no-sync",
            "--host=127.0.0.1",
            "--username=postgres",
            "--port",
            &from,
        ]))?;
        self.follow()
    }

    fn follow(&mut self) -> Result<()> {
        fs::write(self.data(&self.standby).join("standby.signal"), "")?;
        self.start_standby()?;
        asked(&self.primary, "alter system set synchronous_standby_names = '*'")?;
        asked(&self.primary, "select pg_reload_conf()")?;
        wait_for("the standby follows", || {
            answers(&self.primary, "select sync_state from pg_stat_replication", "sync")
        })
    }

    fn data(&self, server: &Server) -> Utf8PathBuf {
        self.folder.join(server.name)
    }

    fn run(&self, server: &Server, follows: Option<&Server>) -> Result<Child> {
        let log = self.logs.join(format!("postgres-{}.log", server.name));
        let log = File::options().create(true).append(true).open(log)?;
        let errors = log.try_clone()?;
        let mut command = self.program("postgres");
        command.args(["-D", self.data(server).as_str(), "-p", &server.port.to_string()]);
        command.args(["-k", self.folder.as_str()]).args(SETTINGS);
        if let Some(Server { port, .. }) = follows {
            command.args(["-c", &format!("primary_conninfo=host=127.0.0.1 port={port} user=postgres")]);
        }
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        command.spawn().context("PostgreSQL does not run")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = process::command(self.programs.join(name).as_str(), &[]);
        command.current_dir(&self.folder);
        if let Some(User { id, group }) = self.user {
            command.uid(id).gid(group);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for server in [&mut self.primary, &mut self.standby] {
            if server.child.is_some() {
                // It may have ended by itself.
                drop(server.kill());
            }
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            println!("      {} stays: {error}", self.folder);
        }
    }
}

impl Server {
    fn take(&mut self) -> Result<Child> {
        self.child.take().with_context(|| format!("PostgreSQL {} does not run", self.name))
    }

    /// Its processes are groups of their own, so each is named.
    fn kill(&mut self) -> Result<()> {
        let mut child = self.take()?;
        let id = child.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let children = children.split_whitespace().filter_map(|id| id.parse().ok());
        let all: Vec<u32> = std::iter::once(id).chain(children).collect();
        // Some may have ended in between.
        drop(signal("KILL", &all));
        child.wait()?;
        Ok(())
    }
}

fn signal(name: &str, ids: &[u32]) -> Result<()> {
    let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
    process::quiet(process::command("kill", &[&format!("-{name}")]).args(ids)).map(drop)
}

fn url_at(port: u16) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/postgres")
}

fn asked(server: &Server, statement: &str) -> Result<String> {
    let url = url_at(server.port);
    let arguments = ["--no-psqlrc", "--tuples-only", "--no-align", "--command", statement, &url];
    Ok(process::quiet(&mut process::command("psql", &arguments))?.trim().to_owned())
}

fn answers(server: &Server, statement: &str, wanted: &str) -> bool {
    asked(server, statement).is_ok_and(|answer| answer == wanted)
}

fn wait_for(what: &str, holds: impl Fn() -> bool) -> Result<()> {
    let started = Instant::now();
    while !holds() {
        if started.elapsed() > TIME_MAX {
            bail!(
                "it is not so within {} s that {what}; what it said is beside what the processes said",
                TIME_MAX.as_secs()
            );
        }
        pause(POLL);
    }
    Ok(())
}

/// The newest that Debian's package has put there.
fn programs() -> Result<Utf8PathBuf> {
    let versions = Utf8Path::new(VERSIONS).read_dir_utf8().into_iter().flatten().flatten();
    let there = versions.filter(|version| version.path().join("bin/initdb").is_file());
    let newest = there.max_by_key(|version| version.file_name().parse::<u32>().unwrap_or(0));
    newest.map(|version| version.path().join("bin")).with_context(|| {
        format!("there is no initdb under {VERSIONS}. On Debian: apt-get install postgresql")
    })
}

fn other_user() -> Result<User> {
    let users = fs::read_to_string(Path::new("/etc/passwd"))?;
    USERS.iter().find_map(|name| user_of(&users, name)).with_context(|| {
        format!("PostgreSQL does not run as root, and there is no user {}", USERS.join(" or "))
    })
}

/// A user's line: `name:password:id:group:…`.
fn user_of(users: &str, name: &str) -> Option<User> {
    let line = users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let mut fields = line.split(':').skip(1);
    Some(User { id: fields.next()?.parse().ok()?, group: fields.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users =
            "root:x:0:0:root:/root:/bin/sh\npostgresql:x:7:7::/:/bin/sh\npostgres:x:105:109::/:/bin/bash\n";
        let user = user_of(users, "postgres").unwrap();
        assert_eq!((user.id, user.group), (105, 109));
        assert!(user_of(users, "post").is_none());
    }
}
