//! The latest items of a file that has one on each line: read back from its end, for a pull that goes on must know them
//! again if they come once more.

use crate::mark::ReadBack;
use std::io;

/// How much is read at once.
const BLOCK: u64 = 64 << 10;

/// How much is read at the most: of larger items fewer are known again.
const MOST: u64 = 64 << 20;

/// The latest whole lines of the first `length` bytes, without their ends: at most `count`, in their order.
pub(super) fn lines(file: &impl ReadBack, length: u64, count: usize) -> io::Result<Vec<Vec<u8>>> {
    let mut tail = Vec::new();
    let mut start = length;
    // A line begins behind the end of the one before it.
    while start > 0 && ends(&tail) <= count && length - start < MOST {
        let from = start.saturating_sub(BLOCK);
        let mut block = vec![0; usize::try_from(start - from).unwrap_or_default()];
        file.read_back(&mut block, from)?;
        block.append(&mut tail);
        (tail, start) = (block, from);
    }
    let first_is_whole = start == 0;
    let lines: Vec<&[u8]> =
        tail.split_inclusive(|&byte| byte == b'\n').skip(usize::from(!first_is_whole)).collect();
    let latest = lines.get(lines.len().saturating_sub(count)..).unwrap_or_default();
    Ok(latest.iter().map(|line| line.strip_suffix(b"\n").unwrap_or(line).to_vec()).collect())
}

/// How many lines end in it.
fn ends(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(Vec<u8>);

    impl ReadBack for Bytes {
        fn read_back(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
            let from = usize::try_from(offset).unwrap();
            buffer
                .copy_from_slice(self.0.get(from..from + buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        }

        fn inode(&self) -> io::Result<u64> {
            Ok(1)
        }
    }

    fn latest(text: &str, length: usize, count: usize) -> Vec<String> {
        let lines = lines(&Bytes(text.into()), length as u64, count).unwrap();
        lines.into_iter().map(|line| String::from_utf8(line).unwrap()).collect()
    }

    #[test]
    fn the_latest_lines_come_in_their_order() {
        let text = "one\ntwo\nthree\nhalf";
        let good = "one\ntwo\nthree\n".len();
        for (count, expected) in [
            (0, &[][..]),
            (1, &["three"]),
            (2, &["two", "three"]),
            (3, &["one", "two", "three"]),
            (9, &["one", "two", "three"]),
        ] {
            assert_eq!(latest(text, good, count), expected, "{count}");
        }
        assert_eq!(latest(text, 0, 3), [""; 0]);
        assert_eq!(latest(text, 8, 3), ["one", "two"], "what is behind the good part is not read");
    }

    #[test]
    fn lines_longer_than_a_block_are_whole() {
        let items: Vec<String> = (0..40).map(|n| format!("{n}:{}", "x".repeat(10_000 * (n % 4)))).collect();
        let text = items.iter().map(|item| format!("{item}\n")).collect::<String>();
        for count in 0..=41 {
            let expected = &items[40_usize.saturating_sub(count)..];
            assert_eq!(latest(&text, text.len(), count), expected, "{count}");
        }
    }

    #[test]
    fn an_end_that_cannot_be_read_is_an_error() {
        assert!(lines(&Bytes(Vec::new()), 5, 1).is_err());
    }
}
