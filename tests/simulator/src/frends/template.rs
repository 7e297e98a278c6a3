//! The template of a process for an operation of an API: one large object, as the vendor's sample has it, its placeholders
//! for circular references included.

use crate::object::Object;
use crate::random::Random;
use crate::text::{number_of, quoted, uuid};

/// The template for an operation such as `GET` on a path.
pub(super) fn template(seed: u64, specification: u64, path: &str, operation: &str, modified: &str) -> String {
    let name = format!("{operation} {path}");
    let number = number_of(&name);
    let unique = uuid(&mut Random::of(&[seed, specification, number]), specification);
    let version = r#"{"major":1,"minor":0,"build":-1,"revision":-1,"majorRevision":-1,"minorRevision":-1}"#;
    let process_template = Object::new()
        .number("id", 1)
        .text("name", "API operation")
        .text("modified", modified)
        .raw("isSubprocess", "false")
        .raw("processTags", "null")
        .raw("templateTags", "[]")
        .raw("getVersion", version)
        .done();
    let trigger = format!(
        r#"{{"id":"start","type":"Start","parameters":{{"path":{},"ANY":["[Circular Reference]"]}},"isDefault":true}}"#,
        quoted(path)
    );
    Object::new()
        .raw("isDeleted", "false")
        .number("version", 1)
        .text("uniqueIdentifier", unique)
        .number("id", 0)
        .text("name", name)
        .text("modified", modified)
        .text("modifier", "simulator")
        .raw("description", "null")
        .text("bpmn", r#"<?xml version="1.0"?><definitions/>"#)
        .raw("elementParameters", format!("[{trigger}]"))
        .raw("manualTrigger", r#"[[[["[Circular Reference]"]]]]"#)
        .raw("obsoleteTasks", "[]")
        .raw("draftId", "null")
        .raw("isDraft", "false")
        .text("targetFramework", "net8.0")
        .number("apiSpecId", specification)
        .raw("processVariables", "[]")
        .raw("processTemplate", process_template)
        .raw("processTemplateDeviated", "null")
        .raw("nextProcessTemplate", "null")
        .done()
}
