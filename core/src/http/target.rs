//! Request targets in origin form (RFC 9112 §3.2.1), written so that no caller's text can end the request line: paths
//! are checked against RFC 3986 §3.3, and every value that is put into a path or a query is percent-encoded.

use super::percent::{self, UNRESERVED};
use super::timestamp::DateForm;
use crate::ascii;
use crate::profile::{Everything, Profile};
use crate::sink::{Sink, show};
use crate::time::UnixTime;
use core::fmt;

/// A path that cannot stand in a request line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathFault {
    /// The byte of the path that may not stand there.
    pub offset: usize,
}

/// Checks an absolute path: a slash in front, only path characters, whole escapes, no dot segments.
///
/// # Errors
///
/// Names the first byte that is wrong.
pub fn check_path(path: &str) -> Result<(), PathFault> {
    check(path, false)
}

/// Checks an absolute path in which `{name}` may stand for a parameter.
///
/// # Errors
///
/// Names the first byte that is wrong.
pub fn check_template(path: &str) -> Result<(), PathFault> {
    check(path, true)
}

fn check(path: &str, placeholders: bool) -> Result<(), PathFault> {
    let mut segments = segments(path);
    if segments.next() != Some("") {
        return Err(PathFault { offset: 0 });
    }
    let mut offset: usize = 1;
    for segment in segments {
        let is_placeholder = placeholders && placeholder(segment).is_some();
        if !is_placeholder && let Some(wrong) = first_wrong_byte(segment) {
            return Err(PathFault { offset: offset.wrapping_add(wrong) });
        }
        offset = offset.wrapping_add(segment.len()).wrapping_add(1);
    }
    if path.is_empty() { Err(PathFault { offset: 0 }) } else { Ok(()) }
}

/// What stands between the slashes of a path: one more than there are of them.
fn segments(path: &str) -> Segments<'_> {
    Segments(Some(path))
}

/// See [`segments`].
struct Segments<'p>(Option<&'p str>);

impl<'p> Iterator for Segments<'p> {
    type Item = &'p str;

    #[inline(never)]
    fn next(&mut self) -> Option<&'p str> {
        let rest = self.0?;
        let end = ascii::find(rest.as_bytes(), b'/');
        self.0 = rest.get(end.wrapping_add(1)..);
        rest.get(..end)
    }
}

/// The first byte that may not stand in a segment. In `.` and `..`, also written as escapes, it is the first one: they would leave
/// the base path.
fn first_wrong_byte(segment: &str) -> Option<usize> {
    let mut rest = segment.as_bytes();
    let (mut dots, mut others) = (0_u32, false);
    loop {
        let (is_dot, behind) = match rest {
            [] => break,
            [b'%', high, low, behind @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (*high == b'2' && matches!(low, b'e' | b'E'), behind)
            }
            [byte, behind @ ..] if ascii::is_alphanumeric_or(b"-._~!$&'()*+,;=:@", *byte) => {
                (*byte == b'.', behind)
            }
            _ => return Some(segment.len().wrapping_sub(rest.len())),
        };
        rest = behind;
        dots = dots.wrapping_add(is_dot.into());
        others |= !is_dot;
    }
    if !others && matches!(dots, 1 | 2) { Some(0) } else { None }
}

/// The parameter's name if the whole segment is `{name}`.
fn placeholder(segment: &str) -> Option<&str> {
    let [b'{', name @ .., b'}'] = segment.as_bytes() else { return None };
    let is_name = !name.is_empty() && name.iter().all(|byte| ascii::is_alphanumeric_or(b"_", *byte));
    if is_name { segment.get(1..=name.len()) } else { None }
}

/// The names that stand as `{name}` in a path.
pub fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    segments(path).filter_map(placeholder)
}

/// The value of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter<'a> {
    /// A whole number, written in decimal.
    Int(i64),
    /// Any text; it is percent-encoded.
    Text(&'a str),
    /// A moment.
    Date(UnixTime, DateForm),
    /// From one moment to another, with a comma between them.
    Dates([UnixTime; 2], DateForm),
    /// Pairs of a name and a value with a colon between them, and pluses between the pairs.
    Pairs(&'a [(&'a str, &'a str)]),
}

impl Parameter<'_> {
    /// Writes the value. `Display` shows the same; without its machinery a device's image is smaller.
    pub(crate) fn write<P: Profile>(&self, out: &mut dyn Sink) {
        match self {
            Self::Int(number) => {
                out.put(if *number < 0 { "-" } else { "" });
                out.put_number(number.unsigned_abs(), 0)
            }
            Self::Text(text) => out.put(text),
            Self::Date(time, form) if P::CAPABILITIES.moments => form.write(*time, out),
            Self::Dates([from, to], form) if P::CAPABILITIES.moments => {
                form.write(*from, out);
                out.put(",");
                form.write(*to, out)
            }
            Self::Date(..) | Self::Dates(..) => {}
            Self::Pairs(pairs) => {
                let mut mark = "";
                for (name, value) in *pairs {
                    out.put_all(&[mark, name, ":", value]);
                    mark = "+";
                }
            }
        }
    }
}

impl fmt::Display for Parameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, |out| self.write::<Everything>(out))
    }
}

/// Each takes about 60 bytes of every endpoint.
const CAPACITY: usize = if cfg!(feature = "large") { 64 } else { 8 };

/// Named parameters of a target, at most [`Parameters::CAPACITY`], kept in the order they were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters<'a> {
    pairs: [Option<(&'a str, Parameter<'a>)>; CAPACITY],
    len: usize,
}

impl<'a> Parameters<'a> {
    /// Whether one of them is a moment.
    pub(crate) const fn have_moments(&self) -> bool {
        let mut rest = self.pairs.as_slice();
        while let [pair, behind @ ..] = rest {
            if let Some((_, Parameter::Date(..) | Parameter::Dates(..))) = pair {
                return true;
            }
            rest = behind;
        }
        false
    }

    /// How many there may be: 64 with the feature `large`, else 8.
    pub const CAPACITY: usize = CAPACITY;

    /// No parameters.
    pub const NONE: Self = Self { pairs: [None; Self::CAPACITY], len: 0 };

    /// These and one more. One too many is not kept, and makes [`Parameters::is_over_capacity`] true.
    pub const fn with(mut self, name: &'a str, value: Parameter<'a>) -> Self {
        if let Some((_, rest)) = self.pairs.split_at_mut_checked(self.len)
            && let Some(free) = rest.first_mut()
        {
            *free = Some((name, value));
        }
        self.len = self.len.saturating_add(1);
        self
    }

    /// Whether more were added than there may be.
    pub const fn is_over_capacity(&self) -> bool {
        self.len > Self::CAPACITY
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Parameter<'a>)> {
        self.pairs.iter().flatten().copied()
    }

    /// The same, where they are.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = &(&'a str, Parameter<'a>)> {
        self.pairs.iter().flatten()
    }

    /// The one of that name.
    pub fn get(&self, name: &str) -> Option<Parameter<'a>> {
        self.find(name).copied()
    }

    #[inline(never)]
    pub(crate) fn find(&self, name: &str) -> Option<&Parameter<'a>> {
        self.pairs().find_map(|(own, value)| (*own == name).then_some(value))
    }
}

/// A request target before it is written.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a>(pub(crate) Form<'a>);

/// The text that [`Target`] has for people. What it is made of would say less, and more than anybody should see.
#[cfg(feature = "defmt")]
impl defmt::Format for Target<'_> {
    fn format(&self, to: defmt::Formatter<'_>) {
        defmt::write!(to, "{}", defmt::Display2Format(self));
    }
}

/// What a target is written from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form<'a> {
    /// A path template and the parameters that fill it.
    Filled(Filled<'a>),
    /// Path and query as a server wrote them, checked.
    Written(&'a str),
}

/// A path template and the parameters that fill it. A parameter goes where the path holds its name in braces, else into the
/// query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filled<'a> {
    /// What goes before the path: see [`super::BaseUrl::path`].
    pub(crate) base: &'a str,
    /// The path, in which whole segments may be `{name}`.
    pub(crate) path: &'a str,
    /// The parameters.
    pub(crate) parameters: &'a Parameters<'a>,
    /// The cursor, which always goes into the query.
    pub(crate) cursor: Option<(&'static str, Parameter<'a>)>,
}

impl Target<'_> {
    pub(super) fn write<P: Profile>(&self, out: &mut dyn Sink) {
        match &self.0 {
            Form::Filled(filled) => filled.write::<P>(out),
            Form::Written(target) => out.put(target),
        }
    }
}

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, |out| self.write::<Everything>(out))
    }
}

impl Filled<'_> {
    fn write<P: Profile>(&self, out: &mut dyn Sink) {
        out.put(self.base);
        let mut segments = segments(self.path);
        segments.next();
        for segment in segments {
            out.put("/");
            match placeholder(segment).and_then(|name| self.parameters.find(name)) {
                Some(value) => value.write::<P>(&mut Encoded(out)),
                None => out.put(segment),
            }
        }
        let mut mark = "?";
        for (name, value) in self.parameters.pairs() {
            if !placeholders(self.path).any(|used| used == *name) {
                query::<P>(out, mark, name, value);
                mark = "&";
            }
        }
        if let Some((name, value)) = &self.cursor {
            query::<P>(out, mark, name, value);
        }
    }
}

/// One more parameter of a query.
#[inline(never)]
fn query<P: Profile>(out: &mut dyn Sink, mark: &str, name: &str, value: &Parameter<'_>) {
    out.put(mark);
    Encoded(out).take(name.as_bytes());
    out.put("=");
    value.write::<P>(&mut Encoded(out));
}

/// Percent-encodes all that is written through it.
struct Encoded<'w>(&'w mut dyn Sink);

impl Sink for Encoded<'_> {
    fn take(&mut self, piece: &[u8]) {
        percent::encode(piece, UNRESERVED, self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};

    fn shown(filled: Filled<'_>) -> String {
        Target(Form::Filled(filled)).to_string()
    }

    #[test]
    fn a_path_with_anything_that_could_end_the_request_line_is_refused() {
        let table = [
            ("", 0),
            ("objects", 0),
            ("/a b", 2),
            ("/a\r\nX-Evil: 1", 2),
            ("/a\0", 2),
            ("/a?b", 2),
            ("/a#b", 2),
            ("/a\u{fc}", 2),
            ("/%", 1),
            ("/a%4", 2),
            ("/a%4g", 2),
            ("/a/../b", 3),
            ("/./a", 1),
            ("/%2e%2E/a", 1),
            ("/a/.%2e", 3),
            ("/{id}", 1),
            ("/a\\b", 2),
        ];
        for (path, offset) in table {
            assert_eq!(check_path(path), Err(PathFault { offset }), "{path:?}");
        }
        for path in ["/", "/objects", "/a/", "/a//b", "/a.b/...", "/%20", "/x;y=1,2:@!$&'()*+"] {
            assert_eq!(check_path(path), Ok(()), "{path:?}");
        }
    }

    #[test]
    fn a_template_may_hold_whole_segments_in_braces() {
        assert_eq!(check_template("/views/{viewId}/objects"), Ok(()));
        for path in ["/{}", "/{a b}", "/x{a}", "/{a", "/{a}b"] {
            assert!(check_template(path).is_err(), "{path:?}");
        }
    }

    #[test]
    fn a_parameter_goes_where_the_path_names_it_and_else_into_the_query() {
        let parameters =
            Parameters::NONE.with("viewId", Parameter::Int(42)).with("lang", Parameter::Text("is"));
        let target = |path, cursor| shown(Filled { base: "/api", path, parameters: &parameters, cursor });
        assert_eq!(target("/objects", None), "/api/objects?viewId=42&lang=is");
        let after = Some(("afterId", Parameter::Int(-7)));
        assert_eq!(target("/views/{viewId}/objects", after), "/api/views/42/objects?lang=is&afterId=-7");
    }

    #[test]
    fn every_value_is_encoded_wherever_it_goes() {
        let hostile = Parameter::Text("a/b\r\n c\0+&=?#\u{20ac}");
        let parameters = Parameters::NONE.with("id", hostile).with("na me", hostile);
        let target = shown(Filled { base: "", path: "/{id}", parameters: &parameters, cursor: None });
        let encoded = "a%2Fb%0D%0A%20c%00%2B%26%3D%3F%23%E2%82%AC";
        assert_eq!(target, std::format!("/{encoded}?na%20me={encoded}"));
    }

    #[test]
    fn what_is_put_together_while_it_is_written_is_encoded_like_any_text() {
        let (from, to) = (UnixTime::from_secs(1_567_438_712), UnixTime::from_secs(1_567_438_713));
        let pairs = [("name", "a b"), ("state", "up")];
        let table = [
            (Parameter::Date(from, DateForm::Utc), "2019-09-02T15%3A38%3A32Z"),
            (
                Parameter::Dates([from, to], DateForm::Naive),
                "2019-09-02T15%3A38%3A32%2C2019-09-02T15%3A38%3A33",
            ),
            (Parameter::Pairs(&pairs), "name%3Aa%20b%2Bstate%3Aup"),
            (Parameter::Pairs(&[]), ""),
        ];
        for (value, written) in table {
            let parameters = Parameters::NONE.with("q", value);
            let target = Filled { base: "", path: "/", parameters: &parameters, cursor: None };
            assert_eq!(shown(target), std::format!("/?q={written}"));
        }
    }

    #[test]
    fn one_parameter_too_many_is_told() {
        let mut parameters = Parameters::NONE;
        for _ in 0..Parameters::CAPACITY {
            parameters = parameters.with("a", Parameter::Int(1));
            assert!(!parameters.is_over_capacity());
        }
        assert!(parameters.with("b", Parameter::Int(2)).is_over_capacity());
    }
}
