//! The real servers that tests of the fleet talk to. Each is found at its address, or started from Debian's
//! package, or the message says which package to install.
//!
//! A server started here keeps running for the next run; its state lies under the target folder. What stands in for S3
//! comes from PyPI and has no address of its own: it takes a free port, and tests are told which.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream, ToSocketAddrs},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use crate::{process, python, workspace::Workspace};

const POSTGRES_URL: &str = "postgres://argosy:argosy@127.0.0.1:5432/argosy_test";
const START_TIME_MAX: Duration = Duration::from_secs(30);
const CONNECT_TIME_MAX: Duration = Duration::from_millis(250);

/// Where the test servers are.
#[derive(Args, Clone)]
pub(crate) struct Addresses {
    #[arg(
        long = "postgres-url",
        global = true,
        env = "ARGOSY_TEST_POSTGRES_URL",
        hide_env_values = true,
        default_value = POSTGRES_URL
    )]
    postgres: String,
    #[arg(
        long = "redis-url",
        global = true,
        env = "ARGOSY_TEST_REDIS_URL",
        hide_env_values = true,
        default_value = "redis://127.0.0.1:6379"
    )]
    redis: String,
    #[arg(
        long = "nats-url",
        global = true,
        env = "ARGOSY_TEST_NATS_URL",
        hide_env_values = true,
        default_value = "nats://127.0.0.1:4222"
    )]
    nats: String,
}

impl Addresses {
    pub(crate) fn postgres_url(&self) -> &str {
        &self.postgres
    }
}

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Postgres,
    Redis,
    Nats,
}

pub(crate) const ALL: &[Server] = &[Server::Postgres, Server::Redis, Server::Nats];

/// Makes sure that each of these answers.
pub(crate) fn ensure(servers: &[Server], addresses: &Addresses, workspace: &Workspace) -> Result<String> {
    let lines = servers.iter().map(|server| server.ensure(addresses, workspace));
    Ok(lines.collect::<Result<Vec<_>>>()?.join("\n"))
}

impl Server {
    fn ensure(self, addresses: &Addresses, workspace: &Workspace) -> Result<String> {
        let url = self.url(addresses);
        let Address { host, port } = Address::of(url, self.default_port())?;
        if answers(&host, port) {
            self.let_tests_in(url)?;
            return Ok(format!("{self:?} answers at {host}:{port}"));
        }
        if host != "127.0.0.1" && host != "localhost" {
            bail!("{self:?} does not answer at {host}:{port}, and only a local one can be started from here");
        }
        let folder = workspace.scratch("servers").join(format!("{self:?}").to_lowercase());
        self.start(port, &folder).with_context(|| self.advice())?;
        wait_for(&host, port)
            .with_context(|| format!("{self:?} was started; its state and log are in {folder}"))?;
        self.let_tests_in(url)?;
        Ok(format!("{self:?} started at {host}:{port}"))
    }

    /// PostgreSQL lets nobody in by default: the role and the database of the default address are made.
    fn let_tests_in(self, url: &str) -> Result<()> {
        match self {
            Self::Postgres if may_log_in(url) => sweep(url),
            Self::Postgres if url == POSTGRES_URL => create_role_and_database(),
            Self::Postgres => bail!("PostgreSQL answers, but not to the role and database of its address"),
            Self::Redis | Self::Nats => Ok(()),
        }
    }

    fn url(self, addresses: &Addresses) -> &str {
        match self {
            Self::Postgres => &addresses.postgres,
            Self::Redis => &addresses.redis,
            Self::Nats => &addresses.nats,
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Postgres => 5432,
            Self::Redis => 6379,
            Self::Nats => 4222,
        }
    }

    fn advice(self) -> String {
        let package = match self {
            Self::Postgres => "postgresql",
            Self::Redis => "redis-server",
            Self::Nats => "nats-server",
        };
        format!("{self:?} is not running and did not start here. On Debian: apt-get install {package}")
    }

    fn start(self, port: u16, folder: &Utf8Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        let port = port.to_string();
        match self {
            Self::Postgres => {
                process::quiet(&mut process::command("service", &["postgresql", "start"])).map(drop)
            }
            Self::Redis => {
                let arguments =
                    ["--port", &port, "--bind", "127.0.0.1", "--dir", folder.as_str(), "--save", ""];
                leave_running(process::command("redis-server", &arguments), folder)
            }
            Self::Nats => {
                let arguments =
                    ["--jetstream", "--addr", "127.0.0.1", "--port", &port, "--store_dir", folder.as_str()];
                leave_running(process::command("nats-server", &arguments), folder)
            }
        }
    }
}

/// What tests take for S3.
pub(crate) struct S3 {
    program: Utf8PathBuf,
    port: u16,
}

impl S3 {
    /// Finds the one that was started before, or starts one.
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.scratch("servers").join("s3");
        let program =
            python::ensure("moto_server", &workspace.path("crates/testkit/requirements.txt"), &folder)?;
        let note = folder.join("port.txt");
        let noted = fs::read_to_string(&note).ok().and_then(|port| port.parse().ok());
        if let Some(port) = noted.filter(|port| is_s3(*port)) {
            return Ok(Self { program, port });
        }
        let port = free_port()?;
        let arguments = ["--host", "127.0.0.1", "--port", &port.to_string()];
        leave_running(process::command(program.as_str(), &arguments), &folder)?;
        wait_for("127.0.0.1", port)
            .with_context(|| format!("{program} was started; its log is in {folder}"))?;
        // Its first request of S3 loads half of it, which takes longer than a test waits.
        ask(port, &format!("GET / HTTP/1.1\r\n{OF_S3}"), START_TIME_MAX)
            .with_context(|| format!("{program} does not answer as S3; its log is in {folder}"))?;
        fs::write(&note, port.to_string()).with_context(|| format!("cannot write {note}"))?;
        Ok(Self { program, port })
    }

    /// Tells tests where it is, and which program they may start and kill themselves.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.env("ARGOSY_TEST_S3_URL", format!("http://127.0.0.1:{}", self.port));
        command.env("ARGOSY_TEST_S3_SERVER", &self.program);
    }
}

/// What tests take for Stripe; each starts its own.
pub(crate) struct Stripe {
    program: Utf8PathBuf,
}

impl Stripe {
    /// Installs it, unless it is there.
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Self> {
        let requirements = workspace.path("crates/testkit/requirements-stripe.txt");
        let folder = workspace.scratch("servers").join("stripe");
        Ok(Self { program: python::ensure("localstripe", &requirements, &folder)? })
    }

    /// Tells tests which program they may start.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.env("ARGOSY_TEST_STRIPE_SERVER", &self.program);
    }
}

/// Whether it is ours and not somebody who came to this port later.
fn is_s3(port: u16) -> bool {
    let answer = ask(port, "HEAD /moto-api/ HTTP/1.1\r\n", Duration::from_secs(2));
    answer.is_ok_and(|answer| answer.contains("Werkzeug"))
}

/// What says of a request which of the services it is for.
const OF_S3: &str = "authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, \
                     SignedHeaders=host, Signature=0\r\n";

/// Just enough HTTP to ask something: the whole answer to a request line and headers.
fn ask(port: u16, head: &str, time_max: Duration) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), CONNECT_TIME_MAX)?;
    stream.set_read_timeout(Some(time_max))?;
    stream.write_all(format!("{head}host: localhost\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// A port that is free now.
#[expect(clippy::disallowed_types, reason = "serves nothing: it only asks for a number that is free")]
pub(crate) fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Tests start and kill a Redis of their own: the program must be there.
pub(crate) fn ensure_redis_program() -> Result<()> {
    if process::succeeds(&mut process::command("redis-server", &["--version"])) {
        return Ok(());
    }
    bail!("tests start a Redis of their own, and there is no redis-server. {}", Server::Redis.advice())
}

fn may_log_in(url: &str) -> bool {
    process::succeeds(&mut process::command("psql", &["--no-psqlrc", "--command", "select 1", url]))
}

fn create_role_and_database() -> Result<()> {
    for statement in
        ["create role argosy login password 'argosy'", "create database argosy_test owner argosy"]
    {
        let psql = ["-u", "postgres", "--", "psql", "--no-psqlrc", "--command", statement];
        let made = process::quiet(process::command("runuser", &psql).current_dir("/"));
        if let Err(failure) = made
            && !failure.to_string().contains("already exists")
        {
            return Err(failure.context(format!("PostgreSQL needs, by its administrator: {statement};")));
        }
    }
    Ok(())
}

/// Drops schemas that killed tests left behind. Their names begin with when they were made, in hexadecimal seconds;
/// what is younger than an hour may be in use. Then what all of them left in the catalogues is cleared away, which slows every
/// test down where the server does not do it by itself.
fn sweep(url: &str) -> Result<()> {
    let statement = "do $$ declare name text; begin \
         for name in select nspname from pg_namespace \
                      where nspname ~ '^t[0-9a-f]{8}_' \
                        and nspname < 't' || to_hex(extract(epoch from now())::bigint - 3600) \
         loop execute format('drop schema %I cascade', name); commit; end loop; end $$";
    process::quiet(&mut process::command(
        "psql",
        &["--no-psqlrc", "--quiet", "--command", statement, "--command", "vacuum", url],
    ))
    .context("cannot drop the schemas of earlier tests")
    .map(drop)
}

fn leave_running(mut command: Command, folder: &Utf8Path) -> Result<()> {
    let log = File::create(folder.join("server.log"))?;
    let errors = log.try_clone()?;
    command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn().context("cannot run it")?;
    Ok(())
}

fn answers(host: &str, port: u16) -> bool {
    let Ok(mut addresses) = (host, port).to_socket_addrs() else {
        return false;
    };
    addresses.any(|address| TcpStream::connect_timeout(&address, CONNECT_TIME_MAX).is_ok())
}

#[expect(clippy::disallowed_methods, reason = "another program's port can only be polled")]
fn wait_for(host: &str, port: u16) -> Result<()> {
    let started = Instant::now();
    while !answers(host, port) {
        if started.elapsed() > START_TIME_MAX {
            bail!("no answer at {host}:{port} within {} s", START_TIME_MAX.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Host and port of a URL.
#[derive(Debug, PartialEq, Eq)]
struct Address {
    host: String,
    port: u16,
}

impl Address {
    fn of(url: &str, default_port: u16) -> Result<Self> {
        let (_, rest) = url.split_once("://").with_context(|| format!("`{url}` is not a URL"))?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, after)| after);
        let (host, port) = match host_and_port.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().with_context(|| format!("`{port}` is not a port"))?),
            None => (host_and_port, default_port),
        };
        Ok(Self { host: host.to_owned(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> (String, u16) {
        let Address { host, port } = Address::of(url, 5432).unwrap();
        (host, port)
    }

    #[test]
    fn an_address_is_read_from_a_url_with_or_without_its_parts() {
        assert_eq!(address("postgres://a:b@db.example:6000/shop?x=1"), ("db.example".into(), 6000));
        assert_eq!(address("postgres://127.0.0.1/shop"), ("127.0.0.1".into(), 5432));
        assert_eq!(address("redis://localhost"), ("localhost".into(), 5432));
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        assert!(Address::of("localhost:5432", 1).is_err());
        assert!(Address::of("nats://localhost:port", 1).is_err());
    }

    #[test]
    fn a_missing_server_says_which_package_to_install() {
        assert!(Server::Nats.advice().ends_with("apt-get install nats-server"));
    }
}
