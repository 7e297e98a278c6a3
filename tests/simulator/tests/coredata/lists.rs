//! Pages, how they drift, and what filters find and ignore.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tidegate_simulator::coredata::{Change, Config as CoreData, Drift, Next, Total};

use crate::{RESOURCES, default, get, json, objects, page, simulator, walk};

#[test]
fn the_objects_of_a_list_are_byte_for_byte_what_its_digest_says() {
    let mut simulator = simulator(CoreData { items: 57, ..CoreData::default() });
    for resource in RESOURCES {
        let target = format!("/api/v2/{resource}/");
        let body = get(&mut simulator, &format!("{target}?limit=0")).body;
        let text = String::from_utf8(body).expect("UTF-8");
        let (_, list) = text.split_once("\"objects\": [").expect("objects come last");
        let list = list.strip_suffix("]}").expect("an end");
        let (mut hash, mut from, mut count) = (Sha256::new(), 0, 0);
        while from < list.len() {
            let mut stream = serde_json::Deserializer::from_str(&list[from..]).into_iter::<Value>();
            stream.next().expect("an object").expect("JSON");
            hash.update(&list[from..from + stream.byte_offset()]);
            hash.update("\n");
            from += stream.byte_offset() + ", ".len();
            count += 1;
        }
        let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = simulator.digest_of(&target).expect("a list");
        assert_eq!((count, 57, sha256), (57, digest.items, digest.sha256), "{resource}");
    }
}

#[test]
fn following_next_gives_every_object_once() {
    for (items, limit) in [(0, 20), (20, 20), (21, 20), (100, 7)] {
        let mut simulator = simulator(CoreData { items, ..CoreData::default() });
        for resource in RESOURCES {
            let ids = walk(&mut simulator, &format!("/api/v2/{resource}/?limit={limit}"));
            let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
            assert_eq!((ids.len() as u64, distinct.len() as u64), (items, items), "{resource} {limit}");
        }
    }
}

#[test]
fn meta_comes_first_and_says_what_tastypie_says() {
    let next = |limit, offset| json!(format!("/api/v2/spaces/?limit={limit}&offset={offset}"));
    let all = CoreData { items: 6, ..CoreData::default() };
    let no_maximum = CoreData { max_limit: 0, ..all.clone() };
    let small_maximum = CoreData { max_limit: 4, ..all.clone() };
    let cases = [
        (&all, "", json!({"limit": 20, "next": null, "offset": 0, "previous": null, "total_count": 6})),
        (
            &all,
            "?limit=1&offset=1",
            json!({"limit": 1, "next": next(1, 2), "offset": 1, "previous": next(1, 0), "total_count": 6}),
        ),
        (
            &all,
            "?limit=2&offset=1",
            json!({"limit": 2, "next": next(2, 3), "offset": 1, "previous": null, "total_count": 6}),
        ),
        (
            &all,
            "?limit=2&offset=50",
            json!({"limit": 2, "next": null, "offset": 50, "previous": next(2, 48), "total_count": 6}),
        ),
        (
            &all,
            "?limit=0",
            json!({"limit": 1000, "next": null, "offset": 0, "previous": null, "total_count": 6}),
        ),
        (
            &small_maximum,
            "?limit=5000",
            json!({"limit": 4, "next": next(4, 4), "offset": 0, "previous": null, "total_count": 6}),
        ),
        (&no_maximum, "?limit=0", json!({"limit": 0, "offset": 0, "total_count": 6})),
    ];
    for (config, query, meta) in cases {
        let response = get(&mut simulator(config.clone()), &format!("/api/v2/spaces/{query}"));
        assert!(response.body.starts_with(b"{\"meta\": {\"limit\": "), "{query}");
        assert_eq!(json(&response)["meta"], meta, "{query}");
    }
}

#[test]
fn next_keeps_the_filters_and_encodes_them_anew() {
    let mut simulator = default();
    let target = "/api/v2/projects/?limit=2&created__range=2024-01-01T00:00:00,2024-06-01%2000:00:00&x=a%20b";
    let next = page(&mut simulator, target)["meta"]["next"].as_str().expect("a next page").to_owned();
    let range = "created__range=2024-01-01T00%3A00%3A00%2C2024-06-01+00%3A00%3A00";
    assert_eq!(next, format!("/api/v2/projects/?{range}&x=a+b&limit=2&offset=2"));
}

#[test]
fn next_may_be_wrong_and_the_total_may_be_that_of_the_page() {
    let cases = [
        (Next::Endless, Total::All, json!("/api/v2/tasks/?limit=2&offset=4"), 3),
        (Next::Honest, Total::OfPage, Value::Null, 1),
    ];
    for (next, total, expected, count) in cases {
        let mut simulator = simulator(CoreData { items: 3, next, total, ..CoreData::default() });
        let page = page(&mut simulator, "/api/v2/tasks/?limit=2&offset=2");
        assert_eq!((&page["meta"]["next"], &page["meta"]["total_count"]), (&expected, &json!(count)));
    }
    let next = Next::At("https://elsewhere.test".to_owned());
    let mut simulator = simulator(CoreData { next, ..CoreData::default() });
    let page = page(&mut simulator, "/api/v2/tasks/");
    assert_eq!(page["meta"]["next"], "https://elsewhere.test/api/v2/tasks/?limit=20&offset=20");
}

#[test]
fn rows_that_come_or_go_while_a_list_is_read_are_repeated_or_skipped() {
    let cases = [(Change::InsertedAtFront, 103, 100, 103), (Change::RemovedFromFront, 97, 97, 97)];
    for (change, seen, distinct, left) in cases {
        let drift = Some(Drift { after_pages: 2, objects: 3, change });
        let mut simulator = simulator(CoreData { items: 100, drift, ..CoreData::default() });
        let ids = walk(&mut simulator, "/api/v2/projects/");
        let different: std::collections::BTreeSet<&String> = ids.iter().collect();
        assert_eq!((ids.len(), different.len()), (seen, distinct), "{change:?}");
        assert_eq!(simulator.digest_of("/api/v2/projects/").map(|digest| digest.items), Some(left));
    }
}

#[test]
fn filters_give_what_fulfils_them() {
    let mut simulator = simulator(CoreData { items: 200, ..CoreData::default() });
    let contact = objects(&page(&mut simulator, "/api/v2/contacts/?limit=1"))[0].clone();
    let file = objects(&page(&mut simulator, "/api/v2/files/?limit=1&offset=7"))[0].clone();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (identifier, owner, parent) =
        (text(&contact["identifier"]), text(&file["contact"]), text(&file["parent"]));
    let created = text(&file["created"]);
    let cases = [
        (format!("contacts/?identifier={identifier}"), 1..2),
        (format!("contacts/?identifier__startswith={}", &identifier[..9]), 1..3),
        (format!("files/?contact={owner}"), 1..200),
        (format!("files/?parent={parent}"), 5..50),
        ("projects/?title__startswith=Harbour".to_owned(), 1..50),
        ("projects/?title=Nothing%20like%20it".to_owned(), 0..1),
        (format!("files/?created__lt={created}"), 7..8),
        (format!("files/?created__lte={created}Z"), 8..9),
        (format!("files/?created__gt={created}"), 192..193),
        (format!("files/?created__gte={created}"), 193..194),
        (format!("files/?created={created}"), 1..2),
        (format!("files/?created__range={created},{created}"), 1..2),
        ("files/?modified__gt=2024-01-01&modified__lt=2024-03-01".to_owned(), 1..199),
        ("files/?titel=x".to_owned(), 200..201),
        ("spaces/?title=x".to_owned(), 200..201),
        ("contacts/?parent=x".to_owned(), 200..201),
    ];
    for (query, expected) in cases {
        let target = format!("/api/v2/{query}");
        let page = page(&mut simulator, &format!("{target}&limit=0"));
        let count = page["meta"]["total_count"].as_u64().expect("a count");
        assert!(expected.contains(&count), "{query}: {count}");
        assert_eq!(simulator.digest_of(&target).map(|digest| digest.items), Some(count), "{query}");
    }
}

#[test]
fn objects_have_the_members_and_forms_that_the_documentation_shows() {
    let mut simulator = default();
    for resource in RESOURCES {
        let page = page(&mut simulator, &format!("/api/v2/{resource}/?limit=100"));
        let all = objects(&page);
        for object in all {
            for member in
                ["created", "created_by", "dynatype", "id", "modified", "snapshot_id", "title", "type"]
            {
                assert!(object.get(member).is_some(), "{member} in {object}");
            }
            let created = object["created"].as_str().expect("a date");
            assert!(created.len() == 19 && !created.ends_with('Z'), "{created}");
            let status = object["status"].as_str().expect("a status");
            assert!(status.is_empty() || status.ends_with(':'), "{status}");
            assert_eq!(object.get("due_date").is_some(), resource == "tasks");
        }
        let created: Vec<&str> = all.iter().filter_map(|object| object["created"].as_str()).collect();
        assert!(created.is_sorted(), "{resource}");
        let plain = all.iter().filter(|object| object["dynatype"] == json!({})).count();
        assert!((1..100).contains(&plain), "{resource}: {plain}");
    }
}
