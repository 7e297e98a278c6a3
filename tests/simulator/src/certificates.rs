//! Certificates, good ones and bad ones, made on the spot: a matrix for whatever has to tell them apart. Each case is an
//! authority to trust, and what a server shows. Nothing is stored, so nothing can leak or expire in a repository.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, Error,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
    date_time_ymd,
};

/// The host that the good certificates are for.
pub const HOST: &str = "localhost";
/// A host that the good certificates are for by a wildcard.
pub const WILDCARD_HOST: &str = "pull.hosts.example";

/// What is special about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Nothing: the authority issued the server's certificate.
    Good,
    /// An intermediate authority issued it.
    Intermediate,
    /// The host is the fifth of its names.
    FifthName,
    /// A wildcard stands for the host, which is [`WILDCARD_HOST`].
    Wildcard,
    /// It is for another host.
    OtherHost,
    /// It has no alternative names; its common name is the host.
    CommonNameOnly,
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// The authority itself has expired.
    AuthorityExpired,
    /// A certificate of a server issued it.
    ServerAsAuthority,
    /// An authority that may not sign certificates issued it.
    AuthorityWithoutSigning,
    /// Another authority of the trusted one's name issued it.
    Namesake,
    /// Another authority issued it.
    OtherAuthority,
    /// It is signed with its own key.
    SelfSigned,
    /// A bit of its signature is another one.
    ChangedSignature,
    /// A bit of what is signed is another one.
    ChangedContent,
    /// It is for clients.
    ForClients,
    /// Its key may not sign.
    NoDigitalSignature,
    /// There is an authority more than the trusted one allows.
    PathTooLong,
    /// It has a critical extension that nobody knows.
    UnknownCritical,
    /// It has an extension that nobody knows, and that need not be understood.
    UnknownUncritical,
    /// An intermediate authority may issue for some names only, the host among them.
    NameConstraints,
}

impl Case {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::Good,
        Self::Intermediate,
        Self::FifthName,
        Self::Wildcard,
        Self::OtherHost,
        Self::CommonNameOnly,
        Self::Expired,
        Self::NotYetValid,
        Self::AuthorityExpired,
        Self::ServerAsAuthority,
        Self::AuthorityWithoutSigning,
        Self::Namesake,
        Self::OtherAuthority,
        Self::SelfSigned,
        Self::ChangedSignature,
        Self::ChangedContent,
        Self::ForClients,
        Self::NoDigitalSignature,
        Self::PathTooLong,
        Self::UnknownCritical,
        Self::UnknownUncritical,
        Self::NameConstraints,
    ];

    /// The host to connect to.
    pub const fn host(self) -> &'static str {
        if matches!(self, Self::Wildcard) { WILDCARD_HOST } else { HOST }
    }
}

/// An authority to trust, and what a server shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The authority's certificate in DER.
    pub authority: Vec<u8>,
    /// The server's certificates in DER, its own first.
    pub chain: Vec<Vec<u8>>,
    /// The key of the server's own certificate, as PKCS #8 in DER.
    pub key: Vec<u8>,
}

/// Makes the certificates of a case.
///
/// # Errors
///
/// None is known; they would be those of the library that makes certificates.
pub fn shown(case: Case) -> Result<Shown, Error> {
    let root = Signer::new(root(case), None)?;
    let mut leaf = leaf(case)?;
    let mut between = Vec::new();
    let issuer = match case {
        Case::Intermediate | Case::PathTooLong => Some(authority("Intermediate authority", None)),
        Case::NameConstraints => Some(constrained(authority("Constrained authority", None))),
        Case::ServerAsAuthority => Some(server("Another server", &["other.example"])?),
        Case::AuthorityWithoutSigning => {
            let mut issuer = authority("Authority that signs nothing", None);
            issuer.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            Some(issuer)
        }
        _ => None,
    };
    let signer = match issuer {
        Some(params) => {
            let signer = Signer::new(params, Some(&root))?;
            between.push(signer.der.clone());
            signer
        }
        None => match case {
            Case::Namesake => Signer::new(self::root(case), None)?,
            Case::OtherAuthority => Signer::new(authority("Other authority", None), None)?,
            _ => root.clone_signer()?,
        },
    };
    let key = KeyPair::generate()?;
    let certificate = match case {
        Case::SelfSigned => leaf.self_signed(&key)?,
        _ => {
            leaf.use_authority_key_identifier_extension = true;
            leaf.signed_by(&key, &signer.issuer)?
        }
    };
    let mut der = certificate.der().to_vec();
    match case {
        Case::ChangedSignature => flip(&mut der, |len| len - 1),
        Case::ChangedContent => {
            // In the common name, which nothing but the signature depends on.
            let at = der.windows(6).rposition(|bytes| bytes == b"server").unwrap_or_default();
            flip(&mut der, |_| at);
        }
        _ => {}
    }
    between.insert(0, der);
    Ok(Shown { authority: root.der, chain: between, key: key.serialize_der() })
}

fn flip(der: &mut [u8], at: impl Fn(usize) -> usize) {
    let at = at(der.len());
    if let Some(byte) = der.get_mut(at) {
        *byte ^= 1;
    }
}

/// Somebody who signs certificates.
struct Signer {
    params: CertificateParams,
    key: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
    der: Vec<u8>,
}

impl Signer {
    fn new(params: CertificateParams, by: Option<&Self>) -> Result<Self, Error> {
        let key = KeyPair::generate()?;
        let certificate = match by {
            Some(signer) => params.signed_by(&key, &signer.issuer)?,
            None => params.self_signed(&key)?,
        };
        let der = certificate.der().to_vec();
        Ok(Self { params: params.clone(), key: key.serialize_der(), issuer: Issuer::new(params, key), der })
    }

    fn clone_signer(&self) -> Result<Self, Error> {
        let key = KeyPair::try_from(self.key.as_slice())?;
        let issuer = Issuer::new(self.params.clone(), key);
        Ok(Self { params: self.params.clone(), key: self.key.clone(), issuer, der: self.der.clone() })
    }
}

fn root(case: Case) -> CertificateParams {
    let below = (case == Case::PathTooLong).then_some(0);
    let mut root = authority("Trusted authority", below);
    if case == Case::AuthorityExpired {
        (root.not_before, root.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
    }
    root
}

fn authority(name: &str, below: Option<u8>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(below.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name = named(name);
    params
}

fn constrained(mut authority: CertificateParams) -> CertificateParams {
    let permitted_subtrees = vec![GeneralSubtree::DnsName(HOST.to_owned())];
    authority.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: vec![] });
    authority
}

fn server(common_name: &str, names: &[&str]) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>())?;
    params.distinguished_name = named(common_name);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn leaf(case: Case) -> Result<CertificateParams, Error> {
    let unknown = || CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![0x05, 0x00]);
    let mut leaf = match case {
        Case::FifthName => server("A server", &["a.example", "b.example", "127.0.0.9", "c.example", HOST])?,
        Case::Wildcard => server("A server", &["*.hosts.example"])?,
        Case::OtherHost => server(HOST, &["other.example"])?,
        Case::CommonNameOnly => server(HOST, &[])?,
        _ => server("A server", &[HOST])?,
    };
    match case {
        Case::Expired => {
            (leaf.not_before, leaf.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1))
        }
        Case::NotYetValid => leaf.not_before = date_time_ymd(2990, 1, 1),
        Case::ForClients => leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
        Case::NoDigitalSignature => leaf.key_usages = vec![KeyUsagePurpose::KeyAgreement],
        Case::UnknownUncritical => leaf.custom_extensions = vec![unknown()],
        Case::UnknownCritical => {
            let mut unknown = unknown();
            unknown.set_criticality(true);
            leaf.custom_extensions = vec![unknown];
        }
        _ => {}
    }
    Ok(leaf)
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}
