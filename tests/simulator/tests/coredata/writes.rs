//! Objects that are created, changed and deleted, and where a file's content is.

use serde_json::json;
use tidegate_simulator::coredata::{Config as CoreData, DEFAULT_CREDENTIALS};

use crate::{NOW, ask_with, default, get, json, objects, page, send, simulator, walk};

#[test]
fn objects_are_created_changed_and_deleted_and_the_list_follows() {
    for returns_data in [false, true] {
        let mut simulator = simulator(CoreData { items: 3, returns_data, ..CoreData::default() });
        let created =
            send(&mut simulator, "POST", "/api/v2/tasks/", r#"{"title":"New","due_date":"2012-01-03"}"#);
        assert_eq!((created.status, created.body.len()), (201, 0));
        let path = created.field("Location").expect("a location").to_owned();
        assert!(path.starts_with("/api/v2/tasks/") && path.ends_with('/'), "{path}");
        let new = json(&get(&mut simulator, &path));
        assert_eq!((&new["title"], &new["due_date"]), (&json!("New"), &json!("2012-01-03")));
        let put = send(&mut simulator, "PUT", &path, r#"{"title":"Put"}"#);
        let patch = send(&mut simulator, "PATCH", &path, r#"{"description":"Patched"}"#);
        assert_eq!((put.status, patch.status), if returns_data { (200, 202) } else { (204, 202) });
        let changed = json(&get(&mut simulator, &path));
        assert_eq!((&changed["title"], &changed["description"]), (&json!("Put"), &json!("Patched")));
        assert_eq!(changed["id"], new["id"]);
        assert_ne!(changed["snapshot_id"], new["snapshot_id"]);
        assert_eq!(walk(&mut simulator, "/api/v2/tasks/").len(), 4);
        let deleted = send(&mut simulator, "DELETE", &path, "");
        assert_eq!((deleted.status, get(&mut simulator, &path).status), (204, 404));
        assert_eq!(simulator.digest_of("/api/v2/tasks/").map(|digest| digest.items), Some(3));
        assert_eq!(simulator.stats().writes, 4);
    }
}

#[test]
fn a_body_that_cannot_be_read_is_refused_and_nothing_is_written() {
    let mut simulator = default();
    let credentials = format!("apikey {DEFAULT_CREDENTIALS}");
    let cases = [
        ("application/json", "{", 400, "error"),
        ("application/json; charset=utf-8", "[]", 400, "error"),
        ("text/plain", "{}", 415, "error_message"),
        ("application/x-www-form-urlencoded", "title=a", 415, "error_message"),
    ];
    for (content_type, body, status, member) in cases {
        let fields = [("Authorization", credentials.as_str()), ("Content-Type", content_type)];
        let response = ask_with(&mut simulator, NOW, "POST", "/api/v2/files/", &fields, body);
        assert_eq!(response.status, status, "{content_type} {body}");
        assert!(json(&response)[member].is_string());
    }
    assert_eq!(simulator.stats().writes, 0);
}

#[test]
fn a_file_s_content_is_behind_a_redirect_and_no_credentials_may_go_there() {
    let at = |storage: Option<&str>| {
        let mut simulator =
            simulator(CoreData { storage: storage.map(str::to_owned), ..CoreData::default() });
        let file = objects(&page(&mut simulator, "/api/v2/files/?limit=1"))[0]["id"].clone();
        let target = format!("/api/v2/files/{}/content/", file.as_str().expect("an id"));
        let redirect = get(&mut simulator, &target);
        assert_eq!((redirect.status, redirect.body.len()), (302, 0));
        (redirect.field("Location").expect("a location").to_owned(), simulator)
    };
    let (elsewhere, _) = at(Some("https://storage.test:1"));
    let (here, mut simulator) = at(None);
    assert_eq!(elsewhere, format!("https://storage.test:1{here}"));
    assert!(here.starts_with("/storage/") && here.contains("?signature="), "{here}");

    let fetched = ask_with(&mut simulator, NOW, "GET", &here, &[], "");
    assert_eq!((fetched.status, fetched.body.len() >= 100), (200, true));
    assert_eq!(simulator.stats().leaked, 0);
    assert_eq!(ask_with(&mut simulator, NOW, "GET", &format!("{here}0"), &[], "").status, 403);
    assert_eq!(get(&mut simulator, &here).status, 400);
    assert_eq!(simulator.stats().leaked, 1);
}
