//! The ways in which an answer fails.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

/// The wait of slow answers between their bytes.
const DRIP: Duration = Duration::from_millis(20);

/// A way in which an answer fails. Those that "never end" end when the client gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Says nothing, and keeps the connection.
    StallBeforeHead,
    /// Sends the head byte by byte, and never ends it.
    SlowHead,
    /// Sends header after header, as fast as it can.
    EndlessHead,
    /// Sends the head and half the body, and then nothing.
    StallInBody,
    /// Sends a body byte by byte, and never ends it.
    DripBody,
    /// Closes in the middle of the body, properly.
    CutBody,
    /// Closes a chunked body before its last chunk.
    CutChunks,
    /// States a length ten bytes longer than the body, and closes after the body.
    LongerLength,
    /// States a length ten bytes shorter than the body.
    ShorterLength,
    /// States two lengths that differ.
    TwoLengths,
    /// States a length that is no number.
    BadLength,
    /// Closes in the middle of a body of no stated length.
    CutUntilClose,
    /// Closes in the middle of the head.
    CutHead,
    /// Resets the connection in the middle of the head.
    ResetInHead,
    /// Sends a header that is none.
    BadHeader,
    /// Sends a second answer, unasked, behind the whole first.
    SecondAnswer,
    /// Closes without an answer.
    CloseAfterRequest,
    /// Resets the connection without an answer.
    ResetAfterRequest,
    /// Resets the connection in the middle of the body.
    ResetInBody,
    /// Sends something that is not HTTP.
    Garbage,
    /// Sends chunks with lengths that are no numbers.
    BadChunks,
    /// Sends a body as fast as it can, and never ends it.
    EndlessBody,
    /// Sends a few kilobytes that decompress to this many megabytes.
    GzipBomb(u32),
    /// Says that the body is gzip, and sends it plain.
    NotGzip,
    /// Sends a whole message that holds half a gzip body.
    CutGzip,
}

/// Returns `body`, compressed.
pub(super) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

impl Fault {
    /// Fails on `socket` in this way. `head` is the status line and headers, each with its line end, except the headers of the
    /// body. The connection is not used again.
    pub(super) async fn commit(
        self,
        socket: &mut TcpStream,
        head: &str,
        body: &[u8],
    ) -> std::io::Result<()> {
        let half = &body[..body.len() / 2];
        let plain = format!("{head}content-length: {}\r\n\r\n", body.len());
        let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n");
        match self {
            Self::StallBeforeHead => return stall(socket).await,
            Self::SlowHead => {
                socket.write_all(head.as_bytes()).await?;
                socket.write_all(b"x-slow: ").await?;
                loop {
                    drip(socket, b"a").await?;
                }
            }
            Self::EndlessHead => {
                socket.write_all(head.as_bytes()).await?;
                loop {
                    socket.write_all(b"x-more: and more, and more\r\n").await?;
                }
            }
            Self::StallInBody => {
                socket.write_all(plain.as_bytes()).await?;
                socket.write_all(half).await?;
                return stall(socket).await;
            }
            Self::DripBody => {
                socket.write_all(chunked.as_bytes()).await?;
                loop {
                    drip(socket, b"1\r\n \r\n").await?;
                }
            }
            Self::CutBody => {
                socket.write_all(plain.as_bytes()).await?;
                socket.write_all(half).await?;
            }
            Self::CutChunks => {
                socket.write_all(chunked.as_bytes()).await?;
                let chunk = format!("{:x}\r\n", body.len());
                socket.write_all(chunk.as_bytes()).await?;
                socket.write_all(body).await?;
                socket.write_all(b"\r\n").await?;
            }
            Self::LongerLength => {
                let longer = format!("{head}content-length: {}\r\n\r\n", body.len() + 10);
                socket.write_all(longer.as_bytes()).await?;
                socket.write_all(body).await?;
            }
            Self::ShorterLength => {
                let length = body.len().saturating_sub(10);
                let shorter = format!("{head}content-length: {length}\r\n\r\n");
                socket.write_all(shorter.as_bytes()).await?;
                socket.write_all(body).await?;
            }
            Self::TwoLengths => {
                let (n, m) = (body.len(), body.len() + 1);
                let two = format!("{head}content-length: {n}\r\ncontent-length: {m}\r\n\r\n");
                socket.write_all(two.as_bytes()).await?;
                socket.write_all(body).await?;
            }
            Self::BadLength => {
                let bad = format!("{head}content-length: many\r\n\r\n");
                socket.write_all(bad.as_bytes()).await?;
                socket.write_all(body).await?;
            }
            Self::CutUntilClose => {
                let open = format!("{head}connection: close\r\n\r\n");
                socket.write_all(open.as_bytes()).await?;
                socket.write_all(half).await?;
            }
            Self::CutHead => socket.write_all(head.as_bytes()).await?,
            Self::ResetInHead => {
                socket.write_all(head.as_bytes()).await?;
                socket.flush().await?;
                sleep(DRIP).await;
                socket.set_zero_linger()?;
            }
            Self::BadHeader => {
                let bad = format!("{head}this is no header\r\n\r\n");
                socket.write_all(bad.as_bytes()).await?;
            }
            Self::SecondAnswer => {
                socket.write_all(plain.as_bytes()).await?;
                socket.write_all(body).await?;
                socket.write_all(plain.as_bytes()).await?;
                socket.write_all(body).await?;
            }
            Self::CloseAfterRequest => {}
            Self::ResetAfterRequest => socket.set_zero_linger()?,
            Self::ResetInBody => {
                socket.write_all(plain.as_bytes()).await?;
                socket.write_all(half).await?;
                socket.flush().await?;
                // Lets the half arrive: a reset would drop bytes that are not read yet.
                sleep(DRIP).await;
                socket.set_zero_linger()?;
            }
            Self::Garbage => socket.write_all(b"220 mail.example ESMTP\r\n\r\n").await?,
            Self::BadChunks => {
                socket.write_all(chunked.as_bytes()).await?;
                socket.write_all(b"zz\r\nnonsense\r\n").await?;
            }
            Self::EndlessBody => {
                socket.write_all(chunked.as_bytes()).await?;
                let chunk = [b"1000\r\n".as_slice(), &[b' '; 0x1000], b"\r\n"].concat();
                loop {
                    socket.write_all(&chunk).await?;
                }
            }
            Self::GzipBomb(megabytes) => {
                let bomb = gzip(&vec![b' '; (megabytes as usize) << 20]);
                message(socket, head, &bomb).await?;
            }
            Self::NotGzip => message(socket, head, body).await?,
            Self::CutGzip => {
                let whole = gzip(body);
                message(socket, head, &whole[..whole.len() / 2]).await?;
            }
        }
        socket.flush().await
    }
}

/// Sends a whole message with a body that is said to be gzip.
async fn message(socket: &mut TcpStream, head: &str, body: &[u8]) -> std::io::Result<()> {
    let head = format!(
        "{head}content-encoding: gzip\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).await?;
    socket.write_all(body).await
}

async fn drip(socket: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    socket.write_all(bytes).await?;
    sleep(DRIP).await;
    Ok(())
}

/// Waits until the client gives up.
async fn stall(socket: &mut TcpStream) -> std::io::Result<()> {
    socket.flush().await?;
    loop {
        socket.readable().await?;
        match socket.try_read(&mut [0; 64]) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
    }
}
