//! What each room may take at most.

use crate::image::Image;
use std::collections::BTreeMap;

/// The name of the line with the largest frame of core.
const FRAME: &str = "frame";

/// Bytes by room, and the largest frame of a function of core.
#[derive(Debug)]
pub struct Budgets(BTreeMap<String, u64>);

impl Budgets {
    /// Reads a table of numbers: its first line names the columns, and each of the others begins with a room. `#` begins a remark.
    pub fn read(table: &str, column: &str) -> Result<Self, String> {
        let mut rows = table
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        let names = rows.next().unwrap_or_default();
        let place = names.iter().position(|name| *name == column);
        let place = place.ok_or_else(|| format!("no column is called `{column}`"))?;
        let budget = |row: Vec<&str>| {
            let most = row.get(place).and_then(|most| most.parse().ok());
            let most = most.ok_or_else(|| format!("`{}` has no number for `{column}`", row.join(" ")))?;
            Ok((row[0].to_owned(), most))
        };
        rows.map(budget).collect::<Result<_, String>>().map(Self)
    }

    /// How many bytes a room may take.
    pub fn of(&self, room: &str) -> Option<u64> {
        self.0.get(room).copied()
    }

    /// What of an image is too large, or has no budget, or has one and is not there: one sentence each.
    pub fn exceeded(&self, image: &Image) -> Vec<String> {
        let mut faults = Vec::new();
        for (room, &size) in &image.rooms {
            match self.of(room) {
                Some(most) if size > most => {
                    faults.push(format!("{room} takes {size} bytes, and at most {most} are allowed"))
                }
                Some(_) => {}
                None => faults.push(format!("{room} takes {size} bytes and has no budget")),
            }
        }
        let unused =
            |(room, most): &(&String, &u64)| *room != FRAME && **most > 0 && !image.rooms.contains_key(*room);
        for (room, _) in self.0.iter().filter(unused) {
            faults.push(format!("{room} has a budget and takes nothing: make it 0"));
        }
        if let Some(most) = self.of(FRAME) {
            let deep = image.functions.iter().filter(|function| function.is_core() && function.frame > most);
            faults.extend(deep.map(|function| {
                format!(
                    "{} has a frame of {} bytes, and at most {most} are allowed",
                    function.name, function.frame
                )
            }));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Function;

    const TABLE: &str = "# a remark\nroom    all  few\nframe   100  50\njson    20   0\npull    30   10\n";

    fn image(rooms: &[(&str, u64)], frame: u64) -> Image {
        let function = Function { name: "<tidegate_core::Pull>::step".into(), frame, ..Function::default() };
        let rooms = rooms.iter().map(|(room, size)| ((*room).to_owned(), *size)).collect();
        Image { functions: vec![function], rooms }
    }

    fn faults(column: &str, rooms: &[(&str, u64)], frame: u64) -> Vec<String> {
        Budgets::read(TABLE, column).unwrap().exceeded(&image(rooms, frame))
    }

    #[test]
    fn a_room_may_take_its_budget_and_no_more() {
        assert_eq!(faults("all", &[("json", 20), ("pull", 30)], 100), [""; 0]);
        assert_eq!(faults("few", &[("pull", 10)], 50), [""; 0]);
        assert_eq!(faults("few", &[("pull", 11)], 50), ["pull takes 11 bytes, and at most 10 are allowed"]);
        assert_eq!(faults("few", &[("json", 1), ("pull", 1)], 50).len(), 1);
        assert_eq!(
            faults("all", &[("json", 1)], 101),
            [
                "pull has a budget and takes nothing: make it 0",
                "<tidegate_core::Pull>::step has a frame of 101 bytes, and at most 100 are allowed"
            ]
        );
        assert_eq!(
            faults("all", &[("json", 1), ("new", 1), ("pull", 1)], 0),
            ["new takes 1 bytes and has no budget"]
        );
    }

    #[test]
    fn a_table_without_the_column_or_the_number_says_so() {
        let error = |table, column| Budgets::read(table, column).unwrap_err();
        assert_eq!(error(TABLE, "some"), "no column is called `some`");
        assert_eq!(error("", "all"), "no column is called `all`");
        assert_eq!(error("room all\njson many", "all"), "`json many` has no number for `all`");
        assert_eq!(error("room few all\njson 1", "all"), "`json 1` has no number for `all`");
    }
}
