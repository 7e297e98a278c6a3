//! Request targets (RFC 9112 section 3.2) and what is in them: path segments and a query's parameters, decoded and
//! encoded as forms are (`+` is a space in a query).

/// Path and query of a target, still encoded.
pub(crate) fn split(target: &str) -> (&str, &str) {
    let target = without_origin(target);
    target.split_once('?').unwrap_or((target, ""))
}

/// The segments of a path that begins with a slash, decoded; a slash at its end gives an empty last one. `None` for a
/// path that does not begin so or cannot be decoded.
pub(crate) fn segments(path: &str) -> Option<Vec<String>> {
    path.strip_prefix('/')?.split('/').map(|segment| decode(segment, false)).collect()
}

/// A proxy's absolute form (RFC 9112 section 3.2.2) without its origin.
fn without_origin(target: &str) -> &str {
    let Some((_, rest)) = target.split_once("://").filter(|_| !target.starts_with('/')) else {
        return target;
    };
    rest.find('/').map_or("/", |at| &rest[at..])
}

/// The query's parameters, decoded, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// `None` if it is not percent-encoded UTF-8.
    pub(crate) fn read(query: &str) -> Option<Self> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let decoded = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name, true)?, decode(value, true)?))
        });
        decoded.collect::<Option<Vec<_>>>().map(Self)
    }

    /// Every value of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The last value of a name: where several are given, most servers take that one.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All of them.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Percent-decoding; `None` for a broken escape or what is not UTF-8.
fn decode(text: &str, plus_is_space: bool) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' if plus_is_space => b' ',
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// As a form encodes a value: a space as `+`, all but letters, digits and `-._~` as `%XX`.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            plain if plain.is_ascii_alphanumeric() => encoded.push(char::from(plain)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_split_with_and_without_an_origin() {
        let cases = [
            ("/a/b?c=d", ("/a/b", "c=d")),
            ("http://localhost:80/a?b", ("/a", "b")),
            ("http://localhost", ("/", "")),
            ("/a?next=http://b/c", ("/a", "next=http://b/c")),
            ("*", ("*", "")),
        ];
        for (target, expected) in cases {
            assert_eq!(split(target), expected, "{target}");
        }
    }

    #[test]
    fn a_plus_is_a_space_in_a_query_and_itself_in_a_path() {
        assert_eq!(segments("/a+b/c%2Fd/"), Some(vec!["a+b".to_owned(), "c/d".to_owned(), String::new()]));
        let read = Parameters::read("a=b+c&a=%2B&d").expect("encoded well");
        assert_eq!(read.all("a").collect::<Vec<_>>(), ["b c", "+"]);
        assert_eq!((read.last("a"), read.last("d"), read.last("e")), (Some("+"), Some(""), None));
        assert_eq!((segments("a"), segments("/%4"), Parameters::read("a=%FF")), (None, None, None));
    }

    #[test]
    fn what_is_encoded_is_decoded_to_the_same() {
        for text in ["", "a b", "a,b:c", "þ+%", "~-._"] {
            assert_eq!(decode(&encode(text), true).as_deref(), Some(text));
        }
        assert_eq!(encode("a b,c:d"), "a+b%2Cc%3Ad");
    }
}
