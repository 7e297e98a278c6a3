//! One page from standard input.

use crate::common::tidegate;
use std::io::Write;
use std::process::Stdio;

/// Exit code, standard output and standard error.
fn scan(arguments: &[&str], page: &str) -> (Option<i32>, String, String) {
    let mut command = tidegate();
    command.arg("scan").args(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that refuses its arguments may be gone before it is given a page.
    let _ = child.stdin.take().unwrap().write_all(page.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_page_is_printed_item_by_item_and_its_cursor_told() {
    let table: [(&[&str], &str, &str, &str); 8] = [
        (&["--items", "a", "--cursor", "n"], r#"{"a":[1,{"b":2}],"n":7}"#, "1\n{\"b\":2}\n", "cursor: 7\n"),
        (&["--cursor", "n"], "{\"x\":[\n1,\r\n[2,\n3]]}", "1\n[2,3]\n", "cursor: absent\n"),
        (
            &["--items", "p.a", "--cursor", "p.n"],
            r#"{"p":{"n":null,"a":["x"]}}"#,
            "\"x\"\n",
            "cursor: null\n",
        ),
        (&["--only-array", "--cursor", "n"], r#"{"n":"a\"b","z":[]}"#, "", "cursor: \"a\\\"b\"\n"),
        (&["--root"], "[1,2]", "1\n2\n", ""),
        (&["--items", "a"], r#"{"a":[],"b":[]}"#, "", ""),
        (&["--total", "m.count"], r#"{"m":{"count":17},"a":[]}"#, "", "total: 17\n"),
        (&["--total", "m.count"], r#"{"a":[]}"#, "", "total: unknown\n"),
    ];
    for (arguments, page, items, cursor) in table {
        let expected = (Some(0), items.to_owned(), cursor.to_owned());
        assert_eq!(scan(arguments, page), expected, "{arguments:?} {page}");
    }
}

#[test]
fn a_page_that_is_not_one_is_7_and_says_why() {
    let table: [(&[&str], &str, &str); 8] = [
        (&["--items", "a"], r#"{"a":[1,2"#, "before the page is whole"),
        (&["--items", "a"], "", "the body is empty"),
        (&["--items", "a"], r#"{"a":[1,]}"#, "cannot be read as JSON"),
        (&["--items", "a"], r#"{"a":[01]}"#, "cannot be read as JSON"),
        (&["--items", "a"], r#"{"b":[]}"#, "`b`"),
        (&["--items", "a"], "[1]", "check where its items are"),
        (&[], r#"{"a":[1],"b":[2]}"#, "both `a` and"),
        (&["--root", "--max-item", "3"], "[12345]", "more than the 3 of --max-item"),
    ];
    for (arguments, page, sentence) in table {
        let (code, _, said) = scan(arguments, page);
        assert_eq!(code, Some(7), "{arguments:?} {page}: {said}");
        assert!(said.contains(sentence), "{arguments:?} {page}: {said}");
    }
}

#[test]
fn the_items_before_a_fault_are_printed() {
    let (code, items, _) = scan(&["--items", "a"], r#"{"a":[1,2,oops]}"#);
    assert_eq!((code, items.as_str()), (Some(7), "1\n2\n"));
}

#[test]
fn an_item_size_beyond_any_memory_is_a_usage_error() {
    let (code, _, said) = scan(&["--max-item", "8000000G"], "[]");
    assert_eq!(code, Some(2));
    assert!(said.contains("no item may be larger than 4GiB"), "{said}");
}

#[test]
fn two_places_for_the_items_are_a_usage_error() {
    assert_eq!(scan(&["--items", "a", "--root"], "{}").0, Some(2));
}
