//! A minimal HTTP client: one request over a connection of its own.

use std::fmt;
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failure;

/// The answer of a server.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    retry_after: Option<String>,
    /// The JSON of the body, or its text where it is not JSON.
    pub(crate) body: Value,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(wait) = &self.retry_after {
            write!(f, " (Retry-After: {wait})")?;
        }
        match &self.body {
            Value::String(text) if text.is_empty() => Ok(()),
            Value::String(text) => write!(f, ": {text}"),
            json => write!(f, ": {json}"),
        }
    }
}

/// Sends a request, such as `GET /`, with further header lines and with `body`, said to be `length` bytes long, and reads the answer.
pub(crate) async fn send(
    server: SocketAddr,
    request: &str,
    headers: &str,
    body: &[u8],
    length: usize,
) -> Result<Answer, Failure> {
    let mut stream = TcpStream::connect(server).await?;
    let head = format!(
        "{request} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    read(&String::from_utf8(answer)?)
}

fn read(answer: &str) -> Result<Answer, Failure> {
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("the answer was cut")?;
    let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    let mut waits = headers.filter(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
    Ok(Answer {
        status,
        retry_after: waits.next().map(|(_, wait)| wait.to_owned()),
        body: serde_json::from_str(body).unwrap_or_else(|_| body.into()),
    })
}
