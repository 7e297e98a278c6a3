//! A picture of requests against windows over time: one row a strategy, on the same server beside the same others.

use super::client::Strategy;
use super::others::Load;
use super::run::{Case, Outcome, run};
use super::server::Kind;
use std::fmt::Write as _;
use tidegate_core::quota::Sharing;

const ROWS: [Strategy; 7] = [
    Strategy::Jitter,
    Strategy::Cubic,
    Strategy::Governor,
    Strategy::LogAndWindow,
    Strategy::Tidegate(Sharing::Greedy),
    Strategy::Tidegate(Sharing::Fair),
    Strategy::Tidegate(Sharing::Polite),
];
const CASE: Case =
    Case { kind: Kind::Partition, load: Load::Poisson(100), strategy: Strategy::Oracle, pages: 1_500 };
const SEED: u64 = 4;
const SECONDS: usize = 480;
const LEFT: usize = 150;
const SECOND: usize = 2;
const TOP: usize = 96;
const ROW: usize = 84;
const UP: usize = 48;

/// The picture as SVG.
pub fn svg() -> String {
    let (width, height) = (LEFT + SECONDS * SECOND + 24, TOP + ROWS.len() * ROW + 36);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"17\" font-weight=\"bold\">Requests against the windows of a limit</text>\n\
         <text x=\"16\" y=\"46\" fill=\"#555\">200 in 60 s, shared with others who ask 100 times a minute, on a server as \
         ASP.NET Core has it. Shades are the server's windows; nobody tells the client when they begin.</text>\n"
    );
    let legend = [
        ("#2867b2", "own requests let in, by the second"),
        ("#c62828", "own rejected"),
        ("#e69138", "others rejected"),
    ];
    for (number, (color, text)) in legend.into_iter().enumerate() {
        let x = 16 + number * 250;
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"62\" width=\"12\" height=\"12\" fill=\"{color}\"/><text x=\"{}\" y=\"72\">{text}</text>",
            x + 18
        );
    }
    for (number, strategy) in ROWS.into_iter().enumerate() {
        row(&mut svg, TOP + number * ROW, strategy);
    }
    let base = TOP + ROWS.len() * ROW + 14;
    for minute in 0..=SECONDS / 60 {
        let x = LEFT + minute * 60 * SECOND;
        let _ = writeln!(
            svg,
            "<text x=\"{x}\" y=\"{base}\" text-anchor=\"middle\" fill=\"#555\">{minute} min</text>"
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn row(svg: &mut String, top: usize, strategy: Strategy) {
    let outcome = run(&Case { strategy, ..CASE }, SEED, true);
    let middle = top + UP;
    shade_windows(svg, top, &outcome);
    let name = strategy.name().trim_matches('*');
    let weight = if matches!(strategy, Strategy::Tidegate(_)) { "bold" } else { "normal" };
    let others = 100.0 * f64::from(outcome.others_rejected) / f64::from(outcome.others.max(1));
    let _ = writeln!(
        svg,
        "<text x=\"16\" y=\"{}\" font-weight=\"{weight}\">{name}</text>\n\
         <text x=\"16\" y=\"{}\" fill=\"#555\" font-size=\"11\">1,500 pages in {} s</text>\n\
         <text x=\"16\" y=\"{}\" fill=\"#555\" font-size=\"11\">{} own rejections</text>\n\
         <text x=\"16\" y=\"{}\" fill=\"#555\" font-size=\"11\">{others:.0} % of the others'</text>",
        top + 20,
        top + 36,
        outcome.time / 1_000,
        top + 50,
        outcome.rejected,
        top + 64,
    );
    let mut bins = vec![[0_usize; 3]; SECONDS];
    for (at, is_own, is_admitted) in &outcome.arrivals {
        let kind = match (is_own, is_admitted) {
            (true, true) => 0,
            (true, false) => 1,
            (false, false) => 2,
            (false, true) => continue,
        };
        if let Some(bin) = bins.get_mut((*at / 1_000) as usize) {
            bin[kind] += 1;
        }
    }
    let mut paths = [String::new(), String::new(), String::new()];
    for (second, [admitted, rejected, others]) in bins.into_iter().enumerate() {
        let x = LEFT + second * SECOND;
        let up = (admitted * 5).min(UP);
        let bars =
            [(middle - up, up), (middle + 1, (rejected * 5).min(14)), (middle + 17, (others * 3).min(12))];
        for (path, (y, height)) in paths.iter_mut().zip(bars) {
            if height > 0 {
                let _ = write!(path, "M{x} {y}h{SECOND}v{height}h-{SECOND}z");
            }
        }
    }
    for (path, color) in paths.into_iter().zip(["#2867b2", "#c62828", "#e69138"]) {
        let _ = writeln!(svg, "<path d=\"{path}\" fill=\"{color}\"/>");
    }
    let _ = writeln!(
        svg,
        "<line x1=\"{LEFT}\" y1=\"{middle}\" x2=\"{}\" y2=\"{middle}\" stroke=\"#999\" stroke-width=\"0.5\"/>",
        LEFT + SECONDS * SECOND
    );
}

fn shade_windows(svg: &mut String, top: usize, outcome: &Outcome) {
    let edges: Vec<_> = outcome.windows.iter().map(|at| (*at).clamp(0, SECONDS as i64 * 1_000)).collect();
    for (number, pair) in edges.windows(2).enumerate() {
        let at = |millis: i64| LEFT as f64 + millis as f64 / 1_000.0 * SECOND as f64;
        let (x, width) = (at(pair[0]), at(pair[1]) - at(pair[0]));
        let color = if number % 2 == 0 { "#eef2f7" } else { "#dde5ef" };
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"{}\" fill=\"{color}\"/>",
            ROW - 6
        );
    }
}
