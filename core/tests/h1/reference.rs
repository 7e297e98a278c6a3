//! A second decoder, for comparison: it has the whole response in one piece, allocates as it likes, shares no code with the
//! first and uses no parser. Slow and short; written from the RFCs, not from the first. It is strict: what two readers could
//! frame in different ways, it refuses.
#![allow(unreachable_pub, reason = "the fuzz target's workspace has it as a module too")]

use tidegate_core::http::h1::{FIELDS_LIMIT, SKIPPED_LIMIT};

/// What a client makes of a response behind which the connection closes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// The status, once the whole head was understood.
    pub status: Option<u16>,
    /// The body, as far as it was understood.
    pub body: Vec<u8>,
    /// Whether the response can be used.
    pub is_whole: bool,
    /// Whether the connection may carry another request, before it closes.
    pub reusable: bool,
}

/// Reads a response, to `HEAD` or another method, with so much room for a head.
pub fn understand(is_head: bool, room: usize, bytes: &[u8]) -> Understood {
    let mut understood = Understood::default();
    // `None` is a response that cannot be used; what was understood until then stands.
    if let Some(reusable) = read(is_head, room, bytes, &mut understood) {
        understood.is_whole = true;
        understood.reusable = reusable;
    }
    understood
}

fn read(is_head: bool, room: usize, mut bytes: &[u8], understood: &mut Understood) -> Option<bool> {
    let mut skipped = 0;
    let (minor, status, fields) = loop {
        let length = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let (head, rest) = bytes.split_at(length);
        let head = (length <= room).then(|| head_lines(head))??;
        bytes = rest;
        match head.1 {
            101 => return None,
            100..=199 => skipped += length,
            _ => break head,
        }
        if skipped > SKIPPED_LIMIT as usize {
            return None;
        }
    };
    let values = |name: &str| -> Vec<Vec<u8>> {
        let own = fields.iter().filter(|(known, _)| known.to_ascii_lowercase() == name.as_bytes());
        own.map(|(_, value)| value.clone()).collect()
    };
    let options: Vec<Vec<u8>> = values("connection").iter().flat_map(|value| list(value)).collect();
    let has = |option: &str| options.iter().any(|known| known.eq_ignore_ascii_case(option.as_bytes()));
    let keeps = !has("close") && (minor == 1 || has("keep-alive"));
    let (codings, lengths) = (values("transfer-encoding"), values("content-length"));

    if is_head || status == 204 || status == 304 {
        understood.status = Some(status);
        let none = codings.is_empty() && lengths.iter().all(|length| decimal(length) == Some(0));
        return Some(keeps && bytes.is_empty() && (status != 204 || none));
    }
    if !codings.is_empty() {
        let one = codings.len() == 1 && codings[0].eq_ignore_ascii_case(b"chunked");
        (one && minor == 1 && lengths.is_empty()).then_some(())?;
        understood.status = Some(status);
        let behind = chunks(bytes, &mut skipped, &mut understood.body)?;
        return Some(keeps && behind.is_empty());
    }
    let lengths: Vec<Option<u64>> =
        lengths.iter().flat_map(|value| list(value)).map(|n| decimal(&n)).collect();
    let Some(first) = lengths.first().copied() else {
        understood.status = Some(status);
        understood.body = bytes.to_vec();
        return Some(false);
    };
    let length = first.filter(|_| lengths.iter().all(|length| *length == first))?;
    understood.status = Some(status);
    let there = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
    understood.body = bytes[..there].to_vec();
    (there as u64 == length).then_some(keeps && bytes.len() == there)
}

type HeadLines = (u8, u16, Vec<(Vec<u8>, Vec<u8>)>);

fn head_lines(head: &[u8]) -> Option<HeadLines> {
    let mut lines = lines(&head[..head.len() - 2])?.into_iter();
    let status_line = lines.next()?;
    let minor = match status_line.get(..9)? {
        b"HTTP/1.1 " => 1,
        b"HTTP/1.0 " => 0,
        _ => return None,
    };
    let status = status_line.get(9..12).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
    let status = std::str::from_utf8(status).ok()?.parse().ok()?;
    let text = &status_line[12..];
    let fine = text.is_empty() || (text[0] == b' ' && is_text(text));
    (fine && (100..600).contains(&status)).then_some(())?;
    let fields: Option<Vec<_>> = lines.map(|line| field(&line)).collect();
    let fields = fields.filter(|fields| fields.len() <= FIELDS_LIMIT)?;
    Some((minor, status, fields))
}

/// Lines that each end in CR LF, and hold no other CR or LF.
fn lines(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let text: Vec<u8> = bytes.to_vec();
    let mut pieces: Vec<Vec<u8>> = text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    pieces.pop().filter(Vec::is_empty)?;
    let cut = |mut line: Vec<u8>| (line.pop() == Some(b'\r') && !line.contains(&b'\r')).then_some(line);
    pieces.into_iter().map(cut).collect()
}

fn field(line: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let separators = b"\"(),/:;<=>?@[\\]{}";
    let is_name = |byte: &u8| byte.is_ascii_graphic() && !separators.contains(byte);
    (!name.is_empty() && name.iter().all(is_name) && is_text(value)).then(|| (name.to_vec(), trim(value)))
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
}

fn trim(value: &[u8]) -> Vec<u8> {
    let inner = |byte: &u8| *byte != b' ' && *byte != b'\t';
    match (value.iter().position(inner), value.iter().rposition(inner)) {
        (Some(first), Some(last)) => value[first..=last].to_vec(),
        _ => Vec::new(),
    }
}

fn list(value: &[u8]) -> Vec<Vec<u8>> {
    value.split(|&byte| byte == b',').map(trim).collect()
}

fn decimal(digits: &[u8]) -> Option<u64> {
    (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
        .then(|| std::str::from_utf8(digits).ok()?.parse().ok())
        .flatten()
}

/// What is behind a chunked body.
fn chunks<'b>(mut bytes: &'b [u8], skipped: &mut usize, body: &mut Vec<u8>) -> Option<&'b [u8]> {
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n")?;
        let (line, rest) = (&bytes[..end], &bytes[end + 2..]);
        let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        (1..=16).contains(&digits).then_some(())?;
        let extension = &line[digits..];
        *skipped += extension.len();
        let padding_only = trim(extension).is_empty() || trim(extension)[0] == b';';
        (padding_only && is_text(extension) && *skipped <= SKIPPED_LIMIT as usize).then_some(())?;
        let size = u64::from_str_radix(std::str::from_utf8(&line[..digits]).ok()?, 16).ok()?;
        if size == 0 {
            return trailers(rest, skipped);
        }
        let there = usize::try_from(size).unwrap_or(usize::MAX).min(rest.len());
        body.extend_from_slice(&rest[..there]);
        bytes = rest[there..].strip_prefix(b"\r\n").filter(|_| there as u64 == size)?;
    }
}

fn trailers<'b>(mut bytes: &'b [u8], skipped: &mut usize) -> Option<&'b [u8]> {
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n")?;
        let (line, rest) = (&bytes[..end], &bytes[end + 2..]);
        if line.is_empty() {
            return Some(rest);
        }
        field(line)?;
        // The CR of each line counts as well.
        *skipped += line.len() + 1;
        (*skipped <= SKIPPED_LIMIT as usize).then_some(())?;
        bytes = rest;
    }
}
