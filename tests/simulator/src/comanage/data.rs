//! The items. Each is a pure function of the seed, its list and its place, so any of them can be made alone and checked
//! later. The text is written by hand, for it must hold all that RFC 8259 allows and clients get wrong: every escape,
//! every plane of Unicode, numbers that a double cannot hold, members that look like the envelope's own.

use crate::comanage::list::List;
use crate::comanage::record::record;
use crate::config::{Config, ItemSizes};
use crate::random::Random;
use crate::text::push_string;

/// Ids start beyond 2^53, where a double no longer holds every integer.
const FIRST_ID: i64 = 1 << 53;
/// Each item owns so many ids and uses one of all but the last, so that neighbours are at least two apart.
const ID_STEP: u64 = 64;
const DEEPEST: u32 = 4;
/// With fewer bytes left, a value is a scalar or an empty container.
const ROOM_TO_NEST: usize = 40;
const NAMES: [&str; 16] = [
    "name",
    "title",
    "größe",
    "名前",
    "🌊",
    "",
    "a/b",
    r#"say \"so\""#,
    r"back\\slash",
    r"\u006eumber",
    "nextPageKey",
    "items",
    "data",
    "parent",
    "tags",
    r"tab\there",
];
const NUMBERS: [&str; 20] = [
    "0",
    "-0",
    "-0.0",
    "0.1",
    "1e5",
    "1E-7",
    "1e-300",
    "5e-324",
    "1E+300",
    "2.2250738585072014E-308",
    "1.7976931348623157e308",
    "123456789.12345678",
    "0.30000000000000004",
    "9007199254740993",
    "-9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "1000000000000000000000000",
    "3.141592653589793238462643383279",
];

/// The exact bytes of an item: one JSON object without a raw line break.
pub fn item(config: &Config, list: List, index: u64) -> Vec<u8> {
    let mut random = Random::of(&[config.seed, list.number(), index, 1]);
    let Some(target) = target_size(config.item_sizes, &mut random) else {
        return record(&mut random, item_id(config, list, index)).into_bytes();
    };
    let mut text = format!("{{\"id\":{}", item_id(config, list, index));
    let exact = matches!(config.item_sizes, ItemSizes::Exact(_));
    let mut place = random.below(NAMES.len() as u64) as usize;
    while text.len() + 1 < target {
        let room = target - text.len() - 1;
        let mut member = String::from(",");
        push_name(place, &mut member);
        push_value(&mut random, 0, room.saturating_sub(member.len()), &mut member);
        if exact && member.len() + PADDING_AROUND > room {
            break;
        }
        text.push_str(&member);
        place += 1;
    }
    if exact {
        push_padding(&mut random, target, &mut text);
    }
    text.push('}');
    text.into_bytes()
}

/// The id of an item. Ids rise strictly, with gaps of 2 or more, and no two lists share one.
pub fn item_id(config: &Config, list: List, index: u64) -> i64 {
    let within = Random::of(&[config.seed, list.number(), index, 2]).below(ID_STEP - 1);
    first_id(config, list) + (index * ID_STEP + within) as i64
}

/// The place of the first item whose id is above `after`.
pub(crate) fn first_above(config: &Config, list: List, after: i64) -> u64 {
    let Ok(distance) = u64::try_from(after.saturating_sub(first_id(config, list))) else { return 0 };
    let near = distance / ID_STEP;
    if near >= config.items {
        return config.items;
    }
    near + u64::from(item_id(config, list, near) <= after)
}

fn first_id(config: &Config, list: List) -> i64 {
    let list_number = list.number() as i64 + 1;
    let offset = Random::of(&[config.seed, list.number(), 3]).below(1 << 40);
    FIRST_ID + (list_number << 56) + offset as i64
}

/// About how large an item is to be, unless it is a record.
fn target_size(sizes: ItemSizes, random: &mut Random) -> Option<usize> {
    let size = match sizes {
        ItemSizes::Records => return None,
        ItemSizes::Exact(size) => u64::from(size).max(48),
        ItemSizes::Small => random.between(20, 380),
        ItemSizes::Mixed => match random.below(1_000) {
            0..100 => random.between(20, 60),
            100..880 => random.between(150, 450),
            880..980 => random.between(1_000, 8_000),
            980..998 => random.between(8_000, 50_000),
            _ => random.between(50_000, 199_000),
        },
    };
    Some(size as usize)
}

const PADDING_AROUND: usize = r#","pad":"""#.len();

fn push_padding(random: &mut Random, target: usize, text: &mut String) {
    let letters = target.saturating_sub(text.len() + PADDING_AROUND + 1);
    text.push_str(r#","pad":""#);
    for _ in 0..letters {
        text.push(char::from(random.between(u64::from(b'a'), u64::from(b'z')) as u8));
    }
    text.push('"');
}

/// No name comes twice in one object: a second round of names is numbered.
fn push_name(place: usize, text: &mut String) {
    let round = place / NAMES.len();
    text.push('"');
    text.push_str(NAMES[place % NAMES.len()]);
    if round > 0 {
        text.push_str(&format!("-{round}"));
    }
    text.push_str("\":");
}

/// A value of about `room` bytes at most. It may be a little longer: a number is not cut short.
fn push_value(random: &mut Random, depth: u32, room: usize, text: &mut String) {
    let nests = depth < DEEPEST && room >= ROOM_TO_NEST;
    match random.below(20) {
        0..=8 => push_string(random, room, text),
        9..=12 => push_number(random, text),
        13 => text.push_str(random.pick(&["true", "false", "null"])),
        14 => text.push_str(random.pick(&["[]", "{}"])),
        15..=17 if nests => push_array(random, depth + 1, room, text),
        18..=19 if nests => push_object(random, depth + 1, room, text),
        _ => push_number(random, text),
    }
}

fn push_array(random: &mut Random, depth: u32, room: usize, text: &mut String) {
    let count = random.below(5) as usize;
    text.push('[');
    for place in 0..count {
        if place > 0 {
            text.push(',');
        }
        push_value(random, depth, room / count, text);
    }
    text.push(']');
}

fn push_object(random: &mut Random, depth: u32, room: usize, text: &mut String) {
    let count = random.below(5) as usize;
    let start = random.below(NAMES.len() as u64) as usize;
    text.push('{');
    for place in 0..count {
        if place > 0 {
            text.push(',');
        }
        if place == 0 && start < 4 {
            text.push_str(r#""id":"#);
        } else {
            push_name((start + place) % NAMES.len(), text);
        }
        push_value(random, depth, room / count, text);
    }
    text.push('}');
}

fn push_number(random: &mut Random, text: &mut String) {
    match random.below(4) {
        0 => text.push_str(&random.below(1_000).to_string()),
        1 => text.push_str(&(random.next() as i64).to_string()),
        _ => text.push_str(random.pick(&NUMBERS)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn config(item_sizes: ItemSizes) -> Config {
        Config { item_sizes, items: 100_000, ..Config::default() }
    }

    #[test]
    fn every_item_is_strict_json_on_one_line_and_carries_its_id() {
        for (sizes, count) in [
            (ItemSizes::Small, 4_000),
            (ItemSizes::Mixed, 800),
            (ItemSizes::Records, 300),
            (ItemSizes::Exact(300), 300),
        ] {
            let config = config(sizes);
            for list in List::ALL {
                for index in 0..count / 7 {
                    let bytes = item(&config, list, index);
                    let parsed: Value = serde_json::from_slice(&bytes).expect("an item is valid JSON");
                    assert_eq!(parsed["id"].as_i64(), Some(item_id(&config, list, index)));
                    assert!(!bytes.contains(&b'\n'));
                }
            }
        }
    }

    #[test]
    fn items_hold_every_kind_of_json_text() {
        let config = config(ItemSizes::Small);
        let mut all = String::new();
        for index in 0..4_000 {
            all.push_str(std::str::from_utf8(&item(&config, List::Folders, index)).expect("items are UTF-8"));
        }
        let needles =
            ["\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u", "[]", "{}", "true", "false"];
        for needle in needles.into_iter().chain(["null"]).chain(NUMBERS) {
            assert!(all.contains(needle), "no {needle} in 4,000 items");
        }
        let planes: std::collections::BTreeSet<u32> = all.chars().map(|c| c as u32 >> 16).collect();
        assert_eq!(planes.len(), 17, "all planes of Unicode occur raw");
        let escaped_pair = all.match_indices("\\ud8").any(|(at, _)| all[at + 6..].starts_with("\\ud"));
        assert!(escaped_pair, "surrogate pairs occur escaped");
    }

    #[test]
    fn exact_sizes_are_exact() {
        for size in [48, 49, 64, 100, 1_000, 65_536] {
            for index in 0..50 {
                assert_eq!(item(&config(ItemSizes::Exact(size)), List::Members, index).len(), size as usize);
            }
        }
    }

    #[test]
    fn sizes_keep_to_their_range() {
        let small: Vec<usize> =
            (0..3_000).map(|index| item(&config(ItemSizes::Small), List::Changes, index).len()).collect();
        assert!(small.iter().all(|&size| (20..500).contains(&size)), "{:?}", small.iter().max());
        let records = (0..3_000).map(|index| item(&config(ItemSizes::Records), List::Changes, index).len());
        assert!(records.into_iter().all(|size| (170..240).contains(&size)));
        let mut mixed: Vec<usize> =
            (0..3_000).map(|index| item(&config(ItemSizes::Mixed), List::Changes, index).len()).collect();
        mixed.sort_unstable();
        assert!((200..420).contains(&mixed[1_500]), "the median is {}", mixed[1_500]);
        assert!((50_000..=200_100).contains(&mixed[2_999]), "the largest is {}", mixed[2_999]);
    }

    #[test]
    fn ids_rise_with_gaps_beyond_what_a_double_holds() {
        let config = config(ItemSizes::Small);
        for list in List::ALL {
            let ids: Vec<i64> = (0..2_000).map(|index| item_id(&config, list, index)).collect();
            assert!(ids.windows(2).all(|pair| pair[1] - pair[0] >= 2));
            assert!(ids.iter().all(|&id| id > 1 << 53));
            assert!(ids.iter().filter(|&&id| id as f64 as i64 != id).count() > 1_500);
        }
    }

    #[test]
    fn the_first_item_above_a_key_is_found_without_a_search() {
        let config = Config { items: 500, ..Config::default() };
        for list in List::ALL {
            let ids: Vec<i64> = (0..500).map(|index| item_id(&config, list, index)).collect();
            for probe in ids.iter().flat_map(|id| [id - 1, *id, id + 1]).chain([0, -1, i64::MIN, i64::MAX]) {
                let expected = ids.iter().filter(|&&id| id <= probe).count() as u64;
                assert_eq!(first_above(&config, list, probe), expected, "{list} after {probe}");
            }
        }
    }
}
