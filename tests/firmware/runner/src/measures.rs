//! What the images took of the board, and what they may: `budgets.txt` has the columns.

use std::collections::BTreeMap;
use std::fmt;

use crate::board::Ended;

const BUDGETS: &str = include_str!("../../budgets.txt");

/// The most that any scenario of an image took, by the budgets' columns.
#[derive(Debug, Default)]
pub(crate) struct Measures(BTreeMap<&'static str, Vec<u64>>);

/// The names of the columns, and each image's budgets.
fn table() -> impl Iterator<Item = Vec<&'static str>> {
    let lines = BUDGETS.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_whitespace().collect())
}

fn columns() -> Vec<&'static str> {
    table().next().map(|columns| columns[1..].to_vec()).unwrap_or_default()
}

/// The image's name and its budgets; none if it has none.
fn budgets(image: &str) -> Option<(&'static str, Vec<u64>)> {
    let row = table().skip(1).find(|row| row[0] == image)?;
    Some((row[0], row[1..].iter().map(|budget| budget.parse().unwrap_or(0)).collect()))
}

impl Measures {
    /// Takes what an image told, or says what it took too much of.
    pub(crate) fn take(&mut self, image: &str, ended: &Ended) -> Result<(), String> {
        let Some((image, budgets)) = budgets(image) else { return Ok(()) };
        let most = self.0.entry(image).or_insert_with(|| vec![0; budgets.len()]);
        for ((column, budget), most) in columns().into_iter().zip(budgets).zip(most) {
            let took = ended.number(column)?;
            *most = took.max(*most);
            if took > budget {
                return Err(format!("{column} is {took}, and tests/firmware/budgets.txt allows {budget}"));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Measures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        let columns = columns();
        writeln!(f, "\n| bytes, most of all scenarios | {} |", columns.join(" | "))?;
        writeln!(f, "|---|{}", "---:|".repeat(columns.len()))?;
        for (image, most) in &self.0 {
            let row = |numbers: &[u64]| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(" | ");
            writeln!(f, "| {image} | {} |", row(most))?;
            if let Some((_, budgets)) = budgets(image) {
                writeln!(f, "| {image} may take | {} |", row(&budgets))?;
            }
        }
        writeln!(f)
    }
}
