//! A pull that begins anew: the earlier output keeps its place until the new one is whole, wherever the run is broken off.

use crate::common::{Api, Directory, config, ends_with, pull, pull_with_state, said, summary};
use serde_json::Value;
use std::fs;
use tidegate_simulator::{Config, Fault, Trigger};

const OLDER: &[u8] = b"last night's\n";

fn stops_at(request: u64) -> (Trigger, Fault) {
    (Trigger::Request(request), Fault::Redirect { status: 302, location: "/x".to_owned() })
}

/// A complete pull of four pages in four requests, whose output is then an older one.
fn last_night(test: &str, faults: Vec<(Trigger, Fault)>) -> (Api, Directory) {
    let api = Api::start(Config { faults, ..config(200, 50) });
    let directory = Directory::new(test);
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    fs::write(directory.file("objects.ndjson"), OLDER).unwrap();
    (api, directory)
}

/// Changes members of the state.
fn change_state(directory: &Directory, change: impl FnOnce(&mut Value)) {
    let mut state: Value = serde_json::from_slice(&directory.read("objects.state")).unwrap();
    change(&mut state);
    fs::write(directory.file("objects.state"), state.to_string()).unwrap();
}

/// What a state says, but for what is spent of the limit.
fn position(directory: &Directory) -> [String; 3] {
    let state: Value = serde_json::from_slice(&directory.read("objects.state")).unwrap();
    ["checkpoint", "output_bytes", "output_tail_sha256"].map(|member| state[member].to_string())
}

#[test]
fn a_key_that_opens_nothing_touches_neither_the_output_nor_the_state() {
    let api = Api::start(config(200, 50));
    let directory = Directory::new("a_key_touches_nothing");
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    let (objects, before) = (directory.read("objects.ndjson"), position(&directory));
    let mut again = pull_with_state(&api, &directory, &["--restart"]);
    let output = ends_with(3, again.env("TIDEGATE_API_KEY", "expired"));
    assert!(said(&output).contains("nothing was stored"), "{}", said(&output));
    assert!(directory.read("objects.ndjson") == objects);
    assert_eq!(position(&directory), before);
    assert!(!directory.has("objects.ndjson.part"));
    let output = ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(said(&output).contains("already complete"), "{}", said(&output));
}

#[test]
fn without_a_state_a_key_that_opens_nothing_leaves_nothing_behind() {
    let api = Api::start(config(200, 50));
    let directory = Directory::new("a_key_leaves_nothing");
    let file = directory.file("objects.ndjson");
    for part in [None, Some("of an earlier run")] {
        fs::write(&file, OLDER).unwrap();
        if let Some(part) = part {
            fs::write(directory.file("objects.ndjson.part"), part).unwrap();
        }
        let mut command = pull(&api, &["--output", file.to_str().unwrap()]);
        ends_with(3, command.env("TIDEGATE_API_KEY", "expired"));
        assert_eq!(directory.read("objects.ndjson"), OLDER);
        assert_eq!(directory.has("objects.ndjson.part"), part.is_some());
    }
}

#[test]
fn a_first_page_that_breaks_off_leaves_nothing_behind() {
    let faults = vec![(Trigger::Request(1), Fault::Cut { at: 5_000 })];
    let api = Api::start(Config { faults, ..config(200, 50) });
    let directory = Directory::new("a_first_page_that_breaks_off");
    let file = directory.file("objects.ndjson");
    fs::write(&file, OLDER).unwrap();
    ends_with(8, &mut pull(&api, &["--retries", "0", "--output", file.to_str().unwrap()]));
    assert_eq!(directory.files(), std::slice::from_ref(&file), "and no part");
    assert_eq!(directory.read("objects.ndjson"), OLDER);
}

#[test]
fn a_pull_anew_that_stops_goes_on_beside_the_earlier_output() {
    let (api, directory) = last_night("goes_on_beside", vec![stops_at(7)]);
    let output = ends_with(7, &mut pull_with_state(&api, &directory, &["--restart"]));
    let told = said(&output);
    assert!(
        told.contains("stored: 100 items on 2 pages in ") && told.contains("objects.ndjson.part"),
        "{told}"
    );
    assert!(told.contains("the same command without --restart goes on"), "{told}");
    assert_eq!(directory.read("objects.ndjson"), OLDER);
    assert!(api.expected().starts_with(&directory.read("objects.ndjson.part")));
    // What came after the last whole page is forgotten.
    let mut longer = directory.read("objects.ndjson.part");
    assert_eq!(summary(&directory)["output_bytes"], longer.len());
    longer.extend(b"{\"half\":");
    fs::write(directory.file("objects.ndjson.part"), longer).unwrap();

    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(directory.read("objects.ndjson") == api.expected());
    assert!(!directory.has("objects.ndjson.part"));
    change_state(&directory, |state| {
        assert_eq!(state["in_part"], Value::Null, "the state speaks of the output")
    });
    assert_eq!(api.stats().requests, 4 + 3 + 2);
    let output = ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(said(&output).contains("already complete: 200 items"), "{}", said(&output));
}

#[test]
fn a_part_that_is_not_the_states_own_is_refused() {
    let (api, directory) = last_night("a_part_that_is_not", vec![stops_at(7)]);
    ends_with(7, &mut pull_with_state(&api, &directory, &["--restart"]));
    let part = directory.file("objects.ndjson.part");
    let kept = fs::read(&part).unwrap();
    let other = [&kept[..kept.len() - 2], b"x\n"].concat();
    for (content, sentence) in [
        (Some(&kept[1..]), "it was changed or moved away"),
        (Some(&other[..]), "does not hold what the state says"),
        (None, "it was changed or moved away"),
    ] {
        fs::remove_file(&part).unwrap_or_default();
        if let Some(content) = content {
            fs::write(&part, content).unwrap();
        }
        let output = ends_with(2, &mut pull_with_state(&api, &directory, &[]));
        assert!(said(&output).contains(sentence), "{}", said(&output));
        assert_eq!(directory.read("objects.ndjson"), OLDER);
    }
    ends_with(0, &mut pull_with_state(&api, &directory, &["--restart"]));
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn a_second_pull_anew_keeps_what_the_first_has_until_it_has_a_page() {
    let (api, directory) = last_night("a_second_pull_anew", vec![stops_at(7), stops_at(8), stops_at(10)]);
    ends_with(7, &mut pull_with_state(&api, &directory, &["--restart"]));
    let (part, before) = (directory.read("objects.ndjson.part"), position(&directory));
    // This one gets no page, so the first can still be gone on with.
    ends_with(7, &mut pull_with_state(&api, &directory, &["--restart"]));
    assert!(directory.read("objects.ndjson.part") == part);
    assert_eq!(position(&directory), before);
    // This one gets one.
    ends_with(7, &mut pull_with_state(&api, &directory, &["--restart"]));
    assert!(directory.read("objects.ndjson.part").len() < part.len());
    assert_ne!(position(&directory), before);
    assert_eq!(directory.read("objects.ndjson"), OLDER);
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn a_crash_around_the_change_of_names_loses_nothing() {
    let (api, directory) = last_night("around_the_change", Vec::new());
    ends_with(0, &mut pull_with_state(&api, &directory, &["--restart"]));
    let requests = api.stats().requests;
    // The power went after the last page was stored, before the name changed.
    let change = |directory: &Directory| change_state(directory, |state| state["in_part"] = true.into());
    change(&directory);
    fs::rename(directory.file("objects.ndjson"), directory.file("objects.ndjson.part")).unwrap();
    fs::write(directory.file("objects.ndjson"), OLDER).unwrap();
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(directory.read("objects.ndjson") == api.expected());
    assert!(!directory.has("objects.ndjson.part"));
    // It went after that, before the state said so.
    change(&directory);
    let output = ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(said(&output).contains("already complete"), "{}", said(&output));
    // And after the state of a pull anew was saved, before its first page.
    ends_with(0, &mut pull_with_state(&api, &directory, &["--restart"]));
    assert_eq!(api.stats().requests, requests + 4);
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn a_list_that_ended_with_items_missing_is_9_each_time_it_is_asked() {
    let api = Api::start(config(200, 50));
    let directory = Directory::new("ended_with_items_missing");
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert_eq!(summary(&directory)["end"], "said_so");
    for (member, value) in [("missing", 0), ("repeated", 0)] {
        assert_eq!(summary(&directory)[member], value, "{member}");
    }
    assert_eq!(summary(&directory)["changed"], Value::Null);
    change_state(&directory, |state| state["missing"] = 3.into());
    for _ in 0..2 {
        let output = ends_with(9, &mut pull_with_state(&api, &directory, &[]));
        assert!(said(&output).contains("already incomplete: 200 items"), "{}", said(&output));
        assert!(said(&output).contains("the server counts 3 items more than it gave"), "{}", said(&output));
        let summary = summary(&directory);
        assert_eq!((&summary["complete"], &summary["exit_code"]), (&false.into(), &9.into()));
        assert_eq!((&summary["missing"], &summary["outcome"]), (&3.into(), &"already incomplete".into()));
    }
    // One that is not whole does not take the place of an earlier output.
    fs::rename(directory.file("objects.ndjson"), directory.file("objects.ndjson.part")).unwrap();
    fs::write(directory.file("objects.ndjson"), OLDER).unwrap();
    change_state(&directory, |state| state["in_part"] = true.into());
    for _ in 0..2 {
        let output = ends_with(9, &mut pull_with_state(&api, &directory, &[]));
        assert!(said(&output).contains("objects.ndjson stays as it was before"), "{}", said(&output));
        assert_eq!(summary(&directory)["outcome"], "incomplete");
        assert_eq!(directory.read("objects.ndjson"), OLDER);
        assert!(directory.read("objects.ndjson.part") == api.expected());
    }
    // But one that is free.
    fs::remove_file(directory.file("objects.ndjson")).unwrap();
    ends_with(9, &mut pull_with_state(&api, &directory, &[]));
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn a_place_that_the_server_no_longer_takes_is_told_with_the_way_out() {
    for status in [400, 410] {
        let refuses =
            (Trigger::Request(4), Fault::Status { status, body: tidegate_simulator::ErrorBody::Problem });
        let api = Api::start(Config { faults: vec![stops_at(3), refuses], ..config(200, 50) });
        let directory = Directory::new(&format!("a_place_{status}"));
        let output = ends_with(7, &mut pull_with_state(&api, &directory, &[]));
        assert!(said(&output).contains("the same command goes on from there"), "{}", said(&output));
        let output = ends_with(7, &mut pull_with_state(&api, &directory, &[]));
        let told = said(&output);
        assert!(
            told.contains("no longer takes the place") && told.contains("--restart begins anew"),
            "{told}"
        );
        assert!(!told.contains("goes on from there"), "{told}");
        ends_with(0, &mut pull_with_state(&api, &directory, &["--restart"]));
        assert!(directory.read("objects.ndjson") == api.expected());
    }
    // A first run has no place that could have expired.
    let refuses =
        (Trigger::Request(1), Fault::Status { status: 400, body: tidegate_simulator::ErrorBody::Problem });
    let api = Api::start(Config { faults: vec![refuses], ..config(200, 50) });
    let directory = Directory::new("a_place_of_a_first_run");
    let output = ends_with(7, &mut pull_with_state(&api, &directory, &[]));
    assert!(!said(&output).contains("no longer takes"), "{}", said(&output));
}
