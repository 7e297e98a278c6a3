//! Each way to end has its code, and says why.

use crate::common::{
    Api, Directory, answering, config, ends_with, json, pull, pull_with_state, said, summary, tidegate,
    unix_ms,
};
use tidegate_simulator::{ApiKey, Config, DEFAULT_KEY, ErrorBody, Fault, KeyState, Maintenance, Trigger};

/// A pull whose third request goes wrong, so that two pages are stored.
fn faulty(test: &str, fault: Fault, extra: &[&str], code: i32, sentence: &str) {
    let api = Api::start(Config { faults: vec![(Trigger::Request(3), fault)], ..config(200, 50) });
    let directory = Directory::new(test);
    let output = ends_with(code, &mut pull_with_state(&api, &directory, extra));
    let said = said(&output);
    assert!(said.contains(sentence), "{said}");
    assert!(
        said.contains("stored: 100 items on 2 pages") && said.contains("the same command goes on"),
        "{said}"
    );
    let summary = summary(&directory);
    assert_eq!((&summary["complete"], &summary["exit_code"]), (&false.into(), &code.into()));
    assert_eq!((&summary["items"], &summary["requests"]), (&100.into(), &3.into()));
    assert!(summary["outcome"].as_str().unwrap().contains(sentence));
    // The same command goes on, as was promised; if it was the limit, as soon as the server lets it.
    let extra: Vec<&str> =
        extra.iter().copied().filter(|argument| !argument.starts_with("--patience")).collect();
    ends_with(0, &mut pull_with_state(&api, &directory, &extra));
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn a_key_that_opens_nothing_is_3() {
    for state in [KeyState::Expired, KeyState::Revoked] {
        let keys = vec![ApiKey { key: DEFAULT_KEY.to_owned(), state }];
        let api = Api::start(Config { keys, ..config(10, 5) });
        let directory = Directory::new("a_key_that_opens_nothing");
        let output = ends_with(3, &mut pull_with_state(&api, &directory, &[]));
        assert!(said(&output).contains("a new one is needed"), "{}", said(&output));
        assert_eq!(api.stats().requests, 1, "a refused key is not tried again");
        assert_eq!(summary(&directory)["exit_code"], 3);
    }
}

#[test]
fn a_limit_beyond_the_patience_is_4() {
    // A rejection is followed by a pause of 3 s at least, and of a window.
    let extra = ["--window", "1s", "--patience=1s"];
    faulty("a_limit_beyond", Fault::RejectLimit, &extra, 4, "others use up the rate limit");
}

#[test]
fn maintenance_beyond_the_patience_is_5() {
    let now = unix_ms();
    let maintenance = Some(Maintenance {
        announced_from: now - 1_000,
        start: now - 1_000,
        end: now + 3_600_000,
        headers_while_active: true,
    });
    let api = Api::start(Config { maintenance, ..config(10, 5) });
    let directory = Directory::new("maintenance_beyond");
    let output = ends_with(5, &mut pull_with_state(&api, &directory, &["--maintenance-patience", "1m"]));
    assert!(said(&output).contains("under maintenance"), "{}", said(&output));
    assert_eq!(summary(&directory)["exit_code"], 5);
}

#[test]
fn announced_maintenance_is_shown() {
    let now = unix_ms();
    let (start, end) = (now + 3_600_000, now + 7_200_000);
    let maintenance = Some(Maintenance { announced_from: 0, start, end, headers_while_active: false });
    let api = Api::start(Config { maintenance, ..config(10, 5) });
    let output = ends_with(0, &mut crate::common::pull(&api, &[]));
    assert!(said(&output).contains("maintenance is announced from 2"), "{}", said(&output));
}

#[test]
fn an_answer_that_is_not_what_it_should_be_is_7() {
    let table = [
        ("not_json", Fault::NotJson, "an HTML page"),
        (
            "redirect",
            Fault::Redirect { status: 302, location: "http://other.example/".to_owned() },
            "redirects to",
        ),
        ("status_404", Fault::Status { status: 404, body: ErrorBody::Problem }, "status 404"),
        ("repeated", Fault::RepeatCursor, "report it to the API's vendor"),
    ];
    for (test, fault, sentence) in table {
        faulty(test, fault, &["--retries", "0"], 7, sentence);
    }
}

#[test]
fn bytes_that_cannot_be_had_are_8() {
    let table = [
        ("reset", Fault::Reset { at: 100 }, "the connection broke"),
        ("cut_head", Fault::CutWire { at: 10 }, "the connection broke"),
        ("status_503", Fault::Status { status: 503, body: ErrorBody::Html }, "status 503"),
    ];
    for (test, fault, sentence) in table {
        faulty(test, fault, &["--retries", "0"], 8, sentence);
    }
}

#[test]
fn a_failure_names_the_flag_that_helps() {
    let faults = |fault: Option<Fault>| fault.map(|fault| (Trigger::Request(1), fault)).into_iter().collect();
    let table: [(Option<Fault>, &[&str], i32, &str); 6] = [
        (None, &["--max-pages", "2"], 7, "--max-pages takes more"),
        (None, &["--max-page", "100"], 7, "--max-page takes larger ones"),
        (None, &["--max-item", "10"], 7, "--max-item takes larger ones"),
        (None, &["--items", "things"], 7, "--items names the member"),
        (
            Some(Fault::StallBeforeHead),
            &["--head-timeout", "200ms", "--retries", "0"],
            8,
            "--head-timeout waits",
        ),
        (
            Some(Fault::Stall { at: 1_000 }),
            &["--idle-timeout", "200ms", "--retries", "0"],
            8,
            "--idle-timeout waits",
        ),
    ];
    for (fault, arguments, code, sentence) in table {
        let api = Api::start(Config { faults: faults(fault), ..config(200, 50) });
        let output = ends_with(code, &mut pull(&api, arguments));
        assert!(said(&output).contains(sentence), "{arguments:?}: {}", said(&output));
    }
    // With more of it, the same is complete.
    let api = Api::start(config(200, 50));
    ends_with(0, &mut pull(&api, &["--max-pages", "4", "--max-page", "1MiB", "--page-timeout", "1m"]));
}

/// CoreData's tasks: one is given, and so many are counted.
fn counting(total: u64) -> String {
    answering(move |_, target| {
        let offset = target.split(['?', '&']).find_map(|part| part.strip_prefix("offset=")).unwrap_or("0");
        let objects = if offset == "0" { r#"{"id":"a"}"# } else { "" };
        let meta =
            format!(r#"{{"limit":20,"next":null,"offset":{offset},"previous":null,"total_count":{total}}}"#);
        (json("200 OK"), format!(r#"{{"meta":{meta},"objects":[{objects}]}}"#))
    })
}

#[test]
fn a_list_that_ends_before_the_servers_own_total_is_9() {
    for (total, code, outcome) in [(41, 9, "incomplete"), (1, 0, "complete")] {
        let url = counting(total);
        let directory = Directory::new(&format!("before_the_total_{total}"));
        let pull = |extra: &[&str]| {
            let mut pull = tidegate();
            pull.env("TIDEGATE_API_KEY", "user:key-of-the-user");
            pull.args(["pull", "coredata", "tasks", "--unused", "--base-url", &format!("{url}/api/v2")]);
            pull.arg("--summary").arg(directory.file("summary.json"));
            pull.arg("--output").arg(directory.file("tasks.ndjson")).args(extra);
            pull
        };
        let state = directory.file("tasks.state");
        let state = ["--state", state.to_str().unwrap()];
        // Without a state, with one, and where that says that nothing is left to do.
        for extra in [&[][..], &[&state[..], &["--restart"]].concat(), &state] {
            let output = ends_with(code, &mut pull(extra));
            let summary = summary(&directory);
            let told = said(&output);
            assert!(summary["outcome"].as_str().unwrap().ends_with(outcome), "{told}");
            assert_eq!(summary["complete"], code == 0);
            assert_eq!(summary["missing"], total - 1, "{extra:?}: {told}");
            assert_eq!(told.contains("the server counts 40 items more than it gave"), code == 9, "{told}");
            assert_eq!(directory.read("tasks.ndjson"), b"{\"id\":\"a\"}\n", "{extra:?}: {told}");
        }
    }
}

#[test]
fn more_parameters_than_there_may_be_are_told_with_their_number() {
    let api = Api::start(config(10, 5));
    let most = tidegate_core::http::Parameters::CAPACITY;
    // The view is one of them.
    let queries = |count: usize| (1..count).map(|n| format!("--query=p{n}=x")).collect::<Vec<_>>();
    ends_with(0, pull(&api, &[]).args(queries(most)));
    let output = ends_with(2, pull(&api, &[]).args(queries(most + 1)));
    assert!(said(&output).contains(&format!("at most {most} parameters")), "{}", said(&output));
}

#[test]
fn no_server_at_all_is_8() {
    let mut api = Api::start(config(10, 5));
    // Nobody listens on port 1 of loopback.
    api.url = "http://127.0.0.1:1".to_owned();
    let directory = Directory::new("no_server");
    let output = ends_with(8, &mut pull_with_state(&api, &directory, &["--retries", "0"]));
    assert!(said(&output).contains("no connection to the server"), "{}", said(&output));
}

#[test]
fn a_command_that_cannot_be_carried_out_is_2() {
    let directory = Directory::new("a_command_that_cannot");
    let key_file = directory.file("key");
    std::fs::write(&key_file, "simulator-key\n").unwrap();
    let key_file = key_file.to_str().unwrap();
    let command = ["pull", "comanage", "/objects", "--base-url", "http://127.0.0.1:1"];
    let table: [(&[&str], &str); 17] = [
        (&["--no-such-flag"], "unexpected argument"),
        (&["--state", "s"], "--state needs an --output file"),
        (&["--output", "x", "--state", "./x"], "are the same file"),
        (&["--output", "z.new", "--state", "z"], "are the same file"),
        (&["--output", "z.lock", "--state", "z"], "are the same file"),
        (&["--output", "z", "--state", "z.part"], "are the same file"),
        (&["--output", "x", "--state", "z", "--summary", "./z.new"], "are the same file"),
        (&["--restart"], "--state"),
        (&["--limit", "0"], "--limit"),
        (&["--window", "60"], "its unit"),
        (&["--max-item", "much"], "KiB"),
        (&["--max-item", "8000000G"], "no item may be larger than 4GiB"),
        (&["--query", "afterId=1"], "afterId is set by the pull itself"),
        (&["--ca-file", key_file], "no certificate"),
        (&["--api-key-file", key_file], "two keys"),
        (&["--view-id", "x"], "--view-id"),
        (&["--api-key", "secret"], "unexpected argument"),
    ];
    for (arguments, sentence) in table {
        let output = ends_with(2, tidegate().env("TIDEGATE_API_KEY", "k").args(command).args(arguments));
        assert!(said(&output).contains(sentence), "{arguments:?}: {}", said(&output));
        assert!(output.stdout.is_empty());
    }
    let output = ends_with(2, tidegate().args(command));
    assert!(said(&output).contains("there is no key"), "{}", said(&output));
    let remote = ["pull", "comanage", "/x", "--base-url", "http://api.example", "--api-key-file", key_file];
    let output = ends_with(2, tidegate().args(remote));
    assert!(said(&output).contains("--allow-plain-http"), "{}", said(&output));
    let template =
        ["pull", "comanage", "/v/{viewId}", "--base-url", "http://127.0.0.1:1", "--api-key-file", key_file];
    let output = ends_with(2, tidegate().args(template));
    assert!(said(&output).contains("parameter in braces"), "{}", said(&output));
}

#[test]
fn two_names_of_one_file_are_refused() {
    let api = Api::start(config(10, 5));
    let directory = Directory::new("two_names_of_one_file");
    let (output, state) = (directory.file("objects.ndjson"), directory.file("objects.state"));
    std::fs::write(&output, "").unwrap();
    std::fs::hard_link(&output, &state).unwrap();
    let refused = ends_with(2, &mut pull_with_state(&api, &directory, &[]));
    assert!(said(&refused).contains("--output and --state are the same file"), "{}", said(&refused));
    std::fs::remove_file(&state).unwrap();
    std::os::unix::fs::symlink(&output, directory.file("objects.state.lock")).unwrap();
    let refused = ends_with(2, &mut pull_with_state(&api, &directory, &[]));
    assert!(said(&refused).contains("are the same file"), "{}", said(&refused));
    assert_eq!((directory.read("objects.ndjson").len(), api.stats().requests), (0, 0));
}

#[test]
fn a_run_that_cannot_begin_replaces_the_summary_of_an_earlier_one() {
    let api = Api::start(config(100, 50));
    let directory = Directory::new("a_run_that_cannot_begin");
    let output = directory.file("objects.ndjson");
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    let whole = directory.read("summary.json");
    let complete = || std::fs::write(directory.file("summary.json"), &whole).unwrap();
    let is_replaced = |code: i32| {
        let summary = summary(&directory);
        assert_eq!((&summary["complete"], &summary["exit_code"]), (&false.into(), &code.into()));
        assert_eq!((&summary["items"], &summary["requests"]), (&serde_json::Value::Null, &0.into()));
        assert!(summary["outcome"].as_str().is_some_and(|outcome| !outcome.is_empty()));
        complete();
    };
    ends_with(2, pull_with_state(&api, &directory, &[]).env_remove("TIDEGATE_API_KEY"));
    is_replaced(2);
    ends_with(2, &mut pull_with_state(&api, &directory, &["--ca-file", "/nonexistent"]));
    is_replaced(2);
    std::fs::write(&output, "short").unwrap();
    ends_with(2, &mut pull_with_state(&api, &directory, &[]));
    is_replaced(2);
    std::fs::remove_file(&output).unwrap();
    std::fs::create_dir(directory.file("objects.state.new")).unwrap();
    ends_with(1, &mut pull_with_state(&api, &directory, &["--restart"]));
    is_replaced(1);
}

#[test]
fn a_summary_that_is_another_of_the_files_is_not_written() {
    let api = Api::start(config(100, 50));
    let directory = Directory::new("a_summary_that_is_another");
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    let output = directory.file("objects.ndjson");
    let output = output.to_str().unwrap();
    let refused = ends_with(2, &mut pull(&api, &["--output", output, "--summary", output]));
    assert!(said(&refused).contains("--output and --summary are the same file"), "{}", said(&refused));
    assert!(directory.read("objects.ndjson") == api.expected());
}

#[test]
fn help_shows_the_exit_codes() {
    for arguments in [&["--help"][..], &["pull", "--help"], &["pull", "comanage", "--help"]] {
        let output = ends_with(0, tidegate().args(arguments));
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("  7  the server's answer"),
            "{arguments:?}"
        );
        assert!(
            String::from_utf8_lossy(&output.stdout)
                .contains("  9  the list ended, but the server counts more"),
            "{arguments:?}"
        );
    }
}
