//! Several Redis servers of a test's own: a cluster, and a primary with a replica under a sentinel.

use std::{fs, process::Command};

use argosy_platform::redis::{Redis, RedisSettings};

use super::{Server, redis::settings};
use crate::eventually;

const PACKAGE: &str = "on Debian: apt-get install redis-server";
/// Fewer than three a cluster refuses.
const NODES: usize = 3;
/// What a sentinel knows its primary by.
const SERVICE: &str = "shop";

/// Three servers that share the keys between them.
pub struct RedisCluster {
    nodes: Vec<Server>,
    _folder: tempfile::TempDir,
}

impl RedisCluster {
    /// A running one, in which every key has its place.
    ///
    /// # Panics
    /// If it does not come about.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut nodes = Vec::new();
        for _ in 0..NODES {
            let (mut node, bus) = (Server::on_a_free_port(), Server::on_a_free_port());
            let own = folder.path().join(node.port.to_string());
            fs::create_dir(&own).expect("a folder");
            let mut command = command(&node);
            command
                .args(["--cluster-enabled", "yes", "--cluster-port", &bus.port.to_string()])
                .arg("--dir")
                .arg(own);
            node.run(&mut command, PACKAGE).await;
            nodes.push(node);
        }
        let addresses: Vec<String> = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port)).collect();
        let made = Command::new("redis-cli")
            .args(["--cluster", "create"])
            .args(addresses)
            .arg("--cluster-yes")
            .output();
        let said = made.expect("redis-cli runs");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stdout));
        for node in &nodes {
            let port = node.port;
            eventually("the cluster is whole", || async move {
                asked(port, &["cluster", "info"]).contains("cluster_state:ok")
            })
            .await;
        }
        Self { nodes, _folder: folder }
    }

    /// The settings that name one of its servers; the others are found.
    pub fn settings(&self) -> RedisSettings {
        settings(format!("redis-cluster://127.0.0.1:{}", self.nodes[0].port))
    }

    /// Connections to it.
    ///
    /// # Panics
    /// If there are none.
    pub async fn connect(&self) -> Redis {
        Redis::connect(&self.settings()).await.expect("a connection").expect("a server is named")
    }

    /// How many keys each server has.
    pub fn keys(&self) -> Vec<usize> {
        self.nodes.iter().map(|node| asked(node.port, &["dbsize"]).trim().parse().unwrap_or(0)).collect()
    }
}

/// A primary, its replica, and a sentinel that makes that the primary when the other is gone.
pub struct RedisSentinel {
    primary: Server,
    replica: Server,
    sentinel: Server,
    _folder: tempfile::TempDir,
}

impl RedisSentinel {
    /// Running, and the sentinel knows of the replica.
    ///
    /// # Panics
    /// If it does not come about.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let [mut primary, mut replica, mut sentinel] = [(); 3].map(|()| Server::on_a_free_port());
        let from = primary.port.to_string();
        primary.run(command(&primary).arg("--dir").arg(folder.path()), PACKAGE).await;
        let mut following = command(&replica);
        following.args(["--replicaof", &format!("127.0.0.1 {from}")]).arg("--dir").arg(folder.path());
        replica.run(&mut following, PACKAGE).await;
        let file = folder.path().join("sentinel.conf");
        let watching = format!(
            "port {}\nbind 127.0.0.1\nsentinel monitor {SERVICE} 127.0.0.1 {from} 1\n\
             sentinel down-after-milliseconds {SERVICE} 500\nsentinel failover-timeout {SERVICE} 5000\n",
            sentinel.port
        );
        fs::write(&file, watching).expect("a file");
        sentinel.run(Command::new("redis-server").arg(&file).arg("--sentinel"), PACKAGE).await;
        let started = Self { primary, replica, sentinel, _folder: folder };
        eventually("the sentinel knows of the replica", || async {
            asked(started.sentinel.port, &["sentinel", "replicas", SERVICE])
                .contains("master-link-status\nok")
        })
        .await;
        started
    }

    /// The settings that name the sentinel.
    pub fn settings(&self) -> RedisSettings {
        settings(format!("redis-sentinel://127.0.0.1:{}?sentinelServiceName={SERVICE}", self.sentinel.port))
    }

    /// Connections to the primary, whichever it is.
    ///
    /// # Panics
    /// If there are none.
    pub async fn connect(&self) -> Redis {
        Redis::connect(&self.settings()).await.expect("a connection").expect("a server is named")
    }

    /// Waits until the replica has this key.
    pub async fn replicated(&self, key: &str) {
        eventually("the replica has it", || async {
            asked(self.replica.port, &["exists", key]).trim() == "1"
        })
        .await;
    }

    /// Kills the primary, as a crash would.
    pub fn kill_primary(&mut self) {
        self.primary.kill();
    }
}

fn command(server: &Server) -> Command {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--save", "", "--port", &server.port.to_string()]);
    command
}

fn asked(port: u16, question: &[&str]) -> String {
    let said = Command::new("redis-cli").args(["-p", &port.to_string()]).args(question).output();
    said.map(|said| String::from_utf8_lossy(&said.stdout).replace('\r', "")).unwrap_or_default()
}
