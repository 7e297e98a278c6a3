//! The scripted server: of the answers whose conditions a request meets, the first that is not used up. Requests for tokens are
//! granted unless the script says otherwise.

use crate::scenario::{Answer, Condition, Response as Written};
use crate::template::{Template, query};
use tidegate_core::time::Duration;
use tidegate_simulator::{Ending, Framing, Request, Response, Script, http_date};

/// The access token that is granted.
const GRANT: &str = r#"{"access_token":"granted-4cc355-t0ken","token_type":"Bearer","expires_in":3600}"#;

/// The status that tells that a scenario has no answer: no API of ours gives it a meaning.
const NO_ANSWER: u16 = 418;

/// A scripted server.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) base_path: String,
    /// Where tokens are granted, if they are.
    pub(crate) token_path: Option<String>,
    pub(crate) answers: Vec<Answer>,
    /// After so many requests there is no answer any more, so that a pull without end has one.
    pub(crate) most_answers: u64,
    /// An answer that comes later than the client waits for never comes.
    pub(crate) head_timeout: Duration,
}

impl Script for Server {
    fn base_path(&self) -> &str {
        &self.base_path
    }

    fn answer(&self, memory: &mut Vec<u64>, now_ms: u64, request: &Request<'_>) -> Response {
        memory.resize(self.answers.len() + 1, 0);
        let (count, used) = memory.split_first_mut().expect("it was just given a length");
        let is_token = self.token_path.as_deref() == Some(path(request.target));
        *count += u64::from(!is_token);
        let number = *count;
        if number > self.most_answers {
            return self.dressed(
                &no_answer("more requests than the scenario allows"),
                now_ms,
                number,
                request,
            );
        }
        let found = self.answers.iter().zip(used).find(|(answer, used)| {
            answer.times.is_none_or(|times| **used < times) && answer.is_for(request, number, is_token)
        });
        let written = match found {
            Some((answer, used)) => {
                *used += 1;
                answer.response.clone()
            }
            None if is_token => granted(),
            None => {
                no_answer(&format!("no answer is written down for {} {}", request.method, request.target))
            }
        };
        self.dressed(&written, now_ms, number, request)
    }
}

impl Answer {
    fn is_for(&self, request: &Request<'_>, number: u64, is_token: bool) -> bool {
        is_token == self.conditions.contains(&Condition::Token)
            && self.conditions.iter().all(|condition| condition.holds(request, number))
    }
}

impl Condition {
    fn holds(&self, request: &Request<'_>, number: u64) -> bool {
        match self {
            Self::Any | Self::Token => true,
            Self::Request(expected) => number == *expected,
            Self::Query { name, value } => query(request.target, name) == *value,
            Self::Field { name, value } => {
                let found = request.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.trim()) == value.as_deref()
            }
            Self::Path(expected) => path(request.target) == expected,
            Self::Method(expected) => request.method == expected,
        }
    }
}

impl Server {
    /// An answer in the fields and framing in which it goes out.
    fn dressed(&self, written: &Written, now_ms: u64, number: u64, request: &Request<'_>) -> Response {
        let body = written.body.fill(now_ms, number, request);
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in &written.fields {
            let value = String::from_utf8(value.fill(now_ms, number, request)).expect("a field is text");
            fields.push((name.clone(), value));
        }
        let has = |name: &str| written.fields.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if written.is_dated && !has("date") {
            fields.push(("Date".to_owned(), http_date(now_ms)));
        }
        if !body.is_empty() && !has("content-type") {
            fields.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        match written.framing {
            Framing::ContentLength if has("content-length") || matches!(written.status, 204 | 304) => {}
            Framing::ContentLength => fields.push(("Content-Length".to_owned(), body.len().to_string())),
            Framing::Chunked => fields.push(("Transfer-Encoding".to_owned(), "chunked".to_owned())),
            Framing::CloseDelimited => {}
        }
        if written.framing == Framing::CloseDelimited || asks_to_close(request) {
            fields.push(("Connection".to_owned(), "close".to_owned()));
        }
        let is_too_late = written.delay >= self.head_timeout;
        let (ending, delay_ms) = if is_too_late {
            (Ending::StallBeforeHead, 0)
        } else {
            (written.ending, written.delay.as_millis())
        };
        Response { status: written.status, fields, body, framing: written.framing, ending, delay_ms }
    }
}

fn asks_to_close(request: &Request<'_>) -> bool {
    let is_close = |(name, value): &(String, String)| {
        name.eq_ignore_ascii_case("connection") && value.eq_ignore_ascii_case("close")
    };
    request.fields.iter().any(is_close)
}

fn path(target: &str) -> &str {
    target.split('?').next().unwrap_or(target)
}

fn plain(status: u16, body: &str) -> Written {
    Written {
        status,
        fields: Vec::new(),
        body: Template::parse(body).expect("nothing to fill in"),
        framing: Framing::ContentLength,
        ending: Ending::Complete,
        delay: Duration::ZERO,
        is_dated: true,
    }
}

fn granted() -> Written {
    plain(200, GRANT)
}

fn no_answer(why: &str) -> Written {
    plain(NO_ANSWER, &format!("{{\"title\":\"no answer\",\"detail\":\"{why}\"}}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn server(answers: &str) -> Server {
        let text = format!("about what holds\napi opsramp\nlist x\n{answers}\nexpect complete");
        Server {
            base_path: "/api".to_owned(),
            token_path: Some("/token".to_owned()),
            answers: parse(&text).expect("a readable file").answers,
            most_answers: 5,
            head_timeout: Duration::from_secs(30),
        }
    }

    fn ask(server: &Server, memory: &mut Vec<u64>, target: &str) -> (u16, String) {
        let request = Request { method: "GET", target, fields: &[], body: &[] };
        let response = server.answer(memory, 0, &request);
        (response.status, String::from_utf8(response.body).expect("a text"))
    }

    #[test]
    fn the_first_answer_that_fits_and_is_not_used_up_is_given() {
        let server = server(
            "once when page absent -> 503\nwhen page absent -> 200\n  1\nwhen page = 2 -> 200\n  2\nwhen request 5 -> 429",
        );
        let mut memory = Vec::new();
        let mut answers = |target| ask(&server, &mut memory, target).0;
        assert_eq!(
            [answers("/x"), answers("/x?y=1"), answers("/token"), answers("/x?page=2")],
            [503, 200, 200, 200]
        );
        assert_eq!([answers("/x?page=3"), answers("/x?page=4")], [NO_ANSWER, 429]);
        assert_eq!(answers("/x"), NO_ANSWER, "a pull without end has one");
    }

    #[test]
    fn a_token_is_granted_unless_the_script_says_otherwise() {
        let refusing = server("once when token -> 503\nwhen any -> 200");
        let mut memory = Vec::new();
        assert_eq!(ask(&refusing, &mut memory, "/token").0, 503);
        assert_eq!(ask(&refusing, &mut memory, "/token"), (200, GRANT.to_owned()));
    }

    #[test]
    fn an_answer_that_comes_too_late_is_silence() {
        let request = Request { method: "GET", target: "/x", fields: &[], body: &[] };
        let late =
            |delay| server(&format!("when any -> 200, after {delay}")).answer(&mut Vec::new(), 0, &request);
        assert_eq!((late("29s").ending, late("29s").delay_ms), (Ending::Complete, 29_000));
        assert_eq!((late("30s").ending, late("30s").delay_ms), (Ending::StallBeforeHead, 0));
    }
}
