//! Checkpoints: what can be read is what was written, and everything else is refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidegate_core::Checkpoint;

fuzz_target!(|input: &[u8]| {
    if let Ok(checkpoint) = Checkpoint::decode(input) {
        assert_eq!(&*checkpoint.encode(), input, "two forms of one checkpoint");
    }
    // The checksum would keep the fuzzer out: give it the right one.
    let Some((body, _)) = input.split_last_chunk::<4>() else { return };
    let checksum = crc32(body).to_le_bytes();
    let fixed = [body, &checksum].concat();
    if let Ok(checkpoint) = Checkpoint::decode(&fixed) {
        assert_eq!(Checkpoint::decode(&checkpoint.encode()), Ok(checkpoint));
    }
});

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}
