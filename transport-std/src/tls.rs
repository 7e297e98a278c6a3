//! TLS: rustls with ring, the platform's roots and those that the caller adds. Nothing here can be told to trust less.

use crate::error::Error;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use std::sync::Arc;

/// The roots in `pem`, one or more certificates.
pub(crate) fn parse_roots(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match roots {
        Ok(roots) if roots.is_empty() => {
            Err(Error::Setup("there is no certificate in the given roots".into()))
        }
        Ok(roots) => Ok(roots),
        Err(error) => Err(Error::Setup(error.into())),
    }
}

/// How to connect to an `https` origin.
pub(crate) fn client_config(roots: Vec<CertificateDer<'static>>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider)).map_err(setup)?;
    let config = versions(provider)?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(config.with_no_client_auth())
}

/// For a plain `http` origin: trusts nobody, and needs no roots on the machine.
pub(crate) fn unused_config() -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    Ok(versions(provider)?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn versions(
    provider: Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(setup)
}

fn setup(error: rustls::Error) -> Error {
    Error::Setup(error.into())
}
