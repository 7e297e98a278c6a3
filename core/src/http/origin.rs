//! Origins and base URLs, parsed strictly (RFC 3986 §3, RFC 6454 §4). The configured origin is the only one that ever
//! receives a credential, so whatever is not plainly understood is refused: no user info, no query, no fragment, no dot
//! segments, no character that could end a header field or a request line.

use super::digits::whole_number;
use super::target;
use crate::ascii;
use crate::sink::{Sink, show};
use core::fmt;
use core::net::Ipv4Addr;

/// How bytes travel to an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain text.
    Http,
    /// TLS.
    Https,
}

impl Scheme {
    /// The scheme as it stands in a URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port of a URL of this scheme that names none.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Scheme, host and port: two URLs share their secrets only if all three are equal.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    scheme: Scheme,
    host: &'a str,
    port: u16,
}

impl<'a> Origin<'a> {
    /// The scheme.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host, with brackets if it is an IPv6 address.
    pub const fn host(&self) -> &'a str {
        self.host
    }

    /// The port. If the URL names none, the scheme's own.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether requests stay on this machine: `localhost`, `127.0.0.0/8` or `[::1]`.
    pub fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host == "[::1]"
            || self.host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
    }

    /// The value of the `Host` field (RFC 9110 §7.2): the port only where it is not the scheme's own.
    pub fn authority(&self) -> impl fmt::Display + 'a {
        let origin = *self;
        fmt::from_fn(move |f| show(f, |out| origin.write_authority(out)))
    }

    pub(super) fn write_authority(&self, out: &mut dyn Sink) {
        out.put(self.host);
        if self.port != self.scheme.default_port() {
            out.put(":");
            out.put_number(self.port.into(), 0);
        }
    }

    pub(crate) fn write(&self, out: &mut dyn Sink) {
        out.put(self.scheme.as_str());
        out.put("://");
        self.write_authority(out)
    }
}

impl PartialEq for Origin<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.scheme == other.scheme
            && self.port == other.port
            && ascii::is_same(self.host.as_bytes(), other.host.as_bytes())
    }
}

impl Eq for Origin<'_> {}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, |out| self.write(out))
    }
}

/// Where an API lives: an origin and the path below which all its endpoints are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseUrl<'a> {
    origin: Origin<'a>,
    path: &'a str,
}

impl<'a> BaseUrl<'a> {
    /// Reads `https://host`, `https://host:8443/base/path` or the like.
    ///
    /// # Errors
    ///
    /// Says what stands where it may not, and at which byte.
    pub fn parse(url: &'a str) -> Result<Self, UrlError> {
        let error = |kind, offset| UrlError { kind, offset };
        let (scheme, rest) = split_scheme(url).ok_or_else(|| error(UrlErrorKind::Scheme, 0))?;
        let authority_at = url.len().saturating_sub(rest.len());
        let (authority, path) = split_authority(rest);
        if authority.contains('@') {
            return Err(error(UrlErrorKind::UserInfo, authority_at));
        }
        let path_at = authority_at.saturating_add(authority.len());
        let (host, port) =
            split_port(authority, scheme).ok_or_else(|| error(UrlErrorKind::Port, authority_at))?;
        if !is_host(host) {
            return Err(error(UrlErrorKind::Host, authority_at));
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        if !path.is_empty() {
            target::check_path(path)
                .map_err(|fault| error(UrlErrorKind::Path, path_at.saturating_add(fault.offset)))?;
        }
        Ok(Self { origin: Origin { scheme, host, port }, path })
    }

    /// The origin.
    pub const fn origin(&self) -> Origin<'a> {
        self.origin
    }

    /// The path that goes before every endpoint's: empty, or with a slash in front and none at the end.
    pub const fn path(&self) -> &'a str {
        self.path
    }

    pub(crate) fn write(&self, out: &mut dyn Sink) {
        self.origin.write(out);
        out.put(self.path)
    }
}

impl fmt::Display for BaseUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, |out| self.write(out))
    }
}

/// A URL that cannot be used as a base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UrlError {
    /// What is wrong.
    pub kind: UrlErrorKind,
    /// The byte of the URL where it is wrong.
    pub offset: usize,
}

/// What is wrong with a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlErrorKind {
    /// It does not begin with `https://` or `http://`.
    Scheme,
    /// It carries a user name or password.
    UserInfo,
    /// The host is missing or has a character that no host has.
    Host,
    /// The port is not a number from 1 to 65535.
    Port,
    /// The path has a query, a fragment, a dot segment or a character that must be percent-encoded.
    Path,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            UrlErrorKind::Scheme => "it must begin with https:// or http://",
            UrlErrorKind::UserInfo => "a user name or password does not belong in it",
            UrlErrorKind::Host => "the host is missing or misspelt",
            UrlErrorKind::Port => "the port must be a number from 1 to 65535",
            UrlErrorKind::Path => {
                "the path may hold neither query, fragment, dot segment nor unencoded characters"
            }
        };
        write!(f, "the base URL is unusable at byte {}: {what}", self.offset)
    }
}

impl core::error::Error for UrlError {}

pub(super) fn split_scheme(url: &str) -> Option<(Scheme, &str)> {
    let (name, rest) = url.split_at_checked(ascii::find(url.as_bytes(), b':'))?;
    let rest = rest.strip_prefix("://")?;
    let scheme = [Scheme::Https, Scheme::Http]
        .into_iter()
        .find(|scheme| ascii::is_same(name.as_bytes(), scheme.as_str().as_bytes()))?;
    Some((scheme, rest))
}

/// What stands before the first of the characters that end an authority, and the rest from there.
fn split_authority(rest: &str) -> (&str, &str) {
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    (rest.get(..end).unwrap_or_default(), rest.get(end..).unwrap_or_default())
}

/// The origin at the beginning of what follows a scheme, and what stands behind it; `None` if there is none, or user
/// information in it.
pub(super) fn split_origin(scheme: Scheme, rest: &str) -> Option<(Origin<'_>, &str)> {
    let (authority, behind) = split_authority(rest);
    let (host, port) = split_port(authority, scheme).filter(|(host, _)| is_host(host))?;
    Some((Origin { scheme, host, port }, behind))
}

/// Host and port of an authority; `None` if the port is no port.
fn split_port(authority: &str, scheme: Scheme) -> Option<(&str, u16)> {
    // Byte by byte: to look for a character backwards keeps a way to panic in the program.
    let host_end = match authority.bytes().rposition(|byte| byte == b']') {
        Some(bracket) => bracket.checked_add(1)?,
        None if authority.starts_with('[') => authority.len(),
        None => ascii::find(authority.as_bytes(), b':'),
    };
    let (host, rest) = authority.split_at_checked(host_end)?;
    let port = match rest.strip_prefix(':') {
        None => rest.is_empty().then(|| scheme.default_port())?,
        Some(digits) => u16::try_from(whole_number(digits.as_bytes())?).ok()?,
    };
    (port != 0).then_some((host, port))
}

fn is_host(host: &str) -> bool {
    match host.as_bytes() {
        [b'[', address @ .., b']'] => is_ipv6(address),
        name => !name.is_empty() && name.iter().all(|byte| ascii::is_alphanumeric_or(b"-._", *byte)),
    }
}

/// Eight groups of up to four hexadecimal digits between colons, or fewer around one `::` (RFC 3986 §3.2.2, without
/// its form that ends in an IPv4 address).
fn is_ipv6(address: &[u8]) -> bool {
    // Whole groups, digits of the one in hand, colons since the last digit, and pairs of colons.
    let (mut groups, mut digits, mut colons, mut gaps) = (0_u32, 0_u32, 0_u32, 0_u32);
    for byte in address {
        if *byte == b':' {
            groups = groups.wrapping_add((digits > 0).into());
            (digits, colons) = (0, colons.wrapping_add(1));
            gaps = gaps.wrapping_add((colons == 2).into());
        } else {
            // One colon alone follows a group, and no pair has a third one beside it.
            if !byte.is_ascii_hexdigit() || digits == 4 || colons > 2 || colons == 1 && groups == 0 {
                return false;
            }
            (digits, colons) = (digits.wrapping_add(1), 0);
        }
    }
    groups = groups.wrapping_add((digits > 0).into());
    matches!((gaps, groups, colons), (0, 8, 0) | (1, ..=7, 0 | 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn a_base_url_gives_origin_authority_and_path() {
        let table = [
            ("https://api.example", "https://api.example", "api.example", ""),
            ("https://api.example/", "https://api.example", "api.example", ""),
            ("HTTPS://api.example:443/v1/", "https://api.example", "api.example", "/v1"),
            ("http://127.0.0.1:8080/a/b", "http://127.0.0.1:8080", "127.0.0.1:8080", "/a/b"),
            ("https://[::1]:8443", "https://[::1]:8443", "[::1]:8443", ""),
            ("https://[2001:db8::1]/x%20y", "https://[2001:db8::1]", "[2001:db8::1]", "/x%20y"),
        ];
        for (url, origin, authority, path) in table {
            let base = BaseUrl::parse(url).unwrap();
            assert_eq!(base.origin().to_string(), origin, "{url}");
            assert_eq!(base.origin().authority().to_string(), authority, "{url}");
            assert_eq!(base.path(), path, "{url}");
        }
    }

    #[test]
    fn what_is_not_plainly_an_origin_is_refused() {
        use UrlErrorKind::*;
        let table = [
            ("ftp://host", Scheme, 0),
            ("host/path", Scheme, 0),
            ("é", Scheme, 0),
            ("https:/host", Scheme, 0),
            ("https://", Host, 8),
            ("https:///path", Host, 8),
            ("https://user:secret@host", UserInfo, 8),
            ("https://host@evil.example", UserInfo, 8),
            ("https://ho st", Host, 8),
            ("https://host\r\nX", Host, 8),
            ("https://h\u{f6}st", Host, 8),
            ("https://[::1", Host, 8),
            ("https://[not-an-address]", Host, 8),
            ("https://host:", Port, 8),
            ("https://host:0", Port, 8),
            ("https://host:+1", Port, 8),
            ("https://host:65536", Port, 8),
            ("https://[::1]x", Port, 8),
            ("https://host/a b", Path, 14),
            ("https://host/a?b=c", Path, 14),
            ("https://host/a#b", Path, 14),
            ("https://host?x", Path, 12),
            ("https://host/a/../b", Path, 15),
            ("https://host/%2", Path, 13),
        ];
        for (url, kind, offset) in table {
            assert_eq!(BaseUrl::parse(url), Err(UrlError { kind, offset }), "{url:?}");
        }
    }

    #[test]
    fn an_ipv6_address_is_one_wherever_the_standard_library_says_so() {
        let parts = ["", ":", "::", "1", "ab", "0db8", "12345", "g"];
        let mut addresses = std::vec![std::string::String::new()];
        for _ in 0..4 {
            let longer = addresses.iter().flat_map(|start| parts.map(|part| start.clone() + part));
            addresses = longer.chain(addresses.clone()).collect();
        }
        for full in
            ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9"]
        {
            addresses.push(full.to_string());
        }
        for address in addresses {
            assert_eq!(
                is_ipv6(address.as_bytes()),
                address.parse::<core::net::Ipv6Addr>().is_ok(),
                "{address:?}"
            );
        }
    }

    #[test]
    fn origins_are_equal_only_in_scheme_host_and_port() {
        let origin = |url| BaseUrl::parse(url).unwrap().origin();
        assert_eq!(origin("https://Api.example"), origin("https://api.EXAMPLE:443/other"));
        for other in
            ["http://api.example:443", "https://api.example:8443", "https://api.example.evil.example"]
        {
            assert_ne!(origin("https://api.example"), origin(other));
        }
    }

    #[test]
    fn loopback_is_this_machine_and_nothing_that_resembles_it() {
        let loopback = |url| BaseUrl::parse(url).unwrap().origin().is_loopback();
        for url in ["http://localhost", "http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:80"] {
            assert!(loopback(url), "{url}");
        }
        for url in [
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "http://10.0.0.1",
            "http://[::2]",
        ] {
            assert!(!loopback(url), "{url}");
        }
    }
}
