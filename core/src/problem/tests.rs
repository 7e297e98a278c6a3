//! What a body is read as, each form in every split.

use super::*;
use proptest::prelude::*;
use std::string::{String, ToString};
use std::vec::Vec;

const MAINTENANCE: &str = r#"{
    "title": "Server undergoing maintenance",
    "detail": "Server is undergoing maintenance and all api endpoints are currently unavailable",
    "status": 503,
    "type": "https://schemas.api.example/errors/under-maintenance"
}"#;

fn scan(body: &[u8], chunk: usize) -> Problem {
    let (mut scanner, mut problem) = (ProblemScanner::new(), Problem::NONE);
    body.chunks(chunk).for_each(|chunk| scanner.push(chunk, &mut problem));
    problem
}

#[test]
fn a_problem_document_is_read_the_same_however_it_is_split() {
    let whole = scan(MAINTENANCE.as_bytes(), usize::MAX);
    assert_eq!(whole.kind.as_str(), "https://schemas.api.example/errors/under-maintenance");
    assert_eq!(whole.title.as_str(), "Server undergoing maintenance");
    for chunk in 1..MAINTENANCE.len() {
        assert_eq!(scan(MAINTENANCE.as_bytes(), chunk), whole);
    }
}

#[test]
fn members_of_other_types_and_unknown_ones_are_passed_over() {
    let body = r#"{"type":null,"title":["a",{"detail":"inner"}],"traceId":"x","d\u0065tail":"a\nb\ud800"}"#;
    let problem = scan(body.as_bytes(), 3);
    assert_eq!((problem.kind.as_str(), problem.title.as_str(), problem.detail.as_str()), ("", "", "a b"));
}

#[test]
fn what_holds_no_words_explains_nothing() {
    for body in [
        "",
        " \r\n",
        "\u{feff}",
        "<html><head></head><body></body></html>",
        "<!-- only a comment -->",
        "<script>alert(1)</script>",
        "[]",
        "{}",
        "[[{\"title\":\"x\"}]]",
        "[1,{\"title\":\"x\"}]",
        "{\"title\":1}",
        "{\"title\"",
        "{\"objects\":[{\"message\":\"of an item\"}]}",
        "\u{1f}\u{8b}\u{8}\0\0\0",
        "words and then \0 none",
    ] {
        for chunk in 1..=body.len().max(1) {
            assert_eq!(scan(body.as_bytes(), chunk), Problem::NONE, "{body}");
        }
    }
}

/// Each body with its sentence, however it is split.
fn check(table: &[(&str, &str)]) {
    for (body, sentence) in table {
        for chunk in 1..=body.len() {
            assert_eq!(scan(body.as_bytes(), chunk).to_string(), *sentence, "{body} by {chunk}");
        }
    }
}

#[test]
fn bodies_of_servers_without_problem_documents_explain_themselves_too() {
    check(&[
        (
            r#"{"error":"unauthorized","error_description":"Bad credentials"}"#,
            "unauthorized: Bad credentials",
        ),
        (r#"{"code":"0003","message":"No resource"}"#, "No resource (code 0003)"),
        (r#"[{"code":"x","fieldName":"f","message":"Wrong"},{"message":"Later"}]"#, "Wrong (code x)"),
        (r#"{"error_message":"Oops","traceback":"File \"a\"\n  b"}"#, "Oops"),
        (r#"{"error":true,"code":null,"message":"said"}"#, "said"),
        (r#"{"error":"a","message":"b","detail":"c"}"#, "a: b"),
        (
            r#"{"request_id":"r","error_code":5,"message":"Invalid body","validation_errors":[
                {"line":3,"path":["p","q"],"message":"Missing name"},{"message":"Another"}]}"#,
            "Invalid body: Missing name (code 5)",
        ),
        (
            r#"{"error_code":5,"message":"Invalid","validation_errors":[{"path":"p","message":"No name"}]}"#,
            "Invalid: No name (code 5)",
        ),
        (
            r#"{"title":"Not valid","errors":{"afterId":["The value 'x' is not valid.","y"]},"status":400}"#,
            "Not valid: The value 'x' is not valid.",
        ),
        (r#"{"errors":{"message":{"message":["deep"]},"x":"y"},"title":"T"}"#, "T"),
        (r#"{"errors":{"x":"y"},"title":"T"}"#, "T"),
        (r#"{"errors":"x","title":"T"}"#, "T: x"),
    ]);
}

#[test]
fn an_error_that_is_an_object_is_read_like_the_body_itself() {
    check(&[
        (r#"{"error":{"message":"Quota exceeded","code":"q7"}}"#, "Quota exceeded (code q7)"),
        (r#"{"error":{"message":"inner"},"message":"outer"}"#, "inner: outer"),
        (r#"{"message":"outer","error":{"message":"inner"}}"#, "outer: inner"),
        (r#"[{"error":{"message":"first"}},{"error":{"message":"second"}}]"#, "first"),
        (
            r#"{"error":{"code":403,"message":"Denied","errors":[{"message":"Denied"}],"status":"X"},"id":1}"#,
            "Denied (code 403)",
        ),
        (r#"{"odata.error":{"code":"","message":{"lang":"en","value":"x"}},"message":"m"}"#, "m"),
        (
            r#"{"fault":{"faultstring":"Spike arrest","detail":{"errorcode":"p.Spike"}}}"#,
            "Spike arrest (code p.Spike)",
        ),
        (r#"{"a":{"message":"of another"},"error":{"b":{"message":"no"},"msg":"yes"}}"#, "yes"),
        (r#"{"error":{},"detail":"behind"}"#, "behind"),
        (r#"{"error":{"error":{"error":{"message":"deep"}}}}"#, "deep"),
    ]);
}

#[test]
fn names_are_known_in_any_case_and_with_any_marks() {
    check(&[
        (r#"{"Message":"Out of call volume quota","Code":"x"}"#, "Out of call volume quota (code x)"),
        (r#"{"MESSAGE":"loud"}"#, "loud"),
        (r#"{"ErrorMessage":"m","ErrorCode":7}"#, "m (code 7)"),
        (r#"{"errorMessage":"m","error-description":"d"}"#, "m: d"),
        (r#"{"Error":{"Message":"m","Detail":"d"}}"#, "m: d"),
        (r#"{"messages":"m","error_":"known"}"#, "known"),
        (r#"{"validation_errors_of_another_name":["m"]}"#, "no explanation was given"),
    ]);
}

#[test]
fn of_a_list_of_errors_the_first_that_explains_is_read() {
    check(&[
        (r#"{"errors":[{"message":"one"},{"message":"two"}]}"#, "one"),
        (r#"{"errors":["one","two"]}"#, "one"),
        (r#"{"Errors":[{"Description":"one"}]}"#, "one"),
        (r#"{"errors":[{"status":"422","title":"t","detail":"d"}]}"#, "d"),
        (r#"{"errors":[{"id":1},{"message":"two"}]}"#, "two"),
        (r#"{"detail":[{"loc":["query","x"],"msg":"field required"}]}"#, "field required"),
        (r#"{"statusCode":400,"message":["a must be b"],"error":"Bad Request"}"#, "Bad Request: a must be b"),
        (r#"["one","two"]"#, "one"),
        (r#"{"errors":[]}"#, "no explanation was given"),
        (r#"{"errors":[[["deep"]]]}"#, "no explanation was given"),
    ]);
}

#[cfg(not(feature = "large"))]
#[test]
fn a_device_reads_no_prose() {
    for body in ["Out of call volume quota", "<title>502 Bad Gateway</title>", "\u{ff01}"] {
        for chunk in 1..=body.len() {
            assert_eq!(scan(body.as_bytes(), chunk), Problem::NONE, "{body}");
        }
    }
    assert_eq!(scan("\u{feff} {\"title\":\"behind a mark\"}".as_bytes(), 1).title.as_str(), "behind a mark");
}

#[cfg(feature = "large")]
#[test]
fn plain_text_is_shown_in_one_line() {
    check(&[
        ("Out of call volume quota", "Out of call volume quota"),
        ("\u{feff}\r\n  upstream\tconnect \n\n error  \r\n", "upstream connect error"),
        ("\"Not allowed\"", "Not allowed"),
        ("404 page not found\n", "404 page not found"),
        ("Zu viele Anfragen für heute 🌊", "Zu viele Anfragen für heute 🌊"),
        ("a<b", "a<b"),
        ("\u{ff01}x", "\u{ff01}x"),
        ("\u{feff}\u{feff}x", "\u{feff}x"),
        ("<", "no explanation was given"),
    ]);
    for chunk in 1..9 {
        let problem = scan(b"f\xfcr \xe2\x82 \xf0\x9f\x92", chunk);
        assert_eq!(problem.to_string(), "f\u{fffd}r \u{fffd}", "of another character set, by {chunk}");
        assert_eq!(scan(b"\xef\xbbx", chunk).to_string(), "\u{fffd}x", "no mark after all");
    }
}

#[cfg(feature = "large")]
#[test]
fn of_a_page_the_title_is_shown_or_else_the_first_text() {
    check(&[
        ("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", "502 Bad Gateway"),
        ("<!DOCTYPE html>\n<HTML><TITLE lang=\"a>b\">\n Log in\n  here </TITLE>", "Log in here"),
        ("<html><body><h1>503 Service\n Unavailable</h1><p>later</p></body>", "503 Service Unavailable"),
        ("<p>first</p><title>second</title>", "second"),
        ("<title></title><p>first</p>", "first"),
        ("<title> </title><b>a</b><i>b</i>", "a"),
        ("<!-- <title>x > y</title> --><title>z</title>", "z"),
        ("<!--[if IE]><b>x</b><![endif]--><b>y</b>", "y"),
        ("<script>if (a<b) { w('</b>'); }</script><style>p>a{}</style><p>shown</p>", "shown"),
        ("<p>shown</p><script>hidden</script>hidden too", "shown"),
        ("<a title='<title>x</title>'>y</a>", "y"),
        ("<titles>x</titles>", "x"),
        (
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>No access</Message></Error>",
            "No access",
        ),
        ("<title>cut off", "cut off"),
    ]);
}

#[test]
fn a_long_text_is_cut_at_a_characters_edge_and_says_so() {
    let json = std::format!("{{\"detail\":\"{}\"}}", "é".repeat(5_000));
    let bodies = if cfg!(feature = "large") { std::vec![json, "é".repeat(5_000)] } else { std::vec![json] };
    for body in bodies {
        let problem = scan(body.as_bytes(), 7);
        assert!(problem.detail.is_cut() && problem.detail.as_str().len() == DETAIL);
        assert!(problem.to_string().ends_with("é…"));
    }
    let title = scan(std::format!("{{\"title\":\"{}\"}}", "x".repeat(5_000)).as_bytes(), 7).title;
    assert_eq!((title.is_cut(), title.as_str().len()), (true, TITLE));
}

#[test]
fn beside_a_page_no_more_is_read_than_an_error_has() {
    let error = br#"{"success":false,"errors":[{"message":"upstream timed out"}]}"#;
    let late = std::format!("{{\"objects\":[{}],\"message\":\"m\"}}", "1,".repeat(2_000) + "1");
    for chunk in [1, 7, 4_096] {
        let (mut scanner, mut problem) = (ProblemScanner::beside_a_page(), Problem::NONE);
        error.chunks(chunk).for_each(|chunk| scanner.push(chunk, &mut problem));
        assert_eq!(problem.to_string(), "upstream timed out");
        let (mut scanner, mut problem) = (ProblemScanner::beside_a_page(), Problem::NONE);
        late.as_bytes().chunks(chunk).for_each(|chunk| scanner.push(chunk, &mut problem));
        assert_eq!((problem, scanner.is_over()), (Problem::NONE, true));
    }
}

proptest! {
    #[test]
    fn any_body_is_read_the_same_however_it_is_split(
        body in proptest::collection::vec(any::<u8>(), 0..200),
        chunk in 1..50_usize,
    ) {
        prop_assert_eq!(scan(&body, chunk), scan(&body, 1));
    }

    #[test]
    fn any_pieces_of_an_error_are_read_the_same_however_they_are_split(
        pieces in proptest::collection::vec(proptest::sample::select(std::vec![
            "{", "}", "[", "]", "\"message\"", "\"errors\"", "\"error\"", "\"a\\u00e9\"", ":", ",", "1", "<title>",
            "</title>", "<!--", "-->", "<script>", "</script>", "<", ">", "'", "\"", "é", " ", "\n", "x", "\u{feff}",
        ]), 0..60),
        chunk in 1..20_usize,
    ) {
        let body: String = pieces.concat();
        let whole = scan(body.as_bytes(), usize::MAX);
        prop_assert_eq!(scan(body.as_bytes(), chunk), whole);
        prop_assert_eq!(scan(body.as_bytes(), 1), whole);
    }
}

#[test]
fn mutated_bodies_are_read_the_same_however_they_are_split() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..2_000 {
        let mut body: Vec<u8> = MAINTENANCE.into();
        for _ in 0..3 {
            let at = random.usize(..body.len());
            body[at] = random.u8(..);
        }
        assert_eq!(scan(&body, 1), scan(&body, usize::MAX));
    }
}

#[test]
fn a_control_character_is_shown_the_same_written_out_or_escaped_and_however_it_is_split() {
    for body in ["{\"detail\":\"a\u{8d}b\"}", "{\"detail\":\"a\\u008db\"}"] {
        for chunk in 1..=body.len() {
            assert_eq!(scan(body.as_bytes(), chunk).detail.as_str(), "a b", "{body} by {chunk}");
        }
    }
}

#[test]
fn a_member_that_is_there_twice_is_read_once() {
    let body = br#"{"type":"a","type":"b","code":1,"code":2,"detail":"c","detail":"d"}"#;
    let problem = scan(body, 7);
    assert_eq!((problem.kind.as_str(), problem.code.as_str()), ("a", "1"));
    assert_eq!(problem.detail.as_str(), "c");
}

#[test]
fn a_long_traceback_is_cut() {
    let body = std::format!("{{\"detail\":\"{}\",\"title\":\"after\"}}", "x".repeat(10_000));
    let problem = scan(body.as_bytes(), 100);
    assert!(problem.detail.is_cut());
    assert_eq!(problem.title.as_str(), "after");
}

#[test]
fn a_text_that_quotes_the_key_is_withheld() {
    let key = Secret::new("k3y-of-the-project").unwrap();
    let body = r#"{"title":"Unauthorized","detail":"The key k3y-of-the-project has expired"}"#;
    let mut problem = scan(body.as_bytes(), 5);
    problem.withhold(&[key]);
    assert_eq!(problem.to_string(), "Unauthorized: (withheld)");
}

#[test]
fn a_problem_is_shown_as_a_sentence() {
    let show = |title, detail| {
        let problem = Problem { title: Text::new(title), detail: Text::new(detail), ..Problem::NONE };
        [problem, Problem { code: Text::new("0005"), ..problem }].map(|problem| problem.to_string())
    };
    assert_eq!(show("A", "b"), ["A: b", "A: b (code 0005)"]);
    assert_eq!(show("A", ""), ["A", "A (code 0005)"]);
    assert_eq!(show("", "b"), ["b", "b (code 0005)"]);
    assert_eq!(show("", ""), ["no explanation was given", "code 0005"]);
}
