//! The store API against its own document, from outside: schemathesis asks what /openapi.json allows and what it does
//! not, alone and in sequences, and no answer may be a 5xx or one that the document doesn't tell.
//!
//! Why a Python tool: nothing in Rust reads an OpenAPI document and makes up requests, and the judge of our document
//! should not be ours.

use std::{
    env, fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use cargo_metadata::camino::Utf8Path;

use crate::{
    counts::Counts,
    process::{self, Watched},
    python, servers,
    suites::Outcome,
    workspace::Workspace,
};

const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
const SEED: &str = "1";
/// Sequences of requests are tried until then.
const TIME_MAX_S: &str = "60";
const READY_TIME_MAX: Duration = Duration::from_secs(30);
const ASK_TIME_MAX: Duration = Duration::from_secs(10);

/// Installs the judge, starts a store with a few goods, and lets the one ask the other.
pub(crate) fn run(workspace: &Workspace) -> Result<Outcome> {
    let sources = workspace.path("e2e/api");
    let scratch = workspace.scratch("api");
    fs::create_dir_all(&scratch).with_context(|| format!("cannot make {scratch}"))?;
    let judge = python::ensure("schemathesis", &sources.join("requirements.txt"), &scratch)?;
    let binary = workspace.build_binary()?;
    let data = scratch.join("data");
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("cannot empty {data}"))?;
    }
    let goods = sources.join("goods.csv");
    process::quiet(&mut store(&binary, &["import", "products", goods.as_str(), "--data", data.as_str()]))?;
    let shop = Shop::open(&binary, &data, &scratch)?;
    tell_what_is_there(&shop, &sources, &scratch)?;
    ask(&judge, &shop, &scratch)
}

fn ask(judge: &Utf8Path, shop: &Shop, scratch: &Utf8Path) -> Result<Outcome> {
    let document = format!("http://127.0.0.1:{}/openapi.json", shop.port);
    let report = scratch.join("report.xml");
    let options = ["--checks", CHECKS, "--seed", SEED, "--max-time", TIME_MAX_S, "--request-timeout", "10"];
    let mut command = process::command(judge.as_str(), &["--config-file", "schemathesis.toml", "run"]);
    command
        .args([document.as_str(), "--no-color", "--report", "junit", "--report-junit-path", report.as_str()])
        .args(options)
        .current_dir(scratch);
    let Watched { succeeded, .. } = process::watched(&mut command)?;
    let report = fs::read_to_string(&report).with_context(|| format!("no report in {report}"))?;
    let counts = Counts::of_junit(&report);
    if counts.passed + counts.failed == 0 {
        bail!("schemathesis asked nothing: what it said is above");
    }
    Ok(Outcome { counts, succeeded: succeeded && counts.failed == 0 })
}

/// Writes the names of what can be bought to where the judge's settings look for them.
fn tell_what_is_there(shop: &Shop, sources: &Utf8Path, scratch: &Utf8Path) -> Result<()> {
    let products = shop.get("/store/products")?;
    for (file, prefix) in [("variants.txt", "\"id\":\"var_"), ("products.txt", "\"id\":\"prod_")] {
        let names = ids(&products, prefix);
        if names.is_empty() {
            bail!("the store has nothing to sell: {products}");
        }
        fs::write(scratch.join(file), format!("\"{}\"\n", names.join("\"\n\"")))?;
    }
    fs::copy(sources.join("schemathesis.toml"), scratch.join("schemathesis.toml"))?;
    Ok(())
}

/// The identifiers in a JSON text that follow `"id":"`, by what they start with.
fn ids<'a>(json: &'a str, prefix: &str) -> Vec<&'a str> {
    let start = "\"id\":\"".len();
    json.match_indices(prefix).filter_map(|(at, _)| json[at + start..].split('"').next()).collect()
}

/// The binary, without what this shell would tell a store, and without an allowance for the one client.
fn store(binary: &Utf8Path, arguments: &[&str]) -> Command {
    let mut command = process::command(binary.as_str(), arguments);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ARGOSY_")) {
        command.env_remove(name);
    }
    command.env("ARGOSY_EDGE__RATE_LIMIT_PER_MINUTE", "0");
    command
}

/// A store that runs until it is dropped.
struct Shop {
    process: Child,
    port: u16,
}

impl Shop {
    fn open(binary: &Utf8Path, data: &Utf8Path, scratch: &Utf8Path) -> Result<Self> {
        let port = servers::free_port()?;
        let log = scratch.join("store.log");
        let file = fs::File::create(&log).with_context(|| format!("cannot write {log}"))?;
        let listen = format!("127.0.0.1:{port}");
        let process =
            store(binary, &["serve", "--no-demo", "--data", data.as_str(), "--listen", listen.as_str()])
                .current_dir(scratch)
                .stdout(Stdio::null())
                .stderr(file)
                .spawn()
                .with_context(|| format!("cannot run {binary}"))?;
        let mut shop = Self { process, port };
        let started = Instant::now();
        while !shop.get("/readyz").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            if started.elapsed() > READY_TIME_MAX || shop.process.try_wait()?.is_some() {
                bail!("the store did not become ready; what it said is in {log}");
            }
            pause();
        }
        Ok(shop)
    }

    /// The whole answer to a request, head and body.
    fn get(&self, path: &str) -> Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(ASK_TIME_MAX))?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // It may have ended by itself, which its log tells.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[expect(clippy::disallowed_methods, reason = "another process's readiness can only be asked for again")]
fn pause() {
    thread::sleep(Duration::from_millis(50));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_found_by_their_kind() {
        let json = r#"{"items":[{"id":"prod_1","variants":[{"id":"var_1"},{"id":"var_2"}]}]}"#;
        assert_eq!(ids(json, "\"id\":\"var_"), ["var_1", "var_2"]);
        assert_eq!(ids(json, "\"id\":\"prod_"), ["prod_1"]);
    }
}
