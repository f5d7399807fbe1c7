//! Reading an answer as it comes, in bounded memory.

use std::io::{self, Read};

use auths_core::{Unavailable, UnavailableReason};
use bytes::{Buf, Bytes, BytesMut};
use tokio::sync::mpsc;

use crate::attempt::{AnswerBody, OpenAnswer, ReadExtent};
use crate::request::Request;
use crate::response::ResponseHead;
use crate::transport::Transport;

/// The largest number of pieces of the body that wait for the reader.
const QUEUE: usize = 4;

/// The smallest size of a piece, except the last one. Each piece wakes a thread.
const PIECE: usize = 64 * 1024;

/// A piece of the body, its end, or the reason for a body without an end.
type Piece = Result<Option<Bytes>, io::Error>;

impl Transport {
    /// Sends a request and gives the body to `read` as it comes, on a thread for blocking work. Memory stays bounded: the server
    /// is read only as fast as `read` goes.
    ///
    /// The result of `read` counts only if the body then proves whole and within the limits. The part that `read` left is read to
    /// the end and dropped. A body that breaks off, stalls or grows too large is an [`io::Error`] for `read`. The whole call is
    /// then unavailable, whatever `read` returned. The time limit includes the time that `read` takes while the body is still
    /// coming. The call returns when `read` has returned.
    ///
    /// Faults before the body are retried as by [`Transport::send`]. Faults in the body are not, because `read` has begun.
    ///
    /// # Errors
    /// The errors of [`Transport::send`].
    ///
    /// # Panics
    /// When `read` panics.
    pub async fn stream<R, F>(&self, request: Request, read: F) -> Result<R, Unavailable>
    where
        R: Send + 'static,
        F: FnOnce(&ResponseHead, &mut dyn Read) -> R + Send + 'static,
    {
        let open = self.open(&request, None, ReadExtent::Head).await?;
        open.feed_reader(read).await
    }
}

impl OpenAnswer {
    /// Feeds the body to `read` and returns the result of both.
    pub(crate) async fn feed_reader<R, F>(self, read: F) -> Result<R, Unavailable>
    where
        R: Send + 'static,
        F: FnOnce(&ResponseHead, &mut dyn Read) -> R + Send + 'static,
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
        let fed = send_pieces(body, pieces).await;
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

/// Sends the body piece by piece, and reads it to its end even when no receiver is left.
async fn send_pieces(body: AnswerBody, pieces: mpsc::Sender<Piece>) -> Result<(), Unavailable> {
    let mut live = match body {
        AnswerBody::Read(bytes) => {
            let _ = pieces.send(Ok(Some(bytes))).await;
            let _ = pieces.send(Ok(None)).await;
            return Ok(());
        }
        AnswerBody::Live(live) => live,
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
                    // Without this message the reader takes the end for a broken connection.
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
                    // A full queue does no harm: a queue that ends without a message is an error too.
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

/// The reader's side of the queue.
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
