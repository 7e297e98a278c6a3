//! Sends a single request.

// docs: send
use tidegate_core::http::{Body, Method};
use tidegate_core::pull::Settings;
use tidegate_core::quota::Slots;
use tidegate_core::{Endpoint, Project, Pull};
use tidegate_embassy::{Client, Connect};

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
