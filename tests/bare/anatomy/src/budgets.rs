//! What each room may take at most.

use crate::image::Image;
use std::collections::BTreeMap;
use std::str::FromStr;

/// The name of the line with the largest frame of core.
const FRAME: &str = "frame";

/// Bytes by room, and the largest frame of a function of core.
#[derive(Debug)]
pub struct Budgets(BTreeMap<String, u64>);

impl FromStr for Budgets {
    type Err = String;

    /// One `room bytes` a line. `#` begins a remark.
    fn from_str(text: &str) -> Result<Self, String> {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let budgets = lines.map(|line| {
            let (room, most) =
                line.split_once(' ').ok_or_else(|| format!("`{line}` is no room and a number"))?;
            let most = most.trim().parse().map_err(|error| format!("`{line}`: {error}"))?;
            Ok((room.to_owned(), most))
        });
        budgets.collect::<Result<_, String>>().map(Self)
    }
}

impl Budgets {
    /// How many bytes a room may take.
    pub fn of(&self, room: &str) -> Option<u64> {
        self.0.get(room).copied()
    }

    /// What of an image is too large, or has no budget, or is no longer there: one sentence each.
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
        for room in self.0.keys().filter(|room| *room != FRAME && !image.rooms.contains_key(*room)) {
            faults.push(format!("{room} has a budget and takes nothing: remove the line"));
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
