//! A fleet of processes, each a role, and the servers that they share.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpStream},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::camino::Utf8Path;

use super::{
    http::{Request, send},
    line::{Line, Wire},
    pause, seconds_now,
};
use crate::{process, servers::free_port};

/// What runs together in one process.
const ROLES: &[(&str, &str)] = &[
    ("catalog", "catalog,media"),
    ("inventory", "inventory"),
    ("payments", "payments"),
    ("cart", "pricing,cart"),
    ("orders", "orders,notifications"),
    ("search", "search"),
    ("door", "store-api"),
];
/// A debug build on a machine with much else to do.
const READY_TIME_MAX: Duration = Duration::from_mins(2);
/// `http.drain_timeout_s` and as long again.
const STOP_TIME_MAX: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(100);

/// What a fleet is made of and where.
pub(super) struct Place<'a> {
    pub(super) binary: &'a Utf8Path,
    pub(super) folder: &'a Utf8Path,
    pub(super) postgres_url: &'a str,
}

/// A running fleet; dropped, all of it is gone.
pub(super) struct Fleet<'a> {
    place: &'a Place<'a>,
    prefix: String,
    environment: Vec<(String, String)>,
    addresses: Vec<(String, String)>,
    roles: Vec<Role>,
    servers: [Server; 2],
    line: Option<Wire>,
}

/// A server that all processes share, besides PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    Redis,
    Nats,
}

struct Server {
    port: u16,
    child: Mutex<Option<Child>>,
}

struct Role {
    name: String,
    services: &'static str,
    door: u16,
    rpc: u16,
    beside: u16,
    child: Mutex<Option<Child>>,
}

/// Where the tables of a fleet come from.
#[derive(Clone, Copy)]
enum Tables<'g> {
    /// They are made, and these goods are in them.
    New(&'g [(String, u32, u32)]),
    /// They are there, in schemas that begin with this.
    There(&'g str),
}

impl<'a> Fleet<'a> {
    /// A fleet of so many processes a role, whose shop has these goods: handle, price and units on hand.
    pub(super) fn start(place: &'a Place<'a>, goods: &[(String, u32, u32)], copies: usize) -> Result<Self> {
        Self::start_as(place, Tables::New(goods), copies, None, &[])
    }

    /// A fleet of one process a role, one of which is reached over a line that may be cut.
    pub(super) fn start_with_line(
        place: &'a Place<'a>,
        goods: &[(String, u32, u32)],
        role: &str,
    ) -> Result<Self> {
        Self::start_as(place, Tables::New(goods), 1, Some(role), &[])
    }

    /// A fleet of one process a role, with settings of its own.
    pub(super) fn start_with(
        place: &'a Place<'a>,
        goods: &[(String, u32, u32)],
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        Self::start_as(place, Tables::New(goods), 1, None, settings)
    }

    /// A fleet of one process a role on tables that are there, which another had under this prefix.
    pub(super) fn start_on(place: &'a Place<'a>, prefix: &str) -> Result<Self> {
        Self::start_as(place, Tables::There(prefix), 1, None, &[])
    }

    fn start_as(
        place: &'a Place<'a>,
        tables: Tables<'_>,
        copies: usize,
        apart: Option<&str>,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        fs::create_dir_all(place.folder)?;
        let prefix = match tables {
            // Named as the schemas of tests are, so that what a killed drill leaves is swept like theirs.
            Tables::New(_) => format!("t{:08x}_{:x}_drill_", seconds_now(), std::process::id()),
            Tables::There(prefix) => prefix.to_owned(),
        };
        let (redis, nats) = (free_port()?, free_port()?);
        let environment = [
            ("ARGOSY_DATABASE__URL", place.postgres_url.to_owned()),
            ("ARGOSY_DATABASE__SCHEMA_PREFIX", prefix.clone()),
            ("ARGOSY_DATABASE__CONNECTIONS_MAX", (4 / copies.clamp(1, 2)).to_string()),
            ("ARGOSY_REDIS__URL", format!("redis://127.0.0.1:{redis}")),
            ("ARGOSY_BUS__NATS_URL", format!("nats://127.0.0.1:{nats}")),
            ("ARGOSY_BUS__STREAM_BYTES_MAX", "67108864".to_owned()),
            ("ARGOSY_DATA__DEMO", "false".to_owned()),
            ("ARGOSY_EDGE__RATE_LIMIT_PER_MINUTE", "0".to_owned()),
            ("ARGOSY_ORDERS__ATTEMPT_LEASE_S", "5".to_owned()),
            // All buyers come from one place, and some of their cards are bad.
            ("ARGOSY_ORDERS__RISK__DECLINES_PER_ADDRESS_MAX", "0".to_owned()),
            ("ARGOSY_ORDERS__RISK__DECLINES_PER_DEVICE_MAX", "0".to_owned()),
            ("ARGOSY_ORDERS__RISK__DECLINES_PER_NETWORK_MAX", "0".to_owned()),
            ("ARGOSY_ORDERS__RISK__DECLINES_PER_GOODS_MAX", "0".to_owned()),
            ("ARGOSY_PAYMENTS__PROVIDER_TIMEOUT_MS", "1000".to_owned()),
        ];
        let mut fleet = Self {
            place,
            prefix,
            environment: environment.map(|(key, value)| (key.to_owned(), value)).to_vec(),
            addresses: Vec::new(),
            roles: Vec::new(),
            servers: [redis, nats].map(|port| Server { port, child: Mutex::new(None) }),
            line: None,
        };
        fleet
            .environment
            .extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        fleet.start_server(Shared::Redis)?;
        fleet.start_server(Shared::Nats)?;
        for (name, services) in ROLES {
            let mut listed = Vec::new();
            for copy in 1..=copies {
                let (door, rpc, beside) = (free_port()?, free_port()?, free_port()?);
                let reached = if apart == Some(*name) { fleet.line.insert(Wire::to(rpc)?).port } else { rpc };
                listed.push(format!("http://127.0.0.1:{reached}"));
                let name = format!("{name}-{copy}");
                fleet.roles.push(Role { name, services, door, rpc, beside, child: Mutex::new(None) });
            }
            for service in services.split(',').filter(|service| *service != "store-api") {
                let key = format!("ARGOSY_ADDRESSES__{}", service.to_uppercase());
                fleet.addresses.push((key, listed.join(",")));
            }
        }
        if let Tables::New(goods) = tables {
            fleet.fill(goods)?;
        }
        for number in 0..fleet.roles.len() {
            fleet.start_role(number)?;
        }
        fleet.wait_until_ready()?;
        Ok(fleet)
    }

    /// Starts a server where it was, with what it kept.
    pub(super) fn start_server(&self, kind: Shared) -> Result<()> {
        let server = &self.servers[kind as usize];
        let (name, more) = match kind {
            Shared::Redis => {
                ("redis-server", &["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--dir"][..])
            }
            Shared::Nats => ("nats-server", &["--addr", "127.0.0.1", "--jetstream", "--store_dir"][..]),
        };
        let folder = self.place.folder.join(name);
        fs::create_dir_all(&folder)?;
        let mut command = process::command(name, &["--port", &server.port.to_string()]);
        command.args(more).arg(&folder);
        let child = logged(&mut command, &folder.join("server.log"))?
            .spawn()
            .with_context(|| format!("{name} did not start. On Debian: apt-get install {name}"))?;
        *server.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, server.port)).is_err() {
            if started.elapsed() > READY_TIME_MAX {
                bail!("{name} does not listen; what it said is in {folder}");
            }
            pause(POLL);
        }
        Ok(())
    }

    /// SIGKILL, as a crash would.
    pub(super) fn kill_server(&self, kind: Shared) -> Result<()> {
        let server = &self.servers[kind as usize];
        let taken = server.child.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut child = taken.with_context(|| format!("{kind:?} does not run"))?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Redis forgets everything.
    pub(super) fn flush_redis(&self) -> Result<()> {
        let port = self.servers[Shared::Redis as usize].port.to_string();
        process::quiet(&mut process::command("redis-cli", &["-p", &port, "flushall"])).map(drop)
    }

    /// Tables and goods, before any process runs.
    fn fill(&self, goods: &[(String, u32, u32)]) -> Result<()> {
        let mut lines = String::new();
        for (handle, price, stock) in goods {
            let price = format!("{}.{:02}", price / 100, price % 100);
            let line = serde_json::json!({
                "handle": handle, "title": format!("The {handle}"),
                "variants": [{"sku": handle, "prices": {"EUR": {"price": price}}, "weight_g": 300, "stock": stock}],
            });
            lines.extend([line.to_string(), "\n".to_owned()]);
        }
        let file = self.place.folder.join("goods.jsonl");
        fs::write(&file, lines)?;
        process::quiet(self.command("setup").arg("migrate"))?;
        process::quiet(self.command("setup").args(["import", "products"]).arg(&file)).map(drop)
    }

    /// What happens on the line, if there is one.
    pub(super) fn set_line(&self, line: Line) {
        if let Some(wire) = &self.line {
            wire.set(line);
        }
    }

    /// The binary with the settings of the shop, and a folder of its own.
    pub(super) fn command(&self, name: &str) -> Command {
        let mut command = process::command(self.place.binary.as_str(), &[]);
        command.arg("--data").arg(self.place.folder.join(name));
        command.envs(self.environment.iter().map(|(key, value)| (key, value)));
        command
    }

    /// What its schemas' names begin with.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(super) fn roles(&self) -> usize {
        self.roles.len()
    }

    /// Where the shop is: one door, or several that are as good.
    pub(super) fn doors(&self) -> Vec<u16> {
        self.roles.iter().filter(|role| role.services == "store-api").map(|role| role.door).collect()
    }

    pub(super) fn start_role(&self, number: usize) -> Result<()> {
        let role = &self.roles[number];
        let local = |port: u16| format!("127.0.0.1:{port}");
        let mut command = self.command(&role.name);
        command.args(["serve", "--services", role.services]);
        command.envs(self.addresses.iter().map(|(key, value)| (key, value)));
        command.env("ARGOSY_HTTP__LISTEN", local(role.door));
        command.env("ARGOSY_RPC__LISTEN", local(role.rpc));
        command.env("ARGOSY_EDGE__METRICS_LISTEN", local(role.beside));
        let log = self.place.folder.join(format!("{}.log", role.name));
        let child = logged(&mut command, &log)?.spawn().context("the binary does not run")?;
        *role.child.lock().unwrap_or_else(PoisonError::into_inner) = Some(child);
        Ok(())
    }

    /// Which process ever took the most memory, and how much.
    pub(super) fn peak_memory_mb(&self) -> Result<(&str, u64)> {
        let mut most = ("", 0);
        for role in &self.roles {
            let child = role.child.lock().unwrap_or_else(PoisonError::into_inner);
            let id = child.as_ref().with_context(|| format!("{} does not run", role.name))?.id();
            let status = fs::read_to_string(format!("/proc/{id}/status"))?;
            let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let peak = peak.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            let mb = peak.context("the system does not tell how much memory a process took")?.div_ceil(1024);
            if mb > most.1 {
                most = (role.name.as_str(), mb);
            }
        }
        Ok(most)
    }

    /// SIGKILL: no chance to say goodbye.
    pub(super) fn kill_role(&self, number: usize) -> Result<()> {
        let mut child = self.take(number)?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// SIGTERM: it finishes what is in flight, and ends well.
    pub(super) fn stop_role(&self, number: usize) -> Result<()> {
        let mut child = self.take(number)?;
        process::quiet(&mut process::command("kill", &["-TERM", &child.id().to_string()]))?;
        let started = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                anyhow::ensure!(status.success(), "{} ended badly: {status}", self.roles[number].name);
                return Ok(());
            }
            if started.elapsed() > STOP_TIME_MAX {
                child.kill()?;
                child.wait()?;
                bail!("{} did not end within {} s", self.roles[number].name, STOP_TIME_MAX.as_secs());
            }
            pause(POLL);
        }
    }

    fn take(&self, number: usize) -> Result<Child> {
        let role = &self.roles[number];
        let taken = role.child.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut child = taken.with_context(|| format!("{} does not run", role.name))?;
        if let Some(status) = child.try_wait()? {
            bail!("{} ended by itself: {status}", role.name);
        }
        Ok(child)
    }

    /// Nobody leaves a process of another out any more: each asks those that were away again, after 5 s at most.
    pub(super) fn wait_until_known(&self) -> Result<()> {
        let started = Instant::now();
        let metrics = Request { method: "GET", path: "/metrics", key: None, body: None };
        for role in &self.roles {
            loop {
                let line = match send(role.beside, &metrics) {
                    Ok(answer) if answer.status == 200 => match left_out(&answer.text) {
                        Some(line) => line.to_owned(),
                        None => break,
                    },
                    Ok(answer) => format!("/metrics answers {}", answer.status),
                    Err(error) => error.to_string(),
                };
                if started.elapsed() > READY_TIME_MAX {
                    bail!("{} still leaves a process out: {line}", role.name);
                }
                pause(POLL);
            }
        }
        Ok(())
    }

    /// Every process answers that it can serve.
    pub(super) fn wait_until_ready(&self) -> Result<()> {
        let started = Instant::now();
        for role in &self.roles {
            let ready = Request { method: "GET", path: "/readyz", key: None, body: None };
            while !send(role.beside, &ready).is_ok_and(|answer| answer.status == 200) {
                let mut child = role.child.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(status) = child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                    bail!("{} ended by itself: {status}", role.name);
                }
                drop(child);
                if started.elapsed() > READY_TIME_MAX {
                    bail!("{} was not ready within {} s", role.name, READY_TIME_MAX.as_secs());
                }
                pause(POLL);
            }
        }
        Ok(())
    }
}

impl Drop for Fleet<'_> {
    fn drop(&mut self) {
        let roles = self.roles.iter_mut().map(|role| &mut role.child);
        let children = roles.chain(self.servers.iter_mut().map(|server| &mut server.child));
        for mut child in
            children.filter_map(|child| child.get_mut().unwrap_or_else(PoisonError::into_inner).take())
        {
            // It may have ended by itself.
            drop(child.kill());
            drop(child.wait());
        }
        let statement = format!(
            "do $$ declare name text; begin \
             for name in select nspname from pg_namespace where starts_with(nspname, '{}') \
             loop execute format('drop schema %I cascade', name); commit; end loop; end $$",
            self.prefix
        );
        let arguments = ["--no-psqlrc", "--quiet", "--command", &statement, self.place.postgres_url];
        // What stays is swept before later tests.
        process::succeeds(&mut process::command("psql", &arguments));
    }
}

fn left_out(metrics: &str) -> Option<&str> {
    metrics.lines().find(|line| line.starts_with("argosy_rpc_endpoint_away{") && !line.ends_with(" 0"))
}

fn logged<'c>(command: &'c mut Command, log: &Utf8Path) -> Result<&'c mut Command> {
    let log = File::options().create(true).append(true).open(log)?;
    let errors = log.try_clone()?;
    Ok(command.stdin(Stdio::null()).stdout(log).stderr(errors))
}
