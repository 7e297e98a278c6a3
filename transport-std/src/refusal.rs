//! What the server wrote when it refused a request: the beginning of that body, for people who want to read all of it. It is
//! shown only after it was searched for what opened the request, for a server may quote what it was sent.

use tidegate_core::http::Request;
use tidegate_core::secret::Secret;
use zeroize::Zeroizing;

/// How much is kept: more than any server explains.
const ROOM: usize = 16 << 10;

/// In place of a body that quotes a secret.
const WITHHELD: &str = "(withheld: it quotes the credential)";

/// The body of the latest refusal.
#[derive(Default)]
pub(crate) struct Refusal {
    /// What opened the request: the parts of the fields that hold a secret.
    secrets: Vec<Zeroizing<String>>,
    body: Option<Vec<u8>>,
    is_cut: bool,
}

impl Refusal {
    /// A request leaves.
    pub(crate) fn sent(&mut self, request: &Request<'_>) {
        let secrets = request.fields().filter(|field| field.value.is_secret());
        self.secrets = secrets
            .map(|field| {
                let value = Zeroizing::new(field.value.expose().to_string());
                // In front of it is the scheme, which is no secret.
                Zeroizing::new(value.rsplit(' ').next().unwrap_or_default().to_owned())
            })
            .collect();
        (self.body, self.is_cut) = (None, false);
    }

    /// Its answer begins.
    pub(crate) fn answered(&mut self, status: u16) {
        self.body = (status >= 400).then(Vec::new);
    }

    /// The answer goes on.
    pub(crate) fn goes_on(&mut self, bytes: &[u8]) {
        let Some(body) = &mut self.body else { return };
        let kept = bytes.get(..ROOM.saturating_sub(body.len())).unwrap_or(bytes);
        body.extend_from_slice(kept);
        self.is_cut |= kept.len() < bytes.len();
    }

    /// The body, if the latest answer was a refusal and had one. What the API is opened by is not in it.
    pub(crate) fn text(&self, credential: Secret<'_>) -> Option<String> {
        let body = self.body.as_deref().filter(|body| !body.is_empty())?;
        let mut text = String::from_utf8_lossy(body).into_owned();
        let read = unescaped(&text);
        let sent = self.secrets.iter().filter_map(|secret| Secret::new(secret).ok());
        if sent.chain([credential]).any(|secret| secret.is_in(&text) || secret.is_in(&read)) {
            return Some(WITHHELD.to_owned());
        }
        if self.is_cut {
            text.push('…');
        }
        Some(text)
    }
}

/// The text with the escapes of JSON (RFC 8259 §7) read: many servers write `/`, `+` or `=` so.
fn unescaped(text: &str) -> String {
    let (mut read, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once('\\') {
        read.push_str(before);
        let escape = behind.strip_prefix('u').and_then(|behind| behind.split_at_checked(4));
        let unit = escape.and_then(|(digits, behind)| Some((u32::from_str_radix(digits, 16).ok()?, behind)));
        rest = match unit {
            Some((unit, behind)) => {
                read.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                behind
            }
            None => behind,
        };
    }
    read.push_str(rest);
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(pieces: &[&str]) -> Refusal {
        let mut refusal = Refusal::default();
        refusal.answered(400);
        pieces.iter().for_each(|piece| refusal.goes_on(piece.as_bytes()));
        refusal
    }

    #[test]
    fn a_body_is_kept_up_to_its_limit_however_it_comes() {
        let key = Secret::new("a-key-of-some-length").unwrap();
        assert_eq!(refused(&[]).text(key), None);
        assert_eq!(refused(&["no ", "such ", "thing"]).text(key).as_deref(), Some("no such thing"));
        let long = "x".repeat(ROOM - 1);
        for pieces in [&[long.as_str(), "yz"][..], &[&format!("{long}yz")], &[&long, "y", "z"]] {
            let text = refused(pieces).text(key).unwrap();
            assert!(text.ends_with("xy…") && text.len() == ROOM + '…'.len_utf8());
        }
        let mut answer = refused(&["old"]);
        answer.answered(200);
        answer.goes_on(b"an answer");
        assert_eq!(answer.text(key), None, "an answer is no refusal");
    }

    #[test]
    fn a_body_that_quotes_what_was_sent_is_withheld() {
        let key = Secret::new("a-key-of-some-length").unwrap();
        let mut refusal = refused(&["a-key-of-", "some-length is revoked"]);
        assert_eq!(refusal.text(key).as_deref(), Some(WITHHELD));
        refusal = refused(&["the token token-123456 expired"]);
        assert!(refusal.text(key).is_some_and(|text| text.contains("token-123456")));
        refusal.secrets = vec![Zeroizing::new("token-123456".to_owned())];
        assert_eq!(refusal.text(key).as_deref(), Some(WITHHELD));
    }

    #[test]
    fn a_body_that_quotes_it_with_the_escapes_of_json_is_withheld() {
        let key = Secret::new("user:p+ss/w0rd==").unwrap();
        for body in [
            r#"{"detail":"p\u002Bss\/w0rd=="}"#,
            r#"{"detail":"p\u002bss/w0rd\u003d\u003D"}"#,
            r#"{"detail":"\u0070\u002b\u0073\u0073\u002f\u0077\u0030\u0072\u0064"}"#,
            r#""{\"detail\":\"p+ss\\/w0rd\"}""#,
        ] {
            assert_eq!(refused(&[body]).text(key).as_deref(), Some(WITHHELD), "{body}");
        }
        for body in ["\\", "\\u", "\\u00", "\\uD83D", "\\uzzzz", "é\\é", "\\u00é"] {
            assert_eq!(refused(&[body]).text(key).as_deref(), Some(body));
        }
    }
}
