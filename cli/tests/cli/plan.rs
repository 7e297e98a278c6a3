//! What is said of a pull without sending anything.

use crate::common::{ends_with, said, tidegate};

fn plan(arguments: &[&str]) -> String {
    let output = ends_with(0, tidegate().arg("plan").args(arguments));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_plan_says_how_long_a_pull_takes_and_why() {
    let said = plan(&["--pages", "1000", "--unused"]);
    assert!(said.contains("272 s") && said.contains("the limit of 200 requests in 60s is used up"), "{said}");
    let even = plan(&["--pages", "1000", "--pace", "even", "--unused"]);
    assert!(even.contains("requests are spread over 200 requests in 60s"), "{even}");
}

#[test]
fn a_plan_that_cannot_be_kept_is_a_usage_error_that_says_why() {
    let table: [(&[&str], &str); 6] = [
        (&["--pages", "1", "--limit", "3", "--share", "1/4"], "a limit of 0 would never admit a request"),
        (&["--pages", "1", "--reserve", "200"], "the reserve takes all of the limit of 200 requests"),
        (&["--pages", "1", "--share", "5/4"], "1/4 is one of four devices"),
        (&["--pages", "1", "--share", "0/4"], "1/4 is one of four devices"),
        (&["--pages", "1", "--window", "0s"], "a window lasts some time"),
        (&["--pages", "0"], "0 is not in 1..="),
    ];
    for (arguments, sentence) in table {
        let output = ends_with(2, tidegate().arg("plan").args(arguments));
        assert!(said(&output).contains(sentence), "{arguments:?}: {}", said(&output));
    }
}
