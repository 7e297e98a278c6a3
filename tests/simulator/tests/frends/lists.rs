//! Pages of both kinds: that a pull misses nothing, where links lead, and what a token is bound to.

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tidegate_simulator::EndOfList;
use tidegate_simulator::frends::{Config as Frends, Links};

use crate::{Client, SPECIFICATIONS, elements};

#[test]
fn every_item_of_a_numbered_list_is_on_one_page_and_in_its_digest() {
    let mut client = Client::new(Frends::default());
    let lists = [
        (SPECIFICATIONS, 70),
        ("/api/v1/processes", 130),
        ("/api/v1/process-deployments", 130),
        ("/api/v1/process-templates", 130),
        ("/api/v1/environment-variables", 130),
    ];
    for (target, total) in lists {
        let (mut ids, mut hash, mut next) = (Vec::new(), Sha256::new(), Some(target.to_owned()));
        while let Some(asked) = next {
            let text = String::from_utf8(client.get(&asked).body).expect("UTF-8");
            for item in elements(&text) {
                hash.update(item);
                hash.update("\n");
            }
            let page: Value = serde_json::from_str(&text).expect("a page");
            assert_eq!(
                (&page["paging"]["totalCount"], &page["paging"]["pageSize"]),
                (&total.into(), &30.into())
            );
            let id = |item: &Value| item.get("deploymentId").unwrap_or(&item["id"]).as_u64();
            ids.extend(page["data"].as_array().expect("items").iter().filter_map(id));
            next = page["paging"]["nextPage"].as_str().map(ToOwned::to_owned);
            assert!(
                next.as_ref()
                    .is_none_or(|next| next.starts_with(&format!("http://tenant.example:81{target}?")))
            );
        }
        assert_eq!(ids, (1..=total).collect::<Vec<u64>>(), "{target}");
        let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = client.simulator.digest_of(target).expect("a list");
        assert_eq!((digest.items, digest.sha256), (total, sha256), "{target}");
    }
    assert_eq!(client.simulator.digest_of("/api/v1/nothing"), None);
}

#[test]
fn a_filter_goes_on_in_the_links() {
    let mut client = Client::new(Frends::default());
    let page = client.page("/api/v1/process-deployments?agentgroupid=2&PageSize=7");
    let deployed = page["data"].as_array().expect("items");
    assert!(deployed.iter().all(|item| item["agentGroup"]["id"] == 2));
    let next = page["paging"]["nextPage"].as_str().expect("another page");
    assert!(next.ends_with("/api/v1/process-deployments?agentgroupid=2&PageNumber=2&PageSize=7"), "{next}");
    assert_eq!(client.page(next)["data"][0]["agentGroup"]["id"], 2);
    let total = page["paging"]["totalCount"].as_u64();
    let digest =
        client.simulator.digest_of("/api/v1/process-deployments?agentGroupId=2&PageSize=7&PageNumber=3");
    assert_eq!(digest.map(|digest| digest.items), total);
}

#[test]
fn the_links_lead_where_they_are_configured_to() {
    let origin = "http://internal:8080".to_owned();
    let cases = [
        (Links::Host, "http://tenant.example:81/"),
        (Links::SecureHost, "https://tenant.example:81/"),
        (Links::Origin(origin), "http://internal:8080/"),
    ];
    for (links, start) in cases {
        let mut client = Client::new(Frends { links, end_of_list: EndOfList::Missing, ..Frends::default() });
        let page = client.page(&format!("{SPECIFICATIONS}?PageNumber=2"));
        for name in ["firstPage", "lastPage", "nextPage", "previousPage"] {
            assert!(page["paging"][name].as_str().is_some_and(|url| url.starts_with(start)), "{name} {page}");
        }
        assert_eq!(client.page(&format!("{SPECIFICATIONS}?PageNumber=3"))["paging"].get("nextPage"), None);
    }
}

#[test]
fn instances_go_on_by_a_token_while_the_filters_stay_the_same() {
    let mut client = Client::new(Frends::default());
    let start = "/api/v1/instances/2?stateFilter=ShowFinished&isChildProcess=false";
    let (mut count, mut target) = (0, start.to_owned());
    loop {
        let page = client.page(&target);
        count += page["data"].as_array().expect("items").len() as u64;
        let Some(token) = page["nextContinuationToken"].as_str() else { break };
        let encoded = token.replace('+', "%2B").replace('/', "%2F").replace('&', "%26").replace('=', "%3D");
        target = format!("{start}&continuationToken={encoded}");
        let href = page["nextLink"]["href"].as_str().expect("a link").to_owned();
        assert_eq!(client.page(&href)["data"], client.page(&target)["data"]);
        let others = [
            ("ShowFinished", "ShowAll", 400),
            ("isChildProcess=false", "isChildProcess=true", 400),
            ("&isChildProcess=false", "", 400),
            ("instances/2", "instances/3", 400),
            ("%2B", "+", 400),
            ("?", "?pageSize=3&", 200),
        ];
        for (old, new, status) in others {
            let target = target.replacen(old, new, 1);
            assert_eq!(client.get(&target).status, status, "{target}");
        }
    }
    assert!(count > 50);
    assert_eq!(client.simulator.digest_of(start).map(|digest| digest.items), Some(count));
}
