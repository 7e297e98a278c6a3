//! The commands that need no API of one's own.

use crate::common::{Directory, digest, ends_with, signal, tidegate};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

#[test]
fn without_a_command_the_demo_proves_itself_complete() {
    let directory = Directory::new("demo");
    let output = ends_with(0, tidegate().env("TMPDIR", directory.file("")));
    let proof = String::from_utf8(output.stdout).unwrap();
    for line in ["items       10,000 of 10,000\n", "rejected    0\n", ", equal\n", "complete: yes\n"] {
        assert!(proof.contains(line), "no {line:?} in {proof}");
    }
}

#[test]
fn the_simulator_serves_what_it_says_until_it_is_told_to_stop() {
    let arguments =
        ["simulate", "comanage", "--port", "0", "--items", "25", "--page-size", "10", "--key", "mine"];
    let mut child = tidegate().args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = said.next().unwrap().trim_start_matches("serving ").to_owned();
    let command = said.find(|line| line.contains("TIDEGATE_API_KEY=mine tidegate pull comanage")).unwrap();
    assert!(command.contains(&url), "{command}");
    let mut pull = tidegate();
    pull.args(["pull", "comanage", "/objects", "--view-id", "42", "--base-url", &url, "--unused"]);
    let output = ends_with(0, pull.env("TIDEGATE_API_KEY", "mine"));
    assert_eq!(output.stdout.iter().filter(|&&byte| byte == b'\n').count(), 25);
    signal(child.id(), "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// What the simulator answers to a question about itself.
fn ask(url: &str) -> serde_json::Value {
    let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Runs the command that the simulator names, and holds its output against the checksum that it names.
#[track_caller]
fn pulls_as_it_says(arguments: &[&str]) {
    let mut served = tidegate();
    served.arg("simulate").args(arguments).args(["--port", "0"]);
    let mut child = served.stdout(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines().take(5).map(Result::unwrap);
    let said: Vec<String> = said.collect();
    let mut words = said[2].split_whitespace();
    let key = words.next().unwrap().trim_start_matches("TIDEGATE_API_KEY=");
    assert_eq!(words.next(), Some("tidegate"));
    let directory = Directory::new(&arguments.join("_"));
    let mut pull = tidegate();
    ends_with(0, pull.args(words).env("TIDEGATE_API_KEY", key).current_dir(directory.file("")));
    let expected = ask(said[3].rsplit(' ').next().unwrap());
    let output =
        directory.files().into_iter().find(|path| path.extension().is_some_and(|end| end == "ndjson"));
    let (items, sha256) = digest(&std::fs::read(output.unwrap()).unwrap());
    assert_eq!((&expected["items"], &expected["sha256"]), (&items.into(), &sha256.into()), "{arguments:?}");
    assert!(items > 0);
    signal(child.id(), "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn each_simulated_api_is_pulled_by_the_command_that_it_names() {
    let table: [&[&str]; 12] = [
        &["comanage", "--items", "250"],
        &["kontent", "--items", "70", "--page-size", "20"],
        &["kontent", "--items", "70", "--page-size", "20", "--quirk", "rid-tokens", "--quirk", "empty-token"],
        &["kontent", "--items", "70", "--page-size", "20", "--quirk", "long-tokens", "--key", "mine"],
        &["opsramp"],
        &[
            "opsramp",
            "--quirk",
            "unable-first",
            "--quirk",
            "quoted-rate-fields",
            "--quirk",
            "lifetime-is-text",
        ],
        &["opsramp", "--quirk", "old-token-path", "--client-secret", "mine", "--tenant", "t"],
        &["coredata", "--items", "110"],
        &["coredata", "--items", "110", "--quirk", "endless-next", "--key", "me:mine"],
        &["frends"],
        &["frends", "--quirk", "no-link-at-the-end", "--quirk", "no-lifetime", "--resource", "api://mine"],
        &["frends", "--limit", "100"],
    ];
    table.into_iter().for_each(pulls_as_it_says);
}
