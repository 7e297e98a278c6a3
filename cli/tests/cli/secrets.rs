//! The key is sent to the server and goes nowhere else.

use crate::common::{Api, Directory, answering, command, config, ends_with, json, pull_with_state, tidegate};
use std::fs;
use std::process::Output;
use tidegate_simulator::{ApiKey, Config, ErrorBody, Fault, KeyState, Service, Trigger, oauth, opsramp};

const KEY: &str = "s3cret-Key-0123456789abcdef";

#[track_caller]
fn assert_untold(output: &Output, directory: &Directory) {
    let holds = |bytes: &[u8]| bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes());
    assert!(!holds(&output.stdout) && !holds(&output.stderr), "the key was printed");
    for path in directory.files() {
        assert!(!holds(&fs::read(&path).unwrap()), "the key is in {}", path.display());
    }
}

#[test]
fn the_key_is_never_printed_nor_stored_however_the_pull_ends() {
    let redirect = Fault::Redirect { status: 302, location: format!("http://other.example/?key={KEY}") };
    let table = [
        (None, KeyState::Active, 0),
        (None, KeyState::Expired, 3),
        (Some(Fault::Status { status: 500, body: ErrorBody::Traceback }), KeyState::Active, 8),
        (Some(redirect), KeyState::Active, 7),
    ];
    for (fault, state, code) in table {
        let faults = fault.map(|fault| (Trigger::Request(2), fault)).into_iter().collect();
        let keys = vec![ApiKey { key: KEY.to_owned(), state }];
        let api = Api::start(Config { faults, keys, ..config(100, 30) });
        let directory = Directory::new("the_key_is_never_printed");
        let mut command = pull_with_state(&api, &directory, &["-vv", "--retries", "0"]);
        command.env("TIDEGATE_API_KEY", KEY).env("RUST_LOG", "trace");
        let output = ends_with(code, &mut command);
        assert!(!output.stderr.is_empty());
        assert_untold(&output, &directory);
    }
}

#[test]
fn a_clients_secret_and_its_tokens_are_never_printed_nor_stored() {
    let tenant = opsramp::DEFAULT_TENANT;
    let token = oauth::Config::opsramp(opsramp::DEFAULT_KEY, KEY);
    let table: [(&[&str], i32); 4] = [
        (&["resources", "--page-size", "100"], 0),
        (&["/tenants/{tenant}/nothing/search"], 7),
        (&["GET", "/tenants/{tenant}/resources/minimal"], 0),
        (&["GET", "/tenants/{tenant}/nothing"], 7),
    ];
    for (arguments, code) in table {
        let config = opsramp::Config { token: token.clone(), ..opsramp::Config::default() };
        let api = Api::of(Service::OpsRamp(config));
        let directory = Directory::new("a_clients_secret");
        let mut command = command(&api, "opsramp", "/api/v2", arguments);
        if arguments[0] != "GET" {
            command.arg("--output").arg(directory.file("out.ndjson"));
            command.arg("--state").arg(directory.file("out.state"));
        }
        command.args(["-vv", "--retries", "0", "--tenant", tenant]);
        command.env("TIDEGATE_API_KEY", KEY).env("RUST_LOG", "trace");
        let output = ends_with(code, &mut command);
        assert_eq!(api.stats().tokens, 1, "{arguments:?}");
        assert_untold(&output, &directory);
        let said = String::from_utf8_lossy(&output.stderr).to_lowercase();
        assert!(!said.is_empty() && !said.contains("bearer") && !said.contains("access_token"), "{said}");
    }
}

#[test]
fn a_key_that_cannot_be_sent_is_refused_without_being_shown() {
    let api = Api::start(config(10, 5));
    let directory = Directory::new("a_key_that_cannot_be_sent");
    let mut command = pull_with_state(&api, &directory, &[]);
    let output = ends_with(2, command.env("TIDEGATE_API_KEY", format!("{KEY} {KEY}")));
    assert_untold(&output, &directory);
    assert_eq!(api.stats().requests, 0);
}

#[test]
fn a_key_comes_from_a_file_without_its_line_end() {
    let api = Api::start(config(10, 5));
    let directory = Directory::new("a_key_comes_from_a_file");
    for ending in ["", "\n", "\r\n"] {
        let path = directory.file("key");
        fs::write(&path, format!("{}{ending}", tidegate_simulator::DEFAULT_KEY)).unwrap();
        let mut command = crate::common::pull(&api, &["--api-key-file", path.to_str().unwrap()]);
        let output = ends_with(0, command.env_remove("TIDEGATE_API_KEY"));
        assert!(output.stdout == api.expected());
    }
}

/// What a server may write of a credential `user:key`, whose key is the secret: the key alone, as it is and in the forms in
/// which clients send it.
fn quotes() -> Vec<String> {
    let key = KEY;
    vec![
        key.to_owned(),
        format!("user:{key}"),
        format!("the key {key} is revoked"),
        key.to_ascii_uppercase(),
        key.replace('-', "%2D"),
        // The middle of it.
        key[4..key.len() - 4].to_owned(),
    ]
}

/// Eight characters in a row of the key, in any letter case, after percent-decoding.
#[track_caller]
fn assert_no_run(output: &Output, quote: &str) {
    for bytes in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(bytes).to_lowercase().replace("%2d", "-");
        let key = KEY.to_lowercase();
        let told = key.as_bytes().windows(8).find(|run| text.contains(std::str::from_utf8(run).unwrap()));
        assert!(told.is_none(), "{quote:?} was printed: {text}");
    }
}

#[test]
fn a_key_that_the_server_quotes_without_its_user_is_not_printed() {
    for quote in quotes() {
        let quoted = quote.clone();
        let url = answering(move |number, _| match number % 3 {
            0 => (json("400 Bad Request"), format!(r#"{{"error":"no","detail":"{quoted}"}}"#)),
            1 => ("401 Unauthorized\r\nContent-Type: text/plain".to_owned(), quoted.clone()),
            _ => (format!("302 Found\r\nLocation: http://other.example/{quoted}"), String::new()),
        });
        let directory = Directory::new("quoted_without_its_user");
        let base = format!("{url}/api/v2");
        let table: [&[&str]; 2] = [&["pull", "coredata", "tasks"], &["send", "coredata", "GET", "/tasks/"]];
        for arguments in table.into_iter().flat_map(|arguments| [arguments; 3]) {
            let mut command = tidegate();
            command.args(arguments).args(["-vv", "--unused", "--retries", "0", "--base-url", &base]);
            if arguments[0] == "pull" {
                command.arg("--summary").arg(directory.file("summary.json"));
                command.arg("--output").arg(directory.file("tasks.ndjson"));
                command.arg("--state").arg(directory.file("tasks.state"));
            }
            command.env("TIDEGATE_API_KEY", format!("user:{KEY}")).env("RUST_LOG", "trace");
            let output = command.output().unwrap();
            assert!(matches!(output.status.code(), Some(3 | 7)), "{:?}", output.status);
            assert_no_run(&output, &quote);
            assert_untold(&output, &directory);
        }
    }
}
