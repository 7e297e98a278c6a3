//! The commands that need no API of one's own.

use crate::common::{Directory, ends_with, signal, tidegate};
use std::io::{BufRead, BufReader};
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
