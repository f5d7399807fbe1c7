//! A proxy before the test server that makes connections fail before any request is sent.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, mpsc as answers};
use std::thread::JoinHandle;
use std::time::Duration;

use auths_core::Origin;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;

use super::certificates::Certificates;

/// The behaviour of new connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ConnectionFault {
    /// Connections reach the server.
    Open,
    /// Nobody listens.
    Refused,
    /// Connections are reset as soon as they are accepted.
    Reset,
    /// Connections are closed as soon as they are accepted.
    Closed,
    /// Connections are accepted and never served.
    Silent,
    /// The client speaks TLS, and the server does not.
    PlainText,
    /// Connections are closed in the middle of the TLS handshake.
    TlsClosed,
    /// The TLS handshake is never answered.
    TlsSilent,
    /// The certificate comes from an authority that the client does not know.
    UnknownAuthority,
    /// The certificate is for another name.
    OtherName,
    /// The certificate has expired.
    Expired,
}

impl ConnectionFault {
    fn is_tls(self) -> bool {
        !matches!(
            self,
            Self::Open | Self::Refused | Self::Reset | Self::Closed | Self::Silent
        )
    }
}

/// A listener that passes connections on to a server, or makes them fail.
pub(super) struct FaultProxy {
    pub(super) origin: Origin,
    orders: Option<mpsc::UnboundedSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

type Order = (ConnectionFault, answers::Sender<()>);

/// The state of a proxy.
struct ProxyState {
    address: SocketAddr,
    server: SocketAddr,
    /// The certificates, present when the server speaks TLS.
    tls: Option<Arc<Certificates>>,
}

impl FaultProxy {
    /// Starts a proxy before `server` that passes connections on, and can end them as `door` says.
    pub(super) fn start(
        server: &Origin,
        door: ConnectionFault,
        certificates: &Arc<Certificates>,
    ) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let scheme = if door.is_tls() { "https" } else { "http" };
        let server = server.to_string();
        let post = ProxyState {
            address,
            server: server
                .trim_start_matches("http://")
                .parse()
                .map_err(std::io::Error::other)?,
            tls: door.is_tls().then(|| Arc::clone(certificates)),
        };
        let origin = format!("{scheme}://{address}").parse();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (orders, mut queue) = mpsc::unbounded_channel();
        let thread = std::thread::spawn(move || {
            // A listener that fails refuses everything, and the good answers before and after then show it.
            let _ = runtime.block_on(stand(Arc::new(post), listener, &mut queue));
        });
        Ok(Self {
            origin: origin.map_err(std::io::Error::other)?,
            orders: Some(orders),
            thread: Some(thread),
        })
    }

    /// Makes new connections behave as `door` says, from the return of this function on.
    pub(super) fn set(&self, door: ConnectionFault) {
        let (done, is_done) = answers::channel();
        if let Some(orders) = &self.orders
            && orders.send((door, done)).is_ok()
        {
            let _ = is_done.recv_timeout(Duration::from_secs(5));
        }
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Accepts connections until no sender of orders is left.
async fn stand(
    post: Arc<ProxyState>,
    listener: std::net::TcpListener,
    orders: &mut mpsc::UnboundedReceiver<Order>,
) -> std::io::Result<()> {
    let mut listener = TcpListener::from_std(listener)?;
    let mut door = ConnectionFault::Open;
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((socket, _)) = accepted {
                // A client that goes away in the middle does no harm.
                let post = Arc::clone(&post);
                tokio::spawn(async move { post.admit(socket, door).await.unwrap_or_default() });
            },
            order = orders.recv() => {
                let Some((next, done)) = order else { return Ok(()) };
                door = next;
                if door != ConnectionFault::Refused {
                    let _ = done.send(());
                    continue;
                }
                drop(listener);
                // Keeps the port, so that no other server gets it meanwhile.
                let socket = TcpSocket::new_v4()?;
                socket.set_reuseaddr(true)?;
                socket.bind(post.address)?;
                let _ = done.send(());
                let Some((next, done)) = orders.recv().await else { return Ok(()) };
                door = next;
                listener = socket.listen(64)?;
                let _ = done.send(());
            }
        }
    }
}

impl ProxyState {
    async fn admit(&self, mut socket: TcpStream, door: ConnectionFault) -> std::io::Result<()> {
        match door {
            ConnectionFault::Refused | ConnectionFault::Closed => return Ok(()),
            ConnectionFault::Reset => return socket.set_zero_linger(),
            ConnectionFault::Silent | ConnectionFault::TlsSilent => {
                return until_gone(socket).await;
            }
            ConnectionFault::PlainText => {
                let _ = socket.read(&mut [0; 4096]).await?;
                return socket
                    .write_all(b"HTTP/1.1 400 Status\r\nconnection: close\r\n\r\n")
                    .await;
            }
            ConnectionFault::TlsClosed => {
                let _ = socket.read(&mut [0; 4096]).await?;
                return Ok(());
            }
            ConnectionFault::Open
            | ConnectionFault::UnknownAuthority
            | ConnectionFault::OtherName
            | ConnectionFault::Expired => {}
        }
        match self.tls.as_ref().and_then(|tls| tls.of(door)) {
            Some(acceptor) => self.hand_on(acceptor.accept(socket).await?).await,
            None => self.hand_on(socket).await,
        }
    }

    async fn hand_on(
        &self,
        mut client: impl AsyncRead + AsyncWrite + Unpin,
    ) -> std::io::Result<()> {
        let mut server = TcpStream::connect(self.server).await?;
        copy_bidirectional(&mut client, &mut server)
            .await
            .map(|_| ())
    }
}

/// Reads until the client is gone, and answers nothing.
async fn until_gone(mut socket: TcpStream) -> std::io::Result<()> {
    while socket.read(&mut [0; 4096]).await? > 0 {}
    Ok(())
}
