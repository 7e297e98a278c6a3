//! A pull from its arguments to its output.

use crate::common::{Api, Directory, config, ends_with, pull, pull_with_state, said, summary};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use tidegate_simulator::{Config, Fault, Trigger};

#[test]
fn every_item_arrives_once_and_in_order() {
    let api = Api::start(config(1_000, 70));
    let directory = Directory::new("every_item_arrives");
    let output = ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(directory.read("objects.ndjson") == api.expected());
    assert!(output.stdout.is_empty());
    assert!(said(&output).contains("complete: 1,000 items on 15 pages"), "{}", said(&output));
    let summary = summary(&directory);
    for (field, value) in
        [("items", 1_000), ("pages", 15), ("requests", 15), ("rejected", 0), ("exit_code", 0)]
    {
        assert_eq!(summary[field], value, "{field}");
    }
    assert_eq!((&summary["complete"], &summary["cursor"]), (&true.into(), &"end".into()));
    assert_eq!(summary["output_bytes"], api.expected().len());
}

#[test]
fn a_layout_with_line_breaks_still_gives_one_item_a_line() {
    let api = Api::start(Config { pretty: true, ..config(100, 30) });
    let output = ends_with(0, &mut pull(&api, &["--items", "objects"]));
    assert!(output.stdout == api.expected());
}

#[test]
fn a_page_that_broke_off_leaves_nothing_twice() {
    let faults = vec![(Trigger::Request(2), Fault::Cut { at: 5_000 })];
    let api = Api::start(Config { faults, ..config(200, 50) });
    let directory = Directory::new("a_page_that_broke_off");
    ends_with(0, &mut pull_with_state(&api, &directory, &[]));
    assert!(directory.read("objects.ndjson") == api.expected());
    assert_eq!(summary(&directory)["retried"], 1);
}

#[test]
fn a_page_that_broke_off_is_not_printed_twice() {
    let faults = vec![(Trigger::Request(2), Fault::Cut { at: 5_000 })];
    let api = Api::start(Config { faults, ..config(200, 50) });
    let output = ends_with(0, &mut pull(&api, &[]));
    assert!(output.stdout == api.expected());
}

#[test]
fn without_a_state_the_file_takes_its_name_when_it_is_whole() {
    let faults = vec![(Trigger::Request(3), Fault::Redirect { status: 302, location: "/x".to_owned() })];
    let api = Api::start(Config { faults, ..config(200, 50) });
    let directory = Directory::new("without_a_state");
    let file = directory.file("objects.ndjson");
    std::fs::write(&file, "older").unwrap();
    let file = file.to_str().unwrap();
    let output = ends_with(7, &mut pull(&api, &["--output", file]));
    assert_eq!(directory.read("objects.ndjson"), b"older");
    assert!(said(&output).contains("objects.ndjson.part"), "{}", said(&output));
    let whole_pages = directory.read("objects.ndjson.part");
    assert!(
        api.expected().starts_with(&whole_pages)
            && whole_pages.iter().filter(|&&b| b == b'\n').count() == 100
    );
    ends_with(0, &mut pull(&api, &["--output", file]));
    assert!(directory.read("objects.ndjson") == api.expected());
    assert!(!directory.has("objects.ndjson.part"));
}

#[test]
fn a_page_too_long_to_be_known_again_is_not_printed_twice() {
    let faults = vec![(Trigger::Request(1), Fault::Cut { at: 2_000_000 })];
    let item_sizes = tidegate_simulator::ItemSizes::Exact(48);
    let api = Api::start(Config { faults, item_sizes, ..config(45_000, 45_000) });
    let output = ends_with(8, &mut pull(&api, &[]));
    assert!(said(&output).contains("too many to know them again"), "{}", said(&output));
    assert!(api.expected().starts_with(&output.stdout) && output.stdout.len() > 1_900_000);
}

#[test]
fn proxies_of_the_environment_are_not_used() {
    let api = Api::start(config(10, 5));
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let mut command = pull(&api, &["--retries", "0"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(name, &url);
    }
    let output = ends_with(0, command.env_remove("NO_PROXY").env_remove("no_proxy"));
    assert!(output.stdout == api.expected());
    assert_eq!(proxy.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn a_reader_that_stops_reading_ends_it_quietly() {
    let api = Api::start(config(5_000, 100));
    let mut child = pull(&api, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(said(&output), "");
    assert!(line.ends_with("}\n"));
}

#[test]
fn an_item_too_large_fails_the_pull_or_is_counted() {
    let api = Api::start(Config { item_sizes: tidegate_simulator::ItemSizes::Mixed, ..config(300, 100) });
    let directory = Directory::new("an_item_too_large");
    let output = ends_with(7, &mut pull_with_state(&api, &directory, &["--max-item", "2000"]));
    assert!(said(&output).contains("give a larger one, or skip"), "{}", said(&output));
    let output =
        ends_with(0, &mut pull_with_state(&api, &directory, &["--max-item", "2000", "--skip-oversized"]));
    assert!(said(&output).contains("left out"));
    let summary = summary(&directory);
    let (items, skipped) = (summary["items"].as_u64().unwrap(), summary["skipped"].as_u64().unwrap());
    assert!(skipped > 0 && items + skipped == 300, "{items} and {skipped}");
}

#[test]
fn the_view_goes_into_the_path_where_that_asks_for_it() {
    let api = Api::start(config(10, 5));
    let mut command = crate::common::tidegate();
    command.env("TIDEGATE_API_KEY", tidegate_simulator::DEFAULT_KEY);
    command.args(["pull", "comanage", "/views/{viewId}/objects", "--view-id", "42", "--base-url", &api.url]);
    command.arg("--unused");
    let output = ends_with(0, &mut command);
    assert!(output.stdout == api.expected());
}

#[test]
fn a_server_of_ones_own_is_trusted_when_its_authority_is_given() {
    let (api, authority) = Api::over_tls(config(10, 5));
    let directory = Directory::new("a_server_of_ones_own");
    let ca_file = directory.file("ca.pem");
    std::fs::write(&ca_file, authority).unwrap();
    let output = ends_with(8, &mut pull(&api, &["--retries", "0"]));
    let told = said(&output);
    assert!(told.contains("certificate is refused") && told.contains("--ca-file trusts"), "{told}");
    let output = ends_with(0, &mut pull(&api, &["--ca-file", ca_file.to_str().unwrap()]));
    assert!(output.stdout == api.expected());
}

#[test]
fn an_output_that_takes_no_more_is_1() {
    let api = Api::start(config(1_000, 500));
    let full = std::fs::File::create("/dev/full").unwrap();
    let output =
        pull(&api, &[]).stdout(full).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("not complete: standard output: No space left"), "{}", said(&output));
}
