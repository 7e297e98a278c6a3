//! Pulls from the APIs that have names for their lists: what arrives, and what is asked for.

use crate::common::{Api, Directory, command, digest, ends_with, said, summary};
use std::process::Command;
use tidegate_simulator::{Config, Fault, Service, Trigger, coredata, frends, kontent, opsramp};

const KONTENT: &str = "/v2";
const OPSRAMP: &str = "/api/v2";
const COREDATA: &str = "/api/v2";
const FRENDS: &str = "/api/v1";
const TENANT: [&str; 2] = ["--tenant", opsramp::DEFAULT_TENANT];

/// An environment of Kontent.ai with so many items in each list, ten on a page.
fn kontent(items: u64) -> kontent::Config {
    kontent::Config { items, page_size: 10, limits: Vec::new(), ..kontent::Config::default() }
}

fn environment() -> [String; 2] {
    ["--environment".to_owned(), kontent::Config::default().environment]
}

/// What the program prints is what the server has at `target`, in so many requests beside those for tokens.
#[track_caller]
fn arrives(api: &Api, target: &str, pages: u64, command: &mut Command) {
    let output = ends_with(0, command);
    assert_eq!(digest(&output.stdout), api.digest_of(target), "{target}");
    assert_eq!(api.stats().pages, pages, "{target}");
    assert_eq!(api.stats().rejected, 0);
}

#[test]
fn a_list_of_kontent_arrives_whole_however_its_tokens_look() {
    use kontent::TokenForm::{Offset, Opaque, Rid, Wrapped};
    for token in [Offset, Rid, Wrapped, Opaque(900)] {
        let api = Api::of(Service::Kontent(kontent::Config { token, ..kontent(35) }));
        let environment = environment();
        let target = format!("/v2/projects/{}/items", environment[1]);
        arrives(&api, &target, 4, command(&api, "kontent", KONTENT, &["items"]).args(environment));
    }
}

#[test]
fn a_list_of_kontent_is_given_by_a_name_with_places_or_by_a_path() {
    let environment = environment();
    let below = format!("/v2/projects/{}", environment[1]);
    let table: [(&[&str], &str); 6] = [
        (&["types"], "/types"),
        (&["renditions", "--set", "asset=a1"], "/assets/a1/renditions"),
        (&["roles"], "/roles"),
        (&["workflows"], "/workflows"),
        (&["/projects/{environment}/languages"], "/languages"),
        (&["/projects/{environment}/spaces", "--root"], "/spaces"),
    ];
    for (arguments, path) in table {
        let api = Api::of(Service::Kontent(kontent(25)));
        let output = ends_with(0, command(&api, "kontent", KONTENT, arguments).args(&environment));
        assert_eq!(digest(&output.stdout), api.digest_of(&format!("{below}{path}")), "{arguments:?}");
    }
}

#[test]
fn a_list_of_kontent_that_is_asked_for_by_post_has_its_body_for_every_page() {
    let directory = Directory::new("asked_for_by_post");
    std::fs::write(directory.file("body.json"), r#"{"filters":{}}"#).unwrap();
    let file = format!("@{}", directory.file("body.json").display());
    for body in [r#"{"filters":{}}"#, &file] {
        let api = Api::of(Service::Kontent(kontent(35)));
        let mut command = command(&api, "kontent", KONTENT, &["filtered-items", "--body", body]);
        let output = ends_with(0, command.args(environment()));
        assert_eq!((digest(&output.stdout).0, api.stats().pages), (35, 4));
    }
}

#[test]
fn kontents_two_windows_are_kept() {
    let api = Api::of(Service::Kontent(kontent::Config {
        page_size: 10,
        items: 115,
        ..kontent::Config::default()
    }));
    let environment = environment();
    let target = format!("/v2/projects/{}/items", environment[1]);
    let mut pull = command(&api, "kontent", KONTENT, &["items"]);
    arrives(&api, &target, 12, pull.args(environment));
}

#[test]
fn a_list_of_opsramp_arrives_whole_with_a_token_that_is_asked_for_once() {
    let api = Api::of(Service::OpsRamp(opsramp::Config::default()));
    let target = format!("/api/v2/tenants/{}/resources/search", TENANT[1]);
    let mut pull = command(&api, "opsramp", OPSRAMP, &["resources", "--page-size", "40"]);
    arrives(&api, &target, 7, pull.args(TENANT));
    assert_eq!(api.stats().tokens, 1);
}

#[test]
fn a_token_is_asked_for_where_the_command_says() {
    let api = Api::of(Service::OpsRamp(opsramp::Config {
        token_paths: vec!["/auth/oauth/token".to_owned()],
        ..opsramp::Config::default()
    }));
    let pull = || {
        let mut pull = command(&api, "opsramp", OPSRAMP, &["alerts", "--retries", "0"]);
        pull.args(TENANT);
        pull
    };
    ends_with(3, &mut pull());
    let url = format!("{}/auth/oauth/token", api.url);
    let output = ends_with(0, pull().args(["--token-url", &url]));
    assert_eq!(digest(&output.stdout).0, 250);
}

#[test]
fn the_terms_of_a_query_string_must_all_be_met() {
    let target = format!("/api/v2/tenants/{}/resources/search", TENANT[1]);
    let terms = ["--query-string", "state:active", "--query-string", "agentInstalled:true"];
    let api = Api::of(Service::OpsRamp(opsramp::Config::default()));
    let output = ends_with(0, command(&api, "opsramp", OPSRAMP, &["resources"]).args(TENANT).args(terms));
    let found = digest(&output.stdout);
    assert_eq!(found, api.digest_of(&format!("{target}?queryString=state:active%2BagentInstalled:true")));
    assert!(found.0 > 0 && found.0 < 250, "{found:?}");
}

#[test]
fn a_list_of_opsramp_that_is_an_array_comes_at_once() {
    for arguments in [&["resources-minimal"][..], &["/tenants/{tenant}/resources/minimal", "--root"]] {
        let api = Api::of(Service::OpsRamp(opsramp::Config::default()));
        let output = ends_with(0, command(&api, "opsramp", OPSRAMP, arguments).args(TENANT));
        let target = format!("/api/v2/tenants/{}/resources/minimal", TENANT[1]);
        assert_eq!(digest(&output.stdout), api.digest_of(&target));
    }
}

#[test]
fn a_list_of_coredata_arrives_whole_and_filtered() {
    let table: [(&[&str], &str); 5] = [
        (&["contacts"], "contacts/"),
        (&["/spaces/"], "spaces/"),
        (&["projects", "--filter", "title__startswith=Roasts"], "projects/?title__startswith=Roasts"),
        (
            &["/tasks/", "--filter", "modified__gte=2024-03-01T00:00:00Z"],
            "tasks/?modified__gte=2024-03-01T00:00:00Z",
        ),
        (
            &[
                "files",
                "--filter",
                "created__gt=2024-01-01T06:00:00.000Z",
                "--filter",
                "created__lt=2024-01-02",
            ],
            "files/?created__gt=2024-01-01T06:00:00.000Z&created__lt=2024-01-02",
        ),
    ];
    for (arguments, target) in table {
        let api = Api::of(Service::CoreData(coredata::Config { items: 230, ..coredata::Config::default() }));
        let mut pull = command(&api, "coredata", COREDATA, arguments);
        let output = ends_with(0, pull.args(["--page-size", "50"]));
        let found = digest(&output.stdout);
        assert_eq!(found, api.digest_of(&format!("/api/v2/{target}")), "{arguments:?}");
        assert!(found.0 > 0 && (!target.contains('?') || found.0 < 230), "{arguments:?}: {found:?}");
    }
}

#[test]
fn a_list_of_frends_arrives_whole_by_pages_or_by_tokens() {
    let table: [(&[&str], &str, u64); 6] = [
        (&["processes", "--page-size", "40"], "processes", 4),
        (&["api-specifications"], "api-management/api-specifications", 3),
        (&["/environment-variables"], "environment-variables", 5),
        (&["process-deployments", "--agent-group-id", "2"], "process-deployments?agentGroupId=2", 0),
        (&["instances", "--agent-group-id", "2"], "instances/2", 3),
        (&["instances", "--set", "agentGroupId=1", "--page-size", "200"], "instances/1", 1),
    ];
    for (arguments, target, pages) in table {
        let api = Api::of(Service::Frends(frends::Config::default()));
        let output = ends_with(0, &mut command(&api, "frends", FRENDS, arguments));
        assert_eq!(digest(&output.stdout), api.digest_of(&format!("/api/v1/{target}")), "{arguments:?}");
        assert_eq!(api.stats().tokens, 1, "{arguments:?}");
        assert!(pages == 0 || api.stats().pages == pages, "{arguments:?}: {:?}", api.stats());
    }
}

#[test]
fn a_link_to_another_origin_is_not_followed_and_does_no_harm() {
    let links = frends::Links::Origin("https://elsewhere.example".to_owned());
    let api = Api::of(Service::Frends(frends::Config { links, ..frends::Config::default() }));
    let output = ends_with(0, &mut command(&api, "frends", FRENDS, &["processes"]));
    assert_eq!(digest(&output.stdout), api.digest_of("/api/v1/processes"));
}

#[test]
fn a_list_goes_on_from_its_state_whatever_its_pages_and_limits() {
    let kontent = kontent::Config { token: kontent::TokenForm::Opaque(900), ..kontent(35) };
    let items = format!("/v2/projects/{}/items", kontent.environment);
    let incidents = format!("/api/v2/tenants/{}/incidents/search", TENANT[1]);
    let environment = environment();
    let table: [(&str, Service, &str, &[&str], &str); 5] = [
        ("kontent", Service::Kontent(kontent), KONTENT, &["items", &environment[0], &environment[1]], &items),
        (
            "opsramp",
            Service::OpsRamp(opsramp::Config::default()),
            OPSRAMP,
            &["incidents", "--page-size", "40", "--category", "tickets", TENANT[0], TENANT[1]],
            &incidents,
        ),
        (
            "coredata",
            Service::CoreData(coredata::Config::default()),
            COREDATA,
            &["tasks", "--page-size", "300"],
            "/api/v2/tasks/",
        ),
        ("frends", Service::Frends(frends::Config::default()), FRENDS, &["processes"], "/api/v1/processes"),
        (
            "frends",
            Service::Frends(frends::Config::default()),
            FRENDS,
            &["instances", "--agent-group-id", "1"],
            "/api/v1/instances/1",
        ),
    ];
    for (name, service, base, arguments, target) in table {
        // The token counts as a request where there is one.
        let fault = Fault::Redirect { status: 302, location: "/x".to_owned() };
        let faults = vec![(Trigger::Request(3), fault)];
        let api = Api::start(Config { faults, service, ..Config::default() });
        let directory = Directory::new(&format!("goes_on_{name}"));
        let pull = || {
            let mut pull = command(&api, name, base, arguments);
            pull.arg("--output").arg(directory.file("items.ndjson"));
            pull.arg("--state").arg(directory.file("items.state"));
            pull
        };
        let output = ends_with(7, &mut pull());
        assert!(said(&output).contains("the same command goes on from there"), "{}", said(&output));
        assert!(!directory.read("items.ndjson").is_empty(), "{name}");
        ends_with(0, &mut pull());
        assert_eq!(digest(&directory.read("items.ndjson")), api.digest_of(target), "{name}");
        let requests = api.stats().requests;
        let output = ends_with(0, &mut pull());
        assert!(said(&output).contains("already complete"), "{}", said(&output));
        assert_eq!((api.stats().requests, api.stats().rejected), (requests, 0));
    }
}

#[test]
fn a_state_of_another_filter_is_refused() {
    let api = Api::of(Service::CoreData(coredata::Config { items: 50, ..coredata::Config::default() }));
    let directory = Directory::new("another_filter");
    let pull = |filter| {
        let mut pull = command(&api, "coredata", COREDATA, &["tasks", "--filter", filter]);
        pull.arg("--output").arg(directory.file("tasks.ndjson"));
        pull.arg("--state").arg(directory.file("tasks.state"));
        pull
    };
    ends_with(0, &mut pull("created__gt=2024-01-01"));
    let output = ends_with(2, &mut pull("created__gt=2024-01-02"));
    assert!(said(&output).contains("belongs to another path, other parameters"), "{}", said(&output));
}

/// A list to whose front some objects are added while it is read.
fn drifting() -> Api {
    let change = coredata::Change::InsertedAtFront;
    let drift = Some(coredata::Drift { after_pages: 2, objects: 7, change });
    Api::of(Service::CoreData(coredata::Config { items: 230, drift, ..coredata::Config::default() }))
}

#[test]
fn an_item_that_comes_again_is_left_out_and_a_list_that_changed_is_told() {
    let (api, directory) = (drifting(), Directory::new("comes_again"));
    let mut pull = command(&api, "coredata", COREDATA, &["tasks", "--page-size", "50"]);
    pull.arg("--summary").arg(directory.file("summary.json"));
    let output = ends_with(0, &mut pull);
    assert_eq!(digest(&output.stdout).0, 230);
    assert!(said(&output).contains("complete: 230 items"), "{}", said(&output));
    assert!(said(&output).contains(", 7 left out because they came before"), "{}", said(&output));
    assert!(said(&output).contains("the server counts 237 items now"), "{}", said(&output));
    let summary = summary(&directory);
    assert_eq!((&summary["repeated"], &summary["changed"]), (&7.into(), &237.into()));
}

#[test]
fn an_item_that_comes_again_is_kept_by_those_who_want_to_remember_none() {
    let api = drifting();
    let output = ends_with(
        0,
        &mut command(&api, "coredata", COREDATA, &["tasks", "--page-size", "50", "--remember", "0"]),
    );
    assert_eq!(digest(&output.stdout).0, 237);
    assert!(!said(&output).contains("came before"), "{}", said(&output));
    assert!(said(&output).contains("the server counts 237 items now"), "{}", said(&output));
}

#[test]
fn a_secret_that_opens_nothing_is_3() {
    let api = Api::of(Service::OpsRamp(opsramp::Config::default()));
    let mut pull = command(&api, "opsramp", OPSRAMP, &["alerts"]);
    let output = ends_with(3, pull.args(TENANT).env("TIDEGATE_API_KEY", "wrong-secret-0123456789"));
    assert!(!said(&output).contains("wrong-secret"), "{}", said(&output));
    let api = Api::of(Service::CoreData(coredata::Config::default()));
    ends_with(3, command(&api, "coredata", COREDATA, &["tasks"]).env("TIDEGATE_API_KEY", "user:wrong"));
    let api = Api::of(Service::Kontent(kontent(5)));
    ends_with(
        3,
        command(&api, "kontent", KONTENT, &["items"]).args(environment()).env("TIDEGATE_API_KEY", "wrong"),
    );
}

#[test]
fn an_item_that_comes_again_after_a_restart_is_left_out() {
    // Rows slide while the pull is stopped: the third page begins with what the second ended with.
    let change = coredata::Change::InsertedAtFront;
    let drift = Some(coredata::Drift { after_pages: 2, objects: 7, change });
    let service = Service::CoreData(coredata::Config { items: 230, drift, ..coredata::Config::default() });
    let stop = (Trigger::Request(3), Fault::Redirect { status: 302, location: "/x".to_owned() });
    for beside in [false, true] {
        let api =
            Api::start(Config { faults: vec![stop.clone()], service: service.clone(), ..Config::default() });
        let directory = Directory::new(&format!("comes_again_{beside}"));
        let pull = |extra: &[&str]| {
            let mut pull = command(&api, "coredata", COREDATA, &["tasks", "--page-size", "50"]);
            pull.args(extra).arg("--output").arg(directory.file("tasks.ndjson"));
            pull.arg("--state").arg(directory.file("tasks.state"));
            pull.arg("--summary").arg(directory.file("summary.json"));
            pull
        };
        if beside {
            std::fs::write(directory.file("tasks.ndjson"), "last night's\n").unwrap();
        }
        ends_with(7, &mut pull(if beside { &["--restart"] } else { &[] }));
        ends_with(0, &mut pull(&[]));
        let stored = directory.read("tasks.ndjson");
        let mut items: Vec<&[u8]> = stored.split_inclusive(|&byte| byte == b'\n').collect();
        assert_eq!(items.len(), 230);
        items.sort_unstable();
        items.dedup();
        assert_eq!(items.len(), 230, "none is there twice");
        assert_eq!(summary(&directory)["repeated"], 7);
    }
}
