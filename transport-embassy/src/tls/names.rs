//! Whether a certificate is for a host (RFC 9525 §6). Only alternative names count, wherever they stand in their list;
//! the common name is never looked at. A wildcard is a whole left-most label and stands for one label. An IP address is
//! compared as bytes, and with addresses only.

use super::certificate::Certificate;
use super::der::{Reader, tag};
use core::net::IpAddr;

/// The longest name there is (RFC 1035 §2.3.4), without the dot at its end.
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Whom a connection is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host<'a> {
    /// A DNS name without the dot that may stand at its end.
    Name(&'a str),
    /// An IP address.
    Address(IpAddr),
}

impl<'a> Host<'a> {
    /// Reads a host as it stands in a URL: a name, an IPv4 address, or an IPv6 address in brackets. `None` if it is
    /// nothing of the kind.
    pub fn parse(host: &'a str) -> Option<Self> {
        if let Some(address) = host.strip_prefix('[') {
            return address.strip_suffix(']')?.parse().ok().map(|address| Self::Address(IpAddr::V6(address)));
        }
        if let Ok(address) = host.parse() {
            return Some(Self::Address(IpAddr::V4(address)));
        }
        let name = host.strip_suffix('.').unwrap_or(host);
        is_name(name).then_some(Self::Name(name))
    }

    /// Whether the certificate has this host among its alternative names.
    pub fn is_named_by(&self, certificate: &Certificate<'_>) -> bool {
        const DNS_NAME: u8 = tag::context(2);
        const IP_ADDRESS: u8 = tag::context(7);
        let mut names = Reader::new(certificate.extensions.alternative_names.unwrap_or_default());
        while let Ok(name) = names.next() {
            let is_this = match (self, name.tag) {
                (Self::Name(host), DNS_NAME) => stands_for(name.content, host.as_bytes()),
                (Self::Address(IpAddr::V4(address)), IP_ADDRESS) => name.content == address.octets(),
                (Self::Address(IpAddr::V6(address)), IP_ADDRESS) => name.content == address.octets(),
                _ => false,
            };
            if is_this {
                return true;
            }
        }
        false
    }
}

/// A name has labels of letters, digits, hyphens and underscores, and the last one is no number: that would be an address
/// written in a way that is not read as one here.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= LONGEST_NAME
        && name.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a name of a certificate stands for the host. A wildcard needs two labels behind it, as in the web's clients: one
/// for all of a top-level domain can be nobody's.
fn stands_for(presented: &[u8], host: &[u8]) -> bool {
    match presented.strip_prefix(b"*") {
        None => presented.eq_ignore_ascii_case(host),
        Some(parent) => {
            let behind = host.iter().position(|&byte| byte == b'.').and_then(|dot| host.get(dot..));
            let is_deep = parent.iter().filter(|&&byte| byte == b'.').count() >= 2;
            is_deep && behind.is_some_and(|behind| behind.eq_ignore_ascii_case(parent))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::{Ipv4Addr, Ipv6Addr};

    #[test]
    fn a_host_is_a_name_or_an_address() {
        let v4 = |address| Some(Host::Address(IpAddr::V4(address)));
        let v6 = |address| Some(Host::Address(IpAddr::V6(address)));
        let table = [
            ("api.example", Some(Host::Name("api.example"))),
            ("API.example.", Some(Host::Name("API.example"))),
            ("a_b-c.x1", Some(Host::Name("a_b-c.x1"))),
            ("localhost", Some(Host::Name("localhost"))),
            ("127.0.0.1", v4(Ipv4Addr::LOCALHOST)),
            ("[::1]", v6(Ipv6Addr::LOCALHOST)),
            ("", None),
            (".", None),
            ("a..b", None),
            (".a", None),
            ("a..", None),
            ("::1", None),
            ("[127.0.0.1]", None),
            ("[::1", None),
            ("127.0.0.256", None),
            ("127.1", None),
            ("1", None),
            ("*.example", None),
            ("a b", None),
            ("é.example", None),
        ];
        for (text, host) in table {
            assert_eq!(Host::parse(text), host, "{text}");
        }
        assert_eq!(Host::parse(&("a".repeat(64) + ".example")), None, "a label too long");
        let longest = "a.".repeat(126) + "a";
        assert_eq!(Host::parse(&longest), Some(Host::Name(&longest)));
        assert_eq!(Host::parse(&("a.".repeat(127) + "a")), None, "a name too long");
    }

    #[test]
    fn a_name_stands_for_itself_and_a_wildcard_for_one_label() {
        let table = [
            ("api.example", "api.example", true),
            ("API.Example", "api.eXAMPLE", true),
            ("*.hosts.example", "a.hosts.example", true),
            ("*.Hosts.example", "a.hosts.Example", true),
            ("api.example", "www.api.example", false),
            ("www.api.example", "api.example", false),
            ("api.example.", "api.example", false),
            ("", "api.example", false),
            ("*.hosts.example", "hosts.example", false),
            ("*.hosts.example", "a.b.hosts.example", false),
            ("*.hosts.example", "ahosts.example", false),
            ("*.example", "api.example", false),
            ("*", "localhost", false),
            ("*.", "localhost", false),
            ("**.hosts.example", "a.hosts.example", false),
            ("a*.hosts.example", "ab.hosts.example", false),
            ("*b.hosts.example", "ab.hosts.example", false),
            ("x.*.example", "x.hosts.example", false),
            ("*.*.example", "a.b.example", false),
            ("api.example\0", "api.example", false),
            ("api.example\0.evil.example", "api.example", false),
        ];
        for (presented, host, is_same) in table {
            assert_eq!(stands_for(presented.as_bytes(), host.as_bytes()), is_same, "{presented} for {host}");
        }
    }
}
