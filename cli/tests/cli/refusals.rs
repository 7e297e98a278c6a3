//! Commands to an API that cannot be carried out as given: refused before anything is sent, with what would be right.

use crate::common::{Directory, ends_with, said, tidegate};

/// Where nobody listens.
const NOWHERE: [&str; 2] = ["--base-url", "http://127.0.0.1:1"];

#[track_caller]
fn refused(command: &[&str], arguments: &[&str], sentence: &str) {
    let output =
        ends_with(2, tidegate().env("TIDEGATE_API_KEY", "k").args(command).args(NOWHERE).args(arguments));
    assert!(said(&output).contains(sentence), "{arguments:?}: {}", said(&output));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_list_that_cannot_be_asked_for_is_refused_with_what_is_missing() {
    let table: [(&[&str], &str); 12] = [
        (&["itmes"], "there is no list itmes: there are items, types,"),
        (
            &["items"],
            "/projects/{environment}/items has a parameter in braces that was not given: --set environment=VALUE",
        ),
        (
            &["items", "--environment", "e", "--subscription", "s"],
            "--subscription has no place: there is no {subscription} in",
        ),
        (&["items", "--environment", "e", "--set", "asset=a"], "--set has no place"),
        (&["items", "--environment", "e", "--root"], "--items and --root go with a path"),
        (&["items", "--environment", "e", "--items", "x"], "--items and --root go with a path"),
        (&["items", "--environment", "e", "--body", "{}"], "items takes no --body"),
        (&["bulk-items", "--environment", "e"], "bulk-items needs a --body"),
        (&["bulk-items", "--environment", "e", "--body", "{"], "the body is no JSON"),
        (&["bulk-items", "--environment", "e", "--body", "@/nonexistent"], "/nonexistent cannot be sent"),
        (&["items", "--environment", ".."], "made of dots"),
        (&["items", "--environment", "e", "--limit", "5"], "--limit and --window go together"),
    ];
    for (arguments, sentence) in table {
        refused(&["pull", "kontent"], arguments, sentence);
    }
}

#[test]
fn a_body_is_not_overwritten_by_what_it_asks_for() {
    let directory = Directory::new("a_body_is_not_overwritten");
    let body = directory.file("body.json").display().to_string();
    std::fs::write(&body, "{}").unwrap();
    let asked = format!("@{body}");
    for flag in ["--output", "--summary"] {
        let arguments = ["bulk-items", "--environment", "e", "--body", &asked, flag, &body];
        refused(&["pull", "kontent"], &arguments, "are the same file");
        assert_eq!(directory.read("body.json"), b"{}");
    }
}

#[test]
fn a_filter_that_the_server_would_pass_over_is_refused() {
    let table: [(&[&str], &str); 7] = [
        (&["contacts", "--filter", "titel=a"], "there are title, identifier, created, modified"),
        (&["spaces", "--filter", "title=a"], "spaces have no filter by `title`"),
        (&["files", "--filter", "created__between=a,b"], "there are gt, gte, lt, lte, range"),
        (&["files", "--filter", "created__gt=yesterday"], "`created__gt` takes a date"),
        (&["files", "--filter", "title=a", "--filter", "title=b"], "`title` is given twice"),
        (&["/comments/", "--filter", "title=a"], "which filters /comments/ has is not known"),
        (&["files", "--filter", "title"], "an equals sign"),
    ];
    for (arguments, sentence) in table {
        refused(&["pull", "coredata"], arguments, sentence);
    }
}

#[test]
fn a_term_that_would_say_something_else_is_refused() {
    let client = ["pull", "opsramp", "--client-id", "c", "--tenant", "t", "alerts"];
    let table: [(&[&str], &str); 5] = [
        (&["--query-string", "state"], "a key, a colon and a value"),
        (&["--query-string", "state:a+b:c"], "a plus would begin the next term"),
        (&["--query-string", "a+b:c"], "is no key of a query string"),
        (&["--query-string", "state:"], "must not be empty"),
        (&["--category", "cables"], "alerts, metrics, devices, tickets, other"),
    ];
    for (arguments, sentence) in table {
        refused(&client, arguments, sentence);
    }
    refused(&["pull", "opsramp", "alerts", "--tenant", "t"], &[], "--client-id");
    refused(&client, &["--token-url", "http://tokens.example/token"], "--allow-plain-http");
    refused(&client, &["--token-url", "tokens"], "of the token endpoint");
}

#[test]
fn a_request_that_cannot_be_made_is_refused() {
    let directory = Directory::new("a_request_that_cannot");
    let file = directory.file("say \"file\"");
    std::fs::write(&file, "x").unwrap();
    let file = file.to_str().unwrap();
    let table: [(&[&str], &str); 9] = [
        (&["FETCH", "/x"], "GET, POST, PUT, PATCH, DELETE"),
        (&["GET", "x"], "unusable at byte 0"),
        (&["GET", "/x/{id}"], "/x/{id} has a parameter in braces that was not given"),
        (&["POST", "/x", "--body", "{}", "--file", "y"], "cannot be used with"),
        (&["POST", "/x", "--body", "{'a':1}"], "the body is no JSON"),
        (&["POST", "/x", "--file", "/nonexistent"], "/nonexistent cannot be sent"),
        (&["POST", "/x", "--file", file], "not of plain characters"),
        (&["POST", "/x", "--download"], "--download goes with GET"),
        (&["POST", "/x", "--repeatable", "--once"], "cannot be used with"),
    ];
    for (arguments, sentence) in table {
        refused(&["send", "coredata"], arguments, sentence);
    }
}

#[test]
fn the_help_of_an_api_has_its_lists_and_the_exit_codes() {
    for (api, list) in [
        ("kontent", "bulk-items"),
        ("opsramp", "resources-minimal"),
        ("coredata", "projects"),
        ("frends", "instances"),
    ] {
        let output = ends_with(0, tidegate().args(["pull", api, "--help"]));
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(help.contains(list) && help.contains("  7  the server's answer"), "{help}");
        let output = ends_with(0, tidegate().args(["send", api, "--help"]));
        assert!(String::from_utf8(output.stdout).unwrap().contains("  7  the server's answer"));
    }
}
