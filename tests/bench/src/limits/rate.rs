//! Random numbers of the kinds that networks make.

use fastrand::Rng;

/// A round trip in milliseconds: log-normal around 140 ms, never below 40 ms, and one in a hundred a second or two more.
pub fn round_trip(rng: &mut Rng) -> u64 {
    let usual = 140.0 * (0.35 * normal(rng)).exp();
    let stall = if rng.f64() < 0.01 { 1_000.0 + 1_000.0 * rng.f64() } else { 0.0 };
    (usual.max(40.0) + stall).round() as u64
}

/// Exponentially distributed around a mean.
pub fn exponential(rng: &mut Rng, mean: f64) -> f64 {
    -mean * (1.0 - rng.f64()).ln()
}

/// Box and Muller, 1958.
fn normal(rng: &mut Rng) -> f64 {
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.f64()).cos()
}
