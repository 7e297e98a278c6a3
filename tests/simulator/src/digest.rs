//! A checksum over a whole list: what `sha256sum` says of the list stored as one item a line. It is made item by item,
//! so a list of any length needs the memory of one item.

use sha2::{Digest as _, Sha256};

use crate::comanage::data;
use crate::comanage::list::List;
use crate::config::Config;

/// What a complete and exact pull of a list must amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// How many items.
    pub items: u64,
    /// SHA-256 in lower-case hex over each item's bytes followed by one `\n`.
    pub sha256: String,
}

impl Digest {
    /// Of these items in this order.
    pub(crate) fn of(items: impl Iterator<Item = Vec<u8>>) -> Self {
        let (mut hash, mut count) = (Sha256::new(), 0);
        for item in items {
            hash.update(item);
            hash.update(b"\n");
            count += 1;
        }
        let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { items: count, sha256 }
    }
}

/// The digest of one of CoManage's lists as configured, whatever faults are set.
pub fn digest(config: &Config, list: List) -> Digest {
    Digest::of((0..config.items).map(|index| data::item(config, list, index)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_has_the_digest_of_nothing() {
        let config = Config { items: 0, ..Config::default() };
        let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(digest(&config, List::Folders), Digest { items: 0, sha256: expected.to_owned() });
    }

    #[test]
    fn the_digest_is_that_of_one_item_a_line() {
        let config = Config { items: 3, ..Config::default() };
        let mut lines = Vec::new();
        for index in 0..3 {
            lines.extend(data::item(&config, List::Views, index));
            lines.push(b'\n');
        }
        let expected: String = Sha256::digest(&lines).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest(&config, List::Views).sha256, expected);
    }

    #[test]
    fn every_list_and_every_seed_has_its_own_digest() {
        let of = |seed, list| digest(&Config { seed, items: 5, ..Config::default() }, list).sha256;
        assert_ne!(of(1, List::Folders), of(1, List::Documents));
        assert_ne!(of(1, List::Folders), of(2, List::Folders));
        assert_eq!(of(2, List::Folders), of(2, List::Folders));
    }
}
