//! Scenario files into data. A file is read line by line, each by its first word; what is indented belongs to the answer
//! above it. A word that is not known is an error with its line.

use crate::scenario::{
    Amount, Answer, Asked, Condition, Counted, Expectation, Expected, Response, Scenario, Setting, Topic,
    Vendor,
};
use crate::template::Template;
use crate::words;
use std::fmt;
use tidegate_core::quota::Window;
use tidegate_core::time::Duration;
use tidegate_simulator::{Ending, Framing};

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Which, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.why)
    }
}

/// Reads a scenario.
///
/// # Errors
///
/// The first line that cannot be read, or what is missing.
pub fn parse(text: &str) -> Result<Scenario, Unreadable> {
    let mut draft = Draft::default();
    for (index, line) in text.lines().enumerate() {
        draft.line(index + 1, line).map_err(|why| Unreadable { line: index + 1, why })?;
    }
    draft.finish().map_err(|why| Unreadable { line: text.lines().count(), why })
}

/// What was read so far.
#[derive(Default)]
struct Draft {
    topic: Option<Topic>,
    api: Option<Vendor>,
    asked: Option<Asked>,
    settings: Vec<Setting>,
    answers: Vec<Answer>,
    expectations: Vec<Expectation>,
}

impl Draft {
    fn line(&mut self, number: usize, line: &str) -> Result<(), String> {
        let text = line.trim();
        if text.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if line.starts_with([' ', '\t']) {
            let answer = self.answers.last_mut().filter(|_| self.expectations.is_empty());
            return of_answer(
                answer.ok_or("an indented line belongs to an answer, and none is above it")?,
                text,
            );
        }
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        match word {
            "about" => set(&mut self.topic, known("topic", Topic::ALL, Topic::word, rest)?, word),
            "api" => set(&mut self.api, known("API", Vendor::ALL, Vendor::word, rest)?, word),
            "list" if !rest.is_empty() => set(&mut self.asked, Asked::List(rest.to_owned()), word),
            "call" => set(&mut self.asked, call(rest)?, word),
            "when" | "once" => {
                self.answers.push(answer(text)?);
                Ok(())
            }
            "expect" => {
                let what = expected(rest)?;
                self.expectations.push(Expectation { line: number, text: text.to_owned(), what });
                Ok(())
            }
            _ if word.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.answers.push(answer(text)?);
                Ok(())
            }
            _ => {
                self.settings.push(setting(word, rest)?);
                Ok(())
            }
        }
    }

    fn finish(self) -> Result<Scenario, String> {
        let is_outcome = |expectation: &Expectation| matches!(expectation.what, Expected::Outcome(_));
        if !self.expectations.iter().any(is_outcome) {
            return Err(
                "no line says how it ends: `expect complete`, `expect incomplete …` or `expect failed …`"
                    .to_owned(),
            );
        }
        if self.answers.is_empty() {
            return Err("the server has no answer: `when any -> 200`".to_owned());
        }
        Ok(Scenario {
            topic: self.topic.ok_or("no line says what it is about")?,
            api: self.api.ok_or("no line says which api it is")?,
            asked: self.asked.ok_or("no line says which list is pulled")?,
            settings: self.settings,
            answers: self.answers,
            expectations: self.expectations,
        })
    }
}

fn set<T>(place: &mut Option<T>, value: T, word: &str) -> Result<(), String> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("a second `{word}`")),
    }
}

/// The one of these that has that word.
fn known<T: Copy>(what: &str, all: &[T], word: fn(T) -> &'static str, text: &str) -> Result<T, String> {
    all.iter().copied().find(|one| word(*one) == text).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|one| word(*one)).collect();
        format!("no {what} is called `{text}`; there are {}", words.join(", "))
    })
}

fn call(text: &str) -> Result<Asked, String> {
    match text.split_once(' ') {
        Some((method @ ("GET" | "POST" | "PUT" | "DELETE"), path)) if path.starts_with('/') => {
            Ok(Asked::Call { method: method.to_owned(), path: path.to_owned() })
        }
        _ => Err("a call is a method and a path: `call GET /things/1`".to_owned()),
    }
}

fn setting(word: &str, rest: &str) -> Result<Setting, String> {
    let line = format!("{word} {rest}");
    let after = |start: &str| line.strip_prefix(start).map(str::trim);
    let number = |text: &str, unit: &str| text.strip_suffix(unit)?.trim().parse::<u64>().ok();
    let size = |text: &str, unit: &str| number(text, unit).and_then(|size| usize::try_from(size).ok());
    let read = if let Some(rest) = after("items in ") {
        Some(Setting::ItemsIn(rest.to_owned()))
    } else if let Some(rest) = after("known by ") {
        Some(Setting::KnownBy(rest.to_owned()))
    } else if let Some(rest) = after("parameter ") {
        words::pair(rest).map(|(name, value)| Setting::Parameter(name, value))
    } else if let Some(rest) = after("key ") {
        Some(Setting::Key(rest.to_owned()))
    } else if let Some(rest) = after("remember ") {
        size(rest, "ids").map(Setting::Remember)
    } else if let Some(rest) = after("head timeout ") {
        words::duration(rest).map(Setting::HeadTimeout)
    } else if let Some(rest) = after("idle timeout ") {
        words::duration(rest).map(Setting::IdleTimeout)
    } else if let Some(rest) = after("limit patience ") {
        words::duration(rest).map(Setting::LimitPatience)
    } else if let Some(rest) = after("most pages ") {
        number(rest, "").map(Setting::MostPages)
    } else if let Some(rest) = after("most answers ") {
        number(rest, "").map(Setting::MostAnswers)
    } else if let Some(rest) = after("item buffer ") {
        size(rest, "bytes").map(Setting::ItemBuffer)
    } else if line == "skip large items" {
        Some(Setting::SkipLargeItems)
    } else if let Some(rest) = after("limit ") {
        window(rest).map(Setting::Limit)
    } else if let Some(rest) = after("restart after ") {
        size(rest, "pages").or_else(|| size(rest, "page")).map(Setting::RestartAfterPages)
    } else if let Some(rest) = after("restart on failure ") {
        size(rest, "times").map(Setting::RestartsOnFailure)
    } else if let Some(rest) = after("pieces of ") {
        size(rest, "bytes").or_else(|| size(rest, "byte")).filter(|size| *size > 0).map(Setting::Chunk)
    } else {
        return Err(format!("`{word}` is no word that a line begins with"));
    };
    read.ok_or_else(|| format!("`{}` cannot be read", line.trim()))
}

/// `10 in 60s`.
fn window(text: &str) -> Option<Window> {
    let (limit, period) = text.split_once(" in ")?;
    Some(Window::new(limit.trim().parse().ok()?, words::duration(period)?))
}

/// `when …`, `once when …`, `3 times when …`.
fn answer(text: &str) -> Result<Answer, String> {
    let (before, after) = text.split_once("when ").ok_or("an answer is `when <condition> -> <status>`")?;
    let times = match before.trim() {
        "" => None,
        "once" => Some(1),
        other => {
            let times = other.strip_suffix("times").and_then(|number| number.trim().parse().ok());
            Some(times.ok_or_else(|| format!("`{other}` is not `once` or `3 times`"))?)
        }
    };
    let (conditions, response) = after.split_once("->").ok_or("`->` and a status are missing")?;
    let conditions = conditions.split(" and ").map(|one| condition(one.trim())).collect::<Result<_, _>>()?;
    Ok(Answer { times, conditions, response: response_line(response.trim())? })
}

fn condition(text: &str) -> Result<Condition, String> {
    let unknown = || format!("`{text}` is no condition");
    if text == "any" {
        return Ok(Condition::Any);
    }
    if text == "token" {
        return Ok(Condition::Token);
    }
    if let Some(number) = text.strip_prefix("request ") {
        return number.parse().map(Condition::Request).map_err(|_| unknown());
    }
    if let Some(path) = text.strip_prefix("path ") {
        return Ok(Condition::Path(path.to_owned()));
    }
    if let Some(method) = text.strip_prefix("method ") {
        return Ok(Condition::Method(method.to_owned()));
    }
    let (is_field, text) = match text.strip_prefix("field ") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (name, value) = match text.strip_suffix(" absent") {
        Some(name) if !name.contains([' ', '=']) => (name.to_owned(), None),
        _ => words::pair(text).map(|(name, value)| (name, Some(value))).ok_or_else(unknown)?,
    };
    Ok(if is_field { Condition::Field { name, value } } else { Condition::Query { name, value } })
}

/// `200`, `503, after 35s`, `200, cut at byte 40`, `silence`.
fn response_line(text: &str) -> Result<Response, String> {
    let mut words = text.split(", ").map(str::trim);
    let first = words.next().unwrap_or_default();
    let mut response = Response {
        status: 200,
        fields: Vec::new(),
        body: Template::default(),
        framing: Framing::ContentLength,
        ending: Ending::Complete,
        delay: Duration::ZERO,
        is_dated: true,
    };
    if first == "silence" {
        response.ending = Ending::StallBeforeHead;
    } else {
        let status = first.parse().ok().filter(|status| (200..=599).contains(status));
        response.status = status.ok_or_else(|| format!("`{first}` is neither a status nor `silence`"))?;
    }
    for word in words {
        let at = |start: &str| word.strip_prefix(start).and_then(|at| at.trim().parse::<u64>().ok());
        if let Some(delay) = word.strip_prefix("after ").and_then(words::duration) {
            response.delay = delay;
        } else if let Some(at) = at("cut at byte ") {
            response.ending = Ending::Cut { at };
        } else if let Some(at) = at("cut in the head at byte ") {
            response.ending = Ending::CutWire { at };
        } else if let Some(at) = at("reset at byte ") {
            response.ending = Ending::Reset { at };
        } else if let Some(at) = at("silent at byte ") {
            response.ending = Ending::Stall { at };
        } else if word == "chunked" {
            response.framing = Framing::Chunked;
        } else if word == "until it closes" {
            response.framing = Framing::CloseDelimited;
        } else if word == "without a date" {
            response.is_dated = false;
        } else {
            return Err(format!("`{word}` is nothing that an answer can do"));
        }
    }
    Ok(response)
}

/// An indented line: a field as long as no body came, else a part of the body. `|` makes any line one of the body.
fn of_answer(answer: &mut Answer, text: &str) -> Result<(), String> {
    let Response { fields, body, .. } = &mut answer.response;
    if let Some(line) = text.strip_prefix('|') {
        body.append(Template::parse(line.strip_prefix(' ').unwrap_or(line))?);
        return Ok(());
    }
    match text.split_once(':') {
        Some((name, value)) if body.is_empty() && words::is_field_name(name) => {
            fields.push((name.to_owned(), Template::parse(value.trim())?));
        }
        _ => body.append(Template::parse(text)?),
    }
    Ok(())
}

fn expected(text: &str) -> Result<Expected, String> {
    if ["complete", "incomplete", "failed"].iter().any(|word| text.starts_with(word)) {
        return outcome(text);
    }
    if let Some(ids) = text.strip_prefix("items ") {
        return items(ids);
    }
    for (start, make) in TEXTS {
        if let Some(rest) = text.strip_prefix(start).filter(|rest| !rest.is_empty()) {
            return Ok(make(rest.to_owned()));
        }
    }
    if text == "no waits" {
        return Ok(Expected::NoWaits);
    }
    if let Some(status) = text.strip_prefix("answer ") {
        return status.parse().map(Expected::AnswerStatus).map_err(|_| format!("`{status}` is no status"));
    }
    amount(text).ok_or_else(|| format!("`{text}` is nothing that can be expected"))
}

type Make = fn(String) -> Expected;

const TEXTS: &[(&str, Make)] = &[
    ("never shows ", Expected::NeverShows),
    ("shows ", Expected::Shows),
    ("a wait says ", Expected::WaitSays),
    ("never waits ", Expected::NeverWaits),
    ("waits ", Expected::Waits),
    ("body ", Expected::Body),
];

const REASONS: &[&str] = &["said so", "total reached", "empty page", "short page", "single answer"];

fn outcome(text: &str) -> Result<Expected, String> {
    let names: Vec<String> = text.split(" or ").map(|name| name.trim().to_owned()).collect();
    for name in &names {
        let is_known = match name.split_once(", ") {
            None => name == "complete" || name == "failed",
            Some(("complete", reason)) => REASONS.contains(&reason),
            Some(("incomplete", missing)) => {
                missing.strip_suffix(" missing").is_some_and(|number| number.parse::<u64>().is_ok())
            }
            Some((first, _)) => first == "failed",
        };
        if !is_known {
            return Err(format!(
                "`{name}` is no way to end; reasons of `complete` are {}",
                REASONS.join(", ")
            ));
        }
    }
    Ok(Expected::Outcome(names))
}

fn items(text: &str) -> Result<Expected, String> {
    if text == "none" {
        return Ok(Expected::Items(Vec::new()));
    }
    let mut ids = Vec::new();
    for word in text.split_whitespace() {
        match words::range(word) {
            Some(range) => ids.extend(range.map(|id| id.to_string())),
            None => ids.push(word.to_owned()),
        }
    }
    Ok(Expected::Items(ids))
}

type Bound = fn(u64) -> Amount;

/// `3 requests`, `at most 3 requests`, `at least 10s`.
fn amount(text: &str) -> Option<Expected> {
    let (bound, rest) = if let Some(rest) = text.strip_prefix("at most ") {
        (Amount::AtMost as Bound, rest)
    } else if let Some(rest) = text.strip_prefix("at least ") {
        (Amount::AtLeast as Bound, rest)
    } else {
        (Amount::Exactly as Bound, text)
    };
    if let Some(time) = words::duration(rest) {
        return Some(Expected::Time(bound(time.as_millis()), time));
    }
    let (number, noun) = rest.split_once(' ')?;
    let counted = Counted::ALL.iter().find(|counted| {
        let word = counted.word();
        noun == word || word.strip_suffix('s').is_some_and(|one| noun == one)
    });
    Some(Expected::Count(bound(number.parse().ok()?), *counted?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
# Two pages.
about what holds
api comanage
list /things
limit 5 in 2s

once when afterId absent -> 503, after 2s
    Retry-After: 1
when afterId absent -> 200, chunked
    X-Note: a: b
    {\"things\":[<<items 0..2>>],
     \"nextPageKey\":1}
when afterId = 1 and field accept = */* -> 200, cut at byte 7
    | text: this is a body
expect complete, said so or complete, empty page
expect items 0..2 7
expect at most 3 requests
expect 1 token request
expect at least 2s
";

    #[test]
    fn a_file_is_read_as_it_says() {
        let scenario = parse(GOOD).expect("a readable file");
        assert_eq!(scenario.settings, [Setting::Limit(Window::new(5, Duration::from_secs(2)))]);
        let [first, second, third] = scenario.answers.as_slice() else { panic!("three answers") };
        assert_eq!(
            (first.times, first.response.status, first.response.delay),
            (Some(1), 503, Duration::from_secs(2))
        );
        assert_eq!((first.response.fields.len(), first.response.body.is_empty()), (1, true));
        assert_eq!((second.response.framing, second.response.fields.len()), (Framing::Chunked, 1));
        assert!(!second.response.body.is_empty());
        let field = Condition::Field { name: "accept".to_owned(), value: Some("*/*".to_owned()) };
        assert_eq!(third.conditions[1], field);
        assert_eq!((third.response.ending, third.response.fields.len()), (Ending::Cut { at: 7 }, 0));
        let expected: Vec<&Expected> = scenario.expectations.iter().map(|one| &one.what).collect();
        let names = ["complete, said so", "complete, empty page"].map(str::to_owned);
        assert_eq!(expected[0], &Expected::Outcome(names.to_vec()));
        assert_eq!(expected[1], &Expected::Items(["0", "1", "7"].map(str::to_owned).to_vec()));
        assert_eq!(expected[2], &Expected::Count(Amount::AtMost(3), Counted::Requests));
        assert_eq!(expected[3], &Expected::Count(Amount::Exactly(1), Counted::TokenRequests));
        assert_eq!(expected[4], &Expected::Time(Amount::AtLeast(2_000), Duration::from_secs(2)));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_with_its_line() {
        // A line of the good file, what stands there instead, and a word of the complaint.
        let table = [
            (2, "about nothing", "topic"),
            (3, "api acme", "comanage"),
            (3, "", "which api"),
            (4, "lst /things", "`lst`"),
            (5, "limit 5 per 2s", "cannot be read"),
            (7, "twice when any -> 200", "`twice`"),
            (7, "2 time when any -> 200", "3 times"),
            (7, "when any", "`->`"),
            (7, "when afterId is absent -> 200", "condition"),
            (7, "when any -> 99", "status"),
            (7, "when any -> 200, slowly", "slowly"),
            (8, "    X: <<soon>>", "soon"),
            (15, "expect complete, somehow", "said so"),
            (15, "expect success", "expected"),
            (15, "", "how it ends"),
            (17, "expect at most 3 wishes", "expected"),
            (16, "    {}", "belongs"),
            (4, "api comanage", "second"),
        ];
        for (line, instead, complaint) in table {
            let mut lines: Vec<&str> = GOOD.lines().collect();
            lines[line - 1] = instead;
            let error = parse(&lines.join("\n")).expect_err(instead);
            assert!(error.why.contains(complaint), "{instead}: {error}");
            assert!(error.line == line || instead.is_empty(), "{instead}: {error}");
        }
    }
}
