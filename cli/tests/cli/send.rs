//! Single requests: what is sent, what is printed of the answer, and how the program exits.

use crate::common::{Api, Directory, answering, command, ends_with, said, tidegate};
use serde_json::Value;
use tidegate_simulator::{Config, ErrorBody, Fault, Service, Trigger, coredata, frends, opsramp};

const BASE: &str = "/api/v2";

fn coredata() -> coredata::Config {
    coredata::Config { items: 30, ..coredata::Config::default() }
}

fn with_faults(faults: Vec<(Trigger, Fault)>) -> Api {
    Api::start(Config { faults, service: Service::CoreData(coredata()), ..Config::default() })
}

#[test]
fn what_is_created_is_told_and_can_be_read_changed_and_removed() {
    let api = Api::of(Service::CoreData(coredata()));
    let body = r#"{"title":"New","space":"s"}"#;
    let output = ends_with(0, &mut command(&api, "coredata", BASE, &["POST", "/projects/", "--body", body]));
    let told = said(&output);
    assert!(output.stdout.is_empty() && told.contains("status: 201\n"), "{told}");
    let location = told.lines().find_map(|line| line.strip_prefix("location: ")).expect("where it is");
    let path = location.strip_prefix(BASE).expect("a path below the base");
    let output = ends_with(0, &mut command(&api, "coredata", BASE, &["GET", path]));
    let project: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(project["title"], "New");
    assert!(said(&output).contains("status: 200\n"));

    let directory = Directory::new("what_is_created");
    std::fs::write(directory.file("change.json"), r#"{"title":"Newer"}"#).unwrap();
    let change = format!("@{}", directory.file("change.json").display());
    ends_with(0, &mut command(&api, "coredata", BASE, &["PATCH", path, "--body", &change]));
    let output = ends_with(0, &mut command(&api, "coredata", BASE, &["GET", path]));
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["title"], "Newer");
    let output = ends_with(0, &mut command(&api, "coredata", BASE, &["DELETE", path]));
    assert!(output.stdout.is_empty() && said(&output).contains("status: 204\n"), "{}", said(&output));
    ends_with(7, &mut command(&api, "coredata", BASE, &["GET", path]));
}

#[test]
fn a_download_is_followed_without_the_key() {
    let api = Api::of(Service::CoreData(coredata()));
    let output =
        ends_with(0, &mut command(&api, "coredata", BASE, &["GET", "/files/", "--query", "limit=1"]));
    let page: Value = serde_json::from_slice(&output.stdout).unwrap();
    let id = page["objects"][0]["id"].as_str().unwrap();
    let set = format!("id={id}");
    let arguments = ["GET", "/files/{id}/content/", "--set", &set];
    let output = ends_with(7, &mut command(&api, "coredata", BASE, &arguments));
    assert!(said(&output).contains("redirects to"), "{}", said(&output));
    let output = ends_with(0, command(&api, "coredata", BASE, &arguments).arg("--download"));
    assert!(!output.stdout.is_empty());
    assert_eq!(api.stats().leaked, 0);
}

#[test]
fn parameters_go_into_the_path_and_the_query() {
    let api = Api::of(Service::CoreData(coredata()));
    let arguments = ["GET", "/{what}/", "--set", "what=tasks", "--query", "limit=3", "--query", "offset=5"];
    let output = ends_with(0, &mut command(&api, "coredata", BASE, &arguments));
    let page: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((page["meta"]["limit"].as_u64(), page["meta"]["offset"].as_u64()), (Some(3), Some(5)));
}

#[test]
fn an_answer_that_did_not_do_what_was_asked_says_what_the_server_says() {
    let api = Api::of(Service::CoreData(coredata()));
    let output = ends_with(7, &mut command(&api, "coredata", BASE, &["POST", "/projects/", "--body", "[]"]));
    assert!(
        said(&output).contains("status 400") && said(&output).contains("not valid JSON"),
        "{}",
        said(&output)
    );
    assert!(output.stdout.is_empty());
    // All of it is printed, for people who want to read more than a sentence.
    let body = said(&output);
    assert!(body.lines().any(|line| line.starts_with('{') && line.contains("not valid JSON")), "{body}");
    let mut wrong = command(&api, "coredata", BASE, &["GET", "/tasks/"]);
    ends_with(3, wrong.env("TIDEGATE_API_KEY", "user:wrong"));
}

#[test]
fn the_body_of_a_refusal_is_shown_up_to_a_limit() {
    let table = [
        (ErrorBody::Html, "<html>"),
        (ErrorBody::Traceback, "System.InvalidOperationException"),
        (ErrorBody::JsonOther, "{"),
    ];
    for (body, beginning) in table {
        let api = with_faults(vec![(Trigger::Request(1), Fault::Status { status: 422, body })]);
        let output = ends_with(7, &mut command(&api, "coredata", BASE, &["GET", "/tasks/"]));
        let told = said(&output);
        assert!(told.contains(beginning) && told.len() < 20_000, "{told}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn what_may_do_harm_is_sent_once_unless_it_is_said_to_be_repeatable() {
    let failing =
        || with_faults(vec![(Trigger::Request(1), Fault::Status { status: 503, body: ErrorBody::Html })]);
    let table: [(&[&str], i32, u64); 5] = [
        (&["POST", "/tasks/", "--body", r#"{"title":"a"}"#], 8, 1),
        (&["POST", "/tasks/", "--body", r#"{"title":"a"}"#, "--repeatable"], 0, 2),
        (&["GET", "/tasks/"], 0, 2),
        (&["GET", "/tasks/", "--once"], 8, 1),
        (&["GET", "/tasks/", "--retries", "0"], 8, 1),
    ];
    for (arguments, code, requests) in table {
        let api = failing();
        ends_with(code, &mut command(&api, "coredata", BASE, arguments));
        assert_eq!(api.stats().requests, requests, "{arguments:?}");
    }
}

#[test]
fn a_body_larger_than_allowed_is_7() {
    let api = Api::of(Service::CoreData(coredata()));
    let output = ends_with(7, &mut command(&api, "coredata", BASE, &["GET", "/tasks/", "--max-body", "100"]));
    assert!(output.stdout.is_empty(), "{}", said(&output));
}

#[test]
fn a_request_to_a_tenant_has_a_token() {
    let api = Api::of(Service::OpsRamp(opsramp::Config::default()));
    let arguments =
        ["PUT", "/tenants/{tenant}/resources", "--tenant", opsramp::DEFAULT_TENANT, "--category", "devices"];
    let mut create = command(&api, "opsramp", BASE, &arguments);
    let output = ends_with(0, create.args(["--body", r#"{"hostName":"web-1"}"#]));
    let created: Value = serde_json::from_slice(&output.stdout).unwrap();
    let id = format!("id={}", created["id"].as_str().unwrap());
    let arguments =
        ["GET", "/tenants/{tenant}/resources/{id}", "--tenant", opsramp::DEFAULT_TENANT, "--set", &id];
    let output = ends_with(0, &mut command(&api, "opsramp", BASE, &arguments));
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["hostName"], "web-1");
    assert_eq!((api.stats().tokens, api.stats().writes), (2, 1));
}

#[test]
fn a_specification_is_sent_as_a_json_string_or_as_a_file() {
    let api = Api::of(Service::Frends(frends::Config::default()));
    let directory = Directory::new("a_specification");
    let orders = |base| {
        format!(
            r#"{{"swagger":"2.0","info":{{"title":"Orders","version":"1"}},"basePath":"{base}","paths":{{}}}}"#
        )
    };
    let file = |name: &str| directory.file(name).display().to_string();
    std::fs::write(file("one.json"), orders("/one")).unwrap();
    std::fs::write(file("two.json"), orders("/two")).unwrap();
    let (one, two) = (format!("@{}", file("one.json")), file("two.json"));
    let table: [&[&str]; 2] = [
        &["POST", "/api-management/api-specifications", "--json-string", &one],
        &["POST", "/api-management/api-specifications/import", "--file", &two, "--timeout", "10m"],
    ];
    for arguments in table {
        let output = ends_with(0, &mut command(&api, "frends", "/api/v1", arguments));
        assert!(said(&output).contains("status: 201\n"), "{arguments:?}: {}", said(&output));
        assert!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["data"]["id"].is_u64());
    }
}

#[test]
fn a_location_that_quotes_the_key_is_not_shown() {
    for (location, is_shown) in [("/tasks/1?by=key-of-a-user", false), ("/tasks/1", true)] {
        let url = answering(move |_, _| (format!("201 Created\r\nLocation: {location}"), String::new()));
        let base = format!("{url}{BASE}");
        let mut send = tidegate();
        send.args(["send", "coredata", "POST", "/tasks/", "--body", "{}", "--unused", "--base-url", &base]);
        let output = ends_with(0, send.env("TIDEGATE_API_KEY", "key-of-a-user"));
        assert_eq!(said(&output).contains(location), is_shown, "{}", said(&output));
        assert!(said(&output).contains("location: "), "{}", said(&output));
    }
}
