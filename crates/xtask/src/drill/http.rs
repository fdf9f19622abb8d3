//! One request a connection, with nothing but the standard library.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use serde_json::Value;

const CONNECT_TIME_MAX: Duration = Duration::from_secs(2);
/// Longer than any deadline of the shop: who waits longer has found a hang.
const ANSWER_TIME_MAX: Duration = Duration::from_mins(1);
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A request to a shop on loopback.
pub(super) struct Request<'a> {
    pub(super) method: &'static str,
    pub(super) path: &'a str,
    pub(super) key: Option<&'a str>,
    pub(super) body: Option<&'a Value>,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) has_retry_after: bool,
    /// As it came.
    pub(super) text: String,
    /// Null if it is no JSON.
    pub(super) body: Value,
}

impl Answer {
    /// A text within the body.
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Sends it and reads the whole answer.
pub(super) fn send(port: u16, request: &Request<'_>) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), CONNECT_TIME_MAX)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
    let body = request.body.map(Value::to_string).unwrap_or_default();
    let mut head = format!(
        "{} {} HTTP/1.0\r\nhost: shop.example\r\ncontent-length: {}\r\n",
        request.method,
        request.path,
        body.len()
    );
    if request.body.is_some() {
        head.push_str("content-type: application/json\r\n");
    }
    if let Some(key) = request.key {
        head.extend(["idempotency-key: ", key, "\r\n"]);
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    let mut bytes = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes)?;
    read(&bytes).ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "the answer broke off"))
}

fn read(bytes: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.get(9..12)?.parse().ok()?;
    let header = |wanted: &str| {
        let fields = head.lines().filter_map(|line| line.split_once(": "));
        fields.filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value).next()
    };
    if header("content-length").is_some_and(|length| length.parse() != Ok(body.len())) {
        return None;
    }
    Some(Answer {
        status,
        has_retry_after: header("retry-after").is_some(),
        text: body.to_owned(),
        body: serde_json::from_str(body).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whole_or_not_at_all() {
        let whole = b"HTTP/1.0 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 12\r\n\r\n{\"code\":\"X\"}";
        let answer = read(whole).unwrap();
        assert_eq!((answer.status, answer.has_retry_after, answer.text("/code")), (503, true, "X"));
        assert!(read(&whole[..whole.len() - 1]).is_none());
        assert!(read(b"").is_none());
    }
}
