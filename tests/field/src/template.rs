//! Bodies and field values, in which `<<…>>` stands for what would be tedious or impossible to write out: many items, bytes that
//! are no text, moments of the clock, and what the request said.

use crate::words;
use std::fmt::Write as _;
use tidegate_core::time::Duration;
use tidegate_simulator::{Request, http_date};

/// A text with places to be filled in when it is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Bytes(Vec<u8>),
    /// Items with these numbers, each in this form: `#` is its number, `@` that of the request.
    Items {
        numbers: std::ops::Range<i64>,
        form: String,
    },
    /// The server's clock, so much later or earlier, in milliseconds.
    Moment {
        later: i64,
        form: Form,
    },
    /// The value of a parameter of the request's query.
    Asked {
        name: String,
        or: String,
    },
    /// The scheme and host that the request went to.
    Origin,
    /// How many requests came to the API, this one included.
    Number,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Seconds,
    Millis,
    Date,
}

impl Template {
    /// Reads a template; the error is what cannot be understood.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once("<<") {
            let (inside, after) =
                after.split_once(">>").ok_or_else(|| "`<<` without `>>` behind it".to_owned())?;
            parts.push(Part::Bytes(before.as_bytes().to_vec()));
            if inside.contains("<<") {
                return Err(format!("`<<` inside of `<<{inside}>>`"));
            }
            parts.push(part(inside.trim())?);
            rest = after;
        }
        parts.push(Part::Bytes(rest.as_bytes().to_vec()));
        Ok(Self(parts))
    }

    /// Adds another behind it.
    pub(crate) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether nothing was ever written in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is sent in answer to a request that arrives then, as the so-many-th.
    pub(crate) fn fill(&self, now_ms: u64, number: u64, request: &Request<'_>) -> Vec<u8> {
        self.0.iter().flat_map(|part| part.fill(now_ms, number, request)).collect()
    }
}

impl Part {
    fn fill(&self, now_ms: u64, number: u64, request: &Request<'_>) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Items { numbers, form } => {
                let form = form.replace('@', &number.to_string());
                let items: Vec<String> =
                    numbers.clone().map(|item| form.replace('#', &item.to_string())).collect();
                items.join(",").into_bytes()
            }
            Self::Moment { later, form } => {
                let moment = now_ms.saturating_add_signed(*later);
                match form {
                    Form::Seconds => moment.div_ceil(1_000).to_string(),
                    Form::Millis => moment.to_string(),
                    Form::Date => http_date(moment),
                }
                .into_bytes()
            }
            Self::Asked { name, or } => {
                query(request.target, name).unwrap_or_else(|| or.clone()).into_bytes()
            }
            Self::Number => number.to_string().into_bytes(),
            Self::Origin => {
                let host = request.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
                format!("http://{}", host.map_or("", |(_, value)| value)).into_bytes()
            }
        }
    }
}

/// The value of a parameter of a target's query, percent-decoded.
pub(crate) fn query(target: &str, name: &str) -> Option<String> {
    let (_, query) = target.split_once('?')?;
    let value = query.split('&').find_map(|pair| {
        let (known, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(known) == name).then_some(value)
    });
    value.map(decoded)
}

fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, after @ ..] = rest {
        let escaped = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match escaped.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn part(inside: &str) -> Result<Part, String> {
    let known = if let Some(rest) = inside.strip_prefix("items ") {
        items(rest)
    } else if let Some(rest) = inside.strip_prefix("bytes ") {
        rest.split(' ').map(|byte| u8::from_str_radix(byte, 16).ok()).collect::<Option<_>>().map(Part::Bytes)
    } else if let Some(rest) = inside.strip_prefix("repeat ") {
        rest.split_once(' ')
            .and_then(|(times, text)| Some(Part::Bytes(text.repeat(times.parse().ok()?).into_bytes())))
    } else if let Some(rest) = inside.strip_prefix("now") {
        moment(rest.trim())
    } else if let Some(rest) = inside.strip_prefix("asked ") {
        let (name, or) = rest.split_once(" or ").unwrap_or((rest, ""));
        Some(Part::Asked { name: name.trim().to_owned(), or: or.trim().to_owned() })
    } else if inside == "origin" {
        Some(Part::Origin)
    } else if inside == "number" {
        Some(Part::Number)
    } else {
        None
    };
    known.ok_or_else(|| format!("nothing is known to fill in for `<<{inside}>>`"))
}

/// `0..50`, or `0..50 as {"name":"#"}`.
fn items(text: &str) -> Option<Part> {
    let (range, form) = text.split_once(" as ").unwrap_or((text, "{\"id\":#}"));
    Some(Part::Items { numbers: words::range(range)?, form: form.to_owned() })
}

/// `+ 20s`, `- 20s`, with ` as ms` or ` as date` behind it, or nothing at all.
fn moment(text: &str) -> Option<Part> {
    let (distance, form) = match text.split_once("as ") {
        None => (text, Form::Seconds),
        Some((distance, "ms")) => (distance.trim(), Form::Millis),
        Some((distance, "date")) => (distance.trim(), Form::Date),
        Some(_) => return None,
    };
    let millis = |text: &str| {
        words::duration(text.trim()).and_then(|time: Duration| i64::try_from(time.as_millis()).ok())
    };
    let later = match distance.split_at_checked(1) {
        None => 0,
        Some(("+", time)) => millis(time)?,
        Some(("-", time)) => -millis(time)?,
        Some(_) => return None,
    };
    Some(Part::Moment { later, form })
}

/// Bytes as a person can read them in a message.
pub(crate) fn shown(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b' '..=b'~' => text.push(char::from(*byte)),
            other => write!(text, "\\x{other:02x}").expect("a string takes all"),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, String> {
        let fields = [("host".to_owned(), "127.0.0.1:80".to_owned())];
        let request = Request { method: "GET", target: "/x?offset=3&q=a%20b", fields: &fields, body: &[] };
        let bytes = Template::parse(text)?.fill(1_800_000_000_000, 4, &request);
        Ok(shown(&bytes))
    }

    #[test]
    fn each_place_is_filled_in() {
        let table = [
            ("[<<items 0..3>>]", r#"[{"id":0},{"id":1},{"id":2}]"#),
            (r#"[<<items 5..7 as {"n":"@x#"}>>]"#, r#"[{"n":"4x5"},{"n":"4x6"}]"#),
            ("<<bytes EF BB BF>>{}", r"\xef\xbb\xbf{}"),
            ("a<<repeat 3 xy>>b", "axyxyxyb"),
            ("<<now>> <<now + 20s>>", "1800000000 1800000020"),
            ("<<now - 1s as ms>>", "1799999999000"),
            ("<<now as date>>", "Fri, 15 Jan 2027 08:00:00 GMT"),
            ("<<asked offset or 0>> <<asked q>> <<asked limit or 7>>", "3 a b 7"),
            ("<<origin>>/y <<number>>", "http://127.0.0.1:80/y 4"),
        ];
        for (text, expected) in table {
            assert_eq!(filled(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_filled_in_is_an_error() {
        for text in [
            "<<itmes 0..3>>",
            "<<items 3>>",
            "<<bytes XX>>",
            "<<now * 3>>",
            "<<now",
            "<<items 0..3 as <<number>> >>",
            "<<>>",
            "<<now as text>>",
        ] {
            assert!(filled(text).is_err(), "{text}");
        }
    }
}
