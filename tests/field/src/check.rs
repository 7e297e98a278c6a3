//! Whether a run came to what its scenario says is right. What drivers do is the same in all of them; what they show to people
//! is looked at in each.

use crate::build;
use crate::name;
use crate::scenario::{Amount, Counted, Expectation, Expected, Scenario};
use crate::template::shown;
use tidegate_core::time::Instant;
use tidegate_e2e::{Run, Traced};

/// Every line that does not hold, with what is the case instead.
pub(crate) fn all(scenario: &Scenario, runs: &[(&str, Run)]) -> Vec<String> {
    let checked = scenario.expectations.iter();
    let unanswered = runs.iter().find(|(_, run)| {
        run.end().is_some_and(|(outcome, _)| name::is(&name::of_outcome(&outcome), "failed, status 418"))
    });
    let unanswered = unanswered.map(|(_, run)| format!("the scenario has no answer: {}", run.explanation));
    unanswered
        .into_iter()
        .chain(checked.filter_map(|expectation| line(scenario, expectation, runs)))
        .collect()
}

fn line(scenario: &Scenario, expectation: &Expectation, runs: &[(&str, Run)]) -> Option<String> {
    let (_, first) = runs.first().expect("some driver ran");
    let instead = match &expectation.what {
        Expected::Shows(text) => runs.iter().find_map(|(name, run)| {
            let shown = shown_by(run);
            (!shown.contains(text.as_str())).then(|| format!("{name} shows {shown}"))
        }),
        Expected::NeverShows(text) => runs.iter().find_map(|(name, run)| {
            let shown = shown_by(run);
            shown.contains(text.as_str()).then(|| format!("{name} shows {shown}"))
        }),
        other => differs(scenario, other, first),
    };
    instead.map(|instead| format!("line {}: {}\n    but {instead}", expectation.line, expectation.text))
}

/// What is the case instead of what is expected, if it is not the same.
fn differs(scenario: &Scenario, expected: &Expected, run: &Run) -> Option<String> {
    let unless = |holds: bool, instead: String| (!holds).then_some(instead);
    match expected {
        Expected::Outcome(names) => {
            let (outcome, _) = run.end()?;
            let name = name::of_outcome(&outcome);
            let holds = names.iter().any(|expected| name::is(&name, expected));
            unless(holds, format!("it is {name}: {} {}", said(&outcome), run.explanation))
        }
        Expected::Items(ids) => {
            let found: Vec<String> = run.items.iter().map(|item| id(item)).collect();
            unless(
                found == *ids,
                format!("they are {}", if found.is_empty() { "none".into() } else { found.join(" ") }),
            )
        }
        Expected::Count(amount, counted) => {
            let count = count(scenario, *counted, run);
            unless(amount.holds(count), format!("it is {count}"))
        }
        Expected::Time(amount, _) => {
            let time = ended(run).as_millis();
            unless(amount.holds(time), format!("it took {time} ms"))
        }
        Expected::Waits(expected) => {
            let waits = waits(run);
            unless(waits.iter().any(|wait| name::is(wait, expected)), format!("the waits are {waits:?}"))
        }
        Expected::NeverWaits(expected) => {
            let waits = waits(run);
            unless(!waits.iter().any(|wait| name::is(wait, expected)), format!("the waits are {waits:?}"))
        }
        Expected::NoWaits => unless(run.waits().is_empty(), format!("the waits are {:?}", waits(run))),
        Expected::WaitSays(text) => {
            let said: Vec<String> = run.waits().iter().map(|(_, why)| why.to_string()).collect();
            unless(said.iter().any(|said| said.contains(text.as_str())), format!("the waits say {said:?}"))
        }
        Expected::AnswerStatus(status) => {
            let found = run.answer.as_ref().map(|(status, _)| *status);
            unless(found == Some(*status), format!("it is {found:?}"))
        }
        Expected::Body(text) => {
            let body = shown(&run.items.concat());
            unless(body == *text, format!("it is {body}"))
        }
        Expected::Shows(_) | Expected::NeverShows(_) => unreachable!("these are looked at in each run"),
    }
}

impl Amount {
    fn holds(self, number: u64) -> bool {
        match self {
            Self::Exactly(expected) => number == expected,
            Self::AtMost(most) => number <= most,
            Self::AtLeast(least) => number >= least,
        }
    }
}

fn count(scenario: &Scenario, counted: Counted, run: &Run) -> u64 {
    let token_path = build::tokens(scenario.api).map(|tokens| tokens.url);
    let is_token = |target: &&str| Some(*target) == token_path;
    let counters = run.end().map(|(_, counters)| counters).unwrap_or_default();
    match counted {
        Counted::Items => run.items.len() as u64,
        Counted::Requests => run.targets().into_iter().filter(|target| !is_token(target)).count() as u64,
        Counted::TokenRequests => run.targets().into_iter().filter(is_token).count() as u64,
        Counted::Rejected => counters.rejected,
        Counted::Repeated => counters.repeated,
        Counted::Missing => counters.missing,
        Counted::Skipped => counters.skipped,
        Counted::Pages => counters.pages,
    }
}

/// When it ended.
fn ended(run: &Run) -> Instant {
    match run.trace.last() {
        Some(Traced::Done { at, .. }) => *at,
        _ => Instant::ZERO,
    }
}

fn waits(run: &Run) -> Vec<String> {
    run.waits().iter().map(|(_, why)| name::of_wait(why)).collect()
}

fn said(outcome: &tidegate_core::pull::Outcome) -> String {
    match outcome {
        tidegate_core::pull::Outcome::Failed(failure) => failure.to_string(),
        other => format!("{other:?}"),
    }
}

/// All that a person gets to see of a run that is not an item.
fn shown_by(run: &Run) -> String {
    let mut shown = run.explanation.clone();
    for traced in &run.trace {
        match traced {
            Traced::Done { outcome, .. } => shown += &format!("\n{} {outcome:?}", said(outcome)),
            Traced::Waited { why, .. } => shown += &format!("\n{why} {why:?}"),
            _ => {}
        }
    }
    shown
}

/// The id of an item, as it is known in most lists; all of an item that has none.
fn id(item: &[u8]) -> String {
    let value = serde_json::from_slice::<serde_json::Value>(item).ok();
    let member = value.as_ref().and_then(|value| value.get("id").or_else(|| value.get("uniqueId")));
    match member {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => shown(item),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    /// The lines that do not hold when a scenario runs.
    fn wrong(answers: &str, expectations: &[&str]) -> Vec<String> {
        let lines = expectations.iter().map(|line| format!("expect {line}\n"));
        let text = format!(
            "about what holds\napi comanage\nlist /objects\n{answers}\n{}",
            lines.collect::<String>()
        );
        let scenario = parse(&text).expect("a readable file");
        all(&scenario, &build::build(&scenario).run_on_each())
    }

    const TWO: &str =
        "once when any -> 429\n  Retry-After: 5\nwhen any -> 200\n  {\"objects\":[<<items 1..3>>]}";

    #[test]
    fn what_is_right_is_not_complained_about() {
        let right = [
            "complete",
            "items 1 2",
            "2 items",
            "2 requests",
            "0 token requests",
            "1 rejected",
            "0 repeated",
            "1 page",
            "at least 5s",
            "at most 10s",
            "waits limit, retry after",
            "never waits backoff",
            "a wait says asked for a pause",
            "shows pause",
            "never shows zebra",
        ];
        assert_eq!(wrong(TWO, &right), [""; 0]);
        let refused = "when any -> 400\n  {\"title\":\"no zebras\"}";
        assert_eq!(
            wrong(refused, &["failed, status 400", "items none", "no waits", "shows no zebras"]),
            [""; 0]
        );
    }

    #[test]
    fn each_line_that_does_not_hold_is_complained_about() {
        let not_right = [
            "failed",
            "incomplete, 3 missing",
            "items 1",
            "items 2 1",
            "items none",
            "3 items",
            "at most 1 request",
            "at least 3 requests",
            "0 rejected",
            "1 skipped",
            "at least 10s",
            "at most 4s",
            "no waits",
            "waits backoff",
            "never waits limit",
            "a wait says zebra",
            "shows zebra",
            "never shows pause",
            "answer 201",
            "body zebra",
        ];
        let complaints = wrong(TWO, &not_right);
        assert_eq!(complaints.len(), not_right.len(), "{complaints:#?}");
        for (complaint, line) in complaints.iter().zip(not_right) {
            assert!(complaint.contains(&format!("expect {line}\n")), "{complaint}");
        }
    }

    #[test]
    fn a_request_that_no_answer_was_written_for_is_complained_about() {
        let complaints = wrong("when afterId = 7 -> 200", &["failed"]);
        assert!(complaints[0].contains("no answer is written down for GET /objects"), "{complaints:?}");
    }
}
