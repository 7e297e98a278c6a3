//! What can be made to go wrong, and on which requests. Faults of the wire break off or garble whatever response is
//! due, a rejection as well as a page. Faults of the content take the place of a page or change it, and so apply only to
//! a request that maintenance, key and counter have let pass. `Trigger::Page` and the faults of a page's own making, from
//! `DeepJson` on, are CoManage's: other services never meet the one and answer as ever to the others, but that OpsRamp and
//! Frends carry out `DeepJson`, `RepeatCursor` and `EmptyPageClaimsMore`, the last without the page's items.

/// On which requests a fault is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The n-th request to arrive, from 1, whatever it is.
    Request(u64),
    /// Every n-th request to arrive.
    Every(u64),
    /// The first `times` requests that ask, of any list, for the page after this key (`None`: for the first page) and
    /// are let pass. A rejected request uses up none of them.
    Page {
        /// The `afterId` asked for.
        after: Option<i64>,
        /// How often.
        times: u32,
    },
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed after so many bytes of the response, its head included.
    CutWire {
        /// Bytes of the whole response that are sent.
        at: u64,
    },
    /// The connection is closed after so many bytes of the body.
    Cut {
        /// Body bytes that are sent.
        at: u64,
    },
    /// The connection is reset after so many bytes of the body. On a socket a reset overtakes what is still on its way,
    /// so a client that is slow to read a large body may get less.
    Reset {
        /// Body bytes that are sent.
        at: u64,
    },
    /// After so many bytes of the body nothing more comes, but the connection stays.
    Stall {
        /// Body bytes that are sent.
        at: u64,
    },
    /// Not even a head comes, but the connection stays.
    StallBeforeHead,
    /// From this byte of the body on, pseudo-random bytes of the same number.
    Garbage {
        /// The first garbled byte.
        at: u64,
    },
    /// `Content-Length` is wrong by so much, whatever the framing was to be. Too large, and the connection is closed
    /// where the body really ends; too small, and what is over follows on the connection.
    WrongLength {
        /// Added to the true length.
        by: i64,
    },
    /// The response has one more field, with a value of so many bytes.
    LongHead {
        /// Length of the value.
        bytes: u32,
    },
    /// Another status instead of the page.
    Status {
        /// The status code.
        status: u16,
        /// What comes with it.
        body: ErrorBody,
    },
    /// A redirect instead of the page.
    Redirect {
        /// The status code, such as 302.
        status: u16,
        /// The `Location`.
        location: String,
    },
    /// A rejection out of the blue, as if others had used the quota. The counter is not touched.
    RejectLimit,
    /// Status 200 with a page of HTML.
    NotJson,
    /// A page whose only item is an array nested so deep.
    DeepJson {
        /// How many arrays inside each other.
        depth: u32,
    },
    /// `nextPageKey` is the key that was asked for; no effect where none was.
    RepeatCursor,
    /// `nextPageKey` is this key, whatever follows.
    CycleCursor {
        /// The key.
        to: i64,
    },
    /// No items, but a `nextPageKey` below the next item's id, so that who goes on loses nothing.
    EmptyPageClaimsMore,
}

/// The body of an error that is not the vendor's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorBody {
    /// Problem Details.
    Problem,
    /// A page of HTML, as proxies send it.
    Html,
    /// Nothing.
    Empty,
    /// Some KB of plain text.
    Traceback,
    /// JSON that is not Problem Details.
    JsonOther,
}

/// The faults still to come.
#[derive(Clone, Debug)]
pub(crate) struct FaultPlan(Vec<(Trigger, Fault)>);

/// A fault that matches a request.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    place: usize,
    pub(crate) fault: Fault,
    by_page: bool,
}

impl Hit {
    /// Whether it is carried out on a request that maintenance, key or counter refused: a fault of the wire may, unless
    /// it waits for a page; a rejection out of the blue is the refusal itself.
    pub(crate) fn holds_for_refusal(&self, status: u16) -> bool {
        match self.fault {
            Fault::CutWire { .. }
            | Fault::Cut { .. }
            | Fault::Reset { .. }
            | Fault::Stall { .. }
            | Fault::StallBeforeHead
            | Fault::Garbage { .. }
            | Fault::WrongLength { .. }
            | Fault::LongHead { .. } => !self.by_page,
            Fault::RejectLimit => status == 429,
            Fault::Status { .. }
            | Fault::Redirect { .. }
            | Fault::NotJson
            | Fault::DeepJson { .. }
            | Fault::RepeatCursor
            | Fault::CycleCursor { .. }
            | Fault::EmptyPageClaimsMore => false,
        }
    }
}

impl FaultPlan {
    pub(crate) fn new(faults: Vec<(Trigger, Fault)>) -> Self {
        Self(faults)
    }

    pub(crate) fn push(&mut self, trigger: Trigger, fault: Fault) {
        self.0.push((trigger, fault));
    }

    /// The first fault for the request that came as number `arrival` and asks for `cursor`, if it asks for a page.
    pub(crate) fn find(&self, arrival: u64, cursor: Option<Option<i64>>) -> Option<Hit> {
        let matches = |trigger: &Trigger| match *trigger {
            Trigger::Request(number) => arrival == number,
            Trigger::Every(step) => step > 0 && arrival.is_multiple_of(step),
            Trigger::Page { after, times } => times > 0 && cursor == Some(after),
        };
        let place = self.0.iter().position(|(trigger, _)| matches(trigger))?;
        let (trigger, fault) = &self.0[place];
        let by_page = matches!(trigger, Trigger::Page { .. });
        Some(Hit { place, fault: fault.clone(), by_page })
    }

    /// The fault was carried out.
    pub(crate) fn spend(&mut self, hit: &Hit) {
        if let Some((Trigger::Page { times, .. }, _)) = self.0.get_mut(hit.place) {
            *times = times.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trigger_matches_its_requests_and_no_others() {
        let page = Some(Some(7));
        let cases = [
            (Trigger::Request(3), 3, page, true),
            (Trigger::Request(3), 4, page, false),
            (Trigger::Every(3), 6, None, true),
            (Trigger::Every(3), 7, None, false),
            (Trigger::Every(0), 7, None, false),
            (Trigger::Page { after: Some(7), times: 1 }, 1, page, true),
            (Trigger::Page { after: None, times: 1 }, 1, Some(None), true),
            (Trigger::Page { after: None, times: 1 }, 1, None, false),
            (Trigger::Page { after: Some(7), times: 0 }, 1, page, false),
        ];
        for (trigger, arrival, cursor, expected) in cases {
            let plan = FaultPlan::new(vec![(trigger, Fault::NotJson)]);
            assert_eq!(plan.find(arrival, cursor).is_some(), expected, "{trigger:?} {arrival} {cursor:?}");
        }
    }

    #[test]
    fn a_page_fault_is_used_up_and_gives_way_to_the_next() {
        let page = Trigger::Page { after: None, times: 2 };
        let mut plan = FaultPlan::new(vec![(page, Fault::NotJson), (Trigger::Every(1), Fault::RejectLimit)]);
        let mut seen = Vec::new();
        for arrival in 1..=3 {
            let hit = plan.find(arrival, Some(None)).expect("a fault for each");
            plan.spend(&hit);
            seen.push(hit.fault);
        }
        assert_eq!(seen, [Fault::NotJson, Fault::NotJson, Fault::RejectLimit]);
    }
}
