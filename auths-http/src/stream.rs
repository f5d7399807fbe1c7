//! Reading an answer as it comes, in bounded memory.

use std::io::{self, Read};

use auths_core::{Unavailable, UnavailableReason};
use bytes::{Buf, Bytes, BytesMut};
use tokio::sync::mpsc;

use crate::attempt::{Body, Open, Reading};
use crate::request::Request;
use crate::response::Head;
use crate::transport::Transport;

/// How many pieces of the body may wait for the reader.
const QUEUE: usize = 4;

/// How large a piece is at least, but for the last: a thread is woken for each.
const PIECE: usize = 64 * 1024;

/// A piece of the body, its end, or why it has none.
type Piece = Result<Option<Bytes>, io::Error>;

impl Transport {
    /// Asks, and lets `read` have the body as it comes, on a thread for blocking work. Memory stays bounded: the
    /// server is read only as fast as `read` goes.
    ///
    /// What `read` returns counts only if the body then proves whole and within the limits: what it left unread is
    /// read to the end and dropped. A body that breaks off, stalls or grows too large is an [`io::Error`] for `read`,
    /// and the whole call is then unavailable, whatever `read` made of it. The time limit includes the time that
    /// `read` takes while the body is still coming. The call returns when `read` has returned.
    ///
    /// Faults before the body are retried as by [`Transport::send`]; faults in it are not, since `read` has begun.
    ///
    /// # Errors
    /// As [`Transport::send`].
    ///
    /// # Panics
    /// When `read` does.
    pub async fn stream<R, F>(&self, request: Request, read: F) -> Result<R, Unavailable>
    where
        R: Send + 'static,
        F: FnOnce(&Head, &mut dyn Read) -> R + Send + 'static,
    {
        let open = self.open(&request, None, Reading::Head).await?;
        open.feed(read).await
    }
}

impl Open {
    /// Feeds the body to `read` and says what became of both.
    pub(crate) async fn feed<R, F>(self, read: F) -> Result<R, Unavailable>
    where
        R: Send + 'static,
        F: FnOnce(&Head, &mut dyn Read) -> R + Send + 'static,
    {
        let Self { head, body } = self;
        let (pieces, queue) = mpsc::channel(QUEUE);
        let reader = tokio::task::spawn_blocking(move || {
            let mut body = BodyReader {
                queue,
                piece: Bytes::new(),
                is_done: false,
            };
            read(&head, &mut body)
        });
        let fed = pour(body, pieces).await;
        let read = reader
            .await
            .map_err(|failed| match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Unavailable::new(
                    UnavailableReason::Truncated,
                    "the reading was stopped from outside",
                ),
            });
        fed.and(read)
    }
}

/// Sends the body piece by piece, and reads it to its end even when nobody listens any more.
async fn pour(body: Body, pieces: mpsc::Sender<Piece>) -> Result<(), Unavailable> {
    let mut live = match body {
        Body::Read(bytes) => {
            let _ = pieces.send(Ok(Some(bytes))).await;
            let _ = pieces.send(Ok(None)).await;
            return Ok(());
        }
        Body::Live(live) => live,
    };
    let mut listener = Some(pieces);
    let mut piece = BytesMut::new();
    loop {
        match live.chunk().await {
            Ok(Some(bytes)) => {
                if listener.is_some() {
                    piece.extend_from_slice(&bytes);
                }
            }
            Ok(None) => {
                if let Some(pieces) = listener {
                    let _ = live.in_time(pieces.send(Ok(Some(piece.freeze())))).await?;
                    // Without this word the reader takes the end for a break.
                    let _ = live.in_time(pieces.send(Ok(None))).await?;
                }
                return Ok(());
            }
            Err(fault) => {
                if let Some(pieces) = listener {
                    let kind = match fault.reason {
                        UnavailableReason::Timeout => io::ErrorKind::TimedOut,
                        UnavailableReason::Truncated => io::ErrorKind::UnexpectedEof,
                        _ => io::ErrorKind::InvalidData,
                    };
                    // A full queue is no matter: a queue that ends without a word is an error too.
                    let _ = pieces.try_send(Err(io::Error::new(kind, fault.clone())));
                }
                return Err(fault);
            }
        }
        if piece.len() >= PIECE
            && let Some(pieces) = &listener
        {
            let full = Ok(Some(piece.split().freeze()));
            if live.in_time(pieces.send(full)).await?.is_err() {
                listener = None;
            }
        }
    }
}

/// The reader's side.
struct BodyReader {
    queue: mpsc::Receiver<Piece>,
    piece: Bytes,
    is_done: bool,
}

impl Read for BodyReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        while self.piece.is_empty() && !self.is_done {
            match self.queue.blocking_recv() {
                Some(Ok(Some(bytes))) => self.piece = bytes,
                Some(Ok(None)) => self.is_done = true,
                Some(Err(error)) => return Err(error),
                None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
            }
        }
        let n = self.piece.len().min(out.len());
        self.piece.copy_to_slice(&mut out[..n]);
        Ok(n)
    }
}
