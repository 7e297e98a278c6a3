//! Where a server points to: the URL of a `Location` field (RFC 9110 §10.2.2) or of a link in a page, resolved against the
//! configured origin. It is parsed as strictly as a base URL, and another origin never gets a credential.

use super::origin::{self, Origin};
use crate::ascii;

/// A URL that a server names, resolved against the origin that named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location<'a> {
    /// Where it leads to.
    pub origin: Origin<'a>,
    /// Path and query, as written.
    pub target: &'a str,
}

impl<'a> Location<'a> {
    /// Reads an absolute URL, one without a scheme (`//host/path`), or an absolute path. `None` for all else, and for a
    /// URL that cannot be sent in a request.
    pub fn resolve(text: &'a str, base: Origin<'a>) -> Option<Self> {
        let text = text.get(..ascii::find(text.as_bytes(), b'#')).unwrap_or_default();
        let (origin, target) = match origin::split_scheme(text) {
            Some((scheme, rest)) => origin::split_origin(scheme, rest)?,
            None => match text.strip_prefix("//") {
                Some(rest) => origin::split_origin(base.scheme(), rest)?,
                None => (base, Some(text).filter(|text| text.starts_with('/'))?),
            },
        };
        let target = if target.is_empty() { "/" } else { target };
        let is_sendable = target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic());
        is_sendable.then_some(Self { origin, target })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::BaseUrl;
    use std::string::ToString;

    #[test]
    fn a_location_is_resolved_as_strictly_as_a_base_url_is_read() {
        let base = BaseUrl::parse("https://api.example/v2").unwrap().origin();
        let table = [
            ("/files/1?x=y#z", Some(("https://api.example", "/files/1?x=y"))),
            ("https://api.example:443/a", Some(("https://api.example", "/a"))),
            ("https://storage.example", Some(("https://storage.example", "/"))),
            ("//storage.example/a?sig=b%2Bc", Some(("https://storage.example", "/a?sig=b%2Bc"))),
            ("http://127.0.0.1:8080/a", Some(("http://127.0.0.1:8080", "/a"))),
            ("https://user@storage.example/a", None),
            ("ftp://storage.example/a", None),
            ("https:///a", None),
            ("files/1", None),
            ("?offset=2", None),
            ("/a b", None),
            ("/a\r\nX: y", None),
            ("", None),
        ];
        for (text, expected) in table {
            let found = Location::resolve(text, base);
            let found = found.map(|found| (found.origin.to_string(), found.target));
            assert_eq!(
                found.as_ref().map(|(origin, target)| (origin.as_str(), *target)),
                expected,
                "{text:?}"
            );
        }
    }
}
