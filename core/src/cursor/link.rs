//! Links to the next page as far as they are read: they are not followed, so all that is of interest is whether a text is
//! one, and the number that it names. Pure functions.

/// Whether a text can be a link, or the number of a page.
pub(super) fn is_link(text: &str) -> bool {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number || text.bytes().any(|byte| matches!(byte, b'/' | b'?' | b'=' | b'&'))
}

/// The number that a link has for a parameter of its query. `None` if it names none, or the link may be cut within it.
pub(super) fn parameter(link: &str, name: &str) -> Option<u64> {
    let mut rest = link.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        let value = behind.strip_prefix(name.as_bytes()).and_then(|value| value.strip_prefix(b"="));
        match (byte, value) {
            (b'?' | b'&', Some(value)) => return number(value, link.len() >= super::LINK),
            (b'#', _) => return None,
            _ => rest = behind,
        }
    }
    None
}

/// The digits up to the end of a parameter.
fn number(value: &[u8], is_cut: bool) -> Option<u64> {
    let (mut rest, mut number) = (value, None);
    loop {
        match rest.split_first() {
            Some((digit @ b'0'..=b'9', behind)) => {
                let so_far: u64 = number.unwrap_or(0);
                number = Some(so_far.checked_mul(10)?.checked_add(u64::from(digit.saturating_sub(b'0')))?);
                rest = behind;
            }
            Some((b'&' | b'#', _)) => return number,
            None if !is_cut => return number,
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_out_of_the_query_and_nowhere_else() {
        let long = std::format!("/api/v2/contacts/?title={}&offset=12", "a".repeat(60));
        let whole = std::format!("/api/v2/contacts/?title={}&offset=12&x", "a".repeat(60));
        let table = [
            ("/api/v2/contacts/?limit=3&offset=6", Some(6)),
            ("https://inner:8000/x?offset=6#end", Some(6)),
            ("/x?offset=6&limit=3", Some(6)),
            ("/x?my_offset=7&offset=6", Some(6)),
            ("/offset=6", None),
            ("/x?offset=", None),
            ("/x?offset=+6", None),
            ("/x?offset=-6", None),
            ("/x#?offset=6", None),
            (&long, None),
            (&whole, Some(12)),
        ];
        for (link, expected) in table {
            assert_eq!(parameter(link, "offset"), expected, "{link}");
        }
    }

    #[test]
    fn a_text_is_a_link_or_not() {
        for link in ["/x", "?page=2", "PageNumber=2&PageSize=10", "https://evil.example", "2"] {
            assert!(is_link(link), "{link}");
        }
        for other in ["none", "NULL", "no", "N/A".trim_end_matches("/A")] {
            assert!(!is_link(other), "{other}");
        }
    }
}
