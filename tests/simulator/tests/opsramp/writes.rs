//! What writes leave behind, each counted once, and what is refused and leaves nothing.

use serde_json::Value;
use tidegate_simulator::opsramp::Config as OpsRamp;

use crate::{Client, json};

#[test]
fn what_is_written_once_is_counted_once_and_can_be_read() {
    let mut client = Client::new(OpsRamp::default());
    let created = json(&client.send("PUT", "resources", r#"{"hostName":"a","os":"Linux"}"#));
    let at = format!("resources/{}", created["id"].as_str().expect("an id"));
    assert_eq!(json(&client.get(&at))["os"], "Linux");
    assert_eq!(json(&client.send("POST", &at, r#"{"os":"BSD"}"#))["hostName"], "a");
    assert_eq!(json(&client.get(&at))["os"], "BSD");
    assert_eq!(json(&client.send("PUT", &at, r#"{"name":"b"}"#)).get("os"), None);
    assert_eq!(client.simulator.stats().writes, 3);
    assert_eq!(json(&client.send("DELETE", &at, ""))["success"], true);
    let statuses =
        [("GET", ""), ("POST", "{}"), ("DELETE", "")].map(|(method, body)| client.send(method, &at, body));
    for refusal in statuses {
        assert_eq!((refusal.status, &json(&refusal)["code"]), (500, &"0003".into()));
    }
    assert_eq!(client.simulator.stats().writes, 4);
}

#[test]
fn a_get_that_acts_is_a_write_each_time() {
    let mut client = Client::new(OpsRamp::default());
    let id = client.first_id("policies/management");
    let statuses = [id.as_str(), id.as_str(), "nobody"]
        .map(|id| client.get(&format!("policies/management/{id}/action/run")).status);
    assert_eq!((statuses, client.simulator.stats().writes), ([200, 200, 500], 2));
}

#[test]
fn bodies_that_cannot_be_used_are_refused_in_the_vendor_s_shapes() {
    let mut client = Client::new(OpsRamp::default());
    let cases = [
        ("PUT", "resources", "{}", Value::Null),
        ("PUT", "resources", "[]", Value::Null),
        ("PUT", "incidents", "", Value::Null),
        ("POST", "incidents/INC0000000001", "x", Value::Null),
        ("PUT", "policies/management", "{}", "name".into()),
        ("POST", "policies/management/1", r#"{"name":""}"#, "name".into()),
    ];
    for (method, within, body, field) in cases {
        let refusal = client.send(method, within, body);
        let told = json(&refusal);
        assert_eq!((refusal.status, &told[0]["fieldName"]), (400, &field), "{method} {within} {body}");
        assert_eq!(told.is_array(), !field.is_null());
    }
    assert_eq!(client.simulator.stats().writes, 0);
}
