//! What changes specifications, each change counted once, and what is refused and changes nothing.

use serde_json::{Value, json};
use tidegate_simulator::frends::Config as Frends;

use crate::{Client, SPECIFICATIONS, parsed, specification};

#[test]
fn a_specification_lives_from_its_creation_to_its_deletion_and_each_step_counts_once() {
    let mut client = Client::new(Frends::default());
    let at = client.created("/orders/v1");
    assert_eq!(
        client.page(&at)["data"],
        json!({"id": 71, "name": "Orders", "activeVersion": 1, "description": "\"þ\""})
    );
    let put = client.write("PUT", &at, &specification("Orders 2", "/orders/v1"));
    assert_eq!((put.status, put.body.len(), put.field("Content-Type")), (200, 0, None));
    assert_eq!(client.page(&at)["data"]["name"], "Orders 2");
    let early = client.write("POST", &format!("{at}/1/deploy/2"), &Value::Null);
    assert_eq!(early.status, 400);
    let published = client.write("POST", &format!("{at}/publish"), &json!({"changeDescription": null}));
    assert_eq!((published.status, published.body.len()), (200, 0));
    assert_eq!(client.page(&format!("{at}/1"))["data"]["activeVersion"], 2);
    let steps = [
        ("POST", "1/deploy/2", 200),
        ("POST", "1/deploy/9", 404),
        ("POST", "3/deploy/2", 404),
        ("DELETE", "agent-group/1", 400),
        ("DELETE", "agent-group/3", 404),
        ("DELETE", "agent-group/2", 204),
        ("DELETE", "agent-group/1", 204),
        ("DELETE", "agent-group/1", 404),
    ];
    for (method, within, status) in steps {
        let response = client.write(method, &format!("{at}/{within}"), &Value::Null);
        assert_eq!(response.status, status, "{method} {within}");
        assert!(status >= 400 || response.body.is_empty());
    }
    assert_eq!((client.get(&at).status, client.writes()), (404, 6));
}

#[test]
fn a_body_that_is_no_specification_changes_nothing() {
    let mut client = Client::new(Frends::default());
    let good = specification("Orders", "/orders");
    let object: Value = serde_json::from_str(good.as_str().expect("a text")).expect("JSON");
    let cases = [
        ("{}", 400),
        ("", 400),
        ("\"\"", 400),
        ("\"text\"", 400),
        ("\"{}\"", 400),
        (&object.to_string(), 400),
    ];
    for (body, status) in cases {
        let response = client.send("POST", SPECIFICATIONS, "application/json", body.as_bytes());
        assert_eq!(response.status, status, "{body}");
    }
    assert_eq!(client.send("POST", SPECIFICATIONS, "text/plain", good.to_string().as_bytes()).status, 415);
    let at = client.created("/orders");
    let again = client.write("POST", SPECIFICATIONS, &good);
    assert_eq!((again.status, parsed(&again)["title"].as_str()), (409, Some("Conflict")));
    assert_eq!(client.write("PUT", &at, &specification("Orders", "/other")).status, 400);
    assert_eq!(client.write("PUT", &format!("{SPECIFICATIONS}/999"), &good).status, 404);
    assert_eq!(client.write("POST", &format!("{at}/publish"), &json!({"changeDescription": 1})).status, 400);
    assert_eq!(client.writes(), 1);
}

#[test]
fn an_import_is_a_form_with_one_file() {
    let mut client = Client::new(Frends::default());
    let target = format!("{SPECIFICATIONS}/import");
    let kind = "multipart/form-data; boundary=\"x y\"";
    let text = specification("Imported", "/imported");
    let text = text.as_str().expect("a text");
    let form =
        |head: &str| format!("--x y\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n--x y--\r\n");
    let good = form("name=\"file\"; filename=\"a.json\"");
    let cases = [
        (kind, good.clone(), 201),
        (kind, good.clone(), 409),
        (kind, form("name=\"other\"; filename=\"a.json\""), 400),
        (kind, form("name=\"file\""), 400),
        (kind, good.replace("--x y--", ""), 400),
        ("multipart/form-data; boundary=y", good.clone(), 400),
        ("multipart/form-data", good.clone(), 415),
        ("application/json", "{\"file\":\"binary\"}".to_owned(), 415),
    ];
    for (kind, body, status) in cases {
        let response = client.send("POST", &target, kind, body.as_bytes());
        assert_eq!(response.status, status, "{kind} {body}");
        if status == 201 {
            let expected = json!({"id": 71, "name": "Imported", "activeVersion": 1, "description": "\"þ\""});
            assert_eq!(parsed(&response)["data"], expected);
        }
    }
    assert_eq!(client.writes(), 1);
}

#[test]
fn passthrough_configurations_can_be_made_changed_and_deleted() {
    let mut client = Client::new(Frends::default());
    let all = format!("{}/1/api-passthrough", client.created("/orders"));
    assert_eq!(client.page(&all), json!({"data": []}));
    let made =
        client.write("POST", &all, &json!({"path": "/orders", "method": "GET", "corsEnabled": true, "x": 1}));
    assert_eq!((made.status, made.body.len()), (201, 0));
    assert_eq!(client.write("POST", &all, &json!({"path": "/orders"})).status, 400);
    assert_eq!(client.write("POST", &all, &json!({"isDefault": "yes"})).status, 400);
    let one = client.page(&all)["data"][0].clone();
    assert_eq!(
        (&one["path"], &one["corsEnabled"], &one["headers"]),
        (&"/orders".into(), &true.into(), &Value::Null)
    );
    assert_eq!((&one["modified"], one.get("x")), (&"2023-11-14T22:13:20.000Z".into(), None));
    let own = format!("{all}/{}", one["id"]);
    let changed = client.write("PUT", &own, &json!({"corsEnabled": false, "path": "/ignored"}));
    let changed = parsed(&changed)["data"].clone();
    assert_eq!((&changed["path"], &changed["corsEnabled"]), (&"/orders".into(), &false.into()));
    assert_eq!(client.simulator.digest_of(&all).map(|digest| digest.items), Some(1));
    let statuses = [(); 2].map(|()| client.write("DELETE", &own, &Value::Null).status);
    assert_eq!((statuses, client.writes()), ([204, 404], 4));
    assert_eq!(client.get(&all.replace("/1/api", "/7/api")).status, 404);
}

#[test]
fn a_process_template_is_read_by_a_post_and_only_for_what_the_specification_has() {
    let mut client = Client::new(Frends::default());
    let target = format!("{}/1/processTemplate", client.created("/orders"));
    let template = client.write("POST", &target, &json!({"path": "/orders", "operation": "get"}));
    let data = parsed(&template)["data"].clone();
    assert_eq!(
        (template.status, &data["apiSpecId"], &data["name"]),
        (200, &71.into(), &"GET /orders".into())
    );
    assert_eq!(client.write("POST", &target, &json!({"path": "/orders", "operation": "PUT"})).status, 404);
    assert_eq!(client.write("POST", &target, &json!([])).status, 400);
    assert_eq!(client.writes(), 1);
}
