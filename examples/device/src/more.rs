//! What a board may do besides: trust an authority instead of a key, and send single requests.

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

// docs: send
use tidegate_core::http::{Body, Method};
use tidegate_core::pull::Settings;
use tidegate_core::quota::Slots;
use tidegate_core::{Endpoint, Project, Pull};
use tidegate_embassy::Client;

/// Sends a reading, and says how long the answer in `answer` is. `None` if it was not carried out.
pub async fn report(
    client: &mut Client<'_, impl Connect, impl Slots>,
    project: &Project<'_>,
    reading: &str,
    answer: &mut [u8],
) -> Option<usize> {
    let call = Endpoint::call(Method::Post, "/readings").with_body(Body::Json(reading));
    // For where the server says that something is.
    let mut location = [0; 128];
    let mut pull = Pull::new(project, &call, &Settings::DEFAULT, &mut location, None).ok()?;
    client.send(&mut pull, answer).await.ok()
}
// end
