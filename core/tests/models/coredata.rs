//! CoreData: the objects on the vendor's page "API v2".

use crate::worlds::holds;
use tidegate_core::api::coredata::{Contact, Email, Meta, Object, Phone, Problem};

#[test]
fn a_space_is_read_and_an_empty_kind_is_none_that_is_known() {
    let sample = r#"{
        "aspects": {}, "created": "2024-02-26T12:17:21", "created_by": "Administrator Administrator",
        "description": "", "dynatype": {}, "id": "fdafd53a-d4a0-11ee-afc8-cbda05af010e", "is_hidden": false,
        "modified": "2024-02-26T12:17:21", "modified_by": "Administrator Administrator",
        "path": "/domain/spaces/Space folder title/Space title",
        "resource_uri": "/api/v2/spaces/fdafd53a-d4a0-11ee-afc8-cbda05af010e/",
        "snapshot_id": "fdafddc8-d4a0-11ee-afc8-5ba20d934ce2", "status": "", "tags": [], "template": null,
        "title": "Space title", "type": "Space", "version": "0.1"
    }"#;
    let read = holds!(Object, sample, needs["/id"]);
    assert_eq!(read.created.as_deref(), Some("2024-02-26T12:17:21"));
    assert_eq!(read.dynatype.unwrap().id, None);
    assert_eq!(read.due_date, None);
    let task = r#"{"id": "1", "type": "Task", "title": "T", "due_date": "2012-01-03", "tags": ["a"]}"#;
    assert_eq!(holds!(Object, task, needs["/id"]).due_date.as_deref(), Some("2012-01-03"));
    let read: Object<String, Vec<String>> = serde_json::from_str(task).unwrap();
    assert_eq!(read.tags.unwrap(), ["a"]);
}

#[test]
fn a_contact_is_read_with_its_addresses_where_they_are_asked_for() {
    let sample = r#"{
        "id": "2f2672e8-71cf-11ee-848e-47ba9faefc74", "snapshot_id": "2f268170-71cf-11ee-848e-77ab977f6f41",
        "identifier": "60001019906",
        "dynatype": {"caption_plural": "dynatypes_labels:Person_plural:",
            "caption_singular": "dynatypes_labels:Person_singular:",
            "id": "d2114cf4-71ce-11ee-a1c1-93a2e894b852", "title": "Person"},
        "emails": [{"email": "", "label": "email_label:Work:"}],
        "phones": [{"label": "phone_label:Mobile:", "number": "+37200000766"}],
        "role": "contact_role:customer:", "status": "contact_status:Active:", "title": "Signer Signer",
        "type": "Contact"
    }"#;
    let read = holds!(Contact, sample, needs["/id"]);
    assert_eq!(read.role.as_deref(), Some("contact_role:customer:"));
    type Whole = Contact<String, Vec<Email<String>>, Vec<Phone<String>>>;
    let read: Whole = serde_json::from_str(sample).unwrap();
    assert_eq!(read.emails.unwrap()[0].email.as_deref(), Some(""));
    assert_eq!(read.phones.unwrap()[0].number.as_deref(), Some("+37200000766"));
}

#[test]
fn what_a_page_says_of_its_list_is_read_with_links_null_and_absent() {
    let sample = r#"{"limit": 1, "next": "/api/v2/spaces/?limit=1&offset=2", "offset": 1,
        "previous": "/api/v2/spaces/?limit=1&offset=0", "total_count": 6}"#;
    let read = holds!(Meta, sample, needs []);
    assert_eq!((read.offset, read.total_count), (Some(1), Some(6)));
    assert_eq!(read.next.as_deref(), Some("/api/v2/spaces/?limit=1&offset=2"));
}

#[test]
fn errors_are_read_and_a_traceback_is_not() {
    let refused = r#"{"error": "The 'gt' filter is not allowed."}"#;
    assert!(holds!(Problem, refused, needs []).error.is_some());
    let failed = r#"{"error_message": "Sorry", "traceback": "Traceback (most recent call last): ..."}"#;
    assert_eq!(holds!(Problem, failed, needs []).error_message.as_deref(), Some("Sorry"));
}
