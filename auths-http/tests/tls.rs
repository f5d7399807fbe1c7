//! Https: whose certificates count, and that an end without TLS's word is no end.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use auths_core::ports::MemoryStore;
use auths_core::{Origin, Unavailable, UnavailableReason};
use auths_http::{Request, Response, SystemClock, Transport, TransportConfig, TransportError};
use auths_testkit::doubles::RecordingSleeper;
use common::{config, millis, run};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

const LENGTH: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody";
const UNTIL_CLOSE: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nbody";

/// An authority, and what a server with its certificate does.
struct Site {
    ca_pem: String,
    acceptor: TlsAcceptor,
    answer: &'static str,
    says_close: bool,
}

fn site(change: impl FnOnce(&mut CertificateParams), answer: &'static str) -> Site {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &ca).unwrap();
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    Site {
        ca_pem: ca.pem(),
        acceptor: TlsAcceptor::from(Arc::new(server)),
        answer,
        says_close: true,
    }
}

impl Site {
    /// Asks this site with `config`.
    fn ask(&self, config: TransportConfig) -> Result<Response, Unavailable> {
        let store = Arc::new(MemoryStore::new());
        let sleeper = Arc::new(RecordingSleeper::default());
        let transport = Transport::new(config, Arc::new(SystemClock), sleeper, store).unwrap();
        run(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let origin = format!("https://{}", listener.local_addr().unwrap());
            let origin: Origin = origin.parse().unwrap();
            tokio::select! {
                answer = transport.send(Request::get(&origin, &["x"]).unwrap()) => answer,
                () = self.serve(listener) => unreachable!(),
            }
        })
    }

    async fn serve(&self, listener: TcpListener) {
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            let Ok(mut tls) = self.acceptor.accept(socket).await else {
                continue;
            };
            let _ = tls.read(&mut [0; 4096]).await;
            tls.write_all(self.answer.as_bytes()).await.unwrap();
            tls.flush().await.unwrap();
            if self.says_close {
                let _ = tls.shutdown().await;
            }
        }
    }

    fn trusted(&self) -> TransportConfig {
        config().with_ca_bundle(self.ca_pem.as_str())
    }
}

fn is_tls_fault(outcome: Result<Response, Unavailable>) {
    let error = outcome.unwrap_err();
    assert_eq!(error.reason, UnavailableReason::Network, "{error}");
    assert!(error.raw_detail.contains("TLS"), "{error}");
}

#[test]
fn an_added_authority_counts_and_others_do_not() {
    let site = site(|_| (), LENGTH);
    assert_eq!(site.ask(site.trusted()).unwrap().body(), b"body");
    is_tls_fault(site.ask(config()));
    let other = self::site(|_| (), LENGTH);
    is_tls_fault(site.ask(other.trusted()));
}

#[test]
fn a_certificate_of_another_name_or_time_is_refused() {
    let named = site(
        |params| *params = CertificateParams::new(vec!["other.example".to_owned()]).unwrap(),
        LENGTH,
    );
    is_tls_fault(named.ask(named.trusted()));
    let expired = site(
        |params| params.not_after = rcgen::date_time_ymd(2001, 1, 1),
        LENGTH,
    );
    is_tls_fault(expired.ask(expired.trusted()));
}

#[test]
fn a_body_that_ends_with_the_connection_needs_the_word_of_tls() {
    let mut site = site(|_| (), UNTIL_CLOSE);
    assert_eq!(site.ask(site.trusted()).unwrap().body(), b"body");
    site.says_close = false;
    assert_eq!(
        site.ask(site.trusted()).unwrap_err().reason,
        UnavailableReason::Truncated
    );
}

#[test]
fn a_handshake_that_stalls_ends_at_the_connect_timeout() {
    let store = Arc::new(MemoryStore::new());
    let config = config()
        .with_connect_timeout(millis(150))
        .with_timeout(Duration::from_secs(8));
    let sleeper = Arc::new(RecordingSleeper::default());
    let transport = Transport::new(config, Arc::new(SystemClock), sleeper, store).unwrap();
    // Connections wait in the listener's queue and are never served.
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let origin = format!("https://{}", listener.local_addr().unwrap());
    let request = Request::get(&origin.parse().unwrap(), &["x"]).unwrap();
    let started = std::time::Instant::now();
    let error = run(transport.send(request)).unwrap_err();
    assert_eq!(error.reason, UnavailableReason::Timeout);
    assert!(started.elapsed() < Duration::from_secs(4));
    assert!(error.raw_detail.contains("connect"), "{error}");
}

#[test]
fn a_transport_with_an_unreadable_bundle_is_not_made() {
    let made = Transport::new(
        config().with_ca_bundle("nonsense"),
        Arc::new(SystemClock),
        Arc::new(RecordingSleeper::default()),
        Arc::new(MemoryStore::new()),
    );
    assert!(matches!(made, Err(TransportError::CaBundle { .. })));
}

/// Run by the test below, in a process of its own, with a `SSL_CERT_FILE`.
#[test]
#[cfg(target_os = "linux")]
fn inner_authorities_of_the_environment() {
    if std::env::var_os("AUTHS_HTTP_INNER").is_none() {
        return;
    }
    // The file in place of the system's bundle holds nothing readable: the world cannot be asked, this machine can.
    let transport = Transport::new(
        config(),
        Arc::new(SystemClock),
        Arc::new(RecordingSleeper::default()),
        Arc::new(MemoryStore::new()),
    )
    .unwrap();
    let world = "https://registry.example".parse().unwrap();
    let here = auths_testkit::server::Server::start(|_| auths_testkit::server::Reply::status(204));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let ask = |origin| runtime.block_on(transport.send(Request::get(origin, &["x"]).unwrap()));
    let refused = ask(&world).unwrap_err();
    assert_eq!(refused.reason, UnavailableReason::Network);
    assert!(refused.raw_detail.contains("CA certificates"), "{refused}");
    assert_eq!(ask(&here.origin()).unwrap().status(), 204);
}

#[test]
#[cfg(target_os = "linux")]
fn the_environment_can_replace_the_system_bundle() {
    let status = common::inner(
        "inner_authorities_of_the_environment",
        &[
            ("SSL_CERT_FILE", "/dev/null"),
            ("SSL_CERT_DIR", "/nonexistent"),
        ],
    );
    assert!(status.success());
}
