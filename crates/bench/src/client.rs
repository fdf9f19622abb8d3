//! A small HTTP/1.1 client that keeps its connection and does as little as it can: what it costs is taken from the
//! same two cores as what it measures.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An open connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    address: SocketAddr,
}

/// An answer; it lives in the connection's buffer.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) head: &'a str,
    pub(crate) body: &'a [u8],
}

/// How an answer's end is told.
enum Length {
    Bytes(usize),
    Chunked,
}

/// The bytes of a request.
pub(crate) fn get(path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    request("GET", path, headers, None)
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], json: Option<&str>) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: shop.example\r\n");
    for (name, value) in headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    match json {
        None => text.push_str("\r\n"),
        Some(json) => {
            let length = json.len().to_string();
            text.extend(["content-type: application/json\r\ncontent-length: ", &length, "\r\n\r\n", json]);
        }
    }
    text.into_bytes()
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024), address })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let mut scanned = 0;
        let head_end = loop {
            if let Some(end) = position(&self.buffer[scanned..], b"\r\n\r\n") {
                break scanned + end + 4;
            }
            scanned = self.buffer.len().saturating_sub(3);
            self.read_more().await?;
        };
        let head = std::str::from_utf8(&self.buffer[..head_end])?;
        let status: u16 = head.get(9..12).and_then(|text| text.parse().ok()).context("no status")?;
        let length = if matches!(status, 204 | 304) { Length::Bytes(0) } else { length_of(head)? };
        let body_end = match length {
            Length::Bytes(bytes) => {
                while self.buffer.len() < head_end + bytes {
                    self.read_more().await?;
                }
                head_end + bytes
            }
            Length::Chunked => self.read_chunks(head_end).await?,
        };
        let (head, body) = self.buffer.split_at(head_end);
        Ok(Answer { status, head: std::str::from_utf8(head)?, body: &body[..body_end - head_end] })
    }

    /// Sends JSON and reads JSON; an answer of another status than `expected` is an error.
    pub(crate) async fn json(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&serde_json::Value>,
    ) -> Result<(u16, serde_json::Value)> {
        let body = body.map(ToString::to_string);
        let answer = self.exchange(&request(method, path, headers, body.as_deref())).await?;
        let value = serde_json::from_slice(answer.body)
            .with_context(|| format!("{method} {path} answered {} without JSON", answer.status))?;
        Ok((answer.status, value))
    }

    async fn read_more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("{} closed the connection", self.address);
        }
        Ok(())
    }

    /// Puts the chunks together in place; the end of the body is returned.
    async fn read_chunks(&mut self, body_start: usize) -> Result<usize> {
        let mut body_end = body_start;
        let mut next = body_start;
        loop {
            let line_end = loop {
                match position(&self.buffer[next..], b"\r\n") {
                    Some(end) => break next + end,
                    None => self.read_more().await?,
                }
            };
            let size = usize::from_str_radix(std::str::from_utf8(&self.buffer[next..line_end])?.trim(), 16)?;
            let chunk = line_end + 2;
            while self.buffer.len() < chunk + size + 2 {
                self.read_more().await?;
            }
            self.buffer.copy_within(chunk..chunk + size, body_end);
            body_end += size;
            next = chunk + size + 2;
            if size == 0 {
                return Ok(body_end);
            }
        }
    }
}

impl Answer<'_> {
    /// The headers, names in lower case.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.lines().skip(1).filter_map(|line| line.split_once(": "))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

fn length_of(head: &str) -> Result<Length> {
    for line in head.lines().skip(1) {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            return Ok(Length::Bytes(value.trim().parse()?));
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Ok(Length::Chunked);
        }
    }
    bail!("an answer whose end is not told:\n{head}")
}

fn position(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}
