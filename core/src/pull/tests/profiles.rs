//! The engines that the tests pull with: able to do everything, or, where `tidegate_narrow` stands for a small device, no more than
//! what is pulled needs. So what a test promises holds in both.

use super::invented;
use super::world::LIST;
use crate::api::{Api, Endpoint, Project, comanage, coredata, kontent};
use crate::http::{DateForm, Method, Parameter};
use crate::profile::{Capabilities, Everything, Profile};
use crate::pull::{Pull, PullError, Settings};
use crate::quota::{LimiterKind, Window, Windows};
use crate::time::{Duration, UnixTime};

/// Names an engine that is able to do this, or everything.
macro_rules! engine {
    ($(#[$says:meta])* $name:ident, $capabilities:expr) => {
        $(#[$says])*
        pub(super) enum $name {}

        impl Profile for $name {
            const CAPABILITIES: Capabilities =
                if cfg!(tidegate_narrow) { $capabilities } else { Capabilities::ALL };
        }
    };
}

engine!(
    /// For objects of CoManage.
    Objects, for_lists_of(&comanage::API, &[LIST])
);
engine!(
    /// For contacts of CoreData.
    Contacts, for_lists_of(&coredata::API, &[coredata::list("/contacts/")])
);
engine!(
    /// For all that the invented API has.
    Invented,
    for_lists_of(&invented::API, &[invented::LIST, invented::WRITE, Endpoint::download("/file")])
);

/// What these need. Many tests of them are about the limit.
const fn for_lists_of(api: &Api, mut endpoints: &[Endpoint<'static>]) -> Capabilities {
    let mut capabilities = Capabilities::of(api).learning();
    while let [endpoint, others @ ..] = endpoints {
        (capabilities, endpoints) = (capabilities.and(endpoint), others);
    }
    Capabilities { limit_fields: true, ..capabilities }
}

/// An engine for lists of an API that grants tokens, paged in one way.
macro_rules! paged {
    ($name:ident, $($way:ident)?) => {
        pub(super) enum $name {}

        impl Profile for $name {
            const CAPABILITIES: Capabilities =
                Capabilities { tokens: true, ids: true, $($way: true,)? ..Capabilities::LEAST.learning() };
        }
    };
}

paged!(ByKey,);
paged!(ByToken, by_token);
paged!(ByPage, by_page);
paged!(ByOffset, by_offset);

#[test]
fn an_engine_learns_how_a_server_counts_unless_its_api_says_so() {
    assert!(!Capabilities::of(&comanage::API).learning, "fixed windows");
    assert!(Capabilities::of(&kontent::API).learning, "windows of no named kind");
    assert!(Capabilities::of(&comanage::API).learning().learning);
    const OWN: Api = Api { windows: Windows::one(Window::new(20, Duration::from_secs(60))), ..comanage::API };
    const BUCKET: Api = Api {
        windows: Windows::one(comanage::WINDOW.kind(LimiterKind::Bucket { burst: 5 })),
        ..comanage::API
    };
    assert!(Capabilities::of(&OWN).learning);
    let bucket = Capabilities::of(&BUCKET);
    assert!(bucket.even && !bucket.learning);
}

#[test]
fn one_window_of_three_is_enough_for_an_engine_to_need_what_it_wants() {
    let fixed = comanage::WINDOW;
    let kinds = [(LimiterKind::Unknown, true), (LimiterKind::Counter, false)];
    for (kind, learns) in kinds {
        let odd = fixed.kind(kind);
        for windows in [
            Windows::three(odd, fixed, fixed),
            Windows::three(fixed, odd, fixed),
            Windows::three(fixed, fixed, odd),
        ] {
            let needs = Capabilities::of(&Api { windows, ..comanage::API });
            assert!(needs.even && needs.learning == learns, "{windows:?}");
        }
    }
}

#[test]
fn an_engine_pulls_what_it_was_made_for_and_nothing_else() {
    enum ObjectsAlone {}
    impl Profile for ObjectsAlone {
        const CAPABILITIES: Capabilities = Capabilities::of(&comanage::API).and(&LIST);
    }
    fn begins<P: Profile>(project: &Project<'_>, endpoint: &Endpoint<'_>) -> Result<(), PullError> {
        Pull::<P>::with_profile(project, endpoint, &Settings::DEFAULT, &mut [], None).map(|_| ())
    }
    let objects = Project::new(&comanage::API, "https://api.example", "key").unwrap();
    let contacts = Project::new(&coredata::API, "https://api.example", "user:key").unwrap();
    let lacks = Err(PullError::NotInProfile);
    assert_eq!(begins::<ObjectsAlone>(&objects, &LIST), Ok(()));
    assert_eq!(begins::<ObjectsAlone>(&contacts, &LIST), Ok(()), "it needs nothing else");
    assert_eq!(begins::<ObjectsAlone>(&contacts, &coredata::list("/contacts/")), lacks);
    // The list is by key, and the API grants tokens.
    assert_eq!(begins::<ObjectsAlone>(&invented::project(), &LIST), lacks);
    let since = Parameter::Date(UnixTime::from_secs(0), DateForm::Utc);
    for endpoint in [
        invented::LIST,
        invented::WRITE,
        LIST.known_by("id"),
        LIST.with("since", since),
        Endpoint::call(Method::Get, "/x"),
        Endpoint::download("/file"),
    ] {
        assert_eq!(begins::<ObjectsAlone>(&objects, &endpoint), lacks, "{endpoint}");
        assert_eq!(begins::<Everything>(&objects, &endpoint), Ok(()), "{endpoint}");
    }
}
