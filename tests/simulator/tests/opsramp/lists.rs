//! Pages, filters and drift.

use sha2::{Digest as _, Sha256};
use tidegate_simulator::Response;
use tidegate_simulator::opsramp::{Config as OpsRamp, Drift};

use crate::{BASE, Client, elements, json};

#[test]
fn the_items_of_a_list_are_byte_for_byte_what_its_digest_says() {
    let mut client = Client::new(OpsRamp::default());
    let lists = [
        ("resources/search", 3),
        ("alerts/search", 3),
        ("incidents/search", 3),
        ("alerts/search?queryString=states:Critical,Fluctuating%2Bpriority:P1", 1),
        ("resources/minimal", 1),
        ("deviceGroups/minimal", 1),
        ("policies/management", 1),
        ("metric/search", 1),
    ];
    for (within, pages) in lists {
        let (mut hash, mut count) = (Sha256::new(), 0);
        let joint = if within.contains('?') { '&' } else { '?' };
        for page_no in 1..=pages {
            let page = client.get(&format!("{within}{joint}pageSize=99&pageNo={page_no}"));
            let more = json(&page).get("nextPage").is_some_and(|more| more == true);
            assert_eq!(more, page_no < pages, "{within} {page_no}");
            let text = String::from_utf8(page.body).expect("UTF-8");
            for item in elements(&text) {
                hash.update(item);
                hash.update("\n");
                count += 1;
            }
        }
        let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = client.simulator.digest_of(&format!("{BASE}/{within}")).expect("a list");
        assert_eq!((count, sha256), (digest.items, digest.sha256), "{within}");
        assert!(
            if within.contains('?') { 0 < count && count < 99 } else { count == 250 },
            "{within} {count}"
        );
    }
    assert_eq!(client.simulator.digest_of(&format!("{BASE}/nothing")), None);
}

#[test]
fn an_encoded_plus_joins_filters_and_a_raw_one_is_a_space() {
    let mut client = Client::new(OpsRamp::default());
    let count = |response: Response| json(&response)["results"].as_array().map(Vec::len);
    let all = count(client.get("alerts/search?pageSize=999&queryString=states:Critical")).expect("items");
    let both = count(client.get("alerts/search?pageSize=999&queryString=states:Critical%2Bpriority:P0,P1"));
    let raw = client.get("alerts/search?pageSize=999&queryString=states:Critical+priority:P0,P1");
    assert!(both.is_some_and(|both| 0 < both && both < all));
    assert_eq!(count(raw), Some(0));
    let target = format!("{BASE}/alerts/search?queryString=states:Critical%2Bpriority:P0,P1");
    assert_eq!(client.simulator.digest_of(&target).map(|digest| digest.items as usize), both);
}

#[test]
fn drift_shows_an_item_twice_or_never() {
    let drift = |inserted, removed| vec![Drift { page: 2, inserted, removed }];
    let pull = |drift| {
        let mut client = Client::new(OpsRamp { items: 20, page_size: 10, drift, ..OpsRamp::default() });
        client.ids("incidents/search?", "id")
    };
    let undisturbed = pull(Vec::new());
    let (twice, lost) = (pull(drift(3, 0)), pull(drift(0, 3)));
    assert_eq!((undisturbed.len(), twice.len(), lost.len()), (20, 23, 17));
    assert_eq!(twice[10..13], undisturbed[7..10]);
    assert!(!lost.contains(&undisturbed[10]) && !lost.contains(&undisturbed[12]));
}
