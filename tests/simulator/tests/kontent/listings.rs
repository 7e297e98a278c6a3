//! How listings begin, go on and end, and what is in them.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tidegate_simulator::Simulator;
use tidegate_simulator::kontent::{Config as Kontent, EndOfTokens, TokenForm};

use crate::{Asked, E, body, simulator, target, unlimited};

/// Every listing that comes in pages, its items member, and the body it wants.
const PAGED: [(&str, &str, &str, &str); 17] = [
    ("GET", "E/items", "items", ""),
    ("GET", "E/types", "types", ""),
    ("GET", "E/snippets", "snippets", ""),
    ("GET", "E/taxonomies", "taxonomies", ""),
    ("GET", "E/languages", "languages", ""),
    ("GET", "E/assets", "assets", ""),
    ("GET", "E/assets/external-id/a/renditions", "asset_renditions", ""),
    ("GET", "E/types/codename/article/variants", "variants", ""),
    ("GET", "E/types/a/components", "variants", ""),
    ("GET", "E/collections/a/variants", "variants", ""),
    ("GET", "E/spaces/a/variants", "variants", ""),
    ("GET", "E/custom-apps", "custom_apps", ""),
    ("GET", "E/validate-async/tasks/a/issues", "issues", ""),
    ("GET", "S/projects", "projects", ""),
    ("GET", "S/users", "users", ""),
    ("POST", "E/items-with-variant/filter", "variants", r#"{"filters":{}}"#),
    ("POST", "E/items-with-variant/bulk-get", "data", r#"{"variants":[{"item":{"id":"a"}}]}"#),
];

/// All pages of a listing, each as its text.
fn pull(simulator: &mut Simulator, method: &str, path: &str, filter: &str) -> Vec<String> {
    let (mut pages, mut token) = (Vec::new(), None);
    loop {
        let asked = Asked { token: token.as_deref(), ..Asked::new(method, path, filter) };
        let page = asked.ask(simulator);
        assert_eq!(page.status, 200, "{path} {:?}", String::from_utf8_lossy(&page.body));
        token = body(&page)["pagination"]["continuation_token"].as_str().map(str::to_owned);
        pages.push(String::from_utf8(page.body).expect("UTF-8"));
        if token.as_ref().is_none_or(String::is_empty) {
            return pages;
        }
    }
}

/// The items of a page in their exact bytes: what stands between the array's brackets, cut where objects end.
fn items<'a>(page: &'a str, member: &str) -> Vec<&'a str> {
    let start = format!("{{\"{member}\":[");
    let array = page.strip_prefix(&start).expect("the items stand first");
    let mut items = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(array).into_iter::<Value>();
    let mut from = 0;
    while array[from..].starts_with('{') {
        stream.next().expect("an item").expect("JSON");
        items.push(&array[from..from + stream.byte_offset()]);
        from += stream.byte_offset();
        if array[from..].starts_with(',') {
            from += 1;
        }
        stream = serde_json::Deserializer::from_str(&array[from..]).into_iter::<Value>();
    }
    items
}

#[test]
fn a_pull_of_each_listing_yields_what_its_digest_says() {
    let mut simulator = simulator(Kontent { items: 257, ..unlimited() });
    for (method, path, member, filter) in PAGED {
        let pages = pull(&mut simulator, method, path, filter);
        let (mut hash, mut count) = (Sha256::new(), 0);
        for item in pages.iter().flat_map(|page| items(page, member)) {
            hash.update(item);
            hash.update("\n");
            count += 1;
        }
        let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = simulator.digest_of(&target(path)).expect("a listing");
        assert_eq!((pages.len(), count, sha256), (3, digest.items, digest.sha256), "{path}");
    }
    let stats = simulator.stats();
    assert_eq!((stats.pages, stats.items), (51, 17 * 257));
}

#[test]
fn no_two_listings_hold_the_same() {
    let simulator = simulator(Kontent { items: 5, ..unlimited() });
    let digests: std::collections::BTreeSet<String> = PAGED
        .iter()
        .filter_map(|(_, path, ..)| simulator.digest_of(&target(path)))
        .map(|it| it.sha256)
        .collect();
    assert_eq!(digests.len(), PAGED.len());
    assert_eq!(simulator.digest_of(&target("E/nothing")), None);
}

#[test]
fn some_listings_come_in_one_answer_and_some_as_a_bare_array() {
    let mut simulator = simulator(unlimited());
    let cases = [
        ("E/items/a/variants", None, false),
        ("E/spaces", None, false),
        ("E/webhooks-vnext", None, false),
        ("E/workflows", None, false),
        ("E/collections", Some("collections"), true),
        ("E/folders", Some("folders"), true),
        ("E/roles", Some("roles"), false),
    ];
    for (path, member, dated) in cases {
        let answer = body(&Asked::get(path).ask(&mut simulator));
        let items = member.map_or(&answer, |member| &answer[member]);
        assert_eq!(items.as_array().map(Vec::len), Some(12), "{path}");
        assert_eq!(answer.get("last_modified").is_some(), dated, "{path}");
        assert_eq!(answer.get("pagination"), None, "{path}");
        assert_eq!(simulator.digest_of(&target(path)).map(|digest| digest.items), Some(12), "{path}");
    }
}

#[test]
fn every_form_of_token_leads_through_the_whole_list() {
    let forms = [
        TokenForm::Offset,
        TokenForm::Rid,
        TokenForm::Wrapped,
        TokenForm::Opaque(64),
        TokenForm::Opaque(3_000),
    ];
    for token in forms {
        for (end, written) in [(EndOfTokens::Null, json!(null)), (EndOfTokens::Empty, json!(""))] {
            let mut simulator = simulator(Kontent { token, end, items: 250, ..unlimited() });
            let pages = pull(&mut simulator, "GET", "E/items", "");
            let last: Value = serde_json::from_str(&pages[2]).expect("JSON");
            assert_eq!((pages.len(), &last["pagination"]["continuation_token"]), (3, &written), "{token:?}");
            assert_eq!(last["pagination"]["next_page"], Value::Null);
        }
    }
}

#[test]
fn the_paging_stands_after_the_items_and_the_next_page_names_the_token_encoded() {
    let mut simulator = simulator(Kontent { token: TokenForm::Rid, ..unlimited() });
    let page = Asked::get("E/items?a=b c").ask(&mut simulator);
    let text = String::from_utf8(page.body.clone()).expect("UTF-8");
    assert!(text.find("\"items\"") < text.rfind("\"pagination\""));
    let next = body(&page)["pagination"]["next_page"].as_str().expect("a next page").to_owned();
    let start = format!("https://manage.kontent.ai{E}/items?a=b+c&continuationToken=%2bRID%3a~");
    assert!(next.starts_with(&start), "{next}");
    let followed = next.strip_prefix("https://manage.kontent.ai").expect("the origin");
    let second = body(&Asked::get(followed).ask(&mut simulator));
    assert_ne!(second["items"][0]["id"], body(&page)["items"][0]["id"]);
    assert_eq!(second["items"].as_array().map(Vec::len), Some(100));
}

#[test]
fn a_next_page_may_be_named_where_no_token_is() {
    let config = Kontent { next_page_at_the_end: true, items: 3, ..unlimited() };
    let page = body(&Asked::get("E/items").ask(&mut simulator(config)));
    assert_eq!(page["pagination"]["continuation_token"], Value::Null);
    assert!(page["pagination"]["next_page"].is_string());
}

#[test]
fn a_listing_by_post_wants_the_same_body_with_each_token() {
    let mut simulator = simulator(unlimited());
    for path in ["E/items-with-variant/filter", "E/items-with-variant/bulk-get"] {
        let filter = r#"{"variants":[1],"filters":{"search":"tide"}}"#;
        let page = body(&Asked::new("POST", path, filter).ask(&mut simulator));
        let token = page["pagination"]["continuation_token"].as_str().expect("a token");
        let cases = [
            (filter, 200),
            (r#"{ "variants": [1], "filters": {"search": "tide"} }"#, 200),
            (r#"{"variants":[1],"filters":{"search":"gate"}}"#, 400),
            ("", 400),
        ];
        for (filter, status) in cases {
            let asked = Asked { token: Some(token), ..Asked::new("POST", path, filter) };
            assert_eq!(asked.ask(&mut simulator).status, status, "{path} {filter}");
        }
    }
}

#[test]
fn items_carry_the_vendor_s_members_and_some_that_nobody_knows() {
    for (novelties, expected) in [(false, 0), (true, 1)] {
        let mut simulator = simulator(Kontent { novelties, page_size: 1_000, ..unlimited() });
        let page = body(&Asked::get("E/items").ask(&mut simulator));
        let items = page["items"].as_array().expect("items");
        for item in items {
            for member in ["id", "name", "codename", "type", "collection", "last_modified"] {
                assert!(item.get(member).is_some(), "{member} in {item}");
            }
            let modified = item["last_modified"].as_str().expect("a date");
            assert!(modified.len() == 28 && modified.ends_with('Z'), "{modified}");
        }
        let novel = items.iter().filter(|item| item.get("insights").is_some()).count();
        assert_eq!(novel.min(1), expected);
        assert!(novel < 500, "{novel} of 1,000");
    }
}
