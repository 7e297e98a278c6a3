//! A request as a service sees it: method, target, fields and body, as they stood on the wire.

/// A request as it stood on the wire.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Such as `GET`.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// All fields in their order; names in any case.
    pub fields: &'a [(String, String)],
    /// The body as it came; empty if there is none.
    pub body: &'a [u8],
}

impl Request<'_> {
    /// The first value of a field, without spaces around it.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// What stands after the scheme in `Authorization`; schemes are compared without case (RFC 9110 section 11.1).
    pub(crate) fn credentials(&self, scheme: &str) -> Option<&str> {
        let (given, credentials) = self.field("Authorization")?.split_once(' ')?;
        given.eq_ignore_ascii_case(scheme).then(|| credentials.trim())
    }

    pub(crate) fn accepts_gzip(&self) -> bool {
        let named = |coding: &str| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
            name.trim().eq_ignore_ascii_case("gzip") && !refused
        };
        self.field("Accept-Encoding").is_some_and(|value| value.split(',').any(named))
    }

    pub(crate) fn asks_to_close(&self) -> bool {
        self.field("Connection")
            .is_some_and(|value| value.split(',').any(|option| option.trim().eq_ignore_ascii_case("close")))
    }
}
