//! A certificate for a server on loopback: a test authority made on the spot, and a leaf that it signs. Nothing is
//! stored, so nothing can leak or expire in a repository.

use std::fmt;
use std::io;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};

use crate::certificates::Shown;

/// What the server shows to prove who it is.
#[derive(Clone)]
pub struct TlsIdentity(Arc<ServerConfig>);

impl TlsIdentity {
    /// A new authority, as PEM for the client to trust, and an identity for `localhost`, `127.0.0.1`, `::1` and the hosts
    /// named, each a DNS name or an IP address. An error means that one of them is neither.
    pub fn generate(hosts: &[&str]) -> io::Result<(String, Self)> {
        let (authority, issuer) = authority().map_err(io::Error::other)?;
        let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        names.extend(hosts.iter().map(|&host| host.to_owned()));
        names.sort_unstable();
        names.dedup();
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let mut leaf = CertificateParams::new(names).map_err(io::Error::other)?;
        leaf.distinguished_name = named("Tidegate simulator");
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let leaf = leaf.signed_by(&key, &issuer).map_err(io::Error::other)?;
        Ok((authority, Self::with(vec![leaf.der().clone()], key.serialize_der())?))
    }

    /// An identity that shows just these certificates. An error means that no server can.
    pub fn showing(shown: &Shown) -> io::Result<Self> {
        let chain = shown.chain.iter().cloned().map(CertificateDer::from).collect();
        Self::with(chain, shown.key.clone())
    }

    fn with(chain: Vec<CertificateDer<'static>>, key: Vec<u8>) -> io::Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let key = provider
            .key_provider
            .load_private_key(PrivatePkcs8KeyDer::from(key).into())
            .map_err(io::Error::other)?;
        // Whether the key and the names fit is for the client to find out.
        let certified = SingleCertAndKey::from(CertifiedKey::new(chain, key));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(certified));
        Ok(Self(Arc::new(config)))
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0))
    }
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TlsIdentity")
    }
}

fn authority() -> Result<(String, Issuer<'static, KeyPair>), rcgen::Error> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name = named("Tidegate simulator test authority");
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), Issuer::new(params, key)))
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}
