//! OpsRamp: objects as in the samples of the vendor's specification and in published answers of the service.

use crate::worlds::holds;
use tidegate_core::api::model::{Skipped, Varied};
use tidegate_core::api::opsramp::{self, Paging, Problem, Tag};

// Where nobody finds out what a value is, times are texts.
type Resource<S> = opsramp::Resource<S, Skipped, S>;
type Alert<S> = opsramp::Alert<S, S>;
type Incident<S> = opsramp::Incident<S, Skipped, S>;

const ALERT: &str = r#"{
    "uniqueId": "389547", "subject": "Disk is full", "currentState": "Critical", "serviceName": "disk",
    "acknowledged": false, "suppressed": false, "permanentlySuppressed": false, "closed": false, "ticketed": false,
    "clientUniqueId": "client_99999", "alertType": "Monitoring", "alertTime": "2016-02-24T01:10:00+0000",
    "device": {"id": "018e9cc1", "name": "web-1", "hostName": "", "ipAddress": "10.0.0.1", "type": "DEVICE",
        "resourceType": "Linux"},
    "repeatCount": "1", "tenantId": 99999, "status": "New", "priority": "N/A",
    "createdDate": "2016-02-24T01:15:00+0000", "updatedTime": "2016-02-24T09:19:47+0000", "tenantName": "Client",
    "eventType": "ALERT", "metric": "disk", "inferenceId": 0, "statusHistory": {"createdBy": "system"}
}"#;

#[test]
fn a_resource_is_read_whole_and_in_its_short_form() {
    let whole = r###"{
        "agentInstalled": false, "agentStatus": "", "aliasName": "", "clientUniqueId": "", "consoles": [],
        "createdDate": "2025-02-18T15:26:15+0000", "hostName": "", "id": "dc223478-e575-4695-b21a-fa70b03ca249",
        "identity": "876f1dcd##1##0", "ipAddress": "", "managementProfile": {"id": 99999, "name": "Lab"},
        "make": "VMware, Inc.", "model": "8.0.0.1", "name": "01-Front Ambient", "nativeType": "",
        "properties": null, "resourceName": "01-Front Ambient", "resourceType": "Other", "serialNumber": "S1",
        "source": "API", "state": "active", "status": "UNKNOWN", "tags": [{"name": "MemberId", "value": "0"}],
        "type": "DEVICE", "updatedDate": "2025-02-18T15:27:18+0000"
    }"###;
    let read = holds!(Resource, whole, needs["/id"]);
    assert_eq!(read.management_profile.unwrap().id, Some(99_999));
    let read: opsramp::Resource<String, Vec<Tag<String>>> = serde_json::from_str(whole).unwrap();
    assert_eq!(read.tags.unwrap()[0].value.as_deref(), Some("0"));

    let short = r#"{"id": "ec9bbd29", "name": "Linux Server", "hostName": "sj-1", "ipAddress": "10.0.0.2",
        "aliasName": "", "resourceName": "", "resourceType": "Linux"}"#;
    assert_eq!(holds!(Resource, short, needs["/id"]).host_name.as_deref(), Some("sj-1"));
}

#[test]
fn an_alert_is_known_by_its_unique_id_and_read_on_a_device_too() {
    let alert = holds!(Alert, ALERT, needs ["/uniqueId", "/device/id"]);
    assert_eq!(alert.unique_id, "389547");
    assert_eq!(alert.device.unwrap().kind.as_deref(), Some("DEVICE"));
}

#[test]
fn repeats_are_counted_whether_the_count_is_a_text_or_a_number() {
    for written in [r#""repeatCount": "12""#, r#""repeatCount": 12"#] {
        let json = ALERT.replace(r#""repeatCount": "1""#, written);
        let alert: opsramp::Alert<String> = serde_json::from_str(&json).unwrap();
        assert_eq!(alert.repeat_count.and_then(|count| count.number()), Some(12), "{written}");
    }
}

#[test]
fn a_time_is_a_text_or_a_number_and_can_be_passed_over() {
    let table = [
        (r#""2019-08-02T10:24:16+0000""#, Varied::Text("2019-08-02T10:24:16+0000")),
        (r#""2019-08-02T10:24:16Z""#, Varied::Text("2019-08-02T10:24:16Z")),
        (r#""2019-08-02 10:24:16""#, Varied::Text("2019-08-02 10:24:16")),
        (r#""""#, Varied::Text("")),
        ("1564741456000", Varied::Number(1_564_741_456_000)),
    ];
    for (written, time) in table {
        let json = format!(r#"{{"id": "1", "createdDate": {written}}}"#);
        let read: opsramp::Resource<&str> = serde_json::from_str(&json).unwrap();
        assert_eq!(read.created_date, Some(time), "{written}");
        let (read, _) =
            serde_json_core::from_str::<opsramp::Resource<&str, Skipped, Skipped>>(&json).unwrap();
        assert_eq!(read.created_date, Some(Skipped), "{written}");
    }
}

#[test]
fn an_incident_is_read() {
    let sample = r#"{
        "id": "INC0000000104", "subject": "Uptime", "description": "It is up", "status": "Resolved",
        "oldStatus": "Open", "priority": "Low", "requester": {"loginName": "a.b", "lastName": "B", "email": "a@b.example"},
        "assignedUser": {"id": "USR0000000014", "firstName": "A"}, "assigneeGroup": {"id": 5, "name": "Users"},
        "resources": [{"id": "5c7da798", "name": "VM"}], "extTicketId": "000042526342",
        "dueDate": "2016-07-30T13:51:00+0000", "ticketArisedTime": "", "category": {"id": 1, "name": "Urgency"},
        "alertIds": [100], "reOpenCount": 1, "createdDate": "2016-07-25T07:12:19+0000", "source": "PORTAL",
        "client": {"id": 8, "uniqueId": "client_8", "name": "Lab", "activated": true},
        "updatedDate": "2016-08-11T13:50:18+0000", "resolvedDate": "2016-08-11T13:50:18+0000", "closedDate": ""
    }"#;
    let read = holds!(Incident, sample, needs["/id"]);
    assert_eq!(read.client.unwrap().unique_id.as_deref(), Some("client_8"));
    let read: opsramp::Incident<String, Vec<Resource<String>>> = serde_json::from_str(sample).unwrap();
    assert_eq!(read.resources.unwrap()[0].id, "5c7da798");
}

#[test]
fn paging_is_read_with_and_without_the_next_number() {
    let sample = r#"{"totalResults": 3, "orderBy": "ts", "pageNo": 1, "pageSize": 4, "totalPages": 1, "nextPage": true,
        "nextPageNo": 2, "previousPageNo": 0, "descendingOrder": true}"#;
    assert_eq!(holds!(Paging, sample, needs []).next_page_no, Some(2));
    let zeros = r#"{"totalResults": 0, "pageNo": 0, "pageSize": 0, "totalPages": 0, "nextPage": true}"#;
    assert_eq!(holds!(Paging, zeros, needs []).next_page, Some(true));
}

#[test]
fn both_forms_of_error_are_read() {
    let throttled = r#"{"error": "throttled", "error_description": "Too Many Requests"}"#;
    assert_eq!(holds!(Problem, throttled, needs []).error.as_deref(), Some("throttled"));
    let coded = r#"{"code": "0003", "fieldName": "name", "message": "No resource found with UUID : x"}"#;
    assert_eq!(holds!(Problem, coded, needs []).code.as_deref(), Some("0003"));
}
