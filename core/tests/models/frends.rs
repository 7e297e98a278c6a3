//! Frends: the generated samples on the vendor's pages.

use crate::worlds::holds;
use tidegate_core::api::frends::{
    AgentGroup, ApiSpecification, Data, Environment, EnvironmentVariable, Instance, Paging, Passthrough,
    PassthroughHeader, ProblemDetails, Process, ProcessDeployment,
};

const SPECIFICATION: &str = r#"{"id": 1, "name": "text", "activeVersion": 1, "description": "text"}"#;

#[test]
fn a_specification_is_read_in_a_list_and_alone() {
    assert_eq!(holds!(ApiSpecification, SPECIFICATION, needs["/id"]).active_version, Some(1));
    let alone = format!(r#"{{"data": {SPECIFICATION}}}"#);
    let read: Data<ApiSpecification<&str>> = serde_json::from_str(&alone).unwrap();
    assert_eq!(read.data.id, 1);
}

#[test]
fn a_passthrough_is_read_with_its_lists_where_they_are_asked_for() {
    let sample = r#"{
        "id": 1, "apiVersionId": 1, "modifier": "text", "modified": "2025-09-07T10:06:05.654Z", "path": "text",
        "method": "text", "isDefault": true, "corsEnabled": true,
        "targetUrl": {"server": "text", "basePath": "text", "operationPath": "text", "query": "text"},
        "headers": [{"action": "text", "name": "text", "value": "text"}], "allowedOrigins": ["text"]
    }"#;
    let read = holds!(Passthrough, sample, needs["/id"]);
    assert_eq!(read.target_url.unwrap().operation_path.as_deref(), Some("text"));
    type Whole = Passthrough<String, Vec<PassthroughHeader<String>>, Vec<String>>;
    let read: Whole = serde_json::from_str(sample).unwrap();
    assert_eq!(read.headers.unwrap()[0].name.as_deref(), Some("text"));
    assert_eq!(read.allowed_origins.unwrap(), ["text"]);
}

#[test]
fn a_process_is_read_past_what_no_sample_can_show() {
    let sample = r#"{
        "isDeleted": true, "version": 1, "uniqueIdentifier": "123e4567-e89b-12d3-a456-426614174000", "id": 1,
        "name": "text", "modified": "2025-09-07T10:06:05.654Z", "modifier": "text", "description": "text",
        "isNotLatestVersion": true, "changeDescription": "text", "bpmn": "<a/>",
        "elementParameters": [{"parameters": {"ANY_ADDITIONAL_PROPERTY": ["[Circular Reference]"]}}],
        "manualTrigger": [[[["[Circular Reference]"]]]], "isDraft": true, "isSubprocess": true, "majorVersion": 1,
        "minorVersion": 1, "frendsVersion": "text", "targetFramework": "text", "apiSpecId": 1
    }"#;
    let read = holds!(Process, sample, needs["/id"]);
    assert_eq!(read.unique_identifier.as_deref(), Some("123e4567-e89b-12d3-a456-426614174000"));
    // A template of a process.
    holds!(Process, r#"{"id": 1, "name": "text", "templateTags": ["text"], "isListed": true}"#, needs["/id"]);
}

#[test]
fn a_deployment_is_known_by_a_member_of_its_own() {
    let sample = r#"{
        "deploymentId": 1, "processId": 1, "processName": "text",
        "processGuid": "123e4567-e89b-12d3-a456-426614174000", "processVersion": "text", "processBuildVersion": 1,
        "deployedAtUtc": "2025-12-06T14:22:06.969Z", "deployedBy": "text", "description": "text",
        "triggersActive": true, "agentGroup": {"id": 1, "displayName": "text"}
    }"#;
    let read = holds!(ProcessDeployment, sample, needs["/agentGroup/id"]);
    assert_eq!(read.deployment_id, Some(1));
    assert_eq!(read.agent_group.unwrap().display_name.as_deref(), Some("text"));
}

#[test]
fn environments_and_their_variables_are_read() {
    let environment = r#"{"id": 1, "displayName": "Test", "internalName": "test",
        "agentGroups": [{"id": 2, "displayName": "Default", "internalName": "d", "isCrossPlatform": true}]}"#;
    holds!(Environment, environment, needs["/id"]);
    let read: Environment<String, Vec<AgentGroup<String>>> = serde_json::from_str(environment).unwrap();
    assert_eq!(read.agent_groups.unwrap()[0].is_cross_platform, Some(true));

    let variable = r#"{"id": 1, "name": "password", "type": "Secret", "values": [{"value": "hush", "version": 1}],
        "description": null, "childSchemas": [{"id": 2, "name": "text", "type": "String"}]}"#;
    let read = holds!(EnvironmentVariable, variable, needs["/id"]);
    assert!(!format!("{read:?}").contains("hush"));
}

#[test]
fn an_instance_is_read() {
    let sample = r#"{
        "id": 1, "parentId": null, "processId": 1, "rootProcessId": 1, "processVersion": 1, "state": "Ok",
        "startTimeUtc": "2025-09-07T10:03:58.639Z", "endTimeUtc": null, "utcDate": "2025-09-07T10:03:58.639Z",
        "utcHour": 1, "executionId": "123e4567-e89b-12d3-a456-426614174000", "triggerId": 1, "agentId": 1,
        "environmentId": 1, "agentGroupId": 1, "exception": "text", "userName": "text", "hasLoggedSteps": true,
        "acknowledgedUtc": "2025-09-07T10:03:58.639Z", "promotedData": [{"id": 1}]
    }"#;
    let read = holds!(Instance, sample, needs["/id"]);
    assert_eq!((read.parent_id, read.end_time_utc), (None, None));
}

#[test]
fn paging_and_errors_are_read() {
    let paging = r#"{"currentPage": 1, "pageSize": 30, "totalCount": 31, "firstPage": "https://example.com",
        "lastPage": "https://example.com", "nextPage": "https://example.com?PageNumber=2", "previousPage": null}"#;
    assert_eq!(holds!(Paging, paging, needs []).total_count, Some(31));
    let problem = r#"{"type": "text", "title": "text", "status": 404, "detail": "text", "instance": "text",
        "ANY_ADDITIONAL_PROPERTY": "anything"}"#;
    assert_eq!(holds!(ProblemDetails, problem, needs []).status, Some(404));
}
