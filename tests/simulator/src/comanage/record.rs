//! Items as the records of a project mostly are: plain names, short texts, whole and decimal numbers, nothing that clients
//! get wrong. For figures that shall be those of everyday's data.

use crate::random::Random;

const THINGS: [&str; 4] = ["Water meter", "Door controller", "Ventilation unit", "Smoke detector"];
const PLACES: [&str; 4] = ["cellar north", "roof", "stairwell 2", "office 4.12"];

/// A record with this id: an object of some 200 bytes.
pub(super) fn record(random: &mut Random, id: i64) -> String {
    let (thing, place) = (random.pick(&THINGS), random.pick(&PLACES));
    let (number, kind, parent) = (random.below(10_000), random.below(40), random.below(1 << 20));
    let (day, hour, minute) = (random.between(1, 28), random.below(24), random.below(60));
    let (whole, hundredths) = (random.below(1_000), random.below(100));
    let is_active = random.below(8) > 0;
    format!(
        "{{\"id\":{id},\"name\":\"{thing} {number}, {place}\",\"objectTypeId\":{kind},\"parentId\":{parent},\
         \"modified\":\"2026-03-{day:02}T{hour:02}:{minute:02}:00Z\",\
         \"attributes\":{{\"serial\":\"SN-{number:06}\",\"value\":{whole}.{hundredths:02},\"isActive\":{is_active}}}}}"
    )
}
