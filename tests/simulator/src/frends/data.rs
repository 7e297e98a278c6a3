//! Frends's items other than specifications, with the members of the vendor's samples. Each is a pure function of the
//! seed, its list and its place. Some have members and values that nobody knows.

use crate::date::iso_date_time;
use crate::object::Object;
use crate::random::Random;
use crate::text::{push_string, title, uuid};

/// Beyond 2^53, where a double no longer holds every integer.
const FIRST_INSTANCE: u64 = (1 << 53) + 1;

/// A list that comes in pages with numbers, specifications aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Processes,
    Deployments,
    Templates,
    Variables,
}

/// An agent group, as a deployment names it.
fn agent_group(id: u64) -> String {
    Object::new().number("id", id).text("displayName", format!("Agents {id}")).done()
}

/// The item at a place of a list. Deployments are spread over the agent groups.
pub(super) fn item(seed: u64, list: List, place: u64, groups: &[u64]) -> String {
    let mut random = Random::of(&[seed, list as u64, place, 0x42]);
    let (id, modified) = (place + 1, date(moment(&mut random)));
    let object = match list {
        List::Processes => Object::new()
            .raw("isDeleted", "false")
            .number("version", random.between(1, 9))
            .text("uniqueIdentifier", uuid(&mut random, place))
            .number("id", id)
            .text("name", title(&mut random))
            .text("modified", modified)
            .text("modifier", "simulator")
            .raw("description", text_or_null(&mut random, 200))
            .raw("elementParameters", element_parameters(&mut random))
            .raw("manualTrigger", "null")
            .raw("triggerData", r#"[[["[Circular Reference]"]]]"#)
            .text("targetFramework", random.pick(&["net8.0", "net6.0", "netstandard2.0", "cobol"]))
            .raw("processVariables", "[]"),
        List::Deployments => Object::new()
            .number("deploymentId", id)
            .number("processId", random.between(1, 130))
            .text("processName", title(&mut random))
            .text("processGuid", uuid(&mut random, place))
            .text("processVersion", format!("{}.{}.0", random.between(1, 9), random.below(10)))
            .number("processBuildVersion", random.between(1, 40))
            .text("deployedAtUtc", modified)
            .text("deployedBy", "simulator")
            .raw("description", text_or_null(&mut random, 60))
            .raw("triggersActive", (random.below(2) == 0).to_string())
            .raw("agentGroup", agent_group(deployed_in(place, groups))),
        List::Templates => Object::new()
            .number("id", id)
            .text("name", title(&mut random))
            .text("modified", modified)
            .number("majorVersion", random.between(1, 6))
            .number("minorVersion", random.below(10))
            .raw("templateTags", r#"["a",""]"#)
            .raw("getVersion", r#"{"major":1,"minor":1,"build":-1,"revision":-1}"#),
        List::Variables => Object::new()
            .number("id", id)
            .text("name", format!("Variable{id}"))
            .text("type", random.pick(&["String", "Number", "Boolean", "Secret", "Object", "Qubit"]))
            .raw("description", text_or_null(&mut random, 60))
            .raw("childSchemas", "[]")
            .raw(
                "values",
                format!(r#"[{{"environmentId":1,"value":{},"version":1}}]"#, text(&mut random, 60)),
            ),
    };
    unknown(object, &mut random).done()
}

/// The agent group that a deployment is in.
pub(super) fn deployed_in(place: u64, groups: &[u64]) -> u64 {
    let count = groups.len().max(1) as u64;
    groups.get((place % count) as usize).copied().unwrap_or(0)
}

/// A process instance, with what it can be filtered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instance {
    pub(super) process: String,
    pub(super) state: &'static str,
    pub(super) is_child: bool,
    pub(super) acknowledged: bool,
    pub(super) start: String,
    pub(super) text: String,
}

/// The instance at a place of an agent group's list.
pub(super) fn instance(seed: u64, group: u64, place: u64) -> Instance {
    let mut random = Random::of(&[seed, group, place, 0x43]);
    let of_process = random.below(8);
    let process = uuid(&mut Random::of(&[seed, of_process, 0x44]), of_process);
    let state = random.pick(&["Ok", "Ok", "Ok", "Failed", "Running", "Pondering"]);
    let is_child = random.below(3) == 0;
    let acknowledged = random.below(2) == 0;
    let started = moment(&mut random);
    let start = date(started);
    let end = (state != "Running").then(|| date(started + random.below(600)));
    let parent =
        if is_child { (FIRST_INSTANCE + random.below(1_000)).to_string() } else { "null".to_owned() };
    let object = Object::new()
        .number("id", FIRST_INSTANCE + place)
        .raw("parentId", parent)
        .number("processId", of_process + 1)
        .raw("rootProcessId", "null")
        .number("processVersion", random.between(1, 9))
        .text("state", state)
        .text("startTimeUtc", &start)
        .text_or_null("endTimeUtc", end.as_deref())
        .text("processGuid", &process)
        .raw("isAcknowledged", acknowledged.to_string())
        .raw("promotedVariables", text(&mut random, 80));
    let text = unknown(object, &mut random).done();
    Instance { process, state, is_child, acknowledged, start, text }
}

fn element_parameters(random: &mut Random) -> String {
    let kind = random.pick(&["Start", "Task", "Return", "Teleport"]);
    format!(
        r#"[{{"id":"e1","type":"{kind}","parameters":{{"ANY":["[Circular Reference]"]}},"isDefault":true}}]"#
    )
}

/// Now and then, one member more.
fn unknown(object: Object, random: &mut Random) -> Object {
    if random.below(8) > 0 {
        return object;
    }
    let value = random.pick(&[
        r#"{"nextPage":"https://example.com","data":[1]}"#,
        "null",
        "[[],{}]",
        r#""]}""#,
        "1E-7",
    ]);
    object.raw("x-new", value)
}

fn text_or_null(random: &mut Random, room: usize) -> String {
    if random.below(4) == 0 { "null".to_owned() } else { text(random, room) }
}

/// Such as `2025-09-07T10:06:05.654Z`.
pub(super) fn date(unix_ms: u64) -> String {
    format!("{}.{:03}Z", iso_date_time(unix_ms / 1_000), unix_ms % 1_000)
}

/// A millisecond of 2025.
fn moment(random: &mut Random) -> u64 {
    random.between(1_735_689_600_000, 1_767_225_599_999)
}

fn text(random: &mut Random, room: usize) -> String {
    let mut text = String::new();
    push_string(random, room, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_item_is_json_and_carries_its_id() {
        for list in [List::Processes, List::Deployments, List::Templates, List::Variables] {
            let items: Vec<Value> = (0..300)
                .map(|place| serde_json::from_str(&item(1, list, place, &[4, 5])).expect("an item is JSON"))
                .collect();
            let id = if list == List::Deployments { "deploymentId" } else { "id" };
            assert!(items.iter().enumerate().all(|(place, item)| item[id] == place as u64 + 1), "{list:?}");
            assert!(items.iter().any(|item| item.get("x-new").is_some()), "{list:?}");
        }
    }

    #[test]
    fn instances_have_ids_that_no_double_holds_and_say_what_they_are() {
        for place in 0..300 {
            let instance = instance(1, 7, place);
            let read: Value = serde_json::from_str(&instance.text).expect("JSON");
            assert_eq!(read["id"].as_u64(), Some(FIRST_INSTANCE + place));
            assert_eq!(
                (&read["state"], &read["startTimeUtc"]),
                (&instance.state.into(), &instance.start.as_str().into())
            );
            assert_eq!(read["parentId"].is_null(), !instance.is_child);
            assert_eq!(read["endTimeUtc"].is_null(), instance.state == "Running");
        }
    }
}
