//! Newline-delimited JSON: one item a line, its bytes as the server sent them but for line breaks. JSON allows a raw
//! line break only between tokens (RFC 8259 §2, §7), where it means nothing, so leaving it out changes no item.

use std::io::{self, Write};

/// Writes an item as one line, and returns how many bytes that took.
pub(crate) fn write_line(out: &mut impl Write, item: &[u8]) -> io::Result<u64> {
    let mut written = 0;
    for piece in pieces(item) {
        out.write_all(piece)?;
        written += piece.len() as u64;
    }
    out.write_all(b"\n")?;
    Ok(written + 1)
}

/// What is left of an item without its line breaks.
fn pieces(item: &[u8]) -> impl Iterator<Item = &[u8]> {
    item.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|piece| !piece.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_one_line_whatever_its_layout() {
        let table = [
            (r#"{"a":1}"#, "{\"a\":1}\n"),
            ("{\r\n  \"a\": 1,\n\n\"b\":[\r]\n}", "{  \"a\": 1,\"b\":[]}\n"),
            (r#""escaped \n and \r stay""#, "\"escaped \\n and \\r stay\"\n"),
            ("\"\u{2028}\u{85}\u{b}\"", "\"\u{2028}\u{85}\u{b}\"\n"),
            ("[1,\n2]", "[1,2]\n"),
            ("0", "0\n"),
        ];
        for (item, line) in table {
            let mut out = Vec::new();
            let written = write_line(&mut out, item.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), line);
            assert_eq!(written, line.len() as u64);
        }
    }
}
