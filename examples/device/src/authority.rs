//! Trusts an authority instead of a key.

// docs: authority
use rand_core::CryptoRngCore;
use tidegate_core::time::UnixTime;
use tidegate_embassy::Connect;
use tidegate_embassy::tls::{Buffers, TlsConnector, Trust};

/// Connections to servers with a certificate of an authority: `authorities` are certificates in DER form, such as
/// `&[include_bytes!("authority.der")]`. `time` must know the time, for instance from a clock with a battery.
pub fn by_authority(
    tcp: impl Connect,
    buffers: Buffers<'static>,
    authorities: &'static [&'static [u8]],
    random: impl CryptoRngCore,
    time: impl Fn() -> Option<UnixTime>,
) -> impl Connect {
    TlsConnector::new(tcp, buffers, Trust::Authority(authorities), random, time)
}
// end
