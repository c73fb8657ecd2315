//! Who proves to be a host: the authorities that came with the program, not those of the system, to which a
//! state or a program may have added its own.

use super::limits::MAX_CA_BYTES;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Why a file with authorities cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RootsError {
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// Nothing in it is a certificate.
    #[error("there is no certificate (PEM) in it")]
    Empty,
    /// A certificate in it is damaged or of no use.
    #[error("a certificate in it cannot be used")]
    Bad,
}

/// Authorities that are believed.
#[derive(Clone, Debug)]
pub struct Roots(RootCertStore);

impl Default for Roots {
    fn default() -> Self {
        Self(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
    }
}

impl Roots {
    /// Believes the certificates of a PEM file, too.
    ///
    /// # Errors
    /// See [`RootsError`].
    pub fn add_file(&mut self, path: &Path) -> Result<(), RootsError> {
        let mut pem = Vec::new();
        std::fs::File::open(path)?.take(MAX_CA_BYTES).read_to_end(&mut pem)?;
        let mut added = 0;
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|_| RootsError::Bad)?;
            self.0.add(certificate).map_err(|_| RootsError::Bad)?;
            added += 1;
        }
        if added == 0 { Err(RootsError::Empty) } else { Ok(()) }
    }

    /// How to speak TLS with hosts that these prove; no protocol is offered yet.
    pub(super) fn config(&self) -> Result<ClientConfig, tokio_rustls::rustls::Error> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self.0.clone())
            .with_no_client_auth();
        // A session that is taken up again tells a host that it is the same visitor, also through Tor.
        config.resumption = Resumption::disabled();
        Ok(config)
    }
}
