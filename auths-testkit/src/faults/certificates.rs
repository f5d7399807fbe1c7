//! The certificates of the test servers, made anew for each run: a valid one and several invalid ones.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::proxy::ConnectionFault;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// A server's certificate for each connection fault that needs one.
pub(super) struct Certificates {
    /// The authority that clients are to trust.
    pub(super) authority: String,
    acceptors: Vec<(ConnectionFault, TlsAcceptor)>,
}

impl Certificates {
    pub(super) fn new() -> Result<Self, Failed> {
        let (known, unknown) = (authority()?, authority()?);
        let here = || CertificateParams::new(vec!["127.0.0.1".to_owned()]);
        let elsewhere = CertificateParams::new(vec!["other.example".to_owned()])?;
        let mut expired = here()?;
        expired.not_after = rcgen::date_time_ymd(2001, 1, 1);
        let acceptors = vec![
            (ConnectionFault::Open, acceptor(&here()?, &known)?),
            (
                ConnectionFault::UnknownAuthority,
                acceptor(&here()?, &unknown)?,
            ),
            (ConnectionFault::OtherName, acceptor(&elsewhere, &known)?),
            (ConnectionFault::Expired, acceptor(&expired, &known)?),
        ];
        Ok(Self {
            authority: known.pem(),
            acceptors,
        })
    }

    /// Returns the TLS acceptor for that connection fault; `None` where no TLS is spoken.
    pub(super) fn of(&self, door: ConnectionFault) -> Option<TlsAcceptor> {
        let found = self.acceptors.iter().find(|(of, _)| *of == door);
        found.map(|(_, acceptor)| acceptor.clone())
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Result<Authority, Failed> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}

fn acceptor(params: &CertificateParams, issuer: &Authority) -> Result<TlsAcceptor, Failed> {
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
