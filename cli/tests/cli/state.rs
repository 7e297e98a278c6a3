//! State files: what they go on from, and what they refuse without touching anything.

use crate::common::{Api, Directory, Running, config, ends_with, pull, pull_with_state, said, summary};
use std::fs;
use tidegate_simulator::{Config, Fault, Trigger};

/// A pull that stored two pages and stopped.
fn half(test: &str) -> (Api, Directory) {
    let faults = vec![(Trigger::Request(3), Fault::Redirect { status: 302, location: "/x".to_owned() })];
    let api = Api::start(Config { faults, ..config(200, 50) });
    let directory = Directory::new(test);
    ends_with(7, &mut pull_with_state(&api, &directory, &[]));
    (api, directory)
}

/// Runs the pull, which must refuse with this sentence and change neither file.
#[track_caller]
fn refuses(api: &Api, directory: &Directory, sentence: &str) {
    let before =
        (fs::read(directory.file("objects.ndjson")).ok(), fs::read(directory.file("objects.state")).ok());
    let requests = api.stats().requests;
    let output = ends_with(2, &mut pull_with_state(api, directory, &[]));
    assert!(said(&output).contains(sentence), "{}", said(&output));
    let after =
        (fs::read(directory.file("objects.ndjson")).ok(), fs::read(directory.file("objects.state")).ok());
    assert!(before == after, "a file was changed");
    assert_eq!(api.stats().requests, requests);
}

#[test]
fn a_complete_pull_sends_nothing_more_unless_it_is_restarted() {
    let api = Api::start(config(200, 50));
    let directory = Directory::new("a_complete_pull");
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    let output = ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(said(&output).contains("already complete: 200 items on 4 pages"), "{}", said(&output));
    assert!(said(&output).contains("--restart"));
    assert_eq!(api.stats().requests, 4);
    assert_eq!(
        (&summary(&directory)["complete"], &summary(&directory)["requests"]),
        (&true.into(), &0.into())
    );
    ends_with(0, &mut pull_with_state(&api, &directory, &["--restart"]));
    assert!(directory.read("objects.ndjson") == api.expected());
    assert_eq!(api.stats().requests, 8);
}

#[test]
fn a_state_of_another_pull_is_refused() {
    let (api, directory) = half("a_state_of_another_pull");
    let other = Api::start(config(200, 50));
    refuses(&other, &directory, "belongs to another base URL");
    let mut command = pull_with_state(&api, &directory, &["--query", "lang=is"]);
    let output = ends_with(2, &mut command);
    assert!(said(&output).contains("belongs to another path, other parameters"), "{}", said(&output));
}

#[test]
fn a_state_that_cannot_be_read_is_refused() {
    let (api, directory) = half("a_state_that_cannot_be_read");
    let state = directory.file("objects.state");
    let good = fs::read_to_string(&state).unwrap();
    let table = [
        (String::new(), "damaged"),
        (good[..good.len() / 2].to_owned(), "damaged"),
        ("{}".to_owned(), "no state of this program"),
        (good.replace("\"format\":2", "\"format\":1"), "another format"),
        (good.replace("\"checkpoint\":\"746467", "\"checkpoint\":\"746477"), "this is no checkpoint"),
        (good.replace("\"checkpoint\":\"", "\"checkpoint\":\"0"), "its checkpoint is damaged"),
        (good.replace("\"objects.ndjson\"", "\"other.ndjson\""), "an output named other.ndjson"),
    ];
    for (text, sentence) in table {
        assert_ne!(text, good, "{sentence}");
        fs::write(&state, text).unwrap();
        refuses(&api, &directory, sentence);
    }
    fs::write(&state, good).unwrap();
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn an_output_that_is_not_the_states_own_is_not_overwritten() {
    let (api, directory) = half("an_output_that_is_not");
    let (output, state) = (directory.file("objects.ndjson"), directory.file("objects.state"));
    let kept = fs::read(&output).unwrap();
    fs::write(&output, &kept[..kept.len() - 1]).unwrap();
    refuses(&api, &directory, "it was changed or moved away");
    fs::remove_file(&output).unwrap();
    refuses(&api, &directory, "it was changed or moved away");
    fs::remove_file(&state).unwrap();
    fs::write(&output, "mine").unwrap();
    refuses(&api, &directory, "it would be overwritten");
    ends_with(0, &mut pull_with_state(&api, &directory, &["--restart"]));
    assert!(directory.read("objects.ndjson") == api.expected());
}

/// A pull whose output is elsewhere, with the same state.
fn with_output_elsewhere(api: &Api, directory: &Directory, content: &[u8]) -> std::process::Command {
    let elsewhere = directory.file("elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    let output = elsewhere.join("objects.ndjson");
    fs::write(&output, content).unwrap();
    let mut command = pull(api, &[]);
    command.arg("--output").arg(output).arg("--state").arg(directory.file("objects.state"));
    command
}

#[test]
fn another_file_of_the_same_name_is_neither_cut_nor_called_complete() {
    let (api, directory) = half("another_file_of_the_same_name");
    let foreign = b"somebody else's\n".repeat(10_000);
    let is_refused = || {
        let output = ends_with(2, &mut with_output_elsewhere(&api, &directory, &foreign));
        assert!(said(&output).contains("is another file"), "{}", said(&output));
        assert!(directory.read("elsewhere/objects.ndjson") == foreign);
    };
    is_refused();
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    is_refused();
    // A copy is as good as the file itself.
    let output = ends_with(0, &mut with_output_elsewhere(&api, &directory, &api.expected()));
    assert!(said(&output).contains("already complete"), "{}", said(&output));
}

#[test]
fn another_file_is_not_emptied_for_a_pull_that_has_no_page_yet() {
    let faults = vec![(Trigger::Request(1), Fault::Redirect { status: 302, location: "/x".to_owned() })];
    let api = Api::start(Config { faults, ..config(200, 50) });
    let directory = Directory::new("no_page_yet");
    ends_with(7, &mut pull_with_state(&api, &directory, &[]));
    let output = ends_with(2, &mut with_output_elsewhere(&api, &directory, b"mine\n"));
    assert!(said(&output).contains("is another file"), "{}", said(&output));
    assert_eq!(directory.read("elsewhere/objects.ndjson"), b"mine\n");
    // What the pull's own file has is part of a page that broke off.
    fs::write(directory.file("objects.ndjson"), b"{\"half\":").unwrap();
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn an_output_overwritten_in_between_by_a_run_without_a_state_is_not_cut() {
    let (api, directory) = half("overwritten_in_between");
    let other = Api::start(Config { seed: 2, ..config(400, 50) });
    let output = directory.file("objects.ndjson");
    ends_with(0, &mut pull(&other, &["--output", output.to_str().unwrap()]));
    refuses(&api, &directory, "it was changed, or is another file");
    assert!(directory.read("objects.ndjson") == other.expected());
    ends_with(0, &mut pull_with_state(&api, &directory, &["--restart"]));
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn an_output_is_written_by_one_process_at_a_time() {
    let faults = vec![(Trigger::Request(2), Fault::StallBeforeHead)];
    let (arrived, requests) = std::sync::mpsc::channel();
    let api = Api::watched(Config { faults, ..config(200, 50) }, move |_| {
        let _ = arrived.send(());
    });
    let directory = Directory::new("one_process_writes_the_output");
    let first = Running::start(&mut pull_with_state(&api, &directory, &[]));
    requests.recv().unwrap();
    requests.recv().unwrap();
    let output = directory.file("objects.ndjson");
    for restart in [&[][..], &["--restart"]] {
        let mut second = pull(&api, restart);
        second.arg("--output").arg(&output).arg("--state").arg(directory.file("other.state"));
        let refused = ends_with(2, &mut second);
        assert!(said(&refused).contains("another process is writing to it"), "{}", said(&refused));
    }
    let refused = ends_with(2, &mut pull(&api, &["--output", output.to_str().unwrap()]));
    assert!(said(&refused).contains("another process is writing to it"), "{}", said(&refused));
    assert_eq!(api.stats().requests, 2);
    drop(first);
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn what_came_after_the_last_checkpoint_is_forgotten() {
    let (api, directory) = half("what_came_after");
    let output = directory.file("objects.ndjson");
    let mut longer = fs::read(&output).unwrap();
    longer.extend(b"{\"half\":");
    fs::write(&output, longer).unwrap();
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn a_state_is_used_by_one_process_at_a_time() {
    let faults = vec![(Trigger::Request(1), Fault::StallBeforeHead)];
    let (arrived, first_request) = std::sync::mpsc::channel();
    let api = Api::watched(Config { faults, ..config(200, 50) }, move |_| {
        let _ = arrived.send(());
    });
    let directory = Directory::new("one_process_at_a_time");
    let first = Running::start(&mut pull_with_state(&api, &directory, &[]));
    first_request.recv().unwrap();
    refuses(&api, &directory, "another process is using this state");
    drop(first);
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn the_quota_survives_a_restart() {
    let api = Api::start(config(200, 50));
    let directory = Directory::new("the_quota_survives");
    let mut child = Running::start(&mut pull_with_state(&api, &directory, &["--limit", "2"]));
    child.until_it_says("waiting until");
    drop(child);
    // Nothing is left of the window, even for a pull that starts anew.
    for extra in [&["--limit", "2"][..], &["--limit", "2", "--restart"]] {
        let mut child = Running::start(&mut pull_with_state(&api, &directory, extra));
        child.until_it_says("waiting until");
        assert_eq!(api.stats().requests, 2);
    }
}
