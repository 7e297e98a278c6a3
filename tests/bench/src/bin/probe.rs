use tidegate_bench::limits::{client::Strategy, others::Load, run::{Case, run}, server::Kind};
use tidegate_core::quota::Sharing;
fn main() {
    for kind in Kind::UNEVEN { for strategy in [Strategy::Line, Strategy::Oracle, Strategy::Tidegate(Sharing::Fair)] {
        let case = Case { kind, load: Load::Alone, strategy, pages: 1000 };
        let mut hist = std::collections::BTreeMap::new(); let mut time = 0; let mut bad = vec![];
        for seed in (1u64<<42)..(1u64<<42)+300 { let o = run(&case, seed, true); *hist.entry(o.rejected).or_insert(0)+=1; time += o.time; if o.rejected > 1 && matches!(strategy, Strategy::Tidegate(_)) && bad.len() < 3 { bad.push((seed, o)); } }
        println!("{kind:?} {strategy:?} {} {:?}", time/300, if hist.len() < 12 { format!("{hist:?}") } else { "many".into() });
        for (seed, o) in bad { println!("  seed {seed} windows {:?}", &o.windows[..o.windows.len().min(6)]); let rej: Vec<_> = o.arrivals.iter().enumerate().filter(|(_, a)| !a.2).map(|(i, a)| (i, a.0)).collect(); println!("  {:?}", &rej[..rej.len().min(8)]);
 for (i, at) in rej.iter().take(3) { let at = *at as i64; let w = *o.windows.iter().filter(|w| **w <= at).last().unwrap(); let count = |a: i64, b: i64| o.arrivals[..*i].iter().filter(|x| x.2 && (x.0 as i64) >= a && (x.0 as i64) < b).count(); let p = count(w - 60000, w); let c = count(w, at); println!("   at {at}: e {} before {p} cur {c} est {:.1}; last 60: {}", at - w, p as f64 * (60000 - (at - w)) as f64 / 60000.0 + c as f64, count(at-60000, at)); } }
    }}
}
