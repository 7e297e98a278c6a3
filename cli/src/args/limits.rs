//! The limit of an API as it is given on the command line, and how much of it is taken.

use crate::exit::Fault;
use crate::units::parse_duration;
use clap::{Args, ValueEnum};
use tidegate_core::quota::{Pace, Sharing, Terms, Window, Windows};
use tidegate_core::time::Duration;

/// The limit, and how much of it to take.
#[derive(Clone, Debug, Args)]
pub(crate) struct LimitArgs {
    /// Requests that the server admits in one window, if that is not the API's usual limit. Given several times, each
    /// goes with the --window in its place: all of them apply, such as 10 in 1s and 400 in 60s.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) limit: Vec<u32>,
    /// Length of that window.
    #[arg(long, value_name = "TIME", value_parser = parse_window)]
    pub(crate) window: Vec<Duration>,
    /// Keep to a fixed part of the limit, such as 1/4: for several devices that share it without knowing of each other.
    #[arg(long, value_name = "PART/OF", default_value = "1/1", value_parser = parse_share)]
    pub(crate) share: (u32, u32),
    /// Never use the last N requests of a window: they are for others.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) reserve: u32,
    /// How much to leave to others, once a rejection shows that there are some.
    #[arg(long, value_name = "HOW", value_enum, default_value_t = SharingArg::Fair)]
    pub(crate) sharing: SharingArg,
    /// How to spread requests over a window.
    #[arg(long, value_name = "HOW", value_enum, default_value_t = PaceArg::Burst)]
    pub(crate) pace: PaceArg,
    /// Begin at once: nothing was sent to this project for a whole window. Without this a pull that has no state yet
    /// waits for a window first, which an earlier one may have used up.
    #[arg(long)]
    pub(crate) unused: bool,
}

impl LimitArgs {
    /// The windows, or the part of them: those that are given, else the API's usual ones. Where it has one only, half of
    /// one may be given.
    pub(crate) fn windows(&self, usual: Windows) -> Result<Windows, Fault> {
        let (part, of) = self.share;
        let mut known = usual.iter();
        let only = known.next().filter(|_| known.next().is_none());
        let windows = match (self.limit.as_slice(), self.window.as_slice(), only) {
            ([], [], _) => usual,
            ([limit], [], Some(only)) => Windows::one(Window::new(*limit, only.period)),
            ([], [period], Some(only)) => Windows::one(Window::new(only.limit, *period)),
            (limits, periods, _) if limits.len() == periods.len() => together(limits, periods)?,
            _ => {
                return Err(Fault::usage(
                    "--limit and --window go together: so many requests in so long, as often as there are windows",
                ));
            }
        };
        Ok(windows.share(part, of))
    }

    /// What is asked of it.
    pub(crate) fn terms(&self) -> Terms {
        Terms { sharing: self.sharing.into(), reserve: self.reserve, pace: self.pace.into() }
    }
}

/// Windows that all apply.
fn together(limits: &[u32], periods: &[Duration]) -> Result<Windows, Fault> {
    let mut windows = limits.iter().zip(periods).map(|(limit, period)| Window::new(*limit, *period));
    match (windows.next(), windows.next(), windows.next(), windows.next()) {
        (Some(first), None, ..) => Ok(Windows::one(first)),
        (Some(first), Some(second), None, _) => Ok(Windows::two(first, second)),
        (Some(first), Some(second), Some(third), None) => Ok(Windows::three(first, second, third)),
        _ => Err(Fault::usage(format_args!("there may be {} windows at the most", Windows::CAPACITY))),
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SharingArg {
    /// Nothing: everything that is free is taken.
    Greedy,
    /// A tenth at every rejection, and try to get it back.
    Fair,
    /// A quarter at every rejection, and take it back slowly.
    Polite,
}

impl From<SharingArg> for Sharing {
    fn from(sharing: SharingArg) -> Self {
        match sharing {
            SharingArg::Greedy => Self::Greedy,
            SharingArg::Fair => Self::Fair,
            SharingArg::Polite => Self::Polite,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PaceArg {
    /// As soon as the limit allows.
    Burst,
    /// At even distances.
    Even,
}

impl From<PaceArg> for Pace {
    fn from(pace: PaceArg) -> Self {
        match pace {
            PaceArg::Burst => Self::Burst,
            PaceArg::Even => Self::Even,
        }
    }
}

fn parse_share(text: &str) -> Result<(u32, u32), String> {
    let numbers = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
    match numbers {
        Some((part, of)) if part >= 1 && part <= of => Ok((part, of)),
        _ => Err("write which part of how many: 1/4 is one of four devices".to_owned()),
    }
}

fn parse_window(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("a window lasts some time".to_owned()),
        window => Ok(window),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use tidegate_core::api::{comanage, coredata, kontent};

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        limits: LimitArgs,
    }

    /// The windows as they are shown, or the sentence that refuses them.
    fn windows(arguments: &[&str], usual: Windows) -> Result<Vec<String>, String> {
        let line = Line::try_parse_from(["x"].iter().chain(arguments)).unwrap();
        let windows = line.limits.windows(usual).map_err(|fault| fault.sentence.unwrap_or_default())?;
        Ok(windows.iter().map(|window| window.to_string()).collect())
    }

    #[test]
    fn an_api_keeps_its_own_windows_unless_others_are_given() {
        let (one, two, none) = (comanage::API.windows, kontent::API.windows, coredata::API.windows);
        let table: [(&[&str], Windows, &[&str]); 8] = [
            (&[], one, &["200 requests in 60s"]),
            (&[], two, &["10 requests in 1s", "400 requests in 60s"]),
            (&[], none, &[]),
            (&["--limit", "20"], one, &["20 requests in 60s"]),
            (&["--window", "3s"], one, &["200 requests in 3s"]),
            (&["--limit", "20", "--window", "3s"], none, &["20 requests in 3s"]),
            (
                &["--limit", "20", "--limit", "800", "--window", "1s", "--window", "60s"],
                two,
                &["20 requests in 1s", "800 requests in 60s"],
            ),
            (&["--share", "1/2"], two, &["5 requests in 1s", "200 requests in 60s"]),
        ];
        for (arguments, usual, expected) in table {
            let expected = expected.iter().map(|window| (*window).to_owned()).collect();
            assert_eq!(windows(arguments, usual), Ok(expected), "{arguments:?}");
        }
    }

    #[test]
    fn half_a_window_is_refused_where_the_other_half_is_not_known() {
        let table: [(&[&str], Windows); 4] = [
            (&["--limit", "20"], kontent::API.windows),
            (&["--window", "3s"], coredata::API.windows),
            (&["--limit", "20", "--limit", "30", "--window", "3s"], comanage::API.windows),
            (&["--limit", "20", "--limit", "30"], comanage::API.windows),
        ];
        for (arguments, usual) in table {
            let refused = windows(arguments, usual).expect_err("half of it is missing");
            assert!(refused.contains("go together"), "{arguments:?}: {refused}");
        }
        let four = ["--limit", "1", "--window", "1s"].repeat(4);
        assert!(windows(&four, comanage::API.windows).unwrap_err().contains("3 windows at the most"));
    }
}
