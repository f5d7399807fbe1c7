//! The loopback server: one thread, one runtime of its own, one task for each connection.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use auths_core::Origin;
use auths_core::ports::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::received::Received;
use super::reply::Reply;
use auths_http::SystemClock;

/// An HTTP/1.1 server on a free port of 127.0.0.1. It stops when dropped.
///
/// The server runs on its own thread, so it needs no runtime and can be used by blocking and asynchronous code.
pub struct Server {
    origin: Origin,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    handler: Box<dyn Fn(&Received) -> Reply + Send + Sync>,
    clock: Arc<dyn Clock>,
    requests: Mutex<Vec<Received>>,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
    connections: AtomicUsize,
    resets: AtomicUsize,
}

impl Server {
    /// Starts a server that answers every request by `handler`. A handler that panics is a 500.
    ///
    /// # Panics
    /// When no port of 127.0.0.1 can be had.
    pub fn start(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with_clock(Arc::new(SystemClock), handler)
    }

    /// Starts a server that dates its answers by `clock`. For tests and simulations at another time.
    ///
    /// # Panics
    /// When no port of 127.0.0.1 can be had.
    #[expect(
        clippy::expect_used,
        reason = "a machine without loopback can run no test server"
    )]
    pub fn start_with_clock(
        clock: Arc<dyn Clock>,
        handler: impl Fn(&Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .expect("a free port of 127.0.0.1");
        let address = listener.local_addr().expect("the address just bound");
        listener
            .set_nonblocking(true)
            .expect("a socket that does not block");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime for the server's thread");
        let shared = Arc::new(Shared {
            handler: Box::new(handler),
            clock,
            requests: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            resets: AtomicUsize::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, served) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            origin: origin(address),
            shared,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Returns the address of the server: `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// Returns the requests so far, in the order in which they were read.
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        self.shared.requests().clone()
    }

    /// Returns the number of requests read so far.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.shared.requests().len()
    }

    /// Returns the number of connections accepted so far, reset ones included.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Returns the largest number of requests that were under way at once.
    #[must_use]
    pub fn peak(&self) -> usize {
        self.shared.peak.load(Ordering::SeqCst)
    }

    /// Resets the next `connections` as soon as they are accepted.
    pub fn reset_next(&self, connections: usize) {
        self.shared.resets.store(connections, Ordering::SeqCst);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.origin)
    }
}

impl Shared {
    fn requests(&self) -> std::sync::MutexGuard<'_, Vec<Received>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::expect_used, reason = "the address is written here")]
fn origin(address: SocketAddr) -> Origin {
    format!("http://{address}")
        .parse()
        .expect("a literal loopback address is an origin")
}

async fn accept(listener: std::net::TcpListener, shared: Arc<Shared>) {
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            continue;
        };
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let is_reset = shared
            .resets
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1))
            .is_ok();
        if is_reset {
            let _ = socket.set_zero_linger();
            continue;
        }
        let shared = Arc::clone(&shared);
        // A client that goes away in the middle is not a fault of the server.
        tokio::spawn(async move { serve(socket, &shared).await.unwrap_or_default() });
    }
}

/// Answers the requests of one connection until it is closed.
async fn serve(mut socket: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let _ = socket.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Some(request) = receive(&mut socket, &mut buffer).await? {
        let _flight = Flight::start(shared);
        shared.requests().push(request.clone());
        let reply = catch_unwind(AssertUnwindSafe(|| (shared.handler)(&request)))
            .unwrap_or_else(|_| Reply::status(500))
            .unless_known(&request);
        tokio::time::sleep(reply.delay).await;
        let head = reply.head(shared.clock.now());
        if let Some(fault) = reply.fault {
            return fault.commit(&mut socket, &head, &reply.body).await;
        }
        let mut message = head.into_bytes();
        if !matches!(reply.status, 204 | 304) {
            let length = format!("content-length: {}\r\n", reply.body.len());
            message.extend_from_slice(length.as_bytes());
        }
        message.extend_from_slice(b"\r\n");
        if request.method != "HEAD" {
            message.extend_from_slice(&reply.body);
        }
        socket.write_all(&message).await?;
        socket.flush().await?;
    }
    Ok(())
}

/// Reads one request; `None` when the client has closed the connection.
async fn receive(
    socket: &mut TcpStream,
    buffer: &mut Vec<u8>,
) -> std::io::Result<Option<Received>> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        if socket.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
        if !buffer[0].is_ascii_uppercase() {
            // Not HTTP: a client that speaks TLS, for one. Answers as servers do.
            socket
                .write_all(b"HTTP/1.1 400 Status\r\nconnection: close\r\n\r\n")
                .await?;
            return Ok(None);
        }
    };
    let Some(mut request) = Received::parse(&buffer[..end]) else {
        return Ok(None);
    };
    buffer.drain(..end + 4);
    let length = request
        .header("content-length")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    while buffer.len() < length {
        if socket.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
    request.body = buffer.drain(..length).collect();
    Ok(Some(request))
}

/// A guard that counts a request as under way while it lives.
struct Flight<'a>(&'a Shared);

impl<'a> Flight<'a> {
    fn start(shared: &'a Shared) -> Self {
        let now = shared.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        shared.peak.fetch_max(now, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}
