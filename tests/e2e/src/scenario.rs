//! What the simulator serves and what the pull asks for.

use crate::trace::Run;
use crate::virtually::{self, Direct};
use crate::wire::Wire;
use crate::{on_embassy, over_http};
use tidegate_core::Endpoint;
use tidegate_core::api::{Api, comanage};
use tidegate_core::page::Items;
use tidegate_core::pull::Settings;
use tidegate_core::quota::{Terms, Window, Windows};
use tidegate_core::time::{Duration, UnixTime};
use tidegate_simulator::{Config, DEFAULT_KEY, Fault, List, Request, Service, Simulator, Trigger};

/// The wall time at which scenarios begin, a round minute.
pub const START: UnixTime = UnixTime::from_secs(1_800_000_000);

/// The limit that clients and simulator agree on unless a scenario says otherwise: the vendor's default.
pub const WINDOW: Window = comanage::WINDOW;

/// The usual settings, with a seed that is the same in every run.
pub const SETTINGS: Settings = Settings { seed: 1, ..Settings::DEFAULT };

/// What the simulator serves and what the pull asks for. Start from [`Scenario::new`] and name what differs.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What the simulator serves.
    pub config: Config,
    /// The API, as the client knows it.
    pub api: &'static Api,
    /// Which of the first API's lists is pulled.
    pub list: List,
    /// What the pull asks for.
    pub endpoint: Endpoint<'static>,
    /// What the client asks for tokens, if it does.
    pub tokens: Option<Tokens>,
    /// How many ids of items the client remembers.
    pub ids: usize,
    /// What the pull may cost.
    pub settings: Settings,
    /// The limit that the client keeps.
    pub windows: Windows,
    /// What it asks of the limit.
    pub terms: Terms,
    /// The largest item.
    pub item_buffer: usize,
    /// The key that the client sends, or the secret by which it asks for tokens.
    pub key: String,
    /// From sending a request until its answer.
    pub round_trip: Duration,
    /// The wall time at which it begins.
    pub start: UnixTime,
    /// Whenever so many checkpoints were stored, the driver is stopped, and started again with nothing but the latest
    /// checkpoint and what was spent of the windows.
    pub restart_every: Option<usize>,
    /// A pull that fails is started again likewise, up to this many times.
    pub restarts_on_failure: usize,
    /// The size of the pieces in which the virtual driver hands bodies over, and the one over the wire all bytes. Over
    /// HTTP pieces are whatever the network makes of it, and must not matter.
    pub chunk: usize,
    /// Whether the simulator listens with TLS.
    pub tls: bool,
}

/// What a client asks for tokens with.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Where: a path at the simulator's origin, or a whole URL.
    pub url: &'static str,
    /// `client_id`
    pub client_id: &'static str,
    /// One field more.
    pub extra: Option<(&'static str, &'static str)>,
}

impl Tokens {
    /// The whole URL, where the simulator is at `base_url`.
    pub(crate) fn url_at(&self, base_url: &str) -> String {
        if !self.url.starts_with('/') {
            return self.url.to_owned();
        }
        let authority = base_url.find("://").map_or(0, |at| at + 3);
        let end = base_url[authority..].find('/').map_or(base_url.len(), |at| authority + at);
        format!("{}{}", &base_url[..end], self.url)
    }
}

impl Scenario {
    /// Another API, as the client and as the simulator know it, and what is asked of it. The limit is the client's.
    pub fn of(api: &'static Api, service: Service, endpoint: Endpoint<'static>) -> Self {
        let config = Config { service, ..Config::default() };
        Self { api, endpoint, windows: api.windows, ..Self::new(config) }
    }

    /// Pulls the objects of view 42 of a project.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            api: &comanage::API,
            list: List::Objects,
            endpoint: comanage::view_objects("/objects", 42).items_in(Items::Key("objects")),
            tokens: None,
            ids: 0,
            settings: SETTINGS,
            windows: Windows::one(WINDOW),
            terms: Terms::DEFAULT,
            item_buffer: 256 << 10,
            key: DEFAULT_KEY.to_owned(),
            round_trip: Duration::from_millis(40),
            start: START,
            restart_every: None,
            restarts_on_failure: 0,
            chunk: 1024,
            tls: false,
        }
    }

    /// What the client's base URL has behind the origin.
    pub(crate) fn base_path(&self) -> &str {
        match &self.config.service {
            Service::Comanage => &self.config.base_path,
            Service::Kontent(config) => &config.base_path,
            Service::OpsRamp(_) => "/api/v2",
            Service::CoreData(config) => &config.base_path,
            Service::Frends(_) => "/api/v1",
            Service::Custom(_) => "",
            Service::Scripted(script) => script.base_path(),
        }
    }

    /// Three short pages, and faults.
    pub fn three_pages(faults: impl IntoIterator<Item = (Trigger, Fault)>) -> Self {
        let faults = faults.into_iter().collect();
        Self::new(Config { items: 12, page_size: 4, faults, ..Config::default() })
    }

    /// Runs it through every driver, and checks that they did the same.
    ///
    /// # Panics
    ///
    /// If they did not.
    pub fn run_everywhere(&self) -> Run {
        let virtually = self.run_virtually();
        virtually.assert_same(&self.run_over_http(), "the one over HTTP");
        virtually.assert_same(&self.run_on_embassy(), "the one of embassy");
        virtually
    }

    /// Runs it through every driver, checks that they did the same, and gives what each did by its name: what they show to
    /// people is worded differently.
    ///
    /// # Panics
    ///
    /// If they did not do the same.
    pub fn run_on_each(&self) -> Vec<(&'static str, Run)> {
        let runs = vec![
            ("the virtual driver", virtually::run::<Direct>(self)),
            ("the one over the wire", virtually::run::<Wire>(self)),
            ("the one of embassy, in memory", on_embassy::run_in_memory(self)),
            ("the one over HTTP", self.run_over_http()),
            ("the one of embassy", self.run_on_embassy()),
        ];
        if let [(_, first), others @ ..] = runs.as_slice() {
            others.iter().for_each(|(name, run)| first.assert_same(run, name));
        }
        runs
    }

    /// The lengths in bytes, head included, of the answers that an undisturbed run gets.
    pub fn answer_lengths(&self) -> Vec<u64> {
        let undisturbed =
            Self { config: Config { faults: Vec::new(), ..self.config.clone() }, ..self.clone() };
        let mut simulator = Simulator::new(undisturbed.config.clone());
        let key = [("x-api-key".to_owned(), undisturbed.key.clone())];
        let answer = |target: &str| {
            let request = Request { method: "GET", target, fields: &key, body: &[] };
            simulator.answer(START.as_millis(), &request).wire_bytes().len() as u64
        };
        undisturbed.run_virtually().targets().into_iter().map(answer).collect()
    }

    /// Runs it through the virtual-clock driver, without and with the bytes of a wire in between, and through
    /// `tidegate-embassy` on the same bytes, and checks that this makes no difference.
    ///
    /// # Panics
    ///
    /// If it does.
    pub fn run_virtually(&self) -> Run {
        let directly = virtually::run::<Direct>(self);
        let over_the_wire = virtually::run::<Wire>(self);
        directly.assert_same(&over_the_wire, "the one over the wire");
        directly.assert_same(&on_embassy::run_in_memory(self), "the one of embassy, in memory");
        directly
    }

    /// Runs it through `tidegate-std`, over HTTP on loopback.
    pub fn run_over_http(&self) -> Run {
        over_http::run(self)
    }

    /// Runs it through `tidegate-embassy`, over HTTP on loopback.
    pub fn run_on_embassy(&self) -> Run {
        on_embassy::run_over_sockets(self)
    }

    /// Checks that a run ended with everything.
    ///
    /// # Panics
    ///
    /// If it did not.
    pub fn assert_complete(&self, run: &Run) {
        let ended = run.end().map(|(outcome, _)| outcome);
        assert!(ended.is_some_and(|outcome| outcome.is_complete()), "{ended:?}");
        let simulator = Simulator::new(self.config.clone());
        let expected = match self.config.service {
            Service::Comanage => Some(simulator.digest(self.list)),
            // The first target may be a token's.
            _ => run.targets().iter().find_map(|target| simulator.digest_of(target)),
        };
        assert_eq!(Some(run.digest()), expected);
    }
}
