//! `multipart/form-data` (RFC 7578, on RFC 2046 section 5.1): the parts of a body and what their names are. Strict, as the
//! frameworks are that refuse what browsers never send.

use crate::request::Request;

/// A part of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) content: &'a [u8],
}

/// The boundary that a request declares; `None` if it is not a form of parts.
pub(super) fn boundary(request: &Request<'_>) -> Option<String> {
    let declared = request.field("Content-Type")?;
    let (kind, _) = declared.split_once(';')?;
    let is_form = kind.trim().eq_ignore_ascii_case("multipart/form-data");
    let boundary = parameter(declared, "boundary").filter(|boundary| (1..=70).contains(&boundary.len()));
    boundary.filter(|_| is_form)
}

/// The parts of a body; `None` if it is not well-formed to its end.
pub(super) fn parts<'a>(body: &'a [u8], boundary: &str) -> Option<Vec<Part<'a>>> {
    let delimiter = format!("\r\n--{boundary}");
    let mut rest = body
        .strip_prefix(&delimiter.as_bytes()[2..])
        .or_else(|| split(body, delimiter.as_bytes()).map(|(_, rest)| rest))?;
    let mut parts = Vec::new();
    loop {
        if let Some(epilogue) = rest.strip_prefix(b"--") {
            return (epilogue.is_empty() || epilogue.starts_with(b"\r\n")).then_some(parts);
        }
        let (text, after) = split(padding(rest)?, delimiter.as_bytes())?;
        parts.push(part(text)?);
        rest = after;
    }
}

/// What follows a delimiter's line, which may end with spaces.
fn padding(rest: &[u8]) -> Option<&[u8]> {
    let spaces = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    rest[spaces..].strip_prefix(b"\r\n")
}

fn part(text: &[u8]) -> Option<Part<'_>> {
    let (head, content) = match text.strip_prefix(b"\r\n") {
        Some(content) => (&b""[..], content),
        None => split(text, b"\r\n\r\n")?,
    };
    let head = std::str::from_utf8(head).ok()?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("Content-Disposition").then(|| value.trim())
    })?;
    let (kind, _) = disposition.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return None;
    }
    Some(Part {
        name: parameter(disposition, "name")?,
        file_name: parameter(disposition, "filename"),
        content,
    })
}

/// A parameter of a field's value, as a token or in quotes. Names are compared without case.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (text, after) = match after.strip_prefix('"') {
            Some(quoted) => in_quotes(quoted)?,
            None => after
                .split_once(';')
                .map_or((after.trim().to_owned(), ""), |(text, after)| (text.trim().to_owned(), after)),
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = after.trim_start().trim_start_matches(';');
    }
}

/// A quoted text up to its closing quote, and what follows.
fn in_quotes(text: &str) -> Option<(String, &str)> {
    let mut read = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((read, &text[at + 1..])),
            '\\' => read.push(characters.next()?.1),
            plain => read.push(plain),
        }
    }
    None
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..place], &bytes[place + at.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\n\r\n";

    fn contents(body: &str) -> Option<Vec<(String, String)>> {
        let parts = parts(body.as_bytes(), "b")?;
        let text = |part: &Part<'_>| (part.name.clone(), String::from_utf8_lossy(part.content).into_owned());
        Some(parts.iter().map(text).collect())
    }

    #[test]
    fn parts_are_read_to_the_end_of_the_form() {
        let one = |content: &str| Some(vec![("file".to_owned(), content.to_owned())]);
        let cases = [
            (format!("{FILE}x\r\n--b--\r\n"), one("x")),
            (format!("{FILE}x\r\n--b--"), one("x")),
            (format!("preamble\r\n{FILE}\r\n--b--\r\nepilogue"), one("")),
            (format!("{FILE}x\r\n--c\r\n\r\n--b--"), one("x\r\n--c\r\n")),
            // A delimiter at the beginning of a line is one, wherever it stands: this part's head never ends.
            (format!("{FILE}--b--\r\n--b--"), None),
            ("--b--".to_owned(), Some(Vec::new())),
            (format!("{FILE}x\r\n--b  \r\ncontent-disposition:form-data;NAME=n\r\nX: y\r\n\r\n\r\n--b--"), {
                Some(vec![("file".to_owned(), "x".to_owned()), ("n".to_owned(), String::new())])
            }),
            (format!("{FILE}x\r\n--b"), None),
            (format!("{FILE}x\r\n--b--x"), None),
            (format!("{FILE}x"), None),
            ("--b\r\n\r\nno name\r\n--b--".to_owned(), None),
            ("--b\r\nContent-Disposition: attachment; name=a\r\n\r\n\r\n--b--".to_owned(), None),
            (String::new(), None),
            (r#"{"file":"binary"}"#.to_owned(), None),
        ];
        for (body, expected) in cases {
            assert_eq!(contents(&body), expected, "{body:?}");
        }
    }

    #[test]
    fn the_boundary_is_the_declared_one() {
        let long = format!("multipart/form-data; boundary={}", "a".repeat(71));
        let cases = [
            ("multipart/form-data; boundary=abc", Some("abc")),
            ("Multipart/Form-Data; charset=utf-8; Boundary=\"a \\\"b\"", Some("a \"b")),
            ("multipart/form-data; a=\"boundary=x\"; boundary=y", Some("y")),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
            ("multipart/mixed; boundary=abc", None),
            ("application/json", None),
            (&long, None),
        ];
        for (declared, expected) in cases {
            let fields = [("content-type".to_owned(), declared.to_owned())];
            let request = Request { method: "POST", target: "/", fields: &fields, body: &[] };
            assert_eq!(boundary(&request).as_deref(), expected, "{declared}");
        }
    }
}
