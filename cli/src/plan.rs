//! How long a pull will take on its limit, and why: the same quota that a pull goes through, run ahead in no time.
//! Sends nothing.

use crate::apis::ApiName;
use crate::args::LimitArgs;
use crate::console;
use crate::exit::{Exit, Fault};
use crate::units::{Count, Seconds, parse_duration};
use clap::Args;
use tidegate_core::http::Limits;
use tidegate_core::quota::{Calls, Quota, Reason, Slot, Verdict};
use tidegate_core::time::{Duration, Instant, ServerClock};

/// What is planned.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlanArgs {
    /// API whose usual limit holds, unless --limit says otherwise.
    #[arg(long, value_name = "NAME", value_enum, default_value_t = ApiName::Comanage)]
    pub(crate) api: ApiName,
    /// Pages to pull.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) pages: u64,
    /// From sending a request until its page is read.
    #[arg(long, value_name = "TIME", default_value = "150ms", value_parser = parse_duration)]
    pub(crate) round_trip: Duration,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// Prints the plan.
pub(crate) fn run(args: &PlanArgs) -> Result<Exit, Fault> {
    let plan = plan(args)?;
    for line in plan.lines(args) {
        console::result(line).map_err(|error| Fault::stdout(&error))?;
    }
    Ok(Exit::Complete)
}

/// What a pull alone on its limit comes to.
#[derive(Debug, Default)]
struct Plan {
    time: Duration,
    /// What is waited for, how often and how long.
    waits: Vec<(Reason, u64, Duration)>,
}

fn plan(args: &PlanArgs) -> Result<Plan, Fault> {
    let windows = args.limits.windows(args.api.windows())?;
    // Enough to be exact for most limits, and near enough for the others.
    let slots = vec![Slot::FREE; windows.slots().min(4_096)];
    let mut quota = Quota::new(windows, args.limits.terms(), slots).map_err(Fault::usage)?;
    let (start, clock) = (Instant::ZERO, ServerClock::Unknown);
    quota = if args.limits.unused { quota.unused() } else { quota };
    quota.begin(start);
    let mut plan = Plan::default();
    let mut now = start;
    for _ in 0..args.pages {
        while let Some((until, why)) = quota.opens(Calls::PAGED_READS, &clock, now) {
            plan.wait(why, until.since(now));
            now = until;
        }
        let ticket = quota.take(Calls::PAGED_READS, now, now.after(args.round_trip));
        now = now.after(args.round_trip);
        quota.answered(ticket, now, &clock, Verdict::Admitted, &Limits::default(), None);
    }
    Ok(Plan { time: now.since(start), ..plan })
}

impl Plan {
    fn wait(&mut self, why: Reason, length: Duration) {
        match self.waits.iter_mut().find(|(reason, ..)| *reason == why) {
            Some((_, times, sum)) => (*times, *sum) = (*times + 1, sum.plus(length)),
            None => self.waits.push((why, 1, length)),
        }
    }

    fn lines(&self, args: &PlanArgs) -> Vec<String> {
        let round_trips = args.round_trip.times(args.pages);
        let mut lines = vec![
            format!("pages       {}, one request each", Count(args.pages)),
            format!("time        {}", Seconds(self.time)),
            format!("answers     {}, {} each", Seconds(round_trips), Seconds(args.round_trip)),
        ];
        let waits = self.waits.iter().map(|(why, times, sum)| {
            let times = if *times == 1 { "once".to_owned() } else { format!("{} times", Count(*times)) };
            format!("waits       {}, {times}: {why}", Seconds(*sum))
        });
        lines.extend(waits);
        if !args.limits.unused {
            lines.push(
                "            the first of it for what an earlier pull may have used up (--unused)".to_owned(),
            );
        }
        lines.push("            if nobody else uses the limit; others make it longer".to_owned());
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Cli, Command};
    use clap::Parser as _;

    fn lines(arguments: &[&str]) -> Vec<String> {
        let cli = Cli::try_parse_from(["tidegate", "plan"].iter().chain(arguments)).unwrap();
        let Some(Command::Plan(args)) = cli.command else { panic!() };
        plan(&args).unwrap_or_else(|_| panic!("{arguments:?}")).lines(&args)
    }

    #[test]
    fn a_plan_says_how_long_and_why() {
        let said = lines(&["--pages", "1000", "--unused"]);
        assert_eq!(
            said[1], "time        272 s",
            "four windows of 60.25 s and a round trip, and 200 round trips"
        );
        assert_eq!(said[3], "waits       122 s, 4 times: the limit of 200 requests in 60s is used up");
    }

    #[test]
    fn an_api_is_planned_on_its_own_windows() {
        let said = |api| lines(&["--pages", "500", "--round-trip", "10ms", "--unused", "--api", api]);
        let kontent = said("kontent");
        assert!(kontent.iter().any(|line| line.contains("10 requests in 1s")), "{kontent:?}");
        assert!(kontent.iter().any(|line| line.contains("400 requests in 60s")), "{kontent:?}");
        assert!(said("opsramp").iter().any(|line| line.contains("50 requests in 60s")));
        assert!(!said("coredata").iter().any(|line| line.starts_with("waits")));
    }

    #[test]
    fn what_an_earlier_pull_may_have_used_up_is_waited_for_first() {
        let said = lines(&["--pages", "1"]);
        assert_eq!(said[1], "time        61 s");
        assert!(said.iter().any(|line| line.contains("--unused")), "{said:?}");
    }

    #[test]
    fn a_part_of_the_limit_takes_longer_and_an_even_pace_does_not() {
        let time =
            |arguments: &[&str]| lines(&[&["--pages", "400", "--unused"], arguments].concat())[1].clone();
        assert_eq!(time(&[]), "time        91 s");
        assert_eq!(time(&["--share", "1/2"]), "time        197 s");
        assert_eq!(time(&["--reserve", "100"]), "time        197 s");
        assert_eq!(time(&["--pace", "even"]), "time        121 s");
    }
}
