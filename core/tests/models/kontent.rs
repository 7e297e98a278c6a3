//! Kontent.ai: objects with the members of the vendor's contracts, and the bodies on its page.

use crate::worlds::{check, holds};
use tidegate_core::api::kontent::{
    Asset, ContentType, CustomApp, Issue, Item, ItemWithVariant, Language, Named, Pagination, Problem,
    Project, Rendition, Taxonomy, Term, TypeElement, User, ValidationError, Variant, Webhook, Workflow,
};

#[test]
fn content_is_read() {
    let item = r#"{
        "id": "4b628214-e4fe-4fe0-b1ff-955df33e1515", "name": "On roasts", "codename": "on_roasts",
        "type": {"id": "b7aa4a53-d9b1-48cf-b7a6-ed0b182c4b89"}, "sitemap_locations": [], "external_id": "59713",
        "collection": {"id": "00000000-0000-0000-0000-000000000000"},
        "last_modified": "2021-05-28T11:54:49.8609984Z"
    }"#;
    let read = holds!(Item, item, needs["/id"]);
    assert_eq!(read.kind.unwrap().id.as_deref(), Some("b7aa4a53-d9b1-48cf-b7a6-ed0b182c4b89"));
    assert_eq!(read.last_modified.as_deref(), Some("2021-05-28T11:54:49.8609984Z"));

    let variant = r#"{
        "item": {"id": "1"}, "language": {"id": "2"}, "elements": [{"element": {"id": "3"}, "value": 7}],
        "workflow": {"workflow_identifier": {"id": "4"}, "step_identifier": {"id": "5"}},
        "schedule": {"publish_time": null}, "last_modified": "2021-05-28T11:54:49.8609984Z"
    }"#;
    let read = holds!(Variant, variant, needs["/item"]);
    assert_eq!(read.workflow.unwrap().step_identifier.unwrap().id.as_deref(), Some("5"));

    let both = format!(r#"{{"item": {item}, "variant": {variant}}}"#);
    let read = holds!(ItemWithVariant, &both, needs ["/item", "/item/id", "/variant/item"]);
    assert_eq!(read.variant.unwrap().language.unwrap().id.as_deref(), Some("2"));
}

#[test]
fn assets_and_renditions_are_read() {
    let asset = r#"{
        "id": "1", "file_name": "a.jpg", "title": "A", "image_width": 8000, "image_height": null,
        "size": 5000000000, "type": "image/jpeg", "file_reference": {"id": "2", "type": "internal"},
        "url": "https://assets.example/a.jpg", "descriptions": [{"language": {"id": "3"}, "description": "A"}],
        "external_id": null, "codename": "a", "folder": {"external_id": "f"},
        "collection": {"reference": {"id": "4"}}, "last_modified": "2021-05-28T11:54:49.8609984Z"
    }"#;
    let read = holds!(Asset, asset, needs["/id"]);
    assert_eq!((read.size, read.image_width, read.image_height), (Some(5_000_000_000), Some(8_000), None));
    assert_eq!(read.collection.unwrap().reference.unwrap().id.as_deref(), Some("4"));

    let rendition = r#"{
        "rendition_id": "1", "asset_id": "2", "external_id": "e", "last_modified": "2021-05-28T11:54:49.8609984Z",
        "transformation": {"mode": "rect", "fit": "clip", "custom_width": 120, "x": 300, "y": 200, "width": 360}
    }"#;
    let read = holds!(Rendition, rendition, needs["/rendition_id"]);
    assert_eq!(read.transformation.unwrap().custom_width, Some(120));
}

#[test]
fn what_content_is_made_of_is_read() {
    let content_type = r#"{
        "id": "1", "name": "Article", "codename": "article", "external_id": "a", "content_groups": [],
        "last_modified": "2021-05-28T11:54:49.8609984Z",
        "elements": [{"id": "2", "type": "hologram", "name": "Title", "codename": "title", "is_required": true}]
    }"#;
    holds!(ContentType, content_type, needs["/id"]);
    let read: ContentType<String, Vec<TypeElement<String>>> = serde_json::from_str(content_type).unwrap();
    assert_eq!(read.elements.unwrap()[0].kind.as_deref(), Some("hologram"));

    let taxonomy = r#"{"id": "1", "name": "Places", "codename": "places", "external_id": "p", "last_modified": "x",
        "terms": [{"id": "2", "name": "Here", "terms": [{"id": "3", "terms": []}]}]}"#;
    holds!(Taxonomy, taxonomy, needs["/id"]);
    type Below = Vec<Term<String>>;
    let read: Taxonomy<String, Vec<Term<String, Below>>> = serde_json::from_str(taxonomy).unwrap();
    assert_eq!(read.terms.unwrap()[0].terms.as_ref().unwrap()[0].id, "3");
}

#[test]
fn how_an_environment_is_set_up_is_read() {
    holds!(Named, r#"{"id": "1", "name": "A", "codename": "a", "external_id": "x"}"#, needs["/id"]);
    let language = r#"{"id": "1", "name": "English", "codename": "en-GB", "external_id": "en", "is_active": true,
        "is_default": false, "fallback_language": {"id": "0"}}"#;
    assert_eq!(holds!(Language, language, needs["/id"]).is_active, Some(true));
    holds!(Workflow, r#"{"id": "1", "name": "W", "codename": "w", "scopes": [], "steps": []}"#, needs["/id"]);
    let webhook = r#"{"id": "1", "name": "W", "secret": "s", "url": "https://hook.example", "enabled": true,
        "health_status": "unknown", "last_modified": "x", "delivery_triggers": {"slot": "published"}}"#;
    let webhook = holds!(Webhook, webhook, needs["/id"]);
    assert!(!format!("{webhook:?}").contains("secret"));
    let app = r#"{"id": "1", "name": "A", "codename": "a", "source_url": "https://app.example", "config": null,
        "allowed_roles": [], "display_mode": "fullScreen"}"#;
    holds!(CustomApp, app, needs["/id"]);
}

#[test]
fn subscriptions_and_findings_are_read() {
    let project =
        r#"{"id": "1", "name": "P", "is_active": true, "environments": [{"id": "2", "name": "E"}]}"#;
    holds!(Project, project, needs["/id"]);
    let read: Project<String, Vec<Named<String>>> = serde_json::from_str(project).unwrap();
    assert_eq!(read.environments.unwrap()[0].name.as_deref(), Some("E"));
    let user = r#"{"id": "1", "first_name": "A", "last_name": "B", "email": "a@b.example",
        "has_pending_invitation": false, "projects": []}"#;
    holds!(User, user, needs["/id"]);
    let issue = r#"{"issue_type": "variant_issue", "item": {"id": "1", "name": "A"}, "language": {"id": "2"},
        "issues": [{"element": {"id": "3"}, "messages": ["M"]}]}"#;
    holds!(Issue, issue, needs ["/item/id", "/language/id"]);
}

#[test]
fn the_end_of_a_list_is_a_token_that_is_null_whatever_the_link_says() {
    let paging =
        r#"{"continuation_token": "MTAw", "next_page": "https://api.example?continuationToken=MTAw"}"#;
    assert_eq!(holds!(Pagination, paging, needs []).continuation_token.as_deref(), Some("MTAw"));
    let end = r#"{"continuation_token": null, "next_page": "https://api.example?continuationToken=MTAw"}"#;
    assert_eq!(holds!(Pagination, end, needs []).continuation_token, None);
}

#[test]
fn errors_are_read() {
    let limit = r#"{"request_id": "80000004-0002-fd00-b63f-84710c7967bb", "error_code": 10000,
        "message": "API rate limit exceeded. Please retry your request later."}"#;
    assert_eq!(holds!(Problem, limit, needs []).error_code, Some(10_000));
    let invalid = r#"{"request_id": "r", "error_code": 5, "message": "m",
        "validation_errors": [{"message": "Invalid", "path": "name", "line": 1, "position": 9}]}"#;
    let read = check::<
        Problem<String, Vec<ValidationError<String>>>,
        Problem<&'static str, [ValidationError<&'static str>; 1]>,
        Problem<crate::worlds::Fixed, [ValidationError<crate::worlds::Fixed>; 1]>,
    >(invalid, &[]);
    assert_eq!(read.validation_errors.unwrap()[0].line, Some(1));
}
