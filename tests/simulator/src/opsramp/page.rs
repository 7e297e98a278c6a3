//! A page of OpsRamp's as JSON text: the items first, then what is said of paging. Which optional members are there varies
//! by list and page, as it does in the vendor's samples (127 of them were counted).

use super::config::{Envelope, Optional};
use super::list::List;
use crate::fault::Fault;
use crate::random::Random;

const SAMPLES: u64 = 127;

/// A page before it is text.
pub(super) struct Page {
    pub(super) list: List,
    pub(super) page_no: u64,
    pub(super) page_size: u64,
    /// Items on all pages.
    pub(super) total: u64,
    pub(super) descending: bool,
    pub(super) items: Vec<Vec<u8>>,
    /// Whether others follow.
    pub(super) more: bool,
}

/// The part of a list that a page has.
pub(super) fn range(page_no: u64, page_size: u64, total: u64) -> std::ops::Range<u64> {
    let from = (page_no - 1).saturating_mul(page_size).min(total);
    from..from.saturating_add(page_size).min(total)
}

impl Page {
    /// The page as the switches and a fault of paging want it.
    pub(super) fn bent(mut self, envelope: Envelope, fault: Option<&Fault>) -> Self {
        let empty = envelope.empty_page == Some(self.page_no) || fault == Some(&Fault::EmptyPageClaimsMore);
        if empty {
            self.items.clear();
        }
        if let Some(&Fault::DeepJson { depth }) = fault {
            let depth = depth as usize;
            self.items = vec![[vec![b'['; depth], vec![b']'; depth]].concat()];
        }
        let repeats = fault == Some(&Fault::RepeatCursor);
        self.more |= empty || repeats || envelope.empty_page == Some(self.page_no + 1);
        self
    }

    pub(super) fn text(&self, seed: u64, envelope: Envelope, fault: Option<&Fault>) -> Vec<u8> {
        let key = if envelope.result_for_alerts && self.list == List::Alerts { "result" } else { "results" };
        let items = self.items.join(&b","[..]);
        let paging = if envelope.zeros && self.more {
            ZEROS.to_owned()
        } else {
            let next_no = match (envelope.next_repeats, fault) {
                (true, _) | (_, Some(Fault::RepeatCursor)) => self.page_no,
                _ => self.page_no + 1,
            };
            self.paging(seed, envelope.optional, next_no)
        };
        [format!("{{\"{key}\":[").as_bytes(), &items, b"],", paging.as_bytes(), b"}"].concat()
    }

    /// What follows the items.
    fn paging(&self, seed: u64, optional: Optional, next_no: u64) -> String {
        let mut random = Random::of(&[seed, self.list.number(), self.page_no, 9]);
        let mut there = |so_often: u64| match optional {
            Optional::AsCounted => random.below(SAMPLES) < so_often,
            Optional::All => true,
            Optional::None => false,
        };
        let (total, order, numbers) = (there(126), there(91), there(120));
        let (next, previous, counts_items) = (there(40), there(104), there(20));
        let counts_items = counts_items && optional == Optional::AsCounted;
        let page_size = if counts_items { self.items.len() as u64 } else { self.page_size };
        let members = [
            total.then(|| format!(r#""totalResults":{}"#, self.total)),
            order.then(|| r#""orderBy":"ts""#.to_owned()),
            numbers.then(|| format!(r#""pageNo":{}"#, self.page_no)),
            Some(format!(r#""pageSize":{page_size}"#)),
            numbers.then(|| format!(r#""totalPages":{}"#, self.total.div_ceil(self.page_size))),
            Some(format!(r#""nextPage":{}"#, self.more)),
            (next && self.more).then(|| format!(r#""nextPageNo":{next_no}"#)),
            previous.then(|| format!(r#""previousPageNo":{}"#, self.page_no - 1)),
            Some(format!(r#""descendingOrder":{}"#, self.descending)),
        ];
        members.into_iter().flatten().collect::<Vec<_>>().join(",")
    }
}

const ZEROS: &str = concat!(
    r#""totalResults":0,"pageNo":0,"pageSize":0,"totalPages":0,"nextPage":true,"nextPageNo":0,"#,
    r#""previousPageNo":0,"descendingOrder":false"#
);

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const ITEMS: u64 = 25;

    fn page(page_no: u64) -> Page {
        let range = range(page_no, 10, ITEMS);
        let more = range.end < ITEMS;
        let items = range.map(|number| number.to_string().into_bytes()).collect();
        Page { list: List::Alerts, page_no, page_size: 10, total: ITEMS, descending: false, items, more }
    }

    fn read(page_no: u64, envelope: Envelope, fault: Option<&Fault>) -> (String, Value) {
        let text = page(page_no).bent(envelope, fault).text(1, envelope, fault);
        let value = serde_json::from_slice(&text).expect("a page is JSON");
        (String::from_utf8(text).expect("UTF-8"), value)
    }

    #[test]
    fn the_items_come_first_and_whether_more_follow_is_always_said() {
        for (page_no, items, more) in [(1, 10, true), (2, 10, true), (3, 5, false), (4, 0, false)] {
            for optional in [Optional::AsCounted, Optional::All, Optional::None] {
                let (text, value) = read(page_no, Envelope { optional, ..Envelope::default() }, None);
                assert!(text.starts_with(r#"{"results":["#));
                assert_eq!(value["results"].as_array().map(Vec::len), Some(items));
                assert_eq!(value["nextPage"], more, "page {page_no}");
                assert!(more || value.get("nextPageNo").is_none(), "page {page_no}");
            }
        }
        assert_eq!(range(u64::MAX, u64::MAX, 5), 5..5);
    }

    #[test]
    fn optional_members_are_about_as_rare_as_in_the_samples() {
        let envelope = Envelope::default();
        let all: Vec<Value> = (1..=1_000)
            .map(|page_no| {
                let page = Page { more: true, page_no, ..page(1) };
                serde_json::from_slice(&page.text(1, envelope, None)).expect("JSON")
            })
            .collect();
        let cases = [
            ("nextPageNo", 40),
            ("previousPageNo", 104),
            ("orderBy", 91),
            ("pageNo", 120),
            ("totalResults", 126),
        ];
        for (name, expected) in cases {
            let found = all.iter().filter(|page| page.get(name).is_some()).count() as u64;
            let expected = expected * 1_000 / SAMPLES;
            assert!(found.abs_diff(expected) < 50, "{name}: {found} of 1,000, not {expected}");
        }
    }

    #[test]
    fn each_inconsistency_is_as_in_the_vendor_s_samples() {
        let all = Envelope { optional: Optional::All, ..Envelope::default() };
        let (_, zeros) = read(2, Envelope { zeros: true, ..all }, None);
        assert_eq!(
            (&zeros["nextPage"], &zeros["nextPageNo"], &zeros["pageNo"]),
            (&true.into(), &0.into(), &0.into())
        );
        assert_eq!(read(3, Envelope { zeros: true, ..all }, None).1["nextPage"], false);
        let (_, repeats) = read(2, Envelope { next_repeats: true, ..all }, None);
        assert_eq!(repeats["nextPageNo"], 2);
        let (text, _) = read(1, Envelope { result_for_alerts: true, ..all }, None);
        assert!(text.starts_with(r#"{"result":["#));
        let after_last = Envelope { empty_page: Some(4), ..all };
        assert_eq!(read(3, after_last, None).1["nextPage"], true);
        let (_, empty) = read(4, after_last, None);
        assert_eq!((&empty["nextPage"], empty["results"].as_array().map(Vec::len)), (&true.into(), Some(0)));
    }

    #[test]
    fn faults_of_paging_are_carried_out() {
        let all = Envelope { optional: Optional::All, ..Envelope::default() };
        let (_, repeated) = read(3, all, Some(&Fault::RepeatCursor));
        assert_eq!((&repeated["nextPage"], &repeated["nextPageNo"]), (&true.into(), &3.into()));
        let (_, empty) = read(3, all, Some(&Fault::EmptyPageClaimsMore));
        assert_eq!((&empty["nextPage"], empty["results"].as_array().map(Vec::len)), (&true.into(), Some(0)));
        let (text, _) = read(3, all, Some(&Fault::DeepJson { depth: 3 }));
        assert!(text.contains("[[[[]]]]"));
    }
}
