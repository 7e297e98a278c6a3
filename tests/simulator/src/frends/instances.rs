//! Process instances of an agent group: which of them a query's filters let through.

use super::data::{Instance, instance};
use super::problem::Problem;
use super::query::Query;

/// What instances must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filters {
    processes: Vec<String>,
    state: State,
    is_child: Option<bool>,
    /// Both ends are times in UTC without the `Z`, so that their texts stand in their order.
    from: Option<String>,
    until: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    All,
    Running,
    Finished,
    Successful,
    Failed,
    FailedNotAcknowledged,
}

impl Filters {
    pub(super) fn read(query: &Query) -> Result<Self, Problem> {
        let state = match query.one("stateFilter")? {
            None | Some("ShowAll") => State::All,
            Some("ShowRunning") => State::Running,
            Some("ShowFinished") => State::Finished,
            Some("ShowSuccessful") => State::Successful,
            Some("ShowFailed") => State::Failed,
            Some("ShowFailedNotAcknowledged") => State::FailedNotAcknowledged,
            Some(_) => return Err(Problem::bad_request("stateFilter is none of its values.")),
        };
        Ok(Self {
            processes: query.all("processGuids").map(ToOwned::to_owned).collect(),
            state,
            is_child: query.flag("isChildProcess")?,
            from: time(query, "startTime")?,
            until: time(query, "endTime")?,
        })
    }

    /// Whether the instance at this place of a group's list is so.
    pub(super) fn let_through(&self, seed: u64, group: u64, place: u64) -> bool {
        *self == Self::default() || self.match_one(&instance(seed, group, place))
    }

    fn match_one(&self, instance: &Instance) -> bool {
        let state = match self.state {
            State::All => true,
            State::Running => instance.state == "Running",
            State::Finished => instance.state != "Running",
            State::Successful => instance.state == "Ok",
            State::Failed => instance.state == "Failed",
            State::FailedNotAcknowledged => instance.state == "Failed" && !instance.acknowledged,
        };
        let process = self.processes.is_empty() || self.processes.contains(&instance.process);
        let child = self.is_child.is_none_or(|is_child| is_child == instance.is_child);
        let start = instance.start.trim_end_matches('Z');
        let from = self.from.as_ref().is_none_or(|from| from.as_str() <= start);
        let until = self.until.as_ref().is_none_or(|until| start <= until.as_str());
        state && process && child && from && until
    }
}

/// The one time of this name, if there is any.
fn time(query: &Query, name: &str) -> Result<Option<String>, Problem> {
    let Some(value) = query.one(name)? else { return Ok(None) };
    let time = value.strip_suffix('Z').filter(|time| time.len() >= 19 && time.as_bytes()[10] == b'T');
    time.map(|time| Some(time.to_owned()))
        .ok_or_else(|| Problem::bad_request(format!("{name} is not a time in UTC.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(query: &str) -> Option<usize> {
        let query = Query::read(query).expect("decodes");
        let filters = Filters::read(&query).ok()?;
        Some((0..400).filter(|&place| filters.let_through(1, 1, place)).count())
    }

    #[test]
    fn each_filter_lets_a_part_through() {
        let of = |query: &str| count(query).expect("a filter");
        let parts =
            ["stateFilter=ShowRunning", "stateFilter=ShowSuccessful", "stateFilter=ShowFailed"].map(of);
        assert!(parts.iter().all(|part| (20..300).contains(part)), "{parts:?}");
        assert_eq!(of("stateFilter=ShowFinished") + parts[0], 400);
        let open = of("stateFilter=ShowFailedNotAcknowledged");
        assert!(0 < open && open < parts[2]);
        assert_eq!(of("isChildProcess=true") + of("ischildprocess=FALSE"), 400);
        let (before, after) = (of("endTime=2025-06-01T00:00:00Z"), of("startTime=2025-06-01T00:00:00Z"));
        assert_eq!((before + after, before > 50, after > 50), (400, true, true));
        let processes = [0, 1].map(|place| instance(1, 1, place).process);
        let both = of(&format!("processGuids={}&processGuids={}", processes[0], processes[1]));
        assert!(both >= of(&format!("processGuids={}", processes[0])) && both < 400);
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        for query in
            ["stateFilter=showall", "isChildProcess=1", "startTime=x", "endTime=2025-06-01T00:00:00+02:00"]
        {
            assert_eq!(count(query), None, "{query}");
        }
    }
}
