//! An X.509 certificate of version 3 (RFC 5280 §4), read in place: every part is a slice of the bytes that came. Keys
//! and signatures are of the one kind that this crate can check, ECDSA on P-256 with SHA-256 (RFC 5480, RFC 5758). Reading
//! says what a certificate claims; whether to believe it is decided in `chain`.

use super::der::{self, Malformed, Reader, tag};
use super::fault::CertificateFault;
use super::signature::{self, PublicKey};
use super::validity::Validity;

/// `ecdsa-with-SHA256`, without parameters (RFC 5758 §3.2).
const ECDSA_WITH_SHA256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// `id-ecPublicKey` with `secp256r1` (RFC 5480 §2.1).
const P256_KEY: &[u8] = &[
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
    0x01, 0x07,
];
/// `id-kp-serverAuth` (RFC 5280 §4.2.1.12).
const SERVER_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
/// The third version is number 2.
const VERSION_3: u8 = 2;

/// What a certificate says, borrowed from its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Certificate<'a> {
    /// What the issuer signed.
    pub(crate) signed: &'a [u8],
    /// The issuer's signature, in DER.
    pub(crate) signature: &'a [u8],
    pub(crate) issuer: &'a [u8],
    pub(crate) subject: &'a [u8],
    pub(crate) validity: Validity,
    /// The key with its algorithm, as pins are taken of it (RFC 7469 §2.4).
    pub(crate) key_info: &'a [u8],
    pub(crate) key: &'a PublicKey,
    pub(crate) extensions: Extensions<'a>,
}

/// What is understood of the extensions (RFC 5280 §4.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extensions<'a> {
    pub(crate) authority: Authority,
    pub(crate) key_usage: Option<KeyUsage>,
    /// Whether it is for servers; `None` where it does not say what it is for.
    pub(crate) for_servers: Option<bool>,
    /// The content of the list of alternative names; it is well-formed.
    pub(crate) alternative_names: Option<&'a [u8]>,
    pub(crate) has_name_constraints: bool,
}

/// Whether a certificate is an authority's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Authority {
    /// It is not.
    #[default]
    No,
    /// It is, and so many further authorities may be between it and a server; `None` for any number.
    Yes { below: Option<u8> },
}

/// What the key may be used for, of what is asked here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyUsage {
    pub(crate) digital_signature: bool,
    pub(crate) certificate_signing: bool,
}

impl From<Malformed> for CertificateFault {
    fn from(Malformed: Malformed) -> Self {
        Self::Malformed
    }
}

impl<'a> Certificate<'a> {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    ///
    /// Says what is wrong with it: its form, its algorithms, or an extension that is there twice or must be understood
    /// and is not.
    pub fn parse(der: &'a [u8]) -> Result<Self, CertificateFault> {
        let mut outer = Reader::new(der::only(der, tag::SEQUENCE)?);
        let signed = outer.expect_element(tag::SEQUENCE)?;
        let algorithm = outer.expect(tag::SEQUENCE)?;
        let signature = der::whole_bytes(outer.expect(tag::BIT_STRING)?)?;
        outer.end()?;

        let mut inner = Reader::new(signed.content);
        let version = inner.expect(tag::context_constructed(0))?;
        if der::only(version, tag::INTEGER)? != [VERSION_3] {
            return Err(CertificateFault::Malformed);
        }
        serial_number(inner.expect(tag::INTEGER)?)?;
        // The one outside is not signed, so it counts only if it is the one inside (RFC 5280 §4.1.1.2).
        if inner.expect(tag::SEQUENCE)? != algorithm {
            return Err(CertificateFault::Malformed);
        }
        let issuer = inner.expect_element(tag::SEQUENCE)?.whole;
        let validity = Validity::read(inner.expect(tag::SEQUENCE)?)?;
        let subject = inner.expect_element(tag::SEQUENCE)?.whole;
        let key_info = inner.expect_element(tag::SEQUENCE)?;
        inner.optional(tag::context(1))?; // The unique identifiers, which nobody uses.
        inner.optional(tag::context(2))?;
        let extensions = inner.optional(tag::context_constructed(3))?;
        inner.end()?;

        if algorithm != ECDSA_WITH_SHA256 {
            return Err(CertificateFault::Algorithm);
        }
        let extensions = match extensions {
            Some(list) => Extensions::read(der::only(list, tag::SEQUENCE)?)?,
            None => Extensions::default(),
        };
        let key = public_key(key_info.content)?;
        let (signed, key_info) = (signed.whole, key_info.whole);
        Ok(Self { signed, signature, issuer, subject, validity, key_info, key, extensions })
    }

    /// The SHA-256 of the key with its algorithm, by which a key is pinned (RFC 7469 §2.4).
    pub fn key_pin(&self) -> [u8; 32] {
        signature::digest([self.key_info])
    }
}

/// A serial number is up to 20 bytes long (RFC 5280 §4.1.2.2), and one more where the first bit would be a sign. Nothing
/// here depends on its value.
fn serial_number(content: &[u8]) -> Result<(), Malformed> {
    if (1..=21).contains(&content.len()) { Ok(()) } else { Err(Malformed) }
}

fn public_key(info: &[u8]) -> Result<&PublicKey, CertificateFault> {
    let mut reader = Reader::new(info);
    let algorithm = reader.expect(tag::SEQUENCE)?;
    let key = der::whole_bytes(reader.expect(tag::BIT_STRING)?)?;
    reader.end()?;
    match <&PublicKey>::try_from(key) {
        Ok(key @ [4, ..]) if algorithm == P256_KEY => Ok(key),
        _ => Err(CertificateFault::Key),
    }
}

impl<'a> Extensions<'a> {
    fn read(list: &'a [u8]) -> Result<Self, CertificateFault> {
        let mut read = Self::default();
        let mut rest = Reader::new(list);
        if rest.is_at_end() {
            return Err(CertificateFault::Malformed);
        }
        while !rest.is_at_end() {
            let mut extension = Reader::new(rest.expect(tag::SEQUENCE)?);
            let id = extension.expect(tag::OBJECT_IDENTIFIER)?;
            let is_critical = match extension.optional(tag::BOOLEAN)? {
                // The default is left out in DER.
                Some(value) if !der::boolean(value)? => return Err(CertificateFault::Malformed),
                value => value.is_some(),
            };
            let value = extension.expect(tag::OCTET_STRING)?;
            extension.end()?;
            if occurs_in(rest, id)? {
                return Err(CertificateFault::DuplicateExtension);
            }
            read.take(id, is_critical, value)?;
        }
        Ok(read)
    }

    fn take(&mut self, id: &[u8], is_critical: bool, value: &'a [u8]) -> Result<(), CertificateFault> {
        match id {
            [0x55, 0x1d, 0x0f] => self.key_usage = Some(key_usage(value)?),
            [0x55, 0x1d, 0x11] => self.alternative_names = Some(alternative_names(value)?),
            [0x55, 0x1d, 0x13] => self.authority = authority(value)?,
            [0x55, 0x1d, 0x1e] => self.has_name_constraints = true,
            [0x55, 0x1d, 0x25] => self.for_servers = Some(is_for_servers(value)?),
            _ if is_critical => return Err(CertificateFault::CriticalExtension),
            _ => {}
        }
        Ok(())
    }
}

/// Whether an extension of this kind is among the following ones.
fn occurs_in(mut rest: Reader<'_>, id: &[u8]) -> Result<bool, Malformed> {
    while !rest.is_at_end() {
        if Reader::new(rest.expect(tag::SEQUENCE)?).expect(tag::OBJECT_IDENTIFIER)? == id {
            return Ok(true);
        }
    }
    Ok(false)
}

fn key_usage(value: &[u8]) -> Result<KeyUsage, Malformed> {
    // Nine bits are defined, the first of them the highest of the first byte.
    match der::bits(der::only(value, tag::BIT_STRING)?)?.0 {
        [first] | [first, _] => {
            Ok(KeyUsage { digital_signature: first & 0x80 != 0, certificate_signing: first & 0x04 != 0 })
        }
        _ => Err(Malformed),
    }
}

fn authority(value: &[u8]) -> Result<Authority, Malformed> {
    let mut constraints = Reader::new(der::only(value, tag::SEQUENCE)?);
    let is_authority = match constraints.optional(tag::BOOLEAN)? {
        // The default is left out in DER.
        Some(content) if !der::boolean(content)? => return Err(Malformed),
        content => content.is_some(),
    };
    let below = constraints.optional(tag::INTEGER)?.map(der::small_integer).transpose()?;
    constraints.end()?;
    match (is_authority, below) {
        (true, below) => Ok(Authority::Yes { below }),
        (false, None) => Ok(Authority::No),
        (false, Some(_)) => Err(Malformed),
    }
}

fn is_for_servers(value: &[u8]) -> Result<bool, Malformed> {
    let mut purposes = Reader::new(der::only(value, tag::SEQUENCE)?);
    let mut is_for_servers = false;
    loop {
        is_for_servers |= purposes.expect(tag::OBJECT_IDENTIFIER)? == SERVER_AUTH;
        if purposes.is_at_end() {
            return Ok(is_for_servers);
        }
    }
}

fn alternative_names(value: &[u8]) -> Result<&[u8], Malformed> {
    let list = der::only(value, tag::SEQUENCE)?;
    let mut names = Reader::new(list);
    loop {
        names.next()?;
        if names.is_at_end() {
            return Ok(list);
        }
    }
}
