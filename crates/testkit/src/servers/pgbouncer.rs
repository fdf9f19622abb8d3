//! A `PgBouncer` in transaction mode, before the PostgreSQL that tests share.

use std::{fs, path::Path, process::Command};

use argosy_kernel::Secret;
use argosy_platform::database::DatabaseSettings;

use super::Server;
use crate::Schemas;

/// Fewer than clients have, so that each transaction of a client may have another.
const SERVER_CONNECTIONS: u32 = 4;
/// Where Debian has it, which isn't on everybody's path.
const PROGRAM: &str = "/usr/sbin/pgbouncer";

/// A pooler with the settings that it comes with.
pub struct PgBouncer {
    _server: Server,
    url: String,
    _folder: tempfile::TempDir,
}

impl PgBouncer {
    /// A running one before the server of these schemas.
    ///
    /// # Panics
    /// If it does not run.
    pub async fn start(schemas: &Schemas) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut server = Server::on_a_free_port();
        let url = url::Url::parse(schemas.url()).expect("a URL");
        let name = url.path().trim_start_matches('/');
        let config = format!(
            "[databases]\n{name} = host={} port={} dbname={name} user={} password={}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = {SERVER_CONNECTIONS}\n",
            url.host_str().unwrap_or("127.0.0.1"),
            url.port().unwrap_or(5432),
            url.username(),
            url.password().unwrap_or_default(),
            server.port
        );
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, config).expect("a file");
        let program = if Path::new(PROGRAM).is_file() { PROGRAM } else { "pgbouncer" };
        let mut command = Command::new(program);
        if is_root() {
            // It refuses to stay that.
            command.args(["--user", "nobody"]);
        }
        server.run(command.arg(&file), "on Debian: apt-get install pgbouncer").await;
        let url = format!("postgres://{}@127.0.0.1:{}/{name}", url.username(), server.port);
        Self { _server: server, url, _folder: folder }
    }

    /// Settings under which a process reaches the schemas through it.
    pub fn settings(&self, schemas: &Schemas) -> DatabaseSettings {
        DatabaseSettings { url: Some(Secret::new(self.url.clone())), pooler: true, ..schemas.settings() }
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|said| said.stdout.trim_ascii() == b"0")
}
