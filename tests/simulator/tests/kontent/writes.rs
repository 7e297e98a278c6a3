//! Content items that are created, changed and deleted.

use tidegate_simulator::kontent::Config as Kontent;

use crate::{Asked, body, simulator, target, unlimited};

#[test]
fn content_items_are_created_changed_and_deleted_and_the_listing_follows() {
    let mut simulator = simulator(Kontent { items: 3, ..unlimited() });
    let new = r#"{"name":"New","type":{"codename":"article"},"external_id":"mine"}"#;
    let rename = r#"[{"op":"replace","path":"/name","value":"Patched"}]"#;
    let steps = [
        ("POST", "E/items", new, 201, Some("New")),
        ("POST", "E/items", new, 400, None),
        ("PUT", "E/items/external-id/mine", r#"{"name":"Put"}"#, 200, Some("Put")),
        (
            "PUT",
            "E/items/external-id/other",
            r#"{"name":"Upserted","type":{"id":"a"}}"#,
            201,
            Some("Upserted"),
        ),
        ("PATCH", "E/items/codename/item_0", rename, 200, Some("Patched")),
        ("DELETE", "E/items/codename/item_1", "", 204, None),
        ("DELETE", "E/items/codename/item_1", "", 404, None),
        ("GET", "E/items/external-id/mine", "", 200, Some("Put")),
        ("GET", "E/items/codename/item_1", "", 404, None),
    ];
    for (method, path, text, status, name) in steps {
        let answer = Asked::new(method, path, text).ask(&mut simulator);
        assert_eq!(answer.status, status, "{method} {path}");
        if let Some(name) = name {
            assert_eq!(body(&answer)["name"], name, "{method} {path}");
        }
        assert_eq!(answer.field("Location").is_some(), status == 201);
        assert!(status != 204 || answer.body.is_empty());
    }
    let listed = body(&Asked::get("E/items").ask(&mut simulator));
    let names: Vec<&str> =
        listed["items"].as_array().expect("items").iter().filter_map(|item| item["name"].as_str()).collect();
    assert_eq!((names.len(), names[0], &names[2..]), (4, "Patched", &["Put", "Upserted"][..]));
    assert_eq!(simulator.digest_of(&target("E/items")).map(|digest| digest.items), Some(4));
    assert_eq!(simulator.stats().writes, 5);
}

#[test]
fn a_location_leads_to_what_was_created() {
    let mut simulator = simulator(unlimited());
    let created = Asked::new("POST", "E/items", r#"{"name":"New","type":{"id":"a"}}"#).ask(&mut simulator);
    let location = created.field("Location").expect("a location").to_owned();
    assert_eq!(Asked::get(&location).ask(&mut simulator).body, created.body);
}
