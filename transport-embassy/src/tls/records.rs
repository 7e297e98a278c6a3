//! What comes from the server, before any TLS library sees it: records are followed by their headers, and one that RFC 8446
//! does not allow at its place ends the connection. A client that asked for TLS 1.3 and for one group of keys only needs
//! very little in plain text: one ServerHello, at most one change_cipher_spec behind it, and alerts; all else is
//! encrypted (§5, §5.1, §5.2, Appendix D.4). This is a defence that does not depend on any library.

/// The longest fragment: 2^14 bytes, and 256 for the content's type, padding and the tag (§5.2).
const LONGEST_CIPHERTEXT: u16 = 16_640;
/// The shortest encrypted fragment: the content's type and the tag of AES-GCM (§5.2, RFC 5116 §5.1).
const SHORTEST_CIPHERTEXT: u16 = 17;
/// The longest fragment in plain text (§5.1).
const LONGEST_PLAINTEXT: u16 = 16_384;
/// How many bytes at the beginning of a record are looked at: its header, and that of a handshake message.
const BEGINNING: usize = 9;
const HEADER: usize = 5;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;
const SERVER_HELLO: u8 = 2;

/// A record is not allowed at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAllowed;

/// Follows the records of one connection, however their bytes are split.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Records {
    phase: Phase,
    beginning: [u8; BEGINNING],
    /// How much of `beginning` is there.
    begun: usize,
    /// How much of the record is still to come behind its beginning.
    rest: u16,
}

/// What has come so far, and with it what may come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Nothing: the ServerHello comes.
    #[default]
    Start,
    /// The ServerHello.
    Greeted,
    /// The ServerHello and a change_cipher_spec.
    Changed,
    /// Something encrypted: from here on all is.
    Encrypted,
    /// Something that is not allowed: nothing more may come.
    Refused,
}

impl Records {
    /// Whether the bytes so far end where a record does.
    pub(crate) const fn is_between(&self) -> bool {
        self.begun == 0 && self.rest == 0
    }

    /// Follows the next bytes.
    ///
    /// # Errors
    ///
    /// If a record is not allowed; from then on, always.
    pub(crate) fn follow(&mut self, mut bytes: &[u8]) -> Result<(), NotAllowed> {
        if self.phase == Phase::Refused {
            return Err(NotAllowed);
        }
        while !bytes.is_empty() {
            if self.rest > 0 {
                let taken = bytes.len().min(usize::from(self.rest));
                self.rest = self.rest.saturating_sub(u16::try_from(taken).unwrap_or(u16::MAX));
                bytes = bytes.get(taken..).unwrap_or_default();
            } else {
                let needed = self.needed().saturating_sub(self.begun);
                let (begin, behind) = bytes.split_at_checked(needed).unwrap_or((bytes, &[]));
                let places = self.beginning.iter_mut().skip(self.begun);
                places.zip(begin).for_each(|(place, byte)| *place = *byte);
                self.begun = self.begun.saturating_add(begin.len());
                bytes = behind;
                if let Err(refused) = self.look() {
                    self.phase = Phase::Refused;
                    return Err(refused);
                }
            }
        }
        Ok(())
    }

    /// How many bytes of the beginning are needed to judge the record.
    fn needed(&self) -> usize {
        let [kind, _, _, high, low, ..] = self.beginning;
        let behind = match kind {
            _ if self.begun < HEADER => 0,
            HANDSHAKE => 4,
            CHANGE_CIPHER_SPEC => 1,
            _ => 0,
        };
        HEADER.saturating_add(behind.min(usize::from(u16::from_be_bytes([high, low]))))
    }

    /// Judges the beginning as far as it is there.
    fn look(&mut self) -> Result<(), NotAllowed> {
        if self.begun < HEADER {
            return Ok(());
        }
        let [kind, major, minor, high, low, message @ ..] = self.beginning;
        let len = u16::from_be_bytes([high, low]);
        if !matches!((major, minor), (3, 1 | 3)) {
            return Err(NotAllowed);
        }
        match (kind, self.phase) {
            (HANDSHAKE, Phase::Start) if (4..=LONGEST_PLAINTEXT).contains(&len) => {}
            (CHANGE_CIPHER_SPEC, Phase::Greeted) if len == 1 => {}
            (ALERT, Phase::Start | Phase::Greeted | Phase::Changed) if len == 2 => {}
            (APPLICATION_DATA, Phase::Greeted | Phase::Changed | Phase::Encrypted)
                if (SHORTEST_CIPHERTEXT..=LONGEST_CIPHERTEXT).contains(&len) => {}
            _ => return Err(NotAllowed),
        }
        if self.begun < self.needed() {
            return Ok(());
        }
        self.phase = match (kind, message) {
            // The keys change behind the ServerHello, so nothing else may be in its record (§5.1).
            (HANDSHAKE, [SERVER_HELLO, 0, high, low])
                if len.checked_sub(4) == Some(u16::from_be_bytes([high, low])) =>
            {
                Phase::Greeted
            }
            (CHANGE_CIPHER_SPEC, [1, ..]) => Phase::Changed,
            (ALERT, _) => self.phase,
            (APPLICATION_DATA, _) => Phase::Encrypted,
            _ => return Err(NotAllowed),
        };
        let seen = u16::try_from(self.begun.saturating_sub(HEADER)).unwrap_or(u16::MAX);
        (self.begun, self.rest) = (0, len.saturating_sub(seen));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    fn record(kind: u8, fragment: &[u8]) -> Vec<u8> {
        let len = u16::try_from(fragment.len()).unwrap().to_be_bytes();
        [&[kind, 3, 3], &len[..], fragment].concat()
    }

    fn hello() -> Vec<u8> {
        record(HANDSHAKE, &[&[SERVER_HELLO, 0, 0, 80][..], &[7; 80]].concat())
    }

    fn encrypted(len: usize) -> Vec<u8> {
        record(APPLICATION_DATA, &vec![0xa5; len])
    }

    fn change() -> Vec<u8> {
        record(CHANGE_CIPHER_SPEC, &[1])
    }

    fn alert() -> Vec<u8> {
        record(ALERT, &[2, 40])
    }

    fn follow(bytes: &[u8]) -> Result<bool, NotAllowed> {
        let mut records = Records::default();
        records.follow(bytes).map(|()| records.is_between())
    }

    #[test]
    fn what_tls_1_3_allows_goes_through() {
        let table: [&[Vec<u8>]; 10] = [
            &[],
            &[hello()],
            &[hello(), change(), encrypted(100), encrypted(17), encrypted(16_640)],
            &[hello(), encrypted(100)],
            &[alert()],
            &[hello(), alert()],
            &[hello(), change(), alert(), alert()],
            &[hello(), encrypted(17), encrypted(17)],
            &[vec![HANDSHAKE, 3, 1, 0, 4, SERVER_HELLO, 0, 0, 0]],
            &[hello(), change(), encrypted(300)],
        ];
        for (index, records) in table.iter().enumerate() {
            assert_eq!(follow(&records.concat()), Ok(true), "case {index}");
        }
        assert_eq!(follow(&hello()[..50]), Ok(false), "in the middle of a record");
        assert_eq!(follow(&[hello(), vec![23]].concat()), Ok(false), "in the middle of a header");
    }

    #[test]
    fn a_record_that_is_not_allowed_at_its_place_is_refused() {
        let versioned = |major, minor| {
            let mut record = hello();
            record[1..3].copy_from_slice(&[major, minor]);
            record
        };
        let table: Vec<(&str, Vec<Vec<u8>>)> = vec![
            ("unknown content type", vec![record(24, &[1; 20])]),
            ("content type zero", vec![record(0, &[1; 20])]),
            ("SSL 3.0", vec![versioned(3, 0)]),
            ("no version at all", vec![versioned(0, 0)]),
            ("a version to come", vec![versioned(3, 4)]),
            ("empty handshake", vec![record(HANDSHAKE, &[])]),
            ("handshake too short for a message", vec![record(HANDSHAKE, &[2, 0, 0])]),
            ("handshake too long", vec![record(HANDSHAKE, &vec![2; 16_385])]),
            ("another message in plain text", vec![record(HANDSHAKE, &[11, 0, 0, 0])]),
            ("a second message in the record", vec![record(HANDSHAKE, &[2, 0, 0, 0, 2, 0, 0, 0])]),
            ("a message that goes on in the next record", vec![record(HANDSHAKE, &[2, 0, 0, 9, 1])]),
            ("a second ServerHello", vec![hello(), hello()]),
            ("a handshake behind change_cipher_spec", vec![hello(), change(), hello()]),
            ("a handshake in plain text behind data", vec![hello(), encrypted(50), hello()]),
            ("change_cipher_spec first", vec![change()]),
            ("a second change_cipher_spec", vec![hello(), change(), change()]),
            ("change_cipher_spec behind data", vec![hello(), encrypted(50), change()]),
            ("empty change_cipher_spec", vec![hello(), record(CHANGE_CIPHER_SPEC, &[])]),
            ("change_cipher_spec of two bytes", vec![hello(), record(CHANGE_CIPHER_SPEC, &[1, 1])]),
            ("change_cipher_spec of another value", vec![hello(), record(CHANGE_CIPHER_SPEC, &[2])]),
            ("empty alert", vec![record(ALERT, &[])]),
            ("alert of one byte", vec![hello(), record(ALERT, &[2])]),
            ("alert of three bytes", vec![hello(), record(ALERT, &[2, 40, 0])]),
            ("alert in plain text behind data", vec![hello(), encrypted(50), alert()]),
            ("data first", vec![encrypted(50)]),
            ("empty data", vec![hello(), encrypted(0)]),
            ("data too short to be encrypted", vec![hello(), encrypted(16)]),
            ("data too long", vec![hello(), encrypted(16_641)]),
        ];
        for (what, records) in table {
            assert_eq!(follow(&records.concat()), Err(NotAllowed), "{what}");
        }
    }

    #[test]
    fn after_a_refusal_nothing_goes_through() {
        let mut records = Records::default();
        assert_eq!(records.follow(&change()), Err(NotAllowed));
        assert_eq!(records.follow(&hello()), Err(NotAllowed));
        assert_eq!(records.follow(&[]), Err(NotAllowed));
    }

    #[test]
    fn how_the_bytes_are_split_changes_nothing() {
        let good = [hello(), change(), encrypted(40), encrypted(17)].concat();
        let bad = [hello(), encrypted(40), alert()].concat();
        for (bytes, answer) in [(&good, Ok(true)), (&bad, Err(NotAllowed))] {
            for first in 0..bytes.len() {
                for second in first..bytes.len() {
                    let mut records = Records::default();
                    let parts = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                    let followed = parts.iter().try_for_each(|part| records.follow(part));
                    assert_eq!(
                        followed.map(|()| records.is_between()),
                        answer,
                        "split at {first} and {second}"
                    );
                }
            }
        }
    }
}
