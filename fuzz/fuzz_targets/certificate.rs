//! Certificates as any server may send them: whatever the bytes, nothing panics, and what is understood is what another
//! reader understands of the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use tidegate_core::time::UnixTime;
use tidegate_embassy::tls::{Certificate, Expected, Host, Trust, check};
use x509_parser::prelude::{FromDer, X509Certificate};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fuzz_target!(|input: &[u8]| {
    if let Ok(certificate) = Certificate::parse(input) {
        let (rest, theirs) = X509Certificate::from_der(input).expect("another reader takes it too");
        assert!(rest.is_empty());
        let pin: [u8; 32] = Sha256::digest(theirs.public_key().raw).into();
        assert_eq!(certificate.key_pin(), pin, "another key");
        for name in ["localhost", "a.example", "[::1]"] {
            let host = Host::parse(name).expect("a host");
            let _ = host.is_named_by(&certificate);
        }
        // A key that is pinned says who the server is: then only dates and purposes can be wrong.
        let trust = Trust::Key(certificate.key_pin());
        let _ = check([input], &expected(trust));
    }
    // As a chain, and as an authority: the first byte says where to cut.
    let Some((&at, rest)) = input.split_first() else { return };
    let (leaf, above) = rest.split_at(rest.len() * usize::from(at) / 255);
    let _ = check([leaf, above], &expected(Trust::Authority(&[above, leaf])));
});

fn expected(trust: Trust<'_>) -> Expected<'_> {
    Expected { host: Host::parse("localhost").expect("a host"), trust, now: Some(NOW) }
}
