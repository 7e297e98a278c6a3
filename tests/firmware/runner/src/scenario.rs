//! What a scenario is, and how one is played: a simulator of its own on a free port, an image that is booted until it
//! says that it is done, and a judge over all that it told.

use std::sync::{Arc, Mutex, PoisonError};

use fastrand::Rng;
use tidegate_simulator::{Config, Server, ServerOptions, Simulator, Stats, TlsIdentity};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use crate::board::{Board, Clock, End, Ended, argument, file_argument};
use crate::measures::Measures;

/// Where the board sees the host's loopback.
const HOST: &str = "10.0.2.2";

/// More boots than any scenario needs that gets anywhere.
const BOOTS: usize = 1_000;

/// The board's exit codes, as its `host` room has them.
pub(crate) mod exit_code {
    pub(crate) const DONE: i32 = 0;
    pub(crate) const STOPPED: i32 = 101;
    pub(crate) const FAULT: i32 = 102;
    /// The board has lost its power, as the arguments wanted it.
    pub(crate) const POWER_CUT: i32 = 103;
}

/// One thing to be tried.
pub(crate) struct Scenario {
    /// What holds if it goes well.
    pub(crate) name: &'static str,
    /// The program that runs on the board.
    pub(crate) image: &'static str,
    /// What the simulator serves.
    pub(crate) config: fn() -> Config,
    /// What the image is told besides `port`.
    pub(crate) arguments: &'static [(&'static str, &'static str)],
    pub(crate) clock: Clock,
    pub(crate) power: Power,
    /// How the image ends when it has power for long enough.
    pub(crate) exit: i32,
    /// A line for the report, or what is wrong.
    pub(crate) judge: fn(&Told) -> Result<String, String>,
}

/// When the board has power. It is cut by what the board has done: a busy host takes longer, and changes nothing. The image gets `flash=` and is booted again until it ends by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Power {
    /// Always.
    Steady,
    /// Cut after a random number of changes to the flash, at the most so many.
    CutWithinWrites(u32),
    /// Cut after a random number of bytes that came from the network, at the most so many.
    CutWithinReceived(u32),
    /// QEMU is killed after a random number of lines, at the most so many.
    CutWithinLines(usize),
}

impl Scenario {
    fn speaks_tls(&self) -> bool {
        self.image.starts_with("https")
    }
}

/// What is known when a scenario has been played.
pub(crate) struct Told {
    pub(crate) config: Config,
    pub(crate) stats: Stats,
    /// Each boot's; the last one ended as the scenario says.
    pub(crate) boots: Vec<Ended>,
}

impl Told {
    /// The boot that came to its end.
    pub(crate) fn last(&self) -> Result<&Ended, String> {
        self.boots.last().ok_or_else(|| "never booted".to_owned())
    }
}

/// Plays a scenario. An error says what went wrong.
pub(crate) async fn play(
    board: &Board,
    scenario: &Scenario,
    measures: &mut Measures,
) -> Result<String, String> {
    let config = (scenario.config)();
    let simulator = Arc::new(Mutex::new(Simulator::new(config.clone())));
    let mut arguments = Vec::new();
    let tls = match scenario.speaks_tls() {
        true => Some(identity(board, &mut arguments).map_err(|error| format!("no certificate: {error}"))?),
        false => None,
    };
    let server = Server::start(Arc::clone(&simulator), ServerOptions { tls, ..ServerOptions::default() })
        .await
        .map_err(|error| format!("the simulator does not start: {error}"))?;
    arguments.push(argument("port", server.addr().port()));
    arguments.extend(scenario.arguments.iter().map(|(key, value)| argument(key, value)));

    let boots = boot_until_done(board, scenario, arguments)
        .await
        .map_err(|error| format!("QEMU does not run (tests/firmware/setup): {error}"))?;
    server.stop().await;
    if boots.last().and_then(Ended::exit) != Some(scenario.exit) {
        let report = boots.last().map(Ended::report).unwrap_or_default();
        return Err(format!("boot {} did not exit with {}: {report}", boots.len(), scenario.exit));
    }
    let stats = simulator.lock().unwrap_or_else(PoisonError::into_inner).stats();
    let told = Told { config, stats, boots };
    let judged = (scenario.judge)(&told).and_then(|told_well| {
        measures.take(scenario.image, told.last()?)?;
        Ok(told_well)
    });
    judged.map_err(|why| match told.boots.last() {
        Some(last) => format!("{why}; boot {}: {}", told.boots.len(), last.report()),
        None => why,
    })
}

/// An identity for the host as the board sees it, and a file with the authority that vouches for it.
fn identity(board: &Board, arguments: &mut Vec<String>) -> std::io::Result<TlsIdentity> {
    let (authority, identity) = TlsIdentity::generate(&[HOST])?;
    let authority = CertificateDer::from_pem_slice(authority.as_bytes()).map_err(std::io::Error::other)?;
    arguments.push(file_argument("root", &board.new_file("authority", &authority)?));
    arguments.push(argument("scheme", "https"));
    Ok(identity)
}

/// Boots until the image ends in a way that is no power cut.
async fn boot_until_done(
    board: &Board,
    scenario: &Scenario,
    mut arguments: Vec<String>,
) -> std::io::Result<Vec<Ended>> {
    if !matches!(scenario.power, Power::Steady) {
        arguments.push(file_argument("flash", &board.new_flash(scenario.name)?));
    }
    // The same cuts each time.
    let mut random = Rng::with_seed(1);
    let mut boots = Vec::new();
    while boots.len() < BOOTS {
        let boot = |more: Option<String>| {
            let all: Vec<_> = arguments.iter().cloned().chain(more).collect();
            board.boot(scenario.image, scenario.clock, &all)
        };
        let running = match scenario.power {
            Power::Steady => boot(None)?,
            Power::CutWithinWrites(most) => boot(Some(argument("cut", random.u32(1..=most))))?,
            Power::CutWithinReceived(most) => boot(Some(argument("cut_received", random.u32(1..=most))))?,
            Power::CutWithinLines(most) => boot(None)?.kill_at_line(random.usize(1..=most)),
        };
        let ended = running.wait().await?;
        let was_cut = ended.end == End::Killed || ended.exit() == Some(exit_code::POWER_CUT);
        boots.push(ended);
        if !was_cut {
            break;
        }
    }
    Ok(boots)
}
