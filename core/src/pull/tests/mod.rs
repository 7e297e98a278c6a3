//! What a pull promises, each promise a test named after it. The tests drive the engine as any driver would, through
//! [`world`]: a clock that jumps to the next event, a server that follows a script, and a sink that can roll back.
//!
//! | rule of the design | tested by |
//! |---|---|
//! | 1: a step asked for twice is the same | [`world`] at every point, [`misuse`] |
//! | 2: two clocks, never mixed | [`limits`], [`maintenance`] |
//! | 3: a body that stops early is an error | [`breakage`] |
//! | 4: limits count bytes: any split, the same trace | [`paging`], [`properties`] |
//! | 5: items lent; too large ones never silent | [`paging`] |
//! | 6: checkpoints behind items, requests behind checkpoints | [`checkpoints`] |
//! | 7: checkpoints bound to where they were made | [`checkpoints`] |
//! | 8: buffers too small are named | [`paging`] |
//! | many pulls through one gate | [`worlds`], [`limits`] |
//! | 9: a hostile server costs bounded time and bytes | [`breakage`], [`limits`], [`maintenance`], [`properties`] |
//! | 10: secrets go to the origin only | [`secrets`], [`tokens`], [`calls`]; [`world`] and [`invented`] for every request |

mod breakage;
mod calls;
mod checkpoints;
mod complete;
mod hints;
mod hostile;
mod invented;
mod limits;
mod links;
mod maintenance;
mod misuse;
mod paging;
mod profiles;
mod properties;
mod refusals;
mod secrets;
mod server;
mod tokens;
mod world;
mod worlds;

/// With the feature `large` it need not.
#[cfg(not(feature = "large"))]
#[test]
fn a_pull_fits_a_small_device() {
    // On a 64-bit machine; where pointers have four bytes it is less.
    let size = size_of::<super::Pull<'_>>();
    let tokens = 3 * crate::cursor::Token::CAPACITY;
    assert!(size <= 1_552 + tokens, "a pull takes {size} bytes");
}
